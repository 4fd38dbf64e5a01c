"""The invocation in, what every command starts from out: the settings, the open store, the publisher and the clock."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from feedsvc import cadence
from feedsvc.config import Settings, load
from feedsvc.publish import Publisher
from feedsvc.store import Store

HOST = socket.gethostname()


def utc_now() -> datetime:
    """The clock that every layer below is handed."""
    return datetime.now(UTC)


def settings_of(context: click.Context) -> Settings:
    """The configuration that the invocation names; raises ConfigError with every fault."""
    return load(context.obj, os.environ)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The database, brought to this program's schema; a running collector is left as it is."""
    with Store.open(settings.database_url, owner=f"{HOST}:{os.getpid()}") as store:
        store.migrate()
        yield store


@contextmanager
def open_store_to_collect(settings: Settings) -> Iterator[Store]:
    """The database with the configured sources in it, and free of the claims of processes that died."""
    with open_store(settings) as store:
        for owner in store.owners():
            if _is_dead(owner):
                store.release_all(owner)
        now = utc_now()
        interval = settings.polling.interval
        first_checks = cadence.first_checks([source.name for source in settings.sources], now, interval)
        store.sync_sources(settings.sources, now, first_checks=first_checks, interval=interval)
        yield store


def _is_dead(owner: str) -> bool:
    """Whether a claim's owner was a process of this machine that ended without giving back what it held."""
    host, _, process = owner.rpartition(":")
    if host != HOST or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(process) == os.getpid()


def publisher_of(store: Store, settings: Settings) -> Publisher:
    """All that is published, by the clock of this machine."""
    return Publisher(store=store, settings=settings, clock=utc_now)
