"""A command goes in; what it printed, and its exit code, come out: run in this process on a folder's config.toml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from feedsvc.cli import main
from tests.databases import database_environ


def run(folder: Path, *arguments: str, catch_exceptions: bool = True, **environ: str) -> Result:
    """What a command does; with catch_exceptions=False, a mistake of ours fails the test that runs it."""
    runner = CliRunner(env={**database_environ(folder), **environ})
    return runner.invoke(main, ["--config", str(folder / "config.toml"), *arguments], catch_exceptions=catch_exceptions)


def configured(folder: Path, sources: str) -> Callable[..., Result]:
    """Runs a command on a configuration with these sources and one feed of them all."""
    config = (
        '[service]\nbase_url = "http://reviews.example"\n[[feeds]]\nname = "all"\ntitle = "All of them"\n' + sources
    )
    (folder / "config.toml").write_text(config, encoding="utf-8")

    def invoke(*arguments: str) -> Result:
        return run(folder, *arguments)

    return invoke
