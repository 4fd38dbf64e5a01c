"""What is new in a feed since an ETag: nothing less than a client has not seen, and as a rule nothing more."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from lxml import etree

from feedsvc.model import Entry, Rendition
from feedsvc.publish.deltas import unseen
from feedsvc.publish.selecting import Shown
from feedsvc.render import FORMATS
from tests.feed_rules import accepted, faults
from tests.history import BASE, House, review_of
from tests.render_entries import FULL_ENTRY
from tests.samples import NOW
from tests.walker import read_json, read_xml

NS = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
ATOM = "/feeds/reviews.atom"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A published feed of eight reviews with room for ten."""
    house = House(tmp_path)
    house.items(10)
    house.bring(*map(review_of, range(8)))
    house.publish()
    yield house
    house.close()


def ids(rendition: Rendition | None) -> list[str]:
    """The ids of the entries of a feed in any format."""
    assert rendition is not None
    read = read_json if rendition.path.endswith(".json") else read_xml
    return [guid for guid, _ in read(BASE + rendition.path, rendition.body).entries]


@pytest.mark.parametrize("kind", FORMATS)
def test_only_what_is_new_under_the_etag_of_the_whole(house: House, kind: str) -> None:
    suffix = FORMATS[kind].suffix
    path = f"/feeds/reviews{suffix}"
    before = house.at(path)
    house.bring(review_of(8))
    house.bring(review_of(2, title="Changed"))
    house.publish()

    delta = house.publisher.delta(path, before.etag)

    assert ids(delta) == ["urn:example:8", "urn:example:2"]
    assert delta is not None
    now = house.at(path)
    assert (delta.path, delta.media_type, delta.etag, delta.modified) == (path, now.media_type, now.etag, now.modified)
    wrong = faults(suffix, delta.body, address=BASE + path, now=NOW + timedelta(hours=1))
    assert [fault for fault in wrong if not accepted(fault)] == []


def test_its_entries_are_those_of_the_whole(house: House) -> None:
    before = house.at(ATOM).etag
    house.bring(review_of(8, day=0.05), review_of(9))
    house.publish()
    delta = house.publisher.delta(ATOM, before)

    assert delta is not None
    whole, new = (
        [etree.tostring(one, with_tail=False) for one in etree.fromstring(body).iterfind("a:entry", NS)]
        for body in (house.at(ATOM).body, delta.body)
    )
    assert set(new) <= set(whole)
    assert len(new) == 2


def test_a_withdrawal_is_told_and_what_came_up_for_it_is_sent(house: House) -> None:
    house.bring(*map(review_of, range(8, 12)))
    house.publish()
    before = house.at(ATOM).etag
    house.withdraw(review_of(9))
    house.publish()

    delta = house.publisher.delta(ATOM, before)

    assert ids(delta) == ["urn:example:1"]
    assert delta is not None
    stones = etree.fromstring(delta.body).iterfind("at:deleted-entry", NS)
    assert [stone.get("ref") for stone in stones] == ["urn:example:9"]


def test_a_withdrawal_of_long_ago_is_not_told_again(house: House) -> None:
    house.withdraw(review_of(3))
    house.publish()
    before = house.at(ATOM).etag
    house.bring(review_of(8))
    house.publish()

    delta = house.publisher.delta(ATOM, before)
    assert delta is not None
    assert b"deleted-entry" not in delta.body
    assert b"deleted-entry" in house.at(ATOM).body


def test_another_process_gives_the_same(house: House) -> None:
    before = house.at(ATOM).etag
    house.bring(review_of(8))
    house.publish()
    delta = house.publisher.delta(ATOM, before)
    house.restart()

    assert house.publisher.delta(ATOM, before) == delta


@pytest.mark.parametrize("form", ['W/"{}"', '"{}-gzip"', '"{}-br"', 'W/"{}-gzip"', ' "{}"'])
def test_a_client_may_name_any_coding_and_a_weak_etag(house: House, form: str) -> None:
    before = house.at(ATOM).etag
    house.bring(review_of(8))
    house.publish()

    assert ids(house.publisher.delta(ATOM, form.format(before.strip('"')))) == ["urn:example:8"]


def test_whoever_holds_what_is_there_gets_nothing_new(house: House) -> None:
    assert ids(house.publisher.delta(ATOM, house.at(ATOM).etag)) == []


def test_the_whole_is_sent_where_nothing_is_known_of_the_etag(house: House) -> None:
    etag = house.at(ATOM).etag
    house.bring(review_of(8))
    house.publish()
    change, rest = etag.strip('"').split("-", 1)
    to_come = f'"c{int(change[1:]) + 1000}-{rest}"'

    for unknown in ('"abc"', "*", "", '"c1"', to_come, etag.strip('"'), f'"c{"9" * 40}-{rest}"'):
        assert house.publisher.delta(ATOM, unknown) is None
    assert house.publisher.delta(ATOM, etag) is not None


def test_the_whole_is_sent_after_the_settings_changed(house: House) -> None:
    before = house.at(ATOM).etag
    house.restart(replace(house.settings, feeds=(replace(house.feed, title="Another"),)))
    house.bring(review_of(8))
    house.publish()

    assert house.publisher.delta(ATOM, before) is None


def test_the_whole_is_sent_where_all_of_it_is_new(house: House) -> None:
    before = house.at(ATOM).etag
    house.bring(*map(review_of, range(8, 18)))
    house.publish()

    assert house.publisher.delta(ATOM, before) is None


@pytest.mark.parametrize("path", ["/", "/feeds/reviews", "/feeds/other.atom", "/feeds/reviews.xml", "/sources"])
def test_nothing_else_has_news(house: House, path: str) -> None:
    assert house.publisher.delta(path, house.at(ATOM).etag) is None


def test_an_etag_stays_while_the_bytes_stay(house: House) -> None:
    """Though reviews of another feed change, and though the feed is drawn again."""
    before = house.at("/feeds/storm.atom").etag
    house.bring(review_of(8))
    house.publish()
    house.now += timedelta(days=40)
    house.publish()

    assert house.at("/feeds/storm.atom").etag == before


def shown_as(*changes: int) -> list[Shown]:
    """Entries by their changes."""
    entries = [Entry(review=replace(FULL_ENTRY.review, key=str(n)), terms=FULL_ENTRY.terms) for n in changes]
    return [Shown(entry, change, None) for entry, change in zip(entries, changes, strict=True)]


@pytest.mark.parametrize(
    ("changes", "since", "sent"),
    [
        # Three new ones pushed three out.
        ((13, 12, 11, 5, 4), 3, [13, 12, 11]),
        # One was withdrawn: the last one came up.
        ((9, 8, 7, 6, 5), 1, [5]),
        # One new, one withdrawn, and the feed was not full before.
        ((11, 9), 2, [11]),
        # Everything below may have moved.
        ((9, 8, 7, 6, 5), 5, [9, 8, 7, 6, 5]),
    ],
)
def test_what_may_have_come_up_from_below_is_sent(changes: tuple[int, ...], since: int, sent: list[int]) -> None:
    assert [one.change for one in unseen(shown_as(*changes), 10, since, 5)] == sent


class Follower(RuleBasedStateMachine):
    """A client that takes deltas where it gets them always has what the feed shows, in its present form."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.house.items(5)
        self.stored: set[int] = set()
        self.out: set[int] = set()
        self.has: dict[str, str] = {}
        self.etag = ""
        self.house.publish()

    @rule(numbers=st.lists(st.integers(0, 15), min_size=1, max_size=3, unique=True), day=st.integers(0, 3))
    def store(self, numbers: list[int], day: int) -> None:
        """New reviews, new forms, other dates."""
        title = f"At {self.house.now:%H %M}"
        self.house.bring(*(review_of(number, day=day + number / 20, title=title) for number in numbers))
        self.stored |= set(numbers)

    @rule(number=st.integers(0, 15))
    def withdraw_or_bring_back(self, number: int) -> None:
        """At somebody's request."""
        if number in self.out:
            self.house.bring_back(review_of(number))
            self.out.remove(number)
        elif number in self.stored:
            self.house.withdraw(review_of(number))
            self.out.add(number)

    @rule()
    def ask(self) -> None:
        """As a client does, now and then."""
        self.house.publish()
        path = "/feeds/reviews.json"
        now = self.house.publisher.delta(path, self.etag) or self.house.at(path)
        self.has |= {item["id"]: item["title"] for item in json.loads(now.body)["items"]}
        self.etag = now.etag
        whole = {item["id"]: item["title"] for item in json.loads(self.house.at(path).body)["items"]}
        assert {guid: self.has[guid] for guid in whole} == whole

    def teardown(self) -> None:
        """The last question."""
        self.ask()
        self.house.close()
        self.folder.cleanup()


TestFollower = Follower.TestCase
TestFollower.settings = settings(
    max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
