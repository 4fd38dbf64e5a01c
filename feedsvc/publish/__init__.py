"""Stored reviews in, published bytes out: the shell that selects, cuts to terms, renders and keeps renditions.

Feeds and their pages are drawn when their reviews change and stored as bytes; the pages that show one review, or how
things stand now, are drawn when asked for. The static export writes the same bytes that the web serves.
"""

from feedsvc.publish.export import export
from feedsvc.publish.feeds import publish
from feedsvc.publish.files import MANIFEST
from feedsvc.publish.indexing import index
from feedsvc.publish.measured import lint_feeds, lint_sources
from feedsvc.publish.publisher import Publisher
from feedsvc.publish.selecting import agreed, feeds_of, listed_sources, on_its_page, select, standing_sources
from feedsvc.publish.subjects import digest_for
from feedsvc.publish.views import next_page

__all__ = [
    "MANIFEST",
    "Publisher",
    "agreed",
    "digest_for",
    "export",
    "feeds_of",
    "index",
    "lint_feeds",
    "lint_sources",
    "listed_sources",
    "next_page",
    "on_its_page",
    "publish",
    "select",
    "standing_sources",
]
