"""What a withdrawn review leaves in a feed: a deleted-entry in Atom (RFC 6721), nothing anywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from feedsvc.model import Tombstone
from feedsvc.render import FORMATS
from tests.render_entries import ENTRIES, NS, document, drawn
from tests.samples import FEED, NOW, SITE

AT = {**NS, "at": "http://purl.org/atompub/tombstones/1.0"}
STONES = (
    Tombstone(
        id="tag:night-lantern.example,2026:reviews/the-low-tide", when=datetime(2026, 5, 4, 9, 30, tzinfo=NOW.tzinfo)
    ),
    Tombstone(
        id="https://storm.example/?a=1&b=2",
        when=datetime(2026, 5, 3, 1, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=2))),
    ),
)


def buried(kind: str, stones: tuple[Tombstone, ...] = STONES) -> bytes:
    """The sample entries and these tombstones in one format."""
    return FORMATS[kind].write(SITE, document(FEED, ENTRIES, stones))


def test_atom_names_each_deleted_entry_when_it_went_and_why_in_general_words() -> None:
    root = etree.fromstring(buried("atom"))
    deleted = root.findall("at:deleted-entry", AT)

    assert [dict(one.attrib) for one in deleted] == [
        {"ref": "tag:night-lantern.example,2026:reviews/the-low-tide", "when": "2026-05-04T09:30:00Z"},
        {"ref": "https://storm.example/?a=1&b=2", "when": "2026-05-02T23:00:00.250000Z"},
    ]
    comments = [one.findtext("at:comment", namespaces=AT) for one in deleted]
    assert comments == ["Withdrawn at the request of its owner."] * 2
    assert [len(one) for one in deleted] == [1, 1], "nobody is named (at:by)"


def test_atom_with_tombstones_keeps_to_the_grammar_and_shows_the_same_entries(beside: Path) -> None:
    grammar = etree.RelaxNG(etree.parse(beside / "data" / "atom.rng"))
    root = etree.fromstring(buried("atom"))
    parsed = feedparser.parse(buried("atom"))

    assert grammar.validate(root), grammar.error_log
    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [entry.review.id for entry in ENTRIES]
    bare = etree.fromstring(drawn("atom"))
    assert [etree.tostring(e, method="c14n", exclusive=True) for e in root.findall("a:entry", NS)] == [
        etree.tostring(e, method="c14n", exclusive=True) for e in bare.findall("a:entry", NS)
    ]


@pytest.mark.parametrize("kind", ["rss", "json"])
def test_formats_without_a_word_for_it_say_nothing(kind: str) -> None:
    assert buried(kind) == drawn(kind)


def test_an_atom_feed_without_tombstones_does_not_declare_them() -> None:
    assert buried("atom", ()) == drawn("atom")
    assert b"tombstones" not in drawn("atom")


def test_an_unwritable_character_does_not_take_the_feed_down() -> None:
    root = etree.fromstring(buried("atom", (Tombstone(id="urn:a\x00b\ud800", when=NOW),)))

    assert root.xpath("at:deleted-entry/@ref", namespaces=AT) == ["urn:ab"]


def test_the_same_tombstones_give_the_same_bytes() -> None:
    assert buried("atom") == buried("atom")
