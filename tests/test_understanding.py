"""What feedsvc makes of headlines and marks, beside what a person says they are (tests/data/understanding)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.understanding import PRECISION, RECALL, Case, figures, headlines, ratings, told

TABLES: list[tuple[Callable[[], list[Case]], int]] = [(headlines, 150), (ratings, 120)]


@pytest.mark.parametrize("table, rows", TABLES)
def test_enough_is_found_and_next_to_nothing_wrongly(table: Callable[[], list[Case]], rows: int) -> None:
    cases = table()
    for some in (cases, [case for case in cases if case.held]):
        measured = figures(some)
        assert measured.precision >= PRECISION, measured.misses
        assert measured.recall >= RECALL, measured.misses
    assert (len(cases), sum(case.held for case in cases)) == (rows, rows // 2)


def test_a_wrong_find_counts_against_both_figures_and_is_told() -> None:
    cases = [
        Case("right", False, ("Paper Moons", None), ("Paper Moons", None)),
        Case("wrong", True, ("Paper Moons", 2025), ("Paper Moons", None)),
        Case("missed", True, ("The Salt Road", None), None),
        Case("made up", False, None, ("Live", None)),
        Case("left open", False, None, None),
    ]
    measured = figures(cases)
    assert (measured.precision, measured.recall) == (1 / 3, 1 / 3)
    assert [miss.said for miss in measured.misses] == ["wrong", "missed", "made up"]
    assert list(told("headlines", cases))[2:] == [
        "  missed: wrong: Paper Moons / 2025, found Paper Moons / –",
        "  missed: missed: The Salt Road / –, found nothing",
        "  missed: made up: nothing, found Live / –",
    ]
