"""How complete the attribution of some reviews is. No rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """What the attribution of a review should hold, in the order in which it is reported."""

    CRITIC = "critic"
    OUTLET = "outlet"
    PERMALINK = "permalink"
    DATE = "date"
    LICENCE = "licence"
    IMAGES = "images"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A review with what its attribution lacks."""

    key: str
    title: str
    url: str | None
    missing: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How complete the attribution of some reviews is. Shares are 0–1, and 1 where there is nothing to lack."""

    reviews: int = 0
    #: Reviews that lack nothing.
    whole: int = 0
    #: For each mark: how many reviews have it.
    present: dict[Mark, int] = field(default_factory=dict)
    images: int = 0
    images_credited: int = 0
    #: Reviews that name a licence which cannot be identified.
    licences_unspecified: int = 0
    #: The reviews that lack most, worst first.
    worst: tuple[Lacking, ...] = ()

    def share(self, mark: Mark) -> float:
        """Share of the reviews that have a mark."""
        return self.present.get(mark, 0) / self.reviews if self.reviews else 1.0

    @property
    def overall(self) -> float:
        """Share of all marks that are there."""
        return sum(self.share(mark) for mark in Mark) / len(Mark)
