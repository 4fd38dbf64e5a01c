"""Configured sources in, source and schedule rows that say the same; their numbers and versions come out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from feedsvc import __version__
from feedsvc.model import Source
from feedsvc.store import markup, pages
from feedsvc.store.claims import RELEASE
from feedsvc.store.electing import alone
from feedsvc.store.hosts import host_of
from feedsvc.store.schema import document, host_limit, schedule, source
from feedsvc.store.statements import ForMany, portions

#: What was learnt at an address and means nothing at another.
FORGET_VALIDATORS: dict[str, object] = dict.fromkeys(("etag", "last_modified", "validated_url", "body_hash"))
FORGET_HABITS: dict[str, object] = dict.fromkeys(
    ("rhythm", "pause", "newest", "last_whole", "moved_to", "moved_since")
) | {"moved_looks": 0, "knows_deltas": False}
FORGET_FAILURES: dict[str, object] = {"failures": 0, "error": None, "error_kind": None, "stopped": False}
FORGET_ADDRESSES: dict[str, object] = dict.fromkeys(("location_moved", "feed_url", "problems"))

ADD_SOURCE = ForMany(insert(source), ("name", "kind", "location", "config_digest", "changes"))
ADD_SCHEDULE = ForMany(
    insert(schedule), ("source_id", "enabled", "host", "next_check", "interval", "failures", "stopped")
)

_ENCODER = msgspec.json.Encoder()


def config_digest(configured: Source) -> bytes:
    """sha256 of all configuration that can change a review.

    This program's version is part of it: a better reader must read again what an older one read.
    """
    return hashlib.sha256(_ENCODER.encode((__version__, configured.for_reading()))).digest()


#: From so many names on all sources are read at once, and what a list came to is kept, of so many lists.
MANY, KEPT_LISTS = 5000, 16


def sync(
    connection: Connection,
    sources: Sequence[Source],
    now: datetime,
    first_checks: Mapping[str, datetime],
    interval: float,
) -> None:
    """Makes the source rows say what the configuration says. See Store.sync_sources."""
    alone(connection, "taking over sources")
    rows = connection.execute(select(source, schedule.c.enabled).join_from(source, schedule))
    stored = {row.name: row for row in rows}
    added: list[Source] = []
    other: list[tuple[Row[Any], Source]] = []
    for configured in sources:
        row = stored.pop(configured.name, None)
        if row is None:
            added.append(configured)
        elif _differs(row, configured):
            other.append((row, configured))
    gone = [row.id for row in stored.values() if row.enabled]
    _hold(connection, [*gone, *(row.id for row, _ in other)])
    for row, configured in other:
        _follow(connection, row, configured, first_checks.get(configured.name, now))
    _add(connection, added, now, first_checks, interval)
    for ids in portions(gone):
        connection.execute(update(schedule).where(schedule.c.source_id.in_(ids)).values(enabled=False))
    connection.execute(delete(host_limit).where(host_limit.c.until <= now))


def _add(
    connection: Connection,
    added: Sequence[Source],
    now: datetime,
    first_checks: Mapping[str, datetime],
    interval: float,
) -> None:
    ADD_SOURCE.execute(connection, [(one.name, one.kind, one.location, config_digest(one), 0) for one in added])
    numbers = numbers_of(connection, [one.name for one in added])
    ADD_SCHEDULE.execute(
        connection,
        [
            (
                numbers[one.name],
                one.enabled,
                host_of(None, None, one.location),
                first_checks.get(one.name, now),
                interval if one.interval is None else one.interval,
                0,
                False,
            )
            for one in added
        ],
    )


def _hold(connection: Connection, rows: Sequence[int]) -> None:
    """Waits until the looks at these sources that are being recorded are, and keeps others from it."""
    for portion in portions(sorted(rows)):
        these = select(schedule.c.source_id).where(schedule.c.source_id.in_(portion)).order_by(schedule.c.source_id)
        connection.execute(these.with_for_update())


def _differs(row: Row[Any], configured: Source) -> bool:
    """Whether anything is configured otherwise than it is stored."""
    other = row.config_digest != config_digest(configured)
    return other or _moved(row, configured) or row.enabled != configured.enabled


def _moved(row: Row[Any], configured: Source) -> bool:
    stored: tuple[str, str] = row.kind, row.location
    return stored != (configured.kind, configured.location)


def _follow(connection: Connection, row: Row[Any], configured: Source, first_check: datetime) -> None:
    """Applies a changed configuration: what was skipped as known must be read again under it, so it is forgotten.

    Whoever is reading the source under the old configuration loses the claim, or it would write its validators back.
    """
    digest = config_digest(configured)
    reread = row.config_digest != digest
    moved = _moved(row, configured)
    wanted: dict[str, object] = {"kind": configured.kind, "location": configured.location, "config_digest": digest}
    connection.execute(update(source).where(source.c.id == row.id).values(wanted | (FORGET_ADDRESSES if moved else {})))
    changes: dict[str, object] = {"enabled": configured.enabled}
    if reread:
        connection.execute(document.delete().where(document.c.source_id == row.id))
        markup.forget(connection, row.id)
        pages.read_again(connection, row.id, first_check)
        changes |= FORGET_VALIDATORS | RELEASE | {"next_check": first_check}
    if moved:
        pages.forget(connection, row.id)
        changes |= FORGET_FAILURES | FORGET_HABITS | {"host": host_of(None, None, configured.location)}
    if configured.enabled and not row.enabled:
        changes["next_check"] = first_check
    connection.execute(update(schedule).where(schedule.c.source_id == row.id).values(changes))


def numbers_of(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The row number of each named source that the store knows."""
    numbers: dict[str, int] = {}
    for portion in portions(names):
        found = connection.execute(select(source.c.name, source.c.id).where(source.c.name.in_(portion)))
        numbers |= {row.name: row.id for row in found}
    return numbers


class Numbers:
    """The row numbers of named sources, which never change; kept, so that a feed of a million looks each up once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        #: What a long list came to, by the list itself: the settings give the same one whenever they are asked.
        self._lists: dict[int, tuple[Sequence[str], frozenset[int]]] = {}

    def of(self, connection: Connection, names: Sequence[str]) -> frozenset[int]:
        """The numbers of the named sources that the store knows."""
        kept = self._lists.get(id(names))
        if kept is not None and kept[0] is names:
            return kept[1]
        unknown = [name for name in names if name not in self._known]
        self._known |= _all_numbers(connection) if len(unknown) > MANY else numbers_of(connection, unknown)
        found = frozenset(self._known[name] for name in names if name in self._known)
        if len(found) == len(names) > MANY and isinstance(names, tuple):
            if len(self._lists) >= KEPT_LISTS:
                self._lists.clear()
            self._lists[id(names)] = names, found
        return found


def _all_numbers(connection: Connection) -> dict[str, int]:
    return {row.name: row.id for row in connection.execute(select(source.c.name, source.c.id))}


def ids_of(connection: Connection, names: Sequence[str]) -> list[int]:
    """The row numbers of the named sources that the store knows, in no order."""
    return list(numbers_of(connection, names).values())


def content_version(connection: Connection, names: Sequence[str]) -> bytes:
    """sha256 over how often the reviews of each named source have changed."""
    digest = hashlib.sha256()
    changes: list[tuple[str, int]] = []
    for portion in portions(names):
        rows = connection.execute(
            select(source.c.name, source.c.changes).where(source.c.name.in_(portion), source.c.changes > 0)
        )
        changes += [(row.name, row.changes) for row in rows]
    for name, count in sorted(set(changes)):
        digest.update(f"{name}\0{count}\0".encode())
    return digest.digest()
