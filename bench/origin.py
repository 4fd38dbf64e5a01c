"""An origin for N feeds in a process of its own: each feed at its own loopback address, all on one port.

python -m bench.origin --feeds 1000

It answers what the last line on its standard input said (see `Answering`) and says on its standard output what it was
asked since the line before. It ends when its input ends. Linux alone: it listens on all of 127.0.0.0/8 at once.
"""

from __future__ import annotations

import json
import resource
import select
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from functools import lru_cache
from types import TracebackType
from typing import IO

import click

from bench import feeds
from bench.addresses import PATH, address

#: Feeds whose bytes are made before the first request and kept; of more than that, each is made when it is asked for.
KEPT = 2000
#: Large enough that a whole answer leaves in one piece.
_SEND_BUFFER = 1 << 20
_WANTED = f"get {PATH} ".encode()


@dataclass(frozen=True, slots=True)
class Answering:
    """How to answer: one feed in `every` stands at `version`, the others at 0; `validate`: 304 to a right validator."""

    version: int = 0
    every: int = 10
    validate: bool = True

    def version_of(self, number: int) -> int:
        """The version at which a feed stands."""
        return 0 if number % self.every else self.version


@dataclass(slots=True)
class Counts:
    """What was asked since the last change: requests, and how many of them were answered whole, with 304, with 404."""

    requests: int = 0
    whole: int = 0
    not_modified: int = 0
    unknown: int = 0
    #: Connections that were opened.
    connections: int = 0
    #: When the first of them came, in seconds since 1970; two that were asked alike are equal whenever that was.
    began: float | None = field(default=None, compare=False)


class Origin:
    """The process, started: `port` is where it listens, `process` its number. It is spoken to in lines of JSON."""

    def __init__(self, count: int) -> None:
        command = [sys.executable, "-m", "bench.origin", "--feeds", str(count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())
        self.process = self._process.pid

    def answer(self, answering: Answering) -> Counts:
        """Answer so from now on; what was asked until now."""
        _end(self._process.stdin).write(json.dumps(asdict(answering)) + "\n")
        _end(self._process.stdin).flush()
        return Counts(**json.loads(self._line()))

    def __enter__(self) -> Origin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self._process.stdin).close()
        self._process.wait()
        _end(self._process.stdout).close()

    def _line(self) -> str:
        line = _end(self._process.stdout).readline()
        if not line:
            raise RuntimeError("the origin ended before its time; what it said stands above")
        return line


def _end(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


# ----------------------------------------------------------------------------------------------------- in the process


class Answers:
    """Requests in, answers out, each of them counted."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._numbers = {address(number).encode(): number for number in range(count)}
        self._whole = lru_cache(maxsize=2 * KEPT if count <= KEPT else 0)(whole)
        self.counts = Counts()
        self.answering = Answering()
        self.change(self.answering)

    def change(self, answering: Answering) -> Counts:
        """Answer so from now on, with the bytes ready; what was asked until now."""
        asked, self.counts, self.answering = self.counts, Counts(), answering
        if self._count <= KEPT:
            for number in range(self._count):
                self._whole(number, answering.version_of(number))
        return asked

    def answer(self, request: bytes) -> bytes:
        """The bytes for one request."""
        self.counts.requests += 1
        if self.counts.began is None:
            self.counts.began = time.time()
        lower = request.lower()
        number = self._numbers.get(_field(lower, b"\r\nhost:").partition(b":")[0])
        if number is None or not lower.startswith(_WANTED):
            self.counts.unknown += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        version = self.answering.version_of(number)
        if self.answering.validate and _field(lower, b"\r\nif-none-match:") == etag(number, version):
            self.counts.not_modified += 1
            return b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % etag(number, version)
        self.counts.whole += 1
        return self._whole(number, version)


def etag(number: int, version: int) -> bytes:
    """The validator of a feed's version; small letters alone."""
    return b'"%x-%x"' % (number, version)


def whole(number: int, version: int) -> bytes:
    """The answer 200 with its head."""
    body = feeds.document(number, version)
    modified = format_datetime(feeds.NEWEST + timedelta(days=version), usegmt=True)
    head = (
        f"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: {feeds.media_type(number)}\r\n"
        f"ETag: {etag(number, version).decode()}\r\nLast-Modified: {modified}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _field(request: bytes, name: bytes) -> bytes:
    """The value of a header field; `request` and `name` in small letters."""
    start = request.find(name)
    if start < 0:
        return b""
    start += len(name)
    return request[start : request.find(b"\r\n", start)].strip()


class Loop:
    """One thread that accepts, answers and listens to its standard input until that ends."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._ears = socket.socket()
        self._ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # All of 127.0.0.0/8 can only be had with every other address; so nothing but the loopback device is let in.
        self._ears.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        self._ears.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._ears.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)  # Woken up by the request alone.
        self._ears.bind(("0.0.0.0", 0))
        self._ears.listen(4096)
        self._ears.setblocking(False)
        self._poll = select.epoll()
        self._poll.register(self._ears, select.EPOLLIN)
        self._poll.register(sys.stdin, select.EPOLLIN)
        self._open: dict[int, socket.socket] = {}
        self._unsent: dict[int, memoryview] = {}

    def run(self) -> None:
        """Answer until standard input ends."""
        say(str(self._ears.getsockname()[1]))
        ears, orders = self._ears.fileno(), sys.stdin.fileno()
        while True:
            for descriptor, event in self._poll.poll():
                if descriptor == ears:
                    self._accept()
                elif descriptor == orders:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    self._hang_up()
                    say(json.dumps(asdict(self._answers.change(Answering(**json.loads(line))))))
                elif descriptor not in self._open:
                    continue  # Hung up on in this very turn.
                elif event & select.EPOLLOUT:
                    self._go_on(self._open[descriptor])
                else:
                    self._hear(self._open[descriptor])

    def _accept(self) -> None:
        for _ in range(64):
            try:
                connection, _ = self._ears.accept()
            except BlockingIOError:
                return
            self._answers.counts.connections += 1
            self._open[connection.fileno()] = connection
            self._poll.register(connection, select.EPOLLIN)
            self._hear(connection)

    def _hear(self, connection: socket.socket) -> None:
        try:
            request = connection.recv(16_384, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except ConnectionError:
            request = b""
        if request.endswith(b"\r\n\r\n"):
            self._send(connection, memoryview(self._answers.answer(request)))
        else:  # Its end, or a request in pieces, which no client of ours sends.
            self._forget(connection)

    def _send(self, connection: socket.socket, data: memoryview) -> None:
        try:
            sent = connection.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except ConnectionError:
            self._forget(connection)
            return
        if sent < len(data):
            self._unsent[connection.fileno()] = data[sent:]
            self._poll.modify(connection, select.EPOLLOUT)

    def _go_on(self, connection: socket.socket) -> None:
        """Send what was left when there is room again."""
        self._poll.modify(connection, select.EPOLLIN)
        self._send(connection, self._unsent.pop(connection.fileno()))

    def _hang_up(self) -> None:
        """Close what clients kept open: between two looks at a feed lies half an hour; no connection lives so long."""
        for connection in list(self._open.values()):
            self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        self._unsent.pop(connection.fileno(), None)
        del self._open[connection.fileno()]
        connection.close()


def say(line: str) -> None:
    """One line to whoever started this process, at once."""
    print(line, flush=True)


@click.command(help="Serves generated feeds on loopback.\n\nExample: python -m bench.origin --feeds 1000")
@click.option("--feeds", "count", default=1000, show_default=True, help="How many feeds there are.")
def main(count: int) -> None:
    """Serve until standard input ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Loop(Answers(count)).run()


if __name__ == "__main__":
    main()
