"""`feedsvc import-opml`: a subscription list in; [[sources]] for the configuration out, and what made none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.subscriptions import Sorted, sort_out
from feedsvc.config import settings_from
from feedsvc.config.opml import read_opml
from feedsvc.errors import ConfigError, FeedsvcError

#: So many of the subscriptions left out for the same reason are named.
TOLD = 20


@click.command(name="import-opml", epilog="Example: feedsvc import-opml subscriptions.opml --append")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--append", is_flag=True, help="Add them to the configuration file instead of printing them.")
@click.pass_context
def command(context: click.Context, file: Path, append: bool) -> None:
    """Turn the subscriptions of an OPML file into [[sources]]. Those already configured are left out.

    With --append the configuration file is replaced in one step, with every byte and comment that stood in it, when the
    result is a good configuration; else it stays as it is.
    """
    settings = settings_of(context)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise FeedsvcError(f"{file}: cannot be read ({error.strerror}); it must be a readable OPML file") from None
    found = sort_out(read_opml(body, str(file)), settings.sources)
    if not append:
        click.echo("".join(found.tables), nl=False)
    elif found.tables:
        _append(settings.path, "".join(found.tables))
    for line in _left_out(found):
        click.echo(line, err=True)
    click.echo(_counted(found, f" added to {settings.path}" if append else ""), err=True)


def _counted(found: Sorted, added: str) -> str:
    left = sum(map(len, found.left_out.values()))
    counts = f"{len(found.tables):,} new source{'' if len(found.tables) == 1 else 's'}{added}"
    return f"{counts}; {left:,} left out" if left else counts


def _left_out(found: Sorted) -> Iterator[str]:
    for reason, places in found.left_out.items():
        yield from (f"left out: {place}: {reason}" for place in places[:TOLD])
        if len(places) > TOLD:
            yield f"left out: {len(places) - TOLD:,} more: {reason}"


def _append(path: Path, tables: str) -> None:
    """Put tables at the end of a configuration file: all of them or, when the result were wrong, none."""
    try:
        before = path.read_bytes()
        after = before + (b"" if before.endswith(b"\n") or not before else b"\n") + tables.encode()
        settings_from(path, after, os.environ)
        _replace(path, after)
    except ConfigError as error:
        raise ConfigError(
            [f"{path}: nothing was added, because with the new sources it would be wrong:", *_indented(error.faults)]
        ) from None
    except OSError as error:
        raise FeedsvcError(f"{path}: cannot be written ({error.strerror}); nothing was added") from None


def _indented(faults: Sequence[str]) -> list[str]:
    return [f"  {fault}" for fault in faults]


def _replace(path: Path, content: bytes) -> None:
    """The new bytes in the old file's place and with its rights, in one step; a crash leaves the one or the other."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
