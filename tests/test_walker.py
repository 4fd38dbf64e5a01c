"""The walker itself, against documents written by hand from RFC 5005 and RFC 6721: what it follows and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.origin import Origin
from tests.walker import Broken, through, walk_archive, walk_json, walk_pages

NAMESPACES = (
    "xmlns='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0' "
    "xmlns:at='http://purl.org/atompub/tombstones/1.0'"
)


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A server with nothing on it yet."""
    with Origin() as running:
        yield running


def day(number: int) -> datetime:
    """Noon of a day in May."""
    return datetime(2026, 5, number, 12, tzinfo=UTC)


def atom(*parts: str, updated: int = 20, **links: str) -> bytes:
    """A feed document: its parts in order, its links by relation (underscores stand for hyphens)."""
    related = "".join(f"<link rel='{rel.replace('_', '-')}' href='{href}'/>" for rel, href in links.items())
    return f"<feed {NAMESPACES}>{related}<updated>{stamp(updated)}</updated>{''.join(parts)}</feed>".encode()


def stamp(number: int) -> str:
    return f"2026-05-{number:02}T12:00:00Z"


def entry(name: str, number: int) -> str:
    return f"<entry><id>urn:{name}</id><updated>{stamp(number)}</updated></entry>"


def deleted(name: str, number: int) -> str:
    return f"<at:deleted-entry ref='urn:{name}' when='{stamp(number)}'/>"


ARCHIVE = "<fh:archive/>"


# ------------------------------------------------------------------------------------------------------------- archives


def test_it_follows_the_archives_back_from_the_subscription_document(origin: Origin) -> None:
    current = origin.url + "/feed"
    origin.answer("/feed", body=atom(entry("d", 4), entry("c", 3), prev_archive="/2"))
    origin.answer("/2", body=atom(ARCHIVE, entry("b", 2), current=current, prev_archive="1"))
    origin.answer("/1", body=atom(ARCHIVE, entry("a", 1), current=current, next_archive="2"))

    assert walk_archive(current) == [("urn:d", day(4)), ("urn:c", day(3)), ("urn:b", day(2)), ("urn:a", day(1))]
    assert [asked.path for asked in origin.requests] == ["/feed", "/2", "/1"]


def test_a_feed_of_one_document_is_its_own_history(origin: Origin) -> None:
    origin.answer("/feed", body=atom(entry("a", 1)))

    assert walk_archive(origin.url + "/feed") == [("urn:a", day(1))]


def test_of_two_forms_of_an_entry_the_later_one_counts_wherever_it_stands(origin: Origin) -> None:
    origin.answer("/feed", body=atom(entry("a", 9), entry("b", 2), prev_archive="/1"))
    origin.answer("/1", body=atom(ARCHIVE, entry("a", 1), entry("b", 5)))

    assert walk_archive(origin.url + "/feed") == [("urn:a", day(9)), ("urn:b", day(5))]


def test_an_entry_deleted_after_its_last_change_is_out_and_one_changed_after_is_in(origin: Origin) -> None:
    origin.answer("/feed", body=atom(deleted("a", 8), deleted("b", 8), deleted("c", 8), prev_archive="/1"))
    origin.answer("/1", body=atom(ARCHIVE, entry("a", 7), entry("b", 8), entry("c", 9)))

    assert walk_archive(origin.url + "/feed") == [("urn:c", day(9))]


def test_an_entry_that_an_archive_calls_deleted_is_back_when_it_changed_later(origin: Origin) -> None:
    origin.answer("/feed", body=atom(entry("a", 9), prev_archive="/1"))
    origin.answer("/1", body=atom(ARCHIVE, deleted("a", 8)))

    assert walk_archive(origin.url + "/feed") == [("urn:a", day(9))]


@pytest.mark.parametrize(
    ("archive", "complaint"),
    [
        (atom(entry("b", 2)), "not marked as an archive"),
        (atom(ARCHIVE, entry("b", 2), prev_archive="/feed"), "leads back"),
        (atom(ARCHIVE, entry("b", 2), prev_archive="/archive"), "leads back"),
        (atom(ARCHIVE, entry("b", 2), current="/other"), "an archive of"),
        (atom(ARCHIVE, entry("b", 2), prev_archive="/gone"), "answered 404"),
        (atom(ARCHIVE, entry("b", 2), entry("b", 3)), "holds urn:b twice"),
        (atom(ARCHIVE, "<entry><title>No id</title></entry>"), "without an id"),
        (atom(ARCHIVE, "<link rel='prev-archive' href='/x'/>", prev_archive="/y"), "leads to"),
        (b"<html><body>Not found</body></html>", "neither Atom nor RSS"),
        (b"", "Document is empty"),
    ],
)
def test_it_refuses_an_archive_that_cannot_be_walked(origin: Origin, archive: bytes, complaint: str) -> None:
    origin.answer("/feed", body=atom(entry("c", 3), prev_archive="/archive"))
    origin.answer("/archive", body=archive)

    with pytest.raises(Broken, match=complaint):
        walk_archive(origin.url + "/feed")


def test_it_refuses_archives_whose_links_back_and_forth_do_not_meet(origin: Origin) -> None:
    origin.answer("/feed", body=atom(prev_archive="/3"))
    origin.answer("/3", body=atom(ARCHIVE, prev_archive="/1"))
    origin.answer("/1", body=atom(ARCHIVE, next_archive="/2"))

    with pytest.raises(Broken, match=r"next-archive leads to .*/2, not to .*/3"):
        walk_archive(origin.url + "/feed")


def test_it_refuses_to_start_at_an_archive(origin: Origin) -> None:
    origin.answer("/1", body=atom(ARCHIVE, entry("a", 1)))

    with pytest.raises(Broken, match="marked as an archive"):
        walk_archive(origin.url + "/1")


def test_it_walks_archives_in_rss(origin: Origin) -> None:
    """RFC 5005, appendix B: the links and marks are Atom's and the history module's, in the channel."""
    head = (
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0'>"
    )
    newest = "<item><guid>urn:b</guid><pubDate>Sat, 02 May 2026 12:00:00 GMT</pubDate></item>"
    oldest = "<item><guid>urn:a</guid><a:updated>2026-05-01T12:00:00Z</a:updated></item>"
    feed = f"{head}<channel><a:link rel='prev-archive' href='/1'/>{newest}</channel></rss>"
    origin.answer("/feed", body=feed.encode())
    origin.answer("/1", body=f"{head}<channel><fh:archive/>{oldest}</channel></rss>".encode())

    assert walk_archive(origin.url + "/feed") == [("urn:b", day(2)), ("urn:a", day(1))]


def test_it_asks_for_a_public_name_on_loopback_under_that_name(origin: Origin) -> None:
    origin.answer("/feed?critic=jane", body=atom(entry("a", 1)))

    found = walk_archive("http://reviews.example/feed?critic=jane", through(origin.port))

    assert found == [("urn:a", day(1))]
    assert origin.requests[0].headers["host"] == "reviews.example"


# ---------------------------------------------------------------------------------------------------------------- pages


def test_it_follows_pages_to_the_last_and_counts_an_entry_that_moved_down_once(origin: Origin) -> None:
    origin.answer("/feed", body=atom(entry("d", 4), entry("c", 3), next="/feed?page=2", last="/feed?page=3"))
    origin.answer("/feed?page=2", body=atom(entry("c", 3), entry("b", 2), previous="/feed", next="/feed?page=3"))
    origin.answer("/feed?page=3", body=atom(entry("a", 1), previous="/feed?page=2", last="/feed?page=3"))

    found = walk_pages(origin.url + "/feed")

    assert found == [("urn:d", day(4)), ("urn:c", day(3)), ("urn:b", day(2)), ("urn:a", day(1))]


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (atom(next="/feed"), "leads back"),
        (atom(previous="/other"), "previous leads to"),
        (atom(last="/feed?page=9"), "last leads to"),
    ],
)
def test_it_refuses_pages_that_cannot_be_walked(origin: Origin, second: bytes, complaint: str) -> None:
    origin.answer("/feed", body=atom(next="/feed?page=2"))
    origin.answer("/feed?page=2", body=second)

    with pytest.raises(Broken, match=complaint):
        walk_pages(origin.url + "/feed")


# ------------------------------------------------------------------------------------------------------------ JSON Feed


def json_feed(next_url: str | None, *items: dict[str, str]) -> bytes:
    """A JSON Feed document."""
    following = {"next_url": next_url} if next_url else {}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, **following}).encode()


def test_it_follows_next_url(origin: Origin) -> None:
    second = origin.url + "/feed.json?page=2"
    origin.answer("/feed.json", body=json_feed(second, {"id": "urn:b", "date_modified": stamp(2)}))
    origin.answer("/feed.json?page=2", body=json_feed(None, {"id": "urn:a", "date_published": stamp(1)}, {"id": "u"}))

    assert walk_json(origin.url + "/feed.json") == [("urn:b", day(2)), ("urn:a", day(1)), ("u", None)]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (json_feed("/feed.json"), "leads back"),
        (json_feed(None, {"title": "No id"}), "without an id"),
        (json_feed(None, {"id": "a"}, {"id": "a"}), "holds a twice"),
        (b"[]", "no JSON Feed"),
        (b"<feed/>", "no JSON Feed"),
    ],
)
def test_it_refuses_a_json_feed_that_cannot_be_walked(origin: Origin, body: bytes, complaint: str) -> None:
    origin.answer("/feed.json", body=body)

    with pytest.raises(Broken, match=complaint):
        walk_json(origin.url + "/feed.json")
