"""Subscriptions in a real database: what is asked when, what ends, and that no source takes another's deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from feedsvc.model import Delivery, Discovery, Fetched, Source, Subscription, SubscriptionState
from feedsvc.store import Store
from feedsvc.store.schema import schedule, source
from tests.databases import connected
from tests.samples import NOW
from tests.test_store import opened, url_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(days=10)
ONE = Source(name="one", kind="feed", location="https://one.example/feed")
TWO = Source(name="two", kind="feed", location="https://two.example/feed")
FIRST, SECOND = "https://first-hub.example/", "https://second-hub.example/"
TOPIC = "https://one.example/feed.atom"


FOUND = Discovery(hubs=(FIRST, SECOND), topic=TOPIC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two sources."""
    with opened(tmp_path) as store:
        store.sync_sources([ONE, TWO], NOW)
        yield store


def taken(store: Store, now: datetime = NOW) -> list[Subscription]:
    """All whose hubs are to be asked now."""
    found = [store.subscriptions.take(token, now) for token in store.subscriptions.due(now)]
    return [one for one in found if one is not None]


def confirmed(store: Store, one: Subscription, mode: str = "subscribe", now: datetime = NOW) -> bool:
    """Whether the store agrees to what a hub says we asked, for ten days."""
    until, renew_at = now + LEASE, now + LEASE * 2 / 3
    return store.subscriptions.confirm(one.token, mode, one.topic, now=now, lease_until=until, renew_at=renew_at)


def verified(store: Store, name: str = "one", now: datetime = NOW, found: Discovery = FOUND) -> Subscription:
    """A source's subscription, asked for and verified."""
    store.subscriptions.discovered({name: found}, now)
    [one] = taken(store, now)
    assert confirmed(store, one, now=now)
    return one


def delivered(store: Store, one: Subscription, body: bytes, now: datetime = NOW) -> bool:
    return store.subscriptions.receive(one.token, body, "application/atom+xml", "utf-8", now)


# -------------------------------------------------------------------------------------------------------- what is asked


def test_polling_websub_a_discovered_hub_is_asked_once_with_a_token_and_secret_of_its_own(store: Store) -> None:
    """256 bits and more; the secret shorter than 200 bytes (WebSub, 5.1)."""
    both = {"one": FOUND, "two": replace(FOUND, topic="https://two.example/feed.atom")}
    store.subscriptions.discovered(both, NOW)
    store.subscriptions.discovered(both, NOW)
    first, second = taken(store)
    assert {first.source, second.source} == {"one", "two"}
    assert (first.hub, first.state, first.asked) == (FIRST, SubscriptionState.ASKED, NOW)
    assert len({first.token, second.token, first.secret, second.secret}) == 4
    assert len(first.token) >= 43
    assert 43 <= len(first.secret.encode()) < 200
    assert store.subscriptions.take(first.token, NOW) is None
    assert first.token not in repr(first)
    assert first.secret not in repr(first)
    assert taken(store) == []


def test_polling_websub_a_hub_that_does_not_verify_is_asked_after_longer_and_longer_pauses(store: Store) -> None:
    """A quarter of an hour, half an hour … and then once a day, for as long as the document names it."""
    store.subscriptions.discovered({"one": FOUND}, NOW)
    now, pauses = NOW, []
    for _ in range(10):
        [one] = taken(store, now)
        assert taken(store, one.renew_at - timedelta(seconds=1)) == []
        pauses.append((one.renew_at - now) / MINUTE)
        now = one.renew_at
    assert pauses == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]


def test_polling_websub_a_lease_is_renewed_before_it_ends_and_deliveries_go_on_meanwhile(store: Store) -> None:
    """The renewal keeps token and secret, since the hub knows no others until it has verified."""
    one = verified(store)
    assert taken(store, NOW + LEASE * 2 / 3 - MINUTE) == []
    [again] = taken(store, NOW + LEASE * 2 / 3)
    assert (again.token, again.secret, again.state) == (one.token, one.secret, SubscriptionState.VERIFIED)
    assert delivered(store, one, b"<feed/>", NOW + LEASE * 2 / 3)
    assert confirmed(store, again, now=NOW + LEASE * 2 / 3)
    assert store.states()[0].push_until == NOW + LEASE * 2 / 3 + LEASE


def test_polling_websub_a_lease_that_ran_out_is_no_longer_pushed(store: Store) -> None:
    one = verified(store)
    [again] = taken(store, NOW + LEASE)
    assert again.state is SubscriptionState.ASKED
    assert store.states()[0].push_until is None
    assert not delivered(store, one, b"<feed/>", NOW + LEASE)


def test_polling_websub_a_hub_that_refuses_is_left_alone_and_the_next_one_is_asked(store: Store) -> None:
    """Then none: the document's hubs have all refused, until that has lapsed."""
    for hub in (FIRST, SECOND):
        store.subscriptions.discovered({"one": FOUND}, NOW)
        [one] = taken(store)
        assert one.hub == hub
        store.subscriptions.refused(one.token, NOW + 30 * DAY)
    store.subscriptions.discovered({"one": FOUND}, NOW + 29 * DAY)
    assert taken(store, NOW + 29 * DAY) == []
    store.subscriptions.discovered({"one": FOUND}, NOW + 30 * DAY)
    assert [one.hub for one in taken(store, NOW + 30 * DAY)] == [FIRST]


def test_polling_websub_what_a_hub_verified_while_it_answered_stays(store: Store) -> None:
    """Whatever status it answers then."""
    one = verified(store)
    store.subscriptions.refused(one.token, NOW + 30 * DAY)
    assert store.states()[0].push_until == NOW + LEASE


# ------------------------------------------------------------------------------------------------------- what has ended


@pytest.mark.parametrize(
    "found", [None, replace(FOUND, topic="https://one.example/moved"), Discovery(hubs=(SECOND,), topic=TOPIC)]
)
def test_polling_websub_what_a_document_no_longer_names_is_released(store: Store, found: Discovery | None) -> None:
    """The old hub is asked to stop, another one to begin."""
    old = verified(store)
    store.subscriptions.discovered({"one": found}, NOW + HOUR)
    asked = {one.token: one for one in taken(store, NOW + HOUR)}
    assert asked[old.token].state is SubscriptionState.ENDED
    assert [(one.hub, one.topic) for one in asked.values() if one.token != old.token] == (
        [(found.hubs[0], found.topic)] if found else []
    )
    assert not delivered(store, old, b"<feed/>", NOW + HOUR)


@pytest.mark.parametrize(
    "configured", [[TWO], [replace(ONE, enabled=False), TWO], [replace(ONE, location="https://else.example/"), TWO]]
)
def test_polling_websub_a_source_gone_off_or_elsewhere_takes_nothing_more(
    store: Store, configured: list[Source]
) -> None:
    """Not even what had been delivered before, when it is another source now; its hub is released."""
    one = verified(store)
    assert delivered(store, one, b"<old/>")
    store.sync_sources(configured, NOW)
    assert store.claim_delivered(NOW, limit=9, lease=MINUTE) == []
    found = store.subscriptions.of_token(one.token)
    assert found is not None
    assert found.state is SubscriptionState.ENDED
    assert (store.subscriptions.end_strays(NOW), store.subscriptions.end_strays(NOW)) == (1, 0)
    assert [(end.token, end.state) for end in taken(store)] == [(one.token, SubscriptionState.ENDED)]
    assert confirmed(store, one, "unsubscribe")
    assert store.subscriptions.of_token(one.token) is None


def test_polling_websub_a_hub_deaf_to_farewells_is_left_to_the_end_of_its_lease(store: Store) -> None:
    one = verified(store)
    store.subscriptions.discovered({"one": None}, NOW)
    farewells = sum(len(taken(store, NOW + hour * HOUR)) for hour in (0, 1, 2, 4, 8, 16, 32, 64, 240))
    assert farewells == 5
    assert store.subscriptions.of_token(one.token) is None


def test_polling_websub_a_hub_that_never_verified_is_forgotten_without_a_word(store: Store) -> None:
    store.subscriptions.discovered({"one": FOUND}, NOW)
    [one] = taken(store)
    store.subscriptions.discovered({"one": None}, NOW)
    assert store.subscriptions.of_token(one.token) is None
    assert not confirmed(store, one)


# ------------------------------------------------------------------------------------------------------- what it allows


def test_polling_websub_only_what_was_asked_is_confirmed_and_only_once(store: Store) -> None:
    """Mode and topic equal, an ask outstanding (WebSub, 5.3.1)."""
    store.subscriptions.discovered({"one": FOUND}, NOW)
    [one] = taken(store)
    assert not confirmed(store, replace(one, topic=TOPIC + "x"))
    assert not confirmed(store, replace(one, token=one.token[:-1]))
    assert not confirmed(store, one, "unsubscribe")
    assert not confirmed(store, one, "publish")
    assert not confirmed(store, one, now=NOW + DAY + MINUTE)
    assert confirmed(store, one)
    assert not confirmed(store, one)


def test_polling_websub_a_replayed_farewell_ends_nothing(store: Store) -> None:
    """Neither while we are subscribed, nor when we have subscribed anew."""
    old = verified(store)
    assert not confirmed(store, old, "unsubscribe")
    store.subscriptions.discovered({"one": None}, NOW)
    assert len(taken(store)) == 1
    assert confirmed(store, old, "unsubscribe")
    new = verified(store)
    assert not confirmed(store, old, "unsubscribe")
    assert not confirmed(store, new, "unsubscribe")
    assert store.states()[0].push_until == NOW + LEASE


def test_polling_websub_a_denial_ends_the_subscription_at_any_time(store: Store) -> None:
    """Only for its own topic; deliveries end with it (WebSub, 5.2)."""
    one = verified(store)
    assert not store.subscriptions.denied(one.token, "https://other.example/", NOW + DAY)
    assert store.states()[0].push_until == NOW + LEASE
    assert store.subscriptions.denied(one.token, TOPIC, NOW + DAY)
    assert store.states()[0].push_until is None
    assert not delivered(store, one, b"<feed/>")


# ----------------------------------------------------------------------------------------------------------- deliveries


def test_polling_websub_a_delivery_waits_for_its_source_alone(store: Store) -> None:
    """It comes back as it came, as a document of the topic; the schedule of asking the source stays as it is."""
    one = verified(store)
    verified(store, "two", found=replace(FOUND, topic="https://two.example/feed.atom"))
    assert store.claim_delivered(NOW, limit=9, lease=MINUTE) == []
    assert delivered(store, one, b"<feed/>", NOW + HOUR)
    before = store.states()
    [claim] = store.claim_delivered(NOW + HOUR, limit=9, lease=MINUTE)
    assert (claim.name, claim.state.next_check) == ("one", before[0].next_check)
    assert (claim.state.last_push, claim.state.push_until) == (NOW + HOUR, NOW + LEASE)
    assert store.claim_delivered(NOW + HOUR, limit=9, lease=MINUTE) == []
    [delivery] = store.deliveries("one")
    assert delivery == Delivery(
        id=delivery.id,
        source="one",
        topic=TOPIC,
        body=b"<feed/>",
        media_type="application/atom+xml",
        charset="utf-8",
        received=NOW + HOUR,
    )
    assert delivery.fetched() == Fetched(url=TOPIC, body=b"<feed/>", media_type="application/atom+xml", charset="utf-8")
    assert store.deliveries("two") == []
    store.delivered([delivery.id])
    assert store.deliveries("one") == []
    assert store.claim_delivered(NOW + 2 * HOUR, limit=9, lease=MINUTE) == []


def test_polling_websub_a_delivery_during_a_look_is_read_after_it(store: Store) -> None:
    """What is claimed is not claimed again, and nothing is lost."""
    one = verified(store)
    assert len(store.claim_named(["one"], NOW, HOUR)) == 1
    assert delivered(store, one, b"<feed/>")
    assert store.claim_delivered(NOW, limit=9, lease=MINUTE) == []
    assert [claim.name for claim in store.claim_delivered(NOW + HOUR, limit=9, lease=MINUTE)] == ["one"]


def test_polling_websub_at_most_twenty_deliveries_wait_and_the_oldest_go(store: Store) -> None:
    """Of one source; another's stay."""
    one = verified(store)
    two = verified(store, "two", found=replace(FOUND, topic="https://two.example/feed.atom"))
    assert delivered(store, two, b"<two/>")
    for number in range(25):
        assert delivered(store, one, b"<one>%d</one>" % number)
    assert [waiting.body for waiting in store.deliveries("one")] == [b"<one>%d</one>" % n for n in range(5, 25)]
    assert [waiting.body for waiting in store.deliveries("two")] == [b"<two/>"]


def scheduled(folder: Path, **values: datetime | int) -> None:
    """Put what is known of source "one" to what a test needs."""
    with connected(url_of(folder)) as raw:
        one = select(source.c.id).where(source.c.name == "one").scalar_subquery()
        raw.execute(update(schedule).where(schedule.c.source_id == one).values(values))


@pytest.mark.parametrize(
    ("known", "wait"),
    [
        ({}, 0 * MINUTE),
        ({"last_checked": NOW - HOUR}, 0 * MINUTE),
        ({"last_checked": NOW - 2 * MINUTE}, 3 * MINUTE),
        ({"last_checked": NOW - HOUR, "failures": 1}, DAY),
        ({"next_check": NOW + MINUTE, "last_checked": NOW}, MINUTE),
    ],
)
def test_polling_websub_an_empty_delivery_only_makes_the_source_due(
    store: Store, tmp_path: Path, known: dict[str, datetime | int], wait: timedelta
) -> None:
    """At once, but five minutes after the last look at the earliest; a source that fails keeps its pause."""
    one = verified(store)
    scheduled(tmp_path, **{"next_check": NOW + DAY, **known})
    assert delivered(store, one, b"")
    assert store.deliveries("one") == []
    [state, _] = store.states()
    assert (state.next_check, state.last_push) == (NOW + wait, NOW)


def test_polling_websub_a_stopped_source_is_not_started_by_a_delivery(store: Store, tmp_path: Path) -> None:
    """Its server said 410: the operator decides."""
    one = verified(store)
    scheduled(tmp_path, stopped=1)
    assert delivered(store, one, b"<feed/>")
    assert store.claim_delivered(NOW, limit=9, lease=MINUTE) == []
