"""`feedsvc subscribers`: what our hub keeps in; a line for each subscriber and for each hub still to be told, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import click
import msgspec

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.numbers import times
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.config import hubs_of
from feedsvc.model import Announcement, HubSubscriber

#: Kept to ourselves: whoever knows a callback can write to it.
INTERNAL = ("id", "callback", "secret", "sent")


@click.command(name="subscribers", epilog="Example: feedsvc subscribers --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object: hubs, subscribers and announcements.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List who subscribed to our feeds at our hub, and what other hubs are still to be told."""
    settings = settings_of(context)
    with open_store(settings) as store:
        subscribers, waiting = store.hub.subscribers(), store.hub.waiting_announcements()
    if as_json:
        found = {"hubs": hubs_of(settings), "subscribers": _public(subscribers), "announcements": _public(waiting)}
        click.echo(as_json_text(found))
        return
    for line in subscriber_lines(hubs_of(settings), subscribers, waiting):
        click.echo(line)


def subscriber_lines(
    hubs: Sequence[str], subscribers: Sequence[HubSubscriber], waiting: Sequence[Announcement]
) -> Iterator[str]:
    """The hubs that are named, a line for each subscriber under its topic, what is to be told, and the totals."""
    yield "Hubs: " + (", ".join(hubs) or "none; set [websub] hub = true, or name some in hubs")
    topic = None
    for one in subscribers:
        if one.topic != topic:
            yield one.topic
            topic = one.topic
        yield f"  {one.host:<30} until {_time(one.lease_until)}, {_delivered(one)}"
    for late in waiting:
        tried = f", failed {times(late.failures)}" if late.failures else ""
        yield f"{late.hub} is told of {late.topic} from {_time(late.due)}{tried}"
    count = Counter(one.topic for one in subscribers)
    yield f"{len(subscribers):,} subscriptions to {len(count):,} addresses"


def _delivered(one: HubSubscriber) -> str:
    last = f"last delivery {_time(one.last_delivery)}" if one.last_delivery else "nothing delivered yet"
    return f"{last}, {one.lost} given up since" if one.lost else last


def _time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def _public(rows: Sequence[HubSubscriber] | Sequence[Announcement]) -> list[dict[str, object]]:
    return [{k: v for k, v in msgspec.to_builtins(row).items() if k not in INTERNAL} for row in rows]
