"""What is known of a page and what asking for it brought, in; what is known of it next out. Pure; durations in seconds.

A review page seldom changes once it is there, so after each look that finds it unchanged the next is further off, from
a day to thirty. A page that was never read is tried again as a source is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.cadence.asked import Cadence, least, past_skips
from feedsvc.cadence.looks import after_failure, after_success
from feedsvc.cadence.spread import jittered
from feedsvc.errors import HttpStatus, SourceError
from feedsvc.model import Page, SourceState

DAY = 86400.0
#: After so many failures a page that was never read is asked for no oftener than one that was.
PATIENT = 5
#: A page that is said to have changed is asked for so many seconds after it was read, at the soonest: some sitemaps say
#: so of every page at every look.
SOONEST = 6 * 3600.0
#: How often a page is looked at that was read before.
AGAIN = Cadence(interval=DAY, min_interval=DAY, max_interval=30 * DAY)


def after_page(
    page: Page, *, now: datetime, max_age: float | None, changed: bool, once: bool, retry_after: float | None = None
) -> Page:
    """The page after it was read, or said that nothing changed; `once`: it is not asked for again by itself."""
    state = after_success(
        _as_state(page, known=page.read is not None),
        now=now,
        max_age=max_age,
        retry_after=retry_after,
        rhythm=None,
        dates=(),
        new=changed and page.read is not None,
        changed=changed,
        options=AGAIN,
    )
    return replace(
        page,
        next_check=None if once else state.next_check,
        interval=state.interval,
        read=now,
        failures=0,
        error=None,
        error_kind=None,
    )


def after_page_failure(page: Page, *, now: datetime, error: SourceError, options: Cadence) -> Page:
    """The page after an attempt that failed; `options` are its source's. 410 ends it: its review stays as it is."""
    known = AGAIN if page.read or page.failures >= PATIENT else options
    state = after_failure(_as_state(page, known=True), now=now, error=error, options=known)
    gone = isinstance(error, HttpStatus) and error.status == 410
    return replace(
        page,
        next_check=None if gone else state.next_check,
        interval=state.interval,
        failures=page.failures + 1,
        error=str(error),
        error_kind=error.kind,
    )


def named_again(page: Page, *, modified: str | None, now: datetime) -> Page:
    """The page after a document named it once more; a date of change other than before has it asked for again."""
    if modified is None or modified == page.modified:
        return page
    soonest = now if page.read is None else max(now, page.read + timedelta(seconds=SOONEST))
    if page.failures and page.next_check is not None:
        soonest = page.next_check
    due = soonest if page.next_check is None else min(page.next_check, soonest)
    return replace(page, modified=modified, next_check=due)


def sooner(
    state: SourceState, *, now: datetime, max_age: float | None, retry_after: float | None, options: Cadence
) -> SourceState:
    """A source of which pages are still waiting is looked at again as soon as what was asked of us allows."""
    earliest = least(state.rhythm, max_age, options)
    wait = max(jittered(earliest, earliest, options, state.name, now), retry_after or 0.0)
    moment = past_skips(now + timedelta(seconds=wait), state.rhythm)
    return state.but(next_check=min(state.next_check, moment))


def _as_state(page: Page, *, known: bool) -> SourceState:
    """A page as the rules for sources see it; where nothing of it is known, its first interval is the rules' own."""
    moment = page.next_check or page.seen
    return SourceState(
        name=page.url, next_check=moment, interval=page.interval if known else 0.0, failures=page.failures
    )
