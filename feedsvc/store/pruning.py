"""A moment in; rows that serve nothing any more go, a few at a time, so that nobody waits for it. Reviews never do.

What ends elsewhere is not looked at here: docs/queries.md names for every table that grows what ends its rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, select, tuple_

from feedsvc.store.schema import host_lease, host_limit, quarantine, robots

#: Rows of one table in one transaction.
AT_ONCE = 500
#: How long a table's rows are kept after the moment in one of their columns.
KEPT: tuple[tuple[Table, str, timedelta], ...] = (
    # What was kept out and has been offered by nobody since: it cannot be mended any more.
    (quarantine, "seen", timedelta(days=365)),
    # A domain that may be asked again.
    (host_limit, "until", timedelta(0)),
    # A host that no worker holds any more, and that has rested.
    (host_lease, "until", timedelta(minutes=1)),
    # It was to hold for a day; a source that is asked less often gets it anew anyway.
    (robots, "until", timedelta(days=1)),
)


def prune(connection: Connection, now: datetime) -> int:
    """Removes at most AT_ONCE rows of each table, the oldest first, and says how many; 0 when nothing is left to go."""
    return sum(_prune_table(connection, table, column, now - kept) for table, column, kept in KEPT)


def _prune_table(connection: Connection, table: Table, column: str, before: datetime) -> int:
    keys, moment = list(table.primary_key), table.c[column]
    # What another process is writing is left to the next time.
    old = select(*keys).where(moment <= before).order_by(moment).limit(AT_ONCE).with_for_update(skip_locked=True)
    found = connection.execute(old).all()
    if not found:
        return 0
    return connection.execute(delete(table).where(tuple_(*keys).in_(list(map(tuple, found))))).rowcount
