"""What collecting knows of a source between two looks: its habit, moves and pushes; and what domains asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS: sa.Double[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Adds columns and indexes; every source keeps its time, its validators and whether it is looked at."""
    _learnt()
    _enabled()
    _due()
    op.create_table(
        "host_limit",
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_host_limit"),
        sqlite_strict=True,
    )
    _reviews()


def _learnt() -> None:
    for column in (
        sa.Column("rhythm", TEXT),
        sa.Column("pause", SECONDS),
        sa.Column("newest", NUMBER),
        sa.Column("last_whole", NUMBER),
        sa.Column("moved_to", TEXT),
        sa.Column("moved_since", NUMBER),
        sa.Column("moved_looks", NUMBER, nullable=False, server_default=sa.text("0")),
        sa.Column("knows_deltas", FLAG, nullable=False, server_default=sa.false()),
    ):
        op.add_column("schedule", column)


def _enabled() -> None:
    """Beside the other columns that say whether a source is due."""
    op.add_column("schedule", sa.Column("enabled", FLAG, nullable=False, server_default=sa.false()))
    source = sa.table("source", sa.column("id"), sa.column("enabled"))
    schedule = sa.table("schedule", sa.column("source_id"), sa.column("enabled"))
    enabled = sa.select(source.c.enabled).where(source.c.id == schedule.c.source_id).scalar_subquery()
    op.execute(sa.update(schedule).values(enabled=enabled))
    op.drop_column("source", "enabled")


def _due() -> None:
    op.drop_index("ix_schedule_next_check", "schedule")
    op.create_index("ix_schedule_due", "schedule", ["enabled", "stopped", "next_check", "lease_until"])


def _reviews() -> None:
    """No query ever asked by outlet or by position alone, and every new review paid for both."""
    op.drop_index("ix_review_outlet", "review")
    op.drop_index("ix_review_position", "review")
    condition = sa.text("withdrawn IS NOT NULL")
    columns = ["source_id", "position"]
    op.create_index("ix_review_withdrawn", "review", columns, sqlite_where=condition, postgresql_where=condition)
