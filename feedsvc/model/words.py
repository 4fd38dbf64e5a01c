"""Text in; the words that it is found by, and the short name that an address takes of it, out. Pure.

What is kept and what is asked for go through the same functions, so both databases find the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from feedsvc.model.claims import Subject

#: Letters that no decomposition takes to a plain one.
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "ng"}
#: Those, and whatever may be a mark on the letter before it: no mark has a smaller number (Unicode, Combining Classes).
_UNPLAIN = re.compile(f"[{''.join(_LETTERS)}\u0300-\U0010ffff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘ʼ`´"))
#: Han and Kana stand without spaces: each letter is a word, and a word of several is a phrase.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_PIECE = re.compile(r'"([^"]*)"?|([^"\s]+)')
_SLUG_PART = re.compile("[a-z0-9]+")
#: The longest slug, and the length of the mark that tells apart what letters cannot.
LONGEST_SLUG = 80
_MARK = 8


def folded(text: str) -> str:
    """Text for comparing: case, accents and compatibility forms make no difference (Unicode 3.13, D146)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _UNPLAIN.sub(_plain, plain)


def _plain(found: re.Match[str]) -> str:
    letter = found[0]
    return _LETTERS.get(letter) or ("" if unicodedata.combining(letter) else letter)


def words_of(text: str) -> list[str]:
    """The words of a text in their order, folded: letters and digits alone."""
    return _WORD.findall(folded(text))


def phrases_of(words: str) -> list[list[str]]:
    """The phrases asked for, each a list of folded words: what stands in quotation marks, and every word alone.

    Nothing of it has a meaning to a database: only letters and digits are left.
    """
    found = (words_of(quoted or bare) for quoted, bare in _PIECE.findall(words))
    return [phrase for phrase in found if phrase]


def phrased(phrases: Sequence[Sequence[str]]) -> str:
    """Phrases as a person writes them, each once: the canonical form of what was asked for."""
    said = (" ".join(phrase) if len(phrase) == 1 else f'"{" ".join(phrase)}"' for phrase in phrases)
    return " ".join(dict.fromkeys(said))


# The same few names come with review after review.
@lru_cache(8192)
def slug_of(label: str) -> str:
    """What stands for a name in an address: "Tomás Reyes" is "tomas-reyes"; a slug stays as it is.

    A name of which letters are lost, since they have no plain form, ends in a mark made from the whole of it, as does
    one that is too long. Two names that differ in case, accents and signs alone are one.
    """
    plain = folded(label).translate(_APOSTROPHES)
    slug = "-".join(_SLUG_PART.findall(plain))
    lost = not plain.isascii() and any(letter.isalnum() and not letter.isascii() for letter in plain)
    if len(slug) <= LONGEST_SLUG and ((slug and not lost) or not plain.strip()):
        return slug
    mark = hashlib.sha256(" ".join(plain.split()).encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]
    return f"{slug[: LONGEST_SLUG - _MARK - 1].strip('-')}-{mark}".strip("-")


def subject_slug(subject: Subject) -> str:
    """The slug of a work: of its name, and of its year where that is known ("the-salt-road-2025")."""
    return slug_of(subject.name if subject.year is None else f"{subject.name} {subject.year}")
