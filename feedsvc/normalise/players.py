"""HTML with players in it in, the same with a link to what each plays before it out.

A player runs what is not ours, so it never goes out; but whose film or song stood there must not be lost with it.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlsplit

#: Players of one text that are looked at; whoever puts in more has put in something else.
_MOST = 50
_PLAYER = re.compile(r"<(?=[aeiovAEIOV])(?i:audio|embed|iframe|object|video)(?=[\s/>])([^<>]{0,4000})>")
#: What a player without an address of its own holds.
_INNER = re.compile(r"<(?i:embed|source)(?=[\s/])([^<>]{1,4000})>|</(?i:audio|object|video)\b")
_ATTRIBUTE = re.compile(r"""(?i:\b(data|height|src|style|title|width))\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_TINY = frozenset({"0", "1", "0px", "1px"})
#: So far behind its beginning is looked for what a player holds.
_NEAR = 4000


def with_links(html: str) -> str:
    """The HTML, before each player a link to what it plays, by its title or else by where that is.

    None to what is hidden or too small to be seen: that counts readers. The very same value where there is no player.
    """
    return _PLAYER.sub(_linked, html, count=_MOST) if _PLAYER.search(html) else html


def _linked(player: re.Match[str]) -> str:
    said = _attributes(player[1])
    address = _address(said) or _address_inside(player)
    if address is None or _is_unseen(said):
        return player[0]
    words = " ".join(said.get("title", "").split()) or urlsplit(address).netloc
    return f' <a href="{escape(address)}">{escape(words[:200])}</a> {player[0]}'


def _attributes(tag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag):
        found.setdefault(name.lower(), unescape(next(filter(None, values), "")).strip())
    return found


def _address(said: dict[str, str]) -> str | None:
    """An address that is complete but perhaps for its scheme: what a player loads is elsewhere."""
    address = said.get("src") or said.get("data") or ""
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def _address_inside(player: re.Match[str]) -> str | None:
    for inner in _INNER.finditer(player.string, player.end(), player.end() + _NEAR):
        if inner[1] is None:
            return None
        if address := _address(_attributes(inner[1])):
            return address
    return None


def _is_unseen(said: dict[str, str]) -> bool:
    return bool({said.get("width"), said.get("height")} & _TINY) or _HIDDEN.search(said.get("style", "")) is not None
