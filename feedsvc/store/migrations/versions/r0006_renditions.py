"""Renditions as they are sent: packed when they are stored, with what their headers say; and the number of changes."""

from __future__ import annotations

import gzip

import brotli
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary()
TEXT = sa.Text()
#: Smaller bodies were never packed.
WORTH_PACKING = 500


def upgrade() -> None:
    """Adds columns and a number, and packs what is stored: what does not change is never stored anew."""
    op.add_column("rendition", sa.Column("gzip", BYTES))
    op.add_column("rendition", sa.Column("br", BYTES))
    op.add_column("rendition", sa.Column("links", TEXT))
    op.add_column("rendition", sa.Column("private", FLAG, nullable=False, server_default=sa.false()))
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    op.execute(sa.insert(counter).values(name="published", value=0))
    _pack()


def _pack() -> None:
    rendition = sa.table("rendition", sa.column("path"), sa.column("body"), sa.column("gzip"), sa.column("br"))
    connection = op.get_bind()
    for path in connection.execute(sa.select(rendition.c.path)).scalars().all():
        this = rendition.c.path == path
        body = connection.execute(sa.select(rendition.c.body).where(this)).scalar_one()
        if len(body) >= WORTH_PACKING:
            packed = {"gzip": gzip.compress(body, 6, mtime=0), "br": brotli.compress(body, quality=5)}
            smaller = {name: form for name, form in packed.items() if len(form) < len(body)}
            if smaller:
                connection.execute(sa.update(rendition).where(this).values(smaller))
