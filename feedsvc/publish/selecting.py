"""Stored reviews in, the entries of a feed or a page out, each cut to what its terms allow there."""

from __future__ import annotations

from feedsvc.config import Settings
from feedsvc.model import Entry, Feed, Review, Source
from feedsvc.normalise import entry_for
from feedsvc.normalise.contract import as_agreed
from feedsvc.publish.holdings import Holdings
from feedsvc.store import Store


def select(holdings: Holdings, feed: Feed) -> list[Entry]:
    """The newest reviews of a feed, each cut to what its terms allow there."""
    reviews = holdings.store.newest(holdings.settings.source_names(feed), feed.items)
    return [entry_for(agreed(holdings.settings, review), commercial=feed.commercial) for review in reviews]


def agreed(settings: Settings, review: Review) -> Review:
    """A stored review under today's agreement with its source."""
    return as_agreed(review, settings.source(review.source))


def feeds_of(settings: Settings, review: Review) -> list[Feed]:
    """The feeds that take in a review's source, whether or not it is among their newest."""
    return [feed for feed in settings.feeds if review.source in settings.source_names(feed)]


def on_its_page(settings: Settings, review: Review) -> Entry:
    """A review as its page shows it: the page belongs to all its feeds, and shows what the strictest of them may."""
    feeds = feeds_of(settings, review)
    return entry_for(agreed(settings, review), commercial=not feeds or any(feed.commercial for feed in feeds))


def listed_sources(store: Store, settings: Settings) -> list[Source]:
    """The configured sources but for those that were withdrawn: what the site names as its sources."""
    withdrawn = store.withdrawn_sources()
    return [source for source in settings.sources if source.name not in withdrawn]
