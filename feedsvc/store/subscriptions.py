"""Hubs found, asked and heard go in; which to ask next, and whose word a request is, come out (W3C WebSub).

A subscription belongs to one source as it is configured: switched off or with another location, the source takes
nothing more from it. A source has at most one that is wanted, asked or verified.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, and_, delete, exists, insert, not_, select, update

from feedsvc.model import Discovery, Subscription, SubscriptionState
from feedsvc.store.database import Database
from feedsvc.store.deliveries import ENABLED, SAME_PLACE, receive
from feedsvc.store.electing import alone
from feedsvc.store.retrying import retried
from feedsvc.store.schema import delivery, schedule, source, subscription
from feedsvc.store.statements import portions

LIVE = (SubscriptionState.WANTED, SubscriptionState.ASKED, SubscriptionState.VERIFIED)
#: A hub may take so long to verify what it was asked.
ASK_LASTS = timedelta(days=1)
#: A hub that does not verify is asked again after this, then after twice as long, at most after a day.
ASK_AGAIN = timedelta(minutes=15)
#: Asks to be released that came to nothing; after them the lease may run out by itself.
FAREWELLS = 5
#: Unguessable: 256 and 384 bits. A secret must be shorter than 200 bytes (WebSub, 5.1).
TOKEN_BYTES, SECRET_BYTES = 32, 48

#: Whether a source is still the one that the subscription was made for.
SAME_SOURCE = and_(ENABLED, SAME_PLACE)


@retried
class Subscriptions:
    """All subscriptions in one database; each method is one transaction, and raises StoreError when it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def discovered(self, found: Mapping[str, Discovery | None], now: datetime) -> None:
        """Takes over what documents of these sources say of their hubs; None: the document names none (any more).

        A subscription that the document still names stays as it is. Another, or none: it is ended, and the first hub
        that has not refused us is wanted instead. Costs one read where nothing changes.
        """
        with self._database.read() as connection:
            changes = _changes(connection, found, now)
        if changes:
            with self._database.write() as connection:
                alone(connection, "changing subscriptions")
                for row, mine, discovery in _changes(connection, found, now):
                    _settle(connection, row, mine, discovery, now)

    def end_strays(self, now: datetime) -> int:
        """Ends what belongs to sources that are switched off, gone or configured elsewhere, and says how many."""
        stray = _of_source().where(subscription.c.state.in_(LIVE), not_(SAME_SOURCE))
        with self._database.read() as connection:
            if not _all(connection, stray):
                return 0
        with self._database.write() as connection:
            alone(connection, "changing subscriptions")
            found = _all(connection, stray.with_for_update(of=subscription))
            for one in found:
                _end(connection, one, now)
            return len(found)

    def due(self, now: datetime) -> list[str]:
        """The tokens of all subscriptions whose hubs are to be asked now, the longest due first."""
        due = select(subscription.c.token).where(subscription.c.renew_at <= now).order_by(subscription.c.renew_at)
        with self._database.read() as connection:
            return list(connection.execute(due).scalars())

    def take(self, token: str, now: datetime) -> Subscription | None:
        """A subscription whose hub is to be asked now: to subscribe, or if ENDED to release us. None: not (any more).

        It is noted as asked before it is: a hub may verify before it answers. Of any number of callers one gets it;
        unless the hub verifies, it is due again later, each time after a longer pause.
        """
        with self._database.write() as connection:
            one = _by_token(connection, token)
            if one is None or one.renew_at > now:
                return None
            if _is_over(one, now):
                _drop(connection, one)
                return None
            return _asked(connection, one, now)

    def refused(self, token: str, until: datetime) -> None:
        """Notes that a hub will not have what it was asked; what it verified meanwhile stays. See `denied`."""
        with self._database.write() as connection:
            one = _by_token(connection, token)
            if one is not None and one.asked is not None:
                _deny(connection, one, until)

    def drop(self, token: str) -> None:
        """Forgets a subscription without a word to its hub, which is answered 404 from now on."""
        with self._database.write() as connection:
            if one := _by_token(connection, token):
                _drop(connection, one)

    def of_token(self, token: str) -> Subscription | None:
        """The subscription that a callback address belongs to; one of a source that is no longer the same is ENDED."""
        with self._database.read() as connection:
            one = next(iter(_all(connection, _of_token(token))), None)
            if one is not None and not connection.execute(_same_source(one)).scalar_one():
                return replace(one, state=SubscriptionState.ENDED)
            return one

    def confirm(
        self, token: str, mode: str, topic: str, *, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> bool:
        """Whether a hub may do what it says we asked ("subscribe", "unsubscribe"); then it is taken as done.

        Only where we did ask so for this topic within a day, and no verification has answered that yet (WebSub, 5.3.1).
        """
        with self._database.write() as connection:
            one = _by_token(connection, token)
            if one is None or one.topic != topic or one.asked is None or now - one.asked > ASK_LASTS:
                return False
            if mode == "unsubscribe" and one.state is SubscriptionState.ENDED:
                _drop(connection, one)
                return True
            if mode != "subscribe" or one.state not in LIVE or not connection.execute(_same_source(one)).scalar_one():
                return False
            kept = {"state": SubscriptionState.VERIFIED, "asked": None, "failures": 0}
            _update(connection, one, **kept, lease_until=lease_until, renew_at=renew_at)
            return True

    def denied(self, token: str, topic: str, until: datetime) -> bool:
        """Takes a hub's word that it will not deliver (any more); False where there is no such subscription.

        Another hub of the document is wanted when it is read next; this one again after `until`.
        """
        with self._database.write() as connection:
            one = _by_token(connection, token)
            if one is None or one.topic != topic:
                return False
            _deny(connection, one, until)
            return True

    def receive(self, token: str, body: bytes, media_type: str | None, charset: str | None, now: datetime) -> bool:
        """Keeps a document whose signature proved right, for the source to be read; False where nobody awaits it.

        An empty one says only that there is something new: the source is made due, as far as politeness allows.
        """
        with self._database.write() as connection:
            one = _by_token(connection, token)
            if one is None or one.state is not SubscriptionState.VERIFIED:
                return False
            _update(connection, one, last_delivery=now)
            receive(connection, one.id, body, media_type, charset, now)
            return True


# ------------------------------------------------------------------------------------------------------------- reading


def _of_source() -> Select[*tuple[object, ...]]:
    columns = [column for column in subscription.c if column.name not in ("source_id", "location")]
    return select(source.c.name.label("source"), *columns).join_from(subscription, source).join(schedule)


def _all(connection: Connection, query: Select[*tuple[object, ...]]) -> list[Subscription]:
    return [_subscription(row) for row in connection.execute(query)]


def _subscription(row: Row[*tuple[object, ...]]) -> Subscription:
    values = dict(row._mapping)
    return Subscription(**{**values, "state": SubscriptionState(values["state"])})


def _of_token(token: str) -> Select[*tuple[object, ...]]:
    return _of_source().where(subscription.c.token == token)


def _by_token(connection: Connection, token: str) -> Subscription | None:
    """For whoever is about to change it: nobody else does until then."""
    return next(iter(_all(connection, _of_token(token).with_for_update(of=subscription))), None)


def _same_source(one: Subscription) -> Select[bool]:
    return select(exists(_of_source().where(subscription.c.id == one.id, SAME_SOURCE)))


# ----------------------------------------------------------------------------------------------------- what was found

Change = tuple[Row[*tuple[object, ...]], list[Subscription], Discovery | None]


def _changes(connection: Connection, found: Mapping[str, Discovery | None], now: datetime) -> list[Change]:
    """Those sources whose subscriptions are not what their documents say, with the subscriptions that they have."""
    changes: list[Change] = []
    for names in portions(list(found)):
        mine: dict[str, list[Subscription]] = {}
        for one in _all(connection, _of_source().where(source.c.name.in_(names), SAME_SOURCE)):
            mine.setdefault(one.source, []).append(one)
        unsettled = [name for name in names if not _is_settled(mine.get(name, ()), found[name], now)]
        query = select(source.c.id, source.c.name, source.c.location).join_from(source, schedule)
        rows = connection.execute(query.where(source.c.name.in_(unsettled), ENABLED))
        changes += [(row, mine.get(row.name, []), found[row.name]) for row in rows]
    return changes


def _is_settled(mine: Sequence[Subscription], found: Discovery | None, now: datetime) -> bool:
    live = next((one for one in mine if one.state in LIVE), None)
    if live is None:
        return _next_hub(mine, found, now) is None
    return found is not None and live.topic == found.topic and live.hub in found.hubs


def _next_hub(mine: Sequence[Subscription], found: Discovery | None, now: datetime) -> str | None:
    """The first hub named that has not refused us this topic lately."""
    if found is None:
        return None
    denied = (one for one in mine if one.state is SubscriptionState.DENIED and one.renew_at > now)
    refusing = {one.hub for one in denied if one.topic == found.topic}
    return next((hub for hub in found.hubs if hub not in refusing), None)


def _settle(
    connection: Connection,
    row: Row[*tuple[object, ...]],
    mine: Sequence[Subscription],
    found: Discovery | None,
    now: datetime,
) -> None:
    for one in _all(connection, _of_source().where(source.c.id == row.id, subscription.c.state.in_(LIVE))):
        _end(connection, one, now)
    hub = _next_hub(mine, found, now)
    if hub is None or found is None:
        return
    connection.execute(
        insert(subscription).values(
            source_id=row.id,
            location=row.location,
            hub=hub,
            topic=found.topic,
            token=secrets.token_urlsafe(TOKEN_BYTES),
            secret=secrets.token_urlsafe(SECRET_BYTES),
            state=SubscriptionState.WANTED,
            renew_at=now,
            failures=0,
        )
    )


# ------------------------------------------------------------------------------------------------------------- writing


def _update(connection: Connection, one: Subscription, **values: object) -> None:
    connection.execute(update(subscription).where(subscription.c.id == one.id).values(values))


def _drop(connection: Connection, one: Subscription) -> None:
    connection.execute(delete(delivery).where(delivery.c.subscription_id == one.id))
    connection.execute(delete(subscription).where(subscription.c.id == one.id))


def _end(connection: Connection, one: Subscription, now: datetime) -> None:
    """A hub that never verified holds nothing that it could release."""
    if one.lease_until is None:
        _drop(connection, one)
    else:
        _update(connection, one, state=SubscriptionState.ENDED, asked=None, renew_at=now, failures=0)


def _deny(connection: Connection, one: Subscription, until: datetime) -> None:
    if one.state is SubscriptionState.ENDED:
        _drop(connection, one)
    else:
        denied = SubscriptionState.DENIED
        _update(connection, one, state=denied, asked=None, lease_until=None, renew_at=until, failures=0)


def _is_over(one: Subscription, now: datetime) -> bool:
    """Whether there is nothing more to ask: a refusal has lapsed, or a farewell fell on deaf ears or came too late."""
    if one.state is SubscriptionState.ENDED:
        return one.failures >= FAREWELLS or one.lease_until is None or one.lease_until <= now
    return one.state is SubscriptionState.DENIED


def _asked(connection: Connection, one: Subscription, now: datetime) -> Subscription:
    lapsed = one.lease_until is None or one.lease_until <= now
    asked = replace(
        one,
        state=SubscriptionState.ASKED if lapsed and one.state in LIVE else one.state,
        asked=now,
        renew_at=now + min(ASK_AGAIN * 2**one.failures, ASK_LASTS),
        failures=one.failures + 1,
    )
    _update(connection, asked, state=asked.state, asked=now, renew_at=asked.renew_at, failures=asked.failures)
    return asked
