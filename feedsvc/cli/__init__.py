"""The command line in, exit codes and words for a person or a program out. Each command is a module of its name.

Here is the edge: the environment and the clock are read in `invocation` and `opening`, and handed on as values.
A command's module is imported when it is called, so that none pays for what the others need.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from feedsvc import __version__
from feedsvc.errors import ConfigError, FeedsvcError

#: Each command with its line in the list; its module is named like it, with "_" for "-", and holds `command`.
COMMANDS = {
    "back-up": "Copy the SQLite database to FILE, while the service goes on.",
    "check": "Say everything that is wrong with the configuration, all at once.",
    "collect": "Look at the named sources now, or at all enabled ones.",
    "copy-database": "Copy everything from one database to another, empty one: SQLite to PostgreSQL, or back.",
    "explain": "Say in plain words what is published of a review, on which terms and why, and what to ask for.",
    "export-opml": "Print the enabled sources as OPML 2.0, as at /sources.opml.",
    "import-opml": "Turn the subscriptions of an OPML file into [[sources]].",
    "lint": "Say how complete the attribution is, the least complete first, and what to tell each partner.",
    "migrate": "Bring the database to this program's schema; an older SQLite file is copied first.",
    "publish": "Write every feed and page as files, for a web server or a CDN; only what changed.",
    "run": "Collect on schedule, publish and serve: everything, in one command.",
    "schedule": "Hand what is due to workers, and publish what they collected.",
    "serve": "Serve what is published, without collecting.",
    "show": "Read one feed, page or document (a URL, a file, a folder) and print its reviews; nothing is stored.",
    "sources": "List the sources: when each was read, when it is next, what is wrong.",
    "subjects": "List the works that reviews are of, and join or split them where the rules are wrong.",
    "subscribers": "List who subscribed to our feeds at our hub, and what other hubs are still to be told.",
    "token": "Give partners access to private feeds, by tokens that can be revoked one by one.",
    "worker": "Collect what is handed out to workers on any number of machines.",
    "withdraw": "Take a review, an author or a source out of every feed, page and export, at once and for good.",
}


class _Commands(click.Group):
    """Finds a command when it is called, and turns every error that is somebody's to mend into words and code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"feedsvc.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

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
    set_up_log()


def set_up_log() -> None:
    """What happens is told on standard error, a line each."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    # The tick is every few seconds and says nothing that an operator needs.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("celery").setLevel(logging.WARNING)
