"""Headlines and marks that a person has labelled, beside what feedsvc makes of them: precision, recall and every miss.

`python -m bench.understanding`. The tables lie in tests/data/understanding; half of each was written down and kept
aside ("held") before there was a rule, so that its figures tell of headlines that nobody looked at.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsvc.model import Category, Rating, RatingClaim, Scale
from feedsvc.normalise.rating import rating_of
from feedsvc.normalise.rating_place import rating_in
from feedsvc.normalise.subject import subject_of

TABLES = Path(__file__).parent.parent / "tests" / "data" / "understanding"
#: What must hold for each table.
PRECISION, RECALL = 0.98, 0.90
#: Around a mark in a text stand sentences without any.
BEFORE = "The boat leaves the harbour at night, and the film with it."
AFTER = "Nobody on board speaks for an hour, which is the best of it."


@dataclass(frozen=True, slots=True)
class Case:
    """One row: what a person says it is, and what was found; None: nothing. `held`: of the half that was kept aside."""

    said: str
    held: bool
    wanted: tuple[object, ...] | None
    found: tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How much of what was found is right, and how much of what there is was found."""

    rows: int
    precision: float
    recall: float
    misses: tuple[Case, ...]


def figures(cases: Sequence[Case]) -> Figures:
    """The figures of some cases; one that was found wrongly counts against both."""
    found = [case for case in cases if case.found is not None]
    wanted = [case for case in cases if case.wanted is not None]
    right = sum(case.found == case.wanted for case in found)
    misses = tuple(case for case in cases if case.found != case.wanted)
    return Figures(len(cases), right / len(found), right / len(wanted), misses)


def headlines() -> list[Case]:
    """Every headline: name, type and year of the work."""
    return [_headline(row) for row in _rows("headlines.tsv")]


def ratings() -> list[Case]:
    """Every mark, in its place: value, best and worst; all None of words without numbers."""
    return [_rating(row) for row in _rows("ratings.tsv")]


def _rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table by its first line, which names the columns."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        columns = [column.removeprefix("# ") for column in next(lines)]
        yield from (dict(zip(columns, line, strict=True)) for line in lines)


def _headline(row: dict[str, str]) -> Case:
    categories = tuple(Category(term=term) for term in row["categories"].split("|") if term)
    subject = subject_of(None, row["headline"], row["text"], categories).subject
    wanted = (row["name"], row["type"] or None, int(row["year"]) if row["year"] else None) if row["name"] else None
    found = (subject.name, subject.type, subject.year) if subject else None
    return Case(row["headline"], row["set"] == "held", wanted, found)


def _rating(row: dict[str, str]) -> Case:
    rating = _read(row["where"], row["text"], _scale(row["scale"]))
    wanted: tuple[object, ...] | None = (None, None, None)
    if row["value"] == "none":
        wanted = None
    elif row["value"] != "words":
        wanted = tuple(float(row[part]) if row[part] else None for part in ("value", "best", "worst"))
    found = (rating.value, rating.best, rating.worst) if rating else None
    return Case(f"{row['text']} ({row['where']})", row["set"] == "held", wanted, found)


def _read(where: str, words: str, scale: Scale | None) -> Rating | None:
    """What is made of a mark that stands there: in a field, in a place of the text, or in the headline."""
    if where == "field":
        return rating_of(RatingClaim(text=words), scale)
    text = {
        "label": f"{BEFORE}\n\n{words}\n\n{AFTER}\n\n{BEFORE}",
        "first": f"{words}\n\n{BEFORE}\n\n{AFTER}",
        "last": f"{BEFORE}\n\n{AFTER}\n\n{words}",
        "prose": f"{BEFORE}\n\n{AFTER} {words} {BEFORE}\n\n{AFTER}",
    }.get(where, f"{BEFORE}\n\n{AFTER}")
    placed = rating_in(words if where == "headline" else "Paper Moons", text, scale)
    return rating_of(placed.claim, scale) if placed else None


def _scale(written: str) -> Scale | None:
    """A declared scale: "best=5 worst=1 superb=5"."""
    if not written:
        return None
    parts = dict(part.split("=") for part in written.split())
    letters = parts.pop("letters", "on") == "on"
    best, worst = (float(parts.pop(end)) if end in parts else None for end in ("best", "worst"))
    return Scale(best=best, worst=worst, letters=letters, words=tuple((word, float(n)) for word, n in parts.items()))


def told(name: str, cases: Sequence[Case]) -> Iterator[str]:
    """The lines of a table: its figures, those of the half kept aside, and every miss."""
    for part, some in (("all", cases), ("kept aside", [case for case in cases if case.held])):
        measured = figures(some)
        numbers = f"precision {measured.precision:.3f}  recall {measured.recall:.3f}"
        yield f"{name:<10} {part:<10} {measured.rows:>4} rows  {numbers}"
    for miss in figures(cases).misses:
        yield f"  missed: {miss.said}: {_shown(miss.wanted)}, found {_shown(miss.found)}"


def _shown(value: Iterable[object] | None) -> str:
    return "nothing" if value is None else " / ".join("–" if part is None else str(part) for part in value)


def main() -> None:
    """Print the figures; exit code 1 when one is below what must hold."""
    tables: dict[str, Callable[[], list[Case]]] = {"headlines": headlines, "ratings": ratings}
    below = []
    for name, read in tables.items():
        cases = read()
        print(*told(name, cases), sep="\n")
        measured = figures(cases)
        if measured.precision < PRECISION or measured.recall < RECALL:
            below.append(name)
    if below:
        sys.exit(f"below precision {PRECISION} or recall {RECALL}: {', '.join(below)}")


if __name__ == "__main__":
    main()
