"""A feed of 500 reviews in; what one new review costs to publish, beside drawing all of it, and how long it takes, out.

    python -m bench.rendition

CPU-seconds are those of this process, the least of several runs. The wait is measured in a running service with a
source on loopback: from the last byte that the source sent to the new bytes in the store that serving reads.
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import brotli

from bench import feeds
from feedsvc.collect import Collector, collect, enrol, these
from feedsvc.config import Settings, load
from feedsvc.model import Document, Feed, Source
from feedsvc.model.stored import stored_item
from feedsvc.publish import Publisher, publish
from feedsvc.publish.feeds import document_of
from feedsvc.publish.selecting import fragments, shown
from feedsvc.render import FORMATS
from feedsvc.schedule import Schedule
from feedsvc.store import Look, Store
from feedsvc.work.local import LEASE

SHOWN = 500
#: So many made-up feeds hold 500 items.
FEEDS = 20
ROUNDS = 7
WAITS = 21
#: Seconds between two new reviews.
PAUSE = 3.0
LATE = "late"
CONFIG = """
[service]
base_url = "https://reviews.example"
data_dir = "."
[polling]
allow_private_addresses = true
processes = 1
"""


class Place(BaseHTTPRequestHandler):
    """The made-up feeds by number, and one that has a new item whenever it is told so."""

    items = 0
    #: When the last byte was sent, by the steady clock.
    sent = 0.0

    def do_GET(self) -> None:
        """Answers a look."""
        name = self.path.strip("/")
        body = _late(Place.items) if name == LATE else feeds.document(int(name))
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if name == LATE:
            Place.sent = time.monotonic()

    def log_message(self, *_: object) -> None:
        """Nothing is to be read of it."""


def _late(count: int) -> bytes:
    now = datetime.now(UTC)
    items = "".join(
        f"<item><guid isPermaLink='false'>late-{n}</guid><title>Late review {n}</title>"
        f"<link>https://late.example/{n}</link><description>{'It comes late. ' * 40}</description>"
        f"<pubDate>{format_datetime(now - timedelta(seconds=count - n))}</pubDate></item>"
        for n in range(max(count - 20, 0), count)
    )
    return f"<rss version='2.0'><channel><title>Late</title><link>https://late.example/</link>{items}</channel></rss>".encode()


@contextmanager
def origin() -> Iterator[int]:
    """The port that the sources stand at."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Place)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def configured(folder: Path, port: int) -> Settings:
    """A feed of 500 over all sources."""
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    names = [LATE, *map(str, range(FEEDS))]
    sources = tuple(
        Source(name=name, kind="feed", location=f"http://127.1.0.{n}:{port}/{name}") for n, name in enumerate(names, 1)
    )
    feed = Feed(name="all", title="All", items=SHOWN, commercial=False)
    return replace(load(folder / "config.toml", {}), sources=sources, feeds=(feed,))


class Bench:
    """A store that holds 500 reviews, read by the service itself."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.feed = settings.feeds[0]
        self.store = Store.open(settings.database_url, owner="bench")
        self.store.migrate()
        enrol(self.store, settings, _now())
        self.collector = Collector(store=self.store, settings=settings, clock=_now)
        names = [source.name for source in settings.sources]
        claims = self.store.claim_named(names, _now(), LEASE)
        collect(self.collector, these(claims), lambda _: None)
        self.publisher = self.fresh()

    def fresh(self) -> Publisher:
        """One that has drawn nothing yet."""
        return Publisher(store=self.store, settings=self.settings, clock=_now)

    def one_new_review(self, number: int) -> None:
        """As a look would bring it, dated now: the newest review there is, with another id."""
        (first,) = self.store.newest([str(n) for n in range(FEEDS)], 1)
        now = _now()
        key = sha256(f"new {number}".encode()).hexdigest()[:16]
        new = replace(first, key=key, id=f"urn:new:{number}", published=now, collected=now, revised=now, source="0")
        digest = sha256(key.encode()).digest()
        (claim,) = self.store.claim_named(["0"], now, LEASE)
        self.store.record([Look(claim=claim, now=now, state=claim.state, reviews=[stored_item(new, digest, digest)])])

    def draw(self, publisher: Publisher) -> list[bytes]:
        """All three formats, with what the publisher has kept; the reviews are selected for each drawing once."""
        entries = shown(publisher, self.feed)
        document = document_of(publisher, self.feed, entries, (), None)
        site = self.settings.site
        return [
            form.document(site, document, fragments(publisher, form, entries, entries)) for form in FORMATS.values()
        ]

    def draw_whole(self) -> list[bytes]:
        """The same by the plain way: read, cut and draw all of it."""
        publisher = self.fresh()
        entries = shown(publisher, self.feed)
        document: Document = document_of(publisher, self.feed, entries, (), None)
        return [form.write(self.settings.site, document) for form in FORMATS.values()]


def cpu(work: Callable[[], object]) -> float:
    """CPU-seconds of this process."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def pack(bodies: list[bytes]) -> None:
    """As they are stored for those who take them packed."""
    for body in bodies:
        gzip.compress(body, 6, mtime=0)
        brotli.compress(body, quality=5)


def measure(bench: Bench, rounds: int) -> dict[str, float]:
    """CPU-seconds by what they were spent for, the least of some rounds."""
    bench.draw(bench.publisher)
    publish(bench.publisher)
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        bench.one_new_review(number)
        bodies: list[bytes] = []
        found.setdefault("one new review", []).append(cpu(lambda: bodies.extend(bench.draw(bench.publisher))))  # noqa: B023
        whole: list[bytes] = []
        found.setdefault("drawn whole", []).append(cpu(lambda: whole.extend(bench.draw_whole())))  # noqa: B023
        if whole != bodies:
            raise SystemExit("what was put together is not what is drawn whole")
        found.setdefault("packing the three (gzip 6, brotli 5)", []).append(cpu(lambda: pack(bodies)))  # noqa: B023
        found.setdefault("publish(): formats, pages, credits, stored", []).append(cpu(lambda: publish(bench.publisher)))
    print(f"feed of {SHOWN}: {', '.join(f'{len(body):,} bytes' for body in bodies)}")
    return {what: min(times) for what, times in found.items()}


def waits(bench: Bench, count: int) -> list[float]:
    """Seconds from the source's last byte to the new bytes in the store, in a running service."""
    schedule = Schedule(bench.collector, bench.publisher, lambda _: None, collect_every=0.2)
    schedule.start()
    found = []
    try:
        for _ in range(count):
            Place.items += 1
            path, wanted = "/feeds/all.atom", f"<title>Late review {Place.items - 1}<".encode()
            before = bench.store.renditions.etags()[path]
            bench.store.postpone({LATE: _now()})
            while bench.store.renditions.etags()[path] == before:
                time.sleep(0.01)
            found.append(time.monotonic() - Place.sent)
            published = bench.store.renditions.get(path)
            if published is None or wanted not in published.body:
                raise SystemExit("what is published lacks the new review")
            time.sleep(PAUSE)  # until publishing has rested: reviews of one feed come further apart than that
    finally:
        schedule.stop()
    return found


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--waits", type=int, default=WAITS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, origin() as port:
        bench = Bench(configured(Path(folder), port))
        spent = measure(bench, options.rounds)
        for what, seconds in spent.items():
            print(f"{what:45} {seconds * 1000:8.1f} ms CPU")
        print(f"{'one new review / drawn whole':45} {spent['one new review'] / spent['drawn whole']:8.3f}")
        found = sorted(waits(bench, options.waits))
        print(f"from the source's last byte to the new bytes: median {median(found):.3f} s, longest {found[-1]:.3f} s")
        bench.store.close()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
