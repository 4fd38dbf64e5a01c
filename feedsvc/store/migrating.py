"""A database goes in; the same database with the tables that this version needs comes out, or a StoreError.

Everything happens in one transaction: a migration that is killed or fails leaves the database as it was.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, inspect, text

from feedsvc.errors import StoreError
from feedsvc.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
#: Stands in the place of a revision while a copy is being written (see `copying`).
COPYING = "copying"
#: What each migration says of itself. Alembic is loaded to migrate alone: every command would pay for it.
_STATED = re.compile(r'^(down_)?revision = (?:"(\w+)"|None)$', re.MULTILINE)


def current(connection: Connection) -> str | None:
    """The revision of the schema in the database; None when there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def set_current(connection: Connection, revision: str) -> None:
    """Notes a revision in a database that has one."""
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def head(scripts: Path = MIGRATIONS) -> str:
    """The newest revision that this version knows: the one that no other comes after."""
    before = _revisions(scripts)
    [newest] = before.keys() - before.values()
    return newest


def _revisions(scripts: Path) -> dict[str, str | None]:
    """Each revision that a folder of migrations holds, with the one before it."""
    said = (_STATED.findall(file.read_text(encoding="utf-8")) for file in (scripts / "versions").glob("*.py"))
    stated = ({mark: revision or None for mark, revision in found} for found in said)
    return {own: found["down_"] for found in stated if (own := found.get(""))}


def check(database: Database, connection: Connection, scripts: Path = MIGRATIONS) -> str | None:
    """The database's revision; StoreError when a newer version or another program made it. Changes nothing."""
    found = current(connection)
    if found == COPYING:
        raise StoreError(
            f"{database.name} is an unfinished copy. Run the same `feedsvc copy-database` again: it goes on where it "
            "was cut off. Nothing was changed."
        )
    if found is not None and found not in _revisions(scripts):
        raise StoreError(
            f"{database.name} was made by a newer version of feedsvc: its schema is {found}, and this version knows "
            f"{head(scripts)}. Install that version, or put back a backup from before the upgrade. Nothing was changed."
        )
    if found is None and inspect(connection).get_table_names():
        raise StoreError(
            f"{database.name} belongs to another program: it holds tables, but not feedsvc's. "
            "Name another file in database_url. Nothing was changed."
        )
    return found


class Migrated(NamedTuple):
    """A database that was brought from one revision to another; `kept`: where it lies as it was before."""

    before: str
    after: str
    kept: Path | None


def upgrade(database: Database, scripts: Path = MIGRATIONS) -> Migrated | None:
    """Brings the database to the newest revision; an older one is first copied to FILE.before-REVISION.

    None where it was there already, or was empty.

    Raises StoreError when the database is newer or foreign, or the copy cannot be written. Safe when several processes
    start at once: one migrates, the others find it done.
    """
    with database.read() as connection:
        if check(database, connection, scripts) == head(scripts):
            return None
    with database.migrating() as connection:
        found = check(database, connection, scripts)
        if found == head(scripts):
            return None
        kept = None if found is None else database.keep_copy(head(scripts))
        from alembic import command

        command.upgrade(_config(connection, scripts), "head")
    return None if found is None else Migrated(found, head(scripts), kept)


def _config(connection: Connection, scripts: Path) -> Config:
    from alembic.config import Config

    config = Config()
    # ConfigParser reads % as the start of a reference.
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
