"""Text that lxml will not take → Parsed, by feedparser in a process of its own that can be killed.

feedparser hangs or grows without end on hostile input, whatever its options, and Python cannot interrupt it. So it
runs in a child that serves many documents, with a clock and a limit of memory; the next gets a new child when it dies.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from feedsvc.errors import Malformed, TooLarge
from feedsvc.model import Limits, Parsed

#: Seconds after which the child ends itself, and after which we end it.
ALARM, KILL = 3, 10.0
#: How the child ends where it has no memory left even to answer, and what is said of such a document.
NO_MEMORY, TOO_MUCH_MEMORY = 12, "Reading the document took more than 1 GiB of memory."
_LENGTH = struct.Struct(">I")


class Request(msgspec.Struct, frozen=True):
    """One document for the child: UTF-8 that begins with the root element, and the address it came from."""

    body: bytes
    url: str
    limits: Limits


class Reply(msgspec.Struct, frozen=True):
    """What the child made of it; `parsed` is None where even feedparser found no feed, or no memory to read it."""

    parsed: Parsed | None = None
    reason: str = ""
    too_large: bool = False


def receive(stream: IO[bytes]) -> bytes:
    """One message: four bytes of length, most significant first, then as many bytes. Raises EOFError at the end."""
    head = stream.read(_LENGTH.size)
    body = stream.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
    if len(head) < _LENGTH.size or len(body) < _LENGTH.unpack(head)[0]:
        raise EOFError
    return body


def send(stream: IO[bytes], message: bytes) -> None:
    """Write one message as `receive` reads it."""
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def read_guarded(text: str, url: str, limits: Limits) -> Parsed:
    """Read a feed with feedparser. Raises TooLarge beyond its time or memory, Malformed when it finds nothing."""
    return _READER.read(Request(text.encode("utf-8", "replace"), url, limits))


class _GuardedReader:
    """The child, started when first needed, shared by all threads, never across a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, request: Request) -> Parsed:
        with self._lock:
            reply = self._ask(self._running(), request)
        if reply.too_large:
            raise TooLarge(reply.reason)
        if reply.parsed is None:
            raise Malformed(reply.reason)
        return reply.parsed

    def _ask(self, child: subprocess.Popen[bytes], request: Request) -> Reply:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the child has no pipes")
        late = threading.Event()
        clock = threading.Timer(KILL, self._give_up, (child, late))
        clock.start()
        try:
            send(child.stdin, msgspec.msgpack.encode(request))
            return msgspec.msgpack.decode(receive(child.stdout), type=Reply)
        except (EOFError, OSError, msgspec.DecodeError):
            return self._died(child, late.is_set())
        finally:
            clock.cancel()

    @staticmethod
    def _give_up(child: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        child.kill()

    def _died(self, child: subprocess.Popen[bytes], late: bool) -> Reply:
        self.close()
        if late or child.returncode == -signal.SIGALRM:
            return Reply(
                reason=f"Reading the document took longer than {KILL if late else ALARM:g} seconds.", too_large=True
            )
        if child.returncode == NO_MEMORY:
            return Reply(reason=TOO_MUCH_MEMORY, too_large=True)
        return Reply(reason="The document made the reader for broken feeds fail.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._owner != os.getpid() or self._child.poll() is not None:
            self.close()
            if not self._owner:
                atexit.register(self.close)
            self._owner = os.getpid()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "feedsvc.parsers.feedparser_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                # Ctrl-C in a terminal must not end it while a document is in hand.
                start_new_session=True,
            )
        return self._child

    def close(self) -> None:
        """End the child; after a fork it is the parent's, and only our ends of its pipes are closed."""
        child, self._child = self._child, None
        if child is None:
            return
        if self._owner == os.getpid():
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            # What is left in the pipe's buffer has no reader any more.
            with contextlib.suppress(OSError):
                pipe.close() if pipe else None


_READER = _GuardedReader()
