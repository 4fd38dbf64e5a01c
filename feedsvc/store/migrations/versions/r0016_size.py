"""Indexes by which a claim, a feed and a search cost as much with a million sources as with a thousand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Makes the index of what is due hold what is free alone, and adds those of what is held and of what is newest."""
    op.drop_index("ix_schedule_due", "schedule")
    _partial("ix_schedule_due", "schedule", ["enabled", "stopped", "next_check", "lease_until"], "lease_until IS NULL")
    _partial("ix_schedule_held", "schedule", ["lease_until"], "lease_until IS NOT NULL")
    _partial("ix_review_newest", "review", ["position", "source_id"], "withdrawn IS NULL")
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE schedule SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, "
            "autovacuum_analyze_scale_factor = 0.02)"
        )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
