"""What goes into and comes out of the store beside the model's own nouns: claims, results and counts. No rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Quarantined, Review, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source taken for one look. `token` proves it: who no longer holds it can write nothing."""

    name: str
    token: str
    state: SourceState
    #: The address that the source has permanently moved to, when it said so; the configured one stays as it is.
    location_moved: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """One review to store. `guid_hash`: sha256 of its item key; `digest`: sha256 of all that can change it."""

    review: Review
    guid_hash: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSeen:
    """One file of a drop folder that was looked at. `reason` says why it is kept out; None: it was taken."""

    path: str
    digest: bytes
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The whole result of one good look at a source; every field is the value to keep, so None clears it.

    `interval` in seconds. `reviews` holds what is new or changed; what it leaves out stays as it is stored.
    """

    now: datetime
    next_check: datetime
    interval: float
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None
    body_hash: bytes | None = None
    feed_url: str | None = None
    feed_title: str | None = None
    feed_home: str | None = None
    location_moved: str | None = None
    reviews: Sequence[StoredItem] = ()
    documents: Sequence[DocumentSeen] = ()
    #: Every path in the drop folder now: what was kept out and is gone is forgotten. None: this is no folder.
    present: frozenset[str] | None = None
    quarantined: Sequence[Quarantined] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording did. `stale`: the claim was no longer held, and nothing was written.

    `withdrawn` counts new and changed reviews that stay out at somebody's request; `new` and `changed` do not.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    stale: bool = False
