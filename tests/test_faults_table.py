"""Every test that tests/FAULTS.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
#: A module, and the words that tell which of its tests; a parameter may stand behind them.
NAMED = re.compile(r"\b(test_\w+)((?:,? `[^`]+`)*)")


def named() -> list[tuple[str, str]]:
    """Each module with the words of each of its tests; no words: all of it."""
    rows = [line for line in (TESTS / "FAULTS.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    found = [(module, re.findall(r"`([^`]+)`", words)) for row in rows for module, words in NAMED.findall(row)]
    return sorted({(module, word) for module, words in found for word in words or [""]})


@pytest.mark.parametrize(("module", "words"), named())
def test_a_test_that_the_table_names_is_there(module: str, words: str) -> None:
    source = (TESTS / f"{module}.py").read_text(encoding="utf-8")
    tests = re.findall(r"^def (test_\w+)", source, re.MULTILINE)
    first, _, parameter = words.partition("[")
    wanted = re.sub(r"\W+", "_", first).strip("_")
    assert any(wanted in name for name in tests), f"{module} has no test with {words!r} in its name"
    assert parameter.rstrip("]") in source


def test_the_table_is_not_empty() -> None:
    assert len(named()) > 30
