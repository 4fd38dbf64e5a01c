"""Categories as stated in, without commas, each once, out: readers split labels at commas."""

from __future__ import annotations

import re

from feedsvc.model import Category
from feedsvc.normalise.characters import fold
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.subject import TYPE_SCHEME

_COMMA = re.compile(r"\s*,\s*")
#: A comma in brackets parts no terms: "Dance (Ballet, Tap)".
_LIST_COMMA = re.compile(r",(?![^()]*\))")


def categories_in(category: Category) -> tuple[Category, ...]:
    """The categories that one as stated comes to: a list in one term or label is taken apart; a work's type is none.

    A bare term of a scheme is no list: "Okafor, Ines" of a scheme of persons stays one.
    """
    if category.scheme == TYPE_SCHEME:
        return ()
    scheme = fold(category.scheme, 500) or None if category.scheme else None
    term = fold(plain_words(category.term), 300)
    label = fold(plain_words(category.label), 300) if category.label else ""
    parts = [(_joined(term), None)] if scheme and not label else _split(term, label)
    if parts == [(category.term, category.label)] and scheme == category.scheme and category.term:
        return (category,)
    return tuple([Category(term=part, scheme=scheme, label=said) for part, said in parts if part])


def _joined(term: str) -> str:
    return _COMMA.sub(" / ", term).strip(" /")


def _split(term: str, label: str) -> list[tuple[str, str | None]]:
    if "," not in term and "," not in label:
        return [(term or label, label or None)]
    return [(_joined(part), None) for part in _LIST_COMMA.split(label or term)]
