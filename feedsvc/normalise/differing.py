"""Two reviews in; what proves that they are two, out: another critic, another work, another rating."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from feedsvc.model import Rating, Review, Subject
from feedsvc.model.words import folded, words_of

_BETWEEN = re.compile(r"\s*(?:[,;&/|+]|\b(?:and|und|et|y|e|con|with)\b)\s*", re.I)
_BYLINE = re.compile(r"\A(?:by|von|par|por|di)\s+", re.I)
#: Words in the byline of a house, whoever wrote.
HOUSE = frozenset(
    [
        "admin",
        "agency",
        "agentur",
        "agenzia",
        "agence",
        "agencia",
        "correspondent",
        "critics",
        "desk",
        "editor",
        "editorial",
        "editors",
        "magazine",
        "news",
        "newsroom",
        "online",
        "press",
        "presse",
        "redaccion",
        "redaction",
        "redaktion",
        "redazione",
        "reporter",
        "reviewer",
        "reviewers",
        "reviews",
        "staff",
        "team",
        "wire",
        "writers",
    ]
)
_LETTER = re.compile(r"[a-f](?:[+-]|plus|minus)?")
_NUMBER = re.compile(r"\d")
_ARTICLES = frozenset(["the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "il", "lo", "i", "gli"])
#: What is on a screen is called by the one name or the other.
SCREEN = frozenset({"Movie", "TVSeries", "TVSeason", "TVEpisode", "TVMovie"})
#: These say nothing of what it is.
ANYTHING = frozenset({"CreativeWork", "Thing", "Product"})
#: Works' names alike, of 100.
NAMES = 80.0
#: Points of 100 that two scales may lie apart by rounding.
ROUNDING = 1.0


def differ(one: Review, other: Review) -> bool:
    """Whether anything proves that two reviews are two, whatever their texts say."""
    return _critics(one, other) or _ratings(one.rating, other.rating) or _works(one, other)


def named_critics(review: Review) -> frozenset[tuple[str, ...]]:
    """The people who signed, each as the folded words of the name; neither the outlet nor a desk of it."""
    named = _named(tuple(person.name for person in review.authors))
    return named - {_plain(review.outlet.name), _plain(review.via.name) if review.via else ()}


# A few critics write most of the reviews.
@lru_cache(4096)
def _named(names: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    found = (_plain(_BYLINE.sub("", part)) for each in names for part in _BETWEEN.split(each))
    return frozenset(name for name in found if name and HOUSE.isdisjoint(name))


@lru_cache(4096)
def _plain(name: str) -> tuple[str, ...]:
    return tuple(words_of(name))


def _critics(one: Review, other: Review) -> bool:
    first, second = named_critics(one), named_critics(other)
    carriers = {_plain(one.outlet.name), _plain(other.outlet.name)}
    first, second = first - carriers, second - carriers
    return bool(first and second) and not any(_one_person(mine, theirs) for mine in first for theirs in second)


def _one_person(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """The same name, one of its parts alone, or its first part as a letter."""
    short, long = sorted((mine, theirs), key=len)
    if set(short) <= set(long):
        return True
    begins, begin = short[0], long[0]
    return short[-1] == long[-1] and (begins == begin[:1] or begin == begins[:1])


def _ratings(one: Rating | None, other: Rating | None) -> bool:
    if one is None or other is None:
        return False
    if one.percent is not None and other.percent is not None:
        return abs(one.percent - other.percent) > ROUNDING
    if one.value is not None and other.value is not None and one.best == other.best:
        return one.value != other.value
    said = [folded(each.text).replace(" ", "").replace("\u2212", "-").replace("\u2013", "-") for each in (one, other)]
    return said[0] != said[1] and all(_LETTER.fullmatch(each) for each in said)


def _works(one: Review, other: Review) -> bool:
    if one.subject and other.subject and _subjects(one.subject, other.subject):
        return True
    return _numbered_apart(words_of(one.title), words_of(other.title))


def _subjects(one: Subject, other: Subject) -> bool:
    mine, theirs = (
        {scheme: number for scheme, _, number in (each.partition(":") for each in work.identifiers)}
        for work in (one, other)
    )
    if shared := mine.keys() & theirs.keys():
        return all(mine[scheme] != theirs[scheme] for scheme in shared)
    years_apart = one.year is not None and other.year is not None and abs(one.year - other.year) > 1
    return years_apart or _types(one.type, other.type) or _names(one.name, other.name)


def _types(one: str | None, other: str | None) -> bool:
    types = {one, other}
    return None not in types and len(types) > 1 and not types & ANYTHING and not types <= SCREEN


def _names(one: str, other: str) -> bool:
    mine, theirs = ([word for word in words_of(name) if word not in _ARTICLES] for name in (one, other))
    if _numbers(mine) and _numbers(theirs) and _numbers(mine) != _numbers(theirs):
        return True
    return bool(mine and theirs) and fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)) < NAMES


def _numbered_apart(one: list[str], other: list[str]) -> bool:
    """Whether two headlines are the same but for a number: episodes of a show, models of a make."""
    mine, theirs = _numbers(one), _numbers(other)
    plain = [[word for word in words if not _NUMBER.search(word)] for words in (one, other)]
    return bool(mine and theirs) and mine != theirs and plain[0] == plain[1]


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if _NUMBER.search(word)}
