"""Who subscribed at our own hub, what is on its way to them, and what hubs of others are to be told (WebSub)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Adds the tables, empty: nobody subscribed before there was a hub."""
    op.create_table(
        "hub_topic",
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_hub_topic"),
        sqlite_strict=True,
    )
    _intents()
    _subscribers()
    op.create_table(
        "hub_delivery",
        sa.Column("id", NUMBER, nullable=False, autoincrement=False),
        *_in_line(),
        sa.PrimaryKeyConstraint("id", name="pk_hub_delivery"),
        sa.ForeignKeyConstraint(["id"], ["hub_subscriber.id"], name="fk_hub_delivery_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_hub_delivery_failures", "hub_delivery", ["failures", "due"])
    op.create_table(
        "hub_announcement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        *_in_line(),
        sa.PrimaryKeyConstraint("id", name="pk_hub_announcement"),
        sa.UniqueConstraint("host", "topic", name="uq_hub_announcement_host_topic"),
        sqlite_strict=True,
    )
    op.create_index("ix_hub_announcement_failures", "hub_announcement", ["failures", "due"])


def _intents() -> None:
    op.create_table(
        "hub_intent",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("callback", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("secret", TEXT),
        sa.Column("lease", NUMBER),
        sa.Column("asked", NUMBER, nullable=False),
        sa.Column("due", NUMBER),
        sa.Column("tries", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_intent"),
        sqlite_strict=True,
    )
    for column in ("key", "host", "asked"):
        op.create_index(f"ix_hub_intent_{column}", "hub_intent", [column])
    waiting = sa.text("due IS NOT NULL")
    op.create_index("ix_hub_intent_due", "hub_intent", ["due"], sqlite_where=waiting, postgresql_where=waiting)


def _subscribers() -> None:
    op.create_table(
        "hub_subscriber",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("callback", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("secret", TEXT),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("lease_until", NUMBER, nullable=False),
        sa.Column("sent", TEXT),
        sa.Column("last_delivery", NUMBER),
        sa.Column("lost", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_subscriber"),
        sa.UniqueConstraint("key", name="uq_hub_subscriber_key"),
        sqlite_strict=True,
    )
    for column in ("topic", "host", "lease_until"):
        op.create_index(f"ix_hub_subscriber_{column}", "hub_subscriber", [column])


def _in_line() -> list[sa.Column[object]]:
    return [
        sa.Column("host", TEXT, nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("due", NUMBER, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
    ]
