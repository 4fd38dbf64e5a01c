"""Withdrawals: what was asked for, what it is known by, what it took, and on each review whether it is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Adds the record and its columns; what is stored stays published."""
    op.add_column("source", sa.Column("last_withdrawal", NUMBER))
    op.add_column("review", sa.Column("withdrawn", NUMBER))
    op.add_column("review", sa.Column("taken_down", NUMBER))
    op.drop_index("ix_review_source_id_position", "review")
    _partial_index("ix_review_published", ["source_id", "position"], "withdrawn IS NULL")
    _partial_index("ix_review_taken_down", ["source_id", "taken_down", "position"], "taken_down IS NOT NULL")
    _record()


def _partial_index(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "review", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _record() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("withdrawn", NUMBER, nullable=False),
        sa.Column("undone", NUMBER),
        sa.Column("undone_reason", TEXT),
        sa.Column("undone_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal"),
        sqlite_strict=True,
    )
    op.create_table(
        "withdrawal_mark",
        sa.Column("mark", BYTES, nullable=False),
        sa.Column("withdrawal_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("mark", "withdrawal_id", name="pk_withdrawal_mark"),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"], name="fk_withdrawal_mark_withdrawal_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "withdrawal_review",
        sa.Column("withdrawal_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("review_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("withdrawal_id", "review_id", name="pk_withdrawal_review"),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"], name="fk_withdrawal_review_withdrawal_id"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_withdrawal_review_review_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_withdrawal_review_review_id", "withdrawal_review", ["review_id"])
