"""Ticks on APScheduler: one looks at the sources that are due, one draws what changed, one keeps hubs delivering;
and beside them a thread that tells subscribers and hubs of what is published.

When a source is due is a column of its row, so the scheduler holds no job for it and nothing is lost with the process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feedsvc.collect import (
    BATCH,
    Collector,
    Outcome,
    collect,
    collect_deliveries,
    enrol,
    fetch_options,
    readers_for,
    realign,
    these,
)
from feedsvc.config import Settings
from feedsvc.errors import StoreError
from feedsvc.fetch import FetchOptions
from feedsvc.publish import Publisher, index, publish
from feedsvc.store import Claim
from feedsvc.websub import Desk, Subscriber, Telling, renew

log = logging.getLogger(__name__)

#: Seconds between two looks for due sources, and between two looks whether any review changed.
COLLECT_EVERY = 5.0
PUBLISH_EVERY = 0.25
#: After publishing, nothing is published for so many times the CPU time that it took: while much is collected, what has
#: changed since is drawn once.
REST = 1.0
#: Seconds between two looks for hubs that are to be asked.
RENEW_EVERY = 10.0
#: Reviews that are noted for views before what changed is drawn, at most: after an upgrade all of them are to be noted.
NOTED = 2000
#: Seconds by which the clock may wander without notice.
JUMP = 60.0
#: How long a claim lasts: longer than any look can take.
LEASE = timedelta(minutes=15)


class Schedule:
    """The running ticks, so many seconds apart. `stop` returns when what is in hand is stored and published."""

    def __init__(
        self,
        collector: Collector,
        publisher: Publisher,
        report: Callable[[Outcome], None],
        *,
        collect_every: float = COLLECT_EVERY,
    ) -> None:
        self._readers = readers_for(collector.settings)
        self._collector = replace(collector, readers=self._readers, leave=self._leave)
        self._publisher = publisher
        self._report = report
        self._collect_every = collect_every
        self._telling = Telling(*self._told(collector.settings))
        self._stopping = threading.Event()
        #: What is to hold; the collector's own are those of the collection that is under way.
        self._settings = collector.settings
        #: Whether a collection broke off, so that it may still hold claims.
        self._broke_off = False
        #: What was published last, and until when publishing rests.
        self._publishing = threading.Lock()
        self._published: object = None
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
        self._scheduler.add_job(self._renew, "interval", seconds=RENEW_EVERY, next_run_time=now)
        self._telling.start()
        self._scheduler.start()

    def reload(self, settings: Settings) -> None:
        """Go on under new settings; from any thread. Collecting turns to them when what is in hand is finished.

        Their sources are enrolled then, so that nobody looks at a source under the settings of before.
        """
        self._publisher = replace(self._publisher, settings=settings)
        self._settings = settings
        self._telling.reload(*self._told(settings))

    def stop(self) -> None:
        """Claim nothing more, store and publish what is in hand, and give back what the network owes for too long."""
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        self._readers.close()
        self._rests_until = 0.0
        self._publish()
        self._telling.stop()

    def _collect(self) -> None:
        """One tick; whatever goes wrong in it, the next one starts afresh."""
        store = self._collector.store
        try:
            if self._broke_off:
                store.release_all(store.owner)
                self._broke_off = False
            self._take_over()
            if self._clock_jumped():
                self._realign()
            self._read_deliveries()
            if claims := self._due(BATCH):
                collect(self._collector, these(claims, self._due), self._report)
        except StoreError as fault:
            self._broke_off = True
            log.error("collecting is interrupted and tried again: %s", fault)
        except Exception:
            self._broke_off = True
            log.exception("collecting met a bug of feedsvc and is tried again; please report it")

    def _read_deliveries(self) -> None:
        store, now = self._collector.store, self._collector.clock()
        while not self._stopping.is_set():
            claims = store.claim_delivered(now, limit=BATCH, lease=LEASE)
            if not claims:
                return
            collect_deliveries(self._collector, self._readers, claims, self._report)

    def _renew(self) -> None:
        """Ask the hubs whose subscriptions are wanted or run out."""
        collector = self._collector
        if not collector.settings.polling.websub:
            return
        subscriber = Subscriber(
            store=collector.store,
            site=collector.settings.site,
            options=fetch_options(collector.settings),
            clock=collector.clock,
        )
        try:
            renew(subscriber, self._stopping.is_set)
        except StoreError as fault:
            log.error("hubs are asked later: %s", fault)

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
        realign(self._collector.store, self._collector.settings, aligned[0])
        self._aligned = aligned

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
        return self._stopping.is_set() or self._settings is not self._collector.settings

    def _due(self, limit: int) -> Sequence[Claim]:
        """At most so many sources that are due; none where all of them may seem to be, after a jump of the clock."""
        if self._leave() or self._clock_jumped():
            return ()
        return self._collector.store.claim_due(self._collector.clock(), limit=limit, lease=LEASE)

    def _index(self) -> None:
        """Note what changed for views and search; feeds are published whatever becomes of it."""
        try:
            index(self._publisher, NOTED)
        except StoreError as fault:
            log.error("noting reviews for views is interrupted and tried again: %s", fault)
        except Exception:
            log.exception("noting reviews for views met a bug of feedsvc and is tried again; please report it")

    def _publish(self) -> None:
        """Publish what changed, in one thread at a time."""
        if time.monotonic() >= self._rests_until and self._publishing.acquire(blocking=False):
            try:
                self._publish_changes()
            finally:
                self._publishing.release()

    def _publish_changes(self) -> None:
        """Whether anything changed is one question to the store, so it is asked often."""
        begin, publisher = time.thread_time(), self._publisher
        self._index()
        try:
            # In a new month, what is left of the old one goes into the archives.
            today = publisher.clock().astimezone(UTC).date()
            version = publisher.settings, publisher.store.last_change(), today.replace(day=1)
            if version == self._published:
                return
            changed = publish(publisher)
        except StoreError as fault:
            log.error("publishing is interrupted and tried again: %s", fault)
            return
        self._rests_until = time.monotonic() + REST * (time.thread_time() - begin)
        if changed:
            log.info("published %d addresses", changed)
            self._telling.nudge()
        else:
            self._published = version
