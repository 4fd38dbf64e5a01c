"""A document in, the bytes of each format out. Pure and deterministic: no clock, no locale, no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedsvc.model import Document, Entry, Site
from feedsvc.render import atom, jsonfeed, rss
from feedsvc.render.moments import distinct_updates

__all__ = ["FORMATS", "Format", "distinct_updates"]


class Fragments(Protocol):
    """Draws entries, each with its `updated`; one is drawn alike whatever stands beside it, so it can be kept."""

    def __call__(self, site: Site, entries: Sequence[tuple[Entry, datetime]]) -> list[bytes]:
        """The bytes of each entry as they stand in a document."""


class Envelope(Protocol):
    """Draws everything but the entries; formats that have no word for what is no longer there leave tombstones out."""

    def __call__(self, site: Site, document: Document, fragments: Sequence[bytes]) -> bytes:
        """The whole document, with these fragments for its entries."""


@dataclass(frozen=True, slots=True)
class Format:
    """One published format: its address's ending, its media type, and how entries and documents are drawn."""

    suffix: str
    media_type: str
    fragments: Fragments
    document: Envelope

    def write(self, site: Site, document: Document) -> bytes:
        """The whole document with its own entries."""
        moments = distinct_updates(document.entries)
        entries = [(entry, moments[entry.review.key]) for entry in document.entries]
        return self.document(site, document, self.fragments(site, entries))


FORMATS = {
    "atom": Format(".atom", atom.MEDIA_TYPE, atom.fragments, atom.document),
    "rss": Format(".rss", rss.MEDIA_TYPE, rss.fragments, rss.document),
    "json": Format(".json", jsonfeed.MEDIA_TYPE, jsonfeed.fragments, jsonfeed.document),
}
