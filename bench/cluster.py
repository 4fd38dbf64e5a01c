"""A whole service past one machine, on this one, for trying it: database, broker, workers and servers; Ctrl-C ends it.

make cluster                       on the shipped samples, until Ctrl-C
make cluster FEEDS=2000            on so many generated feeds: waits, compares counts and answers, exit code 0 or 1
make cluster BROKER=rabbitmq       with RabbitMQ in place of Redis

All of it lies in a temporary folder and listens on loopback alone. PostgreSQL waits for no disk here.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.addresses import url
from bench.brokers import BROKERS
from bench.cluster_checks import Check, answers, checks, draw
from bench.collecting import CheckFailed, note
from bench.origin import Origin
from bench.servers import command_of, free_port
from bench.service import source_name
from feedsvc.store import Store
from tests.postgresql import INSTALL, Server, binaries

ROOT = Path(__file__).parents[1]
#: Every generated feed is due within ten seconds; half of them ask for an hour then, the others' dates for minutes.
CONFIG = """
[service]
title = "The cluster"
base_url = "{base}"
data_dir = "."
[polling]
interval = "10s"
min_interval = "10s"
allow_private_addresses = true
[[source_lists]]
file = "feeds.csv"
[[feeds]]
name = "reviews"
title = "All reviews"
"""
#: Seconds for what is in hand to be finished at the end.
FINISH_WITHIN = 120
#: Lines of each log that are told when something fails.
LINES = 20


@dataclass(frozen=True, slots=True)
class Cluster:
    """All that runs: the folder with the logs, the database's address, and the ports of the servers."""

    folder: Path
    database: str
    ports: tuple[int, ...]


@contextmanager
def cluster(folder: Path, broker: str, ports: Sequence[int], workers: int, processes: int) -> Iterator[Cluster]:
    """The service on the configuration in a folder, from the moment that every server is ready."""
    with ExitStack() as stack:
        environ = stack.enter_context(shared(folder, broker))
        started = [
            stack.enter_context(
                process(folder, f"serve-{port}", ["serve"], FEEDSVC_BIND=f"127.0.0.1:{port}", **environ)
            )
            for port in ports
        ] + [
            stack.enter_context(
                process(folder, f"worker-{number}", ["worker", "--processes", str(processes)], **environ)
            )
            for number in range(1, workers + 1)
        ]
        _wait_for(started, folder, ports)
        yield Cluster(folder, environ["FEEDSVC_DATABASE_URL"], tuple(ports))


@contextmanager
def shared(folder: Path, broker: str, **settings: str) -> Iterator[dict[str, str]]:
    """A migrated database and a broker: the environment in which feedsvc finds both. `settings`: PostgreSQL's."""
    if binaries() is None:
        raise click.ClickException(INSTALL)
    with ExitStack() as stack:
        database = stack.enter_context(Server(autovacuum="on", **settings)).url()
        place = folder / "broker"
        place.mkdir()
        address = stack.enter_context(BROKERS[broker](place))
        environ = {"FEEDSVC_DATABASE_URL": database, "FEEDSVC_BROKER_URL": address}
        migrate = [*command_of(folder), "migrate"]
        subprocess.run(migrate, env={**os.environ, **environ}, stdout=sys.stderr, check=True)
        yield environ


@contextmanager
def process(folder: Path, name: str, arguments: Sequence[str], **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """feedsvc with these arguments; at the end it is asked to finish, as a supervisor does."""
    command = [*command_of(folder), *arguments]
    with (folder / f"{name}.log").open("ab") as log:
        # A session of its own: Ctrl-C is for us, who end everything in its order.
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(FINISH_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            note(f"{name} did not end within {FINISH_WITHIN} seconds and was killed")


def _wait_for(started: Sequence[subprocess.Popen[bytes]], folder: Path, ports: Sequence[int]) -> None:
    deadline = time.monotonic() + 60
    while not all((reply := answers(port, "/readyz")) and reply.status == 200 for port in ports):
        ended = [process for process in started if process.poll() is not None]
        if ended or time.monotonic() > deadline:
            logs = "".join(log.read_text(errors="replace") for log in sorted(folder.glob("*.log")))
            raise CheckFailed(f"not everything could be started:\n{logs}")
        time.sleep(0.2)
    still = [process.args for process in started if process.poll() is not None]
    if still:
        raise CheckFailed(f"{still} ended")


# ---------------------------------------------------------------------------------------------------- what is collected


def samples(folder: Path, base: str) -> None:
    """The shipped configuration and documents, as a fresh clone has them, with the address that links begin with."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(
        text.replace("[service]\n", f'[service]\nbase_url = "{base}"\n', 1), encoding="utf-8"
    )
    shutil.copytree(ROOT / "feeds" / "incoming", folder / "feeds" / "incoming")


def generated(folder: Path, base: str, port: int, count: int, config: str = CONFIG) -> None:
    """A configuration with a source for each feed of the origin at a port."""
    (folder / "config.toml").write_text(config.format(base=base), encoding="utf-8")
    with (folder / "feeds.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "location"])
        rows.writerows((source_name(number), url(number, port)) for number in range(count))


def watch(running: Cluster, count: int, seconds: float) -> float:
    """Tell how far it is until all sources were read; how many seconds that took. CheckFailed when that is too long."""
    begin = told = time.monotonic()
    with Store.open(running.database, create=False) as store:
        while True:
            states = [state for state in store.states() if state.last_checked is not None]
            read = sum(state.last_success is not None for state in states)
            now = time.monotonic()
            if read >= count:
                return now - begin
            if now - told > 5:
                reviews = sum(state.reviews for state in states)
                note(f"{read:,} of {count:,} sources read, {reviews:,} reviews, {read / (now - begin):.0f} sources/s")
                told = now
            if now - begin > seconds:
                failed = [f"{state.name}: {state.error}" for state in states if state.error]
                raise CheckFailed(f"only {read:,} of {count:,} sources were read in {seconds:.0f} s; {failed[:3]}")
            time.sleep(1)


# ---------------------------------------------------------------------------------------------------------- the command


def tell(running: Cluster, broker: str, workers: int) -> None:
    """The addresses, in words."""
    click.echo(f"PostgreSQL, {broker}, {workers} workers and {len(running.ports)} servers are running:")
    for port in running.ports:
        click.echo(f"  http://127.0.0.1:{port}/")
    click.echo(f"logs: {running.folder}; Ctrl-C ends everything")


def until_told(running: Cluster) -> None:
    """The samples: say how many reviews there are, then stay."""
    with Store.open(running.database, create=False) as store:
        known = -1
        while True:
            states = store.states()
            reviews = sum(state.reviews for state in states)
            if reviews != known:
                read = sum(state.last_success is not None for state in states)
                click.echo(f"{read} sources read, {reviews} reviews collected")
                known = reviews
            time.sleep(1)


@contextmanager
def telling_logs(folder: Path) -> Iterator[None]:
    """Where something fails, the end of each log is told before its folder is gone."""
    try:
        yield
    except CheckFailed:
        for log in sorted(folder.rglob("*.log")):
            note("\n".join([f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-LINES:]]))
        raise


def compared(running: Cluster, origin: Origin, count: int, seconds: float) -> list[Check]:
    """Wait until all is collected and published; what was wanted and what is there."""
    took = watch(running, count, seconds)
    note(f"all {count:,} sources were read within {took:.1f} s of readiness: {count / took:.0f} sources/s")
    return checks(running.database, running.ports, origin, count, seconds)


@click.command(epilog="Example: python -m bench.cluster --feeds 2000 --broker rabbitmq")
@click.option("--feeds", "count", default=0, show_default=True, help="Generated feeds on loopback; 0: the samples.")
@click.option("--broker", type=click.Choice(list(BROKERS)), default="redis", show_default=True, help="The queue.")
@click.option("--workers", default=2, show_default=True, help="How many `feedsvc worker` are started.")
@click.option("--processes", default=1, show_default=True, help="Processes of each worker.")
@click.option("--servers", default=2, show_default=True, help="How many `feedsvc serve` are started.")
@click.option("--within", default=1800.0, show_default=True, help="Seconds that collecting the feeds may take.")
def main(count: int, broker: str, workers: int, processes: int, servers: int, within: float) -> None:
    """Start everything, and either stay or compare."""
    # Also where it was started in the background of a script, which makes a shell have Ctrl-C ignored.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with TemporaryDirectory(prefix="feedsvc-cluster-") as name, Origin(count) if count else nullcontext() as origin:
        folder, ports = Path(name), [free_port() for _ in range(servers)]
        # Every server is to make the same links, wherever it listens itself.
        base = f"http://127.0.0.1:{ports[0]}"
        if origin is None:
            samples(folder, base)
        else:
            generated(folder, base, origin.port, count)
        try:
            with cluster(folder, broker, ports, workers, processes) as running:
                tell(running, broker, workers)
                if origin is None:
                    until_told(running)
                else:
                    with telling_logs(folder):
                        found = compared(running, origin, count, within)
                        click.echo(draw(found))
                        if not all(check.held for check in found):
                            raise CheckFailed("CHECK failed: see the table")
        except KeyboardInterrupt:
            click.echo("everything is ended")


if __name__ == "__main__":
    main()
