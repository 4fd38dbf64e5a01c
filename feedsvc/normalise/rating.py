"""A rating as stated in; its words, its numbers and, where the scale is sure, its percentage out."""

from __future__ import annotations

from feedsvc.model import Rating, RatingClaim, Scale
from feedsvc.normalise.characters import fold
from feedsvc.normalise.marks import Numbers, number, numbers_in

#: Words that say that there is no rating.
_NONE = frozenset(
    {"", "-", "–", "—", "n/a", "na", "nan", "none", "no rating", "not rated", "nr", "null", "unrated", "tbd"}
)


def rating_of(claim: RatingClaim | None, scale: Scale | None = None) -> Rating | None:
    """The rating, or None where none was given; "no rating" is never read as zero.

    `scale` is what the operator declares of the source: it explains what the source leaves open, and nothing else.
    """
    if claim is None:
        return None
    words = fold(claim.text or "", 200)
    value = fold(claim.value or "", 50)
    said = words if words.casefold() not in _NONE else value
    if said.casefold() in _NONE:
        return None
    stated = Numbers(number(value), number(claim.best), number(claim.worst))
    read = numbers_in(value, scale) if value else Numbers()
    if stated.value is None and read.value is None:
        read = numbers_in(words, scale)
    return _rating(words if words.casefold() not in _NONE else _spoken(value, stated.best), _merged(stated, read))


def _rating(text: str, numbers: Numbers) -> Rating:
    value, best = numbers.value, numbers.best
    sure = value is not None and best is not None and best > 0 and (numbers.worst or 0) <= value <= best
    percent = round(100 * value / best, 2) if sure and value is not None and best else None
    return Rating(text=text, value=value, best=best, worst=numbers.worst, percent=percent)


def _merged(stated: Numbers, read: Numbers) -> Numbers:
    """The fields first; what the words say fills in, but a scale from words never explains a value from fields."""
    if stated.best is not None:
        return Numbers(stated.value if stated.value is not None else read.value, stated.best, stated.worst)
    if stated.value is not None:
        return Numbers(stated.value, read.best, stated.worst if stated.worst is not None else read.worst)
    return Numbers(read.value, read.best, stated.worst if stated.worst is not None else read.worst)


def _spoken(value: str, best: float | None) -> str:
    return f"{value}/{best:g}" if best is not None and number(value) is not None else value
