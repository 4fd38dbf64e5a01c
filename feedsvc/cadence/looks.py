"""A source's state and what a look brought in, its next state out. Pure; durations in seconds, times in UTC.

What stands in the document (validators, body hash, titles, `last_whole`) is the caller's to set beside this.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from feedsvc.cadence import habit
from feedsvc.cadence.asked import LONGEST_WAIT, Cadence, least, past_skips, within
from feedsvc.cadence.moves import is_lost
from feedsvc.cadence.spread import jittered
from feedsvc.errors import HttpStatus, SourceError
from feedsvc.model import Rhythm, SourceState

#: A file or folder is cheap to look at, and whoever drops a document waits for it.
LOCAL_INTERVAL = 60.0
#: After so long a whole document is asked for, in case that a server answers 304 for ever.
WHOLE_AT_LEAST = timedelta(days=14)
#: A hub that delivered nothing for so many usual pauses, and for a day, is not relied on.
SILENT_PAUSES, SILENT_AT_LEAST = 4, 86400.0


def after_success(
    state: SourceState,
    *,
    now: datetime,
    max_age: float | None,
    rhythm: Rhythm | None,
    dates: Sequence[datetime],
    new: bool,
    changed: bool,
    options: Cadence,
    retry_after: float | None = None,
) -> SourceState:
    """The state after a source was read, or said that nothing changed.

    `max_age` and `retry_after` are what the server asked for; `rhythm` what the document says, None where none was read
    (a 304, the same bytes): what is known holds then; `dates` those of its items, in any order. `new`: it brought a new
    item; `changed`: an item was changed. Never sooner than the longest of what was asked, within the bounds; only
    Retry-After and the RSS 2.0 skips push the look beyond `max_interval`.
    """
    pause, newest = (state.pause, state.newest) if rhythm is None else habit.observed(state, dates, now)
    rhythm = state.rhythm if rhythm is None else rhythm
    last_new = now if new else state.last_new
    earliest = least(rhythm, max_age, options)
    if _is_delivered(state, pause, last_new, now):
        interval = options.max_interval
    else:
        interval = habit.wanted(pause, newest, now, options) or _groped(state, new, changed, options)
    interval = min(max(interval, earliest), options.max_interval)
    wait = jittered(interval, earliest, options, state.name, now)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_WAIT))
    return state.but(
        next_check=past_skips(now + timedelta(seconds=wait), rhythm),
        interval=interval,
        rhythm=rhythm,
        pause=pause,
        newest=newest,
        failures=0,
        error=None,
        error_kind=None,
        stopped=False,
        last_checked=now,
        last_success=now,
        last_new=last_new,
    )


def after_failure(state: SourceState, *, now: datetime, error: SourceError, options: Cadence) -> SourceState:
    """The state after a look that failed: all that is known of the document stays.

    The interval doubles up to `max_interval`. Retry-After is kept to the second, up to seven days, but never sooner
    than `min_interval`. 410 stops the source. An address that was taken over and is lost is forgotten instead, so that
    the configured one is asked as soon as may be.
    """
    lost = is_lost(state, error)
    interval = within(state.interval if lost else 2 * within(state.interval, options), options)
    retry_after = error.retry_after if isinstance(error, HttpStatus) else None
    if retry_after is not None:
        next_check = now + timedelta(seconds=max(options.min_interval, min(retry_after, LONGEST_WAIT)))
    else:
        earliest = least(state.rhythm, None, options)
        wait = jittered(earliest if lost else interval, earliest, options, state.name, now)
        next_check = past_skips(now + timedelta(seconds=wait), state.rhythm)
    failed = state.but(
        next_check=next_check,
        interval=interval,
        failures=state.failures + 1,
        error=str(error),
        error_kind=error.kind,
        stopped=not lost and isinstance(error, HttpStatus) and error.status == 410,
        last_checked=now,
    )
    return failed.but(location_moved=None, moved_to=None, moved_since=None, moved_looks=0) if lost else failed


def after_local_look(
    state: SourceState, *, now: datetime, interval: float | None, new: bool, error: SourceError | None = None
) -> SourceState:
    """The state after a look at a local file or folder, read or not: again as configured, else in a minute."""
    interval = interval or LOCAL_INTERVAL
    good = error is None
    return state.but(
        next_check=now + timedelta(seconds=interval),
        interval=interval,
        failures=0 if good else state.failures + 1,
        error=None if good else str(error),
        error_kind=None if error is None else error.kind,
        stopped=False,
        last_checked=now,
        last_success=now if good else state.last_success,
        last_new=now if new else state.last_new,
    )


def may_validate(state: SourceState, now: datetime) -> bool:
    """Whether the validators may be sent: False when no whole document came for 14 days, or none is known to have."""
    return state.last_whole is not None and abs(now - state.last_whole) < WHOLE_AT_LEAST


def _is_delivered(state: SourceState, pause: float | None, last_new: datetime | None, now: datetime) -> bool:
    """Whether a hub delivers what the source publishes, so that looking seldom is enough (W3C WebSub).

    It has promised to (`push_until`), its last delivery is no further back than four usual pauses (a day at least), and
    no look has found anything new since.
    """
    if state.push_until is None or state.last_push is None or not state.last_push <= now < state.push_until:
        return False
    if last_new is not None and last_new > state.last_push:
        return False
    return (now - state.last_push).total_seconds() <= max(SILENT_PAUSES * (pause or 0.0), SILENT_AT_LEAST)


def _groped(state: SourceState, new: bool, changed: bool, options: Cadence) -> float:
    """Without dates: sooner after something new, later after nothing; from the start again after failures."""
    last = options.interval if state.failures or state.interval <= 0 else state.interval
    return last * (0.5 if new else 1.0 if changed else 1.25)
