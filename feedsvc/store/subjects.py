"""The works that reviews are of, and what an operator decides of them: asked for, decided, undone.

A decision is written down with the claims and reviews that it is about; the next run of the index follows it. Nobody
runs the index meanwhile: it would take reviews as noted under the decisions of before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from feedsvc.errors import SubjectError
from feedsvc.model import Decision, DecisionKind, Work
from feedsvc.model.words import slug_of
from feedsvc.store import changes, claimed
from feedsvc.store.claimed import CLAIM, review_mark
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import (
    facet,
    review,
    work,
    work_alias,
    work_claim,
    work_decided,
    work_decision,
    work_review,
    work_stale,
)
from feedsvc.store.statements import insert_into, portions


@retried
class Subjects:
    """All works in one database; each method is one transaction, and raises StoreError when it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self) -> int:
        """A number that grows whenever reviews that did not change are of another work, or found otherwise."""
        with self._database.read() as connection:
            return changes.works(connection)

    def all(self, limit: int, word: str = "") -> list[Work]:
        """The works with the most reviews, at most `limit`; with a word those alone whose slug holds its slug."""
        reviews = func.coalesce(facet.c.reviews, 0)
        query = select(work, reviews.label("reviews")).join(facet, _facet_of_work()).where(facet.c.reviews > 0)
        if word:
            query = query.where(work.c.slug.contains(slug_of(word), autoescape=True))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(reviews.desc(), work.c.slug).limit(limit)).all()
            return _works(connection, rows)

    def find(self, word: str) -> list[Work]:
        """The works that a slug, or a name, stands for: the one of that very slug, else all that are found by it."""
        slug = slug_of(word)
        with self._database.read() as connection:
            return _named(connection, work.c.slug == slug) or _named(connection, _is_alias(slug))

    def of(self, keys: Sequence[str]) -> dict[str, Work]:
        """The work of each of these reviews, by key; those that are of none, or not noted yet, are left out."""
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for portion in portions(keys):
                query = select(review.c.key, work_claim.c.work_id).join_from(review, work_review).join(work_claim)
                rows = connection.execute(query.where(review.c.key.in_(portion), work_claim.c.work_id.is_not(None)))
                found |= {row.key: row.work_id for row in rows}
            works: dict[int, Work] = {}
            for numbers in portions(sorted(set(found.values()))):
                works |= _by_number(connection, numbers)
        return {key: works[number] for key, number in found.items() if number in works}

    def successor(self, slug: str) -> str | None:
        """The slug of the work that took in the work of this slug; None where none did."""
        taken_in = work.alias()
        with self._database.read() as connection:
            query = select(work.c.slug).join(taken_in, taken_in.c.into_id == work.c.id).where(taken_in.c.slug == slug)
            return connection.execute(query).scalar_one_or_none()

    # ---------------------------------------------------------------------------------------------------- decisions

    def merge(self, one: str, other: str, now: datetime) -> Decision:
        """Has two works, by slug or name, be one from the next run of the index on; the first keeps its address.

        SubjectError for what is no work, stands for several, or is one already.
        """
        with self._database.write() as connection:
            changes.hold(connection)
            kept, gone = _only(connection, one), _only(connection, other)
            if kept.id == gone.id:
                raise SubjectError(f"{one!r} and {other!r} are one work already: {kept.slug}")
            digests = [row.digest for row in _claims(connection, [kept.id, gone.id])]
            words = f"{kept.slug} with {gone.slug}"
            made = _decide(connection, DecisionKind.MERGE, words, digests, now, kept=kept.id)
            claimed.await_again(connection, digests)
            return made

    def split(self, slug: str, keys: Sequence[str], now: datetime) -> Decision:
        """Has these reviews of a work, by their keys, be of a work of their own from the next run of the index on.

        What they alone state of the work counts for reviews to come too. SubjectError where a review is not of the
        work, or none would be left.
        """
        with self._database.write() as connection:
            changes.hold(connection)
            whole = _only(connection, slug)
            members = _members(connection, whole.id)
            wanted = set(keys)
            if strangers := sorted(wanted - {key for key, _ in members}):
                raise SubjectError(f"not of {whole.slug}: {', '.join(strangers)}; it has {_listed(members)}")
            rest = {digest for key, digest in members if key not in wanted}
            if not wanted or not rest:
                raise SubjectError(f"name some of the reviews of {whole.slug}, and not all: it has {_listed(members)}")
            marks = {digest if digest not in rest else review_mark(key) for key, digest in members if key in wanted}
            # What stood apart before is known by what it was then, too.
            marks |= {review_mark(key) for key in wanted}
            words = f"{len(wanted)} of {whole.slug}"
            made = _decide(connection, DecisionKind.SPLIT, words, sorted(marks), now, kept=whole.id)
            _note_again(connection, review.c.key.in_(sorted(wanted)))
            return made

    def undo(self, number: int, now: datetime) -> Decision:
        """Has a decision hold no more, from the next run of the index on; SubjectError where no such one holds."""
        this = update(work_decision).where(work_decision.c.id == number, work_decision.c.undone.is_(None))
        with self._database.write() as connection:
            changes.hold(connection)
            row = connection.execute(this.values(undone=now).returning(work_decision)).one_or_none()
            if row is None:
                raise SubjectError(f"no decision {number} holds: `feedsvc subjects list --decisions` lists them")
            marks = select(work_decided.c.what).where(work_decided.c.decision_id == number)
            claimed.await_again(connection, connection.execute(marks).scalars())
            if row.kind == DecisionKind.SPLIT:
                _bring_back(connection, number, row.kept_id)
            return _decision(row)

    def decisions(self) -> list[Decision]:
        """Every decision that was ever made, oldest first."""
        with self._database.read() as connection:
            return [_decision(row) for row in connection.execute(select(work_decision).order_by(work_decision.c.id))]


# ---------------------------------------------------------------------------------------------------------- the works


def _facet_of_work() -> ColumnElement[bool]:
    return (facet.c.kind == "subject") & (facet.c.slug == work.c.slug)


def _is_alias(slug: str) -> ColumnElement[bool]:
    return work.c.id.in_(select(work_alias.c.work_id).where(work_alias.c.slug == slug))


def _named(connection: Connection, condition: ColumnElement[bool]) -> list[Work]:
    """The works that have reviews and of which this holds, those with the most reviews first."""
    query = select(work, facet.c.reviews).join(facet, _facet_of_work()).where(condition, facet.c.reviews > 0)
    return _works(connection, connection.execute(query.order_by(facet.c.reviews.desc(), work.c.slug)).all())


def _by_number(connection: Connection, numbers: Sequence[int]) -> dict[int, Work]:
    query = select(work, func.coalesce(facet.c.reviews, 0).label("reviews"))
    rows = connection.execute(query.join(facet, _facet_of_work(), isouter=True).where(work.c.id.in_(numbers))).all()
    return dict(zip((row.id for row in rows), _works(connection, rows), strict=True))


def _works(connection: Connection, rows: Sequence[Row[Any]]) -> list[Work]:
    """The works of these rows, with what reviews state of each."""
    stated: dict[int, list[str]] = {row.id: [] for row in rows}
    identifiers: dict[int, set[str]] = {row.id: set() for row in rows}
    for row in _claims(connection, list(stated)):
        claim = CLAIM.decode(row.document)
        stated[row.work_id].append(claim.name if claim.year is None else f"{claim.name} ({claim.year})")
        identifiers[row.work_id].update(claim.identifiers)
    return [
        Work(
            slug=row.slug,
            name=row.name,
            type=row.type,
            year=row.year,
            identifiers=tuple(sorted(identifiers[row.id])),
            names=tuple(dict.fromkeys(stated[row.id])),
            reviews=row.reviews,
        )
        for row in rows
    ]


def _claims(connection: Connection, numbers: Collection[int]) -> list[Row[Any]]:
    """The claims of works, the oldest first."""
    columns = (work_claim.c.work_id, work_claim.c.digest, work_claim.c.document)
    found: list[Row[Any]] = []
    for portion in portions(sorted(numbers)):
        query: Select[Any] = select(*columns).where(work_claim.c.work_id.in_(portion)).order_by(work_claim.c.id)
        found.extend(connection.execute(query).all())
    return found


# ------------------------------------------------------------------------------------------------------- the decisions


def _only(connection: Connection, word: str) -> Row[Any]:
    """The one work that a slug or name stands for."""
    slug = slug_of(word)
    made = select(work_claim.c.id).where(work_claim.c.work_id == work.c.id).exists()
    for condition in (work.c.slug == slug, _is_alias(slug)):
        query: Select[Any] = select(work.c.id, work.c.slug).where(condition, made).order_by(work.c.id)
        rows = connection.execute(query).all()
        if len(rows) == 1:
            return rows[0]
        if rows:
            slugs = ", ".join(row.slug for row in rows)
            raise SubjectError(f"{word!r} stands for {len(rows)} works: name one by its slug: {slugs}")
    raise SubjectError(f"no work is called {word!r}: `feedsvc subjects list {word}` looks for its words")


def _members(connection: Connection, number: int) -> list[tuple[str, bytes]]:
    """Key and digest of the claim of each review of a work."""
    query = select(review.c.key, work_claim.c.digest).join_from(review, work_review).join(work_claim)
    rows = connection.execute(query.where(work_claim.c.work_id == number).order_by(review.c.key))
    return [(row.key, row.digest) for row in rows]


def _listed(members: Sequence[tuple[str, bytes]]) -> str:
    keys = [key for key, _ in members]
    return ", ".join(keys[:20]) + (" …" if len(keys) > 20 else "")


def _decide(
    connection: Connection,
    kind: DecisionKind,
    words: str,
    marks: Iterable[bytes],
    now: datetime,
    kept: int,
) -> Decision:
    values = {"kind": kind, "words": words, "kept_id": kept, "made": now}
    row = connection.execute(insert(work_decision).values(values).returning(work_decision)).one()
    rows = [{"decision_id": row.id, "what": mark} for mark in dict.fromkeys(marks)]
    connection.execute(insert(work_decided), rows)
    return _decision(row)


def _bring_back(connection: Connection, number: int, whole: int) -> None:
    """Has the reviews that a decision set apart noted again; the address of what they were leads to the whole."""
    apart = select(work_claim.c.work_id).where(work_claim.c.apart == number, work_claim.c.work_id != whole)
    connection.execute(update(work).where(work.c.id.in_(apart)).values(into_id=whole))
    connection.execute(update(work_claim).where(work_claim.c.work_id == whole).values(waiting=1))
    reviews = select(work_review.c.review_id).join(work_claim).where(work_claim.c.apart == number)
    _note_again(connection, review.c.id.in_(reviews))


def _note_again(connection: Connection, which: ColumnElement[bool]) -> None:
    """Has reviews noted again, with what they claim under the decisions of now."""
    numbers = list(connection.execute(select(review.c.id).where(which)).scalars())
    adding = insert_into(connection.dialect, work_stale).on_conflict_do_nothing()
    if numbers:
        connection.execute(adding, [{"review_id": number} for number in numbers])
        changes.note_works(connection)


def _decision(row: Row[Any]) -> Decision:
    kind = DecisionKind(row.kind)
    return Decision(number=row.id, kind=kind, words=row.words, made=row.made, undone=row.undone)
