"""What one look at a source brought goes in, within the caller's transaction; what it changed comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from feedsvc.model import Quarantined, Review
from feedsvc.store import withdrawals
from feedsvc.store.reviews import decode, encode
from feedsvc.store.schema import document, quarantine, review, revision, schedule, source
from feedsvc.store.sources import FORGET_FAILURES, RELEASE
from feedsvc.store.statements import portions, upsert
from feedsvc.store.values import Claim, Collected, DocumentSeen, Recorded, StoredItem

#: The fields of Collected that are columns of the same name, seldom and often written.
FACTS = ("feed_url", "feed_title", "feed_home", "location_moved")
VALIDATORS = ("next_check", "interval", "etag", "last_modified", "validated_url", "body_hash")

# Every look executes these, so they are built once: building one costs as much as SQLite needs to execute it.
HELD = (
    select(schedule.c.source_id)
    .join(source)
    .where(source.c.name == bindparam("name"), schedule.c.lease_token == bindparam("token"))
    .with_for_update(of=schedule)
)
STORED = select(review.c.id, review.c.guid_hash, review.c.item_digest, review.c.document).where(
    review.c.source_id == bindparam("row"), review.c.guid_hash.in_(bindparam("hashes", expanding=True))
)
KEPT_OUT = select(quarantine.c.place_hash).where(quarantine.c.source_id == bindparam("row"))
THIS_SCHEDULE = update(schedule).where(schedule.c.source_id == bindparam("row"))
THIS_SOURCE = update(source).where(source.c.id == bindparam("row"))
COUNT_CHANGES = THIS_SOURCE.values(changes=source.c.changes + bindparam("more"))
# The condition saves writing the row when nothing is new, as nearly always.
KEEP_FACTS = THIS_SOURCE.where(
    or_(*(source.c[name].is_distinct_from(bindparam(f"new_{name}")) for name in FACTS))
).values({name: bindparam(f"new_{name}") for name in FACTS})


def record_success(connection: Connection, claim: Claim, result: Collected) -> Recorded:
    """Stores a good look. See Store.record_success."""
    source_id = _source_id(connection, claim)
    if source_id is None:
        return Recorded(stale=True)
    recorded = _store_reviews(connection, source_id, result.reviews, result.now)
    _store_documents(connection, source_id, result.documents, result.now)
    _forget_removed(connection, source_id, result.present)
    _store_quarantined(connection, source_id, result.quarantined)
    _store_facts(connection, source_id, {name: getattr(result, name) for name in FACTS})
    times = {"last_checked": result.now, "last_success": result.now} | (
        {"last_new": result.now} if recorded.new else {}
    )
    validators = {name: getattr(result, name) for name in VALIDATORS}
    _close(connection, source_id, validators | times | FORGET_FAILURES)
    return recorded


def record_failure(
    connection: Connection,
    claim: Claim,
    *,
    now: datetime,
    changes: Mapping[str, object],
) -> Recorded:
    """Notes a failed look; items and validators stay. See Store.record_failure."""
    source_id = _source_id(connection, claim)
    if source_id is None:
        return Recorded(stale=True)
    _close(connection, source_id, {**changes, "last_checked": now, "failures": schedule.c.failures + 1})
    return Recorded()


def _source_id(connection: Connection, claim: Claim) -> int | None:
    """The source's row while the claim is held, locked until this transaction ends; None when it is lost."""
    return connection.execute(HELD, {"name": claim.name, "token": claim.token}).scalar_one_or_none()


def _close(connection: Connection, source_id: int, values: Mapping[str, object]) -> None:
    connection.execute(THIS_SCHEDULE.values({**values, **RELEASE}), {"row": source_id})


def _store_facts(connection: Connection, source_id: int, facts: Mapping[str, str | None]) -> None:
    connection.execute(KEEP_FACTS, {"row": source_id} | {f"new_{name}": value for name, value in facts.items()})


# ------------------------------------------------------------------------------------------------------------- reviews


def _store_reviews(connection: Connection, source_id: int, items: Sequence[StoredItem], now: datetime) -> Recorded:
    # The first of two items with one identity wins: sources list the newest first.
    wanted = {item.guid_hash: item for item in reversed(items)}
    if not wanted:
        return Recorded()
    stored = _stored(connection, source_id, list(wanted))
    new = [item for guid_hash, item in wanted.items() if guid_hash not in stored]
    differing = [(row, wanted[guid_hash]) for guid_hash, row in stored.items()]
    changed = [
        after
        for row, item in differing
        if row.item_digest != item.digest and (after := _change(connection, row, item, now)) is not None
    ]
    if new:
        connection.execute(insert(review), [_new_row(source_id, item) for item in new])
    _clear_quarantine(connection, source_id, list(wanted))
    return _counted(connection, source_id, [item.review for item in new], changed, len(wanted), now)


def _counted(
    connection: Connection, source_id: int, new: Sequence[Review], changed: Sequence[Review], total: int, now: datetime
) -> Recorded:
    """What was recorded, less what somebody asked to have taken out: that stays out, and changes no feed."""
    withdrawn = withdrawals.keep_out(connection, [*new, *changed], {one.key for one in new}, now)
    counts = [sum(one.key not in withdrawn for one in part) for part in (new, changed)]
    if any(counts):
        connection.execute(COUNT_CHANGES, {"row": source_id, "more": sum(counts)})
    return Recorded(
        new=counts[0], changed=counts[1], unchanged=total - len(new) - len(changed), withdrawn=len(withdrawn)
    )


def _stored(connection: Connection, source_id: int, hashes: Sequence[bytes]) -> dict[bytes, Row[Any]]:
    rows: dict[bytes, Row[Any]] = {}
    for portion in portions(hashes):
        found = connection.execute(STORED, {"row": source_id, "hashes": portion})
        rows |= {row.guid_hash: row for row in found}
    return rows


def _change(connection: Connection, row: Row[Any], item: StoredItem, now: datetime) -> Review | None:
    """Stores a changed review and keeps the earlier one; None when nothing that we publish of it has changed."""
    before = decode(row.document)
    # What subscribers know it by, and when we first saw it, never change.
    after = replace(
        item.review,
        key=before.key,
        id=before.id,
        id_generated=before.id_generated,
        collected=before.collected,
        revised=before.revised,
    )
    this = update(review).where(review.c.id == row.id)
    if after == before:
        connection.execute(this.values(item_digest=item.digest))
        return None
    connection.execute(insert(revision).values(review_id=row.id, replaced=now, document=row.document))
    connection.execute(this.values(_columns(replace(after, revised=now), item.digest)))
    return after


def _new_row(source_id: int, item: StoredItem) -> dict[str, object]:
    fixed = {"source_id": source_id, "guid_hash": item.guid_hash, "key": item.review.key}
    return fixed | _columns(item.review, item.digest)


def _columns(stored: Review, digest: bytes) -> dict[str, object]:
    """The columns that may change, out of the review that they repeat for queries."""
    return {
        "item_digest": digest,
        "position": stored.position,
        "collected": stored.collected,
        "revised": stored.revised,
        "outlet": stored.outlet.name,
        "url": stored.url,
        "document": encode(stored),
    }


# -------------------------------------------------------------------------------------------- documents and quarantine


def _store_documents(connection: Connection, source_id: int, seen: Sequence[DocumentSeen], now: datetime) -> None:
    rows = [
        {
            "source_id": source_id,
            "path_hash": place_hash(file.path),
            "path": file.path,
            "digest": file.digest,
            "reason": file.reason,
            "seen": now,
        }
        for file in seen
    ]
    upsert(connection, document, rows)
    _clear_quarantine(connection, source_id, [place_hash(file.path) for file in seen])


def _forget_removed(connection: Connection, source_id: int, present: frozenset[str] | None) -> None:
    """A document that was kept out and is no longer in the folder is nobody's trouble any more."""
    if present is None:
        return
    kept_out = select(document.c.path).where(document.c.source_id == source_id, document.c.reason.is_not(None))
    gone = [place_hash(path) for path in connection.execute(kept_out).scalars() if path not in present]
    for portion in portions(gone):
        this = delete(document).where(document.c.source_id == source_id)
        connection.execute(this.where(document.c.path_hash.in_(portion)))


def _store_quarantined(connection: Connection, source_id: int, kept_out: Sequence[Quarantined]) -> None:
    rows = [
        {
            "source_id": source_id,
            "place_hash": place_hash(item.place),
            "place": item.place,
            "reason": item.reason,
            "seen": item.seen,
        }
        for item in kept_out
    ]
    upsert(connection, quarantine, rows)


def _clear_quarantine(connection: Connection, source_id: int, hashes: Sequence[bytes]) -> None:
    """An item that was kept out and has now been taken is no longer kept out."""
    if not hashes:
        return
    kept_out = set(connection.execute(KEPT_OUT, {"row": source_id}).scalars())
    this = delete(quarantine).where(quarantine.c.source_id == source_id)
    for portion in portions([place for place in hashes if place in kept_out]):
        connection.execute(this.where(quarantine.c.place_hash.in_(portion)))


def place_hash(place: str) -> bytes:
    """sha256 of an item's identity or a document's path: for an item the same as its `guid_hash`."""
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).digest()
