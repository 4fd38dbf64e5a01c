"""What becomes of PostgreSQL, under a service that collects and one that serves: nothing lost, nothing twice.

Each test prints its counts. FEEDSVC_DATABASE_FAULTS sets how often each fault is made (`make faults`).
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from tests.house import FEEDS, Counts, House, say
from tests.postgresql import Server
from tests.service import wait_until

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql

#: How often each fault is made.
TIMES = int(os.environ.get("FEEDSVC_DATABASE_FAULTS", "1"))
#: Seconds that a database is gone for, at most.
GONE = float(os.environ.get("FEEDSVC_GONE", "8"))
CONNECTIONS = 40
PAUSE = threading.Event()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that can become a standby, and that has written down what it says is stored."""
    written = {"synchronous_commit": "on", "wal_level": "replica", "max_wal_senders": "2"}
    with Server(**written, max_connections=str(CONNECTIONS)) as server:
        yield server


@pytest.fixture(scope="module" if TIMES == 1 else "function")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two services on a database of its own there; a lock is waited for half a second.

    One for all tests, unless each makes the feed grow by hundreds of reviews: it shows 500.
    """
    folder = tmp_path_factory.mktemp("house")
    name = f"of_{folder.name}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    with House(folder, f"{server.url(name)}&options=-c%20lock_timeout%3D500ms") as made:
        yield made


def goes_on(house: House) -> Counts:
    """Every feed gets one more review; all of them are collected, once, and shown by both."""
    house.grow()
    counts = house.wait_collected()
    house.wait_until_ready()
    size = house.feeds.size
    assert counts == Counts(FEEDS * size, FEEDS * size, FEEDS * size, counts.most)
    assert house.feeds.twice == 0
    return counts


def serves_from_memory(house: House, before: list[bytes], word: str) -> None:
    """Both tell in /readyz what is wrong, and answer with the bytes of before."""
    wait_until(lambda: all(one.status == 503 for one in house.readiness()), "both not ready")
    assert all(word in one.body.decode() for one in house.readiness())
    assert [(one.status, one.body) for one in house.served()] == [(200, body) for body in before]


def bodies(house: House) -> list[bytes]:
    """What both answer now."""
    return [one.body for one in house.served()]


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
def test_a_server_that_is_restarted(house: House, server: Server, mode: str) -> None:
    """At random moments of collecting; "immediate" and "kill" as a power cut would."""
    for _ in range(TIMES):
        house.grow()
        PAUSE.wait(random.uniform(0, 5))
        server.stop(mode)
        server.start()
        goes_on(house)
    counts = house.counts()
    say(f"{TIMES} restarts ({mode}): {counts.reviews} reviews, each once; none asked for twice at once")


def test_a_server_that_is_gone_for_a_while(house: House, server: Server) -> None:
    before = bodies(house)
    server.stop("fast")
    serves_from_memory(house, before, "cannot be used now")
    house.grow()
    PAUSE.wait(GONE)
    serves_from_memory(house, before, "cannot be used now")
    server.start()
    counts = goes_on(house)
    say(f"gone for {GONE:.0f} s and more: served from memory; {counts.reviews} reviews, each once")


def test_connections_that_are_ended(house: House) -> None:
    """All of them, whatever they are doing."""
    everybody = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    ended = 0
    for _ in range(TIMES + 2):
        house.grow()
        PAUSE.wait(random.uniform(0, 3))
        with psycopg.connect(house.url) as connection:
            row = connection.execute(everybody).fetchone()
            assert row is not None
            ended += row[0]
        goes_on(house)
    assert ended > 0
    counts = house.counts()
    say(f"{ended} connections ended: {counts.reviews} reviews, each once; none asked for twice at once")


def test_tables_that_somebody_locks(house: House) -> None:
    """Readers wait as well; what is in memory does not."""
    before = bodies(house)
    with psycopg.connect(house.url) as locking:
        locking.execute("LOCK TABLE schedule, counter IN ACCESS EXCLUSIVE MODE")
        house.grow()
        serves_from_memory(house, before, "is locked")
    counts = goes_on(house)
    say(f"locked: served from memory; {counts.reviews} reviews, each once")


def test_a_server_that_takes_no_more_connections(house: House) -> None:
    """Others have them all: what is under way ends, and no new one begins."""
    before = bodies(house)
    with ExitStack() as taken:
        first = taken.enter_context(psycopg.connect(house.url, autocommit=True))
        full(house.url, taken)
        while others(first):
            full(house.url, taken)
        house.grow()
        serves_from_memory(house, before, "takes no more connections")
    counts = goes_on(house)
    say(f"{CONNECTIONS} connections taken by others: served from memory; {counts.reviews} reviews, each once")


def others(connection: psycopg.Connection) -> int:
    """Ends the services' connections; how many there were."""
    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'feedsvc'"
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def full(url: str, taken: ExitStack) -> None:
    """Takes connections until there is none left."""
    with suppress(psycopg.OperationalError):
        while True:
            taken.enter_context(psycopg.connect(url))


def test_a_server_that_becomes_a_standby_for_a_while(house: House, server: Server) -> None:
    """It can be read, so both go on serving, and are ready; nothing is collected until it is the primary again."""
    before = bodies(house)
    log = house.running.log
    start = log.stat().st_size
    server.stop("fast")
    (server.folder / "data" / "standby.signal").touch()
    server.start()
    house.grow()
    wait_until(lambda: "can only be read: it is a standby" in log.read_text(encoding="utf-8")[start:], "a word on it")
    house.wait_until_ready()
    assert [(one.status, one.body) for one in house.served()] == [(200, body) for body in before]
    with psycopg.connect(house.url, autocommit=True) as connection:
        connection.execute("SELECT pg_promote()")
    counts = goes_on(house)
    say(f"a standby, promoted: served all along; {counts.reviews} reviews, each once")


# --------------------------------------------------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(server: Server) -> Iterator[Path]:
    """A disk of 40 MB for a database alone."""
    place = server.folder / "small"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m,mode=777", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("a small disk cannot be mounted: run as root")
    try:
        yield place
    finally:
        server.stop("fast")
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full(tmp_path: Path, server: Server, small_disk: Path) -> None:
    """The error is named; both go on serving, and collecting goes on when there is room."""
    owner = small_disk.parent.stat()
    inside = small_disk / "tables"
    inside.mkdir()
    os.chown(inside, owner.st_uid, owner.st_gid)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{inside}'".encode())
        connection.execute("CREATE DATABASE small TABLESPACE small TEMPLATE template0 ENCODING 'UTF8'")
    with House(tmp_path, server.url("small"), words=2000) as house:
        filling = small_disk / "filling"
        log = house.running.log
        with filling.open("wb") as file:
            fill(file.write)
        while "disk is full" not in log.read_text(encoding="utf-8"):
            house.grow()
            PAUSE.wait(1)
        assert [one.status for one in house.served()] == [200, 200]
        filling.unlink()
        house.grow()
        counts = house.wait_collected()
        assert counts.reviews == counts.items == FEEDS * house.feeds.size
        assert house.feeds.twice == 0
    say(f"a full disk: served all along; {counts.reviews} reviews, each once")


def fill(write: Callable[[bytes], object]) -> None:
    """Writes until the disk is full."""
    with suppress(OSError):
        while True:
            write(bytes(65536))
