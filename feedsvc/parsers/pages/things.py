"""The neutral tree that every vocabulary becomes: things of schema.org types, what is said of them, bounded throughout.

References by `@id` are followed when they are read and never copied, so that a circle of them is no endless tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin

from feedsvc.model import Text
from feedsvc.parsers.encoding import clean

#: Things of one page, values of one property, and levels of things in one another that are read.
MOST_THINGS = 5_000
MOST_VALUES = 200
DEEPEST = 40
#: Characters of one value, and of an address.
LONGEST = 1_000_000
LONGEST_ADDRESS = 4_096

#: The properties under which a work carries its reviews.
OF_A_WORK = frozenset({"review", "reviews"})

_SCHEMA = re.compile(r"\A(?:https?://(?:www\.)?schema\.org/+|schema:)", re.I)


@dataclass(slots=True, eq=False)
class Thing:
    """One thing of a page: its types and properties by schema.org's short names, each value a thing or words.

    `id` is absolute where the page has an address. `parent` is the thing that holds it, under the property `role`.
    """

    types: frozenset[str] = frozenset()
    id: str | None = None
    said: dict[str, list[Thing | Text]] = field(default_factory=dict)
    parent: Thing | None = field(default=None, repr=False)
    role: str | None = None
    #: Which reader found it: two readers may find the same thing.
    vocabulary: str = ""

    def say(self, name: str, value: Thing | Text) -> None:
        """Add a value to a property; no more than MOST_VALUES are kept."""
        if not self.is_full(name):
            self.said.setdefault(name, []).append(value)

    def is_full(self, name: str) -> bool:
        """Whether a property takes no further value."""
        return len(self.said.get(name, ())) >= MOST_VALUES

    @property
    def bare(self) -> bool:
        """Whether it is only a reference: an id, and nothing said."""
        return self.id is not None and not self.said and not self.types


class Graph:
    """Every thing of a page in document order, with its references followed; `base` is what addresses start from."""

    def __init__(self, things: Sequence[Thing], base: str | None) -> None:
        self.things = tuple(things)
        self.base = base
        self._by_id: dict[str, Thing] = {}
        self._holders: dict[str, Thing] = {}
        for thing in self.things:
            if thing.id and not thing.bare:
                self._by_id.setdefault(thing.id, thing)
            elif thing.id and thing.parent and thing.role in OF_A_WORK:
                self._holders.setdefault(thing.id, thing.parent)

    def work_of(self, review: Thing) -> Thing | None:
        """The thing that carries a review, in itself or by a reference."""
        return review.parent if review.role in OF_A_WORK else self._holders.get(review.id or "")

    def values(self, thing: Thing, *names: str) -> Iterator[Thing | Text]:
        """What is said under these names, in the order of the names; references as the things that they lead to."""
        for name in names:
            for value in thing.said.get(name, ()):
                yield self.whole(value) if isinstance(value, Thing) else value

    def whole(self, thing: Thing) -> Thing:
        """What a reference leads to; a thing that says something is itself."""
        return self._by_id.get(thing.id or "", thing) if thing.bare else thing

    def things_in(self, thing: Thing, *names: str) -> list[Thing]:
        """The things under these names."""
        return [value for value in self.values(thing, *names) if isinstance(value, Thing)]

    def texts(self, thing: Thing, *names: str) -> list[Text]:
        """The words under these names, none empty; of a thing, its name."""
        return [text for value in self.values(thing, *names) if (text := self._text(value))]

    def text(self, thing: Thing, *names: str) -> Text | None:
        """The first of the words under these names."""
        return next(iter(self.texts(thing, *names)), None)

    def word(self, thing: Thing, *names: str) -> str | None:
        """The first of the words under these names, as a string."""
        text = self.text(thing, *names)
        return " ".join(text.value.split()) if text else None

    def words(self, thing: Thing, *names: str) -> list[str]:
        """All words under these names, as strings, each once."""
        return list(dict.fromkeys(" ".join(text.value.split()) for text in self.texts(thing, *names)))

    def addresses(self, thing: Thing, *names: str) -> list[str]:
        """The addresses under these names, absolute, each once; of a thing, its url, else its id."""
        found: dict[str, None] = {}
        for value in self.values(thing, *names):
            said = (value.value,) if isinstance(value, Text) else self._own_addresses(value)
            found.update((address, None) for raw in said if (address := joined(self.base, raw)))
        return list(found)

    def address(self, thing: Thing, *names: str) -> str | None:
        """The first of the addresses under these names."""
        return next(iter(self.addresses(thing, *names)), None)

    def _text(self, value: Thing | Text) -> Text | None:
        if isinstance(value, Text):
            return value if value.value.strip() else None
        named = value.said.get("name") or value.said.get("alternateName") or value.said.get("value") or ()
        return next((text for text in named if isinstance(text, Text) and text.value.strip()), None)

    def _own_addresses(self, thing: Thing) -> list[str]:
        said = [value.value for value in self.values(thing, "url", "contentUrl") if isinstance(value, Text)]
        return said[:1] or ([thing.id] if thing.id else [])


# A page says the same few names again and again.
@lru_cache(4096)
def short_name(written: str) -> str:
    """schema.org's short name of a type or property ("https://schema.org/Review" and "schema:Review" are "Review")."""
    return _SCHEMA.sub("", written.strip()).rstrip("/#")[:200]


def is_schema(address: str) -> bool:
    """Whether an address is schema.org's, or begins with it."""
    return _SCHEMA.match(f"{address.strip()}/") is not None


def joined(base: str | None, raw: str) -> str | None:
    """An address of the web, absolute; None for any other, and for one that no rule can join."""
    raw = clean(raw).strip()
    if not raw or len(raw) > LONGEST_ADDRESS:
        return None
    try:
        address = urljoin(base, raw) if base else raw
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) and " " not in address else None


def identity(base: str | None, raw: str) -> str:
    """A thing's id, absolute where it can be; blank nodes ("_:a") stay as they are."""
    raw = raw.strip()[:LONGEST_ADDRESS]
    return raw if raw.startswith("_:") else joined(base, raw) or raw


def page_of(id: str | None) -> str | None:
    """A thing's id where a reader may follow it: a page, and no place in one."""
    return id if id and joined(None, id) and "#" not in id else None
