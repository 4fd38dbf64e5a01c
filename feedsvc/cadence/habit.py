"""The dates of a source's items in, how often it publishes and so how often to look out. Pure; durations in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from math import sqrt

from feedsvc.cadence.asked import Cadence
from feedsvc.model import SourceState

#: How many of the newest dates tell a source's habit, and how few do not: then earlier looks are remembered.
RECENT, FEW = 20, 5
#: How much one pause changes what earlier looks told.
WEIGHT = 0.25


def observed(state: SourceState, dates: Sequence[datetime], now: datetime) -> tuple[float | None, datetime | None]:
    """The usual pause between items and the date of the newest, as a document and what is known already tell them.

    Dates in the future say nothing. A document with few items, or new ones alone (RFC 3229), adds to what is known.
    """
    known = _newest_first(dates, now)
    if not known:
        return None, None
    if len(known) >= FEW or state.newest is None:
        return _usual(known), known[0]
    return _remembered(state, known), max(known[0], state.newest)


def _newest_first(dates: Sequence[datetime], now: datetime) -> list[datetime]:
    """The newest of the dates that are past, each once: items of one moment are one."""
    # Comparing is cheap, hashing is not: a set of fresh dates would take most of a look's time here.
    known: list[datetime] = []
    for date in sorted(dates, reverse=True):
        if date <= now and (not known or date < known[-1]):
            known.append(date)
    return known[:RECENT]


def _usual(newest_first: Sequence[datetime]) -> float | None:
    """The middle one of the pauses, so that a festival or an old review on top tells nothing."""
    pauses = sorted(newer - older for newer, older in pairwise(newest_first))
    return pauses[len(pauses) // 2].total_seconds() if pauses else None


def _remembered(state: SourceState, newest_first: Sequence[datetime]) -> float | None:
    """The known pause, drawn towards those that have ended since."""
    since = [date for date in newest_first if state.newest is not None and date > state.newest]
    if state.pause is None:
        return _usual([*since, state.newest] if state.newest and since else newest_first)
    pause, last = state.pause, state.newest
    for date in reversed(since):
        if last is not None:
            pause += WEIGHT * ((date - last).total_seconds() - pause)
        last = date
    return pause


def wanted(pause: float | None, newest: datetime | None, now: datetime, options: Cadence) -> float | None:
    """The interval that fits how often a source publishes; None when its dates do not tell.

    The geometric mean of `min_interval` and the usual pause, or the present silence where that is longer already: for a
    given number of requests, the delay of a review is least on average when the looks at a source grow with the square
    root of what it publishes (Sia, Cho, Cho 2007, "Efficient Monitoring Algorithm for Fast News Alerts").
    """
    if pause is None or newest is None:
        return None
    return sqrt(max(pause, (now - newest).total_seconds()) * options.min_interval)
