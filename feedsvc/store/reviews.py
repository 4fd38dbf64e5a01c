"""Stored reviews, their history, and what is kept out: rows in, the model's own values out. Reads alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select, true

from feedsvc.model import Quarantined, Review
from feedsvc.store.schema import document, quarantine, review, revision, source
from feedsvc.store.sources import ids_of
from feedsvc.store.statements import portions
from feedsvc.store.values import Counts

DECODER = msgspec.json.Decoder(Review)


def encode(value: Review) -> str:
    """A review as the JSON document that stands in the database."""
    return msgspec.json.encode(value).decode()


def decode(stored: str) -> Review:
    """The review that `encode` wrote down."""
    return DECODER.decode(stored)


def newest(connection: Connection, names: Sequence[str], limit: int) -> list[Review]:
    """The newest reviews of the named sources. See Store.newest."""
    found: list[tuple[datetime, str, str]] = []
    for ids in portions(ids_of(connection, names)):
        rows = connection.execute(
            select(review.c.position, review.c.key, review.c.document)
            .where(review.c.source_id.in_(ids))
            .order_by(review.c.position.desc(), review.c.key)
            .limit(limit)
        )
        found += [(row.position, row.key, row.document) for row in rows]
    found.sort(key=lambda row: row[1])
    found.sort(key=lambda row: row[0], reverse=True)
    return [decode(stored) for _, _, stored in found[:limit]]


def by_key(connection: Connection, key: str) -> Review | None:
    """The review with this key, as it is published now."""
    stored = connection.execute(select(review.c.document).where(review.c.key == key)).scalar_one_or_none()
    return None if stored is None else decode(stored)


def revisions(connection: Connection, key: str) -> list[Review]:
    """The earlier forms of a review, oldest first."""
    earlier = (
        select(revision.c.document)
        .join(review, review.c.id == revision.c.review_id)
        .where(review.c.key == key)
        .order_by(revision.c.id)
    )
    return [decode(stored) for stored in connection.execute(earlier).scalars()]


def digests(connection: Connection, name: str, guid_hashes: Sequence[bytes]) -> dict[bytes, bytes]:
    """The item digests stored for these identities of one source."""
    found: dict[bytes, bytes] = {}
    for portion in portions(guid_hashes):
        rows = connection.execute(
            select(review.c.guid_hash, review.c.item_digest)
            .join(source, source.c.id == review.c.source_id)
            .where(source.c.name == name, review.c.guid_hash.in_(portion))
        )
        found |= {row.guid_hash: row.item_digest for row in rows}
    return found


def documents(connection: Connection, name: str) -> dict[str, bytes]:
    """Path and digest of every file of a folder source that was looked at."""
    rows = connection.execute(
        select(document.c.path, document.c.digest)
        .join(source, source.c.id == document.c.source_id)
        .where(source.c.name == name)
    )
    return {row.path: row.digest for row in rows}


def quarantined(connection: Connection, name: str | None) -> list[Quarantined]:
    """Documents and items that are kept out, of one source or of all."""
    files = select(source.c.name, document.c.path.label("place"), document.c.reason, document.c.seen).join_from(
        document, source
    )
    items = select(source.c.name, quarantine.c.place, quarantine.c.reason, quarantine.c.seen).join_from(
        quarantine, source
    )
    kept_out = []
    for query in (files.where(document.c.reason.is_not(None)), items):
        rows = connection.execute(query if name is None else query.where(source.c.name == name))
        kept_out += [Quarantined(source=row.name, place=row.place, reason=row.reason, seen=row.seen) for row in rows]
    return sorted(kept_out, key=lambda item: (item.source, item.place))


def counts(connection: Connection) -> Counts:
    """The totals."""
    total = connection.execute(select(func.count(), func.count(review.c.outlet.distinct())).select_from(review)).one()
    enabled = connection.execute(select(func.count()).where(source.c.enabled.is_(true()))).scalar_one()
    return Counts(reviews=total[0], outlets=total[1], sources=enabled)
