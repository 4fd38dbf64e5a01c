"""Ticks on APScheduler: one has the sources looked at that are due, one draws what changed, one keeps hubs delivering;
and beside them a thread that tells subscribers and hubs of what is published.

When a source is due is a column of its row, so the scheduler holds no job for it and nothing is lost with the process.
Of many schedules on one database, all may hand out what is due; the rest is done by the one that is elected.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.collect import Collector, Outcome, fetch_options, realign
from feedsvc.config import Settings
from feedsvc.fetch import FetchOptions
from feedsvc.publish import Publisher, index, publish
from feedsvc.store import Election
from feedsvc.trying import Trying
from feedsvc.websub import Desk, Subscriber, Telling, renew
from feedsvc.work import PUBLISHING
from feedsvc.work.local import Local

log = logging.getLogger(__name__)

#: Seconds between two looks for due sources, and between two looks whether any review changed.
COLLECT_EVERY = 5.0
PUBLISH_EVERY = 0.25
#: After publishing, nothing is published for so many times the CPU time that it took: while much is collected, what has
#: changed since is drawn once.
REST = 1.0
#: Seconds between two looks for hubs that are to be asked.
RENEW_EVERY = 10.0
#: Seconds between two looks for rows that serve nothing any more.
PRUNE_EVERY = 600.0
#: Reviews that are noted for views before what changed is drawn, at most: after an upgrade all of them are to be noted.
NOTED = 2000
#: Seconds by which the clock may wander without notice.
JUMP = 60.0


class Executor(Protocol):
    """Who has what is due done: this process, or many by way of a broker."""

    def prepare(self) -> None:
        """What comes before a tick; raises StoreError."""

    def tick(self) -> None:
        """Have done what is due; raises StoreError."""

    def reload(self, settings: Settings) -> None:
        """Go on under new settings."""

    def stop(self) -> None:
        """Begin nothing more."""

    def close(self) -> None:
        """End, when no tick is under way."""


class Schedule:
    """The running ticks, so many seconds apart. `stop` returns when what is in hand is stored and published."""

    def __init__(
        self,
        collector: Collector,
        publisher: Publisher,
        report: Callable[[Outcome], None],
        *,
        collect_every: float = COLLECT_EVERY,
        executor: Executor | None = None,
    ) -> None:
        self._collector = collector
        self._executor = executor or Local(collector, report, self._clock_jumped)
        self._publisher = publisher
        self._collect_every = collect_every
        self._election: Election = collector.store.election(PUBLISHING)
        self._settings = collector.settings
        self._aligned = collector.clock(), time.monotonic()
        #: Whether we were elected once: whoever is, looks first what became due while nobody looked.
        self._realigned = False
        self._telling = Telling(*self._told(collector.settings), elected=self._elected)
        self._stopping = threading.Event()
        self._try_collecting = Trying(log, "collecting")
        self._try_noting = Trying(log, "noting reviews for views")
        self._try_publishing = Trying(log, "publishing")
        self._try_renewing = Trying(log, "asking hubs")
        self._try_pruning = Trying(log, "removing what serves nothing any more")
        #: What was published last, and until when publishing rests.
        self._publishing = threading.Lock()
        self._published: object = None
        self._stands_by = False
        self._rests_until = 0.0
        # Late, doubled or missed ticks are one tick: APScheduler's defaults would drop them without a word.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin: the first look for due sources is now."""
        now = datetime.now(UTC)
        self._realign()
        self._scheduler.add_job(self._collect, "interval", seconds=self._collect_every, next_run_time=now)
        # A tick that meets the one before ends at once; APScheduler would warn of each that it leaves out.
        self._scheduler.add_job(self._publish, "interval", seconds=PUBLISH_EVERY, next_run_time=now, max_instances=2)
        # Not at once: a hub verifies by asking our web server, which is only just starting.
        self._scheduler.add_job(self._renew, "interval", seconds=RENEW_EVERY)
        self._scheduler.add_job(self._prune, "interval", seconds=PRUNE_EVERY)
        self._telling.start()
        self._scheduler.start()

    def reload(self, settings: Settings) -> None:
        """Go on under new settings; from any thread. Collecting turns to them when what is in hand is finished.

        Their sources are enrolled then, so that nobody looks at a source under the settings of before.
        """
        self._publisher = replace(self._publisher, settings=settings)
        self._settings = settings
        self._executor.reload(settings)
        self._telling.reload(*self._told(settings))

    def stop(self) -> None:
        """Claim nothing more, store and publish what is in hand, and give back what the network owes for too long."""
        self._stopping.set()
        self._executor.stop()
        self._scheduler.shutdown(wait=True)
        self._executor.close()
        self._rests_until = 0.0
        self._publish()
        self._telling.stop()
        self._election.resign()

    def _elected(self) -> bool:
        """Whether what only one of many schedules does is ours to do; raises StoreError."""
        return self._election.held()

    def _collect(self) -> None:
        """One tick; whatever goes wrong in it, the next one starts afresh."""
        self._try_collecting(self._tick)

    def _tick(self) -> None:
        self._executor.prepare()
        if not self._realigned or self._clock_jumped():
            self._realign()
        self._executor.tick()

    def _renew(self) -> None:
        """Ask the hubs whose subscriptions are wanted or run out."""
        collector, settings = self._collector, self._settings
        if not settings.polling.websub:
            return
        subscriber = Subscriber(
            store=collector.store, site=settings.site, options=fetch_options(settings), clock=collector.clock
        )
        self._try_renewing(lambda: self._elected() and renew(subscriber, self._stopping.is_set))

    def _prune(self) -> None:
        """Remove what serves nothing any more, a few rows in each transaction."""
        store = self._collector.store

        def prune() -> None:
            while not self._stopping.is_set() and self._elected() and store.prune(self._collector.clock()):
                pass

        self._try_pruning(prune)

    def _told(self, settings: Settings) -> tuple[Desk, FetchOptions]:
        """What telling subscribers and hubs needs; callbacks are strangers' addresses, so it knows where we listen."""
        desk = Desk(store=self._collector.store, settings=settings, clock=self._collector.clock)
        return desk, replace(fetch_options(settings), own_bind=f"{settings.host}:{settings.port}")

    def _clock_jumped(self) -> bool:
        """Whether the clock was set, or the machine slept, since the last alignment."""
        wall, steady = self._aligned
        return abs((self._collector.clock() - wall).total_seconds() - (time.monotonic() - steady)) > JUMP

    def _realign(self) -> None:
        aligned = self._collector.clock(), time.monotonic()
        if self._elected():
            realign(self._collector.store, self._settings, aligned[0])
            self._realigned = True
        self._aligned = aligned

    def _publish(self) -> None:
        """Publish what changed, in one thread at a time."""
        if time.monotonic() >= self._rests_until and self._publishing.acquire(blocking=False):
            try:
                self._try_publishing(self._publish_changes)
            finally:
                self._publishing.release()

    def _publish_changes(self) -> None:
        """Whether anything changed is one question to the store, so it is asked often."""
        begin, publisher = time.thread_time(), self._publisher
        if not self._elected():
            if not self._stands_by:
                log.info("standing by: another process publishes from this database")
            # What others publish meanwhile is not known here.
            self._published, self._stands_by = None, True
            return
        if self._stands_by:
            log.info("elected: the process that published from this database is gone")
            self._stands_by = False
        # Feeds are published whatever becomes of what views and search are to find.
        self._try_noting(lambda: index(publisher, NOTED))
        # In a new month, what is left of the old one goes into the archives.
        today = publisher.clock().astimezone(UTC).date()
        # Whoever was elected before may still put what it drew earlier; that is seen by the serial, and drawn anew.
        serial = publisher.store.renditions.serial()
        version = publisher.settings, publisher.store.last_change(), serial, today.replace(day=1)
        if version == self._published:
            return
        changed = publish(publisher)
        self._rests_until = time.monotonic() + REST * (time.thread_time() - begin)
        if changed:
            log.info("published %d addresses", changed)
            self._telling.nudge()
        else:
            self._published = version
