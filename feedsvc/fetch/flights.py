"""Exchanges that are ready to be asked in, what their hops came to out: libcurl's handles, its wire, room for bodies.

`now` is in seconds of the caller's clock, which stops while nobody drives.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any

import pycurl

from feedsvc.errors import SourceError
from feedsvc.fetch.exchange import Answer, Exchange
from feedsvc.fetch.guard import Guard
from feedsvc.fetch.handle import Handle
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.room import Room
from feedsvc.fetch.wire import Wire


class Flights:
    """Everything that has a libcurl handle: in the air, and landed but not yet looked at."""

    def __init__(self, options: FetchOptions, guard: Guard) -> None:
        self._options = options
        self._guard = guard
        self._wire = Wire(options.in_flight)
        self._room: Room[Handle] = Room(options.limits.max_body)
        self._flying: dict[Any, tuple[Exchange, Handle]] = {}
        self._landed: deque[tuple[Exchange, Handle, int, str]] = deque()
        self._idle: list[Handle] = []

    def launch(self, exchange: Exchange) -> None:
        """Send an exchange's next hop."""
        handle = self._idle.pop() if self._idle else Handle(self._options, self._guard, self._room)
        exchange.launch(handle)
        self._flying[handle.curl] = exchange, handle
        self._wire.add(handle.curl)

    def drive(self, patience: float) -> None:
        """Move everything on, waiting at most `patience` seconds for something to do."""
        for curl, code, words in self._wire.drive(0.0 if self._landed else patience):
            self._wire.remove(curl)
            self._landed.append((*self._flying.pop(curl), code, words))

    def land(self, now: float) -> tuple[Exchange, Answer | None] | None:
        """The next exchange whose hop has ended, with its answer, or None when it has another hop to begin."""
        if not self._landed:
            return None
        exchange, handle, code, words = self._landed.popleft()
        answer = exchange.end(handle, now, code, words)
        self._take_back(handle, now)
        return exchange, answer

    def drop_overdue(self, now: float) -> list[tuple[Exchange, SourceError]]:
        """Exchanges that have passed a limit of time, dropped; the clocks of those that wait for room stand still."""
        late: list[tuple[Exchange, Handle, SourceError]] = []
        for exchange, handle in self._flying.values():
            if handle.paused:
                exchange.clocks.pause(now)
            elif fault := exchange.overdue(handle, now):
                late.append((exchange, handle, fault))
        for _, handle, _ in late:
            del self._flying[handle.curl]
            self._wire.remove(handle.curl)
            self._take_back(handle, now)
        return [(exchange, fault) for exchange, _, fault in late]

    def nudge(self) -> None:
        """End the waiting of `drive`, from any thread."""
        self._wire.nudge()

    def close(self) -> None:
        """End everything that is under way, and give all handles and connections back."""
        flying = [handle for _, handle in self._flying.values()]
        for handle in flying:
            self._wire.remove(handle.curl)
        for handle in [*flying, *(handle for _, handle, _, _ in self._landed), *self._idle]:
            handle.close()
        self._flying.clear()
        self._landed.clear()
        self._idle.clear()
        self._wire.close()

    def _take_back(self, handle: Handle, now: float) -> None:
        """Keep a handle for the next hop, and let those read on that waited for the room its body took."""
        handle.clear()
        self._idle.append(handle)
        while (waiting := self._room.freed()) is not None:
            if waiting.curl in self._flying:
                self._flying[waiting.curl][0].clocks.resume(now)
                with suppress(pycurl.error):  # Whatever goes wrong while reading on is what it lands with.
                    waiting.resume()
