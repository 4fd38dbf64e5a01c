"""An item, or its feed and its source, in; the licence of the text with where it was found, and an opt-out, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from feedsvc.model import (
    FeedInfo,
    Item,
    Licence,
    LicenceClaim,
    LicenceState,
    OptOut,
    Provenance,
    Source,
    Text,
    UsageTerms,
)
from feedsvc.normalise.html import is_markup, plain_words, sanitise
from feedsvc.normalise.licence import UNKNOWN, configured, judge, speaks_of_image, stated_in
from feedsvc.normalise.optout import opt_out_in_terms, opt_out_in_words
from feedsvc.normalise.tokens import Tag, tokenise


def licence_of(item: Item, rights: str, inherited: tuple[Licence, Provenance]) -> tuple[Licence, Provenance]:
    """The licence of the text: the item's own word first, then what it inherits. `rights` are the item's, as text.

    An item that says that all rights are reserved inherits no licence; a feed that says it may have been agreed with.
    """
    for licence, found_in in _own_readings(item, rights):
        if licence != UNKNOWN:
            return replace(licence, found_in=found_in), Provenance.STATED
    return inherited


def _own_readings(item: Item, rights: str) -> Iterator[tuple[Licence, str]]:
    if item.licences:
        yield judge(item.licences), "the item's licence"
    if item.rights:
        yield _in_rights(item.rights, rights), "the item's rights statement"
    if item.credits:
        credits = " | ".join(credit.name for credit in item.credits if not speaks_of_image(credit.name))
        yield stated_in(plain_words(credits)), "the item's credit line"


def inherited_licence(first: FeedInfo, rights: str, source: Source) -> tuple[Licence, Provenance]:
    """The licence of an item that states none: by its feed's word (`rights` as text), or the operator's."""
    reserved: tuple[Licence, Provenance] | None = None
    for licence, where, found_in in (
        (judge(first.licences), Provenance.INHERITED, "its feed's licence"),
        (_in_rights(first.rights, rights), Provenance.INHERITED, "its feed's rights statement"),
        (configured(source.licence), Provenance.CONFIGURED, "the source's licence key"),
        (stated_in(source.rights), Provenance.CONFIGURED, "the source's rights key"),
    ):
        reading = (replace(licence, found_in=found_in), where)
        if licence.state is not LicenceState.UNKNOWN:
            return reading
        if licence != UNKNOWN:
            reserved = reserved or reading
    return reserved or (UNKNOWN, Provenance.STATED)


def _in_rights(statement: Text | None, words: str) -> Licence:
    """The licence that a rights statement links to, or names in its words."""
    linked = linked_in(statement)
    return judge(linked) if linked else stated_in(words)


def linked_in(rights: Text | None) -> list[LicenceClaim]:
    """The known licences that a statement written in HTML links to."""
    if rights is None or not is_markup(rights) or "href" not in rights.value:
        return []
    links = (token.attributes.get("href") for token in tokenise(sanitise(rights.value)) if isinstance(token, Tag))
    claims = [LicenceClaim(url=link) for link in links if link]
    return [claim for claim in claims if judge([claim]).state is LicenceState.IDENTIFIED]


def opt_out_of(
    item: Item, rights: str, url: str | None, *, licensed: bool, usage: Sequence[UsageTerms], words: OptOut | None
) -> OptOut | None:
    """The outlet's word against being republished: the item's, else its feed's, in terms of `usage` or in `words`.

    A licence that the item itself states (`licensed`) goes before what its feed says of all items.
    """
    own = opt_out_in_terms(item.usage, None) if item.usage else None
    own = own or (opt_out_in_words(rights) if rights else None)
    if own or licensed:
        return own
    terms = opt_out_in_terms(usage, url) if usage and not item.usage else None
    return terms or (None if item.rights else words)
