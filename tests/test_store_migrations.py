"""Migrations: an older database is brought up, a newer one is refused, and no cut-off leaves a half.

In SQLite an older one is copied first; PostgreSQL has its own tools for that.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from feedsvc.cli.opening import migrated
from feedsvc.errors import StoreError
from feedsvc.model import Rendition, SourceState, WithdrawalKind
from feedsvc.model.stored import EPOCH, MICROSECOND, encode
from feedsvc.publish.packing import packed
from feedsvc.store import Migrated, Store
from feedsvc.store.migrating import MIGRATIONS, head, upgrade
from feedsvc.store.opening import open_database
from feedsvc.store.schema import metadata
from tests.databases import connected, on_postgresql, postgresql_url, rows_of
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, item, look, looked, opened, url_of

#: A later version's migration; in SQLite by making the table anew and dropping the old one, as some changes need it.
LATER = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{before}"


def upgrade() -> None:
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("review", recreate=anew) as batch:
        batch.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))
    {then}
"""


def later_version(folder: Path, then: str = "") -> Path:
    """The migrations of a version that knows one more."""
    scripts = folder / "100% later"
    shutil.copytree(MIGRATIONS, scripts)
    (scripts / "versions" / "later.py").write_text(LATER.format(then=then, before=head()))
    return scripts


def with_history(folder: Path) -> None:
    """A database of this version that holds a review and its earlier form."""
    with opened(folder) as store:
        store.sync_sources([LANTERN], NOW)
        looked(store, "night-lantern", reviews=[item(FULL)])
        changed = item(replace(FULL, title="Changed"), digest="2")
        looked(store, "night-lantern", NOW + timedelta(hours=1), [changed])


def migrate_with(url: str, scripts: Path) -> None:
    """What a process of the later version does at its start."""
    database = open_database(url, create=True)
    try:
        upgrade(database, scripts)
    finally:
        database.close()


def open_and_migrate(url: str) -> bool:
    """What each process of this version does at its start."""
    with Store.open(url) as store:
        store.migrate()
        return store.schema_current()


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    """By Alembic's comparison."""
    opened(tmp_path).close()
    with connected(url_of(tmp_path)) as migrated:
        # The full text keeps tables of its own, or an index that Alembic does not know to compare.
        text = ("review_match", "ix_review_text_match")
        ours = {"include_name": lambda name, *_: not str(name).startswith(text), "compare_type": True}
        context = MigrationContext.configure(migrated, opts=ours)
        assert compare_metadata(context, metadata) == []


@pytest.mark.sqlite
def test_the_migrations_make_exactly_what_sqlite_would_be_told_to_make(tmp_path: Path) -> None:
    """By its own text of each table and index."""
    opened(tmp_path).close()
    declared = create_engine("sqlite://")
    with connected(url_of(tmp_path)) as migrated, declared.begin() as fresh:
        metadata.create_all(fresh)
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
        made, wanted = (
            {name: set(filter(None, map(str.strip, sql.replace(",", "\n").split("\n")))) for name, sql in rows}
            for rows in (migrated.exec_driver_sql(query), fresh.exec_driver_sql(query))
        )
    assert made == wanted
    declared.dispose()


@pytest.mark.postgresql
def test_the_migrations_make_exactly_what_postgresql_would_be_told_to_make(tmp_path: Path) -> None:
    """By its own words for each column, key and index; both databases are made by this run."""
    columns = """
        SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'
    """
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'"
    keys = """
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text != 'alembic_version'
    """
    with connected(postgresql_url(tmp_path, "declared", empty=True)) as fresh:
        metadata.create_all(fresh)
        with connected(postgresql_url(tmp_path, "migrated")) as migrated:
            for query in (columns, indexes, keys):
                made, wanted = ({tuple(row) for row in one.exec_driver_sql(query)} for one in (migrated, fresh))
                assert made == wanted


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    """And makes no copy, since there was nothing before."""
    with Store.open(url_of(tmp_path, empty=True)) as store:
        store.migrate()
        store.migrate()
        assert store.schema_current()
    assert on_postgresql() or [path.name for path in (tmp_path / "kept").iterdir()] == ["feedsvc.sqlite3"]


def test_an_older_database_is_migrated_with_all_it_holds(tmp_path: Path) -> None:
    """Every review, and its earlier forms."""
    with_history(tmp_path)
    migrate_with(url_of(tmp_path), later_version(tmp_path))
    with connected(url_of(tmp_path)) as raw:
        assert raw.exec_driver_sql("SELECT mood, key FROM review").all() == [("calm", FULL.key)]
        revisions = "SELECT count(*) FROM revision JOIN review ON review.id = review_id"
        assert raw.exec_driver_sql(revisions).scalar_one() == 1


@pytest.mark.sqlite
def test_an_older_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    """The copy is the database as it was, which the older version opens; the new one is as sound and strict."""
    with_history(tmp_path)
    migrate_with(url_of(tmp_path), later_version(tmp_path))
    file = tmp_path / "kept" / "feedsvc.sqlite3"
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        assert raw.execute("SELECT strict FROM pragma_table_list WHERE name = 'review'").fetchone() == (1,)
    with Store.open(f"sqlite:///{file}.before-later", create=False) as copy:
        assert copy.schema_current()
        assert copy.revisions(FULL.key) == [FULL]


def migrate_to(folder: Path, number: str) -> None:
    """A database without anything in it, as the version with this revision made it."""
    scripts = folder / "earlier"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    for script in (scripts / "versions").glob("r*.py"):
        if script.name[1:5] > number:
            script.unlink()
    migrate_with(url_of(folder, empty=True), scripts)


def with_revision(folder: Path, number: str) -> None:
    """A database as the version with this revision left it: one source switched on and one off, and a review."""
    migrate_to(folder, number)
    known = {"kind": LANTERN.kind, "location": LANTERN.location, "config_digest": b""}
    with connected(url_of(folder)) as raw:
        put(raw, "source", id=7, name=LANTERN.name, enabled=True, changes=1, **known)
        put(raw, "source", id=8, name="off", enabled=False, changes=0, **known)
        put(raw, "schedule", source_id=7, next_check=1, interval=60.0, etag='"1"', failures=2, stopped=False)
        put(raw, "schedule", source_id=8, next_check=1, interval=60.0, etag=None, failures=0, stopped=False)
        put(
            raw,
            "review",
            id=9,
            source_id=7,
            guid_hash=b"g",
            key=FULL.key,
            item_digest=b"d",
            position=1,
            collected=1,
            revised=1,
            outlet=FULL.outlet.name,
            document=encode(FULL),
        )
        if on_postgresql():
            # As if the rows had taken their numbers there.
            raw.exec_driver_sql("SELECT setval('source_id_seq', 8), setval('review_id_seq', 9)")


def put(raw: Connection, table: str, **values: object) -> None:
    """One row, by the names of its columns."""
    raw.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES (:{', :'.join(values)})"), values)


def test_it_is_told_what_was_migrated_and_where_it_lies_as_it_was(tmp_path: Path) -> None:
    with_revision(tmp_path, "0002")
    with Store.open(url_of(tmp_path)) as store:
        done, again = store.migrate(), store.migrate()
    kept = None if on_postgresql() else tmp_path / "kept" / f"feedsvc.sqlite3.before-{head()}"

    assert (done, again) == (Migrated("0002", head(), kept), None)
    assert migrated(Migrated("0002", "0017", Path("/srv/feedsvc.sqlite3.before-0017"))) == (
        "the database was brought from version 0002 to 0017; as it was, it is kept as /srv/feedsvc.sqlite3.before-0017"
    )
    assert migrated(Migrated("0002", "0017", None)) == "the database was brought from version 0002 to 0017"


@pytest.mark.parametrize("number", ["0001", "0002"])
def test_what_earlier_versions_stored_is_published_collected_and_can_be_withdrawn(tmp_path: Path, number: str) -> None:
    """After a copy; every source keeps its time, its validators and whether it is looked at."""
    with_revision(tmp_path, number)
    with opened(tmp_path) as store:
        assert on_postgresql() or (tmp_path / "kept" / f"feedsvc.sqlite3.before-{head()}").exists()
        assert store.newest([LANTERN.name], 10) == [FULL]
        assert store.known_digests(LANTERN.name, 10) == {b"g": b"d"}
        assert store.last_change() == 9
        state = SourceState(
            name=LANTERN.name, next_check=EPOCH + MICROSECOND, interval=60.0, etag='"1"', failures=2, reviews=1
        )
        assert store.states()[0] == state
        (claim,) = store.claim_due(NOW, limit=10, lease=timedelta(minutes=1))
        assert claim.state == replace(state, reviews=0)
        assert store.record([look(claim, NOW, [item(replace(FULL, key="new", url=None, id="urn:new"))])])[0].new == 1
        assert store.last_change() == 10
        store.withdrawals.withdraw(
            WithdrawalKind.SOURCE, LANTERN.name, reason="a letter", requested_by="The Estate", now=NOW
        )
        assert store.newest([LANTERN.name], 10) == []
        store.sync_sources([LANTERN, replace(LANTERN, name="off")], NOW)
        assert [claim.name for claim in store.claim_due(NOW, limit=10, lease=timedelta(minutes=1))] == [
            LANTERN.name,
            "off",
        ]


def test_what_earlier_versions_published_is_packed(tmp_path: Path) -> None:
    """Bytes that do not change any more are not stored anew: they would go out unpacked for ever."""
    migrate_to(tmp_path, "0004")
    body = b"<feed>" + b"<entry>salt</entry>" * 100 + b"</feed>"
    with connected(url_of(tmp_path)) as raw:
        for path, kind, drawn in (("/feeds/a.atom", "atom", body), ("/feeds/b.rss", "rss", b"<rss/>")):
            known = {"media_type": f"application/{kind}+xml", "etag": f'"{path[7]}"', "modified": 0}
            put(raw, "rendition", path=path, body=drawn, entries_digest=b"v", **known)
    with opened(tmp_path) as store:
        large, small = store.renditions.get("/feeds/a.atom"), store.renditions.get("/feeds/b.rss")
        assert store.renditions.digests() == {"/feeds/a.atom": b"v", "/feeds/b.rss": b"v"}
        assert store.renditions.serial() == 0
    wanted = Rendition(path="/feeds/a.atom", media_type="application/atom+xml", body=body, etag='"a"', modified=EPOCH)
    assert large == packed(wanted)
    assert small == replace(wanted, path="/feeds/b.rss", media_type="application/rss+xml", body=b"<rss/>", etag='"b"')


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    """Whether it is opened or migrated; both schemas are named."""
    scripts = later_version(tmp_path)
    with_history(tmp_path)
    migrate_with(url_of(tmp_path), scripts)
    before = rows_of(url_of(tmp_path))
    for attempt in (Store.open, open_and_migrate):
        with pytest.raises(StoreError, match=r"made by a newer version of feedsvc: its schema is later") as caught:
            attempt(url_of(tmp_path))
        assert url_of(tmp_path).removeprefix("sqlite:///") in str(caught.value)
        assert head() in str(caught.value)
    with pytest.raises(StoreError, match="newer version"):
        migrate_with(url_of(tmp_path), MIGRATIONS)
    assert rows_of(url_of(tmp_path)) == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """All of it is one transaction; afterwards this version goes on with it."""
    with_history(tmp_path)
    scripts = later_version(tmp_path, then="raise ZeroDivisionError('half-way')")
    with pytest.raises(ZeroDivisionError):
        migrate_with(url_of(tmp_path), scripts)
    with Store.open(url_of(tmp_path)) as store:
        assert store.schema_current()
        assert store.revisions(FULL.key) == [FULL]


def test_a_migration_that_is_killed_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """SIGKILL after the table was rebuilt and before the commit; the next start migrates."""
    with_history(tmp_path)
    scripts = later_version(tmp_path, then="os.kill(os.getpid(), signal.SIGKILL)")
    process = multiprocessing.get_context("spawn").Process(target=migrate_with, args=(url_of(tmp_path), scripts))
    process.start()
    process.join(60)
    assert process.exitcode == -9
    with Store.open(url_of(tmp_path)) as store:
        assert store.schema_current()
        assert store.revisions(FULL.key) == [FULL]
    shutil.rmtree(scripts)
    migrate_with(url_of(tmp_path), later_version(tmp_path))
    with connected(url_of(tmp_path)) as raw:
        assert raw.exec_driver_sql("SELECT mood FROM review").all() == [("calm",)]


@pytest.mark.sqlite
def test_a_copy_that_cannot_be_written_stops_the_migration(tmp_path: Path) -> None:
    """No migration without a way back."""
    with_history(tmp_path)
    (tmp_path / "kept" / "feedsvc.sqlite3.before-later").mkdir()
    with pytest.raises(StoreError, match=r"was not migrated, .*before-later cannot be written: Is a directory"):
        migrate_with(url_of(tmp_path), later_version(tmp_path))
    with Store.open(url_of(tmp_path)) as store:
        assert store.schema_current()


def test_four_processes_that_start_at_once_make_one_database(tmp_path: Path) -> None:
    """One makes the tables, the others find them."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(open_and_migrate, [url_of(tmp_path, empty=True)] * 4, chunksize=1) == [True] * 4
