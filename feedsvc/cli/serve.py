"""`feedsvc serve`: the settings in, a web server that answers until it is told to stop out."""

from __future__ import annotations

import os

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.publishing import publisher_of
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.store import Store
from feedsvc.web.server import ensure_free, serve


@click.command(name="serve", epilog="Example: feedsvc serve --workers 2")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.pass_context
def command(context: click.Context, workers: int) -> None:
    """Serve what is published, without collecting."""
    settings = settings_of(context)
    ensure_free(settings.host, settings.port)
    with Store.open(settings.database_url, create=False) as store:
        wrong = publisher_of(store, settings).ready()
    if wrong:
        raise FeedsvcError(wrong)
    serve_settings(settings, workers)


def serve_settings(settings: Settings, workers: int) -> None:
    """Serve what these settings publish, in so many processes, until SIGINT or SIGTERM."""
    os.environ["FEEDSVC_CONFIG"] = str(settings.path)
    click.echo(f"feedsvc: serving http://{settings.host}:{settings.port}/", err=True)
    serve(settings.host, settings.port, workers=workers, target="feedsvc.web.wsgi:application")
