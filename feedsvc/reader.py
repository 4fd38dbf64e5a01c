"""The processes that read documents, and the one that they are forked from: it has imported what they need.

`python -m feedsvc.reader` serves the socket on its standard input. Messages have 9 bytes, a letter and a number (most
significant first): "f" with a descriptor makes a reader on that descriptor, "k" ends the reader of that number. At the
socket's end, when whoever started it is gone, it ends too, and so do the readers, each at the end of its own pipe.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection

from feedsvc.errors import SourceError, TooLarge
from feedsvc.reading import Reading, Setup, Task, place, read

#: Bytes of memory that a reader may ask for, far above what 10 MB of feed need.
MEMORY = 3 * 1024**3

#: Objects made between two searches for cycles: what is read has hardly any, and with the usual 700 the searches take a
#: tenth of all time.
OBJECTS = 50_000

_LENGTH = 9


class ReaderBug(Exception):
    """A mistake of ours met in a reader's process; the message is its traceback."""


def main() -> None:
    """Fork readers until the socket on standard input ends."""
    readers: set[int] = set()
    # What is imported stays, and is neither searched for cycles nor copied for that by each reader.
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as orders:
        while True:
            message, descriptors, _, _ = socket.recv_fds(orders, _LENGTH, 1, socket.MSG_WAITALL)
            readers -= _ended(readers)
            if not message:
                return
            if message[:1] == b"k":
                _end(int.from_bytes(message[1:], "big"), readers)
            elif descriptors:
                pid = os.fork()
                if not pid:
                    orders.close()
                    os.close(0)
                    serve(Connection(descriptors[0]))
                    os._exit(0)
                readers.add(pid)
                os.close(descriptors[0])


def _ended(readers: set[int]) -> set[int]:
    """The readers that have ended by themselves; their numbers may be given to other processes from now on."""
    return {pid for pid in readers if os.waitpid(pid, os.WNOHANG)[0]}


def _end(pid: int, readers: set[int]) -> None:
    if pid in readers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        readers.discard(pid)


def serve(pipe: Connection) -> None:
    """Say who we are, take the Setup, then read one Task after the other until the other end is closed or gone."""
    gc.set_threshold(OBJECTS)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(EOFError, OSError):
        pipe.send(os.getpid())
        setup: Setup = pipe.recv()
        while True:
            pipe.send(_answer(pipe.recv(), setup))


def _answer(task: Task, setup: Setup) -> Reading | BaseException:
    try:
        return read(task, setup)
    except SourceError as error:
        return error
    except MemoryError:
        return TooLarge(f"{place(task)}: reading it takes too much memory. Ask the outlet for a shorter feed.")
    except Exception:
        return ReaderBug(traceback.format_exc())


if __name__ == "__main__":
    # By its real name, so that what readers send is of classes that their parent knows.
    from feedsvc.reader import main as really

    really()
