"""Documents that were looked at and items that are kept out go in, within the caller's transaction; rows alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select

from feedsvc.store.schema import document, quarantine
from feedsvc.store.statements import ForMany, portions, upsert
from feedsvc.store.values import Look

FORGET = ForMany(
    delete(document).where(document.c.source_id == bindparam("source"), document.c.path_hash == bindparam("place")),
    ("source", "place"),
)
KEPT_OUT = select(quarantine.c.source_id, quarantine.c.place_hash).where(
    quarantine.c.source_id.in_(bindparam("rows", expanding=True))
)
CLEAR = ForMany(
    delete(quarantine).where(
        quarantine.c.source_id == bindparam("source"), quarantine.c.place_hash == bindparam("place")
    ),
    ("source", "place"),
)


def store(connection: Connection, looks: Iterable[Look]) -> None:
    """Notes what some looks found and kept out, forgets what is gone, and clears what was taken at last."""
    taken: dict[int, set[bytes]] = {}
    kept_out: list[Look] = []
    for look in looks:
        if look.reviews or look.documents:
            taken[look.claim.row] = {item.guid_hash for item in look.reviews} | {
                place_hash(file.path) for file in look.documents
            }
        if look.documents or look.present is not None:
            _store_documents(connection, look)
        if look.quarantined:
            kept_out.append(look)
    _clear(connection, taken)
    _store_quarantined(connection, kept_out)


def _store_documents(connection: Connection, look: Look) -> None:
    rows = [
        {
            "source_id": look.claim.row,
            "path_hash": place_hash(file.path),
            "path": file.path,
            "digest": file.digest,
            "reason": file.reason,
            "problems": file.problems,
            "seen": look.now,
        }
        for file in look.documents
    ]
    upsert(connection, document, rows)
    _forget_removed(connection, look)


def _forget_removed(connection: Connection, look: Look) -> None:
    """A document that something is wrong with and that is no longer in the folder is nobody's trouble any more."""
    if look.present is None:
        return
    this = document.c.source_id == look.claim.row
    troubled = document.c.reason.is_not(None) | document.c.problems.is_not(None)
    known = connection.execute(select(document.c.path).where(this, troubled)).scalars()
    gone = [place_hash(path) for path in known if path not in look.present]
    FORGET.execute(connection, [(look.claim.row, place) for place in gone])


def _clear(connection: Connection, taken: Mapping[int, set[bytes]]) -> None:
    """An item that was kept out and has now been taken is no longer kept out."""
    for rows in portions(list(taken)):
        found = connection.execute(KEPT_OUT, {"rows": rows}).all()
        CLEAR.execute(connection, [(row, place) for row, place in found if place in taken[row]])


def _store_quarantined(connection: Connection, looks: Sequence[Look]) -> None:
    rows = [
        {
            "source_id": look.claim.row,
            "place_hash": place_hash(item.place),
            "place": item.place,
            "reason": item.reason,
            "seen": item.seen,
        }
        for look in looks
        for item in look.quarantined
    ]
    upsert(connection, quarantine, rows)


def place_hash(place: str) -> bytes:
    """sha256 of an item's identity or a document's path: for an item the same as its `guid_hash`."""
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).digest()
