"""What one look at one source came to, as it is told to the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.collect.steps import Ended
from feedsvc.errors import SourceError
from feedsvc.reading import Reading
from feedsvc.store import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look at one source brought; `error` is None when it was read.

    `withdrawn` counts new and changed reviews that stay out at somebody's request.
    `kept_out` holds place and reason of each document or item that went into quarantine.
    `pages` is how many pages of the source were asked for, `page_faults` address and reason of each that failed.
    `postponed`: until when its host wants to be left alone, so that it was not asked at all.
    """

    source: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    kept_out: tuple[tuple[str, str], ...] = ()
    pages: int = 0
    page_faults: tuple[tuple[str, str], ...] = ()
    error: SourceError | None = None
    postponed: datetime | None = None


def outcome_of(source: str, recorded: Recorded, ended: Ended) -> Outcome:
    """What is told of a look, and what was recorded of it."""
    reading = ended.reading
    return Outcome(
        source=source,
        new=recorded.new,
        changed=recorded.changed,
        unchanged=recorded.unchanged + (reading.unchanged if reading else 0),
        withdrawn=recorded.withdrawn,
        kept_out=_kept_out(reading) if reading else (),
        pages=ended.pages,
        page_faults=ended.page_faults,
        error=ended.error,
        postponed=ended.postponed,
    )


def _kept_out(reading: Reading) -> tuple[tuple[str, str], ...]:
    items = tuple((entry.place, entry.reason) for entry in reading.quarantined)
    return (*items, *((one.path, one.reason) for one in reading.seen if one.reason is not None))
