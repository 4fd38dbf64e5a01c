"""When a page is asked for again, by what became of it before: pure functions, with moments worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from feedsvc.cadence import Cadence, after_page, after_page_failure, named_again, sooner
from feedsvc.errors import Disallowed, HttpStatus, Unreachable
from feedsvc.model import Page, Rhythm, SourceState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FRESH = Page(url="https://outlet.example/a", seen=NOW, next_check=NOW)
OPTIONS = Cadence(interval=1800, min_interval=900, max_interval=86400)


def read(page: Page, now: datetime, *, changed: bool = False, max_age: float | None = None, once: bool = False) -> Page:
    return after_page(page, now=now, max_age=max_age, changed=changed, once=once)


def wait(page: Page, now: datetime) -> timedelta:
    assert page.next_check is not None
    return page.next_check - now


def test_polling_pages_a_page_that_stays_the_same_is_asked_for_ever_less_often_down_to_once_a_month() -> None:
    page = read(FRESH, NOW, changed=True)
    now, waits = NOW, [wait(page, NOW)]
    for _ in range(40):
        assert page.next_check is not None
        now = page.next_check
        page = read(page, now)
        waits.append(wait(page, now))

    assert DAY <= waits[0] <= 1.1 * DAY
    assert 27 * DAY <= waits[-1] <= 30 * DAY
    assert sum(waits[:10], timedelta()) > 30 * DAY


def test_a_page_that_changes_is_asked_for_oftener_but_not_within_a_day() -> None:
    page = replace(read(FRESH, NOW, changed=True), interval=16 * 86400.0)
    page = read(page, NOW, changed=True)
    assert page.interval == 8 * 86400.0
    for _ in range(6):
        page = read(page, NOW, changed=True)
    assert wait(page, NOW) >= DAY


def test_what_the_server_asks_for_is_kept() -> None:
    page = read(FRESH, NOW, changed=True, max_age=5 * 86400.0)
    assert wait(page, NOW) >= 5 * DAY


def test_the_page_of_an_item_is_read_once() -> None:
    assert read(FRESH, NOW, changed=True, once=True).next_check is None


def test_a_page_that_was_never_read_is_tried_again_soon_and_then_less_often() -> None:
    """Of a source with 15 minutes to a day between two looks; after some failures as seldom as one that was read."""
    page, now, waits = FRESH, NOW, []
    for _ in range(9):
        page = after_page_failure(page, now=now, error=Unreachable("no answer"), options=OPTIONS)
        waits.append(wait(page, now))
        now += waits[-1]

    assert waits[0] <= 33 * MINUTE
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert waits[6] > DAY
    assert (page.failures, page.error, page.error_kind) == (9, "no answer", "unreachable")
    assert read(page, now, changed=True) == replace(
        page,
        read=now,
        failures=0,
        error=None,
        error_kind=None,
        interval=86400.0,
        next_check=read(page, now, changed=True).next_check,
    )


def test_a_page_that_was_read_and_fails_is_tried_again_in_days() -> None:
    page = read(FRESH, NOW, changed=True)
    failed = after_page_failure(page, now=NOW, error=HttpStatus("x", 404), options=OPTIONS)

    assert wait(failed, NOW) > DAY
    assert failed.read == NOW


def test_polling_pages_retry_after_is_kept_and_410_is_the_end() -> None:
    busy = after_page_failure(FRESH, now=NOW, error=HttpStatus("x", 503, retry_after=7200), options=OPTIONS)
    gone = after_page_failure(FRESH, now=NOW, error=HttpStatus("x", 410), options=OPTIONS)

    assert busy.next_check == NOW + 2 * HOUR
    assert gone.next_check is None


def test_a_page_that_is_forbidden_is_thought_of_again() -> None:
    page = after_page_failure(FRESH, now=NOW, error=Disallowed("x"), options=OPTIONS)
    assert (page.error_kind, page.next_check is not None) == ("robots", True)


@pytest.mark.parametrize(
    ("page", "modified", "due"),
    [
        (replace(FRESH, modified="1", read=NOW - DAY, next_check=NOW + DAY), "2", NOW),
        (replace(FRESH, modified="1", read=NOW - HOUR, next_check=NOW + DAY), "2", NOW + 5 * HOUR),
        (replace(FRESH, modified="1", read=NOW - HOUR, next_check=NOW + HOUR), "2", NOW + HOUR),
        (replace(FRESH, modified="1", read=NOW - DAY, next_check=NOW + DAY), "1", NOW + DAY),
        (replace(FRESH, modified="1", read=NOW - DAY, next_check=NOW + DAY), None, NOW + DAY),
        (replace(FRESH, modified="1", read=NOW - DAY, next_check=None), "2", NOW),
        (replace(FRESH, modified="1", next_check=NOW + DAY, failures=3), "2", NOW + DAY),
        (replace(FRESH, modified="1", next_check=None, failures=1), "2", NOW),
    ],
)
def test_polling_pages_a_page_that_is_dated_anew_is_asked_for_but_not_within_six_hours(
    page: Page, modified: str | None, due: datetime
) -> None:
    """One that fails keeps its pause; one that was given up gets another chance."""
    assert named_again(page, modified=modified, now=NOW).next_check == due


def test_a_source_with_pages_left_is_looked_at_as_soon_as_it_may_be() -> None:
    state = SourceState(name="outlet", next_check=NOW + DAY, interval=86400.0)

    def due(max_age: float | None = None, retry_after: float | None = None, rhythm: Rhythm | None = None) -> timedelta:
        known = state.but(rhythm=rhythm or Rhythm())
        return sooner(known, now=NOW, max_age=max_age, retry_after=retry_after, options=OPTIONS).next_check - NOW

    assert 15 * MINUTE <= due() <= 17 * MINUTE
    assert 2 * HOUR <= due(max_age=7200) <= 2.2 * HOUR
    assert due(retry_after=3 * 3600) == 3 * HOUR
    assert due(retry_after=3 * 86400) == DAY
    assert due(rhythm=Rhythm(ttl=4 * 3600)) >= 4 * HOUR
