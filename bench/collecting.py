"""Measures collecting: feedsvc beside a floor and a peer, as ratios from one run. Progress goes to standard error.

Each collector is a process of its own that looks at generated feeds on loopback, one case after another: everything
new, nothing changed (304), the same bytes again with 200, every tenth feed changed. What it then has stored is compared
with what the generator says; a difference ends the run with exit code 1. The origin's CPU is nobody's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import table
from bench.origin import Answering, Counts, Origin
from bench.processes import Cost, Measured, of

#: One feed in so many is changed.
EVERY = 10
#: Ticks that are measured at once.
TICKS = 100


@dataclass(frozen=True, slots=True)
class Case:
    """One situation: what it is called, how the origin answers at each look in turn, and what is wanted of us."""

    name: str
    figure: str
    answers: tuple[Answering, ...]
    #: The largest ratio of our CPU to the floor's.
    most: float


CASES = (
    Case("cold", "all new", (Answering(),), 2.5),
    Case("unchanged", "nothing changed (304)", (Answering(),) * 3, 4.0),
    Case("same", "same bytes again (200)", (Answering(validate=False),) * 3, 3.0),
    Case("changed", "every tenth changed", tuple(Answering(version, EVERY) for version in (1, 2, 3)), 2.5),
)


class CheckFailed(click.ClickException):
    """Something that must have been asked or stored was not; no figure counts."""


def note(line: str) -> None:
    """A line of progress."""
    click.echo(line, err=True)


# ------------------------------------------------------------------------------------------------------ one collector


def collector(name: str, folder: str, port: int, count: int, checkout: Path | None = None) -> Measured:
    """A collector, started, with its database in `folder`; `checkout`: whose code it runs, else ours."""
    return Measured("bench.subject", [name, folder, str(port), str(count)], checkout)


def start_up(name: str, port: int) -> float:
    """CPU-seconds of a run without sources: the least of three."""
    found = []
    for _ in range(3):
        with TemporaryDirectory() as folder, collector(name, folder, port, 0) as subject:
            subject.do("prepare")
            subject.do("look")
            found.append(subject.cpu())
    return min(found)


def runs(names: Sequence[str], count: int, cases: Sequence[Case]) -> list[table.Run]:
    """Some collectors through some cases, each in one process. They take turns in every case, so that a machine that
    is busy with other things is so for all of them; what waits costs nothing.
    """
    with ExitStack() as stack:
        origin = stack.enter_context(Origin(count))
        started = {name: start_up(name, origin.port) for name in names}
        folders = {name: stack.enter_context(TemporaryDirectory()) for name in names}
        subjects = {name: stack.enter_context(collector(name, folders[name], origin.port, count)) for name in names}
        begun = {name: subject.cpu() for name, subject in subjects.items()}
        looks: dict[str, dict[str, list[Cost]]] = {name: {} for name in names}
        for name in names:
            subjects[name].do("prepare")
        for case, name in product(cases, names):
            looks[name][case.name] = [
                look(name, subjects[name], origin, count, case.name, answering) for answering in case.answers
            ]
            compare(name, folders[name], origin.port, count, case.answers[-1].version)
    return [
        table.Run(feeds=count, start=started[name], first=begun[name] + looks[name]["cold"][0].cpu, looks=looks[name])
        for name in names
    ]


def look(name: str, subject: Measured, origin: Origin, count: int, case: str, answering: Answering) -> Cost:
    """What one look at every feed costs; CheckFailed when the origin was asked anything else than it had to be."""
    origin.answer(answering)
    cost = subject.do("look")
    counts = origin.answer(answering)
    wanted = _expected(count, case, answering)
    if replace(counts, connections=0) != wanted:
        raise CheckFailed(f"CHECK failed: {name}, {case}: the origin was asked {counts}, and {wanted} was expected")
    note(
        f"{name:<16} {case:<10} {cost.cpu:8.3f} CPU-s  {cost.wall:8.3f} s  {count / cost.wall:8.0f} feeds/s  "
        f"{table.megabytes(cost.memory):>7}"
    )
    return cost


def _expected(count: int, case: str, answering: Answering) -> Counts:
    """What a collector that keeps validators must ask."""
    if case == "cold" or not answering.validate:
        return Counts(requests=count, whole=count)
    whole = len(range(0, count, answering.every)) if answering.version else 0
    return Counts(requests=count, whole=whole, not_modified=count - whole)


def compare(name: str, folder: str, port: int, count: int, version: int, checkout: Path | None = None) -> None:
    """CheckFailed when what is stored is not what the generator says; `checkout`: whose code stored it, else ours."""
    command = [sys.executable, "-m", "bench.checks", name, folder, str(port), str(count), str(version)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **of(checkout))
    if done.returncode:
        raise CheckFailed(done.stderr.strip())


# ---------------------------------------------------------------------------------------------------------- the parts


def compare_all(count: int, peers: int) -> list[table.Row]:
    """feedsvc beside the floor in every case, and beside the peer where everything is new."""
    floor, skips, cleans, ours = runs(("floor", "floor-that-skips", "floor-that-cleans", "feedsvc"), count, CASES)
    beside = {
        "cold": ("floor sanitises", cleans),
        "same": ("floor compares digests", skips),
        "changed": ("floor sanitises", cleans),
    }
    rows: list[table.Row] = []
    for case in CASES:
        rows.append(table.cpu_row(case.figure, case.name, floor, ours, case.most))
        if case.name in beside:
            words, other = beside[case.name]
            rows.append(table.cpu_row(f"{case.figure}, {words}", case.name, other, ours, None))
        if case.name == "unchanged":
            rows.append(table.rate_row(case.figure, case.name, ours, 1000))
    if peers:
        (peer,) = runs(("reader",), peers, CASES[:1])
        rows += [*table.peer_rows(CASES[0].figure, "cold", peer, ours, 8)]
        rows.append(table.Row("peak memory, reader", other=table.megabytes(peer.peak())))
    rows.append(
        table.Row("peak memory of all that", f"floor {table.megabytes(floor.peak())}", table.megabytes(ours.peak()))
    )
    return rows


def many_rounds(count: int, rounds: int) -> list[table.Row]:
    """Memory of feedsvc over some rounds at many sources: all new, then nothing changed."""
    with Origin(count) as origin, TemporaryDirectory() as folder:
        with collector("feedsvc", folder, origin.port, count) as subject:
            subject.do("prepare")
            names = ["cold"] + ["unchanged"] * (rounds - 1)
            costs = [look("feedsvc", subject, origin, count, name, Answering()) for name in names]
        compare("feedsvc", folder, origin.port, count, 0)
    return list(table.memory_rows(count, costs, 400 * table.MB))


def idle_tick(count: int) -> list[table.Row]:
    """The cost of a tick when many sources are there and none is due."""
    with TemporaryDirectory() as folder, collector("feedsvc", folder, 9, count) as subject:
        note(f"feedsvc: taking in {count:,} sources")
        cost = subject.do("prepare")
        note(f"feedsvc: took in {count:,} sources in {cost.cpu:.1f} CPU-s")
        seconds = min(subject.do("tick", TICKS).cpu for _ in range(4)) / TICKS
    return [table.tick_row(count, seconds, 0.002)]


HELP = """Measures collecting, beside a floor and a peer, and prints the figures as a Markdown table.

\b
What is measured, unless a part is chosen:
  every case at --feeds feeds;   --rounds 10 --sources 10000: memory over rounds;   --tick 100000: an idle tick.

Databases lie in the folder for temporary files (the variable TMPDIR names another). Exit code 1: a check failed.

\b
Example: python -m bench.collecting --feeds 200 --peers 50
         python -m bench.collecting --rounds 10 --sources 10000
         python -m bench.collecting --all
"""


@click.command(help=HELP)
@click.option("--feeds", "count", default=1000, show_default=True, help="Feeds in every case.")
@click.option(
    "--peers", default=250, show_default=True, help="Feeds for the peer, which takes its time; 0: without it."
)
@click.option("--rounds", type=int, help="Measure memory alone, over so many rounds.")
@click.option("--sources", default=10_000, show_default=True, help="Sources for --rounds.")
@click.option("--tick", type=int, help="Measure an idle tick alone, at so many sources.")
@click.option("--all", "everything", is_flag=True, help="All parts, memory and tick as in the examples above.")
def main(count: int, peers: int, rounds: int | None, sources: int, tick: int | None, everything: bool) -> None:
    """Measure what was asked for and print it."""
    if (load := os.getloadavg()[0]) > 0.5:
        note(f"The machine is busy with other things (load {load:.1f}): times mean little, ratios of CPU more.")
    rows: list[table.Row] = []
    if everything or (rounds is None and tick is None):
        rows += compare_all(count, peers)
    if everything or rounds is not None:
        rows += many_rounds(sources, rounds or 10)
    if everything or tick is not None:
        rows += idle_tick(tick or 100_000)
    click.echo(table.draw(rows))
    click.echo(
        "\nCPU: seconds per 1,000 feeds of the whole process tree, start-up apart; with start-up: begun for this alone."
    )


if __name__ == "__main__":
    main()
