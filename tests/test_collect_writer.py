"""Looks go to the one thread that writes; each is stored and told, and none waits long for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from feedsvc.collect.writer import Writer, Written
from feedsvc.store import Recorded, Store
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, STORM, claimed, item, look, opened

#: Seconds after which a test gives up.
PATIENCE = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two sources."""
    with opened(tmp_path) as store:
        store.sync_sources([LANTERN, STORM], NOW)
        yield store


def test_a_look_is_stored_though_the_one_that_it_waits_for_never_comes(store: Store) -> None:
    told: Queue[Recorded | None] = Queue()
    writer = Writer(store, lambda: 2)
    writer.put(Written(look(claimed(store, "night-lantern"), reviews=[item(FULL)]), told.put))
    assert told.get(timeout=PATIENCE) == Recorded(new=1)
    writer.close()


def test_looks_that_still_wait_at_the_end_are_stored_and_told_in_their_order(store: Store) -> None:
    told: Queue[Recorded | None] = Queue()
    writer = Writer(store, lambda: 1000)
    writer.put(Written(look(claimed(store, "night-lantern"), reviews=[item(FULL)]), told.put))
    writer.put(Written(look(claimed(store, "celebrity-storm")), told.put))
    writer.close()
    assert [told.get_nowait(), told.get_nowait()] == [Recorded(new=1), Recorded()]
    assert [state.reviews for state in store.states()] == [0, 1]
