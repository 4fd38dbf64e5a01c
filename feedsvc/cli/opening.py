"""The settings in, the open store out, ready for what a command is about to do with it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click

from feedsvc.cli.invocation import utc_now
from feedsvc.collect import enrol
from feedsvc.config import Settings
from feedsvc.store import Migrated, Store

HOST = socket.gethostname()


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The database, brought to this program's schema; a running collector is left as it is."""
    with Store.open(settings.database_url, owner=f"{HOST}:{os.getpid()}") as store:
        if done := store.migrate():
            click.echo(migrated(done), err=True)
        yield store


def migrated(done: Migrated) -> str:
    """What became of an older database, and where it lies as it was."""
    kept = f"; as it was, it is kept as {done.kept}" if done.kept else ""
    return f"the database was brought from version {done.before} to {done.after}{kept}"


@contextmanager
def open_store_to_collect(settings: Settings) -> Iterator[Store]:
    """The database with the configured sources in it, and free of the claims of processes that died.

    Where work is shared, another machine may have our name: what died there returns when its lease ends.
    """
    with open_store(settings) as store:
        for owner in store.owners() if settings.scale.broker is None else ():
            if _is_dead(owner):
                store.release_all(owner)
        enrol(store, settings, utc_now())
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
