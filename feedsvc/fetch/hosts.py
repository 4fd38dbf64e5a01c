"""Waiting work in, the next piece that may start out: so many at once to a host, and a gap after each. Pure.

`now` is in seconds of any clock that only goes forward.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class HostQueue(Generic[T]):
    """Work in line for hosts. Whoever takes a piece holds a place at its host until `release`, and the gap after it."""

    def __init__(self, at_once: int, gap: float) -> None:
        self._at_once = at_once
        self._gap = gap
        self._taken: dict[str, int] = {}
        self._lines: dict[str, deque[T]] = {}
        self._ready: deque[T] = deque()
        self._cooling: list[tuple[float, str]] = []
        self._waiting = 0

    def __len__(self) -> int:
        """How many pieces have not been taken."""
        return self._waiting

    def put(self, host: str, work: T) -> None:
        """Add a piece of work for a host."""
        self._waiting += 1
        if self._taken.get(host, 0) < self._at_once:
            self._taken[host] = self._taken.get(host, 0) + 1
            self._ready.append(work)
        else:
            self._lines.setdefault(host, deque()).append(work)

    def take(self, now: float) -> T | None:
        """The next piece that may start, None when there is none yet."""
        while self._cooling and self._cooling[0][0] <= now:
            self._pass_on(heapq.heappop(self._cooling)[1])
        if not self._ready:
            return None
        self._waiting -= 1
        return self._ready.popleft()

    def release(self, host: str, now: float) -> None:
        """Give back a place that `take` gave; it is free again after the gap."""
        heapq.heappush(self._cooling, (now + self._gap, host))

    def give_back(self, host: str) -> None:
        """Give back a place that was not used: nobody was asked, so it is free at once."""
        self._pass_on(host)

    def next_free(self) -> float | None:
        """When the next place becomes free, None when none is cooling."""
        return self._cooling[0][0] if self._cooling else None

    def _pass_on(self, host: str) -> None:
        line = self._lines.get(host)
        if line:
            self._ready.append(line.popleft())
        else:
            self._lines.pop(host, None)
            self._taken[host] -= 1
            if not self._taken[host]:
                del self._taken[host]
