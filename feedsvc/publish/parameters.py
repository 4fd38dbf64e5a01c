"""The parameters of an address in, the View that they ask for out, or Refused with what is wrong and what there is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from feedsvc.model import Content, Cursor, Refused, View
from feedsvc.model.view import KINDS
from feedsvc.model.words import phrased, phrases_of, slug_of

#: The most that one address may ask: characters, values, and words and characters in q.
MOST_CHARACTERS = 2000
MOST_VALUES = 40
MOST_WORDS = 10
LONGEST_WORDS = 200
#: The most reviews of a page, and the highest number of one.
MOST_REVIEWS = 500
MOST_PAGES = 100_000
#: Parameter → an example and what it does.
MEANINGS = {
    "outlet": ("outlet=night-lantern", "reviews of this outlet, by its name or its short form"),
    "critic": ("critic=jane-doe", "reviews by this critic"),
    "subject": ("subject=the-salt-road", "reviews of this work; the-salt-road-2025 is the one of that year"),
    "type": ("type=movie", "reviews of works of this type"),
    "lang": ("lang=en", "reviews in this language; en-gb is narrower"),
    "category": ("category=drama", "reviews in this category"),
    "q": ('q=salt "slow burn"', "reviews that hold all these words and phrases, the best first"),
    "min_rating": ("min_rating=70", "reviews rated at least so high on the scale from 0 to 100"),
    "since": ("since=2026-05-01", "reviews from that day on, or from an instant such as 2026-05-01T18:00:00Z"),
    "limit": ("limit=20", f"so many reviews on a page, 1 to {MOST_REVIEWS}"),
    "content": ("content=excerpt", "how much of each text at most: full, excerpt or none"),
    "page": ("page=2", "the page of that number"),
    "after": ("after=KEY", "the page that begins after this review"),
}
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")
_COUNT = re.compile("[0-9]{1,6}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+ -]\d\d:\d\d)", re.ASCII)
_KEY = re.compile("[a-z0-9]{1,32}")


class _Fault(Exception):
    """What is wrong with one parameter, as a sentence."""


def parse(query: Sequence[tuple[str, str]]) -> View | Refused:
    """The view that these parameters ask for; those that are empty, as forms send them, say nothing."""
    try:
        return _view(_gathered(query))
    except _Fault as fault:
        return Refused(f"{fault}\n\n{listing()}")


def listing() -> str:
    """What parameters there are, with an example of each."""
    width = max(len(example) for example, _ in MEANINGS.values())
    lines = (f"  {example:<{width}}  {meaning}" for example, meaning in MEANINGS.values())
    return (
        "What there is, in any order:\n"
        + "\n".join(lines)
        + "\n\nThe first six may be repeated: any of the values. All that is asked for must hold together.\n"
        "Example: ?critic=jane-doe&critic=tomas-reyes&type=movie&min_rating=70"
    )


def _gathered(query: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    """The values of each parameter, in their order."""
    if sum(len(name) + len(value) for name, value in query) > MOST_CHARACTERS:
        raise _Fault(f"The parameters of this address are longer than {MOST_CHARACTERS} characters.")
    values: dict[str, list[str]] = {}
    for name, value in query:
        if name not in MEANINGS:
            near = difflib.get_close_matches(name, MEANINGS, n=1)
            raise _Fault(f"There is no parameter {_said(name)}." + (f" Is it {near[0]}?" if near else ""))
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    if sum(map(len, values.values())) > MOST_VALUES:
        raise _Fault(f"The parameters of this address have more than {MOST_VALUES} values.")
    for name, found in values.items():
        if name not in KINDS and len(set(found)) > 1:
            raise _Fault(f"{name} stands here {len(found)} times, and can stand once.")
    return values


def _view(values: Mapping[str, list[str]]) -> View:
    slugs = {name: _slugs(values.get(name, ())) for name in KINDS}

    def one(name: str) -> str | None:
        return next(iter(values.get(name, ())), None)

    words = _words(one("q"))
    return View(
        outlets=slugs["outlet"],
        critics=slugs["critic"],
        subjects=slugs["subject"],
        types=slugs["type"],
        languages=slugs["lang"],
        categories=slugs["category"],
        words=words,
        min_rating=_rating(one("min_rating")),
        since=_since(one("since")),
        limit=_count("limit", one("limit"), MOST_REVIEWS),
        content=_content(one("content")),
        page=_count("page", one("page"), MOST_PAGES) or 1,
        after=_after(one("after"), ranked=bool(words)),
    )


def _slugs(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({slug_of(value) for value in values} - {""}))


def _words(value: str | None) -> str:
    if value is None:
        return ""
    if len(value) > LONGEST_WORDS:
        raise _Fault(f"q is longer than {LONGEST_WORDS} characters.")
    phrases = phrases_of(value)
    if not phrases:
        raise _Fault(f"q={_said(value)} holds no word to look for: only letters and digits are looked for.")
    if sum(map(len, phrases)) > MOST_WORDS:
        raise _Fault(f"q holds more than {MOST_WORDS} words.")
    return phrased(phrases)


def _rating(value: str | None) -> float | None:
    if value is None:
        return None
    if not _NUMBER.fullmatch(value) or float(value) > 100:
        raise _Fault(f"min_rating={_said(value)} is no number from 0 to 100.")
    return float(value)


def _since(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if _INSTANT.fullmatch(value):
            # A "+" that was not escaped arrives as a space.
            moment = datetime.fromisoformat(f"{value[:19]}{value[19:].replace(' ', '+')}".upper()).astimezone(UTC)
            return moment.date() if moment.time() == time() else moment
    except (ValueError, OverflowError):
        pass
    raise _Fault(f"since={_said(value)} is no day such as 2026-05-01, and no instant such as 2026-05-01T18:00:00Z.")


def _count(name: str, value: str | None, most: int) -> int | None:
    if value is None:
        return None
    if not _COUNT.fullmatch(value) or not 1 <= int(value) <= most:
        raise _Fault(f"{name}={_said(value)} is no number from 1 to {most}.")
    return int(value)


def _content(value: str | None) -> Content:
    known: dict[str, Content] = {"full": "full", "excerpt": "excerpt", "none": "none"}
    if value is not None and value not in known:
        raise _Fault(f"content={_said(value)} is none of full, excerpt and none.")
    return known[value or "full"]


def _after(value: str | None, *, ranked: bool) -> str | None:
    """A cursor, or the key of a review, whose cursor the store knows."""
    if value is None or (_KEY.fullmatch(value) and not ranked):
        return value
    cursor = Cursor.read(value)
    if cursor is None or (cursor.rank is not None) is not ranked:
        raise _Fault(f"after={_said(value)} is no place in this view: take it from the link to its next page.")
    return str(cursor)


def _said(value: str) -> str:
    """What stood there, as far as it can be printed and read."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in value[:60])
    return f'"{shown}…"' if len(value) > 60 else f'"{shown}"'
