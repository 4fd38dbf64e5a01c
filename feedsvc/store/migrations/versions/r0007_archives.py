"""The closed parts of each feed's history; indexes for what changed since a number, and for what renditions are of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Adds the table, empty: what is published next closes the first parts."""
    op.create_table(
        "archive",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("part", NUMBER, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archive"),
        sa.UniqueConstraint("feed", "until", name="uq_archive_feed_until"),
        sa.UniqueConstraint("feed", "month", "part", name="uq_archive_feed_month_part"),
        sqlite_strict=True,
    )
    op.create_index("ix_review_source_change", "review", ["source_id", "change"])
    op.create_index("ix_rendition_known", "rendition", ["path", "etag", "entries_digest"])
