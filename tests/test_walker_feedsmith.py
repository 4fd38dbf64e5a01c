"""feedsmith walks what the walker walks, and both find the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.origin import Origin
from tests.test_walker import ARCHIVE, atom, day, entry, json_feed, stamp
from tests.walker import Broken, walk_archive, walk_json, walk_pages
from tests.walker_feedsmith import read_with_feedsmith, walk_with_feedsmith


@pytest.fixture
def origin() -> Iterator[Origin]:
    """A server with nothing on it yet."""
    with Origin() as running:
        yield running


def test_archives(origin: Origin) -> None:
    feed = origin.answer("/feed", body=atom(entry("a", 9), entry("c", 3), prev_archive="/2"))
    origin.answer("/2", body=atom(ARCHIVE, entry("b", 2), prev_archive="1"))
    origin.answer("/1", body=atom(ARCHIVE, entry("a", 1)))

    found = walk_with_feedsmith(feed, "prev-archive")

    assert found == [("urn:a", day(9)), ("urn:c", day(3)), ("urn:b", day(2))]
    assert found == walk_archive(feed)


def test_archives_in_rss(origin: Origin) -> None:
    head = "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0'>"
    newest = "<item><guid>urn:b</guid><pubDate>Sat, 02 May 2026 12:00:00 GMT</pubDate></item>"
    oldest = "<item><guid>urn:a</guid><atom:updated>2026-05-01T12:00:00Z</atom:updated></item>"
    archive = f"{head}<channel><title>T</title><fh:archive/>{oldest}</channel></rss>"
    current = f"{head}<channel><title>T</title><atom:link rel='prev-archive' href='/1'/>{newest}</channel></rss>"
    feed = origin.answer("/feed", body=current.encode())
    origin.answer("/1", body=archive.encode())

    assert walk_with_feedsmith(feed, "prev-archive") == [("urn:b", day(2)), ("urn:a", day(1))] == walk_archive(feed)


def test_pages(origin: Origin) -> None:
    feed = origin.answer("/feed", body=atom(entry("b", 2), next="/feed?page=2"))
    origin.answer("/feed?page=2", body=atom(entry("b", 2), entry("a", 1), previous="/feed"))

    assert walk_with_feedsmith(feed, "next") == [("urn:b", day(2)), ("urn:a", day(1))] == walk_pages(feed)
    assert [read.url for read in read_with_feedsmith(feed, "next")] == [feed, f"{feed}?page=2"]


def test_json_feeds(origin: Origin) -> None:
    second = origin.answer("/2.json", body=json_feed(None, {"id": "urn:a", "content_text": "Words."}))
    feed = origin.answer("/1.json", body=json_feed(second, {"id": "urn:b", "date_modified": stamp(2)}))

    assert walk_with_feedsmith(feed, "next_url") == [("urn:b", day(2)), ("urn:a", None)] == walk_json(feed)


def test_a_loop_and_a_gap_are_refused(origin: Origin) -> None:
    feed = origin.answer("/feed", body=atom(entry("b", 2), next="/feed", prev_archive="/gone"))

    with pytest.raises(Broken, match="next leads back"):
        walk_with_feedsmith(feed, "next")
    with pytest.raises(Broken, match="answered 404"):
        walk_with_feedsmith(feed, "prev-archive")
