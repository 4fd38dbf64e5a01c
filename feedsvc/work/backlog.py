"""How many chunks wait at the broker in, how many more may be handed over out. Pure.

Nobody counts workers: where all that was handed over was taken meanwhile, twice as much may wait from now on; where
most of it still waits, half as much. So the backlog follows what the workers take, and stays small when none is there.
"""

from __future__ import annotations

#: Chunks that may wait: to begin with, at least, and at most.
LEAST, MOST = 2, 256


class Backlog:
    """How much may wait."""

    def __init__(self) -> None:
        self.most = LEAST
        self._filled = False

    def room(self, waiting: int) -> int:
        """How many chunks may be handed over now, when so many are waiting."""
        if waiting == 0 and self._filled:
            self.most = min(MOST, self.most * 2)
        elif waiting * 2 > self.most:
            self.most = max(LEAST, self.most // 2)
        return max(0, self.most - waiting)

    def handed(self, room: int, chunks: int) -> None:
        """So many chunks were handed over where there was room for so many."""
        self._filled = 0 < room <= chunks
