"""When to look next: what was asked is kept, habits followed, failures back off, nothing lines up (POLLING 6–10)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.cadence import Cadence, first_checks, next_after_failure, next_after_success, next_local_look
from feedsvc.errors import HttpStatus, Malformed, SourceError, Unreachable
from feedsvc.model import Rhythm, SourceState

OPTIONS = Cadence(interval=1800.0, min_interval=900.0, max_interval=86400.0)
#: A Wednesday.
NOW = datetime(2025, 2, 5, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0
#: As feeds write them; the last is none.
WRITTEN_DAYS = ("Monday", "Tuesday", "WEDNESDAY", "thursday", "Friday", "Saturday", "Sunday", "Caturday")


def state(interval: float = 1800.0, failures: int = 0) -> SourceState:
    return SourceState(name="outlet", next_check=NOW, interval=interval, failures=failures)


def succeed(
    *,
    rhythm: Rhythm | None = None,
    max_age: float | None = None,
    published: list[datetime] | None = None,
    changed: bool = False,
    before: SourceState | None = None,
    now: datetime = NOW,
    name: str = "outlet",
) -> tuple[float, float]:
    """Seconds until the next look, and the interval, after a success."""
    when, interval = next_after_success(
        now=now,
        state=before or state(),
        rhythm=rhythm or Rhythm(),
        max_age=max_age,
        published=published or [],
        changed=changed,
        options=OPTIONS,
        name=name,
    )
    return (when - now).total_seconds(), interval


def fail(error: SourceError, before: SourceState | None = None, name: str = "outlet") -> tuple[float, float, bool]:
    """Seconds until the next look, the interval, and whether the source stops, after a failure."""
    when, interval, stopped = next_after_failure(
        now=NOW, state=before or state(), error=error, options=OPTIONS, name=name
    )
    return (when - NOW).total_seconds(), interval, stopped


def every(pause: float, newest: float = 0.0) -> list[datetime]:
    """Twelve dates with a pause between them, the newest so long ago."""
    return [NOW - timedelta(seconds=newest + pause * number) for number in range(12)]


seconds = st.none() | st.floats(0, 10 * DAY)
rhythms = st.builds(Rhythm, ttl=seconds, period=seconds)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


# ------------------------------------------------------------------------------------------------------ after a success


@given(rhythms, seconds, st.booleans(), st.floats(0, 10 * DAY), st.lists(moments, max_size=30), st.text(max_size=9))
def test_never_sooner_than_asked_and_never_beyond_the_bound(
    rhythm: Rhythm, max_age: float | None, changed: bool, interval: float, published: list[datetime], name: str
) -> None:
    """Whatever a source says and did: within the bounds, and not before the longest of what it asked for in them."""
    wait, stored = succeed(
        rhythm=rhythm, max_age=max_age, changed=changed, before=state(interval), published=published, name=name
    )
    asked = min(max(max_age or 0, rhythm.ttl or 0, rhythm.period or 0, 900.0), DAY)
    assert asked - 0.001 <= wait <= DAY
    assert asked <= stored <= DAY


@pytest.mark.parametrize(
    "rhythm, max_age, least",
    [
        (Rhythm(ttl=2 * HOUR), None, 2 * HOUR),
        (Rhythm(period=3 * HOUR), None, 3 * HOUR),
        (Rhythm(ttl=2 * HOUR, period=3 * HOUR), 4 * HOUR, 4 * HOUR),
        (Rhythm(ttl=60), 5.0, 900.0),
        (Rhythm(ttl=30 * DAY), None, DAY),
    ],
)
def test_the_longest_of_what_was_asked_counts(rhythm: Rhythm, max_age: float | None, least: float) -> None:
    """Even for a source that publishes every ten minutes; capped at the bound, raised to the minimum."""
    wait, interval = succeed(rhythm=rhythm, max_age=max_age, published=every(600.0))
    assert interval == least
    assert least <= wait <= min(least * 1.1, DAY)


@pytest.mark.parametrize(
    "pause, newest, interval",
    [
        (600.0, 0.0, 900.0),
        (4 * HOUR, HOUR, 1800.0),
        (DAY, HOUR, 3 * HOUR),
        (7 * DAY, DAY, 21 * HOUR),
        (30 * DAY, DAY, DAY),
        (DAY, 4 * DAY, 12 * HOUR),
    ],
)
def test_a_source_is_looked_at_as_often_as_it_publishes(pause: float, newest: float, interval: float) -> None:
    """Eight looks to an item, within the bounds; a silence that is longer than the usual pause counts for it."""
    assert succeed(published=every(pause, newest))[1] == interval


def test_dates_that_lie_in_the_future_or_stand_alone_do_not_tell_a_habit() -> None:
    """Then the last interval is felt along: sooner after something new, later after nothing, anew after failures."""
    future = [NOW + timedelta(days=number) for number in range(1, 9)]
    for published in ([], future, [NOW]):
        assert succeed(published=published, before=state(HOUR))[1] == 1.25 * HOUR
        assert succeed(published=published, before=state(HOUR), changed=True)[1] == 0.5 * HOUR
    assert succeed(before=state(DAY, failures=5), changed=True)[1] == 900.0
    assert succeed(before=state(DAY, failures=5))[1] == 1.25 * 1800.0


def test_looks_at_many_sources_do_not_line_up() -> None:
    """A thousand sources read at one moment come back over the whole of ±10 %, each time differently."""
    waits = [succeed(published=every(DAY), name=f"outlet-{number}")[0] for number in range(1000)]
    assert min(waits) < 0.91 * 3 * HOUR
    assert max(waits) > 1.09 * 3 * HOUR
    assert all(0.9 * 3 * HOUR <= wait <= 1.1 * 3 * HOUR for wait in waits)
    tenths = Counter(int((wait / (3 * HOUR) - 0.9) * 50) for wait in waits)
    assert max(tenths.values()) < 150
    later = succeed(now=NOW + timedelta(hours=3), name="outlet-0", before=state(3 * HOUR))[0]
    assert later != waits[0]


def test_the_same_look_always_gives_the_same_answer() -> None:
    """Jitter is no chance: it comes from the name and the moment."""
    assert succeed(name="a") == succeed(name="a")
    assert succeed(name="a") != succeed(name="b")


@given(
    st.frozensets(st.integers(0, 24), max_size=26),
    st.frozensets(st.sampled_from(WRITTEN_DAYS)),
    moments,
)
def test_hours_and_days_to_skip_are_skipped(hours: frozenset[int], days: frozenset[str], now: datetime) -> None:
    """No look falls into them; a feed that leaves no hour, or no day, is not heeded in that."""
    wait, _ = succeed(rhythm=Rhythm(skip_hours=tuple(hours), skip_days=tuple(days)), now=now)
    when = now + timedelta(seconds=wait)
    barred_hours = {hour % 24 for hour in hours}
    barred_days = {day.lower() for day in days} - {"caturday"}
    if len(barred_hours) < 24:
        assert when.hour not in barred_hours
    if len(barred_days) < 7:
        assert when.strftime("%A").lower() not in barred_days
    assert 900.0 - 0.001 <= wait <= DAY + 7 * DAY


def test_a_skipped_night_ends_at_its_morning() -> None:
    """Asked at 23:50 with the hours 0 to 5 barred, it is looked at in the hour from 6."""
    now = datetime(2025, 2, 5, 23, 50, tzinfo=UTC)
    wait, _ = succeed(rhythm=Rhythm(skip_hours=(0, 1, 2, 3, 4, 5)), before=state(1440.0), now=now)
    assert (now + timedelta(seconds=wait)).hour == 6


# ------------------------------------------------------------------------------------------------------ after a failure


def test_failures_double_the_interval_up_to_the_bound_and_never_stop() -> None:
    """30 minutes become 1, 2, 4, 8, 16 hours, then a day for ever; each look is within 10 % of its interval."""
    intervals, interval = [], 1800.0
    for failures in range(8):
        wait, interval, stopped = fail(Unreachable("gone", "dns"), state(interval, failures))
        assert not stopped
        assert 0.9 * interval <= wait <= min(1.1 * interval, DAY)
        intervals.append(interval)
    assert intervals == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY, DAY]


@given(st.floats(0, 10 * DAY), st.integers(0, 100), st.text(max_size=9))
def test_backing_off_never_shortens_an_interval(interval: float, failures: int, name: str) -> None:
    """Within the bounds, whatever is stored."""
    wait, stored, _ = fail(Malformed("bad"), state(interval, failures), name)
    assert stored >= min(max(interval, 900.0), DAY)
    assert wait + 0.001 >= 900.0
    assert max(wait, stored) <= DAY


def test_one_success_ends_the_backing_off() -> None:
    """A source that publishes daily is back at three hours at once."""
    assert succeed(published=every(DAY), before=state(DAY, failures=9))[1] == 3 * HOUR


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_any_status_but_410_is_tried_again(status: int) -> None:
    """It backs off like every failure (POLLING 10)."""
    wait, interval, stopped = fail(HttpStatus("no", status))
    assert (interval, stopped) == (HOUR, False)
    assert 0.9 * HOUR <= wait <= 1.1 * HOUR


def test_410_stops_the_source() -> None:
    """Only the operator starts it again."""
    assert fail(HttpStatus("gone", 410))[2] is True
    assert fail(HttpStatus("gone", 410, retry_after=60.0))[2] is True


@pytest.mark.parametrize(
    "asked, wait",
    [(900.0, 900.0), (5000.0, 5000.0), (3 * DAY, 3 * DAY), (7 * DAY, 7 * DAY), (8 * DAY, 7 * DAY), (5.0, 900.0)],
)
def test_retry_after_is_kept_to_the_second(asked: float, wait: float) -> None:
    """Beyond the bound too, at most seven days, never under the minimum; no jitter (POLLING 7)."""
    for status in (429, 503, 404):
        assert fail(HttpStatus("wait", status, retry_after=asked))[0] == wait


# ------------------------------------------------------------------------------------------------ newcomers and folders


def test_a_few_newcomers_are_looked_at_at_once() -> None:
    """Up to fifty; whoever sets up the service sees something happen."""
    names = [f"outlet-{number}" for number in range(50)]
    assert first_checks(names, NOW, 1800.0) == dict.fromkeys(names, NOW)
    assert first_checks([], NOW, 1800.0) == {}


def test_ten_thousand_newcomers_are_spread_over_the_interval() -> None:
    """After the first fifty no minute has noticeably more of them than another (POLLING 8)."""
    names = [f"outlet-{number}" for number in range(10_000)]
    checks = first_checks(names, NOW, 1800.0)
    assert list(checks) == names
    offsets = [(checks[name] - NOW).total_seconds() for name in names]
    assert offsets[:50] == [0.0] * 50
    assert offsets == sorted(offsets)
    assert offsets[-1] == pytest.approx(1800.0)
    minutes = Counter(int(offset // 60) for offset in offsets[50:-1])
    assert set(minutes) == set(range(30))
    assert max(minutes.values()) - min(minutes.values()) <= 2


def test_a_folder_is_looked_at_every_minute_or_as_configured() -> None:
    """It costs next to nothing, whatever was found in it last time."""
    assert next_local_look(NOW, None) == (NOW + timedelta(seconds=60), 60.0)
    assert next_local_look(NOW, 21600.0) == (NOW + timedelta(hours=6), 21600.0)
