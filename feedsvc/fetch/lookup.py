"""Host names in, their addresses out, each look-up on a thread of its own.

libcurl looks names up on 20 threads: as many dead domains make every other name wait until it times out, and closing
waits for them all (measured with 8.23). Ours are daemons, so nobody waits for one that a name server keeps waiting.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

#: The addresses of a name, in the order to be tried; an error when it has none.
Addresses = tuple[str, ...] | OSError
#: How long an answer is used again, in seconds, and how many are kept.
_KEPT = 60.0
_MOST = 4096


class Lookups:
    """Look-ups under way and lately done; `nudge` is called, on the look-up's thread, whenever one has ended."""

    def __init__(self, nudge: Callable[[], None], resolver: Callable[[str], Addresses] | None = None) -> None:
        self._nudge = nudge
        self._resolver = resolver or look_up
        self._ended: SimpleQueue[tuple[str, Addresses]] = SimpleQueue()
        self._pending: set[str] = set()
        self._known: dict[str, tuple[float, Addresses]] = {}

    def ask(self, name: str) -> Addresses | None:
        """The addresses of a name where they are known; else None, and they will come from `ended`."""
        until, addresses = self._known.get(name, (0.0, ()))
        if until > time.monotonic():
            return addresses
        if name not in self._pending:
            self._pending.add(name)
            threading.Thread(target=self._look_up, args=(name,), name=f"lookup {name}", daemon=True).start()
        return None

    def ended(self) -> list[tuple[str, Addresses]]:
        """Names with their addresses, for look-ups that have ended since the last call."""
        found: list[tuple[str, Addresses]] = []
        while True:
            try:
                name, addresses = self._ended.get_nowait()
            except Empty:
                return found
            self._pending.discard(name)
            self._known.pop(name, None)
            self._known[name] = time.monotonic() + _KEPT, addresses
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
            found.append((name, addresses))

    def _look_up(self, name: str) -> None:
        self._ended.put((name, self._resolver(name)))
        self._nudge()


def pinned(pins: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Addresses by "name:port", from pins as curl writes them ("name:port:address,address"; "[…]" around IPv6)."""
    found: dict[str, tuple[str, ...]] = {}
    for pin in pins:
        name, port, addresses = pin.split(":", 2)
        found[f"{name}:{port}"] = tuple(address.strip("[]") for address in addresses.split(","))
    return found


def look_up(name: str) -> Addresses:
    """All addresses that the system's resolver has for an ASCII name; waits for as long as that takes."""
    try:
        # Bytes, since text would go through a codec that refuses names with long labels in its own way.
        found = socket.getaddrinfo(name.encode("ascii"), None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except OSError as fault:
        return fault
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))
