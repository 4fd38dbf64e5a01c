"""The bench: its feeds are the same in every run and read as what they say, its origin and its arithmetic are right."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from urllib.error import HTTPError

import pytest
from lxml import etree

from bench import feeds
from bench.addresses import address, url
from bench.checks import difference
from bench.collecting import CheckFailed
from bench.origin import Answering, Counts, Origin
from bench.processes import Cost, cpu_seconds, memory, tree
from bench.serving import Found
from bench.serving import read as read_wrk
from bench.serving import rows as serving_rows
from bench.table import Run, cpu_row, draw, memory_rows, peer_rows, rate_row, tick_row
from feedsvc.model import Fetched, Parsed
from feedsvc.parsers import PARSERS

MB = 1_000_000
#: One of each program, twice.
SOME = range(8)


def read(body: bytes) -> Parsed:
    return PARSERS["feed"](Fetched(url="http://127.0.0.1/feed.xml", body=body))


def marks(parsed: Parsed) -> dict[str | None, str]:
    texts = ((item.guid, item.content or item.summary) for item in parsed.items)
    return {guid: "".join(feeds.MARK.findall(text.value)) for guid, text in texts if text}


# ---------------------------------------------------------------------------------------------------------- the feeds


def test_a_feed_is_the_same_in_every_run() -> None:
    assert sha256(feeds.document(0)).hexdigest()[:16] == "615ac3b6d7afbb60"
    assert sha256(feeds.document(3, 2)).hexdigest()[:16] == "e7f61f96d4dd0ae9"


def test_feeds_are_distinct_and_as_large_as_real_ones() -> None:
    bodies = [feeds.document(number) for number in range(44)]

    assert len(set(bodies)) == 44
    assert all(60_000 <= len(body) <= 100_000 for body in bodies)
    assert {feeds.size(number) for number in range(44)} == set(range(20, 31))
    assert sum(feeds.size(number) for number in range(1000)) == 25_000


@pytest.mark.parametrize("number", SOME)
def test_a_feed_is_well_formed_and_holds_what_is_expected_of_it(number: int) -> None:
    parsed = read(feeds.document(number))
    lengths = [len(text.value) for item in parsed.items if (text := item.content or item.summary)]

    assert str(etree.fromstring(feeds.document(number)).tag).endswith("rss" if number % 4 < 2 else "feed")
    assert (parsed.reader, parsed.problems) == ("lxml", ())
    assert marks(parsed) == feeds.expected(number, 0)
    assert all(1_700 <= length <= 4_000 for length in lengths)
    assert all(item.authors and item.title and item.categories and item.published for item in parsed.items)


@pytest.mark.parametrize("number", SOME)
def test_a_changed_feed_has_one_or_two_new_items_on_top_and_one_edited(number: int) -> None:
    before, after = read(feeds.document(number)), read(feeds.document(number, 1))
    new = len({item.guid for item in after.items} - {item.guid for item in before.items})
    old = {item.guid: item for item in before.items}
    edited = [item for item in after.items if item.guid in old and item != old[item.guid]]

    assert new in (1, 2)
    assert all(item.guid not in old for item in after.items[:new])
    assert len(after.items) == len(before.items)
    assert len(edited) == 1
    assert feeds.expected(number, 1) == marks(before) | marks(after)


# --------------------------------------------------------------------------------------------------------- the origin


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin(20) as started:
        yield started


def ask(address: str, etag: str | None = None) -> tuple[int, bytes, str | None]:
    request = urllib.request.Request(address, headers={"If-None-Match": etag} if etag else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), answer.headers["ETag"]
    except HTTPError as error:
        with error:
            return error.code, error.read(), error.headers["ETag"]


def test_every_feed_is_a_host_of_its_own() -> None:
    assert len({address(number) for number in range(100_000)}) == 100_000
    assert (address(0), address(260), address(62_500)) == ("127.10.1.1", "127.10.2.11", "127.11.1.1")


def test_the_origin_answers_as_it_is_told_and_counts_what_it_was_asked(origin: Origin) -> None:
    origin.answer(Answering())
    status, body, etag = ask(url(3, origin.port))
    again = ask(url(3, origin.port), etag)
    other = ask(url(4, origin.port), etag)
    nowhere = ask(f"http://127.0.0.1:{origin.port}/feed.xml")

    assert (status, body) == (200, feeds.document(3))
    assert again[:2] == (304, b"")
    assert other[:2] == (200, feeds.document(4))
    assert nowhere[0] == 404
    assert origin.answer(Answering()) == Counts(requests=4, whole=2, not_modified=1, unknown=1, connections=4)
    assert origin.answer(Answering()) == Counts()


def test_the_origin_changes_one_feed_in_so_many_or_ignores_validators(origin: Origin) -> None:
    origin.answer(Answering())
    tags = {number: ask(url(number, origin.port))[2] for number in range(20)}
    origin.answer(Answering(version=2, every=10))
    changed = {number: ask(url(number, origin.port), tag)[:2] for number, tag in tags.items()}
    origin.answer(Answering(validate=False))

    assert {number for number, (status, _) in changed.items() if status == 200} == {0, 10}
    assert changed[10][1] == feeds.document(10, 2)
    assert ask(url(3, origin.port), tags[3])[:2] == (200, feeds.document(3))


# --------------------------------------------------------------------------------------------------------- the checks


def test_a_missing_a_doubled_and_a_stale_item_are_found_and_named() -> None:
    wanted = {number: feeds.expected(number, 1) for number in range(3)}
    whole = [(number, guid, mark) for number, items in wanted.items() for guid, mark in items.items()]
    stale = [(number, guid, mark[:-1] + "0" if mark.endswith("-1") else mark) for number, guid, mark in whole]

    assert difference(whole, wanted) is None
    assert str(difference(whole[1:], wanted)).startswith("feed 0: 21 items are stored where 22 must be")
    assert str(difference([*whole, whole[-1]], wanted)).startswith("feed 2: 24 items are stored where 23 must be")
    assert "missing: [('https://" in str(difference(stale, wanted))
    assert str(difference(chain(whole, [(7, "id", "mark")]), wanted)).startswith("feed 7: 1 items are stored")


# ------------------------------------------------------------------------------------------------------ the arithmetic


def cost(cpu: float, wall: float, megabytes: int = 50) -> Cost:
    return Cost(wall=wall, cpu=cpu, memory=megabytes * MB)


FLOOR = Run(feeds=1000, start=0.5, first=2.5, looks={"cold": [cost(2.1, 3.0)], "same": [cost(0.3, 1), cost(0.2, 1)]})
OURS = Run(feeds=1000, start=1.0, first=6.0, looks={"cold": [cost(5.5, 4.0)], "same": [cost(0.5, 0.8), cost(0.6, 0.5)]})


def test_cpu_is_given_without_and_with_start_up_and_the_least_of_the_looks_counts() -> None:
    cold = cpu_row("all new", "cold", FLOOR, OURS, 2.5)
    same = cpu_row("same bytes", "same", FLOOR, OURS, 2.4)

    # (6.0 - 1.0) / (2.5 - 0.5), 6.0 / 2.5; 0.5 / 0.2, (0.5 + 1.0) / (0.2 + 0.5)
    assert (cold.ratio, cold.with_start, cold.wanted, cold.held) == ("2.50", "2.40", "at most 2.5", True)
    assert (same.other, same.ours, same.ratio, same.with_start, same.held) == (
        "floor 0.20",
        "0.50",
        "2.50",
        "2.14",
        False,
    )


def test_the_peer_is_compared_by_feeds_a_second_though_it_looked_at_fewer() -> None:
    peer = Run(feeds=250, start=1.0, first=21.0, looks={"cold": [cost(19.0, 20.0)]})
    speed, cpu = peer_rows("all new", "cold", peer, OURS, 20)

    # 1000 / 4 = 250 beside 250 / 20 = 12.5; 20 / 250 * 1000 = 80 beside 5
    assert (speed.other, speed.ours, speed.ratio, speed.held) == ("reader 12.5", "250.0", "20.0", True)
    assert (cpu.other, cpu.ours, cpu.ratio) == ("reader 80.0", "5.0", "0.06")


def test_the_best_of_the_looks_gives_the_feeds_a_second() -> None:
    row = rate_row("same bytes", "same", OURS, 1000)

    assert (row.ours, row.wanted, row.held) == ("2000", "at least 1,000", True)
    assert OURS.peak() == 50 * MB


def test_memory_is_the_peak_and_its_growth_from_the_second_round_on() -> None:
    peak, growth = memory_rows(10_000, [cost(1, 1, 350), cost(1, 1, 200), cost(1, 1, 220)], 400 * MB)

    assert (peak.ours, peak.wanted, peak.held) == ("350 MB", "under 400 MB", True)
    assert (growth.other, growth.ours, growth.ratio, growth.held) == ("round 2: 200 MB", "220 MB", "1.10", False)


WRK = """Running 3s test @ http://127.0.0.1:9110/feeds/reviews.atom
  1 threads and 64 connections
  Latency Distribution
     50%    1.34ms
     99%  {within}
  38121 requests in 3.02s, 3.52GB read
{more}Requests/sec:  12622.85
Transfer/sec:      1.16GB
"""


def test_what_wrk_found_is_read_with_every_kind_of_error() -> None:
    more = "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 50000\n"

    assert read_wrk(WRK.format(within="15.62ms", more="")) == Found(38121, 12622.85, 15.62, 0)
    assert read_wrk(WRK.format(within="980.00us", more="")).within == 0.98
    assert read_wrk(WRK.format(within="1.50s", more=more)) == Found(38121, 12622.85, 1500.0, 54321)
    with pytest.raises(CheckFailed, match="unable to connect"):
        read_wrk("unable to connect to 127.0.0.1:9110 Connection refused\n")


def test_servers_are_compared_by_the_best_round_of_each_and_the_least_cost() -> None:
    def found(rate: float, cpu: float, within: float = 5.0, errors: int = 0) -> Found:
        return Found(answers=100_000, rate=rate, within=within, errors=errors, cpu=cpu)

    turns = {
        "nginx": [found(20_000, 2.0), found(10_000, 1.0)],
        "bare": [found(9_000, 4.0), found(10_000, 5.0)],
        "feedsvc": [found(8_000, 5.0, 50.0), found(6_000, 8.0, 2.0, 3)],
    }
    rounds = {(case, server): ones for case in ("whole", "packed", "conditional") for server, ones in turns.items()}
    lines = list(serving_rows(rounds))

    # 8,000 beside 10,000 and beside 20,000; 50 µs beside 40 and beside 10; 99 % in the best round, not in another
    assert [(row.other, row.ours, row.ratio, row.held) for row in lines[:5]] == [
        ("bare 10,000", "8,000", "0.80", False),
        ("bare 40.0 µs", "50.0 µs", "1.25", None),
        ("nginx 20,000", "8,000", "0.40", True),
        ("nginx 10.0 µs", "50.0 µs", "5.00", None),
        ("nginx 5.0 ms", "50.0 ms", "", False),
    ]
    assert (lines[-1].ours, lines[-1].held) == ("9", False)


def test_the_table_is_markdown_with_every_row() -> None:
    lines = draw([tick_row(100_000, 0.0015, 0.002), rate_row("same bytes", "same", OURS, 3000)]).splitlines()

    assert len({len(line) for line in lines}) == 1
    assert [cell.strip() for cell in lines[2].split("|")] == [
        "", "a tick that finds nothing due, 100,000 sources", "", "1.50 ms", "", "", "under 2 ms", "yes", "",
    ]  # fmt: skip
    assert lines[3].rstrip("| ").endswith("no")


def test_a_process_tree_is_measured_with_what_it_started(origin: Origin) -> None:
    before = cpu_seconds(origin.process)
    origin.answer(Answering(version=1, every=1))
    here = tree(os.getpid())

    assert origin.process in here
    assert cpu_seconds(origin.process) - before > 0.01
    assert memory(origin.process) > 5 * MB
