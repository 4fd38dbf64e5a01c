"""The bench of bytes: what it counts is what passes, its day is whole, and who misses a review is named."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client

from bench.bytes_saved import BEFORE, NEW, Subscriber, draw, events, missed, published, source
from feedsvc.model import Fetched
from feedsvc.parsers import PARSERS

BODY = b"<p>Filed as 0-7-0.</p>"


def server(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """One document with an ETag, packed for those who take gzip."""
    if environ.get("HTTP_IF_NONE_MATCH") == '"1"':
        start("304 NOT MODIFIED", [("ETag", '"1"')])
        return []
    if environ.get("HTTP_ACCEPT_ENCODING") == "gzip":
        start("200 OK", [("ETag", '"1"'), ("Content-Encoding", "gzip")])
        return [gzip.compress(BODY, mtime=0)]
    start("200 OK", [("ETag", '"1"')])
    return [BODY]


def test_it_counts_every_byte_of_request_head_and_body() -> None:
    one = Subscriber({}, is_conditional=True)

    one.poll(Client(server), "/f")
    first = (one.asked, one.heads, one.bodies)
    one.forget()
    one.poll(Client(server), "/f")

    request = b"GET /f HTTP/1.1\r\nHost: reviews.example\r\nUser-Agent: subscriber/1.0\r\n\r\n"
    whole = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nDate: Mon, 04 May 2026 00:00:00 GMT\r\n\r\n'
    unchanged = b'HTTP/1.1 304 NOT MODIFIED\r\nETag: "1"\r\nDate: Mon, 04 May 2026 00:00:00 GMT\r\n\r\n'
    assert first == (len(request), len(whole), len(BODY))
    assert (one.asked, one.heads, one.bodies) == (len(request) + len(b'If-None-Match: "1"\r\n'), len(unchanged), 0)
    assert one.answers == {304: 1}


def test_who_keeps_no_validators_gets_the_whole_again() -> None:
    one = Subscriber({}, is_conditional=False)

    one.poll(Client(server), "/f")
    one.poll(Client(server), "/f")

    assert (one.answers, one.bodies) == ({200: 2}, 2 * len(BODY))


def test_a_packed_body_counts_as_it_is_sent_and_is_read_as_it_was() -> None:
    one = Subscriber({"Accept-Encoding": "gzip"}, is_conditional=True)

    one.poll(Client(server), "/f")

    assert one.bodies == len(gzip.compress(BODY, mtime=0))
    assert one.marks == {"0-7-0"}


def test_the_day_has_48_looks_and_30_reviews_that_come_between() -> None:
    day = events()
    moments = [moment for moment, _ in day]
    reviews = [number for _, number in day if number is not None]

    assert moments == sorted(moments)
    assert (len(day) - len(reviews), reviews) == (48, list(range(BEFORE, BEFORE + NEW)))
    assert moments[-1] == datetime(2026, 5, 5, tzinfo=UTC)
    assert datetime(2026, 5, 4, 7, tzinfo=UTC) <= published(BEFORE) < published(BEFORE + NEW - 1) < moments[-1]


def test_the_source_shows_its_fifty_newest() -> None:
    parsed = PARSERS["feed"](Fetched(url="https://outlet.example/feed.xml", body=source(BEFORE)))

    assert len(parsed.items) == 50
    assert len({item.guid for item in parsed.items}) == 50


def test_who_missed_a_review_is_named() -> None:
    whole = Subscriber({}, is_conditional=True, marks={f"0-{n}-0" for n in range(BEFORE + NEW)})
    less = Subscriber({}, is_conditional=True, marks={f"0-{n}-0" for n in range(1, BEFORE + NEW)})

    assert missed({"plain": whole}) == []
    assert missed({"plain": whole, "gzip": less}) == ["gzip: missed ['0-0-0']"]


def test_the_table_says_where_226_was_not_offered() -> None:
    plain = Subscriber({}, is_conditional=False, asked=100, heads=400, bodies=1500)
    plain.answers[200] = 48
    other = Subscriber({"A-IM": "feed"}, is_conditional=True, asked=100, heads=300, bodies=600)
    other.answers.update({200: 26, 304: 22})

    rows = draw({"whole": plain, "new (226)": other}).splitlines()

    assert rows[2] == "| whole | 48 × 200 | 100 | 400 | 1,500 | 2,000 | 100.0 % |"
    assert rows[3] == "| new (226) – not offered | 26 × 200, 22 × 304 | 100 | 300 | 600 | 1,000 | 50.0 % |"
