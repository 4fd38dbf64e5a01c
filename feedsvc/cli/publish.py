"""`feedsvc publish`: what is stored in, every feed and page as a file out."""

from __future__ import annotations

from pathlib import Path

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.opening import open_store
from feedsvc.cli.progress import progress
from feedsvc.cli.publishing import publisher_of
from feedsvc.publish import export, index


@click.command(name="publish", epilog="Example: feedsvc publish --out /srv/www/reviews")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to.  [default: published/ in the data room]",
)
@click.pass_context
def command(context: click.Context, out: Path | None) -> None:
    """Write every feed and page as files, for a web server or a CDN; only what changed."""
    settings = settings_of(context)
    with open_store(settings) as store, progress("publishing", None) as display:
        folder = out or settings.data_dir / "published"
        publisher = publisher_of(store, settings)
        index(publisher)
        changes = export(publisher, folder, display.step)
    click.echo(f"{folder}: {changes} files changed")
