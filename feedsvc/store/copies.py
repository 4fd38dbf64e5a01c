"""Reviews that changed in; which are copies of one another, as a caller judges, is kept and told on the reviews.

It follows the numbers of the changes, as the index of views does: a batch is read and judged first, and the database's
one writer is held for the rows alone. What one new review costs depends on its likes, not on how many are stored.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, func, insert, select, tuple_, update

from feedsvc.model import Review
from feedsvc.model.stored import decode, encode
from feedsvc.store import changes
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import (
    BigInt,
    archive,
    copy_key,
    copy_member,
    copy_text,
    review,
    revision,
    source,
    view_index,
)
from feedsvc.store.statements import ForMany, insert_into, portions, upsert

NAME = "copies"
#: So many reviews are found by one key at most: what more of them share is no sign of a copy.
MOST_ALIKE = 6

REACHED = select(view_index.c.change, view_index.c.review_id, view_index.c.rules).where(view_index.c.name == NAME)
CHANGED = (
    select(review.c.id, review.c.withdrawn, review.c.document)
    .where(
        tuple_(review.c.change, review.c.id) > tuple_(bindparam("change", type_=BigInt), bindparam("row", type_=BigInt))
    )
    .order_by(review.c.change, review.c.id)
    .limit(bindparam("limit"))
    .add_columns(review.c.change)
)
ALIKE = select(copy_key.c.key, copy_key.c.review_id).where(copy_key.c.key.in_(bindparam("keys", expanding=True)))
ROWS: BindParameter[Sequence[int]] = bindparam("rows", expanding=True)
TEXTS = select(copy_text).where(copy_text.c.review_id.in_(ROWS))
GROUPS = select(copy_member.c.review_id, copy_member.c.copied).where(copy_member.c.review_id.in_(ROWS))
MEMBERS = (
    select(copy_member.c.copied, copy_member.c.review_id)
    .where(copy_member.c.copied.in_(ROWS))
    .order_by(copy_member.c.copied, copy_member.c.place)
)
PUBLISHED = select(review.c.id, review.c.source_id, review.c.change, review.c.document).where(
    review.c.id.in_(ROWS), review.c.withdrawn.is_(None)
)
FORGET_KEY = ForMany(
    delete(copy_key).where(copy_key.c.key == bindparam("key"), copy_key.c.review_id == bindparam("row")), ("key", "row")
)
ADD_KEY = ForMany(lambda dialect: insert_into(dialect, copy_key).on_conflict_do_nothing(), ("key", "review_id"))
ADD_MEMBER = ForMany(insert(copy_member), ("review_id", "copied", "place", "source_id"))
KEEP_EARLIER = ForMany(insert(revision), ("review_id", "replaced", "document", "change"))
RESTATE = ForMany(
    update(review)
    .where(review.c.id == bindparam("row"))
    .values(document=bindparam("document"), revised=bindparam("now"), change=bindparam("number")),
    ("row", "document", "now", "number"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What copies of a review are found by, as it is kept: see normalise.likeness.Signature."""

    digest: bytes
    keys: tuple[int, ...]
    sketch: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a batch. `texts`: what the copies of each review are found by now; None: it is not to be found.

    `before` are the groups of carriers that were looked at, by their numbers, `after` what stands in their place; the
    leader comes first.
    """

    texts: Mapping[int, Known | None] = field(default_factory=dict)
    before: Mapping[int, Sequence[int]] = field(default_factory=dict)
    after: Sequence[Sequence[int]] = ()


class Shelves:
    """What a judge may look up, all of one moment. Reviews are known by the numbers of their rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def alike(self, keys: Sequence[int]) -> dict[int, list[int]]:
        """The reviews that are found by each of these keys, those stored first before the others."""
        found: dict[int, list[int]] = defaultdict(list)
        for portion in portions(sorted(keys)):
            for key, row in self._connection.execute(ALIKE, {"keys": portion}):
                found[key].append(row)
        return found

    def texts(self, rows: Iterable[int]) -> dict[int, Known]:
        """What the copies of these reviews are found by, as it was noted last."""
        return {
            row.review_id: Known(digest=row.digest, keys=tuple(array("q", row.keys)), sketch=row.sketch)
            for row in self._all(TEXTS, rows)
        }

    def groups(self, rows: Iterable[int]) -> dict[int, int]:
        """The number of the group that each of these reviews is of; left out are those that nobody else carries."""
        return {row.review_id: row.copied for row in self._all(GROUPS, rows)}

    def members(self, groups: Iterable[int]) -> dict[int, list[int]]:
        """The reviews of each of these groups, the leader first."""
        found: dict[int, list[int]] = defaultdict(list)
        for row in self._all(MEMBERS, groups):
            found[row.copied].append(row.review_id)
        return found

    def reviews(self, rows: Iterable[int]) -> dict[int, Review]:
        """These reviews, but for those withdrawn."""
        return {row.id: decode(row.document) for row in self._all(PUBLISHED, rows)}

    def _all(self, statement: Any, rows: Iterable[int]) -> Iterable[Row[Any]]:  # noqa: ANN401 - any columns
        for portion in portions(sorted(set(rows))):
            yield from self._connection.execute(statement, {"rows": portion})


#: A batch, by row: the review, None where it is withdrawn.
Judge = Callable[[Mapping[int, Review | None], Shelves], Judged]
#: How a review is to name the other carriers of it.
Tell = Callable[[Review, Sequence[Review]], Review]


@retried
class Copies:
    """One review in several carriers, in one database; each method is one transaction, raising StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(self, limit: int, judge: Judge, tell: Tell, *, rules: bytes, now: datetime) -> int:
        """Looks at no more than `limit` reviews that changed, and says at how many; 0 when there is nothing to look at.

        With other `rules` than before all are looked at anew, and what was joined stands until then. Where another
        process is quicker, nothing is done: 0. Reviews that come to name others change with `now`.
        """
        with self._database.read() as connection:
            begun = connection.execute(REACHED).one_or_none()
            change, row = (begun.change, begun.review_id) if begun and begun.rules == rules else (0, 0)
            found = connection.execute(CHANGED, {"change": change, "row": row, "limit": limit}).all()
            if not found:
                return 0
            batch = {one.id: None if one.withdrawn else decode(one.document) for one in found}
            judged = judge(batch, Shelves(connection))
        with self._database.write() as connection:
            changes.hold(connection)
            if connection.execute(REACHED).one_or_none() != begun:
                return 0
            _keep_texts(connection, judged.texts)
            _regroup(connection, judged, tell, now)
            reached = {"change": found[-1].change, "review_id": found[-1].id}
            upsert(connection, view_index, [{"name": NAME, "rules": rules, **reached}])
        return len(found)

    def leader(self, key: str, sources: Sequence[str]) -> str | None:
        """The key of the review that stands in the feeds of these sources for one; None where it stands itself."""
        mine, other, asked = copy_member.alias(), copy_member.alias(), review.alias()
        standing = (
            select(review.c.key)
            .join(other, other.c.review_id == review.c.id)
            .join(mine, mine.c.copied == other.c.copied)
            .join(source, source.c.id == review.c.source_id)
            .where(
                mine.c.review_id == select(asked.c.id).where(asked.c.key == key).scalar_subquery(),
                review.c.withdrawn.is_(None),
                source.c.name.in_(bindparam(None, sources, expanding=True, literal_execute=True)),
            )
            .order_by(other.c.place)
            .limit(1)
        )
        with self._database.read() as connection:
            found: str | None = connection.execute(standing).scalar_one_or_none()
        return None if found == key else found


def _keep_texts(connection: Connection, texts: Mapping[int, Known | None]) -> None:
    """Puts what reviews are found by in the place of what they were found by; a full key takes in no more."""
    earlier = Shelves(connection).texts(texts)
    FORGET_KEY.execute(connection, sorted((key, row) for row, known in earlier.items() for key in known.keys))
    for portion in portions(list(earlier)):
        connection.execute(delete(copy_text).where(copy_text.c.review_id.in_(portion)))
    new = [(row, known) for row, known in texts.items() if known]
    if not new:
        return
    ADD_KEY.execute(connection, sorted((key, row) for row, known in new for key in known.keys))
    connection.execute(
        insert(copy_text),
        [
            {"review_id": row, "digest": one.digest, "keys": array("q", one.keys).tobytes(), "sketch": one.sketch}
            for row, one in new
        ],
    )


def _regroup(connection: Connection, judged: Judged, tell: Tell, now: datetime) -> None:
    """Puts groups in the place of those before, and lets each review whose carriers are others now name them."""
    before = {number: tuple(group) for number, group in judged.before.items()}
    concerned = {row for group in (*before.values(), *judged.after) for row in group}
    rows = {row.id: row for portion in portions(sorted(concerned)) for row in _published(connection, portion)}
    after = [group for each in judged.after if len(group := tuple(row for row in each if row in rows)) > 1]
    gone = [number for number, group in before.items() if group not in set(after)]
    new = [group for group in after if group not in set(before.values())]
    for portion in portions(gone):
        connection.execute(delete(copy_member).where(copy_member.c.copied.in_(portion)))
    last = connection.execute(select(func.coalesce(func.max(copy_member.c.copied), 0))).scalar_one()
    members = [
        (row, number, place, rows[row].source_id)
        for number, group in enumerate(new, last + 1)
        for place, row in enumerate(group)
    ]
    ADD_MEMBER.execute(connection, members)
    moved = {row for group in (*new, *(before[number] for number in gone)) for row in group}
    _restate(connection, _told(rows, after, moved, tell), rows, now)


def _published(connection: Connection, portion: Sequence[int]) -> Iterable[Row[Any]]:
    return connection.execute(PUBLISHED, {"rows": portion})


def _told(
    rows: Mapping[int, Row[Any]], groups: Sequence[Sequence[int]], moved: Container[int], tell: Tell
) -> dict[int, Review]:
    """The reviews that are another now: their carriers are others, or one of those says something else of itself."""
    reviews = {number: decode(row.document) for number, row in rows.items()}
    carried = {row: group for group in groups for row in group}
    told = {
        number: tell(one, [reviews[other] for other in carried.get(number, ()) if other != number])
        for number, one in reviews.items()
    }
    return {number: one for number, one in told.items() if number in moved or one != reviews[number]}


def _restate(connection: Connection, told: Mapping[int, Review], rows: Mapping[int, Row[Any]], now: datetime) -> None:
    """Stores new forms of reviews; an earlier one is kept where a closed part of a feed's history holds it."""
    if not told:
        return
    closed = connection.execute(select(func.coalesce(func.max(archive.c.until), 0))).scalar_one()
    earlier = [(number, now, rows[number].document, rows[number].change) for number in told]
    earlier = [form for form in earlier if form[-1] <= closed]
    KEEP_EARLIER.execute(connection, earlier)
    numbers = changes.take(connection, len(told))
    forms = ((number, encode(replace(one, revised=now)), now) for number, one in told.items())
    RESTATE.execute(connection, [(*form, change) for form, change in zip(forms, numbers, strict=True)])
    for portion in portions(sorted({rows[number].source_id for number in told})):
        connection.execute(update(source).where(source.c.id.in_(portion)).values(changes=source.c.changes + 1))
    if earlier:
        # What stood in a closed part may stand behind another now: that is looked at as after a withdrawal.
        for portion in portions(sorted({rows[form[0]].source_id for form in earlier})):
            connection.execute(update(source).where(source.c.id.in_(portion)).values(last_withdrawal=now))
        changes.note_published(connection)
