"""A feed and its source in; what an item of it inherits, judged once for all of them, out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from feedsvc.model import FeedInfo, Item, Licence, OptOut, Person, Provenance, Source, UsageTerms
from feedsvc.normalise.characters import fold
from feedsvc.normalise.html import plain, plain_words
from feedsvc.normalise.language import language_tag
from feedsvc.normalise.licensing import inherited_licence
from feedsvc.normalise.optout import opt_out_in_words
from feedsvc.normalise.people import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """What holds for an item that says nothing itself; each string is empty where nothing is said."""

    authors: tuple[Person, ...]
    rights: str
    agreed_rights: str | None
    holder: str
    licence: tuple[Licence, Provenance]
    usage: tuple[UsageTerms, ...]
    #: What its rights say against being republished.
    opt_out: OptOut | None
    language: tuple[str | None, Provenance]


def inherited(first: FeedInfo, feed: FeedInfo, source: Source) -> Inherited:
    """What an item inherits of the feed that it `first` stood in, where it is read in `feed`."""
    rights = plain(first.rights, 2000)
    return Inherited(
        authors=people(first.authors),
        rights=rights,
        agreed_rights=fold(source.rights or "", 2000) or None,
        holder=fold(plain_words(first.rights_holder or ""), 300),
        licence=inherited_licence(first, rights, source),
        usage=first.usage,
        opt_out=opt_out_in_words(rights),
        language=_language(first, feed, source),
    )


def first_feed(item: Item, feed: FeedInfo, *, foreign: bool) -> FeedInfo:
    """The feed whose authors, rights, licence and language an entry inherits: an aggregator's are not its own."""
    said = item.origin
    if said is None:
        return feed
    if foreign:
        return said
    return replace(
        feed,
        authors=said.authors or feed.authors,
        rights=said.rights or feed.rights,
        licences=said.licences or feed.licences,
        usage=said.usage or feed.usage,
        language=said.language or feed.language,
    )


def _language(first: FeedInfo, feed: FeedInfo, source: Source) -> tuple[str | None, Provenance]:
    if tag := language_tag(first.language) or language_tag(feed.language):
        return tag, Provenance.INHERITED
    return language_tag(source.language), Provenance.CONFIGURED
