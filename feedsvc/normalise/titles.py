"""A headline, or a part of one, in; the title of a work that stands in it, and its year, out; None if unsure."""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.normalise.characters import fold, word_set

#: Where a title may stand in quotation marks, of whatever language.
QUOTE = re.compile("[“„«»\"'‘]")
QUOTED = re.compile(
    r"“([^“”]{1,120})”|„([^„“”]{1,120})[“”]|«\s?([^«»]{1,120}?)\s?»|»([^«»\s][^«»]{0,119})«|\"([^\"]{1,120})\"|"
    r"(?<![^\s(])[‘']([^‘’']{1,120})[’'](?![^\s.,:;!?)–—-])"
)
YEAR = r"\(((?:18|19|20)\d{2})\)"
_YEAR_LAST = re.compile(rf"\s*{YEAR}$")
_YEAR_NEXT = re.compile(rf"\s*{YEAR}")
_SMALL = word_set(
    "a an and as at but by de del der des die das du el en et for from in la las le les los my of on or the to"
    " und upon von vs with y & am im zum zur vom beim dem den ein eine au aux un une e con sin i il lo gli di della"
    " delle dello da nel nella"
)
#: Words that open lists, columns and inquiries, not titles.
_COLUMN = re.compile(
    r"^(?:the\s+)?(?:annual|best|worst|top|our|my|weekly|weekend|monthly|daily|quarterly|five|ten|judicial|literature|"
    r"literary|peer|performance|police|independent|government|spending|safety|security|strategic|systematic|\d+\s)\b|"
    r"\b(?:in|under|of|the|a|peer|code|year|policy|performance|after|before|for|to|court|budget|law|defen[cs]e|pay|market|rent|"
    r"pension|case|school|hospital|bank|tax|salary|audit|report)$|"
    r"^(?:album|anime|blu-ray|book|comic|concert|documentary|dvd|exhibition|film|game|movie|music|opera|play|series|show|"
    r"television|theatre|theater|tv)$",
    re.I,
)
_ARTICLE = re.compile(
    r"\b(?:an?|the|eine?[mnrs]?|une?|una|uno|his|her|its|my|our|their|your|mon|ma|mes|son|sa|ses|leurs?|notre|nos|"
    r"(?:dein|ihr|mein|sein)e?[mnrs]?|unser\w*|mis?|sus?|nuestr[ao]s?|su[oa]|mi[oa])\s+$",
    re.I,
)
_LONGEST_PLAIN = 7


class Title(NamedTuple):
    """A work's name and year as a headline writes them."""

    name: str
    year: int | None = None


def in_quotes(words: str, *, loose: bool = False) -> tuple[Title, re.Match[str]] | None:
    """The one title in quotation marks, and where it stands; two different ones, or a manner of speaking: None.

    `loose`: something else says that it is a title, so it need not be written as English writes them.
    """
    found = list(QUOTED.finditer(words)) if QUOTE.search(words) else []
    titles = {match[match.lastindex or 0].strip().rstrip(",.") for match in found}
    if len(titles) != 1 or _is_joined(words, found[0]):
        return None
    year = _YEAR_NEXT.match(words, found[0].end())
    title = named(titles.pop(), quoted=True, loose=loose)
    return (Title(title.name, int(year[1])) if year else title, found[0]) if title else None


def named(words: str, *, quoted: bool = False, loose: bool = False, parted: bool = False) -> Title | None:
    """The words as a title, with the year behind them; `parted`: a colon in it is the title's own."""
    year = _YEAR_LAST.search(words)
    name = fold(words[: year.start()] if year else words).strip(" ,")
    if not name or not (_is_title(name) or (loose and _may_be_title(name))):
        return None
    if not quoted and (_COLUMN.search(name) or (":" in name and not (parted or year))):
        return None
    return Title(name, int(year[1]) if year else None)


def _is_joined(words: str, quoted: re.Match[str]) -> bool:
    """“Bim”-Dieb and a “Big Bang”: part of a compound, or a word used in a manner of speaking."""
    after = words[quoted.end() : quoted.end() + 1]
    return after == "-" or after.isalnum() or bool(_ARTICLE.search(words[: quoted.start()]))


def _is_title(name: str) -> bool:
    """Whether it is written as English writes titles: every word that counts begins with a capital or a figure."""
    words = name.split()
    if len(words) > 10 or len(name) > 120 or (name.endswith(("?", "…")) and len(words) > 6):
        return False
    if not _begins(name):
        return False
    counting = [word.lstrip("\"'“‘(¡¿#")[:1] for word in words if word.lower().strip(",:") not in _SMALL]
    return not any(first.isalpha() and not first.isupper() for first in counting or words[0][:1])


def _may_be_title(name: str) -> bool:
    """Whether it is short and begins as a title does in languages that write only its first word with a capital."""
    return len(name.split()) <= _LONGEST_PLAIN and len(name) <= 120 and name[-1] not in "?!…" and _begins(name)


def _begins(name: str) -> bool:
    first = name.lstrip("¡¿#")[:1]
    return first.isupper() or first.isdigit()
