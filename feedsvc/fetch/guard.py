"""Who may be connected to: a host and the address it is at in, nothing or `Refused` out.

It is asked for every address of a name as soon as they are known, and again for the socket that is about to be
connected, so that no second look-up, redirect or spelling passes it.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from feedsvc.errors import Refused
from feedsvc.fetch.address import NOT_AN_ADDRESS, forbidden, own_address
from feedsvc.fetch.options import FetchOptions

_PORTS = {"http": 80, "https": 443}
_Networks = tuple[IPv4Network | IPv6Network, ...]


class Guard:
    """The guard of one set of options."""

    def __init__(self, options: FetchOptions) -> None:
        self._allowed = options.private_allowed
        self._own: dict[int, set[str]] = {}
        for host, port in _own_places(options):
            self._own.setdefault(port, set()).add(host)

    def check(self, url: str, host: str, ip: str, port: int) -> None:
        """Raise Refused, naming the rule, unless `ip` may be connected to as `host` on behalf of `url`."""
        if port in self._own and self._is_own(ip, self._own[port]):
            raise Refused(
                f"{url}: {host} is at {ip}, this service's own address. A source must be somebody else's feed, or a "
                "file."
            )
        if exempt(self._allowed, host, ip):
            return
        rule = forbidden(ip) or ("this machine's own address" if own_address(ip) else None)
        if rule:
            raise Refused(
                f"{url}: {host} is at {ip}, {rule}; sources on private networks are not asked. Name {host} in "
                "allow_private_addresses under [polling] if this one is meant to be."
            )

    def _is_own(self, ip: str, hosts: set[str]) -> bool:
        """A place given by name, or as "every address", is at whatever addresses this machine has."""
        if ip in hosts:
            return True
        return any(_anywhere(host) for host in hosts) and (forbidden(ip) == "a loopback address" or own_address(ip))


def exempt(allowed: bool | tuple[str, ...], host: str, ip: str = "") -> bool:
    """Whether the guard is lifted for a host name, or for the address that it is at."""
    if isinstance(allowed, bool):
        return allowed
    names, networks = _entries(allowed)
    return host in names or any(_within(place, networks) for place in (host.strip("[]"), ip))


@lru_cache(16)
def _entries(allowed: tuple[str, ...]) -> tuple[frozenset[str], _Networks]:
    names: set[str] = set()
    networks: list[IPv4Network | IPv6Network] = []
    for entry in allowed:
        try:
            networks.append(ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            names.add(entry.lower().rstrip("."))
    return frozenset(names), tuple(networks)


def _within(place: str, networks: _Networks) -> bool:
    if not networks or forbidden(place) == NOT_AN_ADDRESS:
        return False
    address = ip_address(place)
    return any(address.version == network.version and address in network for network in networks)


def _anywhere(host: str) -> bool:
    return forbidden(host) in (NOT_AN_ADDRESS, "an unspecified address")


def _own_places(options: FetchOptions) -> list[tuple[str, int]]:
    """Host and port of where this service is published and of where it listens."""
    found: list[tuple[str, int]] = []
    for url in (options.own_url, f"http://{options.own_bind}" if options.own_bind else None):
        if url:
            parts = urlsplit(url)
            found.append((parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)))
    return found
