"""The store among several processes, processes that are killed, and a disk that is full: nothing lost or halved."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from feedsvc.errors import StoreError
from feedsvc.model import Source
from feedsvc.store import Collected, Recorded, Store, StoredItem
from feedsvc.store.database import open_database
from feedsvc.store.recording import record_success
from tests.samples import FULL, NOW
from tests.test_store import MINUTE, claimed, look, opened, sha, url_of

SPAWN = multiprocessing.get_context("spawn")
EACH = 25
FAR = timedelta(days=99)


def source_named(number: int) -> Source:
    """One of many sources."""
    return Source(name=f"s{number:03}", kind="feed", location=f"https://s{number:03}.example/feed")


def reviews_of(name: str, count: int = EACH) -> Sequence[StoredItem]:
    """A source's reviews, all different."""
    guids = [f"{name}-{number:04}" for number in range(count)]
    return [
        StoredItem(review=replace(FULL, key=guid, source=name), guid_hash=sha(guid), digest=sha(guid)) for guid in guids
    ]


def read_whole(now: datetime, name: str) -> Collected:
    """A look that brings a source's reviews together with its validators."""
    return look(now, reviews_of(name), etag='"whole"', next_check=NOW + FAR)


def with_sources(folder: Path, count: int) -> str:
    """A database with sources that are all due; gives its URL."""
    with opened(folder) as store:
        store.sync_sources([source_named(number) for number in range(count)], NOW)
    return url_of(folder)


def collect_all(url: str, now: datetime = NOW) -> list[str]:
    """A collector that takes sources in threes until none is due; gives the names it took. Any error propagates."""
    taken = []
    with Store.open(url) as store:
        while claims := store.claim_due(now, limit=3, lease=MINUTE):
            for claim in claims:
                assert store.record_success(claim, read_whole(now, claim.name)) == Recorded(new=EACH)
                taken.append(claim.name)
    return taken


def test_four_collecting_processes_share_the_sources_without_a_single_error(tmp_path: Path) -> None:
    """Each source is taken by exactly one, every review is stored once, and nobody meets a busy database."""
    url = with_sources(tmp_path, 120)
    with SPAWN.Pool(4) as pool:
        taken = pool.map(collect_all, [url] * 4, chunksize=1)
    assert sorted(name for names in taken for name in names) == [source_named(number).name for number in range(120)]
    with Store.open(url) as store:
        assert sum(state.reviews for state in store.states()) == 120 * EACH


def collect_and_report(url: str, now: datetime, pipe: Connection) -> None:
    """A collector that says each name once the store has acknowledged it."""
    with Store.open(url) as store:
        while claims := store.claim_due(now, limit=1, lease=MINUTE):
            store.record_success(claims[0], read_whole(now, claims[0].name))
            pipe.send(claims[0].name)


def kill_after(url: str, now: datetime, acknowledged: int) -> list[str]:
    """Runs such a collector and kills it in its next look; gives the names that it had acknowledged."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=collect_and_report, args=(url, now, theirs))
    process.start()
    theirs.close()
    names = [ours.recv() for _ in range(acknowledged)]
    process.kill()
    process.join()
    while ours.poll():
        try:
            names.append(ours.recv())
        except EOFError:
            break
    return names


def test_a_collector_that_is_killed_leaves_whole_looks_only(tmp_path: Path) -> None:
    """After every SIGKILL the file is sound, what was acknowledged is there, and a source has all or nothing."""
    total = 60
    url = with_sources(tmp_path, total)
    kept: set[str] = set()
    for number, acknowledged in enumerate((1, 2, 3, 5, 8)):
        now = NOW + number * 2 * MINUTE
        kept.update(kill_after(url, now, acknowledged))
        with closing(sqlite3.connect(tmp_path / "kept" / "feedsvc.sqlite3")) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with Store.open(url) as store:
            states = store.states()
        assert {(state.etag, state.reviews) for state in states} <= {(None, 0), ('"whole"', EACH)}
        assert kept <= {state.name for state in states if state.reviews}
    collect_all(url, NOW + 60 * MINUTE)
    with Store.open(url) as store:
        assert sum(state.reviews for state in store.states()) == total * EACH


def die_before_commit(url: str) -> None:
    """Writes everything that a look writes, and is killed just before the commit."""
    with Store.open(url) as store:
        claim = claimed(store, "s000")
    with open_database(url, create=False).write() as connection:
        assert record_success(connection, claim, read_whole(NOW, "s000")) == Recorded(new=EACH)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_look_that_is_killed_just_before_its_commit_never_happened(tmp_path: Path) -> None:
    """Reviews, validators and the next time are one; the source is read again when the lease ends."""
    url = with_sources(tmp_path, 1)
    process = SPAWN.Process(target=die_before_commit, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with Store.open(url) as store:
        (state,) = store.states()
        assert (state.reviews, state.etag, state.next_check) == (0, None, NOW)
        assert store.claim_due(NOW, limit=1, lease=MINUTE) == []
        (claim,) = store.claim_due(NOW + MINUTE, limit=1, lease=MINUTE)
        assert store.record_success(claim, read_whole(NOW, "s000")) == Recorded(new=EACH)


def fill_the_disk(url: str, pipe: Connection) -> None:
    """Meets a limit on the size of files, as a full disk would be, and then has room again."""
    with Store.open(url) as store:
        claim = claimed(store, "s000")
        size = max(path.stat().st_size for path in Path(url.removeprefix("sqlite:///")).parent.iterdir())
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 65536, hard))
        try:
            store.record_success(claim, look(reviews=reviews_of("s000", 800)))
        except StoreError as error:
            pipe.send(str(error))
        pipe.send(sum(state.reviews for state in store.states()))
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        pipe.send(store.record_success(claim, look(reviews=reviews_of("s000", 800))).new)


def test_a_full_disk_is_named_and_nothing_is_half_written(tmp_path: Path) -> None:
    """Reading goes on; when there is room again, the same process writes the same look whole."""
    url = with_sources(tmp_path, 1)
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=fill_the_disk, args=(url, theirs))
    process.start()
    theirs.close()
    message = ours.recv()
    assert "feedsvc.sqlite3 cannot" in message
    assert "othing was half-written" in message
    assert (ours.recv(), ours.recv()) == (0, 800)
    process.join()
