"""Configured sources, their state, and who may look at which: source and schedule rows in, claims and states out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Row, Select, false, func, insert, or_, select, true, update

from feedsvc import __version__
from feedsvc.model import Source, SourceState
from feedsvc.store.schema import document, review, schedule, source
from feedsvc.store.statements import portions
from feedsvc.store.values import Claim

#: What was learnt at an address and means nothing at another.
FORGET_VALIDATORS: dict[str, None] = {"etag": None, "last_modified": None, "validated_url": None, "body_hash": None}
FORGET_FAILURES: dict[str, object] = {"failures": 0, "error": None, "error_kind": None, "stopped": False}
RELEASE: dict[str, None] = {"lease_token": None, "lease_until": None}


def config_digest(configured: Source) -> bytes:
    """sha256 of all configuration that can change a review: everything but how often and whether to look.

    This program's version is part of it: a better reader must read again what an older one read.
    """
    configuration = msgspec.json.encode((__version__, replace(configured, enabled=True, interval=None)))
    return hashlib.sha256(configuration).digest()


#: Stands in a claim's token between its owner and what makes it unique.
OWNER_END = "/"


def sync(
    connection: Connection,
    sources: Sequence[Source],
    now: datetime,
    first_checks: Mapping[str, datetime],
    interval: float,
) -> None:
    """Makes the source rows say what the configuration says. See Store.sync_sources."""
    stored = {row.name: row for row in connection.execute(select(source))}
    for configured in sources:
        first_check = first_checks.get(configured.name, now)
        row = stored.pop(configured.name, None)
        if row is None:
            _add(connection, configured, first_check, interval)
        else:
            _follow(connection, row, configured, first_check)
    gone = [row.id for row in stored.values() if row.enabled]
    for ids in portions(gone):
        connection.execute(update(source).where(source.c.id.in_(ids)).values(enabled=False))


def _add(connection: Connection, configured: Source, first_check: datetime, interval: float) -> None:
    added = connection.execute(
        insert(source).returning(source.c.id),
        {**_settings(configured), "name": configured.name, "changes": 0},
    ).scalar_one()
    connection.execute(
        insert(schedule).values(
            source_id=added,
            next_check=first_check,
            interval=interval if configured.interval is None else configured.interval,
            failures=0,
            stopped=False,
        )
    )


def _settings(configured: Source) -> dict[str, object]:
    return {
        "kind": configured.kind,
        "location": configured.location,
        "enabled": configured.enabled,
        "config_digest": config_digest(configured),
    }


def _follow(connection: Connection, row: Row[tuple[object, ...]], configured: Source, first_check: datetime) -> None:
    """Applies a changed configuration: what was skipped as known must be read again under it, so it is forgotten.

    Whoever is reading the source under the old configuration loses the claim, or it would write its validators back.
    """
    wanted = _settings(configured)
    if all(row._mapping[column] == value for column, value in wanted.items()):
        return
    moved = (row.kind, row.location) != (configured.kind, configured.location)
    reread = row.config_digest != wanted["config_digest"]
    elsewhere: dict[str, object] = {"location_moved": None, "feed_url": None} if moved else {}
    connection.execute(update(source).where(source.c.id == row.id).values(wanted | elsewhere))
    changes: dict[str, object] = {}
    if reread:
        connection.execute(document.delete().where(document.c.source_id == row.id))
        changes |= FORGET_VALIDATORS | RELEASE | {"next_check": first_check}
    if moved:
        changes |= FORGET_FAILURES
    if configured.enabled and not row.enabled:
        changes["next_check"] = first_check
    if changes:
        connection.execute(update(schedule).where(schedule.c.source_id == row.id).values(changes))


def claim_due(connection: Connection, now: datetime, limit: int, lease: timedelta, owner: str) -> list[Claim]:
    """Takes at most `limit` sources that are due, the longest overdue first."""
    due = (
        _claimable(now)
        .where(schedule.c.next_check <= now, schedule.c.stopped.is_(false()))
        .order_by(schedule.c.next_check, schedule.c.source_id)
        .limit(limit)
        # SQLite has one writer at a time and leaves this out; on PostgreSQL two claimers pass each other by.
        .with_for_update(skip_locked=True, of=schedule)
    )
    return _take(connection, due, now + lease, owner)


def claim_named(
    connection: Connection, names: Sequence[str], now: datetime, lease: timedelta, owner: str
) -> list[Claim]:
    """Takes the named sources whether due or not, and lets stopped ones go on."""
    claims = []
    for portion in portions(names):
        named = _claimable(now).where(source.c.name.in_(portion)).with_for_update(skip_locked=True, of=schedule)
        claims += _take(connection, named, now + lease, owner, stopped=False)
    return claims


def _claimable(now: datetime) -> Select[int]:
    free = or_(schedule.c.lease_until.is_(None), schedule.c.lease_until <= now)
    return select(schedule.c.source_id).join(source).where(source.c.enabled.is_(true()), free)


def _take(connection: Connection, wanted: Select[int], until: datetime, owner: str, **values: bool) -> list[Claim]:
    token = f"{owner}{OWNER_END}{secrets.token_hex(16)}"
    # As a CTE: PostgreSQL may run a plain sub-select of an UPDATE more than once, and so lock more than `limit`.
    chosen = wanted.cte("chosen")
    taken = connection.execute(
        update(schedule)
        .where(schedule.c.source_id.in_(select(chosen.c.source_id)))
        .values(lease_token=token, lease_until=until, **values)
        .returning(schedule.c.source_id)
    ).scalars()
    claims = []
    for ids in portions(list(taken)):
        for row in connection.execute(_states().where(source.c.id.in_(ids))):
            claims.append(Claim(name=row.name, token=token, state=_state(row), location_moved=row.location_moved))
    return sorted(claims, key=lambda claim: (claim.state.next_check, claim.name))


def release(connection: Connection, claim: Claim) -> None:
    """Gives a claim back; nothing happens when it is no longer held."""
    this = select(source.c.id).where(source.c.name == claim.name).scalar_subquery()
    held = (schedule.c.source_id == this, schedule.c.lease_token == claim.token)
    connection.execute(update(schedule).where(*held).values(RELEASE))


def owners(connection: Connection) -> list[str]:
    """Whose claims are held now, each owner once."""
    tokens = connection.execute(select(schedule.c.lease_token).where(schedule.c.lease_token.is_not(None))).scalars()
    return sorted({token.rpartition(OWNER_END)[0] for token in tokens if token})


def release_all(connection: Connection, owner: str) -> int:
    """Gives back all of an owner's claims."""
    theirs = schedule.c.lease_token.startswith(f"{owner}{OWNER_END}", autoescape=True)
    return connection.execute(update(schedule).where(theirs).values(RELEASE)).rowcount


def states(connection: Connection) -> list[SourceState]:
    """Every source's state, by name."""
    return [_state(row) for row in connection.execute(_states().order_by(source.c.name))]


def ids_of(connection: Connection, names: Sequence[str]) -> list[int]:
    """The row numbers of the named sources that the store knows, in no order."""
    ids: list[int] = []
    for portion in portions(names):
        ids += connection.execute(select(source.c.id).where(source.c.name.in_(portion))).scalars()
    return ids


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


#: Those fields of SourceState that are columns of the same name.
STATE_COLUMNS = (
    source.c.name,
    source.c.feed_url,
    source.c.feed_title,
    source.c.feed_home,
    schedule.c.next_check,
    schedule.c.interval,
    schedule.c.etag,
    schedule.c.last_modified,
    schedule.c.validated_url,
    schedule.c.body_hash,
    schedule.c.failures,
    schedule.c.error,
    schedule.c.error_kind,
    schedule.c.last_checked,
    schedule.c.last_success,
    schedule.c.last_new,
    schedule.c.stopped,
)


def _states() -> Select[*tuple[object, ...]]:
    published = select(func.count()).where(review.c.source_id == source.c.id, review.c.withdrawn.is_(None))
    count = published.scalar_subquery()
    return select(*STATE_COLUMNS, source.c.location_moved, count.label("reviews")).join_from(source, schedule)


def _state(row: Row[*tuple[object, ...]]) -> SourceState:
    values = dict(row._mapping)
    del values["location_moved"]
    return SourceState(**values)
