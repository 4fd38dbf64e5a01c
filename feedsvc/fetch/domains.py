"""Which hosts asked to be left alone, and which answered all the same, in; until when a host is left alone out. Pure.

A host that limits us speaks for its whole registered domain (the public suffix list and one label more): most domains
are one machine under many names, and a limit is meant for the client as such. Some domains are many services that know
nothing of one another. The rule that tells them apart: while one host of a domain is limiting, another host of it
answers well. From then on each host of that domain speaks for itself alone; a limit that was set for the whole domain
stays with the host that set it. `now` and `until` are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from feedsvc.fetch.address import NOT_AN_ADDRESS, forbidden


class Closings:
    """Limits under way. `known` are limits from before, as `all` gave them."""

    def __init__(self, known: Mapping[str, float]) -> None:
        #: Of each domain: until when each of its hosts asked to be left alone.
        self._limits: dict[str, dict[str, float]] = {}
        self._independent: set[str] = set()
        self.learn(known)

    def learn(self, known: Mapping[str, float]) -> None:
        """Take over limits that others were told; of two moments the later holds."""
        for name, until in known.items():
            domain = registered_domain(name)
            hosts = self._limits.setdefault(domain, {})
            hosts[name] = max(until, hosts.get(name, 0.0))
            if domain != name:
                self._independent.add(domain)

    def limit(self, host: str, until: float) -> None:
        """A host asked to be left alone; a limit is never shortened by a later one."""
        hosts = self._limits.setdefault(registered_domain(host), {})
        hosts[host] = max(until, hosts.get(host, 0.0))

    def answered(self, host: str, now: float) -> None:
        """A host answered well: while another one of its domain limits us, that proves them independent."""
        if not self._limits:
            return
        domain = registered_domain(host)
        hosts = self._limits.get(domain, {})
        if hosts.get(host, 0.0) <= now and any(until > now for until in hosts.values()):
            self._independent.add(domain)

    def until(self, host: str, now: float) -> float | None:
        """Until when a host is to be left alone; None when it may be asked."""
        if not self._limits:
            return None
        domain = registered_domain(host)
        hosts = self._limits.get(domain, {})
        until = hosts.get(host, 0.0) if domain in self._independent else max(hosts.values(), default=0.0)
        return until if until > now else None

    def all(self, now: float) -> dict[str, float]:
        """Every limit that holds now, by domain, or by host where it holds for that alone."""
        found: dict[str, float] = {}
        for domain, hosts in list(self._limits.items()):
            hosts = {host: until for host, until in hosts.items() if until > now}
            self._limits[domain] = hosts
            if not hosts:
                del self._limits[domain]
            elif domain in self._independent:
                found |= hosts
            else:
                found[domain] = max(hosts.values())
        return found


@lru_cache(4096)
def registered_domain(host: str) -> str:
    """The domain that somebody registered ("news.outlet.co.example" → "outlet.co.example"); an address is its own."""
    if forbidden(host.strip("[]")) != NOT_AN_ADDRESS:
        return host
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    """Read when the first limit is set: it takes some 70 ms and 4 MB, and most services never need it."""
    return PublicSuffixList()
