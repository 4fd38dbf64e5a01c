"""What a collector stored, beside what the generator says it must have: a sentence for the first difference.

`python -m bench.checks NAME FOLDER PORT FEEDS VERSION`, a process of its own: exit code 1 when anything is missing,
doubled, or not as it was last published.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench import feeds
from bench.addresses import url
from bench.origin import Answering

#: Feed number, the item's id, its mark.
Stored = tuple[int, str, str]


def expected(name: str, number: int, version: int) -> dict[str, str]:
    """Id and mark of each item of a feed; the floor never overwrites what it has."""
    wanted = feeds.expected(number, Answering(version=version).version_of(number))
    if name.startswith("floor"):
        return {guid: f"{number}-{item}-0" for item, guid in enumerate(wanted)}
    return wanted


def difference(found: Iterable[Stored], wanted: Mapping[int, Mapping[str, str]]) -> str | None:
    """What is wrong with the first feed that is not as it must be; None when all are."""
    stored: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, guid, mark in found:
        stored[number].append((guid, mark))
    for number in sorted(wanted.keys() | stored.keys()):
        here, there = sorted(stored[number]), sorted(wanted.get(number, {}).items())
        if here != there:
            missing, odd = sorted(set(there) - set(here)), sorted(set(here) - set(there))
            return (
                f"feed {number}: {len(here)} items are stored where {len(there)} must be; "
                f"missing: {missing[:2]}, not expected: {odd[:2]}"
            )
    return None


def stored_by_floor(folder: Path) -> Iterator[Stored]:
    """Every item of the floor's table."""
    import sqlite3

    for number, guid, text in sqlite3.connect(folder / "floor.sqlite3").execute("SELECT feed, guid, text FROM item"):
        yield number, guid, mark(text)


def stored_by_reader(folder: Path, port: int, count: int) -> Iterator[Stored]:
    """Every entry of the peer."""
    from reader import make_reader

    numbers = {url(number, port): number for number in range(count)}
    for entry in make_reader(str(folder / "reader.sqlite3")).get_entries():
        text = entry.get_content()
        yield numbers[entry.feed_url], entry.id, mark(text.value if text else "")


def stored_by_feedsvc(folder: Path, port: int, count: int) -> Iterator[Stored]:
    """Every review, as the publishing side reads it."""
    from bench.service import settings, source_name
    from feedsvc.store import Store

    with Store.open(settings(folder, port, count).database_url, create=False) as store:
        for number in range(count):
            for review in store.reviews_of(source_name(number)):
                yield number, review.id, mark("".join(text.html for text in (review.content, review.summary) if text))


def mark(text: str) -> str:
    """The mark in an item's text; "" when it was lost."""
    found = feeds.MARK.search(text)
    return found[1] if found else ""


def main() -> None:
    """Compare, and say what differs."""
    name, folder, port, count, version = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
    if name == "feedsvc":
        found = stored_by_feedsvc(folder, port, count)
    elif name == "reader":
        found = stored_by_reader(folder, port, count)
    else:
        found = stored_by_floor(folder)
    if fault := difference(found, {number: expected(name, number, version) for number in range(count)}):
        sys.exit(f"CHECK failed: {name}, {fault}")


if __name__ == "__main__":
    main()
