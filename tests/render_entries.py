"""What the rendering tests share: the sample reviews as entries, and each format drawn and read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from feedsvc.model import Document, Entry, Feed, Place, Review, Terms, Tombstone
from feedsvc.render import FORMATS
from tests.samples import BARE, FEED, FULL, NOW, SITE

#: Prefixes for the XPaths of the tests, written here by hand from the specifications.
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "ag": "http://purl.org/rss/1.0/modules/aggregation/",
    "cc": "http://backend.userland.com/creativeCommonsRssModule",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "schema": "http://schema.org/",
}

FULL_ENTRY = Entry(
    review=FULL,
    terms=Terms(
        show="full",
        statement="Full text under CC BY-SA 4.0: name the critics, the outlet and the licence.",
        reason="the licence of the review allows it",
    ),
    embeddable=frozenset({"https://night-lantern.example/i/still.jpg"}),
)
BARE_ENTRY = Entry(
    review=replace(BARE, content=None),
    terms=Terms(show="excerpt", statement="An excerpt; all rights with the outlet.", reason="no licence is known"),
)
ENTRIES = (BARE_ENTRY, FULL_ENTRY)


def entry_of(review: Review, **terms: Any) -> Entry:  # noqa: ANN401 - passed on as they are
    """An entry with terms of its own; full unless said otherwise."""
    return Entry(review=review, terms=Terms(**{"show": "full", "statement": "All of it.", "reason": "a test", **terms}))


def document(feed: Feed, entries: Sequence[Entry], tombstones: Sequence[Tombstone] = ()) -> Document:
    """A feed as it is drawn at NOW."""
    return Document(
        feed=feed,
        place=Place(f"/feeds/{feed.name}"),
        entries=tuple(entries),
        updated=NOW,
        tombstones=tuple(tombstones),
    )


def drawn(kind: str, entries: Sequence[Entry] = ENTRIES) -> bytes:
    """The bytes of one format."""
    return FORMATS[kind].write(SITE, document(FEED, entries))


def xml(kind: str, *entries: Entry) -> etree._Element:
    """An XML format, drawn and parsed."""
    return etree.fromstring(drawn(kind, entries or ENTRIES))


def items(*entries: Entry) -> list[dict[str, Any]]:
    """The items of the JSON feed, drawn and parsed."""
    found: list[dict[str, Any]] = json.loads(drawn("json", entries or ENTRIES))["items"]
    return found


def texts(element: etree._Element, path: str) -> list[str]:
    """Every text or attribute that an XPath selects, in document order."""
    found = element.xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [each if isinstance(each, str) else (each.text or "") for each in found]
