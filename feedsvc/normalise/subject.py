"""What a source states of the work reviewed, and the headline, in; the subject out. None rather than a wrong one."""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.model import Category, Provenance, Subject
from feedsvc.normalise.characters import fold
from feedsvc.normalise.headline import Guess, by_convention, kind_beside, may_keep_to_one
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.kinds import kind_in, kind_in_text
from feedsvc.normalise.spoken import is_of_the_work
from feedsvc.normalise.titles import in_quotes
from feedsvc.normalise.urls import absolute

#: The category scheme in which our own feeds name the type of the work.
TYPE_SCHEME = "http://schema.org/itemReviewed"
#: So much of a text is looked at for words about works.
_LOOKED_AT = 20_000


class Known(NamedTuple):
    """The work, where that comes from, and of what it was inferred, in words; all of nothing: an inferred None."""

    subject: Subject | None
    provenance: Provenance
    how: str | None = None


def subject_of(stated: Subject | None, headline: str, text: str, categories: tuple[Category, ...]) -> Known:
    """The work as stated, else the one that a headline names by its convention; never an identifier not stated.

    `text` is the review's: a title in quotation marks alone names a work only where the text speaks of works.
    """
    if stated and (name := fold(plain_words(stated.name), 500)):
        return Known(_tidy(stated, name, categories), Provenance.STATED)
    return Known(*_inferred(headline, text, [category.term for category in categories]))


def _inferred(headline: str, text: str, terms: list[str]) -> tuple[Subject | None, Provenance, str | None]:
    filed, guess = None, None
    # Most headlines keep to no convention, and need no word on what the categories say.
    if may_keep_to_one(headline):
        filed = kind_in(terms)
        guess = by_convention(headline, filed[0] if filed else None)
    guess = guess or _quoted(headline, text, terms)
    if guess is None:
        return None, Provenance.INFERRED, None
    filed = kind_in(terms) if guess.kind is None else filed
    kind, whence = guess.kind, "the headline"
    if kind is None and filed:
        kind, whence = filed[0], f"the category “{fold(filed[1], 100)}”"
    if kind is None:
        kind, whence = kind_in_text(guess.title.name, text[:_LOOKED_AT]), "the words of the text"
    subject = Subject(name=guess.title.name, type=kind, year=guess.title.year)
    return subject, Provenance.INFERRED, f"{guess.how}; its type from {whence}" if kind else guess.how


def _quoted(headline: str, text: str, terms: list[str]) -> Guess | None:
    """The one title in quotation marks, where the text speaks of works and the headline tells no news of one."""
    found = in_quotes(headline)
    if found is None:
        return None
    title, where = found
    about = " ".join((headline, text[:_LOOKED_AT], *terms))
    if not is_of_the_work(headline, where, title.name, about):
        return None
    how = "the title in quotation marks in the headline of a text that speaks of works"
    return Guess(title, how, kind_beside(headline[where.end() :]))


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
