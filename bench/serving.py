"""Measures serving: feedsvc beside nginx and beside a bare WSGI function on the same server, as ratios from one run.

All three answer one feed of 100 KB on loopback, with two processes each, asked by wrk over 64 connections: whole, whole
and packed, and conditionally. They take turns in short rounds, and the best round of each counts. Then feedsvc is asked
for 30 seconds more while it collects 1,000 feeds beside. Needs wrk and nginx.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import feeds
from bench.addresses import url
from bench.collecting import CheckFailed, note
from bench.origin import Answering, Origin
from bench.processes import cpu_seconds
from bench.servers import PATH, PROCESSES, SOURCE, Server, bare, command_of, feedsvc, nginx, program
from bench.table import Row, draw

#: Of the generated feeds, the one that is closest to 100 KB.
FEED = 42
CONNECTIONS = 64
#: Milliseconds within which 99 of 100 answers must come.
WITHIN = 30.0
SERVERS = ("nginx", "bare", "feedsvc")
#: What a client asks, and the least that we must reach of the bare function's answers a second, and of nginx'.
CASES = {"whole": (0.85, 0.35), "packed": (0.85, None), "conditional": (0.85, 0.28)}


@dataclass(frozen=True, slots=True)
class Found:
    """What wrk found: answers, and how many a second; milliseconds within which 99 of 100 came; errors."""

    answers: int
    rate: float
    within: float
    #: Answers that were none or wrong.
    errors: int
    #: CPU-seconds of the server and its processes meanwhile.
    cpu: float = 0.0

    @property
    def cost(self) -> float:
        """CPU of one answer, in microseconds."""
        return self.cpu / self.answers * 1e6


# ------------------------------------------------------------------------------------------------------- what is asked


def headers_of(case: str, port: int) -> dict[str, str]:
    """What a client says in a case; CheckFailed where the server does not answer it as it must."""
    tag = ask(port, {})[2].get("etag", "")
    asked = {"whole": {}, "packed": {"Accept-Encoding": "gzip"}, "conditional": {"If-None-Match": tag}}[case]
    status, size, told = ask(port, asked)
    right = {
        "whole": status == 200 and size > 90_000,
        "packed": status == 200 and told.get("content-encoding") == "gzip" and size < 50_000,
        "conditional": status == 304 and size == 0,
    }
    if not right[case]:
        raise CheckFailed(f"CHECK failed: {case} was answered with {status}, {size} bytes, {dict(told)}")
    return asked


def ask(port: int, headers: Mapping[str, str]) -> tuple[int, int, Mapping[str, str]]:
    """One answer: status, bytes of the body, headers in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", PATH, headers={"Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        return answer.status, len(answer.read()), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def wrk(server: Server, headers: Mapping[str, str], seconds: int) -> Found:
    """As many answers as come in so many seconds."""
    said = [f"-H{name}: {value}" for name, value in headers.items()]
    address = f"http://127.0.0.1:{server.port}{PATH}"
    command = [program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *said, address]
    before = cpu_seconds(server.process)
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return replace(read(report), cpu=cpu_seconds(server.process) - before)


def read(report: str) -> Found:
    """What a report of wrk says."""
    answers = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    within = re.search(r"\n\s+99%\s+([\d.]+)(us|ms|s)\n", report)
    if answers is None or rate is None or within is None:
        raise CheckFailed(f"wrk said what is not understood: {report}")
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", report)
    errors = sum(map(int, (*(wrong.groups() if wrong else ()), *(broken.groups() if broken else ()))))
    milliseconds = float(within[1]) * {"us": 0.001, "ms": 1, "s": 1000}[within[2]]
    return Found(int(answers[1]), float(rate[1]), milliseconds, errors)


# ---------------------------------------------------------------------------------------------------------- the parts


def compare(rounds: int, seconds: int) -> list[Row]:
    """The three servers in every case, in turns."""
    found: dict[tuple[str, str], list[Found]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        body = _feed(folder)
        starters = {"nginx": nginx, "bare": bare, "feedsvc": feedsvc}
        servers = {}
        for name in SERVERS:
            own = folder / name
            own.mkdir()
            servers[name] = stack.enter_context(starters[name](own, body))
        asked = {(case, name): headers_of(case, servers[name].port) for case in CASES for name in SERVERS}
        for _, case, name in product(range(rounds), CASES, SERVERS):
            one = wrk(servers[name], asked[case, name], seconds)
            note(
                f"{name:<8} {case:<12} {one.rate:9.0f} answers/s   99 % within {one.within:6.1f} ms   "
                f"{one.cost:6.1f} µs CPU   {one.errors} errors"
            )
            found.setdefault((case, name), []).append(one)
    return list(rows(found))


def rows(found: Mapping[tuple[str, str], Sequence[Found]]) -> Iterator[Row]:
    """The best round of each, beside each other."""
    best = {key: max(rounds, key=lambda one: one.rate) for key, rounds in found.items()}
    for case, wanted in CASES.items():
        ours = best[case, "feedsvc"]
        for other, least in zip(("bare", "nginx"), wanted, strict=True):
            ratio = ours.rate / best[case, other].rate
            yield Row(
                figure=f"{case}: answers a second",
                other=f"{other} {best[case, other].rate:,.0f}",
                ours=f"{ours.rate:,.0f}",
                ratio=f"{ratio:.2f}",
                wanted=f"at least {least}" if least else "",
                held=ratio >= least if least else None,
            )
            cost, others = (min(one.cost for one in found[case, name]) for name in ("feedsvc", other))
            yield Row(
                figure="the same: CPU of an answer",
                other=f"{other} {others:.1f} µs",
                ours=f"{cost:.1f} µs",
                ratio=f"{cost / others:.2f}",
            )
        yield Row(
            figure=f"{case}: 99 % within",
            other=f"nginx {best[case, 'nginx'].within:.1f} ms",
            ours=f"{ours.within:.1f} ms",
            wanted=f"under {WITHIN:g} ms",
            held=ours.within < WITHIN,
        )
    errors = sum(one.errors for (_, name), rounds in found.items() if name == "feedsvc" for one in rounds)
    yield Row("errors of feedsvc in all rounds", ours=str(errors), wanted="0", held=errors == 0)


def while_collecting(count: int, seconds: int) -> list[Row]:
    """Errors while as many feeds as that are collected beside, with the same database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        origin = stack.enter_context(Origin(count))
        origin.answer(Answering())
        sources = "".join(SOURCE.format(number=number, url=url(number, origin.port)) for number in range(count))
        server = stack.enter_context(feedsvc(folder, _feed(folder), sources))
        headers_of("whole", server.port)
        with (folder / "collect.out").open("wb") as out:
            collecting = subprocess.Popen([*command_of(folder), "collect"], stdout=out, stderr=out)
            try:
                found = wrk(server, {}, seconds)
                beside = "all the while" if collecting.poll() is None else "ended before"
            finally:
                collecting.terminate()
                collecting.wait()
        asked = origin.answer(Answering()).requests
    note(f"feedsvc  collecting   {found.rate:9.0f} answers/s   {asked} of {count} feeds were asked meanwhile, {beside}")
    figure = f"errors in {seconds} s while {count:,} feeds are collected beside"
    return [
        Row(figure, ours=str(found.errors), wanted="0", held=found.errors == 0),
        Row("the same: 99 % within", ours=f"{found.within:.1f} ms"),
    ]


def _feed(folder: Path) -> Path:
    """The feed as a file, and packed beside it."""
    file = folder / "reviews.atom"
    file.write_bytes(feeds.document(FEED))
    file.with_name("reviews.atom.gz").write_bytes(gzip.compress(file.read_bytes(), 6, mtime=0))
    return file


HELP = """Measures serving a feed of 100 KB beside nginx and a bare WSGI function; prints the figures as Markdown.

\b
Needs wrk and nginx (apt-get install wrk nginx). Exit code 1: an answer was not what it must be; no figure counts.

\b
Example: python -m bench.serving
         python -m bench.serving --rounds 1 --seconds 1 --collecting 0
"""


@click.command(help=HELP)
@click.option("--rounds", default=3, show_default=True, help="Rounds in which the servers take turns; the best counts.")
@click.option("--seconds", default=3, show_default=True, help="Seconds of one turn.")
@click.option("--collecting", default=30, show_default=True, help="Seconds beside a collection; 0: without it.")
@click.option("--feeds", "count", default=1000, show_default=True, help="Feeds of that collection.")
def main(rounds: int, seconds: int, collecting: int, count: int) -> None:
    """Measure what was asked for and print it."""
    for name in ("wrk", "nginx"):
        program(name)
    if (load := os.getloadavg()[0]) > 0.5:
        note(f"The machine is busy with other things (load {load:.1f}): rates mean little, ratios more.")
    figures = compare(rounds, seconds)
    if collecting:
        figures += while_collecting(count, collecting)
    click.echo(draw(figures))
    click.echo(f"\n{PROCESSES} processes each, {CONNECTIONS} connections; the best of {rounds} rounds of {seconds} s.")


if __name__ == "__main__":
    main()
