"""An lxml element → its children by short name, with texts, addresses and language as they hold at that place."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from feedsvc.model import Text, is_url
from feedsvc.parsers.vocabulary import XHTML, XML, Names

#: Longest title, name, term or statement that is kept, in characters.
SHORT = 10_000
#: Longest address that is kept, in characters.
LONGEST_URL = 65_536
#: Most values of one kind that one item keeps.
MOST = 1_000


_BLOCK = r"(?:address|article|aside|blockquote|div|dl|figure|h[1-6]|main|ol|p|pre|section|table|ul)"
_MARKUP = re.compile(rf"\s*<{_BLOCK}(?:\s[^<>]*)?>.*</{_BLOCK}\s*>\s*", re.I | re.S)


def is_markup(value: str | None) -> bool:
    """Whether a value of which nothing is said is HTML from its first character to its last."""
    return _MARKUP.fullmatch(value or "") is not None


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds for a whole document: how names are spelt, where relative addresses start, what it makes use of."""

    names: Names
    base: str
    has_bases: bool
    has_languages: bool


class Branch:
    """One element. Names are as in `vocabulary`: "title" is RSS's own, "atom:title" Atom's."""

    __slots__ = ("_found", "_ground", "element")

    def __init__(self, element: etree._Element, ground: Ground) -> None:
        self.element = element
        self._ground = ground
        self._found: dict[str, list[etree._Element]] | None = None

    @property
    def _children(self) -> dict[str, list[etree._Element]]:
        if self._found is None:
            self._found = {}
            names = self._ground.names
            for child in self.element.iterchildren("*"):
                self._found.setdefault(names[str(child.tag)], []).append(child)
        return self._found

    def all(self, *names: str) -> list[Branch]:
        """Children of these names: in the order of the names, then of the document; at most MOST of each name."""
        children = self._children
        found: list[Branch] = []
        for name in names:
            if name in children:
                found += [Branch(child, self._ground) for child in children[name][:MOST]]
        return found

    def in_order(self, *names: str) -> Iterator[Branch]:
        """Children of these names in the order of the document, however many."""
        known = self._ground.names
        children = (child for child in self.element.iterchildren("*") if known[str(child.tag)] in names)
        return (Branch(child, self._ground) for child in children)

    def first(self, *names: str) -> Branch | None:
        """The first child of the first of these names that there is one of."""
        for name in names:
            if found := self._children.get(name):
                return Branch(found[0], self._ground)
        return None

    def texts(self, *names: str) -> list[str]:
        """Plain texts of all such children that have any."""
        return [text for child in self.all(*names) if (text := child.text)]

    def text_of(self, *names: str) -> str | None:
        """The first plain text among all such children."""
        return next(iter(self.texts(*names)), None)

    @property
    def name(self) -> str:
        """Its own short name."""
        return self._ground.names[str(self.element.tag)]

    @property
    def whole_text(self) -> str | None:
        """All text in it, however long, without markup; None when empty."""
        element = self.element
        text = "".join(element.itertext()) if len(element) else element.text or ""
        return text.strip() or None

    @property
    def text(self) -> str | None:
        """All text in it, without markup, cut at SHORT; None when empty."""
        text = self.whole_text
        return text[:SHORT] if text else None

    @property
    def inner_html(self) -> str | None:
        """What stands in it as HTML: its text as it is, or its child elements written as HTML; None when empty."""
        if not len(self.element):
            return self.whole_text
        copied = copy.deepcopy(self.element)
        for element in copied.iter(f"{{{XHTML}}}*"):
            element.tag = etree.QName(element).localname
        etree.cleanup_namespaces(copied)
        parts = [html.escape(copied.text or "", quote=False)]
        parts += [etree.tostring(child, method="html", encoding="unicode") for child in copied]
        return "".join(parts).strip() or None

    def get(self, name: str) -> str | None:
        """An attribute, trimmed; None when missing or empty."""
        return (self.element.get(name) or "").strip() or None

    def url(self, name: str | None = None) -> str | None:
        """The attribute of that name, or the text, as an absolute address (RFC 3986, 5; XML Base)."""
        written = self.get(name) if name else self.whole_text
        return self.absolute(written) if written else None

    def absolute(self, written: str) -> str | None:
        """An address that is written here, made absolute; as it stands where it cannot be."""
        address = written.strip().replace("\n", "").replace("\r", "").replace("\t", "")
        if len(address) > LONGEST_URL:
            return None
        if is_url(address):
            return address
        try:
            return urljoin(self.base, address) or None
        except ValueError:
            return address

    @property
    def base(self) -> str:
        """Where relative addresses in it start; "" when nothing says."""
        return (self.element.base or "") if self._ground.has_bases else self._ground.base

    @property
    def language(self) -> str | None:
        """The xml:lang in scope."""
        if not self._ground.has_languages:
            return None
        found = self.element.xpath("string(ancestor-or-self::*[@xml:lang][1]/@xml:lang)")
        return str(found).strip() or None

    @property
    def own_language(self) -> str | None:
        """The xml:lang on itself."""
        return self.get(f"{XML}lang")

    def as_html(self) -> Text | None:
        """Its content, as a value that is HTML."""
        value = self.inner_html
        return self._value(value, "html") if value else None

    def as_plain(self) -> Text | None:
        """Its content, as a value without markup."""
        value = self.whole_text
        return self._value(value, "text") if value else None

    def as_unsure(self) -> Text | None:
        """Its content, where the format does not say whether it is markup."""
        value = self.whole_text
        return self._value(value, "unsure") if value else None

    def as_construct(self) -> Text | None:
        """An Atom text construct or content (RFC 4287, 3.1 and 4.1.3; Atom 0.3's `mode` is understood)."""
        kind = (self.get("type") or "text").lower().partition(";")[0].strip()
        if kind in ("xhtml", "application/xhtml+xml"):
            divs = self.all("xhtml:div")
            return (divs[0] if len(divs) == 1 and len(self.element) == 1 else self).as_html()
        if kind in ("html", "text/html"):
            return self.as_html()
        if self.get("mode") == "base64" or not (kind == "text" or kind.startswith("text/")):
            return None
        return self.as_html() if self.get("type") is None and is_markup(self.whole_text) else self.as_plain()

    def _value(self, value: str, kind: str) -> Text:
        base = self.base or None
        language = self.language
        if kind == "html":
            return Text(value=value, type="html", base=base, language=language)
        return Text(value=value, type="unsure" if kind == "unsure" else "text", base=base, language=language)
