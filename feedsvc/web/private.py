"""Requests for private feeds in, answers for whoever holds a token out; nobody else learns what stands there.

A token comes in the address, /private/TOKEN/feeds/NAME.atom, or as the password of HTTP Basic at the feed's own
address. What is answered is the same for every partner, and names no token: its links lead to the feed's own addresses.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock, Timer
from typing import Any, Protocol

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import MethodNotAllowed, Unauthorized

from feedsvc.errors import StoreError
from feedsvc.model import AccessToken, Gone, Moved, Refused, Rendition, Site, TokenUse
from feedsvc.web.published import Published
from feedsvc.web.subscribers import answer, parameters

log = logging.getLogger(__name__)

BELOW = "/private/"
#: Where the rest of the service finds the token of the address: it is taken out of that before anything can log it.
TOKEN = "feedsvc.token"  # noqa: S105 - the name of a place, no secret
#: A reader's own copy; caches on the way keep none.
FRESH = "private, max-age=60"
#: Seconds in which uses are gathered before they are noted in one transaction.
NOTED_WITHIN = 10.0

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Restricted(Published, Protocol):
    """What is published, with what stands behind a token."""

    def private_feed(self, path: str) -> str | None:
        """The name of the private feed that an address belongs to; None for all others."""

    def within(
        self, name: str, path: str, query: Sequence[tuple[str, str]] = ()
    ) -> Rendition | Gone | Moved | Refused | None:
        """What stands at an address for those who may read this private feed. Raises StoreError."""


class Tokens(Protocol):
    """What is needed of the tokens that are kept; every method raises StoreError when it cannot be told now."""

    def opens(self, token: str) -> AccessToken | None:
        """What a token opens; None for what is no token, or not any more."""

    def used(self, uses: Mapping[int, TokenUse]) -> None:
        """Adds to the counts of tokens, by their numbers."""


def apart(front: Wsgi, app: Wsgi, private_feed: Callable[[str], str | None]) -> Wsgi:
    """The front for all that is public; whatever may be private goes to the application, past every cache.

    A token in an address is moved out of it: no log, page or error that names a path can tell it.
    """

    def call(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(BELOW):
            token, slash, rest = path.removeprefix(BELOW).partition("/")
            kept = {name: value for name, value in environ.items() if name not in ("REQUEST_URI", "RAW_URI")}
            return app({**kept, "PATH_INFO": slash + rest, TOKEN: token}, start)
        by_name = path.startswith("/reviews/") and "HTTP_AUTHORIZATION" in environ
        return (app if by_name or private_feed(path) else front)(environ, start)

    return call


class Uses:
    """Counts uses of tokens, and has them noted together: a request writes nothing."""

    def __init__(self, note: Callable[[Mapping[int, TokenUse]], None], within: float = NOTED_WITHIN) -> None:
        self._note = note
        self._within = within
        self._lock = Lock()
        self._uses: dict[int, TokenUse] = {}
        self._timer: Timer | None = None

    def add(self, number: int, use: TokenUse) -> None:
        """Counts; noted so many seconds after the first that is not, by a thread of its own."""
        with self._lock:
            before = self._uses.get(number, TokenUse(0, use.last))
            self._uses[number] = TokenUse(before.requests + use.requests, max(before.last, use.last))
            if self._timer is None:
                self._timer = Timer(self._within, self.note)
                self._timer.daemon = True
                self._timer.start()
                # A process that ends meanwhile notes them first.
                atexit.register(self.note)

    def note(self) -> None:
        """Notes what was counted now; what cannot be noted is kept for later."""
        with self._lock:
            uses, self._uses, self._timer = self._uses, {}, None
        atexit.unregister(self.note)
        try:
            if uses:
                self._note(uses)
        except StoreError as fault:
            log.error("how often tokens were used is noted later: %s", fault)
            for number, use in uses.items():
                self.add(number, use)


def private(site: Site, published: Restricted, tokens: Tokens, uses: Uses, clock: Callable[[], datetime]) -> Blueprint:
    """What answers requests for private feeds before any other view is asked."""
    blueprint = Blueprint("private", __name__)

    def by_address(token: str) -> Response:
        """404 for a wrong token, as where nothing stands; below a right one stands what is public too."""
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        opened = tokens.opens(token)
        if opened is None:
            abort(404)
        found = published.within(opened.feed, request.path, parameters())
        return given(opened, found or published.rendition(request.path))

    def by_password(name: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        opened = presented()
        if opened is None or opened.feed != name:
            raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": f"feed {name}"}))
        return given(opened, published.within(name, request.path, parameters()))

    def review_by_password() -> Response | None:
        """The page of a private review for its readers; anybody else is answered as if nothing had been presented."""
        opened = presented()
        found = published.within(opened.feed, request.path) if opened else None
        return given(opened, found) if opened and isinstance(found, Rendition) else None

    def presented() -> AccessToken | None:
        password = request.authorization.password if request.authorization else None
        return tokens.opens(password) if password else None

    def given(opened: AccessToken, found: Rendition | Gone | Moved | Refused | None) -> Response:
        if isinstance(found, Rendition):
            uses.add(opened.number, TokenUse(1, clock()))
        if isinstance(found, Moved):
            # Below the token where it was asked for there.
            token = request.environ.get(TOKEN)
            below = f"{BELOW}{token}" if token is not None else ""
            found = Moved(f"{below}{found.location}")
        return _closed(answer(site, published, found))

    @blueprint.before_app_request
    def admit() -> Response | None:
        if (token := request.environ.get(TOKEN)) is not None:
            return by_address(token)
        if name := published.private_feed(request.path):
            return by_password(name)
        return review_by_password() if request.path.startswith("/reviews/") else None

    @blueprint.after_app_request
    def untold(response: Response) -> Response:
        """A page at an address with a token sends it to nobody, whatever its links are."""
        if TOKEN in request.environ:
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Robots-Tag"] = "noindex, noarchive"
        return response

    return blueprint


def _closed(response: Response) -> Response:
    """For this reader alone: no shared cache, no search engine, no page of another site may have it."""
    response.headers["Cache-Control"] = FRESH
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    for name in ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"):
        response.headers.pop(name, None)
    if TOKEN not in request.environ:
        response.vary.add("Authorization")
    return response
