"""The simulator: the same seed gives the same month, every look and item is counted, and nobody is asked too often."""

from __future__ import annotations

import subprocess
import sys
from random import Random

from bench.cadence import CLASSES, DAY, Month, live, table, world
from feedsvc.cadence import Cadence

DAYS = 4.0


def month(seed: int) -> Month:
    chance = Random(seed)
    return live(world(80, DAYS, chance), DAYS, chance, Cadence())


def test_a_seed_is_a_month() -> None:
    """So that two policies can be compared on the same one."""
    assert table(month(1), DAYS) == table(month(1), DAYS)
    assert table(month(1), DAYS) != table(month(2), DAYS)


def test_every_look_is_counted_in_its_class_and_its_minute() -> None:
    """Within the bounds: from one look a day to one in a quarter of an hour (and a first one)."""
    lived = month(3)
    looks = {kind: (tally.looks, tally.sources) for kind, tally in lived.classes.items()}
    assert set(looks) == set(CLASSES)
    assert sum(sources for _, sources in looks.values()) == 80
    assert sum(count for count, _ in looks.values()) == sum(lived.minutes)
    assert all(3 * sources <= count <= (4 * 96 + 1) * sources for count, sources in looks.values())


def test_delays_are_those_of_items_published_in_the_month() -> None:
    """None is found before it appears, nor later than a month has days; some are found within minutes."""
    delays = [delay for tally in month(3).classes.values() for delay in tally.delays]
    assert 0 <= min(delays) < 600
    assert max(delays) < DAYS * DAY


def test_the_command_prints_its_table() -> None:
    """As README shows it."""
    command = [sys.executable, "-m", "bench.cadence", "--sources", "20", "--days", "3"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed[0].startswith("| sources | number | requests per source and day |")
    assert printed[9].startswith("| **all** | 20 |")
    assert (
        "example: python -m bench.cadence"
        in subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    )
