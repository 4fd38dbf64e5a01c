"""`feedsvc collect`: names of sources in; a look at each, what it brought, and a summary out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice

import click
import msgspec

from feedsvc.cli.interrupts import interrupts
from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.naming import no_such_source
from feedsvc.cli.opening import open_store_to_collect
from feedsvc.cli.outcomes import outcome_json, outcome_lines, summary, summary_lines
from feedsvc.cli.programs import as_json_text
from feedsvc.cli.progress import progress
from feedsvc.collect import Collector, Outcome, collect
from feedsvc.config import Settings
from feedsvc.config.sources import few
from feedsvc.errors import FeedsvcError
from feedsvc.store import Claim, Store
from feedsvc.work import PUBLISHING
from feedsvc.work.named import named

LEASE = timedelta(minutes=15)
#: So many names stand in the last line; all failures have one of their own before it.
TOLD = 20


@click.command(name="collect", epilog="Example: feedsvc collect night-lantern --force")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--force", is_flag=True, help="Ask without validators and read again what seems unchanged.")
@click.option("--verbose", is_flag=True, help="A line for each source that was read too, as when sources are named.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, on a line each, then a summary.")
@click.pass_context
def command(context: click.Context, names: tuple[str, ...], force: bool, verbose: bool, as_json: bool) -> None:
    """Look at the named sources now, or at all enabled ones. Exit code 1 when one could not be read.

    A source that answered 410 (gone for good) is looked at only when it is named.

    Ctrl-C keeps what is in hand and leaves the rest as it was (exit code 130).

    Each failure is named with its reason, and at the end stands how many there are of each kind and what to do.
    """
    settings = settings_of(context)
    wanted = _wanted(settings, names)
    with interrupts() as heard, open_store_to_collect(settings) as store:
        gone = [] if names else sorted(store.stopped().intersection(wanted))
        wanted = [name for name in wanted if name not in set(gone)]
        collector = Collector(store=store, settings=settings, clock=utc_now, leave=lambda: bool(heard))
        outcomes = _looked(collector, wanted, force=force, all_lines=verbose or bool(names), as_json=as_json)
        _publish(store, settings)
    found = summary(outcomes)
    if as_json:
        click.echo(as_json_text({"summary": msgspec.to_builtins(found)}, indent=0))
    elif len(wanted) != 1 or not names:
        click.echo("\n".join(summary_lines(found)))
    if gone:
        click.echo(f"{few(gone, TOLD)}: gone for good, not asked; `feedsvc collect NAME` tries once more", err=True)
    busy = sorted(set(wanted) - {outcome.source for outcome in outcomes})
    if heard:
        click.echo(f"interrupted: {len(busy):,} of {len(wanted):,} sources were not looked at", err=True)
        # As the shell says of a program that a signal ended.
        context.exit(128 + heard[0])
    if busy:
        click.echo(
            f"{few(busy, TOLD)}: being collected by another process just now, see `feedsvc sources`",
            err=True,
        )
    if found.failed:
        failed = sorted(outcome.source for outcome in outcomes if outcome.error)
        click.echo(f"{found.failed:,} of {len(wanted):,} sources could not be read: {few(failed, TOLD)}", err=True)
        context.exit(1)


def _wanted(settings: Settings, names: tuple[str, ...]) -> list[str]:
    for name in names:
        source = settings.source(name)
        if source is None:
            raise FeedsvcError(no_such_source(name, settings))
        if not source.enabled:
            raise FeedsvcError(f"{name!r} is switched off; set enabled = true where {settings.path} or its list has it")
    return list(dict.fromkeys(names)) or [source.name for source in settings.sources if source.enabled]


def _looked(
    collector: Collector, wanted: Sequence[str], *, force: bool, all_lines: bool, as_json: bool
) -> list[Outcome]:
    """One look at each source that is free, said as it comes."""
    outcomes: list[Outcome] = []
    new = failed = 0
    with progress("collecting", len(wanted)) as display:

        def report(outcome: Outcome) -> None:
            nonlocal new, failed
            outcomes.append(outcome)
            new, failed = new + outcome.new, failed + (outcome.error is not None)
            if as_json:
                display.say(as_json_text(outcome_json(outcome), indent=0))
            elif all_lines or outcome.error:
                for line in outcome_lines(outcome):
                    display.say(line)
            display.step(f"{new:,} new, {failed:,} failed")

        if collector.settings.scale.broker is not None:
            with named(collector, wanted) as (sharing, claims):
                collect(sharing, claims, report, force=force)
        else:
            collect(collector, _free(collector.store, wanted), report, force=force)
    return outcomes


def _free(store: Store, wanted: Sequence[str]) -> Callable[[int], Sequence[Claim]]:
    """The next ones that are free; a long list is claimed bit by bit, so that no lease ends while it waits."""
    names = iter(wanted)

    def claims(limit: int) -> Sequence[Claim]:
        while portion := list(islice(names, limit)):
            if found := store.claim_named(portion, utc_now(), LEASE):
                return found
        return ()

    return claims


def _publish(store: Store, settings: Settings) -> None:
    """A server that only serves shows what stands in the database; where a schedule runs, that one sees to it."""
    # What draws feeds is loaded when there is something to draw: the processes that read need none of it.
    from feedsvc.cli.publishing import publisher_of
    from feedsvc.publish import index, publish

    election = store.election(PUBLISHING)
    if election.held():
        publisher = publisher_of(store, settings)
        index(publisher)
        publish(publisher)
    election.resign()
