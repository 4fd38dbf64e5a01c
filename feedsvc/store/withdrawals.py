"""Requests to take something out, or to bring it back, go in; what they take, now and later, and their record come out.

A request is kept with the marks of what was asked for. Every stored review that bears one is taken, and so is every
review that is recorded later, in the transaction that records it: no look can bring it back.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update

from feedsvc.errors import WithdrawalError
from feedsvc.model import Review, Tombstone, Withdrawal, WithdrawalKind
from feedsvc.model.stored import StoredItem, decode
from feedsvc.store import changes, withdrawn
from feedsvc.store.database import Database
from feedsvc.store.marks import BORNE, author_mark, folded, marks_of, place_of, review_marks, shared_places, source_mark
from feedsvc.store.retrying import retried
from feedsvc.store.schema import review, source, withdrawal, withdrawal_mark, withdrawal_review
from feedsvc.store.sources import ids_of
from feedsvc.store.statements import insert_into, portions
from feedsvc.store.withdrawn import ACTIVE


class Arrived(NamedTuple):
    """A review that was just recorded, when, and whether it may have stood in a feed before."""

    item: StoredItem
    now: datetime
    shown: bool


ANY_ACTIVE = select(withdrawal.c.id).where(ACTIVE).limit(1)
MATCHED = (
    select(withdrawal_mark)
    .join(withdrawal)
    .where(ACTIVE, withdrawal_mark.c.mark.in_(bindparam("marks", expanding=True)))
)
ROWS = select(review.c.id, review.c.key, review.c.withdrawn).where(review.c.key.in_(bindparam("keys", expanding=True)))


@retried
class Withdrawals:
    """What may be published, by request; each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def withdraw(
        self, kind: WithdrawalKind, value: str, *, reason: str, requested_by: str, now: datetime
    ) -> Withdrawal:
        """Takes a review (by its key), all reviews of an author, or a source's out of publication, now and later.

        A review is taken from every source that carries it under the same address, or the same id of the same outlet;
        an author's name is compared without case and white space. All of it stays stored. Slow for an author (it reads
        every review). Raises WithdrawalError for what is unknown and what is withdrawn already.
        """
        with self._database.write() as connection:
            return withdraw(connection, kind, value, reason, requested_by, now)

    def undo(
        self, kind: WithdrawalKind, value: str, *, now: datetime, reason: str | None = None, by: str | None = None
    ) -> tuple[Withdrawal, int]:
        """Brings back what this request took and no other did too; the record stays. Says how many reviews came back.

        Raises WithdrawalError when nothing of the kind is withdrawn.
        """
        with self._database.write() as connection:
            return undo(connection, kind, value, reason, by, now)

    def records(self) -> list[Withdrawal]:
        """Every request ever recorded, also those undone, oldest first."""
        with self._database.read() as connection:
            return withdrawn.records(connection)

    def source_of(self, key: str) -> str | None:
        """The source of the withdrawn review with this key; None where there is none."""
        with self._database.read() as connection:
            return withdrawn.source_of(connection, key)

    def taken_down(self, source_names: Sequence[str]) -> list[str]:
        """Keys of all reviews of these sources that left publication at a request, sorted; not what never was there."""
        with self._database.read() as connection:
            return withdrawn.taken_down(connection, source_names)

    def sources(self) -> frozenset[str]:
        """Names of the sources that are withdrawn as a whole."""
        with self._database.read() as connection:
            return withdrawn.sources_withdrawn(connection)

    def last(self, source_names: Sequence[str]) -> datetime | None:
        """When a review of these sources last left publication at a request, or came back; None when none ever did."""
        with self._database.read() as connection:
            return withdrawn.last(connection, source_names)

    def tombstones(self, source_names: Sequence[str], limit: int) -> list[Tombstone]:
        """The `limit` reviews of these sources that left publication last, newest first; not those never published."""
        with self._database.read() as connection:
            return withdrawn.tombstones(connection, source_names, limit)


# ------------------------------------------------------------------------------------------------------ out and back


def withdraw(
    connection: Connection, kind: WithdrawalKind, value: str, reason: str, requested_by: str, now: datetime
) -> Withdrawal:
    """Takes out everything that bears a mark of what is asked for. See Withdrawals.withdraw."""
    # What is being recorded now is stored first, and found; what comes later finds this request.
    changes.hold(connection)
    marks, taken = _asked_for(connection, kind, value)
    if (before := _active(connection, kind, value)) is not None:
        raise WithdrawalError(
            f"{kind} {value!r} is withdrawn already, since {before.withdrawn:%Y-%m-%d}: record {before.id}, "
            f"requested by {before.requested_by}. Undo that one first to record another."
        )
    number = connection.execute(
        insert(withdrawal).returning(withdrawal.c.id),
        {"kind": kind, "value": value, "reason": reason, "requested_by": requested_by, "withdrawn": now},
    ).scalar_one()
    connection.execute(insert(withdrawal_mark), [{"mark": mark, "withdrawal_id": number} for mark in marks])
    _take(connection, [(number, row) for row in taken], now, were_shown=True)
    return withdrawn.records(connection, number)[0]


def undo(
    connection: Connection, kind: WithdrawalKind, value: str, reason: str | None, by: str | None, now: datetime
) -> tuple[Withdrawal, int]:
    """Brings back what no other request took too. See Withdrawals.undo."""
    changes.hold(connection)
    row = _active(connection, kind, value)
    if row is None:
        raise WithdrawalError(f"{kind} {value!r} is not withdrawn{_by_others(connection, kind, value)}")
    this = withdrawal.c.id == row.id
    connection.execute(update(withdrawal).where(this).values(undone=now, undone_reason=reason, undone_by=by))
    kept_out = select(withdrawal_review.c.review_id).join(withdrawal).where(ACTIVE)
    taken = select(withdrawal_review.c.review_id).where(withdrawal_review.c.withdrawal_id == row.id)
    back = connection.execute(
        update(review)
        .where(review.c.id.in_(taken), review.c.id.not_in(kept_out))
        .values(withdrawn=None, taken_down=None, change=changes.take(connection, 1)[0])
        .returning(review.c.source_id)
    ).scalars()
    concerned = list(back)
    _note(connection, concerned, now)
    return withdrawn.records(connection, row.id)[0], len(concerned)


def in_force(connection: Connection) -> bool:
    """Whether any withdrawal is not undone."""
    return connection.execute(ANY_ACTIVE).first() is not None


def keep_out(connection: Connection, arrived: Sequence[Arrived]) -> set[str]:
    """Takes what was just recorded and bears a mark; the keys of all of these that are withdrawn."""
    borne = {each.item.key: marks_of(BORNE.decode(each.item.document)) for each in arrived}
    matched = _matched(connection, {mark for marks in borne.values() for mark in marks})
    suspects = [each for each in arrived if each.shown or not matched.keys().isdisjoint(borne[each.item.key])]
    rows = _rows(connection, [each.item.key for each in suspects])
    out: set[str] = set()
    taken: dict[tuple[datetime, bool], list[tuple[int, int]]] = {}
    for each in suspects:
        row = rows[each.item.key]
        numbers = sorted({number for mark in borne[row.key] for number in matched.get(mark, ())})
        if numbers or row.withdrawn is not None:
            out.add(row.key)
        taken.setdefault((each.now, each.shown), []).extend((number, row.id) for number in numbers)
    for (now, shown), pairs in taken.items():
        _take(connection, pairs, now, were_shown=shown)
    return out


def _matched(connection: Connection, marks: set[bytes]) -> dict[bytes, list[int]]:
    """The numbers of the withdrawals in force that hold each of these marks."""
    matched: dict[bytes, list[int]] = {}
    for portion in portions(sorted(marks)):
        for row in connection.execute(MATCHED, {"marks": portion}):
            matched.setdefault(row.mark, []).append(row.withdrawal_id)
    return matched


def _rows(connection: Connection, keys: Sequence[str]) -> dict[str, Row[Any]]:
    rows: dict[str, Row[Any]] = {}
    for portion in portions(keys):
        rows |= {row.key: row for row in connection.execute(ROWS, {"keys": portion})}
    return rows


def _take(connection: Connection, taken: Sequence[tuple[int, int]], now: datetime, *, were_shown: bool) -> None:
    """Notes which withdrawal (first number) took which review's row, and takes out those that are still published."""
    if not taken:
        return
    noted = insert_into(connection.dialect, withdrawal_review).on_conflict_do_nothing()
    connection.execute(noted, [{"withdrawal_id": number, "review_id": row} for number, row in taken])
    out: list[int] = []
    change = changes.take(connection, 1)[0]
    for rows in portions(sorted({row for _, row in taken})):
        this = update(review).where(review.c.id.in_(rows), review.c.withdrawn.is_(None))
        out += connection.execute(
            this.values(withdrawn=now, taken_down=now if were_shown else None, change=change).returning(
                review.c.source_id
            )
        ).scalars()
    if were_shown:
        _note(connection, out, now)


def _note(connection: Connection, source_ids: Iterable[int], now: datetime) -> None:
    """What these sources publish is not what it was."""
    for ids in portions(sorted(set(source_ids))):
        values = {"changes": source.c.changes + 1, "last_withdrawal": now}
        connection.execute(update(source).where(source.c.id.in_(ids)).values(values))
    changes.note_published(connection)


# -------------------------------------------------------------------------------------------------- what is asked for


def _asked_for(connection: Connection, kind: WithdrawalKind, value: str) -> tuple[list[bytes], list[int]]:
    """The marks of it, and the rows of the reviews stored now that bear one; WithdrawalError when it is unknown."""
    if kind is WithdrawalKind.SOURCE:
        return _a_source(connection, value)
    return _an_author(connection, value) if kind is WithdrawalKind.AUTHOR else _a_review(connection, value)


def _a_source(connection: Connection, name: str) -> tuple[list[bytes], list[int]]:
    ids = ids_of(connection, [name])
    if not ids:
        known = connection.execute(select(source.c.name).order_by(source.c.name)).scalars()
        raise WithdrawalError(f"{name!r} is no source; the sources: {', '.join(known) or 'none'}")
    return [source_mark(name)], list(
        connection.execute(select(review.c.id).where(review.c.source_id.in_(ids))).scalars()
    )


def _an_author(connection: Connection, name: str) -> tuple[list[bytes], list[int]]:
    """Names stand only in the documents, so every one is read: about two seconds for 50,000 reviews."""
    wanted = folded(name)
    names: set[str] = set()
    taken = []
    for row in connection.execute(select(review.c.id, review.c.document)):
        authors = [person.name for person in BORNE.decode(row.document).authors]
        names.update(authors)
        if wanted in map(folded, authors):
            taken.append(row.id)
    if not taken:
        near = difflib.get_close_matches(name, sorted(names), n=3)
        raise WithdrawalError(
            f"no stored review is by {name!r}" + (f"; the nearest: {', '.join(near)}" if near else "")
        )
    return [author_mark(name)], taken


def _a_review(connection: Connection, key: str) -> tuple[list[bytes], list[int]]:
    """The review itself, and the same one where another source carries it, by its address or id."""
    stored = connection.execute(select(review.c.document).where(review.c.key == key)).scalar_one_or_none()
    if stored is None:
        raise WithdrawalError(f"no review has the key {key!r}")
    asked_for = decode(stored)
    candidates = {row.id: decode(row.document) for row in connection.execute(_perhaps_the_same(asked_for))}
    by_place = place_of(asked_for.url) not in shared_places(candidates.values())
    marks = review_marks(asked_for, by_place=by_place)
    return marks, [row for row, one in candidates.items() if not set(marks).isdisjoint(review_marks(one))]


def _perhaps_the_same(asked_for: Review) -> Select[Any]:
    """More than bear its marks: what the database itself can tell without reading each document."""
    noted = f'"id":{msgspec.json.encode(asked_for.id).decode()}'
    alike = [review.c.key == asked_for.key, review.c.document.contains(noted, autoescape=True)]
    place = place_of(asked_for.url)
    if place is not None:
        alike.append(review.c.url.icontains(place.partition("?")[0], autoescape=True))
    return select(review.c.id, review.c.document).where(or_(*alike))


def _active(connection: Connection, kind: WithdrawalKind, value: str) -> Row[Any] | None:
    """The withdrawal in force that was made for this; for a review also by way of the same one in another source."""
    if kind is WithdrawalKind.REVIEW:
        made_for = _that_took(value)
    else:
        mark = author_mark(value) if kind is WithdrawalKind.AUTHOR else source_mark(value)
        made_for = select(withdrawal_mark.c.withdrawal_id).where(withdrawal_mark.c.mark == mark)
    found = select(withdrawal).where(ACTIVE, withdrawal.c.kind == kind, withdrawal.c.id.in_(made_for))
    return connection.execute(found.order_by(withdrawal.c.id)).first()


def _that_took(key: str) -> Select[int]:
    """The numbers of all withdrawals, undone or not, that took the review with this key."""
    return select(withdrawal_review.c.withdrawal_id).join(review).where(review.c.key == key)


def _by_others(connection: Connection, kind: WithdrawalKind, value: str) -> str:
    """What keeps a review out although nobody asked for it by itself, in words."""
    if kind is not WithdrawalKind.REVIEW:
        return ""
    took = select(withdrawal).where(ACTIVE, withdrawal.c.id.in_(_that_took(value)))
    others = [
        f"record {row.id} ({row.kind} {row.value!r})" for row in connection.execute(took.order_by(withdrawal.c.id))
    ]
    return f" by itself; it is kept out by {', '.join(others)}" if others else ""
