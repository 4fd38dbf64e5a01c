"""One request with all its redirects: hops for libcurl handles out, answers in, and what came of it.

The rules of asking stand here: what is sent (RFC 9110) and to whom, and redirects followed hop by hop. Times are
seconds of the caller's clock, which stops while nobody drives the transfers.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection, Mapping

from feedsvc.errors import HttpStatus, Refused, SourceError, Unreachable
from feedsvc.fetch.address import NOT_AN_ADDRESS, forbidden
from feedsvc.fetch.clocks import Clocks
from feedsvc.fetch.decoding import ACCEPTED
from feedsvc.fetch.faults import lookup_fault, transfer_fault
from feedsvc.fetch.guard import Guard
from feedsvc.fetch.handle import Handle
from feedsvc.fetch.headers import retry_after
from feedsvc.fetch.lookup import Addresses
from feedsvc.fetch.options import FetchOptions, Postponed, Request
from feedsvc.fetch.redirects import KEEPS_METHOD, PERMANENT, REDIRECTS, next_target
from feedsvc.fetch.target import Target, target_for
from feedsvc.fetch.verdict import DELTA, FEED, OK, SUCCESS, Asked, verdict
from feedsvc.model import Fetched, Unchanged

log = logging.getLogger(__name__)

#: What one request comes to.
Answer = Fetched | Unchanged | SourceError | Postponed

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
#: Bytes as latin-1 reads them, and no line of its own.
_SENDABLE = re.compile(r"[^\r\n\0\u0100-\U0010ffff]*")
_ALWAYS = [f"Accept: {ACCEPT}".encode(), f"Accept-Encoding: {ACCEPTED}".encode()]
_AT_CALLBACKS = [b"Accept: */*", f"Accept-Encoding: {ACCEPTED}".encode()]


class Exchange:
    """One request on its way; raises Refused when its address is one that we do not ask."""

    def __init__(self, request: Request, options: FetchOptions, guard: Guard, pins: Mapping[str, Addresses]) -> None:
        self.request = request
        self.target = target_for(request.url, options)
        self.clocks = Clocks(options.limits)
        self._options = options
        self._guard = guard
        self._pins = pins
        self._addresses: tuple[str, ...] = ()
        self._validated = request.validated_url or self.target.url
        self._credible = self._may_know_credentials()
        self._conditional = False
        self._hops: list[Target] = []
        #: Whether all redirects so far were permanent; None while there was none.
        self._moved: bool | None = None
        self._wait: float | None = None

    def depart(self, now: float) -> str | None:
        """Begin the next hop: its time runs from here. Gives the name to be looked up, None when it may be launched.

        Raises Refused when the address that the host is, or is pinned to, is forbidden.
        """
        self.clocks.depart(now)
        self._addresses = ()
        host = self.target.host
        if pinned := self._pins.get(f"{host}:{self.target.port}"):
            self.locate(pinned)
            return None
        literal = host.strip("[]")
        if forbidden(literal) == NOT_AN_ADDRESS:
            return host
        self._guard.check(self.target.url, host, literal, self.target.port)
        return None

    def locate(self, found: Addresses) -> None:
        """Take the addresses of the name; raises Unreachable when it has none, Refused when one is forbidden."""
        if isinstance(found, OSError):
            raise lookup_fault(self.target.url, self.target.host, found.strerror or str(found))
        for ip in found:
            self._guard.check(self.target.url, self.target.host, ip, self.target.port)
        self._addresses = found

    def launch(self, handle: Handle) -> None:
        """Make a handle ready for the hop."""
        handle.begin(self.target, self._headers(), self._addresses, self.request.body, self._wanted())

    @property
    def left(self) -> str:
        """The host that the last redirect came from."""
        return self._hops[-1].host

    def end(self, handle: Handle, now: float, code: int, words: str) -> Answer | None:
        """What it came to when libcurl is done with the hop; None when there is another hop to begin."""
        self.clocks.arrive(now)
        try:
            return self._outcome(handle, code, words)
        except SourceError as fault:
            return fault
        except Exception as bug:  # What one server sends must not end the transfers of all the others.
            log.exception("the answer of %s met a bug of feedsvc", self.target.url)
            return SourceError(f"{self.target.url}: a bug of feedsvc: {bug!r}. Please report it.")

    def lookup_overdue(self, now: float) -> SourceError | None:
        """The error of a look-up that takes too long."""
        late = self.clocks.lookup_late(now)
        return lookup_fault(self.target.url, self.target.host, "no answer in time") if late else None

    def overdue(self, handle: Handle, now: float) -> SourceError | None:
        """The error of a hop that has passed a limit of time."""
        late = self.clocks.late(now, handle.received, handle.connected)
        return Unreachable(f"{self.target.url}: {late}. It is tried again later.", kind="timeout") if late else None

    def _outcome(self, handle: Handle, code: int, words: str) -> Answer | None:
        head, now = handle.head, time.time()
        if handle.fault:
            raise handle.fault
        if head.status in REDIRECTS and (location := head.get("location")) and self._follows(head.status):
            self._wait = max(self._wait or 0.0, retry_after(head, now) or 0.0) or None
            self._redirect(head.status, location)
            return None
        if self.request.body is not None and head.status:
            message = f"{self.target.url}: the server answers {head.status}."
            raise HttpStatus(message, head.status, retry_after(head, now))
        if code and (not head.status or head.status in self._wanted()):
            raise transfer_fault(self.target.url, code, words, self._options.limits)
        asked = Asked(
            self.target.url,
            self._conditional,
            self._takes_deltas(),
            self._moved is True,
            self._wait,
            SUCCESS if self.request.callback else OK,
        )
        return verdict(asked, head, handle.body, now)

    def _headers(self) -> list[bytes]:
        lines = _AT_CALLBACKS if self.request.callback else _ALWAYS
        if self.request.body is not None:
            # Without Expect libcurl sends larger bodies at once, and waits for nobody's leave.
            said = [("Content-Type", self.request.media_type), *self.request.fields]
            lines = [*lines, b"Expect:", *(f"{name}: {value}".encode("latin-1") for name, value in said)]
        validators = self._validators() if self.target.url == self._validated else []
        self._conditional = bool(validators)
        if validators:
            lines = [*lines, *validators]
        if self._takes_deltas():
            lines = [*lines, f"A-IM: {FEED}".encode()]
        if self.request.authorization and self._credible:
            lines = [*lines, f"Authorization: {self.request.authorization}".encode()]
        return lines

    def _validators(self) -> list[bytes]:
        """Byte for byte as they came: latin-1 is how their bytes became text."""
        found: list[bytes] = []
        if (etag := self.request.etag) and _sendable(etag):
            found.append(b"If-None-Match: " + etag.encode("latin-1"))
        if (modified := self.request.last_modified) and _sendable(modified):
            found.append(b"If-Modified-Since: " + modified.encode("latin-1"))
        return found

    def _takes_deltas(self) -> bool:
        return self.request.knows_deltas and self._conditional

    def _wanted(self) -> Collection[int]:
        if self.request.body is not None:
            return ()
        if self.request.callback:
            return SUCCESS
        return (*OK, DELTA) if self._takes_deltas() else OK

    def _may_know_credentials(self) -> bool:
        origin, authorization = self.request.origin, self.request.authorization
        if authorization is None:
            return False
        if any(character in "\r\n\0" for character in authorization):
            raise Refused(f"{self.target.url}: the credentials hold a line break. Correct the environment variable.")
        return origin is None or target_for(origin, self._options).origin == self.target.origin

    def _follows(self, status: int) -> bool:
        """A body goes on only where the method is kept (RFC 9110 15.4); a callback is where it says it is."""
        if self.request.callback:
            return False
        return self.request.body is None or status in KEEPS_METHOD

    def _redirect(self, status: int, location: str) -> None:
        """Set the next target; raises Refused. Who has left the origin does not get the credentials again."""
        self._hops.append(self.target)
        self._moved = self._moved is not False and status in PERMANENT
        target = next_target(self._hops, location, self._options)
        if target.origin != self.target.origin:
            self._credible = False
        self.target = target


def _sendable(value: str) -> bool:
    """Whether a stored validator can stand in a header: bytes only, and no line of its own."""
    return _SENDABLE.fullmatch(value) is not None
