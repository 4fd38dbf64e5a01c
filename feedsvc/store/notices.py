"""A database in, a wait out that ends when what is published changes: at once where the database tells, else soon.

PostgreSQL tells whoever listens (LISTEN, NOTIFY) when the transaction ends that changed something; what is said while
nobody listens is lost, so a wait ends by itself, too.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from feedsvc.errors import StoreError

if TYPE_CHECKING:
    import psycopg

#: The name under which it is told. PostgreSQL keeps those of each database apart.
CHANNEL = "feedsvc_published"
#: Seconds between two looks at a database that does not tell: a question to a file costs next to nothing.
LOOK_EVERY = 0.2
#: Seconds between two looks where one is told: how long a change may stay unseen that nobody heard of.
LOOK_ANYWAY = 5.0
#: Seconds until a server that ended the session is asked for another.
PAUSE = 1.0


class Notices(ABC):
    """What one process hears of changes; for one thread."""

    @abstractmethod
    def wait(self) -> None:
        """Returns when something changed, and after some seconds anyway; a database that is gone is no error here."""

    @abstractmethod
    def close(self) -> None:
        """Hears no more."""


class Unheard(Notices):
    """Where nobody tells: a short pause."""

    def __init__(self) -> None:
        self._pause = threading.Event()

    def wait(self) -> None:
        """LOOK_EVERY."""
        self._pause.wait(LOOK_EVERY)

    def close(self) -> None:
        """Nothing is held."""


class SessionNotices(Notices):
    """What a PostgreSQL session is told that has no other use."""

    def __init__(
        self, connect: Callable[[], Connection], plain_words: Callable[[], AbstractContextManager[None]], anyway: float
    ) -> None:
        """`connect` opens a session that is nobody else's, in autocommit; `plain_words` makes errors StoreErrors.

        A wait ends after `anyway` seconds.
        """
        self._anyway = anyway
        self._connect = connect
        self._plain_words = plain_words
        self._pause = threading.Event()
        self._session: Connection | None = None

    def wait(self) -> None:
        """Until something changes; returns at once when it begins to listen.

        Then nobody knows what was said before. Without a server: PAUSE.
        """
        # So many changes in a second are looked at as often as without being told, and no oftener.
        self._pause.wait(LOOK_EVERY)
        try:
            with self._plain_words():
                if self._session is None:
                    self._listen()
                else:
                    self._hear(self._session)
        except StoreError:
            # Whoever waits asks the database next, and says then what is wrong with it.
            self.close()
            self._pause.wait(PAUSE)

    def close(self) -> None:
        """Ends the session."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(DBAPIError):
                session.close()

    def _listen(self) -> None:
        self._session = self._connect()
        self._session.exec_driver_sql(f"LISTEN {CHANNEL}")

    def _hear(self, session: Connection) -> None:
        driver = cast("psycopg.Connection", session.connection.dbapi_connection)
        with suppress(session.dialect.loaded_dbapi.Error):
            if list(driver.notifies(timeout=self._anyway, stop_after=1)):
                return
        # Silence may be that of a server that is not there any more: an answer, or the error, tells.
        session.exec_driver_sql("SELECT 1")


def tell(connection: Connection) -> None:
    """Tells whoever listens, when this transaction ends; those that end at the same time wait for one another then."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
