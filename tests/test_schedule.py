"""Ticks with real parts: what they do when the database is held, the clock is set, a source is slow, or all ends."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from feedsvc.collect import Collector, Outcome, collect, enrol, these
from feedsvc.config import Settings
from feedsvc.model import Rendition, SourceState
from feedsvc.publish import Publisher, publish
from feedsvc.schedule import Schedule
from feedsvc.store import Claim, Store
from tests.databases import database_environ, settings_of
from tests.origin import Answer, Asked, Origin
from tests.service import wait_until

LEASE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
#: So many reviews stand in each feed here.
ITEMS = 3


class Clock:
    """A clock that stands until it is set, and counts how often it was read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        self.read = 0

    def __call__(self) -> datetime:
        self.read += 1
        return self.now


class House:
    """A store, an origin and a clock, with so many sources, each at a host (127.1.0.N) of its own."""

    def __init__(self, folder: Path, origin: Origin, sources: int, *, one_host: bool = False) -> None:
        self.folder = folder
        self.origin = origin
        self.clock = Clock()
        self.outcomes: list[Outcome] = []
        self.names = [f"s{number}" for number in range(sources)]
        for name in self.names:
            origin.answer(f"/{name}", body=offer)
        self.settings = self.configured(*self.names, one_host=one_host)
        self.store = Store.open(self.settings.database_url, owner="here:1")
        self.store.migrate()
        enrol(self.store, self.settings, self.clock.now)
        self.all_due()
        self.collector = Collector(store=self.store, settings=self.settings, clock=self.clock)
        self.publisher = Publisher(store=self.store, settings=self.settings, clock=Clock())

    def configured(self, *names: str, one_host: bool = False) -> Settings:
        host = "127.1.0.1" if one_host else "127.1.{0}.{1}"
        tables = "".join(
            f'[[sources]]\nname = "{name}"\nkind = "feed"\n'
            f'location = "http://{host.format(number // 200, number % 200 + 1)}:{self.origin.port}/{name}"\n'
            for number, name in enumerate(names)
        )
        config = self.folder / "config.toml"
        config.write_text(
            '[service]\nbase_url = "http://reviews.example"\n'
            f'database_url = "sqlite:///{self.folder}/feedsvc.sqlite3?timeout=0.2"\n'
            "[polling]\nallow_private_addresses = true\nprocesses = 1\n"
            '[limits]\ntotal_timeout = "10m"\nslow_seconds = "10m"\n'
            f'[[feeds]]\nname = "all"\ntitle = "All"\n{tables}',
            encoding="utf-8",
        )
        return settings_of(self.folder)

    def all_due(self) -> None:
        self.store.postpone(dict.fromkeys(self.names, self.clock.now))

    def asked(self, name: str) -> int:
        return sum(one.path == f"/{name}" for one in self.origin.requests)

    def states(self) -> dict[str, SourceState]:
        return {state.name: state for state in self.store.states()}

    def collected(self, *names: str) -> bool:
        return all(self.states()[name].reviews == ITEMS for name in names or self.names)

    def collect(self, *claims: Claim) -> None:
        """One collection without a schedule, of all sources or those claimed."""
        given = claims or self.store.claim_named(self.names, self.clock.now, LEASE)
        collect(self.collector, these(given), self.outcomes.append)

    @contextmanager
    def running(self, every: float = 0.2) -> Iterator[Schedule]:
        schedule = Schedule(self.collector, self.publisher, self.outcomes.append, collect_every=every)
        schedule.start()
        try:
            yield schedule
        finally:
            schedule.stop()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin("0.0.0.0") as made:
        yield made


@pytest.fixture
def house(tmp_path: Path, origin: Origin) -> Iterator[House]:
    made = House(tmp_path, origin, 30)
    yield made
    made.store.close()


def offer(asked: Asked) -> Answer:
    name = asked.path[1:]
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}-{number}</guid><title>Review {name}-{number}</title>"
        f"<link>https://{name}.example/{number}</link></item>"
        for number in range(ITEMS)
    )
    body = (
        f"<rss version='2.0'><channel><title>{name}</title><link>https://{name}.example/</link>{items}</channel></rss>"
    )
    return Answer(200, {"Content-Type": "application/rss+xml", "ETag": f'"{name}"'}, body.encode())


class Gate:
    """Lets an answer through when it is opened; `reached` as soon as somebody waits for it."""

    def __init__(self) -> None:
        self.reached = Event()
        self._open = Event()

    def __call__(self, asked: Asked) -> Answer:
        self.reached.set()
        self._open.wait(60)
        return offer(asked)

    def open(self) -> None:
        self._open.set()


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was said of collecting and publishing; a page that another test has served may still miss its store."""
    return [
        record
        for record in caplog.records
        if record.levelno >= logging.ERROR and not record.name.startswith("feedsvc.web")
    ]


# --------------------------------------------------------------------------------------------------------- the database


@pytest.mark.sqlite
def test_a_database_that_is_held_interrupts_collecting_and_nothing_else(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Each says so once, nothing half-written, claims given back; what is there is served; then everything comes."""
    publish(house.publisher)
    gate = Gate()
    house.origin.answer("/s0", body=gate)
    with house.running(every=5), closing(_raw(house)) as other:
        gate.reached.wait(60)
        wait_until(lambda: house.collected(*house.names[1:]), "the others")
        other.execute("BEGIN IMMEDIATE")
        gate.open()
        wait_until(lambda: any("collecting" in error.getMessage() for error in errors(caplog)), "a word on it")
        assert isinstance(house.publisher.rendition("/feeds/all.atom"), Rendition)
        assert house.states()["s0"].reviews == 0
        assert house.states()["s0"].etag is None
        other.execute("ROLLBACK")
        wait_until(house.collected, "everything")
    said = errors(caplog)
    assert len(said) == len({error.getMessage().partition(":")[0] for error in said})
    assert all("feedsvc.sqlite3 is locked" in error.getMessage() and not error.exc_info for error in said)
    assert house.store.owners() == []
    assert [house.asked(name) for name in house.names] == [2] + [1] * 29


def _raw(house: House) -> sqlite3.Connection:
    return sqlite3.connect(house.folder / "feedsvc.sqlite3", isolation_level=None)


@pytest.mark.sqlite
def test_a_database_that_is_held_when_the_service_stops_stops_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(_raw(house)) as other:
        with house.running():
            wait_until(house.collected, "everything")
            wait_until(lambda: house.store.renditions.get("/feeds/all.atom") is not None, "the feed")
            other.execute("BEGIN IMMEDIATE")
        assert {record.exc_info for record in errors(caplog)} <= {None}


# ------------------------------------------------------------------------------------------------------------ the clock


def test_a_clock_that_is_set_forward_makes_no_storm_and_no_silence(house: House) -> None:
    """A day later all thirty are due: they come one a second, the longest overdue first."""
    house.collect()
    before = len(house.origin.requests)
    with house.running():
        house.clock.now += 24 * HOUR
        wait_until(lambda: len(house.origin.requests) > before, "the first")
        wait_until(lambda: house.store.owners() == [], "its end")
        assert len(house.origin.requests) == before + 1
        house.clock.now += timedelta(seconds=10)
        wait_until(lambda: len(house.origin.requests) == before + 11, "ten more")
        house.clock.now += timedelta(seconds=19)
        wait_until(lambda: len(house.origin.requests) == before + 30, "all")
    assert [house.asked(name) for name in house.names] == [2] * 30


def test_a_clock_that_is_set_forward_in_the_middle_of_a_collection_makes_no_storm(house: House) -> None:
    """The collection that is under way takes nothing more; the next tick sees to the rest."""
    house.collect()
    gate = Gate()
    house.origin.answer("/s0", body=gate)
    before = len(house.origin.requests)
    house.store.postpone({"s0": house.clock.now})
    with house.running():
        gate.reached.wait(60)
        house.clock.now += 24 * HOUR
        read = house.clock.read
        wait_until(lambda: house.clock.read > read, "the collection that looks whether more is due")
        assert len(house.origin.requests) == before + 1
        gate.open()
        wait_until(lambda: len(house.origin.requests) == before + 2, "the next")


def test_a_clock_that_is_set_back_makes_no_silence_and_no_storm(house: House) -> None:
    """All are asked again as soon after the last look as they would have been; newcomers within the interval."""
    house.collect()
    usual = {name: state.next_check - house.clock.now for name, state in house.states().items()}
    settings = house.configured(*house.names, *(f"n{number}" for number in range(80)))
    enrol(house.store, settings, house.clock.now)
    house.collector = replace(house.collector, settings=settings)
    before = len(house.origin.requests)
    with house.running():
        wait_until(lambda: len(house.origin.requests) == before + 50, "the newcomers that are due at once")
        wait_until(lambda: house.store.owners() == [], "their end")
        house.clock.now -= 24 * HOUR
        now = house.clock.now

        def aligned() -> bool:
            return all(state.next_check < now + 24 * HOUR for state in house.states().values())

        wait_until(aligned, "other times")
        states = house.states()
        assert {name: states[name].next_check - now for name in house.names} == usual
        late = [state.next_check - now for state in states.values() if state.last_checked is None]
        assert len(late) == 30
        assert max(late) <= timedelta(minutes=30)
        assert len(set(late)) == 30
        assert len(house.origin.requests) == before + 50


# ---------------------------------------------------------------------------------------------------------- the sources


def test_a_slow_source_delays_no_other_and_is_asked_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """What becomes due while it is waited for is collected meanwhile; no second collection is begun."""
    house.store.postpone(dict.fromkeys(house.names[1:], house.clock.now + HOUR))
    gate = Gate()
    house.origin.answer("/s0", body=gate)
    with house.running():
        gate.reached.wait(60)
        house.store.postpone(dict.fromkeys(house.names[1:], house.clock.now))
        wait_until(lambda: house.collected(*house.names[1:]), "the others")
        assert house.asked("s0") == 1
        assert not house.collected("s0")
        gate.open()
        wait_until(lambda: house.collected("s0"), "the slow one")
    assert [house.asked(name) for name in house.names] == [1] * 30


def test_a_slow_host_with_many_sources_delays_no_other_host(tmp_path: Path, origin: Origin) -> None:
    """However many of its sources wait in line."""
    house = House(tmp_path, origin, 500, one_host=True)
    gate = Gate()
    for name in house.names:
        origin.answer(f"/{name}", body=gate)
    origin.answer("/other", body=offer)
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    other = f'[[sources]]\nname = "other"\nkind = "feed"\nlocation = "http://127.1.0.2:{origin.port}/other"\n'
    (tmp_path / "config.toml").write_text(text + other, encoding="utf-8")
    settings = settings_of(tmp_path)
    enrol(house.store, settings, house.clock.now)
    house.store.postpone({"other": house.clock.now + HOUR})
    house.collector = replace(house.collector, settings=settings)
    with house.store, house.running():
        wait_until(lambda: len(house.store.overdue(house.clock.now)) <= 100, "so many in line")
        house.store.postpone({"other": house.clock.now - HOUR})
        wait_until(lambda: house.collected("other"), "the other host")
        assert sum(house.asked(name) for name in house.names) == 2  # No host is asked more at once.
        gate.open()


def test_a_claim_of_a_source_that_is_being_looked_at_waits_for_the_end(house: House) -> None:
    """It was looked at for so long that its lease ended, or another process changed its configuration."""
    claims = house.store.claim_named(["s0"], house.clock.now, LEASE)
    again = house.store.claim_named(["s0"], house.clock.now + 2 * LEASE, LEASE)
    assert [claim.name for claim in again] == ["s0"]
    house.collect(*claims, *again)
    assert house.asked("s0") == 1
    assert house.store.owners() == []


def test_sources_of_another_configuration_hold_up_nobody(house: House) -> None:
    """A process with a newer one made their rows: they are left to it, and ours are collected."""
    newer = house.configured(*house.names, *(f"n{number}" for number in range(250)))
    enrol(house.store, newer, house.clock.now)
    names = [source.name for source in newer.sources]
    house.store.postpone(dict.fromkeys(names, house.clock.now - HOUR) | dict.fromkeys(house.names, house.clock.now))
    with house.running():
        wait_until(house.collected, "ours")
    assert house.store.owners() == []
    assert len(house.origin.requests) == 30


# ------------------------------------------------------------------------------------------------- two on one database


def test_of_two_on_one_database_one_publishes_and_the_other_stands_by(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Started twice with two addresses, they would draw each other's feeds anew for ever; both collect."""
    caplog.set_level(logging.INFO, "feedsvc.schedule")
    other = replace(house.settings, site=replace(house.settings.site, base_url="http://other.example"))

    def drawn_for(site: str) -> bool:
        found = house.store.renditions.get("/feeds/all.atom")
        return found is not None and f'href="{site}/feeds/all.atom"'.encode() in found.body

    with Store.open(house.settings.database_url, owner="here:2") as store:
        second = Schedule(
            replace(house.collector, store=store, settings=other),
            replace(house.publisher, store=store, settings=other),
            house.outcomes.append,
        )
        with house.running():
            wait_until(lambda: house.collected() and drawn_for("http://reviews.example"), "the first one's feed")
            second.start()
            wait_until(lambda: "standing by: another process publishes" in caplog.text, "the second's word")
            assert drawn_for("http://reviews.example")
        wait_until(lambda: drawn_for("http://other.example"), "the second one's feed, when the first is gone")
        second.stop()
    assert caplog.text.count("standing by") == caplog.text.count("elected: the process that published") == 1


# -------------------------------------------------------------------------------------------------------------- the end


def test_told_to_stop_in_the_middle_it_keeps_what_is_in_hand_and_gives_back_the_rest(
    tmp_path: Path, origin: Origin
) -> None:
    """A host of 500 sources that answers three of them: these are stored; nobody waits for the others."""
    house = House(tmp_path, origin, 500, one_host=True)
    gate = Gate()
    for name in house.names:
        origin.answer(f"/{name}", body=lambda asked: offer(asked) if len(origin.requests) <= 3 else gate(asked))
    with house.store:
        with house.running():
            gate.reached.wait(60)
        states = house.states()
        assert sorted(state.reviews for state in states.values())[-4:] == [0, ITEMS, ITEMS, ITEMS]
        assert house.store.owners() == []
        assert {state.next_check for state in states.values() if not state.reviews} == {house.clock.now}
        assert house.store.renditions.get("/feeds/all.atom") is not None
    gate.open()


def test_other_settings_hold_as_soon_as_what_is_in_hand_is_finished(house: House) -> None:
    """A source that hangs does not keep the new ones waiting, and is asked again under the new settings."""
    gate = Gate()
    house.origin.answer("/s0", body=gate)
    house.origin.answer("/new", body=offer)
    with house.running() as schedule:
        gate.reached.wait(60)
        schedule.reload(house.configured(*house.names[:-1], "new"))
        wait_until(lambda: "new" in house.states() and house.collected("new"), "the new one")
        gate.open()
        wait_until(lambda: house.collected("s0"), "the one that hung")
    assert house.asked("s0") == 2
    assert house.store.owners() == []
    assert house.collected(*house.names[:-1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_collection_that_is_interrupted_keeps_what_is_in_hand(house: House, number: int) -> None:
    """Ctrl-C reaches every process of a terminal: no source is blamed, no claim stays, no process, no traceback."""
    gate = Gate()
    house.origin.answer("/s0", body=gate)
    command = [sys.executable, "-m", "feedsvc", "--config", str(house.folder / "config.toml"), "collect"]
    environ = os.environ | database_environ(house.folder)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environ
    ) as process:
        gate.reached.wait(60)
        # The readers are only just starting, or at work.
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 128 + number
    gate.open()
    assert err == "interrupted: 1 of 30 sources were not looked at\n"
    assert "failed" not in out.replace("0 failed", "")
    assert house.collected(*house.names[1:])
    assert (house.states()["s0"].reviews, house.states()["s0"].error) == (0, None)
    assert house.store.owners() == []
    wait_until(lambda: not is_alive(process.pid), "the end of every process")


def test_what_is_collected_is_stored_though_nobody_listens(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """As in `feedsvc collect --verbose | head -1`: one line says so."""

    def gone(outcome: Outcome) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    collect(house.collector, these(house.store.claim_named(house.names, house.clock.now, LEASE)), gone)
    assert house.collected()
    assert [error.getMessage() for error in errors(caplog)] == [
        "what becomes of the sources cannot be told any more: Broken pipe"
    ]


def is_alive(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
