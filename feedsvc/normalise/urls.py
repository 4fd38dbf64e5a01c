"""An address as a source wrote it, and the address it stands in, in; an absolute address of a known scheme out."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from feedsvc.normalise.characters import clean

WEB = frozenset({"http", "https"})
#: What a link inside a text may lead to.
LINKABLE = WEB | {"mailto"}
#: Longer ones are data in disguise; browsers and databases give up earlier.
LONGEST = 4096

#: Most addresses: complete, in ASCII, without user, port or white space, so that nothing needs to be judged.
_READY = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:[/?#][!-~]*)?")
_PREFIX = re.compile(r"\Ahttps?://(?:www\.)?", re.I)
_SPACE = re.compile(r"\s")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def absolute(raw: str | None, base: str | None = None, schemes: frozenset[str] = WEB) -> str | None:
    """The address resolved against `base` (RFC 3986, 5.2), or None: empty, unresolvable, or of a scheme not allowed.

    A base that is not on the web (a dropped file's) counts as none. Without one, "//host/path" is read as https.
    """
    if raw and len(raw) <= LONGEST and _READY.fullmatch(raw) and schemes >= WEB:
        return raw
    address = _tidy(raw)
    if address is None:
        return None
    try:
        if not _SCHEME.match(address):
            address = _joined(address, web_base(base))
        return address if address and _allowed(address, schemes) else None
    except ValueError:  # urlsplit: "Invalid IPv6 URL", a port that is no number
        return None


def web_base(base: str | None) -> str | None:
    """The base itself when it is an http(s) address with a host, else None."""
    if base and len(base) <= LONGEST and _READY.fullmatch(base):
        return base
    address = _tidy(base)
    try:
        return address if address and _allowed(address, WEB) else None
    except ValueError:
        return None


def host(url: str) -> str:
    """The host of an absolute address, without "www."."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def same_place(one: str | None, other: str | None) -> bool:
    """Whether two addresses lead to one place, whatever their scheme, "www." or last slash."""
    return bool(one and other) and _place(one or "") == _place(other or "")


def _place(url: str) -> str:
    return _PREFIX.sub("", url.split("#")[0], count=1).rstrip("/").casefold()


def place_of(url: str | None) -> str | None:
    """Where an address leads, for comparing, as `same_place` does; None where there is none."""
    return _place(url) if url else None


def _tidy(raw: str | None) -> str | None:
    if not raw or len(raw) > LONGEST:
        return None
    # Browsers drop tabs and line ends inside an address, so "java\nscript:" must be judged without them.
    address = clean(raw).replace("\t", "").replace("\n", "").strip()
    return _SPACE.sub("%20", address) or None


def _joined(address: str, base: str | None) -> str | None:
    if base:
        return urljoin(base, address)
    return f"https:{address}" if address.startswith("//") else None


def _allowed(address: str, schemes: frozenset[str]) -> bool:
    parts = urlsplit(address)
    if parts.scheme not in schemes:
        return False
    if parts.scheme not in WEB:
        return bool(parts.path)
    # Reading the port raises ValueError where it is no number.
    return bool(parts.hostname) and (parts.port is None or parts.port > 0) and "\\" not in parts.netloc
