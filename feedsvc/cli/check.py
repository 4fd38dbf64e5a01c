"""`feedsvc check`: the configuration in; its faults, or what is allowed and yet hardly meant, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.config import Polling, Settings
from feedsvc.config.sources import few
from feedsvc.model import LicenceState, Source, is_url
from feedsvc.normalise.licence import configured


@click.command(name="check", epilog="Example: feedsvc --config new-config.toml check")
@click.pass_context
def command(context: click.Context) -> None:
    """Say everything that is wrong with the configuration, all at once. Exit code 2 when it cannot be used."""
    settings = settings_of(context)
    for warning in (*_doubts(settings), *settings.remarks):
        click.echo(f"warning: {warning}", err=True)
    enabled = sum(source.enabled for source in settings.sources)
    click.echo(f"{settings.path}: good: {enabled} of {len(settings.sources)} sources on, {len(settings.feeds)} feeds")


def _doubts(settings: Settings) -> Iterator[str]:
    """What is allowed and yet hardly meant; sources of which the same is to be said are named together."""
    alike: dict[str, list[str]] = {}
    # Thousands of sources of a list have the same licence.
    identified = cache(_identified)
    for source in settings.sources:
        for doubt in _doubts_of(source, settings.polling, identified):
            alike.setdefault(doubt, []).append(repr(source.name))
    for doubt, names in alike.items():
        yield f"source{'s' if len(names) > 1 else ''} {few(names)}: {doubt}"
    on = {source.name for source in settings.sources if source.enabled}
    for feed in settings.feeds:
        if on.isdisjoint(settings.source_names(feed)):
            yield f"[[feeds]] {feed.name!r}: all of its sources are switched off"
    if not settings.base_url_stated:
        yield unstated_address(settings)
    if not settings.feeds:
        yield "there is no [[feeds]], so nothing is published"
    if settings.polling.allow_private_addresses is True:
        yield (
            "[polling] allow_private_addresses = true opens this machine's whole network to every source; name the "
            'hosts or networks instead, such as ["partner.internal", "10.2.0.0/16"]'
        )
    if settings.polling.contact is None and any(s.enabled and is_url(s.location) for s in settings.sources):
        yield "[polling] contact is not set: outlets that you poll cannot reach you"


def unstated_address(settings: Settings) -> str:
    """What comes of a missing base_url."""
    return (
        f"[service] base_url is not set: links and the ids of new reviews name {settings.site.base_url}, where nobody "
        "else finds them; set it to the address that readers use"
    )


def _doubts_of(source: Source, polling: Polling, identified: Callable[[str], bool]) -> Iterator[str]:
    if source.enabled and not is_url(source.location):
        place = Path(source.location)
        if not place.exists():
            yield f"{place} does not exist yet; create it, or begin the address of a feed with https://"
        elif place.is_dir() and source.kind != "folder":
            yield f'{place} is a folder; name the file in it, or set kind = "folder"'
    if source.licence and not identified(source.licence):
        yield f"licence = {source.licence!r} is none we know, so it allows nothing"
    if source.interval and is_url(source.location) and source.interval < polling.min_interval:
        yield "interval is shorter than [polling] min_interval, which holds"
    if "@" in urlsplit(source.location).netloc:
        yield "location holds a user name; such an address is never asked"
    if source.authorization and source.location.startswith("http://"):
        yield "its Authorization header goes over http, where everybody on the way can read it; use https"


def _identified(licence: str) -> bool:
    return configured(licence).state is LicenceState.IDENTIFIED
