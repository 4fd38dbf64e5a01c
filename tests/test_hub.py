"""Our hub as subscribers and strangers meet it: real callbacks on loopback, the real store, a clock that is set."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.hub_house import SITE, TOPIC, Callbacks, House, echo, house
from tests.origin import Answer
from tests.samples import NOW

BODY = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Ren\xc3\xa9</title></feed>"
DAY = 86400


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[House]:
    """A hub of one feed, of which something is published already."""
    made = house(tmp_path)
    with made:
        made.publish(b"<feed/>")
        made.settle()
        yield made


@pytest.fixture
def theirs() -> Iterator[Callbacks]:
    """A subscriber's callback that means what it asks."""
    with Callbacks() as theirs:
        yield theirs


# --------------------------------------------------------------------------------------------------------- verification


def test_hub_a_subscription_is_verified_by_its_callback(hub: House, theirs: Callbacks) -> None:
    """Mode, topic, a challenge that nobody can guess, and the lease (WebSub 5.3)."""
    hub.ask(theirs.url, lease=3600)
    assert hub.store.hub.subscribers() == []
    hub.settle()
    [question] = theirs.questions
    assert {name: value for name, value in question.items() if name != "hub.challenge"} == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.lease_seconds": "3600",
    }
    assert len(question["hub.challenge"]) == 43
    [one] = hub.store.hub.subscribers()
    assert (one.topic, one.callback, one.since, one.lease_until) == (TOPIC, theirs.url, NOW, NOW + timedelta(hours=1))
    assert hub.settle() == 0
    assert len(theirs.questions) == 1


@pytest.mark.parametrize(
    ("asked", "granted"),
    [(None, 10 * DAY), (1, 300), (299, 300), (86400, 86400), (30 * DAY, 30 * DAY), (9_999_999_999, 30 * DAY)],
)
def test_hub_leases_have_bounds(hub: House, theirs: Callbacks, asked: int | None, granted: int) -> None:
    """The callback is told what it gets; ten days where it does not say."""
    hub.ask(theirs.url, lease=asked)  # type: ignore[arg-type]
    hub.settle()
    assert theirs.questions[0]["hub.lease_seconds"] == str(granted)
    assert hub.store.hub.subscribers()[0].lease_until == NOW + timedelta(seconds=granted)


def test_hub_a_callback_keeps_its_own_parameters(hub: House, theirs: Callbacks) -> None:
    hub.ask(f"{theirs.url}?token=a%26b&x=")
    hub.settle()
    assert theirs.paths[0].startswith("/callback?token=a%26b&x=&hub.mode=subscribe&hub.topic=https%3A%2F%2Freviews")
    assert len(hub.store.hub.subscribers()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, b"something else"),
        Answer(200, {}, b""),
        Answer(404),
        Answer(500),
        Answer(200, {}, b"x" * 1_000_000),
        Answer(302, {"Location": "/elsewhere"}),
        Answer(307, {"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.status}-{len(answer.body)}",
)
def test_hub_a_callback_that_does_not_repeat_the_challenge_is_not_subscribed(
    hub: House, theirs: Callbacks, answer: Answer
) -> None:
    """It is asked once, and no redirect is followed (WebSub 5.3.1)."""
    theirs.verify = lambda _: answer
    hub.ask(theirs.url)
    hub.settle()
    hub.later(hours=2)
    assert hub.store.hub.subscribers() == []
    assert [path.partition("?")[0] for path in theirs.paths] == ["/callback"]


@pytest.mark.parametrize("change", [lambda said: said + b"\n", lambda said: said[:-1], lambda said: said.upper()])
def test_hub_a_challenge_is_repeated_exactly(hub: House, theirs: Callbacks, change: object) -> None:
    theirs.verify = lambda question: Answer(200, {}, change(echo(question).body))  # type: ignore[operator]
    hub.ask(theirs.url)
    hub.settle()
    assert hub.store.hub.subscribers() == []


@pytest.mark.parametrize("status", [200, 201, 202, 203, 299])
def test_hub_every_success_verifies(hub: House, theirs: Callbacks, status: int) -> None:
    theirs.verify = lambda question: replace(echo(question), status=status)
    hub.subscribed(theirs)


def test_hub_a_callback_that_hangs_delays_nobody(hub: House) -> None:
    """It is given up by the limits of time; meanwhile others are verified."""
    done = threading.Event()

    def hang(question: dict[str, str]) -> Answer:
        done.wait(30)
        return echo(question)

    hub.renew(total_timeout=1.0)
    with Callbacks("127.0.0.2") as slow, Callbacks() as quick:
        slow.verify = hang
        hub.ask(slow.url)
        hub.ask(quick.url)
        while not hub.store.hub.subscribers():
            hub.teller.turn(0.05)
        assert len(hub.teller) == 1
        hub.settle()
        done.set()
    assert [one.callback for one in hub.store.hub.subscribers()] == [quick.url]


def test_hub_a_callback_at_a_forbidden_address_is_never_asked(hub: House, theirs: Callbacks) -> None:
    """Loopback, as every network of one's own; the redirect of a good address leads there neither."""
    hub.renew(replace(hub.options, private_allowed=False, allowed_ports=(80, 443, theirs.port)))
    for callback in (theirs.url, f"http://127.1:{theirs.port}/x", f"http://[::1]:{theirs.port}/x"):
        hub.ask(callback)
    hub.settle()
    assert theirs.paths == []
    assert hub.store.hub.subscribers() == []


def test_hub_its_own_address_is_no_callback(hub: House, theirs: Callbacks) -> None:
    """Even where private addresses are allowed: nobody makes the service talk to itself."""
    hub.renew(replace(hub.options, own_bind=f"127.0.0.1:{theirs.port}"))
    hub.ask(theirs.url)
    hub.settle()
    assert theirs.paths == []


@pytest.mark.parametrize(
    "topic",
    ["https://other.example/feed", f"{SITE}/", f"{SITE}/feeds/all", f"{TOPIC}?outlet=x", f"{SITE}/feeds/no.rss"],
)
def test_hub_only_our_own_feeds_are_delivered(hub: House, theirs: Callbacks, topic: str) -> None:
    """Anything else is denied, with a reason, and not subscribed (WebSub 5.2)."""
    hub.ask(theirs.url, topic=topic)
    hub.settle()
    assert theirs.questions == [
        {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "This hub does not deliver that topic."}
    ]
    assert hub.store.hub.subscribers() == []


def test_hub_what_is_asked_again_takes_the_place_of_what_was_asked_before(hub: House, theirs: Callbacks) -> None:
    hub.ask(theirs.url, lease=600)
    hub.ask(theirs.url, lease=1200, secret="second")
    hub.settle()
    assert [question["hub.lease_seconds"] for question in theirs.questions] == ["1200"]
    [one] = hub.store.hub.subscribers()
    assert one.secret == "second"


def test_hub_a_renewal_is_verified_and_keeps_its_place(hub: House, theirs: Callbacks) -> None:
    hub.subscribed(theirs, lease=3600)
    [before] = hub.store.hub.subscribers()
    hub.now += timedelta(minutes=30)
    hub.ask(theirs.url, lease=3600, secret="new")
    hub.settle()
    [after] = hub.store.hub.subscribers()
    assert after == replace(before, lease_until=NOW + timedelta(minutes=90), secret="new")


def test_hub_an_unsubscription_is_verified(hub: House, theirs: Callbacks) -> None:
    """And has no lease to speak of."""
    hub.subscribed(theirs)
    hub.ask(theirs.url, "unsubscribe")
    hub.settle()
    assert [question["hub.mode"] for question in theirs.questions] == ["subscribe", "unsubscribe"]
    assert "hub.lease_seconds" not in theirs.questions[1]
    assert hub.store.hub.subscribers() == []
    hub.publish(BODY)
    hub.settle()
    assert theirs.deliveries == []


def test_hub_nobody_is_unsubscribed_by_somebody_else(hub: House, theirs: Callbacks) -> None:
    """Who names another's callback gets it asked, and it knows of nothing; neither is its secret changed."""
    hub.subscribed(theirs, secret="mine")
    theirs.verify = lambda _: Answer(404)
    hub.ask(theirs.url, "unsubscribe")
    hub.ask(theirs.url, secret="stolen")
    hub.settle()
    hub.publish(BODY)
    hub.settle()
    [delivered] = theirs.deliveries
    expected = hmac.new(b"mine", BODY, hashlib.sha256).hexdigest()
    assert delivered.headers["x-hub-signature"] == f"sha256={expected}"


def test_hub_a_feed_has_as_many_subscribers_as_configured(tmp_path: Path, theirs: Callbacks) -> None:
    """The next one is denied; who is subscribed can renew."""
    made = house(tmp_path, "hub = true\nmax_subscribers = 2")
    with made:
        for number in range(4):
            made.ask(f"{theirs.url}/{number}")
        made.settle()
        first, second = (one.callback for one in made.store.hub.subscribers())
        assert {question["hub.mode"] for question in theirs.questions} == {"subscribe", "denied"}
        made.ask(first, lease=400)
        made.settle()
        assert [one.callback for one in made.store.hub.subscribers()] == [first, second]
        assert made.store.hub.subscribers()[0].lease_until == NOW + timedelta(seconds=400)


def test_hub_a_host_has_as_many_subscriptions_as_configured(tmp_path: Path, theirs: Callbacks) -> None:
    """Over all addresses of all feeds; another host's are not counted."""
    made = house(tmp_path, "hub = true\nmax_per_host = 2")
    with made, Callbacks("127.0.0.2") as other:
        for suffix in (".atom", ".rss", ".json"):
            made.ask(theirs.url, topic=f"{SITE}/feeds/all{suffix}")
            made.settle()
        made.subscribed(other)
        assert sorted(one.host for one in made.store.hub.subscribers()) == ["127.0.0.1", "127.0.0.1", "127.0.0.2"]
        assert theirs.questions[-1]["hub.reason"] == "This host has as many subscriptions as it can have."


def test_hub_a_host_that_never_verifies_is_asked_a_bounded_number_of_times(hub: House, theirs: Callbacks) -> None:
    """Twenty an hour, whoever names it and under however many paths; another host is served meanwhile."""
    theirs.verify = lambda _: Answer(404)
    accepted = 0
    for number in range(200):
        accepted += hub.ask(f"{theirs.url}/{number}", topic=TOPIC if number % 2 else "https://wrong.example/")
        hub.settle()
    assert (accepted, len(theirs.questions)) == (20, 20)
    with Callbacks("127.0.0.2") as other:
        hub.subscribed(other)
    hub.later(minutes=61)
    assert hub.ask(theirs.url)


def test_hub_strangers_cannot_keep_a_subscriber_from_renewing(hub: House, theirs: Callbacks) -> None:
    """Its own callback is what counts then, and only what was not verified."""
    hub.subscribed(theirs)
    theirs.verify = lambda question: echo(question) if question["hub.topic"] == TOPIC else Answer(404)
    while hub.ask(f"{theirs.url}/forged", topic="https://wrong.example/"):
        pass
    hub.settle()
    for _ in range(10):
        assert hub.ask(theirs.url, lease=7200)
        hub.settle()
    assert hub.store.hub.subscribers()[0].lease_until == NOW + timedelta(hours=2)


def test_hub_a_host_is_asked_two_things_at_once_at_most(hub: House, theirs: Callbacks) -> None:
    """However many subscriptions it has."""
    for number in range(12):
        hub.ask(f"{theirs.url}/{number}")
    hub.settle()
    assert len(hub.store.hub.subscribers()) == 12
    gate = threading.Event()

    def slowly(_: object) -> Answer:
        gate.wait(0.05)
        return Answer(204)

    theirs.take = slowly
    theirs.most_at_once = 0
    hub.publish(BODY)
    hub.settle()
    assert len(theirs.deliveries) == 12
    assert theirs.most_at_once <= 2


# ----------------------------------------------------------------------------------------------------------- deliveries


def test_hub_a_change_is_delivered_whole_and_signed(hub: House, theirs: Callbacks) -> None:
    """The bytes and type that are served, where they belong, and proof of who sends them (WebSub 7)."""
    hub.subscribed(theirs, secret="s3cr3t-é")
    hub.publish(BODY)
    hub.settle()
    [delivered] = theirs.deliveries
    assert (delivered.path, delivered.body) == ("/callback", BODY)
    assert delivered.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert delivered.headers["link"] == f'<{SITE}/hub>; rel="hub", <{TOPIC}>; rel="self"'
    expected = hmac.new("s3cr3t-é".encode(), BODY, hashlib.sha256).hexdigest()
    assert delivered.headers["x-hub-signature"] == f"sha256={expected}"
    [one] = hub.store.hub.subscribers()
    assert (one.last_delivery, one.lost) == (NOW, 0)
    assert hub.settle() == 0


def test_hub_without_a_secret_nothing_is_signed(hub: House, theirs: Callbacks) -> None:
    hub.subscribed(theirs)
    hub.publish(BODY)
    hub.settle()
    assert "x-hub-signature" not in theirs.deliveries[0].headers


def test_hub_each_format_is_a_topic_of_its_own(hub: House, theirs: Callbacks) -> None:
    for suffix in (".rss", ".json"):
        hub.ask(theirs.url + suffix, topic=f"{SITE}/feeds/all{suffix}")
    hub.settle()
    hub.publish(b"<rss/>", "/feeds/all.rss", "application/rss+xml")
    hub.publish(b"{}", "/feeds/all.json", "application/feed+json")
    hub.settle()
    assert {one.path: (one.headers["content-type"], one.body) for one in theirs.deliveries} == {
        "/callback.rss": ("application/rss+xml; charset=utf-8", b"<rss/>"),
        "/callback.json": ("application/feed+json", b"{}"),
    }


def test_hub_what_did_not_change_is_not_delivered(hub: House, theirs: Callbacks) -> None:
    """Neither at subscribing, nor for other addresses' sake, nor after a restart."""
    hub.subscribed(theirs)
    hub.publish(b"<rss/>", "/feeds/all.rss", "application/rss+xml")
    hub.settle()
    hub.renew()
    hub.settle()
    assert theirs.deliveries == []


@pytest.mark.parametrize("status", [400, 404, 500, 503, 301, 307])
def test_hub_a_delivery_that_fails_is_tried_again_with_longer_pauses(
    hub: House, theirs: Callbacks, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """After 30 seconds and twice as long each time, by a quarter more or less; no redirect is followed."""
    hub.subscribed(theirs)
    theirs.take = lambda _: Answer(status, {"Location": "/elsewhere"})
    hub.publish(BODY)
    assert hub.settle() == 1
    for seconds in (30, 60, 120, 240):
        assert hub.later(seconds=seconds * 0.7) == 0
        assert hub.later(seconds=seconds * 0.6) == 1
    theirs.take = lambda _: Answer(200)
    assert hub.later(hours=1) == 1
    assert hub.later(hours=9) == 0
    assert {one.path for one in theirs.deliveries} == {"/callback"}
    assert hub.store.hub.subscribers()[0].lost == 0


def test_hub_a_delivery_is_given_up_and_the_subscription_stays(
    tmp_path: Path, theirs: Callbacks, caplog: pytest.LogCaptureFixture
) -> None:
    """Until its lease ends; the next change is delivered."""
    made = house(tmp_path, "hub = true\nretries = 2")
    with made:
        made.publish(b"<feed/>")
        made.settle()
        made.subscribed(theirs)
        theirs.take = lambda _: Answer(500)
        made.publish(BODY)
        tried = made.settle() + sum(made.later(hours=1) for _ in range(10))
        assert tried == 3
        assert f"127.0.0.1 is not given this change of {TOPIC}: it answers 500" in caplog.messages
        assert made.store.hub.subscribers()[0].lost == 1
        theirs.take = lambda _: Answer(200)
        made.publish(b"<feed>newer</feed>")
        made.settle()
        assert theirs.deliveries[-1].body == b"<feed>newer</feed>"
        assert made.store.hub.subscribers()[0].lost == 0


def test_hub_a_newer_change_takes_the_place_of_one_that_waits(hub: House, theirs: Callbacks) -> None:
    """It is sent at once, and only it."""
    hub.subscribed(theirs)
    theirs.take = lambda _: Answer(500)
    hub.publish(BODY)
    hub.settle()
    theirs.take = lambda _: Answer(200)
    hub.publish(b"<feed>newer</feed>")
    hub.settle()
    assert [one.body for one in theirs.deliveries] == [BODY, b"<feed>newer</feed>"]
    assert hub.later(hours=9) == 0


def test_hub_a_change_while_it_is_being_sent_is_sent_after_it(hub: House, theirs: Callbacks) -> None:
    """Never two at once to one callback, and the newest last."""
    hub.subscribed(theirs)
    began, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> Answer:
        began.set()
        go_on.wait(30)
        return Answer(200)

    theirs.take = hold
    hub.publish(BODY)
    while not began.is_set():
        hub.teller.turn(0.02)
    hub.publish(b"<feed>newer</feed>")
    hub.teller.turn(0.02)
    assert len(hub.teller) == 1
    go_on.set()
    hub.settle()
    assert [one.body for one in theirs.deliveries] == [BODY, b"<feed>newer</feed>"]
    assert theirs.most_at_once == 1


def test_hub_410_ends_the_subscription(hub: House, theirs: Callbacks) -> None:
    hub.subscribed(theirs)
    theirs.take = lambda _: Answer(410)
    hub.publish(BODY)
    hub.settle()
    assert hub.store.hub.subscribers() == []
    hub.publish(b"<feed>newer</feed>")
    assert hub.settle() == 0


def test_hub_leases_end(hub: House, theirs: Callbacks) -> None:
    """Nothing is delivered after, whatever was waiting."""
    hub.subscribed(theirs, lease=600)
    theirs.take = lambda _: Answer(500)
    hub.publish(BODY)
    hub.settle()
    hub.now += timedelta(seconds=600)
    assert hub.settle() == 0
    hub.publish(b"<feed>newer</feed>")
    assert hub.settle() == 0
    assert hub.store.hub.subscribers() == []


def test_hub_what_is_not_delivered_survives_a_restart(hub: House, theirs: Callbacks) -> None:
    """Also what was published while nobody told of it."""
    hub.subscribed(theirs)
    theirs.take = lambda _: Answer(500)
    hub.publish(BODY)
    hub.settle()
    hub.renew()
    theirs.take = lambda _: Answer(200)
    assert hub.later(minutes=1) == 1
    hub.renew()
    hub.publish(b"<feed>newer</feed>")
    hub.renew()
    hub.settle()
    assert [one.body for one in theirs.deliveries] == [BODY, BODY, b"<feed>newer</feed>"]


def test_hub_a_host_that_asks_to_be_left_alone_is(hub: House, theirs: Callbacks) -> None:
    """For as long as Retry-After says; what else waits for it is put off, and does not count as failed."""
    for number in range(6):
        hub.ask(f"{theirs.url}/{number}")
    hub.settle()
    theirs.take = lambda _: Answer(429, {"Retry-After": "3600"})
    hub.publish(BODY)
    hub.settle()
    assert len(theirs.deliveries) <= 2
    waiting = hub.store.hub.deliveries.due(NOW + timedelta(days=20_000), 100)
    assert len(waiting) == 6
    assert sum(one.failures == 0 for one in waiting) >= 4


def test_hub_a_callback_that_moved_into_the_house_is_not_sent_anything(hub: House, theirs: Callbacks) -> None:
    """The guard decides at each delivery, on the address of that moment; the subscription then lasts to its end."""
    hub.subscribed(theirs)
    hub.renew(replace(hub.options, private_allowed=False, allowed_ports=(80, 443, theirs.port)))
    hub.publish(BODY)
    hub.settle()
    assert theirs.deliveries == []
    assert hub.later(hours=9) == 0
    assert hub.store.hub.subscribers()[0].lost == 1


def test_hub_a_huge_answer_to_a_delivery_is_not_read(hub: House, theirs: Callbacks) -> None:
    """2xx is all that counts."""
    hub.subscribed(theirs)
    theirs.take = lambda _: Answer(200, {}, b"thank you" * 1_000_000)
    hub.publish(BODY)
    assert hub.settle() == 1
    assert hub.later(hours=9) == 0
    assert hub.store.hub.subscribers()[0].last_delivery == NOW


def test_hub_a_large_feed_is_delivered_whole(hub: House, theirs: Callbacks) -> None:
    """Beyond a megabyte libcurl would first ask whether it may."""
    body = b"<feed>" + b"a review " * 300_000 + b"</feed>"
    hub.subscribed(theirs)
    hub.publish(body)
    hub.settle()
    [delivered] = theirs.deliveries
    assert delivered.body == body
    assert "expect" not in delivered.headers


def test_hub_a_subscriber_that_hangs_delays_nobody(hub: House) -> None:
    done = threading.Event()

    def hang(_: object) -> Answer:
        done.wait(30)
        return Answer(200)

    with Callbacks("127.0.0.2") as slow, Callbacks() as quick:
        for number in range(6):
            hub.ask(f"{slow.url}/{number}")
        hub.ask(quick.url)
        hub.settle()
        slow.take = hang
        hub.publish(BODY)
        while not quick.deliveries:
            hub.teller.turn(0.05)
        assert len(slow.deliveries) <= 2
        done.set()
        hub.settle()
        assert len(slow.deliveries) == 6


def test_hub_callbacks_and_secrets_stand_in_no_log(
    hub: House, theirs: Callbacks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    theirs.url += "/canary-callback"
    hub.subscribed(theirs, secret="canary-secret")
    theirs.take = lambda _: Answer(500)
    hub.publish(BODY)
    hub.settle()
    theirs.take = lambda _: Answer(410)
    hub.later(minutes=1)
    theirs.verify = lambda _: Answer(404)
    hub.ask(theirs.url, secret="canary-secret")
    hub.settle()
    assert len(caplog.messages) >= 4
    assert "canary" not in caplog.text


def test_hub_switched_off_tells_nobody(tmp_path: Path, theirs: Callbacks) -> None:
    """And takes up where it was when it is switched on again."""
    made = house(tmp_path)
    with made:
        made.publish(b"<feed/>")
        made.settle()
        made.subscribed(theirs)
        off = house(tmp_path, "hub = false")
        with off:
            off.publish(BODY)
            assert off.settle() == 0
        again = house(tmp_path)
        with again:
            assert again.settle() == 1
    assert [one.body for one in theirs.deliveries] == [BODY]


def test_hub_of_two_processes_one_delivers(hub: House, tmp_path: Path, theirs: Callbacks) -> None:
    """Both verify and tell from one database, and nothing is asked or sent twice."""
    with house(tmp_path) as other:
        for number in range(5):
            hub.ask(f"{theirs.url}/{number}")
        for teller in (hub.teller, other.teller, hub.teller, other.teller):
            teller.turn(0.1)
        hub.settle()
        other.settle()
        assert len(theirs.questions) == 5
        hub.publish(BODY)
        other.teller.nudge()
        for teller in (other.teller, hub.teller, other.teller, hub.teller):
            teller.turn(0.1)
        hub.settle()
        other.settle()
        assert sorted(one.path for one in theirs.deliveries) == [f"/callback/{number}" for number in range(5)]


def test_hub_of_a_feed_that_is_no_more_one_can_leave_and_not_renew(hub: House, theirs: Callbacks) -> None:
    """Nothing of it is delivered meanwhile."""
    gone = f"{SITE}/feeds/all.rss"
    hub.subscribed(theirs, topic=gone)
    hub.settings = replace(hub.settings, feeds=())
    hub.renew()
    hub.publish(b"<rss/>", "/feeds/all.rss", "application/rss+xml")
    hub.ask(theirs.url, topic=gone)
    hub.settle()
    assert theirs.questions[-1]["hub.mode"] == "denied"
    assert theirs.deliveries == []
    hub.ask(theirs.url, "unsubscribe", topic=gone)
    hub.settle()
    assert hub.store.hub.subscribers() == []


def test_hub_what_a_crash_cut_off_is_asked_once_more(hub: House, theirs: Callbacks) -> None:
    """Of a verification; after that the subscriber must ask again."""
    hub.ask(theirs.url)
    for minutes in (0, 5):
        hub.now += timedelta(minutes=minutes)
        assert len(hub.store.hub.take([one.id for one in hub.store.hub.intents(hub.now, 9)], hub.now)) == 1
    assert hub.later(minutes=5) == 0
    assert hub.store.hub.intents(hub.now, 9) == []
    assert theirs.questions == []


def test_hub_many_subscriptions_of_hosts_that_hang_delay_nobody(hub: House) -> None:
    """However many they are, and though all of them were there before."""
    done = threading.Event()

    def hang(_: object) -> Answer:
        done.wait(30)
        return Answer(204)

    with Callbacks("0.0.0.0") as slow, Callbacks() as quick:
        slow.take = hang
        callbacks = [f"http://127.0.0.{2 + number % 2}:{slow.port}/{number}" for number in range(220)]
        for callback in [*callbacks, quick.url]:
            hub.ask(callback)
            [number] = hub.store.hub.take([one.id for one in hub.store.hub.intents(hub.now, 9)], hub.now)
            hub.store.hub.verified(number, hub.now + timedelta(days=1), hub.now)
        hub.publish(BODY)
        while not quick.deliveries:
            hub.teller.turn(0.05)
        assert 0 < len(slow.deliveries) <= 4
        done.set()
