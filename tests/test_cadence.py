"""When to look next at one source: what was asked is kept, habits are followed, failures back off (POLLING 2, 6–11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.cadence import Cadence, after_failure, after_local_look, after_move, after_success, may_validate
from feedsvc.errors import HttpStatus, Malformed, NotAFeed, SourceError, Unreachable, UnreadableDocument
from feedsvc.model import Rhythm, SourceState

OPTIONS = Cadence(interval=1800.0, min_interval=900.0, max_interval=86400.0)
#: A Wednesday.
NOW = datetime(2025, 2, 5, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0
#: As feeds write them; the last is none.
WRITTEN_DAYS = ("Monday", "Tuesday", "WEDNESDAY", "thursday", "Friday", "Saturday", "Sunday", "Caturday")
#: Timestamps and sums of them are exact to the microsecond.
EXACT = 1e-5


def known(**values: object) -> SourceState:
    """A source looked at before, with what the test says of it."""
    made = SourceState(name="outlet", next_check=NOW, interval=1800.0)
    return replace(made, **values)  # type: ignore[arg-type]


def succeed(
    before: SourceState | None = None,
    *,
    rhythm: Rhythm | None = None,
    max_age: float | None = None,
    retry_after: float | None = None,
    dates: Sequence[datetime] = (),
    new: bool = False,
    changed: bool = False,
    now: datetime = NOW,
) -> SourceState:
    """The state after a look that went well; without rhythm and dates it is a 304."""
    return after_success(
        before or known(),
        now=now,
        max_age=max_age,
        rhythm=Rhythm() if rhythm is None and dates else rhythm,
        dates=dates,
        new=new,
        changed=changed,
        options=OPTIONS,
        retry_after=retry_after,
    )


def fail(error: SourceError, before: SourceState | None = None, now: datetime = NOW) -> SourceState:
    return after_failure(before or known(), now=now, error=error, options=OPTIONS)


def wait(state: SourceState, now: datetime = NOW) -> float:
    """Seconds until the next look."""
    return (state.next_check - now).total_seconds()


def every(pause: float, newest: float = 0.0, count: int = 12) -> list[datetime]:
    """Dates with a pause between them, the newest so long ago."""
    return [NOW - timedelta(seconds=newest + pause * number) for number in range(count)]


seconds = st.none() | st.floats(0, 10 * DAY)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
rhythms = st.builds(Rhythm, ttl=seconds, period=seconds)
#: Whatever may stand in the store, moments in the future and intervals beyond the bounds among it.
states = st.builds(
    SourceState,
    name=st.text(max_size=9),
    next_check=moments,
    interval=st.floats(0, 10 * DAY),
    failures=st.integers(0, 100),
    rhythm=rhythms,
    pause=seconds,
    newest=st.none() | moments,
    last_checked=st.none() | moments,
    last_new=st.none() | moments,
    push_until=st.none() | moments,
    last_push=st.none() | moments,
)


# ---------------------------------------------------------------------------------------------------- what was asked


@given(states, st.none() | rhythms, seconds, st.booleans(), st.booleans(), st.lists(moments, max_size=30), moments)
def test_polling_06_never_sooner_than_asked_and_never_beyond_the_bound(
    before: SourceState,
    rhythm: Rhythm | None,
    max_age: float | None,
    new: bool,
    changed: bool,
    dates: list[datetime],
    now: datetime,
) -> None:
    """Whatever a source says and did, and whatever the clock did: within the bounds, not before the longest asked."""
    after = succeed(before, rhythm=rhythm, max_age=max_age, dates=dates, new=new, changed=changed, now=now)
    says = after.rhythm
    asked = min(max(max_age or 0, says.ttl or 0, says.period or 0, 900.0), DAY)
    assert asked - EXACT <= wait(after, now) <= DAY + EXACT
    assert asked <= after.interval <= DAY


@pytest.mark.parametrize(
    "rhythm, max_age, least",
    [
        (Rhythm(ttl=2 * HOUR), None, 2 * HOUR),
        (Rhythm(period=3 * HOUR), None, 3 * HOUR),
        (Rhythm(), 90 * 60.0, 90 * 60.0),
        (Rhythm(ttl=2 * HOUR, period=3 * HOUR), 4 * HOUR, 4 * HOUR),
        (Rhythm(ttl=60), 5.0, 900.0),
        (Rhythm(ttl=30 * DAY), None, DAY),
        (Rhythm(), 365 * DAY, DAY),
    ],
)
def test_polling_06_the_longest_of_what_was_asked_counts(rhythm: Rhythm, max_age: float | None, least: float) -> None:
    """Even for a source that publishes every ten minutes; capped at the bound, raised to the minimum."""
    after = succeed(rhythm=rhythm, max_age=max_age, dates=every(600.0))
    assert after.interval == least
    assert least <= wait(after) <= min(least * 1.1, DAY)


def test_polling_06_a_304_does_not_forget_what_the_feed_said() -> None:
    """ttl and the skips stand in the document alone: the looks after it heed them until it says otherwise."""
    said = Rhythm(ttl=10 * HOUR, skip_days=("Thursday",))
    told = succeed(rhythm=said, dates=every(600.0))
    again = succeed(told, now=told.next_check)
    assert again.rhythm == said
    assert told.next_check.day == 5
    assert (again.next_check - told.next_check).total_seconds() >= 10 * HOUR - EXACT
    assert (again.next_check.month, again.next_check.day) == (2, 7)
    silent = succeed(again, rhythm=Rhythm(), dates=every(600.0), now=NOW)
    assert silent.rhythm == Rhythm()
    assert wait(silent) <= 990.0


@given(
    st.frozensets(st.integers(0, 24), max_size=26),
    st.frozensets(st.sampled_from(WRITTEN_DAYS)),
    moments,
    st.booleans(),
)
def test_polling_06_hours_and_days_to_skip_are_skipped(
    hours: frozenset[int], days: frozenset[str], now: datetime, good: bool
) -> None:
    """No look falls into them, after failures neither; a feed that leaves no hour, or no day, is not heeded in that."""
    before = known(rhythm=Rhythm(skip_hours=tuple(hours), skip_days=tuple(days)))
    after = succeed(before, now=now) if good else fail(Unreachable("gone", "dns"), before, now)
    barred_hours = {hour % 24 for hour in hours}
    barred_days = {day.lower() for day in days} - {"caturday"}
    if len(barred_hours) < 24:
        assert after.next_check.hour not in barred_hours
    if len(barred_days) < 7:
        assert after.next_check.strftime("%A").lower() not in barred_days
    assert 900.0 - EXACT <= wait(after, now) <= DAY + 7 * DAY


def test_polling_06_a_skipped_night_ends_at_its_morning() -> None:
    """Read at 23:50 with the hours 0 to 5 barred, it is looked at in the hour from 6."""
    now = datetime(2025, 2, 5, 23, 50, tzinfo=UTC)
    after = succeed(known(rhythm=Rhythm(skip_hours=(0, 1, 2, 3, 4, 5)), interval=1440.0), now=now)
    assert after.next_check.hour == 6
    assert after.next_check - now < timedelta(hours=8)


def test_polling_06_a_leap_day_is_a_day() -> None:
    """29 February 2028 is a Tuesday; who bars it is looked at on Wednesday, 1 March."""
    now = datetime(2028, 2, 28, 23, 55, tzinfo=UTC)
    after = succeed(rhythm=Rhythm(skip_days=("Tuesday",)), now=now)
    assert (after.next_check.month, after.next_check.day, after.next_check.hour) == (3, 1, 0)


@pytest.mark.parametrize(
    "asked, waited",
    [(900.0, 900.0), (5000.0, 5000.0), (3 * DAY, 3 * DAY), (7 * DAY, 7 * DAY), (8 * DAY, 7 * DAY), (5.0, 900.0)],
)
def test_polling_07_retry_after_is_kept_to_the_second(asked: float, waited: float) -> None:
    """Beyond the bound too, at most seven days, never under the minimum; no jitter, and no skips before it."""
    before = known(rhythm=Rhythm(skip_hours=tuple(range(23))))
    for status in (429, 503, 404):
        assert wait(fail(HttpStatus("wait", status, retry_after=asked), before)) == waited


def test_polling_07_retry_after_counts_on_a_good_answer_too() -> None:
    """Where it asks for more than the look would wait anyway; an hour does not hasten the look at a daily blog."""
    assert wait(succeed(dates=every(600.0), retry_after=2 * DAY)) == 2 * DAY
    assert wait(succeed(retry_after=9 * DAY)) == 7 * DAY
    assert wait(succeed(dates=every(DAY), retry_after=HOUR)) == wait(succeed(dates=every(DAY)))


# -------------------------------------------------------------------------------------------------------------- habits


@pytest.mark.parametrize(
    "pause, newest, interval",
    [
        (600.0, 0.0, 900.0),
        (900.0, 0.0, 900.0),
        (HOUR, 0.0, 1800.0),
        (4 * HOUR, HOUR, HOUR),
        (16 * HOUR, HOUR, 2 * HOUR),
        (HOUR, 4 * HOUR, HOUR),
        (100 * DAY, DAY, 88181.6),
        (DAY, 200 * DAY, DAY),
    ],
)
def test_polling_08_a_source_is_looked_at_as_it_publishes(pause: float, newest: float, interval: float) -> None:
    """√(pause · 15 minutes), within the bounds; a silence that is longer than the usual pause counts for it."""
    assert succeed(dates=every(pause, newest)).interval == pytest.approx(min(interval, DAY), abs=0.1)


def test_polling_08_a_304_keeps_the_habit_and_the_silence_grows() -> None:
    """Hourly until noon: looked at every half hour, after 16 hours of silence every two hours, after weeks daily."""
    read = succeed(dates=every(HOUR), new=True)
    assert (read.pause, read.newest, read.last_new) == (HOUR, NOW, NOW)
    intervals = []
    for silence in (HOUR, 4 * HOUR, 16 * HOUR, 400 * DAY):
        again = succeed(read, now=NOW + timedelta(seconds=silence))
        assert (again.pause, again.newest, again.last_new) == (HOUR, NOW, NOW)
        intervals.append(again.interval)
    assert intervals == [1800.0, HOUR, 2 * HOUR, DAY]


def test_polling_08_some_odd_dates_do_not_change_a_habit() -> None:
    """One review from ten years ago, dates in the future, and ten reviews of one minute are no habit."""
    odd = [NOW - timedelta(days=3650), NOW + timedelta(days=1), NOW + timedelta(days=400)]
    assert succeed(dates=[*every(HOUR), *odd]).pause == HOUR
    assert succeed(dates=every(HOUR) * 10).pause == HOUR


def test_polling_08_a_feed_of_few_items_is_learnt_look_by_look() -> None:
    """It shows the newest alone: each new date draws the known pause a quarter of the way towards the last one."""
    first = succeed(dates=[NOW])
    assert (first.pause, first.newest) == (None, NOW)
    second = succeed(first, dates=[NOW + timedelta(hours=8)], now=NOW + timedelta(hours=9))
    assert second.pause == 8 * HOUR
    third = succeed(second, dates=[NOW + timedelta(hours=12)], now=NOW + timedelta(hours=13))
    assert (third.pause, third.newest) == (7 * HOUR, NOW + timedelta(hours=12))
    same = succeed(third, dates=[NOW + timedelta(hours=12)], now=NOW + timedelta(hours=14))
    assert (same.pause, same.newest) == (third.pause, third.newest)


def test_polling_08_dates_that_do_not_tell_a_habit_are_felt_along() -> None:
    """Sooner after something new, the same after a change, later after nothing, anew after failures."""
    future = [NOW + timedelta(days=number) for number in range(1, 9)]
    for dates in ([], future, [NOW], [NOW] * 9):
        assert succeed(known(interval=HOUR), dates=dates).interval == 1.25 * HOUR
        assert succeed(known(interval=HOUR), dates=dates, changed=True).interval == HOUR
        assert succeed(known(interval=HOUR), dates=dates, new=True, changed=True).interval == 0.5 * HOUR
    assert succeed(known(interval=DAY, failures=5), new=True).interval == 900.0
    assert succeed(known(interval=DAY, failures=5)).interval == 1.25 * 1800.0


def test_polling_08_the_same_look_always_gives_the_same_state() -> None:
    """Jitter is no chance: it comes from the name and the moment; and what went in is left as it was."""
    before = known(pause=DAY, newest=NOW)
    copy = replace(before)
    assert succeed(before) == succeed(before)
    assert before == copy
    assert wait(succeed(before)) != wait(succeed(replace(before, name="other")))
    later = NOW + timedelta(days=1)
    assert wait(succeed(before)) != wait(succeed(replace(before, newest=later), now=later), later)


# ------------------------------------------------------------------------------------------------------------- failures


def test_polling_09_failures_double_the_interval_up_to_the_bound_and_never_stop() -> None:
    """30 minutes become 1, 2, 4, 8, 16 hours, then a day for ever; each look is within 10 % of its interval."""
    intervals, state = [], known()
    for failures in range(1, 9):
        state = fail(Unreachable("no such host", "dns"), state)
        assert (state.failures, state.stopped) == (failures, False)
        assert (state.error, state.error_kind, state.last_checked) == ("no such host", "dns", NOW)
        assert 0.9 * state.interval <= wait(state) <= min(1.1 * state.interval, DAY)
        intervals.append(state.interval)
    assert intervals == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY, DAY]


@given(states, moments)
def test_polling_09_backing_off_never_shortens_an_interval(before: SourceState, now: datetime) -> None:
    """Within the bounds, never sooner than the feed had asked, and nothing else that is known is lost."""
    after = fail(Malformed("bad"), before, now)
    asked = min(max(before.rhythm.ttl or 0, before.rhythm.period or 0, 900.0), DAY)
    assert min(max(before.interval, 900.0), DAY) <= after.interval <= DAY
    assert asked - EXACT <= wait(after, now) <= DAY + EXACT
    kept = ("rhythm", "pause", "newest", "etag", "body_hash", "last_success", "last_new", "last_push")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_polling_09_one_success_ends_the_backing_off() -> None:
    """A source that publishes hourly is back at half an hour at once, and its error is gone."""
    state = known(pause=HOUR, newest=NOW, stopped=True)
    for _ in range(9):
        state = fail(Unreachable("gone", "timeout"), state)
    assert state.interval == DAY
    after = succeed(state)
    assert (after.interval, after.failures, after.error, after.error_kind) == (1800.0, 0, None, None)
    assert (after.stopped, after.last_success, after.last_checked) == (False, NOW, NOW)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_polling_10_any_status_but_410_is_tried_again(status: int) -> None:
    """It backs off like every failure, with its own kind for the operator."""
    after = fail(HttpStatus("no", status))
    assert (after.interval, after.stopped, after.error_kind) == (HOUR, False, f"http-{status}")
    assert 0.9 * HOUR <= wait(after) <= 1.1 * HOUR


def test_polling_10_410_stops_the_source_and_says_why() -> None:
    """Only the operator starts it again."""
    after = fail(HttpStatus("gone for good", 410))
    assert (after.stopped, after.error, after.error_kind) == (True, "gone for good", "http-410")
    assert fail(HttpStatus("gone", 410, retry_after=60.0)).stopped is True


# ------------------------------------------------------------------------------------------------- validators and moves


def test_polling_02_validators_are_sent_for_14_days() -> None:
    """Then a whole document is asked for, in case that the server answers 304 for ever; a stepped clock asks none."""
    whole = known(last_whole=NOW)
    for days, may in [(0, True), (13.99, True), (14, False), (400, False), (-1, True), (-400, False)]:
        assert may_validate(whole, NOW + timedelta(days=days)) is may
    assert may_validate(known(last_whole=None), NOW) is False


OLD, ELSEWHERE, OTHER = "https://old.example/f", "https://new.example/f", "https://other.example/f"


def moves(targets: Sequence[tuple[float, str | None]], asked: str = OLD) -> SourceState:
    """The state after looks at so many hours, each led to an address or to none."""
    state = known()
    for hours, target in targets:
        state = after_move(state, asked=asked, moved_to=target, now=NOW + timedelta(hours=hours))
    return state


@pytest.mark.parametrize(
    "targets, taken",
    [
        ([(0, ELSEWHERE), (12, ELSEWHERE), (24, ELSEWHERE)], ELSEWHERE),
        ([(0, ELSEWHERE), (12, ELSEWHERE), (23.9, ELSEWHERE)], None),
        ([(0, ELSEWHERE), (48, ELSEWHERE)], None),
        ([(0, ELSEWHERE), (12, OTHER), (24, ELSEWHERE), (36, ELSEWHERE)], None),
        ([(0, ELSEWHERE), (12, None), (24, ELSEWHERE), (36, ELSEWHERE)], None),
        ([(0, ELSEWHERE), (12, OLD), (24, ELSEWHERE), (36, ELSEWHERE)], None),
        ([(0, OTHER), (1, ELSEWHERE), (2, ELSEWHERE), (25, ELSEWHERE)], ELSEWHERE),
        ([(0, ELSEWHERE), (1, ELSEWHERE), (2, ELSEWHERE), (3, ELSEWHERE), (30, ELSEWHERE)], ELSEWHERE),
        ([(30, ELSEWHERE), (1, ELSEWHERE), (20, ELSEWHERE), (24.9, ELSEWHERE)], None),
        ([(0, None), (24, None), (48, None)], None),
    ],
)
def test_polling_11_a_move_counts_after_three_looks_over_a_day(
    targets: list[tuple[float, str | None]], taken: str | None
) -> None:
    """The same target each time; another, or none, starts the count again; so does a clock that was set back."""
    assert moves(targets).location_moved == taken


def test_polling_11_an_address_taken_over_stays_while_it_answers() -> None:
    """It may move on by the same rule; what was counted is cleared."""
    taken = moves([(0, ELSEWHERE), (12, ELSEWHERE), (24, ELSEWHERE)])
    assert (taken.moved_to, taken.moved_since, taken.moved_looks) == (None, None, 0)
    assert after_move(taken, asked=ELSEWHERE, moved_to=None, now=NOW) == taken
    for hours in (30, 40, 54):
        assert taken.location_moved == ELSEWHERE
        taken = after_move(taken, asked=ELSEWHERE, moved_to=OTHER, now=NOW + timedelta(hours=hours))
    assert taken.location_moved == OTHER


@pytest.mark.parametrize(
    "error",
    [
        HttpStatus("no", 404),
        HttpStatus("no", 410),
        Unreachable("no", "dns"),
        Unreachable("no", "tls"),
        Unreachable("no", "refused"),
        NotAFeed("parked", "an HTML page"),
    ],
)
def test_polling_11_a_lost_address_gives_way_to_the_configured_one(error: SourceError) -> None:
    """It is asked as soon as the minimum allows, and the source is not stopped."""
    after = fail(error, known(location_moved=ELSEWHERE, moved_to=OTHER, moved_looks=2, interval=6 * HOUR))
    assert (after.location_moved, after.moved_to, after.moved_looks, after.stopped) == (None, None, 0, False)
    assert 900.0 <= wait(after) <= 990.0
    assert (after.failures, after.error_kind, after.interval) == (1, error.kind, 6 * HOUR)


@pytest.mark.parametrize("error", [HttpStatus("busy", 503), Unreachable("slow", "timeout"), Malformed("bad")])
def test_polling_11_a_passing_fault_does_not_lose_the_address(error: SourceError) -> None:
    assert fail(error, known(location_moved=ELSEWHERE)).location_moved == ELSEWHERE


# --------------------------------------------------------------------------------------------------- hubs and documents


@pytest.mark.parametrize(
    "push_until, last_push, last_new, pause, interval",
    [
        (3 * DAY, -HOUR, -HOUR, 4 * HOUR, DAY),
        (3 * DAY, -23 * HOUR, None, HOUR, DAY),
        (3 * DAY, -25 * HOUR, None, HOUR, 1800.0),
        (3 * DAY, -3.9 * DAY, None, DAY, DAY),
        (3 * DAY, -4.1 * DAY, None, DAY, 8818.2),
        (-1.0, -HOUR, -HOUR, 4 * HOUR, HOUR),
        (None, -HOUR, -HOUR, 4 * HOUR, HOUR),
        (3 * DAY, None, None, 4 * HOUR, HOUR),
        (3 * DAY, -2 * HOUR, -HOUR, 4 * HOUR, HOUR),
        (3 * DAY, HOUR, None, 4 * HOUR, HOUR),
    ],
)
def test_polling_websub_looks_are_rare_only_while_deliveries_arrive(
    push_until: float | None, last_push: float | None, last_new: float | None, pause: float, interval: float
) -> None:
    """The hub has promised, delivered within four usual pauses (a day at least), and no look found what it had not."""

    def at(offset: float | None) -> datetime | None:
        return None if offset is None else NOW + timedelta(seconds=offset)

    before = known(push_until=at(push_until), last_push=at(last_push), last_new=at(last_new), pause=pause, newest=NOW)
    assert succeed(before).interval == pytest.approx(interval, abs=0.1)


def test_polling_websub_what_a_look_finds_first_ends_the_trust_in_a_hub() -> None:
    """Until it delivers again."""
    trusted = known(push_until=NOW + timedelta(days=9), last_push=NOW - timedelta(hours=2), pause=HOUR, newest=NOW)
    assert succeed(trusted).interval == DAY
    doubted = succeed(trusted, dates=every(HOUR), new=True)
    assert doubted.interval == 1800.0
    assert succeed(replace(doubted, last_push=NOW)).interval == DAY


def test_a_folder_is_looked_at_every_minute_or_as_configured() -> None:
    """It costs next to nothing, whatever was found in it last time."""
    looked = after_local_look(known(failures=3, error="x", error_kind="y"), now=NOW, interval=None, new=False)
    assert (wait(looked), looked.interval, looked.failures, looked.error, looked.error_kind) == (60, 60, 0, None, None)
    assert (looked.last_checked, looked.last_success, looked.last_new) == (NOW, NOW, None)
    slow = after_local_look(known(), now=NOW, interval=21600.0, new=True)
    assert (wait(slow), slow.interval, slow.last_new) == (21600, 21600, NOW)


def test_a_folder_that_cannot_be_read_is_looked_at_as_often() -> None:
    """Whoever mends it waits for it."""
    error = UnreadableDocument("no such folder")
    for before in (known(), known(failures=40, interval=60.0, last_success=NOW - timedelta(days=1))):
        after = after_local_look(before, now=NOW, interval=None, new=False, error=error)
        assert (wait(after), after.failures) == (60, before.failures + 1)
        assert (after.error, after.error_kind) == ("no such folder", "unreadable")
        assert after.last_success == before.last_success
