"""A text and its headline in; who signs it before its first sentence, and where that sentence begins, out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedsvc.model import Person
from feedsvc.normalise.characters import fold, word_set
from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.people import is_full_name, split_names

#: Longer blocks are prose, unless they are the headline again.
_LONGEST = 120
#: Headline, picture's words, byline, date: further down a text has begun.
_MOST_BLOCKS = 5

_BYLINE = re.compile(
    r"(?:(?:(?:review(?:ed)?|words|text|written)\s+)?by|(?:(?:rezension|text|kritik)\s+)?von|par|por"
    r"|(?:author|autor(?:in)?|auteur|autrice|autora)(?=:)):?\s+(?P<names>\S.*)",
    re.I,
)
_DATED = re.compile(r"(?P<names>.+?)(?:\s*[,|·•–—]\s*|\s+(?:on|am|le|el)\s+)(?P<date>(?=.*\d).+)")
_STAMP = re.compile(
    r"(?:(?:(?:first\s+)?(?:posted|published|updated)|veröffentlicht|erschienen|publié|publicado|date|datum|fecha)\b"
    r"(?:\s+(?:on|am|le|el)\b)?\s*:?\s*)?(?P<date>.+)",
    re.I,
)
_DIGIT = re.compile(r"\d")
#: A day and a month in either order: no date that could be published, and yet no sentence.
_DAY_IN_FIGURES = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2,4}")
#: Words that no name has and that headlines in capitals begin with "By": "By The Time We Left", "By Friday Night".
_NO_NAMES = word_set(
    "accident afternoon all and any appointment chance choice command contrast default definition demand design every"
    " evening far for friday from her his in invitation its midnight monday morning my night no noon now of on only"
    " other our popular public request royal saturday special sunday sunrise sunset that the their then these this"
    " those thursday to tuesday way wednesday what when who with your"
)
_ARTICLES = word_set("a al an das dem den der die el en la las le les los un una une")
#: The small words between the two ends of a way: "Von Berlin zu den Sternen", "Por Amor al Arte".
_WAYS = word_set("al zu")
_LETTERS = re.compile(r"[^\W\d_](?:[\w.'’-]*\w)?\.?")
_ENDING_IN_A_POINT = ("Jr.", "Sr.")
#: What stands under a picture at the top, or nothing but points.
_CAPTION = re.compile(r"(?:image|photo|picture|foto|bild|crédit)(?:s|er)?\b[^:\n]{0,20}:[^\n]*|©[^\n]*|[\W_]+", re.I)
#: Beside such a line, the byline is that of a book which is reviewed.
_IMPRINT = re.compile(r"\bISBN\b|\b\d+\s*(?:pp?\b|pages\b|Seiten\b|páginas\b|pagine\b)|[$£€]\s?\d|\d\s?[$£€]", re.I)


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands before a text's first sentence: who signs there, in which line, and how long all of it is."""

    signed: tuple[Person, ...] = ()
    line: str = ""
    length: int = 0


_NONE = Opening()


def opening_of(text: str, headline: str) -> Opening:
    """The headline again, bylines and dates that open a text, each in a block of its own.

    A name that the headline has too is that of the work's maker, and a book's price or pages follow on its author.
    """
    longest = max(_LONGEST, 2 * len(headline))
    names: list[str] = []
    line, start, length = "", 0, 0
    for _ in range(_MOST_BLOCKS):
        end = text.find("\n\n", start, start + longest + 2)
        if end < 0:
            end = len(text)
        # Most texts open with a paragraph, which is longer.
        if end - start > longest or end == start:
            break
        found = _signed_in(text[start:end], headline)
        captioned = found is None and _CAPTION.fullmatch(text, start, end) is not None
        if found is None and not captioned:
            break
        if found and _IMPRINT.search(text, end, end + longest):
            break
        if found:
            names += found
            line = line or fold(text[start:end])
        after = min(end + 2, len(text))
        # A picture's words may be its credit: they are passed by, but an excerpt does not leave them out.
        if not captioned and length == start:
            length = after
        start = after
    if not start:
        return _NONE
    return Opening(tuple([Person(name=name) for name in names]), line, length)


def _signed_in(block: str, headline: str) -> list[str] | None:
    """The names that a block of an opening signs with, none where it repeats the headline or is a date; else None."""
    if fold(block).casefold() == headline.casefold():
        return []
    names: list[str] = []
    for line in block.split("\n"):
        said = line.strip()
        if len(said) > _LONGEST:
            return None
        found = _names_in(said, headline)
        if not found and not _is_date(said):
            return None
        names += found
    return names


def _names_in(line: str, headline: str) -> list[str]:
    match = _BYLINE.fullmatch(line)
    if match is None:
        return []
    dated = _DATED.fullmatch(match["names"])
    names = split_names(dated["names"] if dated and _is_date(dated["date"]) else match["names"])
    return names if all(_is_name(name) and name.casefold() not in headline.casefold() for name in names) else []


def _is_name(name: str) -> bool:
    """Whether a byline names somebody here, as the end of a headline in capitals would not."""
    words = name.split()
    if not is_full_name(name) or (name.endswith(".") and words[-1] not in _ENDING_IN_A_POINT):
        return False
    folded = [word.casefold() for word in words]
    return (
        folded[0] not in _ARTICLES
        and _NO_NAMES.isdisjoint(folded)
        and _WAYS.isdisjoint(words)
        and all(_LETTERS.fullmatch(word) for word in words)
    )


def _is_date(line: str) -> bool:
    stamp = _STAMP.fullmatch(line) if _DIGIT.search(line) else None
    if stamp is None:
        return False
    return _DAY_IN_FIGURES.fullmatch(stamp["date"]) is not None or parse_date(stamp["date"]) is not None
