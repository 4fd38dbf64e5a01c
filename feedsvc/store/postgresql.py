"""An address of PostgreSQL goes in; readers and writers of that database come out. Errors in plain words.

Writers share the database: what must not happen twice is held by row locks and unique keys, not by there being one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from feedsvc.errors import StoreError
from feedsvc.model.stored import sound
from feedsvc.store.database import Database
from feedsvc.store.electing import SILENCE, Election, SessionElection
from feedsvc.store.notices import LOOK_ANYWAY, Notices, SessionNotices
from feedsvc.store.retrying import BrokenOff

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import Buffer
    from psycopg.adapt import Dumper

#: The oldest whose releases still get fixes.
OLDEST = 14
#: Of 64-bit numbers for locks that programs agree on, the one for migrating: "feedsvc" in ASCII.
MIGRATING = 0x66656564737663
#: Seconds until a server that does not answer counts as gone, where the address says nothing.
CONNECT_SECONDS = 10
#: Connections that a process keeps; it may open more while its threads want them.
KEPT = 8
#: Seconds that a transaction waits for rows or tables that another one holds.
LOCK_SECONDS = 20
#: What every session is to have. A client that stops in the middle of a transaction (its machine is gone) would keep
#: rows locked for ever, and one that said nothing when it went would stay elected for two hours. Without an encoding of
#: its own, a server's text would come as bytes.
SESSION = {
    "idle_in_transaction_session_timeout": "60s",
    "client_encoding": "UTF8",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "application_name": "feedsvc",
    # It reckons too high what a search among many sources costs, and would compile for ten times as long as it runs.
    "jit": "off",
    # Nor are helpers worth their start for what takes milliseconds.
    "max_parallel_workers_per_gather": "0",
}
#: What every connection is to have, where the address says nothing else: a server whose machine is gone is noticed as
#: soon. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
CONNECTION = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25000,
}

#: SQLSTATEs of what only has to be done again: a deadlock, and what cannot be put in an order with others.
BROKEN_OFF = ("40P01", "40001")
#: SQLSTATEs of what somebody else can mend (https://www.postgresql.org/docs/current/errcodes-appendix.html), with what
#: to do; two characters stand for their whole class.
ADVICE = {
    "42P01": "was made by an older version of feedsvc, or is empty. Run `feedsvc migrate`.",
    "42703": "was made by an older version of feedsvc. Run `feedsvc migrate`.",
    "42501": "may not be used so by this user. Give it all rights on this database and its schema.",
    "25P03": "ended this connection: nothing was asked of it for a minute in the middle of a transaction.",
    "25006": "can only be read: it is a standby, or set to read only. Name the primary server in database_url.",
    "53100": "cannot grow: the server's disk is full. Make room; nothing was half-written.",
    "53300": "takes no more connections. Raise max_connections, or start fewer processes.",
    "53": "is out of room or memory; its own log says of what. Nothing was half-written.",
    "57": "was stopped, or ended this connection. Start it again; nothing was half-written.",
    "55P03": "is locked: another program has kept what is wanted for too long. Find and end that one, then try again.",
    "58": "cannot be read or written: its disk or file system failed. Nothing was half-written.",
    "XX": "is damaged, or PostgreSQL met a bug; its own log says more. Nothing was half-written.",
}
#: What a standby says, in English, to whoever wants to begin a transaction that writes.
IN_RECOVERY = "read-write mode during recovery"
#: What a server says, in English, that has no connection left.
NO_ROOM = ("too many clients already", "remaining connection slots", "too many connections for")


class PostgresqlDatabase(Database):
    """One database of a PostgreSQL server."""

    def __init__(self, url: URL) -> None:
        self.name = url.set(drivername="postgresql").render_as_string()
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=KEPT,
            max_overflow=-1,
            connect_args=_connect_args(url),
        )
        event.listen(self._engine, "connect", _take_any_text)
        self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database throughout, and can change nothing."""
        with self._plain_words(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, undone when it raises."""
        with self._plain_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction that changes tables, alone: others that want to migrate wait until it ends."""
        with self.write() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
            yield connection

    def election(self, name: str) -> Election:
        """An advisory lock in a session of its own."""
        return SessionElection(name, self._own_session, self._plain_words)

    def notices(self, anyway: float = LOOK_ANYWAY) -> Notices:
        """A session that listens."""
        return SessionNotices(self._own_session, self._plain_words, anyway)

    def _own_session(self) -> Connection:
        """A connection outside the pool, in autocommit; closing it ends the session."""
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        session.detach()
        session.exec_driver_sql(f"SET idle_session_timeout = '{SILENCE}s'")
        return session

    def keep_copy(self, wanted: str) -> Path | None:
        """PostgreSQL changes tables within a transaction, and is copied by its own tools: nothing is kept here."""
        return None

    def back_up(self, target: Path) -> None:
        """Raises StoreError: a server is backed up by its own tools."""
        raise StoreError(
            f"{self.name} is backed up with PostgreSQL's own tools: pg_dump --format=custom --file={target}. "
            "To get an SQLite file, use `feedsvc copy-database`."
        )

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    @contextmanager
    def _plain_words(self) -> Iterator[None]:
        """Turns what the database says into a StoreError, as far as it is no mistake of ours."""
        try:
            yield
        except (DBAPIError, TimeoutError) as error:
            if getattr(error.orig if isinstance(error, DBAPIError) else None, "sqlstate", None) in BROKEN_OFF:
                raise BrokenOff(f"{self.name} broke off what was under way: another program was quicker.") from error
            advice = advise(error)
            if advice is None:
                raise
            raise StoreError(f"{self.name} {advice}") from error


def _connect_args(url: URL) -> dict[str, object]:
    """What the driver is to be told beside the address: all that the address does not say otherwise."""
    session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    given = {name: value for name, value in CONNECTION.items() if name not in url.query}
    return {**given, "options": f"{session} {url.query.get('options', '')}".strip()}


def _take_any_text(driver: psycopg.Connection, _record: object) -> None:
    """What PostgreSQL cannot keep (NUL, half a surrogate pair) stands in no row, and may well be asked for."""
    driver.adapters.register_dumper(str, _sound_dumper())


@cache
def _sound_dumper() -> type[Dumper]:
    from psycopg.errors import DataError
    from psycopg.types.string import StrDumperUnknown

    class SoundDumper(StrDumperUnknown):
        def dump(self, obj: str) -> Buffer | None:
            try:
                return super().dump(obj)
            except (DataError, UnicodeEncodeError):
                return super().dump(sound(obj))

    return SoundDumper


def advise(error: Exception) -> str | None:
    """What to tell the operator about a database error, or None when it is a mistake in this program."""
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None) or ""
    if advice := ADVICE.get(state) or ADVICE.get(state[:2]):
        return advice
    if IN_RECOVERY in str(cause):
        return ADVICE["25006"]
    if isinstance(error, OperationalError | InterfaceError | TimeoutError):
        said = " ".join(str(cause or error).split())
        # Who is not let in gets words alone (PostgreSQL's protocol: the driver has no connection to ask for more).
        if any(words in said for words in NO_ROOM):
            return ADVICE["53300"]
        return f"cannot be used now: {said}. Check that the server runs, and that database_url names it rightly."
    return None


def open_postgresql(url: URL) -> PostgresqlDatabase:
    """The database that a URL of the form postgresql://USER@HOST/NAME names. Raises StoreError."""
    if find_spec("psycopg") is None:
        raise StoreError("database_url names PostgreSQL, for which psycopg is missing. Install feedsvc[scale].")
    if not url.database:
        raise StoreError(
            f"database_url {url.render_as_string()!r} names no database. Write postgresql://USER@HOST/NAME."
        )
    database = PostgresqlDatabase(url)
    try:
        with database.read() as connection:
            _check(connection, database.name)
    except BaseException:
        database.close()
        raise
    return database


def _check(connection: Connection, name: str) -> None:
    """Raises StoreError for a server that is too old, and for a database that cannot hold every text."""
    number = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if number < OLDEST * 10000:
        raise StoreError(f"{name}: the server is PostgreSQL {number // 10000}; feedsvc needs {OLDEST} or newer.")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"{name} keeps text as {encoding}. Make it anew with: createdb --encoding=UTF8 --template=template0"
        )
