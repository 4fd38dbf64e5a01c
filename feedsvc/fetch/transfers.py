"""Requests in from any thread, what each came to out, as they end: hundreds of transfers in flight on one thread.

While the driving thread does something else nothing is read, so that time counts towards no limit: our clock stops.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType, TracebackType

from feedsvc.errors import HttpStatus, SourceError
from feedsvc.fetch.domains import Closings
from feedsvc.fetch.exchange import Answer, Exchange
from feedsvc.fetch.flights import Flights
from feedsvc.fetch.guard import Guard
from feedsvc.fetch.hosts import HostQueue
from feedsvc.fetch.lookup import Addresses, Lookups, pinned
from feedsvc.fetch.options import FetchOptions, Postponed, Request
from feedsvc.model import Fetched

#: Limits of time are looked at so often, in seconds; oftener when one of them is as short.
_GLANCE = 0.25
#: The bodies that one `drive` gives out are about so many bytes together at most; the others come with the next.
_BATCH = 16 * 1024 * 1024
#: Statuses with which a server asks to be left alone for as long as Retry-After says (RFC 6585 4, RFC 9110 15.6.4).
_LIMITING = (429, 503)


class Transfers:
    """Requests waiting, under way and done. One thread drives and closes, any thread submits and nudges.

    `closed` are limits from before, as the property `closed` gave them: name → seconds since 1970.
    """

    def __init__(self, options: FetchOptions, closed: Mapping[str, float] = MappingProxyType({})) -> None:
        self._options = options
        self._guard = Guard(options)
        self._pins = pinned(options.resolve)
        self._closings = Closings(closed)
        self._flights = Flights(options, self._guard)
        self._lookups = Lookups(self._flights.nudge, options.resolver)
        self._inbox: deque[Request] = deque()
        self._queue: HostQueue[Exchange] = HostQueue(options.per_host, options.host_gap)
        self._looking: dict[str, list[Exchange]] = {}
        self._done: list[tuple[Request, Answer]] = []
        self._done_bytes = 0
        #: Taken from the inbox and not yet given out; started and not yet done.
        self._inside = self._under_way = 0
        self._waiting = self._nudged = False
        self._left = time.monotonic()
        self._away = self._next_glance = 0.0
        limits = options.limits
        self._glance = min(_GLANCE, min(limits.connect_timeout, limits.total_timeout, limits.slow_seconds) / 4)

    def __enter__(self) -> Transfers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """How many requests were submitted whose answers `drive` has not given out."""
        return self._inside + len(self._inbox)

    @property
    def closed(self) -> dict[str, float]:
        """Limits that hold now: registered domain, or host where it speaks for itself alone → seconds since 1970."""
        return self._closings.all(time.time())

    def leave_alone(self, closed: Mapping[str, float]) -> None:
        """Keep to limits that others were told; as the constructor's. For the thread that drives."""
        self._closings.learn(closed)

    def submit(self, request: Request) -> None:
        """Take a request, from any thread; it starts as soon as there is a free place for it."""
        self._inbox.append(request)
        if self._waiting:
            self._waiting = False
            self._flights.nudge()

    def nudge(self) -> None:
        """Make `drive` return, from any thread: the one that waits, else the next."""
        self._nudged = True
        self._flights.nudge()

    def drive(self, patience: float) -> list[tuple[Request, Answer]]:
        """Move everything on and give out what has ended; waits at most `patience` seconds for the first answer."""
        now = time.monotonic()
        self._away += now - self._left
        deadline = now + patience
        while True:
            self._admit()
            self._start()
            self._turn(deadline)
            if self._done or self._nudged or time.monotonic() >= deadline:
                break
        self._nudged = False
        done, self._done, self._done_bytes = self._done, [], 0
        self._inside -= len(done)
        self._left = time.monotonic()
        return done

    def close(self) -> None:
        """End everything that is under way, without an answer; nothing may be called after."""
        self._flights.close()

    def _now(self) -> float:
        return time.monotonic() - self._away

    def _admit(self) -> None:
        while self._inbox:
            self._inside += 1
            request = self._inbox.popleft()
            try:
                exchange = Exchange(request, self._options, self._guard, self._pins)
            except SourceError as refusal:
                self._done.append((request, refusal))
            else:
                self._queue.put(exchange.target.host, exchange)

    def _start(self) -> None:
        now = time.monotonic()
        while self._under_way < self._options.in_flight:
            exchange = self._queue.take(now)
            if exchange is None:
                return
            self._under_way += 1
            self._depart(exchange)

    def _depart(self, exchange: Exchange) -> None:
        """Begin a hop, unless the domain is closed: what waited in line when it closed is not sent either."""
        host = exchange.target.host
        if until := self._closings.until(host, time.time()):
            self._queue.give_back(host)
            self._settle(exchange, Postponed(until))
            return
        try:
            name = exchange.depart(self._now())
            if name is None:
                self._flights.launch(exchange)
                return
            found = self._lookups.ask(name)
            if found is None:
                self._looking.setdefault(name, []).append(exchange)
                return
            exchange.locate(found)
        except SourceError as fault:
            self._finish(exchange, fault)
        else:
            self._flights.launch(exchange)

    def _turn(self, deadline: float) -> None:
        """One wait for the wire, and everything that it and the look-ups brought."""
        self._waiting = True
        idle = not self._done and not self._inbox and not self._nudged
        self._flights.drive(self._patience(deadline) if idle else 0.0)
        self._waiting = False
        for name, found in self._lookups.ended():
            for exchange in self._looking.pop(name, ()):
                self._located(exchange, found)
        while self._done_bytes < _BATCH and (landed := self._flights.land(self._now())):
            self._land(*landed)
        if self._now() >= self._next_glance:
            self._next_glance = self._now() + self._glance
            self._drop_overdue()

    def _patience(self, deadline: float) -> float:
        """Seconds until something other than a socket wants us: a look at the limits, or a place that becomes free."""
        now = time.monotonic()
        wait = deadline - now
        if self._under_way:
            wait = min(wait, self._glance)
        free = self._queue.next_free()
        if free is not None and self._queue and self._under_way < self._options.in_flight:
            wait = min(wait, free - now)
        return max(0.0, wait)

    def _located(self, exchange: Exchange, found: Addresses) -> None:
        try:
            exchange.locate(found)
        except SourceError as fault:
            self._finish(exchange, fault)
        else:
            self._flights.launch(exchange)

    def _land(self, exchange: Exchange, answer: Answer | None) -> None:
        if answer is not None:
            self._finish(exchange, answer)
            return
        left = exchange.left
        if exchange.target.host == left:
            self._depart(exchange)
        else:
            self._under_way -= 1
            self._queue.release(left, time.monotonic())
            self._queue.put(exchange.target.host, exchange)

    def _finish(self, exchange: Exchange, answer: Answer) -> None:
        """The place at the host is given back, and what the answer says of its domain is remembered."""
        host, now = exchange.target.host, time.time()
        self._queue.release(host, time.monotonic())
        if isinstance(answer, HttpStatus):
            if answer.status in _LIMITING and answer.retry_after:
                self._closings.limit(host, now + answer.retry_after)
        elif not isinstance(answer, SourceError):
            self._closings.answered(host, now)
        self._settle(exchange, answer)

    def _settle(self, exchange: Exchange, answer: Answer) -> None:
        self._under_way -= 1
        self._done.append((exchange.request, answer))
        if isinstance(answer, Fetched):
            self._done_bytes += len(answer.body)

    def _drop_overdue(self) -> None:
        now = self._now()
        late = self._flights.drop_overdue(now)
        for name, waiting in list(self._looking.items()):
            slow = [(exchange, fault) for exchange in waiting if (fault := exchange.lookup_overdue(now))]
            for exchange, _ in slow:
                waiting.remove(exchange)
            late += slow
            if not waiting:
                del self._looking[name]
        for exchange, fault in late:
            self._finish(exchange, fault)
