"""`feedsvc schedule`: the settings in; what is due handed to workers, and published, until it is told to stop, out."""

from __future__ import annotations

import logging
import os
import signal
import sys
from multiprocessing import parent_process
from pathlib import Path

import click

from feedsvc.cli import set_up_log
from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.logged import log_outcome
from feedsvc.cli.opening import open_store_to_collect
from feedsvc.cli.publishing import publisher_of
from feedsvc.cli.reloading import reread
from feedsvc.cli.scaling import ensure_shared
from feedsvc.collect import Collector
from feedsvc.config import Settings, load
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.schedule import Schedule

log = logging.getLogger(__name__)

ENDING = (signal.SIGTERM, signal.SIGINT)
SIGNALS = (*ENDING, signal.SIGHUP)
#: Seconds between two looks for what is due, and whether who started us still lives.
EVERY, GLANCE = 0.5, 1.0


@click.command(name="schedule", epilog="Example: feedsvc schedule")
@click.pass_context
def command(context: click.Context) -> None:
    """Hand what is due to workers, and publish what they collected.

    Any number may run at once: all hand out, and one of them, elected anew when it dies, publishes. `feedsvc worker`
    starts one by itself. SIGTERM ends it; SIGHUP makes it read its configuration again and go on.
    """
    keep(settings_of(context))


def run(config: Path) -> None:
    """The same as a process beside a worker: it ends when the worker does, however that comes about."""
    set_up_log()
    try:
        keep(load(config, os.environ))
    except ConfigError as error:
        log.error("%s", error)
        sys.exit(2)
    except FeedsvcError as error:
        log.error("feedsvc: %s", error)
        sys.exit(2)


def keep(settings: Settings) -> None:
    """Run the ticks until told to end; raises FeedsvcError."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    ensure_shared(settings)
    # The broker is spoken to by workers and schedules alone; every other command does without it.
    from feedsvc.work.broker import Broker
    from feedsvc.work.dispatch import Dispatch

    with open_store_to_collect(settings) as store:
        collector = Collector(store=store, settings=settings, clock=utc_now)
        executor = Dispatch(store, settings, utc_now, Broker(settings.scale.broker or ""))
        publisher = publisher_of(store, settings)
        schedule = Schedule(collector, publisher, log_outcome, collect_every=EVERY, executor=executor)
        schedule.start()
        log.info("handing out what is due")
        try:
            _wait(settings, schedule)
        finally:
            schedule.stop()


def _wait(settings: Settings, schedule: Schedule) -> None:
    """Return when it is time to end; meanwhile read the configuration again at each SIGHUP."""
    parent = parent_process()
    while parent is None or parent.is_alive():
        heard = signal.sigtimedwait(SIGNALS, GLANCE)
        if heard is None:
            continue
        if heard.si_signo in ENDING:
            return
        if (found := reread(settings)) is not None:
            settings = found
            schedule.reload(found)
