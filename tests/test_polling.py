"""The table of manners: every statement names the tests that hold it, and each of them exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TABLE = (HERE / "POLLING.md").read_text(encoding="utf-8")
#: The sections that must be there, by what stands before the "·".
SECTIONS = [*map(str, range(1, 14)), "WebSub", "Pages", "Limits"]
#: Section, statement and tests of each row.
ROWS = [
    (section.partition(" ·")[0].strip(), *(cell.strip() for cell in row.strip("| ").split(" | ")))
    for section, _, rows in (part.partition("\n") for part in TABLE.split("\n## ")[1:])
    for row in rows.splitlines()
    if row.startswith("|") and not row.startswith(("| statement", "|---"))
]


def test_every_statement_has_its_section() -> None:
    """In their order, each with at least one row."""
    assert list(dict.fromkeys(section for section, *_ in ROWS)) == SECTIONS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1][:60]}")
def test_every_statement_names_tests_that_exist(row: tuple[str, str, str]) -> None:
    """A statement, and the names of one or more functions in the tests' folder."""
    _, statement, tests = row
    names = re.findall(r"`(\w+)`", tests)
    assert statement
    assert names
    assert set(names) <= _functions()


def test_every_statement_has_a_test_that_is_named_after_it() -> None:
    """test_polling_01_… for the first; one test may hold several (test_polling_03_04_…)."""
    for section in SECTIONS:
        number = f"{section:0>2}" if section.isdigit() else section.lower()
        named = re.compile(rf"`test_polling_(\d\d_)*{number}_")
        assert any(named.search(tests) for where, _, tests in ROWS if where == section), section


def test_no_test_of_manners_is_left_out() -> None:
    named = {name for *_, tests in ROWS for name in re.findall(r"`(\w+)`", tests)}
    assert sorted(name for name in _functions() - named if name.startswith("test_polling_")) == []


@cache
def _functions() -> set[str]:
    found: set[str] = set()
    for path in HERE.glob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))
    return found
