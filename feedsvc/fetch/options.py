"""What a caller says of one request, and every limit of all requests, in two frozen values. No rules here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: The largest document that is read, compressed or expanded, from the web or from a folder, in bytes.
MAX_BODY = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One look at one source. `name` is the source's name; the validators are sent byte for byte.

    `validated_url` is the address that the validators came from (`Fetched.url`); they go to that address alone, even
    when it is reached by a redirect. None means `url` itself.
    """

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Limits and manners of all requests; times in seconds, sizes in bytes.

    `resolve` pins names to addresses ("name:port:address,address", as curl's --resolve); `own_url` is where this
    service is published, which it never fetches; `ca_file` replaces the machine's certificate authorities.
    """

    user_agent: str
    allow_private_addresses: bool = False
    connect_timeout: float = 10.0
    #: Over the whole exchange, redirects included; waiting for a free place at a host does not count.
    total_timeout: float = 60.0
    low_speed_bytes: int = 1024
    low_speed_seconds: float = 15
    max_body: int = MAX_BODY
    max_header: int = 64 * 1024
    max_redirects: int = 5
    per_host: int = 2
    #: How long a place at a host stays taken after a request has ended there.
    host_gap: float = 0.2
    in_flight: int = 200
    #: Any port is allowed where private addresses are.
    allowed_ports: tuple[int, ...] = (80, 443)
    resolve: tuple[str, ...] = ()
    own_url: str | None = None
    ca_file: Path | None = None


def user_agent(version: str, contact: str, subscribers: int) -> str:
    """The User-Agent that names us, an address to complain to, and how many read along."""
    return f"feedsvc/{version} (+{contact}; {subscribers} subscriber{'' if subscribers == 1 else 's'})"
