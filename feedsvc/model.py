"""The nouns: plain frozen values that every layer passes on. Nothing in, nothing out, no rules.

Two of them matter most. An `Item` is what a source said: anything may be missing, and every value is as it stood in
the source's bytes. A `Review` is what we promise: attribution is never optional there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

#: Marks the visible attribution line in published HTML, so that an aggregator of the same make knows it from the text.
ATTRIBUTION_CLASS = "feedsvc-attribution"
#: Opens the visible attribution line in published plain text, on a line of its own (U+2014, a space, then the line).
ATTRIBUTION_TEXT_PREFIX = "\u2014 "


# ----------------------------------------------------------------------------------------------------------- settings


class Republish(StrEnum):
    """What an operator agreed with a partner; AUTO follows the licence of each review."""

    AUTO = "auto"
    FULL = "full"
    EXCERPT = "excerpt"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A publication: where a review first appeared, or the partner that we got it from."""

    name: str
    url: str | None = None
    feed_url: str | None = None
    feed_id: str | None = None
    feed_updated: datetime | None = None
    icon: str | None = None
    rights: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured source. `location` is a URL, or an absolute path for files and folders."""

    name: str
    kind: str
    location: str
    enabled: bool = True
    outlet: Outlet | None = None
    licence: str | None = None
    rights: str | None = None
    republish: Republish = Republish.AUTO
    language: str | None = None
    category: str | None = None
    #: Seconds; None: the service's default.
    interval: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One published feed. `sources` are names or globs; `items` is how many of the newest reviews it shows."""

    name: str
    title: str
    description: str = ""
    sources: tuple[str, ...] = ("*",)
    commercial: bool = True
    items: int = 50
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where this service stands: every absolute link is built here, from `base_url`, never from a request."""

    title: str
    base_url: str
    description: str = ""

    def feed_url(self, feed: str, suffix: str = "") -> str:
        """Address of a feed's page, or with ".atom", ".rss" or ".json" of the feed itself."""
        return f"{self.base_url}/feeds/{feed}{suffix}"

    def review_url(self, key: str) -> str:
        """Address of a review's own page here."""
        return f"{self.base_url}/reviews/{key}"


# ----------------------------------------------------------------------------------------------- fetch → parse: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One document as it came. `url` is the address it really came from (after redirects), or a file: URL."""

    url: str
    body: bytes
    media_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: Seconds the server asks us to wait before the next look (Cache-Control max-age or Expires), None when not said.
    max_age: float | None = None
    #: The address a permanent redirect named (301, 308), None when there was none.
    moved_to: str | None = None
    #: For a dropped document: its path below the source's folder, with "/" between parts. It is the item's identity.
    path: str | None = None
    #: For a file: its modification time.
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server said 304, or the file has not changed."""

    url: str
    max_age: float | None = None


# ------------------------------------------------------------------------------------------ parse → normalise: claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A human-readable value as it stood. "unsure": the format does not say (RSS titles), so markup must be looked for.

    `base` is the address that relative URLs inside an "html" value start from.
    """

    value: str
    type: Literal["text", "html", "unsure"] = "text"
    base: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as stated; `href` is already absolute where the document gave a base (XML Base, RFC 3986 5.1)."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A name and an address on the web. Never an e-mail address: those are dropped where they are read.

    In an `Item`, `name` may still be the raw RSS form ("jane@outlet.example (Jane Critic)"); normalise splits it.
    """

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category as stated."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceClaim:
    """What a source says of a licence: an address, words, or both. Not yet judged."""

    url: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTerms:
    """One licence of Really Simple Licensing 1.0 (rslstandard.org/rsl, 3.4): what a machine may do with a text.

    `permits` and `prohibits` are pairs of a type ("usage", "user", "geo") and the values listed, verbatim; `content` is
    the address, path or pattern that it holds for, `server` where a licence must be asked for first.
    """

    content: str | None = None
    server: str | None = None
    permits: tuple[tuple[str, str], ...] = ()
    prohibits: tuple[tuple[str, str], ...] = ()
    #: The type of payment asked ("free", "attribution", "subscription", …), None when not said.
    payment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Who is to be named for an image, verbatim; `scheme` names the list that `role` is from ("urn:ebu" in MRSS)."""

    name: str
    role: str | None = None
    scheme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageClaim:
    """An image that the source names outside its HTML, with what it says of it."""

    url: str
    type: str | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    alt: str | None = None
    credits: tuple[Credit, ...] = ()
    licence: LicenceClaim | None = None
    rights: str | None = None
    terms_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """An attached file that is no image (audio, video, PDF). `length` in bytes, `duration` in seconds."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A work or outlet that the text names as its source. `inferred`: we read it out of prose, it was not marked."""

    name: str | None = None
    url: str | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The work reviewed. `type` is a schema.org type name (Movie, TVSeries, Book, VideoGame, MusicAlbum, Product, …).

    `identifiers` are verbatim (urn:isbn:…, imdb:tt…); `same_as` are addresses of the work elsewhere.
    """

    name: str
    type: str | None = None
    year: int | None = None
    identifiers: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingClaim:
    """A rating as stated: fields verbatim, `text` as a person would read it ("B+", "★★★½", "7/10")."""

    value: str | None = None
    best: str | None = None
    worst: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a feed says about how often to look: ttl and period in seconds, hours 0–23 and weekday names in GMT."""

    ttl: float | None = None
    period: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a document says of itself as a whole; also an entry's atom:source or RSS <source>. Dates are verbatim."""

    id: str | None = None
    title: Text | None = None
    subtitle: Text | None = None
    links: tuple[Link, ...] = ()
    icon: str | None = None
    logo: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    rights: Text | None = None
    rights_holder: str | None = None
    licences: tuple[LicenceClaim, ...] = ()
    usage: tuple[UsageTerms, ...] = ()
    updated: str | None = None
    generator: str | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoClaim:
    """Another place that the same review was published, as stated. `collected` is verbatim."""

    url: str | None = None
    outlet: str | None = None
    collected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a source said of one review. Every value verbatim; dates unparsed; anything may be missing."""

    guid: str | None = None
    guid_is_permalink: bool = False
    links: tuple[Link, ...] = ()
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    #: The feed that the entry first stood in (atom:source, RSS <source>), when the entry says so.
    origin: FeedInfo | None = None
    #: The address an entry names as where its carrier got it (rel=via), with the carrier's name.
    via: tuple[Link, ...] = ()
    cited: tuple[Citation, ...] = ()
    rights: Text | None = None
    rights_holder: str | None = None
    licences: tuple[LicenceClaim, ...] = ()
    usage: tuple[UsageTerms, ...] = ()
    #: Terms an aggregator granted on (dcterms:accessRights), verbatim.
    terms: str | None = None
    images: tuple[ImageClaim, ...] = ()
    #: Credit lines that name no image.
    credits: tuple[Credit, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[Category, ...] = ()
    subject: Subject | None = None
    rating: RatingClaim | None = None
    verdict: str | None = None
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    also: tuple[AlsoClaim, ...] = ()
    #: Set by the document reader where a date is only the file's time: normalise marks it as inferred.
    published_inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One document read: what it says of itself, its items in document order, and what had to be forgiven."""

    feed: FeedInfo
    items: tuple[Item, ...]
    #: Which reader took it: "lxml", "feedparser", "json", "text", "markdown", "html".
    reader: str
    problems: tuple[str, ...] = ()


# --------------------------------------------------------------------------------- normalise → store: what we promise


class Provenance(StrEnum):
    """Where an attribution field comes from."""

    STATED = "stated"
    INHERITED = "inherited"
    CONFIGURED = "configured"
    INFERRED = "inferred"


class LicenceState(StrEnum):
    """IDENTIFIED: name, url and SPDX id are known. UNSPECIFIED: one is named, not which. UNKNOWN: nothing said."""

    IDENTIFIED = "identified"
    UNSPECIFIED = "unspecified"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence, judged. Never guessed: a licence that is named without a version stays UNSPECIFIED.

    `spdx` is None where SPDX lists no such licence. An UNKNOWN one may be called "All rights reserved".
    """

    state: LicenceState = LicenceState.UNKNOWN
    name: str | None = None
    url: str | None = None
    spdx: str | None = None
    #: Where it was found, in words: "the item's rights statement". Two licences found in two places are the same.
    found_in: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """An outlet's word against being republished, as it stands in the source; or only in feeds that earn something."""

    statement: str
    commercial_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """One piece of writing twice: sanitised HTML with absolute addresses, and plain text."""

    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of a review with everything said of it; its credits are its own, never the review's."""

    url: str
    type: str | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    alt: str | None = None
    credits: tuple[Credit, ...] = ()
    licence: Licence = field(default_factory=Licence)
    rights: str | None = None
    terms_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A rating, verbatim in `text`; numbers where they were stated; `percent` (0–100) only where the scale is sure."""

    text: str
    value: float | None = None
    best: float | None = None
    worst: float | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another place that the same review was published."""

    url: str
    outlet: str | None = None
    collected: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review as we promise it. Dates are UTC; a date that the source did not state is None, never ours."""

    #: 16 letters and digits, made from the source's name and the item's identity in it: its page's address here.
    key: str
    #: Name of the configured source that we got it from.
    source: str
    #: The id subscribers see: the source's own where usable, else a minted tag: URI. Never changes once stored.
    id: str
    id_generated: bool = False
    url: str | None = None
    title: str
    summary: Prose | None = None
    content: Prose | None = None
    #: At most 200 characters of the text, cut at a sentence or a word.
    excerpt: Prose | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    outlet: Outlet
    via: Outlet | None = None
    cited: tuple[Citation, ...] = ()
    rights: str | None = None
    rights_holder: str | None = None
    licence: Licence = field(default_factory=Licence)
    #: Set where the outlet asks not to be republished: whatever the licence, no more than a link.
    opt_out: OptOut | None = None
    images: tuple[Image, ...] = ()
    credits: tuple[Credit, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[Category, ...] = ()
    subject: Subject | None = None
    rating: Rating | None = None
    verdict: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    #: When we first saw it.
    collected: datetime
    #: When we last saw it changed; equals `collected` until then.
    revised: datetime
    language: str | None = None
    also: tuple[Also, ...] = ()
    republish: Republish = Republish.AUTO
    #: For each attribution field ("authors", "outlet", "licence", "rights", "published", …): where it comes from.
    provenance: dict[str, Provenance] = field(default_factory=dict)

    @property
    def position(self) -> datetime:
        """Where it stands in a feed: its date, else its update's; a date in the future never pins it on top."""
        return min(self.published or self.updated or self.collected, self.collected)


# --------------------------------------------------------------------------------------------- select → render → serve


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of a withdrawn review in a feed that held it: its id, and when it went (RFC 6721 3)."""

    id: str
    when: datetime
    #: For everyone to read, so it names neither who asked nor why.
    comment: str = "Withdrawn at the request of its owner."


class Gone(Enum):
    """Stands where something was published until it was withdrawn."""

    GONE = "gone"


# ------------------------------------------------------------------------------------------------------- withdrawals


class WithdrawalKind(StrEnum):
    """What somebody may ask to be taken out."""

    REVIEW = "review"
    AUTHOR = "author"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The record of one request: who asked for what, when and why. For the operator alone, never published."""

    number: int
    kind: WithdrawalKind
    #: The review's key, the author's name as the operator wrote it, or the source's name.
    value: str
    reason: str
    requested_by: str
    withdrawn: datetime
    undone: datetime | None = None
    undone_reason: str | None = None
    undone_by: str | None = None
    #: Title of the review that was asked for.
    title: str | None = None
    #: How many stored reviews it took, and from which sources.
    reviews: int = 0
    sources: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------- how complete the attribution is


class Mark(StrEnum):
    """What the attribution of a review should hold (ATTRIBUTION §5), in the order in which it is reported."""

    CRITIC = "critic"
    OUTLET = "outlet"
    PERMALINK = "permalink"
    DATE = "date"
    LICENCE = "licence"
    IMAGES = "images"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A review with what its attribution lacks."""

    key: str
    title: str
    url: str | None
    missing: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How complete the attribution of some reviews is. Shares are 0–1, and 1 where there is nothing to lack."""

    reviews: int = 0
    #: Reviews that lack nothing.
    whole: int = 0
    #: For each mark: how many reviews have it.
    present: dict[Mark, int] = field(default_factory=dict)
    images: int = 0
    images_credited: int = 0
    #: Reviews that name a licence which cannot be identified.
    licences_unspecified: int = 0
    #: The reviews that lack most, worst first.
    worst: tuple[Lacking, ...] = ()

    def share(self, mark: Mark) -> float:
        """Share of the reviews that have a mark."""
        return self.present.get(mark, 0) / self.reviews if self.reviews else 1.0

    @property
    def overall(self) -> float:
        """Share of all marks that are there."""
        return sum(self.share(mark) for mark in Mark) / len(Mark)


# ------------------------------------------------------------------------------------------------ the state of a source


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


def is_url(location: str) -> bool:
    """Whether a location is an address on the web, and not a path."""
    return location.startswith(("http://", "https://"))


def local_path(location: str) -> Path:
    """The path that a location which is no URL names; file: URLs are understood."""
    return Path(unquote(urlsplit(location).path)) if location.startswith("file:") else Path(location)
