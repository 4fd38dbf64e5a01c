"""The web as its clients see it: conditional requests, encodings, headers, errors, and a server that stops in order."""

from __future__ import annotations

import gzip
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.errors import ServeError, StoreError
from feedsvc.model import Gone, Moved, Refused, Rendition
from feedsvc.publish.packing import packed
from feedsvc.render.pages import STATIC
from feedsvc.web import create_app
from feedsvc.web.server import HEADERS_WITHIN, ensure_free
from tests.samples import SITE
from tests.shelf import Shelf

MODIFIED = datetime(2026, 5, 3, 7, 45, tzinfo=UTC)
LAST_MODIFIED = "Sun, 03 May 2026 07:45:00 GMT"
ATOM = b"<feed>" + b"<entry>salt</entry>" * 100 + b"</feed>"
PLAIN, PACKED, BROTLI = '"abc"', '"abc-gzip"', '"abc-br"'


def rendition(path: str, media_type: str, body: bytes) -> Rendition:
    return packed(Rendition(path=path, media_type=media_type, body=body, etag='"abc"', modified=MODIFIED))


PUBLISHED = (
    rendition("/", "text/html; charset=utf-8", b"<!doctype html><title>Home</title>"),
    rendition("/feeds/reviews", "text/html; charset=utf-8", b"<!doctype html>" + b"<p>x</p>" * 100),
    rendition("/feeds/reviews.atom", "application/atom+xml", ATOM),
    rendition("/feeds/reviews.rss", "application/rss+xml", b"<rss/>"),
    rendition("/feeds/reviews.json", "application/feed+json", b"{}"),
    rendition("/feeds.opml", "text/x-opml; charset=utf-8", b"<opml/>"),
    rendition("/sources.opml", "text/x-opml", b"<opml/>"),
    rendition("/sources", "text/html", b"<!doctype html><title>Sources</title>"),
    rendition("/sources/lint", "text/html", b"<!doctype html><title>Lint</title>"),
    rendition("/feeds/reviews/credits", "text/html", b"<!doctype html><title>Credits</title>"),
    rendition("/feeds/reviews/credits.json", "application/json", b"{}"),
    rendition("/reviews/fullreview000001", "text/html", b"<!doctype html><title>Review</title>"),
    *STATIC.values(),
)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({thing.path: thing for thing in PUBLISHED})


@pytest.fixture
def app(shelf: Shelf) -> Flask:
    return create_app(SITE, shelf)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def get(client: FlaskClient, path: str = "/feeds/reviews.atom", **headers: str) -> TestResponse:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


# ------------------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feeds/reviews", "text/html; charset=utf-8"),
        ("/feeds/reviews.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/reviews.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/reviews.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/sources", "text/html; charset=utf-8"),
        ("/sources/lint", "text/html; charset=utf-8"),
        ("/feeds/reviews/credits", "text/html; charset=utf-8"),
        ("/feeds/reviews/credits.json", "application/json"),
        ("/sources.opml", "text/x-opml; charset=utf-8"),
        ("/reviews/fullreview000001", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_every_address_answers_with_its_own_type(
    client: FlaskClient, shelf: Shelf, path: str, content_type: str
) -> None:
    """The bytes that are published, and their media type; JSON has no charset (RFC 8259, 11)."""
    answer = get(client, path)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data == shelf.things[path].body
    assert answer.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/feeds/",
        "/feeds/other.atom",
        "/reviews/x",
        "/reviews/",
        "",
        "/feeds//reviews",
        "/feeds/a/b",
        "/feeds/../sources",
        "/feeds/a\r\nb",
        "/feeds/\u2028\u00fc",
    ],
)
def test_an_unknown_address_is_a_page_that_helps(client: FlaskClient, path: str) -> None:
    """404, never a redirect, with ways on; nothing of the request stands in the page."""
    raw = path.encode().decode("latin-1")
    answer = client.get("/", environ_overrides={"PATH_INFO": raw, "HTTP_HOST": "203.0.113.9"})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert b'href="/sources"' in answer.data
    assert b"evil.example" not in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_query_changes_nothing(client: FlaskClient) -> None:
    """Readers and trackers append what they like."""
    assert get(client, "/feeds/reviews.atom?utm_source=x&format=rss").data == ATOM


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_sent(client: FlaskClient, method: str) -> None:
    """405 says which methods there are (RFC 9110, 15.5.6)."""
    answer = client.open("/feeds/reviews.atom", method=method, data=b"x")
    assert answer.status_code == 405
    assert {word.strip() for word in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "host", ["reviews.example", "reviews.example:8000", "127.0.0.1:8000", "[::1]:8000", "localhost"]
)
def test_our_own_host_and_numeric_addresses_are_served(client: FlaskClient, host: str) -> None:
    assert get(client, "/", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "reviews.example.evil.example", "evil.example:8000", "127.0.0.1.nip.example"]
)
def test_another_sites_name_is_refused_but_supervisors_may_use_any(client: FlaskClient, host: str) -> None:
    """A name that somebody else points at us would let a page of theirs read what we answer."""
    assert get(client, "/", Host=host).status_code == 400
    assert get(client, "/feeds/reviews.atom", Host=host).status_code == 400
    assert get(client, "/healthz", Host=host).status_code == 200
    assert get(client, "/readyz", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["", "a,b", "a, b", "a/b", "a b", "user@a", "a:b", "<a>"])
def test_no_host_or_two_or_a_broken_one_is_refused(app: Flask, host: str) -> None:
    """400, as RFC 9112, 3.2 demands; granian hands on two Host lines joined by a comma, and none as an empty one."""
    answer = app.test_client().get("/", environ_overrides={"HTTP_HOST": host, "SERVER_PROTOCOL": "HTTP/1.1"})
    assert answer.status_code == 400


def test_http_1_0_may_send_no_host(app: Flask) -> None:
    """Old programs and health checks do."""
    answer = app.test_client().get("/", environ_overrides={"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1.0"})
    assert answer.status_code == 200


# ------------------------------------------------------------------------------------------------- conditional and HEAD


@pytest.mark.parametrize(
    ("headers", "status", "etag"),
    [
        ({}, 200, PLAIN),
        ({"If_None_Match": PLAIN}, 304, PLAIN),
        ({"If_None_Match": f"W/{PLAIN}"}, 304, PLAIN),
        ({"If_None_Match": f'"x", {PLAIN}, "y"'}, 304, PLAIN),
        ({"If_None_Match": f'W/"x",W/{PLAIN}'}, 304, PLAIN),
        ({"If_None_Match": "*"}, 304, PLAIN),
        ({"If_None_Match": '"x"'}, 200, PLAIN),
        ({"If_None_Match": PACKED}, 304, PACKED),
        ({"Accept_Encoding": "gzip"}, 200, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": PACKED}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": f"W/{PACKED}"}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": PLAIN}, 304, PLAIN),
        ({"Accept_Encoding": "gzip", "If_None_Match": "*"}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": '"x"'}, 200, PACKED),
        ({"Accept_Encoding": "gzip, br"}, 200, BROTLI),
        ({"Accept_Encoding": "gzip, br", "If_None_Match": f'"x", {PACKED}'}, 304, PACKED),
        ({"Accept_Encoding": "gzip, br", "If_None_Match": f"{PLAIN}, {BROTLI}"}, 304, BROTLI),
        ({"If_None_Match": BROTLI}, 304, BROTLI),
        ({"If_None_Match": ""}, 200, PLAIN),
        ({"If_Modified_Since": LAST_MODIFIED}, 304, PLAIN),
        ({"If_Modified_Since": "Sun, 03 May 2026 07:46:00 GMT"}, 304, PLAIN),
        ({"If_Modified_Since": "Sun, 03 May 2026 07:44:59 GMT"}, 200, PLAIN),
        ({"If_Modified_Since": "yesterday"}, 200, PLAIN),
        ({"If_None_Match": '"x"', "If_Modified_Since": LAST_MODIFIED}, 200, PLAIN),
        ({"If_None_Match": PLAIN, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 304, PLAIN),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_it_is_not_sent_it_again(
    client: FlaskClient, method: str, headers: dict[str, str], status: int, etag: str
) -> None:
    """If-None-Match in every form it comes in, compared weakly and before If-Modified-Since (RFC 9110, 13)."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.open("/feeds/reviews.atom", method=method, headers=sent)
    assert (answer.status_code, answer.headers["ETag"]) == (status, etag)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert (answer.data == b"") == (status == 304 or method == "HEAD")


@pytest.mark.parametrize("path", [thing.path for thing in PUBLISHED] + ["/nothing", "/healthz", "/readyz"])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_head_is_get_without_the_body(client: FlaskClient, path: str, encoding: str) -> None:
    """The same status and the same headers, the length among them (RFC 9110, 9.3.2)."""
    whole = client.get(path, headers={"Accept-Encoding": encoding})
    head = client.head(path, headers={"Accept-Encoding": encoding})
    assert head.data == b""
    # The clock may tick between the two.
    told = [[pair for pair in answer.headers if pair[0] != "Date"] for answer in (head, whole)]
    assert (head.status_code, told[0]) == (whole.status_code, told[1])
    assert head.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br, gzip;q=0.8", "br"),
        ("br;q=0.8, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.5", "br"),
        ("gzip;q=0", None),
        ("identity", None),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0, br;q=0, *", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.7, gzip;q=0.5, br;q=0.8", "br"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0", None),
        ("deflate", None),
        ("deflate, br", "br"),
        ("GZIP", "gzip"),
        ("gzip;q=2", None),
        ("gzip" + ", x" * 100, "gzip"),
    ],
)
def test_each_is_sent_the_form_it_likes_best(client: FlaskClient, accept: str | None, encoding: str | None) -> None:
    """Weights are respected, and the smallest wins a draw (RFC 9110, 12.5.3); unpacked, it is what is published."""
    answer = client.get("/feeds/reviews.atom", headers={} if accept is None else {"Accept-Encoding": accept})
    unpacked = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[encoding](answer.data)
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpacked == ATOM
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert len(answer.data) == len(ATOM) or len(answer.data) < len(ATOM) / 2


def test_packed_bytes_are_always_the_same(client: FlaskClient) -> None:
    """A strong validator promises the same bytes: the header's time is zero (RFC 1952, 2.3.1)."""
    assert get(client, Accept_Encoding="gzip").data[4:8] == b"\0\0\0\0"


def test_small_bodies_are_not_packed(client: FlaskClient) -> None:
    """Below 500 bytes it is not worth it; the validator is then the plain one."""
    answer = get(client, "/feeds/reviews.rss", Accept_Encoding="gzip")
    assert (answer.data, answer.headers["ETag"], answer.headers["Vary"]) == (b"<rss/>", PLAIN, "Accept-Encoding")
    assert "Content-Encoding" not in answer.headers


# --------------------------------------------------------------------------------------------------------------- ranges


WHOLE = len(ATOM)


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=5-", 5, WHOLE),
        ("bytes=5-99999999", 5, WHOLE),
        ("bytes=-7", WHOLE - 7, WHOLE),
        ("bytes=-99999999", 0, WHOLE),
        ("Bytes = 5-9 ", 5, 10),
    ],
)
def test_a_part_is_sent_to_whoever_asks_for_it(client: FlaskClient, asked: str, first: int, end: int) -> None:
    """206 with its place in the whole (RFC 9110, 14.4 and 15.3.7)."""
    answer = get(client, Range=asked)
    assert (answer.status_code, answer.data) == (206, ATOM[first:end])
    assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/{WHOLE}"
    assert (answer.headers["Content-Length"], answer.headers["ETag"]) == (str(end - first), PLAIN)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_of_a_packed_form_is_a_part_of_its_bytes(client: FlaskClient) -> None:
    """The encoding belongs to what is cut (RFC 9110, 14.2)."""
    whole = get(client, Accept_Encoding="gzip").data
    answer = get(client, Accept_Encoding="gzip", Range="bytes=3-9")
    assert (answer.status_code, answer.data) == (206, whole[3:10])
    assert answer.headers["Content-Range"] == f"bytes 3-9/{len(whole)}"
    assert (answer.headers["ETag"], answer.headers["Content-Encoding"]) == (PACKED, "gzip")


@pytest.mark.parametrize("asked", [f"bytes={WHOLE}-", f"bytes={WHOLE}-{WHOLE + 5}", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(client: FlaskClient, asked: str) -> None:
    """416 says how much there is (RFC 9110, 15.5.17)."""
    answer = get(client, Range=asked)
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{WHOLE}"


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=0-1,5-9", "lines=1-2", "bytes", "bytes=", "bytes=-", "bytes=a-b"]
)
def test_what_is_no_single_range_of_bytes_gets_the_whole(client: FlaskClient, asked: str) -> None:
    """A server may ignore such a field, and must where it is malformed (RFC 9110, 14.2)."""
    answer = get(client, Range=asked)
    assert (answer.status_code, answer.data) == (200, ATOM)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Range": PLAIN}, 206),
        ({"If_Range": f"W/{PLAIN}"}, 200),
        ({"If_Range": '"x"'}, 200),
        ({"If_Range": PACKED}, 200),
        ({"If_Range": PACKED, "Accept_Encoding": "gzip"}, 206),
        ({"If_Range": LAST_MODIFIED}, 200),
        ({"If_None_Match": PLAIN}, 304),
        ({"If_Match": '"x"'}, 412),
    ],
)
def test_a_part_is_sent_only_to_whoever_holds_the_rest(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    """The validator must be strong and of the same encoding; a date is neither (RFC 9110, 13.1.5 and 13.2.2)."""
    assert get(client, Range="bytes=0-4", **headers).status_code == status


def test_head_is_never_answered_with_a_part(client: FlaskClient) -> None:
    """Range is defined for GET alone (RFC 9110, 14.2)."""
    answer = client.head("/feeds/reviews.atom", headers={"Range": "bytes=0-4"})
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(WHOLE))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Match": "*"}, 200),
        ({"If_Match": PLAIN}, 200),
        ({"If_Match": f'"x", {PLAIN}'}, 200),
        ({"If_Match": f"W/{PLAIN}"}, 412),
        ({"If_Match": PACKED}, 412),
        ({"If_Unmodified_Since": LAST_MODIFIED}, 200),
        ({"If_Unmodified_Since": "Sun, 03 May 2026 07:44:59 GMT"}, 412),
        ({"If_Unmodified_Since": "yesterday"}, 200),
        ({"If_Match": PLAIN, "If_Unmodified_Since": "Sun, 03 May 2026 07:44:59 GMT"}, 200),
    ],
)
def test_what_has_changed_is_refused_to_whoever_wants_it_unchanged(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    """RFC 9110, 13.1.1 (compared strongly) and 13.1.4."""
    answer = get(client, **headers)
    assert answer.status_code == status
    assert (answer.data == b"", answer.headers["Cache-Control"] == "no-store") == (status == 412, status == 412)


# --------------------------------------------------------------------------------------------------------------- deltas

DELTA = rendition("/feeds/reviews.atom", "application/atom+xml", b"<feed><entry>new</entry></feed>")


@pytest.fixture
def with_delta(shelf: Shelf, client: FlaskClient) -> FlaskClient:
    """A client of a site that knows what is new since the rendition "old"."""
    shelf.deltas["/feeds/reviews.atom", '"old"'] = DELTA
    return client


@pytest.mark.parametrize("held", ['"old"', 'W/"old"', '"old-gzip"', '"old-br"', '"x", "old"'])
@pytest.mark.parametrize("wanted", ["feed", "feed, gzip;q=0.5", "diffe, FEED"])
def test_whoever_takes_deltas_is_sent_only_what_is_new(with_delta: FlaskClient, held: str, wanted: str) -> None:
    """226 with the validator of the whole as it is now (RFC 3229, 5.2 and 10.4.1); no cache may keep it for others."""
    answer = get(with_delta, A_IM=wanted, If_None_Match=held)
    assert (answer.status, answer.data) == ("226 IM Used", DELTA.body)
    assert (answer.headers["IM"], answer.headers["ETag"]) == ("feed", PLAIN)
    assert answer.headers["Last-Modified"] == LAST_MODIFIED
    assert answer.headers["Vary"] == "Accept-Encoding, A-IM"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/atom+xml; charset=utf-8"


@pytest.mark.parametrize(
    "headers",
    [{}, {"If_None_Match": '"x"'}, {"If_None_Match": ""}, {"If_Modified_Since": "Sat, 02 May 2026 07:45:00 GMT"}],
)
def test_whoever_holds_nothing_known_is_sent_the_whole(with_delta: FlaskClient, headers: dict[str, str]) -> None:
    """200, and a cache may give it to others who ask alike."""
    answer = get(with_delta, A_IM="feed", **headers)
    assert (answer.status_code, answer.data) == (200, ATOM)
    assert (answer.headers["Vary"], "IM" in answer.headers) == ("Accept-Encoding, A-IM", False)


@pytest.mark.parametrize("agent", ["feedparser/6.0.10 +https://feedparser.example/", "rss2email/3.13"])
def test_a_program_that_takes_226_for_a_failure_is_sent_the_whole(with_delta: FlaskClient, agent: str) -> None:
    """rss2email fetches with feedparser, which asks for deltas whatever it is used for: it would stop for good."""
    answer = get(with_delta, A_IM="feed", If_None_Match='"old"', User_Agent=agent)
    assert (answer.status_code, answer.data) == (200, ATOM)


@pytest.mark.parametrize("wanted", [{}, {"A_IM": "feed"}, {"A_IM": "feed", "Accept_Encoding": "gzip"}])
def test_new_bytes_under_a_date_that_the_client_has_go_without_it(
    with_delta: FlaskClient, wanted: dict[str, str]
) -> None:
    """libcurl drops a body that is not newer than the date it sent; newsboat keeps the new ETag, and would miss it."""
    answer = get(with_delta, If_None_Match='"old"', If_Modified_Since=LAST_MODIFIED, **wanted)
    assert answer.status_code == (226 if wanted else 200)
    assert "Last-Modified" not in answer.headers
    assert answer.headers["ETag"] in (PLAIN, PACKED)
    earlier = get(with_delta, If_None_Match='"old"', If_Modified_Since="Sun, 03 May 2026 07:44:59 GMT", **wanted)
    assert (earlier.status_code, earlier.headers["Last-Modified"]) == (answer.status_code, LAST_MODIFIED)


def test_whoever_lists_any_number_of_validators_costs_a_few_look_ups(with_delta: FlaskClient, shelf: Shelf) -> None:
    many = ", ".join(f'"{number:05}"' for number in range(1000))
    assert get(with_delta, A_IM="feed", If_None_Match=f'{many}, "old"').status_code == 200
    assert shelf.asked_deltas == 8


def test_whoever_has_all_of_it_is_sent_nothing(with_delta: FlaskClient) -> None:
    answer = get(with_delta, A_IM="feed", If_None_Match=f'"old", {PACKED}')
    assert (answer.status_code, answer.headers["Vary"]) == (304, "Accept-Encoding, A-IM")


@pytest.mark.parametrize("wanted", [None, "", "vcdiff", "feed;q=0", "gzip"])
def test_whoever_does_not_take_deltas_is_never_sent_one(with_delta: FlaskClient, wanted: str | None) -> None:
    headers = {"If_None_Match": '"old"'} | ({} if wanted is None else {"A_IM": wanted})
    answer = get(with_delta, **headers)
    assert (answer.status_code, answer.data, answer.headers["Vary"]) == (200, ATOM, "Accept-Encoding")


# ---------------------------------------------------------------------------------------------------------------- views


def test_an_address_with_parameters_has_what_stands_there(client: FlaskClient, shelf: Shelf) -> None:
    """With a validator of its own; parameters come in the order in which they were given, also doubled and empty."""
    view = replace(DELTA, etag='"view"')
    shelf.views["/feeds/reviews.atom?critic=Jane Ü&type=&critic=x"] = view
    answer = get(client, "/feeds/reviews.atom?critic=Jane+%C3%9C&type=&critic=x")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, view.body, '"view"')


def test_parameters_in_another_form_lead_to_the_canonical_one(client: FlaskClient, shelf: Shelf) -> None:
    """At our own address, whatever the Host header says."""
    shelf.views["/feeds/reviews.atom?b=1&a=2"] = Moved("/feeds/reviews.atom?a=2&b=1")
    answer = get(client, "/feeds/reviews.atom?b=1&a=2", Host="127.0.0.1:8000")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "http://reviews.example/feeds/reviews.atom?a=2&b=1"


def test_parameters_that_mean_nothing_are_refused_in_words(client: FlaskClient, shelf: Shelf) -> None:
    shelf.views["/feeds/reviews.atom?x=1"] = Refused("there is no parameter x; there are: critic, outlet")
    answer = get(client, "/feeds/reviews.atom?x=1")
    assert (answer.status_code, answer.text) == (400, "there is no parameter x; there are: critic, outlet\n")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_view_of_what_was_withdrawn_is_gone(client: FlaskClient, shelf: Shelf) -> None:
    shelf.views["/feeds/reviews?x=1"] = Gone.GONE
    assert get(client, "/feeds/reviews?x=1").status_code == 410


def test_there_may_not_be_any_number_of_parameters(client: FlaskClient) -> None:
    assert get(client, "/feeds/reviews.atom?" + "a=1&" * 99 + "a=1").status_code == 200
    assert get(client, "/feeds/reviews.atom?" + "a=1&" * 100 + "a=1").status_code == 400


# -------------------------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/", "/feeds/reviews.atom", "/nothing", "/healthz", "/style.css"])
def test_every_answer_is_locked_down_and_without_a_cookie(client: FlaskClient, path: str) -> None:
    """No script, no frame, no form, no guessing of types, no cookie."""
    headers = get(client, path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src https: http: data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers


def test_programs_in_browsers_may_read_feeds(client: FlaskClient) -> None:
    """CORS for the formats, and for nothing else."""
    for path in ("/feeds/reviews.atom", "/feeds/reviews.rss", "/feeds/reviews.json", "/feeds.opml"):
        assert get(client, path).headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/", "/reviews/fullreview000001", "/healthz"):
        assert "Access-Control-Allow-Origin" not in get(client, path).headers


def test_links_are_told_in_a_header(client: FlaskClient, shelf: Shelf) -> None:
    """RFC 8288, 3; an address that would end its brackets, or the line, does not."""
    links = (("hub", "https://hub.example/"), ("self", "http://reviews.example/feeds/reviews.atom"), ("x", "a>b\r\nc"))
    shelf.put(replace(shelf.things["/feeds/reviews.atom"], links=links))
    wanted = (
        '<https://hub.example/>; rel="hub", <http://reviews.example/feeds/reviews.atom>; rel="self", '
        '<a%3Eb%0D%0Ac>; rel="x"'
    )
    assert get(client).headers["Link"] == wanted
    assert get(client, If_None_Match=PLAIN).headers["Link"] == wanted


def test_what_is_private_is_kept_by_nobody_else(client: FlaskClient, shelf: Shelf) -> None:
    """No shared cache, no search engine, no other site's script."""
    shelf.put(replace(shelf.things["/feeds/reviews.atom"], private=True))
    for answer in (get(client), get(client, If_None_Match=PLAIN)):
        assert answer.headers["Cache-Control"] == "private, max-age=60"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Access-Control-Allow-Origin" not in answer.headers


# ------------------------------------------------------------------------------------------------------------ operators


def test_alive_and_ready_are_told_apart(client: FlaskClient, shelf: Shelf) -> None:
    """A process that answers is alive; one whose database does not is not ready, and says why."""
    assert (get(client, "/healthz").status_code, get(client, "/healthz").text) == (200, "ok\n")
    assert (get(client, "/readyz").status_code, get(client, "/readyz").text) == (200, "ready\n")
    shelf.wrong = "the database is of an older version; run `feedsvc migrate`"
    assert get(client, "/healthz").status_code == 200
    answer = get(client, "/readyz")
    assert (answer.status_code, answer.text) == (503, "the database is of an older version; run `feedsvc migrate`\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_store_that_fails_is_a_pause_and_not_an_absence(client: FlaskClient, shelf: Shelf) -> None:
    """503 with Retry-After: a reader that got 404 would drop the feed. The error's own words stay in the log."""
    shelf.broken = StoreError("sqlite:////srv/secret.sqlite3 is locked")
    answer = get(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert b"secret" not in answer.data
    assert b"The store does not answer" in answer.data


def test_a_bug_shows_nothing_of_itself(client: FlaskClient, shelf: Shelf) -> None:
    """500 with a plain page; the traceback goes to the log."""
    shelf.broken = RuntimeError("secret")
    answer = get(client)
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    assert b"Something went wrong" in answer.data


# --------------------------------------------------------------------------------------------------------------- server


def test_a_port_in_use_is_named() -> None:
    """The message has the port, the address and the variable to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"port {port} of 127\.0\.0\.1 is in use.*FEEDSVC_BIND"):
            ensure_free("127.0.0.1", port)
    assert ensure_free("127.0.0.1", port) == "127.0.0.1"


@pytest.mark.parametrize("address", ["no.such.host.invalid", "192.0.2.1", "::bad::"])
def test_an_address_that_is_not_ours_is_named(address: str) -> None:
    """Neither a name that leads nowhere nor another machine's address can be served at."""
    with pytest.raises(ServeError, match="FEEDSVC_BIND"):
        ensure_free(address, 8000)


def application() -> Flask:
    """What a worker of the server under test calls: one feed, with a view that takes its time."""
    app = create_app(SITE, Shelf({thing.path: thing for thing in PUBLISHED}))

    @app.get("/slow")
    def slow() -> str:
        Path(os.environ["STARTED"]).touch()
        Event().wait(1.0)
        return "finished"

    return app


STARTER = """
import sys
from feedsvc.web.server import serve
if __name__ == "__main__":
    serve("127.0.0.1", int(sys.argv[1]), "tests.test_web:application")
    print("returned", flush=True)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The real server in a process of its own, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = tmp_path / "start.py"
    script.write_text(STARTER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "STARTED": str(tmp_path / "started")}
    process = subprocess.Popen(
        [sys.executable, str(script), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        until(lambda: answers(port), process)
        yield process, port
    finally:
        process.kill()
        process.communicate(timeout=30)


def until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Look again and again, for 30 seconds at most, for something that another process does."""
    pause = Event()
    for _ in range(600):
        if true():
            return
        assert process.poll() is None, process.communicate()
        pause.wait(0.05)
    pytest.fail("it did not happen within 30 seconds")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_server_serves_and_returns_when_it_is_told_to_stop(
    running: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    """A request under way at SIGTERM is finished; then `serve` returns to its caller, having logged nothing."""
    process, port = running
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/feeds/reviews.atom", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert (answer.status, gzip.decompress(answer.read())) == (200, ATOM)
    connection.request("HEAD", "/feeds/reviews.atom")
    answer = connection.getresponse()
    assert (answer.read(), answer.headers["Content-Length"], answer.headers["ETag"]) == (b"", str(len(ATOM)), PLAIN)

    connection.request("GET", "/slow")
    until((tmp_path / "started").exists, process)
    process.send_signal(signal.SIGTERM)
    assert connection.getresponse().read() == b"finished"
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "returned\n", "")


def test_the_server_refuses_what_is_no_sound_request(running: tuple[subprocess.Popen[str], int]) -> None:
    """Two Host lines, or none, are 400 on the wire as well; half-sent bodies do not keep others waiting."""
    _, port = running
    held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(20)]
    for half in held:
        half.sendall(b"POST /feeds/reviews.atom HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
    for lines in (b"Host: a\r\nHost: b\r\n", b""):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")
            assert wire.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"
    for half in held:
        half.close()


#: What a slow client has said so far: a part of its headers, nothing, all and then nothing more, a part of a body; or
#: it asks on and on, and reads none of the answers.
SLOW = (
    b"GET /feeds/reviews.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"",
    b"GET /feeds/reviews.rss HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST /feeds/reviews.atom HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nabc",
    b"GET /feeds/reviews.atom HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100,
)


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for a thousand connections in this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096 if before[1] < 0 else min(4096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_thousand_slow_clients_keep_nobody_waiting(
    many_files: None, running: tuple[subprocess.Popen[str], int]
) -> None:
    """Others are answered while all of them are held, and again when each has sent one byte more."""
    _, port = running
    with ExitStack() as held:
        slow = []
        for number in range(1000):
            wire = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            if said := SLOW[number % len(SLOW)]:
                wire.sendall(said)
            slow.append(wire)
        for byte in (b"a", b"b"):
            for _ in range(5):
                # Less than what the server leaves the slow ones: nobody waits for their end.
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HEADERS_WITHIN / 1000 - 2)
                connection.request("GET", "/feeds/reviews.atom")
                assert connection.getresponse().read() == ATOM
                connection.close()
            for wire in slow[:: len(SLOW)]:
                wire.sendall(byte)


def test_a_server_that_was_killed_leaves_its_port_to_the_next(running: tuple[subprocess.Popen[str], int]) -> None:
    """The workers notice and end: their output closes, and the address can be bound again."""
    process, port = running
    process.kill()
    assert process.communicate(timeout=30) == ("", "")
    assert ensure_free("127.0.0.1", port) == "127.0.0.1"


def test_a_target_that_cannot_start_ends_the_server(tmp_path: Path) -> None:
    """A worker that fails again and again is not restarted for ever: ServeError, with the worker's own words above."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = tmp_path / "start.py"
    script.write_text(STARTER.replace("tests.test_web:application", "tests.test_web:missing"))
    done = subprocess.run(
        [sys.executable, str(script), str(port)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    assert done.returncode == 1
    assert "has no attribute 'missing'" in done.stderr
    assert "ServeError: the web server's workers ended by themselves" in done.stderr
