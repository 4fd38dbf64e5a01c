"""The moments of one hop in, the limit of time that it has passed out. Pure; times in seconds of a clock that only goes
forward and stands still while nobody reads.
"""

from __future__ import annotations

from feedsvc.model import Limits


class Clocks:
    """One exchange's time: the whole of it, until it is connected, and how much came lately."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent = 0.0
        self._began = 0.0
        self._window = 0.0
        self._window_received = 0
        self._paused: float | None = None

    def depart(self, now: float) -> None:
        """A hop begins."""
        self._began = self._window = now
        self._window_received = 0
        self._paused = None

    def arrive(self, now: float) -> None:
        """A hop has ended; the time that it took counts on."""
        self.resume(now)
        self._spent += now - self._began

    def pause(self, now: float) -> None:
        """We have no room for more: it is not the server's fault, so its time stands still until `resume`."""
        if self._paused is None:
            self._paused = now

    def resume(self, now: float) -> None:
        """There is room again."""
        if self._paused is not None:
            self._began += now - self._paused
            self._window += now - self._paused
            self._paused = None

    def lookup_late(self, now: float) -> bool:
        """Whether a hop that waits for its name's addresses has waited too long."""
        limits = self._limits
        return now - self._began >= min(limits.connect_timeout, limits.total_timeout - self._spent)

    def late(self, now: float, received: int, connected: bool) -> str | None:
        """The limit that a hop has passed, in words; None when it is within all of them. `received` is in bytes."""
        limits, flown = self._limits, now - self._began
        if self._paused is not None:
            return None
        if self._spent + flown >= limits.total_timeout:
            return f"no whole answer within {limits.total_timeout:g} seconds ([limits] total_timeout)"
        if not connected:
            self._window = now
            if flown < limits.connect_timeout:
                return None
            return f"no connection within {limits.connect_timeout:g} seconds ([limits] connect_timeout)"
        if now - self._window < limits.slow_seconds:
            return None
        got = received - self._window_received
        self._window, self._window_received = now, received
        if got >= limits.slow_bytes * limits.slow_seconds:
            return None
        return f"{got} bytes in {limits.slow_seconds:g} seconds is too slow ([limits] slow_bytes, slow_seconds)"
