"""The tables of works: how reviews state them, which of that is one work, and what an operator decided of it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, UniqueConstraint, text

from feedsvc.store.schema.columns import BigInt, Instant, Letters, Words, metadata, partial_index

# A work keeps its row and slug when another took it in (`into_id`), so that its old address leads on.
work = Table(
    "work",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("slug", Letters, nullable=False),
    Column("name", Words, nullable=False),
    Column("type", Words),
    Column("year", BigInt),
    Column("into_id", BigInt),
    UniqueConstraint("slug"),
    sqlite_strict=True,
)

# The other slugs that a work is found by: its names alone, its names with years, those of works that it took in.
work_alias = Table(
    "work_alias",
    metadata,
    Column("work_id", BigInt, ForeignKey("work.id"), primary_key=True, autoincrement=False),
    Column("slug", Letters, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# One way in which reviews state a work. `waiting` is 1 while what work it is of is to be found
# out, or found out again.
work_claim = Table(
    "work_claim",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("document", Words, nullable=False),
    Column("apart", BigInt, nullable=False, server_default=text("0"), index=True),
    Column("work_id", BigInt, ForeignKey("work.id"), index=True),
    # The work that it was of to begin with: when what joined it to another is undone, it goes back there.
    Column("first_work_id", BigInt),
    Column("waiting", BigInt),
    UniqueConstraint("digest"),
    partial_index("ix_work_claim_waiting", "id", where="waiting IS NOT NULL"),
    sqlite_strict=True,
)

# What claims of one work may share: a digest of the name, or an identifier.
work_token = Table(
    "work_token",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("claim_id", BigInt, ForeignKey("work_claim.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

work_review = Table(
    "work_review",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("claim_id", BigInt, ForeignKey("work_claim.id"), nullable=False, index=True),
    sqlite_strict=True,
)

# Reviews whose work changed though they did not: they are to be noted for views again.
work_stale = Table(
    "work_stale",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    sqlite_strict=True,
)

# What an operator decided. `kept_id`: the work whose address stays, when two become one or one is split.
work_decision = Table(
    "work_decision",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("kind", Letters, nullable=False),
    Column("words", Words, nullable=False),
    Column("kept_id", BigInt, nullable=False),
    Column("made", Instant, nullable=False),
    Column("undone", Instant),
    sqlite_strict=True,
)

# What a decision is about: claims by their digests, single reviews by their keys.
work_decided = Table(
    "work_decided",
    metadata,
    Column("decision_id", BigInt, ForeignKey("work_decision.id"), primary_key=True, autoincrement=False),
    Column("what", LargeBinary, primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
