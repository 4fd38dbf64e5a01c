"""Costs in, the rows of the table of figures out: ours, the floor's, the ratio, and what is wanted of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.processes import Cost

MB = 1_000_000
HEADINGS = ("figure", "floor or peer", "feedsvc", "ratio", "with start-up", "wanted", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, in words."""

    figure: str
    other: str = ""
    ours: str = ""
    ratio: str = ""
    with_start: str = ""
    wanted: str = ""
    held: bool | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What one collector cost: `start` is the CPU of a run without sources; `looks` the costs of each case's looks.

    The first look's process began for it, so its CPU since the process began is `first`, the start included.
    """

    feeds: int
    start: float
    first: float
    looks: dict[str, list[Cost]] = field(default_factory=dict)

    def cpu(self, case: str) -> float:
        """CPU-seconds of a case without start-up: the least of its looks."""
        return self.first - self.start if case == "cold" else min(look.cpu for look in self.looks[case])

    def cpu_with_start(self, case: str) -> float:
        """CPU-seconds of a case for a process that was started for it alone."""
        return self.cpu(case) + self.start

    def rate(self, case: str) -> float:
        """Feeds a second, start-up left out: the best of its looks."""
        return self.feeds / min(look.wall for look in self.looks[case])

    def peak(self) -> int:
        """The most memory that the tree held at once, in bytes."""
        return max(look.memory for looks in self.looks.values() for look in looks)


def cpu_row(figure: str, case: str, floor: Run, ours: Run, most: float | None) -> Row:
    """CPU-seconds of a case beside the floor's; `most` is the largest ratio that is wanted."""
    ratio = (ours.cpu(case) / ours.feeds) / (floor.cpu(case) / floor.feeds)
    whole = (ours.cpu_with_start(case) / ours.feeds) / (floor.cpu_with_start(case) / floor.feeds)
    return Row(
        figure=f"{figure}: CPU",
        other=f"floor {floor.cpu(case) / floor.feeds * 1000:.2f}",
        ours=f"{ours.cpu(case) / ours.feeds * 1000:.2f}",
        ratio=f"{ratio:.2f}",
        with_start=f"{whole:.2f}",
        wanted=f"at most {most:g}" if most else "",
        held=ratio <= most if most else None,
    )


def rate_row(figure: str, case: str, ours: Run, least: float) -> Row:
    """Feeds a second of a case; `least` is how many are wanted."""
    rate = ours.rate(case)
    return Row(f"{figure}: feeds/s", ours=f"{rate:.0f}", wanted=f"at least {least:,.0f}", held=rate >= least)


def peer_rows(figure: str, case: str, peer: Run, ours: Run, least: float) -> Iterator[Row]:
    """Feeds a second and CPU beside the peer's; `least` is how many times as many feeds a second are wanted."""
    times = ours.rate(case) / peer.rate(case)
    yield Row(
        figure=f"{figure}: feeds/s",
        other=f"reader {peer.rate(case):.1f}",
        ours=f"{ours.rate(case):.1f}",
        ratio=f"{times:.1f}",
        wanted=f"at least {least:g}",
        held=times >= least,
    )
    yield Row(
        figure=f"{figure}: CPU",
        other=f"reader {peer.cpu(case) / peer.feeds * 1000:.1f}",
        ours=f"{ours.cpu(case) / ours.feeds * 1000:.1f}",
        ratio=f"{(ours.cpu(case) / ours.feeds) / (peer.cpu(case) / peer.feeds):.2f}",
    )


def memory_rows(feeds: int, rounds: Sequence[Cost], most: int) -> Iterator[Row]:
    """The peak of the tree over some rounds, and what it grew by from the second to the last. `most` in bytes."""
    peak = max(cost.memory for cost in rounds)
    yield Row(
        figure=f"{feeds:,} sources, {len(rounds)} rounds: peak memory",
        ours=megabytes(peak),
        wanted=f"under {megabytes(most)}",
        held=peak < most,
    )
    if len(rounds) > 1:
        second, last = rounds[1].memory, rounds[-1].memory
        yield Row(
            figure=f"the same, round {len(rounds)} beside round 2",
            other=f"round 2: {megabytes(second)}",
            ours=megabytes(last),
            ratio=f"{last / second:.2f}",
            wanted="at most 1.05",
            held=last / second <= 1.05,
        )


def tick_row(sources: int, seconds: float, most: float) -> Row:
    """One tick that finds nothing due."""
    return Row(
        figure=f"a tick that finds nothing due, {sources:,} sources",
        ours=f"{seconds * 1000:.2f} ms",
        wanted=f"under {most * 1000:g} ms",
        held=seconds < most,
    )


def megabytes(size: int) -> str:
    """Bytes in words."""
    return f"{size / MB:.0f} MB"


def draw(rows: Sequence[Row]) -> str:
    """The table in Markdown, its columns aligned."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    held = {None: "", True: "yes", False: "no"}[row.held]
    return row.figure, row.other, row.ours, row.ratio, row.with_start, row.wanted, held
