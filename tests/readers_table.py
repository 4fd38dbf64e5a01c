"""What real feed readers showed in, the README's table of it out: nothing in it is written by hand but its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.readers import Shown

SALT_ROAD = "tag:night-lantern.example,2026:reviews/the-salt-road"
TIDEWATCH = "tag:night-lantern.example,2026:reviews/tidewatch-series-two"
BICYCLE = "pixel-ledger:review:4417"

#: Word of the row, the review that it is about, and what must be found: of each group one, in any reader's spelling.
ROWS: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = (
    ("id", SALT_ROAD, ((SALT_ROAD,),)),
    ("permalink", SALT_ROAD, (("https://night-lantern.example/reviews/the-salt-road",),)),
    ("critic", SALT_ROAD, (("Ines Okafor-Lind",),)),
    ("two critics", TIDEWATCH, (("Tomás Reyes",), ("Ines Okafor-Lind",))),
    ("outlet", SALT_ROAD, (("Night Lantern",),)),
    ("first published", SALT_ROAD, (("2026-03-18T18:30:00", "18 Mar 2026 18:30:00", "1773858600", "18 March 2026"),)),
    ("last changed", SALT_ROAD, (("2026-03-20T09:05:00", "20 Mar 2026 09:05:00", "1773997500"),)),
    ("licence", SALT_ROAD, (("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"),)),
    ("rights statement", SALT_ROAD, (("Text © 2026 Ines Okafor-Lind",),)),
    ("terms of this copy", SALT_ROAD, (("name the critic, the outlet and the licence",),)),
    ("cited source", SALT_ROAD, (("The Evening Ledger",),)),
    ("image", SALT_ROAD, (("https://night-lantern.example/images/salt-road-still.jpg",),)),
    ("image credit", SALT_ROAD, (("Pia Noor",),)),
    ("rating", SALT_ROAD, (("★★★½",),)),
    ("full text, where allowed", SALT_ROAD, (("costs it half a star.",),)),
    ("excerpt, where not", BICYCLE, (("Gullwing’s first game knows exactly when to stop.",),)),
    ("attribution line", SALT_ROAD, (("First published by",), ("Read the original",))),
)
NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON"}


def place(shown: Shown, wanted: Sequence[Sequence[str]]) -> str:
    """Where a reader shows something: in a field of its own, in the text, or not at all."""
    for name, room in (("field", "\n".join(shown.fields)), ("text", shown.text)):
        if all(any(word in room for word in group) for group in wanted):
            return name
    return "–"


def table(shown: Mapping[tuple[str, str], Sequence[Shown]], more: Mapping[str, Mapping[tuple[str, str], str]]) -> str:
    """The Markdown table; keys are reader and format. `more`: further rows, with what stands in their cells."""
    rows: dict[str, dict[tuple[str, str], str]] = {}
    for word, guid, wanted in ROWS:
        rows[word] = {
            one: place(next(each for each in found if each.id == guid), wanted) for one, found in shown.items()
        }
    rows.update({word: dict(cells) for word, cells in more.items()})
    readers = list(dict.fromkeys(name for name, _ in shown))
    lines = [f"| | {' | '.join(readers)} |", f"|---|{'---|' * len(readers)}"]
    lines += [f"| {word} | {' | '.join(_cell(cells, name) for name in readers)} |" for word, cells in rows.items()]
    return "\n".join(lines) + "\n"


def _cell(cells: Mapping[tuple[str, str], str], reader: str) -> str:
    """What all formats of a reader agree on; else each thing with the formats that it holds for."""
    kinds: dict[str, list[str]] = {}
    for (name, kind), said in cells.items():
        if name == reader:
            kinds.setdefault(said, []).append(NAMES[kind])
    if len(kinds) == 1:
        return next(iter(kinds))
    return "; ".join(f"{said} ({', '.join(where)})" for said, where in kinds.items())
