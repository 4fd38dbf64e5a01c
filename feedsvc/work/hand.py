"""Chunks in, their sources looked at and stored out: what one process of a worker does, without a queue's help.

Looks run on a thread of their own, hundreds at a time, whichever chunks they come from: a host that hangs holds up its
own sources alone. Whoever brings a chunk waits only while there is no room.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Thread

from feedsvc.collect import Collector, Outcome, Shared, collect, collect_deliveries, fetch_options, readers_for
from feedsvc.config import Settings
from feedsvc.errors import StoreError
from feedsvc.store import Chunk, Claim, Store
from feedsvc.trying import Trying
from feedsvc.work.holding import Holding

log = logging.getLogger(__name__)

#: Sources that one process holds at most: as many as the collection under way takes without asking for room.
IN_HAND = 200
#: Seconds between two looks for room, and for what came meanwhile.
GLANCE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a hand is given from outside: a clock, whom to tell, and what is wanted of it.

    `leaving`: nothing more is to be begun. `renewed` gives the settings to go on under, the same as before or others.
    """

    clock: Callable[[], datetime]
    report: Callable[[Outcome], None]
    leaving: Callable[[], bool]
    renewed: Callable[[Settings], Settings]


class Hand:
    """One process's part of the work, from its first chunk to `finish`."""

    def __init__(self, store: Store, settings: Settings, edge: Edge) -> None:
        self._store, self._settings, self._edge = store, settings, edge
        options = fetch_options(settings)
        self._lease = timedelta(seconds=settings.scale.lease)
        self._holding = Holding(store, edge.clock, lease=settings.scale.lease, gap=options.host_gap)
        self._shared = Shared(ended=self._ended, forsaken=self._holding.lost, again=GLANCE)
        self._readers = readers_for(settings, processes=1)
        self._inbox: deque[Claim] = deque()
        #: What the collection under way has been given and not ended, by row.
        self._begun: dict[int, Claim] = {}
        self._changed = Condition()
        self._finishing = False
        self._try_collecting = Trying(log, "collecting")
        self._thread = Thread(target=self._work, name="collector", daemon=True)
        self._thread.start()

    def look(self, chunk: Chunk) -> None:
        """Take a chunk's sources in hand; returns when they are taken, not when they are looked at."""
        while not self._leaving() and not self._holding.wait_below(IN_HAND, GLANCE):
            pass
        claims = self._take(chunk)
        with self._changed:
            self._inbox.extend(claims)
            self._changed.notify_all()

    def read(self, chunk: Chunk) -> None:
        """Read what hubs delivered for a chunk's sources, and return when it is stored."""
        claims = self._take(chunk)
        try:
            collect_deliveries(self._collector(), self._readers, claims, self._edge.report)
        except StoreError as fault:
            log.error("what hubs delivered is read later: %s", fault)
        finally:
            for claim in claims:
                self._holding.ended(claim)

    def finish(self) -> None:
        """Store what is in hand, give back what is not, and end; the caller has said that it is leaving."""
        with self._changed:
            self._finishing = True
            self._changed.notify_all()
        self._thread.join()
        self._release()
        self._holding.close()
        self._readers.close()

    def _leaving(self) -> bool:
        return self._finishing or self._edge.leaving()

    def _take(self, chunk: Chunk) -> Sequence[Claim]:
        since = time.monotonic()
        try:
            if self._leaving():
                self._store.chunks.give_back(chunk)
                return ()
            now = self._edge.clock()
            claims = self._store.chunks.take(chunk, now, lease=self._lease, configured=self._settings.source)
        except StoreError as fault:
            log.error("a chunk of work is left for later: %s", fault)
            return ()
        self._holding.add(claims, since)
        return claims

    def _work(self) -> None:
        while not self._leaving():
            self._take_over()
            with self._changed:
                if not self._changed.wait_for(lambda: self._inbox or self._finishing, GLANCE):
                    continue
            self._collect()

    def _collect(self) -> None:
        """One collection, for as long as there is more; whatever goes wrong in it, the next one starts afresh."""
        if not self._try_collecting(lambda: collect(self._collector(), self._given, self._edge.report)):
            time.sleep(GLANCE)
        for claim in list(self._begun.values()):
            self._ended(claim)

    def _ended(self, claim: Claim) -> None:
        self._begun.pop(claim.row, None)
        self._holding.ended(claim)

    def _collector(self) -> Collector:
        return Collector(
            store=self._store,
            settings=self._settings,
            clock=self._edge.clock,
            readers=self._readers,
            leave=self._leave,
            shared=self._shared,
        )

    def _leave(self) -> bool:
        """Whether the collection under way is to end early."""
        return self._leaving() or self._edge.renewed(self._settings) is not self._settings

    def _given(self, limit: int) -> Sequence[Claim]:
        with self._changed:
            given = [self._inbox.popleft() for _ in range(min(limit, len(self._inbox)))]
        self._begun |= {claim.row: claim for claim in given}
        return given

    def _take_over(self) -> None:
        """Other settings from here on, where there are any: other readers, since theirs are fixed when they start."""
        settings = self._edge.renewed(self._settings)
        if settings is self._settings:
            return
        self._release()
        before, self._readers = self._readers, readers_for(settings, processes=1)
        self._settings = settings
        before.close()

    def _release(self) -> None:
        """Give back what nobody has begun with."""
        with self._changed:
            unused = list(self._inbox)
            self._inbox.clear()
        try:
            if unused:
                self._store.release(unused)
        except StoreError as fault:
            log.error("sources are collected when their lease ends: %s", fault)
        for claim in unused:
            self._holding.ended(claim)
