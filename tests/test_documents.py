"""Dropped files end to end: which reader takes them, their encoding, what is turned away, golden documents."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from feedsvc.errors import NotAFeed, TooLarge, UnreadableDocument
from feedsvc.model import Citation, Credit, Fetched, Item, LicenceClaim, Parsed, Text
from feedsvc.parsers.document import read_document

DOCUMENTS = Path(__file__).parent / "data" / "documents"
SHIPPED = Path(__file__).parents[1] / "feeds" / "incoming"
MODIFIED = datetime(2026, 5, 1, 10, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=2)))

RSS = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>Coast Weekly</title><link>https://coast-weekly.example/</link>
<description>Reviews</description>
<item><title>Paper Moons</title><guid isPermaLink="false">cw-1</guid><link>https://coast-weekly.example/1</link></item>
<item><title>Nine Lamps</title><guid isPermaLink="false">cw-2</guid><link>https://coast-weekly.example/2</link></item>
</channel></rss>"""
JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Coast Weekly",
"items": [{"id": "cw-3", "url": "https://coast-weekly.example/3", "content_text": "It folds."}]}"""
REVIEW = "Paper Moons\n\nIt folds — “neatly”, says Zoë."


def read(path: str, body: bytes, modified: datetime | None = MODIFIED) -> Parsed:
    return read_document(Fetched(url=f"file:///drop/{path}", path=path, body=body, modified=modified))


def the_item(path: str, body: bytes, modified: datetime | None = MODIFIED) -> Item:
    (item,) = read(path, body, modified).items
    return item


@pytest.mark.parametrize(
    "name, problems",
    [
        ("wellenbrecher.txt", ()),
        ("salt-and-other-verbs.md", ("front matter not understood: layout: post",)),
        ("the-glass-ferry.html", ()),
    ],
)
def test_a_document_gives_exactly_the_item_written_beside_it(name: str, problems: tuple[str, ...]) -> None:
    """The expected items were written by hand from the rules, as JSON; fields that are left out keep their default."""
    expected = msgspec.json.decode((DOCUMENTS / name).with_suffix(".json").read_bytes(), type=Item)
    parsed = read(name, (DOCUMENTS / name).read_bytes())
    assert parsed.items == (expected,)
    assert parsed.problems == problems


def test_the_example_document_reads_as_the_format_promises(beside: Path) -> None:
    """The real review that the format was described from (without a byline, a date, an address or a rating)."""
    item = the_item("ballerina-review.txt", (beside / "seeds" / "ballerina-review.txt").read_bytes())
    assert item.guid == "ballerina-review.txt"
    title = "Why “Ballerina” Trips Over Its Own Kicks: Ana de Armas’ Wick Spinoff Falls Flat"
    assert item.title == Text(value=title)
    assert item.cited == (
        Citation(name="Celebrity Storm"),
        Citation(name="New York Post"),
        Citation(name="Variety"),
        Citation(name="The Hollywood Reporter"),
    )
    assert item.credits == (Credit(name="Courtesy of Lionsgate"),)
    assert item.rights_holder == "Lionsgate"
    assert item.licences == (LicenceClaim(text="Creative Commons"),)
    assert (item.authors, item.contributors, item.links, item.images) == ((), (), (), ())
    assert (item.rating, item.summary, item.rights, item.subject, item.language) == (None, None, None, None, None)
    assert (item.published, item.published_inferred) == ("2026-05-01T08:30:15+00:00", True)
    assert item.content is not None
    assert item.content.type == "html"
    paragraphs = item.content.value.splitlines()
    assert len(paragraphs) == 6
    assert all(p.startswith("<p>") and p.endswith("</p>") for p in paragraphs)
    assert paragraphs[0].startswith("<p>Brace yourselves—Ana de Armas’ Ballerina")
    assert paragraphs[5].endswith("today’s dose of reality. You’re welcome.</p>")
    assert "Sources:" not in item.content.value
    assert "Lionsgate" not in item.content.value


def test_every_shipped_sample_reads_without_a_problem() -> None:
    """What we ship as an example must be one."""
    for folder, count in (("celebrity-storm", 4), ("tide-table", 3), ("corner-screen", 2)):
        paths = sorted((SHIPPED / folder).iterdir())
        assert len(paths) == count
        for path in paths:
            parsed = read(path.name, path.read_bytes())
            assert parsed.problems == ()
            assert parsed.items[0].content is not None


def test_a_shipped_text_with_every_trailer_gives_every_field() -> None:
    """The sample that the format's recipe is shown with."""
    item = the_item("the-salt-road.txt", (SHIPPED / "celebrity-storm" / "the-salt-road.txt").read_bytes())
    assert item.title == Text(value="“The Salt Road” Walks Slowly and Sees Everything")
    assert [person.name for person in item.authors] == ["Ines Okafor-Lind"]
    assert [person.name for person in item.contributors] == ["Marta Ivory"]
    assert [link.href for link in item.links] == ["https://celebrity-storm.example/reviews/the-salt-road"]
    assert item.licences == (LicenceClaim(text="CC BY-SA 4.0"),)
    assert [(image.url, image.licence) for image in item.images] == [
        ("https://celebrity-storm.example/images/salt-road.jpg", LicenceClaim(text="CC BY 4.0"))
    ]
    assert item.images[0].credits == (Credit(name="Pia Noor", role="photographer", scheme="urn:ebu"),)
    assert item.credits == ()
    assert item.cited == (
        Citation(name="Rock and Ice", url="https://rock-and-ice.example/salt-road"),
        Citation(name="Harbour Gazette"),
    )
    assert (item.published, item.published_inferred) == ("2026-03-14T09:30:00Z", False)
    assert (item.updated, item.language) == ("2026-03-15", "en-GB")
    assert item.rights_holder == "Celebrity Storm"
    assert item.verdict == "Slow, salty, and worth every step."
    assert item.content is not None
    assert item.content.value.count("<p>") == 4


@pytest.mark.parametrize(
    "path, body, reader",
    [
        ("a.txt", b"# No heading here\n\ntext", "text"),
        ("a.TXT", b"Title\n\ntext", "text"),
        ("sub/b.md", b"# Title\n\ntext", "markdown"),
        ("b.markdown", b"Title\n=====\n\ntext", "markdown"),
        ("c.htm", b"<p>" + b"The river is patient. " * 4, "html"),
        ("c.txt", b"<!DOCTYPE html><title>T</title><p>" + b"The river is patient. " * 4, "html"),
        ("c", b"<!-- a --><!-- b -->\n<html><body><p>" + b"The river is patient. " * 4, "html"),
        ("d", b"# Title\n\ntext", "markdown"),
        ("d", b"---\ntitle: Salt\n---\ntext", "markdown"),
        ("d.review", b"Title\n=====\ntext", "markdown"),
        ("e", b"Title\n\ntext", "text"),
        ("e.doc", b"Title\n\n<b>text</b>", "text"),
    ],
)
def test_the_suffix_and_then_the_look_decide_who_reads(path: str, body: bytes, reader: str) -> None:
    assert read(path, body).reader == reader


@pytest.mark.parametrize(
    "path, body, guids",
    [
        ("drop.xml", RSS, ["cw-1", "cw-2"]),
        ("drop.txt", RSS, ["cw-1", "cw-2"]),
        ("drop", b"<!-- " + b"-->\n<!-- " * 300 + b"-->" + RSS[21:], ["cw-1", "cw-2"]),
        ("drop.json", JSON_FEED, ["cw-3"]),
        ("drop.txt", JSON_FEED, ["cw-3"]),
    ],
)
def test_a_dropped_feed_is_read_as_a_feed_and_its_items_keep_their_ids(
    path: str, body: bytes, guids: list[str]
) -> None:
    parsed = read(path, body)
    assert [item.guid for item in parsed.items] == guids
    assert [item.published_inferred for item in parsed.items] == [False] * len(guids)


def test_a_file_with_a_feeds_suffix_that_is_none_is_refused() -> None:
    with pytest.raises(NotAFeed):
        read("settings.json", b'{"theme": "dark"}')


@pytest.mark.parametrize(
    "body",
    [
        REVIEW.encode(),
        b"\xef\xbb\xbf" + REVIEW.encode(),
        b"\xff\xfe" + REVIEW.encode("utf-16-le"),
        b"\xfe\xff" + REVIEW.encode("utf-16-be"),
        b"\xff\xfe\x00\x00" + REVIEW.encode("utf-32-le"),
        REVIEW.encode("cp1252"),
        REVIEW.replace("\n", "\r\n").encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "utf-32", "windows-1252", "windows lines"],
)
def test_the_same_review_in_any_encoding_is_the_same_item(body: bytes) -> None:
    item = the_item("paper-moons.txt", body)
    assert item.title == Text(value="Paper Moons")
    assert item.content == Text(value="<p>It folds — “neatly”, says Zoë.</p>", type="html")


def test_a_page_says_its_own_encoding() -> None:
    """Bytes that are no UTF-8 are read by <meta charset>; UTF-8 stays UTF-8 whatever the page says."""
    page = '<meta charset="iso-8859-2"><title>Řeka</title><p>' + "Řeka je trpělivá a široká. " * 3
    assert the_item("reka.html", page.encode("iso-8859-2")).title == Text(value="Řeka")
    assert the_item("reka.html", page.encode()).title == Text(value="Řeka")


@pytest.mark.parametrize(
    "path, body, like",
    [
        ("review.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF"),
        ("review.txt", b"PK\x03\x04\x14\x00\x06\x00", "an office document"),
        ("review.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 8, "an old office document"),
        ("review.rtf", b"{\\rtf1\\ansi Paper Moons}", "a Rich Text document"),
        ("still.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
        ("drop.xml", b"\x1f\x8b\x08\x00\x00\x00", "a gzip archive"),
        ("trailer.mp4", b"\x00\x00\x00\x18ftypmp42", "a film"),
        ("review.txt", "Paper Moons".encode("utf-16-le"), "UTF-16 text without a byte order mark"),
        ("review.txt", b"Paper Moons\n\nIt folds\x00.", "binary data"),
        ("review.txt", bytes(range(1, 9)) * 20, "control characters"),
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\t\n", "is empty"),
        ("invisible.txt", "\u200b\u200b \n\u00ad".encode(), "is empty"),
        ("empty.md", b"<!-- later -->\n\n![](hero.jpg)\n", "shows no text"),
        (
            "frame.html",
            b"<html><body><div id=root></div><script>draw('a long text that is no text')</script>",
            "hardly any",
        ),
    ],
)
def test_what_is_no_text_is_named_with_its_reason(path: str, body: bytes, like: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(path, body)
    assert str(caught.value).startswith(path)
    assert like in str(caught.value)


@pytest.mark.parametrize("path, limit", [("long.txt", 1_000_000), ("long.md", 100_000), ("long.html", 1_000_000)])
def test_one_review_has_a_limit(path: str, limit: int) -> None:
    with pytest.raises(TooLarge, match=f"^{path} is longer than {limit:,} bytes"):
        read(path, b"<p>Title\n\n" + b"a" * limit)
    assert the_item(path, b"<p>Title\n\n" + b"a" * (limit - 11)).content is not None


def test_a_date_that_is_not_stated_is_the_files_in_utc_and_marked() -> None:
    item = the_item("a.txt", REVIEW.encode())
    assert (item.published, item.published_inferred) == ("2026-05-01T08:30:15+00:00", True)


def test_a_stated_date_stays_as_it_was_written() -> None:
    item = the_item("a.txt", REVIEW.encode() + b"\n\nPublished: 1st of May 2026")
    assert (item.published, item.published_inferred) == ("1st of May 2026", False)


def test_without_any_date_none_is_made_up() -> None:
    item = the_item("a.txt", REVIEW.encode(), modified=None)
    assert (item.published, item.published_inferred) == (None, False)


def test_the_path_below_the_folder_is_the_identity() -> None:
    """A changed file is an update of the same review; a file read on its own is known by its address."""
    assert the_item("2026/may/a.txt", b"One\n\nx").guid == "2026/may/a.txt"
    assert the_item("2026/may/a.txt", b"Two\n\ny").guid == "2026/may/a.txt"
    lone = read_document(Fetched(url="file:///drop/a%20b.txt", body=b"One\n\nx"))
    assert lone.items[0].guid == "file:///drop/a%20b.txt"
