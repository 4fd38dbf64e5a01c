"""An address as written in, one that may be asked for out, or `Refused`. Pure: the socket's address is judged later."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from feedsvc.errors import Refused
from feedsvc.fetch.guard import exempt
from feedsvc.fetch.options import FetchOptions

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+(%25[a-z0-9._~-]+)?\]", re.ASCII)
#: No name is longer (RFC 1035 2.3.4).
_LONGEST = 255
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]\\]+)(:[0-9]*)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_USERINFO = re.compile(r"//[^/?#]*@")
#: Nearly every address: nothing in it must be changed but the letters of its host.
_PLAIN = re.compile(r"(https?)://([A-Za-z0-9.:-]+)(/[!$-;=?-Z_a-z~%]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask: `url` is complete ASCII without a fragment; `host` is lower-case, without a last dot."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port (RFC 6454): what credentials are bound to."""
        return self.scheme, self.host, self.port


def target_for(url: str, options: FetchOptions) -> Target:
    """The target that an address names; raises Refused for schemes, ports, user names and hosts that we do not ask."""
    if plain := _PLAIN.fullmatch(url):
        scheme, authority, rest = plain.groups()
        tail = rest[:-1] if rest.endswith("?") and rest.count("?") == 1 else rest
    else:
        scheme, authority, tail = _split(url)
    try:
        host, port, netloc = _place(scheme, authority)
    except ValueError as fault:
        raise Refused(f"{redacted(url)}: {fault}. Correct the source's location.") from None
    if port not in options.allowed_ports and not exempt(options.private_allowed, host):
        allowed = ", ".join(map(str, options.allowed_ports))
        raise Refused(
            f"{redacted(url)}: port {port} is not allowed (only {allowed}). Use the outlet's public address, or add "
            "the port to [polling] allowed_ports."
        )
    found = Target(f"{scheme}://{netloc}{tail}", scheme, host, port)
    if options.own_url and (found.url + "/").startswith(options.own_url.rstrip("/") + "/"):
        raise Refused(
            f"{redacted(url)}: is this service's own address. A source must be somebody else's feed, or a file."
        )
    return found


def redacted(url: str) -> str:
    """An address fit for messages: without user name and password, without control characters, not endless."""
    return _CONTROL.sub("", _USERINFO.sub("//", url))[:500]


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, authority, and path with query, of an address that needs more than a glance."""
    shown = redacted(url)
    try:
        parts = urlsplit(url)
    except ValueError as fault:
        raise Refused(f"{shown}: is no valid address ({fault}). Correct the source's location.") from None
    if parts.scheme not in _PORTS:
        raise Refused(f"{shown}: only http and https addresses are fetched. Correct the source's location.")
    if "@" in parts.netloc:
        raise Refused(f"{shown}: holds a user name or password. Remove everything before the @.")
    path = _ascii(parts.path) or "/"
    return parts.scheme, parts.netloc, f"{path}?{_ascii(parts.query)}" if parts.query else path


@lru_cache(4096)
def _place(scheme: str, authority: str) -> tuple[str, int, str]:
    """Host, port, and both as they stand in an address; raises ValueError with the fault in words."""
    try:
        parts = urlsplit(f"//{authority}")
        number = parts.port
    except ValueError as fault:
        raise ValueError(f"is no valid address ({fault})") from None
    host = _host(parts.hostname or "").rstrip(".")
    if not _AUTHORITY.fullmatch(authority) or not host:
        raise ValueError("the host is no valid name")
    port = _PORTS[scheme] if number is None else number
    return host, port, host if port == _PORTS[scheme] else f"{host}:{port}"


def _host(name: str) -> str:
    """The host in ASCII and lower case; IDNA also turns full-width digits and dots into plain ones."""
    if len(name) > _LONGEST:
        raise ValueError("the host is no valid name")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise ValueError("the host is no valid name") from None
    host = f"[{name}]" if ":" in name else name
    if not _HOST.fullmatch(host):
        raise ValueError("the host is no valid name")
    return host


def _ascii(text: str) -> str:
    return quote(text, safe=string.punctuation)
