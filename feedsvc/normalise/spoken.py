"""A headline with a title in quotation marks, and the text, in; whether it is a work that is spoken of, out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedsvc.normalise.characters import word_set
from feedsvc.normalise.titles import QUOTED

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
_OBITUARY = (
    r"dead\s+at|died|dies|décédée?|est\s+morte?|falleci[óo]|fallece|gestorben|mort\s+d[e']|morre|morreu|morta|morto|"
    r"muere|muore|muri[óo]|obituary|stirbt|verstorben|addio"
)
#: News of a work is no review of it: prizes, trailers, dates, casts, sales, how it was made, talks about it, and visits
#: where it is presented or played.
_NEWS = re.compile(
    rf"\b(?:{_OBITUARY}|wins?|won|prizes?|awards?|nominat\w+|trailer|teaser|release\s+date|delay(?:s|ed)|postpone[sd]|"
    r"box\s+office|joins?|cast(?:s|ing)?|star\s+\w+|stars?\s+of|director\s+of|interview\w*|entretien|entrevista|"
    r"intervista|podcast|quiz|newsletter|renewed|cancel(?:s|l?ed)|announce[sd]?|confirm(?:s|ed)|premieres?|"
    r"(?:was|were)\s+(?:filmed|made|shot)|making\s+of|streaming|compared|ranked|best|letters?|sequel|remake|reboot|"
    r"director\s+on|stars?\s+on|sets|release|to\s+open|first\s+look|recap|explained|watch|clip|poster|rights|lawsuit|sues|"
    r"récompensé\w*|primé\w*|bande-annonce|premio|premiad[oa]|tráiler|preis\w*|gewinnt|ausgezeichnet|drehstart|"
    r"kinostart|vince|annuncia\w*|anuncia\w*|annonce\w*|"
    r"(?:est|sont)\s+venue?s?\s+(?:nous\s+)?(?:présenter|interpréter)|en\s+live|(?:version|session)s?\s+acoustiques?|"
    r"(?:acoustic|live)\s+sessions?)\b",
    re.I,
)
#: Somebody's own words: said by a verb, or in quotation marks behind a name and a colon.
_SAID = re.compile(r"^\W*,?\s*(?:says?|said|sagt\w*|dit|dice|disse|lance|asegura|la\s+richiesta)\b", re.I)
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


def _spelled(words: Iterable[str]) -> str:
    """A pattern of all the words, in which what several begin with is tried once."""
    tails: dict[str, list[str]] = {}
    for word in sorted(words):
        tails.setdefault(word[:1], []).append(word[1:])
    may_end = tails.pop("", None) is not None
    spelled = "|".join(letter + _spelled(rest) for letter, rest in tails.items())
    return f"(?:{spelled}){'?' if may_end else ''}" if spelled else ""


#: What is left of all these where every letter beyond ASCII parts words: a word of its own, or part of one.
_PLAIN_WORDS = {word for word in _WORKS if word.isascii()} | {"spin", "video", "rbuch", "cula"}
_PLAIN_WORK = re.compile(f" {_spelled(_PLAIN_WORDS)} ".encode())
_PLAIN_STEMS = (b"cinematograph", b"alisat", b"regisseur", b"schauspieler")
#: Each byte in lower case, and that which is no letter or figure of ASCII as a space.
_PARTED = bytes(code if bytes([code]).isalnum() or code == ord("_") else ord(" ") for code in range(256)).lower()


def is_of_the_work(headline: str, quoted: re.Match[str], name: str, about: str) -> bool:
    """Whether a headline is about the one title in quotation marks, and no news of it; `about` is all that is said."""
    if _is_speech(headline, quoted) or not speaks_of_works(about):
        return False
    return not _NEWS.search(QUOTED.sub("", headline)) and _is_borne_out(name, headline, about)


def _is_speech(headline: str, quoted: re.Match[str]) -> bool:
    """Words that somebody is said to have said: “…” after a verb, or after a name and a colon to the headline's end."""
    before, after = headline[: quoted.start()], headline[quoted.end() :]
    if _SAID.search(after):
        return True
    named = before.rstrip().endswith(":") and not after.strip() and not speaks_of_works(before)
    # Most titles in quotation marks open the headline.
    return bool(before and (named or _SAYING.search(before) or _ALSO_IN.search(before)))


def _is_borne_out(name: str, headline: str, about: str) -> bool:
    """Whether one word in quotation marks is a title: it opens the headline, or the text has it too. Not “Live”."""
    if " " in name or _OPENING.fullmatch(headline.partition(name)[0]):
        return True
    return re.search(rf"\b{re.escape(name)}\b", about.replace(headline, " "), re.I) is not None


def speaks_of_works(text: str) -> bool:
    """Whether a text has a word that only speaks of works or of who makes them."""
    # Most texts do not, and bytes show that in a fraction of the time; taking them apart into words costs more again.
    plain = f" {text} ".encode("ascii", "replace").translate(_PARTED)
    if not _PLAIN_WORK.search(plain) and not any(stem in plain for stem in _PLAIN_STEMS):
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
