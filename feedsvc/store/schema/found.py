"""The tables that reviews are found by: written by a tick of its own, never while reviews are collected."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    event,
    text,
)

from feedsvc.store.schema.collected import review
from feedsvc.store.schema.columns import (
    BigInt,
    Instant,
    Letters,
    Seconds,
    Words,
    metadata,
)

# What was withdrawn since the index last moved is left out of every answer, so it must be found at once.
Index(
    "ix_review_gone",
    review.c.change,
    sqlite_where=text("withdrawn IS NOT NULL"),
    postgresql_where=text("withdrawn IS NOT NULL"),
)

# A value that reviews can be chosen by.
facet = Table(
    "facet",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("kind", Letters, nullable=False),
    Column("slug", Letters, nullable=False),
    Column("label", Words, nullable=False),
    # How many have it, of all sources.
    Column("reviews", BigInt, nullable=False, server_default=text("0")),
    UniqueConstraint("kind", "slug"),
    Index("ix_facet_reviews", "kind", "reviews"),
    sqlite_strict=True,
)

# One narrow row for each review that views may show. `before` is its position with the sign turned: so the order of a
# feed, newest first and then by key, is the plain order of an index in both databases.
listed = Table(
    "listed",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("source_id", BigInt, nullable=False),
    Column("before", BigInt, nullable=False),
    Column("key", Letters, nullable=False),
    Column("percent", Seconds),
    Column("revised", Instant, nullable=False),
    Index("ix_listed_order", "before", "key", "source_id", "percent"),
    Index("ix_listed_revised", "source_id", "revised"),
    sqlite_strict=True,
)

# The values of each review, those of one value together and in the order of a feed.
review_facet = Table(
    "review_facet",
    metadata,
    Column("facet_id", BigInt, ForeignKey("facet.id"), primary_key=True, autoincrement=False),
    Column("before", BigInt, primary_key=True, autoincrement=False),
    Column("key", Letters, primary_key=True),
    Column("review_id", BigInt, ForeignKey("review.id"), nullable=False, index=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# How many reviews of a source have a value; value 0 stands for all its reviews, source 0 for all sources.
tally = Table(
    "tally",
    metadata,
    Column("source_id", BigInt, primary_key=True, autoincrement=False),
    Column("facet_id", BigInt, primary_key=True, autoincrement=False),
    Column("reviews", BigInt, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The words that a review is found by, folded, each with a letter before it that tells where it stands: so a question
# about titles reads what is in titles alone, however common a word is elsewhere.
review_text = Table(
    "review_text",
    metadata,
    Column("review_id", BigInt, ForeignKey("review.id"), primary_key=True, autoincrement=False),
    Column("words", Words, nullable=False),
    sqlite_strict=True,
)

# How far the index has come: up to a change and, of its reviews, a row; `rules` is a digest of what it was made under.
view_index = Table(
    "view_index",
    metadata,
    Column("name", Letters, primary_key=True),
    Column("change", BigInt, nullable=False),
    Column("review_id", BigInt, nullable=False),
    Column("rules", LargeBinary, nullable=False),
    sqlite_strict=True,
)

#: The full text of SQLite, over the rows of review_text (https://sqlite.org/fts5.html, 4.4.3).
MATCH_IN_SQLITE = (
    "CREATE VIRTUAL TABLE review_match USING fts5(words, content='review_text', content_rowid='review_id', "
    "tokenize='unicode61 remove_diacritics 2')"
)
#: The full text of PostgreSQL.
WORDS_IN_POSTGRESQL = "to_tsvector('simple', words)"
MATCH_IN_POSTGRESQL = f"CREATE INDEX ix_review_text_match ON review_text USING gin ({WORDS_IN_POSTGRESQL})"

for _database, _match in (("sqlite", MATCH_IN_SQLITE), ("postgresql", MATCH_IN_POSTGRESQL)):
    _made: DDL = DDL(_match)  # type: ignore[no-untyped-call]
    event.listen(review_text, "after_create", _made.execute_if(dialect=_database))
