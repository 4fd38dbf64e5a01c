"""The tables of one review in several carriers: what copies are found by, and who stands behind whom."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table

from feedsvc.store.schema.columns import BigInt, metadata

# What is known of each review's text; `digest` says of which form. `keys` are those in copy_key, eight bytes each.
copy_text = Table(
    "copy_text",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
    sqlite_strict=True,
)

# Reviews by the keys that their copies share.
copy_key = Table(
    "copy_key",
    metadata,
    Column("key", BigInt, primary_key=True, autoincrement=False),
    Column("review_id", BigInt, primary_key=True, autoincrement=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The carriers of one review: in a feed that takes in several of them the one with the lowest place is shown.
copy_member = Table(
    "copy_member",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("copied", BigInt, nullable=False),
    Column("place", BigInt, nullable=False),
    Column("source_id", BigInt, nullable=False),
    Index("ix_copy_member_copied", "copied", "place"),
    sqlite_strict=True,
)
