"""`feedsvc serve`: the settings in, a web server that answers until it is told to stop out."""

from __future__ import annotations

from collections.abc import Callable

import click

from feedsvc.cli.check import unstated_address
from feedsvc.cli.invocation import settings_of
from feedsvc.cli.publishing import publisher_of
from feedsvc.cli.reloading import reread
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.store import Store
from feedsvc.web.server import ensure_free, hold_hangups, serve

#: How the addresses begin that nobody but this machine reaches.
_OWN = ("127.", "::1", "localhost")


@click.command(name="serve", epilog="Example: feedsvc serve --workers 2")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.pass_context
def command(context: click.Context, workers: int) -> None:
    """Serve what is published, without collecting. SIGHUP reads the configuration again."""
    hold_hangups()
    settings = settings_of(context)
    ensure_free(settings.host, settings.port)
    with Store.open(settings.database_url, create=False) as store:
        wrong = publisher_of(store, settings).ready()
    if wrong:
        raise FeedsvcError(wrong)
    serve_settings(settings, workers)


def serve_settings(settings: Settings, workers: int, then: Callable[[Settings], None] = lambda settings: None) -> None:
    """Serve what these settings publish, in so many processes, until SIGINT or SIGTERM.

    At SIGHUP the configuration is read again; where it is good, `then` is told of it before what is served.
    """
    held = settings

    def reload() -> tuple[Settings] | None:
        nonlocal held
        found = reread(held)
        if found is None:
            return None
        held = found
        then(found)
        return (found,)

    if not settings.base_url_stated and not settings.host.startswith(_OWN):
        click.echo(f"warning: {unstated_address(settings)}", err=True)
    click.echo(f"feedsvc: serving http://{settings.host}:{settings.port}/", err=True)
    target = "feedsvc.web.wsgi:application"
    serve(settings.host, settings.port, target, (settings,), workers=workers, reload=reload)
