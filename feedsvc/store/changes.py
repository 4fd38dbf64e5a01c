"""Numbers for the changes of what is stored: they grow in the order in which transactions end."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from feedsvc.store.schema import counter

REVIEWS = "reviews"
TAKE = (
    update(counter)
    .where(counter.c.name == REVIEWS)
    .values(value=counter.c.value + bindparam("more"))
    .returning(counter.c.value)
)
LAST = select(counter.c.value).where(counter.c.name == REVIEWS)


def take(connection: Connection, count: int) -> range:
    """So many new numbers for reviews that get another form, or are taken out or brought back, in this transaction.

    Whoever takes some holds the counter's row until its transaction ends. So when a number can be seen, all smaller
    ones can be seen too, and what is read up to it is read once and for all.
    """
    last: int = connection.execute(TAKE, {"more": count}).scalar_one()
    return range(last - count + 1, last + 1)


def last(connection: Connection) -> int:
    """The newest number that was given out; 0 when none was."""
    number: int = connection.execute(LAST).scalar_one()
    return number
