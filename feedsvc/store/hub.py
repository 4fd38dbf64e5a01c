"""What is asked of our hub goes in; whom to ask back, and who is to be told of what, come out (W3C WebSub, 5 to 7).

Nobody is a subscriber until the callback has said so. What was asked and never verified is kept for an hour, so that it
counts: a host that never answers as it should is asked a few times an hour, however often somebody names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, delete, exists, func, insert, or_, select, update

from feedsvc.model import Announcement, HubSubscriber, Intent, Waiting
from feedsvc.store.database import Database
from feedsvc.store.electing import alone
from feedsvc.store.hub_queue import HubQueue
from feedsvc.store.retrying import retried
from feedsvc.store.schema import hub_announcement, hub_delivery, hub_intent, hub_subscriber, hub_topic
from feedsvc.store.statements import insert_into, portions

#: How long what was never verified counts.
WINDOW = timedelta(hours=1)
#: Intents that count, at most: of one callback that is subscribed already, of one callback host, of all.
PER_SUBSCRIBER, PER_HOST, IN_ALL = 5, 20, 1000
#: A verification that a crash cut off is made again after this, once.
ASK_AGAIN, TRIES = timedelta(minutes=5), 2


@retried
class Hub:
    """Intents, subscribers and the two lines in one database; each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.deliveries = HubQueue(database, hub_delivery, ["id"])
        self.announcements = HubQueue(database, hub_announcement, ["host", "topic"])

    # ------------------------------------------------------------------------------------------------- what is asked

    def ask(self, intent: Intent, now: datetime) -> bool:
        """Notes what somebody asks; False where too much that was never verified has been asked within the hour.

        Of the same topic and callback only what was asked last will be verified.
        """
        key = _key(intent.topic, intent.callback)
        with self._database.write() as connection:
            alone(connection, "asking the hub")
            if not _has_room(connection, key, intent.host, now):
                return False
            connection.execute(update(hub_intent).where(hub_intent.c.key == key).values(due=None))
            values = {name: getattr(intent, name) for name in Intent.__dataclass_fields__}
            connection.execute(insert(hub_intent).values(**values, key=key, asked=now, due=now, tries=0))
            return True

    def intents(self, now: datetime, limit: int, full: Collection[str] = ()) -> list[Waiting]:
        """What is to be verified now at hosts that are not `full`, the oldest first."""
        query = select(hub_intent.c.id, hub_intent.c.host)
        query = query.where(hub_intent.c.due <= now, hub_intent.c.host.not_in(full))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(hub_intent.c.due, hub_intent.c.id).limit(limit))
            return [Waiting(row.id, row.host) for row in rows]

    def take(self, ids: Sequence[int], now: datetime) -> dict[int, Intent]:
        """Those of these intents whose callbacks the caller is to ask now."""
        found: dict[int, Intent] = {}
        names = list(Intent.__dataclass_fields__)
        if not ids:
            return found
        with self._database.write() as connection:
            for number in sorted(ids):
                mine = update(hub_intent).where(hub_intent.c.id == number, hub_intent.c.due <= now)
                mine = mine.values(due=now + ASK_AGAIN, tries=hub_intent.c.tries + 1)
                row = connection.execute(
                    mine.returning(hub_intent.c.tries, *(hub_intent.c[name] for name in names))
                ).one_or_none()
                if row is not None and row.tries > TRIES:
                    connection.execute(_of(number).values(due=None))
                elif row is not None:
                    found[number] = Intent(**{name: row._mapping[name] for name in names})
            return found

    def is_subscribed(self, topic: str, callback: str) -> bool:
        """Whether this callback gets this topic already."""
        with self._database.read() as connection:
            return _is_live(connection, _key(topic, callback))

    def crowd(self, topic: str, host: str) -> tuple[int, int]:
        """How many subscribers a topic has, and how many subscriptions stand at a callback host."""
        count = select(func.count()).select_from(hub_subscriber)
        with self._database.read() as connection:
            of_topic = connection.execute(count.where(hub_subscriber.c.topic == topic)).scalar_one()
            at_host = connection.execute(count.where(hub_subscriber.c.host == host)).scalar_one()
            return of_topic, at_host

    def verified(self, number: int, lease_until: datetime, now: datetime) -> bool:
        """Does what an intent asked, since its callback said so; False where something newer was asked meanwhile."""
        with self._database.write() as connection:
            waiting = hub_intent.c.id == number, hub_intent.c.due.is_not(None)
            row = connection.execute(delete(hub_intent).where(*waiting).returning(*hub_intent.c)).one_or_none()
            if row is None:
                return False
            if row.mode == "unsubscribe":
                self._remove(connection, hub_subscriber.c.key == row.key)
                return True
            same = ("key", "topic", "callback", "host", "secret")
            made = insert_into(connection.dialect, hub_subscriber)
            renewed = made.on_conflict_do_update(
                index_elements=["key"],
                set_={"secret": made.excluded.secret, "lease_until": made.excluded.lease_until, "lost": 0},
            )
            values = {name: row._mapping[name] for name in same}
            connection.execute(renewed.values(**values, since=now, lease_until=lease_until, lost=0))
            return True

    def once_more(self, number: int, now: datetime) -> None:
        """Puts an intent back in line, unless something newer was asked meanwhile."""
        with self._database.write() as connection:
            connection.execute(_of(number).where(hub_intent.c.due.is_not(None)).values(due=now))

    def unverified(self, ids: Collection[int]) -> None:
        """Leaves intents as they are: their callbacks did not mean it, or could not be asked."""
        with self._database.write() as connection:
            for number in sorted(ids):
                connection.execute(_of(number).values(due=None))

    # ----------------------------------------------------------------------------------------------- what has changed

    def changed(self, published: Mapping[str, str], hubs: Collection[str], now: datetime, settling: timedelta) -> int:
        """Queues what is new: topic → ETag as published now in, the number of topics that changed out.

        Every subscriber of a changed topic is to get it now, and each of these `hubs` of others to be told `settling`
        later.
        """
        with self._database.read() as connection:
            if not _news(connection, published):
                return 0
        with self._database.write() as connection:
            alone(connection, "telling of changes")
            news = _news(connection, published)
            if not news:
                return 0
            insert = insert_into(connection.dialect, hub_topic)
            noted = insert.on_conflict_do_update(index_elements=["topic"], set_={"etag": insert.excluded.etag})
            connection.execute(noted, [{"topic": topic, "etag": etag} for topic, etag in news.items()])
            told = [{"host": hub, "topic": topic, "etag": etag} for hub in hubs for topic, etag in news.items()]
            self.announcements.put(connection, told, now + settling)
            for topic, etag in news.items():
                self.deliveries.put(connection, _audience(connection, topic, etag, now), now)
            return len(news)

    def subscriber(self, number: int) -> HubSubscriber | None:
        """One subscriber; None when the subscription has ended."""
        with self._database.read() as connection:
            return next(iter(_subscribers(connection, number)), None)

    def delivered(self, took: Mapping[int, tuple[str, str, datetime]]) -> None:
        """Subscriber → the ETag that was queued, that of the bytes that it took, and when: it has them now."""
        with self._database.write() as connection:
            for number, (_, sent, when) in sorted(took.items()):
                mine = update(hub_subscriber).where(hub_subscriber.c.id == number)
                connection.execute(mine.values(sent=sent, last_delivery=when, lost=0))
            self.deliveries.done(connection, [(number, etags) for number, (*etags, _) in took.items()])

    def gave_up(self, lost: Mapping[int, str]) -> None:
        """Subscriber → the ETag that it cannot be given; it stays subscribed, and gets the next change."""
        with self._database.write() as connection:
            for number in sorted(lost):
                mine = update(hub_subscriber).where(hub_subscriber.c.id == number)
                connection.execute(mine.values(lost=hub_subscriber.c.lost + 1))
            self.deliveries.done(connection, [(number, [etag]) for number, etag in lost.items()])

    def gone(self, ids: Collection[int]) -> None:
        """Ends subscriptions whose callbacks answered 410 (WebSub, 7)."""
        with self._database.write() as connection:
            for portion in portions(list(ids)):
                self._remove(connection, hub_subscriber.c.id.in_(portion))

    def told(self, announced: Mapping[int, str]) -> None:
        """Announcement → the ETag that the hub was told of, or that it cannot be told of."""
        with self._database.write() as connection:
            self.announcements.done(connection, [(number, [etag]) for number, etag in announced.items()])

    def announcement(self, number: int) -> Announcement | None:
        """One announcement; None when it is settled."""
        with self._database.read() as connection:
            return next(iter(_announcements(connection, number)), None)

    # ------------------------------------------------------------------------------------------- what is kept, and ends

    def subscribers(self) -> list[HubSubscriber]:
        """Everybody who is subscribed, by topic and host; those whose leases ran out are among them until `prune`."""
        with self._database.read() as connection:
            return _subscribers(connection)

    def waiting_announcements(self) -> list[Announcement]:
        """What hubs of others are still to be told, by hub and topic."""
        with self._database.read() as connection:
            return _announcements(connection)

    def prune(self, hubs: Collection[str], now: datetime) -> int:
        """Ends leases that ran out, and says how many; forgets intents that count no more, and hubs not configured."""
        over = hub_subscriber.c.lease_until <= now
        old = or_(
            and_(hub_intent.c.asked <= now - WINDOW, hub_intent.c.due.is_(None)),
            hub_intent.c.asked <= now - 24 * WINDOW,
        )
        stray = hub_announcement.c.host.not_in(hubs)
        with self._database.read() as connection:
            tables = ((hub_subscriber, over), (hub_intent, old), (hub_announcement, stray))
            if not any(connection.execute(select(exists().where(which))).scalar_one() for _, which in tables):
                return 0
        with self._database.write() as connection:
            connection.execute(delete(hub_intent).where(old))
            connection.execute(delete(hub_announcement).where(stray))
            return self._remove(connection, over)

    def _remove(self, connection: Connection, which: ColumnElement[bool]) -> int:
        # Nobody queues a delivery for them meanwhile: see _audience.
        these = select(hub_subscriber.c.id).where(which).order_by(hub_subscriber.c.id).with_for_update()
        ids = list(connection.execute(these).scalars())
        self.deliveries.forget(connection, ids)
        for portion in portions(ids):
            connection.execute(delete(hub_subscriber).where(hub_subscriber.c.id.in_(portion)))
        return len(ids)


def _key(topic: str, callback: str) -> bytes:
    return hashlib.sha256(f"{topic}\0{callback}".encode("utf-8", "replace")).digest()


def _of(number: int) -> Update:
    return update(hub_intent).where(hub_intent.c.id == number)


def _is_live(connection: Connection, key: bytes) -> bool:
    return connection.execute(select(exists().where(hub_subscriber.c.key == key))).scalar_one()


def _has_room(connection: Connection, key: bytes, host: str, now: datetime) -> bool:
    """Who is subscribed already counts alone: strangers who name the same host cannot keep it from renewing."""
    count = select(func.count()).select_from(hub_intent).where(hub_intent.c.asked > now - WINDOW)
    if _is_live(connection, key):
        return connection.execute(count.where(hub_intent.c.key == key)).scalar_one() < PER_SUBSCRIBER
    at_host = connection.execute(count.where(hub_intent.c.host == host)).scalar_one()
    return at_host < PER_HOST and connection.execute(count).scalar_one() < IN_ALL


def _news(connection: Connection, published: Mapping[str, str]) -> dict[str, str]:
    """The topics whose ETag is another than when it was last told of."""
    known: dict[str, str] = {}
    for portion in portions(list(published)):
        rows = connection.execute(select(hub_topic).where(hub_topic.c.topic.in_(portion)))
        known |= {row.topic: row.etag for row in rows}
    return {topic: etag for topic, etag in published.items() if known.get(topic) != etag}


def _audience(connection: Connection, topic: str, etag: str, now: datetime) -> list[dict[str, object]]:
    """Who is to get a topic, but for those who have these very bytes."""
    mine = hub_subscriber.c
    query = select(mine.id, mine.host).where(mine.topic == topic, mine.lease_until > now)
    query = query.where(or_(mine.sent.is_(None), mine.sent != etag)).order_by(mine.id)
    rows = connection.execute(query.with_for_update(read=True, key_share=True))
    return [{"id": row.id, "host": row.host, "etag": etag} for row in rows]


def _subscribers(connection: Connection, number: int | None = None) -> list[HubSubscriber]:
    columns = [hub_subscriber.c[name] for name in HubSubscriber.__dataclass_fields__]
    query = select(*columns).order_by(hub_subscriber.c.topic, hub_subscriber.c.host, hub_subscriber.c.id)
    rows = connection.execute(query if number is None else query.where(hub_subscriber.c.id == number))
    return [HubSubscriber(**row._mapping) for row in rows]


def _announcements(connection: Connection, number: int | None = None) -> list[Announcement]:
    mine = hub_announcement.c
    query = select(mine.id, mine.host.label("hub"), mine.topic, mine.due, mine.failures).order_by(mine.host, mine.topic)
    rows = connection.execute(query if number is None else query.where(mine.id == number))
    return [Announcement(**row._mapping) for row in rows]
