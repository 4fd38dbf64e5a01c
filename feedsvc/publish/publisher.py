"""A path in, what stands there out: everything that is published, kept as bytes or drawn when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from feedsvc.errors import StoreError
from feedsvc.model import Feed, Gone, Moved, Refused, Rendition
from feedsvc.publish import archives, deltas, pages, places, views
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.packing import packed_again
from feedsvc.publish.selecting import private_feed, select
from feedsvc.render.pages import STATIC

#: What stands at an address, or why nothing does.
Found = TypeVar("Found", Rendition | Gone | None, Rendition | Moved | Refused | None, Rendition | None)


class Publisher(Holdings):
    """All that is published, by the path of its address."""

    __slots__ = ()

    def rendition(self, path: str) -> Rendition | Gone | None:
        """What stands at a URL path for everybody, None where there is nothing, GONE where it was withdrawn.

        Nothing stands at the addresses of a private feed. Raises StoreError when it cannot be told now.
        """
        if private_feed(self.settings, path):
            return None
        if places.stands(path) or path in pages.LISTS:
            found = self.view(path, ())
            return found if isinstance(found, Rendition) else None
        return self._standing(path, self.settings.public_feeds)

    def private_feed(self, path: str) -> str | None:
        """The name of the private feed that an address belongs to; None for all others."""
        feed = private_feed(self.settings, path)
        return feed.name if feed else None

    def within(
        self, name: str, path: str, query: Sequence[tuple[str, str]] = ()
    ) -> Rendition | Gone | Moved | Refused | None:
        """What stands at an address for those who may read this private feed: its own addresses, its reviews' pages."""
        feed = self.settings.private_feeds.get(name)
        if feed is None or not (path.startswith("/reviews/") or private_feed(self.settings, path) == feed):
            return None
        viewed = views.view(self, [feed], path, query) if query else None
        found: Rendition | Gone | Moved | Refused | None = viewed or self._standing(path, [feed])
        return replace(found, private=True) if isinstance(found, Rendition) else found

    def _standing(self, path: str, readable: Sequence[Feed]) -> Rendition | Gone | None:
        drawn = _packed(self._drawn_now(path, readable))
        return drawn or self.store.renditions.get(path) or _packed(archives.archived(self, path))

    def _drawn_now(self, path: str, readable: Sequence[Feed]) -> Rendition | Gone | None:
        """What is kept nowhere as bytes, but drawn when it is asked for, or the same as long as the program runs."""
        if path.startswith("/reviews/"):
            return pages.review(self, path, readable)
        now_pages = {
            "/sources.opml": pages.sources_opml,
            "/feeds.opml": pages.feeds_opml,
        }
        return now_pages[path](self) if path in now_pages else STATIC.get(path)

    def delta(self, path: str, etag: str) -> Rendition | None:
        """A feed with only what is new since its rendition with that ETag; None where it is to be sent whole.

        Raises StoreError when it cannot be told now.
        """
        return None if private_feed(self.settings, path) else deltas.delta(self, path, etag)

    def serial(self) -> int:
        """A number that grows with every change of what `etags_of` knows. Raises StoreError when it cannot be told."""
        return self.store.renditions.serial()

    def etags_of(self, paths: Sequence[str]) -> dict[str, str]:
        """The ETags of those of these paths whose bytes stay until `serial` grows: not of pages drawn when asked for.

        Raises StoreError when it cannot be told now.
        """
        static = {path: STATIC[path].etag for path in paths if path in STATIC}
        return static | self.store.renditions.etags_of([path for path in paths if path not in static])

    def view(self, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Gone | Moved | Refused | None:
        """What stands at an address with parameters: a view of a feed, a page of a list; elsewhere they mean nothing.

        Raises StoreError when it cannot be told now.
        """
        if private_feed(self.settings, path):
            return None
        if places.stands(path):
            return _packed(places.place(self, path, query))
        if path in pages.LISTS:
            return _packed(pages.listed(self, path, query))
        return views.view(self, self.settings.public_feeds, path, query) or self.rendition(path)

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
        """Every path where something stands for everybody, sorted: the one list of what the site is made of.

        A review's page stands while a feed shows the review.
        """
        keys = {entry.review.key for feed in self.settings.public_feeds for entry in select(self, feed)}
        drawn = ["/sources", "/sources/lint", "/sources.opml", "/feeds.opml", *(f"/reviews/{key}" for key in keys)]
        parts = [part for feed in self.settings.public_feeds for part in self.store.archives.parts(feed.name)]
        kept = filter(self._is_public, self.store.renditions.etags())
        return sorted({*kept, *STATIC, *drawn, *archives.paths_of(parts), *places.paths(self)})

    def gone(self) -> list[str]:
        """Every path that answers 410, sorted: the pages of reviews that were public and are withdrawn."""
        return [f"/reviews/{key}" for key in self.store.withdrawals.taken_down(sorted(self.settings.public_sources))]

    def version(self) -> bytes:
        """Changes whenever a review does that everybody may read, or goes."""
        return self.store.content_version(sorted(self.settings.public_sources))

    def _is_public(self, path: str) -> bool:
        return private_feed(self.settings, path) is None


def _packed(found: Found) -> Found:
    """What was drawn just now, packed; nothing else needs it."""
    return packed_again(found) if isinstance(found, Rendition) else found
