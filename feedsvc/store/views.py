"""A view of some sources in; its reviews in order, how many there are, and what can be chosen, out.

Reviews that were withdrawn since the index last moved are left out of every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    desc,
    exists,
    func,
    select,
    tuple_,
    union,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from feedsvc.model import Cursor, FacetValue, Joining, Review, View
from feedsvc.model.stored import decode
from feedsvc.store import changes, facets, search
from feedsvc.store.asked import GONE, Asked, asked_of, kinds_of, one_of, sources_among
from feedsvc.store.database import Database
from feedsvc.store.facets import Shown
from feedsvc.store.retrying import retried
from feedsvc.store.schema import facet, listed, review, review_facet, tally
from feedsvc.store.sources import Numbers
from feedsvc.store.standing import behind, standing
from feedsvc.store.statements import among, portions

#: A feed of more sources is not asked for by their marks: whose reviews they are is looked up after the words.
MARKED_SOURCES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a view; `following`: where the next one begins, None where there is none.

    `changes` holds for each review the number of the change by which it is as it is.
    """

    reviews: tuple[Review, ...]
    changes: tuple[int, ...] = ()
    following: Cursor | None = None


class Place(NamedTuple):
    """Where a review stands among those of a view: sorted, these are in the view's order."""

    rank: int
    before: int
    key: str
    row: int

    def cursor(self) -> Cursor:
        """The place right after it."""
        return Cursor(position=-self.before, key=self.key, rank=self.rank or None)


@retried
class Views:
    """The index of the reviews, and what can be asked of it. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = Numbers()

    def _ids(self, connection: Connection, names: Sequence[str]) -> frozenset[int]:
        """The numbers of the named sources that the store knows."""
        return self._numbers.of(connection, names)

    def index(self, limit: int, shown: Shown, joining: Joining, rules: bytes = b"") -> int:
        """Notes at most `limit` reviews that changed, and says how many; 0 when all are noted.

        Only what `shown` leaves of a review is noted. `joining` decides which of them are of one work; where that
        changes, the others of these works are noted again too.

        With other `rules` than before it begins anew, and what was noted under the old ones stands until it is
        replaced. Where another process is quicker, nothing is done: 0.
        """
        return facets.index(self._database, limit, shown, joining, rules)

    def state(self) -> tuple[int, int]:
        """The number of the newest change, and that of the last one noted: equal when all are."""
        with self._database.read() as connection:
            # In this order: what changes between the two makes the index seem behind, never complete.
            reached = facets.progress(connection).change
            return changes.last(connection), reached

    def page(
        self, view: View, sources: Sequence[str], limit: int, after: Cursor | None = None, offset: int = 0
    ) -> Page:
        """The next `limit` reviews of a view: the newest first, or with words the best first; see search."""
        with self._database.read() as connection:
            asked = asked_of(connection, view, self._ids(connection, sources))
            places = [] if asked is None else _places(connection, asked, limit + 1, after, offset)
            found = _reviews(connection, [place.row for place in places[:limit]])
        more = len(places) > limit and limit > 0
        return Page(
            reviews=tuple(review for review, _ in found),
            changes=tuple(change for _, change in found),
            following=places[limit - 1].cursor() if more else None,
        )

    def reviews(
        self, view: View, sources: Sequence[str], limit: int, after: Cursor | None = None, offset: int = 0
    ) -> list[Review]:
        """The reviews of `page` alone."""
        return list(self.page(view, sources, limit, after, offset).reviews)

    def count(self, view: View, sources: Sequence[str]) -> int:
        """How many reviews stand in a view over all of its pages; with words 2,000 are counted at most."""
        with self._database.read() as connection:
            asked = asked_of(connection, view, self._ids(connection, sources))
            return 0 if asked is None else _count(connection, asked)

    def values(self, kind: str, sources: Sequence[str], limit: int) -> list[FacetValue]:
        """The values of a kind in the reviews of these sources, those with the most reviews first, then by label."""
        with self._database.read() as connection:
            return _values(connection, kind, sources_among(connection, self._ids(connection, sources)), limit)

    def value_count(self, kind: str, sources: Sequence[str]) -> int:
        """How many values of a kind there are in the reviews of these sources."""
        with self._database.read() as connection:
            having = _having(kind, sources_among(connection, self._ids(connection, sources))).subquery()
            return connection.execute(select(func.count()).select_from(having)).scalar_one()

    def labels(self, kind: str, slugs: Sequence[str], sources: Sequence[str]) -> dict[str, str]:
        """How values are written, by slug; those that no review of these sources ever had are left out."""
        with self._database.read() as connection:
            kinds, ids = kinds_of(kind), self._ids(connection, sources)
            # For each value its rows are looked up; as a list they would be read for all values there are.
            here = exists().where(tally.c.facet_id == facet.c.id, one_of(tally.c.source_id, ids))
            found: dict[str, str] = {}
            for portion in portions(slugs):
                asked = facet.c.kind.in_(kinds), facet.c.slug.in_(portion), here
                rows = select(facet.c.slug, facet.c.label).where(*asked)
                found |= {row.slug: row.label for row in connection.execute(rows.order_by(facet.c.kind.desc()))}
            return found

    def revised(self, sources: Sequence[str]) -> datetime | None:
        """When a review of these sources was last new or changed, of those noted; None where there is none."""
        with self._database.read() as connection:
            ids = self._ids(connection, sources)
            newest = select(func.max(listed.c.revised)).where(one_of(listed.c.source_id, ids))
            found: datetime | None = connection.execute(newest).scalar_one()
            return found

    def cursor(self, key: str) -> Cursor | None:
        """The place right after a review, withdrawn or not; None where there is no such review."""
        with self._database.read() as connection:
            position = connection.execute(select(review.c.position).where(review.c.key == key)).scalar_one_or_none()
            return None if position is None else Cursor.right_after(position, key)


# ------------------------------------------------------------------------------------------------------- what is found


def _places(connection: Connection, asked: Asked, limit: int, after: Cursor | None, offset: int) -> Sequence[Place]:
    if not asked.words:
        rows = connection.execute(_in_order(asked, limit, after, offset))
        return [Place(0, before, key, row) for before, key, row in rows]
    places: list[Place] = []
    seen: set[int] = set()
    first = after.rank or 1 if after else 1
    for rank in range(1, search.RANKS + 1):
        if len(places) >= offset + limit:
            break
        # What holds the words in the parts of a better rank does so here too.
        new = [row for row in search.holding(connection, asked.words, rank, _marked(asked)) if row not in seen]
        seen.update(new)
        found = sorted(_of_rank(connection, asked, rank, new)) if new else []
        if rank == first and after:
            found = [row for row in found if row[1:3] > (-after.position, after.key)]
        places += found if rank >= first else []
    return places[offset : offset + limit]


def _in_order(asked: Asked, limit: int, after: Cursor | None, offset: int) -> Select[Any]:
    """Rows in the order of a feed, read from the index that stands in it: of the rarest values, or of all reviews."""
    here = standing(listed.c.review_id, asked.sources)
    if not asked.kinds:
        chosen = select(listed.c.before, listed.c.key, listed.c.review_id).where(*asked.conditions, here)
        return _cut(chosen, listed.c, limit, after, offset)
    rarest, *others = asked.kinds
    conditions = [*asked.conditions, here, *(_has(numbers) for numbers in others)]
    columns = (review_facet.c.before, review_facet.c.key, review_facet.c.review_id)
    having = select(*columns).join(listed, listed.c.review_id == review_facet.c.review_id).where(*conditions)
    each = [
        _cut(having.where(review_facet.c.facet_id == number), review_facet.c, limit + offset, after, 0).subquery()
        for number in rarest
    ]
    # A review that has two of the values stands there once.
    both = union(*(select(one) for one in each)).subquery()
    return select(both).order_by(both.c.before, both.c.key).limit(limit).offset(offset)


def _cut(
    chosen: Select[Any],
    columns: ReadOnlyColumnCollection[str, Column[Any]],
    limit: int,
    after: Cursor | None,
    offset: int,
) -> Select[Any]:
    if after is not None:
        chosen = chosen.where(tuple_(columns.before, columns.key) > tuple_(-after.position, after.key))
    return chosen.order_by(columns.before, columns.key).limit(limit).offset(offset)


_other = review_facet.alias()
_HAS = exists().where(_other.c.before == listed.c.before, _other.c.key == listed.c.key)


def _has(numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a listed review has one of these values."""
    return _HAS.where(_other.c.facet_id.in_(numbers))


def _of_rank(connection: Connection, asked: Asked, rank: int, rows: Sequence[int]) -> Iterator[Place]:
    """Which of these rows, that hold the words, stand in the view; in no order."""
    columns = listed.c.before, listed.c.key, listed.c.review_id
    found = connection.execute(select(*columns).where(*_shown(connection, asked, rows)))
    return (Place(rank, before, key, row) for before, key, row in found)


def _shown(connection: Connection, asked: Asked, rows: Sequence[int]) -> Iterable[ColumnElement[bool]]:
    here = standing(listed.c.review_id, asked.sources)
    return among(connection.dialect, listed.c.review_id, rows), *asked.conditions, here


def _marked(asked: Asked) -> list[list[str]]:
    marked = [[f"f{number}" for number in numbers] for numbers in asked.kinds]
    if asked.sources is not None and len(asked.sources) <= MARKED_SOURCES:
        marked.append([f"s{number}" for number in asked.sources])
    return marked


def _reviews(connection: Connection, rows: Sequence[int]) -> list[tuple[Review, int]]:
    """The reviews of these rows with their changes, in the same order."""
    found: dict[int, tuple[str, int]] = {}
    for portion in portions(rows):
        published = review.c.id.in_(portion), review.c.withdrawn.is_(None)
        for row in connection.execute(select(review.c.id, review.c.document, review.c.change).where(*published)):
            found[row.id] = row.document, row.change
    return [(decode(found[row][0]), found[row][1]) for row in rows if row in found]


def _count(connection: Connection, asked: Asked) -> int:
    # Of all reviews, looked up one by one, it would cost more than to leave out a list of those behind others.
    conditions = [*asked.conditions, listed.c.review_id.not_in(behind(asked.sources))]
    if asked.words:
        rows = search.holding(connection, asked.words, search.RANKS, _marked(asked))
        counted = select(func.count()).select_from(listed).where(*_shown(connection, asked, rows))
    elif not asked.kinds:
        counted = select(func.count()).select_from(listed).where(*conditions)
    else:
        rarest, *others = asked.kinds
        counted = (
            select(func.count(review_facet.c.review_id.distinct()))
            .join_from(review_facet, listed, listed.c.review_id == review_facet.c.review_id)
            .where(review_facet.c.facet_id.in_(rarest), *conditions, *(_has(numbers) for numbers in others))
        )
    total: int = connection.execute(counted).scalar_one()
    return total


def _having(kind: str, sources: Sequence[int] | None) -> Select[Any]:
    """Number, slug, label and number of reviews of the values of a kind."""
    if sources is None:
        columns = (facet.c.id, facet.c.slug, facet.c.label, facet.c.reviews.label("total"))
        return select(*columns).where(facet.c.kind == kind, facet.c.reviews > 0)
    total = func.sum(tally.c.reviews).label("total")
    return (
        select(facet.c.id, facet.c.slug, facet.c.label, total)
        .join(tally, tally.c.facet_id == facet.c.id)
        .where(facet.c.kind == kind, tally.c.reviews > 0, one_of(tally.c.source_id, sources))
        .group_by(facet.c.id, facet.c.slug, facet.c.label)
    )


def _values(connection: Connection, kind: str, sources: Sequence[int] | None, limit: int) -> list[FacetValue]:
    gone = _gone(connection, kind, sources)
    # Those that have just lost reviews may fall behind.
    found = _having(kind, sources).order_by(desc("total"), facet.c.label, facet.c.slug).limit(limit + len(gone))
    rows = [
        FacetValue(kind=kind, slug=row.slug, label=row.label, reviews=int(row.total) - gone.get(row.id, 0))
        for row in connection.execute(found)
    ]
    left = (value for value in rows if value.reviews > 0)
    return sorted(left, key=lambda value: (-value.reviews, value.label, value.slug))[:limit]


def _gone(connection: Connection, kind: str, sources: Sequence[int] | None) -> Mapping[int, int]:
    """How many of the reviews noted for each value are not shown: withdrawn since, or behind another carrier."""
    out = union(select(review.c.id).where(review.c.id.in_(GONE)), behind(sources)).subquery()
    lost = (
        select(review_facet.c.facet_id, func.count().label("lost"))
        .join_from(review_facet, facet)
        .join(listed, listed.c.review_id == review_facet.c.review_id)
        .where(review_facet.c.review_id.in_(select(out.c.id)), facet.c.kind == kind)
        .group_by(review_facet.c.facet_id)
    )
    if sources is not None:
        lost = lost.where(one_of(listed.c.source_id, sources))
    return {row.facet_id: row.lost for row in connection.execute(lost)}
