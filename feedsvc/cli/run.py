"""`feedsvc run`: the settings in, a collecting, publishing and serving process group out, until it is told to stop."""

from __future__ import annotations

import click

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.logged import log_outcome
from feedsvc.cli.opening import open_store_to_collect
from feedsvc.cli.publishing import publisher_of
from feedsvc.cli.serve import serve_settings
from feedsvc.collect import Collector
from feedsvc.errors import FeedsvcError
from feedsvc.schedule import Schedule
from feedsvc.web.server import ensure_free, hold_hangups


@click.command(name="run", epilog="Example: FEEDSVC_BIND=0.0.0.0:8080 feedsvc run")
@click.pass_context
def command(context: click.Context) -> None:
    """Collect on schedule, publish and serve: everything, in one command.

    Ctrl-C or SIGTERM stops it gracefully; SIGHUP makes it read its configuration again and go on.
    """
    hold_hangups()
    settings = settings_of(context)
    if settings.scale.broker is not None:
        raise FeedsvcError(
            "a broker is set, so the work is shared: start `feedsvc worker` and `feedsvc serve`, as many as are wanted"
        )
    ensure_free(settings.host, settings.port)
    with open_store_to_collect(settings) as store:
        collector = Collector(store=store, settings=settings, clock=utc_now)
        schedule = Schedule(collector, publisher_of(store, settings), log_outcome)
        schedule.start()
        try:
            serve_settings(settings, workers=1, then=schedule.reload)
        finally:
            click.echo("feedsvc: finishing what is in hand", err=True)
            schedule.stop()
