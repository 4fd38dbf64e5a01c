"""Copies many reviews from SQLite to PostgreSQL and back, and compares what is published from the three databases.

Copying compares every row. What is published is drawn anew from each: feeds, archives and all else that is kept as
bytes, and a sample of the pages that are drawn when they are asked for. Exit code 1 when anything differs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy import create_engine, delete

from bench.search import CONFIG, NOW, SOURCE, SOURCES, fill, note
from bench.server import serving
from bench.table import Row, draw
from feedsvc.config import load
from feedsvc.model import Rendition
from feedsvc.publish import Publisher, index, publish
from feedsvc.store import Store
from feedsvc.store.copying import copy_database
from feedsvc.store.schema import rendition

#: Pages that are drawn when they are asked for, of all that there are.
SAMPLE = 300


def published(folder: Path, url: str) -> dict[str, bytes]:
    """What is published from a database, by its path, drawn anew: all that is kept, and of all other pages a sample."""
    settings = load(folder / "config.toml", {"FEEDSVC_DATABASE_URL": url})
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(delete(rendition))
    engine.dispose()
    with Store.open(url) as store:
        publisher = Publisher(store=store, settings=settings, clock=lambda: NOW)
        index(publisher)
        publish(publisher)
        paths = publisher.paths()
        chosen = {*store.renditions.etags(), *paths[:: max(1, len(paths) // SAMPLE)]}
        found = {path: publisher.rendition(path) for path in sorted(chosen)}
    return {path: drawn.body for path, drawn in found.items() if isinstance(drawn, Rendition)}


def timed(name: str, what: Callable[[], object]) -> float:
    """Seconds that it took, told."""
    begin = time.monotonic()
    what()
    seconds = time.monotonic() - begin
    note(f"{name}: {seconds:.1f} s")
    return seconds


@click.command(epilog="Example: python -m bench.moving --reviews 20000")
@click.option("--reviews", "count", default=100_000, show_default=True, help="How many reviews are stored.")
def main(count: int) -> None:
    """Move reviews from SQLite to PostgreSQL and back, and compare what is published."""
    with TemporaryDirectory() as name, serving() as theirs:
        folder = Path(name)
        sources = "\n".join(SOURCE.format(number=number) for number in range(SOURCES))
        (folder / "config.toml").write_text(CONFIG.format(sources=sources), encoding="utf-8")
        settings = load(folder / "config.toml", {})
        with Store.open(settings.database_url) as store:
            store.migrate()
            timed(f"{count:,} reviews", lambda: fill(store, settings, count))
        before = published(folder, settings.database_url)
        back = f"sqlite:///{folder}/back.sqlite3"
        there = timed("to PostgreSQL", lambda: copy_database(settings.database_url, theirs, lambda _: None))
        here = timed("and back", lambda: copy_database(theirs, back, lambda _: None))
        between = published(folder, theirs)
        after = published(folder, back)
    other = {
        path for found in (between, after) for path in before.keys() | found if before.get(path) != found.get(path)
    }
    for path in sorted(other):
        note(f"differs: {path}")
    rows = [
        Row(f"{count:,} reviews to PostgreSQL, compared", ours=f"{there:.1f} s"),
        Row("and back, compared", ours=f"{here:.1f} s"),
        Row("published addresses that differ", ours=f"{len(other)} of {len(before)}", wanted="0", held=not other),
    ]
    click.echo(draw(rows))
    sys.exit(1 if other else 0)


if __name__ == "__main__":
    main()
