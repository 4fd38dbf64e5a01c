"""What stands round the reviews of a page: filters, the search form, paging, addresses. Values alone, no rules.

Every `path` begins with "/" and knows nothing of where the site stands; the templates put the site's root before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Entry, Feed, Place

#: Cards on one page: as many as keep it below 60 KB.
PER_PAGE = 20
#: Values of one kind that are listed beside the cards.
MOST_FILTERS = 6
#: Rows on one page of outlets or sources.
ROWS_PER_PAGE = 60
#: Sources on one page of lint, each with a row of figures and what to tell its partner.
TOLD_PER_PAGE = 8
#: Critics whose ratings are listed beside the reviews of a work.
MOST_GIVEN = 24
#: Documents kept out that are listed.
MOST_KEPT_OUT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One value that a view can be narrowed to. `path`: the view with it, or without it where it is `active`."""

    label: str
    path: str
    #: How many reviews of the feed have it; None where that is not known.
    count: int | None = None
    active: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterGroup:
    """The values of one kind: "outlet", "critic", "subject", "type", "language" or "category"."""

    kind: str
    filters: tuple[Filter, ...]
    #: How many further values there are.
    unlisted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One active filter: its parameter ("outlet", "q", "min_rating", …), its value, and the view without it."""

    kind: str
    label: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchForm:
    """What the search form starts with; it sends q, min_rating and type by GET to `action`."""

    action: str
    words: str = ""
    #: 0–100.
    min_rating: float | None = None
    #: Slug and label of each type of work that can be chosen.
    types: tuple[tuple[str, str], ...] = ()
    type: str = ""
    #: Names and values of the view's other parameters, which the form carries along.
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Browse:
    """Everything round the cards of one page of a view."""

    form: SearchForm
    #: Reviews in the view, over all of its pages.
    total: int
    #: The number of the first card here, from 1.
    first: int = 1
    groups: tuple[FilterGroup, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    #: The view with nothing chosen.
    plain: str = ""
    newer: str | None = None
    older: str | None = None
    #: The view without its page: what there is to subscribe to. None: the document's own place.
    subscribe: Place | None = None
    #: The feed's newest archive.
    archive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCard:
    """A feed as the home page shows it: how many reviews stand in it, and when the newest is from."""

    feed: Feed
    count: int
    latest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """An outlet in the list of all: its page here, how many of its reviews are published, under which licences."""

    name: str
    path: str
    reviews: int
    latest: datetime | None = None
    home: str | None = None
    licences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What other critics wrote on the work of a review: the newest of them, and how many reviews of it there are."""

    entries: tuple[Entry, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Where one page of a list stands in it, and the ways to those beside it."""

    total: int
    #: The number of the first row here, from 1.
    first: int = 1
    newer: str | None = None
    older: str | None = None


def numbered(path: str, page: int) -> str:
    """The address of a page of a list."""
    return path if page == 1 else f"{path}?page={page}"


def paged(path: str, total: int, page: int, size: int) -> Paging:
    """The paging of a list of `total` rows, of which the page of that number shows `size`, at a path."""
    newer = numbered(path, page - 1) if page > 1 else None
    older = numbered(path, page + 1) if page * size < total else None
    return Paging(total=total, first=(page - 1) * size + 1, newer=newer, older=older)
