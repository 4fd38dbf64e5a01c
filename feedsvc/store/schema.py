"""The tables, and the column types that SQLite's STRICT tables and PostgreSQL both take. No queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy import (
    DDL,
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
    event,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator

from feedsvc.model import Rhythm
from feedsvc.model.stored import EPOCH, MICROSECOND, microseconds, sound

# STRICT knows INTEGER, REAL, TEXT and BLOB alone, and only INTEGER PRIMARY KEY is the row's own number in SQLite.
BigInt = BigInteger().with_variant(Integer(), "sqlite")
Seconds: Double[float] = Double().with_variant(REAL(), "sqlite")


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

    impl = Text
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

    impl = Text
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

source = Table(
    "source",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("location", Text, nullable=False),
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
    Column("enabled", Flag, nullable=False, server_default=false()),
    Column("next_check", Instant, nullable=False),
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
    Column("rhythm", AskedRhythm),
    Column("pause", Seconds),
    Column("newest", Instant),
    Column("last_whole", Instant),
    Column("moved_to", Words),
    Column("moved_since", Instant),
    Column("moved_looks", BigInt, nullable=False, server_default=text("0")),
    Column("knows_deltas", Flag, nullable=False, server_default=false()),
    # All that tells whether anything is due, so that asking reads nothing else.
    Index("ix_schedule_due", "enabled", "stopped", "next_check", "lease_until"),
    sqlite_strict=True,
)

# How long a whole domain wants to be left alone: it answered 429.
host_limit = Table(
    "host_limit",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("until", Instant, nullable=False),
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
    Column("position", Instant, nullable=False),
    Column("collected", Instant, nullable=False),
    Column("revised", Instant, nullable=False),
    Column("outlet", Words, nullable=False),
    Column("url", Words),
    Column("document", Text, nullable=False),
    # Since when it is withdrawn; NULL: it is published.
    Column("withdrawn", Instant),
    # When it left the feeds; NULL where it never stood in one.
    Column("taken_down", Instant),
    # The number of the change by which it got its present form, was taken out or was brought back.
    Column("change", BigInt, nullable=False, server_default=text("0"), index=True),
    UniqueConstraint("source_id", "guid_hash"),
    # What changed of some sources since a number.
    Index("ix_review_source_change", "source_id", "change"),
    # Each holds only what its query looks for, however much is withdrawn.
    partial_index("ix_review_published", "source_id", "position", where="withdrawn IS NULL"),
    partial_index("ix_review_withdrawn", "source_id", "position", where="withdrawn IS NOT NULL"),
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
    # The number that this form had.
    Column("change", BigInt, nullable=False, server_default=text("0"), index=True),
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
    # The same bytes packed; NULL where that would not make them smaller.
    Column("gzip", LargeBinary),
    Column("br", LargeBinary),
    # For the Link header, as JSON; NULL: none.
    Column("links", Text),
    Column("private", Flag, nullable=False, server_default=false()),
    # Both are asked for of every address; behind the bodies they could only be reached through all of these.
    Index("ix_rendition_known", "path", "etag", "entries_digest"),
    sqlite_strict=True,
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source_id", BigInt, ForeignKey("source.id"), nullable=False, index=True),
    # The configured address that it was discovered under: configured elsewhere, the source is another.
    Column("location", Text, nullable=False),
    Column("hub", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked", Instant),
    Column("lease_until", Instant),
    Column("renew_at", Instant, nullable=False, index=True),
    Column("last_delivery", Instant),
    Column("failures", BigInt, nullable=False),
    # One at a time for a source; beside it stand those that were denied or are being ended.
    partial_index("ix_subscription_live", "source_id", where="state IN ('wanted', 'asked', 'verified')", unique=True),
    sqlite_strict=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("subscription_id", BigInt, ForeignKey("subscription.id"), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("media_type", Words),
    Column("charset", Words),
    Column("received", Instant, nullable=False),
    sqlite_strict=True,
)

# The newest number that was given out of each row of numbers; its row is locked by whoever takes one.
counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInt, nullable=False),
    sqlite_strict=True,
)

# archives: the closed parts of each feed's history (RFC 5005). A part holds what changed by the numbers after `since`
# up to `until`.
archive = Table(
    "archive",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("feed", Text, nullable=False),
    # "2026-05", and the number of the part within it, from 1.
    Column("month", Text, nullable=False),
    Column("part", BigInt, nullable=False),
    Column("since", BigInt, nullable=False),
    Column("until", BigInt, nullable=False),
    UniqueConstraint("feed", "until"),
    UniqueConstraint("feed", "month", "part"),
    sqlite_strict=True,
)
# ---- views: what reviews are found by. Written beside the reviews by its own tick, never while they are collected.

# What was withdrawn since the index last moved is left out of every answer, so it must be found at once.
Index(
    "ix_review_gone",
    review.c.change,
    sqlite_where=text("withdrawn IS NOT NULL"),
    postgresql_where=text("withdrawn IS NOT NULL"),
)

# A value that reviews can be chosen by.
facet = Table(
    "facet",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("label", Words, nullable=False),
    # How many have it, of all sources.
    Column("reviews", BigInt, nullable=False, server_default=text("0")),
    UniqueConstraint("kind", "slug"),
    Index("ix_facet_reviews", "kind", "reviews"),
    sqlite_strict=True,
)

# One narrow row for each review that views may show. `before` is its position with the sign turned: so the order of a
# feed, newest first and then by key, is the plain order of an index in both databases.
listed = Table(
    "listed",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("source_id", BigInt, nullable=False),
    Column("before", BigInt, nullable=False),
    Column("key", Text, nullable=False),
    Column("percent", Seconds),
    Column("revised", Instant, nullable=False),
    Index("ix_listed_order", "before", "key", "source_id", "percent"),
    Index("ix_listed_revised", "source_id", "revised"),
    sqlite_strict=True,
)

# The values of each review, those of one value together and in the order of a feed.
review_facet = Table(
    "review_facet",
    metadata,
    Column("facet_id", BigInt, ForeignKey("facet.id"), primary_key=True, autoincrement=False),
    Column("before", BigInt, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("review_id", BigInt, ForeignKey("review.id"), nullable=False, index=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# How many reviews of a source have a value; value 0 stands for all its reviews, source 0 for all sources.
tally = Table(
    "tally",
    metadata,
    Column("source_id", BigInt, primary_key=True, autoincrement=False),
    Column("facet_id", BigInt, primary_key=True, autoincrement=False),
    Column("reviews", BigInt, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The words that a review is found by, folded, each with a letter before it that tells where it stands: so a question
# about titles reads what is in titles alone, however common a word is elsewhere.
review_text = Table(
    "review_text",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("words", Words, nullable=False),
    sqlite_strict=True,
)

# How far the index has come: up to a change and, of its reviews, a row; `rules` is a digest of what it was made under.
view_index = Table(
    "view_index",
    metadata,
    Column("name", Text, primary_key=True),
    Column("change", BigInt, nullable=False),
    Column("review_id", BigInt, nullable=False),
    Column("rules", LargeBinary, nullable=False),
    sqlite_strict=True,
)

#: The full text of SQLite, over the rows of review_text (https://sqlite.org/fts5.html, 4.4.3).
MATCH_IN_SQLITE = (
    "CREATE VIRTUAL TABLE review_match USING fts5(words, content='review_text', content_rowid='review_id', "
    "tokenize='unicode61 remove_diacritics 2')"
)
#: The full text of PostgreSQL.
WORDS_IN_POSTGRESQL = "to_tsvector('simple', words)"
MATCH_IN_POSTGRESQL = f"CREATE INDEX ix_review_text_match ON review_text USING gin ({WORDS_IN_POSTGRESQL})"

for _database, _match in (("sqlite", MATCH_IN_SQLITE), ("postgresql", MATCH_IN_POSTGRESQL)):
    _made: DDL = DDL(_match)  # type: ignore[no-untyped-call]
    event.listen(review_text, "after_create", _made.execute_if(dialect=_database))
# ---------------------------------------------------------------------------------------------- the hub that we are

# What was published of each address of a feed when it was last told of.
hub_topic = Table(
    "hub_topic",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    sqlite_strict=True,
)

# What was asked and is not verified: waiting for it (`due`), or kept for a while so that it counts.
hub_intent = Table(
    "hub_intent",
    metadata,
    Column("id", BigInt, primary_key=True),
    # sha256 of topic and callback, which may be too long for PostgreSQL's index rows.
    Column("key", LargeBinary, nullable=False, index=True),
    Column("mode", Text, nullable=False),
    Column("topic", Words, nullable=False),
    Column("callback", Words, nullable=False),
    Column("host", Words, nullable=False, index=True),
    Column("secret", Words),
    Column("lease", BigInt),
    Column("asked", Instant, nullable=False, index=True),
    Column("due", Instant),
    Column("tries", BigInt, nullable=False),
    partial_index("ix_hub_intent_due", "due", where="due IS NOT NULL"),
    sqlite_strict=True,
)

hub_subscriber = Table(
    "hub_subscriber",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("topic", Words, nullable=False, index=True),
    Column("callback", Words, nullable=False),
    Column("host", Words, nullable=False, index=True),
    Column("secret", Words),
    Column("since", Instant, nullable=False),
    Column("lease_until", Instant, nullable=False, index=True),
    Column("sent", Text),
    Column("last_delivery", Instant),
    Column("lost", BigInt, nullable=False),
    sqlite_strict=True,
)

# One at most for each subscriber: a newer change takes the older one's place.
hub_delivery = Table(
    "hub_delivery",
    metadata,
    Column("id", BigInt, ForeignKey("hub_subscriber.id"), primary_key=True, autoincrement=False),
    Column("host", Words, nullable=False),
    Column("etag", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("failures", BigInt, nullable=False),
    Index("ix_hub_delivery_failures", "failures", "due"),
    sqlite_strict=True,
)

# The same for the hubs of others.
hub_announcement = Table(
    "hub_announcement",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("host", Words, nullable=False),
    Column("topic", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("failures", BigInt, nullable=False),
    UniqueConstraint("host", "topic"),
    Index("ix_hub_announcement_failures", "failures", "due"),
    sqlite_strict=True,
)

# Private feeds: what opens them. Of a token only its hash is kept.
access_token = Table(
    "access_token",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("feed", Text, nullable=False, index=True),
    Column("name", Words),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("made", Instant, nullable=False),
    Column("last_used", Instant),
    Column("requests", BigInt, nullable=False),
    Column("revoked", Instant),
    sqlite_strict=True,
)
