"""What a reader asks of a feed: a View, the place in it where a page begins, and the values that can be chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

Content = Literal["full", "excerpt", "none"]

#: Parameter → the kind of value that it chooses by, in the order of the canonical form.
KINDS = {
    "outlet": "outlet",
    "critic": "critic",
    "subject": "subject",
    "type": "type",
    "lang": "language",
    "category": "category",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(?:([1-3])\.)?(-?\d{1,17})\.([a-z0-9]{1,32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A place in a view: right after the review with this position (microseconds since 1970) and key.

    It names the position too, so that it stays where it is when the review is changed or withdrawn. `rank` is how well
    the review matched, from 1, in a view with words.
    """

    position: int
    key: str
    rank: int | None = None

    def __str__(self) -> str:
        """As it stands in an address: "1777623300000000.fullreview000001", "2.1777…" with a rank."""
        return f"{f'{self.rank}.' if self.rank else ''}{self.position}.{self.key}"

    @staticmethod
    def right_after(position: datetime, key: str) -> Cursor:
        """The place right after a review in a view without words."""
        return Cursor(position=_microseconds(position), key=key)

    @staticmethod
    def read(text: str) -> Cursor | None:
        """The cursor that such a text stands for; None where it is none."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        return Cursor(rank=int(found[1]) if found[1] else None, position=int(found[2]), key=found[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value that reviews can be chosen by: its kind, its slug, how it is written, how many reviews have it."""

    kind: str
    slug: str
    label: str
    reviews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is asked of a feed: of each kind any of the slugs, of all kinds each. The empty view is the feed itself.

    `words` are folded, phrases in quotation marks; `min_rating` is on the scale of 0 to 100; `since` is a date, or an
    instant in UTC; `limit` is the size of a page, None: the feed's own. `after` is a Cursor in writing: the page begins
    there, and `page` then only counts.
    """

    outlets: tuple[str, ...] = ()
    critics: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    words: str = ""
    min_rating: float | None = None
    since: date | None = None
    limit: int | None = None
    content: Content = "full"
    page: int = 1
    after: str | None = None

    def chosen(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each parameter by which values are chosen, with the slugs chosen; those with none are left out."""
        values = (self.outlets, self.critics, self.subjects, self.types, self.languages, self.categories)
        return ((name, slugs) for name, slugs in zip(KINDS, values, strict=True) if slugs)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Its parameters in the one canonical form: fixed order, sorted values, nothing that is so by default."""
        found = [(name, slug) for name, slugs in self.chosen() for slug in sorted(set(slugs))]
        others = {
            "q": self.words,
            "min_rating": "" if self.min_rating is None else f"{self.min_rating:g}",
            "since": "" if self.since is None else written(self.since),
            "limit": "" if self.limit is None else str(self.limit),
            "content": "" if self.content == "full" else self.content,
            "page": "" if self.page == 1 else str(self.page),
            "after": self.after or "",
        }
        return (*found, *((name, value) for name, value in others.items() if value))

    def query(self) -> str:
        """Its canonical query string, without "?"; "" for the feed itself."""
        return urlencode(self.pairs(), safe=":")

    def first_page(self) -> View:
        """The view from its beginning."""
        return replace(self, page=1, after=None)

    def selection(self) -> View:
        """What is chosen alone, however it is cut into pages and however much of each review is shown."""
        return replace(self.first_page(), limit=None, content="full")

    def since_microseconds(self) -> int | None:
        """`since` as microseconds since 1970; a date begins at midnight in UTC."""
        if self.since is None:
            return None
        moment = self.since
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        return _microseconds(moment)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def written(since: date) -> str:
    """A date or an instant as the canonical form has it (RFC 3339)."""
    if isinstance(since, datetime):
        return since.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return since.isoformat()
