"""Some sources in; what tells a review that stands in their feeds from one that stands behind another carrier, out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, bindparam, exists, select

from feedsvc.store.schema import copy_member, review

# Made once: each alias makes its columns anew, which costs more than the question.
_mine, _ahead, _leader = copy_member.alias(), copy_member.alias(), review.alias()
#: Who comes before a review that the statement around this one asks for.
_BEFORE = (
    exists()
    .where(_ahead.c.copied == _mine.c.copied, _ahead.c.place < _mine.c.place)
    .where(_leader.c.id == _ahead.c.review_id, _leader.c.withdrawn.is_(None))
)
#: Of reviews, the sources of those published carriers that have a place before them.
AHEAD = (
    select(_mine.c.review_id, _ahead.c.source_id)
    .where(_mine.c.review_id.in_(bindparam("rows", expanding=True)))
    .where(_ahead.c.copied == _mine.c.copied, _ahead.c.place < _mine.c.place)
    .where(_leader.c.id == _ahead.c.review_id, _leader.c.withdrawn.is_(None))
)


def standing(number: ColumnElement[int], sources: Sequence[int] | None) -> ColumnElement[bool]:
    """Whether no published carrier of the same review, of these sources, has a place before it; None: of all there are.

    `number` is the column of the review's row in the statement that asks.
    """
    before = _BEFORE.where(_mine.c.review_id == number)
    if sources is not None:
        before = before.where(_ahead.c.source_id.in_(bindparam(None, sources, expanding=True, literal_execute=True)))
    return ~before


def behind(sources: Sequence[int] | None) -> Select[int]:
    """The rows of the reviews that do not stand in the feeds of these sources, since another carrier does."""
    return select(copy_member.c.review_id).where(copy_member.c.place > 0, ~standing(copy_member.c.review_id, sources))
