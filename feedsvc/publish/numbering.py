"""A feed's bytes and the last change before they were drawn in, the ETag that names both out, and back.

So nothing need be kept of what each client got: its own ETag says up to which change it has seen the feed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from feedsvc.model import Rendition

_ETAG = re.compile(r'(?:W/)?"c(\d{1,18})-([0-9a-f]{12})-([0-9a-f]{32})(?:-[a-z]+)?"')


class Numbered(NamedTuple):
    """What an ETag of a feed says: the last change before it was drawn, under which settings, and of which bytes."""

    change: int
    settings: str
    digest: str

    def __str__(self) -> str:
        return f'"c{self.change}-{self.settings}-{self.digest}"'


def numbered(drawn: Rendition, change: int, agreed: bytes, before: str | None) -> Rendition:
    """A feed with the ETag that names the change and the settings; one with the same bytes and settings stays."""
    etag = Numbered(change, agreed.hex()[:12], drawn.etag.strip('"'))
    known = read(before or "")
    return replace(drawn, etag=before if before and known and known[1:] == etag[1:] else str(etag))


def read(etag: str) -> Numbered | None:
    """What an ETag says, whatever its coding; None when it is none of a feed of ours."""
    found = _ETAG.fullmatch(etag.strip())
    return None if found is None else Numbered(int(found[1]), found[2], found[3])
