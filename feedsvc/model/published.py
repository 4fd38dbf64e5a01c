"""From select to serve: what may be drawn, and what was drawn. No rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

from feedsvc.model.review import Review
from feedsvc.model.settings import Feed
from feedsvc.model.work import WorkSummary

#: Marks the visible attribution line in published HTML, so that an aggregator of the same make knows it from the text.
ATTRIBUTION_CLASS = "feedsvc-attribution"
#: Opens the visible attribution line in published plain text, on a line of its own (U+2014, a space, then the line).
ATTRIBUTION_TEXT_PREFIX = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is published of one review in one feed, and why, in words an editor understands."""

    show: Literal["full", "excerpt", "link"]
    #: Goes into dcterms:accessRights, e.g. "Full text under CC BY 4.0: name the critic, the outlet and the licence."
    statement: str
    #: For `feedsvc show` and `explain`: why these terms apply.
    reason: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A review cut down to its terms: what render may draw. Nothing beyond the terms is left in it.

    In `review`, `content` is None unless `terms.show` is "full", `summary` is None unless full, and `excerpt` is None
    when it is "link", or when the licence forbids any cut (ND). `embeddable` holds the URLs of the images that may be
    shown; all others are only linked.
    """

    review: Review
    terms: Terms
    embeddable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """The bytes of one published address. `modified`: when its newest entry changed, not when it was drawn."""

    path: str
    media_type: str
    body: bytes
    etag: str
    modified: datetime
    #: The same bytes packed; None where that is not worth it.
    gzip: bytes | None = None
    br: bytes | None = None
    #: For the Link header: rel and absolute URL.
    links: tuple[tuple[str, str], ...] = ()
    #: For somebody and not for everybody: kept by no shared cache, listed by no search engine.
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of a withdrawn review in a feed that held it: its id, and when it went (RFC 6721 3)."""

    id: str
    when: datetime
    #: The number of the change by which it went.
    change: int = field(default=0, compare=False)
    #: For everyone to read, so it names neither who asked nor why.
    comment: str = "Withdrawn at the request of its owner."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands: a stem that its formats share ("/feeds/reviews"), and its canonical parameters."""

    stem: str
    query: str = ""

    def path(self, suffix: str = "") -> str:
        """Its path with the suffix of a format (".atom"; "": its page), and the query."""
        return f"{self.stem}{suffix}?{self.query}" if self.query else f"{self.stem}{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed, a page or a view of it, or one of its archives: what every format draws.

    `entries` and `tombstones` stand in the order in which they are drawn, newest first; `updated` is the document's.
    `related` are the documents that a relation leads to (RFC 5005): each format links the one in its own form.
    """

    feed: Feed
    place: Place
    entries: tuple[Entry, ...]
    updated: datetime
    tombstones: tuple[Tombstone, ...] = ()
    #: Instead of the feed's.
    title: str | None = None
    related: tuple[tuple[str, Place], ...] = ()
    #: Whether it is closed: one of the documents that together are the feed's history (RFC 5005 4).
    archive: bool = False
    #: Hubs that tell of its changes (WebSub).
    hubs: tuple[str, ...] = ()
    #: Seconds until a reader should look again.
    pause: float | None = None
    #: The page for people; None: the one that stands at `place`.
    page: Place | None = None
    #: What it is a part of, by which feed readers know it whatever page they hold; None: the feed.
    part_of: Place | None = None
    #: The work that all of it is about, where it is one.
    work: WorkSummary | None = None


def content_type(media_type: str) -> str:
    """The media type with its charset where one is defined: for text and XML, not for JSON (RFC 8259, 11)."""
    textual = media_type.startswith("text/") or media_type.endswith("+xml")
    return f"{media_type}; charset=utf-8" if textual and ";" not in media_type else media_type


class Gone(Enum):
    """Stands where something was published until it was withdrawn."""

    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Moved:
    """Stands at an address whose canonical form is another; `location`: its path with the query."""

    location: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands at an address whose parameters mean nothing here; `message`: what is wrong, and what there is."""

    message: str
