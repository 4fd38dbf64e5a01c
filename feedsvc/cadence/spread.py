"""Many sources in, moments that never line up into a herd out. Pure; durations in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from feedsvc.cadence.asked import Cadence
from feedsvc.model import SourceState

#: How far from the interval a look may lie, as a share of it.
JITTER = 0.1
#: So many newcomers are looked at without delay.
AT_ONCE = 50
#: Later than this is no busy minute: the service, or the machine, was down.
DOWNTIME = 300.0
#: How many overdue sources are looked at in a second, unless `interval` is too short for that.
OVERDUE_A_SECOND = 1.0


def _number(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass"))


def share(name: str, now: datetime) -> float:
    """A number in [0, 1) that differs between sources and between looks, and is the same whenever it is asked for."""
    return crc32(b"%d" % now.microsecond, _number(name) ^ int(now.timestamp())) / 2**32


def jittered(interval: float, least: float, options: Cadence, name: str, now: datetime) -> float:
    """A wait around the interval, but never shorter than `least` nor longer than the bound (or `least` itself)."""
    earliest = max(interval * (1 - JITTER), least)
    latest = max(min(interval * (1 + JITTER), options.max_interval), earliest)
    return earliest + (latest - earliest) * share(name, now)


def first_checks(names: Sequence[str], now: datetime, interval: float) -> dict[str, datetime]:
    """The first look at each newcomer: a few at once in the order given, the others spread evenly over `interval`.

    Those are shuffled, the same way each time, since a list often names the sources of one host one after another.
    """
    late = sorted(names[AT_ONCE:], key=_number)
    step = interval / max(1, len(late))
    return dict.fromkeys(names, now) | {
        name: now + timedelta(seconds=step * place) for place, name in enumerate(late, start=1)
    }


def after_downtime(overdue: Sequence[tuple[str, datetime]], now: datetime, options: Cadence) -> dict[str, datetime]:
    """New moments for the sources that became due while nobody looked, the most overdue first; empty when none was.

    There was a downtime when the most overdue of them (name, next_check) is more than five minutes late: then all are
    spread evenly, one a second, or over `interval` where they are more. To be asked at start, and when a tick finds
    that it comes late itself (the machine slept, or its clock was set forward); not at every tick.
    """
    ordered = sorted(overdue, key=lambda source: (source[1], source[0]))
    if not ordered or (now - ordered[0][1]).total_seconds() <= DOWNTIME:
        return {}
    step = min(1 / OVERDUE_A_SECOND, options.interval / len(ordered))
    return {name: now + timedelta(seconds=step * place) for place, (name, _) in enumerate(ordered)}


def after_step_back(states: Iterable[SourceState], now: datetime) -> dict[str, datetime]:
    """New moments for the sources that were looked at in what is the future since the clock was set back.

    The newest of those looks is taken for this moment, and all are moved by as much: what was asked of us, and the
    distance between sources, stay. Empty when the clock was not set back. To be asked at start and after such a step.
    """
    ahead = [
        (state.name, state.next_check, state.last_checked)
        for state in states
        if state.last_checked is not None and state.last_checked > now
    ]
    step = max((looked - now for _, _, looked in ahead), default=timedelta())
    return {name: max(now, check - step) for name, check, _ in ahead}
