"""The database below the store: how it is opened, what it insists on, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Dialect, MetaData, Select, Table, create_engine, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from feedsvc.errors import StoreError
from feedsvc.model import Source
from feedsvc.store import Store, claims, incoming, reviews
from feedsvc.store.opening import open_database
from feedsvc.store.schema import FilePath, Flag, Instant, Words, metadata
from feedsvc.store.sqlite import SqliteDatabase, check_sqlite
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, claimed, item, look, looked, opened, record, url_of


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


# ------------------------------------------------------------------------------------------------- what it insists on


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


def test_a_reader_can_change_nothing(database: SqliteDatabase) -> None:
    """Whatever a page asks for."""
    with pytest.raises(StoreError, match="cannot be written"), database.read() as connection:
        connection.exec_driver_sql("DELETE FROM source")


def test_a_reader_sees_one_moment_while_others_write(tmp_path: Path, database: SqliteDatabase) -> None:
    """Two questions in one transaction never get answers of different ages."""
    with opened(tmp_path) as store, database.read() as connection:
        count = "SELECT count(*) FROM source"
        assert connection.exec_driver_sql(count).scalar_one() == 0
        store.sync_sources([LANTERN], NOW)
        assert connection.exec_driver_sql(count).scalar_one() == 0
    with database.read() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 1


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


def test_a_row_that_points_nowhere_is_refused(database: SqliteDatabase) -> None:
    """Foreign keys are on for whoever writes."""
    with pytest.raises(Exception, match="FOREIGN KEY"), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO revision (review_id, replaced, document) VALUES (77, 0, '{}')")
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar_one() == 0


def test_threads_share_one_store(tmp_path: Path) -> None:
    """Eight threads take forty sources, each exactly once, while others read."""
    with opened(tmp_path) as store, ThreadPoolExecutor(8) as threads:
        sources = [Source(name=f"s{number:02}", kind="feed", location="http://s.example/") for number in range(40)]
        store.sync_sources(sources, NOW)
        gate = threading.Barrier(8)

        def take_all(_: int) -> list[str]:
            gate.wait()
            taken = []
            while claims := store.claim_due(NOW, limit=1, lease=timedelta(minutes=1)):
                taken += [claim.name for claim in claims]
                assert len(store.states()) == 40
            return taken

        taken = [name for names in threads.map(take_all, range(8)) for name in names]
    assert sorted(taken) == [source.name for source in sources]


# --------------------------------------------------------------------------------------------------------------- types


VALUES = Table(
    "value",
    MetaData(),
    Column("instant", Instant),
    Column("flag", Flag),
    Column("words", Words),
    Column("path", FilePath),
    sqlite_strict=True,
)


@pytest.mark.parametrize(
    "column, value, raw, back",
    [
        ("instant", datetime(1970, 1, 1, tzinfo=UTC), 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (
            "instant",
            datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
            -1,
            datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        ),
        (
            "instant",
            datetime(2001, 9, 9, 3, 46, 40, 7, timezone(timedelta(hours=2))),
            1_000_000_000_000_007,
            datetime(2001, 9, 9, 1, 46, 40, 7, UTC),
        ),
        ("instant", None, None, None),
        ("flag", True, 1, True),
        ("flag", False, 0, False),
        ("flag", None, None, None),
        ("words", "Ünïcode 🎬 – fine", "Ünïcode 🎬 – fine", "Ünïcode 🎬 – fine"),
        ("words", "half \ud83c a pair \0", "half \ufffd a pair \ufffd", "half \ufffd a pair \ufffd"),
        ("words", None, None, None),
        ("path", "caf\udce9.txt", b"caf\xe9.txt", "caf\udce9.txt"),
        ("path", None, None, None),
    ],
)
def test_a_column_keeps_its_value(column: str, value: object, raw: object, back: object) -> None:
    """What stands in the file, and what comes back from it."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        VALUES.create(connection)
        connection.execute(insert(VALUES).values({column: value}))
        assert connection.exec_driver_sql(f"SELECT {column} FROM value").scalar_one() == raw
        assert connection.execute(select(VALUES.c[column])).scalar_one() == back
    engine.dispose()


def test_a_time_without_its_zone_is_a_mistake() -> None:
    """Never taken for UTC."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        VALUES.create(connection)
        with pytest.raises(Exception, match="offset-naive"):
            connection.execute(insert(VALUES).values(instant=NOW.replace(tzinfo=None)))
    engine.dispose()


def test_the_same_tables_can_be_made_in_postgresql() -> None:
    """With PostgreSQL's own types, and nothing of SQLite's."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = {table.name: str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables}
    assert "STRICT" not in "".join(tables.values())
    for line in (
        "id BIGSERIAL NOT NULL",
        "guid_hash BYTEA NOT NULL",
        "position BIGINT NOT NULL",
        "document TEXT NOT NULL",
    ):
        assert line in tables["review"]
    for line in ("source_id BIGINT NOT NULL", "stopped BOOLEAN NOT NULL", "interval DOUBLE PRECISION NOT NULL"):
        assert line in tables["schedule"]
    indexes = [str(CreateIndex(index).compile(dialect=dialect)) for index in metadata.tables["review"].indexes]
    assert "CREATE INDEX ix_review_published ON review (source_id, position) WHERE withdrawn IS NULL" in indexes


def test_statements_for_many_rows_are_put_as_postgresql_takes_them() -> None:
    """Named values, flags as booleans, and its own way to say that a review is there already."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    insert_reviews = incoming.INSERT.compiled_for(dialect)
    assert insert_reviews.names == ["row", "guid_hash", "key", *incoming.CHANGING, "change"]
    assert insert_reviews.sql.startswith("INSERT INTO review (source_id, guid_hash, key, item_digest, position,")
    assert insert_reviews.sql.endswith("ON CONFLICT (source_id, guid_hash) DO NOTHING")
    assert not insert_reviews.as_they_are
    take = claims.TAKE.compiled_for(dialect).sql
    assert take == (
        "UPDATE schedule SET lease_token=%(token)s::VARCHAR, lease_until=%(until)s::BIGINT, stopped=false "
        "WHERE schedule.source_id = %(row)s::BIGINT"
    )


# ------------------------------------------------------------------------------------------------------ how it looks up


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


# ------------------------------------------------------------------------------------------- what it says when it fails


@pytest.mark.parametrize(
    "url, says",
    [
        ("mysql://me:secret@db.example/feedsvc", "names neither SQLite nor PostgreSQL"),
        ("postgresql://me:secret@127.0.0.1:9/", "names no database"),
        ("postgresql://me:secret@127.0.0.1:9/feedsvc", "cannot be used now: .*Check that the server runs"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("feeds/feedsvc.sqlite3", "cannot be read as a URL"),
        ("sqlite:///x.sqlite3?mode=ro", "unknown option 'mode'"),
        ("sqlite:///x.sqlite3?timeout=soon", "Give a number of seconds"),
    ],
)
def test_a_database_url_that_cannot_be_used_is_told_so(
    url: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, without its password."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=says) as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


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


def test_a_database_without_tables_does_not_count_as_ready(tmp_path: Path) -> None:
    """Until it is migrated."""
    with Store.open(url_of(tmp_path)) as store:
        assert not store.schema_current()
        with pytest.raises(StoreError, match=r"Run `feedsvc migrate`"):
            store.ping()
        store.migrate()
        assert store.schema_current()
        store.ping()


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
