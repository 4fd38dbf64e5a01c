"""What a collection learns beside the reviews, in; kept in the store, out: limits that hosts set, and hubs.

Safe to use from any thread, but for `keep` and `closed`, which are the collector's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock

from feedsvc.collect.collector import Collector
from feedsvc.collect.visit import Visit
from feedsvc.model import Discovery, Robots
from feedsvc.normalise.hubs import discover, reachable
from feedsvc.reading import Reading


class Findings:
    """The findings of one collection, until they are stored."""

    def __init__(self, collector: Collector) -> None:
        self._store, self._settings, self._clock = collector.store, collector.settings, collector.clock
        #: Until when hosts and domains want to be left alone, in seconds since 1970.
        self.closed: Mapping[str, float] = self.limits()
        self._lock = Lock()
        self._discovered: dict[str, Discovery | None] = {}
        #: What robots.txt files said, by origin; those that are not stored yet.
        self._robots: dict[str, Robots] = {}
        self._unsaid: list[Robots] = []

    def limits(self) -> dict[str, float]:
        """Until when hosts and domains want to be left alone, as is stored; raises StoreError."""
        limits = self._store.domain_limits(self._clock())
        return {domain: until.timestamp() for domain, until in limits.items()}

    def hubs(self, visit: Visit, reading: Reading) -> None:
        """Note the hubs of a document, or that a source which had one names none any more."""
        if visit.fetched is None or not self._settings.polling.websub:
            return
        found = discover(visit.fetched.links, reading.hub_links, visit.fetched.url)
        found = reachable(found, self._settings.site.base_url)
        if found is not None or visit.state.push_until is not None:
            with self._lock:
                self._discovered[visit.claim.name] = found

    def robots(self, origin: str) -> Robots | None:
        """What the robots.txt of an origin said, while that holds; raises StoreError."""
        now = self._clock()
        with self._lock:
            found = self._robots.get(origin)
        if found is None and (found := self._store.pages.robots(origin, now)):
            with self._lock:
                self._robots[origin] = found
        return found if found is not None and found.until > now else None

    def note_robots(self, robots: Robots) -> None:
        """Note what a robots.txt said."""
        with self._lock:
            self._robots[robots.origin] = robots
            self._unsaid.append(robots)

    def keep(self, closed: Mapping[str, float]) -> None:
        """Store what was noted, and the limits that hold now, so that they are kept to after a restart too.

        That a domain's hosts proved independent is not stored: after a restart it is left alone as a whole. Raises
        StoreError.
        """
        for domain in [name for name, until in closed.items() if self.closed.get(name) != until]:
            self._store.limit_domain(domain, datetime.fromtimestamp(closed[domain], UTC))
        self.closed = closed
        with self._lock:
            found, self._discovered = self._discovered, {}
            robots, self._unsaid = self._unsaid, []
        if robots:
            self._store.pages.note_robots(robots, self._clock())
        if found:
            self._store.subscriptions.discovered(found, self._clock())
