"""The rows of a source go in, its SourceState comes out, and back. Every field is a column of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, func, select

from feedsvc.model import SourceState
from feedsvc.store.deliveries import PUSH_COLUMNS
from feedsvc.store.schema import review, schedule, source

#: Columns of `source`: seldom written.
FACTS = ("feed_url", "feed_title", "feed_home", "problems", "location_moved")
#: Columns of `schedule`, written at every look.
LEARNT = (
    "next_check",
    "interval",
    "etag",
    "last_modified",
    "validated_url",
    "body_hash",
    "failures",
    "error",
    "error_kind",
    "last_checked",
    "last_success",
    "last_new",
    "stopped",
    "rhythm",
    "pause",
    "newest",
    "last_whole",
    "moved_to",
    "moved_since",
    "moved_looks",
    "knows_deltas",
)

#: The values of a state in those orders.
facts_of = attrgetter(*FACTS)
learnt_of = attrgetter(*LEARNT)

#: What a row of STATES holds after the source's number.
FIELDS = ("name", *FACTS, *LEARNT, "push_until", "last_push")
STATES = select(
    source.c.id,
    source.c.name,
    *(source.c[name] for name in FACTS),
    *(schedule.c[name] for name in LEARNT),
    *PUSH_COLUMNS,
).join_from(source, schedule)


def state_of(row: Sequence[Any], **values: object) -> SourceState:
    """The state that a row of STATES holds, with some values put in; the first column is the source's number."""
    fields = dict(zip(FIELDS, row[1:], strict=True))
    fields.update(values)
    return SourceState(**fields)


def states(connection: Connection) -> list[SourceState]:
    """Every source's state, by name, with the number of its published reviews."""
    counted = select(review.c.source_id, func.count()).where(review.c.withdrawn.is_(None))
    counts: dict[int, int] = dict(connection.execute(counted.group_by(review.c.source_id)).all())
    rows = connection.execute(STATES.order_by(source.c.name))
    return [state_of(row, reviews=counts.get(row[0], 0)) for row in rows]


def stopped(connection: Connection) -> frozenset[str]:
    """The names of the sources that are not looked at by themselves any more."""
    return frozenset(
        connection.execute(select(source.c.name).join_from(source, schedule).where(schedule.c.stopped)).scalars()
    )
