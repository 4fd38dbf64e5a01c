"""Many sources at a time: newcomers, downtime, clocks that jump; no herd, no storm, no silence (POLLING 8 and 12)."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.cadence import Cadence, after_downtime, after_failure, after_step_back, after_success, first_checks
from feedsvc.errors import Unreachable
from feedsvc.model import Rhythm, SourceState

OPTIONS = Cadence(interval=1800.0, min_interval=900.0, max_interval=86400.0)
NOW = datetime(2025, 2, 5, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0


def read(name: str, now: datetime, pause: float = DAY) -> SourceState:
    """A source that published just now, as it does with that pause, after a look."""
    return after_success(
        SourceState(name=name, next_check=now, interval=1800.0),
        now=now,
        max_age=None,
        rhythm=Rhythm(),
        dates=[now - timedelta(seconds=pause * number) for number in range(9)],
        new=True,
        changed=False,
        options=OPTIONS,
    )


def again(state: SourceState, now: datetime) -> SourceState:
    """The state after a 304."""
    return after_success(state, now=now, max_age=None, rhythm=None, dates=(), new=False, changed=False, options=OPTIONS)


# ------------------------------------------------------------------------------------------------------------ newcomers


def test_polling_08_a_few_newcomers_are_looked_at_at_once() -> None:
    """Up to fifty; whoever sets up the service sees something happen."""
    names = [f"outlet-{number}" for number in range(50)]
    assert first_checks(names, NOW, 1800.0) == dict.fromkeys(names, NOW)
    assert first_checks([], NOW, 1800.0) == {}


def test_polling_08_ten_thousand_newcomers_are_spread_over_the_interval() -> None:
    """After the first fifty no minute has noticeably more of them than another, nor of one host's."""
    names = [f"{host}-{number}" for host in ("alpha", "beta") for number in range(5000)]
    checks = first_checks(names, NOW, 1800.0)
    assert list(checks) == names
    offsets = {name: (check - NOW).total_seconds() for name, check in checks.items()}
    assert [name for name in names if offsets[name] == 0] == names[:50]
    assert max(offsets.values()) == pytest.approx(1800.0)
    late = [int(offset // 60) for offset in offsets.values() if 0 < offset < 1800]
    minutes = Counter(late)
    assert set(minutes) == set(range(30))
    assert max(minutes.values()) - min(minutes.values()) <= 2
    one_host = Counter(int(offsets[name] // 60) for name in names[5000:] if offsets[name] < 1800)
    assert set(one_host) == set(range(30))
    assert max(one_host.values()) < 1.3 * 5000 / 30


def test_polling_08_looks_at_many_sources_do_not_line_up() -> None:
    """A thousand sources read at one moment come back over the whole of ±10 % of their interval."""
    interval = 2 * HOUR
    waits = [
        (read(f"outlet-{number}", NOW, 16 * HOUR).next_check - NOW).total_seconds() / interval for number in range(1000)
    ]
    assert all(0.9 <= wait <= 1.1 for wait in waits)
    tenths = Counter(int((wait - 0.9) * 50) for wait in waits)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 150


def test_polling_09_failing_sources_do_not_line_up_either() -> None:
    """A network that was gone for a moment leaves no herd behind."""
    gone = Unreachable("no route", "timeout")
    states = [SourceState(name=f"outlet-{number}", next_check=NOW, interval=HOUR) for number in range(1000)]
    failed = [after_failure(state, now=NOW, error=gone, options=OPTIONS) for state in states]
    tenths = Counter(int(((state.next_check - NOW).total_seconds() / HOUR - 1.8) * 25) for state in failed)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 150


# ------------------------------------------------------------------------------------------------------------- downtime


def test_polling_12_after_a_week_each_is_asked_once_the_most_overdue_first() -> None:
    """1,000 sources that became due during it: in that order, one a second, no minute above 1.5 times the mean."""
    overdue = [(f"outlet-{number}", NOW - timedelta(seconds=(number * 7919) % 604800)) for number in range(1000)]
    checks = after_downtime(overdue, NOW, OPTIONS)
    assert len(checks) == 1000
    assert sorted(checks, key=checks.__getitem__) == [name for name, _ in sorted(overdue, key=lambda due: due[1])]
    minutes = Counter(int((check - NOW).total_seconds() // 60) for check in checks.values())
    assert set(minutes) == set(range(17))
    assert max(minutes.values()) == 60 <= 1.5 * 1000 / 17


def test_polling_12_ten_thousand_take_the_interval() -> None:
    """Half an hour is enough for as many as there may be."""
    overdue = [(f"outlet-{number}", NOW - timedelta(days=1, seconds=number)) for number in range(10_000)]
    checks = after_downtime(overdue, NOW, OPTIONS)
    minutes = Counter(int((check - NOW).total_seconds() // 60) for check in checks.values())
    assert set(minutes) == set(range(30))
    assert max(minutes.values()) - min(minutes.values()) <= 2


@pytest.mark.parametrize("late", [[], [0.0], [1.0, 299.0], [300.0] * 50])
def test_polling_12_a_busy_minute_is_no_downtime(late: list[float]) -> None:
    """Nothing is moved while nobody is more than five minutes late."""
    overdue = [(f"outlet-{number}", NOW - timedelta(seconds=seconds)) for number, seconds in enumerate(late)]
    assert after_downtime(overdue, NOW, OPTIONS) == {}
    longer = [*overdue, ("last", NOW - timedelta(seconds=301))]
    assert set(after_downtime(longer, NOW, OPTIONS)) == {name for name, _ in longer}


@given(st.lists(st.floats(0, 30 * DAY), max_size=200), st.floats(900.0, DAY))
def test_polling_12_nobody_is_forgotten_or_asked_early(late: list[float], interval: float) -> None:
    """All or none are moved, none before now, none by more than the interval, and the order stays."""
    overdue = [(f"outlet-{number}", NOW - timedelta(seconds=seconds)) for number, seconds in enumerate(late)]
    checks = after_downtime(overdue, NOW, Cadence(interval=interval))
    assert set(checks) == ({name for name, _ in overdue} if max(late, default=0.0) > 300.001 else set(checks))
    assert all(NOW <= check <= NOW + timedelta(seconds=interval) for check in checks.values())
    ordered = [due for name, due in sorted(overdue, key=lambda due: checks.get(due[0], NOW))]
    assert not checks or ordered == sorted(ordered)


# ----------------------------------------------------------------------------------------------------------- the clock


def lived(step: float) -> dict[str, list[float]]:
    """Two days of 200 sources whose clock jumps by `step` seconds after one: true seconds of each look, by source."""
    clock, looks = NOW, {f"outlet-{number}": list[float]() for number in range(200)}
    states = {name: read(name, NOW, 4 * HOUR) for name in looks}
    queue = [(state.next_check, name) for name, state in states.items()]
    heapq.heapify(queue)
    end, jumped = NOW + timedelta(days=1), 0.0
    while queue[0][0] < end:
        clock, name = queue[0]
        states[name] = again(states[name], clock)
        looks[name].append((clock - NOW).total_seconds() - jumped)
        heapq.heapreplace(queue, (states[name].next_check, name))
        if queue[0][0] >= end and not jumped:
            clock, jumped = end + timedelta(seconds=step), step
            moved = after_step_back(states.values(), clock)
            overdue = [(name, state.next_check) for name, state in states.items() if state.next_check <= clock]
            moved |= after_downtime(overdue, clock, OPTIONS)
            queue = [(moved.get(name, state.next_check), name) for name, state in states.items()]
            heapq.heapify(queue)
            end = clock + timedelta(days=1)
    return looks


@pytest.mark.parametrize("step", [-DAY, DAY, -HOUR, HOUR, 7 * DAY])
def test_a_clock_that_jumps_makes_no_storm_and_no_silence(step: float) -> None:
    """No source waits longer than its interval allows, nor is asked twice within its minimum.

    But once, after a jump ahead: that cannot be told from a downtime.
    """
    looks = lived(step)
    for moments in looks.values():
        pauses = [later - earlier for earlier, later in pairwise(moments)]
        assert sum(pause < 900.0 - 1 for pause in pauses) <= (1 if step > 0 else 0)
        # The silence since NOW is two days, and the jump's length more by its clock: so long is the longest interval.
        assert max(pauses) <= 1.1 * (900.0 * (2 * DAY + max(step, 0.0))) ** 0.5 + 200
        assert moments[-1] > 2 * DAY - 5 * HOUR - max(0.0, 0.1 * step)
    minutes = Counter(int(moment // 60) for moments in looks.values() for moment in moments if moment > DAY)
    assert max(minutes.values()) <= 61


@given(st.lists(st.tuples(st.floats(-DAY, DAY), st.floats(900.0, 7 * DAY)), max_size=30))
def test_a_clock_set_back_keeps_what_was_asked(looked: list[tuple[float, float]]) -> None:
    """Those looked at in what is the future are moved, by so much that the newest of those looks is now."""
    states = [
        SourceState(
            name=str(number),
            last_checked=NOW + timedelta(seconds=ahead),
            next_check=NOW + timedelta(seconds=ahead + wait),
            interval=wait,
        )
        for number, (ahead, wait) in enumerate(looked)
    ]
    moved = after_step_back(states, NOW)
    step = max((state.last_checked - NOW for state in states if state.last_checked), default=timedelta())
    ahead_of_now = {state.name for state in states if state.last_checked and state.last_checked > NOW}
    assert set(moved) == ahead_of_now
    for state in states:
        if state.name in moved:
            assert moved[state.name] == max(NOW, state.next_check - step)


def test_sources_never_looked_at_are_left_alone_when_a_clock_is_set_back() -> None:
    """They have no look to go by; their first is at most an interval away."""
    assert after_step_back([SourceState(name="new", next_check=NOW + timedelta(hours=1), interval=1.0)], NOW) == {}


def test_a_next_state_names_fields_alone() -> None:
    """A slip of the pen is an error, not a value that nobody stores."""
    state = SourceState(name="outlet", next_check=NOW, interval=1.0)
    assert state.but(failures=2) == SourceState(name="outlet", next_check=NOW, interval=1.0, failures=2)
    assert state.failures == 0
    with pytest.raises(TypeError, match="failure"):
        state.but(failure=2)
