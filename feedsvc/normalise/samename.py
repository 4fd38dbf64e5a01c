"""The name of a work as somebody wrote it in; the form that all ways to write that name share, out. Pure.

Case, accents, punctuation, "&", Roman numbers and the name of a format make no difference; everything else does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from feedsvc.model.words import words_of
from feedsvc.normalise.characters import word_set


class Title(NamedTuple):
    """A name for comparing: `full`, `bare` without its first article; `year` is what stood behind it in brackets."""

    full: str
    bare: str
    year: int | None = None


_ARTICLES = word_set("a an das der die ein eine el gli il la las le les lo los the un una une uno")
#: "Salt Road, The" of catalogues.
_ARTICLE_LAST = re.compile(r"(.+), (The|A|An|Der|Die|Das|Le|La|Les|El|Los|Las|Il|Lo|Gli)", re.S)
_YEAR_LAST = re.compile(r"(.+?)[\s,]*[(\[]((?:18|19|20)\d{2})[)\]]\s*", re.S)
#: What is sold, not what it is called.
_FORMATS = (
    r"(?:4k )?uhd|4k|blu-?ray|dvd|vhs|cd|lp|vinyl|hardcover|paperback|hardback|e-?book|kindle|audiobook|hörbuch|"
    r"taschenbuch|gebundene ausgabe|broché|poche|pc|ps[2-5]|playstation [2-5]|xbox(?: one| series x(?:[|/]s)?| 360)?|"
    r"(?:nintendo )?switch(?: 2)?|steam(?: deck)?|mac|ios|android|3d|imax|netflix|prime video|disney\+|apple tv\+|hulu|"
    r"max|hbo"
)
_FORMAT_LAST = re.compile(rf"(.+?)\s*[(\[]\s*(?:{_FORMATS})\s*[)\]]\s*", re.I | re.S)
_AND = re.compile(r"\s(?:&|\+)\s")
_JOINERS = frozenset({"and", "und"})
_SIGNS = str.maketrans({"+": " plus ", "#": " sharp ", "%": " percent "})
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼ`´"))
#: From two on, and anywhere but first; "I", "V" and "X" are words or letters unless they number a part.
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_PARTS = frozenset({"part", "volume", "vol", "chapter", "season", "episode", "book", "teil", "staffel", "band"})
_SAME_PART = {"vol": "volume"}
_COUNTED = {
    "i": "1", "v": "5", "x": "10", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eins": "1", "zwei": "2", "drei": "3", "vier": "4",
}  # fmt: skip


# The same few works come with review after review.
@lru_cache(4096)
def title_of(name: str) -> Title:
    """The name of a work in the form for comparing; a name of signs alone stays as it is."""
    plain = " ".join(name.split())
    while plain.endswith((")", "]")) and (match := _FORMAT_LAST.fullmatch(plain)):
        plain = match[1]
    year = None
    if plain.endswith((")", "]")) and (match := _YEAR_LAST.fullmatch(plain)):
        plain, year = match[1], int(match[2])
    if match := _ARTICLE_LAST.fullmatch(plain):
        plain = f"{match[2]} {match[1]}"
    words = _counted(words_of(_AND.sub(" and ", plain).translate(_APOSTROPHES).translate(_SIGNS)))
    if not words:
        return Title(plain, plain, year)
    without = words[1:] if words[0] in _ARTICLES and len(words) > 1 else words
    return Title(" ".join(words), " ".join(without), year)


def _counted(words: list[str]) -> list[str]:
    """Numbers as figures, wherever they number a part; and one word for "and"."""
    found: list[str] = []
    for word in words:
        after_part = bool(found) and found[-1] in _PARTS
        if after_part and word in _COUNTED:
            word = _COUNTED[word]
        elif found and word in _ROMAN:
            word = _ROMAN[word]
        found.append("and" if word in _JOINERS else _SAME_PART.get(word, word))
    return found
