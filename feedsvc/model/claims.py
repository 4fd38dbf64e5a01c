"""From fetch to normalise: a document as it came, and what it says, verbatim. Anything may be missing. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec import field

from feedsvc.model.value import Value


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
    #: Seconds that Retry-After asks us to wait; None when not said.
    retry_after: float | None = None
    #: The address a permanent redirect named (301, 308), None when there was none.
    moved_to: str | None = None
    #: Relation and absolute address of each link in the answer's Link headers (RFC 8288), in their order.
    links: tuple[tuple[str, str], ...] = ()
    #: Whether this is only what is new since the validators (226, RFC 3229), to be added to what is known.
    delta: bool = False
    #: Whether the server has shown that it can answer with the new entries alone (RFC 3229, "feed").
    knows_deltas: bool = False
    #: For a dropped document: its path below the source's folder, with "/" between parts. It is the item's identity.
    path: str | None = None
    #: For a file: its modification time.
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server said 304, or the file has not changed."""

    url: str
    max_age: float | None = None
    #: Seconds that Retry-After asks us to wait; None when not said.
    retry_after: float | None = None
    #: The address a permanent redirect named (301, 308), None when there was none.
    moved_to: str | None = None


class Text(Value, frozen=True, kw_only=True):
    """A human-readable value as it stood. "unsure": the format does not say (RSS titles), so markup must be looked for.

    `base` is the address that relative URLs inside an "html" value start from.
    """

    value: str
    type: Literal["text", "html", "unsure"] = "text"
    base: str | None = None
    language: str | None = None


class Link(Value, frozen=True, kw_only=True):
    """A link as stated; `href` is already absolute where the document gave a base (XML Base, RFC 3986 5.1)."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None
    length: int | None = None


class Person(Value, frozen=True, kw_only=True):
    """A name and an address on the web. Never an e-mail address: those are dropped where they are read.

    In an `Item`, `name` may still be the raw RSS form ("jane@outlet.example (Jane Critic)"); normalise splits it.
    """

    name: str
    url: str | None = None


class Category(Value, frozen=True, kw_only=True):
    """A category as stated."""

    term: str
    scheme: str | None = None
    label: str | None = None


class LicenceClaim(Value, frozen=True, kw_only=True):
    """What a source says of a licence: an address, words, or both. Not yet judged."""

    url: str | None = None
    text: str | None = None


class UsageTerms(Value, frozen=True, kw_only=True):
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


class Credit(Value, frozen=True, kw_only=True):
    """Who is to be named for an image, verbatim; `scheme` names the list that `role` is from ("urn:ebu" in MRSS)."""

    name: str
    role: str | None = None
    scheme: str | None = None


class ImageClaim(Value, frozen=True, kw_only=True):
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


class Enclosure(Value, frozen=True, kw_only=True):
    """An attached file that is no image (audio, video, PDF). `length` in bytes, `duration` in seconds."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None


class Citation(Value, frozen=True, kw_only=True):
    """A work or outlet that the text names as its source. `inferred`: we read it out of prose, it was not marked."""

    name: str | None = None
    url: str | None = None
    inferred: bool = False


class Subject(Value, frozen=True, kw_only=True):
    """The work reviewed. `type` is a schema.org type name (Movie, TVSeries, Book, VideoGame, MusicAlbum, Product, …).

    `identifiers` are verbatim (urn:isbn:…, imdb:tt…); `same_as` are addresses of the work elsewhere.
    """

    name: str
    type: str | None = None
    year: int | None = None
    identifiers: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


class RatingClaim(Value, frozen=True, kw_only=True):
    """A rating as stated: fields verbatim, `text` as a person would read it ("B+", "★★★½", "7/10")."""

    value: str | None = None
    best: str | None = None
    worst: str | None = None
    text: str | None = None


class Rhythm(Value, frozen=True, kw_only=True):
    """What a feed says about how often to look: ttl and period in seconds, hours 0–23 and weekday names in GMT."""

    ttl: float | None = None
    period: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()


class FeedInfo(Value, frozen=True, kw_only=True):
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


class AlsoClaim(Value, frozen=True, kw_only=True):
    """Another place that the same review was published, as stated. `collected` is verbatim."""

    url: str | None = None
    outlet: str | None = None
    collected: str | None = None


class Item(Value, frozen=True, kw_only=True):
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
    #: Fields of its Review ("authors", "rating", "images", …) that the source left open and the review's page filled.
    from_page: frozenset[str] = frozenset()


class PageLink(Value, frozen=True, kw_only=True):
    """A page that a listing or a sitemap names, its address absolute; `modified` is the date beside it, verbatim."""

    url: str
    modified: str | None = None


class Parsed(Value, frozen=True, kw_only=True):
    """One document read: what it says of itself, its items in document order, and what had to be forgiven."""

    feed: FeedInfo
    items: tuple[Item, ...]
    #: Which reader took it: "lxml", "feedparser", "json", "text", "markdown", "html", "sitemap".
    reader: str
    problems: tuple[str, ...] = ()
    #: Pages of the same site, or further sitemaps, that a listing or a sitemap names.
    pages: tuple[PageLink, ...] = ()
