"""Requests that looks want sent in, at once, later, or once for several of them; when and for whom each is sent, out.

Safe to use from any thread. Moments are in seconds of a clock that only goes forward.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count
from threading import Lock

from feedsvc.collect.steps import Ask
from feedsvc.collect.visit import Visit
from feedsvc.fetch import Request


class Errands:
    """What looks at sources that lead to pages want asked; `submit` sends a request."""

    def __init__(self, submit: Callable[[Request], None]) -> None:
        self._submit = submit
        self._lock = Lock()
        self._numbers = count()
        self._later: list[tuple[float, int, Visit, Request]] = []
        #: By address, who waits for the answer to a request that another look has sent.
        self._shared: dict[str, list[Visit]] = {}

    def __len__(self) -> int:
        """How many requests wait for their time."""
        return len(self._later)

    def ask(self, visit: Visit, step: Ask) -> None:
        """Send a request when its time has come, unless another look's answer will do."""
        with self._lock:
            if step.shared:
                if step.request.url in self._shared:
                    self._shared[step.request.url].append(visit)
                    return
                self._shared[step.request.url] = []
            if step.after > 0:
                due = time.monotonic() + step.after
                heapq.heappush(self._later, (due, next(self._numbers), visit, step.request))
                return
        self._submit(step.request)

    def answered(self, request: Request) -> list[Visit]:
        """The other looks that the answer to a request is for."""
        with self._lock:
            return self._shared.pop(request.url, [])

    def send_due(self) -> None:
        """Send what has waited long enough."""
        now = time.monotonic()
        with self._lock:
            due = []
            while self._later and self._later[0][0] <= now:
                due.append(heapq.heappop(self._later)[3])
        for request in due:
            self._submit(request)

    def recall(self) -> list[Visit]:
        """Give up what waits for its time, since the service is about to stop: the looks that it was for."""
        with self._lock:
            visits = [visit for _, _, visit, _ in self._later]
            self._later.clear()
            return visits

    def patience(self, most: float) -> float:
        """Seconds until the next one is due, at most so many."""
        with self._lock:
            return min(most, max(0.0, self._later[0][0] - time.monotonic())) if self._later else most
