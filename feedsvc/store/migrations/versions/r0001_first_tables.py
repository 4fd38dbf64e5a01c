"""The first tables. Written out here in full, and never changed again: later revisions start from exactly these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# STRICT tables take INTEGER, REAL, TEXT and BLOB alone.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS: sa.Double[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Makes sources with their schedule, reviews with their history, what is kept out, and renditions."""
    _sources()
    _reviews()
    _kept_out()
    _renditions()


def _sources() -> None:
    op.create_table(
        "source",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("location", TEXT, nullable=False),
        sa.Column("enabled", FLAG, nullable=False),
        sa.Column("config_digest", BYTES, nullable=False),
        sa.Column("location_moved", TEXT),
        sa.Column("feed_url", TEXT),
        sa.Column("feed_title", TEXT),
        sa.Column("feed_home", TEXT),
        sa.Column("changes", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("name", name="uq_source_name"),
        sqlite_strict=True,
    )
    op.create_table(
        "schedule",
        sa.Column("source_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("next_check", NUMBER, nullable=False),
        sa.Column("interval", SECONDS, nullable=False),
        sa.Column("lease_token", TEXT),
        sa.Column("lease_until", NUMBER),
        sa.Column("etag", TEXT),
        sa.Column("last_modified", TEXT),
        sa.Column("validated_url", TEXT),
        sa.Column("body_hash", BYTES),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("error", TEXT),
        sa.Column("error_kind", TEXT),
        sa.Column("last_checked", NUMBER),
        sa.Column("last_success", NUMBER),
        sa.Column("last_new", NUMBER),
        sa.Column("stopped", FLAG, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_schedule"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_schedule_source_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_schedule_next_check", "schedule", ["next_check"])


def _reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("guid_hash", BYTES, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("item_digest", BYTES, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("collected", NUMBER, nullable=False),
        sa.Column("revised", NUMBER, nullable=False),
        sa.Column("outlet", TEXT, nullable=False),
        sa.Column("url", TEXT),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint("key", name="uq_review_key"),
        sa.UniqueConstraint("source_id", "guid_hash", name="uq_review_source_id_guid_hash"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_review_source_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_review_outlet", "review", ["outlet"])
    op.create_index("ix_review_position", "review", ["position"])
    op.create_index("ix_review_source_id_position", "review", ["source_id", "position"])
    op.create_table(
        "revision",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("review_id", NUMBER, nullable=False),
        sa.Column("replaced", NUMBER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_revision_review_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_revision_review_id", "revision", ["review_id"])


def _kept_out() -> None:
    op.create_table(
        "document",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("path_hash", BYTES, nullable=False),
        sa.Column("path", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("seen", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "path_hash", name="pk_document"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_document_source_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "quarantine",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("place_hash", BYTES, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("seen", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "place_hash", name="pk_quarantine"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_quarantine_source_id"),
        sqlite_strict=True,
    )


def _renditions() -> None:
    op.create_table(
        "rendition",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("media_type", TEXT, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("modified", NUMBER, nullable=False),
        sa.Column("entries_digest", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_rendition"),
        sqlite_strict=True,
    )
