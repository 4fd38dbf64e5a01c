"""An lxml element → its children by short name, with texts, addresses and language as they hold at that place."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from feedsvc.model import Limits, Text, is_url
from feedsvc.parsers.vocabulary import XHTML, XML, Names

#: Longest title, name, term or statement that is kept, in characters.
SHORT = 10_000
#: Longest address that is kept, in characters.
LONGEST_URL = 65_536
#: Most values of one kind that one item keeps.
MOST = 1_000


_BASE, _LANGUAGE = f"{XML}base", f"{XML}lang"
_CHILDLESS: dict[str, list[etree._Element]] = {}

_BLOCK = r"(?:address|article|aside|blockquote|div|dl|figure|h[1-6]|main|ol|p|pre|section|table|ul)"
_MARKUP = re.compile(rf"\s*<{_BLOCK}(?:\s[^<>]*)?>.*</{_BLOCK}\s*>\s*", re.I | re.S)


def is_markup(value: str | None) -> bool:
    """Whether a value of which nothing is said is HTML from its first character to its last."""
    return _MARKUP.fullmatch(value or "") is not None


class Scope(NamedTuple):
    """What an element inherits: where relative addresses start, "" when nothing says; and the language."""

    base: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds for a whole document: how names are spelt, what holds at its top, and where it is said otherwise."""

    names: Names
    limits: Limits
    #: Elements with an attribute xml:base or xml:lang.
    stating: frozenset[etree._Element] = frozenset()


class Branch:
    """One element. Names are as in `vocabulary`: "title" is RSS's own, "atom:title" Atom's."""

    __slots__ = ("children", "element", "ground", "name", "scope")

    def __init__(self, element: etree._Element, ground: Ground, name: str, above: Scope) -> None:
        self.element = element
        #: Its own short name.
        self.name = name
        #: Its children by short name, at most MOST of a name and of MOST names.
        self.children = _by_name(element, ground.names) if len(element) else _CHILDLESS
        #: What holds in it.
        self.scope = _stated(element, above) if element in ground.stating else above
        self.ground = ground

    def all(self, *names: str) -> list[Branch]:
        """Children of these names: in the order of the names, then of the document; at most MOST of each name."""
        children = self.children
        found: list[Branch] = []
        for name in names:
            # Most names stand in no element: a comprehension would be entered for nothing.
            if name in children:
                found += [Branch(child, self.ground, name, self.scope) for child in children[name]]
        return found

    def in_order(self, *names: str) -> Iterator[tuple[etree._Element, str]]:
        """Children of these names, with their names, in the order of the document, however many."""
        known = self.ground.names
        for child in self.element:
            if (name := known[child.tag]) in names:
                yield child, name

    def first(self, *names: str) -> Branch | None:
        """The first child of the first of these names that there is one of."""
        children = self.children
        for name in names:
            if name in children:
                return Branch(children[name][0], self.ground, name, self.scope)
        return None

    def first_element(self, *names: str) -> etree._Element | None:
        """What `first` gives, where no more than attributes and text are asked for."""
        children = self.children
        for name in names:
            if name in children:
                return children[name][0]
        return None

    def elements(self, *names: str) -> list[etree._Element]:
        """What `all` gives, where no more than attributes and text are asked for."""
        children = self.children
        found: list[etree._Element] = []
        for name in names:
            if name in children:
                found += children[name]
        return found

    def texts(self, *names: str) -> list[str]:
        """Plain texts of all such children that have any, each cut at SHORT."""
        return [text[:SHORT] for child in self.elements(*names) if (text := text_in(child))]

    def text_of(self, *names: str) -> str | None:
        """The first plain text among all such children, cut at SHORT."""
        children = self.children
        for name in names:
            if name in children:
                for child in children[name]:
                    if text := text_in(child):
                        return text[:SHORT]
        return None

    @property
    def whole_text(self) -> str | None:
        """All text in it, however long, without markup; None when empty."""
        return text_in(self.element)

    @property
    def text(self) -> str | None:
        """All text in it, without markup, cut at SHORT; None when empty."""
        text = text_in(self.element)
        return text[:SHORT] if text else None

    def get(self, name: str) -> str | None:
        """An attribute, trimmed; None when missing or empty."""
        return attribute(self.element, name)

    @property
    def attributes(self) -> dict[str, str]:
        """All its attributes that are not empty, trimmed."""
        return attributes_of(self.element)

    def url(self, name: str | None = None) -> str | None:
        """The attribute of that name, or the text, as an absolute address (RFC 3986, 5; XML Base)."""
        return self.absolute(self.get(name) if name else self.whole_text)

    def url_of(self, *names: str) -> str | None:
        """The text of the child that `first` gives, as an absolute address."""
        child = self.first_element(*names)
        return None if child is None else absolute(text_in(child), self.scope_of(child).base)

    def absolute(self, written: str | None) -> str | None:
        """An address that is written here, made absolute; as it stands where it cannot be."""
        return absolute(written, self.scope.base)

    @property
    def own_language(self) -> str | None:
        """The xml:lang on itself."""
        return self.get(_LANGUAGE) if self.element in self.ground.stating else None

    def as_html(self) -> Text | None:
        """Its content, as a value that is HTML."""
        return _value(_html_in(self.element), "html", self.scope)

    def as_unsure(self) -> Text | None:
        """Its content, where the format does not say whether it is markup."""
        return _value(text_in(self.element), "unsure", self.scope)

    def scope_of(self, child: etree._Element) -> Scope:
        """What holds in one of its children."""
        stating = self.ground.stating
        return _stated(child, self.scope) if stating and child in stating else self.scope

    def branch_of(self, child: etree._Element, name: str) -> Branch:
        """One of its children."""
        return Branch(child, self.ground, name, self.scope)

    def html_of(self, *names: str) -> Text | None:
        """The first content among all such children, as a value that is HTML."""
        children = self.children
        for name in names:
            if name in children:
                for child in children[name]:
                    if value := _html_in(child):
                        return _value(value, "html", self.scope_of(child))
        return None

    def unsure_of(self, *names: str) -> Text | None:
        """The first content among all such children, where the format does not say whether it is markup."""
        children = self.children
        for name in names:
            if name in children:
                for child in children[name]:
                    if value := text_in(child):
                        return _value(value, "unsure", self.scope_of(child))
        return None

    def construct_of(self, *names: str) -> Text | None:
        """The first content among all such children, as an Atom text construct."""
        children = self.children
        for name in names:
            if name in children:
                for child in children[name]:
                    if found := self.as_construct(child):
                        return found
        return None

    def first_construct(self, *names: str) -> Text | None:
        """The content of the child that `first` gives, as an Atom text construct."""
        child = self.first_element(*names)
        return None if child is None else self.as_construct(child)

    def as_construct(self, child: etree._Element) -> Text | None:
        """One of its children as an Atom text construct or content (RFC 4287, 3.1 and 4.1.3; 0.3's `mode` too)."""
        stated = attribute(child, "type")
        kind = stated or "text"
        if kind not in ("html", "text"):
            kind = kind.lower().partition(";")[0].strip()
        if kind in ("html", "text/html"):
            return _value(_html_in(child), "html", self.scope_of(child))
        if kind in ("xhtml", "application/xhtml+xml"):
            branch = self.branch_of(child, "")
            divs = branch.all("xhtml:div")
            return (divs[0] if len(divs) == 1 and len(child) == 1 else branch).as_html()
        if attribute(child, "mode") == "base64" or not (kind == "text" or kind.startswith("text/")):
            return None
        text = text_in(child)
        if stated is None and is_markup(text):
            return _value(_html_in(child), "html", self.scope_of(child))
        return _value(text, "text", self.scope_of(child))


def _value(value: str | None, kind: Literal["text", "html", "unsure"], scope: Scope) -> Text | None:
    return Text(value=value, type=kind, base=scope.base or None, language=scope.language) if value else None


def _stated(element: etree._Element, above: Scope) -> Scope:
    """What holds in an element that says so itself (XML Base, XML 1.0 2.12)."""
    base = above.base if element.get(_BASE) is None else element.base or ""
    language = element.get(_LANGUAGE)
    return Scope(base, above.language if language is None else language.strip() or None)


def _by_name(element: etree._Element, names: Names) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    # A list is made faster, but of a million elements it takes room.
    for child in element[:] if len(element) <= MOST else element:
        name = names[child.tag]
        if name not in found:
            if name and len(found) < MOST:
                found[name] = [child]
        elif len(found[name]) < MOST:
            found[name].append(child)
    return found


def text_in(element: etree._Element) -> str | None:
    """All text in an element, without markup; None when empty."""
    text = "".join(element.itertext()) if len(element) else element.text
    return (text.strip() or None) if text else None


def _html_in(element: etree._Element) -> str | None:
    """What stands in an element as HTML: its text as it is, or its child elements written as HTML; None when empty."""
    if not len(element):
        return text_in(element)
    copied = copy.deepcopy(element)
    for each in copied.iter(f"{{{XHTML}}}*"):
        each.tag = etree.QName(each).localname
    etree.cleanup_namespaces(copied)
    parts = [html.escape(copied.text or "", quote=False)]
    parts += [etree.tostring(child, method="html", encoding="unicode") for child in copied]
    return "".join(parts).strip() or None


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute, trimmed; None when missing or empty."""
    value = element.get(name)
    return (value.strip() or None) if value else None


def attributes_of(element: etree._Element) -> dict[str, str]:
    """All attributes of an element that are not empty, trimmed."""
    said = element.items()
    return {name: text for name, value in said if (text := value.strip())} if said else {}


def absolute(written: str | None, base: str) -> str | None:
    """An address, made absolute; as it stands where it cannot be, None where it is longer than LONGEST_URL."""
    if not written:
        return None
    address = written.strip()
    if not address.isprintable():
        address = address.replace("\n", "").replace("\r", "").replace("\t", "")
    if len(address) > LONGEST_URL:
        return None
    if is_url(address):
        return address
    try:
        return urljoin(base, address) or None
    except ValueError:
        return address
