"""An item, its feed and its source in; the licence of its text with where it was found, and an opt-out, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from feedsvc.model import FeedInfo, Item, Licence, LicenceClaim, LicenceState, OptOut, Provenance, Source, Text
from feedsvc.normalise.attribution import Origin, first_feed
from feedsvc.normalise.html import is_markup, plain, plain_words, sanitise
from feedsvc.normalise.licence import UNKNOWN, configured, judge, speaks_of_image, stated_in
from feedsvc.normalise.optout import opt_out_in_terms, opt_out_in_words
from feedsvc.normalise.tokens import Tag, tokenise


def licence_of(item: Item, feed: FeedInfo, source: Source, origin: Origin) -> tuple[Licence, Provenance]:
    """The licence of the text: the item's own word first, then its rights, its feed's, and the operator's.

    An item that says that all rights are reserved inherits no licence; a feed that says it may have been agreed with.
    """
    reserved: tuple[Licence, Provenance] | None = None
    for licence, where, found_in in _readings(item, feed, source, origin):
        if licence == UNKNOWN:
            continue
        reading = (replace(licence, found_in=found_in), where)
        if licence.state is not LicenceState.UNKNOWN or where is Provenance.STATED:
            return reading
        reserved = reserved or reading
    return reserved or (UNKNOWN, Provenance.STATED)


def _readings(item: Item, feed: FeedInfo, source: Source, origin: Origin) -> Iterator[tuple[Licence, Provenance, str]]:
    first = first_feed(item, feed, origin)
    credits = " | ".join(credit.name for credit in item.credits if not speaks_of_image(credit.name))
    stated, inherited, agreed = Provenance.STATED, Provenance.INHERITED, Provenance.CONFIGURED
    yield judge(item.licences), stated, "the item's licence"
    yield _in_rights(item.rights), stated, "the item's rights statement"
    yield stated_in(plain_words(credits)), stated, "the item's credit line"
    yield judge(first.licences), inherited, "its feed's licence"
    yield _in_rights(first.rights), inherited, "its feed's rights statement"
    yield configured(source.licence), agreed, "the source's licence key"
    yield stated_in(source.rights), agreed, "the source's rights key"


def _in_rights(rights: Text | None) -> Licence:
    """The licence that a rights statement links to or names."""
    return judge(linked_in(rights)) if linked_in(rights) else stated_in(plain(rights, 2000))


def linked_in(rights: Text | None) -> list[LicenceClaim]:
    """The known licences that a statement written in HTML links to."""
    if rights is None or not is_markup(rights) or "href" not in rights.value:
        return []
    links = (token.attributes.get("href") for token in tokenise(sanitise(rights.value)) if isinstance(token, Tag))
    claims = [LicenceClaim(url=link) for link in links if link]
    return [claim for claim in claims if judge([claim]).state is LicenceState.IDENTIFIED]


def opt_out_of(
    item: Item, feed: FeedInfo, origin: Origin, url: str | None, licence: Provenance | None
) -> OptOut | None:
    """The outlet's word against being republished: the item's, else its feed's.

    `licence` says where a licence that was identified comes from: one that the item itself states goes before what its
    feed says of all items.
    """
    own = opt_out_in_terms(item.usage, None) or opt_out_in_words(plain(item.rights, 2000))
    if own or licence is Provenance.STATED:
        return own
    first = first_feed(item, feed, origin)
    terms = None if item.usage else opt_out_in_terms(first.usage, url)
    return terms or (None if item.rights else opt_out_in_words(plain(first.rights, 2000)))
