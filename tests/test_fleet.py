"""Work shared among processes, on a real PostgreSQL and a real broker: each source once, with whoever has its lease."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.brokers import Broker, RabbitMQ, Redis
from tests.databases import sqlite_url
from tests.fleet import ITEMS, Fleet
from tests.service import feedsvc, wait_until

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize("broker", [Redis, RabbitMQ])
def test_two_workers_and_two_schedules_look_at_each_source_once(tmp_path: Path, broker: type[Broker]) -> None:
    with Fleet(tmp_path, sources=400, a_host=4, broker=broker) as fleet:
        workers = [fleet.start("worker", "--processes", "1") for _ in range(2)]
        fleet.wait_for(400)
        wait_until(lambda: fleet.store.renditions.get("/feeds/all.atom") is not None, "the feed")

        assert fleet.stored() == fleet.distinct() == 400 * ITEMS
        assert fleet.visits.requests == 400
        assert fleet.visits.twice == []
        assert fleet.visits.most_at_a_host <= 2
        assert [fleet.end(worker) for worker in workers] == [0, 0]
        assert fleet.ask("SELECT count(*) FROM host_lease WHERE token IS NOT NULL") == 0


def test_a_worker_that_is_told_to_end_stores_what_it_has_and_gives_back_the_rest(tmp_path: Path) -> None:
    """What a slow origin owes is given back, and another worker has it at once, without waiting for a lease."""
    with Fleet(tmp_path, sources=100, slow=0.5) as fleet:
        schedule = fleet.start("schedule")
        worker = fleet.start("worker", "--processes", "1", "--no-schedule")
        wait_until(lambda: len(fleet.origin.requests) >= 20, "requests")

        assert fleet.end(worker) == 0
        held = fleet.held()
        looked = fleet.looked()
        assert fleet.stored() == looked * ITEMS
        # What waits at the broker is still claimed, and no more than that.
        assert held + looked <= 100
        fleet.slow = 0.0
        other = fleet.start("worker", "--processes", "1", "--no-schedule")
        fleet.wait_for(100)

        assert fleet.stored() == fleet.distinct() == 100 * ITEMS
        assert fleet.visits.twice == []
        assert [fleet.end(other), fleet.end(schedule)] == [0, 0]


def test_a_worker_whose_broker_is_gone_goes_on_when_it_is_back(tmp_path: Path) -> None:
    with Fleet(tmp_path, sources=60) as fleet:
        worker = fleet.start("worker", "--processes", "1")
        fleet.wait_for(60)
        fleet.broker.kill()
        fleet.all_due()
        wait_until(lambda: "handing work to workers is interrupted and tried again" in fleet.said(), "a word on it")
        before = fleet.visits.requests
        assert fleet.held() == 0

        fleet.broker.start()
        wait_until(lambda: fleet.visits.requests == before + 60, "everything again")

        assert "handing work to workers goes on" in fleet.said()
        assert fleet.stored() == fleet.distinct() == 60 * ITEMS
        assert fleet.end(worker) == 0


def test_a_configuration_read_again_holds_for_schedule_and_workers(tmp_path: Path) -> None:
    with Fleet(tmp_path, sources=20) as fleet:
        worker = fleet.start("worker", "--processes", "2")
        fleet.wait_for(20)
        location = f"http://127.1.9.9:{fleet.origin.port}/new"
        fleet.origin.answer("/new", body=lambda asked: fleet._offer(type(asked)("GET", "/77", asked.headers)))
        fleet.configure(f'[[sources]]\nname = "new"\nkind = "feed"\nlocation = "{location}"\n')
        os.kill(worker.pid, signal.SIGHUP)
        fleet.wait_for(21)

        assert fleet.stored() == 21 * ITEMS
        assert fleet.said().count("1 source new (new)") == 2
        assert fleet.end(worker) == 0


def test_what_an_operator_wants_now_waits_for_no_line(tmp_path: Path) -> None:
    """All is handed out, and no worker is there: what is named is taken out of the line, and looked at here."""
    with Fleet(tmp_path, sources=60, a_host=2) as fleet:
        schedule = fleet.start("schedule")
        wait_until(lambda: fleet.held() == 60, "claims")

        done = feedsvc(tmp_path, "collect", "o7", "o8", **fleet.environ)

        assert done.returncode == 0, done.stderr
        assert [asked.path for asked in fleet.origin.requests] in (["/7", "/8"], ["/8", "/7"])
        assert fleet.stored() == 2 * ITEMS
        worker = fleet.start("worker", "--processes", "1", "--no-schedule")
        fleet.wait_for(60)
        assert fleet.stored() == fleet.distinct() == 60 * ITEMS
        assert fleet.visits.requests == 60
        assert [fleet.end(worker), fleet.end(schedule)] == [0, 0]


def test_run_and_worker_say_which_of_them_is_wanted(tmp_path: Path) -> None:
    config = '[[sources]]\nname = "o"\nkind = "folder"\nlocation = "."\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")

    alone = feedsvc(tmp_path, "worker")
    shared = feedsvc(
        tmp_path,
        "run",
        FEEDSVC_BROKER_URL="redis://:secret@127.0.0.1:1/0",
        FEEDSVC_DATABASE_URL="postgresql://127.0.0.1/none",
    )
    on_a_file = feedsvc(
        tmp_path,
        "worker",
        FEEDSVC_BROKER_URL="redis://:secret@127.0.0.1:1/0",
        FEEDSVC_DATABASE_URL=sqlite_url(tmp_path),
    )

    assert (alone.returncode, shared.returncode, on_a_file.returncode) == (2, 2, 2)
    assert "names no broker, so one process does all: start `feedsvc run`" in alone.stderr
    assert "start `feedsvc worker` and `feedsvc serve`" in shared.stderr
    assert "an SQLite file cannot be shared among machines" in on_a_file.stderr
    assert "secret" not in alone.stderr + shared.stderr + on_a_file.stderr
