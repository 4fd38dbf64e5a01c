"""Identifiers and addresses of a work, as stated, in; those of known registers, each in one form, out. Pure.

An address proves only that two claims are of one work where the register gives each work one: an outlet's own page, a
shop's search or a home page says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from feedsvc.model import Subject

#: Registers that give a work one number: two different ones are two works. An ISBN or EAN is that of an edition.
ONE_EACH = frozenset({"imdb", "wikidata", "tmdb", "letterboxd", "rottentomatoes", "metacritic", "musicbrainz", "igdb"})

_Form = Callable[[re.Match[str]], str]


def _plain(register: str) -> _Form:
    return lambda found: f"{register}:{found[1].lower().rstrip('/')}"


_FORMS: tuple[tuple[re.Pattern[str], _Form], ...] = tuple(
    (re.compile(pattern, re.I | re.ASCII), form)
    for pattern, form in (
        # IMDb's numbers have seven digits or more: zeros before them say nothing.
        (
            r"(?:(?:urn:)?imdb[:=/ ]|https?://(?:www\.|m\.)?imdb\.com/title/)?tt0*(\d{1,9})(?:[/?#].*)?",
            lambda found: f"imdb:tt{int(found[1]):07}",
        ),
        (
            r"(?:wikidata[:=]|https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/)(Q\d{1,12})(?:[?#].*)?",
            _plain("wikidata"),
        ),
        (
            r"(?:tmdb[:=]|https?://(?:www\.)?themoviedb\.org/)((?:movie|tv)[/:]\d{1,9})(?:\D.*)?",
            lambda found: f"tmdb:{found[1].lower().replace(':', '/')}",
        ),
        (r"https?://(?:www\.)?letterboxd\.com/film/([a-z0-9-]{1,200})/?(?:[?#].*)?", _plain("letterboxd")),
        (
            r"https?://(?:www\.)?rottentomatoes\.com/((?:m|tv)/[a-z0-9_-]{1,200})/?(?:[?#].*)?",
            _plain("rottentomatoes"),
        ),
        (
            r"https?://(?:www\.)?metacritic\.com/((?:movie|game|tv|music)/[a-z0-9/!_+-]{1,200}?)/?(?:[?#].*)?",
            _plain("metacritic"),
        ),
        (
            r"https?://(?:www\.)?musicbrainz\.org/((?:release-group|recording|work)/[0-9a-f-]{36})/?(?:[?#].*)?",
            _plain("musicbrainz"),
        ),
        (r"https?://(?:www\.)?igdb\.com/games/([a-z0-9-]{1,200})/?(?:[?#].*)?", _plain("igdb")),
        (
            r"https?://([a-z]{2,3})\.(?:m\.)?wikipedia\.org/wiki/([^?#\s]{1,300})(?:[?#].*)?",
            lambda found: f"wikipedia:{found[1].lower()}:{unquote(found[2]).replace(' ', '_')}",
        ),
        (r"(?:https?://(?:dx\.)?doi\.org/|doi:)(10\.\d{4,9}/\S{1,200})", _plain("doi")),
    )
)
_BOOK = re.compile(r"(?:urn:)?(?:isbn)(?:-1[03])?[:= ]?\s*([0-9][0-9 -]{8,16}[0-9x])", re.I)
_BARE_BOOK = re.compile(r"97[89][0-9 -]{10,14}")
_ARTICLE_NUMBER = re.compile(r"(?:urn:)?(?:ean|gtin|gtin-?13|gtin-?12|upc|ean-?13)[:= ]\s*(\d{12,14})", re.I)


def registered(subject: Subject) -> tuple[str, ...]:
    """What known registers call a work: "imdb:tt0000123", "isbn:9780000000002"; sorted, each once."""
    return tuple(sorted(set(_known((*subject.identifiers, *subject.same_as)))))


def _known(stated: Iterable[str]) -> Iterable[str]:
    for raw in stated:
        text = raw.strip()
        if len(text) <= 500 and (found := _register(text) or _isbn(text) or _ean(text)):
            yield found


def _register(text: str) -> str | None:
    for pattern, form in _FORMS:
        if match := pattern.fullmatch(text):
            return form(match)
    return None


def _isbn(text: str) -> str | None:
    """An ISBN of 13 digits, whose last proves the others (ISO 2108); one of 10 is turned into that."""
    match = _BOOK.fullmatch(text)
    digits = re.sub("[ -]", "", match[1] if match else text if _BARE_BOOK.fullmatch(text) else "").upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        total = sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits))
        return f"isbn:978{digits[:9]}{_check('978' + digits[:9])}" if total % 11 == 0 else None
    if re.fullmatch(r"97[89]\d{10}", digits) and digits[12] == _check(digits[:12]):
        return f"isbn:{digits}"
    return None


def _ean(text: str) -> str | None:
    """A trade number of 12 to 14 digits (GS1), filled up to 14, whose last proves the others."""
    match = _ARTICLE_NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = match[1].zfill(14)
    if digits[13] != _check(digits[1:13], first=int(digits[0])):
        return None
    return f"isbn:{digits[1:]}" if digits.startswith(("0978", "0979")) else f"ean:{digits}"


def _check(digits: str, first: int = 0) -> str:
    """The digit that makes the sum, every second digit three times, a multiple of ten (GS1 General Specifications)."""
    total = 3 * first + sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)
