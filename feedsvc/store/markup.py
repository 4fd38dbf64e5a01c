"""What the items of feeds were read as goes in, within the caller's transaction, and comes out again; bytes alone."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Dialect, Insert, LargeBinary, bindparam, delete, select

from feedsvc.store.schema import markup, source
from feedsvc.store.statements import ForMany, insert_into
from feedsvc.store.values import Look

KEPT = (
    select(markup.c.kept)
    .join_from(markup, source, markup.c.source_id == source.c.id)
    .where(source.c.name == bindparam("name"))
)


def _keep(dialect: Dialect) -> Insert:
    new = insert_into(dialect, markup).values(source_id=bindparam("row"), kept=bindparam("kept", type_=LargeBinary))
    return new.on_conflict_do_update(index_elements=[markup.c.source_id], set_={"kept": new.excluded.kept})


KEEP = ForMany(_keep, ("row", "kept"))


def store(connection: Connection, looks: Iterable[Look]) -> None:
    """Keeps what some looks, each at another source, learnt of their items."""
    KEEP.execute(connection, sorted((look.claim.row, look.markup) for look in looks if look.markup is not None))


def forget(connection: Connection, row: int) -> None:
    """Forgets it of a source that is to be read anew."""
    connection.execute(delete(markup).where(markup.c.source_id == row))


def of(connection: Connection, name: str) -> bytes | None:
    """What was kept of a source; None where nothing was."""
    return connection.execute(KEPT, {"name": name}).scalar_one_or_none()
