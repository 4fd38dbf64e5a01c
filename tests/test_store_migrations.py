"""Migrations: an older database is copied and brought up, a newer one is refused, and no cut-off leaves a half."""

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
from sqlalchemy import create_engine

from feedsvc.errors import StoreError
from feedsvc.model import Rendition, SourceState, WithdrawalKind
from feedsvc.model.stored import EPOCH, MICROSECOND, encode
from feedsvc.publish.packing import packed
from feedsvc.store import Store
from feedsvc.store.migrating import MIGRATIONS, head, upgrade
from feedsvc.store.opening import open_database
from feedsvc.store.schema import metadata
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, item, look, looked, opened, url_of

#: A later version's migration: SQLite can only do this by making the table anew and dropping the old one.
LATER = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{before}"


def upgrade() -> None:
    with op.batch_alter_table("review", recreate="always") as batch:
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


def test_the_migrations_make_exactly_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    """By Alembic's comparison, and by SQLite's own text of each table and index."""
    opened(tmp_path).close()
    database = open_database(url_of(tmp_path), create=False)
    declared = create_engine("sqlite://")
    with database.read() as migrated, declared.begin() as fresh:
        # The full text keeps tables of its own, which nothing but itself may touch.
        ours = {"include_name": lambda name, *_: not str(name).startswith("review_match"), "compare_type": True}
        context = MigrationContext.configure(migrated, opts=ours)
        assert compare_metadata(context, metadata) == []
        metadata.create_all(fresh)
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
        made, wanted = (
            {name: set(filter(None, map(str.strip, sql.replace(",", "\n").split("\n")))) for name, sql in rows}
            for rows in (migrated.exec_driver_sql(query), fresh.exec_driver_sql(query))
        )
    assert made == wanted
    declared.dispose()
    database.close()


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    """And makes no copy, since there was nothing before."""
    with opened(tmp_path) as store:
        store.migrate()
        assert store.schema_current()
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["feedsvc.sqlite3"]


def test_an_older_database_is_copied_and_then_migrated_with_all_it_holds(tmp_path: Path) -> None:
    """The copy is the database as it was, which the older version opens."""
    with_history(tmp_path)
    migrate_with(url_of(tmp_path), later_version(tmp_path))
    file = tmp_path / "kept" / "feedsvc.sqlite3"
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT mood, key FROM review").fetchall() == [("calm", FULL.key)]
        assert raw.execute("SELECT count(*) FROM revision JOIN review ON review.id = review_id").fetchone() == (1,)
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
    migrate_with(url_of(folder), scripts)


def with_revision(folder: Path, number: str) -> None:
    """A database as the version with this revision left it: one source switched on and one off, and a review."""
    migrate_to(folder, number)
    with closing(sqlite3.connect(folder / "kept" / "feedsvc.sqlite3")) as raw, raw:
        source = "INSERT INTO source (id, name, kind, location, enabled, config_digest, changes) VALUES (?,?,?,?,?,?,?)"
        raw.execute(source, (7, LANTERN.name, LANTERN.kind, LANTERN.location, 1, b"", 1))
        raw.execute(source, (8, "off", LANTERN.kind, LANTERN.location, 0, b"", 0))
        schedule = (
            "INSERT INTO schedule (source_id, next_check, interval, etag, failures, stopped) VALUES (?,?,?,?,?,?)"
        )
        raw.executemany(schedule, [(7, 1, 60.0, '"1"', 2, 0), (8, 1, 60.0, None, 0, 0)])
        columns = "id, source_id, guid_hash, key, item_digest, position, collected, revised, outlet, document"
        review = f"INSERT INTO review ({columns}) VALUES (?,?,?,?,?,?,?,?,?,?)"
        raw.execute(review, (9, 7, b"g", FULL.key, b"d", 1, 1, 1, FULL.outlet.name, encode(FULL)))


@pytest.mark.parametrize("number", ["0001", "0002"])
def test_what_earlier_versions_stored_is_published_collected_and_can_be_withdrawn(tmp_path: Path, number: str) -> None:
    """After a copy; every source keeps its time, its validators and whether it is looked at."""
    with_revision(tmp_path, number)
    with opened(tmp_path) as store:
        assert (tmp_path / "kept" / f"feedsvc.sqlite3.before-{head()}").exists()
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
        store.withdraw(WithdrawalKind.SOURCE, LANTERN.name, reason="a letter", requested_by="The Estate", now=NOW)
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
    with closing(sqlite3.connect(tmp_path / "kept" / "feedsvc.sqlite3")) as raw, raw:
        row = "INSERT INTO rendition (path, media_type, body, etag, modified, entries_digest) VALUES (?,?,?,?,?,?)"
        raw.execute(row, ("/feeds/a.atom", "application/atom+xml", body, '"a"', 0, b"v"))
        raw.execute(row, ("/feeds/b.rss", "application/rss+xml", b"<rss/>", '"b"', 0, b"v"))
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
    file = tmp_path / "kept" / "feedsvc.sqlite3"
    before = file.read_bytes()
    for attempt in (Store.open, open_and_migrate):
        with pytest.raises(StoreError, match=r"made by a newer version of feedsvc: its schema is later") as caught:
            attempt(url_of(tmp_path))
        assert str(file) in str(caught.value)
        assert head() in str(caught.value)
    with pytest.raises(StoreError, match="newer version"):
        migrate_with(url_of(tmp_path), MIGRATIONS)
    assert file.read_bytes() == before


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
    with closing(sqlite3.connect(tmp_path / "kept" / "feedsvc.sqlite3")) as raw:
        assert raw.execute("SELECT mood FROM review").fetchall() == [("calm",)]


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
        assert pool.map(open_and_migrate, [url_of(tmp_path)] * 4, chunksize=1) == [True] * 4
