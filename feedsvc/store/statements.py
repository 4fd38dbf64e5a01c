"""The two spots where one statement must be put differently for SQLite and PostgreSQL, or cut into portions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

#: How many values stand in one IN list: SQLite takes 32,766 and PostgreSQL 65,535 in a whole statement.
PORTION = 500


def portions(values: Sequence[T]) -> Iterator[list[T]]:
    """The values in their order, in lists of at most PORTION."""
    remaining = iter(values)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy offers for each dialect apart."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts the rows; where a primary key is there already, its other columns are overwritten."""
    if not rows:
        return
    insert = insert_into(connection, table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others), rows)
