"""The runs on every Python find a connection that nobody closes."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from feedsvc.store import Store
from tests.databases import database_url


def leave_open() -> None:
    sqlite3.connect(":memory:")
    gc.collect()


def test_a_connection_that_nobody_closes_is_warned_of() -> None:
    with pytest.warns(ResourceWarning, match="unclosed database"):
        leave_open()


def test_one_that_is_closed_is_not() -> None:
    with closing(sqlite3.connect(":memory:")):
        pass
    gc.collect()


def test_a_store_that_nobody_holds_closes_itself(tmp_path: Path) -> None:
    """As that of a process of the web server, which is never told that it is to end."""
    store = Store.open(database_url(tmp_path))
    store.migrate()
    assert store.states() == []
    del store
    gc.collect()
