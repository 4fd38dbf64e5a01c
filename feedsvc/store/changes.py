"""Numbers for the changes of what is stored and published: they grow in the order in which transactions end.

Whoever locks several things does it in this order, or two would wait for one another: the schedule rows of sources, the
counter of reviews, reviews, sources, the counters of works and of what is published, renditions. Of one kind, rows are
locked in the order of their numbers.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from feedsvc.store.notices import tell
from feedsvc.store.schema import counter

REVIEWS, PUBLISHED, WORKS = "reviews", "published", "works"
TAKE = (
    update(counter)
    .where(counter.c.name == bindparam("row"))
    .values(value=counter.c.value + bindparam("more"))
    .returning(counter.c.value)
)
#: Asked for several times a second by every process that serves: built by SQLAlchemy, it costs half as much again.
SERIAL = f"SELECT value FROM counter WHERE name = '{PUBLISHED}'"  # noqa: S608 - the name is ours
LAST = select(counter.c.value).where(counter.c.name == bindparam("row"))


def take(connection: Connection, count: int) -> range:
    """So many new numbers for reviews that get another form, or are taken out or brought back, in this transaction.

    Whoever takes some holds the counter's row until its transaction ends. So when a number can be seen, all smaller
    ones can be seen too, and what is read up to it is read once and for all.
    """
    last: int = connection.execute(TAKE, {"row": REVIEWS, "more": count}).scalar_one()
    return range(last - count + 1, last + 1)


def last(connection: Connection) -> int:
    """The newest number that was given out; 0 when none was."""
    number: int = connection.execute(LAST, {"row": REVIEWS}).scalar_one()
    return number


def note_published(connection: Connection) -> None:
    """Notes in a transaction that what is published is no longer what it was, and tells every process that serves."""
    connection.execute(TAKE, {"row": PUBLISHED, "more": 1})
    tell(connection)


def published(connection: Connection) -> int:
    """A number that grows whenever what is published changes."""
    number: int = connection.exec_driver_sql(SERIAL).scalar_one()
    return number


def hold(connection: Connection) -> None:
    """Keeps others from taking numbers until this transaction ends; SQLite has one writer anyway."""
    connection.execute(LAST.with_for_update(), {"row": REVIEWS})


def hold_published(connection: Connection) -> None:
    """Keeps others from changing what is published until this transaction ends."""
    connection.execute(LAST.with_for_update(), {"row": PUBLISHED})


def note_works(connection: Connection) -> None:
    """Notes in a transaction that reviews are of other works than they were, or works are called otherwise."""
    connection.execute(TAKE, {"row": WORKS, "more": 1})


def works(connection: Connection) -> int:
    """A number that grows whenever reviews that did not change are of another work."""
    number: int = connection.execute(LAST, {"row": WORKS}).scalar_one()
    return number
