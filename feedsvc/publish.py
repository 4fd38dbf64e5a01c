"""Stored reviews in, published bytes out: the shell that selects, cuts to terms, renders and keeps renditions.

Feeds and their pages are drawn when their reviews change and stored as bytes; the pages that show one review, or how
things stand now, are drawn when asked for. The static export writes the same bytes that the web serves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feedsvc import __version__
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError, StoreError
from feedsvc.model import Entry, Feed, Rendition, Review
from feedsvc.normalise import entry_for
from feedsvc.render import FORMATS, opml
from feedsvc.render.pages import (
    STATIC,
    FeedCard,
    SourceRow,
    feed_page,
    home_page,
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

    def rendition(self, path: str) -> Rendition | None:
        """What stands at a URL path, None where there is nothing; raises StoreError when it cannot be told now."""
        if path.startswith("/reviews/"):
            return _review(self, path)
        now_pages = {"/sources": _sources, "/sources.opml": _sources_opml, "/feeds.opml": _feeds_opml}
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
        drawn = ["/sources", "/sources.opml", "/feeds.opml", *(f"/reviews/{key}" for key in keys)]
        return sorted({*self.store.renditions(), *STATIC, *drawn})


def select(publisher: Publisher, feed: Feed) -> list[Entry]:
    """The newest reviews of a feed, each cut to what its terms allow there."""
    reviews = publisher.store.newest(publisher.settings.source_names(feed), feed.items)
    return [entry_for(review, commercial=feed.commercial) for review in reviews]


# ------------------------------------------------------------------------------------------------ drawn when asked for


def _review(publisher: Publisher, path: str) -> Rendition | None:
    review = publisher.store.review(path.removeprefix("/reviews/"))
    if review is None:
        return None
    settings = publisher.settings
    feeds = [feed for feed in settings.feeds if review.source in settings.source_names(feed)]
    # The page belongs to every feed that shows the review: it may show what the strictest of them may.
    entry = entry_for(review, commercial=not feeds or any(feed.commercial for feed in feeds))
    body = review_page(settings.site, entry, feeds, len(publisher.store.revisions(review.key)))
    return rendition(path, HTML, body, review.revised)


def _sources(publisher: Publisher) -> Rendition:
    states = {state.name: state for state in publisher.store.states()}
    rows = [SourceRow(source=source, state=states.get(source.name)) for source in publisher.settings.sources]
    # To the minute, so that the page keeps its ETag between two looks at it.
    now = publisher.clock().replace(second=0, microsecond=0)
    body = sources_page(publisher.settings.site, rows, publisher.store.quarantined(), now)
    return rendition("/sources", HTML, body, now)


def _sources_opml(publisher: Publisher) -> Rendition:
    states = {state.name: state for state in publisher.store.states()}
    enabled = [(source, states.get(source.name)) for source in publisher.settings.sources if source.enabled]
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
        version = _version(store.content_version(settings.source_names(feed)), settings.site, feed)
        if drawn.get(f"/feeds/{feed.name}") != version:
            changed += store.put_renditions(tuple(_feed_renditions(publisher, feed)), entries_digest=version)
    version = _version(store.content_version(_published_sources(settings)), settings.site, *settings.feeds)
    if drawn.get("/") != version:
        changed += store.put_renditions((_front_page(publisher),), entries_digest=version)
    gone = drawn.keys() - {"/", *(path for feed in settings.feeds for path in _feed_paths(feed))}
    return changed + store.remove_renditions(sorted(gone))


def _version(content: bytes, *shown: object) -> bytes:
    """A digest of everything that can change a feed's bytes: its reviews, its settings, this program."""
    return hashlib.sha256(
        b"\0".join([content, __version__.encode(), *(repr(part).encode() for part in shown)])
    ).digest()


def _published_sources(settings: Settings) -> list[str]:
    return sorted({name for feed in settings.feeds for name in settings.source_names(feed)})


def _feed_paths(feed: Feed) -> list[str]:
    return [f"/feeds/{feed.name}", *(f"/feeds/{feed.name}{form.suffix}" for form in FORMATS.values())]


def _feed_renditions(publisher: Publisher, feed: Feed) -> Iterator[Rendition]:
    site = publisher.settings.site
    entries = select(publisher, feed)
    updated = _newest_change(entry.review for entry in entries)
    for form in FORMATS.values():
        body = form.write(site, feed, entries, updated)
        yield rendition(f"/feeds/{feed.name}{form.suffix}", form.media_type, body, updated)
    yield rendition(f"/feeds/{feed.name}", HTML, feed_page(site, feed, entries, updated), updated)


def _front_page(publisher: Publisher) -> Rendition:
    settings = publisher.settings
    cards = [_card(publisher, feed) for feed in settings.feeds]
    reviews = publisher.store.newest(_published_sources(settings), FRONT_PAGE)
    # The front page belongs to no feed, so it is held to the strictest reading.
    latest = [entry_for(review, commercial=True) for review in reviews]
    return rendition("/", HTML, home_page(settings.site, cards, latest), _newest_change(reviews))


def _card(publisher: Publisher, feed: Feed) -> FeedCard:
    reviews = publisher.store.newest(publisher.settings.source_names(feed), feed.items)
    return FeedCard(feed=feed, count=len(reviews), latest=reviews[0].position if reviews else None)


def _newest_change(reviews: Iterable[Review]) -> datetime:
    return max((review.revised for review in reviews), default=NEVER)


# ---------------------------------------------------------------------------------------------------------- to a folder


def export(publisher: Publisher, out: Path, report: Callable[[str], None]) -> int:
    """Write everything published below a folder, only what changed, each file whole or not at all.

    A page stands as PATH/index.html, everything else under its own address. Returns the number of files written or
    removed; raises FeedsvcError naming the file that cannot be written.
    """
    publish(publisher)
    written: list[str] = []
    changes = 0
    for path in publisher.paths():
        found = publisher.rendition(path)
        if found is not None:
            name = f"{path}/index.html".strip("/") if found.media_type == HTML else path.strip("/")
            written.append(name)
            changes += _write(out / name, found.body)
            report(name)
    return changes + _forget(out, written)


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


def _forget(out: Path, written: Sequence[str]) -> int:
    """Remove what an earlier export wrote and is no longer published; files that others put there stay."""
    manifest = out / MANIFEST
    before = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else []
    gone = [out / name for name in set(before).difference(written)]
    ours = [file for file in gone if file.resolve().is_relative_to(out.resolve())]
    for file in ours:
        file.unlink(missing_ok=True)
    _write(manifest, json.dumps(sorted(written), indent=0).encode())
    return len(ours)
