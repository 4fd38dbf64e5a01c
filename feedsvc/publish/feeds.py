"""Stored reviews in, the renditions of every feed and its pages out: drawn when its reviews change, kept as bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from feedsvc import __version__
from feedsvc.config import Settings
from feedsvc.model import Document, Entry, Feed, Place, Rendition, Review, Tombstone
from feedsvc.normalise import entry_for
from feedsvc.publish.holdings import HTML, NEVER, Holdings, keep, rendition
from feedsvc.publish.selecting import agreed, select
from feedsvc.render import FORMATS, credits
from feedsvc.render.pages import FeedCard, credits_page, feed_page, home_page

#: So many of the newest reviews stand on the front page.
FRONT_PAGE = 12


def publish(holdings: Holdings) -> int:
    """Draw every feed whose reviews changed since it was drawn; the number of addresses whose bytes are new."""
    store, settings = holdings.store, holdings.settings
    drawn = store.renditions.digests()
    changed = 0
    for feed in settings.feeds:
        # Taken before the reviews are read: a change that comes between is drawn once more, never missed.
        version = _version(store.content_version(settings.source_names(feed)), settings, feed)
        if any(drawn.get(path) != version for path in _feed_paths(feed)):
            names = settings.source_names(feed)
            last = store.last_withdrawal(names)
            feed_renditions = tuple(_feed_renditions(holdings, feed, last))
            changed += keep(holdings, feed_renditions, entries_digest=version, source_names=names, last_withdrawal=last)
    shown = _published_sources(settings)
    version = _version(store.content_version(shown), settings, *settings.feeds)
    if drawn.get("/") != version:
        last = store.last_withdrawal(shown)
        changed += keep(
            holdings, (_front_page(holdings, last),), entries_digest=version, source_names=shown, last_withdrawal=last
        )
    gone = drawn.keys() - {"/", *(path for feed in settings.feeds for path in _feed_paths(feed))}
    return changed + store.renditions.remove(sorted(gone))


def _version(content: bytes, settings: Settings, *feeds: Feed) -> bytes:
    """A digest of everything that can change bytes: reviews, site, feeds, agreements with sources, this program."""
    agreements = [settings.source(name) for feed in feeds for name in settings.source_names(feed)]
    return hashlib.sha256(content + repr((__version__, settings.site, feeds, agreements)).encode()).digest()


def _published_sources(settings: Settings) -> list[str]:
    return sorted({name for feed in settings.feeds for name in settings.source_names(feed)})


def _feed_paths(feed: Feed) -> list[str]:
    page = f"/feeds/{feed.name}"
    return [page, f"{page}/credits", f"{page}/credits.json", *(f"{page}{form.suffix}" for form in FORMATS.values())]


def _feed_renditions(holdings: Holdings, feed: Feed, last_withdrawal: datetime | None) -> Iterator[Rendition]:
    site = holdings.settings.site
    entries = select(holdings, feed)
    updated = _newest_change((entry.review for entry in entries), last_withdrawal)
    page = f"/feeds/{feed.name}"
    document = Document(
        feed=feed,
        place=Place(page),
        entries=tuple(entries),
        updated=updated,
        tombstones=tuple(_tombstones(holdings, feed, entries)),
    )
    for form in FORMATS.values():
        yield rendition(document.place.path(form.suffix), form.media_type, form.write(site, document), updated)
    yield rendition(page, HTML, feed_page(site, document), updated)
    yield rendition(f"{page}/credits", HTML, credits_page(site, feed, entries, updated), updated)
    named = credits.write_credits(site, feed, entries, updated)
    yield rendition(f"{page}/credits.json", credits.MEDIA_TYPE, named, updated)


def _tombstones(holdings: Holdings, feed: Feed, entries: Sequence[Entry]) -> list[Tombstone]:
    """What left the feed at somebody's request, as many as it shows reviews.

    An id that the feed still shows, because another source has it too, is not deleted there.
    """
    shown = {entry.review.id for entry in entries}
    newest = holdings.store.tombstones(holdings.settings.source_names(feed), feed.items)
    return list({one.id: one for one in reversed(newest) if one.id not in shown}.values())[::-1]


def _front_page(holdings: Holdings, last_withdrawal: datetime | None) -> Rendition:
    settings = holdings.settings
    cards = [_card(holdings, feed) for feed in settings.feeds]
    reviews = holdings.store.newest(_published_sources(settings), FRONT_PAGE)
    # The front page belongs to no feed, so it is held to the strictest reading.
    latest = [entry_for(agreed(settings, review), commercial=True) for review in reviews]
    return rendition("/", HTML, home_page(settings.site, cards, latest), _newest_change(reviews, last_withdrawal))


def _card(holdings: Holdings, feed: Feed) -> FeedCard:
    reviews = holdings.store.newest(holdings.settings.source_names(feed), feed.items)
    return FeedCard(feed=feed, count=len(reviews), latest=reviews[0].position if reviews else None)


def _newest_change(reviews: Iterable[Review], last_withdrawal: datetime | None) -> datetime:
    """Also when a review went, or a reader that asks by date alone would keep it (RFC 9110 13.1.3)."""
    return max((*(review.revised for review in reviews), last_withdrawal or NEVER))
