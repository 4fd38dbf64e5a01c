"""The settings in; whether work can be shared as they say, and a schedule that is kept running beside a worker, out."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Event, Thread

from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.store import Store

log = logging.getLogger(__name__)

#: Seconds until a schedule that died is started again.
PAUSE = 1.0


def ensure_shared(settings: Settings) -> None:
    """Raises FeedsvcError where there is no broker, no client for one, or no database that this version made."""
    if settings.scale.broker is None:
        raise FeedsvcError(
            f"{settings.path} names no broker, so one process does all: start `feedsvc run`. To share the work, set "
            "[scale] broker, or FEEDSVC_BROKER_URL."
        )
    if find_spec("celery") is None:
        raise FeedsvcError("[scale] broker is set, for which Celery is missing. Install feedsvc[scale].")
    with Store.open(settings.database_url, create=False) as store:
        if not store.schema_current():
            raise FeedsvcError("the database is of an older version, or empty: run `feedsvc migrate`")


class KeptSchedule:
    """`feedsvc schedule` as a process of its own, started again whenever it dies."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._owner = os.getpid()
        self._ending = Event()
        self._process: SpawnProcess | None = None
        self._thread = Thread(target=self._keep, name="schedule", daemon=True)
        self._thread.start()

    def reload(self) -> None:
        """Have it read its configuration again; nothing happens in a process that was forked off."""
        if self._owner == os.getpid() and self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGHUP)

    def end(self) -> None:
        """End it, and return when it has ended."""
        self._ending.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._process = get_context("spawn").Process(target=_schedule, args=(self._config,), name="schedule")
            self._process.start()
            if self._ending.is_set():
                self._process.terminate()
            self._process.join()
            if not self._ending.wait(PAUSE):
                log.error("the schedule ended (%s) and is started again", self._process.exitcode)


def _schedule(config: Path) -> None:
    """In a process of its own, which alone loads what publishes."""
    from feedsvc.cli.schedule import run

    run(config)


@contextmanager
def kept_schedule(settings: Settings, *, wanted: bool) -> Iterator[KeptSchedule | None]:
    """A schedule beside a worker, where one is wanted."""
    kept = KeptSchedule(settings.path) if wanted else None
    try:
        yield kept
    finally:
        if kept is not None:
            kept.end()
