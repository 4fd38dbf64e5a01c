"""What happened at a look and what the source asks for in, when to look next out. Pure; durations in seconds.

Nothing is random: the jitter of a look comes from the source's name and the moment, so that looks at many sources
never line up into a herd, and a test knows what to expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from statistics import median

from feedsvc.errors import HttpStatus, SourceError
from feedsvc.model import Rhythm, SourceState

#: The longest wait that a server can impose by Retry-After.
LONGEST_WAIT = 7 * 86400.0
#: How far from the interval a look may lie, as a share of it.
JITTER = 0.1
#: How often to look per item that a source publishes: a new review is found after 1/16 of the usual pause, on average.
LOOKS_PER_ITEM = 8
#: How many of the newest dates tell a source's habit.
RECENT = 20
#: So many newcomers are looked at without delay.
AT_ONCE = 50
#: A file or folder is cheap to look at, and whoever drops a document waits for it.
LOCAL_INTERVAL = 60.0

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to look, as configured: `interval` where a source's habit is unknown, and the bounds, in seconds."""

    interval: float = 1800.0
    min_interval: float = 900.0
    max_interval: float = 86400.0


def next_after_success(
    *,
    now: datetime,
    state: SourceState,
    rhythm: Rhythm,
    max_age: float | None,
    published: Sequence[datetime],
    changed: bool,
    options: Cadence,
    name: str,
) -> tuple[datetime, float]:
    """When to look again after a source was read (or said that nothing changed), and the interval to store.

    `max_age` is what the server asked for, `published` the dates of the newest items (of the document, or as stored),
    `changed` whether there was anything new. Never sooner than the longest of what was asked, within the bounds; only
    skipHours and skipDays (RSS 2.0) can push the look beyond `max_interval`.
    """
    asked = _within(max(max_age or 0.0, rhythm.ttl or 0.0, rhythm.period or 0.0), options)
    interval = max(asked, _within(_habit(published, now) or _grope(state, changed, options), options))
    wait = _jittered(interval, asked, options, name, now)
    return _past_skips(now + timedelta(seconds=wait), rhythm), interval


def next_after_failure(
    *, now: datetime, state: SourceState, error: SourceError, options: Cadence, name: str
) -> tuple[datetime, float, bool]:
    """When to look again after a failure, the interval to store, and whether the source is stopped (410).

    The interval doubles up to `max_interval`. Retry-After is kept to the second, up to seven days, but never sooner
    than `min_interval`.
    """
    interval = _within(2 * _within(state.interval, options), options)
    stopped = isinstance(error, HttpStatus) and error.status == 410
    if isinstance(error, HttpStatus) and error.retry_after is not None:
        wait = max(options.min_interval, min(error.retry_after, LONGEST_WAIT))
    else:
        wait = _jittered(interval, options.min_interval, options, name, now)
    return now + timedelta(seconds=wait), interval, stopped


def first_checks(names: Sequence[str], now: datetime, interval: float) -> dict[str, datetime]:
    """The first look at each newcomer: a few at once, the others spread evenly over `interval` in the order given."""
    late = max(1, len(names) - AT_ONCE)
    return {
        name: now + timedelta(seconds=interval * max(0, place - AT_ONCE + 1) / late) for place, name in enumerate(names)
    }


def next_local_look(now: datetime, interval: float | None) -> tuple[datetime, float]:
    """When to look again at a local file or folder, read or not, and the interval: as configured, else a minute."""
    interval = interval or LOCAL_INTERVAL
    return now + timedelta(seconds=interval), interval


def _within(interval: float, options: Cadence) -> float:
    return min(max(interval, options.min_interval), options.max_interval)


def _habit(published: Sequence[datetime], now: datetime) -> float | None:
    """The interval that fits how often a source publishes, None when its dates do not tell.

    The usual pause between items, or the present silence where that is longer already. Dates in the future say nothing.
    """
    dates = sorted((date for date in published if date <= now), reverse=True)[:RECENT]
    if len(dates) < 2:
        return None
    pause = median((newer - older).total_seconds() for newer, older in pairwise(dates))
    return max(pause, (now - dates[0]).total_seconds()) / LOOKS_PER_ITEM


def _grope(state: SourceState, changed: bool, options: Cadence) -> float:
    """Without dates: sooner after something new, later after nothing; from the start again after failures."""
    last = options.interval if state.failures or state.interval <= 0 else state.interval
    return last * (0.5 if changed else 1.25)


def _jittered(interval: float, least: float, options: Cadence, name: str, now: datetime) -> float:
    """A moment around the interval, but never sooner than `least` nor later than the bound (or `least` itself)."""
    earliest = max(interval * (1 - JITTER), least)
    latest = max(min(interval * (1 + JITTER), options.max_interval), earliest)
    return earliest + (latest - earliest) * _share(name, now)


def _share(name: str, now: datetime) -> float:
    """A number in [0, 1) that differs between sources and between looks, and is the same whenever it is asked for."""
    digest = sha256(f"{name}\n{now.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _past_skips(moment: datetime, rhythm: Rhythm) -> datetime:
    """The same minute of the first hour that is not to be skipped; a feed that skips every hour or day is not heeded.

    Going by whole hours keeps the looks of many sources apart. Hours and days are in GMT; some feeds write 24 for 0.
    """
    hours = {hour % 24 for hour in rhythm.skip_hours}
    days = {_WEEKDAYS.index(day.lower()) for day in rhythm.skip_days if day.lower() in _WEEKDAYS}
    hours = set() if len(hours) == 24 else hours
    days = set() if len(days) == 7 else days
    while moment.hour in hours or moment.weekday() in days:
        moment += timedelta(hours=1)
    return moment
