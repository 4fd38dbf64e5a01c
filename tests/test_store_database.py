"""The database below the store, whichever it is: what it insists on, its types, and what it says when it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Dialect, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from feedsvc.errors import StoreError
from feedsvc.model import Source
from feedsvc.store import Store, claims, incoming
from feedsvc.store.database import Database
from feedsvc.store.opening import open_database
from feedsvc.store.schema import FilePath, Flag, Instant, Words, metadata
from tests.databases import connected, database_url
from tests.samples import NOW
from tests.test_store import LANTERN, opened, url_of


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with its tables, below the store."""
    opened(tmp_path).close()
    database = open_database(url_of(tmp_path), create=False)
    yield database
    database.close()


# ------------------------------------------------------------------------------------------------- what it insists on


def test_a_reader_can_change_nothing(database: Database) -> None:
    """Whatever a page asks for."""
    with pytest.raises(StoreError, match=r"cannot be written|can only be read"), database.read() as connection:
        connection.exec_driver_sql("DELETE FROM source")


def test_a_reader_sees_one_moment_while_others_write(tmp_path: Path, database: Database) -> None:
    """Two questions in one transaction never get answers of different ages."""
    with opened(tmp_path) as store, database.read() as connection:
        count = "SELECT count(*) FROM source"
        assert connection.exec_driver_sql(count).scalar_one() == 0
        store.sync_sources([LANTERN], NOW)
        assert connection.exec_driver_sql(count).scalar_one() == 0
    with database.read() as connection:
        assert connection.exec_driver_sql(count).scalar_one() == 1


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    """Foreign keys are on for whoever writes."""
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.write() as connection:
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
def test_a_column_keeps_its_value(tmp_path: Path, column: str, value: object, raw: object, back: object) -> None:
    """What stands in the database, and what comes back from it."""
    opened(tmp_path).close()
    with connected(url_of(tmp_path)) as connection:
        VALUES.create(connection)
        connection.execute(insert(VALUES).values({column: value}))
        assert connection.exec_driver_sql(f"SELECT {column} FROM value").scalar_one() == raw
        assert connection.execute(select(VALUES.c[column])).scalar_one() == back


def test_a_time_without_its_zone_is_a_mistake(tmp_path: Path) -> None:
    """Never taken for UTC."""
    opened(tmp_path).close()
    with connected(url_of(tmp_path)) as connection:
        VALUES.create(connection)
        with pytest.raises(Exception, match="offset-naive"):
            connection.execute(insert(VALUES).values(instant=NOW.replace(tzinfo=None)))


def test_the_same_tables_can_be_made_in_postgresql() -> None:
    """With PostgreSQL's own types, and nothing of SQLite's."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = {table.name: str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables}
    assert "STRICT" not in "".join(tables.values())
    for line in (
        "id BIGSERIAL NOT NULL",
        "guid_hash BYTEA NOT NULL",
        "position BIGINT NOT NULL",
        'document TEXT COLLATE "C" NOT NULL',
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


def test_a_database_without_tables_does_not_count_as_ready(tmp_path: Path) -> None:
    """Until it is migrated."""
    with Store.open(database_url(tmp_path, empty=True)) as store:
        assert not store.schema_current()
        with pytest.raises(StoreError, match=r"Run `feedsvc migrate`"):
            store.ping()
        store.migrate()
        assert store.schema_current()
        store.ping()
