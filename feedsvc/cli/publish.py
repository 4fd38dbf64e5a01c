"""`feedsvc publish`: what is stored in, every feed and page as a file out; with --watch, for as long as it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from feedsvc.cli.check import unstated_address
from feedsvc.cli.interrupts import interrupts
from feedsvc.cli.invocation import settings_of
from feedsvc.cli.opening import open_store
from feedsvc.cli.progress import Display, progress
from feedsvc.cli.publishing import publisher_of
from feedsvc.errors import StoreError
from feedsvc.publish import Publisher, export, index

#: Seconds between two looks for changed reviews, and after which the pages of how the sources stand are drawn anyway.
LOOK_EVERY = 1.0
RESTATE_AFTER = 300.0


@click.command(name="publish", epilog="Example: feedsvc publish --out /srv/www/reviews --watch")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to.  [default: published/ in the data room]",
)
@click.option(
    "--watch", is_flag=True, help="Go on, and write again whenever a review changed, until Ctrl-C or SIGTERM."
)
@click.pass_context
def command(context: click.Context, out: Path | None, watch: bool) -> None:
    """Write every feed and page as files, for a web server or a CDN; only what changed.

    docs/serving.md has an nginx and a Caddy configuration that serve them. Private feeds are left out.
    """
    settings = settings_of(context)
    if not settings.base_url_stated:
        click.echo(f"warning: {unstated_address(settings)}", err=True)
    folder = out or settings.data_dir / "published"
    with interrupts() as heard, open_store(settings) as store, progress("publishing", None) as display:
        publisher = publisher_of(store, settings)
        version = publisher.version()
        index(publisher)
        display.say(f"{folder}: {export(publisher, folder, display.step, lambda: bool(heard))} files changed")
        if watch:
            _watch(publisher, folder, version, display, lambda: bool(heard))
    if heard and not watch:
        # As the shell says of a program that a signal ended.
        context.exit(128 + heard[0])


def _watch(publisher: Publisher, folder: Path, seen: bytes, display: Display, leave: Callable[[], bool]) -> None:
    """Export again whenever what is published changed, and now and then for the pages of how things stand."""
    pause, at = threading.Event(), time.monotonic()
    while not leave():
        try:
            # Read before the export: what changes meanwhile is written by the next one.
            version = publisher.version()
            if version != seen or time.monotonic() - at > RESTATE_AFTER:
                index(publisher)
                changes = export(publisher, folder, display.step, leave)
                seen, at = version, time.monotonic()
                if changes:
                    display.say(f"{folder}: {changes} files changed")
        except StoreError as fault:
            click.echo(f"publishing is interrupted and tried again: {fault}", err=True)
        pause.wait(LOOK_EVERY)
