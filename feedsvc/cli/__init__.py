"""The command line in, exit codes and words for a person or a program out. Every command is one of these functions.

Here is the edge: the environment and the clock are read here and in `opening`, and handed on as values.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from feedsvc import __version__
from feedsvc.cli.explain import explain_command
from feedsvc.cli.lint import lint_command
from feedsvc.cli.looks import outcome_lines, progress, quarantine_lines, review_lines, source_lines
from feedsvc.cli.opening import open_store, open_store_to_collect, publisher_of, settings_of, utc_now
from feedsvc.cli.opml import tables_for
from feedsvc.cli.programs import as_json_text, outcome_json, shown_json, sources_json
from feedsvc.cli.show import show_location
from feedsvc.cli.withdraw import withdraw_command
from feedsvc.collect import Collector, Outcome, collect
from feedsvc.config import Settings
from feedsvc.errors import ConfigError, FeedsvcError
from feedsvc.fetch import read_file
from feedsvc.model import LicenceState, is_url
from feedsvc.normalise.licence import configured
from feedsvc.parsers.opml import read_opml
from feedsvc.publish import export, listed_sources, publish
from feedsvc.render.opml import write_opml
from feedsvc.schedule import Schedule
from feedsvc.store import Store
from feedsvc.web.server import ensure_free, serve

LEASE = timedelta(minutes=15)


class _Commands(click.Group):
    """Turns every error that is somebody's to mend into its message and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for fault in error.faults:
                click.echo(fault, err=True)
            ctx.exit(2)
        except FeedsvcError as error:
            click.echo(f"feedsvc: {error}", err=True)
            ctx.exit(2)


@click.group(
    cls=_Commands,
    epilog="Example: feedsvc --config /etc/feedsvc/config.toml collect night-lantern",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="FEEDSVC_CONFIG",
    default="config.toml",
    show_default=True,
    show_envvar=True,
    help="The configuration file; relative paths in it start from its folder.",
)
@click.version_option(__version__, prog_name="feedsvc")
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """Collect reviews, keep every credit, republish them as Atom, RSS and JSON Feed."""
    context.obj = path
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    # The tick is every few seconds and says nothing that an operator needs.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _collector(store: Store, settings: Settings) -> Collector:
    return Collector(store=store, settings=settings, clock=utc_now)


def _log_outcome(outcome: Outcome) -> None:
    if outcome.error or outcome.new or outcome.changed or outcome.kept_out:
        for line in outcome_lines(outcome):
            logging.getLogger("feedsvc").info("%s", line)


# -------------------------------------------------------------------------------------------------------- the services


@main.command(epilog="Example: FEEDSVC_BIND=0.0.0.0:8080 feedsvc run")
@click.pass_context
def run(context: click.Context) -> None:
    """Collect on schedule, publish and serve: everything, in one command. Ctrl-C or SIGTERM stops it gracefully."""
    settings = settings_of(context)
    ensure_free(settings.host, settings.port)
    with open_store_to_collect(settings) as store:
        schedule = Schedule(_collector(store, settings), publisher_of(store, settings), _log_outcome)
        schedule.start()
        try:
            _serve(settings, workers=1)
        finally:
            click.echo("feedsvc: finishing what is in hand", err=True)
            schedule.stop()


@main.command(name="serve", epilog="Example: feedsvc serve --workers 2")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.pass_context
def serve_command(context: click.Context, workers: int) -> None:
    """Serve what is published, without collecting."""
    settings = settings_of(context)
    ensure_free(settings.host, settings.port)
    with Store.open(settings.database_url, create=False) as store:
        wrong = publisher_of(store, settings).ready()
    if wrong:
        raise FeedsvcError(wrong)
    _serve(settings, workers)


def _serve(settings: Settings, workers: int) -> None:
    os.environ["FEEDSVC_CONFIG"] = str(settings.path)
    click.echo(f"feedsvc: serving http://{settings.host}:{settings.port}/", err=True)
    serve(settings.host, settings.port, workers=workers, target="feedsvc.web.wsgi:application")


@main.command(epilog="Example: feedsvc migrate && feedsvc serve")
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the database to this program's schema; an older SQLite file is copied first."""
    settings = settings_of(context)
    with Store.open(settings.database_url) as store:
        store.migrate()
    click.echo("the database is up to date")


# ------------------------------------------------------------------------------------------------ collect and publish


@main.command(name="collect", epilog="Example: feedsvc collect night-lantern --force")
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--force", is_flag=True, help="Ask without validators and read again what seems unchanged.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source, on a line each.")
@click.pass_context
def collect_command(context: click.Context, names: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Look at the named sources now, or at all enabled ones. Exit code 1 when one could not be read."""
    settings = settings_of(context)
    wanted = _wanted(settings, names)
    failed: list[Outcome] = []
    with open_store_to_collect(settings) as store, progress("collecting", len(wanted), hide=as_json) as step:

        def report(outcome: Outcome) -> None:
            step(outcome.source, *([] if as_json else outcome_lines(outcome)))
            if as_json:
                click.echo(as_json_text(outcome_json(outcome), indent=0))
            if outcome.error:
                failed.append(outcome)

        claims = store.claim_named(wanted, utc_now(), LEASE)
        collect(_collector(store, settings), claims, report, force=force)
        # A server that only serves shows what stands in the database.
        publish(publisher_of(store, settings))
    busy = set(wanted) - {claim.name for claim in claims}
    for name in sorted(busy):
        click.echo(
            f"{name}: is being collected by another process just now; its result is in `feedsvc sources`", err=True
        )
    if failed:
        click.echo(f"{len(failed)} of {len(wanted)} sources could not be read: " + _named(failed), err=True)
        context.exit(1)


def _named(failed: list[Outcome]) -> str:
    return ", ".join(sorted(outcome.source for outcome in failed))


def _wanted(settings: Settings, names: tuple[str, ...]) -> list[str]:
    enabled = [source.name for source in settings.sources if source.enabled]
    known = [source.name for source in settings.sources]
    for name in names:
        if name not in known:
            raise FeedsvcError(f"{name!r} is no source of {settings.path}; its sources: {', '.join(known) or 'none'}")
        if name not in enabled:
            raise FeedsvcError(f"{name!r} is switched off; set enabled = true in its [[sources]] of {settings.path}")
    return list(dict.fromkeys(names)) or enabled


@main.command(name="publish", epilog="Example: feedsvc publish --out /srv/www/reviews")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to.  [default: published/ in the data room]",
)
@click.pass_context
def publish_command(context: click.Context, out: Path | None) -> None:
    """Write every feed and page as files, for a web server or a CDN; only what changed."""
    settings = settings_of(context)
    with open_store(settings) as store, progress("publishing", None) as step:
        folder = out or settings.data_dir / "published"
        changes = export(publisher_of(store, settings), folder, step)
    click.echo(f"{folder}: {changes} files changed")


# -------------------------------------------------------------------------------------------------------- looking at it


@main.command(epilog="Example: feedsvc show https://outlet.example/reviews/feed")
@click.argument("location")
@click.option("--source", "name", help="Read it as this configured source would: with its outlet, licence and kind.")
@click.option("--json", "as_json", is_flag=True, help="The reviews as a JSON array.")
@click.pass_context
def show(context: click.Context, location: str, name: str | None, as_json: bool) -> None:
    """Read one feed or document (a URL, a file, a folder) and print its reviews; nothing is stored."""
    settings = settings_of(context)
    shown, kept_out = show_location(settings, location, name, utc_now())
    if as_json:
        click.echo(as_json_text([shown_json(entry) for entry in shown]))
    else:
        for entry in shown:
            click.echo("\n".join(review_lines(entry)) + "\n")
    for place, reason in kept_out:
        click.echo(f"kept out: {place}: {reason}", err=True)
    if kept_out and not shown:
        context.exit(1)


@main.command(epilog="Example: feedsvc --config new-config.toml check")
@click.pass_context
def check(context: click.Context) -> None:
    """Say everything that is wrong with the configuration, all at once. Exit code 2 when it cannot be used."""
    settings = settings_of(context)
    for warning in _doubts(settings):
        click.echo(f"warning: {warning}", err=True)
    enabled = sum(source.enabled for source in settings.sources)
    click.echo(f"{settings.path}: good: {enabled} of {len(settings.sources)} sources on, {len(settings.feeds)} feeds")


def _doubts(settings: Settings) -> Iterator[str]:
    """What is allowed and yet hardly meant."""
    for source in settings.sources:
        local = "://" not in source.location
        if source.enabled and local and not Path(source.location).exists():
            yield f"[[sources]] {source.name!r}: {source.location} does not exist yet; create it"
    for feed in settings.feeds:
        if not any(source.enabled and source.name in settings.source_names(feed) for source in settings.sources):
            yield f"[[feeds]] {feed.name!r}: all of its sources are switched off"
    if not settings.feeds:
        yield "there is no [[feeds]], so nothing is published"
    for source in settings.sources:
        if source.licence and configured(source.licence).state is not LicenceState.IDENTIFIED:
            yield f"[[sources]] {source.name!r}: licence = {source.licence!r} is none we know, so it allows nothing"
        if source.interval and is_url(source.location) and source.interval < settings.polling.min_interval:
            yield f"[[sources]] {source.name!r}: interval is shorter than [polling] min_interval, which holds"
        if "@" in urlsplit(source.location).netloc:
            yield f"[[sources]] {source.name!r}: location holds a user name; such an address is never asked"
    if settings.polling.contact is None and any(s.enabled and "://" in s.location for s in settings.sources):
        yield "[polling] contact is not set: outlets that you poll cannot reach you"


@main.command(epilog="Example: feedsvc sources --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object: sources and quarantined documents.")
@click.pass_context
def sources(context: click.Context, as_json: bool) -> None:
    """List the sources: when each was read, when it is next, what is wrong, which documents are in quarantine."""
    settings = settings_of(context)
    with open_store(settings) as store:
        states, quarantined = store.states(), store.quarantined()
    if as_json:
        click.echo(as_json_text(sources_json(settings.sources, states, quarantined)))
        return
    click.echo("\n".join(source_lines(settings.sources, states)))
    if quarantined:
        click.echo("\n" + "\n".join(quarantine_lines(quarantined)))


# ----------------------------------------------------------------------------------------------------- in and out: OPML


@main.command(name="import-opml", epilog="Example: feedsvc import-opml subscriptions.opml --append")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--append", is_flag=True, help="Add them to the configuration file instead of printing them.")
@click.pass_context
def import_opml(context: click.Context, file: Path, append: bool) -> None:
    """Turn the subscriptions of an OPML file into [[sources]]; those already configured are left out."""
    settings = settings_of(context)
    tables = tables_for(read_opml(read_file(file)), settings.sources)
    if not append:
        click.echo("".join(tables), nl=False)
    elif tables:
        with settings.path.open("a", encoding="utf-8") as config:
            config.write("".join(tables))
    click.echo(f"{len(tables)} new sources" + (f" added to {settings.path}" if append else ""), err=True)


@main.command(name="export-opml", epilog="Example: feedsvc export-opml > sources.opml")
@click.pass_context
def export_opml(context: click.Context) -> None:
    """Print the enabled sources as OPML 2.0, as at /sources.opml."""
    settings = settings_of(context)
    with open_store(settings) as store:
        states = {state.name: state for state in store.states()}
        listed = listed_sources(store, settings)
    enabled = [(source, states.get(source.name)) for source in listed if source.enabled]
    click.echo(write_opml(settings.site, enabled).decode(), nl=False)


# ------------------------------------------------------------------------------------------------ attribution and terms

main.add_command(explain_command)
main.add_command(lint_command)
main.add_command(withdraw_command)
