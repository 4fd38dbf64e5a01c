"""A path in, what stands there out: everything that is published, kept as bytes or drawn when asked for."""

from __future__ import annotations

from feedsvc.errors import StoreError
from feedsvc.model import Gone, Rendition
from feedsvc.publish import pages
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.selecting import select
from feedsvc.render.pages import STATIC


class Publisher(Holdings):
    """All that is published, by the path of its address."""

    __slots__ = ()

    def rendition(self, path: str) -> Rendition | Gone | None:
        """What stands at a URL path, None where there is nothing, GONE where it was withdrawn.

        Raises StoreError when it cannot be told now.
        """
        if path.startswith("/reviews/"):
            return pages.review(self, path)
        now_pages = {
            "/sources": pages.sources,
            "/sources/lint": pages.lint,
            "/sources.opml": pages.sources_opml,
            "/feeds.opml": pages.feeds_opml,
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
