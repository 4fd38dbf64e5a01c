"""A work that reviews of several sources are about: how it is stated, what it is called here, how critics rate it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from feedsvc.model.claims import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClaim:
    """One way in which reviews state a work; those that state it alike are of one work.

    `identifiers` are only those that a known register gives, each in one form ("imdb:tt0000123"), sorted. `apart` is
    the number of the operator's decision by which it stands for itself; 0: the rules alone decide.
    """

    name: str
    type: str | None = None
    year: int | None = None
    identifiers: tuple[str, ...] = ()
    apart: int = 0


class Joining(NamedTuple):
    """The rules by which claims become works."""

    #: What a subject claims.
    claim: Callable[[Subject], WorkClaim]
    #: What a claim may share with another of the same work: claims that share none are never compared.
    tokens: Callable[[WorkClaim], tuple[str, ...]]
    #: Claims, and lists of their indices that an operator wants together; out come the indices of each work's claims.
    groups: Callable[[Sequence[WorkClaim], Sequence[Sequence[int]]], list[list[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A work as it stands here: `slug` is its address and stays; `label` is how it is written, with its year."""

    slug: str
    name: str
    type: str | None = None
    year: int | None = None
    identifiers: tuple[str, ...] = ()
    #: Every name and year under which reviews state it, as they stand there.
    names: tuple[str, ...] = ()
    reviews: int = 0

    @property
    def label(self) -> str:
        """Its name, with the year where that is known."""
        return labelled(self.name, self.year)


def labelled(name: str, year: int | None) -> str:
    """A name with its year in brackets, where that is known."""
    return name if year is None else f"{name} ({year})"


class DecisionKind(StrEnum):
    """What an operator decided of works."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An operator's word on which reviews are of one work; it holds against the rules until it is undone."""

    number: int
    kind: DecisionKind
    #: What was decided, in words: "ballerina with ballerina-2025".
    words: str
    made: datetime
    undone: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticRating:
    """What one critic gave, in their own scale; `percent` (0–100) only where that scale is sure."""

    critic: str
    outlet: str
    #: The original, else its page here.
    url: str
    text: str
    value: float | None = None
    best: float | None = None
    worst: float | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSpread:
    """How far ratings lie apart on the common scale (0–100): three ratings that were given, and no average."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDigest:
    """What critics together say of a work, as far as can be known: `spread` is None below three sure ratings.

    `ratings` holds each critic's newest, the highest on a sure scale first, then those whose scale is not sure.
    """

    critics: int
    reviews: int
    ratings: tuple[CriticRating, ...] = ()
    spread: RatingSpread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSummary:
    """A work with its digest, for the head of its own feed."""

    subject: Subject
    slug: str
    digest: SubjectDigest
