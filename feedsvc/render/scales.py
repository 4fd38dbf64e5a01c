"""A rating in, the scale that it is drawn in out: its own, never another. What is not sure is not drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from feedsvc.model import Rating

#: A row of stars or marks longer than this is drawn as a bar.
MOST_MARKS = 10

_STARS = re.compile(r"[★⭐🌟☆✩]|\b(?:stars?|sterne?n?|étoiles?|estrellas?|stelle?)\b|(?<![\w*])\*{1,5}(?![\w*])", re.I)
_LETTER = re.compile(r"[A-F]\s?[+\-−–]{0,2}")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a rating is drawn: `part` of `whole` stars, marks or hundredths of a bar; a letter and words draw nothing."""

    kind: Literal["stars", "marks", "bar", "letter", "words"]
    part: float = 0.0
    whole: float = 0.0


def scale_of(rating: Rating) -> Scale:
    """Stars where it speaks of stars, marks where it counts to ten at most, a bar for other sure scales, a letter."""
    value, best = rating.value, rating.best
    if _LETTER.fullmatch(rating.text):
        return Scale("letter")
    stars = _STARS.search(rating.text) is not None
    if stars and value is not None and best is None and 0 <= value <= MOST_MARKS:
        # How many there might have been is not known: only those that were given are drawn.
        return Scale("stars", value, float(-(-value // 1)) or 1.0)
    if rating.percent is None or value is None or best is None:
        return Scale("words")
    if best == int(best) and 3 <= best <= MOST_MARKS:
        return Scale("stars" if stars else "marks", value, best)
    return Scale("bar", rating.percent, 100.0)
