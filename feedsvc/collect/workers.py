"""Tasks in, what reading them gave out: processes that parse and normalise, each on one document at a time.

A document that makes its process die, or takes too long, ends that process alone; the source is told, and the next
task gets a new process. All are forked from one that knows the modules already, so a new one costs little.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from queue import Empty, LifoQueue
from types import TracebackType

from feedsvc.errors import SourceError, TooLarge
from feedsvc.reading import Reading, Setup, Task, place

#: Seconds that one document may take to read.
PATIENCE = 30.0
#: Documents that one process reads: libxml2 keeps every name that it has ever seen.
TASKS = 2000


class _Died(Exception):
    """A reader's process has ended."""


class Readers:
    """At most `processes` readers, started as they are needed; safe to use from any thread."""

    def __init__(self, processes: int, setup: Setup, patience: float = PATIENCE) -> None:
        self.processes = processes
        self._patience = patience
        self._setup = setup
        self._idle: LifoQueue[_Reader] = LifoQueue()
        # One thread for each process: it hands over a task and waits for what comes back.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="reader")

    def submit(self, task: Callable[[], Task], done: Callable[[Reading | BaseException], None]) -> Future[None]:
        """Read what `task` makes and call `done`, on a thread of ours, with what came of it: a Reading, or an error.

        Errors are SourceError for what the document is to blame for, ReaderBug or any other for what we are.
        """
        return self._threads.submit(self._run, task, done)

    def _run(self, task: Callable[[], Task], done: Callable[[Reading | BaseException], None]) -> None:
        try:
            result: Reading | BaseException = self._read(task())
        except Exception as error:
            result = error
        done(result)

    def _read(self, task: Task) -> Reading | BaseException:
        """The answer of a reader that is free; a process that had died while it waited is no document's fault."""
        answer: Reading | BaseException = _Died()
        with suppress(Empty):
            answer = self._ask(self._idle.get_nowait(), task)
        if isinstance(answer, _Died):
            answer = self._ask(_Reader(self._setup), task)
        if not isinstance(answer, _Died):
            return answer
        return SourceError(
            f"{place(task)}: reading it made the reading process end (it may have wanted more memory than there is). "
            "The source is asked less often until it can be read."
        )

    def _ask(self, reader: _Reader, task: Task) -> Reading | BaseException:
        answer = reader.ask(task, self._patience)
        if reader.tasks >= TASKS:
            reader.end()
        if reader.alive:
            self._idle.put(reader)
        return answer

    def close(self) -> None:
        """End the processes, after what they have in hand."""
        self._threads.shutdown(wait=True)
        while self._idle.qsize():
            self._idle.get_nowait().end()

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Reader:
    """One process and our end of the pipe to it."""

    def __init__(self, setup: Setup) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            _NURSERY.fork(theirs.fileno())
        self._setup = setup
        self._pid = 0
        self.alive = True
        self.tasks = 0

    def ask(self, task: Task, patience: float) -> Reading | BaseException:
        """What it read, or _Died; seconds."""
        self.tasks += 1
        try:
            if not self._pid:
                self._pid = self._pipe.recv()
                self._pipe.send(self._setup)
            self._pipe.send(task)
            if self._pipe.poll(patience):
                answer: Reading | BaseException = self._pipe.recv()
                return answer
        except (EOFError, OSError):
            self.end()
            return _Died()
        self.end()
        return TooLarge(
            f"{place(task)}: reading it took longer than {patience:g} seconds, so it was given up. Ask the outlet for "
            "a plainer feed."
        )

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.alive = False
        self._pipe.close()
        _NURSERY.end(self._pid)


class _Nursery:
    """The process that readers are forked from, started when first needed; never shared across a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._owner = 0

    def fork(self, descriptor: int) -> None:
        """One more reader, on this descriptor."""
        with self._lock:
            socket.send_fds(self._running(), [b"f" + bytes(8)], [descriptor])

    def end(self, pid: int) -> None:
        """End a reader; nothing happens when it has ended, or when all have."""
        with self._lock, suppress(OSError):
            if self._orders is not None and self._owner == os.getpid():
                self._orders.sendall(b"k" + pid.to_bytes(8, "big"))

    def close(self) -> None:
        """End it, and so every reader that has nothing in hand."""
        with self._lock:
            self._end()

    def _running(self) -> socket.socket:
        alive = self._process is not None and self._owner == os.getpid() and self._process.poll() is None
        if self._orders is None or not alive:
            self._end()
            if not self._owner:
                atexit.register(self.close)
            self._owner = os.getpid()
            self._orders, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "feedsvc.reader"],
                    stdin=theirs.fileno(),
                    # Ctrl-C in a terminal must not end it: what is in hand is to be finished.
                    start_new_session=True,
                )
        return self._orders

    def _end(self) -> None:
        if self._orders is not None:
            self._orders.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait()
        self._orders = self._process = None


_NURSERY = _Nursery()
