"""A path in, what stands there out: everything that is published, kept as bytes or drawn when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from feedsvc.errors import StoreError
from feedsvc.model import Gone, Moved, Refused, Rendition
from feedsvc.publish import archives, deltas, pages, places, views
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.packing import packed_again
from feedsvc.publish.selecting import select
from feedsvc.render.pages import STATIC

#: What stands at an address, or why nothing does.
Found = TypeVar("Found", Rendition | Gone | None, Rendition | Moved | Refused | None, Rendition | None)


class Publisher(Holdings):
    """All that is published, by the path of its address."""

    __slots__ = ()

    def rendition(self, path: str) -> Rendition | Gone | None:
        """What stands at a URL path, None where there is nothing, GONE where it was withdrawn.

        Raises StoreError when it cannot be told now.
        """
        if places.stands(path) or path in pages.LISTS:
            found = self.view(path, ())
            return found if isinstance(found, Rendition) else None
        drawn = _packed(self._drawn_now(path))
        return drawn or self.store.renditions.get(path) or _packed(archives.archived(self, path))

    def _drawn_now(self, path: str) -> Rendition | Gone | None:
        """What is kept nowhere as bytes, but drawn when it is asked for, or the same as long as the program runs."""
        if path.startswith("/reviews/"):
            return pages.review(self, path)
        now_pages = {
            "/sources.opml": pages.sources_opml,
            "/feeds.opml": pages.feeds_opml,
        }
        return now_pages[path](self) if path in now_pages else STATIC.get(path)

    def delta(self, path: str, etag: str) -> Rendition | None:
        """A feed with only what is new since its rendition with that ETag; None where it is to be sent whole.

        Raises StoreError when it cannot be told now.
        """
        return deltas.delta(self, path, etag)

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
        if places.stands(path):
            return _packed(places.place(self, path, query))
        if path in pages.LISTS:
            return _packed(pages.listed(self, path, query))
        return views.view(self, self.settings.feeds, path, query) or self.rendition(path)

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
        parts = [part for feed in self.settings.feeds for part in self.store.archives.parts(feed.name)]
        return sorted({*self.store.renditions.etags(), *STATIC, *drawn, *archives.paths_of(parts), *places.paths(self)})


def _packed(found: Found) -> Found:
    """What was drawn just now, packed; nothing else needs it."""
    return packed_again(found) if isinstance(found, Rendition) else found
