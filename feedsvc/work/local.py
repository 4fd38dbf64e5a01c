"""What is due in, looked at and stored out, by this process itself: the schedule's executor where nothing is shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from feedsvc.collect import BATCH, Collector, Outcome, collect, collect_deliveries, enrol, readers_for, these
from feedsvc.config import Settings
from feedsvc.store import Claim

log = logging.getLogger(__name__)

#: How long a claim lasts: longer than any look can take.
LEASE = timedelta(minutes=15)


class Local:
    """Collects what is due, a collection at a time. `jumped` says whether the clock was set since all was aligned."""

    def __init__(self, collector: Collector, report: Callable[[Outcome], None], jumped: Callable[[], bool]) -> None:
        self._readers = readers_for(collector.settings)
        self._collector = replace(collector, readers=self._readers, leave=self._leave)
        self._report = report
        self._jumped = jumped
        self._stopping = False
        #: What is to hold; the collector's own are those of the collection that is under way.
        self._settings = collector.settings
        #: Whether a collection broke off, so that it may still hold claims.
        self._broke_off = False

    def reload(self, settings: Settings) -> None:
        """Go on under new settings when what is in hand is finished; from any thread."""
        self._settings = settings

    def stop(self) -> None:
        """Claim nothing more; the tick that is under way gives back what the network owes for too long."""
        self._stopping = True

    def close(self) -> None:
        """End the readers, when no tick is under way any more."""
        self._readers.close()

    def prepare(self) -> None:
        """Give back what a collection that broke off may hold, and take over the settings of a reload."""
        store = self._collector.store
        if self._broke_off:
            store.release_all(store.owner)
            self._broke_off = False
        self._take_over()

    def tick(self) -> None:
        """Read what hubs delivered, then look at what is due; raises StoreError."""
        try:
            self._read_deliveries()
            if claims := self._due(BATCH):
                collect(self._collector, these(claims, self._due), self._report)
        except BaseException:
            self._broke_off = True
            raise

    def _read_deliveries(self) -> None:
        store, now = self._collector.store, self._collector.clock()
        while not self._stopping:
            claims = store.claim_delivered(now, limit=BATCH, lease=LEASE)
            if not claims:
                return
            collect_deliveries(self._collector, self._readers, claims, self._report)

    def _take_over(self) -> None:
        """The settings of a reload, from here on: other readers, since theirs are fixed when they start."""
        settings = self._settings
        if settings is self._collector.settings:
            return
        enrol(self._collector.store, settings, self._collector.clock())
        self._readers.close()
        self._readers = readers_for(settings)
        self._collector = replace(self._collector, settings=settings, readers=self._readers)

    def _leave(self) -> bool:
        """Whether a collection is to end early: the service stops, or is to go on under new settings."""
        return self._stopping or self._settings is not self._collector.settings

    def _due(self, limit: int) -> Sequence[Claim]:
        """At most so many sources that are due; none where all of them may seem to be, after a jump of the clock."""
        if self._leave() or self._jumped():
            return ()
        return self._collector.store.claim_due(self._collector.clock(), limit=limit, lease=LEASE)
