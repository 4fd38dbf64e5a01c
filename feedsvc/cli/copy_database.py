"""`feedsvc copy-database`: the addresses of two databases in; all that the one holds, in the other too, out."""

from __future__ import annotations

import click

from feedsvc.cli.progress import progress
from feedsvc.store.copying import Copied, copy_database, row_count

#: Rows that make one step of the progress display.
STEP = 1000


@click.command(
    name="copy-database",
    epilog="Example: feedsvc copy-database sqlite:///feeds/feedsvc.sqlite3 postgresql://feedsvc@127.0.0.1/feedsvc",
)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def command(source: str, target: str) -> None:
    """Copy everything from one database to another, empty one: SQLite to PostgreSQL, or back.

    FROM and TO are written as in `service.database_url`. End every process that uses FROM first: at the end all rows
    are compared, and what was written meanwhile is told. Cut off, the same command goes on where it was; until it is
    through, nothing else opens TO. FROM stays as it is. A password need not stand in the address: PGPASSWORD and
    ~/.pgpass are read.
    """
    total = row_count(source)
    done = 0
    # Each row is copied and compared.
    with progress("thousands of rows", -(-2 * total // STEP)) as display:

        def report(copied: Copied) -> None:
            nonlocal done
            steps = (done + copied.rows) // STEP - done // STEP
            done += copied.rows
            for _ in range(steps):
                display.step(f"{copied.table}{', compared' if copied.compared else ''}")

        counts = copy_database(source, target, report)
    for table, rows in sorted(counts.items()):
        if rows:
            click.echo(f"{table}: {rows:,}")
    click.echo(
        f"{sum(counts.values()):,} rows are copied and compared; now name TO as service.database_url, or in "
        "FEEDSVC_DATABASE_URL"
    )
