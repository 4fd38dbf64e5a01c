"""Stored reviews in, the renditions of every feed and its pages out: drawn when its reviews change, kept as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from feedsvc import __version__
from feedsvc.config import Settings, hub_links, hubs_of
from feedsvc.model import Document, Entry, Feed, Part, Place, Rendition, Review, Tombstone, View
from feedsvc.normalise import entry_for
from feedsvc.publish import archives
from feedsvc.publish.browsing import browse
from feedsvc.publish.holdings import HTML, NEVER, Holdings, keep, rendition
from feedsvc.publish.numbering import numbered
from feedsvc.publish.rhythm import pause
from feedsvc.publish.selecting import Shown, agreed, fragments, select, shown
from feedsvc.publish.views import next_page
from feedsvc.render import FORMATS, credits
from feedsvc.render.listing import PER_PAGE
from feedsvc.render.pages import FeedCard, credits_page, feed_page, home_page

#: So many of the newest reviews stand on the front page.
FRONT_PAGE = 12


def publish(holdings: Holdings) -> int:
    """Draw every feed whose reviews changed since it was drawn; the number of addresses whose bytes are new.

    Of archives at most a few are drawn at once, so while it is not 0 there may be more to do.
    """
    settings = holdings.settings
    drawn = holdings.store.renditions.digests()
    changed = sum(_publish_feed(holdings, feed, drawn) for feed in settings.feeds)
    changed += _publish_front_page(holdings, drawn)
    changed += sum(archives.tend(holdings, feed, _agreed(settings, feed), drawn) for feed in settings.feeds)
    gone = drawn.keys() - {"/", *(path for feed in settings.feeds for path in _all_paths(holdings, feed))}
    return changed + holdings.store.renditions.remove(sorted(gone))


def _publish_feed(holdings: Holdings, feed: Feed, drawn: Mapping[str, bytes]) -> int:
    store, settings = holdings.store, holdings.settings
    names, agreement = settings.source_names(feed), _agreed(settings, feed)
    # Taken before the reviews are read: a change that comes between is drawn once more, never missed.
    number, content = store.last_change(), store.content_version(names)
    month = f"{holdings.clock().astimezone(UTC):%Y-%m}"  # when it ends, what is open is closed
    newest, noted = store.views.state()
    # What pages count is counted again once all reviews are noted for views.
    behind = b"behind" if noted < newest else b""
    version = hashlib.sha256(agreement + content + month.encode() + behind).digest()
    if all(drawn.get(path) == version for path in _feed_paths(feed)):
        return 0
    last = store.withdrawals.last(names)
    entries = shown(holdings, feed)
    parts = archives.closed(holdings, feed, {one.entry.review.key for one in entries})
    document = document_of(holdings, feed, entries, parts[-1:], last)
    before = store.renditions.etags()
    feeds = [numbered(each, number, agreement, before.get(each.path)) for each in _formats(holdings, document, entries)]
    # First what programs ask for every few minutes, then what people read.
    changed = keep(holdings, feeds, entries_digest=version, source_names=names, last_withdrawal=last)
    pages = _pages(holdings, document, archives.page_path(feed) if parts else None)
    return changed + keep(holdings, pages, entries_digest=version, source_names=names, last_withdrawal=last)


def _publish_front_page(holdings: Holdings, drawn: Mapping[str, bytes]) -> int:
    store, settings = holdings.store, holdings.settings
    names = _published_sources(settings)
    agreement = _agreed(settings, *settings.public_feeds)
    version = hashlib.sha256(agreement + store.content_version(names)).digest()
    if drawn.get("/") == version:
        return 0
    last = store.withdrawals.last(names)
    page = _front_page(holdings, last)
    return keep(holdings, [page], entries_digest=version, source_names=names, last_withdrawal=last)


def _agreed(settings: Settings, *feeds: Feed) -> bytes:
    """A digest of all but reviews that can change bytes: site, feeds, agreements with sources, this program."""
    agreements = [settings.source(name) for feed in feeds for name in settings.source_names(feed)]
    decided = __version__, settings.site, hubs_of(settings), feeds, agreements, sorted(settings.private_sources)
    return hashlib.sha256(repr(decided).encode()).digest()


def _published_sources(settings: Settings) -> list[str]:
    """What the front page is made of: nothing that only private feeds show."""
    return sorted(settings.public_sources)


def _feed_paths(feed: Feed) -> list[str]:
    page = f"/feeds/{feed.name}"
    return [page, f"{page}/credits", f"{page}/credits.json", *(f"{page}{form.suffix}" for form in FORMATS.values())]


def _all_paths(holdings: Holdings, feed: Feed) -> list[str]:
    parts = holdings.store.archives.parts(feed.name)
    return [*_feed_paths(feed), *archives.paths_of(parts), *([archives.page_path(feed)] if parts else [])]


def document_of(
    holdings: Holdings, feed: Feed, entries: Sequence[Shown], newest: Sequence[Part], last_withdrawal: datetime | None
) -> Document:
    """A feed's current document with these entries; `newest` is its newest closed part, or nothing."""
    reviews = [one.entry.review for one in entries]
    older = next_page(feed, [one.entry for one in entries])
    related = [("next", older)] if older else []
    related += [("prev-archive", archives.place_of(part)) for part in newest]
    return Document(
        feed=feed,
        place=Place(f"/feeds/{feed.name}"),
        entries=tuple(one.entry for one in entries),
        updated=_newest_change(reviews, last_withdrawal),
        tombstones=tuple(_tombstones(holdings, feed, [one.entry for one in entries])),
        related=tuple(related),
        pause=pause(review.position for review in reviews),
        hubs=hubs_of(holdings.settings) if feed.public else (),
    )


def _formats(holdings: Holdings, document: Document, entries: Sequence[Shown]) -> Iterator[Rendition]:
    for form in FORMATS.values():
        body = form.document(holdings.settings.site, document, fragments(holdings, form, entries, entries))
        path = document.place.path(form.suffix)
        drawn = rendition(path, form.media_type, body, document.updated)
        yield replace(drawn, links=hub_links(holdings.settings, path) if document.feed.public else ())


def _pages(holdings: Holdings, document: Document, archive: str | None) -> list[Rendition]:
    site, feed, page = holdings.settings.site, document.feed, document.place.path()
    updated, entries = document.updated, document.entries
    named = credits.write_credits(site, feed, entries, updated)
    # The page goes on in steps of its own, however many reviews the feed shows.
    cards = replace(document, entries=tuple(select(holdings, replace(feed, items=PER_PAGE))))
    around = replace(browse(holdings, feed, View()), archive=archive)
    return [
        rendition(page, HTML, feed_page(site, cards, around), updated),
        rendition(f"{page}/credits", HTML, credits_page(site, feed, entries, updated), updated),
        rendition(f"{page}/credits.json", credits.MEDIA_TYPE, named, updated),
    ]


def _tombstones(holdings: Holdings, feed: Feed, entries: Sequence[Entry]) -> list[Tombstone]:
    """What left the feed at somebody's request, as many as it shows reviews.

    An id that the feed still shows, because another source has it too, is not deleted there.
    """
    shown = {entry.review.id for entry in entries}
    newest = holdings.store.withdrawals.tombstones(holdings.settings.source_names(feed), feed.items)
    return list({one.id: one for one in reversed(newest) if one.id not in shown}.values())[::-1]


def _front_page(holdings: Holdings, last_withdrawal: datetime | None) -> Rendition:
    settings = holdings.settings
    cards = [_card(holdings, feed) for feed in settings.public_feeds]
    newest = holdings.store.archives.newest(_published_sources(settings), FRONT_PAGE)
    reviews = [form.review for form in newest if form.review]
    # The front page belongs to no feed, so it is held to the strictest reading.
    latest = [entry_for(agreed(settings, review), commercial=True) for review in reviews]
    return rendition("/", HTML, home_page(settings.site, cards, latest), _newest_change(reviews, last_withdrawal))


def _card(holdings: Holdings, feed: Feed) -> FeedCard:
    entries = shown(holdings, feed)
    return FeedCard(feed=feed, count=len(entries), latest=entries[0].entry.review.position if entries else None)


def _newest_change(reviews: Iterable[Review], last_withdrawal: datetime | None) -> datetime:
    """Also when a review went, or a reader that asks by date alone would keep it (RFC 9110 13.1.3)."""
    return max((*(review.revised for review in reviews), last_withdrawal or NEVER))
