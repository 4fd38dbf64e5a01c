"""The tables of the hub that we are, and of what other hubs are to be told."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from feedsvc.store.schema.columns import (
    BigInt,
    Instant,
    Letters,
    Words,
    metadata,
    partial_index,
)

# What was published of each address of a feed when it was last told of.
hub_topic = Table(
    "hub_topic",
    metadata,
    Column("topic", Letters, primary_key=True),
    Column("etag", Letters, nullable=False),
    sqlite_strict=True,
)

# What was asked and is not verified: waiting for it (`due`), or kept for a while so that it counts.
hub_intent = Table(
    "hub_intent",
    metadata,
    Column("id", BigInt, primary_key=True),
    # sha256 of topic and callback, which may be too long for PostgreSQL's index rows.
    Column("key", LargeBinary, nullable=False, index=True),
    Column("mode", Letters, nullable=False),
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
    Column("sent", Letters),
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
    Column("etag", Letters, nullable=False),
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
    Column("topic", Letters, nullable=False),
    Column("etag", Letters, nullable=False),
    Column("due", Instant, nullable=False),
    Column("failures", BigInt, nullable=False),
    UniqueConstraint("host", "topic"),
    Index("ix_hub_announcement_failures", "failures", "due"),
    sqlite_strict=True,
)
