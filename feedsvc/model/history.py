"""What changed of a feed's reviews, by the numbers of the changes, and the closed parts of its history. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.model.review import Review


@dataclass(frozen=True, slots=True)
class Form:
    """A review as one change stored it; `review` is None where the asker has it already."""

    key: str
    source: str
    change: int
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """That a review got a form. `revised`: since when it is its present one; None: a later form took its place."""

    number: int
    key: str
    revised: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """A closed part of a feed's history: what changed by the numbers after `since` up to `until`."""

    feed: str
    #: "2026-05"
    month: str
    #: Within the month, from 1.
    number: int
    since: int
    until: int

    @property
    def name(self) -> str:
        """As it stands in the addresses of its documents."""
        return f"{self.month}-{self.number}"
