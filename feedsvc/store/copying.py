"""Two database URLs in; all that the one holds, row for row, in the other one out. SQLite or PostgreSQL, either way.

Every table goes over in the order of its primary key, a batch in a transaction. So what is there already says how far
a copy has come: one that was cut off goes on behind its last row, and needs no notes. Until every row has been
compared, the target says of itself that it is unfinished, and no other command opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator, TypeEngine

from feedsvc.errors import StoreError
from feedsvc.model.stored import sound
from feedsvc.store import migrating
from feedsvc.store.database import Database
from feedsvc.store.opening import open_database
from feedsvc.store.schema import Flag, counter, metadata
from feedsvc.store.statements import ForMany

#: Rows that are read at once, and the most of one transaction: so many rows, or so many bytes.
FETCHED, ROWS, BYTES = 200, 5000, 16_000_000
#: A foreign key leads to a table that stands before.
TABLES: Sequence[Table] = metadata.sorted_tables
BEGIN_ANEW = "Empty it (drop and make the database, or remove the file), then copy again."

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """Rows that went over, or were compared, since the last word; `table` is whose they are."""

    table: str
    rows: int
    compared: bool


Report = Callable[[Copied], None]


def copy_database(source_url: str, target_url: str, report: Report) -> dict[str, int]:
    """Copies everything and compares it at the end; says how many rows each table holds.

    The target must be empty, or hold what an earlier call for the same source left when it was cut off. Raises
    StoreError for any other, for a source that is not of this version, and where a row differs at the end: then
    the source was written meanwhile.
    """
    with ExitStack() as opened:
        source, target = (
            opened.enter_context(closing(open_database(url, create=create)))
            for url, create in ((source_url, False), (target_url, True))
        )
        if source.name == target.name:
            raise StoreError(f"{source.name} cannot be copied to itself. Name another database to copy to.")
        _check_source(source)
        _claim(target)
        try:
            with source.read() as connection:
                for table in TABLES:
                    _copy_table(connection, source, target, table, report)
        except IntegrityError as error:
            raise StoreError(f"{target.name}: somebody else writes there. End that first. {BEGIN_ANEW}") from error
        with source.read() as ours, target.read() as theirs:
            counts = {table.name: _compare(ours, theirs, source, target, table, report) for table in TABLES}
        _finish(target)
        return counts


def row_count(database_url: str) -> int:
    """How many rows a database holds in all its tables. Raises StoreError."""
    with closing(open_database(database_url, create=False)) as database:
        _check_source(database)
        with database.read() as connection:
            return sum(_count(connection, table) for table in TABLES)


# ------------------------------------------------------------------------------------------------------- begin and end


def _check_source(source: Database) -> None:
    """Raises StoreError unless it holds the tables of this version."""
    with source.read() as connection:
        found = migrating.check(source, connection)
    if found != migrating.head():
        raise StoreError(f"{source.name} is of an older version. Run `feedsvc migrate` on it first, then copy it.")


def _claim(target: Database) -> None:
    """Makes the tables and notes that they are being filled; StoreError for a database that holds something else."""
    with target.read() as connection:
        found = migrating.current(connection)
        empty = found is None or found == migrating.head()
        if found == migrating.COPYING:
            return
        if not empty or (found and _holds_anything(connection)):
            raise StoreError(f"{target.name} is not empty. Name an empty database to copy to; nothing was changed.")
    migrating.upgrade(target)
    with target.write() as connection:
        # What its migrations count with: the source's own counters take its place.
        connection.execute(counter.delete())
        migrating.set_current(connection, migrating.COPYING)


def _holds_anything(connection: Connection) -> bool:
    counted = connection.execute(select(func.max(counter.c.value))).scalar_one()
    filled = (_last(connection, table) is not None for table in TABLES if table is not counter)
    return bool(counted) or any(filled)


def _finish(target: Database) -> None:
    """What no row holds: the numbers to come, and the full text of SQLite; then the target is a database like any."""
    with target.write() as connection:
        if connection.dialect.name == "postgresql":
            for table in TABLES:
                _set_sequence(connection, table)
            connection.execute(text(f"ANALYZE {', '.join(table.name for table in TABLES)}"))
        else:
            connection.execute(text("INSERT INTO review_match (review_match) VALUES ('rebuild')"))
        migrating.set_current(connection, migrating.head())


def _set_sequence(connection: Connection, table: Table) -> None:
    number = table.autoincrement_column
    if number is None:
        return
    sequence = func.pg_get_serial_sequence(literal(table.name), literal(number.name))
    highest = connection.execute(select(func.max(number))).scalar_one()
    connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))


# ---------------------------------------------------------------------------------------------------------- the rows


def _copy_table(source: Connection, whence: Database, target: Database, table: Table, report: Report) -> None:
    with target.read() as connection:
        last = _last(connection, table)
        before = 0 if last is None else _count(connection, table)
    if last is not None and _at(source, table, last) != last:
        raise StoreError(f"{target.name} is a partial copy of another database than {whence.name}. {BEGIN_ANEW}")
    if before:
        report(Copied(table.name, before, compared=False))
    for batch in _batches(_rows(source, table, after=last)):
        with target.write() as connection:
            _write(connection, table, batch)
        report(Copied(table.name, len(batch), compared=False))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) == ROWS or size > BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if connection.dialect.name == "postgresql":
        _write_by_copy(connection, table, rows)
        return
    names = [column.name for column in table.columns]
    values = {column: bindparam(column.name, type_=_plain(column)) for column in table.columns}
    ForMany(insert(table).values(values), names).execute(connection, rows)


def _write_by_copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """PostgreSQL's own way for many rows (https://www.postgresql.org/docs/current/sql-copy.html): no statement each."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    driver = cast(Any, connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _compare(
    ours: Connection, theirs: Connection, source: Database, target: Database, table: Table, report: Report
) -> int:
    """The number of rows, which are the same on both sides; StoreError where one is not."""
    count = 0
    keys = len(table.primary_key)
    for mine, other in zip_longest(_rows(ours, table), _rows(theirs, table)):
        if mine != other:
            place = ", ".join(map(str, (mine or other or ())[:keys]))
            raise StoreError(
                f"{target.name} is not what {source.name} is now: they differ in {table.name} ({place}). The source "
                f"was written while it was copied: end every process of feedsvc that uses it. {BEGIN_ANEW}"
            )
        count += 1
        if count % ROWS == 0:
            report(Copied(table.name, ROWS, compared=True))
    if count % ROWS:
        report(Copied(table.name, count % ROWS, compared=True))
    return count


# ---------------------------------------------------------------------------------------------------- how it is asked


def _plain(column: Column[Any]) -> TypeEngine[Any]:
    """A column's type without what the model makes of it: the same value on both sides, whichever database it is."""
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) and not isinstance(kind, Flag) else kind


def _chosen(table: Table) -> Select[Any]:
    return select(*(type_coerce(column, _plain(column)).label(column.name) for column in table.columns))


def _rows(connection: Connection, table: Table, after: Row | None = None) -> Iterator[Row]:
    """All rows in the order of their key, or those behind one, read bit by bit."""
    keys = list(table.primary_key)
    asked = _chosen(table).order_by(*keys)
    if after is not None:
        asked = asked.where(tuple_(*keys) > tuple_(*(_value(column, after) for column in keys)))
    found = connection.execution_options(yield_per=FETCHED).execute(asked)
    return map(_sound_texts(table), found)


def _last(connection: Connection, table: Table) -> Row | None:
    """The row with the highest key; None where there is none."""
    last = _chosen(table).order_by(*(key.desc() for key in table.primary_key)).limit(1)
    found = connection.execute(last).one_or_none()
    return None if found is None else _sound_texts(table)(found)


def _at(connection: Connection, table: Table, row: Row) -> Row | None:
    """The row with the same key as this one; None where there is none."""
    same = (column == _value(column, row) for column in table.primary_key)
    found = connection.execute(_chosen(table).where(*same)).one_or_none()
    return None if found is None else _sound_texts(table)(found)


def _value(column: Column[Any], row: Row) -> ColumnElement[Any]:
    """A column's value in a row of its table, as the database is to take it."""
    return literal(row[list(column.table.columns).index(column)], _plain(column))


def _sound_texts(table: Table) -> Callable[[Sequence[Any]], Row]:
    """Makes rows plain tuples. Only SQLite holds NUL in text: as everywhere else it becomes U+FFFD."""
    texts = {place for place, column in enumerate(table.columns) if isinstance(column.type, Text)}

    def sounded(row: Sequence[Any]) -> Row:
        return tuple(sound(one) if place in texts and one else one for place, one in enumerate(row))

    return sounded if texts else tuple


def _count(connection: Connection, table: Table) -> int:
    found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return found
