"""A WSGI request in; the answer out of memory where it is an ordinary one for what is known there, else Flask's.

Whatever is answered here, Flask would answer alike, byte for byte: both ask `conditional`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from feedsvc.model import Site
from feedsvc.web.memory import Memory
from feedsvc.web.security import is_one_host, is_own_host

#: Headers that ask for something else than the whole, or for nothing.
UNUSUAL = ("HTTP_RANGE", "HTTP_A_IM", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")
#: So many Host headers that are ours are remembered: our name and our addresses, with ports.
HOSTS = 64

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Front:
    """The application that a server calls: what is known is answered in microseconds."""

    def __init__(self, site: Site, memory: Memory, behind: Application) -> None:
        self._site = site
        self._known = memory.known
        self._behind = behind
        self._hosts: set[str] = set()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """GET and HEAD of what is known, from memory; all else from the application behind."""
        known = self._known.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if (
            known is None
            or (method != "GET" and method != "HEAD")
            or environ.get("QUERY_STRING")
            or (environ.get("HTTP_HOST") not in self._hosts and not self._is_ours(environ))
        ):
            return self._behind(environ, start)
        for header in UNUSUAL:
            if header in environ:
                return self._behind(environ, start)
        known.asked = True
        status, headers, body = known.reply(environ)
        start(status, headers)
        return [body] if method == "GET" else []

    def _is_ours(self, environ: dict[str, Any]) -> bool:
        host = environ.get("HTTP_HOST", "")
        if not (is_one_host(host) and is_own_host(self._site, host)):
            return False
        if len(self._hosts) < HOSTS:
            self._hosts.add(host)
        return True
