"""What a server and its feed ask for in, the earliest moment that respects it out. Pure; durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.model import Rhythm

#: The longest wait that a server can impose by Retry-After.
LONGEST_WAIT = 7 * 86400.0

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to look, as configured: `interval` where a source's habit is unknown, and the bounds, in seconds."""

    interval: float = 1800.0
    min_interval: float = 900.0
    max_interval: float = 86400.0


def within(interval: float, options: Cadence) -> float:
    """The interval, no shorter and no longer than the bounds allow."""
    return min(max(interval, options.min_interval), options.max_interval)


def least(rhythm: Rhythm, max_age: float | None, options: Cadence) -> float:
    """The longest of what was asked for (RFC 9111 5.2.2.1, RSS 2.0 ttl, mod_syndication), within the bounds."""
    asked = max(options.min_interval, max_age or 0.0, rhythm.ttl or 0.0, rhythm.period or 0.0)
    return min(asked, options.max_interval)


def past_skips(moment: datetime, rhythm: Rhythm) -> datetime:
    """The same minute of the first hour that is not to be skipped (RSS 2.0 skipHours, skipDays).

    Going by whole hours keeps the looks of many sources apart. Hours and days are in GMT; some feeds write 24 for 0. A
    feed that skips every hour, or every day, is not heeded in that.
    """
    if not rhythm.skip_hours and not rhythm.skip_days:
        return moment
    hours = {hour % 24 for hour in rhythm.skip_hours}
    days = {_WEEKDAYS.index(day.lower()) for day in rhythm.skip_days if day.lower() in _WEEKDAYS}
    hours = set() if len(hours) == 24 else hours
    days = set() if len(days) == 7 else days
    while moment.hour in hours or moment.weekday() in days:
        moment += timedelta(hours=1)
    return moment
