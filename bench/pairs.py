"""The pairs that were labelled by hand in, as reviews; how many are judged rightly, and each miss, out."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feedsvc.model import Outlet, Person, Prose, Rating, Review, Subject
from feedsvc.normalise.likeness import same_review

LABELLED = Path(__file__).parent.parent / "tests/data/understanding/pairs.toml"
WHEN = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two reviews; whether a person calls them the same one, and why."""

    why: str
    same: bool
    one: Review
    other: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How far judgements agree with labels; `misses` says of each that does not what it is."""

    precision: float
    recall: float
    misses: tuple[str, ...]


def labelled(path: Path = LABELLED) -> list[Pair]:
    """Every pair in the file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {name: " ".join(text.split()) for name, text in data["texts"].items()}
    return [
        Pair(
            why=each["why"], same=each["same"], one=_review(each["a"], texts, "a"), other=_review(each["b"], texts, "b")
        )
        for each in data["pairs"]
    ]


def judged(pairs: Iterable[Pair]) -> Score:
    """How `same_review` judges them."""
    found = [(pair, same_review(pair.one, pair.other)) for pair in pairs]
    hits = sum(pair.same and same for pair, same in found)
    misses = [f"{pair.why}: {'the same' if pair.same else 'not the same'}" for pair, same in found if pair.same != same]
    joined, wanted = sum(same for _, same in found), sum(pair.same for pair, _ in found)
    return Score(precision=hits / joined, recall=hits / wanted, misses=tuple(misses))


def _review(said: Mapping[str, Any], texts: Mapping[str, str], side: str) -> Review:
    text = " ".join(texts[name] for name in said["text"])
    for before, after in said.get("edit", ()):
        text = text.replace(before, after)
    text = " ".join(text.split()[: said.get("first")])
    subject = said.get("subject")
    rating = said.get("rating")
    return Review(
        key=hashlib.sha256(f"{side}{said}".encode()).hexdigest()[:16],
        source=side,
        id=said.get("id", ""),
        id_generated="id" not in said,
        url=said.get("url"),
        title=said["title"],
        content=Prose(html=f"<p>{text}</p>", text=text) if text else None,
        authors=_people(said.get("critic")),
        outlet=Outlet(name=said["outlet"]),
        subject=Subject(name=subject, type=said.get("type"), year=said.get("year")) if subject else None,
        rating=Rating(text=rating, percent=said.get("percent")) if rating else None,
        language=said.get("language"),
        collected=WHEN,
        revised=WHEN,
    )


def _people(critic: str | None) -> tuple[Person, ...]:
    return (Person(name=critic),) if critic else ()
