"""A shared service on real parts: a PostgreSQL server, a broker, an origin, and processes that are started and killed.

with Fleet(tmp_path, sources=300) as fleet:
    worker = fleet.start("worker", "--processes", "1")
    fleet.wait_for(300)
    fleet.end(worker)
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import psycopg

from feedsvc.collect import enrol
from feedsvc.config import Settings, load
from feedsvc.store import Store
from tests.brokers import Broker, Redis
from tests.origin import Answer, Asked, Origin
from tests.postgresql import Server
from tests.service import PATIENCE, ROOT, wait_until

#: Items in each feed.
ITEMS = 3
#: Seconds after which a dead process' work returns, here.
LEASE = 10


@dataclass
class Visits:
    """When each feed was asked, from the request to the end of the answer, by its number."""

    spans: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    #: Feeds that were asked while another request for them was being answered.
    twice: list[int] = field(default_factory=list)
    #: The most requests that one host was answering at once.
    most_at_a_host: int = 0
    _now: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, number: int, host: str) -> float:
        """A request has come; gives the moment."""
        with self._lock:
            if self._now.get(f"{number}"):
                self.twice.append(number)
            for key in (f"{number}", host):
                self._now[key] = self._now.get(key, 0) + 1
            self.most_at_a_host = max(self.most_at_a_host, self._now[host])
        return time.monotonic()

    def end(self, number: int, host: str, begun: float) -> None:
        """Its answer is about to go out."""
        with self._lock:
            for key in (f"{number}", host):
                self._now[key] -= 1
            self.spans.setdefault(number, []).append((begun, time.monotonic()))

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(map(len, self.spans.values()))


class Fleet:
    """So many feeds at hosts of `a_host` feeds each; `slow` seconds pass until each answer, in which it is under way.

    With `grows` each feed has one item more at every request, up to so many more. `polling` is what else stands in that
    table. Everything starts when the block is entered, but no process of ours.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sources: int,
        a_host: int = 1,
        slow: float = 0.0,
        polling: str = "",
        more: str = "",
        broker: type[Broker] = Redis,
        grows: int = 0,
    ) -> None:
        self.folder, self.sources, self.slow = folder, sources, slow
        self._a_host = a_host
        self._grows = grows
        #: How many items each feed offers.
        self.offered = dict.fromkeys(range(sources), ITEMS)
        self._tables = polling, more
        self._stack = ExitStack()
        self._broker = broker
        self.visits = Visits()
        self.processes: list[subprocess.Popen[bytes]] = []
        #: What each worker says, by the number of its process.
        self._workers: dict[int, Path] = {}

    def __enter__(self) -> Fleet:
        self.server = self._stack.enter_context(Server(synchronous_commit="on"))
        self.broker = self._stack.enter_context(self._broker())
        self.origin = self._stack.enter_context(Origin("0.0.0.0"))
        for number in range(self.sources):
            self.origin.answer(f"/{number}", body=self._offer)
        self.config = self.folder / "config.toml"
        self.configure()
        self.settings: Settings = load(self.config, self.environ)
        self.store = self._stack.enter_context(Store.open(self.server.url()))
        self.store.migrate()
        enrol(self.store, self.settings, datetime.now(UTC))
        self.all_due()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)
        self._stack.close()

    def configure(self, more: str = "") -> None:
        """Write the configuration, with more at its end."""
        polling, tables = self._tables
        sources = "".join(
            f'[[sources]]\nname = "o{number}"\nkind = "feed"\n'
            f'location = "http://{self.host(number)}:{self.origin.port}/{number}"\n'
            for number in range(self.sources)
        )
        self.config.write_text(
            '[service]\nbase_url = "http://reviews.example"\ndata_dir = "."\n'
            f"[polling]\nallow_private_addresses = true\nprocesses = 1\n{polling}\n"
            f'[scale]\nlease = "{LEASE}s"\n'
            f'[[feeds]]\nname = "all"\ntitle = "All"\nitems = 50\n{tables}\n{sources}{more}',
            encoding="utf-8",
        )

    def host(self, number: int) -> str:
        """The address that a feed is asked at."""
        place = number // self._a_host
        return f"127.1.{place // 200}.{place % 200 + 1}"

    @property
    def environ(self) -> dict[str, str]:
        """What our processes are told of where they are."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "FEEDSVC_DATABASE_URL": self.server.url(),
            "FEEDSVC_BROKER_URL": self.broker.url,
        }

    def _offer(self, asked: Asked) -> Answer:
        number = int(asked.path[1:])
        host = self.host(number)
        begun = self.visits.begin(number, host)
        if self.slow:
            threading.Event().wait(self.slow)
        self.visits.end(number, host, begun)
        items = self.offered.get(number, ITEMS)
        if items < ITEMS + self._grows:
            self.offered[number] = items = items + 1
        etag = f'"{number}-{items}"'
        if asked.headers.get("if-none-match") == etag:
            return Answer(304)
        return Answer(200, {"Content-Type": "application/rss+xml", "ETag": etag}, document(number, items))

    # ------------------------------------------------------------------------------------------------------- processes

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """One of our commands as a process group of its own; its words go to a file of the folder."""
        log = self.folder / f"{arguments[0]}{len(self.processes)}.log"
        command = [sys.executable, "-m", "feedsvc", "--config", str(self.config), *arguments]
        with log.open("ab") as out:
            process = subprocess.Popen(command, env=self.environ, stdout=out, stderr=out, start_new_session=True)
        self.processes.append(process)
        if arguments[0] == "worker":
            self._workers[process.pid] = log
        return process

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """Tell it to end as systemd does, once it listens for that, and give its exit code."""
        if log := self._workers.get(process.pid):
            wait_until(lambda: "working with" in log.read_text(encoding="utf-8"), f"a worker\n{self.said()}")
        process.send_signal(signal.SIGTERM)
        return process.wait(PATIENCE)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End it with all its processes, whatever they are doing."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)

    def said(self) -> str:
        """All that our processes said."""
        return "".join(log.read_text(encoding="utf-8") for log in sorted(self.folder.glob("*.log")))

    # ------------------------------------------------------------------------------------------------- the database

    def all_due(self) -> None:
        """Every source is due now."""
        self.store.postpone({source.name: datetime.now(UTC) for source in self.settings.sources})

    def ask(self, query: str) -> int:
        """The number that a query gives."""
        with psycopg.connect(self.server.url()) as connection:
            [number] = connection.execute(query.encode()).fetchone() or [0]
            return int(number)

    def stored(self) -> int:
        """Reviews that are stored."""
        return self.ask("SELECT count(*) FROM review")

    def distinct(self) -> int:
        """Reviews that differ from one another."""
        return self.ask("SELECT count(DISTINCT document::jsonb ->> 'title') FROM review")

    def looked(self) -> int:
        """Sources that were read."""
        return self.ask("SELECT count(*) FROM schedule WHERE last_success IS NOT NULL")

    def held(self) -> int:
        """Sources that somebody holds."""
        return self.ask("SELECT count(*) FROM schedule WHERE lease_token IS NOT NULL")

    def wait_for_looks(self, sources: int) -> None:
        """Return when so many sources were read, whoever holds some again."""
        wait_until(lambda: self.looked() >= sources, f"{sources} sources\n{self.said()}")

    def wait_for(self, sources: int) -> None:
        """Return when so many sources were read and nobody holds one."""
        wait_until(lambda: self.looked() >= sources and not self.held(), f"{sources} sources\n{self.said()}")


def document(number: int, items: int = ITEMS) -> bytes:
    """One outlet's feed; every item of all feeds has a title of its own."""
    listed = "".join(
        f"<item><guid isPermaLink='false'>{number}-{item}</guid><title>Review {number}-{item}</title>"
        f"<link>https://o{number}.example/{item}</link><description>&lt;p&gt;Words of {number}.&lt;/p&gt;</description>"
        f"<pubDate>Fri, 01 May 2026 08:{number % 60:02}:{item:02} GMT</pubDate></item>"
        for item in range(items)
    )
    return (
        f"<rss version='2.0'><channel><title>Outlet {number}</title><link>https://o{number}.example/</link>"
        f"<description>x</description>{listed}</channel></rss>"
    ).encode()
