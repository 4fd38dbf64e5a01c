"""Transfers: submitted from any thread, driven by one, each answered once (POLLING 5, 7)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from feedsvc.errors import HttpStatus, Refused
from feedsvc.fetch import Answer, Postponed, Request, Transfers
from feedsvc.model import Fetched
from tests.fetching import FEED, OPTIONS
from tests.origin import Answer as Said
from tests.origin import Asked, Origin

#: Names under one registered domain, and one under another, all at loopback addresses of their own.
PLACES = {
    "a.outlet.example": "127.0.0.2",
    "b.outlet.example": "127.0.0.3",
    "outlet.example": "127.0.0.4",
    "other.example": "127.0.0.5",
}
NAMED = replace(OPTIONS, resolver=lambda name: (PLACES[name],))


@pytest.fixture
def origins() -> Iterator[dict[str, Origin]]:
    servers = {name: Origin(address) for name, address in PLACES.items()}
    for server in servers.values():
        server.__enter__()
    yield servers
    for server in servers.values():
        server.__exit__(None, None, None)


def at(origins: dict[str, Origin], name: str, path: str = "/feed") -> Request:
    return Request(name, f"http://{name}:{origins[name].port}{path}")


def all_of(transfers: Transfers) -> list[tuple[Request, Answer]]:
    """Everything that is still to come, in its order."""
    found: list[tuple[Request, Answer]] = []
    while len(transfers):
        found += transfers.drive(10.0)
    return found


def test_any_thread_submits_and_one_drives() -> None:
    """Four threads submit fifty requests each; every one is answered exactly once, with its own request."""
    with Origin() as origin, Transfers(replace(OPTIONS, per_host=20)) as transfers:
        origin.answer("/feed", body=FEED)
        requests = [[Request(f"{thread}-{n}", origin.url + "/feed") for n in range(50)] for thread in range(4)]
        threads = [threading.Thread(target=lambda part=part: [*map(transfers.submit, part)]) for part in requests]
        for thread in threads:
            thread.start()
        answers: list[tuple[Request, Answer]] = []
        while len(answers) < 200:
            answers += transfers.drive(10.0)
        for thread in threads:
            thread.join()
        assert len(transfers) == 0
    assert sorted(request.name for request, _ in answers) == sorted(each.name for part in requests for each in part)
    assert all(isinstance(answer, Fetched) for _, answer in answers)


def test_what_was_submitted_counts_until_it_is_given_out() -> None:
    """Also what was refused without asking anybody."""
    with Transfers(OPTIONS) as transfers:
        assert transfers.drive(0.0) == []
        transfers.submit(Request("one", "ftp://outlet.example/"))
        transfers.submit(Request("two", "http://outlet.invalid:99999/"))
        assert len(transfers) == 2
        answers = transfers.drive(10.0)
        assert [request.name for request, answer in answers if isinstance(answer, Refused)] == ["one", "two"]
        assert len(transfers) == 0


def test_a_nudge_ends_the_waiting_from_another_thread() -> None:
    """Nothing is under way and patience is endless, yet drive comes back; nudged before, it does not even wait."""
    with Transfers(OPTIONS) as transfers:
        transfers.nudge()
        assert transfers.drive(3600.0) == []
        driving = threading.Event()

        def nudge() -> None:
            driving.wait(20)
            transfers.nudge()

        other = threading.Thread(target=nudge)
        other.start()
        driving.set()
        assert transfers.drive(3600.0) == []
        other.join()


def test_a_request_that_comes_while_drive_waits_is_sent_at_once() -> None:
    """The driver waits with endless patience for nothing; a submission wakes it, and its answer ends the waiting."""
    with Origin() as origin, Transfers(OPTIONS) as transfers:
        origin.answer("/feed", body=FEED)
        timer = threading.Timer(0.1, transfers.submit, [Request("late", origin.url + "/feed")])
        timer.start()
        ((request, answer),) = transfers.drive(3600.0)
        assert request.name == "late"
        assert isinstance(answer, Fetched)


def test_closing_ends_what_is_under_way() -> None:
    """No answer comes, the server's connection ends, nothing is left open."""
    with Origin() as origin:
        asked, closed = threading.Event(), threading.Event()

        def hang(_: Asked) -> Said:
            asked.set()
            closed.wait(20)
            return Said(body=FEED)

        origin.answer("/feed", body=hang)
        transfers = Transfers(OPTIONS)
        transfers.submit(Request("outlet", origin.url + "/feed"))
        while not asked.is_set():
            assert transfers.drive(0.01) == []
        transfers.close()
        closed.set()


# ------------------------------------------------------------------------------------------- limits that a server sets


@pytest.mark.parametrize("status", [429, 503])
def test_polling_05_a_limit_closes_the_registered_domain(origins: dict[str, Origin], status: int) -> None:
    """Retry-After of one host holds for the whole domain, redirects into it included, and for no other domain."""
    origins["a.outlet.example"].answer("/feed", status, {"Retry-After": "120"})
    origins["other.example"].answer("/feed", body=FEED)
    into = at(origins, "b.outlet.example").url
    origins["other.example"].answer("/moved", 302, {"Location": into})
    began = time.time()
    with Transfers(NAMED) as transfers:
        transfers.submit(at(origins, "a.outlet.example"))
        ((_, limited),) = all_of(transfers)
        assert isinstance(limited, HttpStatus)
        assert limited.retry_after == 120.0
        closed = transfers.closed
        assert list(closed) == ["outlet.example"]
        assert began + 120 <= closed["outlet.example"] <= time.time() + 120
        for name in PLACES:
            transfers.submit(at(origins, name))
        transfers.submit(at(origins, "other.example", "/moved"))
        answers = {request.url: answer for request, answer in all_of(transfers)}
    postponed = [url for url, answer in answers.items() if answer == Postponed(closed["outlet.example"])]
    assert sorted(postponed) == sorted(
        [
            at(origins, "a.outlet.example").url,
            at(origins, "b.outlet.example").url,
            at(origins, "outlet.example").url,
            at(origins, "other.example", "/moved").url,
        ]
    )
    assert isinstance(answers[at(origins, "other.example").url], Fetched)
    assert len(origins["a.outlet.example"].requests) == 1
    assert origins["b.outlet.example"].requests == origins["outlet.example"].requests == []


def test_polling_05_a_limit_without_a_time_closes_nothing(origins: dict[str, Origin]) -> None:
    """A 429 alone says nothing of when; the source backs off by itself."""
    origins["a.outlet.example"].answer("/feed", 429)
    origins["b.outlet.example"].answer("/feed", 404, {"Retry-After": "60"})
    with Transfers(NAMED) as transfers:
        for name in ("a.outlet.example", "b.outlet.example"):
            transfers.submit(at(origins, name))
        assert all(isinstance(answer, HttpStatus) for _, answer in all_of(transfers))
        assert transfers.closed == {}


def test_polling_05_limits_from_before_are_kept(origins: dict[str, Origin]) -> None:
    """What was stored at the last run holds on; what has passed does not."""
    later = time.time() + 600
    origins["other.example"].answer("/feed", body=FEED)
    with Transfers(NAMED, {"outlet.example": later, "other.example": 1.0}) as transfers:
        assert transfers.closed == {"outlet.example": later}
        transfers.submit(at(origins, "a.outlet.example"))
        transfers.submit(at(origins, "other.example"))
        answers = {request.name: answer for request, answer in all_of(transfers)}
    assert answers["a.outlet.example"] == Postponed(later)
    assert isinstance(answers["other.example"], Fetched)


def test_polling_05_hosts_that_proved_independent_are_limited_alone(origins: dict[str, Origin]) -> None:
    """One host answers well after the other has set its limit: from then on only that one is left alone."""
    limited = threading.Event()

    def wait(_: Asked) -> Said:
        limited.wait(20)
        return Said(body=FEED)

    origins["a.outlet.example"].answer("/feed", 429, {"Retry-After": "120"})
    origins["b.outlet.example"].answer("/feed", body=wait)
    with Transfers(NAMED) as transfers:
        transfers.submit(at(origins, "b.outlet.example"))
        transfers.submit(at(origins, "a.outlet.example"))
        ((request, _),) = transfers.drive(20.0)
        assert request.name == "a.outlet.example"
        limited.set()
        ((request, answer),) = all_of(transfers)
        assert request.name == "b.outlet.example"
        assert isinstance(answer, Fetched)
        assert list(transfers.closed) == ["a.outlet.example"]
        transfers.submit(at(origins, "b.outlet.example"))
        transfers.submit(at(origins, "a.outlet.example"))
        answers = {request.name: answer for request, answer in all_of(transfers)}
    assert isinstance(answers["b.outlet.example"], Fetched)
    assert isinstance(answers["a.outlet.example"], Postponed)


def test_polling_05_a_long_line_for_a_closed_domain_is_not_sent(origins: dict[str, Origin]) -> None:
    """A hundred requests stand in line for a host; its first answers close it, and the others come back unsent."""
    origins["a.outlet.example"].answer("/feed", 429, {"Retry-After": "120"})
    with Transfers(replace(NAMED, host_gap=0.1)) as transfers:
        for _ in range(100):
            transfers.submit(at(origins, "a.outlet.example"))
        answers = [answer for _, answer in all_of(transfers)]
    assert sum(isinstance(answer, Postponed) for answer in answers) == 100 - len(origins["a.outlet.example"].requests)
    assert len(origins["a.outlet.example"].requests) <= 2
