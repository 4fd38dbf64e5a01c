"""What is drawn when it is asked for goes in; it is drawn once, however many ask at once, and kept while it is true."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

from feedsvc.model import Rendition

SECOND = timedelta(seconds=1)
#: The most that is kept, in bytes and in number.
MOST_BYTES = 32 * 1024 * 1024
MOST = 500


class Once:
    """Renditions by address, each with the version of everything that it was drawn from. Safe between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES, most: int = MOST) -> None:
        self._most_bytes = most_bytes
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[bytes, Rendition]] = OrderedDict()
        self._under_way: dict[tuple[str, bytes], Future[Rendition]] = {}
        self.bytes = 0

    def get(self, address: str, version: bytes, draw: Callable[[], Rendition]) -> Rendition:
        """The rendition of this version: as kept, or as another thread is drawing it, or drawn now.

        What `draw` raises is raised to all who wait for it.
        """
        with self._lock:
            kept = self._kept.get(address)
            if kept is not None and kept[0] == version:
                self._kept.move_to_end(address)
                return kept[1]
            drawn = self._under_way.get((address, version))
            mine = drawn is None
            if drawn is None:
                drawn = self._under_way[address, version] = Future()
        if mine:
            self._draw(address, version, draw, drawn)
        return drawn.result()

    def __len__(self) -> int:
        return len(self._kept)

    def _draw(self, address: str, version: bytes, draw: Callable[[], Rendition], drawn: Future[Rendition]) -> None:
        try:
            made = draw()
        except BaseException as fault:
            with self._lock:
                del self._under_way[address, version]
            drawn.set_exception(fault)
            return
        with self._lock:
            made = self._dated(address, made)
            self._keep(address, version, made)
            del self._under_way[address, version]
        drawn.set_result(made)

    def _dated(self, address: str, made: Rendition) -> Rendition:
        """Other bytes under an old date would be kept from whoever asks by date alone (RFC 9110 13.1.3)."""
        before = self._kept.get(address)
        if before is None or before[1].etag == made.etag:
            return made
        return replace(made, modified=max(made.modified, before[1].modified + SECOND))

    def _keep(self, address: str, version: bytes, made: Rendition) -> None:
        self._drop(address)
        self._kept[address] = version, made
        self.bytes += len(made.body)
        while self.bytes > self._most_bytes or len(self._kept) > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, address: str) -> None:
        before = self._kept.pop(address, None)
        if before is not None:
            self.bytes -= len(before[1].body)
