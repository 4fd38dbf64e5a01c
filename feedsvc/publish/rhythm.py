"""When the reviews of a feed are from in, how long a reader may wait until it looks again out. Pure: no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from statistics import median

MINUTE, HOUR = 60.0, 3600.0
#: Steps that RSS can name: minutes for ttl, and so many times an hour or a day.
STEPS = (15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
#: So many of the newest reviews tell the rhythm; fewer than the least tell none.
NEWEST, LEAST = 20, 3


def pause(positions: Iterable[datetime]) -> float | None:
    """Seconds: the longest step that is no longer than the usual time between two reviews; None for too few."""
    newest = sorted(positions, reverse=True)[:NEWEST]
    if len(newest) < LEAST:
        return None
    between = median((later - earlier).total_seconds() for later, earlier in pairwise(newest))
    return max((step for step in STEPS if step <= between), default=STEPS[0])
