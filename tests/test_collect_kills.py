"""A collection killed at any moment: all that the sources offer is stored once, and feeds are whole at any time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from feedsvc.errors import StoreError
from feedsvc.store import Store
from tests.databases import connected, database_environ, on_postgresql, settings_of
from tests.feed_rules import accepted, faults
from tests.origin import Answer, Asked, Origin
from tests.service import ROOT

FEEDS = 300
ITEMS = 4
#: Collections under way at a time, each with its own database, and how often each of them is killed (`make kills`: 50).
AT_ONCE, KILLS = 2, int(os.environ.get("FEEDSVC_KILLS", "5"))
SHOWN = 50


def feed(number: int) -> bytes:
    """One outlet's feed; every item of all feeds has a title of its own."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}-{item}</guid><title>Review {number}-{item}</title>"
        f"<link>https://o{number}.example/{item}</link><description>&lt;p&gt;Words of {number}.&lt;/p&gt;</description>"
        f"<pubDate>Fri, 01 May 2026 08:{number % 60:02}:{item:02} GMT</pubDate></item>"
        for item in range(ITEMS)
    )
    return (
        f"<rss version='2.0'><channel><title>Outlet {number}</title><link>https://o{number}.example/</link>"
        f"<description>x</description>{items}</channel></rss>"
    ).encode()


EXPECTED = sorted(f"Review {number}-{item}" for number in range(FEEDS) for item in range(ITEMS))


class Zygote:
    """The process that collections are forked from, so that each starts at once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cold_collection"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def start(self, folder: Path) -> int:
        """One more collection; gives its number."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\t{json.dumps(database_environ(folder))}\n")
        self._process.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """Wait for its end; 0: it was let finish."""
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


@contextmanager
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    try:
        yield made
    finally:
        made.close()


class Trial:
    """One database at a time, filled from the origin by collections that are killed."""

    def __init__(self, folder: Path, origin: Origin, seed: int) -> None:
        self.folder = folder
        self.origin = origin
        self.random = random.Random(seed)
        self.database = 0
        self.kills = 0
        self.finished = 0
        self.place = self.fresh()

    def fresh(self) -> Path:
        """A configuration of all feeds, with a database that does not exist yet."""
        self.database += 1
        folder = self.folder / str(self.database)
        folder.mkdir(parents=True)
        sources = "".join(
            f'[[sources]]\nname = "o{number}"\nkind = "feed"\n'
            f'location = "http://127.1.{number // 200}.{number % 200 + 1}:{self.origin.port}/{number}"\n'
            for number in range(FEEDS)
        )
        config = folder / "config.toml"
        config.write_text(
            '[service]\nbase_url = "http://reviews.example"\ndata_dir = "."\n'
            "[polling]\nallow_private_addresses = true\nprocesses = 1\n"
            f'[[feeds]]\nname = "all"\ntitle = "All"\ndescription = "x"\nitems = {SHOWN}\n{sources}',
            encoding="utf-8",
        )
        return folder

    @property
    def url(self) -> str:
        """The address of its database."""
        return settings_of(self.place).database_url

    def run(self, kills: int) -> None:
        with zygote() as collections:
            longest = self._undisturbed(collections)
            while self.kills < kills:
                child = collections.start(self.place)
                # The moment is random on purpose: between the beginning and the end of what is left to collect.
                threading.Event().wait(self.random.uniform(0, longest))
                with suppress(ProcessLookupError):
                    # The whole group as a power cut would, or the collector alone, which leaves its readers behind.
                    self.random.choice((os.killpg, os.kill))(child, signal.SIGKILL)
                if collections.ended():
                    self.kills += 1
                    self._feeds_are_whole()
                else:
                    # It was over before the kill came: the machine is less busy than it was.
                    self._everything_is_there()
                    longest *= 0.7
            child = collections.start(self.place)
            assert collections.ended() == 0
            self._everything_is_there()

    def _undisturbed(self, collections: Zygote) -> float:
        """How many seconds it takes when nobody kills it."""
        before = time.monotonic()
        collections.start(self.place)
        assert collections.ended() == 0
        self._everything_is_there()
        return time.monotonic() - before

    def _everything_is_there(self) -> None:
        """Every item that the sources offer is stored exactly once; the next collection begins from nothing."""
        with connected(self.url) as connection:
            found = connection.exec_driver_sql("SELECT document FROM review")
            stored = sorted(json.loads(row[0])["title"] for row in found)
            if not on_postgresql():
                assert connection.exec_driver_sql("PRAGMA integrity_check").one() == ("ok",)
        assert stored == EXPECTED
        self._feeds_are_whole(least=SHOWN)
        self.finished += 1
        self.place = self.fresh()

    def _feeds_are_whole(self, least: int = 0) -> None:
        """What a subscriber would get now is a valid feed of distinct entries, in every format."""
        try:
            with Store.open(self.url, create=False) as store:
                drawn = {suffix: store.renditions.get(f"/feeds/all.{suffix}") for suffix in ("atom", "rss", "json")}
        except StoreError:
            return  # Not made yet.
        for suffix, rendition in drawn.items():
            if rendition is None:
                assert not least
                continue
            if len(ids(suffix, rendition.body)) == 0 == least:
                continue  # Nothing was collected yet: the feed says so, with a date that nobody could mistake for one.
            address = f"http://reviews.example/feeds/all.{suffix}"
            found = faults(f".{suffix}", rendition.body, address=address, now=datetime.now(UTC))
            assert [fault for fault in found if not accepted(fault)] == []
            assert len(ids(suffix, rendition.body)) >= least


def ids(suffix: str, body: bytes) -> set[str]:
    """The ids of a feed's entries; each stands there once."""
    if suffix == "json":
        listed = [item["id"] for item in json.loads(body)["items"]]
    else:
        path = "//item/guid" if suffix == "rss" else "//a:entry/a:id"
        found = etree.fromstring(body).xpath(path, namespaces={"a": "http://www.w3.org/2005/Atom"})
        assert isinstance(found, list)
        listed = [str(one.text) for one in found if isinstance(one, etree._Element)]
    assert len(listed) == len(set(listed))
    return set(listed)


def test_a_cold_collection_killed_at_random_moments_stores_every_item_once(tmp_path: Path) -> None:
    def offer(asked: Asked) -> Answer:
        return Answer(200, {"Content-Type": "application/rss+xml"}, feed(int(asked.path[1:])))

    with Origin("0.0.0.0") as origin, ThreadPoolExecutor(AT_ONCE) as together:
        for number in range(FEEDS):
            origin.answer(f"/{number}", body=offer)
        trials = [Trial(tmp_path / str(number), origin, seed=number) for number in range(AT_ONCE)]
        list(together.map(lambda trial: trial.run(KILLS), trials))

    assert sum(trial.kills for trial in trials) == AT_ONCE * KILLS
    assert all(trial.finished >= 2 for trial in trials)
