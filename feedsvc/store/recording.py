"""What looks at sources brought goes in, within the caller's transaction; what it changed comes out, look by look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from feedsvc.model import SourceState
from feedsvc.store import incoming, kept_out, markup, pages
from feedsvc.store.claims import RELEASE
from feedsvc.store.hosts import host_of
from feedsvc.store.schema import schedule, source
from feedsvc.store.statements import ForMany, portions
from feedsvc.store.states import FACTS, LEARNT, facts_of, learnt_of
from feedsvc.store.values import Look, Recorded

CLOSE = ForMany(update(schedule).where(schedule.c.source_id == bindparam("row")).values(RELEASE), (*LEARNT, "row"))
KEEP_FACTS = ForMany(update(source).where(source.c.id == bindparam("row")), (*FACTS, "row"))
KEEP_HOST = ForMany(update(schedule).where(schedule.c.source_id == bindparam("row")), ("host", "row"))

HELD = (
    select(schedule.c.source_id, schedule.c.lease_token, source.c.location, *(source.c[name] for name in FACTS))
    .join_from(schedule, source)
    .where(schedule.c.source_id.in_(bindparam("rows", expanding=True)))
    .order_by(schedule.c.source_id)
    .with_for_update(of=schedule)
)


class _Held(NamedTuple):
    """Whose claim a source is under, and what it last said of itself."""

    token: str | None
    location: str
    facts: tuple[str | None, ...]


STALE, NOTHING = Recorded(stale=True), Recorded()


def record(connection: Connection, looks: Sequence[Look]) -> list[Recorded]:
    """Stores looks, good and bad. See Store.record."""
    held = _held(connection, looks)
    # A look that is delivered twice, even at once, is written once.
    kept: dict[int, int] = {}
    for place, look in enumerate(looks):
        row = look.claim.row
        if row in held and held[row].token == look.claim.token:
            kept.setdefault(row, place)
    recorded = _store(connection, {row: looks[place] for row, place in kept.items()}, held)
    return [
        recorded.get(look.claim.row, NOTHING) if kept.get(look.claim.row) == place else STALE
        for place, look in enumerate(looks)
    ]


def _store(connection: Connection, looks: Mapping[int, Look], held: Mapping[int, _Held]) -> dict[int, Recorded]:
    """Stores one look at each source; what became of those that brought reviews."""
    kept_out.store(connection, looks.values())
    pages.store(connection, looks.values())
    recorded = incoming.store(connection, looks.values())
    markup.store(connection, looks.values())
    # Nearly always nothing to write: what a source says of itself seldom changes.
    said = {row: facts_of(look.state) for row, look in looks.items()}
    new = sorted((row, facts) for row, facts in said.items() if facts != held[row].facts)
    KEEP_FACTS.execute(connection, [(*facts, row) for row, facts in new])
    KEEP_HOST.execute(connection, [(_host(looks[row].state, held[row].location), row) for row, _ in new])
    CLOSE.execute(connection, [(*learnt_of(look.state), row) for row, look in looks.items()])
    return recorded


def _host(state: SourceState, location: str) -> str | None:
    return host_of(state.feed_url, state.location_moved, location)


def _held(connection: Connection, looks: Sequence[Look]) -> dict[int, _Held]:
    """Who holds the claims on these sources, and what is stored of each, locked until this transaction ends."""
    held: dict[int, _Held] = {}
    for rows in portions(sorted({look.claim.row for look in looks})):
        for row, token, location, *facts in connection.execute(HELD, {"rows": rows}).all():
            held[row] = _Held(token, location, tuple(facts))
    return held
