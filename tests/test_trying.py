"""What the log says of a step that fails for a while: its beginning and its end, whatever lies between."""

from __future__ import annotations

import logging

import pytest

from feedsvc.errors import SourceError, StoreError
from feedsvc.trying import Trying

log = logging.getLogger("feedsvc.tried")


def tried(caplog: pytest.LogCaptureFixture, *attempts: Exception | None) -> tuple[list[bool], list[tuple[str, str]]]:
    """What each attempt, which raises that or nothing, came to, and what was said."""

    def step(raised: Exception | None) -> None:
        if raised is not None:
            raise raised

    trying = Trying(log, "drawing")
    went = [trying(lambda raised=raised: step(raised)) for raised in attempts]  # type: ignore[misc]
    return went, [(record.levelname, record.getMessage()) for record in caplog.records]


def test_nothing_is_said_of_what_goes_well(caplog: pytest.LogCaptureFixture) -> None:
    assert tried(caplog, None, None) == ([True, True], [])


def test_a_fault_is_told_once_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    gone = [StoreError("the disk is full: free some") for _ in range(3)]
    assert tried(caplog, *gone, None, None) == (
        [False, False, False, True, True],
        [
            ("ERROR", "drawing is interrupted and tried again: the disk is full: free some"),
            ("WARNING", "drawing goes on"),
        ],
    )


def test_another_fault_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    gone = [StoreError(word) for word in ("is locked", "is gone", "is gone", "is full")]
    _, said = tried(caplog, *gone)
    assert [line.rpartition(": ")[2] for _, line in said] == ["is locked", "is gone", "is full"]


def test_a_fault_that_comes_back_is_told_again(caplog: pytest.LogCaptureFixture) -> None:
    _, said = tried(caplog, StoreError("is locked"), None, StoreError("is locked"))
    assert [level for level, _ in said] == ["ERROR", "WARNING", "ERROR"]


def test_a_bug_is_told_once_whatever_values_its_text_has(caplog: pytest.LogCaptureFixture) -> None:
    _, said = tried(caplog, ValueError("token 1"), ValueError("token 2"), KeyError("token 3"))
    assert [level for level, _ in said] == ["ERROR", "ERROR"]


def test_an_error_that_is_not_for_here_is_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    _, said = tried(caplog, SourceError("no feed"))
    assert said == [("ERROR", "drawing met a bug of feedsvc and is tried again; please report it")]


def test_a_bug_is_told_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    went, said = tried(caplog, ZeroDivisionError("x"), ZeroDivisionError("x"))
    assert went == [False, False]
    assert said == [("ERROR", "drawing met a bug of feedsvc and is tried again; please report it")]
    assert caplog.records[0].exc_info is not None
