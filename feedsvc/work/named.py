"""Names of sources that an operator wants looked at now in; claims of them, with their hosts, out, as they become free.

They wait for nobody but the host: what is in line at the broker is taken out of the line, and looked at here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from feedsvc.collect import Collector, Shared, fetch_options
from feedsvc.store import Claim
from feedsvc.work.holding import Holding

#: Seconds until a host that is busy is asked for again.
GLANCE = 0.2


@contextmanager
def named(collector: Collector, names: Sequence[str]) -> Iterator[tuple[Collector, Callable[[int], Sequence[Claim]]]]:
    """What `collect` is to be given for these names, where others collect from the same database."""
    settings = collector.settings
    gap = fetch_options(settings).host_gap
    holding = Holding(collector.store, collector.clock, lease=settings.scale.lease, gap=gap)
    try:
        shared = Shared(ended=holding.ended, forsaken=holding.lost, again=GLANCE)
        yield replace(collector, shared=shared), _Named(collector, holding, names)
    finally:
        holding.end_all()
        holding.close()


class _Named:
    """The next ones of some names whose hosts are free."""

    def __init__(self, collector: Collector, holding: Holding, names: Sequence[str]) -> None:
        self._collector, self._holding = collector, holding
        self._lease = timedelta(seconds=collector.settings.scale.lease)
        self._waiting = deque(names)

    def __call__(self, limit: int) -> Sequence[Claim]:
        """At most so many; none while all that are left wait for a host, as long as others are under way."""
        while self._waiting and not self._collector.leave():
            portion = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
            since = time.monotonic()
            claims, busy = self._collector.store.chunks.claim_named(portion, self._collector.clock(), lease=self._lease)
            self._waiting.extend(busy)
            self._holding.add(claims, since)
            if claims:
                return claims
            if busy and len(self._holding):
                return ()
            if busy:
                time.sleep(GLANCE)
        return ()
