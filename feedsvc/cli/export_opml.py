"""`feedsvc export-opml`: the enabled sources in, a subscription list out."""

from __future__ import annotations

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.opening import open_store
from feedsvc.publish import listed_sources
from feedsvc.render.opml import write_opml


@click.command(name="export-opml", epilog="Example: feedsvc export-opml > sources.opml")
@click.pass_context
def command(context: click.Context) -> None:
    """Print the enabled sources as OPML 2.0, as at /sources.opml."""
    settings = settings_of(context)
    with open_store(settings) as store:
        states = {state.name: state for state in store.states()}
        listed = listed_sources(store, settings)
    enabled = [(source, states.get(source.name)) for source in listed if source.enabled]
    click.echo(write_opml(settings.site, enabled).decode(), nl=False)
