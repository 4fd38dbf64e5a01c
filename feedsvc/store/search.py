"""Words asked for in, the numbers of the reviews that hold them out: the best first, within bounds of time.

Best are those that hold all words in their title or the name of their work; then those that hold them there and in the
names of critics and outlet; then those that hold them anywhere. Within each of these three ranks the order is that of
a feed. So the rank of a review hangs on nothing but itself: while others come and go, its place among the rest stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)

from feedsvc.store.schema import WORDS_IN_POSTGRESQL, review_text

#: In each rank the reviews that were stored last are taken, at most so many: a word that stands everywhere costs no
#: more than one that stands in so many.
TAKEN = 2000
#: What stands before each word of a title or a work's name, of a critic's or outlet's name, and of the text.
PARTS = ("t", "n", "w")
#: So many ranks are there: in the first all words stand in the first part, in the second in the first two, and so on.
RANKS = len(PARTS)

#: PostgreSQL reads what holds a word from the end of the table of texts where it expects enough among so many of the
#: newest: through its index it would read all that hold it. (It is asked what it expects: reckoning costs it nothing.)
LATELY = 20 * TAKEN
SIZE = "SELECT reltuples FROM pg_class WHERE oid = 'review_text'::regclass"
#: Marks of one kind; of more it reckons too much together.
FEW = 10
EXPECTED = re.compile(r"rows=(\d+)")

review_match = table("review_match", column("rowid"), column("review_match"))


def holding(
    connection: Connection, phrases: Sequence[Sequence[str]], rank: int, marked: Sequence[Sequence[str]]
) -> list[int]:
    """The newest reviews that hold all phrases in the parts of a rank, and of each list of marks at least one."""
    newest = _newest(connection, phrases, rank, marked)
    if newest is not None:
        return newest
    return list(connection.execute(matching(connection.dialect, phrases, rank, marked)).scalars())


def matching(
    dialect: Dialect, phrases: Sequence[Sequence[str]], rank: int, marked: Sequence[Sequence[str]]
) -> Select[Any]:
    """Asks for what `holding` says, through the index of the words."""
    if dialect.name == "postgresql":
        asked = func.to_tsquery(literal_column("'simple'"), in_postgresql(phrases, rank, marked))
        number: ColumnElement[int] = review_text.c.review_id
        holds: ColumnElement[bool] = literal_column(WORDS_IN_POSTGRESQL).op("@@")(asked)
    else:
        number = review_match.c.rowid
        holds = review_match.c.review_match.op("MATCH")(in_sqlite(phrases, rank, marked))
    # An expression keeps PostgreSQL from reading all texts from their end, which it does where it expects too many.
    order = number + 0 if dialect.name == "postgresql" else number
    return select(number.label("review_id")).where(holds).order_by(order.desc()).limit(TAKEN)


def _newest(
    connection: Connection, phrases: Sequence[Sequence[str]], rank: int, marked: Sequence[Sequence[str]]
) -> list[int] | None:
    """What `matching` finds, where nearly every text holds the words and the newest few are read instead.

    None where `matching` is to be asked: on SQLite, whose index is read from its end anyway, and for rarer words.
    """
    if connection.dialect.name != "postgresql" or any(len(marks) > FEW for marks in marked):
        return None
    if not _common(connection, in_postgresql(phrases, rank, marked)):
        return None
    words = literal(" ") + review_text.c.words + literal(" ")
    # The text itself first: it is the longest, and mostly holds the word.
    some = [[" ".join(said) for said in reversed(_in_parts(phrase, rank))] for phrase in phrases]
    held = [or_(*(func.strpos(words, f" {said} ") > 0 for said in each)) for each in (*some, *marked)]
    number = review_text.c.review_id
    last = select(func.max(number)).scalar_subquery()
    found = select(number).where(number > last - LATELY, *held).order_by(number.desc()).limit(TAKEN)
    rows = list(connection.execute(found).scalars())
    return rows if len(rows) == TAKEN else None


def _common(connection: Connection, asked: str) -> bool:
    """Whether one in so many texts that the newest hold enough of them is expected to hold what is asked."""
    plan = f"EXPLAIN SELECT FROM review_text WHERE {WORDS_IN_POSTGRESQL} @@ to_tsquery('simple', %s)"
    expected = EXPECTED.search(connection.exec_driver_sql(plan, (asked,)).scalars().first() or "")
    texts: float = connection.exec_driver_sql(SIZE).scalar_one()
    return expected is not None and texts > 2 * LATELY and int(expected[1]) * LATELY > 2 * TAKEN * texts


def in_sqlite(phrases: Sequence[Sequence[str]], rank: int, marked: Sequence[Sequence[str]]) -> str:
    """The question in FTS5's words (https://sqlite.org/fts5.html, 3): strings, AND and OR alone."""
    asked = [" OR ".join(f'"{" ".join(words)}"' for words in _in_parts(phrase, rank)) for phrase in phrases]
    asked += [" OR ".join(f'"{mark}"' for mark in some) for some in marked]
    return " AND ".join(f"({one})" for one in asked)


def in_postgresql(phrases: Sequence[Sequence[str]], rank: int, marked: Sequence[Sequence[str]]) -> str:
    """The question in the words of to_tsquery: quoted lexemes, each after the other, one of them, all of them."""
    asked = [
        " | ".join("(" + " <-> ".join(f"'{word}'" for word in words) + ")" for words in _in_parts(phrase, rank))
        for phrase in phrases
    ]
    asked += [" | ".join(f"'{mark}'" for mark in some) for some in marked]
    return " & ".join(f"({one})" for one in asked)


def _in_parts(phrase: Sequence[str], rank: int) -> list[list[str]]:
    """A phrase as it stands in each part that counts in a rank."""
    return [[f"{part}{word}" for word in phrase] for part in PARTS[:rank]]
