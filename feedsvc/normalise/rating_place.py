"""A headline and a review's text in; the rating that stands in one of the places for it, and which, out.

Those places are the end of the headline, the first and the last lines, and a line with a label ("Rating: …"). A mark
in running prose is somebody's figure of speech, somebody else's mark, or a number of oysters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.model import RatingClaim, Scale
from feedsvc.normalise.excerpt import without_footer
from feedsvc.normalise.marks import Numbers, mark_of


class Placed(NamedTuple):
    """A rating verbatim, and the place it was found in."""

    claim: RatingClaim
    how: str


#: The scales that papers count on; "2/7" and "24/7" are no marks.
_SCALES = frozenset({4.0, 5.0, 6.0, 10.0, 12.0, 20.0, 100.0})
#: Longer ones are no headlines.
_LONGEST = 300
#: No line with a mark alone, or with a label, is longer.
_SHORT = 80
_LABEL = re.compile(
    r"\W{0,3}(?:(?:our|my|the|final|overall|critic['’]s|unsere|meine|notre|ma|nuestra|la\s+nostra|il\s+nostro)\s+){0,2}"
    r"(?:rating|score|grade|verdict|wertung|bewertung|gesamtwertung|fazit|note|nota|voto|valutazione|puntuación|"
    r"calificación|valoración|évaluation)\s*(?:[:=]|[–—-](?=\s))\s*(?P<mark>\S.*)",
    re.I,
)
_PARTED = re.compile("[:=–—-]")
_STARS = "★⭐🌟☆✩½⯪"
_LEADING = re.compile(rf"([{_STARS}\uFE0F]{{3,}})\s+[^{_STARS}]+")
_TOKEN = rf"(?:[{_STARS}\uFE0F]{{2,}}|\d{{1,3}}(?:[.,]\d{{1,2}})?½?\s?/\s?\d{{1,3}})"
_TRAILING = re.compile(rf"(?s:.*)\w{{3}}[.!?…][\"”»’)]*\s+[(\[]?({_TOKEN})[)\]]?\.?")
_ENDING = re.compile(rf".*\S\s*(?:[–—|:-]\s*([{_STARS}]{{2,}})|\s([{_STARS}]{{3,}})|[(\[]({_TOKEN})[)\]])")
#: A letter without a sign, on a line of its own, is a heading or the first word of an alphabet.
_LONE_LETTER = re.compile(r"[A-Z][^\w+−–-]*")


def rating_in(headline: str, text: str, scale: Scale | None) -> Placed | None:
    """The rating in the conventional places, the label first; None where there is none, or where two differ."""
    lines = [words for line in without_footer(text).split("\n") if (words := line.strip())]
    return _labelled(lines, scale) or _in_headline(headline, scale) or _at_an_end(lines, scale)


def _labelled(lines: list[str], scale: Scale | None) -> Placed | None:
    for line in lines:
        if (
            len(line) <= _SHORT
            and _PARTED.search(line)
            and (match := _LABEL.fullmatch(line))
            and _is_mark(match["mark"], scale)
        ):
            return Placed(RatingClaim(text=match["mark"].strip()), f"the line “{line}”")
    return None


def _in_headline(headline: str, scale: Scale | None) -> Placed | None:
    last = headline.rstrip()[-1:]
    if not last or last not in f"{_STARS})]" or len(headline) > _LONGEST:
        return None
    match = _ENDING.fullmatch(headline.strip().removesuffix(" (contains spoilers)"))
    mark = next(filter(None, match.groups()), None) if match else None
    return Placed(RatingClaim(text=mark), "the end of the headline") if mark and _is_mark(mark, scale) else None


def _at_an_end(lines: list[str], scale: Scale | None) -> Placed | None:
    """The first two lines and the last two where they are a mark alone, or begin or end with one."""
    if len(lines) < 2:
        return None
    for line, place in ((lines[-1], "last"), (lines[0], "first"), (lines[-2], "last"), (lines[1], "first")):
        if len(line) <= _SHORT and not _LONE_LETTER.fullmatch(line) and _is_mark(line, scale):
            return Placed(RatingClaim(text=line.strip("()[]. ")), f"the {place} line of the text")
    if (match := _LEADING.fullmatch(lines[0])) or (match := _ends_with(lines[-1])):
        mark = match[1]
        if _is_mark(mark, scale):
            place = "the beginning" if match.re is _LEADING else "the end"
            return Placed(RatingClaim(text=mark), f"{place} of the text")
    return None


def _ends_with(line: str) -> re.Match[str] | None:
    end = line[-24:]
    return _TRAILING.fullmatch(end) if "/" in end or any(star in end for star in _STARS) else None


def _is_mark(words: str, scale: Scale | None) -> bool:
    found = mark_of(words, scale)
    return found is not None and found.value is not None and _fits(found)


def _fits(found: Numbers) -> bool:
    value, best = found.value or 0.0, found.best
    return value <= 10 if best is None else value <= best and (best in _SCALES or best <= 2 or found.worst is not None)
