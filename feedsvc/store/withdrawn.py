"""Withdrawals as they stand: who asked for what, what is out, and what the feeds say of it, comes out. Reads alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from feedsvc.model import Tombstone, Withdrawal, WithdrawalKind
from feedsvc.model.stored import decode
from feedsvc.store.schema import review, source, withdrawal, withdrawal_review
from feedsvc.store.sources import ids_of
from feedsvc.store.statements import portions

#: In force: not undone.
ACTIVE = withdrawal.c.undone.is_(None)


def records(connection: Connection, number: int | None = None) -> list[Withdrawal]:
    """Every request ever recorded, oldest first; or the one with a number."""
    condition: ColumnElement[bool] = true() if number is None else withdrawal.c.id == number
    found = connection.execute(select(withdrawal).where(condition).order_by(withdrawal.c.id)).all()
    titles = _titles(connection, [row.value for row in found if row.kind == WithdrawalKind.REVIEW])
    counted = (
        select(withdrawal_review.c.withdrawal_id, source.c.name, func.count().label("reviews"))
        .select_from(withdrawal_review)
        .join(withdrawal)
        .join(review)
        .join(source)
        .where(condition)
        .group_by(withdrawal_review.c.withdrawal_id, source.c.name)
        .order_by(source.c.name)
    )
    taken: dict[int, dict[str, int]] = {}
    for row in connection.execute(counted):
        taken.setdefault(row.withdrawal_id, {})[row.name] = row.reviews
    return [
        Withdrawal(
            number=row.id,
            kind=WithdrawalKind(row.kind),
            value=row.value,
            reason=row.reason,
            requested_by=row.requested_by,
            withdrawn=row.withdrawn,
            undone=row.undone,
            undone_reason=row.undone_reason,
            undone_by=row.undone_by,
            title=titles.get(row.value) if row.kind == WithdrawalKind.REVIEW else None,
            reviews=sum(taken.get(row.id, {}).values()),
            sources=tuple(taken.get(row.id, {})),
        )
        for row in found
    ]


def _titles(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    titles: dict[str, str] = {}
    for portion in portions(keys):
        rows = connection.execute(select(review.c.key, review.c.document).where(review.c.key.in_(portion)))
        titles |= {row.key: decode(row.document).title for row in rows}
    return titles


def source_of(connection: Connection, key: str) -> str | None:
    """The source of a withdrawn review. See Withdrawals.source_of."""
    found = select(source.c.name).join_from(review, source).where(review.c.key == key, review.c.withdrawn.is_not(None))
    return connection.execute(found).scalar_one_or_none()


def taken_down(connection: Connection, names: Sequence[str]) -> list[str]:
    """Keys of what left publication. See Withdrawals.taken_down."""
    keys: list[str] = []
    for ids in portions(ids_of(connection, names)):
        found = select(review.c.key).where(review.c.source_id.in_(ids), review.c.taken_down.is_not(None))
        keys += connection.execute(found).scalars()
    return sorted(keys)


def sources_withdrawn(connection: Connection) -> frozenset[str]:
    """Names of the sources that are withdrawn as a whole."""
    whole = select(withdrawal.c.value).where(ACTIVE, withdrawal.c.kind == WithdrawalKind.SOURCE)
    return frozenset(connection.execute(whole).scalars())


def last(connection: Connection, names: Sequence[str]) -> datetime | None:
    """When a review of these sources last left publication or came back. See Withdrawals.last."""
    moments: list[datetime] = []
    for ids in portions(ids_of(connection, names)):
        found = select(source.c.last_withdrawal).where(source.c.id.in_(ids), source.c.last_withdrawal.is_not(None))
        moments += connection.execute(found).scalars()
    return max(moments, default=None)


def tombstones(connection: Connection, names: Sequence[str], limit: int) -> list[Tombstone]:
    """What left the feeds of these sources last. See Withdrawals.tombstones."""
    rows: list[Row[Any]] = []
    for ids in portions(ids_of(connection, names)):
        rows += connection.execute(
            select(review.c.taken_down, review.c.position, review.c.key, review.c.document, review.c.change)
            .where(review.c.source_id.in_(ids), review.c.taken_down.is_not(None))
            .order_by(review.c.taken_down.desc(), review.c.position.desc(), review.c.key)
            .limit(limit)
        )
    rows.sort(key=lambda row: row.key)
    rows.sort(key=lambda row: (row.taken_down, row.position), reverse=True)
    return [Tombstone(id=decode(row.document).id, when=row.taken_down, change=row.change) for row in rows[:limit]]
