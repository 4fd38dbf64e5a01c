"""An address as written in, one that may be asked for out, or `Refused`. Pure: the socket's address is judged later."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from feedsvc.errors import Refused
from feedsvc.fetch.options import FetchOptions

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+(%25[a-z0-9._~-]+)?\]", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_USERINFO = re.compile(r"//[^/?#]*@")


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask: `url` is complete ASCII without a fragment; `host` is lower-case, without a last dot."""

    url: str
    scheme: str
    host: str
    port: int


def target_for(url: str, options: FetchOptions) -> Target:
    """The target that an address names; raises Refused for schemes, ports, user names and hosts that we do not ask."""
    shown = redacted(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise Refused(f"{shown}: is no valid address ({fault}). Correct the source's location.") from None
    if parts.scheme not in _PORTS:
        raise Refused(f"{shown}: only http and https addresses are fetched. Correct the source's location.")
    if "@" in parts.netloc:
        raise Refused(f"{shown}: holds a user name or password. Remove everything before the @.")
    host = _host(parts, shown).rstrip(".")
    number = _PORTS[parts.scheme] if port is None else port
    if not options.allow_private_addresses and number not in options.allowed_ports:
        allowed = ", ".join(map(str, options.allowed_ports))
        raise Refused(f"{shown}: port {number} is not allowed (only {allowed}). Use the outlet's public address.")
    netloc = host if number == _PORTS[parts.scheme] else f"{host}:{number}"
    path = _ascii(parts.path) or "/"
    query = f"?{_ascii(parts.query)}" if parts.query else ""
    found = Target(f"{parts.scheme}://{netloc}{path}{query}", parts.scheme, host, number)
    if options.own_url and (found.url + "/").startswith(options.own_url.rstrip("/") + "/"):
        raise Refused(f"{shown}: is this service's own address. A source must be somebody else's feed, or a file.")
    return found


def redacted(url: str) -> str:
    """An address fit for messages: without user name and password, without control characters, not endless."""
    return _CONTROL.sub("", _USERINFO.sub("//", url))[:500]


def _host(parts: SplitResult, shown: str) -> str:
    """The host in ASCII and lower case; IDNA also turns full-width digits and dots into plain ones."""
    name = parts.hostname or ""
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise Refused(f"{shown}: the host is no valid name. Correct the source's location.") from None
    host = f"[{name}]" if ":" in name else name
    if not _HOST.fullmatch(host) or "\\" in parts.netloc:
        raise Refused(f"{shown}: the host is no valid name. Correct the source's location.")
    return host


def _ascii(text: str) -> str:
    return quote(text, safe=string.punctuation)
