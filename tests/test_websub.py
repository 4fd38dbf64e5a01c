"""WebSub as hubs meet it: the real web server, a real hub, and requests between them over loopback."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from feedsvc.cli.sources import source_lines
from feedsvc.collect import fetch_options
from feedsvc.config import Settings
from feedsvc.fetch import Request, fetch_one
from feedsvc.model import Discovery, Fetched, Source, SourceState
from feedsvc.normalise.hubs import discover, reachable
from feedsvc.parsers import PARSERS
from feedsvc.store import Store
from feedsvc.web.websub import BODIES_AT_ONCE
from feedsvc.websub import Subscriber, end, renew
from tests.databases import settings_of
from tests.origin import Origin
from tests.samples import NOW
from tests.service import Service, feedsvc, free_port, wait_until
from tests.websub_hub import Hub, request, signature

MINUTE = timedelta(minutes=1)
TOPIC = "https://outlet.example/feed.atom"

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:outlet</id><title>Outlet</title>
<updated>2026-05-04T12:00:00Z</updated><link rel="hub" href="{hub}"/><link rel="self" href="{topic}"/>
<entry><id>urn:1</id><title>{title}</title><updated>2026-05-04T12:00:00Z</updated>
<link href="https://outlet.example/1"/></entry></feed>"""


def never() -> bool:
    """Nobody stops the service."""
    return False


@dataclass
class Site:
    """A serving process, and beside it the store that a collector would hold."""

    service: Service
    settings: Settings
    store: Store

    def configure(self, *names: str) -> None:
        """Fresh sources; those of earlier tests are gone, and their leases long over."""
        sources = [Source(name=name, kind="feed", location=f"https://{name}.example/feed") for name in names]
        self.store.sync_sources(sources, datetime.now(UTC))
        renew(replace(self.subscriber(), clock=lambda: datetime.now(UTC) + timedelta(days=100)), never)

    def subscriber(self, base_url: str | None = None) -> Subscriber:
        """What asks hubs, by the clock of this machine."""
        site = replace(self.settings.site, base_url=base_url or self.settings.site.base_url)
        options = fetch_options(self.settings)
        return Subscriber(store=self.store, site=site, options=options, clock=lambda: datetime.now(UTC))

    def found(self, name: str, hub: str, topic: str = TOPIC) -> None:
        """A document of the source names a hub."""
        self.store.subscriptions.discovered({name: Discovery(hubs=(hub,), topic=topic)}, datetime.now(UTC))

    def subscribed(self, name: str, hub: Hub) -> dict[str, str]:
        """A source whose hub has verified its subscription, and what the hub was asked."""
        self.configure(name)
        self.found(name, hub.url)
        assert renew(self.subscriber(), never) == 1
        assert hub.answers[-1].status == 200
        return hub.asked[-1]

    def state(self, name: str) -> SourceState:
        return next(state for state in self.store.states() if state.name == name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The web server on a database that a collector of this process writes too."""
    folder = tmp_path_factory.mktemp("websub")
    (folder / "config.toml").write_text("[polling]\nallow_private_addresses = true\n")
    assert feedsvc(folder, "migrate").returncode == 0
    port = free_port()
    settings = settings_of(folder, FEEDSVC_BIND=f"127.0.0.1:{port}")
    with Store.open(settings.database_url) as store, Service(folder, port=port, command="serve") as service:
        yield Site(service, settings, store)


def test_polling_websub_from_the_feed_to_the_delivered_document(site: Site) -> None:
    """Found in a feed, asked for, verified, delivered, read: only the source's own address was ever fetched."""
    with Origin() as origin, Hub(lease=3600) as hub:
        topic = f"{origin.url}/feed.atom"
        origin.answer("/feed.atom", body=FEED.format(hub=hub.url, topic=topic, title="Fetched").encode())
        site.configure("outlet")
        fetched = fetch_one(Request("outlet", topic), fetch_options(site.settings))
        assert isinstance(fetched, Fetched)
        found = discover(fetched.links, PARSERS["feed"](fetched).feed.links, fetched.url)
        found = reachable(found, site.settings.site.base_url)
        site.store.subscriptions.discovered({"outlet": found}, datetime.now(UTC))

        before = datetime.now(UTC)
        assert renew(site.subscriber(), never) == 1
        [asked] = hub.asked
        assert hub.media_types == ["application/x-www-form-urlencoded"]
        assert {name: asked[name] for name in ("hub.mode", "hub.topic", "hub.lease_seconds")} == {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.lease_seconds": "864000",
        }
        assert asked["hub.callback"].startswith(f"{site.service.url}/websub/")
        assert len(asked["hub.callback"].rpartition("/")[2]) == 43
        assert [(answer.status, answer.body) for answer in hub.answers] == [(200, b"4711-challenge")]
        until = site.state("outlet").push_until
        assert until is not None
        assert before + timedelta(hours=1) <= until <= datetime.now(UTC) + timedelta(hours=1)

        reply = hub.deliver(asked, FEED.format(hub=hub.url, topic=topic, title="Pushed").encode())
        assert (reply.status, reply.body) == (202, b"")
        [claim] = site.store.claim_delivered(datetime.now(UTC), limit=10, lease=MINUTE)
        [delivery] = site.store.deliveries(claim.name)
        parsed = PARSERS["feed"](delivery.fetched())
        assert [item.title.value for item in parsed.items if item.title] == ["Pushed"]
        assert (claim.name, delivery.topic) == ("outlet", topic)
        assert site.state("outlet").last_push == delivery.received
        assert [asked.path for asked in origin.requests] == ["/feed.atom"]


def test_polling_websub_a_hub_may_verify_later(site: Site) -> None:
    """Once; it is not asked a second time while it may still answer."""
    with Hub(eager=False) as hub:
        site.configure("later")
        site.found("later", hub.url)
        assert renew(site.subscriber(), never) == 1
        assert site.state("later").push_until is None
        assert hub.verify(hub.asked[0], topic="https://other.example/").status == 404
        assert hub.verify(hub.asked[0], mode="unsubscribe").status == 404
        assert hub.verify(hub.asked[0]).status == 200
        assert hub.verify(hub.asked[0]).status == 404
        assert site.state("later").push_until is not None
        assert renew(site.subscriber(), never) == 0


def test_polling_websub_renewed_after_two_thirds_of_the_lease(site: Site) -> None:
    """By the same address and secret, so that deliveries go on."""
    with Hub(lease=9000) as hub:
        first = site.subscribed("renewed", hub)
        subscriber = site.subscriber()
        assert renew(replace(subscriber, clock=lambda: datetime.now(UTC) + 99 * MINUTE), never) == 0
        assert renew(replace(subscriber, clock=lambda: datetime.now(UTC) + 101 * MINUTE), never) == 1
        assert hub.asked == [first, first]


def test_polling_websub_a_source_no_longer_configured_is_released(site: Site) -> None:
    """The hub is asked to stop, asks back, and its address is then nobody's."""
    with Hub() as hub:
        subscribed = site.subscribed("leaving", hub)
        site.store.sync_sources([], datetime.now(UTC))
        assert end(site.subscriber()) == 1
        assert hub.deliver(subscribed, b"<feed/>").status == 410
        assert renew(site.subscriber(), never) == 1
        assert hub.asked[1] == {
            "hub.mode": "unsubscribe",
            "hub.topic": TOPIC,
            "hub.callback": subscribed["hub.callback"],
        }
        assert [answer.status for answer in hub.answers] == [200, 200]
        assert hub.deliver(subscribed, b"<feed/>").status == 404
        assert hub.verify(hub.asked[1]).status == 404
        assert renew(site.subscriber(), never) == 0


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (503, True), (429, True), (408, True), (400, False), (403, False), (302, False)]
)
def test_polling_websub_a_hub_that_fails_is_asked_again_and_one_that_refuses_is_not(
    site: Site, status: int, again: bool
) -> None:
    """A day is far less than a refusal lasts."""
    with Hub(status=status) as hub:
        site.configure(f"refused-{status}")
        site.found(f"refused-{status}", hub.url)
        assert renew(site.subscriber(), never) == 1
        tomorrow = replace(site.subscriber(), clock=lambda: datetime.now(UTC) + timedelta(days=1))
        assert renew(tomorrow, never) == int(again)
        assert len(hub.asked) == 1 + again


def test_polling_websub_a_hub_may_point_to_another(site: Site) -> None:
    """307 and 308: the form is sent again as it is (WebSub, 5.1.2)."""
    with Origin() as origin, Hub() as hub:
        moved = origin.answer("/hub", 308, {"Location": hub.url})
        site.configure("moved")
        site.found("moved", moved)
        assert renew(site.subscriber(), never) == 1
        assert site.state("moved").push_until is not None
        assert [asked.method for asked in origin.requests] == ["POST"]


def test_polling_websub_one_dead_hub_does_not_keep_the_others_from_being_asked(site: Site) -> None:
    with Hub() as hub:
        site.configure("a", "b")
        site.found("a", f"http://127.0.0.1:{free_port()}/hub")
        site.found("b", hub.url)
        assert renew(site.subscriber(), never) == 2
        assert site.state("a").push_until is None
        assert site.state("b").push_until is not None


def test_polling_websub_hubs_pass_the_address_guard(site: Site) -> None:
    """A document cannot have us post to the network that we stand in; its hub is not asked again for long."""
    with Hub() as hub:
        site.configure("guarded")
        site.found("guarded", hub.url)
        guarded = replace(site.subscriber(), options=replace(site.subscriber().options, private_allowed=False))
        assert renew(guarded, never) == 1
        assert hub.asked == []
        assert renew(replace(site.subscriber(), clock=lambda: datetime.now(UTC) + timedelta(days=29)), never) == 0


@pytest.mark.parametrize("base_url", ["http://reviews.example", "https://127.0.0.1.example"])
def test_polling_websub_a_site_that_a_hub_cannot_or_may_not_call_asks_for_nothing(site: Site, base_url: str) -> None:
    """Plain http on the web: we poll. https: the web's hubs are asked, by the configured address and no other."""
    with Hub() as hub:
        site.configure("plain")
        site.found("plain", hub.url)
        hub.eager = False
        asked = renew(site.subscriber(base_url), never)
        assert asked == len(hub.asked) == base_url.startswith("https:")
        assert all(form["hub.callback"].startswith(f"{base_url}/websub/") for form in hub.asked)


@pytest.mark.parametrize(
    ("until", "last", "words"),
    [
        (None, None, "next 2026-05-04 12:00 UTC, polling"),
        (NOW, None, "next 2026-05-04 12:00 UTC, its hub delivers until 2026-05-04 12:00 UTC (nothing yet)"),
        (NOW, NOW, "its hub delivers until 2026-05-04 12:00 UTC (last 2026-05-04 12:00 UTC)"),
    ],
)
def test_polling_websub_operators_see_whether_a_hub_delivers(
    until: datetime | None, last: datetime | None, words: str
) -> None:
    """On the source's line of `feedsvc sources`."""
    source = Source(name="outlet", kind="feed", location="https://outlet.example/feed")
    state = SourceState(name="outlet", next_check=NOW, interval=60, last_checked=NOW, push_until=until, last_push=last)
    [line] = source_lines([source], {"outlet": state})
    assert line.endswith(words)


def test_polling_websub_stops_when_the_service_stops(site: Site) -> None:
    """What was not asked is due at the next start."""
    with Hub() as hub:
        site.configure("stopping")
        site.found("stopping", hub.url)
        assert renew(site.subscriber(), lambda: True) == 0
        assert hub.asked == []
        assert renew(site.subscriber(), never) == 1


def test_polling_websub_secrets_stand_in_no_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Neither here nor in the web server's, whatever happens."""
    with Hub(status=503) as failing, Hub() as hub, caplog.at_level(logging.DEBUG):
        site.configure("quiet")
        site.found("quiet", failing.url)
        renew(site.subscriber(), never)
        form = site.subscribed("quiet-2", hub)
        assert request("POST", form["hub.callback"], b"x", {"X-Hub-Signature": "sha1=00"}).status == 202
        logs = caplog.text + site.service.log.read_text(encoding="utf-8")
        for asked in (*failing.asked, *hub.asked):
            assert asked["hub.secret"] not in logs
            assert asked["hub.callback"].rpartition("/")[2] not in logs
    assert "quiet: its hub" in caplog.text


# ------------------------------------------------------------------------------------------------------ hostile clients


def test_polling_websub_forged_deliveries_change_nothing(site: Site) -> None:
    """Unsigned, signed with another secret, and signed with SHA-1 are all answered alike."""
    with Hub() as hub:
        form = site.subscribed("forged", hub)
        body = b"<feed/>"
        for header in ("", "sha256=00", signature("guess", body), signature(form["hub.secret"], body, "sha1")):
            reply = request("POST", form["hub.callback"], body, {"X-Hub-Signature": header} if header else {})
            assert (reply.status, reply.body) == (202, b"")
        assert site.store.deliveries("forged") == []
        assert site.state("forged").last_push is None


@pytest.mark.parametrize("chunked", [False, True])
def test_polling_websub_a_huge_body_is_cut_off(site: Site, chunked: bool) -> None:
    """At ten megabytes, stated or counted, however much more the client would send."""
    with Hub() as hub:
        form = site.subscribed(f"huge-{int(chunked)}", hub)
        head = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {11 * 2**20}"
        with post(form, head) as client:
            if chunked:
                piece = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
                for _ in range(11):
                    client.sendall(piece)
            assert client.recv(100).split()[1] == b"413"
        assert site.store.deliveries(f"huge-{int(chunked)}") == []


def test_polling_websub_slow_bodies_do_not_keep_readers_waiting(site: Site) -> None:
    """A few may be on their way at once; another delivery is told to come again, and comes through when one ends."""
    with Hub() as hub:
        form = site.subscribed("slow", hub)
        slow = [post(form, "Content-Length: 100") for _ in range(BODIES_AT_ONCE)]
        try:
            for client in slow:
                client.sendall(b"x")
            wait_until(lambda: hub.deliver(form, b"<busy/>").status == 503, "a refusal while bodies are on their way")
            assert hub.deliver(form, b"<busy/>").headers["retry-after"] == "60"
            assert site.service.get("/readyz").status == 200
        finally:
            for client in slow:
                client.close()
        wait_until(lambda: hub.deliver(form, b"<later/>").status == 202, "a place after the slow ones have gone")
        assert b"<later/>" in [delivery.body for delivery in site.store.deliveries("slow")]


def test_polling_websub_a_body_that_breaks_off_is_not_kept(site: Site) -> None:
    """Even where what came is well signed."""
    with Hub() as hub:
        form = site.subscribed("broken", hub)
        sign = signature(form["hub.secret"], b"<half/>")
        with post(form, f"X-Hub-Signature: {sign}\r\nContent-Length: 100") as client:
            client.sendall(b"<half/>")
        assert hub.deliver(form, b"<whole/>").status == 202
        assert [delivery.body for delivery in site.store.deliveries("broken")] == [b"<whole/>"]


def test_polling_websub_challenges_are_repeated_as_plain_text_by_the_real_server(site: Site) -> None:
    """No browser makes anything else of it, and no line of it becomes a header."""
    with Hub(eager=False) as hub:
        site.configure("markup")
        site.found("markup", hub.url)
        renew(site.subscriber(), never)
        split = hub.verify(hub.asked[0], challenge="a\r\nX-Injected: 1\r\n\r\n<b>")
        assert (split.status, "x-injected" in split.headers) == (404, False)
        reply = hub.verify(hub.asked[0], challenge="<svg onload=alert(1)>")
        assert (reply.status, reply.body) == (200, b"<svg onload=alert(1)>")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert reply.headers["x-content-type-options"] == "nosniff"


def post(form: dict[str, str], head: str) -> socket.socket:
    """A connection on which a delivery has begun: its headers are sent, its body is not."""
    callback = urlsplit(form["hub.callback"])
    client = socket.create_connection((callback.hostname, callback.port), timeout=60)
    client.sendall(f"POST {callback.path} HTTP/1.1\r\nHost: {callback.netloc}\r\n{head}\r\n\r\n".encode())
    return client
