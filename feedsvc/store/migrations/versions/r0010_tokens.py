"""Tokens that open private feeds, each as its hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table, empty: no feed was private before."""
    op.create_table(
        "access_token",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made", NUMBER, nullable=False),
        sa.Column("last_used", NUMBER),
        sa.Column("requests", NUMBER, nullable=False),
        sa.Column("revoked", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("hash", name="uq_access_token_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_access_token_feed", "access_token", ["feed"])
