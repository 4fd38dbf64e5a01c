"""What we promise: a review whose attribution is never optional, and the values it is made of. No rules."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import StrEnum

from msgspec import field

from feedsvc.model.claims import Category, Citation, Credit, Enclosure, Person, Subject
from feedsvc.model.settings import Outlet, Republish
from feedsvc.model.value import Value


class Provenance(StrEnum):
    """Where an attribution field comes from."""

    STATED = "stated"
    INHERITED = "inherited"
    #: The feed left it open, and the review's own page states it.
    PAGE = "page"
    CONFIGURED = "configured"
    INFERRED = "inferred"


class LicenceState(StrEnum):
    """IDENTIFIED: name, url and SPDX id are known. UNSPECIFIED: one is named, not which. UNKNOWN: nothing said."""

    IDENTIFIED = "identified"
    UNSPECIFIED = "unspecified"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence, judged. Never guessed: a licence that is named without a version stays UNSPECIFIED.

    `spdx` is None where SPDX lists no such licence. An UNKNOWN one may be called "All rights reserved".
    """

    state: LicenceState = LicenceState.UNKNOWN
    name: str | None = None
    url: str | None = None
    spdx: str | None = None
    #: Where it was found, in words: "the item's rights statement". Two licences found in two places are the same.
    found_in: str | None = dataclasses.field(default=None, compare=False)


class OptOut(Value, frozen=True, kw_only=True):
    """An outlet's word against being republished, as it stands in the source; or only in feeds that earn something."""

    statement: str
    commercial_only: bool = False


class Prose(Value, frozen=True, kw_only=True):
    """One piece of writing twice: sanitised HTML with absolute addresses, and plain text."""

    html: str
    text: str


class Image(Value, frozen=True, kw_only=True):
    """An image of a review with everything said of it; its credits are its own, never the review's."""

    url: str
    type: str | None = None
    width: int | None = None
    height: int | None = None
    length: int | None = None
    alt: str | None = None
    credits: tuple[Credit, ...] = ()
    licence: Licence = field(default_factory=Licence)
    rights: str | None = None
    terms_url: str | None = None


class Rating(Value, frozen=True, kw_only=True):
    """A rating, verbatim in `text`; numbers where they were stated; `percent` (0–100) only where the scale is sure."""

    text: str
    value: float | None = None
    best: float | None = None
    worst: float | None = None
    percent: float | None = None


class Also(Value, frozen=True, kw_only=True):
    """Another place that the same review was published.

    `key` and `source` are set where it is stored here too: the key of that copy, and the name of the source it is from.
    """

    url: str
    outlet: str | None = None
    collected: datetime | None = None
    key: str | None = None
    source: str | None = None
    #: Whether the address is that carrier's home, since it has no other one for the review.
    home: bool = False


class Review(Value, frozen=True, kw_only=True):
    """One review as we promise it. Dates are UTC; a date that the source did not state is None, never ours."""

    #: 16 letters and digits, made from the source's name and the item's identity in it: its page's address here.
    key: str
    #: Name of the configured source that we got it from.
    source: str
    #: The id subscribers see: the source's own where usable, else a minted tag: URI. Never changes once stored.
    id: str
    id_generated: bool = False
    url: str | None = None
    title: str
    summary: Prose | None = None
    content: Prose | None = None
    #: At most 200 characters of the text, cut at a sentence or a word.
    excerpt: Prose | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    outlet: Outlet
    via: Outlet | None = None
    cited: tuple[Citation, ...] = ()
    rights: str | None = None
    rights_holder: str | None = None
    licence: Licence = field(default_factory=Licence)
    #: Set where the outlet asks not to be republished: whatever the licence, no more than a link.
    opt_out: OptOut | None = None
    images: tuple[Image, ...] = ()
    credits: tuple[Credit, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[Category, ...] = ()
    subject: Subject | None = None
    rating: Rating | None = None
    verdict: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    #: When we first saw it.
    collected: datetime
    #: When we last saw it changed; equals `collected` until then.
    revised: datetime
    language: str | None = None
    also: tuple[Also, ...] = ()
    republish: Republish = Republish.AUTO
    #: For each attribution field ("authors", "outlet", "licence", "rights", "published", …): where it comes from.
    provenance: dict[str, Provenance] = field(default_factory=dict)
    #: For those fields that are inferred: from what, in words ("the headline's convention “X review”").
    inferred_from: dict[str, str] = field(default_factory=dict)

    @property
    def position(self) -> datetime:
        """Where it stands in a feed: its date, else its update's; a date in the future never pins it on top."""
        return min(self.published or self.updated or self.collected, self.collected)
