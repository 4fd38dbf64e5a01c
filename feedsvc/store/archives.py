"""Numbers of changes in, the forms that reviews had by them out; and the closed parts of each feed's history.

A form is a review as one change stored it: the present one stands in `review`, earlier ones in `revision`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    column,
    func,
    insert,
    select,
    true,
)

from feedsvc.model import Change, Form, Part, Tombstone
from feedsvc.model.stored import decode
from feedsvc.store import changes
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import archive, review, revision, source
from feedsvc.store.sources import Numbers, ids_of
from feedsvc.store.standing import AHEAD, standing
from feedsvc.store.statements import PORTION, portions

PUBLISHED = review.c.withdrawn.is_(None)
OF_SOURCE: ColumnElement[int] = review.c.source_id
#: For earlier forms, which are found by their own numbers: an expression keeps SQLite from beginning with the sources.
BY_NUMBER: ColumnElement[int] = review.c.source_id + 0
#: Before every position. Said, it makes SQLite take the index of positions and not that of changes.
EVER = datetime(1, 1, 1, tzinfo=UTC)
NEWEST = select(review.c.position).where(PUBLISHED, review.c.position >= EVER)
SHOWN = select(review.c.id, review.c.position, review.c.key, review.c.change, review.c.source_id, source.c.name)
SHOWN = SHOWN.join(source, source.c.id == review.c.source_id).where(PUBLISHED)
#: Of the newest reviews of all sources so many times as many are read as are wanted, before each source is asked.
SHARE = 20


@retried
class Archives:
    """The history of what is published, in one database; each method is one transaction, raising StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = Numbers()

    def newest(self, names: Sequence[str], limit: int, known: Callable[[Form], bool] = lambda _: False) -> list[Form]:
        """The newest `limit` reviews of the named sources: by position, newest first, then key, as Store.newest.

        Of a review that several of them carry, the first carrier's alone.

        Where `known` says that the asker has a form already, its document is not read.
        """
        with self._database.read() as connection:
            sources = self._numbers.of(connection, names)
            heads = [Form(row.key, row.name, row.change) for row in _heads(connection, sources, limit)]
            wanted = [head.key for head in heads if not known(head)]
            documents = _documents(connection, wanted)
        return [
            Form(head.key, head.source, head.change, decode(documents[head.key]) if head.key in documents else None)
            for head in heads
        ]

    def changes(self, names: Sequence[str], after: int) -> list[Change]:
        """Every change of published reviews of the named sources with a number above `after`, in their order."""
        with self._database.read() as connection:
            here = standing(review.c.id, ids_of(connection, names))
            present = select(review.c.change, review.c.key, review.c.revised)
            present = present.where(PUBLISHED, review.c.change > after, here)
            earlier = _earlier(revision.c.change, review.c.key).where(revision.c.change > after, here)
            found = [Change(row.change, row.key, row.revised) for row in _of_sources(connection, names, present)]
            found += [Change(row.change, row.key, None) for row in _of_sources(connection, names, earlier, BY_NUMBER)]
        return sorted(found, key=lambda one: one.number)

    def count_changed(self, names: Sequence[str], after: int) -> int:
        """How many reviews of the named sources changed, went or came back by a number above `after`."""
        counted = select(func.count()).select_from(review).where(review.c.change > after)
        with self._database.read() as connection:
            return sum(row[0] for row in _of_sources(connection, names, counted))

    def contents(self, names: Sequence[str], part: Part) -> tuple[list[Form], list[Tombstone]]:
        """What a part holds: each published review's last form in it, without the review, and what went in it."""
        with self._database.read() as connection:
            found = {form.key: form for form, _ in _forms(connection, names, part)}
            return sorted(found.values(), key=lambda form: form.change), _gone(connection, names, part)

    def forms(self, names: Sequence[str], part: Part) -> tuple[list[Form], list[Tombstone]]:
        """The same with the reviews, by position, newest first, then key."""
        with self._database.read() as connection:
            found = {form.key: (form, document) for form, document in _forms(connection, names, part, documents=True)}
            gone = _gone(connection, names, part)
        forms = [Form(form.key, form.source, form.change, decode(stored)) for form, stored in found.values()]
        forms.sort(key=lambda form: form.key)
        forms.sort(key=_position, reverse=True)
        return forms, gone

    def parts(self, feed: str) -> list[Part]:
        """The closed parts of a feed, oldest first."""
        with self._database.read() as connection:
            return _parts(connection, feed)

    def close(self, feed: str, parts: Sequence[Part]) -> bool:
        """Adds parts after the last one; False, and nothing added, where another process closed some meanwhile."""
        with self._database.write() as connection:
            changes.hold(connection)
            before = _parts(connection, feed)
            if parts[0].since != (before[-1].until if before else 0):
                return False
            rows = [
                {"feed": feed, "month": one.month, "part": one.number, "since": one.since, "until": one.until}
                for one in parts
            ]
            connection.execute(insert(archive), rows)
            return True


def _parts(connection: Connection, feed: str) -> list[Part]:
    columns = (archive.c.feed, archive.c.month, archive.c.part, archive.c.since, archive.c.until)
    rows = connection.execute(select(*columns).where(archive.c.feed == feed).order_by(archive.c.until))
    return [Part(*row) for row in rows]


def _of_sources(
    connection: Connection, names: Sequence[str], statement: Select[Any], of: ColumnElement[int] = OF_SOURCE
) -> Iterator[Row[Any]]:
    """The rows of a statement about reviews that are of the named sources; each portion of sources is asked apart."""
    for ids in portions(ids_of(connection, names)):
        yield from connection.execute(statement.where(of.in_(ids)))


def _earlier(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of any type
    return select(*columns).select_from(revision).join(review, review.c.id == revision.c.review_id).where(PUBLISHED)


def _heads(connection: Connection, sources: Set[int], limit: int) -> list[Row[Any]]:
    """The newest without their documents. Positions come first, from an index alone: of 200,000 rows few are read."""
    wanted = limit
    while True:
        most = len(sources) > PORTION and _newest_of_all(connection, sources, wanted)
        positions = most or _newest_of_each(connection, sources, wanted)
        if not positions:
            return []
        since = SHOWN.where(review.c.position >= positions[-1])
        found: Iterable[Row[Any]] = connection.execute(since) if most else _of(connection, sources, since)
        rows = _leading(connection, sources, [row for row in found if row.source_id in sources])
        # Where copies stand among the newest, there are more behind them.
        if len(rows) >= limit or len(positions) < wanted:
            rows.sort(key=lambda row: row.key)
            rows.sort(key=lambda row: row.position, reverse=True)
            return rows[:limit]
        wanted *= 4


def _newest_of_all(connection: Connection, sources: Set[int], limit: int) -> list[datetime] | None:
    """The positions of the newest, newest first, where these sources bring most of what is new; None: they do not."""
    newest = NEWEST.add_columns(review.c.source_id).order_by(review.c.position.desc()).limit(limit * SHARE)
    rows = connection.execute(newest).all()
    found = [row.position for row in rows if row.source_id in sources][:limit]
    return found if len(found) == limit else None


def _newest_of_each(connection: Connection, sources: Set[int], limit: int) -> list[datetime]:
    """The same from what each of the sources brought last."""
    newest = NEWEST.order_by(review.c.position.desc()).limit(limit)
    if connection.dialect.name != "postgresql":
        rows: Iterable[Row[Any]] = _of(connection, sources, newest)
    else:
        # Asked for several at once, PostgreSQL would read all that they ever said.
        numbers = func.unnest(bindparam("numbers", sorted(sources), type_=ARRAY(BigInteger)))
        each = numbers.table_valued(column("number", BigInteger)).render_derived("each")
        theirs = newest.where(review.c.source_id == each.c.number).lateral("theirs")
        last = select(theirs.c.position).select_from(each).join(theirs, true())
        rows = connection.execute(last.order_by(theirs.c.position.desc()).limit(limit))
    return sorted((row.position for row in rows), reverse=True)[:limit]


def _of(connection: Connection, sources: Set[int], statement: Select[Any]) -> Iterator[Row[Any]]:
    for ids in portions(sorted(sources)):
        yield from connection.execute(statement.where(OF_SOURCE.in_(ids)))


def _leading(connection: Connection, sources: Set[int], rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Of reviews that several of the sources carry the first carrier's alone."""
    behind = {
        ahead.review_id
        for ids in portions([row.id for row in rows])
        for ahead in connection.execute(AHEAD, {"rows": ids})
        if ahead.source_id in sources
    }
    return [row for row in rows if row.id not in behind]


def _documents(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for portion in portions(keys):
        rows = connection.execute(select(review.c.key, review.c.document).where(review.c.key.in_(portion)))
        found |= {row.key: row.document for row in rows}
    return found


def _forms(
    connection: Connection, names: Sequence[str], part: Part, *, documents: bool = False
) -> Iterator[tuple[Form, str]]:
    """Every form in a part in the order of the changes, so that a review's last one comes last."""
    found: list[tuple[Form, str]] = []
    here = standing(review.c.id, ids_of(connection, names))
    for table in (revision, review):
        document = (table.c.document,) if documents else ()
        columns = (review.c.key, source.c.name, table.c.change, *document)
        forms = select(*columns) if table is review else _earlier(*columns)
        forms = forms.join(source, source.c.id == review.c.source_id)
        forms = forms.where(PUBLISHED, table.c.change > part.since, table.c.change <= part.until, here)
        rows = _of_sources(connection, names, forms, OF_SOURCE if table is review else BY_NUMBER)
        found += [(Form(row.key, row.name, row.change), row.document if documents else "") for row in rows]
    found.sort(key=lambda one: one[0].change)
    yield from found


def _gone(connection: Connection, names: Sequence[str], part: Part) -> list[Tombstone]:
    """What was taken out by a change in a part, newest first."""
    taken = select(review.c.taken_down, review.c.key, review.c.document, review.c.change).where(
        review.c.taken_down.is_not(None), review.c.change > part.since, review.c.change <= part.until
    )
    rows = sorted(_of_sources(connection, names, taken), key=lambda row: row.key)
    rows.sort(key=lambda row: row.taken_down, reverse=True)
    return [Tombstone(id=decode(row.document).id, when=row.taken_down, change=row.change) for row in rows]


def _position(form: Form) -> datetime:
    assert form.review is not None  # noqa: S101 - `forms` read every document
    return form.review.position
