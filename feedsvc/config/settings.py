"""What the operator decided, as one frozen value: no reading, no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from re import compile as pattern_of

from feedsvc.model import Feed, Limits, Outlet, Site, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """Durations in seconds; of private addresses all (True), none (False), or the named hosts and networks."""

    interval: float
    min_interval: float
    max_interval: float
    contact: str | None
    processes: int
    websub: bool
    allow_private_addresses: bool | tuple[str, ...]
    allowed_ports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSub:
    """Who is told when a feed of ours changes: `hubs` of others, and our own `hub`, if any. Leases in seconds."""

    hubs: tuple[str, ...] = ()
    hub: bool = False
    min_lease: float = 300.0
    default_lease: float = 10 * 86400.0
    max_lease: float = 30 * 86400.0
    #: Of one address of a feed; and at one callback host, of all feeds.
    max_subscribers: int = 1000
    max_per_host: int = 100
    #: Of one delivery, or of word to one hub.
    retries: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How the work is shared among processes. `broker` may hold a password, so it stands in no words; None: it is not.

    `lease`: seconds that work stays with a process which gives no sign of life.
    """

    broker: str | None = field(default=None, repr=False)
    lease: float = 120.0


# Without slots: what is derived from it is kept in the instance.
@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the operator decided; `path` is the file it came from. All paths absolute.

    `remarks` are sentences about what was read and left aside, such as a source that stands in a list too.
    """

    path: Path
    site: Site
    data_dir: Path
    database_url: str
    host: str
    port: int
    polling: Polling
    limits: Limits
    sources: tuple[Source, ...]
    feeds: tuple[Feed, ...]
    websub: WebSub = WebSub()
    scale: Scale = Scale()
    #: Whether `site.base_url` is configured, and not made of the address that this process would serve at.
    base_url_stated: bool = True
    remarks: tuple[str, ...] = ()

    @cached_property
    def outlets(self) -> tuple[Outlet, ...]:
        """The publication of each source that names one."""
        return tuple(source.outlet for source in self.sources if source.outlet)

    def source(self, name: str) -> Source | None:
        """The configured source of that name; None when there is none any more."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Source]:
        return {source.name: source for source in self.sources}

    @cached_property
    def public_feeds(self) -> tuple[Feed, ...]:
        """The feeds that everybody may read."""
        return tuple(feed for feed in self.feeds if feed.public)

    @cached_property
    def private_feeds(self) -> dict[str, Feed]:
        """The feeds that want a token, by name."""
        return {feed.name: feed for feed in self.feeds if not feed.public}

    @cached_property
    def public_sources(self) -> frozenset[str]:
        """Names of the sources that a public feed takes in: only their reviews stand on public pages."""
        return frozenset(name for feed in self.public_feeds for name in self.source_names(feed))

    @cached_property
    def private_sources(self) -> frozenset[str]:
        """Names of the sources that private feeds alone take in: nobody else hears of them."""
        private = self.private_feeds.values()
        return frozenset(name for feed in private for name in self.source_names(feed)) - self.public_sources

    def source_names(self, feed: Feed) -> tuple[str, ...]:
        """Names of the configured sources that a feed takes in, in the configuration's order."""
        return self._chosen.get(feed.sources) or self._matching(feed.sources)

    @cached_property
    def _chosen(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {feed.sources: self._matching(feed.sources) for feed in self.feeds}

    def _matching(self, globs: tuple[str, ...]) -> tuple[str, ...]:
        matches = pattern_of("|".join(translate(glob) for glob in globs)).match if globs else (lambda _: None)
        return tuple(source.name for source in self.sources if matches(source.name))
