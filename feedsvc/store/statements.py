"""Statements in, as each database takes them: put differently for SQLite and PostgreSQL, cut up, or compiled once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    LargeBinary,
    Table,
    Update,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
Statement = Insert | Update | Delete

#: How many values stand in one IN list: SQLite takes 32,766 and PostgreSQL 65,535 in a whole statement.
PORTION = 500


def portions(values: Sequence[T]) -> Iterator[list[T]]:
    """The values in their order, in lists of at most PORTION."""
    remaining = iter(values)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def insert_into(dialect: Dialect, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy offers for each dialect apart."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def among(dialect: Dialect, column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of any number of numbers, given as one value: planned and sent for less than an IN list.

    PostgreSQL takes an array, SQLite a JSON text (https://sqlite.org/json1.html, 4.23).
    """
    if dialect.name == "postgresql":
        return column == any_(literal(list(numbers), ARRAY(BigInteger)))
    each = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(each.c.value))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts the rows; where a primary key is there already, its other columns are overwritten."""
    if not rows:
        return
    insert = insert_into(connection.dialect, table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others), rows)


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text, the places of the values in the order that it wants them, and what each becomes for the driver."""

    sql: str
    names: Sequence[str]
    order: Sequence[int]
    processors: Sequence[Callable[[Any], object] | None]
    positional: bool

    @property
    def as_they_are(self) -> bool:
        """Whether the driver takes the rows without another word."""
        return self.positional and not any(self.processors) and list(self.order) == list(range(len(self.order)))


class ForMany:
    """One statement for many rows, compiled once and then executed by the driver alone.

    For the rows of a batch, SQLAlchemy's own way costs several times what SQLite needs to write them.
    """

    def __init__(self, statement: Statement | Callable[[Dialect], Statement], names: Sequence[str]) -> None:
        """`names` are those of the values in a row: bindparams of the statement, or else columns that it is to set."""
        self._statement = statement
        self._names = list(names)
        self._compiled: dict[str, Compiled] = {}

    def execute(self, connection: Connection, rows: Sequence[Sequence[object]]) -> int:
        """Executes it for every row and says how many rows of the table it wrote."""
        if not rows:
            return 0
        made = self.compiled_for(connection.dialect)
        if made.as_they_are:
            return connection.exec_driver_sql(made.sql, rows).rowcount
        columns, nothing = list(zip(*rows, strict=True)), (None,) * len(rows)
        ready = [
            columns[place] if process is None or columns[place] == nothing else map(process, columns[place])
            for place, process in zip(made.order, made.processors, strict=True)
        ]
        tuples = list(zip(*ready, strict=True))
        if made.positional:
            return connection.exec_driver_sql(made.sql, tuples).rowcount
        named = [dict(zip(made.names, values, strict=True)) for values in tuples]
        return connection.exec_driver_sql(made.sql, named).rowcount

    def compiled_for(self, dialect: Dialect) -> Compiled:
        """How this database takes it."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        return self._compiled[dialect.name]

    def _compile(self, dialect: Dialect) -> Compiled:
        statement = self._statement(dialect) if callable(self._statement) else self._statement
        if isinstance(statement, Insert):
            # Or PostgreSQL's would ask for each new row's number.
            statement = statement.inline()
        named = {bind.key for bind in visitors.iterate(statement) if isinstance(bind, BindParameter)}
        columns = [name for name in self._names if name not in named]
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        names = compiled.positiontup or self._names
        types = (compiled.binds[name].type for name in names)
        return Compiled(
            sql=str(compiled),
            names=names,
            order=[self._names.index(name) for name in names],
            processors=[_processor(kind, dialect) for kind in types],
            positional=compiled.positional,
        )


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], object] | None:
    # SQLAlchemy would wrap bytes, which every driver takes as they are; SQLite copies what is wrapped once more.
    return None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
