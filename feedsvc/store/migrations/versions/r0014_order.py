"""Text that sorts in PostgreSQL as it does in SQLite and in Python: by code points, whatever the server's locale."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

#: Every column of text that is ours; `format` quotes the names.
COLUMNS = sa.text("""
    SELECT format('ALTER TABLE %I ', table_name)
        || string_agg(format('ALTER COLUMN %I TYPE text COLLATE "C"', column_name), ', ' ORDER BY column_name)
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name <> 'alembic_version' AND data_type = 'text'
    GROUP BY table_name ORDER BY table_name
""")


def upgrade() -> None:
    """Changes nothing in SQLite. In PostgreSQL the rows stay as they are, and indexes over text are made anew."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for alter in connection.execute(COLUMNS).scalars().all():
        op.execute(alter)
