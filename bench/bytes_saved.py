"""A day of a subscriber who asks every half hour in, the bytes that pass out: by how it asks, as a Markdown table.

`python -m bench.bytes_saved`. The service is the real one in this process: it collects, publishes and answers by a
clock that is set on, so every run gives the same figures. Exit code 1 when any subscriber misses a review.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import brotli
from werkzeug.test import Client, TestResponse

from bench import feeds
from feedsvc.collect import Collector, Outcome, collect, readers_for, these
from feedsvc.config import load
from feedsvc.publish import Publisher, publish
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.work.local import LEASE

CONFIG = """
[service]
base_url = "https://reviews.example"
data_dir = "."
[[sources]]
name = "outlet"
kind = "feed"
location = "outlet.xml"
licence = "CC-BY-4.0"
[[feeds]]
name = "reviews"
title = "All reviews"
items = 50
"""
MIDNIGHT = datetime(2026, 5, 4, tzinfo=UTC)
EVERY = timedelta(minutes=30)
#: Reviews before the day and on it.
BEFORE, NEW = 50, 30
#: How many reviews the feed shows, and its source's file.
SHOWN = 50
#: What every server adds to an answer of an application.
DATE = "Date: Mon, 04 May 2026 00:00:00 GMT\r\n"
#: Each way of asking: the headers that it always has, and whether it sends validators back.
WAYS: dict[str, tuple[dict[str, str], bool]] = {
    "whole, every time": ({}, False),
    "conditional": ({}, True),
    "conditional, gzip": ({"Accept-Encoding": "gzip"}, True),
    "conditional, br": ({"Accept-Encoding": "br"}, True),
    "only what is new (226)": ({"A-IM": "feed"}, True),
    "only what is new (226), gzip": ({"A-IM": "feed", "Accept-Encoding": "gzip"}, True),
    "only what is new (226), br": ({"A-IM": "feed", "Accept-Encoding": "br"}, True),
}
UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}


@dataclass
class Subscriber:
    """One who asks in one way, and what passed."""

    headers: Mapping[str, str]
    is_conditional: bool
    held: dict[str, str] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    asked: int = 0
    heads: int = 0
    bodies: int = 0

    def poll(self, client: Client, path: str) -> None:
        """Ask once; keep the validators and what the body holds, and count."""
        headers = {"Host": "reviews.example", "User-Agent": "subscriber/1.0", **self.headers, **self.held}
        answer = client.get(path, base_url="https://reviews.example", headers=headers)
        self.asked += len(_head(f"GET {path} HTTP/1.1", headers.items()))
        self.heads += len(_head(f"HTTP/1.1 {answer.status}", answer.headers.items())) + len(DATE)
        self.bodies += len(answer.data)
        self.answers[answer.status_code] += 1
        self.marks.update(feeds.MARK.findall(_text(answer)))
        if self.is_conditional and answer.status_code != 304:
            said = answer.headers
            held = {"If-None-Match": said.get("ETag"), "If-Modified-Since": said.get("Last-Modified")}
            self.held = {name: value for name, value in held.items() if value}

    def forget(self) -> None:
        """Count from here on."""
        self.answers, self.asked, self.heads, self.bodies = Counter(), 0, 0, 0

    @property
    def total(self) -> int:
        """All bytes that passed, both ways."""
        return self.asked + self.heads + self.bodies


def _head(first: str, headers: Iterable[tuple[str, str]]) -> str:
    """The start of a message as HTTP/1.1 writes it."""
    return "".join([first, "\r\n", *(f"{name}: {value}\r\n" for name, value in headers), "\r\n"])


def _text(answer: TestResponse) -> str:
    """A body, unpacked."""
    return UNPACK.get(answer.headers.get("Content-Encoding", ""), bytes)(answer.data).decode()


class Day:
    """The service and its source, on a folder of their own."""

    def __init__(self, folder: Path) -> None:
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        self._file = folder / "outlet.xml"
        self.now = MIDNIGHT
        settings = load(folder / "config.toml", {})
        self._store = Store.open(settings.database_url)
        self._store.migrate()
        self._store.sync_sources(settings.sources, self.now)
        self._readers = readers_for(settings)
        self._collector = Collector(store=self._store, settings=settings, clock=self._clock, readers=self._readers)
        self._publisher = Publisher(store=self._store, settings=settings, clock=self._clock)
        self.client = Client(create_app(settings.site, self._publisher))

    def _clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        """End the processes that read."""
        self._readers.close()
        self._store.close()

    def publish(self, newest: int) -> None:
        """The source has reviews up to this one: collect them, and draw what changed."""
        self._file.write_bytes(source(newest))
        outcomes: list[Outcome] = []
        claims = self._store.claim_named(["outlet"], self.now, LEASE)
        collect(self._collector, these(claims), outcomes.append, force=True)
        if any(outcome.error for outcome in outcomes):
            raise RuntimeError(f"not collected: {outcomes[0].error}")
        publish(self._publisher)


def source(newest: int) -> bytes:
    """The source's feed when the review of that number is its newest; a review is published as the day goes."""
    about = feeds.outlet(0)
    items = range(newest, max(newest - SHOWN, -1), -1)
    return feeds.written(about, [replace(feeds.entry(about, n, 0), published=published(n)) for n in items])


def published(number: int) -> datetime:
    """When a review appears: two a day before, then one every half hour or so from seven in the morning to midnight."""
    if number < BEFORE:
        return MIDNIGHT - timedelta(hours=12 * (BEFORE - number))
    return MIDNIGHT + timedelta(hours=7, minutes=33 * (number - BEFORE) + 7 * (number % 4))


def live(path: str) -> dict[str, Subscriber]:
    """All subscribers' day; each took the whole feed the evening before, which is not counted."""
    subscribers = {way: Subscriber(*asking) for way, asking in WAYS.items()}
    with TemporaryDirectory() as folder:
        day = Day(Path(folder))
        try:
            day.publish(BEFORE - 1)
            for subscriber in subscribers.values():
                subscriber.poll(day.client, path)
                subscriber.forget()
            for moment, number in events():
                day.now = moment
                if number is not None:
                    day.publish(number)
                    continue
                for subscriber in subscribers.values():
                    subscriber.poll(day.client, path)
        finally:
            day.close()
    return subscribers


def events() -> list[tuple[datetime, int | None]]:
    """What happens on the day, in order: a review's number when it is published, None when everybody asks."""
    asking: list[tuple[datetime, int | None]] = [(MIDNIGHT + EVERY * n, None) for n in range(1, 49)]
    coming: list[tuple[datetime, int | None]] = [(published(n), n) for n in range(BEFORE, BEFORE + NEW)]
    return sorted(asking + coming, key=lambda event: (event[0], event[1] is None))


def draw(subscribers: Mapping[str, Subscriber]) -> str:
    """The table."""
    most = next(iter(subscribers.values())).total
    lines = ["| asking | answers | sent | headers | bodies | in all | of the first |", "|---|---|--:|--:|--:|--:|--:|"]
    for way, one in subscribers.items():
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(one.answers.items()))
        note = " – not offered" if "226" in way and 226 not in one.answers else ""
        sizes = " | ".join(f"{size:,}" for size in (one.asked, one.heads, one.bodies, one.total))
        lines.append(f"| {way}{note} | {answers} | {sizes} | {100 * one.total / most:.1f} % |")
    return "\n".join(lines)


def missed(subscribers: Mapping[str, Subscriber]) -> list[str]:
    """A sentence for each subscriber that did not get every review."""
    wanted = {f"0-{number}-0" for number in range(BEFORE + NEW)}
    return [f"{way}: missed {sorted(wanted - one.marks)}" for way, one in subscribers.items() if wanted - one.marks]


def main() -> None:
    """Live the day and print what it cost."""
    parser = argparse.ArgumentParser(prog="python -m bench.bytes_saved", description=__doc__)
    parser.add_argument("--format", choices=("atom", "rss", "json"), default="atom", help="by default atom")
    path = f"/feeds/reviews.{parser.parse_args().format}"
    subscribers = live(path)
    print(draw(subscribers))
    if faults := missed(subscribers):
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
