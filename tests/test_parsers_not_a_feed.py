"""Bytes that are no feed: each is told by name, and an HTML page with the feeds that it offers."""

from __future__ import annotations

import gzip

import pytest

from feedsvc.errors import NotAFeed
from feedsvc.model import Fetched
from feedsvc.parsers.feed import read_feed


def refusal(body: bytes, url: str = "https://o.example/a/page", media_type: str | None = None) -> NotAFeed:
    with pytest.raises(NotAFeed) as caught:
        read_feed(Fetched(url=url, body=body, media_type=media_type))
    return caught.value


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "an empty body"),
        (b" \r\n\t", "an empty body"),
        (b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>", "an HTML page"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "an HTML page"),
        (b"<div>Fragment</div>", "an HTML page"),
        (b"<!doctype HTML>", "an HTML page"),
        (b'{"error": "not found"}', "a JSON document"),
        (b"[1, 2]", "a JSON document"),
        (b'{"error": ', "broken JSON"),
        (b"The service is down for maintenance.", "plain text"),
        (b"<?xml version='1.0'?><opml version='2.0'><body/></opml>", "an XML document (opml)"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an XML document (svg)"),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x/></rdf:RDF>', "an XML document"),
        (gzip.compress(b"<rss/>"), "gzip data"),
        (gzip.compress(b"<rss/>")[:12], "gzip data"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (bytes(range(1, 32)) * 20, "binary data"),
        (b"<!-- only a comment", "markup without a root element"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, found: str) -> None:
    error = refusal(body)
    assert (error.found, error.feeds) == (found, ())
    assert "https://o.example/a/page" in str(error) or "JSON" in str(error) or "XML" in str(error)


def test_a_page_names_its_feeds_with_absolute_addresses() -> None:
    page = b"""<!DOCTYPE html><html><head>
      <link rel="stylesheet" type="text/css" href="/style.css">
      <link rel="alternate" type="application/rss+xml" title="All" href="/rss">
      <link REL="Alternate home" TYPE="application/atom+xml; charset=utf-8" href="reviews.atom">
      <link rel="alternate" type="application/feed+json" href="https://cdn.example/feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts">
      <link rel="alternate" type="application/json" href="/feed.json">
      <link rel="alternate" hreflang="fr" href="/fr">
      <link rel="alternate" type="application/rss+xml" href="/rss">
      <link rel="alternate" type="application/rss+xml" href="feed://o.example/old">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
    </head><body>Hello</body></html>"""
    error = refusal(page)
    assert error.found == "an HTML page"
    assert error.feeds == (
        "https://o.example/rss",
        "https://o.example/a/reviews.atom",
        "https://cdn.example/feed.json",
        "https://o.example/feed.json",
        "http://o.example/old",
    )
    assert "https://o.example/rss" in str(error)


def test_a_page_s_base_element_holds_for_its_feeds() -> None:
    page = b'<html><base href="https://cdn.example/x/"><link rel=alternate type=application/rss+xml href=rss></html>'
    assert refusal(page).feeds == ("https://cdn.example/x/rss",)


def test_a_broken_base_element_loses_no_feed() -> None:
    page = b'<html><base href="//[x"><link rel=alternate type=application/rss+xml href=https://o.example/rss></html>'
    assert refusal(page).feeds == ("https://o.example/rss",)


def test_a_feed_that_a_server_calls_html_is_a_feed() -> None:
    body = b"<rss><channel><item><title>a</title></item></channel></rss>"
    assert len(read_feed(Fetched(url="https://o.example/", body=body, media_type="text/html")).items) == 1


def test_a_page_that_a_server_calls_rss_is_a_page() -> None:
    assert refusal(b"<html><body>no</body></html>", media_type="application/rss+xml").found == "an HTML page"
