"""`make cluster`: a database, a broker, two workers and two servers, started by one command and gone after it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.cluster_checks import Check, draw, newest_dates
from tests.conftest import need_program
from tests.postgresql import INSTALL, binaries
from tests.service import ROOT, wait_until

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql

#: Seconds that all of it may take; other tests run beside.
LONG = 400


@pytest.fixture(autouse=True)
def _programs() -> None:
    if binaries() is None:
        pytest.skip(INSTALL)
    need_program("redis-server")


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The command, and the file that all goes into that it says."""
    said = folder / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.cluster", *arguments], cwd=ROOT, stdout=out, stderr=out
        )
    try:
        yield process, said
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(LONG)


def test_generated_feeds_are_collected_to_the_last_item_and_answered_alike(tmp_path: Path) -> None:
    with started(tmp_path, "--feeds", "24", "--within", str(LONG)) as (process, said):
        process.wait(LONG)
    text = said.read_text()
    assert process.returncode == 0, text
    rows = dict(re.findall(r"^(\S.*?)  +(\S+)  +\2  +yes$", text, re.M))
    # 24 feeds of 20 to 30 items, 25 on average over each pair.
    assert rows["sources read without a failure"] == "24"
    assert rows["reviews stored"] == "600"
    assert rows["feeds sent whole by the origin"] == "24"
    tags = [found for name, found in rows.items() if name.endswith("what 2 servers answer")]
    assert len(tags) == len(set(tags)) == 5
    assert not re.search(r"  no$", text, re.M)


def test_the_samples_are_there_to_look_at_until_ctrl_c(tmp_path: Path) -> None:
    """With RabbitMQ; at the end no process, no port and no folder is left."""
    need_program("rabbitmq-server")
    with started(tmp_path, "--broker", "rabbitmq") as (process, said):
        wait_until(lambda: b"up to date" in said.read_bytes() or process.poll() is not None, "database and broker")
        wait_until(lambda: b"Ctrl-C" in said.read_bytes() or process.poll() is not None, "the addresses")
        addresses = re.findall(r"http://127\.0\.0\.1:\d+/", said.read_text())
        assert len(addresses) == 2, said.read_text()
        wait_until(lambda: b"6 sources read" in said.read_bytes(), "the samples")
        for address in addresses:
            assert b"Night Lantern" in urlopen(f"{address}sources", timeout=60).read()
        [logs] = re.findall(r"logs: (\S+);", said.read_text())
        assert {file.name for file in Path(logs).glob("worker-*.log")} == {"worker-1.log", "worker-2.log"}
        process.send_signal(signal.SIGINT)
        assert process.wait(LONG) == 0, said.read_text()
    assert not Path(logs).exists()
    for address in addresses:
        with pytest.raises(OSError, match="refused"):
            urlopen(address, timeout=5)


def test_what_is_not_as_it_must_be_is_told() -> None:
    """Every line that does not hold says so, with what was found."""
    table = draw([Check("reviews stored", "600", "600"), Check("feeds sent whole by the origin", "24", "25")])
    assert table.splitlines() == [
        "what                            wanted  found  held",
        "reviews stored                  600     600    yes",
        "feeds sent whole by the origin  24      25     no",
    ]


def test_the_newest_reviews_are_those_that_the_generator_dates_last() -> None:
    """Of two feeds with 20 and 30 items all fifty; the newest is not older than nine hours before the reference."""
    dates = newest_dates(2)
    assert len(dates) == 50
    assert dates == sorted(dates, reverse=True)
    assert dates[0] > "2026-03-02T09:30:00+00:00"
