"""Workers, broker, database and schedules of a shared service end at random moments, while two schedules are at work.

No source is asked twice at the same time, as the origin saw it; none stays with a dead process for longer than its
lease; and in the end every item that was ever offered is stored once. Each run prints its counts.

FEEDSVC_FAULTS="50/20/20/20" says how often workers, broker, database and schedules are to end (`make faults`).
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.fleet import ITEMS, LEASE, Fleet
from tests.service import wait_until

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql

SOURCES, GROWS = 60, 6
WORKERS, BROKERS, DATABASES, SCHEDULES = map(int, os.environ.get("FEEDSVC_FAULTS", "3/2/2/2").split("/"))
#: Seconds between two faults, at most.
MOST = 2.0
OFTEN = 'interval = "2s"\nmin_interval = "2s"\nmax_interval = "4s"'


class Trial:
    """A fleet of two workers and two schedules, and the ways in which it is harmed."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.fleet = fleet
        self.random = random.Random(seed)
        self.workers = [self._worker(), self._worker()]
        self.schedules = [fleet.start("schedule"), fleet.start("schedule")]

    def _worker(self) -> subprocess.Popen[bytes]:
        return self.fleet.start("worker", "--processes", "1", "--no-schedule")

    def worker(self) -> None:
        """One worker ends, with all its processes or but the first of them, and another begins."""
        place = self.random.randrange(2)
        if self.random.random() < 0.5:
            self.fleet.kill(self.workers[place])
        else:
            self.workers[place].kill()
            self.workers[place].wait()
        self.workers[place] = self._worker()

    def schedule(self) -> None:
        """One schedule ends, and another begins."""
        place = self.random.randrange(2)
        self.fleet.kill(self.schedules[place])
        self.schedules[place] = self.fleet.start("schedule")

    def broker(self) -> None:
        """The broker ends with all that waits there, and comes back after a while."""
        self.fleet.broker.kill()
        self.pause()
        self.fleet.broker.start()

    def database(self) -> None:
        """PostgreSQL ends as at a power cut, and comes back after a while."""
        self.fleet.server.stop("immediate")
        self.pause()
        self.fleet.server.start()

    def pause(self) -> None:
        """A while; the moment is random on purpose."""
        threading.Event().wait(self.random.uniform(0, MOST))


def longest_silence(fleet: Fleet) -> float:
    """Seconds between two requests for one source, at most."""
    every = [pairwise(begun for begun, _ in spans) for spans in fleet.visits.spans.values()]
    return max((later - earlier for pairs in every for earlier, later in pairs), default=0.0)


def test_whatever_ends_every_item_is_stored_once_and_no_source_is_asked_twice_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Fleet(tmp_path, sources=SOURCES, a_host=2, slow=0.1, polling=OFTEN, grows=GROWS) as fleet:
        trial = Trial(fleet, seed=7)
        fleet.wait_for_looks(SOURCES)
        faults: list[Callable[[], None]] = (
            [trial.worker] * WORKERS
            + [trial.broker] * BROKERS
            + [trial.database] * DATABASES
            + [trial.schedule] * SCHEDULES
        )
        trial.random.shuffle(faults)
        for fault in faults:
            trial.pause()
            fault()
        begun = {number: len(spans) for number, spans in fleet.visits.spans.items()}
        wait_until(
            lambda: all(len(fleet.visits.spans[number]) > count for number, count in begun.items()),
            "another look at every source",
        )
        # Nobody holds anything for longer than a lease from now, whatever became of whoever claimed it.
        longest = "SELECT coalesce(max(lease_until), 0) - extract(epoch FROM clock_timestamp()) * 1e6 FROM schedule"
        assert fleet.ask(longest) <= LEASE * 1_000_000
        wait_until(lambda: min(fleet.offered.values()) == ITEMS + GROWS, "everything offered")
        wait_until(lambda: fleet.stored() >= SOURCES * (ITEMS + GROWS), "everything stored")

        assert fleet.stored() == fleet.distinct() == SOURCES * (ITEMS + GROWS)
        assert fleet.visits.twice == []
        assert fleet.visits.most_at_a_host <= 2
        assert "bug of feedsvc" not in fleet.said()
        with capsys.disabled():
            print(  # noqa: T201 - the counts are what the run is for
                f"\nended: {WORKERS} workers, {BROKERS} × broker, {DATABASES} × database, {SCHEDULES} schedules; "
                f"{SOURCES} sources asked {fleet.visits.requests} times, twice at once {len(fleet.visits.twice)}; "
                f"longest silence {longest_silence(fleet):.1f} s (lease {LEASE} s); "
                f"items offered {sum(fleet.offered.values())}, stored {fleet.stored()}, distinct {fleet.distinct()}"
            )
