"""Documents that hubs sent go in, and wait for their source to be read; no source gets another's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, false, func, insert, or_, select, true, update

from feedsvc.model import Delivery, SubscriptionState
from feedsvc.store.schema import delivery, schedule, source, subscription
from feedsvc.store.statements import portions

#: Deliveries that wait for one source; beyond it the oldest go.
MOST_WAITING = 20
#: A hub that only says "there is something new" is not believed sooner than this after the last look.
THIN_GAP = timedelta(minutes=5)

ENABLED = schedule.c.enabled.is_(true())
#: A source that was configured elsewhere since takes nothing that was meant for the one before.
SAME_PLACE = source.c.location == subscription.c.location

_live = subscription.alias("live")
_of_this_source = (_live.c.source_id == source.c.id, _live.c.state == SubscriptionState.VERIFIED)
#: Two columns of a source's state: until when a hub has promised to deliver to it, and when it last did.
PUSH_COLUMNS = (
    select(_live.c.lease_until).where(*_of_this_source).correlate(source).scalar_subquery().label("push_until"),
    select(_live.c.last_delivery).where(*_of_this_source).correlate(source).scalar_subquery().label("last_push"),
)


def receive(
    connection: Connection,
    subscription_id: int,
    body: bytes,
    media_type: str | None,
    charset: str | None,
    now: datetime,
) -> None:
    """Keeps one delivery; an empty one makes the source due instead. See Subscriptions.receive."""
    row = select(subscription.c.source_id).where(subscription.c.id == subscription_id)
    source_id = connection.execute(row).scalar_one()
    if not body:
        _make_due(connection, source_id, now)
        return
    values = {"body": body, "media_type": media_type, "charset": charset, "received": now}
    connection.execute(insert(delivery).values(subscription_id=subscription_id, **values))
    theirs = select(subscription.c.id).where(subscription.c.source_id == source_id)
    waiting = select(delivery.c.id).where(delivery.c.subscription_id.in_(theirs)).order_by(delivery.c.id.desc())
    connection.execute(delete(delivery).where(delivery.c.id.in_(waiting.offset(MOST_WAITING))))


def _make_due(connection: Connection, source_id: int, now: datetime) -> None:
    """Now, or a little after the last look. A source that fails or was stopped keeps the pause that it was given."""
    this = schedule.c.source_id == source_id
    last_checked = connection.execute(select(schedule.c.last_checked).where(this).with_for_update()).scalar_one()
    soon = now if last_checked is None else max(now, last_checked + THIN_GAP)
    due = update(schedule).where(this, schedule.c.failures == 0, schedule.c.next_check > soon)
    connection.execute(due.values(next_check=soon))


def sources_waiting(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Names of the sources that deliveries wait for and that may be read now, the longest waiting first."""
    free = or_(schedule.c.lease_until.is_(None), schedule.c.lease_until <= now)
    query = (
        select(source.c.name)
        .join_from(delivery, subscription)
        .join(source)
        .join(schedule)
        .where(SAME_PLACE, ENABLED, schedule.c.stopped.is_(false()), free)
        .group_by(source.c.name)
        .order_by(func.min(delivery.c.id))
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def waiting(connection: Connection, source_name: str) -> list[Delivery]:
    """What waits for a source, oldest first."""
    columns = (subscription.c.topic, delivery.c.id, delivery.c.body, delivery.c.media_type, delivery.c.charset)
    query = (
        select(source.c.name.label("source"), *columns, delivery.c.received)
        .join_from(delivery, subscription)
        .join(source)
        .where(SAME_PLACE, source.c.name == source_name)
        .order_by(delivery.c.id)
    )
    return [Delivery(**row._mapping) for row in connection.execute(query)]


def remove(connection: Connection, ids: Sequence[int]) -> None:
    """Forgets deliveries that were read."""
    for portion in portions(ids):
        connection.execute(delete(delivery).where(delivery.c.id.in_(portion)))
