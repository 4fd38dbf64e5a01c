"""Chunks of claims, as many processes take them: rows and hosts, each with one of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from feedsvc.model import Source
from feedsvc.store import Chunk, Claim, Look, Store
from tests.databases import database_url

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


def source(name: str, host: str | None = None) -> Source:
    """A feed at a host of its own, unless another is named."""
    return Source(name=name, kind="feed", location=f"https://{host or name}.example/{name}")


def folder(name: str) -> Source:
    return Source(name=name, kind="folder", location=f"/srv/{name}")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return database_url(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, owner="here:1") as opened:
        opened.migrate()
        yield opened


def enrolled(store: Store, *sources: Source) -> Callable[[str], Source | None]:
    """All of them due, in this order; what is configured, by name."""
    checks = {one.name: NOW - timedelta(hours=1) + number * SECOND for number, one in enumerate(sources)}
    store.sync_sources(sources, NOW, first_checks=checks)
    return {one.name: one for one in sources}.get


def names(claims: list[Claim]) -> list[str]:
    return sorted(claim.name for claim in claims)


def test_chunks_hold_fifty_sources_each_and_a_host_is_in_one_of_them(store: Store) -> None:
    known = enrolled(store, *(source(f"s{number}", f"h{number // 3}") for number in range(120)))

    chunks = store.chunks.claim(NOW, most=10, lease=LEASE)

    assert [len(chunk.rows) for chunk in chunks] == [48, 48, 24]
    taken = [store.chunks.take(chunk, NOW, lease=LEASE, configured=known) for chunk in chunks]
    hosts = [{claim.host for claim in claims} for claims in taken]
    assert hosts[0] | hosts[1] | hosts[2] == {f"h{number}.example" for number in range(40)}
    assert not hosts[0] & hosts[1]
    assert not (hosts[0] | hosts[1]) & hosts[2]
    assert len({row for chunk in chunks for row in chunk.rows}) == 120


def test_no_more_chunks_are_claimed_than_were_asked_for(store: Store) -> None:
    enrolled(store, *(source(f"s{number}") for number in range(120)))

    assert [len(chunk.rows) for chunk in store.chunks.claim(NOW, most=1, lease=LEASE)] == [50]
    assert store.chunks.under_way(NOW) == 50
    assert len(store.overdue(NOW)) == 70


def test_a_host_with_many_sources_that_are_due_delays_no_other(store: Store) -> None:
    """Eight of its own at a time; those behind them in the line come along."""
    crowd = [source(f"c{number}", "crowd") for number in range(1200)]
    known = enrolled(store, *crowd, *(source(f"s{number}") for number in range(20)))

    [first, second] = store.chunks.claim(NOW, most=10, lease=LEASE)

    claims = [
        claim for chunk in (first, second) for claim in store.chunks.take(chunk, NOW, lease=LEASE, configured=known)
    ]
    assert names(claims) == sorted([f"c{number}" for number in range(8)] + [f"s{number}" for number in range(20)])
    assert store.chunks.claim(NOW, most=10, lease=LEASE) == []


def test_a_host_rests_when_it_is_given_back(store: Store) -> None:
    known = enrolled(store, *(source(f"c{number}", "crowd") for number in range(10)))
    [chunk] = store.chunks.claim(NOW, most=10, lease=LEASE)
    claims = store.chunks.take(chunk, NOW, lease=LEASE, configured=known)

    store.chunks.leave([(claims[0].token, "crowd.example")], NOW + SECOND)

    assert store.chunks.claim(NOW, most=10, lease=LEASE) == []
    [later] = store.chunks.claim(NOW + SECOND, most=10, lease=LEASE)
    assert names(store.chunks.take(later, NOW, lease=LEASE, configured=known)) == ["c8", "c9"]


def test_files_have_no_host_to_wait_for(store: Store) -> None:
    enrolled(store, *(folder(f"f{number}") for number in range(60)))

    assert [len(chunk.rows) for chunk in store.chunks.claim(NOW, most=10, lease=LEASE)] == [50, 10]
    assert store.chunks.hosts() == {}


def test_a_chunk_that_comes_twice_is_taken_once(store: Store) -> None:
    known = enrolled(store, source("a"), source("b"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)

    assert names(store.chunks.take(chunk, NOW, lease=LEASE, configured=known)) == ["a", "b"]
    assert store.chunks.take(chunk, NOW, lease=LEASE, configured=known) == []


def test_a_message_that_is_lost_costs_the_length_of_a_lease(store: Store) -> None:
    known = enrolled(store, source("a"))
    [lost] = store.chunks.claim(NOW, most=1, lease=LEASE)

    assert store.chunks.claim(NOW + LEASE - SECOND, most=1, lease=LEASE) == []
    [chunk] = store.chunks.claim(NOW + LEASE, most=1, lease=LEASE)
    assert store.chunks.take(lost, NOW + LEASE, lease=LEASE, configured=known) == []
    assert names(store.chunks.take(chunk, NOW + LEASE, lease=LEASE, configured=known)) == ["a"]


def test_what_is_renewed_stays_with_its_worker(store: Store) -> None:
    known = enrolled(store, source("a"), source("b"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)
    claims = store.chunks.take(chunk, NOW, lease=LEASE, configured=known)
    store.release([claim for claim in claims if claim.name == "b"])

    held = store.chunks.renew(claims, NOW + 2 * LEASE)

    assert held == {claim.row for claim in claims if claim.name == "a"}
    assert store.chunks.hosts() == {"a.example": NOW + 2 * LEASE, "b.example": NOW + LEASE}
    assert store.overdue(NOW + LEASE) == [("b", NOW - timedelta(hours=1) + SECOND)]
    assert [name for name, _ in store.overdue(NOW + 2 * LEASE)] == ["a", "b"]


def test_what_nobody_began_is_due_again_at_once_with_its_host(store: Store) -> None:
    enrolled(store, source("a"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)

    store.chunks.give_back(chunk)

    assert [len(again.rows) for again in store.chunks.claim(NOW, most=1, lease=LEASE)] == [1]


def test_what_is_given_back_of_one_chunk_leaves_the_others_their_hosts(store: Store) -> None:
    known = enrolled(store, *(source(f"s{number}") for number in range(120)))
    first, second, third = store.chunks.claim(NOW, most=10, lease=LEASE)

    store.chunks.give_back(second)

    assert [len(store.chunks.take(one, NOW, lease=LEASE, configured=known)) for one in (first, third)] == [50, 20]
    assert store.chunks.take(second, NOW, lease=LEASE, configured=known) == []
    assert [len(chunk.rows) for chunk in store.chunks.claim(NOW, most=10, lease=LEASE)] == [50]


def test_what_is_configured_otherwise_is_left_to_a_worker_that_knows(store: Store) -> None:
    enrolled(store, source("a"), source("b"), source("c"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)
    older = {"a": source("a"), "b": replace(source("b"), licence="CC-BY-4.0")}

    claims = store.chunks.take(chunk, NOW, lease=LEASE, configured=older.get)

    assert names(claims) == ["a"]
    assert store.overdue(NOW) == []
    assert [name for name, _ in store.overdue(NOW + LEASE)] == ["a", "b", "c"]


def test_a_source_is_at_the_host_that_it_is_asked_at(store: Store) -> None:
    """The one that a redirect for good led to, then that of the feed which a page named."""
    known = enrolled(store, source("a"))
    for address, host in (
        ({"location_moved": "https://moved.example:8080/a"}, "moved.example"),
        ({"feed_url": "http://FEEDS.example/a"}, "feeds.example"),
        ({"feed_url": None, "location_moved": None}, "a.example"),
    ):
        [claim] = store.claim_named(["a"], NOW, LEASE)
        [recorded] = store.record([Look(claim=claim, now=NOW, state=claim.state.but(**address))])
        assert not recorded.stale
        store.postpone({"a": NOW})
        [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)
        [again] = store.chunks.take(chunk, NOW, lease=LEASE, configured=known)
        assert again.host == host
        store.release([again])
        store.chunks.leave([(again.token, host)], NOW)


def test_who_names_sources_gets_those_whose_hosts_are_free(store: Store) -> None:
    known = enrolled(store, source("a", "crowd"), source("b", "other"), source("c", "crowd"), folder("f"))
    store.postpone(dict.fromkeys(("b", "c", "f"), NOW + timedelta(days=1)))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)
    assert names(store.chunks.take(chunk, NOW, lease=LEASE, configured=known)) == ["a"]

    claims, busy = store.chunks.claim_named(["a", "b", "c", "f", "nobody"], NOW, lease=LEASE)

    assert names(claims) == ["b", "f"]
    assert busy == ["a", "c"]


def test_who_names_sources_takes_them_out_of_a_chunk_that_nobody_began(store: Store) -> None:
    """And their hosts: what else the chunk holds at those is due again."""
    known = enrolled(store, source("a", "crowd"), source("b", "other"), source("c", "crowd"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)

    claims, busy = store.chunks.claim_named(["a"], NOW, lease=LEASE)

    assert (names(claims), busy) == (["a"], [])
    assert names(store.chunks.take(chunk, NOW, lease=LEASE, configured=known)) == ["b"]
    assert [name for name, _ in store.overdue(NOW)] == ["c"]
    assert store.chunks.claim(NOW, most=1, lease=LEASE) == []
    store.chunks.leave([(claims[0].token, "crowd.example")], NOW)
    assert [len(again.rows) for again in store.chunks.claim(NOW, most=1, lease=LEASE)] == [1]


def test_a_host_of_which_nothing_was_free_is_not_kept(store: Store) -> None:
    enrolled(store, source("a"))
    assert len(store.claim_named(["a"], NOW, LEASE)) == 1

    assert store.chunks.claim_named(["a"], NOW, lease=LEASE) == ([], [])
    assert store.chunks.hosts() == {"a.example": NOW}


def test_hosts_that_nobody_holds_are_forgotten(store: Store) -> None:
    enrolled(store, source("a"), source("b"))
    store.chunks.claim(NOW, most=1, lease=LEASE)

    assert store.prune(NOW + LEASE) == 0
    assert store.prune(NOW + LEASE + timedelta(minutes=2)) == 2
    assert store.chunks.hosts() == {}


def test_many_at_once_get_each_source_and_each_host_once(store: Store, url: str) -> None:
    enrolled(store, *(source(f"s{number}") for number in range(1000)))
    found: list[Chunk] = []

    def claim(number: int) -> None:
        with Store.open(url, owner=f"here:{number}") as own:
            while chunks := own.chunks.claim(NOW, most=2, lease=LEASE):
                found.extend(chunks)

    threads = [Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = [row for chunk in found for row in chunk.rows]
    assert len(rows) == len(set(rows)) == 1000
    assert store.chunks.claim(NOW, most=2, lease=LEASE) == []


def test_many_at_once_get_each_host_with_all_that_is_due_there(store: Store, url: str) -> None:
    """Each claims so much that it looks through what is due several times, and meets the others' hosts on the way."""
    enrolled(store, *(source(f"s{number}", f"h{number % 700}") for number in range(2100)))
    found: list[list[Chunk]] = []

    def claim(number: int) -> None:
        with Store.open(url, owner=f"here:{number}") as own:
            while chunks := own.chunks.claim(NOW, most=20, lease=LEASE):
                found.append(chunks)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(claim, range(4)))

    chunks = [chunk for some in found for chunk in some]
    rows = [row for chunk in chunks for row in chunk.rows]
    assert len(rows) == len(set(rows))
    hosts = [{(row - 1) % 700 for row in chunk.rows} for chunk in chunks]
    assert sum(map(len, hosts)) == len(set.union(*hosts)) == 700


def test_a_host_whose_sources_are_left_to_others_is_free_when_they_are(store: Store) -> None:
    known = enrolled(store, source("a"))
    [chunk] = store.chunks.claim(NOW, most=1, lease=LEASE)

    assert store.chunks.take(chunk, NOW + LEASE / 2, lease=LEASE, configured=lambda _: None) == []

    [again] = store.chunks.claim(NOW + LEASE, most=1, lease=LEASE)
    assert names(store.chunks.take(again, NOW + LEASE, lease=LEASE, configured=known)) == ["a"]
