"""The record of a request to take something out. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WithdrawalKind(StrEnum):
    """What somebody may ask to be taken out."""

    REVIEW = "review"
    AUTHOR = "author"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The record of one request: who asked for what, when and why. For the operator alone, never published."""

    number: int
    kind: WithdrawalKind
    #: The review's key, the author's name as the operator wrote it, or the source's name.
    value: str
    reason: str
    requested_by: str
    withdrawn: datetime
    undone: datetime | None = None
    undone_reason: str | None = None
    undone_by: str | None = None
    #: Title of the review that was asked for.
    title: str | None = None
    #: How many stored reviews it took, and from which sources.
    reviews: int = 0
    sources: tuple[str, ...] = ()
