"""What goes into and comes out of the store beside the model's own nouns: claims, looks and counts. No rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.model import Fetched, Item, Page, Quarantined, SourceState
from feedsvc.model.stored import StoredItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source taken for one look. `token` proves it: who no longer holds it can write nothing.

    `row` is the source's number in the database. `state.reviews` is not counted here. `host`: the one that is asked,
    where it was claimed too.
    """

    name: str
    token: str
    state: SourceState
    row: int
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Sources that one worker is to see to, by their rows; `token` proves that it may.

    `asks`: their hosts are asked, and so they are claimed too.
    """

    token: str
    rows: tuple[int, ...]
    asks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSeen:
    """One file of a drop folder that was looked at. `reason` says why it is kept out; None: it was taken."""

    path: str
    digest: bytes
    reason: str | None = None
    #: What had to be forgiven to take it, a sentence a line.
    problems: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The whole result of one look at a source, good or bad: `state` is all that is to be known of it from `now` on.

    `reviews` holds what is new or changed; what it leaves out stays as it is stored.
    """

    claim: Claim
    now: datetime
    state: SourceState
    reviews: Sequence[StoredItem] = ()
    documents: Sequence[DocumentSeen] = ()
    #: Every path in the drop folder now: what was kept out and is gone is forgotten. None: this is no folder.
    present: frozenset[str] | None = None
    quarantined: Sequence[Quarantined] = ()
    #: The pages of which anything is new; all others stay as they are stored.
    pages: Sequence[Page] = ()
    #: What pages said of a feed's items, by the items' addresses, and the feed's own document, where it is followed.
    said: Mapping[str, Item] = field(default_factory=dict)
    feed: Fetched | None = None
    #: What the feed's items were read as; None: what is known of that stays.
    markup: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording a look did. `stale`: the claim was no longer held, and nothing of it was written.

    `withdrawn` counts new and changed reviews that stay out at somebody's request; `new` and `changed` do not.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    stale: bool = False
