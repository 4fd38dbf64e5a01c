"""What reviews are found by: their values, their words, and how far they are noted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REAL: sa.Double[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
TEXT = sa.Text()
MATCH = (
    "CREATE VIRTUAL TABLE review_match USING fts5(words, content='review_text', content_rowid='review_id', "
    "tokenize='unicode61 remove_diacritics 2')"
)


def upgrade() -> None:
    """Adds the tables, empty: the index is made from what is stored, bit by bit, while the service runs."""
    gone = sa.text("withdrawn IS NOT NULL")
    op.create_index("ix_review_gone", "review", ["change"], sqlite_where=gone, postgresql_where=gone)
    op.create_table(
        "facet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("reviews", NUMBER, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_facet"),
        sa.UniqueConstraint("kind", "slug", name="uq_facet_kind_slug"),
        sqlite_strict=True,
    )
    op.create_index("ix_facet_reviews", "facet", ["kind", "reviews"])
    op.create_table(
        "listed",
        sa.Column("review_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("before", NUMBER, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("percent", REAL),
        sa.Column("revised", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_listed"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_listed_review_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_listed_order", "listed", ["before", "key", "source_id", "percent"])
    op.create_index("ix_listed_revised", "listed", ["source_id", "revised"])
    op.create_table(
        "review_facet",
        sa.Column("facet_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("before", NUMBER, autoincrement=False, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("review_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("facet_id", "before", "key", name="pk_review_facet"),
        sa.ForeignKeyConstraint(["facet_id"], ["facet.id"], name="fk_review_facet_facet_id"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_review_facet_review_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_facet_review_id", "review_facet", ["review_id"])
    op.create_table(
        "tally",
        sa.Column("source_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("facet_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("reviews", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "facet_id", name="pk_tally"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_text",
        sa.Column("review_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_review_text"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_review_text_review_id"),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(MATCH)
    else:
        op.execute("CREATE INDEX ix_review_text_match ON review_text USING gin (to_tsvector('simple', words))")
    op.create_table(
        "view_index",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("change", NUMBER, nullable=False),
        sa.Column("review_id", NUMBER, nullable=False),
        sa.Column("rules", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_view_index"),
        sqlite_strict=True,
    )
