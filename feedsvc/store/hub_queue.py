"""What is to be sent goes in; what is due, oldest and least tried first, comes out, until it is settled.

A piece of work is put off before it is tried, so that a crash in the middle loses nothing and repeats nothing at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, delete, select, update

from feedsvc.model import Waiting
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.statements import insert_into, portions


@retried
class HubQueue:
    """The lines of one table (id, host, etag, due, failures); each method is one transaction and raises StoreError."""

    def __init__(self, database: Database, table: Table, unique: Sequence[str]) -> None:
        self._database = database
        self._table = table
        self._unique = unique

    def put(self, connection: Connection, rows: Sequence[Mapping[str, object]], due: datetime) -> None:
        """Queues work within a transaction; a newer change takes the place of an older one, and starts afresh."""
        if not rows:
            return
        fresh = {"due": due, "failures": 0}
        insert = insert_into(connection.dialect, self._table)
        changes = {name: insert.excluded[name] for name in ("etag", "due", "failures")}
        statement = insert.on_conflict_do_update(index_elements=self._unique, set_=changes)
        connection.execute(statement, [{**row, **fresh} for row in rows])

    def due(self, now: datetime, limit: int, full: Collection[str] = ()) -> list[Waiting]:
        """What is to be tried now at hosts that are not `full`.

        What never failed comes first: those who never answer delay nobody else.
        """
        table = self._table
        query = select(table.c.id, table.c.host, table.c.failures)
        query = query.where(table.c.due <= now, table.c.host.not_in(full))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(table.c.failures, table.c.due).limit(limit))
            return [Waiting(row.id, row.host, row.failures) for row in rows]

    def take(self, wanted: Mapping[Waiting, datetime], now: datetime) -> dict[int, str]:
        """Id → ETag of the work that is the caller's now; each is due again at its moment, unless it is settled."""
        table, taken = self._table, dict[int, str]()
        if not wanted:
            return taken
        with self._database.write() as connection:
            for one, again in sorted(wanted.items(), key=lambda each: each[0].id):
                mine = update(table).where(table.c.id == one.id, table.c.failures == one.failures, table.c.due <= now)
                found = connection.execute(mine.values(failures=one.failures + 1, due=again).returning(table.c.etag))
                if (etag := found.scalar_one_or_none()) is not None:
                    taken[one.id] = etag
        return taken

    def done(self, connection: Connection, told: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Ends work within a transaction, unless there is a newer change than these ETags meanwhile."""
        table = self._table
        for number, etags in sorted(told):
            connection.execute(delete(table).where(table.c.id == number, table.c.etag.in_(etags)))

    def later(self, until: Mapping[int, datetime]) -> None:
        """Puts work off without counting it as failed: the host asked to be left alone."""
        table = self._table
        with self._database.write() as connection:
            for number, moment in sorted(until.items()):
                mine = update(table).where(table.c.id == number, table.c.failures > 0)
                connection.execute(mine.values(due=moment, failures=table.c.failures - 1))

    def forget(self, connection: Connection, ids: Sequence[int]) -> None:
        """Removes work within a transaction, whatever it was."""
        for portion in portions(ids):
            connection.execute(delete(self._table).where(self._table.c.id.in_(portion)))
