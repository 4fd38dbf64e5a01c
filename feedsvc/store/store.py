"""The one way to what is kept: the model's values in, the model's values out. Each method is one transaction.

Every method raises StoreError when the database cannot be used (locked, full, damaged, not writable).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sqlalchemy import select

from feedsvc.model import (
    Delivery,
    Forgiven,
    Quarantined,
    Review,
    Source,
    SourceState,
)
from feedsvc.store import (
    changes,
    claims,
    deliveries,
    markup,
    migrating,
    pruning,
    recording,
    reviews,
    sources,
    states,
)
from feedsvc.store.archives import Archives
from feedsvc.store.chunks import Chunks
from feedsvc.store.copies import Copies
from feedsvc.store.database import Database
from feedsvc.store.electing import Election
from feedsvc.store.hub import Hub
from feedsvc.store.migrating import Migrated
from feedsvc.store.notices import Notices
from feedsvc.store.opening import open_database
from feedsvc.store.pages import Pages
from feedsvc.store.renditions import Renditions
from feedsvc.store.retrying import retried
from feedsvc.store.schema import schedule
from feedsvc.store.subjects import Subjects
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.store.tokens import Tokens
from feedsvc.store.values import Claim, Look, Recorded
from feedsvc.store.views import Views
from feedsvc.store.withdrawals import Withdrawals

#: Seconds between two looks at a source of which nothing is configured.
DEFAULT_INTERVAL = 1800.0


@retried
class Store:
    """All that the service keeps, in one database. Safe to share between threads; each process opens its own."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        #: For whom claims are made.
        self.owner = owner
        self.subscriptions = Subscriptions(database)
        self.renditions = Renditions(database)
        self.archives = Archives(database)
        self.views = Views(database)
        self.hub = Hub(database)
        self.chunks = Chunks(database, owner)
        self.copies = Copies(database)
        self.tokens = Tokens(database)
        self.pages = Pages(database)
        self.subjects = Subjects(database)
        self.withdrawals = Withdrawals(database)

    # ------------------------------------------------------------------------------------------------- the database

    @classmethod
    def open(cls, database_url: str, *, create: bool = True, owner: str = "") -> Store:
        """Connects to sqlite:///PATH, making its folder and file when missing (not with create=False).

        `owner` names the process that claims are made for, so that what it held can be given back after its death.

        Waits up to 20 seconds for other writers; sqlite:///PATH?timeout=SECONDS sets another time. Raises StoreError
        for a folder that cannot be made or written, a file that is no database, another program's database, one
        that a newer version made, another kind of URL, and an SQLite older than 3.37. None of these is changed.
        """
        database = open_database(database_url, create=create)
        try:
            with database.read() as connection:
                migrating.check(database, connection)
        except BaseException:
            database.close()
            raise
        return cls(database, owner)

    def migrate(self) -> Migrated | None:
        """Makes or upgrades the tables; an older database is first copied to FILE.before-REVISION, which is told.

        One transaction: cut off at any moment, the database is as before. StoreError when a newer version made it.
        """
        return migrating.upgrade(self._database)

    def schema_current(self) -> bool:
        """Whether the tables are those of this version."""
        with self._database.read() as connection:
            return migrating.current(connection) == migrating.head()

    def ping(self) -> None:
        """Raises StoreError unless the database answers and holds our tables."""
        with self._database.read() as connection:
            connection.execute(select(schedule.c.source_id).limit(1)).first()

    def prune(self, now: datetime) -> int:
        """Removes some rows that serve nothing any more, and says how many; 0 when nothing is left to go."""
        with self._database.write() as connection:
            return pruning.prune(connection, now)

    def back_up(self, target: Path) -> None:
        """Copies the database as it is now to a file, which appears only when it is complete; writers go on."""
        self._database.back_up(target)

    def election(self, name: str) -> Election:
        """This process's part in electing, of all that use the database, the one that does what `name` says.

        On SQLite of all on this machine, by a file beside the database's.
        """
        return self._database.election(name)

    def notices(self) -> Notices:
        """What tells that something published has changed: `renditions.serial` has grown, or may have."""
        return self._database.notices()

    def close(self) -> None:
        """Closes every connection."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------- sources and claims

    def sync_sources(
        self,
        configured: Sequence[Source],
        now: datetime,
        *,
        first_checks: Mapping[str, datetime] | None = None,
        interval: float = DEFAULT_INTERVAL,
    ) -> None:
        """Takes over the configured sources; those no longer configured are disabled, and their reviews stay.

        `first_checks` names the moment of the first look by source (else `now`), for sources that are new, enabled
        again, or configured otherwise than before; `interval` (seconds) is for those that configure none. Where
        anything that can change a review is configured otherwise, validators, body hash and known documents are
        forgotten, so that everything still offered is read again; a live claim is lost.
        """
        with self._database.write() as connection:
            sources.sync(connection, configured, now, first_checks or {}, interval)

    def claim_due(self, now: datetime, *, limit: int, lease: timedelta) -> list[Claim]:
        """Takes at most `limit` enabled sources whose time has come, the longest overdue first, for `lease`.

        Of any number of claimers exactly one gets a source, until it records, releases, or the lease ends.
        """
        with self._database.read() as connection:
            if not claims.any_due(connection, now):
                return []
        with self._database.write() as connection:
            return claims.claim_due(connection, now, limit, lease, self.owner)

    def claim_named(self, names: Sequence[str], now: datetime, lease: timedelta) -> list[Claim]:
        """Takes the named sources now, due or not, stopped or not; left out are disabled, unknown and claimed ones."""
        with self._database.write() as connection:
            return claims.claim_named(connection, names, now, lease, self.owner)

    def claim_delivered(self, now: datetime, *, limit: int, lease: timedelta) -> list[Claim]:
        """Takes at most `limit` enabled sources that `deliveries` wait for, due or not; `next_check` stays as it is."""
        with self._database.read() as connection:
            if not deliveries.sources_waiting(connection, now, 1):
                return []
        with self._database.write() as connection:
            names = deliveries.sources_waiting(connection, now, limit)
            return claims.claim_named(connection, names, now, lease, self.owner)

    def release(self, unused: Sequence[Claim]) -> None:
        """Gives claims back unused; nothing happens to those no longer held."""
        with self._database.write() as connection:
            claims.release(connection, unused)

    def owners(self) -> list[str]:
        """The owners of all claims held now, each once."""
        with self._database.read() as connection:
            return claims.owners(connection)

    def release_all(self, owner: str) -> int:
        """Gives back every claim of an owner that is dead, and says how many there were."""
        with self._database.write() as connection:
            return claims.release_all(connection, owner)

    def overdue(self, now: datetime) -> list[tuple[str, datetime]]:
        """Name and moment of every source that is due and not claimed, the longest overdue first."""
        with self._database.read() as connection:
            return claims.overdue(connection, now)

    def postpone(self, moments: Mapping[str, datetime]) -> None:
        """Moves the next look at each of these sources, by name, to a moment; recording a look sets it anew."""
        with self._database.write() as connection:
            claims.postpone(connection, moments)

    def domain_limits(self, now: datetime) -> dict[str, datetime]:
        """The domains that want to be left alone beyond `now`, and until when."""
        with self._database.read() as connection:
            return claims.domain_limits(connection, now)

    def limit_domain(self, domain: str, until: datetime) -> None:
        """Notes until when a whole domain wants to be left alone; of two moments the later holds."""
        with self._database.write() as connection:
            claims.limit_domain(connection, domain, until)

    def record(self, looks: Sequence[Look]) -> list[Recorded]:
        """Stores looks in one transaction, all or none, and ends their claims; what each did, in the same order.

        Of each source the whole state is written (but `name` and `reviews`), and what is new or changed. A review that
        is known keeps its id, key and `collected`; when it changed, `revised` becomes the look's `now` and the earlier
        form goes into its history. A look whose claim is no longer held writes nothing: Recorded(stale=True).
        """
        with self._database.write() as connection:
            return recording.record(connection, looks)

    def states(self) -> list[SourceState]:
        """Every source that was ever configured, by name, with the number of its reviews."""
        with self._database.read() as connection:
            return states.states(connection)

    def stopped(self) -> frozenset[str]:
        """The names of the sources that are gone for good (410), and looked at again only when they are named."""
        with self._database.read() as connection:
            return states.stopped(connection)

    def deliveries(self, source: str) -> list[Delivery]:
        """What hubs sent for a source and has not been read, oldest first, at most 20."""
        with self._database.read() as connection:
            return deliveries.waiting(connection, source)

    def delivered(self, ids: Sequence[int]) -> None:
        """Forgets deliveries, by their ids, because what they hold is stored or cannot be read."""
        with self._database.write() as connection:
            deliveries.remove(connection, ids)

    # ------------------------------------------------------------------------------------------------------ reviews

    def known_digests(self, source: str, limit: int) -> dict[bytes, bytes]:
        """`guid_hash` → digest of a source's newest `limit` items: what has both is known and needs no more work."""
        with self._database.read() as connection:
            return reviews.known_digests(connection, source, limit)

    def markup(self, source: str) -> bytes | None:
        """What the items of a source's feed were read as last; see parsers.markup. None where nothing is known."""
        with self._database.read() as connection:
            return markup.of(connection, source)

    def documents(self, source: str) -> dict[str, bytes]:
        """Path → digest of every document of a folder source already picked up, those kept out included."""
        with self._database.read() as connection:
            return reviews.documents(connection, source)

    def forgiven(self) -> list[Forgiven]:
        """Documents of drop folders that were read though something is wrong with them."""
        with self._database.read() as connection:
            return reviews.forgiven(connection)

    def quarantined(self, source: str | None = None) -> list[Quarantined]:
        """The documents and items kept out of publication, of one source or of all, by source and place."""
        with self._database.read() as connection:
            return reviews.quarantined(connection, source)

    def newest(self, sources: Sequence[str], limit: int) -> list[Review]:
        """The newest `limit` reviews of the named sources, disabled ones too: by position, newest first, then key."""
        with self._database.read() as connection:
            return reviews.newest(connection, sources, limit)

    def reviews_of(self, source: str) -> Iterator[Review]:
        """All reviews of one source but the withdrawn ones, in no order, a batch at a time, all of one moment."""
        with self._database.read() as connection:
            yield from reviews.each_of(connection, source)

    def review(self, key: str) -> Review | None:
        """The review with this key, as published now; None when there is none."""
        with self._database.read() as connection:
            return reviews.by_key(connection, key)

    def find(self, word: str) -> list[Review]:
        """The reviews that a person means by a key, an id, the original's address, or its page's address here.

        Withdrawn ones too. Several when sources carry the same address or id, newest first; none when nothing is meant.
        Slow (it reads every review, about two seconds for 200,000): for commands, not for pages.
        """
        with self._database.read() as connection:
            return reviews.find(connection, word)

    def revisions(self, key: str) -> list[Review]:
        """The earlier forms of a review, oldest first; each was replaced when the next one's `revised` says."""
        with self._database.read() as connection:
            return reviews.revisions(connection, key)

    # ------------------------------------------------------------------------------------------------------- totals

    def content_version(self, source_names: Sequence[str]) -> bytes:
        """32 bytes that change whenever a review of these sources is added or changed; order of names is all one.

        Read it before `newest`: then a change that comes between is drawn once more, never missed.
        """
        with self._database.read() as connection:
            return sources.content_version(connection, source_names)

    def last_change(self) -> int:
        """The number of the newest change of any review; it grows with each, in the order in which they are seen."""
        with self._database.read() as connection:
            return changes.last(connection)
