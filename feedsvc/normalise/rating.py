"""A rating as stated in; its words, its numbers and, where the scale is sure, its percentage out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from feedsvc.model import Rating, RatingClaim
from feedsvc.normalise.characters import fold

_NUMBER = r"\d{1,4}(?:[.,]\d{1,3})?"
_HALF = r"(?:\s*½|\s+1/2)"
_VALUE = rf"({_NUMBER})({_HALF})?"
_OUT_OF = re.compile(
    rf"(?<![\d.,/]){_VALUE}\s*(?:stars?\s+)?(?:/|out\s+of|of|von|sur|su|de)\s*({_NUMBER})(?![\d/])", re.I
)
_PERCENT = re.compile(rf"(?<![\d.,])({_NUMBER})\s*%")
_COUNTED = re.compile(rf"{_VALUE}\s*(?:[★⭐*]|stars?|sterne?|étoiles?|estrellas?|stelle)\W*", re.I)
_PLAIN = re.compile(rf"[+]?({_NUMBER})")
_FULL, _EMPTY, _HALVES = "★⭐🌟", "☆✩", "½⯨⯪"
_STARS = re.compile(rf"[{_FULL}{_EMPTY}{_HALVES}\uFE0F\s]*[{_FULL}{_EMPTY}][{_FULL}{_EMPTY}{_HALVES}\uFE0F\s]*")
#: Words that say that there is no rating.
_NONE = frozenset(
    {"", "-", "–", "—", "n/a", "na", "nan", "none", "no rating", "not rated", "nr", "null", "unrated", "tbd"}
)


@dataclass(frozen=True, slots=True)
class _Numbers:
    value: float | None = None
    best: float | None = None
    worst: float | None = None


def rating_of(claim: RatingClaim | None) -> Rating | None:
    """The rating, or None where none was given; "no rating" is never read as zero."""
    if claim is None:
        return None
    words = fold(claim.text or "", 200)
    value = fold(claim.value or "", 50)
    said = words if words.casefold() not in _NONE else value
    if said.casefold() in _NONE:
        return None
    stated = _Numbers(_number(value), _number(claim.best), _number(claim.worst))
    read = _read(value) if stated.value is None and value else _Numbers()
    if stated.value is None and read.value is None:
        read = _read(words)
    return _rating(words if words.casefold() not in _NONE else _spoken(value, stated.best), _merged(stated, read))


def _rating(text: str, numbers: _Numbers) -> Rating:
    value, best = numbers.value, numbers.best
    sure = value is not None and best is not None and best > 0 and (numbers.worst or 0) <= value <= best
    percent = round(100 * value / best, 2) if sure and value is not None and best else None
    return Rating(text=text, value=value, best=best, worst=numbers.worst, percent=percent)


def _merged(stated: _Numbers, read: _Numbers) -> _Numbers:
    """The fields first; what the words say fills in, but a scale from words never explains a value from fields."""
    if stated.value is not None:
        return stated
    return _Numbers(read.value, stated.best if stated.best is not None else read.best, stated.worst)


def _spoken(value: str, best: float | None) -> str:
    return f"{value}/{best:g}" if best is not None and _number(value) is not None else value


def _read(text: str) -> _Numbers:
    """The numbers in words: "7/10", "3.5 out of 5", "★★★½", "85%", "4 stars"."""
    if match := _COUNTED.fullmatch(text):
        return _Numbers(_sum(match[1], match[2]))
    if match := _OUT_OF.search(text):
        return _Numbers(_sum(match[1], match[2]), _number(match[3]))
    if match := _PERCENT.search(text):
        return _Numbers(_number(match[1]), 100.0)
    if match := _STARS.search(text):
        return _stars(match[0])
    return _Numbers(_number(text))


def _stars(run: str) -> _Numbers:
    """Stars counted; only where empty ones are drawn is the scale known."""
    full, empty, halves = (sum(run.count(star) for star in kind) for kind in (_FULL, _EMPTY, _HALVES))
    # "★★★½☆" draws the half in a place of its own.
    return _Numbers(full + halves / 2, float(full + empty + halves) if empty else None)


def _sum(whole: str, half: str | None) -> float | None:
    number = _number(whole)
    return number + 0.5 if number is not None and half else number


def _number(text: str | None) -> float | None:
    match = _PLAIN.fullmatch((text or "").strip())
    number = float(match[1].replace(",", ".")) if match else None
    return number if number is not None and math.isfinite(number) else None
