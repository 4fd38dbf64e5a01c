"""`feedsvc worker`: the settings in; processes that collect what a broker hands out, until told to stop, out."""

from __future__ import annotations

import os
import signal

import click

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.logged import log_outcome
from feedsvc.cli.opening import HOST
from feedsvc.cli.reloading import reread
from feedsvc.cli.scaling import ensure_shared, kept_schedule
from feedsvc.config import Settings


@click.command(name="worker", epilog="Example: feedsvc worker --processes 2")
@click.option(
    "--processes", type=click.IntRange(1, 256), help="Processes that collect; else as many as polling.processes says."
)
@click.option("--no-schedule", is_flag=True, help="Leave it to `feedsvc schedule` elsewhere to hand out what is due.")
@click.pass_context
def command(context: click.Context, processes: int | None, no_schedule: bool) -> None:
    """Collect what is handed out to workers on any number of machines.

    It starts a `feedsvc schedule` of its own, and starts that again when it dies. SIGTERM ends both when what is in
    hand is stored; SIGHUP makes them read their configuration again and go on.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    settings = settings_of(context)
    ensure_shared(settings)
    # The broker is spoken to by workers and schedules alone; every other command does without it.
    from feedsvc.work.crew import Crew

    with kept_schedule(settings, wanted=not no_schedule) as kept:

        def reread_all(held: Settings) -> Settings | None:
            found = reread(held)
            if kept is not None:
                kept.reload()
            return found

        crew = Crew(
            settings,
            processes=processes or settings.polling.processes,
            clock=utc_now,
            report=log_outcome,
            reread=reread_all,
            owner=lambda: f"{HOST}:{os.getpid()}",
        )
        code = crew.run()
    context.exit(code)
