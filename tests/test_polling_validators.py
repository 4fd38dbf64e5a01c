"""What is asked again, and what an answer may change: from the wire to the database and back (POLLING 1, 2, 13)."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.collect.workers import Readers
from feedsvc.publish import Publisher, publish
from feedsvc.store import Store
from tests.collecting import OF_A_FAILURE, Bench, changed, item, rss, shared_readers
from tests.databases import rows_of
from tests.origin import Answer, Asked, Origin

GOOD = rss(item(1), head="<ttl>120</ttl>")
MODIFIED = "Fri, 1 May 2026 8:00:00 GMT"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def conditional(asked: Asked) -> bool:
    return bool({"if-none-match", "if-modified-since"} & set(asked.headers))


# ------------------------------------------------------------------------------------------------ 1: whose they are


def cut_off(connection: socket.socket) -> None:
    """A document, well begun, with an ETag of its own, that stops before its stated length."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "bad"\r\nContent-Length: 90000\r\n\r\n' + GOOD)


def bad(body: bytes, media_type: str = "application/rss+xml", **headers: str) -> Callable[[Bench], object]:
    said = headers | {"ETag": '"bad"', "Last_Modified": "Sat, 2 May 2026 8:00:00 GMT", "Content_Type": media_type}
    return lambda bench: bench.serve(body, 200, "/feed", **said)


NO_FEEDS: list[tuple[str, Callable[[Bench], object]]] = [
    ("a sign-in page", bad(b"<!doctype html><html><head><title>Sign in</title></head><body><form>", "text/html")),
    (
        "a page that names a missing feed",
        bad(b"<!doctype html><head><link rel=alternate type=application/rss+xml href=/gone></head>", "text/html"),
    ),
    ("nothing", bad(b"")),
    ("an error in JSON", bad(b'{"error": "later"}', "application/json")),
    ("words", bad(b"Back soon", "text/plain")),
    ("a feed that nothing can be made of", bad(b"<rss><channel></rss>")),
    ("elements without end", bad(rss(item(1), "<a>" * 300 + "</a>" * 300))),
    ("a packed body that stops", bad(gzip.compress(GOOD * 50)[:-40], Content_Encoding="gzip")),
    ("a body that stops", lambda bench: bench.origin.write("/feed", cut_off)),
]


@pytest.mark.parametrize("answer", [answer for _, answer in NO_FEEDS], ids=[name for name, _ in NO_FEEDS])
def test_polling_01_a_200_that_is_no_whole_feed_changes_nothing(
    bench: Bench, answer: Callable[[Bench], object]
) -> None:
    """Neither validators nor items nor anything else that is known of the source, but that it failed."""
    bench.serve(GOOD, ETag='"good"', Last_Modified=MODIFIED)
    bench.look()
    before, items = bench.state, bench.store.newest(["outlet"], 10)
    answer(bench)
    outcome = bench.look()

    assert outcome.error is not None
    assert changed(before, bench.state) == OF_A_FAILURE
    assert bench.store.newest(["outlet"], 10) == items
    bench.look()
    asked = [request for request in bench.origin.requests if request.path == "/feed"][-1]
    assert asked.headers["if-none-match"] == '"good"'
    assert asked.headers["if-modified-since"] == MODIFIED


def test_polling_01_a_page_that_names_a_missing_feed_is_asked_once_a_look(tmp_path: Path, readers: Readers) -> None:
    """Page and feed point at each other; neither is asked twice."""
    with Origin() as origin:
        page = b'<!doctype html><head><link rel="alternate" type="application/rss+xml" href="/gone"></head>'
        # Whoever goes round and round finds a way out in the end.
        missing = iter([404] * 9)
        origin.answer("/", 200, {"Content-Type": "text/html"}, page)
        origin.answer("/gone", body=lambda _: Answer(next(missing, 500)))
        bench = Bench(tmp_path, origin, "/", readers=readers)
        outcome = bench.look()

        assert [asked.path for asked in origin.requests] == ["/", "/gone"]
        assert (outcome.error is not None, bench.state.error_kind, bench.state.feed_url) == (True, "http-404", None)
        bench.serve(GOOD, path="/gone")
        assert bench.look().new == 1
        bench.serve(b"", status=404, path="/gone")
        bench.look()
        assert [asked.path for asked in origin.requests[2:]] == ["/", "/gone", "/gone", "/"]
        assert bench.state.feed_url == f"{origin.url}/gone"
        bench.store.close()


def test_polling_01_validators_are_those_of_the_last_document(bench: Bench) -> None:
    """What it does not give is not kept from the one before, and nothing is made up in its place."""
    bench.serve(GOOD, ETag='"one"', Last_Modified=MODIFIED)
    bench.look()
    bench.serve(rss(item(1), item(2)), ETag='"two"')
    bench.look()
    bench.serve(rss(item(1), item(2), item(3)))
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"two"'
    assert "if-modified-since" not in bench.asked.headers
    bench.look()
    assert not conditional(bench.asked)


def test_polling_01_validators_of_a_304_are_not_taken_over(bench: Bench) -> None:
    """They would be those of a document that nobody read."""
    bench.serve(GOOD, ETag='"one"')
    bench.look()
    bench.serve(b"", status=304, ETag='"two"', Last_Modified=MODIFIED)
    bench.look()
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"one"'
    assert "if-modified-since" not in bench.asked.headers


# ----------------------------------------------------------------------------------------------- 2: always conditional


def test_polling_02_every_request_is_conditional_while_validators_are_known(bench: Bench) -> None:
    """After a 304, an error, a page, the same document again, and a restart of the service."""
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    for body, status in [(b"", 304), (b"", 500), (b"", 404), (b"<!doctype html><html>", 200), (b"", 429)]:
        bench.serve(body, status=status)
        bench.look()
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    bench.store.close()
    bench.store = Store.open(bench.settings.database_url)
    bench.store.sync_sources(bench.settings.sources, bench.clock.now)
    bench.look()

    first, *later = bench.origin.requests
    assert not conditional(first)
    assert [asked.headers["if-none-match"] for asked in later] == ['"good"'] * 7


def test_polling_02_the_operator_may_ask_for_the_whole_document(bench: Bench) -> None:
    """--force sends no validators and reads again; the next look is conditional as ever."""
    bench.serve(GOOD, ETag='"good"', Last_Modified=MODIFIED)
    bench.look()
    outcome = bench.look(force=True)

    assert not conditional(bench.asked)
    assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 0, 1)
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"good"'


def test_polling_02_a_forced_look_that_fails_loses_no_validators(bench: Bench) -> None:
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    bench.serve(b"", status=500)
    bench.look(force=True)
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"good"'


def test_polling_02_a_server_that_answers_304_for_ever_is_healed_in_14_days(bench: Bench) -> None:
    """Thirty days of daily looks: the whole document is asked for twice after the first, and then is news."""
    bodies = iter([rss(item(1)), rss(item(1), item(2)), rss(item(1), item(2), item(3))])

    def always_304(asked: Asked) -> Answer:
        return Answer(304) if conditional(asked) else Answer(200, {"ETag": '"stuck"'}, next(bodies))

    bench.origin.answer("/feed", body=always_304)
    brought = [bench.look(DAY).new for _ in range(30)]

    assert [day for day, asked in enumerate(bench.origin.requests) if not conditional(asked)] == [0, 14, 28]
    assert [day for day, new in enumerate(brought) if new] == [0, 14, 28]
    assert sorted(bench.titles()) == ["Review 1", "Review 2", "Review 3"]


def test_polling_02_the_fourteen_days_begin_anew_with_every_whole_document(bench: Bench) -> None:
    """Also with one that is the same as before."""
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    bench.look(13 * DAY)
    bench.serve(b"", status=304)
    bench.look(13 * DAY)
    bench.look(DAY)
    assert [conditional(asked) for asked in bench.origin.requests] == [False, True, True, False]


# ------------------------------------------------------------------------------------------------- 13: the same again

ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Outlet</title><id>urn:o</id><updated>2026-05-01T08:00:00Z"
    b"</updated><entry><id>urn:1</id><title>Review 1</title><link href='https://outlet.example/1'/>"
    b"<updated>2026-04-30T08:00:00Z</updated></entry></feed>"
)
MADE = rss(item(1), head="<lastBuildDate>Fri, 01 May 2026 08:00:00 GMT</lastBuildDate>")
#: A document, what differs in the next one, and what stands there then.
AGAIN = {
    "the same bytes": (MADE, b"", b""),
    "another build date": (MADE, b"<lastBuildDate>Fri, 01 May", b"<lastBuildDate>Sun, 03 May"),
    "a note of a cache": (MADE, b"</rss>", b"</rss><!-- served from a cache at 13:00 -->"),
    "another date of the whole feed": (ATOM, b"<updated>2026-05-01", b"<updated>2026-05-03"),
}


@pytest.mark.parametrize("body, old, new", AGAIN.values(), ids=AGAIN.keys())
def test_polling_13_the_same_document_is_not_read_and_changes_nothing_but_the_time(
    tmp_path: Path, body: bytes, old: bytes, new: bytes
) -> None:
    """There is nobody left who could read it, and that is not missed; a document that says more would be."""
    with Origin() as origin, shared_readers() as readers:
        bench = Bench(tmp_path, origin, readers=readers)
        publisher = Publisher(store=bench.store, settings=bench.settings, clock=bench.clock)
        bench.serve(body, ETag='"good"')
        assert bench.look().new == 1
        publish(publisher)
        before = rows_of(bench.settings.database_url)
        readers.close()

        bench.serve(body.replace(old, new), ETag='"good"')
        outcome = bench.look()
        after = rows_of(bench.settings.database_url)
        [was], [schedule] = before.pop("schedule"), after.pop("schedule")
        assert outcome.error is None
        assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 0, 0)
        assert after == before
        differing = {column for column in was if was[column] != schedule[column]}
        assert {"last_checked", "next_check"} <= differing
        assert differing <= {"last_checked", "last_success", "last_whole", "next_check", "interval"}
        assert publish(publisher) == 0

        bench.serve(body.replace(b"Review 1", b"Review One"), ETag='"good"')
        assert bench.look().error is not None
        bench.store.close()


def test_polling_13_a_server_without_validators_costs_no_reading_either(bench: Bench) -> None:
    """Its document is the same by its bytes alone; new validators are taken over."""
    bench.serve(GOOD)
    bench.look()
    bench.serve(GOOD, ETag='"late"')
    outcome = bench.look()
    assert (outcome.error, outcome.unchanged) == (None, 0)
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"late"'
