"""What the operator decided: sources, outlets, feeds, and where the site stands. No rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal


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
class Scale:
    """An outlet's own scale, as the operator declares it: its ends, its words with what they are worth, its letters."""

    best: float | None = None
    worst: float | None = None
    words: tuple[tuple[str, float], ...] = ()
    #: Whether "B+" is a grade between F and A+.
    letters: bool = True


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
    scale: Scale | None = None
    #: Whether it leads where it carries a review that others carry too.
    preferred: bool = False
    #: Seconds; None: the service's default.
    interval: float | None = None
    #: The Authorization header for this source's own origin alone; a secret, so it stands in no message and no log.
    authorization: str | None = field(default=None, repr=False)
    #: Whether the items of a feed are completed from their own pages.
    follow: Literal["page"] | None = None
    #: Of a page source, or one that follows: how many pages are asked for at one look.
    pages_per_poll: int = 10

    @property
    def walks(self) -> bool:
        """Whether a look at it goes on to the pages that it names."""
        return self.kind == "page" or self.follow is not None

    def for_reading(self) -> Source:
        """The source without what changes no review: how often, whether and as whom to look, and who leads."""
        return replace(self, enabled=True, interval=None, authorization=None, pages_per_poll=0, preferred=False)


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
    #: Addresses of a small square picture, and of a larger one.
    icon: str | None = None
    logo: str | None = None
    #: Who may read it: everybody, or whoever has a token.
    access: Literal["public", "token"] = "public"
    category: str | None = None

    @property
    def public(self) -> bool:
        """Whether everybody may read it: only such a feed stands in lists, on public pages, and at hubs."""
        return self.access == "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is taken of one answer, in time (seconds), size (bytes, characters) and number."""

    connect_timeout: float = 10.0
    #: Over the whole exchange, redirects included.
    total_timeout: float = 60.0
    #: Fewer bytes a second than this, over so many seconds, is too slow.
    slow_bytes: int = 1024
    slow_seconds: float = 15.0
    #: As sent and as expanded.
    max_body: int = 10 * 1024 * 1024
    max_headers: int = 64 * 1024
    #: Of one feed; the newest are kept.
    max_items: int = 1000
    max_title: int = 10_000
    #: Elements inside one another.
    max_nesting: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where this service stands: every absolute link is built here, from `base_url`, never from a request."""

    title: str
    base_url: str
    description: str = ""

    def url(self, path: str) -> str:
        """Address of a path of this site, which begins with "/"."""
        return f"{self.base_url}{path}"

    def feed_url(self, feed: str, suffix: str = "") -> str:
        """Address of a feed's page, or with ".atom", ".rss" or ".json" of the feed itself."""
        return f"{self.base_url}/feeds/{feed}{suffix}"

    def review_url(self, key: str) -> str:
        """Address of a review's own page here."""
        return f"{self.base_url}/reviews/{key}"


def is_url(location: str) -> bool:
    """Whether a location is an address on the web, and not a path."""
    return location.startswith(("http://", "https://"))
