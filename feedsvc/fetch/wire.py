"""libcurl handles in, finished handles out: the multi interface on epoll (pycurl's select() ends at 1,024 files)."""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import suppress
from typing import Any

import pycurl

#: A finished handle, libcurl's error number (0: none), and its words.
Finished = tuple[Any, int, str]

_EVENTS = {
    pycurl.POLL_IN: selectors.EVENT_READ,
    pycurl.POLL_OUT: selectors.EVENT_WRITE,
    pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE,
}
_READY = {
    selectors.EVENT_READ: pycurl.CSELECT_IN,
    selectors.EVENT_WRITE: pycurl.CSELECT_OUT,
    selectors.EVENT_READ | selectors.EVENT_WRITE: pycurl.CSELECT_IN | pycurl.CSELECT_OUT,
}


class Wire:
    """All transfers that are under way, driven by whoever calls `drive`."""

    def __init__(self, connections: int) -> None:
        self._multi = pycurl.CurlMulti()
        self._selector = selectors.DefaultSelector()
        self._watched: set[int] = set()
        self._wake: float | None = None
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._mouth.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)

    def add(self, curl: Any) -> None:  # noqa: ANN401 - pycurl ships no types
        """Start a transfer."""
        self._multi.add_handle(curl)

    def remove(self, curl: Any) -> None:  # noqa: ANN401
        """Forget a transfer, finished or not."""
        self._multi.remove_handle(curl)

    def drive(self, patience: float) -> list[Finished]:
        """Move all transfers on, waiting at most `patience` seconds for something to do; the ones that ended."""
        if self._wake is not None:
            patience = min(patience, max(0.0, self._wake - time.monotonic()))
        ear, act = self._ear.fileno(), self._multi.socket_action
        for key, mask in self._selector.select(patience):
            if key.fd == ear:
                with suppress(BlockingIOError):
                    self._ear.recv(4096)
            elif key.fd in self._watched:
                act(key.fd, _READY[mask])
        if self._wake is not None and self._wake <= time.monotonic():
            self._wake = None
            act(pycurl.SOCKET_TIMEOUT, 0)
        return self._finished()

    def nudge(self) -> None:
        """End the waiting of `drive`, from any thread, at any time."""
        with suppress(OSError):  # Full: it will wake up anyway. Closed: nobody waits any more.
            self._mouth.send(b"!")

    def close(self) -> None:
        """Give back the connections and the selector."""
        self._multi.close()
        self._selector.close()
        self._ear.close()
        self._mouth.close()

    def _finished(self) -> list[Finished]:
        found: list[Finished] = []
        queued = 1
        while queued:
            queued, whole, broken = self._multi.info_read()
            found += [(curl, 0, "") for curl in whole]
            found += [(curl, code, words) for curl, code, words in broken]
        return found

    def _watch(self, event: int, descriptor: int, _multi: object, _data: object) -> None:
        wanted = _EVENTS.get(event)
        if descriptor in self._watched:
            if wanted:
                self._selector.modify(descriptor, wanted)
            else:
                self._watched.discard(descriptor)
                self._selector.unregister(descriptor)
        elif wanted:
            self._watched.add(descriptor)
            self._selector.register(descriptor, wanted)

    def _set_timer(self, milliseconds: int) -> None:
        self._wake = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000
