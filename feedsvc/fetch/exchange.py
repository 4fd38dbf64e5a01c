"""One request with all its redirects: libcurl handles out, the answer's bytes in, and what came of it.

The rules of asking stand here: what is sent (RFC 9110), the address guard at the socket, limits counted while reading,
redirects followed hop by hop. Times are seconds of the caller's clock, which stops while nobody drives the transfers.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any

import pycurl

from feedsvc.errors import Refused, SourceError, TooLarge, Unreachable
from feedsvc.fetch.address import NOT_AN_ADDRESS, forbidden, own_address
from feedsvc.fetch.decoding import ACCEPTED, Body, too_large
from feedsvc.fetch.faults import lookup_fault, transfer_fault
from feedsvc.fetch.headers import Head, content_length
from feedsvc.fetch.lookup import Addresses
from feedsvc.fetch.options import FetchOptions, Request
from feedsvc.fetch.redirects import PERMANENT, REDIRECTS, next_target
from feedsvc.fetch.target import Target, target_for
from feedsvc.fetch.verdict import OK, verdict
from feedsvc.model import Fetched, Unchanged

#: What one request comes to.
Outcome = Fetched | Unchanged | SourceError

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
#: Of a body that nobody wants (an error page, a redirect's) so much is read to keep the connection, in bytes.
_UNWANTED = 64 * 1024


class _Lent:
    """A descriptor for libcurl. pycurl makes a copy of it and drops this one, which must then be closed by itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)


class Exchange:
    """One request on its way; raises Refused when its address is one that we do not ask."""

    def __init__(self, request: Request, options: FetchOptions) -> None:
        self.request = request
        self.options = options
        self.target = target_for(request.url, options)
        self._validated = request.validated_url or self.target.url
        self._hops: list[Target] = []
        #: Whether all redirects so far were permanent; None while there was none.
        self._moved: bool | None = None
        self._spent = 0.0
        self._fault: SourceError | None = None
        self._curl: Any = None

    @property
    def name(self) -> str | None:
        """The name to look up before the next hop, None when its host is an address or pinned."""
        host = self.target.host
        pinned = any(entry.startswith(f"{host}:{self.target.port}:") for entry in self.options.resolve)
        return None if pinned or forbidden(host.strip("[]")) != NOT_AN_ADDRESS else host

    def depart(self, now: float) -> None:
        """Begin the next hop: its time runs from here, the look-up included."""
        self._head, self._body, self._received = Head(), Body(self.target.url, [], _UNWANTED), 0
        self._began = self._window = now
        self._window_received = 0
        self._connected = False
        self._curl = None
        self._addresses: tuple[str, ...] = ()

    def locate(self, found: Addresses) -> None:
        """Take the addresses of the name; raises Unreachable when it has none, Refused when one is forbidden."""
        if isinstance(found, OSError):
            raise lookup_fault(self.target.url, self.target.host, found.strerror or str(found))
        for ip in found:
            self._guard(ip)
        self._addresses = found

    def launch(self) -> Any:  # noqa: ANN401 - pycurl ships no types
        """A libcurl handle for the hop, ready to be driven."""
        self._curl = self._handle()
        return self._curl

    def end(self, now: float, code: int, words: str) -> Outcome | None:
        """What it came to when libcurl is done with the hop; None when there is another hop to begin."""
        self._spent += now - self._began
        self.close()
        try:
            if self._fault:
                raise self._fault
            if self._head.complete and self._redirected():
                return None
            if code and not (self._head.complete and self._head.status not in OK):
                raise transfer_fault(self.target.url, code, words)
            moved, asked = self._moved is True, self._conditional()
            return verdict(self.target.url, self._head, self._body, moved=moved, asked=asked, now=time.time())
        except SourceError as fault:
            return fault

    def close(self) -> None:
        """Give the handle back; it must no longer be driven."""
        if self._curl is not None:
            self._curl.close()

    def overdue(self, now: float) -> SourceError | None:
        """The limit of time that this exchange has passed, None when it is within all of them."""
        limits, flown = self.options, now - self._began
        if self._curl is None:
            slow = flown >= min(limits.connect_timeout, limits.total_timeout - self._spent)
            return lookup_fault(self.target.url, self.target.host, "no answer in time") if slow else None
        self._connected = self._connected or self._curl.getinfo(pycurl.PRETRANSFER_TIME) > 0
        if self._spent + flown >= limits.total_timeout:
            return self._late(f"no whole answer within {limits.total_timeout:g} seconds")
        if not self._connected:
            self._window = now
            slow = flown >= limits.connect_timeout
            return self._late(f"no connection within {limits.connect_timeout:g} seconds") if slow else None
        if now - self._window < limits.low_speed_seconds:
            return None
        got = self._received - self._window_received
        self._window, self._window_received = now, self._received
        if got >= limits.low_speed_bytes * limits.low_speed_seconds:
            return None
        return self._late(f"{got} bytes in {limits.low_speed_seconds:g} seconds is too slow")

    def _handle(self) -> Any:  # noqa: ANN401
        curl = pycurl.Curl()
        for option, value in (
            (pycurl.URL, self.target.url),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),  # Not even those of the environment: they would hide the address from the guard.
            (pycurl.NOSIGNAL, 1),
            (pycurl.USERAGENT, self.options.user_agent.encode("latin-1", "replace")),
            (pycurl.HTTPHEADER, self._headers()),
            (pycurl.HTTP_CONTENT_DECODING, 0),
            (pycurl.OPENSOCKETFUNCTION, self._open_socket),
            (pycurl.PREREQFUNCTION, self._before_sending),
            (pycurl.HEADERFUNCTION, self._take_header),
            (pycurl.WRITEFUNCTION, self._take_body),
        ):
            curl.setopt(option, value)
        pins = list(self.options.resolve)
        if self._addresses:
            pins.append(f"{self.target.host}:{self.target.port}:{','.join(self._addresses)}")
        if pins:
            curl.setopt(pycurl.RESOLVE, pins)
        if self.options.ca_file:
            curl.setopt(pycurl.CAINFO, str(self.options.ca_file))
        return curl

    def _headers(self) -> list[bytes]:
        lines = [f"Accept: {ACCEPT}".encode(), f"Accept-Encoding: {ACCEPTED}".encode()]
        return lines + (self._validators() if self.target.url == self._validated else [])

    def _validators(self) -> list[bytes]:
        """Byte for byte as they came: latin-1 is how their bytes became text."""
        pairs = (("If-None-Match", self.request.etag), ("If-Modified-Since", self.request.last_modified))
        return [f"{name}: {value}".encode("latin-1") for name, value in pairs if value and _sendable(value)]

    def _conditional(self) -> bool:
        return self.target.url == self._validated and bool(self._validators())

    def _open_socket(self, _purpose: int, address: Any) -> Any:  # noqa: ANN401
        """Decide on the very address that is about to be connected to, at every connection."""
        try:
            self._guard(str(address.addr[0]))
        except Refused as fault:
            self._fault = self._fault or fault
        if self._fault:  # One forbidden address of a name condemns them all.
            return pycurl.SOCKET_BAD
        return _Lent(socket.socket(address.family, address.socktype, address.protocol).detach())

    def _guard(self, ip: str) -> None:
        if self.options.allow_private_addresses:
            return
        rule = forbidden(ip) or ("this machine's own address" if own_address(ip) else None)
        if rule:
            raise Refused(
                f"{self.target.url}: {self.target.host} is at {ip}, {rule}; sources on private networks are not "
                "asked. Set allow_private_addresses = true under [polling] if this one is meant to be."
            )

    def _before_sending(self, *_addresses: object) -> int:
        return int(pycurl.PREREQFUNC_ABORT if self._fault else pycurl.PREREQFUNC_OK)

    def _take_header(self, line: bytes) -> int | None:
        self._received += len(line)
        self._head.add(line)
        if self._head.size > self.options.max_header:
            self._fault = TooLarge(
                f"{self.target.url}: headers are larger than {self.options.max_header} bytes. Tell the outlet."
            )
        elif self._head.complete and self._head.status in OK and not self._body.raw:
            self._fault = self._expect_body()
        return 0 if self._fault else None

    def _expect_body(self) -> SourceError | None:
        limit = self.options.max_body
        if (content_length(self._head) or 0) > limit:
            return TooLarge(f"{self.target.url}: {too_large(limit)}")
        try:
            self._body = Body(self.target.url, self._head.list("content-encoding"), limit)
        except SourceError as fault:
            return fault
        return None

    def _take_body(self, chunk: bytes) -> int | None:
        self._received += len(chunk)
        try:
            self._body.feed(chunk)
        except TooLarge as fault:
            self._fault = fault if self._head.status in OK else None
            return 0
        except SourceError as fault:
            self._fault = fault
            return 0
        return None

    def _redirected(self) -> bool:
        """Whether the answer leads on; sets the next target or raises Refused."""
        location = self._head.get("location")
        if self._head.status not in REDIRECTS or not location:
            return False
        self._hops.append(self.target)
        self._moved = self._moved is not False and self._head.status in PERMANENT
        self.target = next_target(self._hops, location, self.options)
        return True

    def _late(self, what: str) -> SourceError:
        return Unreachable(f"{self.target.url}: {what}. It is tried again later.", kind="timeout")


def _sendable(value: str) -> bool:
    """Whether a stored validator can stand in a header: bytes only, and no line of its own."""
    return not any(character in "\r\n\0" or ord(character) > 0xFF for character in value)
