"""The tables, and the column types that SQLite's STRICT tables and PostgreSQL both take. No queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# STRICT knows INTEGER, REAL, TEXT and BLOB alone, and only INTEGER PRIMARY KEY is the row's own number in SQLite.
BigInt = BigInteger().with_variant(Integer(), "sqlite")
Seconds: Double[float] = Double().with_variant(REAL(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC: exact, and ordered as numbers are."""

    impl = BigInt
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds; a naive datetime raises TypeError."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The datetime, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Flag(TypeDecorator[bool]):
    """True or false: INTEGER 1 or 0 in SQLite, BOOLEAN elsewhere."""

    impl = Boolean().with_variant(Integer(), "sqlite")
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> bool | None:
        """As it is: the drivers know what a bool is."""
        return value

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """A real bool."""
        return None if value is None else bool(value)


class Words(TypeDecorator[str]):
    """Text from outside that no database may choke on: lone surrogates and NUL become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text that is valid UTF-8 and that PostgreSQL takes."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


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


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index over those rows alone that meet a condition, in both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

source = Table(
    "source",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("enabled", Flag, nullable=False),
    # sha256 of the configuration that can change a review.
    Column("config_digest", LargeBinary, nullable=False),
    Column("location_moved", Words),
    Column("feed_url", Words),
    Column("feed_title", Words),
    Column("feed_home", Words),
    # Rises with each review that is added or changed: tells at once whether a feed must be drawn again, whatever the
    # clock did.
    Column("changes", BigInt, nullable=False),
    # When a review of it last left publication, or came back, at somebody's request.
    Column("last_withdrawal", Instant),
    sqlite_strict=True,
)

# Written at every look, so it is narrow and apart from `source`.
schedule = Table(
    "schedule",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("next_check", Instant, nullable=False, index=True),
    Column("interval", Seconds, nullable=False),
    Column("lease_token", Text),
    Column("lease_until", Instant),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validated_url", Words),
    Column("body_hash", LargeBinary),
    Column("failures", BigInt, nullable=False),
    Column("error", Words),
    Column("error_kind", Text),
    Column("last_checked", Instant),
    Column("last_success", Instant),
    Column("last_new", Instant),
    Column("stopped", Flag, nullable=False),
    sqlite_strict=True,
)

review = Table(
    "review",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source_id", BigInt, ForeignKey("source.id"), nullable=False),
    # A guid may be 10 KB long; PostgreSQL's index rows hold 2.7 KB. So its hash is what is unique.
    Column("guid_hash", LargeBinary, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("item_digest", LargeBinary, nullable=False),
    Column("position", Instant, nullable=False, index=True),
    Column("collected", Instant, nullable=False),
    Column("revised", Instant, nullable=False),
    Column("outlet", Words, nullable=False, index=True),
    Column("url", Words),
    Column("document", Text, nullable=False),
    # Since when it is withdrawn; NULL: it is published.
    Column("withdrawn", Instant),
    # When it left the feeds; NULL where it never stood in one.
    Column("taken_down", Instant),
    UniqueConstraint("source_id", "guid_hash"),
    # Each holds only what its query looks for, however much is withdrawn.
    partial_index("ix_review_published", "source_id", "position", where="withdrawn IS NULL"),
    partial_index("ix_review_taken_down", "source_id", "taken_down", "position", where="taken_down IS NOT NULL"),
    sqlite_strict=True,
)

revision = Table(
    "revision",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("review_id", BigInt, ForeignKey("review.id"), nullable=False, index=True),
    Column("replaced", Instant, nullable=False),
    Column("document", Text, nullable=False),
    sqlite_strict=True,
)

document = Table(
    "document",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True),
    Column("path_hash", LargeBinary, primary_key=True),
    Column("path", FilePath, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("reason", Words),
    Column("seen", Instant, nullable=False),
    sqlite_strict=True,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True),
    Column("place_hash", LargeBinary, primary_key=True),
    Column("place", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("seen", Instant, nullable=False),
    sqlite_strict=True,
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("requested_by", Words, nullable=False),
    Column("withdrawn", Instant, nullable=False),
    Column("undone", Instant),
    Column("undone_reason", Words),
    Column("undone_by", Words),
    sqlite_strict=True,
)

# What a review is known by: whatever bears one of these marks is withdrawn.
withdrawal_mark = Table(
    "withdrawal_mark",
    metadata,
    Column("mark", LargeBinary, primary_key=True),
    Column("withdrawal_id", BigInt, ForeignKey("withdrawal.id"), primary_key=True, autoincrement=False),
    sqlite_strict=True,
)

# What it took, kept when it is undone: a review that another request took too stays out.
withdrawal_review = Table(
    "withdrawal_review",
    metadata,
    Column("withdrawal_id", BigInt, ForeignKey("withdrawal.id"), primary_key=True, autoincrement=False),
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_strict=True,
)

rendition = Table(
    "rendition",
    metadata,
    Column("path", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Instant, nullable=False),
    # The content version that it was drawn from.
    Column("entries_digest", LargeBinary, nullable=False),
    sqlite_strict=True,
)
