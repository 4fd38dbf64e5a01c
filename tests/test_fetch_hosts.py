"""Places at hosts: so many at once, a gap after each, nothing lost and nothing forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch.hosts import HostQueue


def test_polling_05_a_place_is_free_again_only_after_the_gap() -> None:
    """Two places at one host, a gap of five seconds; the other host is not kept waiting."""
    queue: HostQueue[str] = HostQueue(at_once=2, gap=5.0)
    for work in ("a1", "a2", "a3", "a4"):
        queue.put("a.example", work)
    queue.put("b.example", "b1")
    assert [queue.take(0.0) for _ in range(4)] == ["a1", "a2", "b1", None]
    queue.release("a.example", 10.0)
    assert queue.next_free() == 15.0
    assert queue.take(14.9) is None
    assert len(queue) == 2
    assert queue.take(15.0) == "a3"
    assert queue.take(99.0) is None


def test_a_place_that_was_not_used_is_free_at_once() -> None:
    """Nobody was asked, so there is no gap; the next in line has it."""
    queue: HostQueue[str] = HostQueue(at_once=1, gap=5.0)
    for work in ("a1", "a2"):
        queue.put("a.example", work)
    assert queue.take(0.0) == "a1"
    queue.give_back("a.example")
    assert queue.take(0.0) == "a2"


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 3), st.floats(0, 3))
def test_everything_put_in_comes_out_once_and_never_too_many_at_once(
    hosts: list[str], at_once: int, gap: float
) -> None:
    """Whatever the order, each piece of work is done, with at most so many places of a host taken."""
    queue: HostQueue[tuple[int, str]] = HostQueue(at_once, gap)
    for work in enumerate(hosts):
        queue.put(work[1], work)
    now = 0.0
    done: list[tuple[int, str]] = []
    working: list[tuple[int, str]] = []
    while len(queue) or working:
        while (taken := queue.take(now)) is not None:
            working.append(taken)
            assert sum(host == taken[1] for _, host in working) <= at_once
        if working:
            done.append(working.pop(0))
            queue.release(done[-1][1], now)
        else:
            free = queue.next_free()
            assert free is not None
            now = free
    assert sorted(done) == list(enumerate(hosts))
