"""Reviews that looks brought go in, within the caller's transaction; how many were new or changed comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Dialect,
    Insert,
    Row,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from feedsvc.model import Review
from feedsvc.model.stored import StoredItem, decode, stored_item
from feedsvc.store import changes, withdrawals
from feedsvc.store.schema import BigInt, review, revision, source
from feedsvc.store.statements import ForMany, insert_into, portions
from feedsvc.store.values import Look, Recorded

FIXED = ("guid_hash", "key")
#: The columns that may change, and their names in StoredItem.
#: All of it is ready: StoredItem holds what our column types would make of it.
VALUES: dict[Column[Any], BindParameter[Any]] = {
    review.c.item_digest: bindparam("digest"),
    review.c.position: bindparam("position", type_=BigInt),
    review.c.collected: bindparam("collected", type_=BigInt),
    review.c.revised: bindparam("revised", type_=BigInt),
    review.c.outlet: bindparam("outlet", type_=Text),
    review.c.url: bindparam("url", type_=Text),
    review.c.document: bindparam("document"),
}
#: Its number among all changes.
NUMBERED: dict[Column[Any], BindParameter[Any]] = {review.c.change: bindparam("change", type_=BigInt)}
CHANGING = tuple(value.key for value in VALUES.values())
fixed_and_changing_of = attrgetter(*FIXED, *CHANGING)
changing_of = attrgetter(*CHANGING)


def _insert(dialect: Dialect) -> Insert:
    """A review that is stored already stays as it is."""
    new = insert_into(dialect, review).values(
        {
            review.c.source_id: bindparam("row"),
            **{review.c[name]: bindparam(name) for name in FIXED},
            **VALUES,
            **NUMBERED,
        }
    )
    return new.on_conflict_do_nothing(index_elements=[review.c.source_id, review.c.guid_hash])


THIS_REVIEW = update(review).where(review.c.id == bindparam("review"))
INSERT = ForMany(_insert, ("row", *FIXED, *CHANGING, "change"))
CHANGE = ForMany(THIS_REVIEW.values(VALUES | NUMBERED), ("review", *CHANGING, "change"))
NOTE_DIGEST = ForMany(THIS_REVIEW.values(item_digest=bindparam("digest")), ("review", "digest"))
KEEP_EARLIER = ForMany(insert(revision), ("review_id", "replaced", "document", "change"))
COUNT_CHANGES = ForMany(
    update(source).where(source.c.id == bindparam("row")).values(changes=source.c.changes + bindparam("more")),
    ("row", "more"),
)


# Built once: building a statement costs more than SQLite needs to execute it.
NEWEST = select(func.max(review.c.id))
STORED = select(review.c.id, review.c.guid_hash, review.c.item_digest).where(
    review.c.source_id == bindparam("row"),
    review.c.guid_hash.in_(bindparam("hashes", expanding=True)),
    review.c.id <= bindparam("newest"),
)
DOCUMENTS = select(review.c.id, review.c.document, review.c.change).where(
    review.c.id.in_(bindparam("reviews", expanding=True))
)


@dataclass(slots=True)
class _Arrivals:
    """What one look brought; of two items with one identity the first, since sources list the newest first."""

    look: Look
    items: dict[bytes, StoredItem]
    #: Row number and digest of those that were stored before.
    stored: dict[bytes, Row[int, bytes, bytes]] = field(default_factory=dict)
    #: The new form of those of which anything that we publish is another than before.
    changed: list[StoredItem] = field(default_factory=list)

    def new(self) -> Iterator[StoredItem]:
        """Those never seen before."""
        return (item for guid_hash, item in self.items.items() if guid_hash not in self.stored)


def store(connection: Connection, looks: Iterable[Look]) -> dict[int, Recorded]:
    """Stores the reviews of some looks, each at another source; what that did, by source, where there were any."""
    arrivals = {
        look.claim.row: _Arrivals(look, {item.guid_hash: item for item in reversed(look.reviews)})
        for look in looks
        if look.reviews
    }
    if not arrivals:
        return {}
    _store_new(connection, arrivals)
    _store_changed(connection, arrivals)
    out = _kept_out(connection, arrivals.values())
    recorded = {row: _counted(each, out) for row, each in arrivals.items()}
    more = [(row, counts.new + counts.changed) for row, counts in recorded.items()]
    COUNT_CHANGES.execute(connection, sorted((row, count) for row, count in more if count))
    return recorded


def _kept_out(connection: Connection, arrivals: Collection[_Arrivals]) -> set[str]:
    """The keys of those that stay out because somebody asked for it."""
    if not withdrawals.in_force(connection):
        return set()
    arrived = [
        *(withdrawals.Arrived(item, each.look.now, shown=False) for each in arrivals for item in each.new()),
        *(withdrawals.Arrived(item, each.look.now, shown=True) for each in arrivals for item in each.changed),
    ]
    return withdrawals.keep_out(connection, arrived)


def _counted(arrivals: _Arrivals, out: set[str]) -> Recorded:
    """What was recorded, less what stays out, which changes no feed."""
    new = len(arrivals.items) - len(arrivals.stored)
    changed, withdrawn = len(arrivals.changed), 0
    if out:
        new_out = sum(item.key in out for item in arrivals.new())
        changed_out = sum(item.key in out for item in arrivals.changed)
        new, changed, withdrawn = new - new_out, changed - changed_out, new_out + changed_out
    return Recorded(
        new=new, changed=changed, withdrawn=withdrawn, unchanged=len(arrivals.stored) - len(arrivals.changed)
    )


def _store_new(connection: Connection, arrivals: Mapping[int, _Arrivals]) -> None:
    """Inserts what is not there, and looks up what is: nearly always nothing, since known items were skipped before."""
    newest = connection.execute(NEWEST).scalar_one() or 0
    items = [(row, item) for row, each in arrivals.items() for item in each.items.values()]
    numbers = changes.take(connection, len(items))
    rows = [(row, *fixed_and_changing_of(item), number) for (row, item), number in zip(items, numbers, strict=True)]
    if INSERT.execute(connection, rows) == len(rows):
        return
    for row, each in arrivals.items():
        for portion in portions(list(each.items)):
            before = connection.execute(STORED, {"row": row, "hashes": portion, "newest": newest})
            each.stored |= {found.guid_hash: found for found in before}


def _store_changed(connection: Connection, arrivals: Mapping[int, _Arrivals]) -> None:
    """Stores the new form of changed reviews, and keeps the earlier one."""
    differing = {
        found.id: (each, each.items[guid_hash])
        for each in arrivals.values()
        for guid_hash, found in each.stored.items()
        if found.item_digest != each.items[guid_hash].digest
    }
    if not differing:
        return
    earlier, changed, same = [], [], []
    for portion in portions(list(differing)):
        for number, document, change in connection.execute(DOCUMENTS, {"reviews": portion}):
            each, item = differing[number]
            before = decode(document)
            after = _after(before, item)
            if after == before:
                same.append((number, item.digest))
                continue
            earlier.append((number, each.look.now, document, change))
            revised = stored_item(replace(after, revised=each.look.now), item.guid_hash, item.digest)
            each.changed.append(revised)
            changed.append((number, *changing_of(revised)))
    KEEP_EARLIER.execute(connection, earlier)
    numbers = changes.take(connection, len(changed))
    CHANGE.execute(connection, [(*row, number) for row, number in zip(changed, numbers, strict=True)])
    NOTE_DIGEST.execute(connection, same)


def _after(before: Review, item: StoredItem) -> Review:
    """The new form. What subscribers know a review by, and when we first saw it, never change.

    Other carriers that stand here too stay named: the next look for copies says whether they still are.
    """
    after = decode(item.document)
    return replace(
        after,
        also=(*after.also, *(each for each in before.also if each.key)),
        key=before.key,
        id=before.id,
        id_generated=before.id_generated,
        collected=before.collected,
        revised=before.revised,
    )
