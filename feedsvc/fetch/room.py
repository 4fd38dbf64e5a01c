"""Bytes of unfinished bodies in, whether more may be read out: what all transfers together may hold is bounded.

A body is read on while it is small and little is held altogether; beyond that it needs one of a few places, each good
for the largest body there can be. Whoever gets none waits in line, so that somebody always goes on. Pure.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

#: What bodies without a place may hold, one of them and all together, and what those with a place may; in bytes.
SMALL = 1024 * 1024
ALL_SMALL = 24 * 1024 * 1024
ALL_LARGE = 40 * 1024 * 1024

T = TypeVar("T")


class Room(Generic[T]):
    """Places for bodies of up to `largest` bytes. Bodies are told apart by whoever reads them, a hashable T."""

    def __init__(self, largest: int) -> None:
        self._free = max(1, ALL_LARGE // largest)
        self._placed: set[T] = set()
        self._small: dict[T, int] = {}
        self._all_small = 0
        self._line: deque[T] = deque()

    def placed(self, reader: T) -> bool:
        """Whether a reader has one of the places, and so may read all of its body."""
        return reader in self._placed

    def admit(self, reader: T, size: int) -> bool:
        """Whether a reader may read `size` bytes more; when not, it stands in line until `freed` names it."""
        if reader in self._placed:
            return True
        held = self._small.get(reader, 0)
        if held + size <= SMALL and self._all_small + size <= ALL_SMALL:
            self._small[reader] = held + size
            self._all_small += size
            return True
        if self._free:
            self._give_place(reader)
            return True
        if reader not in self._line:
            self._line.append(reader)
        return False

    def leave(self, reader: T) -> None:
        """Forget a reader and everything that it held; nothing happens when it held nothing."""
        self._all_small -= self._small.pop(reader, 0)
        if reader in self._placed:
            self._placed.discard(reader)
            self._free += 1
        elif reader in self._line:
            self._line.remove(reader)

    def freed(self) -> T | None:
        """The next in line, which has a place from now on; None when nobody waits or none is free."""
        if not self._line or not self._free:
            return None
        reader = self._line.popleft()
        self._give_place(reader)
        return reader

    def _give_place(self, reader: T) -> None:
        self._free -= 1
        self._placed.add(reader)
        self._all_small -= self._small.pop(reader, 0)
