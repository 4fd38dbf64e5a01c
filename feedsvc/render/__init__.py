"""A feed and its entries in, the bytes of each format out. Pure and deterministic: no clock, no locale, no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Entry, Feed, Site
from feedsvc.render import atom, jsonfeed, rss

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """One published format: its address's ending, its media type, and `write(site, feed, entries, updated)`."""

    suffix: str
    media_type: str
    write: Callable[[Site, Feed, Sequence[Entry], datetime], bytes]


FORMATS = {
    "atom": Format(".atom", atom.MEDIA_TYPE, atom.write_atom),
    "rss": Format(".rss", rss.MEDIA_TYPE, rss.write_rss),
    "json": Format(".json", jsonfeed.MEDIA_TYPE, jsonfeed.write_jsonfeed),
}
