"""What a source states of the work reviewed, and the headline, in; the subject out. None rather than a wrong one."""

from __future__ import annotations

import re

from feedsvc.model import Category, Provenance, Subject
from feedsvc.normalise.characters import fold, word_set
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.urls import absolute

#: The category scheme in which our own feeds name the type of the work.
TYPE_SCHEME = "http://schema.org/itemReviewed"

_KIND = (
    r"(?:album|anime|blu-ray|book|comic|concert|documentary|dvd|exhibition|film|game|movie|music|opera|play|series|show|"
    r"television|theatre|theater|tv)"
)
_REVIEW = r"(?:review|filmkritik|kritik|rezension|critique|crítica|recensione|recensie)"
_QUOTE = re.compile("[“„«\"'‘]")
_QUOTED = re.compile(
    r"“([^“”]{1,120})”|„([^„“”]{1,120})[“”]|«\s?([^«»]{1,120}?)\s?»|\"([^\"]{1,120})\"|(?<![^\s(])[‘']([^‘’']{1,120})[’'](?![^\s.,:;!?)–—-])"
)
_LABEL = re.compile(_REVIEW, re.I)
_LABEL_FIRST = re.compile(rf"(?:{_KIND}[\s-]+)?{_REVIEW}(?:\s+of|\s?:)\s+(.+)", re.I)
_LABEL_LAST = re.compile(rf"(.+?)(?:\s*[–—|-])?\s+(?:{_KIND}\s+)?{_REVIEW}(?:\s*[:–—|-].*|\s*$)", re.I)
_YEAR = re.compile(r"\s*\(((?:18|19|20)\d{2})\)$")
_YEAR_NEXT = re.compile(r"\s*\(((?:18|19|20)\d{2})\)")
_WORK_AND_YEAR = re.compile(r"(.+?\s*\((?:18|19|20)\d{2}\))(?:\s*(?:[:–—|-]\s.*|$))")
_ASIDE = re.compile(r"\s+[–—|]\s+.*$|\s+-\s+.*$")

_SAYING = re.compile(
    r"\b(?:says?|said|calls?|called|it|as|is|was|tells?|told|claims?|hails?|names?|named|dubbed|asks?|of)[:,]?\s*$",
    re.I,
)
#: What may stand before a title that opens a headline.
_OPENING = re.compile(
    r"\W*(?:(?:why|how|what|when|where|does|is|can|in|inside|behind|with|warum|wie|pourquoi|comment|cómo|por\squé|"
    r"perché|come)\s+)?\W*",
    re.I,
)
#: "Known for “Salt Road”": of somebody who was in it, not of it.
_ALSO_IN = re.compile(
    r"\b(?:appear(?:ed|ing)|famous|featur(?:ed|ing)|known|seen|starr(?:ed|ing))\s+(?:for|from|in|on)\s+$", re.I
)
#: An obituary names the works that somebody was in.
_OBITUARY = re.compile(
    r"\b(?:dead\s+at|died|dies|décédée?|est\s+morte?|falleci[óo]|fallece|gestorben|morre|morreu|morta|morto|muere|"
    r"muore|muri[óo]|obituary|stirbt|verstorben)\b",
    re.I,
)
_ARTICLE = re.compile(
    r"\b(?:an?|the|eine?[mnrs]?|une?|una|uno|his|her|its|my|our|their|your|mon|ma|mes|son|sa|ses|leurs?|notre|nos|"
    r"(?:dein|ihr|mein|sein)e?[mnrs]?|unser\w*|mis?|sus?|nuestr[ao]s?|su[oa]|mi[oa])\s+$",
    re.I,
)
#: A review of a work says what kind of work it is, or who made it: in one of these words,
_WORKS = word_set(
    "acteur acteurs actor actors actress actresses album albums anime audiobook book books buch cinema comic comics"
    " director documentary drehbuch episode episodes exhibition film films filmmaker gameplay heroine hörbuch kino"
    " libro livre manga miniseries movie movies musical novel novela novelist novels opera película plot protagonist"
    " regista review reviews roman romanzo screenplay screenwriter screenwriters sequel soundtrack spinoff thriller"
    " videogame videogames"
)
#: or in one that begins so, or in two.
_WORKS_TOO = ("cinematograph", "réalisat", "regisseur", "schauspieler", "spin-off", "video game")
_WORD_TOO = re.compile(r"\b(?:(?:cinematograph|réalisat)\w+|(?:regisseur|schauspieler)\w*|spin-off\b|video games?\b)")
#: What is left of all these where every letter beyond ASCII parts words: a word of its own, or part of one.
_PLAIN_WORKS = frozenset(word.encode() for word in _WORKS if word.isascii()) | {b"spin", b"video", b"rbuch", b"cula"}
_PLAIN_STEMS = (b"cinematograph", b"alisat", b"regisseur", b"schauspieler")
#: Each byte that is no letter or figure of ASCII as a space.
_PARTED = bytes(code if bytes([code]).isalnum() or code == ord("_") else ord(" ") for code in range(256))
_SMALL = word_set(
    "a an and as at but by de del der des die das du el en et for from in la las le les los my of on or the to"
    " und upon von vs with y &"
)
#: Words that open lists and columns, not titles.
_COLUMN = re.compile(
    r"^(?:the\s+)?(?:best|worst|top|our|my|weekly|weekend|five|ten|\d+\s)\b|\b(?:in|under|of|the|a|peer|code|year)$|^"
    rf"{_KIND}$",
    re.I,
)


def subject_of(
    stated: Subject | None, headline: str, text: str, categories: tuple[Category, ...]
) -> tuple[Subject | None, Provenance]:
    """The work as stated, else the one that a headline names by its convention. No type is ever inferred.

    `text` is the review's: a title in quotation marks alone names a work only where the text speaks of works.
    """
    if stated and (name := fold(plain_words(stated.name), 500)):
        return _tidy(stated, name, categories), Provenance.STATED
    return inferred(headline, text, *(category.term for category in categories)), Provenance.INFERRED


def inferred(headline: str, text: str, *terms: str) -> Subject | None:
    """The work in "Review: The Salt Road", "The Salt Road review – …", "Why “Ballerina” trips", "Salt Road (2025)"."""
    for pattern in (_LABEL_FIRST, _LABEL_LAST) if _LABEL.search(headline) else ():
        if match := pattern.fullmatch(headline):
            return _only_quoted(match[1]) or _named(_ASIDE.sub("", match[1]))
    if ")" in headline and (match := _WORK_AND_YEAR.fullmatch(headline)):
        return _named(match[1])
    quoted = _only_quoted(headline)
    if quoted is None:
        return None
    about = " ".join((headline, text[:20_000], *terms))
    return quoted if _speaks_of_works(about) and _is_borne_out(quoted.name, headline, about) else None


def _speaks_of_works(text: str) -> bool:
    # Most texts do not, and bytes show that in a quarter of the time.
    plain = text.encode("ascii", "replace").lower()
    if _PLAIN_WORKS.isdisjoint(plain.translate(_PARTED).split()) and not any(stem in plain for stem in _PLAIN_STEMS):
        return False
    text = text.lower()
    if not _WORKS.isdisjoint(text.split()):
        return True
    # A search for each word, most of which are not there, is four times as fast as taking the text apart.
    return any(_is_word(word, text) for word in _WORKS if word in text) or (
        any(word in text for word in _WORKS_TOO) and _WORD_TOO.search(text) is not None
    )


def _is_word(word: str, text: str) -> bool:
    """Whether it stands somewhere by itself, and not only as a part of other words."""
    return re.search(rf"\b{word}\b", text) is not None


def _is_borne_out(name: str, headline: str, about: str) -> bool:
    """Whether one word in quotation marks is a title: it opens the headline, or the text has it too. Not “Live”."""
    if " " in name or _OPENING.fullmatch(headline.partition(name)[0]):
        return True
    return re.search(rf"\b{re.escape(name)}\b", about.replace(headline, " "), re.I) is not None


def _only_quoted(headline: str) -> Subject | None:
    """The one title in quotation marks; two different ones, or somebody's words, leave it open."""
    if not _QUOTE.search(headline):
        return None
    found = list(_QUOTED.finditer(headline))
    titles = {next(part for part in match.groups() if part).strip().rstrip(",.") for match in found}
    if len(titles) != 1 or _is_speech(headline, found[0]) or _joined(headline, found[0]):
        return None
    if _OBITUARY.search(_QUOTED.sub("", headline)):
        return None
    year = _YEAR_NEXT.match(headline, found[0].end())
    named = _named(titles.pop(), in_quotes=True)
    return Subject(name=named.name, year=int(year[1])) if named and year else named


def _is_speech(headline: str, quoted: re.Match[str]) -> bool:
    """Words that somebody is said to have said: “…” after a verb, or after a name and a colon to the headline's end."""
    before, after = headline[: quoted.start()], headline[quoted.end() :]
    named = before.rstrip().endswith(":") and not after.strip() and not _speaks_of_works(before)
    return bool(named or _SAYING.search(before) or _ALSO_IN.search(before))


def _joined(headline: str, quoted: re.Match[str]) -> bool:
    """“Bim”-Dieb and a “Big Bang”: part of a compound, or a word used in a manner of speaking."""
    after = headline[quoted.end() : quoted.end() + 1]
    return after == "-" or after.isalnum() or bool(_ARTICLE.search(headline[: quoted.start()]))


def _named(words: str, *, in_quotes: bool = False) -> Subject | None:
    year = _YEAR.search(words)
    name = fold(words[: year.start()] if year else words).strip(" ,")
    if not name or not _is_title(name) or (not in_quotes and (":" in name or _COLUMN.search(name))):
        return None
    return Subject(name=name, year=int(year[1]) if year else None)


def _is_title(name: str) -> bool:
    """Whether it is written as English writes titles: every word that counts begins with a capital or a figure."""
    words = name.split()
    if len(words) > 10 or len(name) > 120 or (name.endswith(("?", "…")) and len(words) > 6):
        return False
    counting = [word.lstrip("\"'“‘(¡¿#") for word in words if word.lower().strip(",:") not in _SMALL] or words[:1]
    return all(word[:1].isupper() or word[:1].isdigit() or not word[:1].isalpha() for word in counting) and (
        words[0][:1].isupper() or words[0][:1].isdigit()
    )


def _tidy(stated: Subject, name: str, categories: tuple[Category, ...]) -> Subject:
    typed = next((category.term for category in categories if category.scheme == TYPE_SCHEME), None)
    kind = re.sub(r"^https?://schema\.org/", "", (stated.type or typed or "").strip())
    return Subject(
        name=name,
        type=kind if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,60}", kind) else None,
        year=stated.year if stated.year is not None and 0 < stated.year < 3000 else None,
        identifiers=tuple(dict.fromkeys(text for raw in stated.identifiers[:50] if (text := fold(raw, 500)))),
        same_as=tuple(dict.fromkeys(url for raw in stated.same_as[:50] if (url := absolute(raw)))),
    )
