"""What an application is made of in; in each process that answers, the application made of what holds now, out.

Made anew in the same process, it takes the place of the one before between two requests: no connection is refused or
broken, as it would be where a process that listens is replaced by another.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pkgutil import resolve_name
from threading import Lock, Thread
from typing import Any

log = logging.getLogger(__name__)


class Given:
    """The end of the process that starts the others: `change` makes all of them go on with other arguments."""

    def __init__(self, listener: Listener, given: Sequence[object]) -> None:
        self._listener = listener
        self._given = tuple(given)
        self._connections: list[Connection] = []
        self._lock = Lock()
        self._over = False

    def change(self, given: Sequence[object]) -> None:
        """Give this from now on, to the processes that run and to those that will."""
        with self._lock:
            self._given = tuple(given)
            self._connections = [one for one in self._connections if self._sent(one)]

    def welcome(self) -> None:
        """Give each process that starts what holds then, until `end`."""
        while not self._over:
            # A process may end while it starts; the next one is welcome.
            with suppress(OSError, EOFError, AuthenticationError):
                connection = self._listener.accept()
                with self._lock:
                    if self._sent(connection):
                        self._connections.append(connection)

    def end(self, key: bytes) -> None:
        """Make `welcome` return."""
        self._over = True
        Client(self._listener.address, authkey=key).close()

    def _sent(self, connection: Connection) -> bool:
        try:
            connection.send(self._given)
        except OSError:
            connection.close()
            return False
        return True


class Application:
    """What each process calls once for its WSGI application: the function of that name makes it of what is given."""

    def __init__(self, target: str, address: str, key: bytes) -> None:
        self._target = target
        self._address = address
        self._key = key

    def __call__(self) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
        """The application, which follows every change, and ends its process with the one that started it.

        Without that it would outlive a parent that was killed, and keep the port from the one that comes after it.
        """
        connection = Client(self._address, authkey=self._key)
        make = resolve_name(self._target)
        # A list, so that requests under way finish with the one that they began with.
        current = [make(*connection.recv())]
        Thread(target=_follow, args=(connection, make, current), name="settings", daemon=True).start()
        return lambda environ, start: current[0](environ, start)


def _follow(connection: Connection, make: Callable[..., Any], current: list[Any]) -> None:
    try:
        while True:
            given = connection.recv()
            try:
                current[0] = make(*given)
            except Exception:
                log.exception("the pages are served as before: what the configuration says now cannot be served")
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def handed(target: str, given: Sequence[object]) -> Iterator[tuple[Application, Given]]:
    """What to start processes with, and the means to change what their application is made of."""
    key = secrets.token_bytes(32)
    with Listener(family="AF_UNIX", authkey=key) as listener:
        made = Given(listener, given)
        thread = Thread(target=made.welcome, name="welcome", daemon=True)
        thread.start()
        try:
            yield Application(target, str(listener.address), key), made
        finally:
            made.end(key)
            thread.join()
