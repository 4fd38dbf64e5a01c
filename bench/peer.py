"""The peer: lemon24/reader, a feed library in Python as widely used as any, over SQLite as ours is."""

from __future__ import annotations

from pathlib import Path

from reader import make_reader

from bench.addresses import url

#: Threads that fetch; reading and storing is done by one, so that more of them change little.
WORKERS = 4


class Peer:
    """Looks at all feeds with `update_feeds`, as its documentation says."""

    def __init__(self, folder: Path, port: int, count: int) -> None:
        self._port, self._count = port, count
        self._reader = make_reader(str(folder / "reader.sqlite3"))

    def prepare(self) -> None:
        """Take in the feeds."""
        for number in range(self._count):
            self._reader.add_feed(url(number, self._port))

    def look(self) -> None:
        """Every feed once."""
        self._reader.update_feeds(workers=WORKERS)
