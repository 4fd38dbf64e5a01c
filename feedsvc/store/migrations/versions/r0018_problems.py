"""What had to be forgiven in documents, so that operators can tell their partners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Adds the columns, empty: what is wrong with a document is said when it is read next."""
    op.add_column("source", sa.Column("problems", TEXT))
    op.add_column("document", sa.Column("problems", TEXT))
