"""The column types that SQLite's STRICT tables and PostgreSQL both take, and what all tables share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    text,
)
from sqlalchemy.engine.interfaces import TypeCompiler
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator

from feedsvc.model import Rhythm
from feedsvc.model.stored import EPOCH, MICROSECOND, microseconds, sound

# STRICT knows INTEGER, REAL, TEXT and BLOB alone, and only INTEGER PRIMARY KEY is the row's own number in SQLite.
BigInt = BigInteger().with_variant(Integer(), "sqlite")
Seconds: Double[float] = Double().with_variant(REAL(), "sqlite")


class Letters(Text):
    """Text that sorts by its code points, as Python and SQLite have it: PostgreSQL would sort as its server is set."""


@compiles(Letters, "postgresql")
def _in_postgresql(_kind: Letters, _compiler: TypeCompiler, **told: object) -> str:
    # A column says so; values that are compared with it need not.
    return 'TEXT COLLATE "C"' if "type_expression" in told else "TEXT"


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC: exact, and ordered as numbers are."""

    impl = BigInt
    cache_ok = True

    # Processors of its own: the usual methods are called through three functions, and a source has ten moments.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """Gives microseconds; a naive datetime raises TypeError."""
        return _ready

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        """Gives the datetime, in UTC."""
        return _moment


def _ready(value: datetime | None) -> int | None:
    return None if value is None else microseconds(value)


# Most moments of a source are those of one look, and those of many sources that of one claim.
@lru_cache(4096)
def _moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + value * MICROSECOND


class Flag(TypeDecorator[bool]):
    """True or false: INTEGER 1 or 0 in SQLite, BOOLEAN elsewhere."""

    impl = Boolean().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """A real bool."""
        return None if value is None else bool(value)


class Words(TypeDecorator[str]):
    """Text from outside that no database may choke on: lone surrogates and NUL become U+FFFD."""

    impl = Letters
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text that is valid UTF-8 and that PostgreSQL takes."""
        return None if value is None else sound(value)


class FilePath(TypeDecorator[str]):
    """A file's path as Python gives it: bytes that are no UTF-8 come back as they were (PEP 383)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """The path's own bytes."""
        return None if value is None else value.encode("utf-8", "surrogateescape")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The path as os.fsdecode gives it."""
        return None if value is None else value.decode("utf-8", "surrogateescape")


class AskedRhythm(TypeDecorator[Rhythm]):
    """What a feed says about how often to look, as JSON; NULL where it says nothing, as nearly all do."""

    impl = Letters
    cache_ok = True

    def process_bind_param(self, value: Rhythm | None, dialect: Dialect) -> str | None:
        """The JSON text."""
        return None if value is None or value == SILENT else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Rhythm:
        """The rhythm; one that says nothing for NULL."""
        return SILENT if value is None else _rhythm(value)


SILENT = Rhythm()


@lru_cache(1024)
def _rhythm(stored: str) -> Rhythm:
    return msgspec.json.decode(stored, type=Rhythm)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over those rows alone that meet a condition, in both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
