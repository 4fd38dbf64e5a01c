"""Subscriptions at hubs (WebSub), and what they delivered that has not been read yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()
LIVE = "state IN ('wanted', 'asked', 'verified')"


def upgrade() -> None:
    """Adds both tables, empty: the next look at each source finds its hubs."""
    op.create_table(
        "subscription",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("location", TEXT, nullable=False),
        sa.Column("hub", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("asked", NUMBER),
        sa.Column("lease_until", NUMBER),
        sa.Column("renew_at", NUMBER, nullable=False),
        sa.Column("last_delivery", NUMBER),
        sa.Column("failures", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("token", name="uq_subscription_token"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_subscription_source_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_subscription_source_id", "subscription", ["source_id"])
    op.create_index("ix_subscription_renew_at", "subscription", ["renew_at"])
    condition = sa.text(LIVE)
    op.create_index(
        "ix_subscription_live",
        "subscription",
        ["source_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("subscription_id", NUMBER, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("media_type", TEXT),
        sa.Column("charset", TEXT),
        sa.Column("received", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name="fk_delivery_subscription_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_delivery_subscription_id", "delivery", ["subscription_id"])
