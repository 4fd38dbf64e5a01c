"""Which modules a run on PostgreSQL is of: those that keep something, themselves or through what they share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reach import keeps_something

#: What opens a database, in any module of tests.
OPENS = ("Store.open(", "open_database(", "from tests.service import", "Bench(")


@pytest.mark.parametrize(
    ("module", "keeps"),
    [
        ("test_store", True),
        ("test_cli", True),
        # Through tests.collecting, which makes the stores of their benches.
        ("test_polling_limits", True),
        # Through tests.service, whose processes keep something.
        ("test_websub_end_to_end", True),
        ("test_cadence", False),
        ("test_normalise_dates", False),
    ],
)
def test_a_module_is_of_the_run_when_it_reaches_a_database(module: str, keeps: bool) -> None:
    assert keeps_something(module) is keeps


def test_no_module_opens_a_database_past_the_one_place_that_gives_them_out() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")}
    opening = {name for name, text in texts.items() if any(word in text for word in OPENS)}
    assert len(opening) > 40
    assert {name for name in opening if not keeps_something(name)} <= {"test_reach"}
