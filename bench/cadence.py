"""A made-up month of many sources in; how often each was asked, and how soon its reviews were found, out.

Event by event on a fake clock, with the service's own cadence and sources that publish, ask and fail as real ones do:
the same seed gives the same month. A look takes no time here; the gap between requests to one host is the fetcher's.
"""

from __future__ import annotations

import argparse
import heapq
import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean

from feedsvc.cadence import Cadence, after_failure, after_success, first_checks
from feedsvc.errors import HttpStatus, Unreachable
from feedsvc.model import Rhythm, SourceState

START = datetime(2026, 5, 4, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
#: So many of the newest items stand in a feed.
SHOWN = 30
#: Items that were published so shortly before the end are not counted: their look lies beyond it.
UNCOUNTED = 2 * DAY

# ---------------------------------------------------------------------------------------------- how sources publish

Publishing = Callable[[Random, float, float], Iterator[float]]


def daily(chance: Random, begin: float, end: float) -> Iterator[float]:
    """Once a day at the critic's own hour, give or take three quarters; one day in seven nothing."""
    hour = chance.uniform(0, DAY)
    for day in range(math.floor(begin / DAY), math.ceil(end / DAY)):
        if chance.random() < 6 / 7:
            yield day * DAY + hour + chance.gauss(0, 0.75 * HOUR)


def weekly(chance: Random, begin: float, end: float) -> Iterator[float]:
    """Once a week on the same day, give or take three hours; one week in ten nothing."""
    moment = chance.uniform(0, 7 * DAY)
    for week in range(math.floor(begin / DAY / 7), math.ceil(end / DAY / 7)):
        if chance.random() < 0.9:
            yield week * 7 * DAY + moment + chance.gauss(0, 3 * HOUR)


def outlet(chance: Random, begin: float, end: float) -> Iterator[float]:
    """A desk with office hours: 10 to 30 reviews on a weekday from eight to eighteen, a fifth of that at weekends."""
    desk, items = chance.choice((-8, -5, -3, 0, 1, 2, 5, 9)) * HOUR, chance.uniform(10, 30)
    for day in range(math.floor(begin / DAY), math.ceil(end / DAY)):
        share = 1.0 if (START + timedelta(days=day)).weekday() < 5 else 0.2
        for _ in range(round(items * share * chance.uniform(0.7, 1.3))):
            yield day * DAY + 8 * HOUR - desk + chance.uniform(0, 10 * HOUR)


def irregular(chance: Random, begin: float, end: float) -> Iterator[float]:
    """At any time: a review every six hours to every ten days, without memory."""
    return _poisson(chance, begin, end, math.exp(chance.uniform(math.log(6 * HOUR), math.log(10 * DAY))))


def bursty(chance: Random, begin: float, end: float) -> Iterator[float]:
    """A festival's coverage every four days or so: three to ten reviews within two hours, then silence."""
    for burst in _poisson(chance, begin, end, 4 * DAY):
        for _ in range(chance.randint(3, 10)):
            yield burst + chance.uniform(0, 2 * HOUR)


def wire(chance: Random, begin: float, end: float) -> Iterator[float]:
    """Round the clock, some sixty a day."""
    return _poisson(chance, begin, end, DAY / chance.uniform(40, 80))


def dormant(chance: Random, begin: float, end: float) -> Iterator[float]:
    """A blog that was daily once and ended months ago; a late review now and then."""
    ended = begin + chance.uniform(0, 0.6) * -begin
    yield from daily(chance, ended - SHOWN * DAY, ended)
    yield from _poisson(chance, ended, end, 90 * DAY)


def _poisson(chance: Random, begin: float, end: float, pause: float) -> Iterator[float]:
    moment = begin + chance.expovariate(1 / pause)
    while moment < end:
        yield moment
        moment += chance.expovariate(1 / pause)


#: Class → how it publishes, its share of the sources, and how long before the month its items begin (days).
CLASSES: dict[str, tuple[Publishing, float, float]] = {
    "daily blog": (daily, 0.25, 40),
    "weekly blog": (weekly, 0.20, 180),
    "irregular blog": (irregular, 0.20, 120),
    "bursty site": (bursty, 0.07, 40),
    "outlet, office hours": (outlet, 0.10, 14),
    "wire, round the clock": (wire, 0.03, 3),
    "dormant": (dormant, 0.15, 400),
}


# --------------------------------------------------------------------------------------------------- what servers do


@dataclass(slots=True)
class Server:
    """What a source's server asks for, in seconds, and how often it fails."""

    max_age: float | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    dated: bool = True
    #: The share of looks that fail, and whether those say when to come again.
    failing: float = 0.0
    retry_after: float | None = None


def server(chance: Random, *, skips: bool) -> Server:
    """One server: most ask for little, as on the web; `skips`: some of these bar hours or days."""
    made = Server()
    if chance.random() < 0.15:
        made.max_age = chance.choice((300.0, 900.0, 1800.0, HOUR, 2 * HOUR))
    kind = chance.random()
    if kind < 0.30:
        made.rhythm = Rhythm(period=HOUR)
    elif kind < 0.35:
        made.rhythm = Rhythm(ttl=chance.choice((1800.0, HOUR, 4 * HOUR)))
    elif skips and kind < 0.38:
        made.rhythm = Rhythm(skip_hours=tuple(range(6)))
    elif skips and kind < 0.40:
        made.rhythm = Rhythm(skip_days=("Saturday", "Sunday"))
    made.dated = chance.random() >= 0.03
    if chance.random() < 0.05:
        made.failing = chance.uniform(0.05, 0.5)
        made.retry_after = chance.choice((None, None, 2 * HOUR))
    return made


@dataclass(slots=True)
class Made:
    """One source: its class, its host's number, its server, and its items' moments, in seconds and as their dates.

    `seen` of them have been collected or stood there at the first look; None before it.
    """

    kind: str
    host: int
    server: Server
    items: list[float]
    dates: list[datetime]
    seen: int | None = None


def world(sources: int, days: float, chance: Random) -> list[Made]:
    """Sources of every class by their shares, in no order; two fifths of them share hosts, some with hundreds."""
    kinds = chance.choices(list(CLASSES), [share for _, share, _ in CLASSES.values()], k=sources)
    made = []
    for number, kind in enumerate(kinds):
        publishing, _, before = CLASSES[kind]
        items = [item for item in sorted(publishing(chance, -before * DAY, days * DAY)) if item < days * DAY]
        items = items[max(0, bisect_right(items, 0.0) - SHOWN) :]
        dates = [START + timedelta(seconds=item) for item in items]
        # A few platforms have most of the shared ones: the squares of a uniform number crowd at the first.
        host = number if chance.random() < 0.6 else -1 - int(chance.random() ** 2 * max(1, sources // 50))
        made.append(Made(kind, host, server(chance, skips=publishing is not wire), items, dates))
    return made


# ------------------------------------------------------------------------------------------------------------ the month


@dataclass(slots=True)
class Tally:
    """What happened to one class: looks, delays in seconds, and items that left the feed before they were seen."""

    sources: int = 0
    looks: int = 0
    delays: list[float] = field(default_factory=list)
    missed: int = 0


@dataclass(slots=True)
class Month:
    """All that was counted: by class, requests by minute, and the most in a minute by host."""

    classes: dict[str, Tally]
    minutes: list[int]
    hosts: dict[int, list[int]] = field(default_factory=dict)

    def ask(self, moment: float, host: int) -> None:
        """Counts one request."""
        minute = int(moment // MINUTE)
        self.minutes[minute] += 1
        counted = self.hosts.setdefault(host, [minute, 0, 0])  # the minute, requests in it, the most of any minute
        if counted[0] != minute:
            counted[0], counted[1] = minute, 0
        counted[1] += 1
        if counted[1] > counted[2]:
            counted[2] = counted[1]


def live(sources: Sequence[Made], days: float, chance: Random, options: Cadence) -> Month:
    """The whole month, look by look."""
    month = Month({kind: Tally() for kind in CLASSES}, [0] * (int(days * DAY // MINUTE) + 1))
    for source in sources:
        month.classes[source.kind].sources += 1
    names = [f"source-{number}" for number in range(len(sources))]
    first = first_checks(names, START, options.interval)
    states = [SourceState(name=name, next_check=first[name], interval=options.interval) for name in names]
    due = [(_seconds(state.next_check), number) for number, state in enumerate(states)]
    heapq.heapify(due)
    until = days * DAY - UNCOUNTED
    while due and due[0][0] < days * DAY:
        moment, number = due[0]
        source = sources[number]
        month.ask(moment, source.host)
        tally = month.classes[source.kind]
        tally.looks += 1
        state = states[number] = _looked(states[number], source, moment, until, tally, chance, options)
        heapq.heapreplace(due, (_seconds(state.next_check), number))
    return month


def _seconds(moment: datetime) -> float:
    return (moment - START).total_seconds()


def _looked(
    state: SourceState, source: Made, moment: float, until: float, tally: Tally, chance: Random, options: Cadence
) -> SourceState:
    """The state after one look; what it found is counted, but for items published after `until`."""
    now = START + timedelta(seconds=moment)
    asks = source.server
    if asks.failing and chance.random() < asks.failing:
        busy = asks.retry_after is not None
        error = HttpStatus("busy", 503, asks.retry_after) if busy else Unreachable("no answer", "timeout")
        return after_failure(state, now=now, error=error, options=options)
    seen, shown = source.seen, bisect_right(source.items, moment, source.seen or 0)
    source.seen = shown
    if seen == shown:
        return after_success(
            state, now=now, max_age=asks.max_age, rhythm=None, dates=(), new=False, changed=False, options=options
        )
    first = max(0, shown - SHOWN)
    if seen is not None:
        tally.missed += max(0, first - seen)
        tally.delays += [moment - item for item in source.items[max(seen, first) : shown] if item < until]
    return after_success(
        state,
        now=now,
        max_age=asks.max_age,
        rhythm=asks.rhythm,
        dates=source.dates[first:shown] if asks.dated else (),
        new=True,
        changed=False,
        options=options,
    )


# ------------------------------------------------------------------------------------------------------------ the table


def table(month: Month, days: float) -> str:
    """The figures as Markdown."""
    rows = [
        "| sources | number | requests per source and day | found after (median) | (95th percentile) | missed |",
        "|---|--:|--:|--:|--:|--:|",
        *(_row(kind, tally, days) for kind, tally in month.classes.items()),
        _row("**all**", _sum(list(month.classes.values())), days),
    ]
    first, later = month.minutes[1:30], month.minutes[30:-1]
    peaks = sorted(most for _, _, most in month.hosts.values())
    rows += [
        "",
        f"All added at once: {month.minutes[0]} requests in the first minute, then {min(first)} to {max(first)} in each"
        f" of half an hour; after that {mean(later):.0f} on average, at most {max(later)}.",
    ]
    rows.append(
        f"One host: at most {_at(peaks, 0.5)} in a minute for half of the {len(peaks)} hosts, "
        f"{_at(peaks, 0.99)} for 99 %, {peaks[-1]} for the busiest."
    )
    return "\n".join(rows)


def _sum(tallies: list[Tally]) -> Tally:
    return Tally(
        sources=sum(tally.sources for tally in tallies),
        looks=sum(tally.looks for tally in tallies),
        delays=[delay for tally in tallies for delay in tally.delays],
        missed=sum(tally.missed for tally in tallies),
    )


def _row(kind: str, tally: Tally, days: float) -> str:
    delays = sorted(tally.delays)
    figures = [_duration(_at(delays, share)) if delays else "–" for share in (0.5, 0.95)]
    asked = f"{tally.looks / tally.sources / days:.1f}" if tally.sources else "–"
    missed = f"{100 * tally.missed / (tally.missed + len(delays)):.1f} %" if delays else "–"
    return f"| {kind} | {tally.sources:,} | {asked} | {' | '.join(figures)} | {missed} |"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _duration(seconds: float) -> str:
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if minutes < 90 else f"{seconds / HOUR:.1f} h"


def main() -> None:
    """Reads the arguments, lives the month, prints the table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.cadence",
        description="How often feedsvc asks made-up sources, and how soon it finds what they publish.",
        epilog="example: python -m bench.cadence --sources 1000 --days 7 --seed 2",
    )
    parser.add_argument("--sources", type=int, default=10_000, help="how many sources (10000)")
    parser.add_argument("--days", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--seed", type=int, default=1, help="which of many months (1)")
    given = parser.parse_args()
    chance = Random(given.seed)
    month = live(world(given.sources, given.days, chance), given.days, chance, Cadence())
    print(table(month, given.days))
    print(f"\n{sum(month.minutes):,} looks in {time.process_time():.0f} CPU-seconds.")


if __name__ == "__main__":
    main()
