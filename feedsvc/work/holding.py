"""Claims in, kept until they are ended: one thread renews their leases and gives their hosts back.

A process that cannot renew for too long must take its claims for lost: others may have them by then. `lost` says so
well before the lease ends, by a clock that nobody sets.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Condition, Thread

from feedsvc.errors import StoreError
from feedsvc.store import Claim, Store

log = logging.getLogger(__name__)

#: Leases are renewed when a sixth of them is over; without renewal they count as lost after three fifths.
RENEWED_AFTER, LOST_AFTER = 1 / 6, 3 / 5
#: Seconds in which hosts that are given back gather.
GATHER = 0.2


class Holding:
    """The claims that this process holds now. Safe to use from any thread. `lease` and `gap` in seconds."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, lease: float, gap: float) -> None:
        self._store, self._clock = store, clock
        self._lease, self._gap = lease, gap
        self._changed = Condition()
        self._claims: dict[int, Claim] = {}
        self._hosts: Counter[tuple[str, str]] = Counter()
        self._left: set[tuple[str, str]] = set()
        #: When all that is held now was claimed, or last renewed, at the latest.
        self._confirmed = time.monotonic()
        self._closing = False
        self._thread = Thread(target=self._work, name="leases", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._claims)

    def add(self, claims: Iterable[Claim], since: float) -> None:
        """Hold claims that were taken not before `since`, by the monotonic clock."""
        with self._changed:
            if not self._claims:
                self._confirmed = since
            for claim in claims:
                self._claims[claim.row] = claim
                if claim.host is not None:
                    self._hosts[claim.token, claim.host] += 1
            self._changed.notify_all()

    def ended(self, claim: Claim) -> None:
        """Nothing is done with a claim any more; its host is given back with the last one that it was taken for."""
        with self._changed:
            held = self._claims.get(claim.row)
            if held is None or held.token != claim.token:
                return
            del self._claims[claim.row]
            if claim.host is not None:
                key = claim.token, claim.host
                self._hosts[key] -= 1
                if not self._hosts[key]:
                    del self._hosts[key]
                    self._left.add(key)
            self._changed.notify_all()

    def end_all(self) -> None:
        """End every claim."""
        for claim in list(self._claims.values()):
            self.ended(claim)

    def wait_below(self, most: int, seconds: float) -> bool:
        """Whether fewer than so many claims are held, at the latest after so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._claims) < most, seconds)

    def lost(self) -> bool:
        """Whether what is held may soon be somebody else's."""
        return bool(self._claims) and time.monotonic() - self._confirmed > self._lease * LOST_AFTER

    def close(self) -> None:
        """Give back what was left, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing or self._left:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._left, self._lease * RENEWED_AFTER / 2)
                if not self._closing:
                    self._changed.wait_for(lambda: self._closing, GATHER)
                left, self._left = self._left, set()
            try:
                if left:
                    self._store.chunks.leave(left, self._clock() + timedelta(seconds=self._gap))
                if self._claims and time.monotonic() - self._confirmed > self._lease * RENEWED_AFTER:
                    self._renew()
            except StoreError as fault:
                # Hosts that cannot be given back are free when their lease ends.
                log.error("leases cannot be renewed now: %s", fault)
                if not self._closing:
                    with self._changed:
                        self._changed.wait_for(lambda: self._closing, GATHER * 5)

    def _renew(self) -> None:
        begun = time.monotonic()
        with self._changed:
            claims = list(self._claims.values())
        held = self._store.chunks.renew(claims, self._clock() + timedelta(seconds=self._lease))
        self._confirmed = begun
        for claim in claims:
            if claim.row not in held:
                self.ended(claim)
