"""Text → what kind of document it is, and the document without its prolog: no declaration, no DTD, no junk.

Every step walks forward through the text once, so that no document can make it slow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Root elements that a feed may have; CDF's is CHANNEL (W3C note, 1997). Names are compared in lower case.
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "entry", "channel"})
_HTML_TAGS = (
    frozenset({"html", "head", "body", "title", "meta", "link", "script", "style", "base", "div", "p", "span", "a"})
    | {"h1", "h2", "h3", "table", "center", "font", "br", "b", "i", "main", "header", "nav", "section", "article"}
    | {"noscript", "ul", "ol", "img", "form", "iframe"}
)
_FEED_BEGINS = re.compile(r"<\?xml\b|<(?:rss|(?:atom:)?feed|rdf:RDF)[\s>]", re.I)
_HTML_DOCTYPE = re.compile(r"<!doctype\s+html\b", re.I)
_NAME = re.compile(r"<([A-Za-z_:][\w.:-]{0,200})")
#: How far into a text its root element may stand: 100 KB of declared entities are not rare in attacks, this is.
_LONGEST = 1_000_000
#: How much text before a document may be skipped: a server's warning, not a page.
_JUNK = 20_000


class Opening(NamedTuple):
    """How a text begins: its root's local name in lower case, and the text from the root's "<" on."""

    root: str
    text: str
    is_html: bool
    problems: tuple[str, ...]


def open_text(text: str) -> Opening:
    """Skip what stands before the root element. `root` is "" for a text that is no markup.

    A document type is taken out, declarations and all: its entities are never expanded, and an entity whose only
    meaning is in it stays in the text as it was written.
    """
    position, problems = _skip_junk(text)
    is_html, declares = False, False
    while (start := _markup(text, position)) >= 0 and start <= _LONGEST:
        if text.startswith("<?", start):
            position = _after(text, "?>", start)
        elif text.startswith("<!--", start):
            position = _after(text, "-->", start)
        elif text.startswith("<!", start):
            position = _doctype_end(text, start)
            is_html |= bool(_HTML_DOCTYPE.match(text, start))
            declares |= "<!ENTITY" in text[start:position]
        else:
            break
    if start < 0 or start > _LONGEST:
        return Opening("", "", is_html, tuple(problems))
    if declares:
        problems.append("Entities that the document declares for itself were not expanded.")
    return _opened(text[start:], is_html, problems)


def _opened(text: str, is_html: bool, problems: list[str]) -> Opening:
    found = _NAME.match(text)
    if not found:
        return Opening("", "", is_html, tuple(problems))
    root = found[1].rpartition(":")[2].lower()
    if root not in FEED_ROOTS and root != "html" and (later := _FEED_BEGINS.search(text, 0, _JUNK)):
        return _after_junk(text[later.start() :], problems)
    return Opening(root, text, is_html or root in _HTML_TAGS, tuple(problems))


def _after_junk(text: str, problems: list[str]) -> Opening:
    """The document that stands behind a scrap of HTML, such as the warning of a broken script."""
    opening = open_text(text)
    return opening._replace(problems=(*problems, "Text before the document was skipped.", *opening.problems))


def _skip_junk(text: str) -> tuple[int, list[str]]:
    """Where a document may begin. A text with words first is a document only if a feed begins soon after them."""
    position = len(text) - len(text.lstrip("\ufeff\0 \t\r\n\x0b\x0c"))
    if text.startswith("<", position):
        problems = ["White space stands before the XML declaration."] if text.startswith("<?xml", position) else []
        return position, problems if position else []
    if found := _FEED_BEGINS.search(text, position, position + _JUNK):
        return found.start(), ["Text before the document was skipped."]
    return len(text), []


def _markup(text: str, position: int) -> int:
    """The next "<" if nothing but white space stands before it, else -1."""
    start = text.find("<", position)
    return start if start >= 0 and not text[position:start].strip("\ufeff \t\r\n") else -1


def _after(text: str, end: str, start: int) -> int:
    found = text.find(end, start)
    return found + len(end) if found >= 0 else len(text)


def _doctype_end(text: str, start: int) -> int:
    """Where a document type ends (XML 1.0, 2.8): quotes and comments may hold any bracket."""
    position, depth = start + 2, 0
    while position <= start + _LONGEST and (found := _DOCTYPE_PARTS.search(text, position)):
        part, position = found[0], found.end()
        if part in "\"'":
            position = _after(text, part, position)
        elif part == "<!--":
            position = _after(text, "-->", position)
        elif part in "[]":
            depth += 1 if part == "[" else -1
        elif depth <= 0:
            return position
    return len(text)


_DOCTYPE_PARTS = re.compile(r"""<!--|["'\[\]>]""")
