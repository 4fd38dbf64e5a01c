"""Every field has its place on the published bytes of Atom and RSS, read with XPaths written by hand."""

from __future__ import annotations

import json
from typing import Any

import feedparser
import pytest
from lxml import etree

from tests.render_entries import FULL_ENTRY, drawn, items, texts, xml

#: Row → (XPath below an Atom entry, XPath below an RSS item, values). None: the row is not in that format.
ROWS: dict[str, tuple[str | None, str | None, list[str]]] = {
    "critics": ("a:author/a:name", "dc:creator", ["Ines Okafor-Lind", "Tomás Reyes"]),
    "critics' pages": ("a:author/a:uri", None, ["https://night-lantern.example/critics/ines"]),
    "contributors": ("a:contributor/a:name", "dc:contributor", ["Marta Ivory"]),
    "outlet": ("a:source/a:title", "source", ["Night Lantern"]),
    "outlet's feed": (
        "a:source/a:link[@rel='self']/@href",
        "source/@url",
        ["https://night-lantern.example/feed.atom"],
    ),
    "outlet's home": ("a:source/a:link[@rel='alternate']/@href", None, ["https://night-lantern.example/"]),
    "outlet's id": ("a:source/a:id", None, ["tag:night-lantern.example,2026:feed"]),
    "outlet's update": ("a:source/a:updated", None, ["2026-05-03T09:30:00Z"]),
    "outlet's rights": ("a:source/a:rights", None, ["© 2026 Night Lantern"]),
    "outlet's icon": ("a:source/a:icon", None, ["https://night-lantern.example/icon.png"]),
    "permalink": (
        "a:link[@rel='alternate'][@type='text/html']/@href",
        "link",
        ["https://night-lantern.example/reviews/the-salt-road"],
    ),
    "id": ("a:id", "guid[@isPermaLink='false']", ["tag:night-lantern.example,2026:reviews/the-salt-road"]),
    "title": ("a:title", "title", ["The Salt Road & other ghosts – “a slow burn”"]),
    "via": (
        "a:link[@rel='via'][@title='Partner Wire']/@href",
        "a:link[@rel='via'][@title='Partner Wire']/@href",
        ["https://wire.example/", "https://wire.example/all.atom"],
    ),
    "cited": (
        "dcterms:references",
        "dcterms:references",
        ["Harbour Gazette", "The Evening Ledger", "Coast Weekly"],
    ),
    "cited with an address": (
        "a:link[@rel='related'][@title='Harbour Gazette'][1]/@href",
        "a:link[@rel='related'][@title='Harbour Gazette'][1]/@href",
        ["https://harbour-gazette.example/salt-road"],
    ),
    "licence": (
        "a:link[@rel='license'][@title='CC-BY-SA-4.0']/@href",
        "a:link[@rel='license'][@title='CC-BY-SA-4.0']/@href",
        ["https://creativecommons.org/licenses/by-sa/4.0/"],
    ),
    "licence in the Creative Commons module": (
        None,
        "cc:license",
        ["https://creativecommons.org/licenses/by-sa/4.0/"],
    ),
    "rights": ("a:rights", "dc:rights", ["Text © 2026 Ines Okafor-Lind & Tomás Reyes"]),
    "rights holder": ("dcterms:rightsHolder", "dcterms:rightsHolder", ["Lantern Press"]),
    "terms": (
        "dcterms:accessRights",
        "dcterms:accessRights",
        ["Full text under CC BY-SA 4.0: name the critics, the outlet and the licence."],
    ),
    "files and images to fetch": (
        "a:link[@rel='enclosure']/@href",
        "a:link[@rel='enclosure']/@href",
        ["https://night-lantern.example/a/salt-road.mp3", "https://night-lantern.example/i/still.jpg"],
    ),
    "their types": (
        "a:link[@rel='enclosure']/@type",
        "a:link[@rel='enclosure']/@type",
        ["audio/mpeg", "image/jpeg"],
    ),
    "their lengths": ("a:link[@rel='enclosure']/@length", "a:link[@rel='enclosure']/@length", ["912345", "48213"]),
    "the one RSS enclosure": (None, "enclosure/@url", ["https://night-lantern.example/a/salt-road.mp3"]),
    "images": (
        "media:content[@medium='image']/@url",
        "media:content[@medium='image']/@url",
        ["https://night-lantern.example/i/still.jpg", "https://night-lantern.example/i/poster.png"],
    ),
    "image sizes": (
        "media:content/@*[name()='width' or name()='height' or name()='fileSize']",
        "media:content/@*[name()='width' or name()='height' or name()='fileSize']",
        ["1200", "800", "48213"],
    ),
    "first image's credit": (
        "media:content[1]/media:credit[@role='photographer'][@scheme='urn:ebu']",
        "media:content[1]/media:credit[@role='photographer'][@scheme='urn:ebu']",
        ["Pia Noor"],
    ),
    "second image's credit": (
        "media:content[2]/media:credit[not(@role)]",
        "media:content[2]/media:credit[not(@role)]",
        ["Courtesy of Saltworks Pictures"],
    ),
    "image rights": (
        "media:content/media:copyright[@url='https://night-lantern.example/image-terms']",
        "media:content/media:copyright[@url='https://night-lantern.example/image-terms']",
        ["© Pia Noor"],
    ),
    "image licence": (
        "media:content/dcterms:license",
        "media:content/dcterms:license",
        ["https://creativecommons.org/licenses/by/4.0/"],
    ),
    "image description": (
        "media:content/schema:description",
        "media:content/schema:description",
        ["A road of salt"],
    ),
    "credit of no image": ("media:credit", "media:credit", ["Stills courtesy of Saltworks Pictures"]),
    "published": ("a:published", None, ["2026-05-01T08:15:00+00:00"]),
    "published in RSS": (None, "pubDate", ["Fri, 01 May 2026 08:15:00 GMT"]),
    "updated": ("a:updated", None, ["2026-05-02T10:00:00+00:00"]),
    "updated in RSS": (None, "a:updated", ["2026-05-02T10:00:00Z"]),
    "collected": ("ag:timestamp", "ag:timestamp", ["2026-05-03T07:45:00Z"]),
    "language": ("@xml:lang", "dc:language", ["en-GB"]),
    "categories": ("a:category/@term", None, ["drama", "Movie"]),
    "categories in RSS": (None, "category", ["Drama", "Movie"]),
    "category of the work's type": (
        "a:category[@scheme='http://schema.org/itemReviewed']/@term",
        "category[@domain='http://schema.org/itemReviewed']",
        ["Movie"],
    ),
    "subject": ("schema:itemReviewed/schema:name", "schema:itemReviewed/schema:name", ["The Salt Road"]),
    "subject's type": (
        "schema:itemReviewed/schema:additionalType",
        "schema:itemReviewed/schema:additionalType",
        ["http://schema.org/Movie"],
    ),
    "subject's year": (
        "schema:itemReviewed/schema:datePublished",
        "schema:itemReviewed/schema:datePublished",
        ["2025"],
    ),
    "subject elsewhere": (
        "schema:itemReviewed/schema:sameAs",
        "schema:itemReviewed/schema:sameAs",
        ["https://www.imdb.com/title/tt0000001/"],
    ),
    "identifiers": ("dc:identifier", "dc:identifier", ["imdb:tt0000001"]),
    "rating": ("schema:reviewRating/schema:ratingValue", "schema:reviewRating/schema:ratingValue", ["3.5"]),
    "best rating": ("schema:reviewRating/schema:bestRating", "schema:reviewRating/schema:bestRating", ["5"]),
    "worst rating": ("schema:reviewRating/schema:worstRating", "schema:reviewRating/schema:worstRating", ["0.5"]),
    "rating verbatim": (
        "schema:reviewRating/schema:alternateName",
        "schema:reviewRating/schema:alternateName",
        ["★★★½"],
    ),
    "verdict": ("schema:abstract", "schema:abstract", ["A slow burn that earns its fire."]),
    "also published": (
        "dcterms:isVersionOf",
        "dcterms:isVersionOf",
        ["https://harbour-gazette.example/syndicated/salt-road"],
    ),
    "also published by": (
        "a:link[@rel='related'][@href='https://harbour-gazette.example/syndicated/salt-road']/@title",
        "a:link[@rel='related'][@href='https://harbour-gazette.example/syndicated/salt-road']/@title",
        ["Harbour Gazette"],
    ),
}


IN_ATOM = [pytest.param(path, values, id=row) for row, (path, _, values) in ROWS.items() if path]
IN_RSS = [pytest.param(path, values, id=row) for row, (_, path, values) in ROWS.items() if path]


@pytest.mark.parametrize("path, values", IN_ATOM)
def test_each_row_stands_in_the_atom_entry(path: str, values: list[str]) -> None:
    entry = xml("atom", FULL_ENTRY)[-1]

    assert texts(entry, path) == values


@pytest.mark.parametrize("path, values", IN_RSS)
def test_each_row_stands_in_the_rss_item(path: str, values: list[str]) -> None:
    item = xml("rss", FULL_ENTRY)[0][-1]

    assert texts(item, path) == values


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feedparser_reads_the_same_credits(kind: str) -> None:
    """A reader outside this project; of repeated foreign elements it keeps the last only, so those are not asked."""
    entry: Any = feedparser.parse(drawn(kind, [FULL_ENTRY])).entries[0]

    assert [author["name"] for author in entry.authors if "name" in author] == ["Ines Okafor-Lind", "Tomás Reyes"]
    assert entry.source.title == "Night Lantern"
    assert entry.link == "https://night-lantern.example/reviews/the-salt-road"
    assert entry.id == "tag:night-lantern.example,2026:reviews/the-salt-road"
    assert entry.title == "The Salt Road & other ghosts – “a slow burn”"
    assert entry.rights == "Text © 2026 Ines Okafor-Lind & Tomás Reyes"
    assert tuple(entry.published_parsed[:6]) == (2026, 5, 1, 8, 15, 0)
    assert tuple(entry.updated_parsed[:6]) == (2026, 5, 2, 10, 0, 0)
    assert [tag.term for tag in entry.tags][-1] == "Movie"
    relations = {link.rel: link.href for link in entry.links}
    assert relations["license"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert relations["via"] == "https://wire.example/all.atom"
    assert entry.content[0].value.startswith("<p>It starts with salt &amp; ends with")
    assert "First published by" in entry.content[0].value


def test_the_feed_itself_names_no_author_rights_or_licence() -> None:
    """Every entry that lacks its own would inherit them (RFC 4287 4.1.1 and 4.2.10, RFC 4946 2.1)."""
    root, channel = xml("atom"), xml("rss")[0]

    assert texts(root, "a:author | a:rights | a:contributor | a:link[@rel='license']") == []
    assert texts(channel, "copyright | managingEditor | dc:* | cc:license | a:link[@rel='license']") == []
    assert "authors" not in feed_members()


def test_the_feed_says_where_it_is_and_when_it_changed() -> None:
    root, channel, members = xml("atom"), xml("rss")[0], feed_members()

    assert texts(root, "a:link[@rel='self'][@type='application/atom+xml']/@href") == [
        "http://reviews.example/feeds/reviews.atom"
    ]
    assert texts(root, "a:link[@rel='alternate'][@type='text/html']/@href") == ["http://reviews.example/feeds/reviews"]
    assert texts(root, "a:id | a:title | a:subtitle") == [
        "http://reviews.example/feeds/reviews",
        "All reviews",
        "Everything we collect",
    ]
    assert texts(root, "a:updated") == ["2026-05-04T12:00:00+00:00"]
    assert texts(root, "a:generator") == ["feedsvc"]
    assert texts(channel, "a:link[@rel='self'][@type='application/rss+xml']/@href") == [
        "http://reviews.example/feeds/reviews.rss"
    ]
    assert texts(channel, "title | link | description") == [
        "All reviews",
        "http://reviews.example/feeds/reviews",
        "Everything we collect",
    ]
    assert texts(channel, "lastBuildDate") == ["Mon, 04 May 2026 12:00:00 GMT"]
    assert members == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "All reviews",
        "home_page_url": "http://reviews.example/feeds/reviews",
        "feed_url": "http://reviews.example/feeds/reviews.json",
        "description": "Everything we collect",
    }


def test_entries_keep_the_order_they_are_given_in() -> None:
    order = ["tag:reviews.example,2026:celebrity-storm/barereview000002", FULL_ENTRY.review.id]

    assert texts(xml("atom"), "a:entry/a:id") == order
    assert texts(xml("rss"), "channel/item/guid") == order
    assert [item["id"] for item in items()] == order


def feed_members() -> dict[str, Any]:
    """The top of the JSON feed without its items."""
    members: dict[str, Any] = json.loads(drawn("json"))
    del members["items"]
    return members


def test_prefixes_are_the_usual_ones() -> None:
    """Readers that look for `media:content` as text, without namespaces, find it (several do)."""
    root = etree.fromstring(drawn("rss"))

    assert {prefix for prefix in root.nsmap if prefix} == {
        *("ag", "atom", "content", "creativeCommons", "dc", "dcterms", "media", "schema")
    }
    assert b"<media:content " in drawn("rss")
    assert b"ns0" not in drawn("rss")
    assert b"ns0" not in drawn("atom")
