"""What is published changes, and every process that serves is told; what nobody was told is seen soon all the same."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from feedsvc.model import Rendition, WithdrawalKind
from feedsvc.store import Store, changes
from feedsvc.store.database import Database
from feedsvc.store.notices import CHANNEL
from feedsvc.store.opening import open_database
from feedsvc.web.memory import Memory
from tests.databases import postgresql_url, sqlite_url
from tests.postgresql import Server
from tests.samples import FULL, NOW
from tests.service import PATIENCE, wait_until
from tests.shelf import Shelf
from tests.test_electing import ended_sessions
from tests.test_store import LANTERN, item, looked
from tests.test_store_renditions import ATOM

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql


class OfStore(Shelf):
    """What a store has, as the web asks for it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def rendition(self, path: str) -> Rendition | None:
        """See Published."""
        return self.store.renditions.get(path)

    def serial(self) -> int:
        """See Published."""
        return self.store.renditions.serial()

    def etags_of(self, paths: Sequence[str]) -> Mapping[str, str]:
        """See Published."""
        return self.store.renditions.etags_of(paths)


def other(etag: str) -> Rendition:
    """The same address with other bytes."""
    return replace(ATOM, body=etag.encode(), etag=f'"{etag}"')


def told(listening: psycopg.Connection) -> int:
    """How often was told what this session has not heard of yet."""
    listening.execute("SELECT 1")
    return len(list(listening.notifies(timeout=0)))


def test_what_is_published_is_told_when_its_transaction_ends_and_nothing_else(tmp_path: Path) -> None:
    """Each change once; not what changes nothing, nor what is only collected, nor what is undone."""
    url = postgresql_url(tmp_path)
    with closing(psycopg.connect(url, autocommit=True)) as listening, Store.open(url) as store:
        listening.execute(f"LISTEN {CHANNEL}")
        store.renditions.put([ATOM])
        assert told(listening) == 1
        store.renditions.put([ATOM])
        store.sync_sources([LANTERN], NOW)
        looked(store, LANTERN.name, NOW, [item(FULL)])
        with pytest.raises(RuntimeError), closing(open_database(url, create=False)) as database:
            undone(database)
        assert told(listening) == 0
        store.withdrawals.withdraw(WithdrawalKind.REVIEW, FULL.key, reason="asked", requested_by="author", now=NOW)
        assert told(listening) == 1
        store.renditions.remove([ATOM.path])
        assert told(listening) == 1


def undone(database: Database) -> None:
    """A transaction that says that something changed, and fails."""
    with database.write() as connection:
        changes.note_published(connection)
        raise RuntimeError


def test_a_wait_ends_when_something_changes(tmp_path: Path) -> None:
    """Here it would otherwise end in an hour."""
    url = postgresql_url(tmp_path)
    with Store.open(url) as store, closing(open_database(url, create=False)) as database:
        notices = database.notices(anyway=3600)
        notices.wait()
        thread = threading.Thread(target=notices.wait)
        thread.start()
        store.renditions.put([ATOM])
        thread.join(PATIENCE)
        assert not thread.is_alive()
        notices.close()


def wait_for_all(memories: Sequence[Memory], etag: str) -> None:
    """Returns when all of them have this form of it."""

    def have() -> bool:
        found = [memory.rendition(ATOM.path) for memory in memories]
        return all(isinstance(each, Rendition) and each.etag == f'"{etag}"' for each in found)

    wait_until(have, etag)


def test_all_memories_take_over_each_change_and_look_only_when_told(tmp_path: Path) -> None:
    """Two processes that serve, each with a store of its own; also after their sessions were ended."""
    url = postgresql_url(tmp_path)
    with Store.open(url) as writer, Store.open(url) as one, Store.open(url) as two:
        writer.renditions.put([other("first")])
        shelves = [OfStore(one), OfStore(two)]
        memories = [Memory(shelf) for shelf in shelves]
        for memory, store in zip(memories, (one, two), strict=True):
            memory.watch(store.notices())

        for number in range(5):
            writer.renditions.put([other(f"change-{number}")])
            wait_for_all(memories, f"change-{number}")
        assert ended_sessions(url, "LISTEN") == 2
        writer.renditions.put([other("unheard")])
        wait_for_all(memories, "unheard")
        threads = [thread for thread in threading.enumerate() if thread.name == "changes"]
        memories.clear()
        del memory
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)


def test_waiting_for_a_server_that_is_gone_is_a_pause(tmp_path: Path) -> None:
    """It never raises; when the server is back, it listens again, and is told."""
    with Server() as server, Store.open(server.url()) as store:
        store.migrate()
        with closing(open_database(server.url(), create=False)) as database:
            notices = database.notices(anyway=3600)
            notices.wait()
            server.stop("immediate")
            notices.wait()
            notices.wait()
            server.start()
            notices.wait()
            thread = threading.Thread(target=notices.wait)
            thread.start()
            store.renditions.put([ATOM])
            thread.join(PATIENCE)
            assert not thread.is_alive()
            notices.close()


def test_on_sqlite_a_wait_is_a_short_pause(tmp_path: Path) -> None:
    with Store.open(sqlite_url(tmp_path)) as store:
        notices = store.notices()
        thread = threading.Thread(target=notices.wait)
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        notices.close()
