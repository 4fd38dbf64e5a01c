"""What a caller says of one request, all limits and manners, and a put-off, as frozen values. No rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from feedsvc.fetch.lookup import Addresses, look_up
from feedsvc.model import Limits

#: The largest document that is read, compressed or expanded, from the web or from a folder, in bytes.
MAX_BODY = Limits().max_body
#: What is posted unless something else is said.
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Request:
    """One look at one source. `name` is the source's name; the validators are sent byte for byte.

    `validated_url` is the address that the validators came from (`Fetched.url`); they go to that address alone, even
    when it is reached by a redirect. None means `url` itself. `authorization` goes only to the scheme, host and port of
    `origin`, the source's configured address (None: `url`). `knows_deltas`: the server has shown that it can answer
    with new entries alone (RFC 3229). A `body` is posted, as `media_type`, a form unless said otherwise, with `fields`
    (names and values of headers) beside the usual ones. A `callback` is a subscriber's address (W3C WebSub 5.3, 7): any
    2xx is its answer, and no redirect is followed.
    """

    name: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None
    authorization: str | None = field(default=None, repr=False)
    origin: str | None = None
    knows_deltas: bool = False
    body: bytes | None = field(default=None, repr=False)
    media_type: str = FORM
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    callback: bool = False


@dataclass(frozen=True, slots=True)
class Postponed:
    """Nothing was sent: the domain has asked to be left alone `until` then, in seconds since 1970."""

    until: float


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Limits and manners of all requests; times in seconds, sizes in bytes.

    `private_allowed` lifts the address guard: for everything, or for the host names, addresses and networks that it
    lists ("partner.internal", "10.2.0.0/16", "::1"). `resolve` pins names to addresses ("name:port:address,address", as
    curl's --resolve), `resolver` looks up all others. `own_url` is where this service is published and `own_bind`
    ("127.0.0.1:8000") where it listens: it never fetches from itself. `ca_file` replaces the machine's certificate
    authorities.
    """

    user_agent: str
    private_allowed: bool | tuple[str, ...] = False
    limits: Limits = field(default_factory=Limits)
    max_redirects: int = 5
    per_host: int = 2
    #: How long a place at a host stays taken after a request has ended there.
    host_gap: float = 0.2
    in_flight: int = 200
    #: Any port is allowed at a host that `private_allowed` names.
    allowed_ports: tuple[int, ...] = (80, 443)
    resolve: tuple[str, ...] = ()
    resolver: Callable[[str], Addresses] = look_up
    own_url: str | None = None
    own_bind: str | None = None
    ca_file: Path | None = None


def user_agent(version: str, contact: str, subscribers: int) -> str:
    """The User-Agent that names us, an address to complain to, and how many read along."""
    return f"feedsvc/{version} (+{contact}; {subscribers} subscriber{'' if subscribers == 1 else 's'})"
