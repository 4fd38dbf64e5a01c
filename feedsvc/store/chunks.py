"""Who of many processes may look at which sources: moments in, chunks of claimed sources with their hosts out.

The row is the truth: whoever finds another token there than the one it was given does nothing. A host is with one
chunk at a time, and rests for a moment when it is given back. What a dead process held ends with its lease. Chunks
that are claimed together have one token until a worker takes them: what is whose is said by their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, bindparam, delete, func, or_, select, true, update

from feedsvc.model import Source
from feedsvc.store import deliveries
from feedsvc.store.claims import (
    CLAIMED_BY_NAME,
    DUE,
    FREE,
    GIVE_BACK,
    any_due,
    free_ended,
    new_token,
    take_rows,
)
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import host_lease, schedule, source
from feedsvc.store.sources import config_digest
from feedsvc.store.statements import insert_into, portions
from feedsvc.store.states import STATES, state_of
from feedsvc.store.values import Chunk, Claim

#: Sources in a chunk, and of one host in it: a chunk lasts as long as its slowest host.
SIZE, AT_A_HOST = 50, 8
#: How the token of a chunk begins that no worker has begun.
WAITING = "waiting "
#: Rows that are looked through in one go, and how often: a host with many sources that are due delays no other.
SEEN, GOES = 500, 20

BUSY = select(host_lease.c.host).where(host_lease.c.host == schedule.c.host, host_lease.c.until > bindparam("now"))
FREE_AND_DUE = (
    select(schedule.c.source_id, schedule.c.host)
    .where(DUE, ~BUSY.exists())
    .order_by(schedule.c.next_check)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
#: Leases that have ended may be taken; one that another is about to take is passed by.
OVER = host_lease.c.until <= bindparam("now")
OF_HOSTS = (
    select(host_lease.c.host)
    .where(host_lease.c.host.in_(bindparam("hosts", expanding=True)))
    .order_by(host_lease.c.host)
    .with_for_update(skip_locked=True)
)
ENDED = OF_HOSTS.where(OVER)
ENDED_OR_WAITING = OF_HOSTS.where(or_(OVER, host_lease.c.token.startswith(WAITING, autoescape=True)))
NAMED = STATES.where(
    source.c.name.in_(bindparam("names", expanding=True)),
    schedule.c.enabled.is_(true()),
    or_(FREE, schedule.c.lease_token.startswith(WAITING, autoescape=True)),
).with_for_update(skip_locked=True, of=schedule)
OF_CHUNK = (
    STATES.add_columns(schedule.c.host, source.c.config_digest)
    .where(schedule.c.source_id.in_(bindparam("rows", expanding=True)), schedule.c.lease_token == bindparam("token"))
    # Whoever waits for rows takes them in this order, so that two never wait for one another.
    .order_by(schedule.c.source_id)
    .with_for_update(of=schedule)
)
HOSTS_OF_ROWS = select(schedule.c.host).where(schedule.c.source_id.in_(bindparam("rows", expanding=True)))
TOKENS = (
    select(schedule.c.source_id, schedule.c.lease_token)
    .where(schedule.c.source_id.in_(bindparam("rows", expanding=True)))
    .order_by(schedule.c.source_id)
    .with_for_update()
)
HOSTS_OF_NAMES = (
    select(source.c.name, schedule.c.host)
    .join_from(source, schedule)
    .where(source.c.name.in_(bindparam("names", expanding=True)))
)


@retried
class Chunks:
    """Claims for many processes; each method is one transaction and raises StoreError.

    They are for PostgreSQL; on SQLite they hold too, but one process needs none of them.
    """

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    def claim(self, now: datetime, *, most: int, lease: timedelta) -> list[Chunk]:
        """At most so many chunks of what is due, the longest overdue first, with their hosts, for `lease`."""
        with self._database.read() as connection:
            if not any_due(connection, now):
                return []
        token, until = new_token(f"{WAITING}{self._owner}"), now + lease
        chunks: list[Chunk] = []
        with self._database.write() as connection:
            free_ended(connection, now)
            for _ in range(GOES):
                found = connection.execute(FREE_AND_DUE, {"now": now, "limit": SEEN}).all()
                packed = _packed(_groups([(row, host) for row, host in found]), most - len(chunks))
                wanted = {host for groups in packed for host in groups if host is not None}
                # Without those whose host another took at the same moment.
                ours = {None, *_take_hosts(connection, wanted, token, now, until)}
                taken = [tuple(row for host in groups if host in ours for row in groups[host]) for groups in packed]
                take_rows(connection, [row for rows in taken for row in rows], token, until)
                chunks += [Chunk(token=token, rows=rows) for rows in taken if rows]
                if len(found) < SEEN or len(chunks) >= most:
                    break
        return chunks

    def claim_delivered(self, now: datetime, *, limit: int, lease: timedelta) -> Chunk | None:
        """At most so many sources that `deliveries` wait for, due or not; nobody asks their hosts for anything."""
        with self._database.read() as connection:
            if not deliveries.sources_waiting(connection, now, 1):
                return None
        with self._database.write() as connection:
            names = deliveries.sources_waiting(connection, now, limit)
            rows = tuple(row[0] for row in connection.execute(CLAIMED_BY_NAME, {"now": now, "names": names}))
            token = new_token(f"{WAITING}{self._owner}")
            take_rows(connection, rows, token, now + lease)
            return Chunk(token=token, rows=rows, asks=False) if rows else None

    def claim_named(self, names: Sequence[str], now: datetime, *, lease: timedelta) -> tuple[list[Claim], list[str]]:
        """The named sources with their hosts, due or not, stopped or not; and those whose host is busy just now.

        What waits in a chunk that no worker has begun is taken out of it. Left out are disabled and unknown sources,
        and those that somebody looks at.
        """
        token = new_token(self._owner)
        claims: list[Claim] = []
        busy: list[str] = []
        with self._database.write() as connection:
            hosts = {name: host for part in portions(names) for name, host in _hosts_of(connection, part)}
            wanted = {host for host in hosts.values() if host is not None}
            ours = {None, *_take_hosts(connection, wanted, token, now, now + lease, or_waiting=True)}
            busy = [name for name in names if name in hosts and hosts[name] not in ours]
            free = [name for name in names if name in hosts and hosts[name] in ours]
            for part in portions(free):
                found = connection.execute(NAMED, {"now": now, "names": part}).all()
                take_rows(connection, [row[0] for row in found], token, now + lease)
                states = [(row[0], state_of(row, stopped=False)) for row in found]
                claims += [
                    Claim(name=state.name, token=token, state=state, row=row, host=hosts[state.name])
                    for row, state in states
                ]
            _give_back_hosts(connection, token, ours - {None} - {claim.host for claim in claims}, now)
        return claims, busy

    def take(
        self, chunk: Chunk, now: datetime, *, lease: timedelta, configured: Callable[[str], Source | None]
    ) -> list[Claim]:
        """What is still this chunk's, under a token of the caller's own: who takes it a second time gets nothing.

        Sources whose host an operator took meanwhile are due again. Left to the end of their lease are those that
        stand in the database as `configured` does not say them: they are for a worker that knows better.
        """
        token, until = new_token(self._owner), now + lease
        claims: list[Claim] = []
        with self._database.write() as connection:
            found = connection.execute(OF_CHUNK, {"rows": chunk.rows, "token": chunk.token}).all()
            for *row, host, digest in found:
                state = state_of(row, stopped=False)
                known = configured(state.name)
                if known is not None and config_digest(known) == digest:
                    host = host if chunk.asks else None
                    claims.append(Claim(name=state.name, token=token, state=state, row=row[0], host=host))
            # Whoever took a host meanwhile may have ended while the rows were waited for: what this changes is true.
            hosts = {claim.host for claim in claims if claim.host is not None}
            held = update(host_lease).where(host_lease.c.host.in_(sorted(hosts)), host_lease.c.token == chunk.token)
            taken = held.values(token=token, until=until).returning(host_lease.c.host)
            ours = {None, *connection.execute(taken).scalars()}
            GIVE_BACK.execute(connection, [(claim.row, chunk.token) for claim in claims if claim.host not in ours])
            claims = [claim for claim in claims if claim.host in ours]
            take_rows(connection, [claim.row for claim in claims], token, until)
        return claims

    def renew(self, claims: Sequence[Claim], until: datetime) -> set[int]:
        """Keeps claims and their hosts for longer; the rows of those that are still held."""
        tokens = {claim.row: claim.token for claim in claims}
        held: set[int] = set()
        with self._database.write() as connection:
            for part in portions(sorted(tokens)):
                found = connection.execute(TOKENS, {"rows": part}).all()
                ours = [row for row, token in found if token == tokens[row]]
                mine = update(schedule).where(schedule.c.source_id.in_(ours))
                connection.execute(mine.values(lease_until=until))
                held.update(ours)
            hosts = {(claim.token, claim.host) for claim in claims if claim.row in held and claim.host is not None}
            for token, some in groupby(sorted(hosts), key=lambda one: one[0]):
                theirs = host_lease.c.host.in_([host for _, host in some])
                connection.execute(update(host_lease).where(theirs, host_lease.c.token == token).values(until=until))
        return held

    def leave(self, hosts: Collection[tuple[str, str]], until: datetime) -> None:
        """Gives hosts (token, host) back; each rests until then."""
        with self._database.write() as connection:
            for token, some in groupby(sorted(hosts), key=lambda one: one[0]):
                _give_back_hosts(connection, token, {host for _, host in some}, until)

    def give_back(self, chunk: Chunk) -> None:
        """Gives a chunk back that nobody began; nothing happens to what is no longer held."""
        with self._database.write() as connection:
            GIVE_BACK.execute(connection, [(row, chunk.token) for row in sorted(chunk.rows)])
            hosts = set(connection.execute(HOSTS_OF_ROWS, {"rows": chunk.rows}).scalars())
            theirs = host_lease.c.host.in_(sorted(host for host in hosts if host is not None))
            connection.execute(delete(host_lease).where(theirs, host_lease.c.token == chunk.token))

    def hosts(self) -> dict[str, datetime]:
        """Every host that is with a worker or rests, and until when."""
        with self._database.read() as connection:
            return {row.host: row.until for row in connection.execute(select(host_lease))}

    def under_way(self, now: datetime) -> int:
        """How many sources are claimed now."""
        with self._database.read() as connection:
            counted = select(func.count()).select_from(schedule).where(schedule.c.lease_until > now)
            number: int = connection.execute(counted).scalar_one()
            return number


def _hosts_of(connection: Connection, names: Sequence[str]) -> list[tuple[str, str | None]]:
    return [(row.name, row.host) for row in connection.execute(HOSTS_OF_NAMES, {"names": names})]


def _groups(rows: Sequence[tuple[int, str | None]]) -> list[tuple[str | None, list[int]]]:
    """Rows by host, each host where its first row stands, with as many as a chunk takes of one; files one by one."""
    groups: dict[str, list[int]] = {}
    ordered: list[tuple[str | None, list[int]]] = []
    for row, host in rows:
        if host is None:
            ordered.append((None, [row]))
        elif host not in groups:
            groups[host] = [row]
            ordered.append((host, groups[host]))
        elif len(groups[host]) < AT_A_HOST:
            groups[host].append(row)
    return ordered


def _packed(groups: Sequence[tuple[str | None, list[int]]], most: int) -> list[dict[str | None, list[int]]]:
    """Whole groups in their order, in at most so many chunks of about SIZE rows."""
    chunks: list[dict[str | None, list[int]]] = []
    room = 0
    for host, rows in groups:
        if room < len(rows):
            if len(chunks) == most:
                break
            chunks.append({})
            room = SIZE
        chunks[-1].setdefault(host, []).extend(rows)
        room -= len(rows)
    return chunks


def _take_hosts(
    connection: Connection,
    hosts: Iterable[str],
    token: str,
    now: datetime,
    until: datetime,
    *,
    or_waiting: bool = False,
) -> set[str]:
    """The hosts of these that are ours from now on.

    In order, so that two who take the same do not wait for one another; who takes more in the same transaction may, and
    then the database has one of them begin again.
    """
    wanted = sorted(set(hosts))
    taken: set[str] = set()
    for part in portions(wanted):
        query = ENDED_OR_WAITING if or_waiting else ENDED
        ended = list(connection.execute(query, {"hosts": part, "now": now}).scalars())
        connection.execute(update(host_lease).where(host_lease.c.host.in_(ended)).values(token=token, until=until))
        taken.update(ended)
        rest = [{"host": host, "token": token, "until": until} for host in part if host not in taken]
        if rest:
            fresh = insert_into(connection.dialect, host_lease).on_conflict_do_nothing().returning(host_lease.c.host)
            taken.update(connection.execute(fresh, rest).scalars())
    return taken


def _give_back_hosts(connection: Connection, token: str, hosts: Iterable[str | None], until: datetime) -> None:
    for part in portions(sorted(host for host in hosts if host is not None)):
        mine = update(host_lease).where(host_lease.c.host.in_(part), host_lease.c.token == token)
        connection.execute(mine.values(token=None, until=until))
