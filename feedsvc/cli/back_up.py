"""`feedsvc back-up`: the database as it is at this moment in, one file that holds all of it out."""

from __future__ import annotations

from pathlib import Path

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.errors import StoreError
from feedsvc.store import Store


@click.command(name="back-up", epilog="Example: feedsvc back-up /var/backups/feedsvc-$(date +%F).sqlite3")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, file: Path) -> None:
    """Copy the SQLite database to FILE, while the service goes on.

    FILE appears when it is complete; one that is there already is left as it is. To restore, stop the service, and put
    FILE where the database was. PostgreSQL has its own tools: pg_dump.
    """
    if file.exists():
        raise StoreError(f"{file} is there already. Name another file, or move that one away.")
    with Store.open(settings_of(context).database_url, create=False) as store:
        store.back_up(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")
