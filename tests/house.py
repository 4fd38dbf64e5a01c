"""A service that collects and one that serves, on one PostgreSQL database, with an origin of many feeds that grow.

with Server() as server, House(folder, server.url()) as house:
    house.grow()            # one more review in each feed
    house.wait_collected()  # all of them are there once, and both services show them
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psycopg

from tests.origin import Answer, Asked, Origin
from tests.service import Reply, Service, wait_until

FEEDS = 10
PATH = "/feeds/all.atom"
CONFIG = """
[service]
base_url = "http://reviews.example"
[polling]
allow_private_addresses = true
processes = 1
interval = "1s"
min_interval = "1s"
max_interval = "2s"
[[feeds]]
name = "all"
title = "All"
items = 500
"""
SOURCE = '[[sources]]\nname = "outlet-{number}"\nkind = "feed"\nlocation = "{url}/{number}"\n'
COUNTED = """
SELECT count(*) AS reviews, count(DISTINCT guid_hash) AS items, count(DISTINCT change) AS numbers, max(changes) AS most
FROM review JOIN source ON source.id = source_id
"""


def say(words: str) -> None:
    """Prints what a test counted."""
    print(f"\n{words}")  # noqa: T201


@dataclass(frozen=True)
class Counts:
    """What is stored: reviews, different items, different numbers of changes, and the most changes of one source."""

    reviews: int
    items: int
    numbers: int
    most: int


class Feeds:
    """What the origin answers: feeds of so many reviews, each of so many words; 304 to whoever has them."""

    def __init__(self, words: int) -> None:
        self.size = 1
        self._words = words
        #: How often one feed was asked for while it was being answered already.
        self.twice = 0
        self._answering: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """One feed, as large as all are now."""
        with self._lock:
            self.twice += self._answering[asked.path]
            self._answering[asked.path] += 1
        try:
            size, number = self.size, asked.path[1:]
            if asked.headers.get("if-none-match") == f'"{size}"':
                return Answer(304)
            return Answer(
                200, {"Content-Type": "application/rss+xml", "ETag": f'"{size}"'}, rss(number, size, self._words)
            )
        finally:
            with self._lock:
                self._answering[asked.path] -= 1


def rss(number: str, size: int, words: int) -> bytes:
    """A feed with so many reviews; every one of all feeds has a title of its own."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}-{item}</guid><title>Review {number}-{item}</title>"
        f"<link>https://o{number}.example/{item}</link><description>{text(f'{number}-{item}', words)}</description>"
        f"<pubDate>Fri, 01 May 2026 08:{item % 60:02}:{int(number) % 60:02} GMT</pubDate></item>"
        for item in range(size)
    )
    return (
        f"<rss version='2.0'><channel><title>Outlet {number}</title><link>https://o{number}.example/</link>"
        f"<description>x</description>{items}</channel></rss>"
    ).encode()


def text(name: str, words: int) -> str:
    """Words that no packing makes much smaller, always the same for a name."""
    chosen = random.Random(name)
    return " ".join(f"{chosen.getrandbits(32):x}" for _ in range(words))


class House:
    """`running` collects, publishes and serves; `serving` serves. Both are started when the block is entered."""

    def __init__(self, folder: Path, url: str, feeds: int = FEEDS, words: int = 2) -> None:
        self.url = url
        self.feeds = Feeds(words)
        self._folder = folder
        self._many = feeds
        self._stack = ExitStack()

    def __enter__(self) -> House:
        with ExitStack() as stack:
            self.origin = stack.enter_context(Origin())
            for number in range(self._many):
                self.origin.answer(f"/{number}", body=self.feeds.answer)
            self.running = stack.enter_context(self._service("run"))
            self.serving = stack.enter_context(self._service("serve"))
            self.wait_collected()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _service(self, command: str) -> Service:
        folder = self._folder / command
        folder.mkdir()
        sources = "".join(SOURCE.format(number=number, url=self.origin.url) for number in range(self._many))
        (folder / "config.toml").write_text(CONFIG + sources, encoding="utf-8")
        return Service(folder, command=command, FEEDSVC_DATABASE_URL=self.url)

    @property
    def services(self) -> tuple[Service, Service]:
        """Both."""
        return self.running, self.serving

    def grow(self) -> None:
        """One more review in each feed."""
        self.feeds.size += 1

    def served(self) -> list[Reply]:
        """What both answer for the feed of everything."""
        return [self.ask(service, PATH) for service in self.services]

    def ask(self, service: Service, path: str, **headers: str) -> Reply:
        """What one of them answers, asked by the site's name."""
        return service.get(path, Host="reviews.example", **headers)

    def counts(self) -> Counts:
        """What is stored now."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(COUNTED).fetchone()
            assert row is not None
            return Counts(*row)

    def wait_collected(self) -> Counts:
        """Returns when every review is stored, and both services show all of them in the same bytes."""
        wanted = self._many * self.feeds.size
        wait_until(lambda: self._stored() >= wanted, f"{wanted} reviews in the database")
        wait_until(lambda: self._shown() == {wanted}, f"{wanted} reviews in the feeds")
        wait_until(lambda: len({(one.headers["etag"], one.body) for one in self.served()}) == 1, "the same bytes")
        return self.counts()

    def _stored(self) -> int:
        try:
            return self.counts().reviews
        except psycopg.Error:
            return 0

    def _shown(self) -> set[int]:
        return {one.body.count(b"<entry>") if one.status == 200 else -1 for one in self.served()}

    def readiness(self) -> list[Reply]:
        """What both say of themselves."""
        return [service.get("/readyz") for service in self.services]

    def wait_until_ready(self) -> None:
        """Returns when both say so."""
        wait_until(lambda: [one.status for one in self.readiness()] == [200, 200], "both ready")
