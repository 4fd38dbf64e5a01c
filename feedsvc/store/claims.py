"""Who may look at which source, and when: moments and names in, claims out. A claim ends when it is recorded."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    and_,
    any_,
    bindparam,
    false,
    null,
    or_,
    select,
    true,
    update,
)

from feedsvc.model.stored import microseconds
from feedsvc.store.schema import BigInt, host_limit, schedule, source
from feedsvc.store.statements import ForMany, insert_into, portions
from feedsvc.store.states import STATES, state_of
from feedsvc.store.values import Claim

#: Stands in a claim's token between its owner and what makes it unique.
OWNER_END = "/"
LEASE = ("lease_token", "lease_until")
RELEASE = dict.fromkeys(LEASE, null())

#: Said wherever claims are looked for, so that those alone are read.
HELD = schedule.c.lease_until.is_not(None)
FREE = or_(schedule.c.lease_until.is_(None), schedule.c.lease_until <= bindparam("now"))
LOOKED_AT = and_(
    schedule.c.enabled.is_(true()), schedule.c.stopped.is_(false()), schedule.c.next_check <= bindparam("now")
)
# Of what is due only that stands in its index which nobody holds: whoever claims does not read over all that others
# have in hand. A lease that ended is taken off first (`free_ended`).
DUE = and_(LOOKED_AT, schedule.c.lease_until.is_(None))
ANY_DUE = select(schedule.c.source_id).where(DUE).limit(1)
ENDED = select(schedule.c.source_id).where(schedule.c.lease_until <= bindparam("now"))
ANY_ENDED = ENDED.limit(1)
# Its token stays: whoever is late and finds the source not taken meanwhile may still record.
FREE_ENDED = (
    update(schedule).where(schedule.c.source_id.in_(ENDED.with_for_update(skip_locked=True))).values(lease_until=null())
)
# SQLite has one writer at a time and leaves FOR UPDATE out; on PostgreSQL two claimers pass each other by.
CLAIMED_DUE = (
    STATES.where(DUE)
    .order_by(schedule.c.next_check)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=schedule)
)
CLAIMED_BY_NAME = STATES.where(
    source.c.name.in_(bindparam("names", expanding=True)), schedule.c.enabled.is_(true()), FREE
).with_for_update(skip_locked=True, of=schedule)
OVERDUE = (
    select(source.c.name, schedule.c.next_check)
    .join_from(source, schedule)
    .where(LOOKED_AT, FREE)
    .order_by(schedule.c.next_check, source.c.name)
)

TAKE = ForMany(
    update(schedule)
    .where(schedule.c.source_id == bindparam("row"))
    # The moment is made ready once for all rows.
    .values(lease_token=bindparam("token"), lease_until=bindparam("until", type_=BigInt), stopped=false()),
    ("token", "until", "row"),
)
# On PostgreSQL each row of a batch is a statement of its own; these are one.
TAKE_AT_ONCE = (
    update(schedule)
    .where(schedule.c.source_id == any_(bindparam("rows", type_=ARRAY(BigInteger))))
    .values(lease_token=bindparam("token"), lease_until=bindparam("until", type_=BigInt), stopped=false())
)
GIVE_BACK = ForMany(
    update(schedule)
    .where(schedule.c.source_id == bindparam("row"), schedule.c.lease_token == bindparam("token"))
    .values(RELEASE),
    ("row", "token"),
)
POSTPONE = ForMany(
    update(schedule)
    .where(schedule.c.source_id == select(source.c.id).where(source.c.name == bindparam("name")).scalar_subquery())
    .values(next_check=bindparam("moment")),
    ("name", "moment"),
)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether `claim_due` would find anything; reads indexes alone, however many sources there are."""
    return any(connection.execute(one, {"now": now}).first() is not None for one in (ANY_DUE, ANY_ENDED))


def free_ended(connection: Connection, now: datetime) -> None:
    """Frees what was claimed for a time that is over: comes before any question for what is DUE."""
    if connection.execute(ANY_ENDED, {"now": now}).first() is not None:
        connection.execute(FREE_ENDED, {"now": now})


def claim_due(connection: Connection, now: datetime, limit: int, lease: timedelta, owner: str) -> list[Claim]:
    """Takes at most `limit` sources that are due, the longest overdue first."""
    free_ended(connection, now)
    found = connection.execute(CLAIMED_DUE, {"now": now, "limit": limit}).all()
    return _take(connection, found, new_token(owner), now + lease)


def claim_named(
    connection: Connection, names: Sequence[str], now: datetime, lease: timedelta, owner: str
) -> list[Claim]:
    """Takes the named sources whether due or not, and lets stopped ones go on."""
    token = new_token(owner)
    claims = []
    for portion in portions(names):
        found = connection.execute(CLAIMED_BY_NAME, {"now": now, "names": portion}).all()
        claims += _take(connection, found, token, now + lease)
    return sorted(claims, key=lambda claim: (claim.state.next_check, claim.name))


def new_token(owner: str) -> str:
    """A token that nobody else has, which begins with its owner."""
    return f"{owner}{OWNER_END}{secrets.token_hex(16)}"


def _take(connection: Connection, found: Sequence[Row[*tuple[Any, ...]]], token: str, until: datetime) -> list[Claim]:
    take_rows(connection, [row[0] for row in found], token, until)
    states = [(row[0], state_of(row, stopped=False)) for row in found]
    return [Claim(name=state.name, token=token, state=state, row=number) for number, state in states]


def take_rows(connection: Connection, rows: Sequence[int], token: str, until: datetime) -> None:
    """Notes that these sources are held under a token."""
    ready = microseconds(until)
    if connection.dialect.name == "postgresql":
        connection.execute(TAKE_AT_ONCE, {"rows": list(rows), "token": token, "until": ready})
    else:
        TAKE.execute(connection, [(token, ready, row) for row in rows])


def release(connection: Connection, claims: Sequence[Claim]) -> None:
    """Gives claims back; nothing happens to those no longer held."""
    GIVE_BACK.execute(connection, sorted((claim.row, claim.token) for claim in claims))


def owners(connection: Connection) -> list[str]:
    """Whose claims are held now, each owner once."""
    tokens = connection.execute(select(schedule.c.lease_token).where(HELD).distinct()).scalars()
    return sorted({token.rpartition(OWNER_END)[0] for token in tokens if token})


def release_all(connection: Connection, owner: str) -> int:
    """Gives back all of an owner's claims."""
    theirs = schedule.c.lease_token.startswith(f"{owner}{OWNER_END}", autoescape=True)
    return connection.execute(update(schedule).where(HELD, theirs).values(RELEASE)).rowcount


def overdue(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """Name and moment of every source that is due and not claimed, the longest overdue first."""
    return [(row.name, row.next_check) for row in connection.execute(OVERDUE, {"now": now})]


def postpone(connection: Connection, moments: Mapping[str, datetime]) -> None:
    """Moves the next look at each named source to a moment."""
    POSTPONE.execute(connection, list(moments.items()))


# ------------------------------------------------------------------------------------------------------ whole domains


def domain_limits(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The domains that want to be left alone beyond `now`, and until when."""
    rows = connection.execute(select(host_limit).where(host_limit.c.until > now))
    return {row.domain: row.until for row in rows}


def limit_domain(connection: Connection, domain: str, until: datetime) -> None:
    """Notes until when a domain wants to be left alone; of two moments the later holds."""
    insert = insert_into(connection.dialect, host_limit)
    later = insert.on_conflict_do_update(
        index_elements=[host_limit.c.domain],
        set_={"until": insert.excluded.until},
        where=host_limit.c.until < insert.excluded.until,
    )
    connection.execute(later, {"domain": domain, "until": until})
