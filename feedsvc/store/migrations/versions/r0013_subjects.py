"""Works that reviews of several sources are about, and what operators decide of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()


def upgrade() -> None:
    """Adds the tables, empty, and has all reviews noted anew: their works are found out bit by bit."""
    op.create_table(
        "work",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT),
        sa.Column("year", NUMBER),
        sa.Column("into_id", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
        sa.UniqueConstraint("slug", name="uq_work_slug"),
        sqlite_strict=True,
    )
    op.create_table(
        "work_alias",
        sa.Column("work_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("work_id", "slug", name="pk_work_alias"),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name="fk_work_alias_work_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _claims()
    _reviews()
    _decisions()
    op.execute("DELETE FROM view_index WHERE name = 'views'")
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    op.execute(sa.insert(counter).values(name="works", value=0))


def _claims() -> None:
    op.create_table(
        "work_claim",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("apart", NUMBER, nullable=False, server_default=sa.text("0")),
        sa.Column("work_id", NUMBER),
        sa.Column("first_work_id", NUMBER),
        sa.Column("waiting", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_work_claim"),
        sa.UniqueConstraint("digest", name="uq_work_claim_digest"),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name="fk_work_claim_work_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_work_claim_apart", "work_claim", ["apart"])
    op.create_index("ix_work_claim_work_id", "work_claim", ["work_id"])
    waiting = sa.text("waiting IS NOT NULL")
    op.create_index("ix_work_claim_waiting", "work_claim", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "work_token",
        sa.Column("token", BYTES, nullable=False),
        sa.Column("claim_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("token", "claim_id", name="pk_work_token"),
        sa.ForeignKeyConstraint(["claim_id"], ["work_claim.id"], name="fk_work_token_claim_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_work_token_claim_id", "work_token", ["claim_id"])


def _reviews() -> None:
    op.create_table(
        "work_review",
        sa.Column("review_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("claim_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_work_review"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_work_review_review_id"),
        sa.ForeignKeyConstraint(["claim_id"], ["work_claim.id"], name="fk_work_review_claim_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_work_review_claim_id", "work_review", ["claim_id"])
    op.create_table(
        "work_stale",
        sa.Column("review_id", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_work_stale"),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_work_stale_review_id"),
        sqlite_strict=True,
    )


def _decisions() -> None:
    op.create_table(
        "work_decision",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("kept_id", NUMBER, nullable=False),
        sa.Column("made", NUMBER, nullable=False),
        sa.Column("undone", NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_work_decision"),
        sqlite_strict=True,
    )
    op.create_table(
        "work_decided",
        sa.Column("decision_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("what", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "what", name="pk_work_decided"),
        sa.ForeignKeyConstraint(["decision_id"], ["work_decision.id"], name="fk_work_decided_decision_id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
