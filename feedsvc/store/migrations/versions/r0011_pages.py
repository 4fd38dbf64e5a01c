"""Pages that sources lead to, what they say of a feed's items, and what robots.txt says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS: sa.Double[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Adds the tables, empty: no source led to pages before."""
    op.create_table(
        "page",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("depth", NUMBER, nullable=False),
        sa.Column("seen", NUMBER, nullable=False),
        sa.Column("modified", sa.Text()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("validated_url", sa.Text()),
        sa.Column("body_hash", sa.LargeBinary()),
        sa.Column("next_check", NUMBER),
        sa.Column("interval", SECONDS, nullable=False),
        sa.Column("read", NUMBER),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("error_kind", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_page"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_page_source_id"),
        sa.UniqueConstraint("source_id", "url_hash", name="uq_page_source_id_url_hash"),
        sqlite_strict=True,
    )
    op.create_index("ix_page_source_due", "page", ["source_id", "next_check"])
    failing = sa.text("failures > 0")
    op.create_index("ix_page_failing", "page", ["source_id"], sqlite_where=failing, postgresql_where=failing)
    op.create_table(
        "page_said",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("read", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "url_hash", name="pk_page_said"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_page_said_source_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "followed_feed",
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text()),
        sa.Column("charset", sa.Text()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_followed_feed"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_followed_feed_source_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asking", sa.Text(), nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_robots"),
        sqlite_strict=True,
    )
    op.create_index("ix_robots_until", "robots", ["until"])
