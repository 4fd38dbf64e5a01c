"""One libcurl handle, used for one hop after another: a target and headers in, the answer's lines and body out.

Everything that stays the same is set once. Limits are counted while reading; the address guard sits where the socket
is opened.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence
from typing import Any

import pycurl

from feedsvc.errors import Refused, SourceError, TooLarge
from feedsvc.fetch.decoding import Body, too_large
from feedsvc.fetch.faults import headers_fault
from feedsvc.fetch.guard import Guard
from feedsvc.fetch.headers import Head, content_length, head_of
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.room import Room
from feedsvc.fetch.target import Target

#: Of a body that nobody wants (an error page, a redirect's) so much is read to keep the connection, in bytes.
_UNWANTED = 64 * 1024
#: libcurl reads so much at once, in bytes; the buffer is shared by all transfers.
_BUFFER = 128 * 1024


class _Lent:
    """A descriptor for libcurl. pycurl makes a copy of it and drops this one, which must then be closed by itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)


class Handle:
    """A handle and what it is receiving. `curl` is for the wire; `begin` gives it a hop, `clear` takes it away."""

    def __init__(self, options: FetchOptions, guard: Guard, room: Room[Handle]) -> None:
        self._limits = options.limits
        self._guard = guard
        self._room = room
        self.curl: Any = pycurl.Curl()
        for option, value in (
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),  # Not even those of the environment: they would hide the address from the guard.
            (pycurl.NOSIGNAL, 1),
            (pycurl.BUFFERSIZE, _BUFFER),
            (pycurl.MAXFILESIZE_LARGE, options.limits.max_body),
            (pycurl.USERAGENT, options.user_agent.encode("latin-1", "replace")),
            (pycurl.HTTP_CONTENT_DECODING, 0),
            (pycurl.OPENSOCKETFUNCTION, self._open_socket),
            (pycurl.PREREQFUNCTION, self._before_sending),
            (pycurl.HEADERFUNCTION, self._take_header),
            (pycurl.WRITEFUNCTION, self._take_body),
        ):
            self.curl.setopt(option, value)
        if options.ca_file:
            self.curl.setopt(pycurl.CAINFO, str(options.ca_file))
        self._posts = False
        self.clear()

    def begin(
        self,
        target: Target,
        headers: Sequence[bytes],
        addresses: Sequence[str],
        posted: bytes | None,
        wanted: Collection[int],
    ) -> None:
        """Make ready for one hop. Bodies of answers with a status in `wanted` are kept, of others only looked past."""
        self._target = target
        self._wanted = wanted
        self.curl.setopt(pycurl.URL, target.url)
        self.curl.setopt(pycurl.HTTPHEADER, headers)
        if addresses:  # "+": libcurl may forget them after a minute.
            self.curl.setopt(pycurl.RESOLVE, [f"+{target.host}:{target.port}:{','.join(addresses)}"])
        if posted is not None:
            self._posts = True
            self.curl.setopt(pycurl.POSTFIELDS, posted)
        elif self._posts:
            self._posts = False
            self.curl.setopt(pycurl.HTTPGET, 1)

    def clear(self) -> None:
        """Forget the hop and give back the room that its body took."""
        self._room.leave(self)
        self.fault: SourceError | None = None
        self.received = 0
        self.connected = False
        #: Whether reading stands still for want of room.
        self.paused = False
        self._size = 0
        self._unwanted = 0
        self._lines: list[bytes] = []
        self._head: Head | None = None
        self._body: Body | None = None

    def close(self) -> None:
        """Give the handle back for good."""
        self._room.leave(self)
        self.curl.close()

    @property
    def head(self) -> Head:
        """The answer's head as far as it came; status 0 until it is whole."""
        return self._head or head_of(self._lines)

    def body(self) -> Body:
        """The answer's body; raises SourceError where its head forbids to read it."""
        return self._body or self._expect()

    def resume(self) -> None:
        """Read on: there is room now."""
        self.paused = False
        self.curl.pause(pycurl.PAUSE_CONT)

    def _open_socket(self, _purpose: int, address: Any) -> Any:  # noqa: ANN401 - pycurl ships no types
        """Decide on the very address that is about to be connected to, at every connection."""
        try:
            self._guard.check(self._target.url, self._target.host, str(address.addr[0]), address.addr[1])
        except Refused as fault:
            self.fault = self.fault or fault
        if self.fault:  # One forbidden address of a name condemns them all.
            return pycurl.SOCKET_BAD
        return _Lent(socket.socket(address.family, address.socktype, address.protocol).detach())

    def _before_sending(self, *_addresses: object) -> int:
        self.connected = True
        return int(pycurl.PREREQFUNC_ABORT if self.fault else pycurl.PREREQFUNC_OK)

    def _take_header(self, line: bytes) -> int | None:
        size = len(line)
        self.received += size
        self._size += size
        if self._size > self._limits.max_headers:
            self.fault = headers_fault(self._target.url, self._limits)
            return 0
        self._lines.append(line)
        return None

    def _take_body(self, chunk: bytes) -> int | None:
        try:
            if self._head is None:
                self._head = head_of(self._lines)
            if self._head.status not in self._wanted:
                self._unwanted += len(chunk)
                return 0 if self._unwanted > _UNWANTED else None
            body = self._body or self._expect()
            if not self._room.admit(self, len(chunk)):
                self.paused = True
                return int(pycurl.WRITEFUNC_PAUSE)
            if self._room.placed(self):
                body.expand()
            self.received += len(chunk)
            body.feed(chunk)
        except SourceError as fault:
            self.fault = fault
            return 0
        return None

    def _expect(self) -> Body:
        limit, head = self._limits.max_body, self.head
        if (content_length(head) or 0) > limit:
            raise TooLarge(f"{self._target.url}: {too_large(limit)}")
        self._body = Body(self._target.url, head.list("content-encoding"), limit)
        return self._body
