"""What an operator configures, sees and may expect of the hub: keys, `feedsvc subscribers`, a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.config import Settings, WebSub
from feedsvc.errors import ConfigError
from feedsvc.model import Rendition
from feedsvc.websub import Desk, Telling
from tests.commands import run
from tests.databases import refusing, settings_of
from tests.hub_house import OPTIONS, TOPIC, Callbacks, House, house
from tests.origin import Answer
from tests.samples import NOW
from tests.service import wait_until


def read(folder: Path, text: str) -> Settings:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return settings_of(folder)


# ------------------------------------------------------------------------------------------------------- configuration


def test_hub_is_off_unless_it_is_configured(tmp_path: Path) -> None:
    assert read(tmp_path, "").websub == WebSub(hubs=(), hub=False)


def test_hub_every_key_can_be_set(tmp_path: Path) -> None:
    text = """
        [websub]
        hubs = ["https://hub.example/", "https://other.example/publish"]
        hub = true
        min_lease = "1h"
        default_lease = "2d"
        max_lease = "3d"
        max_subscribers = 10
        max_per_host = 5
        retries = 0
    """
    assert read(tmp_path, text).websub == WebSub(
        hubs=("https://hub.example/", "https://other.example/publish"),
        hub=True,
        min_lease=3600,
        default_lease=172_800,
        max_lease=259_200,
        max_subscribers=10,
        max_per_host=5,
        retries=0,
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('hubs = ["hub.example"]', "[websub]: hubs"),
        ('hubs = "https://hub.example/"', "[websub]: hubs"),
        ('hub = "yes"', "[websub]: hub = 'yes': must be true or false"),
        ('max_lease = "10"', "[websub]: max_lease = '10': must be a duration"),
        ("retries = 21", "[websub]: retries = 21: must be less than or equal to 20"),
        ("max_subscribers = 0", "[websub]: max_subscribers = 0: must be greater than or equal to 1"),
        ('min_lease = "11d"', "[websub]: must be min_lease ≤ default_lease ≤ max_lease; change one of the three"),
        ('max_lease = "9d"', "[websub]: must be min_lease ≤ default_lease ≤ max_lease; change one of the three"),
        ("hup = true", "[websub]: key 'hup' is unknown (did you mean 'hub'?)"),
    ],
)
def test_hub_faults_name_their_key(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[websub]\n{line}\n")
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


# ---------------------------------------------------------------------------------------------------- what they can see


def test_hub_operators_see_who_is_subscribed_and_what_hubs_are_still_to_be_told(tmp_path: Path) -> None:
    """By host, without the callback's path or the secret, which are the subscriber's."""
    with house(tmp_path, 'hub = true\nhubs = ["http://127.0.0.1:1/hub"]') as made, Callbacks() as theirs:
        made.publish(b"<feed/>")
        made.settle()
        theirs.url += "/canary"
        made.subscribed(theirs, secret="canary", lease=3600)
        theirs.take = lambda _: Answer(204)
        made.publish(b"<feed>newer</feed>")
        made.settle()
    ran = run(tmp_path, "subscribers")
    assert ran.exit_code == 0
    lines = ran.stdout.splitlines()
    assert lines[:3] == [
        "Hubs: https://reviews.example/hub, http://127.0.0.1:1/hub",
        TOPIC,
        "  127.0.0.1                      until 2026-05-04 13:00 UTC, last delivery 2026-05-04 12:00 UTC",
    ]
    assert lines[3].startswith(f"http://127.0.0.1:1/hub is told of {TOPIC} from 2026-05-04 12:00 UTC, failed once")
    assert lines[4:] == ["1 subscriptions to 1 addresses"]
    told = run(tmp_path, "subscribers", "--json").stdout
    assert json.loads(told)["subscribers"][0]["host"] == "127.0.0.1"
    assert "canary" not in told + ran.stdout


def test_hub_operators_are_told_how_to_switch_it_on(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    ran = run(tmp_path, "subscribers")
    assert ran.stdout.splitlines() == [
        "Hubs: none; set [websub] hub = true, or name some in hubs",
        "0 subscriptions to 0 addresses",
    ]


# ----------------------------------------------------------------------------------------------------- the thread of it


def real_time() -> datetime:
    return datetime.now(UTC)


@contextmanager
def telling(made: House) -> Iterator[Telling]:
    """The thread that tells subscribers, by this machine's clock."""
    thread = Telling(Desk(store=made.store, settings=made.settings, clock=real_time), OPTIONS)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def put(made: House, body: bytes) -> None:
    """New bytes of the feed, of which nobody is told."""
    media_type = "application/atom+xml"
    drawn = Rendition(path="/feeds/all.atom", media_type=media_type, body=body, etag=f'"{len(body)}"', modified=NOW)
    made.store.renditions.put((drawn,))


def test_hub_the_log_says_once_that_news_cannot_be_noted_and_once_that_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the turns between two attempts all else goes well, and says nothing."""

    def said() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "WARNING")]

    with house(tmp_path) as made:
        with refusing(made.settings.database_url, "INSERT ON hub_topic"):
            for number in range(3):
                made.publish(b"<feed>%d</feed>" % number)
                made.settle()
                made.settle()
        assert len(said()) == 1
        assert said()[0].startswith("queueing what subscribers and hubs are to be told met a bug")
        made.publish(b"<feed/>")
        made.settle()
    assert said()[1:] == ["queueing what subscribers and hubs are to be told goes on"]


def test_hub_a_thread_tells_of_what_is_published_and_ends_when_told(tmp_path: Path) -> None:
    with house(tmp_path) as made, Callbacks() as theirs:
        made.now = real_time()
        put(made, b"<feed/>")
        made.settle()
        made.ask(theirs.url)
        with telling(made) as thread:
            wait_until(lambda: len(made.store.hub.subscribers()) == 1, "a verified subscription")
            put(made, b"<feed>newer</feed>")
            thread.nudge()
            wait_until(lambda: len(theirs.deliveries) == 1, "a delivery")
        assert [one.name for one in threading.enumerate() if one.name == "websub"] == []


def test_hub_a_thread_stops_though_a_callback_hangs(tmp_path: Path) -> None:
    """What was under way is delivered after the next start."""
    done = threading.Event()

    def hang(_: object) -> Answer:
        done.wait(60)
        return Answer(204)

    with house(tmp_path) as made, Callbacks() as theirs:
        made.now = real_time()
        put(made, b"<feed/>")
        made.settle()
        made.subscribed(theirs)
        theirs.take = hang
        put(made, b"<feed>newer</feed>")
        with telling(made):
            wait_until(lambda: bool(theirs.deliveries), "the begin of a delivery")
        done.set()
        theirs.take = lambda _: Answer(204)
        assert made.later(minutes=5) == 1


def test_hub_a_reload_switches_it_on_and_off(tmp_path: Path) -> None:
    with house(tmp_path) as made, Callbacks() as theirs:
        made.now = real_time()
        put(made, b"<feed/>")
        made.settle()
        made.subscribed(theirs)
        on, off = made.settings, replace(made.settings, websub=WebSub())
        made.settings = off
        with telling(made) as thread:
            put(made, b"<feed>newer</feed>")
            thread.nudge()
            thread.reload(Desk(store=made.store, settings=on, clock=real_time), OPTIONS)
            wait_until(lambda: len(theirs.deliveries) == 1, "a delivery under the settings of a reload")
