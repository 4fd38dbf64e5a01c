"""A page's elements with microdata or RDFa attributes → things.

(HTML Standard, 5 microdata; RDFa Lite 1.1, W3C.) One pass over the elements, whatever their depth; an `itemref` adds a
pass over what it names. Where a link carries a person, a work or an outlet, its words are the name.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import ClassVar

from lxml import html

from feedsvc.model import Text
from feedsvc.parsers.encoding import clean
from feedsvc.parsers.pages.things import LONGEST, LONGEST_ADDRESS, MOST_THINGS, Thing, identity, is_schema, short_name

Element = html.HtmlElement

#: Characters of markup that are kept of a page, however its texts stand inside one another.
MOST_PROSE = 3_000_000
#: References of all itemref attributes of a page, and elements under each, that are followed.
MOST_REFERENCES = 100
MOST_REFERRED = 2_000

_ADDRESSES = {
    "a": "href", "area": "href", "link": "href", "img": "src", "audio": "src", "embed": "src", "iframe": "src",
    "source": "src", "track": "src", "video": "src", "object": "data",
}  # fmt: skip
#: Properties whose markup is kept.
_PROSE = frozenset({"reviewBody", "articleBody", "description", "text", "content"})
#: Properties that are words even where a link carries them.
_WORDS = frozenset({"name", "headline", "creditText", "ratingValue", "caption", "keywords", "articleSection", *_PROSE})
#: Properties that are things: a link that carries one has a name beside its address.
_NAMED = frozenset({"author", "creator", "editor", "publisher", "itemReviewed", "contributor", "copyrightHolder"})


class Marked(ABC):
    """The things of a page by one kind of attributes."""

    #: The attribute that begins a thing.
    sign: ClassVar[str]

    def __init__(self, root: Element, base: str | None) -> None:
        self._root, self._base = root, base
        self._own: dict[Element, Thing] = {}
        self._left = MOST_PROSE
        self.things: list[Thing] = []

    def read(self) -> list[Thing]:
        """Every thing of the page, in document order; most pages have none, which takes no time to see."""
        if self._root.get(self.sign) is None and self._root.find(f".//*[@{self.sign}]") is None:
            return []
        self._prepare()
        for element in self._root.iter("*"):
            if len(self.things) < MOST_THINGS and (thing := self._thing(element)) is not None:
                self._own[element] = thing
                self.things.append(thing)
        if self._own:
            self._walk(self._root, None)
            self._refer()
        return self.things

    def _walk(self, root: Element, outer: Thing | None) -> None:
        """Say each property of the thing that its element stands in; with an `outer` thing, those of that one alone."""
        owners: dict[Element, Thing | None] = {}
        for element in islice(root.iter("*"), MOST_REFERRED if outer else None):
            parent = element.getparent()
            owner = outer if element is root or parent is None else owners.get(parent)
            owners[element] = self._own.get(element, owner)
            if owner is not None and (outer is None or owner is outer):
                for name in self._names(element):
                    self._say(owner, name, element)

    def _say(self, owner: Thing, name: str, element: Element) -> None:
        inner = self._own.get(element)
        if inner is None:
            if not owner.is_full(name):
                owner.say(name, self._value(name, element))
        elif inner is not owner:
            if inner.parent is None:
                inner.parent, inner.role = owner, name
            owner.say(name, inner)

    def _value(self, name: str, element: Element) -> Thing | Text:
        tag = str(element.tag)
        stated = element.get("content")
        if stated is None and tag in ("data", "meter"):
            stated = element.get("value")
        if stated is None and tag == "time":
            stated = element.get("datetime")
        if stated is not None:
            return Text(value=clean(stated).strip()[:LONGEST], type="unsure", base=self._base)
        address = self._address(tag, element)
        if address is None or (tag in ("a", "area") and name in _WORDS):
            return self._prose(element) if name in _PROSE else Text(value=self._shown(element))
        if tag == "a" and name in _NAMED and (words := self._shown(element)):
            return Thing(said={"name": [Text(value=words)], "url": [Text(value=address)]})
        return Text(value=address)

    def _address(self, tag: str, element: Element) -> str | None:
        raw = element.get(_ADDRESSES[tag]) if tag in _ADDRESSES else None
        return raw.strip()[:LONGEST_ADDRESS] if raw is not None else None

    def _prose(self, element: Element) -> Text:
        inner = escape(element.text or "", quote=False)
        if self._left > 0:
            inner += "".join(html.tostring(child, encoding="unicode") for child in element)
        self._left -= len(inner)
        return Text(value=clean(inner).strip()[:LONGEST], type="html", base=self._base)

    def _shown(self, element: Element) -> str:
        """The words of an element."""
        words = str(element.text_content()) if self._left > 0 else element.text or ""
        self._left -= len(words)
        return clean(" ".join(words.split()))[:LONGEST]

    @abstractmethod
    def _thing(self, element: Element) -> Thing | None:
        """A thing that begins here."""

    @abstractmethod
    def _names(self, element: Element) -> Iterator[str]:
        """The properties that an element carries, by their short names."""

    def _prepare(self) -> None:  # noqa: B027 - microdata needs nothing
        """Look at what holds for many elements."""

    def _refer(self) -> None:  # noqa: B027 - nothing is what RDFa needs
        """Follow references; only microdata has any."""


class Microdata(Marked):
    """Things by itemscope, itemtype, itemprop, itemref."""

    sign = "itemscope"

    def _thing(self, element: Element) -> Thing | None:
        if element.get("itemscope") is None:
            return None
        types = frozenset(short_name(written) for written in (element.get("itemtype") or "").split()[:20])
        id = element.get("itemid")
        return Thing(types=types, id=identity(self._base, id) if id and id.strip() else None)

    def _names(self, element: Element) -> Iterator[str]:
        for written in (element.get("itemprop") or "").split()[:20]:
            yield short_name(written)

    def _refer(self) -> None:
        ids: dict[str, Element] = {}
        wanted = [
            (thing, word) for element, thing in self._own.items() for word in (element.get("itemref") or "").split()
        ]
        if wanted:
            for element in self._root.iter("*"):
                if id := element.get("id"):
                    ids.setdefault(id, element)
        for thing, word in wanted[:MOST_REFERENCES]:
            if (named := ids.get(word)) is not None and self._own.get(named) is not thing:
                self._walk(named, thing)


_PREFIXED = re.compile(r"([A-Za-z][\w.-]*):\s+(\S+)")


class Rdfa(Marked):
    """Things by typeof, property, vocab, prefix, resource: terms of schema.org alone."""

    sign = "typeof"

    def _prepare(self) -> None:
        self._prefixes = {"schema"}
        self._vocabularies: dict[Element, bool] = {}
        for element in self._root.iter("*"):
            parent = element.getparent()
            said = element.get("vocab")
            inherited = parent is not None and self._vocabularies.get(parent, False)
            self._vocabularies[element] = inherited if said is None else is_schema(said)
            for prefix, address in _PREFIXED.findall((element.get("prefix") or "")[:2_000]):
                if is_schema(address):
                    self._prefixes.add(prefix.lower())

    def _thing(self, element: Element) -> Thing | None:
        if element.get("typeof") is None:
            return None
        types = frozenset(self._terms(element, "typeof"))
        id = element.get("resource") or element.get("about")
        return Thing(types=types, id=identity(self._base, id) if id and id.strip() else None) if types else None

    def _names(self, element: Element) -> Iterator[str]:
        return self._terms(element, "property")

    def _terms(self, element: Element, attribute: str) -> Iterator[str]:
        for word in (element.get(attribute) or "").split()[:20]:
            prefix, colon, term = word.partition(":")
            if not colon:
                if self._vocabularies[element]:
                    yield word
            elif prefix.lower() in self._prefixes:
                yield term
            elif is_schema(word):
                yield short_name(word)

    def _address(self, tag: str, element: Element) -> str | None:
        said = element.get("resource")
        return said.strip()[:LONGEST_ADDRESS] if said is not None else super()._address(tag, element)
