"""The tables of pages that sources lead to, of what they say, and of what robots.txt says."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, UniqueConstraint

from feedsvc.store.schema.columns import BigInt, Instant, Letters, Seconds, Words, metadata, partial_index

page = Table(
    "page",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source_id", BigInt, ForeignKey("source.id"), nullable=False),
    # An address may be longer than PostgreSQL's index rows; so its sha256 is what is unique.
    Column("url_hash", LargeBinary, nullable=False),
    Column("url", Words, nullable=False),
    Column("depth", BigInt, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("modified", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validated_url", Words),
    Column("body_hash", LargeBinary),
    # NULL: it is not asked for again by itself.
    Column("next_check", Instant),
    Column("interval", Seconds, nullable=False),
    Column("read", Instant),
    Column("failures", BigInt, nullable=False),
    Column("error", Words),
    Column("error_kind", Letters),
    UniqueConstraint("source_id", "url_hash"),
    Index("ix_page_source_due", "source_id", "next_check"),
    # Nearly none fail: asking which do reads those alone.
    partial_index("ix_page_failing", "source_id", where="failures > 0"),
    sqlite_strict=True,
)

# What the page of a feed's item says, as JSON, packed: the item is completed from it whenever the feed is read.
page_said = Table(
    "page_said",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("url_hash", LargeBinary, primary_key=True),
    Column("url", Words, nullable=False),
    Column("said", LargeBinary, nullable=False),
    Column("read", Instant, nullable=False),
    sqlite_strict=True,
)

# What a feed whose items are completed said last, packed: a 304 does not repeat it.
followed_feed = Table(
    "followed_feed",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("url", Words, nullable=False),
    Column("media_type", Words),
    Column("charset", Words),
    Column("body", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# One row for each origin (scheme, host and port).
robots = Table(
    "robots",
    metadata,
    Column("origin", Letters, primary_key=True),
    Column("asking", Letters, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("text", Letters, nullable=False),
    sqlite_strict=True,
)
