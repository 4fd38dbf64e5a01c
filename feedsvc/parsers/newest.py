"""The dates of more items than are kept, as they stand → the places of the newest, in document order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz
from heapq import nlargest
from math import inf

#: Longer ones are no dates, in characters.
_LONGEST = 64


def newest(dates: Iterable[str | None], most: int) -> list[int]:
    """Which items to keep: those with the latest dates, and of the same date those that stand first.

    An item without a date that a program would write counts as old as the one before it, so a document without dates
    keeps its first items, which are the newest in almost every feed.
    """
    instants = array("d")
    instant = inf
    for date in dates:
        instant = _instant(date, instant) if date else instant
        instants.append(instant)
    return sorted(nlargest(most, range(len(instants)), key=instants.__getitem__))


def beyond(most: int) -> str:
    """What is said of a document with more items than are kept."""
    return f"The document has more than {most} items; only the newest {most} were read ([limits] max_items)."


def _instant(date: str, otherwise: float) -> float:
    """Seconds since 1970 of a date as RFC 3339 or RFC 5322 (3.3) has it. What people write normalise reads."""
    if len(date) > _LONGEST:
        return otherwise
    try:
        if date[:4].isdigit():
            moment = datetime.fromisoformat(date)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        parts = parsedate_tz(date)
        return float(mktime_tz(parts)) if parts else otherwise
    except (ValueError, OverflowError, TypeError, IndexError):
        return otherwise
