"""A view in; what it asks for, in the database's own numbers, out."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from feedsvc.model import View
from feedsvc.model.view import KINDS
from feedsvc.model.words import phrases_of
from feedsvc.store import facets
from feedsvc.store.facets import ALL
from feedsvc.store.schema import facet, listed, review, source, tally, view_index

#: Of more sources than these it is asked whether they are all that there are, instead of naming them.
MANY = 5000
#: Withdrawn since the index last moved; nearly always none.
GONE = (
    select(review.c.id)
    .where(
        review.c.change
        >= func.coalesce(select(view_index.c.change).where(view_index.c.name == facets.NAME).scalar_subquery(), 0),
        review.c.withdrawn.is_not(None),
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A view in the database's own numbers. `kinds`: of each list at least one value, the rarest list first."""

    #: None: all that there are.
    sources: Sequence[int] | None
    kinds: Sequence[Sequence[int]]
    #: What must hold of a row of `listed`.
    conditions: Sequence[ColumnElement[bool]]
    words: Sequence[Sequence[str]]


def asked_of(connection: Connection, view: View, wanted: Set[int]) -> Asked | None:
    """None where nothing can be found: there is no such source or no such value."""
    sources = sources_among(connection, wanted)
    if sources is not None and not sources:
        return None
    kinds = [_facets(connection, KINDS[name], slugs) for name, slugs in view.chosen()]
    words = phrases_of(view.words)
    if not all(kinds) or (view.words and not words):
        return None
    conditions: list[ColumnElement[bool]] = [listed.c.review_id.not_in(GONE)]
    if sources is not None:
        conditions.append(one_of(listed.c.source_id, sources))
    if view.min_rating is not None:
        conditions.append(listed.c.percent >= view.min_rating)
    if (since := view.since_microseconds()) is not None:
        conditions.append(listed.c.before <= -since)
    if len(kinds) > 1:
        kinds.sort(key=lambda numbers: _size(connection, numbers))
    return Asked(sources=sources, kinds=kinds, conditions=conditions, words=words)


def sources_among(connection: Connection, wanted: Set[int]) -> list[int] | None:
    """The numbers of the sources; None where they are all that have reviews, so that none need be told apart."""
    if len(wanted) > MANY and not _others(connection, wanted):
        return None
    of_each = select(tally.c.source_id, tally.c.reviews).where(
        tally.c.facet_id == ALL, tally.c.reviews > 0, one_of(tally.c.source_id, wanted)
    )
    counted = {row.source_id: row.reviews for row in connection.execute(of_each)}
    everywhere = select(tally.c.reviews).where(tally.c.source_id == ALL, tally.c.facet_id == ALL)
    total = connection.execute(everywhere).scalar_one_or_none() or 0
    return None if total and sum(counted.values()) == total else sorted(counted)


def _others(connection: Connection, wanted: Set[int]) -> bool:
    """Whether any but these sources has reviews; of very many the few others are the quicker to be asked for."""
    highest = connection.execute(select(func.max(source.c.id))).scalar_one() or 0
    if highest - len(wanted) > MANY:
        return True
    rest = [number for number in range(1, highest + 1) if number not in wanted] if highest > len(wanted) else []
    theirs = select(tally.c.source_id).where(
        tally.c.facet_id == ALL, tally.c.reviews > 0, one_of(tally.c.source_id, rest)
    )
    return bool(rest) and connection.execute(theirs.limit(1)).first() is not None


def _facets(connection: Connection, kind: str, slugs: Sequence[str]) -> list[int]:
    found = select(facet.c.id).where(facet.c.kind.in_(kinds_of(kind)), facet.c.slug.in_(slugs))
    return list(connection.execute(found.order_by(facet.c.id)).scalars())


def kinds_of(kind: str) -> tuple[str, ...]:
    """A work may be asked for by its name alone, whatever its year."""
    return (kind, "work") if kind == "subject" else (kind,)


def _size(connection: Connection, numbers: Sequence[int]) -> int:
    total = select(func.coalesce(func.sum(facet.c.reviews), 0)).where(facet.c.id.in_(numbers))
    found: int = connection.execute(total).scalar_one()
    return found


def one_of(column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """Written out, since there may be more numbers than a statement takes values."""
    return column.in_(bindparam(None, list(numbers), expanding=True, literal_execute=True))
