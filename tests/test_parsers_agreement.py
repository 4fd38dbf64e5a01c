"""The two readers of XML feeds on the same documents: they agree field by field, or a row below says why not.

Else a feed that slips from one reader to the other would look changed in every item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import html

from feedsvc.model import Enclosure, FeedInfo, Fetched, ImageClaim, Limits, Parsed, Subject, Text
from feedsvc.parsers.encoding import decode
from feedsvc.parsers.fallback import read_guarded
from feedsvc.parsers.feed import read_feed
from feedsvc.parsers.prolog import open_text
from feedsvc.parsers.repair import repair
from feedsvc.parsers.xmlfeed import read_xml

ROOT = Path(__file__).parents[1]
OURS = sorted(
    path
    for path in (*(ROOT / "tests/data/feeds").iterdir(), *(ROOT / "feeds/incoming").glob("*/*"))
    if path.suffix in (".xml", ".rss", ".atom", ".rdf")
)
CORPUS = sorted((ROOT.parent / "shared" / "corpus").glob("*.xml"))
URL = "https://outlet.example/feed"


class Difference(NamedTuple):
    """One intended difference: why, and what must be true of both values all the same."""

    reason: str
    holds: Callable[[Any, Any], bool]


def _within(part: Iterable[object] | None, whole: Iterable[object] | None) -> bool:
    return set(part or ()) <= set(whole or ())


def _said(text: Text | None) -> str:
    """The words of a value, without markup and spacing."""
    if text is None:
        return ""
    words = html.fromstring(f"<div>{text.value}</div>").text_content() if text.type != "text" else text.value
    return re.sub(r"\s", "", words)


def _same_words(ours: Text | None, theirs: Text | None) -> bool:
    return _said(ours) == _said(theirs)


def _same_files(ours: tuple[Enclosure, ...], theirs: tuple[Enclosure, ...]) -> bool:
    return tuple(replace(file, duration=None) for file in ours) == theirs


def _same_images(ours: tuple[ImageClaim, ...], theirs: tuple[ImageClaim, ...]) -> bool:
    bare = {
        image.url: replace(image, alt=None, credits=(), licence=None, rights=None, terms_url=None) for image in ours
    }
    return all(bare.get(image.url) == replace(image, alt=None) for image in theirs)


def _same_subject(ours: Subject, theirs: Subject) -> bool:
    return (ours.name, ours.type, ours.year) == (theirs.name, theirs.type, theirs.year) and _within(
        theirs.identifiers + theirs.same_as, ours.identifiers + ours.same_as
    )


def _same_origin(ours: FeedInfo, theirs: FeedInfo) -> bool:
    return _same_words(ours.title, theirs.title) and ours.links == theirs.links and ours.id == theirs.id


BASE = "feedparser forgets to end the xml:base of an element, so that it holds for the entries after it; "
ITEM = {
    "title": Difference(BASE + "the words are the same", _same_words),
    "summary": Difference("feedparser calls itunes:summary HTML; the format does not say", _same_words),
    "content": Difference("feedparser writes XHTML as XML, with Atom 0.3's outer div", _same_words),
    "rights": Difference(BASE + "the words are the same", _same_words),
    "origin": Difference(BASE + "the words are the same", _same_origin),
    "links": Difference(
        "a related link that names a second dcterms:references stays over, as feedparser keeps only the last of them; "
        "content that is only an address (src) is lost",
        lambda ours, theirs: _within(ours, theirs) or not theirs,
    ),
    "cited": Difference("feedparser keeps only the last dcterms:references", lambda o, t: _within(t, o)),
    "also": Difference("feedparser keeps only the last dcterms:isVersionOf", lambda o, t: _within(t, o)),
    "licences": Difference("feedparser drops a licence that is only words", lambda o, t: _within(t, o)),
    "images": Difference(
        "feedparser tears credit, licence, rights and description off their image, and does not know an item's "
        "<image> or an enclosure without a type",
        _same_images,
    ),
    "authors": Difference("only one of them is asked for a byline", lambda o, t: _within(t, o)),
    "credits": Difference(
        "feedparser does not say which image a credit is of, and is not asked for a creditLine",
        lambda o, t: _within(o, t) or _within(t, o),
    ),
    "enclosures": Difference("feedparser knows no duration", _same_files),
    "categories": Difference(
        "feedparser makes terms, not labels, of media:keywords",
        lambda o, t: _within([each.label or each.term for each in o], [each.label or each.term for each in t]),
    ),
    "subject": Difference("feedparser keeps only the last dc:identifier and schema:sameAs", _same_subject),
    "published": Difference("feedparser reads dc:date and dcterms:modified as one date", lambda o, t: bool(o and t)),
    "updated": Difference("feedparser reads dc:date and dcterms:modified as one date", lambda o, t: not (o and t)),
    "language": Difference("feedparser keeps no xml:lang of an entry", lambda ours, theirs: theirs is None),
}
FEED = {
    "id": Difference("feedparser knows no rdf:about of a channel", lambda ours, theirs: theirs is None),
    "subtitle": Difference("feedparser prefers itunes:subtitle to the description", lambda o, t: bool(o and t)),
    "authors": Difference("feedparser makes RSS's managing editor an author", lambda ours, theirs: not theirs),
    "contributors": Difference("feedparser makes RSS's managing editor an author", lambda ours, theirs: not theirs),
    "categories": Difference("feedparser makes categories of iTunes'", lambda o, t: _within(o, t)),
    "updated": Difference("feedparser lets dc:date stand for lastBuildDate", lambda o, t: bool(o and t)),
    "rhythm": Difference(
        "feedparser keeps one of several skipHours and skipDays, so none is taken from it",
        lambda ours, theirs: replace(ours, skip_hours=(), skip_days=()) == theirs,
    ),
}


def _read_twice(path: Path) -> tuple[Parsed, Parsed]:
    opening = open_text(decode(Fetched(url=URL, body=path.read_bytes()))[0])
    mended, _ = repair(opening.text)
    ours = read_xml(opening.text, opening.text.encode(), URL, Limits())
    return ours, read_guarded(mended, URL, Limits())


def _differences(path: Path) -> list[tuple[str, object, object, bool]]:
    """Each field that differs: its name, both values, and whether a row of the tables allows it."""
    ours, theirs = _read_twice(path)
    assert len(ours.items) == len(theirs.items)
    found = []
    pairs = [("feed", FEED, ours.feed, theirs.feed)]
    pairs += [("item", ITEM, one, other) for one, other in zip(ours.items, theirs.items, strict=True)]  # type: ignore[misc]
    for kind, table, one, other in pairs:
        for name in (field.name for field in fields(one)):
            mine, their = getattr(one, name), getattr(other, name)
            if mine != their:
                allowed = name in table and table[name].holds(mine, their)
                found.append((f"{kind}.{name}", mine, their, allowed))
    return found


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_both_readers_agree_on_every_sample(path: Path) -> None:
    """Our own samples, which cover every format and every attribution field."""
    assert [difference for difference in _differences(path) if not difference[3]] == []


@pytest.mark.parametrize("name", [path.name for path in CORPUS] or ["none"])
def test_both_readers_agree_on_every_real_feed(beside: Path, name: str) -> None:
    """Feeds of real outlets, where they lie beside the repository."""
    assert [difference for difference in _differences(beside / "corpus" / name) if not difference[3]] == []


def test_every_intended_difference_is_seen_in_a_sample(beside: Path) -> None:
    """A row that no document needs would hide a fault."""
    seen = {name for path in (*OURS, *(beside / "corpus").iterdir()) for name, *_ in _differences(path)}
    assert seen == {f"item.{name}" for name in ITEM} | {f"feed.{name}" for name in FEED}


@pytest.mark.parametrize("name", [path.name for path in CORPUS] or ["none"])
def test_every_item_of_a_real_feed_is_read(beside: Path, name: str) -> None:
    """As many items as the text has start tags of them, each with words, and with a link where the source has one."""
    path = beside / "corpus" / name
    parsed = read_feed(Fetched(url=URL, body=path.read_bytes()))
    text = re.sub(r"(?s)<!\[CDATA\[.*?\]\]>|<!--.*?-->", "", path.read_bytes().decode("utf-8", "replace"))
    sources = re.findall(r"(?s)<(?:item|entry)[\s>].*?</(?:item|entry)>", text)
    assert len(parsed.items) == len(sources)
    for item, source in zip(parsed.items, sources, strict=True):
        assert item.title or item.summary or item.content
        if re.search(r"<link[^>]*>\s*[^\s<]|<link[^>]+href=", source):
            assert any(link.rel == "alternate" and link.href.startswith("http") for link in item.links)
