"""How much may wait at the broker: it follows what workers take, and stays small when none is there."""

from __future__ import annotations

from feedsvc.work.backlog import LEAST, MOST, Backlog


def test_what_is_taken_at_once_is_doubled_up_to_a_bound() -> None:
    backlog = Backlog()
    rooms = []
    for _ in range(9):
        room = backlog.room(waiting=0)
        rooms.append(room)
        backlog.handed(room, chunks=room)

    assert rooms == [2, 4, 8, 16, 32, 64, 128, 256, 256]
    assert MOST == 256


def test_where_nobody_takes_anything_nothing_more_is_handed_over() -> None:
    backlog = Backlog()
    room = backlog.room(waiting=0)
    backlog.handed(room, chunks=room)

    assert [backlog.room(waiting=LEAST) for _ in range(3)] == [0, 0, 0]


def test_where_most_of_it_still_waits_it_is_halved() -> None:
    backlog = Backlog()
    for _ in range(4):
        room = backlog.room(waiting=0)
        backlog.handed(room, chunks=room)
    assert backlog.most == 16

    assert backlog.room(waiting=9) == 0
    assert backlog.most == 8
    assert backlog.room(waiting=3) == 5


def test_less_that_was_due_than_there_was_room_for_doubles_nothing() -> None:
    backlog = Backlog()
    backlog.handed(backlog.room(waiting=0), chunks=1)

    assert backlog.room(waiting=0) == LEAST
