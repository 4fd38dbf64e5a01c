"""Documents for the readers in; what each held out, on a reader's thread. How many are with them, and their bytes.

Safe to use from any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from feedsvc.collect.workers import Readers
from feedsvc.reading import Reading, Task

#: Bytes of documents that may wait for a reader; beyond it the network waits too.
WAITING_BYTES = 64 * 1024 * 1024


class Handing:
    """What is with the readers."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        #: Documents, and the bytes of all that came from the web.
        self._reading = self._waiting_bytes = 0
        self._changed = Condition()

    def hand_over(self, task: Callable[[], Task], size: int, done: Callable[[Reading | BaseException], None]) -> None:
        """Have a document of so many bytes read; `done` is called with what it held, or why it could not be read."""

        def ended(result: Reading | BaseException) -> None:
            try:
                done(result)
            finally:
                with self._changed:
                    self._reading -= 1
                    self._waiting_bytes -= size
                    self._changed.notify_all()

        with self._changed:
            # First, since it raises where the readers are closed; whoever is done waits for this lock to say so.
            self._readers.submit(task, ended)
            self._reading += 1
            self._waiting_bytes += size

    def wait_for_room(self) -> None:
        """While too much waits to be read nothing more is taken from the network."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting_bytes <= WAITING_BYTES)

    def wait_until_idle(self) -> None:
        """Return when all that was handed over is read."""
        with self._changed:
            self._changed.wait_for(lambda: not self._reading)
