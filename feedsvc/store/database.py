"""A database URL goes in; a way to talk to that database comes out. Errors in plain words, whichever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from feedsvc.store.electing import Election
from feedsvc.store.notices import LOOK_ANYWAY, Notices


class Database(ABC):
    """One database: `read()` gives a consistent snapshot, `write()` one transaction, whole or not at all."""

    #: What messages call it: a file's path, or an address without its password.
    name: str

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment of the database throughout, and can change nothing."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Connection]:
        """One transaction: committed when the block ends, undone when it raises."""

    @abstractmethod
    def migrating(self) -> AbstractContextManager[Connection]:
        """One transaction that changes tables, alone: no other process migrates meanwhile."""

    @abstractmethod
    def election(self, name: str) -> Election:
        """This process's part in electing the one that does what `name` says."""

    @abstractmethod
    def notices(self, anyway: float = LOOK_ANYWAY) -> Notices:
        """What tells that something published has changed; a wait for it ends after `anyway` seconds anyway."""

    @abstractmethod
    def keep_copy(self, wanted: str) -> Path | None:
        """Keeps the database as it is before it is brought to a revision, and says where; None: it cannot be copied."""

    @abstractmethod
    def back_up(self, target: Path) -> None:
        """Copies the whole database, as it is at this moment, to `target`, which appears only when it is complete."""

    @abstractmethod
    def close(self) -> None:
        """Closes every connection."""
