"""Published bytes: renditions in, the same renditions out, and a number that tells whether any of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, false, or_, select, update

from feedsvc.model import Rendition
from feedsvc.store import changes
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import rendition
from feedsvc.store.statements import insert_into, portions
from feedsvc.store.withdrawn import last

SECOND = timedelta(seconds=1)
#: What a rendition is kept as, beside the content version that it was drawn from.
COLUMNS = ("path", "media_type", "body", "etag", "modified", "gzip", "br", "links", "private")
#: What differs where other answers would be given; `modified` follows the bytes, gzip and br are made of them.
TOLD = ("etag", "media_type", "links", "private")


@retried
class Renditions:
    """All renditions in one database; each method is one transaction, and raises StoreError when it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        drawn: Sequence[Rendition],
        *,
        entries_digest: bytes = b"",
        source_names: Sequence[str] = (),
        last_withdrawal: datetime | None = None,
    ) -> int:
        """Stores renditions and says how many really changed; one with the same ETag stays, and its `modified`.

        `entries_digest` is the content version they were drawn from; it is noted for all of them. They are not stored
        when something of these sources was withdrawn or brought back since `last_withdrawal`: whoever was drawing
        meanwhile must not put back what had just been taken out.
        """
        with self._database.write() as connection:
            # First, so that a withdrawal is either seen here or waits until these are stored.
            changes.hold_published(connection)
            if last(connection, source_names) != last_withdrawal:
                return 0
            changed = sum(_put_one(connection, one, entries_digest) for one in drawn)
            if changed:
                changes.note_published(connection)
            return changed

    def get(self, path: str) -> Rendition | None:
        """The rendition of a path; None when there is none."""
        found = select(*(rendition.c[name] for name in COLUMNS)).where(rendition.c.path == path)
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
            return None if row is None else _rendition(row)

    def etags(self) -> dict[str, str]:
        """Path → ETag of everything published: tells without the bytes what has changed."""
        with self._database.read() as connection:
            rows = connection.execute(select(rendition.c.path, rendition.c.etag).order_by(rendition.c.path))
            return {row.path: row.etag for row in rows}

    def etags_of(self, paths: Sequence[str]) -> dict[str, str]:
        """Path → ETag of those of these paths that are published for everybody: what is private is left out."""
        found: dict[str, str] = {}
        with self._database.read() as connection:
            for portion in portions(paths):
                rows = connection.execute(
                    select(rendition.c.path, rendition.c.etag).where(
                        rendition.c.path.in_(portion), rendition.c.private == false()
                    )
                )
                found |= {row.path: row.etag for row in rows}
        return found

    def digests(self) -> dict[str, bytes]:
        """Path → the content version it was last drawn from: equal to today's, it need not be drawn."""
        with self._database.read() as connection:
            rows = connection.execute(select(rendition.c.path, rendition.c.entries_digest).order_by(rendition.c.path))
            return {row.path: row.entries_digest for row in rows}

    def remove(self, paths: Sequence[str]) -> int:
        """Takes these paths out of publication and says how many there were."""
        with self._database.write() as connection:
            changes.hold_published(connection)
            removed = sum(
                connection.execute(delete(rendition).where(rendition.c.path.in_(portion))).rowcount
                for portion in portions(paths)
            )
            if removed:
                changes.note_published(connection)
            return removed

    def serial(self) -> int:
        """A number that grows whenever renditions changed or went, or a review was withdrawn or brought back."""
        with self._database.read() as connection:
            return changes.published(connection)


def _put_one(connection: Connection, drawn: Rendition, entries_digest: bytes) -> bool:
    stored = connection.execute(select(rendition.c.etag, rendition.c.modified).where(rendition.c.path == drawn.path))
    before = stored.first()
    modified = drawn.modified
    if before is not None and before.etag != drawn.etag:
        # Other bytes under an old date would be kept from whoever asks by date alone (RFC 9110 13.1.3: whole seconds).
        modified = max(modified, before.modified + SECOND)
    insertion = insert_into(connection.dialect, rendition)
    written = connection.execute(
        insertion.on_conflict_do_update(
            index_elements=[rendition.c.path],
            set_={name: insertion.excluded[name] for name in (*COLUMNS[1:], "entries_digest")},
            where=or_(*(rendition.c[name].is_distinct_from(insertion.excluded[name]) for name in TOLD)),
        ).returning(rendition.c.path),
        {**_row(drawn), "modified": modified, "entries_digest": entries_digest},
    ).first()
    if written is None:
        same = update(rendition).where(rendition.c.path == drawn.path)
        connection.execute(same.values(entries_digest=entries_digest))
    return written is not None


def _row(drawn: Rendition) -> dict[str, Any]:
    links = msgspec.json.encode(drawn.links).decode() if drawn.links else None
    return {name: getattr(drawn, name) for name in COLUMNS} | {"links": links}


def _rendition(row: Row[Any]) -> Rendition:
    links = msgspec.json.decode(row.links, type=tuple[tuple[str, str], ...]) if row.links else ()
    return Rendition(**{**row._mapping, "links": links})
