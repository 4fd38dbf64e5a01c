"""What the store knows of a source between two looks, and what is kept out. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store knows of a source between two looks. Times in UTC, `interval` in seconds."""

    name: str
    next_check: datetime
    interval: float
    etag: str | None = None
    last_modified: str | None = None
    #: The URL that the validators came from; they are never sent anywhere else.
    validated_url: str | None = None
    #: sha256 of the last body that was read whole and parsed.
    body_hash: bytes | None = None
    #: The feed that an HTML address led to.
    feed_url: str | None = None
    failures: int = 0
    error: str | None = None
    error_kind: str | None = None
    last_checked: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    #: True after a 410: not looked at again until the operator asks.
    stopped: bool = False
    reviews: int = 0
    #: What the source last said of itself.
    feed_title: str | None = None
    feed_home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A document or item that is kept out, and why. `place` is its path in the folder, or the item's identity."""

    source: str
    place: str
    reason: str
    seen: datetime
