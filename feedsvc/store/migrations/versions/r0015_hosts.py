"""The host that each source is asked at, and with which worker a host is."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Sorts by code points, as in every other column.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: Sources that are brought up to date in one go.
PORTION = 5000


def upgrade() -> None:
    """Adds the column and the table, and fills the column with what the addresses say."""
    op.add_column("schedule", sa.Column("host", TEXT))
    op.create_table(
        "host_lease",
        sa.Column("host", TEXT, nullable=False),
        sa.Column("token", TEXT),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_lease"),
        sqlite_strict=True,
    )
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    names = ("id", "location", "feed_url", "location_moved")
    source = sa.table("source", *(sa.column(name) for name in names))
    query = sa.select(source.c.id, source.c.feed_url, source.c.location_moved, source.c.location)
    schedule = sa.table("schedule", sa.column("source_id"), sa.column("host"))
    known = sa.update(schedule).where(schedule.c.source_id == sa.bindparam("row")).values(host=sa.bindparam("said"))
    last = 0
    while rows := connection.execute(query.where(source.c.id > last).order_by(source.c.id).limit(PORTION)).all():
        last = rows[-1][0]
        connection.execute(known, [{"row": number, "said": _host(*asked)} for number, *asked in rows])


def _host(feed_url: str | None, location_moved: str | None, location: str) -> str | None:
    address = feed_url or location_moved or location
    try:
        return urlsplit(address).hostname if address.startswith(("http://", "https://")) else None
    except ValueError:
        return None
