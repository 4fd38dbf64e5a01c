"""Two ticks on APScheduler: one looks at the sources that are due, one draws the feeds whose reviews changed.

When a source is due is a column of its row, so the scheduler holds no job for it and nothing is lost with the process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.collect import Collector, Outcome, collect
from feedsvc.publish import Publisher, publish
from feedsvc.store import Claim

log = logging.getLogger(__name__)

#: Seconds between two looks for due sources, and between two looks for changed reviews.
COLLECT_EVERY = 5
PUBLISH_EVERY = 2
#: Sources claimed at once, and how long a claim lasts: longer than any batch of them can take.
BATCH = 200
LEASE = timedelta(minutes=15)


class Schedule:
    """The running ticks. `stop` returns when what is in hand is finished, stored and published."""

    def __init__(self, collector: Collector, publisher: Publisher, report: Callable[[Outcome], None]) -> None:
        self._collector = collector
        self._publisher = publisher
        self._report = report
        self._stopping = threading.Event()
        # Late, doubled or missed ticks are one tick: APScheduler's defaults would drop them without a word.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin: the first look for due sources is now."""
        now = datetime.now(UTC)
        self._scheduler.add_job(self._collect, "interval", seconds=COLLECT_EVERY, next_run_time=now)
        self._scheduler.add_job(self._publish, "interval", seconds=PUBLISH_EVERY, next_run_time=now)
        self._scheduler.start()

    def stop(self) -> None:
        """Claim nothing more, wait for what is in hand, publish it."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        publish(self._publisher)

    def _collect(self) -> None:
        collect(self._collector, self._due(), self._report)

    def _due(self) -> Iterator[Claim]:
        """Claims, batch after batch, until nothing is due or the service stops; what is left is claimed next time."""
        while not self._stopping.is_set():
            claims = self._collector.store.claim_due(self._collector.clock(), limit=BATCH, lease=LEASE)
            if not claims:
                return
            for claim in claims:
                if self._stopping.is_set():
                    self._collector.store.release(claim)
                else:
                    yield claim

    def _publish(self) -> None:
        changed = publish(self._publisher)
        if changed:
            log.info("published %d addresses", changed)
