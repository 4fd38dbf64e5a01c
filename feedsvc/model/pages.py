"""The pages that a source leads to, what is known of each, and what a site's robots.txt says. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page that a source leads to, and what is known of it between two looks. `interval` in seconds."""

    url: str
    #: When a document of the source first named it.
    seen: datetime
    #: When it is to be asked for; None: not again, unless what leads to it says that it changed.
    next_check: datetime | None
    interval: float = 0.0
    #: 1: what the source's own document names; 2: what such a page names in turn.
    depth: int = 1
    #: What the document that names it says of its last change, verbatim.
    modified: str | None = None
    #: Its validators, and the address that they came from.
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None
    #: sha256 of the last body that was read whole.
    body_hash: bytes | None = None
    #: When it was last read, or had not changed.
    read: datetime | None = None
    failures: int = 0
    error: str | None = None
    error_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFault:
    """A page that could not be read at the last attempt, and why."""

    source: str
    url: str
    error: str
    kind: str
    failures: int
    #: None: it is not asked for again.
    next_check: datetime | None = None
    #: When it was last read; None: never, so that nothing of it is published.
    read: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCount:
    """How many pages a source leads to.

    `failing`: they could not be read at the last attempt, though perhaps before; `waiting`: not asked for yet.
    """

    known: int = 0
    read: int = 0
    failing: int = 0
    waiting: int = 0


class Asking(StrEnum):
    """What the answer to a request for robots.txt allows (RFC 9309, 2.3.1)."""

    RULES = "rules"
    ALL = "all"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What the robots.txt of an origin said, until when that holds; `text` where there are rules."""

    #: Scheme, host and port, as in "https://outlet.example".
    origin: str
    asking: Asking
    until: datetime
    text: str = ""
