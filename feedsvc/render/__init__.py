"""A document in, the bytes of each format out. Pure and deterministic: no clock, no locale, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from feedsvc.model import Document, Site
from feedsvc.render import atom, jsonfeed, rss

__all__ = ["FORMATS", "Format"]


class Write(Protocol):
    """Draws a feed; formats that have no word for what is no longer there leave the tombstones out."""

    def __call__(self, site: Site, document: Document) -> bytes:
        """The whole document."""


@dataclass(frozen=True, slots=True)
class Format:
    """One published format: its address's ending, its media type, and how it is drawn."""

    suffix: str
    media_type: str
    write: Write


FORMATS = {
    "atom": Format(".atom", atom.MEDIA_TYPE, atom.write_atom),
    "rss": Format(".rss", rss.MEDIA_TYPE, rss.write_rss),
    "json": Format(".json", jsonfeed.MEDIA_TYPE, jsonfeed.write_jsonfeed),
}
