"""The tables of what is collected: sources and when to look, hubs that deliver, reviews, withdrawals."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    false,
    text,
)

from feedsvc.store.schema.columns import (
    AskedRhythm,
    BigInt,
    FilePath,
    Flag,
    Instant,
    Letters,
    Seconds,
    Words,
    metadata,
    partial_index,
)

source = Table(
    "source",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("name", Letters, nullable=False, unique=True),
    Column("kind", Letters, nullable=False),
    Column("location", Letters, nullable=False),
    # sha256 of the configuration that can change a review.
    Column("config_digest", LargeBinary, nullable=False),
    Column("location_moved", Words),
    Column("feed_url", Words),
    Column("feed_title", Words),
    Column("feed_home", Words),
    Column("problems", Words),
    # Rises with each review that is added or changed: tells at once whether a feed must be drawn again, whatever the
    # clock did.
    Column("changes", BigInt, nullable=False),
    # When a review of it last left publication, or came back, at somebody's request.
    Column("last_withdrawal", Instant),
    sqlite_strict=True,
)

#: For a table whose every row is written again and again (PostgreSQL alone): room for a row's next form beside it, and
#: a clean-up by the hundredth of the rows, not by the fifth; a million rows would hold 200,000 dead ones before.
BUSY = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.01, "autovacuum_analyze_scale_factor": 0.02}

# Written at every look, so it is narrow and apart from `source`.
schedule = Table(
    "schedule",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("enabled", Flag, nullable=False, server_default=false()),
    # Of the address that is asked: where work is shared, each host is with one worker at a time. NULL: it is a file.
    Column("host", Words),
    Column("next_check", Instant, nullable=False),
    Column("interval", Seconds, nullable=False),
    Column("lease_token", Letters),
    Column("lease_until", Instant),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("validated_url", Words),
    Column("body_hash", LargeBinary),
    Column("failures", BigInt, nullable=False),
    Column("error", Words),
    Column("error_kind", Letters),
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
    # What is due (claims.ANY_DUE, CLAIMED_DUE): all that tells it, so that asking reads nothing else. The free alone.
    partial_index("ix_schedule_due", "enabled", "stopped", "next_check", "lease_until", where="lease_until IS NULL"),
    # Whose claims there are, and which have ended (claims.ENDED, owners, release_all): as many rows as are in hand.
    partial_index("ix_schedule_held", "lease_until", where="lease_until IS NOT NULL"),
    sqlite_strict=True,
    postgresql_with=BUSY,
)

# How long a whole domain wants to be left alone: it answered 429.
host_limit = Table(
    "host_limit",
    metadata,
    Column("domain", Letters, primary_key=True),
    Column("until", Instant, nullable=False),
    sqlite_strict=True,
)

# With whom a host is, where work is shared: one worker at a time asks it, and the next not before `until`.
host_lease = Table(
    "host_lease",
    metadata,
    Column("host", Words, primary_key=True),
    # NULL: it was given back, and rests.
    Column("token", Letters),
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
    Column("key", Letters, nullable=False, unique=True),
    Column("item_digest", LargeBinary, nullable=False),
    Column("position", Instant, nullable=False),
    Column("collected", Instant, nullable=False),
    Column("revised", Instant, nullable=False),
    Column("outlet", Words, nullable=False),
    Column("url", Words),
    Column("document", Letters, nullable=False),
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
    # The newest of feeds of very many sources (archives._of_all): from its end until so many are of them.
    partial_index("ix_review_newest", "position", "source_id", where="withdrawn IS NULL"),
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
    Column("document", Letters, nullable=False),
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
    Column("problems", Words),
    Column("seen", Instant, nullable=False),
    sqlite_strict=True,
)

# What a feed's items were read as, by their markup (parsers.markup): what stands there as it was is not read again.
markup = Table(
    "markup",
    metadata,
    Column("source_id", BigInt, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("kept", LargeBinary, nullable=False),
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
    Column("kind", Letters, nullable=False),
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

subscription = Table(
    "subscription",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("source_id", BigInt, ForeignKey("source.id"), nullable=False, index=True),
    # The configured address that it was discovered under: configured elsewhere, the source is another.
    Column("location", Letters, nullable=False),
    Column("hub", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("token", Letters, nullable=False, unique=True),
    Column("secret", Letters, nullable=False),
    Column("state", Letters, nullable=False),
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
    Column("name", Letters, primary_key=True),
    Column("value", BigInt, nullable=False),
    sqlite_strict=True,
)
