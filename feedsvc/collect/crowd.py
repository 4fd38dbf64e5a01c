"""Looks that begin and end at hosts in; how many of them count as under way out. Safe to use from any thread."""

from __future__ import annotations

from threading import Lock

#: Of one host's looks only so many count as under way, since the others only wait in line for it.
AT_A_HOST = 8


class Crowd:
    """How many looks are at each host."""

    def __init__(self) -> None:
        self._at_host: dict[str, int] = {}
        self._lock = Lock()
        #: Looks that wait in line.
        self.in_line = 0

    def count(self, host: str | None, more: int) -> None:
        """One look more or less that needs this host; files have none."""
        if host is None:
            return
        with self._lock:
            before = self._at_host.pop(host, 0)
            if after := before + more:
                self._at_host[host] = after
            self.in_line += max(0, after - AT_A_HOST) - max(0, before - AT_A_HOST)
