"""An item and what it inherits in; critics, outlet, carrier, rights and their holder out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedsvc.model import Also, FeedInfo, Item, Link, Outlet, Person, Provenance, Source
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.html import plain, plain_words
from feedsvc.normalise.inherited import Inherited
from feedsvc.normalise.licence import speaks_of_image

_COURTESY = re.compile(
    r"\b(?:courtesy\s+of|with\s+(?:kind\s+)?permission\s+(?:of|from)|mit\s+freundlicher\s+genehmigung\s+(?:von|des|der)|"
    r"avec\s+l['’]aimable\s+autorisation\s+de|cortesía\s+de)\s+(.+)",
    re.I,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)\s*(?:©|\(c\))?\s*(?:\d{4}(?:\s*[-–,]\s*\d{2,4})*)?\s*,?\s*(?:by\s+)?(?=[^\W\d_])(.+)",
    re.I,
)
_ALL_RIGHTS = re.compile(
    r"(?:all|alle|todos|tous|tutti|все)\s+(?:os|i|los|les)?\s*(?:rights|rechte|direitos|derechos|droits|"
    r"diritti|права)\b",
    re.I,
)
_HOLDER_END = re.compile(
    r"\s*(?:[;|(\[/]|[.,]\s|\.$|,?\s+\d{4}\b|\s[–—·-]\s|\ball\s+rights\b|\balle\s+rechte\b|\bsome\s+rights\b|\blicen[cs]ed\b|"
    r"\bunder\s|\bCC[\s-]BY)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a review first appeared and how it came: `foreign` when its feed is not the one it first stood in."""

    outlet: Outlet | None
    via: Outlet | None
    provenance: Provenance
    foreign: bool


class Carrier:
    """Who runs a source, and what its document says of itself: judged once for all its items."""

    __slots__ = ("_document_url", "_feed", "_origin", "_source", "outlet")

    def __init__(self, feed: FeedInfo, source: Source, document_url: str) -> None:
        self._feed, self._source, self._document_url = feed, source, document_url
        self.outlet = _carrier(feed, source, document_url)
        provenance = Provenance.CONFIGURED if source.outlet else _by_name(feed, Provenance.INHERITED)
        self._origin = Origin(self.outlet, None, provenance, foreign=False)

    def origin_of(self, item: Item, url: str | None) -> Origin:
        """The outlet: what the entry states first, then what the operator states, then what the feed is called."""
        if item.origin is None and self.outlet and not item.via:
            return self._origin
        return self._foreign(item) or self._own(item, url)

    def _foreign(self, item: Item) -> Origin | None:
        stated, source = item.origin, self._source
        if stated is None or _is_the_same(stated, self._feed, source, self._document_url):
            return None
        outlet = _outlet(stated, None)
        if outlet is None:
            return None
        via = _other_than(outlet, _via(item, self.outlet, source, is_feed=_has_identity(self._feed)))
        return Origin(outlet, via, _by_name(stated, Provenance.STATED), foreign=True)

    def _own(self, item: Item, url: str | None) -> Origin:
        stated = item.origin
        outlet = self.outlet or (_outlet(stated, self._document_url) if stated else None)
        named = stated if stated and not self.outlet else self._feed
        said = _by_name(named, Provenance.STATED if stated else Provenance.INHERITED)
        provenance = Provenance.CONFIGURED if self._source.outlet else said
        if outlet is None and url:
            outlet, provenance = Outlet(name=urls.host(url)), Provenance.INFERRED
        via = _other_than(outlet, _explicit_via(item.via)) if outlet else None
        return Origin(outlet, via, provenance, foreign=False)


def _by_name(feed: FeedInfo, where: Provenance) -> Provenance:
    """An outlet that only its host names is inferred."""
    return where if plain(feed.title) else Provenance.INFERRED


def _carrier(feed: FeedInfo, source: Source, document_url: str) -> Outlet | None:
    """Who runs the source: the operator's word for it, completed with what its feed says of itself."""
    said = _outlet(feed, document_url)
    configured = source.outlet
    if configured is None:
        return said
    if said is None:
        return configured
    return Outlet(
        name=configured.name,
        url=configured.url or said.url,
        feed_url=configured.feed_url or said.feed_url,
        feed_id=configured.feed_id or said.feed_id,
        feed_updated=configured.feed_updated or said.feed_updated,
        icon=configured.icon or said.icon,
        rights=configured.rights or said.rights,
    )


def _outlet(feed: FeedInfo, document_url: str | None) -> Outlet | None:
    """A feed's word for itself; one without a title is called by its host. None when it has neither."""
    home = _link(feed.links, "alternate", document_url)
    address = _link(feed.links, "self", document_url) or urls.absolute(document_url)
    name = plain(feed.title, 300) or next((urls.host(known) for known in (home, address) if known), "")
    if not name:
        return None
    return Outlet(
        name=name,
        url=home,
        feed_url=address,
        feed_id=fold(feed.id or "", 1024) or None,
        feed_updated=parse_date(feed.updated),
        icon=urls.absolute(feed.icon, document_url) or urls.absolute(feed.logo, document_url),
        rights=plain(feed.rights, 2000) or None,
    )


def _link(links: Iterable[Link], rel: str, base: str | None) -> str | None:
    found = (urls.absolute(link.href, base) for link in links if link.rel == rel)
    return next((url for url in found if url), None)


def _is_the_same(stated: FeedInfo, feed: FeedInfo, source: Source, document_url: str) -> bool:
    """Whether the feed that an entry names as its origin is the one that we read."""
    own = [feed.id, document_url, *_addresses(feed), source.location]
    theirs = [stated.id, *_addresses(stated)]
    if any(urls.same_place(one, other) for one in theirs for other in own):
        return True
    names = {plain(feed.title).casefold(), source.outlet.name.casefold() if source.outlet else ""} - {""}
    title = plain(stated.title).casefold()
    return not any(theirs) and (not title or title in names)


def _addresses(feed: FeedInfo) -> list[str]:
    return [link.href for link in feed.links if link.rel in {"alternate", "self"}]


def _has_identity(feed: FeedInfo) -> bool:
    return bool(plain(feed.title) or feed.id or _addresses(feed))


def _via(item: Item, carrier: Outlet | None, source: Source, *, is_feed: bool) -> Outlet | None:
    """Whom we got a foreign review from: the feed we read; of a dropped document, whom it names."""
    explicit = _explicit_via(item.via)
    return (carrier or explicit) if is_feed else (explicit or source.outlet)


def earlier_carriers(item: Item, origin: Origin) -> list[Also]:
    """The places that an entry names as its way here, but for the outlet and the one that we had it from."""
    if not item.via:
        return []
    known = {place for outlet in (origin.outlet, origin.via) if outlet for place in (outlet.url, outlet.feed_url)}
    named = {outlet.name for outlet in (origin.outlet, origin.via) if outlet}
    carriers = [outlet for outlet in _explicit_vias(item.via) if outlet.name not in named and outlet.url not in known]
    found = {carrier.name: Also(url=carrier.url, outlet=carrier.name) for carrier in reversed(carriers) if carrier.url}
    return list(found.values())[::-1]


def _explicit_via(links: Iterable[Link]) -> Outlet | None:
    return next(_explicit_vias(links), None)


def _explicit_vias(links: Iterable[Link]) -> Iterator[Outlet]:
    for link in links:
        url = urls.absolute(link.href)
        name = fold(plain_words(link.title or ""), 300) or (urls.host(url) if url else "")
        if name:
            yield Outlet(name=name, url=url)


def _other_than(outlet: Outlet, via: Outlet | None) -> Outlet | None:
    if via is None or via.name.casefold() == outlet.name.casefold():
        return None
    addresses = (outlet.url, outlet.feed_url)
    return None if any(urls.same_place(url, own) for url in (via.url, via.feed_url) for own in addresses) else via


def authors_of(
    own: tuple[Person, ...], signed: tuple[Person, ...], first: Inherited, origin: Origin
) -> tuple[tuple[Person, ...], Provenance]:
    """The item's own authors, else those of the feed it first stood in, else the outlet. Never the aggregator.

    Who is `signed` at the beginning of the text goes before the outlet, and before a feed's author that is the outlet.
    """
    if own:
        return own, Provenance.STATED
    outlet = origin.outlet
    if not _are_others(first.authors, outlet) and _are_others(signed, outlet):
        return signed, Provenance.INFERRED
    if first.authors:
        return first.authors, Provenance.INHERITED
    configured = origin.provenance is Provenance.CONFIGURED
    standing_in = (Person(name=outlet.name, url=outlet.url),) if outlet else ()
    return standing_in, Provenance.CONFIGURED if configured else Provenance.INFERRED


def _are_others(people: tuple[Person, ...], outlet: Outlet | None) -> bool:
    """Whether anybody is named but the outlet itself."""
    return any(outlet is None or person.name.casefold() != outlet.name.casefold() for person in people)


def rights_of(own: str, first: Inherited) -> tuple[str | None, Provenance]:
    """The rights statement, verbatim: the item's, its feed's, or the operator's."""
    if own:
        return own, Provenance.STATED
    if first.rights:
        return first.rights, Provenance.INHERITED
    return first.agreed_rights, Provenance.CONFIGURED


def holder_of(item: Item, own: str, first: Inherited, rights: str | None) -> tuple[str | None, Provenance]:
    """The rights holder: as the item states or its own lines name one, else as its feed does.

    A line names one by "courtesy of …" or "© …"; what is said of an image names nobody.
    """
    if item.rights_holder and (stated := fold(plain_words(item.rights_holder), 300)):
        return stated, Provenance.STATED
    credits = [credit.name for credit in item.credits if not speaks_of_image(credit.name) and credit.role is None]
    for line in (*(plain_words(name) for name in credits), own):
        if holder := named_holder(line):
            return holder, Provenance.INFERRED
    if first.holder:
        return first.holder, Provenance.INHERITED
    return named_holder(rights or ""), Provenance.INFERRED


# Feeds repeat one statement on every item.
@lru_cache(maxsize=256)
def named_holder(line: str) -> str | None:
    """Whom "Courtesy of Lionsgate (Creative Commons)" or "© 2026 Harbour Gazette. All rights reserved." names."""
    match = (_COURTESY.search(line) or _COPYRIGHT.search(line)) if line else None
    if match is None:
        return None
    name = _HOLDER_END.split(match[1], maxsplit=1)[0].strip(" .,:")
    return name if 1 < len(name) <= 100 and not _ALL_RIGHTS.match(name) else None
