"""Stored reviews in, published bytes out: the shell that selects, cuts to terms, renders and keeps renditions.

Feeds and their pages are drawn when their reviews change and stored as bytes; the pages that show one review, or how
things stand now, are drawn when asked for. The static export writes the same bytes that the web serves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from feedsvc import __version__
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError, StoreError
from feedsvc.model import Completeness, Entry, Feed, Gone, Rendition, Review, Source, Tombstone
from feedsvc.normalise import entry_for
from feedsvc.normalise.completeness import advice, completeness
from feedsvc.normalise.contract import as_agreed
from feedsvc.render import FORMATS, credits, opml
from feedsvc.render.pages import (
    STATIC,
    FeedCard,
    LintRow,
    SourceRow,
    credits_page,
    feed_page,
    home_page,
    lint_page,
    review_page,
    sources_page,
)
from feedsvc.store import Store

HTML = "text/html; charset=utf-8"
#: When a feed without reviews, or a list of settings, last changed: the clock's time would change its bytes.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: So many of the newest reviews stand on the front page.
FRONT_PAGE = 12
#: What the export wrote last time, so that what is no longer published is removed from it.
MANIFEST = ".feedsvc-export.json"


def rendition(path: str, media_type: str, body: bytes, modified: datetime) -> Rendition:
    """Bytes with the strong ETag that their content gives (RFC 9110 8.8.3)."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Rendition(path=path, media_type=media_type, body=body, etag=etag, modified=modified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """All that is published, by the path of its address; made at the edge from the store, the settings and a clock."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    #: What was last measured of each source, by its content version: a source that did not change is not read again.
    measured: dict[str, tuple[bytes, Completeness]] = field(default_factory=dict, compare=False, repr=False)

    def rendition(self, path: str) -> Rendition | Gone | None:
        """What stands at a URL path, None where there is nothing, GONE where it was withdrawn.

        Raises StoreError when it cannot be told now.
        """
        if path.startswith("/reviews/"):
            return _review(self, path)
        now_pages = {
            "/sources": _sources,
            "/sources/lint": _lint,
            "/sources.opml": _sources_opml,
            "/feeds.opml": _feeds_opml,
        }
        if path in now_pages:
            return now_pages[path](self)
        return STATIC.get(path) or self.store.rendition(path)

    def ready(self) -> str | None:
        """None when the database answers and its schema is this program's, else what is wrong."""
        try:
            self.store.ping()
            if not self.store.schema_current():
                return "the database is of an older version: run `feedsvc migrate`"
        except StoreError as error:
            return str(error)
        return None

    def paths(self) -> list[str]:
        """Every path where something is published, sorted; a review's page stands while a feed shows the review."""
        keys = {entry.review.key for feed in self.settings.feeds for entry in select(self, feed)}
        drawn = ["/sources", "/sources/lint", "/sources.opml", "/feeds.opml", *(f"/reviews/{key}" for key in keys)]
        return sorted({*self.store.renditions(), *STATIC, *drawn})


def listed_sources(store: Store, settings: Settings) -> list[Source]:
    """The configured sources but for those that were withdrawn: what the site names as its sources."""
    withdrawn = store.withdrawn_sources()
    return [source for source in settings.sources if source.name not in withdrawn]


def select(publisher: Publisher, feed: Feed) -> list[Entry]:
    """The newest reviews of a feed, each cut to what its terms allow there."""
    reviews = publisher.store.newest(publisher.settings.source_names(feed), feed.items)
    return [entry_for(agreed(publisher.settings, review), commercial=feed.commercial) for review in reviews]


def agreed(settings: Settings, review: Review) -> Review:
    """A stored review under today's agreement with its source."""
    return as_agreed(review, settings.source(review.source))


# ------------------------------------------------------------------------------------------------ drawn when asked for


def _review(publisher: Publisher, path: str) -> Rendition | Gone | None:
    key = path.removeprefix("/reviews/")
    review = publisher.store.review(key)
    if review is None:
        return Gone.GONE if publisher.store.withdrawn(key) else None
    settings = publisher.settings
    revisions = len(publisher.store.revisions(review.key))
    body = review_page(settings.site, on_its_page(settings, review), feeds_of(settings, review), revisions)
    return rendition(path, HTML, body, review.revised)


def feeds_of(settings: Settings, review: Review) -> list[Feed]:
    """The feeds that take in a review's source, whether or not it is among their newest."""
    return [feed for feed in settings.feeds if review.source in settings.source_names(feed)]


def on_its_page(settings: Settings, review: Review) -> Entry:
    """A review as its page shows it: the page belongs to all its feeds, and shows what the strictest of them may."""
    feeds = feeds_of(settings, review)
    return entry_for(agreed(settings, review), commercial=not feeds or any(feed.commercial for feed in feeds))


def _sources(publisher: Publisher) -> Rendition:
    states = {state.name: state for state in publisher.store.states()}
    listed = listed_sources(publisher.store, publisher.settings)
    rows = [SourceRow(source=source, state=states.get(source.name)) for source in listed]
    # To the minute, so that the page keeps its ETag between two looks at it.
    now = publisher.clock().replace(second=0, microsecond=0)
    withdrawn = publisher.store.withdrawn_sources()
    kept_out = [one for one in publisher.store.quarantined() if one.source not in withdrawn]
    body = sources_page(publisher.settings.site, rows, kept_out, now)
    return rendition("/sources", HTML, body, now)


def _lint(publisher: Publisher) -> Rendition:
    rows = lint_sources(publisher, listed_sources(publisher.store, publisher.settings))
    body = lint_page(publisher.settings.site, rows, lint_feeds(publisher))
    return rendition("/sources/lint", HTML, body, publisher.clock().replace(second=0, microsecond=0))


def lint_sources(publisher: Publisher, sources: Sequence[Source]) -> list[LintRow]:
    """How complete the attribution of each source with reviews is, the least complete first."""
    titles = {state.name: state.feed_title for state in publisher.store.states()}
    rows = []
    for source in sources:
        found = _measured(publisher, source)
        title = (source.outlet.name if source.outlet else titles.get(source.name)) or source.name
        rows.append(LintRow(name=source.name, title=title, found=found, advice=advice(found, source.kind)))
    return _least_complete_first(rows)


def _measured(publisher: Publisher, source: Source) -> Completeness:
    version = publisher.store.content_version([source.name])
    known = publisher.measured.get(source.name)
    if known is None or known[0] != version:
        known = publisher.measured[source.name] = version, completeness(publisher.store.reviews_of(source.name))
    return known[1]


def lint_feeds(publisher: Publisher) -> list[LintRow]:
    """How complete the attribution of what each feed shows is, the least complete first."""
    return _least_complete_first(
        LintRow(name=feed.name, title=feed.title, found=completeness(entry.review for entry in select(publisher, feed)))
        for feed in publisher.settings.feeds
    )


def _least_complete_first(rows: Iterable[LintRow]) -> list[LintRow]:
    return sorted((row for row in rows if row.found.reviews), key=lambda row: (row.found.overall, row.name))


def _sources_opml(publisher: Publisher) -> Rendition:
    states = {state.name: state for state in publisher.store.states()}
    listed = listed_sources(publisher.store, publisher.settings)
    enabled = [(source, states.get(source.name)) for source in listed if source.enabled]
    body = opml.write_opml(publisher.settings.site, enabled)
    return rendition("/sources.opml", opml.MEDIA_TYPE, body, NEVER)


def _feeds_opml(publisher: Publisher) -> Rendition:
    body = opml.write_feeds_opml(publisher.settings.site, publisher.settings.feeds)
    return rendition("/feeds.opml", opml.MEDIA_TYPE, body, NEVER)


# ------------------------------------------------------------------------------------------- drawn when content changes


def publish(publisher: Publisher) -> int:
    """Draw every feed whose reviews changed since it was drawn; the number of addresses whose bytes are new."""
    store, settings = publisher.store, publisher.settings
    drawn = store.entries_digests()
    changed = 0
    for feed in settings.feeds:
        # Taken before the reviews are read: a change that comes between is drawn once more, never missed.
        version = _version(store.content_version(settings.source_names(feed)), settings, feed)
        if any(drawn.get(path) != version for path in _feed_paths(feed)):
            names = settings.source_names(feed)
            last = store.last_withdrawal(names)
            feed_renditions = tuple(_feed_renditions(publisher, feed, last))
            changed += store.put_renditions(
                feed_renditions, entries_digest=version, source_names=names, last_withdrawal=last
            )
    shown = _published_sources(settings)
    version = _version(store.content_version(shown), settings, *settings.feeds)
    if drawn.get("/") != version:
        last = store.last_withdrawal(shown)
        changed += store.put_renditions(
            (_front_page(publisher, last),), entries_digest=version, source_names=shown, last_withdrawal=last
        )
    gone = drawn.keys() - {"/", *(path for feed in settings.feeds for path in _feed_paths(feed))}
    return changed + store.remove_renditions(sorted(gone))


def _version(content: bytes, settings: Settings, *feeds: Feed) -> bytes:
    """A digest of everything that can change bytes: reviews, site, feeds, agreements with sources, this program."""
    agreements = [settings.source(name) for feed in feeds for name in settings.source_names(feed)]
    return hashlib.sha256(content + repr((__version__, settings.site, feeds, agreements)).encode()).digest()


def _published_sources(settings: Settings) -> list[str]:
    return sorted({name for feed in settings.feeds for name in settings.source_names(feed)})


def _feed_paths(feed: Feed) -> list[str]:
    page = f"/feeds/{feed.name}"
    return [page, f"{page}/credits", f"{page}/credits.json", *(f"{page}{form.suffix}" for form in FORMATS.values())]


def _feed_renditions(publisher: Publisher, feed: Feed, last_withdrawal: datetime | None) -> Iterator[Rendition]:
    site = publisher.settings.site
    entries = select(publisher, feed)
    updated = _newest_change((entry.review for entry in entries), last_withdrawal)
    tombstones = _tombstones(publisher, feed, entries)
    for form in FORMATS.values():
        body = form.write(site, feed, entries, updated, tombstones)
        yield rendition(f"/feeds/{feed.name}{form.suffix}", form.media_type, body, updated)
    page = f"/feeds/{feed.name}"
    yield rendition(page, HTML, feed_page(site, feed, entries, updated), updated)
    yield rendition(f"{page}/credits", HTML, credits_page(site, feed, entries, updated), updated)
    named = credits.write_credits(site, feed, entries, updated)
    yield rendition(f"{page}/credits.json", credits.MEDIA_TYPE, named, updated)


def _tombstones(publisher: Publisher, feed: Feed, entries: Sequence[Entry]) -> list[Tombstone]:
    """What left the feed at somebody's request, as many as it shows reviews.

    An id that the feed still shows, because another source has it too, is not deleted there.
    """
    shown = {entry.review.id for entry in entries}
    newest = publisher.store.tombstones(publisher.settings.source_names(feed), feed.items)
    return list({one.id: one for one in reversed(newest) if one.id not in shown}.values())[::-1]


def _front_page(publisher: Publisher, last_withdrawal: datetime | None) -> Rendition:
    settings = publisher.settings
    cards = [_card(publisher, feed) for feed in settings.feeds]
    reviews = publisher.store.newest(_published_sources(settings), FRONT_PAGE)
    # The front page belongs to no feed, so it is held to the strictest reading.
    latest = [entry_for(agreed(settings, review), commercial=True) for review in reviews]
    return rendition("/", HTML, home_page(settings.site, cards, latest), _newest_change(reviews, last_withdrawal))


def _card(publisher: Publisher, feed: Feed) -> FeedCard:
    reviews = publisher.store.newest(publisher.settings.source_names(feed), feed.items)
    return FeedCard(feed=feed, count=len(reviews), latest=reviews[0].position if reviews else None)


def _newest_change(reviews: Iterable[Review], last_withdrawal: datetime | None) -> datetime:
    """Also when a review went, or a reader that asks by date alone would keep it (RFC 9110 13.1.3)."""
    return max((*(review.revised for review in reviews), last_withdrawal or NEVER))


# ---------------------------------------------------------------------------------------------------------- to a folder


def export(publisher: Publisher, out: Path, report: Callable[[str], None]) -> int:
    """Write everything published below a folder, only what changed, each file whole or not at all.

    A page stands as PATH/index.html, everything else under its own address. Returns the number of files written or
    removed; raises FeedsvcError naming the file that cannot be written.
    """
    publish(publisher)
    before = _exported(out)
    # A review that left its feeds keeps its page: for a text without an address of its own it is the permalink.
    pages = {f"/{name.removesuffix('/index.html')}" for name in before if name.startswith("reviews/")}
    written: list[str] = []
    changes = 0
    for path in sorted(pages.union(publisher.paths())):
        found = publisher.rendition(path)
        if isinstance(found, Rendition):
            name = f"{path}/index.html".strip("/") if found.media_type == HTML else path.strip("/")
            written.append(name)
            changes += _write(out / name, found.body)
            report(name)
    _write(out / MANIFEST, json.dumps(sorted(written), indent=0).encode())
    return changes + _forget(out, before.difference(written))


def _exported(out: Path) -> set[str]:
    """The files that the last export wrote; none where its list is missing or damaged."""
    try:
        names = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _write(file: Path, body: bytes) -> int:
    """1 when the file's bytes changed, else 0. The new bytes replace the old ones in one step."""
    try:
        if file.is_file() and file.read_bytes() == body:
            return 0
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(body)
        os.replace(part, file)
    except OSError as error:
        message = f"{file}: cannot be written ({error.strerror}); choose a writable folder with --out"
        raise FeedsvcError(message) from None
    return 1


def _forget(out: Path, gone: Iterable[str]) -> int:
    """Remove what is no longer published, and the folders it leaves empty; files that others put there stay."""
    ours = [out / name for name in gone if (out / name).resolve().is_relative_to(out.resolve())]
    for file in ours:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # not empty
            file.parent.rmdir()
    return len(ours)
