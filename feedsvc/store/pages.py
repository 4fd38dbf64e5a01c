"""The pages that sources lead to: which are known, which are due, what each said; and what robots.txt says.

What a look learns of pages is written with the look, in its transaction; only what robots.txt says stands for itself.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, case, delete, func, select, update

from feedsvc.model import Asking, Fetched, Item, Page, PageCount, PageFault, Robots
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import followed_feed, page, page_said, robots, source
from feedsvc.store.statements import insert_into, portions, upsert
from feedsvc.store.values import Look

FIELDS = tuple(field.name for field in fields(Page))
#: What is said of a page's bytes, and must be asked for again where they are to be read anew.
FORGET: dict[str, object] = dict.fromkeys(("etag", "last_modified", "validated_url", "body_hash"))
#: Items that a source's pages have completed are known to its reader, so many of the newest.
SAID = 2000
PACKED = 3


@retried
class Pages:
    """All pages in one database; each method is one transaction, and raises StoreError when it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, source_name: str, now: datetime, limit: int) -> list[Page]:
        """The pages of a source that are to be asked for, at most so many: first those that were never read.

        Of these, what has failed least comes first, then what was named last, in the order in which it was named.
        """
        order = (page.c.read.is_not(None), page.c.failures, page.c.seen.desc(), page.c.id)
        query = _of(source_name).where(page.c.next_check <= now).order_by(*order).limit(limit)
        with self._database.read() as connection:
            return [_page(row) for row in connection.execute(query)]

    def known(self, source_name: str, urls: Collection[str]) -> dict[str, Page]:
        """What is known of these pages of a source, by address."""
        found: dict[str, Page] = {}
        with self._database.read() as connection:
            for portion in portions([url_hash(url) for url in urls]):
                rows = connection.execute(_of(source_name).where(page.c.url_hash.in_(portion)))
                found |= {one.url: one for one in map(_page, rows)}
        return found

    def said(self, source_name: str) -> dict[str, Item]:
        """What the pages of a feed's items said, by the items' addresses: those that were read last."""
        query = select(page_said.c.url, page_said.c.said).join(source, source.c.id == page_said.c.source_id)
        query = query.where(source.c.name == source_name).order_by(page_said.c.read.desc()).limit(SAID)
        with self._database.read() as connection:
            return {url: unpacked(said) for url, said in connection.execute(query)}

    def feed(self, source_name: str) -> Fetched | None:
        """What a feed that is followed said last."""
        query = select(followed_feed).join(source, source.c.id == followed_feed.c.source_id)
        with self._database.read() as connection:
            row = connection.execute(query.where(source.c.name == source_name)).one_or_none()
        if row is None:
            return None
        body = zlib.decompress(row.body)
        return Fetched(url=row.url, body=body, media_type=row.media_type, charset=row.charset)

    def counts(self) -> dict[str, PageCount]:
        """How many pages each source leads to that leads to any."""
        waiting = case((and_(page.c.read.is_(None), page.c.failures == 0), 1))
        counted = (
            select(source.c.name, func.count(), func.count(page.c.read), func.count(page.c.error), func.count(waiting))
            .join(source, source.c.id == page.c.source_id)
            .group_by(source.c.name)
        )
        with self._database.read() as connection:
            rows = connection.execute(counted).all()
        return {
            name: PageCount(known=known, read=read, failing=failing, waiting=waiting)
            for name, known, read, failing, waiting in rows
        }

    def faults(self, limit: int = 1000) -> list[PageFault]:
        """The pages that could not be read at the last attempt, by source, at most so many."""
        shown = (page.c.url, page.c.error, page.c.error_kind, page.c.failures, page.c.next_check, page.c.read)
        query = select(source.c.name, *shown).join(source, source.c.id == page.c.source_id)
        query = query.where(page.c.failures > 0).order_by(source.c.name, page.c.id).limit(limit)
        with self._database.read() as connection:
            return [
                PageFault(
                    source=row.name,
                    url=row.url,
                    error=row.error or "",
                    kind=row.error_kind or "error",
                    failures=row.failures,
                    next_check=row.next_check,
                    read=row.read,
                )
                for row in connection.execute(query)
            ]

    def robots(self, origin: str, now: datetime) -> Robots | None:
        """What the robots.txt of an origin said, while that holds."""
        with self._database.read() as connection:
            row = connection.execute(
                select(robots).where(robots.c.origin == origin, robots.c.until > now)
            ).one_or_none()
        if row is None:
            return None
        return Robots(origin=row.origin, asking=Asking(row.asking), until=row.until, text=row.text)

    def note_robots(self, found: Collection[Robots], now: datetime) -> None:
        """Keeps what robots.txt files said, and forgets what does not hold any more."""
        rows = [{"origin": one.origin, "asking": one.asking, "until": one.until, "text": one.text} for one in found]
        rows.sort(key=itemgetter("origin"))
        with self._database.write() as connection:
            over = select(robots.c.origin).where(robots.c.until <= now).with_for_update(skip_locked=True)
            connection.execute(delete(robots).where(robots.c.origin.in_(over)))
            upsert(connection, robots, rows)


def store(connection: Connection, looks: Iterable[Look]) -> None:
    """Writes what looks learnt of pages."""
    for look in looks:
        if look.pages:
            _store_pages(connection, look)
        if look.said:
            _store_said(connection, look)
        if look.feed is not None:
            kept = {name: getattr(look.feed, name) for name in ("url", "media_type", "charset")}
            body = zlib.compress(look.feed.body, PACKED)
            upsert(connection, followed_feed, [{"source_id": look.claim.row, **kept, "body": body}])


def _store_said(connection: Connection, look: Look) -> None:
    """What is new; of a feed that has gone on for years, what nothing asks for any more is forgotten."""
    rows = [
        {"source_id": look.claim.row, "url_hash": url_hash(url), "url": url, "said": packed(said), "read": look.now}
        for url, said in look.said.items()
    ]
    upsert(connection, page_said, rows)
    theirs = page_said.c.source_id == look.claim.row
    newest = select(page_said.c.read).where(theirs).order_by(page_said.c.read.desc()).offset(SAID).limit(1)
    connection.execute(delete(page_said).where(theirs, page_said.c.read < newest.scalar_subquery()))


def _store_pages(connection: Connection, look: Look) -> None:
    insert = insert_into(connection.dialect, page)
    changing = {name: insert.excluded[name] for name in FIELDS if name not in ("url", "seen")}
    statement = insert.on_conflict_do_update(index_elements=[page.c.source_id, page.c.url_hash], set_=changing)
    rows = [
        {"source_id": look.claim.row, "url_hash": url_hash(one.url)} | {name: getattr(one, name) for name in FIELDS}
        for one in look.pages
    ]
    connection.execute(statement, rows)


def read_again(connection: Connection, row: int, now: datetime) -> None:
    """Makes every page of a source be read anew: its configuration, or this program, is another than before."""
    connection.execute(update(page).where(page.c.source_id == row).values({**FORGET, "next_check": now}))
    connection.execute(delete(followed_feed).where(followed_feed.c.source_id == row))


def forget(connection: Connection, row: int) -> None:
    """Forgets the pages of a source that is another now, under the same name."""
    for table in (page, page_said, followed_feed):
        connection.execute(delete(table).where(table.c.source_id == row))


def url_hash(url: str) -> bytes:
    """sha256 of an address."""
    return sha256(url.encode("utf-8", "backslashreplace")).digest()


def packed(item: Item) -> bytes:
    """What a page said as packed JSON; in ASCII, which can spell the lone surrogates that JSON-LD may hold."""
    return zlib.compress(json.dumps(msgspec.to_builtins(item)).encode("ascii"), PACKED)


def unpacked(said: bytes) -> Item:
    """What `packed` wrote down."""
    return msgspec.convert(json.loads(zlib.decompress(said)), Item)


def _of(source_name: str) -> Select[Any]:
    columns = (page.c[name] for name in FIELDS)
    return select(*columns).join(source, source.c.id == page.c.source_id).where(source.c.name == source_name)


def _page(row: Row[*tuple[Any, ...]]) -> Page:
    return Page(**row._mapping)
