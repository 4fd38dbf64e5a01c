"""Requests in, what each came to out, as they come: hundreds of transfers in flight on the caller's own thread.

While the caller works on a result nothing is read, so that time counts towards no limit: our clock stops then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

from feedsvc.errors import SourceError
from feedsvc.fetch.exchange import Exchange, Outcome
from feedsvc.fetch.hosts import HostQueue
from feedsvc.fetch.lookup import Addresses, Lookups
from feedsvc.fetch.options import FetchOptions, Request
from feedsvc.fetch.wire import Wire
from feedsvc.model import Fetched, Unchanged

#: Requests read ahead of those in flight, as a multiple: enough that one slow host's line does not stop the others.
_AHEAD = 4
#: Limits of time are looked at so often, in seconds; oftener when one of them is as short.
_GLANCE = 0.25


def fetch_all(requests: Iterable[Request], options: FetchOptions) -> Iterator[tuple[Request, Outcome]]:
    """Fetch all, yielding each with what it came to, in the order they end; errors are yielded, never raised.

    `requests` is read as places become free. Closing the iterator early ends the transfers that are under way.
    """
    with _Round(options) as fetching:
        yield from fetching.results(iter(requests))


def fetch_one(request: Request, options: FetchOptions) -> Fetched | Unchanged:
    """Fetch one; raises SourceError when no document came."""
    ((_, outcome),) = fetch_all((request,), options)
    if isinstance(outcome, SourceError):
        raise outcome
    return outcome


class _Round:
    """Requests waiting, under way and done."""

    def __init__(self, options: FetchOptions) -> None:
        self._options = options
        self._wire = Wire(options.in_flight)
        self._queue: HostQueue[Exchange] = HostQueue(options.per_host, options.host_gap)
        self._lookups = Lookups(self._wire.nudge)
        self._looking: dict[str, list[Exchange]] = {}
        self._flying: dict[Any, Exchange] = {}
        #: Exchanges in `_looking` and `_flying` together.
        self._under_way = 0
        self._done: deque[tuple[Request, Outcome]] = deque()
        self._away = 0.0
        self._next_glance = 0.0
        self._glance = min(
            _GLANCE, options.connect_timeout / 4, options.total_timeout / 4, options.low_speed_seconds / 4
        )

    def __enter__(self) -> _Round:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for curl, exchange in self._flying.items():
            self._wire.remove(curl)
            exchange.close()
        self._flying.clear()
        self._wire.close()

    def results(self, requests: Iterator[Request]) -> Iterator[tuple[Request, Outcome]]:
        while True:
            since = time.monotonic()
            while self._done:
                yield self._done.popleft()
            self._read_ahead(requests)
            self._away += time.monotonic() - since
            self._start()
            if self._under_way or self._queue:
                self._drive()
            elif not self._done:
                return

    def _now(self) -> float:
        return time.monotonic() - self._away

    def _read_ahead(self, requests: Iterator[Request]) -> None:
        most = _AHEAD * self._options.in_flight
        while self._under_way + len(self._queue) + len(self._done) < most:
            request = next(requests, None)
            if request is None:
                return
            try:
                exchange = Exchange(request, self._options)
            except SourceError as refusal:
                self._done.append((request, refusal))
            else:
                self._queue.put(exchange.target.host, exchange)

    def _start(self) -> None:
        while self._under_way < self._options.in_flight:
            exchange = self._queue.take(self._now())
            if exchange is None:
                return
            self._under_way += 1
            self._depart(exchange)

    def _depart(self, exchange: Exchange) -> None:
        exchange.depart(self._now())
        if exchange.name is None:
            self._fly(exchange)
        elif (found := self._lookups.ask(exchange.name)) is not None:
            self._locate(exchange, found)
        else:
            self._looking.setdefault(exchange.name, []).append(exchange)

    def _locate(self, exchange: Exchange, found: Addresses) -> None:
        try:
            exchange.locate(found)
        except SourceError as fault:
            self._settle(exchange, fault)
        else:
            self._fly(exchange)

    def _fly(self, exchange: Exchange) -> None:
        curl = exchange.launch()
        self._flying[curl] = exchange
        self._wire.add(curl)

    def _drive(self) -> None:
        for curl, code, words in self._wire.drive(0.0 if self._done else self._patience()):
            self._land(curl, code, words)
        for name, found in self._lookups.ended():
            for exchange in self._looking.pop(name, ()):
                self._locate(exchange, found)
        if self._now() >= self._next_glance:
            self._next_glance = self._now() + self._glance
            self._drop_overdue()

    def _patience(self) -> float:
        """Seconds until something other than a socket wants us: a look at the limits, or a place that becomes free."""
        free = self._queue.next_free()
        if free is None or not self._queue or self._under_way >= self._options.in_flight:
            return self._glance
        return min(self._glance, max(0.0, free - self._now()))

    def _land(self, curl: Any, code: int, words: str) -> None:  # noqa: ANN401 - pycurl ships no types
        exchange = self._flying.pop(curl)
        self._wire.remove(curl)
        host = exchange.target.host
        outcome = exchange.end(self._now(), code, words)
        if outcome is not None:
            self._settle(exchange, outcome)
        elif exchange.target.host == host:
            self._depart(exchange)
        else:
            self._under_way -= 1
            self._queue.release(host, self._now())
            self._queue.put(exchange.target.host, exchange)

    def _settle(self, exchange: Exchange, outcome: Outcome) -> None:
        self._under_way -= 1
        self._queue.release(exchange.target.host, self._now())
        self._done.append((exchange.request, outcome))

    def _drop_overdue(self) -> None:
        now = self._now()
        for curl, exchange in list(self._flying.items()):
            if fault := exchange.overdue(now):
                del self._flying[curl]
                self._wire.remove(curl)
                exchange.close()
                self._settle(exchange, fault)
        for name, waiting in list(self._looking.items()):
            late = [(exchange, fault) for exchange in waiting if (fault := exchange.overdue(now))]
            for exchange, fault in late:
                waiting.remove(exchange)
                self._settle(exchange, fault)
            if not waiting:
                del self._looking[name]
