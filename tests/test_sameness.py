"""What counts as the same document: everything but when it was made."""

from __future__ import annotations

import pytest

from feedsvc.parsers.sameness import body_digest

RSS = (
    b"<?xml version='1.0'?><!-- made at 10:00 --><rss version='2.0'><channel><title>Outlet</title>"
    b"<pubDate>Fri, 01 May 2026 08:00:00 GMT</pubDate><lastBuildDate>Fri, 01 May 2026 08:00:00 GMT</lastBuildDate>"
    b"<item><title>One</title><pubDate>Thu, 30 Apr 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Outlet</title><updated>2026-05-01T08:00:00Z</updated>"
    b"<entry><title>One</title><updated>2026-04-30T08:00:00Z</updated></entry></feed>"
)
RDF = (
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    b"<channel><title>Outlet</title><dc:date>2026-05-01T08:00:00Z</dc:date></channel>"
    b"<item><title>One</title></item></rdf:RDF>"
)


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        (RSS, b"<lastBuildDate>Fri, 01 May 2026 08:00:00", b"<lastBuildDate>Sat, 02 May 2026 09:30:11"),
        (RSS, b"<title>Outlet</title><pubDate>Fri, 01", b"<title>Outlet</title><pubDate>Sat, 02"),
        (RSS, b"made at 10:00", b"made at 11:00"),
        (RSS, b"</rss>", b"</rss>\n<!-- cached page served in 0.2 seconds -->"),
        (ATOM, b"<updated>2026-05-01", b"<updated>2026-05-02"),
        (RDF, b"2026-05-01T08:00:00Z", b"2026-05-01T09:00:00Z"),
    ],
)
def test_polling_13_a_document_made_again_is_the_same(body: bytes, before: bytes, after: bytes) -> None:
    assert before in body
    assert body_digest(body.replace(before, after)) == body_digest(body)


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        (RSS, b"One", b"Two"),
        (RSS, b"Thu, 30 Apr", b"Wed, 29 Apr"),
        (RSS, b"<title>Outlet", b"<title>Other"),
        (ATOM, b"2026-04-30", b"2026-04-29"),
        (RDF, b"<title>One", b"<title>Two"),
        (RSS, b"</rss>", b"</rss"),
    ],
)
def test_any_other_difference_makes_it_another_document(body: bytes, before: bytes, after: bytes) -> None:
    assert before in body
    assert body_digest(body.replace(before, after)) != body_digest(body)


def test_a_document_without_items_is_taken_byte_for_byte() -> None:
    assert body_digest(b"<updated>1</updated>") != body_digest(b"<updated>2</updated>")
