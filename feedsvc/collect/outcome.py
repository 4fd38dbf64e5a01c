"""What one look at one source came to, as it is told to the operator. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look at one source brought; `error` is None when it was read.

    `withdrawn` counts new and changed reviews that stay out at somebody's request.
    `kept_out` holds place and reason of each document or item that went into quarantine.
    `postponed`: until when its host wants to be left alone, so that it was not asked at all.
    """

    source: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    kept_out: tuple[tuple[str, str], ...] = ()
    error: SourceError | None = None
    postponed: datetime | None = None
