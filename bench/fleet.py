"""Measures a fleet: two workers on two cores beside one on one core; with --before, one process beside earlier code.

One core: PostgreSQL, Redis, the origin, this program and the worker share it. Two cores: all of them are free on both.
Each run has its own database and broker. Every feed is due at once when each worker has collected one of some others;
the wall time is that from the first request at the origin to the last look's commit, by the machine's clock, so that
start-up is left out.
What is stored and asked is compared after each run; a difference ends the program with exit code 1. Linux alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import psycopg

from bench import table
from bench.checks import difference, expected
from bench.cluster import ROOT, generated, process, shared, telling_logs
from bench.cluster_checks import stored
from bench.collecting import CheckFailed, collector, compare, look, note
from bench.origin import Answering, Counts, Origin
from bench.processes import Cost, cpu_seconds
from bench.service import source_name
from feedsvc.config import load
from feedsvc.store import Store

#: Nothing is due twice in a run. No feed is published: each would cost the same, whoever collects.
CONFIG = """
[service]
base_url = "{base}"
data_dir = "."
[polling]
interval = "2h"
min_interval = "2h"
allow_private_addresses = true
[[source_lists]]
file = "feeds.csv"
"""
#: Feeds are not due for so long, which is less than the interval, or they would be brought forward.
LATER = timedelta(hours=1)
#: Feeds that are collected first, until each worker had some of them: so many at once, and how often at most.
FIRST, TIMES = 2, 25
#: What a worker's log says: that it takes work, that the schedule beside it hands some out, that a feed was collected.
READY = ("working with", "handing out what is due")
COLLECTED = "feed-"
#: Seconds that getting ready may take; and between two looks whether everything is stored.
READY_WITHIN, GLANCE = 120, 0.5
#: How many times as many feeds a second two workers must collect, and how many ours beside the version before.
FASTER, AS_FAST = 1.6, 0.95
#: A look is recorded in one transaction: its row of the schedule and all its reviews.
LOOKED = "SELECT count(*) FROM schedule WHERE last_success IS NOT NULL"
LAST_COMMIT = "SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::float8 FROM schedule"


@dataclass(frozen=True, slots=True)
class Fleet:
    """So many workers of one process each, on so many cores with all that they need."""

    workers: int
    cores: int

    def __str__(self) -> str:
        return f"{_many(self.workers, 'worker')} on {_many(self.cores, 'core')}"


ALONE, FREE, BOTH = FLEETS = (Fleet(1, 1), Fleet(1, 2), Fleet(2, 2))


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting every feed once took: seconds, and CPU-seconds of everything, PostgreSQL and origin included."""

    wall: float
    cpu: float


def _many(number: int, word: str) -> str:
    return f"{('no', 'one', 'two')[number]} {word}{'s' * (number != 1)}"


# --------------------------------------------------------------------------------------------------------- one fleet


def fleet(wanted: Fleet, count: int, seconds: float) -> Collected:
    """A fleet that collects every feed; `seconds` is how long it may take. CheckFailed when anything is wrong."""
    with (
        pinned(wanted.cores),
        TemporaryDirectory(prefix="feedsvc-fleet-") as name,
        Origin(count + FIRST * TIMES) as origin,
        telling_logs(Path(name)),
        ready(Path(name), wanted.workers, origin.port, count) as database,
    ):
        first = warm(Path(name), wanted.workers, database, count)
        origin.answer(Answering())
        before = cpu_seconds(os.getpid())
        due(database, range(count))
        ended = wait(database, first + count, seconds)
        cpu = cpu_seconds(os.getpid()) - before
        counts = origin.answer(Answering())
        check(str(wanted), database, counts, count)
        assert counts.began is not None
        found = Collected(wall=ended - counts.began, cpu=cpu)
    note(f"{wanted!s:<26} {found.cpu:8.3f} CPU-s  {found.wall:8.3f} s  {count / found.wall:8.1f} feeds/s")
    return found


@contextmanager
def pinned(cores: int) -> Iterator[None]:
    """Everything that is started in the block runs on so many cores, and so does whoever starts it."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def ready(folder: Path, workers: int, port: int, count: int) -> Iterator[str]:
    """The address of a database that workers stand by at, every source in it and none of them due."""
    generated(folder, "http://reviews.example", port, count + FIRST * TIMES, CONFIG)
    with ExitStack() as stack:
        environ = stack.enter_context(shared(folder, "redis", track_commit_timestamp="on"))
        database = environ["FEEDSVC_DATABASE_URL"]
        now = datetime.now(UTC)
        with Store.open(database, create=False) as store:
            sources = load(folder / "config.toml", environ).sources
            store.sync_sources(sources, now, first_checks={source.name: now + LATER for source in sources})
        names = [f"worker-{number}" for number in range(1, workers + 1)]
        for name in names:
            stack.enter_context(process(folder, name, ["worker", "--processes", "1"], **environ))
        _stand_by([folder / f"{name}.log" for name in names])
        yield database


def _stand_by(logs: Sequence[Path]) -> None:
    """Return when all workers and their schedules have said that they are ready."""
    deadline = time.monotonic() + READY_WITHIN
    while not all(word in log.read_text(errors="replace") for log, word in product(logs, READY)):
        if time.monotonic() > deadline:
            raise CheckFailed(f"not all workers were ready within {READY_WITHIN} seconds")
        time.sleep(0.1)


def warm(folder: Path, workers: int, database: str, count: int) -> int:
    """Have feeds beyond the first `count` collected until each worker had one: its processes run then; how many."""
    logs = [folder / f"worker-{number}.log" for number in range(1, workers + 1)]
    for begun in range(0, FIRST * TIMES, FIRST):
        due(database, range(count + begun, count + begun + FIRST))
        wait(database, begun + FIRST, READY_WITHIN)
        if all(COLLECTED in log.read_text(errors="replace") for log in logs):
            return begun + FIRST
    raise CheckFailed(f"only one of {workers} workers took anything in {TIMES} times")


def due(database: str, numbers: Iterable[int]) -> None:
    """These feeds are due now."""
    now = datetime.now(UTC)
    with Store.open(database, create=False) as store:
        store.postpone({source_name(number): now for number in numbers})


def wait(database: str, count: int, seconds: float) -> float:
    """Return when so many feeds were collected: when the last of them was stored, in seconds since 1970."""
    deadline = time.monotonic() + seconds
    with psycopg.connect(database, autocommit=True) as connection:
        while (looked := _one(connection, LOOKED)) < count:
            if time.monotonic() > deadline:
                raise CheckFailed(f"CHECK failed: only {looked:,.0f} of {count:,} feeds were read in {seconds:.0f} s")
            time.sleep(GLANCE)
        return _one(connection, LAST_COMMIT)


def _one(connection: psycopg.Connection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def check(name: str, database: str, counts: Counts, count: int) -> None:
    """CheckFailed when anything was asked for otherwise than once, failed, or is not stored as its feed has it."""
    asked = (counts.requests, counts.whole)
    if asked != (count, count):
        raise CheckFailed(
            f"CHECK failed: {name}: the origin was asked {counts}, and each of {count:,} feeds once wanted"
        )
    with Store.open(database, create=False) as store:
        failed = [f"{state.name}: {state.error}" for state in store.states() if state.failures]
        fault = difference(stored(store, count), {number: expected("feedsvc", number, 0) for number in range(count)})
    if failed or fault:
        raise CheckFailed(f"CHECK failed: {name}, {fault or failed[:3]}")


# ------------------------------------------------------------------------------------------------- one process, before


def single(name: str, checkout: Path, origin: Origin, count: int) -> Cost:
    """What one process with SQLite costs that runs a checkout's code and looks at every feed for the first time."""
    with TemporaryDirectory() as folder:
        with collector("feedsvc", folder, origin.port, count, checkout) as subject:
            subject.do("prepare")
            cost = look(name, subject, origin, count, "cold", Answering())
        compare("feedsvc", folder, origin.port, count, 0, checkout)
    return cost


# ------------------------------------------------------------------------------------------------------- the figures


def fleets(count: int, turns: int, seconds: float) -> dict[Fleet, Collected]:
    """The best turn of each fleet, by its wall time."""
    found: dict[Fleet, list[Collected]] = {one: [] for one in FLEETS}
    for _, one in product(range(turns), FLEETS):
        found[one].append(fleet(one, count, seconds))
    return {one: min(runs, key=lambda run: run.wall) for one, runs in found.items()}


def beside(before: Path, count: int, turns: int) -> tuple[list[Cost], list[Cost]]:
    """What the version before and ours cost in each turn; they take turns at going first too."""
    order = [("before", before), ("now", ROOT)]
    found: dict[str, list[Cost]] = {name: [] for name, _ in order}
    with Origin(count) as origin:
        for _ in range(turns):
            for name, checkout in order:
                found[name].append(single(name, checkout, origin, count))
            order.reverse()
    return found["before"], found["now"]


def fleet_rows(count: int, best: dict[Fleet, Collected]) -> Iterator[table.Row]:
    """Feeds a second of each fleet beside one worker on one core, and what all of it costs."""
    alone = best[ALONE]
    for one in (BOTH, FREE):
        times = alone.wall / best[one].wall
        yield table.Row(
            figure=f"{one}: feeds/s",
            other=f"{ALONE}: {count / alone.wall:.1f}",
            ours=f"{count / best[one].wall:.1f}",
            ratio=f"{times:.2f}",
            wanted=f"at least {FASTER:g}" if one == BOTH else "",
            held=times >= FASTER if one == BOTH else None,
        )
    for one in (BOTH, FREE):
        yield table.Row(
            figure=f"{one}: CPU of everything",
            other=f"{ALONE}: {alone.cpu / count * 1000:.1f}",
            ours=f"{best[one].cpu / count * 1000:.1f}",
            ratio=f"{best[one].cpu / alone.cpu:.2f}",
        )


def before_rows(count: int, before: Sequence[Cost], now: Sequence[Cost]) -> Iterator[table.Row]:
    """One process beside the version before: the best turn of each, by feeds a second and by CPU."""
    walls = min(cost.wall for cost in before), min(cost.wall for cost in now)
    cpus = min(cost.cpu for cost in before), min(cost.cpu for cost in now)
    yield table.Row(
        figure="one process with SQLite: feeds/s",
        other=f"before {count / walls[0]:.1f}",
        ours=f"{count / walls[1]:.1f}",
        ratio=f"{walls[0] / walls[1]:.2f}",
        wanted=f"at least {AS_FAST:g}",
        held=walls[0] / walls[1] >= AS_FAST,
    )
    yield table.Row(
        figure="one process with SQLite: feeds by CPU-second",
        other=f"before {count / cpus[0]:.1f}",
        ours=f"{count / cpus[1]:.1f}",
        ratio=f"{cpus[0] / cpus[1]:.2f}",
        wanted=f"at least {AS_FAST:g}",
        held=cpus[0] / cpus[1] >= AS_FAST,
    )


HELP = """Measures two workers on two cores beside one on one core, and prints the figures as a Markdown table.

PostgreSQL, Redis and the origin of the generated feeds share the cores with the workers. Chunks hold 50 feeds, and a
worker takes 200 at once: with less than 600 feeds the work is not shared evenly. --before names a checkout of earlier
code, whose single process with SQLite takes turns with ours. Exit code 1: a check failed.

\b
Example: python -m bench.fleet --feeds 600 --turns 3
         python -m bench.fleet --feeds 600 --before ../feedsvc-before
"""


@click.command(help=HELP)
@click.option("--feeds", "count", type=click.IntRange(1), default=600, show_default=True, help="Feeds in every run.")
@click.option("--turns", type=click.IntRange(1), default=2, show_default=True, help="Runs of each; the best counts.")
@click.option(
    "--before",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="A checkout of an earlier version.",
)
@click.option("--fleets/--no-fleets", "sharing", default=True, help="Whether to measure workers at all.")
@click.option("--within", default=1800.0, show_default=True, help="Seconds that a fleet may take for the feeds.")
def main(count: int, turns: int, before: Path | None, sharing: bool, within: float) -> None:
    """Measure and print."""
    if sharing and len(os.sched_getaffinity(0)) < BOTH.cores:
        raise click.ClickException("two cores are needed, and this program may use one alone")
    if not sharing and before is None:
        raise click.UsageError("--no-fleets leaves nothing to measure; give --before FOLDER too")
    if (load := os.getloadavg()[0]) > 0.5:
        note(f"The machine is busy with other things (load {load:.1f}): ratios of wall time mean little.")
    rows: list[table.Row] = []
    if sharing:
        rows += fleet_rows(count, fleets(count, turns, within))
    if before is not None:
        rows += before_rows(count, *beside(before, count, turns + 1))
    click.echo(table.draw(rows))
    if sharing:
        click.echo("\nCPU of everything: seconds per 1,000 feeds, PostgreSQL, Redis, schedules and origin included.")


if __name__ == "__main__":
    main()
