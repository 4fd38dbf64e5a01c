"""A process in, what it and all its descendants cost out: CPU-seconds, and the peak of their memory. Linux alone.

A tree's CPU is exact for what lives (each process' own clock) and counted in hundredths of a second for what has ended.
Memory is proportional (PSS): a page that several processes share counts once between them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypedDict

_TICKS = os.sysconf("SC_CLK_TCK")
#: Seconds between two looks at the memory.
_GLANCE = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stretch of work took: wall and CPU in seconds, memory (the peak of the whole tree) in bytes."""

    wall: float
    cpu: float
    memory: int


def tree(root: int) -> list[int]:
    """A process and all its descendants that live."""
    found = [root]
    for process in found:
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):
                found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
    return found


def cpu_seconds(root: int) -> float:
    """CPU that a tree has used since it began, of its members that have ended too."""
    total = 0.0
    for process in tree(root):
        with suppress(OSError):
            # The clock of another process: its number, inverted, and CPUCLOCK_SCHED (clock_getcpuclockid(3)).
            total += time.clock_gettime((~process << 3) | 2)
            children = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[13:15]
            total += sum(map(int, children)) / _TICKS
    return total


def memory(root: int) -> int:
    """Proportional memory of a tree now, in bytes."""
    total = 0
    for process in tree(root):
        with suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


class Peak:
    """Watches a tree's memory while the block runs; `bytes` is the most that was seen."""

    def __init__(self, root: int) -> None:
        self.bytes = 0
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        last = False
        while not last:
            last = self._over.wait(_GLANCE)
            self.bytes = max(self.bytes, memory(self._root))


class Place(TypedDict):
    """Where a process runs, as subprocess takes it."""

    cwd: Path | None
    env: dict[str, str] | None


def of(checkout: Path | None) -> Place:
    """A checkout of this code, whose modules a process there imports; None: the place that we run in."""
    if checkout is None:
        return Place(cwd=None, env=None)
    return Place(cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout)})


class Measured:
    """A Python module started as a process that does one thing for each line on its input, and says "done" after.

    `checkout`: a folder with another version of the code, of which the module is then.
    """

    def __init__(self, module: str, arguments: Sequence[str], checkout: Path | None = None) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, **of(checkout)
        )
        self._pid = self._process.pid
        self._wait()

    def __enter__(self) -> Measured:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def cpu(self) -> float:
        """CPU-seconds of the tree since it began."""
        return cpu_seconds(self._pid)

    def do(self, word: str, times: int = 1) -> Cost:
        """Let it do one thing, or that many times, and measure that."""
        before, since = self.cpu(), time.monotonic()
        with Peak(self._pid) as peak:
            assert self._process.stdin is not None
            self._process.stdin.write(f"{word} {times}\n")
            self._wait()
            wall = time.monotonic() - since
        return Cost(wall=wall, cpu=self.cpu() - before, memory=peak.bytes)

    def _wait(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "done\n":
            raise RuntimeError(f"{self._process.args!r} ended or said {line!r} instead of 'done'; see above")
