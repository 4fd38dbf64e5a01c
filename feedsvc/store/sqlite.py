"""An SQLite file goes in; many readers and one writer of it come out. Errors in plain words.

One writing connection in a process, behind a lock, with BEGIN IMMEDIATE: a transaction that reads first and writes
later cannot fail half-way because another process wrote between (SQLITE_BUSY_SNAPSHOT).
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from feedsvc.errors import StoreError
from feedsvc.store.database import Database
from feedsvc.store.electing import Election, FileElection
from feedsvc.store.notices import LOOK_ANYWAY, Notices, Unheard

#: STRICT tables came with 3.37.0 (https://sqlite.org/stricttables.html).
OLDEST_SQLITE = (3, 37, 0)
#: Seconds that a writer waits for another process's transaction; "?timeout=" in the URL sets another.
BUSY_SECONDS = 20.0
#: How much the writer keeps in memory; SQLite's own 2 MB cost a tenth more CPU for new reviews.
CACHE_KIBIBYTES = 16384

LOCKED = "is locked: another program has been writing to it for too long. Find and end that one, then try again."
#: SQLite's names for what can go wrong by somebody else's hand (https://sqlite.org/rescode.html), with what to do.
ADVICE = {
    "SQLITE_NOTADB": "is not an SQLite database. Move it away, or name another file in database_url.",
    "SQLITE_CORRUPT": "is damaged. Put a backup in its place.",
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_FULL": "cannot grow: the disk is full. Make room; nothing was half-written.",
    "SQLITE_READONLY": "cannot be written. Give this user the right to write the file and its folder.",
    "SQLITE_CANTOPEN": "cannot be opened. Check that its folder exists and that this user may write there.",
    "SQLITE_PERM": "cannot be opened. Check that this user may read and write the file and its folder.",
    "SQLITE_IOERR": "cannot be read or written: the disk or file system failed. Nothing was half-written.",
}


class SqliteDatabase(Database):
    """One SQLite file, with one writing connection in a process."""

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.name = str(path)
        self._lock = threading.Lock()
        self._writer = _engine(path, busy_seconds, "BEGIN IMMEDIATE", partial(_prepare_writer, path, busy_seconds), 1)
        self._readers = _engine(path, busy_seconds, "BEGIN", _prepare_reader, 8)
        # A process of the web server is never told that it is to end: what nobody holds any more closes itself.
        weakref.finalize(self, _close, self._readers, self._writer).atexit = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database throughout, and can change nothing."""
        with self.plain_words(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that no other writer can share: committed when the block ends, undone when it raises."""
        with self._lock, self.plain_words(), self._writer.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Without foreign keys: SQLite alters a table by making a new one and dropping the old, and the switch has no
        effect inside a transaction (https://sqlite.org/lang_altertable.html, section 7).
        """
        with self._lock, self.plain_words(), self._writer.connect() as connection:
            driver_of(connection).execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    yield connection
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise StoreError(f"{self.name} was not migrated: rows would point nowhere ({broken[0]}).")
            finally:
                driver_of(connection).execute("PRAGMA foreign_keys = ON")

    def election(self, name: str) -> Election:
        """Among the processes on this machine, by a file beside the database's."""
        return FileElection(self.path.with_name(f"{self.path.name}-{name}"))

    def notices(self, anyway: float = LOOK_ANYWAY) -> Notices:
        """SQLite tells nobody."""
        return Unheard()

    def keep_copy(self, wanted: str) -> Path:
        """An older database is copied to FILE.before-REVISION."""
        target = self.path.with_name(f"{self.path.name}.before-{wanted}")
        try:
            self.back_up(target)
        except StoreError as error:
            raise StoreError(f"{self.name} was not migrated, because it could not be copied first. {error}") from error
        return target

    @contextmanager
    def plain_words(self, subject: str | None = None) -> Iterator[None]:
        """Turns what the database says into a StoreError about `subject`, as far as it is no mistake of ours."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            advice = advise(error.orig if isinstance(error, DBAPIError) else error)
            if advice is None:
                raise
            raise StoreError(f"{subject or self.name} {advice}") from error

    def back_up(self, target: Path) -> None:
        """Copies the whole database, as it is at this moment, to `target`, which appears only when it is complete."""
        partial = target.with_name(target.name + ".partial")
        try:
            partial.write_bytes(b"")
            with (
                self.plain_words(f"{self.path}, while it was copied to {target},"),
                self._readers.connect() as connection,
                closing(sqlite3.connect(partial)) as copy,
            ):
                driver_of(connection).backup(copy)
            partial.replace(target)
        except OSError as error:
            raise StoreError(f"{target} cannot be written: {error.strerror}. Name another place.") from error
        finally:
            # A copy that broke off; a folder that is not there has none.
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes every connection; the last one folds the log into the file."""
        _close(self._readers, self._writer)


# Nothing here may hold a SqliteDatabase: its connections would keep it from ending.


def _engine(path: Path, busy_seconds: float, begin: str, prepare: Callable[..., None], size: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=size,
        # The lock admits one writer; a web server's threads may all read at once.
        max_overflow=0 if size == 1 else -1,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
    )
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: driver_of(connection).execute(begin))
    return engine


def _prepare_writer(path: Path, busy_seconds: float, driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None  # We say BEGIN ourselves.
    _keep_a_log(path, busy_seconds, driver)
    driver.execute("PRAGMA synchronous = FULL")
    # A batch of looks is several megabytes: what does not fit is written to the log before its time, and again.
    driver.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    driver.execute("PRAGMA foreign_keys = ON")


def _prepare_reader(driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None
    driver.execute("PRAGMA query_only = ON")


def _keep_a_log(path: Path, busy_seconds: float, driver: sqlite3.Connection) -> None:
    """Turn to write-ahead logging; the file remembers it, so only the first process ever has to wait here."""
    deadline = time.monotonic() + busy_seconds
    mode = None
    while mode is None:
        try:
            (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # SQLite does not wait for others by itself while it changes the mode.
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    if mode != "wal":
        raise StoreError(
            f"{path}: SQLite cannot keep a write-ahead log there ({mode!r} instead). "
            "Put the database on a local disk, not on a network folder."
        )


def _close(*engines: Engine) -> None:
    for engine in engines:
        engine.dispose()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for what must happen outside a transaction."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def advise(error: BaseException | None) -> str | None:
    """What to tell the operator about a database error, or None when it is a mistake in this program."""
    if str(error).startswith(("no such table", "no such column")):
        return "was made by an older version of feedsvc, or is empty. Run `feedsvc migrate`."
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((advice for code, advice in ADVICE.items() if name == code or name.startswith(code + "_")), None)


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raises StoreError when Python's SQLite is too old for STRICT tables."""
    if version < OLDEST_SQLITE:
        found, wanted = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise StoreError(f"Python here uses SQLite {found}; feedsvc needs {wanted} or newer. Use a newer Python.")


def open_sqlite(url: URL, *, create: bool) -> SqliteDatabase:
    """The file that a URL of the form sqlite:///PATH names; its folder is made when missing. Raises StoreError."""
    check_sqlite()
    if url.database in (None, "", ":memory:"):
        raise StoreError(f"database_url {url.render_as_string()!r} names no file. Write it as sqlite:///PATH.")
    path = Path(str(url.database)).absolute()
    if not create and not path.exists():
        raise StoreError(f"{path} does not exist. Start `feedsvc run` once to make it, or correct database_url.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path.parent}, the folder of the database, cannot be made: {error.strerror}. "
            "Make it yourself and let this user write there, or correct database_url."
        ) from error
    if path.is_dir():
        raise StoreError(f"{path} is a folder. Name a file in database_url.")
    return SqliteDatabase(path, _busy_seconds(url))


def _busy_seconds(url: URL) -> float:
    options = dict(url.query)
    timeout = options.pop("timeout", str(BUSY_SECONDS))
    if options:
        raise StoreError(f"database_url has an unknown option {min(options)!r}. The only one is ?timeout=SECONDS.")
    try:
        return float(str(timeout))
    except ValueError as error:
        raise StoreError(f"database_url has timeout={timeout!r}. Give a number of seconds.") from error
