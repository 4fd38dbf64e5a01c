"""What copies of a review are found by, and which of several carriers leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Adds the tables, empty: the first ticks after it look at every stored review."""
    op.create_table(
        "copy_text",
        sa.Column("review_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("keys", BYTES, nullable=False),
        sa.Column("sketch", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_copy_text"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_copy_text_review_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "copy_key",
        sa.Column("key", NUMBER, nullable=False, autoincrement=False),
        sa.Column("review_id", NUMBER, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", "review_id", name="pk_copy_key"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy_member",
        sa.Column("review_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("copied", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_copy_member"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_copy_member_review_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_copy_member_copied", "copy_member", ["copied", "place"])
