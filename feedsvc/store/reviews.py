"""Stored reviews, their history, and what is kept out: rows in, the model's own values out. Reads alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import itemgetter

import msgspec
from sqlalchemy import Connection, Row, bindparam, or_, select, type_coerce

from feedsvc.model import Forgiven, Quarantined, Review
from feedsvc.model.stored import decode
from feedsvc.store.schema import BigInt, document, quarantine, review, revision, source
from feedsvc.store.sources import ids_of
from feedsvc.store.standing import standing
from feedsvc.store.statements import portions

#: Longer than any id or address that a person hands over; SQLite refuses patterns beyond 50,000 bytes.
LONGEST_WORD = 4000
#: Reviews that are read at once where all of a source's are wanted.
BATCH = 500
# Each half reads its own index from its end; one question over both would sort all that the source ever said.
KNOWN = tuple(
    select(type_coerce(review.c.position, BigInt), review.c.guid_hash, review.c.item_digest)
    .where(review.c.source_id == select(source.c.id).where(source.c.name == bindparam("name")).scalar_subquery(), half)
    .order_by(review.c.position.desc())
    .limit(bindparam("limit"))
    for half in (review.c.withdrawn.is_(None), review.c.withdrawn.is_not(None))
)
_PAGE = re.compile(r"/reviews/([a-z2-7]{16})/?(?:index\.html)?(?:[?#].*)?$")


def newest(connection: Connection, names: Sequence[str], limit: int) -> list[Review]:
    """The newest reviews of the named sources. See Store.newest."""
    found: list[tuple[datetime, str, str]] = []
    every = ids_of(connection, names)
    for ids in portions(every):
        rows = connection.execute(
            select(review.c.position, review.c.key, review.c.document)
            .where(review.c.source_id.in_(ids), review.c.withdrawn.is_(None), standing(review.c.id, every))
            .order_by(review.c.position.desc(), review.c.key)
            .limit(limit)
        )
        found += [(row.position, row.key, row.document) for row in rows]
    found.sort(key=lambda row: row[1])
    found.sort(key=lambda row: row[0], reverse=True)
    return [decode(stored) for _, _, stored in found[:limit]]


def each_of(connection: Connection, name: str) -> Iterator[Review]:
    """All published reviews of one source. See Store.reviews_of."""
    published = (
        select(review.c.document)
        .join(source, source.c.id == review.c.source_id)
        .where(source.c.name == name, review.c.withdrawn.is_(None))
    )
    # Closed by whoever stops reading in the middle, too: a server keeps what it has not handed over.
    with connection.execution_options(yield_per=BATCH).execute(published) as rows:
        for one in rows.scalars():
            yield decode(one)


def by_key(connection: Connection, key: str) -> Review | None:
    """The review with this key, as it is published now."""
    this = select(review.c.document).where(review.c.key == key, review.c.withdrawn.is_(None))
    stored = connection.execute(this).scalar_one_or_none()
    return None if stored is None else decode(stored)


def find(connection: Connection, word: str) -> list[Review]:
    """The reviews that a key, an id, an original address or a page address here names. See Store.find."""
    word = word.strip().encode("utf-8", "replace").decode()
    if not word or len(word) > LONGEST_WORD:
        return []
    by_page = _PAGE.search(word)
    return (
        _found(connection, word)
        or _named(connection, word)
        or (_found(connection, by_page[1]) if by_page is not None else [])
    )


def _found(connection: Connection, key: str) -> list[Review]:
    stored = connection.execute(select(review.c.document).where(review.c.key == key)).scalars()
    return [decode(one) for one in stored]


def _named(connection: Connection, word: str) -> list[Review]:
    """By id or address. The id stands only in the document, so every row is read: two seconds for 200,000 reviews."""
    addresses = {word, word.rstrip("/"), f"{word}/", word.partition("#")[0]}
    noted = f'"id":{msgspec.json.encode(word).decode()}'
    rows = connection.execute(
        select(review.c.document)
        .where(or_(review.c.url.in_(sorted(addresses)), review.c.document.contains(noted, autoescape=True)))
        .order_by(review.c.position.desc(), review.c.key)
    )
    found = [decode(stored) for stored in rows.scalars()]
    return [one for one in found if one.id == word or one.url in addresses]


def revisions(connection: Connection, key: str) -> list[Review]:
    """The earlier forms of a review, oldest first."""
    earlier = (
        select(revision.c.document)
        .join(review, review.c.id == revision.c.review_id)
        .where(review.c.key == key)
        .order_by(revision.c.id)
    )
    return [decode(stored) for stored in connection.execute(earlier).scalars()]


def known_digests(connection: Connection, name: str, limit: int) -> dict[bytes, bytes]:
    """The newest items of one source, withdrawn ones too. See Store.known_digests."""
    found: list[Row[int, bytes, bytes]] = []
    for half in KNOWN:
        found += connection.execute(half, {"name": name, "limit": limit}).all()
    found.sort(key=itemgetter(0), reverse=True)
    return {guid_hash: digest for _, guid_hash, digest in found[:limit]}


def documents(connection: Connection, name: str) -> dict[str, bytes]:
    """Path and digest of every file of a folder source that was looked at."""
    rows = connection.execute(
        select(document.c.path, document.c.digest)
        .join(source, source.c.id == document.c.source_id)
        .where(source.c.name == name)
    )
    return {row.path: row.digest for row in rows}


def forgiven(connection: Connection) -> list[Forgiven]:
    """Documents of drop folders that were read though something is wrong with them."""
    query = select(source.c.name, document.c.path, document.c.problems).join_from(document, source)
    rows = connection.execute(query.where(document.c.problems.is_not(None)))
    found = [Forgiven(source=row.name, place=row.path, problems=tuple(row.problems.splitlines())) for row in rows]
    return sorted(found, key=lambda one: (one.source, one.place))


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
