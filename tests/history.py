"""What the tests of archives and deltas share: reviews stored, changed and withdrawn, and what is published then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

from feedsvc.config import Settings
from feedsvc.model import Feed, Rendition, Review, WithdrawalKind
from feedsvc.publish import Publisher, publish
from feedsvc.publish.indexing import index
from feedsvc.store import Store
from tests.databases import settings_of
from tests.samples import CC_BY, FULL, NOW
from tests.test_store import item, looked
from tests.walker import Broken

BASE = "http://reviews.example"
CONFIG = f"""
[service]
base_url = "{BASE}"

[[sources]]
name = "night-lantern"
kind = "feed"
location = "https://night-lantern.example/feed.atom"

[[sources]]
name = "storm"
kind = "feed"
location = "https://storm.example/feed.atom"

[[feeds]]
name = "reviews"
title = "All reviews"
items = 4

[[feeds]]
name = "storm"
title = "Storm"
sources = ["storm"]
items = 4
"""


def review_of(number: int, *, day: float | None = None, title: str = "") -> Review:
    """A review like FULL, as its source dates it: so many days after 1 April (the number's own when not said)."""
    published = datetime(2026, 4, 1, tzinfo=NOW.tzinfo) + timedelta(days=number / 100 if day is None else day)
    return replace(
        FULL,
        key=f"key{number:013}",
        id=f"urn:example:{number}",
        url=f"https://night-lantern.example/{number}",
        title=title or f"Review {number}",
        licence=CC_BY,
        published=published,
        updated=None,
        also=(),
    )


class House:
    """A store of two sources, two feeds of four reviews each, and a clock that is set by hand."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        (folder / "config.toml").write_text(config)
        self.now = NOW
        self.settings = settings_of(folder)
        self.store = Store.open(self.settings.database_url)
        self.store.migrate()
        self.store.sync_sources(self.settings.sources, NOW)
        self.restart()

    def restart(self, settings: Settings | None = None) -> None:
        """Publish from here on as another process would, that knows only what is stored."""
        self.settings = settings or self.settings
        self.publisher = Publisher(store=self.store, settings=self.settings, clock=lambda: self.now)

    def items(self, count: int) -> None:
        """Let every feed show so many reviews."""
        self.restart(replace(self.settings, feeds=tuple(replace(feed, items=count) for feed in self.settings.feeds)))

    def bring(self, *reviews: Review, source: str = "night-lantern") -> None:
        """A look at a source that brings these reviews, a minute after the one before."""
        self.now += timedelta(minutes=1)
        stored = [replace(one, source=source, collected=self.now, revised=self.now) for one in reviews]
        looked(
            self.store,
            source,
            self.now,
            [item(one, guid=one.key, digest=f"{one.key}/{self.now}") for one in stored],
        )

    def withdraw(self, review: Review) -> None:
        """Take a review out."""
        self.now += timedelta(minutes=1)
        kind = WithdrawalKind.REVIEW
        self.store.withdrawals.withdraw(kind, review.key, reason="asked", requested_by="them", now=self.now)

    def bring_back(self, review: Review) -> None:
        """Undo that."""
        self.now += timedelta(minutes=1)
        self.store.withdrawals.undo(WithdrawalKind.REVIEW, review.key, now=self.now)

    def publish(self) -> int:
        """Publish until nothing is left to do; how many addresses changed."""
        index(self.publisher)
        changed = 0
        while more := publish(self.publisher):
            changed += more
        return changed

    def at(self, path: str) -> Rendition:
        """What is published at a path."""
        found = self.publisher.rendition(path)
        assert isinstance(found, Rendition), path
        return found

    def get(self, url: str) -> bytes:
        """What is published at an address, for a walker."""
        path, _, query = url.removeprefix(BASE).partition("?")
        found = self.publisher.view(path, parse_qsl(query)) if query else self.publisher.rendition(path)
        if not isinstance(found, Rendition):
            raise Broken(f"{url}: answered 404")
        return found.body

    def parts(self, feed: str = "reviews") -> list[str]:
        """The names of a feed's closed parts, oldest first."""
        return [part.name for part in self.store.archives.parts(feed)]

    def archives(self) -> dict[str, bytes]:
        """The bytes of every document of every part, by path."""
        paths = [path for path in self.publisher.paths() if "/archive/" in path]
        return {path: self.at(path).body for path in paths}

    @property
    def feed(self) -> Feed:
        """The first feed."""
        return self.settings.feeds[0]

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def titles(body: bytes, reviews: Sequence[Review]) -> list[str]:
    """The titles of those of these reviews that stand in a document."""
    return [one.title for one in reviews if f">{one.title}<".encode() in body]
