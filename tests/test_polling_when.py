"""When a source is asked next: from what its server and feed say to `next_check` in the database (POLLING 6–8, 12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from bench.addresses import PATH, url
from feedsvc.collect import Collector, Outcome, collect, enrol, realign
from feedsvc.collect.workers import Readers
from feedsvc.config import Settings
from feedsvc.model import Source
from feedsvc.store import Store
from tests.collecting import LEASE, Bench, Clock, item, rss
from tests.databases import settings_of
from tests.origin import Answer, Asked, Origin

MINUTE, HOUR, DAY = 60, 3600, 86400
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


@pytest.fixture
def bench(tmp_path: Path, readers: Readers) -> Iterator[Bench]:
    """From the present on, since what a host asks for is kept by the machine's clock."""
    with Origin() as origin:
        made = Bench(tmp_path, origin, readers=readers, clock=Clock(datetime.now(UTC).replace(microsecond=0)))
        yield made
        made.store.close()


def wait(bench: Bench) -> float:
    """Seconds from now to the next look, by the database."""
    return (bench.state.next_check - bench.clock.now).total_seconds()


def written(moment: datetime) -> str:
    """A moment as HTTP has it."""
    return format_datetime(moment, usegmt=True)


# ------------------------------------------------------------------------------------------------- 6: what was asked

#: Headers, what stands in the feed, and the seconds that they ask for.
ASKED: dict[str, tuple[dict[str, str], str, int]] = {
    "nothing: the minimum": ({}, "", 15 * MINUTE),
    "less than the minimum": ({"Cache-Control": "max-age=60"}, "<ttl>5</ttl>", 15 * MINUTE),
    "max-age": ({"Cache-Control": "public, max-age=7200"}, "", 2 * HOUR),
    "ttl": ({}, "<ttl>180</ttl>", 3 * HOUR),
    "sy:updatePeriod": ({}, f"<sy:updatePeriod {SY}>daily</sy:updatePeriod>", DAY),
    "sy:updateFrequency": (
        {},
        f"<sy:updatePeriod {SY}>daily</sy:updatePeriod><sy:updateFrequency {SY}>4</sy:updateFrequency>",
        6 * HOUR,
    ),
    "the longest of all": ({"Cache-Control": "max-age=7200"}, "<ttl>300</ttl>", 5 * HOUR),
    "more than the maximum": ({"Cache-Control": "max-age=31536000"}, "", DAY),
}


@pytest.mark.parametrize("headers, head, least", ASKED.values(), ids=ASKED.keys())
def test_polling_06_what_is_asked_for_is_kept_in_the_database(
    bench: Bench, headers: dict[str, str], head: str, least: int
) -> None:
    """Never sooner, even for a feed that just brought something new; later by the jitter alone."""
    bench.origin.answer("/feed", 200, headers, rss(item(1), item(2), head=head))
    bench.look()
    assert least <= wait(bench) <= max(1.1 * least, 16.5 * MINUTE)


def test_polling_06_expires_is_kept_where_nothing_else_is_said(bench: Bench) -> None:
    """By the server's own clock, however wrong that is."""
    now = datetime(2020, 2, 1, 12, 0, tzinfo=UTC)
    bench.serve(rss(item(1)), Date=written(now), Expires=written(now + timedelta(hours=4)))
    bench.look()
    assert 4 * HOUR <= wait(bench) <= 4.4 * HOUR


def test_polling_06_a_304_and_the_same_bytes_forget_nothing_of_what_the_feed_said(bench: Bench) -> None:
    """It says ttl, and the hours and days to skip, once: ten looks later all of it still counts."""
    skipped = "".join(f"<hour>{hour}</hour>" for hour in range(9, 24))
    head = f"<ttl>240</ttl><skipHours>{skipped}</skipHours><skipDays><day>Sunday</day><day>Tuesday</day></skipDays>"
    body = rss(item(1), head=head)
    bench.serve(body, ETag='"1"')
    looked = [bench.look_when_due()]
    moments = [bench.clock.now]
    for number in range(10):
        bench.serve(b"" if number % 2 else body, status=304 if number % 2 else 200, ETag='"1"')
        looked.append(bench.look_when_due())
        moments.append(bench.clock.now)

    assert [outcome.error for outcome in looked] == [None] * 11
    assert all(moment.hour < 9 and moment.strftime("%A") not in ("Sunday", "Tuesday") for moment in moments[1:])
    assert all((later - earlier).total_seconds() >= 4 * HOUR for earlier, later in pairwise(moments))


def test_polling_06_a_failure_forgets_none_of_it_either(bench: Bench) -> None:
    bench.serve(rss(item(1), head="<ttl>600</ttl>"))
    bench.look()
    bench.serve(b"", status=500)
    bench.look()
    assert wait(bench) >= 10 * HOUR


# --------------------------------------------------------------------------------------------------- 7: Retry-After


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "a date"])
@pytest.mark.parametrize("status", [429, 503, 500, 403, 200, 304])
def test_polling_07_retry_after_counts_to_the_second_in_the_database(bench: Bench, status: int, as_date: bool) -> None:
    """100,000 seconds, from the wire to the database, on whatever answer; a date by the server's own clock."""
    now = datetime(2031, 7, 1, 12, 0, tzinfo=UTC)
    bench.serve(rss(item(1)), ETag='"1"')
    bench.look()
    later = written(now + timedelta(seconds=100_000)) if as_date else "100000"
    body = rss(item(1), item(2)) if status == 200 else b""
    bench.serve(body, status=status, Date=written(now), Retry_After=later)
    bench.look()
    assert wait(bench) == 100_000


@pytest.mark.parametrize("status", [429, 200])
def test_polling_07_retry_after_is_capped_at_seven_days(bench: Bench, status: int) -> None:
    bench.serve(rss(item(1)) if status == 200 else b"", status=status, Retry_After="8640000")
    bench.look()
    assert wait(bench) == 7 * DAY


def test_polling_07_retry_after_of_a_redirect_counts(bench: Bench) -> None:
    """It stands on the answer that was followed."""
    bench.serve(b"", status=302, Location="/there", Retry_After="100000")
    bench.serve(rss(item(1)), path="/there")
    bench.look()
    assert wait(bench) == 100_000


def test_polling_07_a_limited_source_is_asked_again_when_the_time_is_up(bench: Bench) -> None:
    """Not a second before by the schedule, and then with its validators."""
    bench.serve(rss(item(1)), ETag='"1"')
    bench.look()
    bench.serve(b"", status=429, Retry_After="7200")
    bench.look()
    due = bench.clock.now + timedelta(seconds=7200)
    assert bench.store.claim_due(due - timedelta(microseconds=1), limit=1, lease=LEASE) == []
    bench.serve_unless_known(rss(item(1)), '"1"')
    assert bench.look(timedelta(seconds=7200)).error is None
    assert bench.asked.headers["if-none-match"] == '"1"'
    assert bench.state.failures == 0


# ------------------------------------------------------------------------------------------------- 8, 12: many sources


def many(folder: Path, port: int, number: int) -> Settings:
    """A service with so many sources, each on a host of its own."""
    config = folder / "config.toml"
    config.write_text("[polling]\nallow_private_addresses = true\n", encoding="utf-8")
    sources = (Source(name=f"outlet-{n}", kind="feed", location=url(n, port)) for n in range(number))
    return replace(settings_of(folder), sources=tuple(sources))


def test_polling_08_ten_thousand_sources_added_at_once_are_spread_in_the_database(tmp_path: Path) -> None:
    """A few at once, all others evenly over the interval; a restart moves none of them."""
    settings = many(tmp_path, 80, 10_000)
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    with Store.open(settings.database_url) as store:
        store.migrate()
        enrol(store, settings, now)
        checks = {state.name: state.next_check for state in store.states()}
        enrol(store, settings, now + timedelta(minutes=7))
        assert {state.name: state.next_check for state in store.states()} == checks

    waits = [(check - now).total_seconds() for check in checks.values()]
    minutes = Counter(int(seconds // 60) for seconds in waits if 0 < seconds < 1800)
    assert waits.count(0) == 50
    assert max(waits) == pytest.approx(1800)
    assert set(minutes) == set(range(30))
    assert max(minutes.values()) <= 1.01 * 10_000 / 30


def test_polling_08_a_source_is_looked_at_as_often_as_it_publishes(bench: Bench) -> None:
    """A daily one some times a day, a monthly one about once; each look differs from the one before by its jitter."""

    def feed(days: int) -> bytes:
        moments = [bench.clock.now - timedelta(days=days * number, hours=1) for number in range(8)]
        entries = (
            f"<item><guid>{days}-{n}</guid><link>https://outlet.example/{n}</link><title>{n}</title>"
            f"<pubDate>{written(moment)}</pubDate></item>"
            for n, moment in enumerate(moments)
        )
        return rss(*entries)

    bench.serve(feed(1))
    bench.look()
    daily = wait(bench)
    bench.serve(feed(30))
    bench.look()
    monthly = wait(bench)
    # The geometric mean of the minimum, a quarter of an hour, and the pause: 147 minutes and 13 hours 25.
    assert 0.9 * 8818 <= daily <= 1.1 * 8818
    assert 0.9 * 48299 <= monthly <= 1.1 * 48299
    assert daily != pytest.approx(8818, abs=1)


def test_polling_12_after_seven_days_down_each_of_a_thousand_is_asked_once_in_its_turn(
    tmp_path: Path, readers: Readers
) -> None:
    """One request each, the most overdue first, no minute above 1.5 times the mean of the spread, conditional all."""
    clock = Clock()

    def answer(asked: Asked) -> Answer:
        known = asked.headers.get("if-none-match") == '"1"'
        return Answer(304) if known else Answer(200, {"ETag": '"1"'}, rss())

    with Origin("0.0.0.0") as origin:
        origin.answer(PATH, body=answer)
        settings = many(tmp_path, origin.port, 1000)
        with Store.open(settings.database_url) as store:
            collector = Collector(store=store, settings=settings, clock=clock, readers=readers)
            outcomes: list[Outcome] = []

            def tick() -> int:
                """Look at all that is due now; how many there were."""
                before = len(outcomes)
                collect(
                    collector,
                    lambda limit: store.claim_due(clock.now, limit=limit, lease=LEASE),
                    outcomes.append,
                )
                return len(outcomes) - before

            store.migrate()
            enrol(store, settings, clock.now)
            clock.now += timedelta(minutes=30)
            assert tick() == 1000
            order = [name for name, _ in sorted(((s.name, s.next_check) for s in store.states()), key=lambda s: s[1])]

            clock.now += timedelta(days=7)
            enrol(store, settings, clock.now)
            realign(store, settings, clock.now)
            outcomes.clear()
            origin.requests.clear()
            a_minute: list[int] = []
            while len(outcomes) < 1000 and len(a_minute) < 60:
                clock.now += timedelta(seconds=60)
                a_minute.append(tick())

            assert sorted(outcome.source for outcome in outcomes) == sorted(order)
            assert all(outcome.error is None for outcome in outcomes)
            assert len(origin.requests) == 1000
            assert all(asked.headers["if-none-match"] == '"1"' for asked in origin.requests)
            # One a second: the last minute is not a whole one.
            assert len(a_minute) == 17
            assert max(a_minute) <= 1.5 * 1000 / len(a_minute)
            asked_in = {outcome.source: place for place, outcome in enumerate(outcomes)}
            starts = [0, *accumulate(a_minute)]
            for start, end in pairwise(starts):
                assert {name for name, place in asked_in.items() if start <= place < end} == set(order[start:end])
