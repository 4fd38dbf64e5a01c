"""What unfinished bodies may hold together: a few large ones at a time, the others wait, and their time stands by."""

from __future__ import annotations

import gzip
import select
import socket
import threading

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch import Request, fetch_all
from feedsvc.fetch.clocks import Clocks
from feedsvc.fetch.room import ALL_LARGE, ALL_SMALL, SMALL, Room
from feedsvc.model import Limits
from tests.fetching import limited, peak_of_fetching
from tests.origin import Origin

MEGABYTE = 1024 * 1024


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 200_000)), max_size=400))
def test_what_is_held_never_passes_the_bound_and_nobody_waits_for_ever(chunks: list[tuple[int, int]]) -> None:
    """Bodies of at most 10 MB, read in any order: 64 MB together; whoever waits gets a place when one is left."""
    largest = 10 * MEGABYTE
    room: Room[int] = Room(largest)
    held: dict[int, int] = {}
    waiting: list[int] = []
    for reader, size in chunks:
        size = min(size * 50, largest - held.get(reader, 0))
        if reader not in waiting:
            if room.admit(reader, size):
                held[reader] = held.get(reader, 0) + size
            else:
                waiting.append(reader)
        assert sum(held.values()) <= ALL_SMALL + ALL_LARGE
        assert all(size <= SMALL or room.placed(reader) for reader, size in held.items())
    for reader in [reader for reader in held if reader not in waiting]:
        room.leave(reader)
    served: list[int] = []
    while (next_reader := room.freed()) is not None:
        served.append(next_reader)
        room.leave(next_reader)
    assert served == waiting


def test_the_bound_is_64_megabytes() -> None:
    """Half a hundred bodies of 1 MB and four of 10 MB would be more."""
    assert ALL_SMALL + ALL_LARGE == 64 * MEGABYTE
    room: Room[int] = Room(10 * MEGABYTE)
    assert [room.admit(reader, 2 * MEGABYTE) for reader in range(6)] == [True] * 4 + [False] * 2
    assert [room.admit(reader, MEGABYTE) for reader in range(10, 35)] == [True] * 24 + [False]


def test_a_body_that_waits_for_room_does_not_grow_late() -> None:
    """Paused from second 1 to 100 of a transfer that may take 60: it has 59 seconds left after."""
    clocks = Clocks(Limits(total_timeout=60.0))
    clocks.depart(0.0)
    clocks.pause(1.0)
    clocks.pause(50.0)
    assert clocks.late(99.0, 0, True) is None
    clocks.resume(100.0)
    assert clocks.late(101.0, 0, True) is None
    assert clocks.late(115.0, 0, True) == "0 bytes in 15 seconds is too slow ([limits] slow_bytes, slow_seconds)"
    assert clocks.late(158.9, 10**9, True) is None
    assert clocks.late(159.0, 10**9, True) == "no whole answer within 60 seconds ([limits] total_timeout)"


def test_a_large_body_waits_until_the_one_before_it_is_done() -> None:
    """Only one body of 40 MB finds room: the second is asked for, paused, and read to its end after the first.

    The kernel keeps at most 4 MB that a server sends, and of what is not read yet a few times what was read before:
    a server that has sent 20 MB knows that the collector holds more than a small body of it.
    """
    begun, stuck = threading.Event(), threading.Event()
    whole, much = 24 * MEGABYTE, 20 * MEGABYTE
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % whole

    def first(connection: socket.socket) -> None:
        connection.sendall(head + b"1" * much)
        begun.set()
        stuck.wait(20)
        connection.sendall(b"1" * (whole - much))

    def second(connection: socket.socket) -> None:
        begun.wait(20)
        connection.sendall(head)
        left = memoryview(b"2" * whole)
        while left and select.select([], [connection], [], 0.5)[1]:
            left = left[connection.send(left[:MEGABYTE]) :]
        stuck.set()
        connection.sendall(left)

    with Origin() as one, Origin("127.0.0.2") as other:
        requests = [Request("first", one.write("/feed", first)), Request("second", other.write("/feed", second))]
        answers = {request.name: answer for request, answer in fetch_all(requests, limited(max_body=40 * MEGABYTE))}
    assert list(answers) == ["first", "second"]
    assert answers["first"].body == b"1" * whole  # type: ignore[union-attr]
    assert answers["second"].body == b"2" * whole  # type: ignore[union-attr]


def test_many_large_bodies_at_once_hold_no_more_than_the_bound() -> None:
    """40 bodies of 9 MB, all asked for at the same time: 360 MB pass through, what is held stays below 64 MB and two
    bodies that are just being put together and given out.
    """
    with Origin() as origin:
        url = origin.answer("/feed", body=b"x" * (9 * MEGABYTE))
        outcomes, peak = peak_of_fetching([url] * 40)
    assert outcomes == {"Fetched": 40}
    assert peak < (64 + 3 * 9 + 16) * MEGABYTE


def test_many_bodies_that_expand_hold_no_more_than_what_was_sent() -> None:
    """60 answers of 10 KB that become 9 MB each: they are expanded one by one, and given out in small batches."""
    with Origin() as origin:
        packed = gzip.compress(bytes(9 * MEGABYTE))
        url = origin.answer("/feed", 200, {"Content-Encoding": "gzip"}, packed)
        outcomes, peak = peak_of_fetching([url] * 60)
    assert outcomes == {"Fetched": 60}
    assert peak < 64 * MEGABYTE
