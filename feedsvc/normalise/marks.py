"""The words of a mark in ("7/10", "★★★½☆", "vier von fünf Sternen", "B+"); its numbers out. Nothing is guessed."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from feedsvc.model import Scale


class Numbers(NamedTuple):
    """A value on a scale, as far as both are known."""

    value: float | None = None
    best: float | None = None
    worst: float | None = None


_WORDS = (
    (0, "zero null zéro cero"),
    (1, "one ein eins eine einem einen un une uno una"),
    (2, "two zwei deux dos due"),
    (3, "three drei trois tres tre"),
    (4, "four vier quatre cuatro quattro"),
    (5, "five fünf cinq cinco cinque"),
    (6, "six sechs seis sei"),
    (7, "seven sieben sept siete sette"),
    (8, "eight acht huit ocho otto"),
    (9, "nine neun neuf nueve nove"),
    (10, "ten zehn dix diez dieci"),
)
_COUNTS = {word: float(count) for count, words in _WORDS for word in words.split()}
_FIGURE = r"\d{1,4}(?:[.,]\d{1,3})?"
_COUNT = rf"(?:{_FIGURE}|\b(?:{'|'.join(sorted(_COUNTS, key=len, reverse=True))}))"
_HALF = (
    r"(?:\s*½|\s+1/2|einhalb|"
    r"\s+(?:and\s+a\s+half|und\s+(?:ein(?:en)?\s+)?halb\w*|et\s+demie?|y\s+medi[ao]|e\s+mezz[oa]))"
)
_VALUE = rf"({_COUNT})({_HALF})?"
_STAR = r"(?:[★⭐*]|stars?\b|stern(?:e|en)?\b|étoiles?\b|estrellas?\b|stell[ae]\b)"
_UNIT = rf"(?:{_STAR}|points?\b|punkt(?:e|en)?\b|puntos?\b|punt[io]\b|pts?\b\.?)"
_OUT_OF = (
    rf"{_VALUE}\s*(?:{_UNIT}\s*)?\(?(?:/|\b(?:out\s+of|of|von|aus|sur|su|sobre|de)\b)\s*({_COUNT})\b\s*(?:{_UNIT})?\)?"
)
_WHOLE_OUT_OF = re.compile(_OUT_OF, re.I)
_SOME_OUT_OF = re.compile(rf"(?<![\d.,/]){_OUT_OF}(?![\d/])", re.I)
_PERCENT = re.compile(rf"(?<![\d.,])({_FIGURE})\s*(?:%|percent\b|prozent\b)", re.I)
_COUNTED = re.compile(rf"{_VALUE}\s*{_STAR}", re.I)
_PLAIN = re.compile(rf"[+]?({_FIGURE})")
_PLAIN_HALF = re.compile(rf"({_FIGURE})(\s*½)")
_FULL, _EMPTY, _HALVES = "★⭐🌟", "☆✩", "½⨯⯪"
_ANY_STAR = f"{_FULL}{_EMPTY}"
_STARS = re.compile(rf"[{_ANY_STAR}{_HALVES}\uFE0F\s]*[{_ANY_STAR}][{_ANY_STAR}{_HALVES}\uFE0F\s]*")
_THUMBS = re.compile(
    r"(?:(one|a|two)\s+)?thumbs?[\s-]+(up|down)|Daumen\s+(hoch|runter)|([👍👎]{1,2})[\U0001F3FB-\U0001F3FF\uFE0F]*",
    re.I,
)
#: From the lowest: schools give no E, and to all but F a sign.
LETTERS = ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
_LETTER = re.compile(r"([A-DF])\s?([+\-−–])?")
#: What every mark of more than three characters begins with that is no word of a declared scale.
_BEGINNING = re.compile(
    rf"[\s\d+{_ANY_STAR}{_HALVES}\uFE0F👍👎]|{'|'.join(sorted({word[:3] for word in _COUNTS}))}|a\s|thumb|daumen", re.I
)
_NO_SCALE = Scale()


def mark_of(words: str, scale: Scale | None = None) -> Numbers | None:
    """The numbers of words that are a mark and nothing else; None of any other words.

    A bare figure is one only on a declared scale: "12" may be an age, a date, a number of songs.
    """
    scale, said = scale or _NO_SCALE, words.strip().strip(".!")
    bare = said[1:-1].strip() if said[:1] + said[-1:] in ("()", "[]") else said
    if found := _word(bare, scale):
        return found
    # Most lines are none, and their beginning shows it before each form has to be tried.
    if len(bare) > 3 and not _BEGINNING.match(bare):
        return None
    for read in (_stars, _out_of, _percent, _counted, _letter, _thumbs):
        if found := read(bare, scale):
            return found
    figure = _plain(bare)
    return _on(scale, figure) if figure is not None and scale.best is not None else None


def numbers_in(words: str, scale: Scale | None = None) -> Numbers:
    """The numbers in words that are known to be a mark, with a remark beside it or not: "4 stars – superb"."""
    scale = scale or _NO_SCALE
    if found := mark_of(words, scale):
        return found
    if match := _SOME_OUT_OF.search(words):
        return Numbers(_sum(match[1], match[2]), _count(match[3]))
    if match := _PERCENT.search(words):
        return Numbers(number(match[1]), 100.0)
    if match := _STARS.search(words):
        return _stars(match[0], scale) or Numbers()
    return _on(scale, _plain(words))


def number(text: str | None) -> float | None:
    """A number as it is written, with a point or a comma; None of anything else."""
    match = _PLAIN.fullmatch((text or "").strip())
    figure = float(match[1].replace(",", ".")) if match else None
    return figure if figure is not None and math.isfinite(figure) else None


def _word(words: str, scale: Scale) -> Numbers | None:
    said = words.casefold()
    worth = next((worth for word, worth in scale.words if word.casefold() == said), None)
    return None if worth is None else _on(scale, worth)


def _stars(words: str, scale: Scale) -> Numbers | None:
    """Stars counted; where no empty ones are drawn, only the source's scale tells how many there might be."""
    if not _STARS.fullmatch(words):
        return None
    full, empty, halves = (sum(words.count(star) for star in kind) for kind in (_FULL, _EMPTY, _HALVES))
    # "★★★½☆" draws the half in a place of its own.
    value = full + halves / 2
    return Numbers(value, float(full + empty + halves)) if empty else _on(scale, value)


def _out_of(words: str, scale: Scale) -> Numbers | None:
    match = _WHOLE_OUT_OF.fullmatch(words)
    return Numbers(_sum(match[1], match[2]), _count(match[3])) if match else None


def _percent(words: str, scale: Scale) -> Numbers | None:
    match = _PERCENT.fullmatch(words)
    return Numbers(number(match[1]), 100.0) if match else None


def _counted(words: str, scale: Scale) -> Numbers | None:
    match = _COUNTED.fullmatch(words)
    return _on(scale, _sum(match[1], match[2])) if match else None


def _letter(words: str, scale: Scale) -> Numbers | None:
    """A grade, as its place among the thirteen from F (0) to A+ (12)."""
    match = _LETTER.fullmatch(words) if scale.letters else None
    letter = match[1] + (match[2] or "").translate({ord("−"): "-", ord("–"): "-"}) if match else ""
    return Numbers(float(LETTERS.index(letter)), 12.0, 0.0) if letter in LETTERS else None


def _thumbs(words: str, scale: Scale) -> Numbers | None:
    match = _THUMBS.fullmatch(words)
    if match is None:
        return None
    raised = "👍" in words or (match[2] or match[3] or "").casefold() in {"up", "hoch"}
    many = 2.0 if (match[1] or "").casefold() == "two" or len(match[4] or "") == 2 else 1.0
    return Numbers(many if raised else 0.0, many, 0.0)


def _on(scale: Scale, value: float | None) -> Numbers:
    """A value on the declared scale, where it fits on it."""
    if value is None or scale.best is None or not (scale.worst or 0) <= value <= scale.best:
        return Numbers(value)
    return Numbers(value, scale.best, scale.worst)


def _plain(words: str) -> float | None:
    match = _PLAIN_HALF.fullmatch(words.strip())
    return _sum(match[1], match[2]) if match else number(words)


def _count(words: str) -> float | None:
    return _COUNTS.get(words.casefold(), number(words))


def _sum(whole: str, half: str | None) -> float | None:
    count = _count(whole)
    return count + 0.5 if count is not None and half else count
