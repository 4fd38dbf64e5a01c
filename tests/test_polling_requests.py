"""Who is asked for what, and how many at once: from the settings to the wire and into the database (POLLING 3–5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc import __version__
from feedsvc.collect import Outcome, collect, these
from feedsvc.collect.workers import Readers
from feedsvc.fetch import registered_domain
from feedsvc.store import Store
from tests.collecting import LEASE, Bench, Clock, item, rss, shared_readers
from tests.origin import Answer, Asked, Origin

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with shared_readers() as made:
        yield made


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


# ------------------------------------------------------------------------------------------------- 3, 4: what is sent


def test_polling_04_the_configured_contact_stands_in_the_user_agent(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """Else the service's own address; a server's cookie is not sent back."""
    bench = Bench(tmp_path, origin, readers=readers)
    bench.serve(rss(item(1)), Set_Cookie="id=1; Path=/")
    bench.look()
    bench.store.close()
    named = Bench(tmp_path, origin, polling='contact = "https://service.example/about"', readers=readers)
    named.look()
    named.store.close()

    first, second = (asked.headers for asked in origin.requests)
    assert first["user-agent"] == f"feedsvc/{__version__} (+http://reviews.example; 1 subscriber)"
    assert second["user-agent"] == f"feedsvc/{__version__} (+https://service.example/about; 1 subscriber)"
    assert not {"cookie", "referer", "authorization", "a-im"} & (set(first) | set(second))


def delta_server(origin: Origin) -> list[bytes]:
    """An origin that answers with new entries alone (RFC 3229) whoever takes them; the entries are the test's."""
    whole: list[bytes] = []

    def answer(asked: Asked) -> Answer:
        version = f'"{len(whole)}"'
        known = asked.headers.get("if-none-match", "").strip('"')
        headers = {"ETag": version, "Vary": "A-IM", "Content-Type": "application/rss+xml"}
        if known == str(len(whole)):
            return Answer(304, headers)
        if known and asked.headers.get("a-im") == "feed":
            new = [each.decode() for each in whole[int(known) :]]
            return Answer(226, headers | {"IM": "feed"}, rss(*new))
        return Answer(200, headers, rss(*(each.decode() for each in whole)))

    origin.answer("/feed", body=answer)
    return whole


def test_polling_04_new_entries_alone_are_added_to_what_is_known(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """Nothing is lost by a 226, a changed entry changes, and its validators are those of the whole."""
    whole = delta_server(origin)
    bench = Bench(tmp_path, origin, readers=readers)
    whole += [item(1).encode(), item(2).encode()]
    bench.look()
    assert "a-im" not in bench.asked.headers
    last_whole = bench.state.last_whole

    whole += [item(3, day=3).encode(), item(1, "Better words.").encode()]
    outcome = bench.look()
    assert bench.asked.headers["a-im"] == "feed"
    assert (outcome.error, outcome.new, outcome.changed) == (None, 1, 1)
    assert sorted(bench.titles()) == ["Review 1", "Review 2", "Review 3"]
    assert (bench.state.etag, bench.state.last_whole) == ('"4"', last_whole)

    bench.look()
    assert bench.asked.headers["if-none-match"] == '"4"'
    assert sorted(bench.titles()) == ["Review 1", "Review 2", "Review 3"]
    bench.store.close()


def test_polling_02_04_the_whole_is_asked_for_in_14_days_however_many_parts_came(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """A part does not show what a server may have left out of it."""
    whole = delta_server(origin)
    bench = Bench(tmp_path, origin, readers=readers)
    for number in range(1, 16):
        whole.append(item(number).encode())
        assert bench.look(DAY).new == 1

    assert ["a-im" in asked.headers for asked in origin.requests] == [False, *[True] * 13, False]
    assert len(bench.titles()) == 15
    bench.store.close()


# ------------------------------------------------------------------------------------------------------- 5: one at once


def test_polling_05_two_collectors_never_ask_one_source_at_once(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """One process is waiting for the answer; another one, by schedule or by hand, finds nothing to ask."""
    arrived, leave = threading.Event(), threading.Event()

    def slowly(_: Asked) -> Answer:
        arrived.set()
        leave.wait(60)
        return Answer(200, {"Content-Type": "application/rss+xml"}, rss(item(1)))

    origin.answer("/feed", body=slowly)
    bench = Bench(tmp_path, origin, readers=readers)
    outcomes: list[Outcome] = []
    claims = bench.store.claim_due(bench.clock.now, limit=10, lease=LEASE)
    first = threading.Thread(target=collect, args=(bench.collector, these(claims), outcomes.append))
    first.start()
    assert arrived.wait(60)
    with Store.open(bench.settings.database_url) as other:
        second = replace(bench.collector, store=other)
        collect(second, lambda limit: other.claim_due(bench.clock.now, limit=limit, lease=LEASE), outcomes.append)
        collect(second, these(other.claim_named(["outlet"], bench.clock.now, LEASE)), outcomes.append, force=True)
        assert (outcomes, len(origin.requests)) == ([], 1)
        leave.set()
        first.join()
        collect(second, these(other.claim_named(["outlet"], bench.clock.now, LEASE)), outcomes.append)

    assert [(outcome.new, outcome.error) for outcome in outcomes] == [(1, None), (0, None)]
    assert (len(origin.requests), origin.most_at_once) == (2, 1)
    bench.store.close()


def test_polling_05_06_a_look_that_a_limit_puts_off_makes_the_next_one_no_sooner(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """The feed wants a day; its host, asked by hand meanwhile, only ten minutes: the day counts."""
    bench = Bench(tmp_path, origin, readers=readers, clock=Clock(datetime.now(UTC)))
    bench.serve(rss(item(1), head="<ttl>1440</ttl>"))
    bench.look()
    due = bench.state.next_check
    bench.clock.now += timedelta(minutes=1)
    until = bench.clock.now + timedelta(minutes=10)
    bench.store.limit_domain(registered_domain("127.0.0.1"), until)
    outcome = bench.look(timedelta(minutes=1))

    assert outcome.postponed == until
    assert bench.state.next_check == due
    assert len(origin.requests) == 1
    bench.store.close()
