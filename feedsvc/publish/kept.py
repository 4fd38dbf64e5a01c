"""What was made once goes in, with all that can change it as its key; the same comes out as long as there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values in memory up to a number of bytes; what was not asked for the longest goes first. Safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self.bytes = 0

    def get(self, key: Hashable) -> V | None:
        """What is kept under a key; None when nothing is."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, size: int) -> V:
        """Keeps a value of so many bytes, and gives it back."""
        with self._lock:
            self._drop(key)
            self._held[key] = value, size
            self.bytes += size
            while self.bytes > self._most:
                self._drop(next(iter(self._held)))
        return value

    def _drop(self, key: Hashable) -> None:
        before = self._held.pop(key, None)
        if before is not None:
            self.bytes -= before[1]
