"""What only a server of PostgreSQL does: its sessions, its sorting, and what is said when it refuses.

What holds of either database stands in test_store_database.
"""

from __future__ import annotations

import gc
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from feedsvc.errors import StoreError
from feedsvc.model import Source
from feedsvc.store import Store
from feedsvc.store.opening import open_database
from tests.databases import connected, postgresql_url
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, item, looked

pytestmark = pytest.mark.postgresql

#: In the order of their code points; people, and most servers, would sort them as alpha, Beta, Été, zebra, élan.
NAMES = ["Beta", "Zebra", "alpha", "zebra", "Été", "élan"]


def opened(url: str) -> Store:
    store = Store.open(url)
    store.migrate()
    return store


def with_name(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


# --------------------------------------------------------------------------------------------------------- its sessions


def test_a_session_is_in_utc_and_ends_where_its_client_fell_silent(tmp_path: Path) -> None:
    """A machine that is gone in the middle of a transaction keeps nothing locked for longer than a minute."""
    wanted = {"timezone": "UTC", "idle_in_transaction_session_timeout": "1min", "application_name": "feedsvc"}
    with connected(postgresql_url(tmp_path)) as connection:
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in wanted}
    assert found == wanted


def test_readers_see_one_moment_and_writers_the_newest(tmp_path: Path) -> None:
    """And a reader may change nothing."""
    opened(postgresql_url(tmp_path)).close()
    database = open_database(postgresql_url(tmp_path), create=False)
    settings = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    with database.read() as reading, database.write() as writing:
        assert reading.exec_driver_sql(settings).one() == ("repeatable read", "on")
        assert writing.exec_driver_sql(settings).one() == ("read committed", "off")
    database.close()


def test_connections_that_the_server_ended_are_opened_anew(tmp_path: Path) -> None:
    """A server that was started again meanwhile is no fault; nobody notices."""
    url = postgresql_url(tmp_path)
    with opened(url) as store:
        store.sync_sources([LANTERN], NOW)
        with connected(url) as other:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            assert other.exec_driver_sql(f"{ended} AND pid <> pg_backend_pid()").scalars().all() != []
        assert [state.name for state in store.states()] == [LANTERN.name]
        assert looked(store, LANTERN.name, reviews=[item(FULL)]).new == 1


# ---------------------------------------------------------------------------------------------------------- its sorting


def test_every_text_sorts_by_its_code_points(tmp_path: Path) -> None:
    """Whatever the locale of the server: each column says so itself."""
    with connected(postgresql_url(tmp_path)) as connection:
        found = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name <> 'alembic_version' "
            "AND data_type IN ('text', 'character varying', 'character') AND collation_name IS DISTINCT FROM 'C'"
        )
        assert found.all() == []


def test_names_come_in_the_order_that_python_gives_them(tmp_path: Path) -> None:
    with opened(postgresql_url(tmp_path)) as store:
        store.sync_sources([Source(name=name, kind="feed", location="https://o.example/") for name in NAMES], NOW)
        assert [state.name for state in store.states()] == NAMES == sorted(NAMES)


# ------------------------------------------------------------------------------------------- what it says when it fails


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = with_name(postgresql_url(tmp_path), "nowhere")
    with pytest.raises(StoreError, match=r"nowhere.* cannot be used now: .*does not exist.*Check that"):
        Store.open(url)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """Tables, but not ours."""
    url = postgresql_url(tmp_path, empty=True)
    with connected(url) as other:
        other.exec_driver_sql("CREATE TABLE contacts (name text)")
    with pytest.raises(StoreError, match="belongs to another program"):
        Store.open(url)
    with connected(url) as other:
        assert other.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").all() == [
            ("contacts",)
        ]


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path: Path) -> None:
    """Made without an encoding."""
    url = postgresql_url(tmp_path)
    name = f"{make_url(url).database}_ascii"
    with psycopg.connect(url, autocommit=True) as server:
        options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        server.execute(f'CREATE DATABASE "{name}" {options}'.encode())
        try:
            with pytest.raises(StoreError, match=r"_ascii.* keeps text as SQL_ASCII\. Make it anew with: createdb"):
                Store.open(with_name(url, name))
        finally:
            server.execute(f'DROP DATABASE "{name}"'.encode())


def test_a_user_without_rights_is_told_so(tmp_path: Path) -> None:
    """The password of the address is told nobody."""
    url = postgresql_url(tmp_path)
    name = f"{make_url(url).database}_reader"
    with connected(url) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'canary-7f3a'")
    try:
        theirs = make_url(url).set(username=name, password="canary-7f3a")
        with pytest.raises(StoreError, match="may not be used so by this user") as caught:
            Store.open(theirs.render_as_string(hide_password=False))
        assert "canary" not in str(caught.value)
    finally:
        with connected(url) as connection:
            connection.exec_driver_sql(f"DROP ROLE {name}")


def test_a_backup_is_left_to_the_tools_that_the_server_brings(tmp_path: Path) -> None:
    with opened(postgresql_url(tmp_path)) as store, pytest.raises(StoreError, match="pg_dump --format=custom"):
        store.back_up(tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_what_it_cannot_keep_may_be_asked_for(tmp_path: Path) -> None:
    """Anybody may send an address with a NUL, or with bytes that are no text: nothing stands there, as in SQLite."""
    with opened(postgresql_url(tmp_path)) as store:
        for asked in ("/feeds/a\0b.atom", "/feeds/\udcff.atom"):
            assert store.renditions.get(asked) is None
            assert store.review(asked) is None


def test_a_reading_that_stops_in_the_middle_leaves_nothing_open(tmp_path: Path) -> None:
    """Reviews come a batch at a time; a cursor that nobody closed would be told by a warning, which is an error."""
    with opened(postgresql_url(tmp_path)) as store:
        store.sync_sources([LANTERN], NOW)
        looked(store, LANTERN.name, reviews=[item(FULL)])
        reading = store.reviews_of(LANTERN.name)
        assert next(reading) == FULL
        del reading
        gc.collect()
        assert store.review(FULL.key) == FULL
