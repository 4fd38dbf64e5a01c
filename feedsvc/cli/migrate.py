"""`feedsvc migrate`: a database in, the same with this version's tables out."""

from __future__ import annotations

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.opening import migrated
from feedsvc.store import Store


@click.command(name="migrate", epilog="Example: feedsvc migrate && feedsvc serve")
@click.pass_context
def command(context: click.Context) -> None:
    """Bring the database to this program's schema; an older SQLite file is copied first."""
    settings = settings_of(context)
    with Store.open(settings.database_url) as store:
        done = store.migrate()
    click.echo(migrated(done) if done else "the database is up to date")
