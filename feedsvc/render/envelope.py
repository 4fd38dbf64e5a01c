"""A document without its entries in, what Atom and RSS say alike of it out; and how entries are put into it.

An entry is drawn in a document of its own and its bytes are cut out: every namespace that an entry uses is declared on
the root, so they are those that it would have in any other document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from feedsvc.model import Document, Feed, Place, Site
from feedsvc.render.shape import FH, add

#: What entries are drawn in when they are drawn for themselves.
CARRIER = Document(
    feed=Feed(name="-", title="-"), place=Place("/"), entries=(), updated=datetime(1970, 1, 1, tzinfo=UTC)
)


def cut(drawn: bytes, element: bytes, count: int) -> list[bytes]:
    """The bytes of each of so many elements, line end included; nothing but they can hold such a tag, unescaped."""
    if not count:
        return []
    end = b"</" + element + b">\n"
    first = drawn.index(b"<" + element)
    start = drawn.rindex(b"\n", 0, first) + 1
    found = drawn[start : drawn.rindex(end)].split(end)
    return [one + end for one in found]


def spliced(drawn: bytes, before: bytes, fragments: Sequence[bytes]) -> bytes:
    """A document with its entries put in before the line that begins with the last of these tags."""
    place = drawn.rindex(b"\n", 0, drawn.rindex(before)) + 1
    return b"".join((drawn[:place], *fragments, drawn[place:]))


def namespaces_of(document: Document) -> dict[str, str]:
    """The namespaces that a document uses besides those of its entries."""
    return {"fh": FH.strip("{}")} if document.archive else {}


def write_history(
    parent: etree._Element, link: str, site: Site, document: Document, *, suffix: str, media_type: str
) -> None:
    """Whether it is an archive and the documents around it (RFC 5005), and its hubs (WebSub 4), as elements `link`."""
    for hub in document.hubs:
        add(parent, link, rel="hub", href=hub)
    for rel, place in document.related:
        add(parent, link, rel=rel, href=site.url(place.path(suffix)), type=media_type)
    if document.archive:
        add(parent, FH + "archive")
