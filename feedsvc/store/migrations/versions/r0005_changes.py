"""A number for every form that a review ever had, in the order in which they were stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Numbers what is stored: first the earlier forms, then the present ones, each in the order of their rows."""
    counter = op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
        sqlite_strict=True,
    )
    for table in ("review", "revision"):
        op.add_column(table, sa.Column("change", NUMBER, nullable=False, server_default=sa.text("0")))
    review, earlier = (sa.table(name, sa.column("id"), sa.column("change")) for name in ("review", "revision"))
    before = sa.select(sa.func.coalesce(sa.func.max(earlier.c.id), 0)).scalar_subquery()
    newest = sa.select(sa.func.coalesce(sa.func.max(review.c.id), 0)).scalar_subquery()
    op.execute(sa.update(earlier).values(change=earlier.c.id))
    op.execute(sa.update(review).values(change=review.c.id + before))
    op.execute(sa.insert(counter).from_select(["name", "value"], sa.select(sa.literal("reviews"), before + newest)))
    op.create_index("ix_review_change", "review", ["change"])
    op.create_index("ix_revision_change", "revision", ["change"])
