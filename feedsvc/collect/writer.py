"""Looks in, one after the other from any thread; in the database, many in one transaction, and reported, out."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread

from feedsvc.errors import StoreError
from feedsvc.store import Look, Recorded, Store

log = logging.getLogger(__name__)

#: Looks in one transaction: one wait for the disk for all of them.
BATCH = 64
#: Looks that wait to be written; who brings more waits.
WAITING = 128
#: Seconds in which a look waits for others under way: in a transaction of its own, new reviews cost half as much again.
GATHER = 0.25


@dataclass(frozen=True, slots=True)
class Written:
    """A look, and whom to tell what became of it: None when it could not be written."""

    look: Look
    tell: Callable[[Recorded | None], None]


class Writer:
    """The one thread that writes what was collected. `fault` is why it cannot any more; then everything is refused.

    `under_way` says how many looks are not told yet; once all of them are here, none waits for another.
    """

    def __init__(self, store: Store, under_way: Callable[[], int]) -> None:
        self.fault: StoreError | None = None
        self._store = store
        self._under_way = under_way
        self._unheard = False
        self._waiting: deque[Written] = deque()
        self._closing = False
        self._changed = Condition()
        self._thread = Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def put(self, written: Written) -> None:
        """Hand over a look; waits while too many are waiting."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < WAITING)
            self._waiting.append(written)
            if len(self._waiting) == 1 or self._is_enough():
                self._changed.notify_all()

    def close(self) -> None:
        """Return when everything that was handed over is written and told."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._batch():
            self._write(batch)

    def _batch(self) -> list[Written]:
        """At least one look, and those that come soon; none when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._changed.wait_for(self._is_enough, GATHER)
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._changed.notify_all()
            return batch

    def _is_enough(self) -> bool:
        return self._closing or len(self._waiting) >= min(BATCH, self._under_way())

    def _write(self, batch: Sequence[Written]) -> None:
        results: Sequence[Recorded | None] = [None] * len(batch)
        if self.fault is None:
            try:
                results = self._store.record([one.look for one in batch])
            except StoreError as fault:
                self.fault = fault
            except Exception:
                results = self._one_by_one(batch)
        for one, result in zip(batch, results, strict=True):
            # Whoever listens may be gone (a closed terminal); what was collected is kept all the same.
            try:
                one.tell(result)
            except OSError as error:
                if not self._unheard:
                    log.error("what becomes of the sources cannot be told any more: %s", error.strerror)
                self._unheard = True
            except Exception:
                log.exception("what became of source %s could not be told", one.look.claim.name)

    def _one_by_one(self, batch: Sequence[Written]) -> list[Recorded | None]:
        """When a batch fails by a mistake of ours, the look that it comes from must not take the others with it."""
        results: list[Recorded | None] = []
        for one in batch:
            try:
                results += self._store.record([one.look])
            except StoreError as fault:
                self.fault = fault
                results.append(None)
            except Exception:
                log.exception(
                    "what was read of source %s met a bug of feedsvc while it was stored", one.look.claim.name
                )
                results.append(None)
        return results
