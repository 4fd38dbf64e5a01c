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

import pytest

from feedsvc.errors import StoreError
from feedsvc.model import Source
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.store import Claim, Look, Recorded, Store, recording
from feedsvc.store.opening import open_database
from tests.databases import connected, on_postgresql, refusing
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
    return [stored_item(replace(FULL, key=guid, source=name), sha(guid), sha(guid)) for guid in guids]


def read_whole(claim: Claim, now: datetime = NOW) -> Look:
    """A look that brings a source's reviews together with its validators."""
    return look(claim, now, reviews_of(claim.name), etag='"whole"', next_check=NOW + FAR)


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
            recorded = store.record([read_whole(claim, now) for claim in claims])
            assert recorded == [Recorded(new=EACH)] * len(claims)
            taken += [claim.name for claim in claims]
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
    """A collector that says the names of a batch once the store has acknowledged it."""
    with Store.open(url) as store:
        while claims := store.claim_due(now, limit=3, lease=MINUTE):
            store.record([read_whole(claim, now) for claim in claims])
            pipe.send([claim.name for claim in claims])


def kill_after(url: str, now: datetime, acknowledged: int) -> list[str]:
    """Runs such a collector and kills it in its next look; gives the names that it had acknowledged."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=collect_and_report, args=(url, now, theirs))
    process.start()
    theirs.close()
    names = [name for _ in range(acknowledged) for name in ours.recv()]
    process.kill()
    process.join()
    while ours.poll():
        try:
            names += ours.recv()
        except EOFError:
            break
    return names


def sound(url: str) -> bool:
    """Whether SQLite finds nothing wrong in its file; a server that nobody killed has nothing to look for."""
    with connected(url) as raw:
        return on_postgresql() or raw.exec_driver_sql("PRAGMA integrity_check").all() == [("ok",)]


def test_a_collector_that_is_killed_leaves_whole_looks_only(tmp_path: Path) -> None:
    """After every SIGKILL the database is sound, what was acknowledged is there, and a source has all or nothing."""
    total = 60
    url = with_sources(tmp_path, total)
    kept: set[str] = set()
    for number, acknowledged in enumerate((1, 1, 2, 3, 5)):
        now = NOW + number * 2 * MINUTE
        kept.update(kill_after(url, now, acknowledged))
        assert sound(url)
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
        looks = [read_whole(claimed(store, name)) for name in ("s000", "s001")]
    with open_database(url, create=False).write() as connection:
        assert recording.record(connection, looks) == [Recorded(new=EACH)] * 2
        os.kill(os.getpid(), signal.SIGKILL)


def test_looks_that_are_killed_just_before_their_commit_never_happened(tmp_path: Path) -> None:
    """Reviews, validators and the next time are one; the sources are read again when the lease ends."""
    url = with_sources(tmp_path, 2)
    process = SPAWN.Process(target=die_before_commit, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with Store.open(url) as store:
        assert [(state.reviews, state.etag, state.next_check) for state in store.states()] == [(0, None, NOW)] * 2
        assert store.claim_due(NOW, limit=2, lease=MINUTE) == []
        claims = store.claim_due(NOW + MINUTE, limit=2, lease=MINUTE)
        assert store.record([read_whole(claim) for claim in claims]) == [Recorded(new=EACH)] * 2


def fill_the_disk(url: str, pipe: Connection) -> None:
    """Meets a limit on the size of files, as a full disk would be, and then has room again."""
    with Store.open(url) as store:
        claims = store.claim_due(NOW, limit=4, lease=MINUTE)
        batch = [look(claim, reviews=reviews_of(claim.name, 200), etag='"full"') for claim in claims]
        size = max(path.stat().st_size for path in Path(url.removeprefix("sqlite:///")).parent.iterdir())
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 65536, hard))
        try:
            store.record(batch)
        except StoreError as error:
            pipe.send(str(error))
        pipe.send([(state.reviews, state.etag) for state in store.states()])
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        pipe.send(store.record(batch))


@pytest.mark.sqlite
def test_a_full_disk_is_named_and_nothing_of_the_batch_is_written(tmp_path: Path) -> None:
    """Reading goes on; when there is room again, the same process writes the same batch whole."""
    url = with_sources(tmp_path, 4)
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=fill_the_disk, args=(url, theirs))
    process.start()
    theirs.close()
    message = ours.recv()
    assert "feedsvc.sqlite3 cannot" in message
    assert "othing was half-written" in message
    assert ours.recv() == [(0, None)] * 4
    assert ours.recv() == [Recorded(new=200)] * 4
    process.join()


def test_a_batch_is_refused_whole_when_the_database_refuses_any_part_of_it(tmp_path: Path) -> None:
    """A trigger that fails on one of many rows; without it the same batch is stored."""
    url = with_sources(tmp_path, 3)
    with Store.open(url) as store:
        claims = store.claim_due(NOW, limit=3, lease=MINUTE)
        batch = [read_whole(claim) for claim in claims]
        with refusing(url, "INSERT ON review", when="NEW.key = 's002-0024'"):
            with pytest.raises(Exception, match="refused by the test"):
                store.record(batch)
            assert [(state.reviews, state.etag) for state in store.states()] == [(0, None)] * 3
        assert store.record(batch) == [Recorded(new=EACH)] * 3


@pytest.mark.sqlite
def test_a_batch_waits_for_nobody_longer_than_told_and_is_kept_whole(tmp_path: Path) -> None:
    """Another program holds the write lock: StoreError, nothing written, the claims still held; then it lets go."""
    url = with_sources(tmp_path, 3)
    with Store.open(f"{url}?timeout=0.05") as store:
        batch = [read_whole(claim) for claim in store.claim_due(NOW, limit=3, lease=MINUTE)]
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked: another program"):
                store.record(batch)
            assert [state.reviews for state in store.states()] == [0] * 3
        assert store.record(batch) == [Recorded(new=EACH)] * 3
