"""One of all that share a database is elected, and another as soon as it is gone; real files, real servers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedsvc.errors import StoreError
from feedsvc.store import Election, Store
from tests.databases import connected, database_url, sqlite_url
from tests.postgresql import Server
from tests.service import PATIENCE, wait_until

SPAWN = multiprocessing.get_context("spawn")
NAME = "publish"


def ended_sessions(url: str, what: str) -> int:
    """Ends, as a server's operator may, every session whose last statement holds these words; says how many."""
    others = (
        "SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE %s"
    )
    with connected(url) as connection:
        return int(connection.exec_driver_sql(others, (f"%{what}%",)).scalar_one())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database."""
    return database_url(tmp_path)


@pytest.fixture
def four(url: str) -> Iterator[list[Election]]:
    """Four parts in one election, as of four processes."""
    with ExitStack() as stack:
        parts = [stack.enter_context(Store.open(url)).election(NAME) for _ in range(4)]
        yield parts
        for part in parts:
            part.resign()


def test_one_of_four_is_elected_and_stays_so(four: list[Election]) -> None:
    assert [part.held() for part in four] == [True, False, False, False]
    assert [part.held() for part in reversed(four)] == [False, False, False, True]


def test_who_resigns_makes_room_for_the_next_who_asks(four: list[Election]) -> None:
    first, second, third, _ = four
    assert (first.held(), second.held()) == (True, False)
    first.resign()
    assert (third.held(), second.held(), first.held()) == (True, False, False)


@pytest.mark.postgresql
def test_who_loses_the_session_is_not_elected_any_more(four: list[Election], url: str) -> None:
    """The server's word counts, not what the process remembers; asking again, it stands again."""
    first, second, *_ = four
    assert (first.held(), second.held()) == (True, False)
    assert ended_sessions(url, "advisory_lock") == 2
    assert (second.held(), first.held()) == (True, False)
    assert ended_sessions(url, "advisory_lock") == 2
    assert (first.held(), second.held()) == (True, False)


def test_elections_of_other_names_and_other_databases_are_others(tmp_path: Path, url: str) -> None:
    with Store.open(url) as store, Store.open(database_url(tmp_path, "another")) as another:
        parts = [store.election(NAME), store.election("renew"), another.election(NAME)]
        assert [part.held() for part in parts] == [True, True, True]
        for part in parts:
            part.resign()


def hold(url: str, elected: object) -> None:
    """A process that is elected, says so, and hangs."""
    with Store.open(url) as store:
        seat = store.election(NAME)
        assert seat.held()
        elected.set()  # type: ignore[attr-defined]
        SPAWN.Event().wait()


def test_the_seat_of_a_killed_process_is_free(url: str) -> None:
    elected = SPAWN.Event()
    process = SPAWN.Process(target=hold, args=(url, elected), daemon=True)
    process.start()
    assert elected.wait(PATIENCE)
    with Store.open(url) as store:
        mine = store.election(NAME)
        assert not mine.held()
        process.kill()
        process.join()
        wait_until(mine.held, "the seat of the dead")
        mine.resign()


@pytest.mark.postgresql
def test_without_a_server_nobody_is_elected_and_afterwards_one_is() -> None:
    with Server() as server, Store.open(server.url()) as one, Store.open(server.url()) as other:
        first, second = one.election(NAME), other.election(NAME)
        assert (first.held(), second.held()) == (True, False)
        server.stop("immediate")
        for part in (first, second, first):
            with pytest.raises(StoreError, match=r"cannot be used now|was stopped"):
                part.held()
        server.start()
        assert (second.held(), first.held()) == (True, False)
        second.resign()
        first.resign()


@pytest.mark.sqlite
def test_a_seat_that_cannot_be_locked_is_told_with_what_to_do(tmp_path: Path) -> None:
    with Store.open(sqlite_url(tmp_path)) as store:
        (tmp_path / f"feedsvc.sqlite3-{NAME}").mkdir()
        with pytest.raises(StoreError, match=r"feedsvc\.sqlite3-publish cannot be locked: .+ right to read it"):
            store.election(NAME).held()


@pytest.mark.sqlite
def test_the_file_of_a_seat_stays_when_its_holder_resigns(tmp_path: Path) -> None:
    """Who resigns leaves the file, so that who opened it and who comes later stand for one seat."""
    with Store.open(sqlite_url(tmp_path)) as one, Store.open(sqlite_url(tmp_path)) as other:
        first, second = one.election(NAME), other.election(NAME)
        assert (first.held(), second.held()) == (True, False)
        first.resign()
        assert (second.held(), first.held()) == (True, False)
        assert (tmp_path / f"feedsvc.sqlite3-{NAME}").is_file()
        second.resign()
