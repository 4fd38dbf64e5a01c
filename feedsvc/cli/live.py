"""A number of things to do in, a line on the terminal out that says how many are done, how fast, and how long yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from feedsvc.cli.progress import Display

#: How often in a second the line is drawn anew: the cores are for the work.
REDRAWN = 4


class _Rate(ProgressColumn):
    """Things done in a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "–/s")


@contextmanager
def live(title: str, total: int | None) -> Iterator[Display]:
    """A display on standard error, which is a terminal; it leaves nothing behind but the lines that were said."""
    columns = (
        SpinnerColumn(),
        TextColumn(title),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.description}", markup=False),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, refresh_per_second=REDRAWN
    ) as drawn:
        task = drawn.add_task("", total=total)

        def say(line: str) -> None:
            if sys.stdout.isatty():
                # Above the line that is being drawn, not across it.
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            else:
                click.echo(line)

        yield Display(say=say, step=lambda told: drawn.update(task, advance=1, description=told))
