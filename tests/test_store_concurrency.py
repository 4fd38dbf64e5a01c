"""Many writers of one PostgreSQL database at once: what SQLite keeps safe by having one writer is safe there too."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select, update

from feedsvc.model import Asking, Part, Robots, Source, TokenUse, WithdrawalKind
from feedsvc.store import Recorded, Store, recording, withdrawals
from feedsvc.store.database import Database
from feedsvc.store.opening import open_database
from feedsvc.store.retrying import BrokenOff, retried
from feedsvc.store.schema import counter, host_lease, review, schedule, source
from tests.databases import postgresql_url
from tests.samples import FULL, NOW
from tests.service import PATIENCE, wait_until
from tests.test_store import LANTERN, MINUTE, claimed, item, look, looked
from tests.test_store_faults import EACH, read_whole, source_named
from tests.test_store_renditions import ATOM

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql

T = TypeVar("T")
AT_ONCE = 4


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with its tables."""
    return postgresql_url(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store with one source."""
    with Store.open(url) as store:
        store.sync_sources([LANTERN], NOW)
        yield store


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The database below the store, for transactions that are held open."""
    with closing(open_database(url, create=False)) as database:
        yield database


def at_once(work: Callable[[int], T], many: int = AT_ONCE) -> list[T]:
    """What each of some threads gives that begin together; any error propagates."""
    barrier = threading.Barrier(many)

    def begin(number: int) -> T:
        barrier.wait(PATIENCE)
        return work(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(begin, range(many)))


def waiting(url: str) -> int:
    """How many sessions wait for a lock that another one holds."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with closing(open_database(url, create=False)) as database, database.read() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


def begun(url: str, work: Callable[[], T]) -> Future[T]:
    """Something on its way on a thread, that waits for a lock now."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    wait_until(lambda: waiting(url) > 0 or future.done(), "a wait for a lock")
    assert not future.done()
    pool.shutdown(wait=False)
    return future


# ---------------------------------------------------------------------------------------------------------- collecting


def test_collectors_at_once_take_each_source_once_and_lose_nothing(url: str) -> None:
    """With another that takes over the configuration again and again, and one that puts off what is due."""
    sources = [source_named(number) for number in range(40)]
    names = [source.name for source in sources]
    with Store.open(url) as store:
        store.sync_sources(sources, NOW)

    def work(number: int) -> int:
        with Store.open(url) as store:
            return meddling(store) if number == 3 else collecting(store)

    def collecting(store: Store) -> int:
        new = 0
        # Of what is due a claim may find nothing, while whoever takes over the configuration holds all rows.
        while store.overdue(NOW):
            claims = store.claim_due(NOW, limit=5, lease=MINUTE)
            store.release(claims[3:])
            recorded = store.record([read_whole(claim) for claim in claims[:3]])
            # What was put off to now after it was read is read again, and known.
            assert {(one.new, one.unchanged) for one in recorded} <= {(EACH, 0), (0, EACH)}
            new += sum(one.new for one in recorded)
        return new

    def meddling(store: Store) -> int:
        for turn in range(10):
            other = [replace(source, interval=60.0 + turn) for source in reversed(sources)]
            store.sync_sources(other, NOW)
            store.postpone(dict.fromkeys(reversed(names[:20]), NOW))
        return 0

    assert sum(at_once(work)) == 40 * EACH
    with Store.open(url) as store:
        assert {state.reviews for state in store.states()} == {EACH}


def test_whoever_follows_the_numbers_of_changes_misses_none(url: str, database: Database) -> None:
    """Three record at once; each number that can be seen comes after all that were seen before."""
    sources = [source_named(number) for number in range(30)]
    with Store.open(url) as store:
        store.sync_sources(sources, NOW)
    over = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        while True:
            last = over.is_set()
            newest = seen[-1] if seen else 0
            with database.read() as connection:
                rows = connection.execute(select(review.c.change).where(review.c.change > newest))
                seen.extend(sorted(rows.scalars()))
            if last:
                return

    def collecting(_: int) -> None:
        with Store.open(url) as store:
            while claims := store.claim_due(NOW, limit=2, lease=MINUTE):
                store.record([read_whole(claim) for claim in claims])

    follower = threading.Thread(target=follow)
    follower.start()
    at_once(collecting, 3)
    over.set()
    follower.join(PATIENCE)
    with database.read() as connection:
        assert seen == sorted(connection.execute(select(review.c.change)).scalars())
    assert len(seen) == 30 * EACH


def test_sources_that_are_taken_over_by_several_at_once_are_there_once(url: str) -> None:
    sources = [source_named(number) for number in range(100)]

    def take_over(number: int) -> None:
        with Store.open(url) as store:
            store.sync_sources(sources if number % 2 else sources[::-1], NOW)

    at_once(take_over)
    with Store.open(url) as store:
        assert [state.name for state in store.states()] == [source.name for source in sources]


def test_a_configuration_waits_for_the_look_that_is_being_recorded(store: Store, database: Database, url: str) -> None:
    """Then it forgets what that look learnt: the source is read again under it."""
    held = look(claimed(store, LANTERN.name), reviews=[item(FULL)], etag='"old"')
    with database.write() as connection:
        recording.record(connection, [held])
        moved = replace(LANTERN, location="https://elsewhere.example/feed")
        taking = begun(url, lambda: store.sync_sources([moved], NOW))
    taking.result(PATIENCE)
    (state,) = store.states()
    assert (state.etag, state.next_check, state.reviews) == (None, NOW, 1)


def test_robots_files_noted_by_several_at_once_are_all_kept(store: Store) -> None:
    """The same origins in another order, and what is over is forgotten by all of them."""
    origins = [f"https://host-{number:03}.example" for number in range(50)]

    def note(number: int) -> None:
        for turn in range(10):
            order = origins[number * 10 :] + origins[: number * 10]
            store.pages.note_robots(
                [Robots(origin=one, asking=Asking.ALL, until=NOW + turn * MINUTE, text="") for one in order],
                NOW + (turn - 1) * MINUTE,
            )

    at_once(note)
    assert all(store.pages.robots(one, NOW + 8 * MINUTE) for one in origins)


# -------------------------------------------------------------------------------------------------------- withdrawing


def test_what_is_being_recorded_while_it_is_withdrawn_is_out(store: Store, database: Database, url: str) -> None:
    """The look was first and is not stored yet: the withdrawal waits, and takes what it brought."""
    held = look(claimed(store, LANTERN.name), reviews=[item(FULL)])
    with database.write() as connection:
        recording.record(connection, [held])
        asked = begun(url, lambda: withdraw(store))
    assert asked.result(PATIENCE) == 1
    assert store.withdrawals.source_of(FULL.key) == LANTERN.name


def test_what_is_recorded_while_it_is_being_withdrawn_is_out(store: Store, database: Database, url: str) -> None:
    """The withdrawal was first and is not stored yet: the look waits, and finds it."""
    held = look(claimed(store, LANTERN.name), reviews=[item(FULL)])
    with database.write() as connection:
        withdrawals.withdraw(connection, WithdrawalKind.SOURCE, LANTERN.name, "asked", "outlet", NOW)
        recorded = begun(url, lambda: store.record([held]))
    assert recorded.result(PATIENCE) == [Recorded(withdrawn=1)]
    assert store.withdrawals.source_of(FULL.key) == LANTERN.name


def withdraw(store: Store) -> int:
    """Has the source withdrawn; how many reviews that took."""
    kind = WithdrawalKind.SOURCE
    return store.withdrawals.withdraw(kind, LANTERN.name, reason="asked", requested_by="outlet", now=NOW).reviews


def test_what_was_drawn_before_a_withdrawal_is_not_put_after_it(store: Store, database: Database, url: str) -> None:
    looked(store, LANTERN.name, reviews=[item(FULL)])
    with database.write() as connection:
        withdrawals.withdraw(connection, WithdrawalKind.SOURCE, LANTERN.name, "asked", "outlet", NOW)
        put = begun(url, lambda: store.renditions.put([ATOM], source_names=[LANTERN.name], last_withdrawal=None))
    assert put.result(PATIENCE) == 0
    assert store.renditions.get(ATOM.path) is None


# ----------------------------------------------------------------------------------------------------- chunks of claims


def test_a_host_that_an_operator_takes_while_a_chunk_is_taken_is_with_the_operator_alone(
    store: Store, database: Database, url: str
) -> None:
    """Of two sources at one host the operator names one: the worker waits for that row, and then asks neither."""
    crowd = [
        Source(name=f"outlet-{number}", kind="feed", location=f"https://crowd.example/{number}") for number in (1, 2)
    ]
    store.sync_sources(crowd, NOW)
    [chunk] = store.chunks.claim(NOW, most=1, lease=MINUTE)
    assert len(chunk.rows) == 2

    with database.write() as connection:
        named = schedule.c.source_id == select(source.c.id).where(source.c.name == "outlet-1").scalar_subquery()
        connection.execute(update(host_lease).values(token="operator/1"))
        connection.execute(update(schedule).where(named).values(lease_token="operator/1"))
        known = {one.name: one for one in crowd}
        taken = begun(url, lambda: store.chunks.take(chunk, NOW, lease=MINUTE, configured=known.get))
    assert taken.result(PATIENCE) == []
    assert store.overdue(NOW) == [("outlet-2", NOW)]


# --------------------------------------------------------------------------------------------------------- publishing


def test_renditions_put_and_removed_by_several_at_once(store: Store) -> None:
    """In opposite orders, with the serial counting each change."""
    drawn = [replace(ATOM, path=f"/feeds/{number:02}.atom") for number in range(20)]
    before = store.renditions.serial()

    def publish(number: int) -> int:
        changes = 0
        for turn in range(10):
            made = [replace(one, etag=f'"{number}-{turn}"') for one in (drawn if number % 2 else drawn[::-1])]
            changes += bool(store.renditions.put(made))
            changes += bool(store.renditions.remove([one.path for one in drawn[:5]]))
        return changes

    changes = sum(at_once(publish))
    assert store.renditions.serial() == before + changes
    assert len(store.renditions.etags()) == 15


def test_a_part_is_closed_by_one_of_several(store: Store) -> None:
    for number in range(1, 6):
        parts = [Part("reviews", "2026-05", number, (number - 1) * 100, number * 100)]
        closed = at_once(partial(close, store, parts))
        assert sorted(closed) == [False] * 3 + [True]
    assert [part.until for part in store.archives.parts("reviews")] == [100, 200, 300, 400, 500]


def close(store: Store, parts: Sequence[Part], _number: int) -> bool:
    """What each of them does."""
    return store.archives.close("reviews", parts)


def test_a_change_is_told_of_once_however_many_look(store: Store) -> None:
    published = {f"https://reviews.example/feeds/{number}.atom": '"new"' for number in range(20)}
    hubs = ["https://hub.example/"]
    assert sum(at_once(lambda _: store.hub.changed(published, hubs, NOW, MINUTE))) == 20
    assert len(store.hub.waiting_announcements()) == 20


def test_uses_of_tokens_add_up(store: Store) -> None:
    tokens = [store.tokens.add("partners", None, NOW)[0].number for _ in range(5)]

    def use(number: int) -> None:
        for _ in range(10):
            store.tokens.used({one: TokenUse(1, NOW) for one in (tokens if number % 2 else tokens[::-1])})

    at_once(use)
    assert [token.requests for token in store.tokens.all()] == [40] * 5


# -------------------------------------------------------------------------------------------------- what is broken off


@retried
class Crossing:
    """Two transactions that come to wait for one another, the first time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._both = threading.Barrier(2)
        self.attempts: list[int] = []

    def cross(self, number: int) -> int:
        """Adds one to two counters, in an order that depends on the number."""
        self.attempts.append(number)
        names = ["reviews", "works"] if number else ["works", "reviews"]
        with self._database.write() as connection:
            for name in names:
                this = update(counter).where(counter.c.name == name)
                connection.execute(this.values(value=counter.c.value + 1))
                if len(self.attempts) <= 2 and name == names[0]:
                    self._both.wait(PATIENCE)
        return number


def test_of_two_that_wait_for_one_another_one_is_done_again(
    url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    crossing = Crossing(database)
    with caplog.at_level(logging.INFO):
        assert at_once(crossing.cross, 2) == [0, 1]
    assert len(crossing.attempts) == 3
    assert "Crossing.cross is done again, after attempt 1" in caplog.text
    with database.read() as connection:
        values = {row.name: row.value for row in connection.execute(select(counter))}
    assert (values["reviews"], values["works"]) == (2, 2)


@retried
class Hopeless:
    """What is broken off whenever it is tried."""

    def __init__(self) -> None:
        self.attempts = 0

    def work(self) -> None:
        """Raises BrokenOff."""
        self.attempts += 1
        raise BrokenOff("in vain")


def test_what_is_broken_off_again_and_again_is_given_up() -> None:
    hopeless = Hopeless()
    with pytest.raises(BrokenOff, match="in vain"):
        hopeless.work()
    assert hopeless.attempts == 5
