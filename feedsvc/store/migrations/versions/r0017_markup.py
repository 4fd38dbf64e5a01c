"""What the items of feeds were read as, so that what stands there as it was is not read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table; it fills when feeds are read next."""
    op.create_table(
        "markup",
        sa.Column("source_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_markup_source_id"),
        sa.PrimaryKeyConstraint("source_id", name="pk_markup"),
        sqlite_strict=True,
    )
