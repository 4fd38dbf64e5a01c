"""A database URL goes in; the database behind it, open, comes out. Raises StoreError."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.errors import StoreError
from feedsvc.store.database import Database
from feedsvc.store.postgresql import open_postgresql
from feedsvc.store.sqlite import open_sqlite

FORMS = "Write it as sqlite:///PATH or postgresql://USER@HOST/NAME."


def open_database(database_url: str, *, create: bool) -> Database:
    """The database behind sqlite:///PATH, whose folder is made when missing, or postgresql://USER@HOST/NAME."""
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise StoreError(f"database_url cannot be read as a URL. {FORMS}") from error
    kind = url.get_backend_name()
    if kind == "sqlite":
        return open_sqlite(url, create=create)
    if kind == "postgresql":
        return open_postgresql(url)
    raise StoreError(f"database_url {url.render_as_string()!r} names neither SQLite nor PostgreSQL. {FORMS}")
