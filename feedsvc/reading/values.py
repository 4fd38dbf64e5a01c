"""What a reader is told, and what it says: plain values, sent between processes. No rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from feedsvc import __version__
from feedsvc.model import Fetched, Item, Limits, Link, Outlet, PageLink, Quarantined, Rhythm, Site, Source
from feedsvc.model.stored import StoredItem
from feedsvc.normalise.identity import RULES

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is the same for all documents: where this service stands, every configured outlet, and the limits."""

    site: Site
    outlets: tuple[Outlet, ...] = ()
    limits: Limits = field(default_factory=Limits)
    #: sha256 of outlets and limits, and of this program's version and rules: what was read under others means nothing.
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        said = _encode((__version__, RULES, self.outlets, self.limits))
        object.__setattr__(self, "digest", sha256(said).digest())


class Wanted(StrEnum):
    """What of a document is to be read."""

    ITEMS = "items"
    #: The pages of a feed's items.
    LINKS = "links"
    #: What the page of a feed's item says.
    SAID = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One look to be read. `known`: guid_hash → digest of what is stored of the source, as far as it may well return.

    A source on the web comes with the `fetched` document, and its `digest` where it is known. A file's is read here,
    unless its digest is `body_hash`; so are a folder's, but for those of `documents` (path → digest). `pages` is what
    the pages of a feed's items say, by the items' addresses; `address` that of the item whose page is read.
    """

    source: Source
    now: datetime
    known: Mapping[bytes, bytes] = field(default_factory=dict)
    fetched: Fetched | None = None
    digest: bytes | None = None
    body_hash: bytes | None = None
    documents: Mapping[str, bytes] = field(default_factory=dict)
    wanted: Wanted = Wanted.ITEMS
    pages: Mapping[str, Item] = field(default_factory=dict)
    address: str = ""
    #: What the feed's items were read as before (parsers.markup); None: nothing is known of that.
    markup: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One file of a drop folder that was new; `reason` says why it is kept out, None: it was taken."""

    path: str
    digest: bytes
    reason: str | None = None
    #: What had to be forgiven to take it, a sentence a line.
    problems: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a look holds: the items that are new or changed, and what the feed says of itself.

    `same`: the file's bytes are those of last time, and nothing was read. `dates` are those of the newest items.
    """

    items: tuple[StoredItem, ...] = ()
    #: How many of the items are not stored yet, as far as `Task.known` tells.
    new: int = 0
    unchanged: int = 0
    quarantined: tuple[Quarantined, ...] = ()
    body_hash: bytes | None = None
    same: bool = False
    title: str | None = None
    home: str | None = None
    #: What had to be forgiven in the document, a sentence a line.
    problems: str | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    dates: tuple[datetime, ...] = ()
    hub_links: tuple[Link, ...] = ()
    seen: tuple[Seen, ...] = ()
    present: frozenset[str] | None = None
    #: The pages that it leads to, the newest first.
    pages: tuple[PageLink, ...] = ()
    #: What the page of a feed's item says of it.
    said: Item | None = None
    #: What its items were read as, to be given with the next task; None: what was known stays.
    markup: bytes | None = None
