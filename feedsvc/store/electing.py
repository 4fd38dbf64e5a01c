"""A name in, one holder of it among all processes out: what only one is to do at a time, the others stand by for.

PostgreSQL ends what a session locked when the session ends, and the kernel what a process locked when the process ends,
however that comes about: nobody has to be told dead.
"""

from __future__ import annotations

import fcntl
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from hashlib import blake2b
from io import FileIO
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from feedsvc.errors import StoreError

#: Seconds after which the server ends a holder's session that says nothing, because its process hangs: longer than
#: what it does between two questions ever takes. https://www.postgresql.org/docs/current/runtime-config-client.html
SILENCE = 300


class Election(ABC):
    """One process's part in an election; safe to share between threads, but not with a process forked off."""

    @abstractmethod
    def held(self) -> bool:
        """Whether this process is elected now; where nobody is, it is from here on.

        To be asked before each piece of work. Between two questions the seat may have been lost, and another may
        have begun: the work itself has to bear two at once. StoreError when the database cannot be asked; then this
        process is no longer elected.
        """

    @abstractmethod
    def resign(self) -> None:
        """Leaves the seat to another; asked again, it stands again."""


class FileElection(Election):
    """The seat is a lock on a file of its own (flock(2)), for processes of one machine.

    Not on the database's file: closing any handle of that would end the locks that SQLite holds there
    (https://sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seat: FileIO | None = None

    def held(self) -> bool:
        """Asks the kernel until it has the lock, which nobody can take from it then."""
        with self._lock:
            if self._seat is None:
                try:
                    self._seat = self._taken()
                except OSError as error:
                    raise StoreError(
                        f"{self._path} cannot be locked: {error.strerror}. Give this user the right to read it, and to "
                        "make it in its folder, on a local disk."
                    ) from error
            return self._seat is not None

    def resign(self) -> None:
        """Closes the file, and with it ends the lock. The file stays: a lock on a removed one would be no seat."""
        with self._lock:
            if self._seat is not None:
                self._seat.close()
                self._seat = None

    def _taken(self) -> FileIO | None:
        """The open file with the lock; None where another has that."""
        # For reading alone: whoever made the file, root for one, others may lock it too.
        seat = FileIO(self._path, "r", opener=lambda path, flags: os.open(path, flags | os.O_CREAT, 0o644))
        try:
            fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            seat.close()
            return None
        except OSError:
            seat.close()
            raise
        return seat


class SessionElection(Election):
    """The seat is an advisory lock of a PostgreSQL session that has no other use.

    A pool of connections that changes sessions between transactions (PgBouncer's transaction mode) cannot carry it.
    """

    def __init__(
        self, name: str, connect: Callable[[], Connection], plain_words: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """`connect` opens a session that is nobody else's, in autocommit; `plain_words` makes errors StoreErrors."""
        self._connect = connect
        self._plain_words = plain_words
        self._number = number_of(name)
        self._lock = threading.Lock()
        self._session: Connection | None = None
        self._elected = False

    def held(self) -> bool:
        """Asks in the session that stands already; where that has ended, in a new one."""
        with self._lock:
            if self._session is not None:
                with suppress(DBAPIError):
                    return self._ask(self._session)
                self._leave()
            with self._plain_words():
                self._session = self._connect()
                return self._ask(self._session)

    def resign(self) -> None:
        """Ends the session, and with it the lock."""
        with self._lock:
            self._leave()

    def _ask(self, session: Connection) -> bool:
        # A lock taken twice would have to be given back twice; for a session that has it, any answer will do.
        wanted = "SELECT true" if self._elected else f"SELECT pg_try_advisory_lock({self._number})"
        self._elected = bool(session.exec_driver_sql(wanted).scalar_one())
        return self._elected

    def _leave(self) -> None:
        session, self._session, self._elected = self._session, None, False
        if session is not None:
            with suppress(DBAPIError):
                session.close()


def alone(connection: Connection, name: str) -> None:
    """Waits until no other transaction does what `name` says, and keeps others from it until this one ends.

    For what reads first and writes what it did not find; SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({number_of(f'alone {name}')})")


def number_of(name: str) -> int:
    """The 64 bits that PostgreSQL knows a lock by, made of a name."""
    return int.from_bytes(blake2b(f"feedsvc {name}".encode(), digest_size=8).digest(), "big", signed=True)
