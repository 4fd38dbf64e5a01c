"""From one database to the other and back: every row, every published byte; cut off anywhere, it goes on.

The services here hold what the shipped samples make, and rows of the tables that they leave empty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, insert, select, text

from feedsvc.cli import main
from feedsvc.config import load
from feedsvc.errors import StoreError
from feedsvc.model import WithdrawalKind
from feedsvc.publish import Publisher, export, index, publish
from feedsvc.store import Store
from feedsvc.store.copying import Copied, Report, copy_database
from feedsvc.store.schema import host_limit, metadata, rendition, robots, source
from tests.databases import connected, postgresql_url, sqlite_url
from tests.exported import plain_files
from tests.samples import FULL, NOW
from tests.service import copy_samples
from tests.test_store import HOUR, LANTERN, STORM, item, looked


def empty_postgresql(folder: Path, name: str) -> str:
    """The address of a database without tables."""
    return postgresql_url(folder, name, empty=True)


def nothing(_: Copied) -> None:
    """Listens to no progress."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a service on SQLite that has collected the samples, and drawn them; one review is withdrawn."""
    folder = tmp_path_factory.mktemp("filled")
    copy_samples(folder)
    config = str(folder / "config.toml")
    found = CliRunner().invoke(main, ["--config", config, "collect"], env={"FEEDSVC_DATABASE_URL": sqlite_url(folder)})
    assert found.exit_code == 0, found.output
    settings = load(folder / "config.toml", {"FEEDSVC_DATABASE_URL": sqlite_url(folder)})
    with Store.open(settings.database_url) as store:
        publisher = Publisher(store=store, settings=settings, clock=lambda: NOW)
        first = store.newest([one.name for one in settings.sources], 1)[0]
        store.withdrawals.withdraw(WithdrawalKind.REVIEW, first.key, reason="asked", requested_by="them", now=NOW)
        while index(publisher, 1000) or publish(publisher):
            pass
    with connected(settings.database_url) as connection:
        said = {"asking": "allowed", "text": "User-agent: *\0", "until": NOW + HOUR}
        connection.execute(insert(robots), [{"origin": "https://outlet.example", **said}])
        domains = [{"domain": f"d{number}.example", "until": NOW} for number in range(12_000)]
        connection.execute(insert(host_limit), domains)
    return folder


def published(folder: Path, url: str, target: Path) -> dict[str, bytes]:
    """Everything that is published from a database."""
    settings = load(folder / "config.toml", {"FEEDSVC_DATABASE_URL": url})
    with Store.open(url) as store:
        export(Publisher(store=store, settings=settings, clock=lambda: NOW), target, lambda _: None)
    return plain_files(target)


def test_everything_goes_to_postgresql_and_back(filled: Path, tmp_path: Path) -> None:
    """The same rows, the same numbers to come, the same files; and each database goes on by itself."""
    ours, theirs, back = sqlite_url(filled), empty_postgresql(tmp_path, "there"), sqlite_url(tmp_path, "back")
    there = copy_database(ours, theirs, nothing)
    assert copy_database(theirs, back, nothing) == there
    assert there.keys() == metadata.tables.keys()
    assert there["host_limit"] == 12_000
    assert there["review"] > 5
    assert there["rendition"] > 10
    with connected(theirs) as connection:
        connection.execute(delete(rendition))
    files = published(filled, back, tmp_path / "back")
    assert len(files) > 20
    # Drawn anew, from what PostgreSQL holds.
    assert published(filled, theirs, tmp_path / "there") == files
    for url in (theirs, back):
        with connected(url) as connection:
            highest = connection.execute(select(func.max(source.c.id))).scalar_one()
            new = {"name": "new", "kind": "feed", "location": "/", "config_digest": b"", "changes": 0}
            added = connection.execute(insert(source).values(new).returning(source.c.id)).scalar_one()
            assert added == highest + 1
            told = select(robots.c.text).where(robots.c.origin == "https://outlet.example")
            assert connection.execute(told).scalar_one() == "User-agent: *\ufffd"


class CutError(Exception):
    """Somebody pulls the plug."""


def cut_after(words: int) -> Report:
    """A report that breaks off the copy after so many words of progress."""
    heard = 0

    def report(_: Copied) -> None:
        nonlocal heard
        heard += 1
        if heard == words:
            raise CutError

    return report


def some_rows(folder: Path) -> str:
    """A database of three tables with 12,001 rows in one of them, so that it goes over in three batches."""
    url = sqlite_url(folder, "some")
    with Store.open(url) as store:
        store.migrate()
        store.sync_sources([LANTERN], NOW)
        looked(store, "night-lantern", reviews=[item(FULL)])
    with connected(url) as connection:
        domains = [{"domain": f"d{number}.example", "until": NOW} for number in range(12_001)]
        connection.execute(insert(host_limit), domains)
    return url


@pytest.mark.parametrize("target", [sqlite_url, empty_postgresql])
def test_a_copy_that_is_cut_off_goes_on_where_it_was(target: Callable[[Path, str], str], tmp_path: Path) -> None:
    """Wherever it happens: nothing goes over twice, nothing is left out, and nobody takes the half for the whole."""
    ours = some_rows(tmp_path)
    whole: list[Copied] = []
    counts = copy_database(ours, target(tmp_path, "whole"), whole.append)
    # Between tables, within one, and while all is compared.
    for words in (1, 3, 4, len(whole) - 1):
        theirs = target(tmp_path, f"cut{words}")
        with pytest.raises(CutError):
            copy_database(ours, theirs, cut_after(words))
        with pytest.raises(StoreError, match=r"is an unfinished copy\. Run the same"):
            Store.open(theirs)
        again: list[Copied] = []
        assert copy_database(ours, theirs, again.append) == counts
        assert sum(one.rows for one in again) == sum(one.rows for one in whole)
        with Store.open(theirs, create=False) as store:
            assert store.newest(["night-lantern"], 5) == [FULL]


def test_a_database_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    """A service's own, and the tables of another program."""
    ours = some_rows(tmp_path)
    theirs, other = sqlite_url(tmp_path, "theirs"), sqlite_url(tmp_path, "other")
    with Store.open(theirs) as store:
        store.migrate()
        store.sync_sources([STORM], NOW)
    with closing(sqlite3.connect(tmp_path / "other.sqlite3")) as raw:
        raw.execute("CREATE TABLE contacts (name)")
    with pytest.raises(StoreError, match=r"theirs\.sqlite3 is not empty"):
        copy_database(ours, theirs, nothing)
    with pytest.raises(StoreError, match=r"other\.sqlite3 belongs to another program"):
        copy_database(ours, other, nothing)
    with pytest.raises(StoreError, match="cannot be copied to itself"):
        copy_database(ours, ours, nothing)
    with Store.open(theirs) as store:
        assert [state.name for state in store.states()] == ["celebrity-storm"]


def test_a_partial_copy_of_another_database_is_not_gone_on_with(tmp_path: Path) -> None:
    """Its rows would be mixed with ours."""
    ours, theirs, third = some_rows(tmp_path), sqlite_url(tmp_path, "theirs"), sqlite_url(tmp_path, "third")
    with Store.open(third) as store:
        store.migrate()
        store.sync_sources([STORM], NOW)
    with pytest.raises(CutError):
        copy_database(ours, theirs, cut_after(5))
    with pytest.raises(StoreError, match=r"is a partial copy of another database than .*third\.sqlite3"):
        copy_database(third, theirs, nothing)
    assert copy_database(ours, theirs, nothing)["host_limit"] == 12_001


def test_what_was_written_meanwhile_is_told(tmp_path: Path) -> None:
    """A service that still runs: the copy is not taken for the whole."""
    ours, theirs = some_rows(tmp_path), sqlite_url(tmp_path, "theirs")

    def write(copied: Copied) -> None:
        if copied.table == "review" and not copied.compared:
            with Store.open(ours) as store:
                looked(store, "night-lantern", NOW + HOUR, [item(replace(FULL, title="Changed"), digest="2")])

    with pytest.raises(StoreError, match=r"they differ in counter \(reviews\)\. The source was written while"):
        copy_database(ours, theirs, write)
    with pytest.raises(StoreError, match="is an unfinished copy"):
        Store.open(theirs)


def test_an_older_source_is_to_be_migrated_first(tmp_path: Path) -> None:
    """Its rows are not those of our tables."""
    ours = some_rows(tmp_path)
    with connected(ours) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(StoreError, match=r"is of an older version\. Run `feedsvc migrate` on it first"):
        copy_database(ours, sqlite_url(tmp_path, "theirs"), nothing)
    assert not (tmp_path / "theirs.sqlite3").exists() or not plain_tables(tmp_path / "theirs.sqlite3")


def plain_tables(file: Path) -> list[str]:
    """The tables of an SQLite file."""
    with closing(sqlite3.connect(file)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_the_command_says_what_went_over(tmp_path: Path) -> None:
    """Each table's rows, and what to do next; and what is wrong, in words, with code 2."""
    ours, theirs = some_rows(tmp_path), sqlite_url(tmp_path, "theirs")
    done = CliRunner().invoke(main, ["copy-database", ours, theirs])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "counter: 3"
    assert "host_limit: 12,001" in lines
    assert "review: 1" in lines
    assert lines[-1] == (
        "12,007 rows are copied and compared; now name TO as service.database_url, or in FEEDSVC_DATABASE_URL"
    )
    again = CliRunner().invoke(main, ["copy-database", ours, theirs])
    assert (again.exit_code, "is not empty" in again.output) == (2, True)
