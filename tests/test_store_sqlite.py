"""The SQLite file below the store: its settings, its tables, how it looks up, and what is said when it fails.

Tests of that file alone; what holds of either database stands in test_store_database.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select

from feedsvc.errors import StoreError
from feedsvc.store import Store, claims, incoming, reviews
from feedsvc.store.opening import open_database
from feedsvc.store.schema import metadata
from feedsvc.store.sqlite import SqliteDatabase, check_sqlite
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, claimed, item, look, looked, opened, record, url_of

pytestmark = pytest.mark.sqlite


def file_of(folder: Path) -> Path:
    """Where `opened` keeps its database."""
    return folder / "kept" / "feedsvc.sqlite3"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A database with its tables, below the store."""
    opened(tmp_path).close()
    database = open_database(url_of(tmp_path), create=False)
    assert isinstance(database, SqliteDatabase)
    yield database
    database.close()


def test_the_writer_keeps_a_log_syncs_fully_and_checks_foreign_keys(database: SqliteDatabase) -> None:
    """The settings that survive power cuts: WAL, and synchronous = FULL (2); and room for a batch in memory (KiB)."""
    with database.write() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 20000,
        "cache_size": -16384,
    }


def test_a_write_transaction_holds_the_write_lock_from_its_beginning(database: SqliteDatabase) -> None:
    """BEGIN IMMEDIATE: another writer is turned away before this one has written anything."""
    with (
        database.write(),
        closing(sqlite3.connect(database.path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_every_table_is_strict(database: SqliteDatabase) -> None:
    """As SQLite itself lists them (PRAGMA table_list, 3.37)."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("PRAGMA table_list").mappings().all()
    strict = {row["name"] for row in rows if row["strict"]}
    assert strict == set(metadata.tables)


def test_a_value_of_the_wrong_type_is_refused(database: SqliteDatabase) -> None:
    """Without STRICT, SQLite would keep the word in the column of numbers."""
    with closing(sqlite3.connect(database.path)) as raw, pytest.raises(sqlite3.IntegrityError, match="TEXT value"):
        raw.execute(
            "INSERT INTO rendition (path, media_type, body, etag, modified, entries_digest) "
            "VALUES ('/x', 'text/xml', x'00', 'e', 'yesterday', x'00')"
        )


def plan(database: SqliteDatabase, statement: Select[Any], **values: object) -> str:
    """How SQLite would go about a query, in its own words."""
    with database.read() as connection:
        filled = statement.params(values)
        compiled = filled.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (None,) * len(compiled.positiontup or []))
        return "; ".join(row.detail for row in rows)


def test_whether_anything_is_due_is_read_from_an_index_alone(database: SqliteDatabase) -> None:
    """It is asked every few seconds, however many sources there are."""
    assert plan(database, claims.ANY_DUE, now=NOW) == (
        "SEARCH schedule USING COVERING INDEX ix_schedule_due (enabled=? AND stopped=? AND next_check<?)"
    )


def test_what_is_due_comes_out_of_an_index_in_its_order(database: SqliteDatabase) -> None:
    """A service that was down for long claims its first batch without sorting all that is overdue."""
    found = plan(database, claims.CLAIMED_DUE, now=NOW, limit=9)
    assert found.startswith("SEARCH schedule USING INDEX ix_schedule_due (enabled=? AND stopped=? AND next_check<?)")
    assert "TEMP B-TREE" not in found


def test_known_items_are_looked_up_by_their_identity(database: SqliteDatabase) -> None:
    """Never by reading all reviews."""
    found = plan(database, incoming.STORED, row=1, hashes=[b"a", b"b"], newest=9)
    assert found.startswith("SEARCH review USING INDEX sqlite_autoindex_review_")
    assert "(source_id=? AND guid_hash=?" in found


def test_the_newest_items_come_out_of_an_index_in_their_order(database: SqliteDatabase) -> None:
    """However many reviews the source has."""
    plans = [plan(database, half, name="night-lantern", limit=9) for half in reviews.KNOWN]
    assert ["ix_review_published" in plans[0], "ix_review_withdrawn" in plans[1]] == [True, True]
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match=r"taken/deep, the folder of the database, cannot be made: Not a directory"):
        Store.open(f"sqlite:///{tmp_path / 'taken' / 'deep' / 'feedsvc.sqlite3'}")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, where nobody may write")
def test_a_folder_that_cannot_be_written_is_named() -> None:
    """Not even by root."""
    with pytest.raises(StoreError, match=r"/proc/feedsvc\.sqlite3 cannot be opened\. Check that its folder"):
        Store.open("sqlite:////proc/feedsvc.sqlite3")


def test_a_database_that_is_a_folder_is_named(tmp_path: Path) -> None:
    """The path is one part too short."""
    with pytest.raises(StoreError, match=r"is a folder\. Name a file"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_missing_database_is_not_made_when_it_must_be_there(tmp_path: Path) -> None:
    """A command that only reads makes no empty database."""
    with pytest.raises(StoreError, match=r"feedsvc\.sqlite3 does not exist"):
        Store.open(url_of(tmp_path), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """And named."""
    file = tmp_path / "notes.txt"
    file.write_text("These are my notes.\n" * 100)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == "These are my notes.\n" * 100
    assert list(tmp_path.iterdir()) == [file]


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """Tables, but not ours."""
    file = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE contacts (name)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"other\.sqlite3 belongs to another program"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    """Pages overwritten with rubbish."""
    with opened(tmp_path) as store:
        store.sync_sources([LANTERN], NOW)
    file = file_of(tmp_path)
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 40960)
    with pytest.raises(StoreError, match=r"feedsvc\.sqlite3 is damaged\. Put a backup in its place"):
        Store.open(url_of(tmp_path)).states()


def test_an_sqlite_too_old_for_strict_tables_is_named() -> None:
    """3.36 was the last without them."""
    with pytest.raises(StoreError, match=r"SQLite 3\.36\.0; feedsvc needs 3\.37\.0"):
        check_sqlite((3, 36, 0))
    check_sqlite((3, 37, 0))


def test_a_locked_database_is_named_and_can_still_be_read(tmp_path: Path) -> None:
    """Another program holds the write lock for longer than we wait; then it lets go."""
    opened(tmp_path).close()
    with Store.open(url_of(tmp_path) + "?timeout=0.05") as store:
        store.sync_sources([LANTERN], NOW)
        claim = claimed(store, "night-lantern")
        with closing(sqlite3.connect(file_of(tmp_path), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked: another program"):
                record(store, look(claim, reviews=[item(FULL)]))
            store.ping()
            assert store.newest(["night-lantern"], 5) == []
        assert record(store, look(claim, reviews=[item(FULL)])).new == 1


def test_a_backup_of_a_live_database_is_whole(tmp_path: Path) -> None:
    """It opens by itself, holds what was there, and leaves nothing beside it."""
    target = tmp_path / "copies" / "copy.sqlite3"
    target.parent.mkdir()
    with opened(tmp_path) as store:
        store.sync_sources([LANTERN], NOW)
        looked(store, "night-lantern", reviews=[item(FULL)])
        store.back_up(target)
    assert list(target.parent.iterdir()) == [target]
    with Store.open(f"sqlite:///{target}", create=False) as copy:
        assert copy.newest(["night-lantern"], 5) == [FULL]


def test_a_backup_into_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And the store goes on."""
    with opened(tmp_path) as store:
        with pytest.raises(StoreError, match="missing/copy"):
            store.back_up(tmp_path / "missing" / "copy.sqlite3")
        assert not (tmp_path / "missing").exists()
        store.ping()
