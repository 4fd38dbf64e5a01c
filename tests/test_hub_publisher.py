"""Hubs of others are named where our feeds are, and told when they change: real bytes, a real hub on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from lxml import etree

from feedsvc.config import hub_links, hubs_of
from feedsvc.model import Document, Place, Rendition
from feedsvc.publish import Publisher, publish
from feedsvc.render import FORMATS
from feedsvc.web import create_app
from tests.databases import settings_of
from tests.hub_house import SITE, TOPIC, House, house
from tests.origin import Answer, Asked, Origin
from tests.render_entries import FULL_ENTRY
from tests.samples import FEED, NOW
from tests.samples import SITE as SAMPLE_SITE

FIRST, SECOND = "https://hub.example/", "https://other-hub.example/publish?x=1&y=2"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        yield origin


def told(origin: Origin) -> list[dict[str, str]]:
    """What a hub was posted, in order."""
    return [dict(parse_qsl(asked.body.decode(), strict_parsing=True)) for asked in origin.requests]


def telling(folder: Path, *hubs: str, retries: int = 8) -> House:
    """A service that tells hubs of others."""
    return house(folder, f"hubs = {json.dumps(hubs)}\nretries = {retries}")


# ------------------------------------------------------------------------------------------------- where hubs are named


def test_hub_of_others_and_our_own_are_named_once_ours_first(tmp_path: Path) -> None:
    made = house(tmp_path, f'hub = true\nhubs = ["{FIRST}", "{SITE}/hub", "{SECOND}", "{FIRST}"]')
    with made:
        assert hubs_of(made.settings) == (f"{SITE}/hub", FIRST, SECOND)
        assert hub_links(made.settings, "/feeds/all.rss") == (
            ("self", f"{SITE}/feeds/all.rss"),
            ("hub", f"{SITE}/hub"),
            ("hub", FIRST),
            ("hub", SECOND),
        )


def test_hub_none_is_named_where_none_is_configured(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    settings = settings_of(tmp_path)
    assert hubs_of(settings) == ()
    assert hub_links(settings, "/feeds/all.rss") == ()


def drawn(kind: str, *hubs: str) -> bytes:
    document = Document(feed=FEED, place=Place("/feeds/reviews"), entries=(FULL_ENTRY,), updated=NOW, hubs=hubs)
    return FORMATS[kind].write(SAMPLE_SITE, document)


@pytest.mark.parametrize(("kind", "path"), [("atom", f"{ATOM}link"), ("rss", f"channel/{ATOM}link")])
def test_hub_xml_documents_name_their_hubs_and_themselves(kind: str, path: str) -> None:
    """WebSub 4: rel="hub" and rel="self", in the feed itself and in none of its entries."""
    links = etree.fromstring(drawn(kind, FIRST, SECOND)).findall(path)
    named = [(link.get("rel"), link.get("href")) for link in links if link.get("rel") in ("hub", "self")]
    assert sorted(named) == [
        ("hub", FIRST),
        ("hub", SECOND),
        ("self", f"http://reviews.example/feeds/reviews.{kind}"),
    ]
    assert b'rel="hub"' not in drawn(kind)


def test_hub_json_documents_name_their_hubs_and_themselves() -> None:
    """JSON Feed 1.1, "hubs"."""
    feed = json.loads(drawn("json", FIRST, SECOND))
    assert feed["hubs"] == [{"type": "WebSub", "url": FIRST}, {"type": "WebSub", "url": SECOND}]
    assert feed["feed_url"] == "http://reviews.example/feeds/reviews.json"
    assert "hubs" not in json.loads(drawn("json"))


def test_hub_answers_name_hubs_in_link_headers(tmp_path: Path) -> None:
    """With the address itself; other addresses than those of feeds name none."""
    with house(tmp_path, f'hub = true\nhubs = ["{FIRST}"]') as made:
        publisher = Publisher(store=made.store, settings=made.settings, clock=lambda: NOW)
        publish(publisher)
        client = create_app(made.settings.site, publisher).test_client()
        for suffix in (".atom", ".rss", ".json"):
            answer = client.get(f"/feeds/all{suffix}", headers={"Host": "reviews.example"})
            assert answer.headers["Link"] == (
                f'<{SITE}/feeds/all{suffix}>; rel="self", <{SITE}/hub>; rel="hub", <{FIRST}>; rel="hub"'
            )
        for path in ("/", "/feeds/all", "/feeds/all/credits.json", "/sources.opml"):
            assert "Link" not in client.get(path, headers={"Host": "reviews.example"}).headers


def test_hub_switched_on_feeds_are_drawn_anew(tmp_path: Path) -> None:
    """Else they would not name it before their next review."""
    with house(tmp_path, "hub = false") as made:
        publish(Publisher(store=made.store, settings=made.settings, clock=lambda: NOW))
        before = made.store.renditions.get("/feeds/all.atom")
    with house(tmp_path, "hub = true") as made:
        publish(Publisher(store=made.store, settings=made.settings, clock=lambda: NOW))
        after = made.store.renditions.get("/feeds/all.atom")
    assert isinstance(before, Rendition)
    assert isinstance(after, Rendition)
    assert b'rel="hub"' not in before.body
    assert b'rel="hub"' in after.body


# -------------------------------------------------------------------------------------------------------- what is told


def test_hub_of_others_is_told_of_each_address_that_changed(tmp_path: Path, origin: Origin) -> None:
    """Once, by a form; not of what stayed as it was."""
    hub = origin.answer("/publish", 204)
    with telling(tmp_path, hub) as made:
        made.publish(b"<feed/>")
        made.publish(b"<rss/>", "/feeds/all.rss", "application/rss+xml")
        assert made.settle() == 2
        made.publish(b"<feed>newer</feed>")
        assert made.settle() == 1
        assert made.later(hours=9) == 0
    topics = [form["hub.url"] for form in told(origin)]
    assert (sorted(topics[:2]), topics[2]) == ([TOPIC, f"{SITE}/feeds/all.rss"], TOPIC)
    assert told(origin)[2] == {"hub.mode": "publish", "hub.url": TOPIC, "hub.topic": TOPIC}
    assert origin.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_hub_of_others_is_told_when_what_it_fetches_is_new(tmp_path: Path, origin: Origin) -> None:
    """It asks at once, and each process that serves takes a moment to notice; what changes meanwhile is told of too."""
    hub = origin.answer("/publish", 202)
    with telling(tmp_path, hub) as made:
        made.settling = timedelta(seconds=0.2)
        made.publish(b"<feed/>")
        assert made.settle() == 0
        assert made.later(seconds=0.1) == 0
        assert made.later(seconds=0.1) == 1
        made.publish(b"<feed>newer</feed>")
        while not made.store.hub.waiting_announcements():
            made.teller.turn(0.05)
        made.publish(b"<feed>newest</feed>")
        # The feed does not come to rest, and yet the hub is told in time.
        assert made.later(seconds=0.2) == 1
        while not made.store.hub.waiting_announcements():
            made.teller.turn(0.05)
        assert made.later(seconds=0.2) == 1
        assert made.later(hours=9) == 0


def test_hub_of_others_that_fails_is_told_later_and_harms_no_other(tmp_path: Path, origin: Origin) -> None:
    """With longer and longer pauses, by the address as it is then."""
    good, bad = origin.answer("/good", 202), origin.answer("/bad", 500)
    with telling(tmp_path, bad, good) as made:
        made.publish(b"<feed/>")
        assert made.settle() == 2
        for seconds in (30, 60, 120):
            assert made.later(seconds=seconds * 0.7) == 0
            assert made.later(seconds=seconds * 0.6) == 1
        origin.answer("/bad", 204)
        assert made.later(hours=1) == 1
        assert made.later(hours=9) == 0
        assert [asked.path for asked in origin.requests].count("/good") == 1


def test_hub_of_others_is_given_up_with_a_line_in_the_log(
    tmp_path: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    hub = origin.answer("/publish", 400)
    with telling(tmp_path, hub, retries=2) as made:
        made.publish(b"<feed/>")
        assert made.settle() + sum(made.later(hours=2) for _ in range(6)) == 3
        assert caplog.messages == [f"{hub} is not told that {TOPIC} has changed: it answers 400"]
        assert made.store.hub.waiting_announcements() == []


def test_hub_of_others_what_is_not_told_survives_a_restart(tmp_path: Path, origin: Origin) -> None:
    hub = origin.answer("/publish", 503)
    with telling(tmp_path, hub) as made:
        made.publish(b"<feed/>")
        made.settle()
        [waiting] = made.store.hub.waiting_announcements()
        assert (waiting.hub, waiting.topic, waiting.failures) == (hub, TOPIC, 1)
    origin.answer("/publish", 204)
    with telling(tmp_path, hub) as made:
        assert made.later(minutes=1) == 1
        assert made.store.hub.waiting_announcements() == []


def test_hub_of_others_no_longer_configured_is_told_nothing_more(tmp_path: Path, origin: Origin) -> None:
    hub, other = origin.answer("/publish", 503), origin.answer("/other", 204)
    with telling(tmp_path, hub) as made:
        made.publish(b"<feed/>")
        made.settle()
    with telling(tmp_path, other) as made:
        made.later(minutes=1)
        assert made.store.hub.waiting_announcements() == []
    assert [asked.path for asked in origin.requests] == ["/publish"]


def test_hub_of_others_may_point_to_another(tmp_path: Path, origin: Origin) -> None:
    """307 and 308: the form is sent there as it is."""
    new = origin.answer("/new", 204)
    hub = origin.answer("/old", 308, {"Location": new})
    with telling(tmp_path, hub) as made:
        made.publish(b"<feed/>")
        made.settle()
        assert made.store.hub.waiting_announcements() == []
    assert [asked.path for asked in origin.requests] == ["/old", "/new"]


def test_hub_of_others_passes_the_address_guard(tmp_path: Path, origin: Origin) -> None:
    hub = origin.answer("/publish", 204)
    with telling(tmp_path, hub) as made:
        made.renew(replace(made.options, private_allowed=False, allowed_ports=(origin.port,)))
        made.publish(b"<feed/>")
        made.settle()
        assert made.store.hub.waiting_announcements() == []
    assert origin.requests == []


def test_hub_of_others_that_hangs_delays_nobody(tmp_path: Path, origin: Origin) -> None:
    """Neither other hubs nor what is published meanwhile."""
    done = threading.Event()

    def hang(_: Asked) -> Answer:
        done.wait(30)
        return Answer(204)

    slow = origin.answer("/slow", body=hang)
    with Origin("127.0.0.2") as quick, telling(tmp_path, slow, quick.answer("/quick", 204)) as made:
        made.publish(b"<feed/>")
        while not quick.requests:
            made.teller.turn(0.05)
        made.publish(b"<feed>newer</feed>")
        while len(quick.requests) < 2:
            made.teller.turn(0.05)
        assert [asked.path for asked in origin.requests] == ["/slow"]
        done.set()
        made.settle()
        assert made.later(seconds=1) == 0
        assert made.store.hub.waiting_announcements() == []
    assert len(origin.requests) == 2


def test_hub_pauses_differ_from_work_to_work_and_are_the_same_each_time(tmp_path: Path, origin: Origin) -> None:
    """So that a hundred that failed together are not tried again together."""
    hub = origin.answer("/publish", 500)
    body = b"<feed/>"
    with telling(tmp_path, hub) as made:
        for suffix in (".atom", ".rss", ".json"):
            made.publish(body, f"/feeds/all{suffix}")
        made.settle()
        moments = [one.due - NOW for one in made.store.hub.waiting_announcements()]
    assert len(set(moments)) == 3
    assert all(timedelta(seconds=22.5) <= moment <= timedelta(seconds=37.5) for moment in moments)
