"""What failed, as the operator sees it, and what is done about it: on the row of the source (POLLING 9–11)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from feedsvc.collect.workers import Readers
from tests.collecting import LEASE, OF_A_FAILURE, Bench, changed, item, rss
from tests.origin import Origin

GOOD = rss(item(1))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n\r\n"


def to(location: str, path: str = "/feed") -> Callable[[Bench], object]:
    """A path redirects there, but not for good."""
    return lambda bench: bench.serve(b"", status=302, path=path, Location=location)


def says(status: int, body: bytes = b"", path: str = "/feed") -> Callable[[Bench], object]:
    return lambda bench: bench.serve(body, status=status, path=path)


def writes(data: bytes) -> Callable[[Bench], object]:
    return lambda bench: bench.origin.write("/feed", lambda connection: connection.sendall(data))


def to_nobody(bench: Bench) -> None:
    """To a port where nobody listens any more."""
    with Origin() as gone:
        to(gone.url + "/feed")(bench)


def deep(depth: int) -> bytes:
    return rss(item(1), "<a>" * depth + "</a>" * depth)


# ---------------------------------------------------------------------------------------------------- 9: told apart

#: What happens, the kind that the row says then, and a word of its sentence.
FAILURES: list[tuple[Callable[[Bench], object], str, str]] = [
    (to("http://outlet.invalid/feed"), "dns", "outlet.invalid"),
    (to_nobody, "refused", "no connection"),
    (says(400), "http-400", "Check the address"),
    (says(401), "http-401", "credentials"),
    (says(403), "http-403", "credentials"),
    (says(404), "http-404", "nothing at this address"),
    (says(429), "http-429", "less often"),
    (says(500), "http-500", "tried again later"),
    (says(503), "http-503", "tried again later"),
    (says(200, b"<rss><channel></rss>"), "malformed", ""),
    (says(200, b"<!doctype html><html><body>Hello"), "not-a-feed", "HTML"),
    (says(200, deep(300)), "too-large", "deep"),
    (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<rss>"), "truncated", "stops in the middle"),
    (writes(b""), "reset", "broke off"),
    (writes(b"SSH-2.0-OpenSSH\r\n"), "protocol", "no valid HTTP"),
    (to("ftp://127.0.0.1/feed"), "forbidden", "http and https"),
    (to("/feed"), "redirects", "circle"),
    (to("/1"), "redirects", "more than 5 redirects"),
]


@pytest.mark.parametrize("happens, kind, word", FAILURES, ids=[f"{kind} {word}" for _, kind, word in FAILURES])
def test_polling_09_10_11_failures_are_told_apart_and_lose_nothing(
    bench: Bench, happens: Callable[[Bench], object], kind: str, word: str
) -> None:
    """The row says which and what to do; validators, address, habits and items stay, and one success ends it."""
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    for hop in range(1, 7):
        bench.origin.answer(f"/{hop}", 302, {"Location": f"/{hop + 1}"})
    before = bench.state
    happens(bench)
    outcome = bench.look()

    after = bench.state
    assert (after.error_kind, after.failures, after.stopped) == (kind, 1, False)
    assert after.error == str(outcome.error)
    assert word in str(after.error)
    assert changed(before, after) == OF_A_FAILURE
    assert after.interval == 2 * before.interval
    assert bench.titles() == ["Review 1"]

    bench.origin.write("/feed", lambda connection: connection.sendall(NOT_MODIFIED))
    assert bench.look().error is None
    assert bench.asked.headers["if-none-match"] == '"good"'
    assert (bench.state.failures, bench.state.error, bench.state.error_kind) == (0, None, None)


def test_polling_09_a_certificate_that_nobody_vouches_for_is_told_as_tls(bench: Bench) -> None:
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    before = bench.state
    with Origin(tls=True) as unknown:
        to(unknown.url + "/feed")(bench)
        bench.look()
        assert unknown.requests == []
    assert (bench.state.error_kind, changed(before, bench.state)) == ("tls", OF_A_FAILURE)
    assert "certificate" in str(bench.state.error)


def test_polling_09_a_server_that_never_answers_is_told_as_timeout(tmp_path: Path, readers: Readers) -> None:
    done = threading.Event()

    def hang(_: socket.socket) -> None:
        done.wait(60)

    with Origin() as origin:
        bench = Bench(tmp_path, origin, more='[limits]\nconnect_timeout = "1s"\ntotal_timeout = "1s"', readers=readers)
        bench.serve(GOOD, ETag='"good"')
        bench.look()
        before = bench.state
        origin.write("/feed", hang)
        bench.look()
        done.set()
        assert (bench.state.error_kind, changed(before, bench.state)) == ("timeout", OF_A_FAILURE)
        assert "no whole answer within 1 seconds" in str(bench.state.error)
        bench.store.close()


def test_polling_09_failures_back_off_for_ever_and_one_success_ends_it(bench: Bench) -> None:
    """Twenty in a row, each looked at when due: the wait doubles within the jitter, up to a day, and never stops."""
    bench.serve(GOOD, ETag='"good"', Cache_Control="max-age=1800")
    bench.look()
    start = bench.state.interval
    bench.serve(b"", status=500)
    for number in range(1, 21):
        bench.look_when_due()
        wait = (bench.state.next_check - bench.clock.now).total_seconds()
        wanted = min(start * 2**number, 86400)
        assert 0.9 * wanted <= wait <= min(1.1 * wanted, 86400)
        assert (bench.state.failures, bench.state.stopped) == (number, False)
    bench.serve_unless_known(GOOD, '"good"')
    bench.look_when_due()
    assert (bench.state.failures, bench.state.error) == (0, None)
    assert bench.state.interval < 86400


# ---------------------------------------------------------------------------------------- 10: gone, missing, forbidden


def test_polling_10_a_gone_source_is_stopped_and_says_why(bench: Bench) -> None:
    """It is never due again; its items stay; the operator may ask."""
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    bench.serve(b"", status=410)
    bench.look()

    state = bench.state
    assert (state.stopped, state.error_kind, state.etag) == (True, "http-410", '"good"')
    assert "gone for good" in str(state.error)
    assert bench.store.claim_due(bench.clock.now + 400 * DAY, limit=10, lease=LEASE) == []
    assert bench.titles() == ["Review 1"]
    bench.serve(b"", status=404)
    bench.look()
    assert (bench.state.stopped, bench.state.failures) == (False, 2)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_polling_10_missing_and_forbidden_sources_are_asked_again(bench: Bench, status: int) -> None:
    """Later and later, until they answer."""
    bench.serve(b"", status=status)
    waits = []
    for _ in range(4):
        bench.look_when_due()
        waits.append(bench.state.next_check - bench.clock.now)
    assert all(later > 1.6 * earlier for earlier, later in pairwise(waits))
    bench.serve(GOOD)
    assert bench.look_when_due().new == 1


# ------------------------------------------------------------------------------------------------------------ 11: moves


def paths(bench: Bench) -> list[str]:
    """What was asked since the last call."""
    found = [asked.path for asked in bench.origin.requests]
    bench.origin.requests.clear()
    return found


@pytest.mark.parametrize("status", [301, 308])
def test_polling_11_a_new_address_is_taken_over_after_three_looks_over_a_day(bench: Bench, status: int) -> None:
    """Until then the configured one is asked each time, and followed; it is never forgotten."""
    bench.serve(b"", status=status, Location="/new")
    bench.serve(GOOD, path="/new", ETag='"new"')
    for after in (HOUR, HOUR, HOUR, 21 * HOUR):
        assert bench.look(after).error is None
        assert "if-none-match" not in bench.origin.requests[0].headers
        assert paths(bench) == ["/feed", "/new"]
        assert bench.state.location_moved is None
    bench.look(HOUR)
    assert bench.state.location_moved == f"{bench.origin.url}/new"
    paths(bench)
    bench.look()
    assert bench.asked.headers["if-none-match"] == '"new"'
    assert paths(bench) == ["/new"]
    assert bench.settings.sources[0].location == f"{bench.origin.url}/feed"
    assert bench.titles() == ["Review 1"]


def test_polling_11_two_looks_are_too_few_however_far_apart(bench: Bench) -> None:
    bench.serve(b"", status=301, Location="/new")
    bench.serve(GOOD, path="/new")
    bench.look()
    bench.look(30 * DAY)
    assert (bench.state.location_moved, bench.state.moved_looks) == (None, 2)


def test_polling_11_a_redirect_that_changes_begins_anew(bench: Bench) -> None:
    """To another address, or not at all for one look."""
    bench.serve(GOOD, path="/new")
    bench.serve(GOOD, path="/other")
    for location in ("/new", "/new", "/other", None, "/new", "/new"):
        if location is None:
            bench.serve(GOOD)
        else:
            bench.serve(b"", status=301, Location=location)
        assert bench.look(DAY).error is None
        assert bench.state.location_moved is None
    bench.look(DAY)
    assert bench.state.location_moved == f"{bench.origin.url}/new"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_polling_11_a_temporary_redirect_is_never_stored(bench: Bench, status: int) -> None:
    """Nor one with a temporary hop among permanent ones."""
    bench.serve(b"", status=301, Location="/hop")
    bench.serve(b"", status=status, Location="/new", path="/hop")
    bench.serve(GOOD, path="/new")
    for _ in range(5):
        assert bench.look(DAY).error is None
        assert paths(bench) == ["/feed", "/hop", "/new"]
    assert (bench.state.location_moved, bench.state.moved_to, bench.state.moved_looks) == (None, None, 0)


#: What a new address says that is not the source's any more.
LOST: dict[str, Callable[[Bench], object]] = {
    "missing": says(404, path="/new"),
    "gone": says(410, path="/new"),
    "for sale": says(200, b"<!doctype html><html><body>For sale", path="/new"),
    "no such name": to("http://outlet.invalid/", path="/new"),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
def test_polling_11_a_new_address_that_fails_gives_way_to_the_old_one(
    bench: Bench, lost: Callable[[Bench], object]
) -> None:
    """At once, and not stopped even by a 410; nothing is lost."""
    bench.serve(b"", status=301, Location="/new")
    bench.serve(GOOD, path="/new")
    for _ in range(4):
        bench.look(DAY)
    assert paths(bench) == [*["/feed", "/new"] * 3, "/new"]

    lost(bench)
    assert bench.look().error is not None
    assert (bench.state.location_moved, bench.state.stopped) == (None, False)
    bench.serve(rss(item(1), item(2)))
    paths(bench)
    assert bench.look_when_due().new == 1
    assert paths(bench) == ["/feed"]
    assert sorted(bench.titles()) == ["Review 1", "Review 2"]


def test_polling_11_a_passing_fault_of_the_new_address_changes_nothing(bench: Bench) -> None:
    bench.serve(b"", status=301, Location="/new")
    bench.serve(GOOD, path="/new")
    for _ in range(3):
        bench.look(DAY)
    bench.serve(b"", status=503, path="/new")
    bench.look()
    assert bench.state.location_moved == f"{bench.origin.url}/new"
