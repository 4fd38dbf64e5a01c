"""The database of a test: a folder goes in; the address of the one that belongs to it comes out, gone after the test.

In a run on SQLite it is a file in that folder. In a run on PostgreSQL (FEEDSVC_TEST_DATABASE=postgresql) it is a
database of its own on a server that the run starts in a temporary folder, or on the one that
FEEDSVC_TEST_DATABASE_URL names (whose user may make databases).

url = database_url(tmp_path)                        # for Store.open
settings = settings_of(tmp_path)                    # where a configuration is read
with connected(url) as connection: ...              # for a look, or a hand, behind the store's back
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.engine import make_url

from feedsvc.config import Settings, load
from feedsvc.store import Store
from feedsvc.store.opening import open_database
from tests.postgresql import Server

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
#: Which of them this run uses.
RUN = os.environ.get("FEEDSVC_TEST_DATABASE", SQLITE)
#: The server to use instead of one of its own.
GIVEN = os.environ.get("FEEDSVC_TEST_DATABASE_URL")
#: Sorts as people do where nothing else is said: a query that leaves the order to the database is found out.
LIKE_PEOPLE = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C' LC_CTYPE 'C'"
#: The first version that can be told how to copy a database.
WITH_CHOICE = 150000


def on_postgresql() -> bool:
    """Whether this run uses PostgreSQL."""
    return RUN == POSTGRESQL


def database_url(folder: Path, name: str = "feedsvc", *, empty: bool = False) -> str:
    """The address of a folder's database of a name, always the same in a test.

    In PostgreSQL it has its tables already, unless it is to be `empty`; in SQLite the file is not there yet.
    """
    return postgresql_url(folder, name, empty=empty) if on_postgresql() else sqlite_url(folder, name)


def database_environ(folder: Path) -> dict[str, str]:
    """What to add to the environment of a service in a folder: nothing in SQLite, where it has its own file."""
    return {"FEEDSVC_DATABASE_URL": postgresql_url(folder)} if on_postgresql() else {}


def settings_of(folder: Path, **environ: str) -> Settings:
    """What a folder's config.toml says, of a service that keeps everything in the folder's database."""
    return load(folder / "config.toml", {**database_environ(folder), **environ})


def sqlite_url(folder: Path, name: str = "feedsvc") -> str:
    """The address of a file in a folder, whatever the run uses: for tests of both databases at once."""
    file = folder.absolute() / f"{name}.sqlite3"
    _files.add(file)
    return f"sqlite:///{file}"


def postgresql_url(folder: Path, name: str = "feedsvc", *, empty: bool = False) -> str:
    """The address of a database on a server, whatever the run uses: for tests of what only a server can do."""
    return _databases().url(folder.resolve(), name, empty)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction in a database, committed at its end."""
    database = open_database(url, create=False)
    try:
        with database.write() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def refusing(url: str, change: str, *, when: str = "true") -> Iterator[None]:
    """A database that refuses a change, such as "INSERT ON review", of the rows that meet a condition."""
    how = f"WHEN {when} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
    with connected(url) as connection:
        if connection.dialect.name == POSTGRESQL:
            body = "BEGIN RAISE EXCEPTION 'refused by the test'; END"
            connection.exec_driver_sql(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            how = f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()"
        connection.exec_driver_sql(f"CREATE TRIGGER refuse BEFORE {change} {how}")
    yield
    with connected(url) as connection:
        on_table = f" ON {change.split()[-1]}" if connection.dialect.name == POSTGRESQL else ""
        connection.exec_driver_sql(f"DROP TRIGGER refuse{on_table}")


def rows_of(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, as the database has it."""
    with connected(url) as connection:
        names = inspect(connection).get_table_names()
        found = {name: connection.execute(text(f'SELECT * FROM "{name}"')).mappings() for name in names}
        return {name: [dict(row) for row in rows] for name, rows in found.items()}


def drop_below(folder: Path) -> None:
    """Drops the databases of a folder and of those in it."""
    if _run is not None:
        _run.drop_below(folder.resolve())


def unasked_files(folder: Path) -> list[Path]:
    """The SQLite files in a folder that a run on PostgreSQL has no reason to find there."""
    found = set(folder.absolute().rglob("*.sqlite3")) if on_postgresql() else set()
    return sorted(found - _files)


def end() -> None:
    """Drops every database, and ends the server if it was started here."""
    global _run
    if _run is not None:
        _run.close()
    _run = None


class Databases:
    """The databases that tests made on one server; each is a copy of one of two, with tables or empty."""

    def __init__(self) -> None:
        self._server = None if GIVEN else Server()
        if self._server:
            self._server.start()
        self._connection = psycopg.connect(self._address(None), autocommit=True)
        #: The connections of this process: stores that a test leaves open end with its database.
        self._opened: list[psycopg.Connection] = []
        event.listen(Engine, "connect", self._note)
        #: What the names of all of them begin with: other runs may use the same server.
        self._mark = f"feedsvc_test_{secrets.token_hex(4)}"
        self._made: dict[tuple[Path, str], str] = {}
        self._number = 0
        self._choice = self._connection.info.server_version >= WITH_CHOICE
        self._create_empty()
        self._copy("empty", "whole")
        with Store.open(self._address(f"{self._mark}_whole")) as store:
            store.migrate()

    def url(self, folder: Path, name: str, empty: bool) -> str:
        """The address of a folder's database, made when first asked for."""
        with _lock:
            if (folder, name) not in self._made:
                self._number += 1
                self._copy("empty" if empty else "whole", str(self._number))
                self._made[folder, name] = str(self._number)
        return self._address(f"{self._mark}_{self._made[folder, name]}")

    def drop_below(self, folder: Path) -> None:
        """Drops the databases of a folder and of those in it, in use or not."""
        for place in [place for place in self._made if place[0].is_relative_to(folder)]:
            self._drop(self._made.pop(place))

    def close(self) -> None:
        """Drops everything, and ends the server if it was started here."""
        for name in (*self._made.values(), "whole", "empty"):
            self._drop(name)
        event.remove(Engine, "connect", self._note)
        self._connection.close()
        if self._server:
            self._server.close()

    def _address(self, name: str | None) -> str:
        if self._server:
            return self._server.url(name or "postgres")
        given = make_url(GIVEN or "")
        return given.set(database=name or given.database).render_as_string(hide_password=False)

    def _create_empty(self) -> None:
        bare = "TEMPLATE template0 ENCODING 'UTF8'"
        try:
            self._create("empty", f"{bare} {LIKE_PEOPLE}")
        except (psycopg.errors.SyntaxError, psycopg.errors.FeatureNotSupported):
            self._create("empty", bare)  # Older than 15, or built without ICU.

    def _copy(self, source: str, name: str) -> None:
        # Copying files is the quicker way where nothing waits for the disk.
        copying = "STRATEGY FILE_COPY" if self._choice else ""
        self._create(name, f'TEMPLATE "{self._mark}_{source}" {copying}')

    def _create(self, name: str, options: str) -> None:
        self._connection.execute(f'CREATE DATABASE "{self._mark}_{name}" {options}'.encode())

    def _drop(self, name: str) -> None:
        for one in self._opened:
            if not one.closed and one.info.dbname == f"{self._mark}_{name}":
                one.close()
        self._opened = [one for one in self._opened if not one.closed]
        self._connection.execute(f'DROP DATABASE "{self._mark}_{name}" WITH (FORCE)'.encode())

    def _note(self, opened: object, _record: object) -> None:
        if isinstance(opened, psycopg.Connection):
            self._opened.append(opened)


#: Threads of a test may ask at once.
_lock = threading.RLock()
_run: Databases | None = None
#: The SQLite files that were asked for.
_files: set[Path] = set()


def _databases() -> Databases:
    """Those of this run; the server starts when a test first asks."""
    global _run
    with _lock:
        if _run is None:
            _run = Databases()
        return _run
