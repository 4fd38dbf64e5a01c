"""Stored reviews in, the entries of a feed or a page out, each cut to what its terms allow there.

What was cut or drawn once is kept: a feed in which one review is new costs that one review.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from feedsvc.config import Settings
from feedsvc.model import Entry, Feed, Form, Review, Source
from feedsvc.normalise import entry_for
from feedsvc.normalise.contract import as_agreed
from feedsvc.publish.holdings import Holdings
from feedsvc.render import Format, distinct_updates
from feedsvc.store import Store

#: What an entry takes in memory besides its texts, about.
ENTRY_SIZE = 6000


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of a feed, by which change the review is as it is, and all else that the entry was made from."""

    entry: Entry
    change: int
    made_from: Hashable


def select(holdings: Holdings, feed: Feed) -> list[Entry]:
    """The newest reviews of a feed, each cut to what its terms allow there."""
    return [one.entry for one in shown(holdings, feed)]


def shown(holdings: Holdings, feed: Feed) -> list[Shown]:
    """The same with what tells whether they changed; a review that was cut before is not read again."""
    found: dict[str, Shown] = {}

    def known(form: Form) -> bool:
        made_from = origin(holdings.settings, feed, form)
        entry = holdings.entries.get(made_from)
        if entry is not None:
            found[form.key] = Shown(entry, form.change, made_from)
        return entry is not None

    forms = holdings.store.archives.newest(holdings.settings.source_names(feed), feed.items, known)
    return [found.get(form.key) or _cut(holdings, feed, form) for form in forms]


def origin(settings: Settings, feed: Feed, form: Form) -> tuple[Hashable, ...]:
    """All that an entry of a feed is made from, as what it is kept under."""
    return form.key, form.change, settings.source(form.source), feed.commercial, *_readers(settings, feed)


def _readers(settings: Settings, feed: Feed) -> tuple[Hashable, ...]:
    """What decides which carriers may be named in a feed."""
    return settings.private_sources, None if feed.public else feed


def _cut(holdings: Holdings, feed: Feed, form: Form) -> Shown:
    entry, made_from = cut(holdings.settings, feed, form), origin(holdings.settings, feed, form)
    texts = [prose for prose in (entry.review.content, entry.review.summary, entry.review.excerpt) if prose]
    size = ENTRY_SIZE + 2 * sum(len(prose.html) + len(prose.text) for prose in texts)
    return Shown(holdings.entries.put(made_from, entry, size), form.change, made_from)


def cut(settings: Settings, feed: Feed, form: Form) -> Entry:
    """A form of a review, read with its document, cut to what its terms allow in a feed today."""
    assert form.review is not None  # noqa: S101 - whoever asks for documents gets them
    return entry_for(agreed(settings, form.review, feed), commercial=feed.commercial)


def fragments(holdings: Holdings, form: Format, entries: Sequence[Shown], whole: Sequence[Shown]) -> list[bytes]:
    """Entries of the whole of a feed in a format; those that were drawn before, under the same conditions, as kept."""
    site = holdings.settings.site
    moments = distinct_updates([one.entry for one in whole])
    wanted = {
        (form.suffix, site, one.made_from, moments[one.entry.review.key]): (one.entry, moments[one.entry.review.key])
        for one in entries
    }
    found = {key: holdings.fragments.get(key) for key in wanted}
    missing = [key for key, fragment in found.items() if fragment is None]
    drawn = form.fragments(site, [wanted[key] for key in missing])
    for key, fragment in zip(missing, drawn, strict=True):
        found[key] = holdings.fragments.put(key, fragment, len(fragment))
    return [fragment for fragment in found.values() if fragment is not None]


def agreed(settings: Settings, review: Review, *feeds: Feed) -> Review:
    """A stored review under today's agreement with its source, for those who may read these feeds.

    Of its other carriers it names none that only other private feeds take in.
    """
    hidden = {each.source for each in review.also} & settings.private_sources
    if hidden:
        hidden -= {name for feed in feeds for name in settings.source_names(feed)}
        review = replace(review, also=tuple(each for each in review.also if each.source not in hidden))
    return as_agreed(review, settings.source(review.source))


def feeds_of(settings: Settings, review: Review) -> list[Feed]:
    """The feeds that take in a review's source, whether or not it is among their newest."""
    return [feed for feed in settings.feeds if review.source in settings.source_names(feed)]


def on_its_page(settings: Settings, review: Review, feeds: Sequence[Feed]) -> Entry:
    """A review as the page shows it that belongs to these of its feeds: no more than the strictest of them may."""
    return entry_for(agreed(settings, review, *feeds), commercial=not feeds or any(feed.commercial for feed in feeds))


def standing_sources(store: Store, settings: Settings) -> list[Source]:
    """The configured sources but for those that were withdrawn: what an operator is told of."""
    withdrawn = store.withdrawals.sources()
    return [source for source in settings.sources if source.name not in withdrawn]


def listed_sources(store: Store, settings: Settings) -> list[Source]:
    """Those of them that the site names as its sources: not what only private feeds take in."""
    return [source for source in standing_sources(store, settings) if source.name not in settings.private_sources]


def private_feed(settings: Settings, path: str) -> Feed | None:
    """The private feed that an address belongs to: its formats, its page, and all that stands below that."""
    if not settings.private_feeds or not path.startswith("/feeds/"):
        return None
    return settings.private_feeds.get(path.split("/", 3)[2].partition(".")[0])
