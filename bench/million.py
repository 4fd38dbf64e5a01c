"""Measures the queries that run all the time, on PostgreSQL, over 100,000 and over 1,000,000 sources with reviews.

Both databases are filled by COPY (see `filling`), on a server of their own unless an address is given; that takes half
an hour and 25 GB, or less with --sources and --reviews. Each query is asked many times, then PostgreSQL explains its
statements, as the program sent them, as many times. Progress goes to standard error, table and plans to standard
output; exit code 1 when the server needs longer for a query, all of its statements together, than is wanted.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from bench import filling
from bench.filling import NOW, RARE, Size
from bench.server import serving
from bench.table import Row, draw
from feedsvc.model import View
from feedsvc.store import Chunk, Store, claims
from feedsvc.store.chunks import SIZE
from feedsvc.store.postgresql import SESSION

#: Milliseconds that a query may take the server in the median, and how many times as much a claim may cost with ten
#: times the sources.
MOST, GROWTH = 20.0, 1.5
LEASE = timedelta(minutes=5)
#: As the program's own sessions are.
QUIET = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
CLAIMED = 500
#: A word of nearly every text.
COMMON = "the"


@dataclass(frozen=True, slots=True)
class Query:
    """Something that is asked; `after` puts back what it changed, told what came of it."""

    figure: str
    ask: Callable[[Store], Any]
    after: Callable[[Store, Any], object] = lambda _store, _found: None


def queries(size: Size) -> list[Query]:
    """What is measured."""
    feed, wide = filling.small_names(size, 100), filling.small_names(size, 500)
    every = tuple(filling.name_of(number) for number in range(1, size.sources + 1))
    found = [
        Query("is anything due?", _any_due),
        Query(f"claim of {CLAIMED}", lambda store: store.claim_due(NOW, limit=CLAIMED, lease=LEASE), _release),
        Query(f"claim of {CLAIMED} for workers, with hosts", _claim_chunks, _give_back),
        Query("newest 50 of a feed of 100 sources", lambda store: store.archives.newest(feed, 50)),
        Query("newest 50 of a feed of 500 sources", lambda store: store.archives.newest(wide, 50)),
        Query("newest 50 of a feed of all sources", lambda store: store.archives.newest(every, 50)),
    ]
    for what, words in (("a rare word", RARE), ("a common word", COMMON)):
        asked = View(words=words)
        found.append(Query(f"search: {what}, 100 sources", lambda store, asked=asked: _page(store, asked, feed)))
        found.append(Query(f"search: {what}, all sources", lambda store, asked=asked: _page(store, asked, every)))
    return found


def _page(store: Store, asked: View, names: Sequence[str]) -> object:
    return store.views.page(asked, names, 50)


def _claim_chunks(store: Store) -> list[Chunk]:
    return store.chunks.claim(NOW, most=CLAIMED // SIZE, lease=LEASE)


def _give_back(store: Store, chunks: Sequence[Chunk]) -> None:
    for chunk in chunks:
        store.chunks.give_back(chunk)


def _any_due(store: Store) -> object:
    with store._database.read() as connection:
        return claims.any_due(connection, NOW)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds in the median: the server's for all statements, the clock's for it all, CPU of both."""

    server: float
    wall: float
    cpu: float


def measured(url: str, store: Store, query: Query, backends: Callable[[], Sequence[int]], times: int) -> Cost:
    """What a query costs once its pages are in memory."""
    query.after(store, query.ask(store))
    serving = backends()
    walls, cpus = [], []
    for _ in range(times):
        begin, before = time.perf_counter(), _cpu(serving)
        found = query.ask(store)
        cpus.append(_cpu(serving) - before)
        walls.append(time.perf_counter() - begin)
        query.after(store, found)
    server = served(url, store, query, times)
    return Cost(server=server, wall=statistics.median(walls) * 1000, cpu=statistics.median(cpus) * 1000)


def served(url: str, store: Store, query: Query, times: int) -> float:
    """What the server says that planning and executing the query's statements takes it, undone each time."""
    statements = heard_of(store, query)
    totals = []
    with psycopg.connect(url, options=QUIET) as connection:
        for _ in range(times + 1):
            total = 0.0
            for statement, values in statements:
                asked = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
                [[[plan]]] = connection.execute(asked, values).fetchall()
                connection.rollback()
                total += plan["Planning Time"] + plan["Execution Time"]
            totals.append(total)
    return statistics.median(totals[1:])


def _cpu(processes: Sequence[int]) -> float:
    """CPU-seconds of ours and of these processes (https://docs.kernel.org/scheduler/sched-stats.html)."""
    spent = (int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) for process in processes)
    return time.process_time() + sum(spent) / 1e9


@contextmanager
def watching(url: str) -> Iterator[Callable[[], list[int]]]:
    """Says which of the server's processes serve us."""
    serving = "SELECT pid FROM pg_stat_activity WHERE application_name = 'feedsvc' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda: [pid for (pid,) in connection.execute(serving).fetchall()]


# -------------------------------------------------------------------------------------------------------- explanations


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that SQLAlchemy sends meanwhile, with its values."""
    heard: list[tuple[str, Any]] = []

    def hear(_c: object, _d: object, statement: str, parameters: Any, _x: object, _many: bool) -> None:  # noqa: ANN401
        heard.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def heard_of(store: Store, query: Query) -> list[tuple[str, Any]]:
    """The statements of a query with their values, but for questions for a plan, which cost less than any answer."""
    with listening() as heard:
        found = query.ask(store)
    query.after(store, found)
    return [one for one in heard if one[0].startswith(("SELECT", "INSERT", "UPDATE", "WITH"))]


def explained(url: str, store: Store, query: Query) -> Iterator[str]:
    """Each statement of a query once, as PostgreSQL carries it out; what it changes is undone."""
    seen = set()
    with psycopg.connect(url, options=QUIET) as connection:
        for statement, values in heard_of(store, query):
            shape = re.sub(r"\d+", "", statement)[:300]
            if shape in seen:
                continue
            seen.add(shape)
            rows = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values).fetchall()
            connection.rollback()
            yield _short(statement) + "\n\n" + "\n".join(_cut(line) for (line,) in rows)


def _short(statement: str) -> str:
    text = " ".join(re.sub(r"::[A-Z]+", "", statement).split())
    text = re.sub(r"(%\(\w+\)s, ){3,}", "…, ", text)
    text = re.sub(r"(\((?:%\(\w+\)s(?:, )?)+\), ){3,}", "…, ", text)
    return re.sub(r"(\d+, ){6,}", "…, ", text)


def _cut(line: str) -> str:
    line = re.sub(r"(\d+,){6,}", "…,", line)
    return line if len(line) < 240 else line[:240] + " …"


# -------------------------------------------------------------------------------------------------------------- the run


def note(line: str) -> None:
    """A line of progress."""
    click.echo(line, err=True)


def _filled(url: str, size: Size) -> str:
    """The address of a database of that size beside another one; made and filled unless it is there."""
    name = filling.database_name(size)
    own = make_url(url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return own
        connection.execute(f'CREATE DATABASE "{name}"')
    with Store.open(own) as store:
        store.migrate()
    filling.fill(own, size, note)
    return own


def _release(store: Store, _found: object = None) -> None:
    store.release_all("bench")


def _rows(url: str, sizes: Sequence[Size], times: int, plans: bool) -> Iterator[tuple[Row, bool]]:
    medians: dict[str, list[Cost]] = {}
    said: list[str] = []
    for size in sizes:
        own = _filled(url, size)
        note(f"{size.sources:,} sources, {size.reviews:,} reviews")
        with Store.open(own, owner="bench") as store, watching(own) as backends:
            _release(store)
            for query in queries(size):
                cost = measured(own, store, query, backends, times)
                medians.setdefault(query.figure, []).append(cost)
                note(f"  {query.figure}: {_said(cost)}")
                if plans and size is sizes[-1]:
                    said += [f"### {query.figure}", "", *(f"{one}\n" for one in explained(own, store, query))]
            _release(store)
    for figure, found in medians.items():
        few, many = found[0], found[-1]
        held = many.server < MOST and (not figure.startswith("claim") or many.cpu < GROWTH * few.cpu)
        shown = [_said(cost) for cost in (few, many)]
        yield Row(figure, *shown, f"{many.cpu / few.cpu:.2f}", wanted=f"under {MOST:g} ms", held=held), held
    click.echo("\n".join(said))


def _said(cost: Cost) -> str:
    return f"server {cost.server:.1f} ms, whole {cost.wall:.1f} ms, CPU {cost.cpu:.1f} ms"


@click.command(epilog="Example: python -m bench.million --sources 100000 --reviews 500000")
@click.option("--sources", default=1_000_000, show_default=True, help="How many sources; measured with a tenth, too.")
@click.option("--reviews", default=5_000_000, show_default=True, help="How many reviews; a tenth with a tenth.")
@click.option("--times", default=21, show_default=True, help="How often each query is asked.")
@click.option("--url", help="A server to use, where databases may be made and stay; else one for this run alone.")
@click.option("--plans/--no-plans", default=True, help="Print how PostgreSQL goes about each query.")
def main(sources: int, reviews: int, times: int, url: str | None, plans: bool) -> None:
    """Fill PostgreSQL, ask the queries that run all the time, and print what they cost and how they are carried out."""
    sizes = [Size(sources // 10, reviews // 10), Size(sources, reviews)]
    if url:
        sys.exit(_run(url, sizes, times, plans))
    with serving() as own:
        code = _run(own, sizes, times, plans)
    sys.exit(code)


def _run(url: str, sizes: Sequence[Size], times: int, plans: bool) -> int:
    rows = list(_rows(url, sizes, times, plans))
    click.echo(draw([row for row, _ in rows]))
    return 0 if all(held for _, held in rows) else 1


if __name__ == "__main__":
    main()
