"""The reviews of one work in, how far their ratings lie apart out: a drawing, and the ratings that stand for it.

Nothing is averaged. Each rating is laid on its own scale from its lowest to its highest end, and the words beside the
drawing are critics' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from feedsvc.model import Entry

#: With fewer ratings on sure scales there is nothing to be seen in a drawing.
FEWEST = 3
#: Ratings within so many hundredths of their scales stand above one another.
STEP = 5


@dataclass(frozen=True, slots=True)
class Dot:
    """One rating in the drawing: its distance from the low end (0–100), and how many stand below it."""

    along: int
    above: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Ratings laid out from the low to the high end of their scales; `low`, `middle` and `high` are reviews of them."""

    dots: tuple[Dot, ...]
    low: Entry
    middle: Entry
    high: Entry
    #: The tallest heap of dots.
    height: int


def spread_of(entries: Iterable[Entry]) -> Spread | None:
    """The spread of the ratings whose scale is sure, None where there are fewer than three."""
    known = [(percent, entry) for entry in entries if (percent := _percent(entry)) is not None]
    if len(known) < FEWEST:
        return None
    known.sort(key=lambda one: (one[0], one[1].review.key))
    heaps: Counter[int] = Counter()
    dots = []
    for percent, _ in known:
        along = round(percent / STEP) * STEP
        dots.append(Dot(along, heaps[along]))
        heaps[along] += 1
    ordered = [entry for _, entry in known]
    return Spread(tuple(dots), ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1], max(heaps.values()))


def _percent(entry: Entry) -> float | None:
    return entry.review.rating.percent if entry.review.rating else None
