"""One collector as a process: `python -m bench.subject NAME FOLDER PORT FEEDS`; a line on its input is a thing to do.

Lines are the name of a method (prepare, look, tick) and how many times. It says "done" when it is ready and after each.
"""

from __future__ import annotations

import sys
from pathlib import Path


def start(name: str, folder: Path, port: int, count: int) -> object:
    """The collector of that name; nothing that another one needs is imported."""
    if name == "feedsvc":
        from bench.service import Service

        return Service(folder, port, count)
    if name == "reader":
        from bench.peer import Peer

        return Peer(folder, port, count)
    from bench.floor import Floor

    return Floor(folder, port, count, skip=name == "floor-that-skips", clean=name == "floor-that-cleans")


def main() -> None:
    """Do as the lines say until they end."""
    name, folder, port, count = sys.argv[1:]
    subject = start(name, Path(folder), int(port), int(count))
    print("done", flush=True)
    for line in sys.stdin:
        word, times = line.split()
        for _ in range(int(times)):
            getattr(subject, word)()
        print("done", flush=True)


if __name__ == "__main__":
    main()
