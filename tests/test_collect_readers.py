"""Reading in processes of its own: what a document does to its process stays with that document."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.collect.workers import Readers
from feedsvc.errors import HttpStatus, NotAFeed, SourceError, TooLarge
from feedsvc.model import Fetched, Site, Source
from feedsvc.model.stored import decode
from feedsvc.reading import Reading, Setup, Task
from tests.service import wait_until

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SETUP = Setup(site=Site(title="Reviews", base_url="http://reviews.example"))
FEED = (
    b"<rss version='2.0'><channel><title>Outlet</title><link>https://outlet.example/</link><ttl>90</ttl>"
    b"<item><guid isPermaLink='false'>n1</guid><title>Review 1</title><link>https://outlet.example/1</link>"
    b"<pubDate>Fri, 01 May 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)


def task(body: bytes, **more: object) -> Task:
    fetched = Fetched(url="https://outlet.example/feed", body=body)
    source = Source(name="outlet", kind="feed", location="https://outlet.example/feed")
    return Task(source=source, now=NOW, fetched=fetched, **more)  # type: ignore[arg-type]


def result(readers: Readers, wanted: Task) -> Reading | BaseException:
    """What came of one task."""
    told: Future[Reading | BaseException] = Future()
    readers.submit(lambda: wanted, told.set_result)
    return told.result(timeout=60)


def processes() -> list[int]:
    """The readers that run now: grandchildren of this process, by way of the one that they are forked from."""
    nurseries = [pid for pid in children(os.getpid()) if b"feedsvc.reader" in told_of(Path(f"/proc/{pid}/cmdline"))]
    return [reader for nursery in nurseries for reader in children(nursery)]


def children(pid: int) -> list[int]:
    """The processes that this one has started and that have not ended."""
    found = [int(word) for thread in threads(pid) for word in told_of(thread / "children").split()]
    states = {one: told_of(Path(f"/proc/{one}/stat")).rpartition(b") ")[2][:1] for one in found}
    return [one for one, state in states.items() if state not in (b"", b"Z")]


def threads(pid: int) -> list[Path]:
    """The threads of a process; none of one that has ended."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def told_of(file: Path) -> bytes:
    """What the system tells of a process; nothing of one that ended before it was asked or while it was."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers(1, SETUP, patience=30) as made:
        yield made


def test_a_document_comes_back_ready_to_be_stored(readers: Readers) -> None:
    reading = result(readers, task(FEED))

    assert isinstance(reading, Reading)
    [item] = reading.items
    assert decode(item.document).title == "Review 1"
    assert (reading.new, reading.unchanged, reading.title) == (1, 0, "Outlet")
    assert reading.rhythm.ttl == 90 * 60
    assert reading.dates == (datetime(2026, 5, 1, 8, 0, tzinfo=UTC),)


def test_items_that_are_stored_as_they_are_cost_no_work(readers: Readers) -> None:
    first = result(readers, task(FEED))
    assert isinstance(first, Reading)
    again = result(readers, task(FEED, known={item.guid_hash: item.digest for item in first.items}))

    assert isinstance(again, Reading)
    assert (again.items, again.unchanged) == ((), 1)


def test_an_error_comes_back_whole(readers: Readers) -> None:
    page = b"<!doctype html><title>x</title><link rel=alternate type='application/rss+xml' href='/f.xml'><p>Hello"
    error = result(readers, task(page))

    assert isinstance(error, NotAFeed)
    assert error.feeds == ("https://outlet.example/f.xml",)
    assert "https://outlet.example/feed" in str(error)


def test_the_processes_are_used_again(readers: Readers) -> None:
    result(readers, task(FEED))
    before = processes()
    result(readers, task(FEED))

    assert processes() == before


def test_a_document_that_makes_its_process_die_is_told_and_the_next_is_read(readers: Readers) -> None:
    told: Future[Reading | BaseException] = Future()
    readers.submit(lambda: task(FEED.replace(b"Review 1", b"Review 1" * 100_000)), told.set_result)
    while not told.done():
        for pid in processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    error = told.result()

    assert isinstance(error, SourceError)
    assert "https://outlet.example/feed" in str(error)
    assert isinstance(result(readers, task(FEED)), Reading)


def test_a_document_that_is_read_for_too_long_is_given_up_and_the_next_is_read() -> None:
    with Readers(1, SETUP, patience=3) as readers:
        result(readers, task(FEED))
        [pid] = processes()
        os.kill(pid, signal.SIGSTOP)
        error = result(readers, task(FEED))

        assert isinstance(error, TooLarge)
        assert "3 seconds" in str(error)
        wait_until(lambda: pid not in processes(), "the end of the process")
        assert isinstance(result(readers, task(FEED)), Reading)


def test_a_process_that_died_while_it_waited_is_no_documents_fault(readers: Readers) -> None:
    result(readers, task(FEED))
    [pid] = processes()
    os.kill(pid, signal.SIGKILL)

    assert isinstance(result(readers, task(FEED)), Reading)
    wait_until(lambda: pid not in processes(), "the end of the process")


def test_every_error_keeps_its_fields_on_the_way(readers: Readers) -> None:
    error = pickle.loads(pickle.dumps(HttpStatus("https://o.example/: 429", 429, 60.0)))

    assert (type(error), str(error), error.status, error.retry_after, error.kind) == (
        HttpStatus,
        "https://o.example/: 429",
        429,
        60.0,
        "http-429",
    )
