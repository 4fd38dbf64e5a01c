"""Published bytes: renditions in, the same renditions out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, or_, select, update

from feedsvc.model import Rendition
from feedsvc.store.schema import rendition
from feedsvc.store.statements import insert_into, portions

SECOND = timedelta(seconds=1)


def put(connection: Connection, renditions: Sequence[Rendition], entries_digest: bytes) -> int:
    """Stores what differs from what is stored. See Store.put_renditions."""
    return sum(_put_one(connection, drawn, entries_digest) for drawn in renditions)


def _put_one(connection: Connection, drawn: Rendition, entries_digest: bytes) -> bool:
    stored = connection.execute(select(rendition.c.etag, rendition.c.modified).where(rendition.c.path == drawn.path))
    before = stored.first()
    modified = drawn.modified
    if before is not None and before.etag != drawn.etag:
        # Other bytes under an old date would be kept from whoever asks by date alone (RFC 9110 13.1.3: whole seconds).
        modified = max(modified, before.modified + SECOND)
    insert = insert_into(connection.dialect, rendition)
    columns = ("media_type", "body", "etag", "modified", "entries_digest")
    written = connection.execute(
        insert.on_conflict_do_update(
            index_elements=[rendition.c.path],
            set_={name: insert.excluded[name] for name in columns},
            where=or_(rendition.c.etag != insert.excluded.etag, rendition.c.media_type != insert.excluded.media_type),
        ).returning(rendition.c.path),
        {
            "path": drawn.path,
            "media_type": drawn.media_type,
            "body": drawn.body,
            "etag": drawn.etag,
            "modified": modified,
            "entries_digest": entries_digest,
        },
    ).first()
    if written is None:
        same = update(rendition).where(rendition.c.path == drawn.path)
        connection.execute(same.values(entries_digest=entries_digest))
    return written is not None


def get(connection: Connection, path: str) -> Rendition | None:
    """The rendition of one path."""
    columns = (rendition.c.path, rendition.c.media_type, rendition.c.body, rendition.c.etag, rendition.c.modified)
    row = connection.execute(select(*columns).where(rendition.c.path == path)).one_or_none()
    return None if row is None else Rendition(**row._mapping)


def etags(connection: Connection) -> dict[str, str]:
    """The ETag of every path."""
    rows = connection.execute(select(rendition.c.path, rendition.c.etag).order_by(rendition.c.path))
    return {row.path: row.etag for row in rows}


def entries_digests(connection: Connection) -> dict[str, bytes]:
    """The content version that each path was last drawn from."""
    rows = connection.execute(select(rendition.c.path, rendition.c.entries_digest).order_by(rendition.c.path))
    return {row.path: row.entries_digest for row in rows}


def remove(connection: Connection, paths: Sequence[str]) -> int:
    """Deletes the renditions of these paths."""
    return sum(
        connection.execute(delete(rendition).where(rendition.c.path.in_(portion))).rowcount
        for portion in portions(paths)
    )
