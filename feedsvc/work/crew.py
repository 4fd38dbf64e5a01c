"""The settings in, a Celery worker with so many processes out: each takes chunks in its Hand until it is told to stop.

The processes share two bytes with the one that they are forked from: whether all are leaving, and a number that changes
with each reading of the configuration. Signals would reach some of them in the middle of a database's answer.
"""

from __future__ import annotations

import logging
import mmap
import signal
import warnings
from collections.abc import Callable
from datetime import datetime

from celery import signals
from celery.platforms import SecurityWarning

from feedsvc.collect import Outcome
from feedsvc.config import Settings
from feedsvc.errors import StoreError
from feedsvc.store import Chunk, Store
from feedsvc.work.broker import LOOK, READ, celery_for
from feedsvc.work.hand import Edge, Hand

log = logging.getLogger(__name__)

#: What the shared bytes say.
LEAVING, READING = 0, 1


class Crew:
    """A worker: the process that talks to the broker, and those that collect.

    `reread` gives the settings that a configuration says now, or None where it has faults. `owner` names a process.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        processes: int,
        clock: Callable[[], datetime],
        report: Callable[[Outcome], None],
        reread: Callable[[Settings], Settings | None],
        owner: Callable[[], str],
    ) -> None:
        self._settings = settings
        self._processes = processes
        self._clock, self._report, self._reread, self._owner = clock, report, reread, owner
        self._shared = mmap.mmap(-1, 2)
        #: Of a process that collects: what it works with, and the reading of the configuration that it knows.
        self._hand: Hand | None = None
        self._store: Store | None = None
        self._known = 0

    def run(self) -> int:
        """Work until SIGTERM or SIGINT, then store what is in hand; the exit code."""
        app = celery_for(self._settings.scale.broker or "")

        @app.task(name=LOOK)  # type: ignore[untyped-decorator]
        def look(token: str, rows: list[int]) -> None:
            self._do(Hand.look, Chunk(token=token, rows=tuple(rows)))

        @app.task(name=READ)  # type: ignore[untyped-decorator]
        def read(token: str, rows: list[int]) -> None:
            self._do(Hand.read, Chunk(token=token, rows=tuple(rows), asks=False))

        signals.setup_logging.connect(_leave_logging, weak=False)
        signals.worker_process_init.connect(self._begin, weak=False)
        signals.worker_process_shutdown.connect(self._finish, weak=False)
        signals.worker_shutting_down.connect(self._leave, weak=False)
        signals.worker_ready.connect(self._ready, weak=False)
        # It warns of root because messages could hold programs; these hold numbers.
        warnings.simplefilter("ignore", SecurityWarning)
        worker = app.Worker(
            concurrency=self._processes,
            pool="prefork",
            optimization="fair",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        return int(worker.exitcode or 0)

    # -------------------------------------------------------------------------- in the process that talks to the broker

    def _ready(self, **_: object) -> None:
        signal.signal(signal.SIGHUP, lambda *_: self._reload())
        log.info("working with %d process%s", self._processes, "" if self._processes == 1 else "es")

    def _reload(self) -> None:
        """The configuration is read again; processes turn to it when what they have in hand is finished."""
        found = self._reread(self._settings)
        if found is not None:
            self._settings = found
            self._shared[READING] = (self._shared[READING] + 1) % 256

    def _leave(self, **_: object) -> None:
        self._shared[LEAVING] = 1

    # ------------------------------------------------------------------------------------- in a process that collects

    def _begin(self, **_: object) -> None:
        # Whoever stops a service may signal all its processes at once; these end when the first one says so.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._known = self._shared[READING]
        logging.getLogger("feedsvc.cli.reloading").setLevel(logging.CRITICAL)

    def _do(self, act: Callable[[Hand, Chunk], None], chunk: Chunk) -> None:
        """One message. What cannot be done now is done when its lease has ended: nothing is raised or repeated."""
        try:
            act(self._opened(), chunk)
        except StoreError as fault:
            log.error("a chunk of work is left for later: %s", fault)

    def _opened(self) -> Hand:
        """What this process works with, made for its first chunk."""
        if self._hand is None:
            self._store = Store.open(self._settings.database_url, create=False, owner=self._owner())
            edge = Edge(clock=self._clock, report=self._report, leaving=self._is_leaving, renewed=self._renewed)
            self._hand = Hand(self._store, self._settings, edge)
        return self._hand

    def _is_leaving(self) -> bool:
        return bool(self._shared[LEAVING])

    def _renewed(self, held: Settings) -> Settings:
        if self._shared[READING] == self._known:
            return self._settings
        self._known = self._shared[READING]
        self._settings = self._reread(held) or held
        return self._settings

    def _finish(self, **_: object) -> None:
        self._leave()
        if self._hand is not None:
            self._hand.finish()
        if self._store is not None:
            self._store.close()


def _leave_logging(**_: object) -> None:
    """Celery leaves logging alone when somebody else says that they see to it."""
