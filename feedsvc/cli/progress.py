"""How far a command is, live on a terminal (standard error); where there is none, only its lines, plain."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Display:
    """`say` prints a line for good; `step` counts one thing done, and says beside the count how it stands."""

    say: Callable[[str], None]
    step: Callable[[str], None]


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Display]:
    """A display for `total` things to do; None where their number is not known."""
    if not sys.stderr.isatty():
        yield Display(say=click.echo, step=lambda _: None)
        return
    # Only for somebody who looks: it takes longer to load than most commands to run.
    from feedsvc.cli.live import live

    with live(title, total) as display:
        yield display
