"""The closed documents of a feed's history: complete with the current one, at every moment, and never changed."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from lxml import etree

from feedsvc.model import Change, Part, Republish
from feedsvc.publish import archives, publish
from feedsvc.render import FORMATS
from tests.feed_rules import accepted, faults
from tests.history import BASE, House, review_of
from tests.samples import NOW
from tests.walker import archive_documents, walk_archive, walk_json

ATOM = "{http://www.w3.org/2005/Atom}"
NS = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nothing stored yet."""
    house = House(tmp_path)
    yield house
    house.close()


def history(house: House, feed: str = "reviews", suffix: str = ".atom") -> list[str]:
    """The ids that a client finds which follows the archives back, sorted."""
    walk = walk_json if suffix == ".json" else walk_archive
    return sorted(guid for guid, _ in walk(f"{BASE}/feeds/{feed}{suffix}", house.get))


def newest_titles(house: House, feed: str = "reviews") -> dict[str, str]:
    """Id → title of the newest form of each review, by the rules of RFC 5005 4.2, read by feedparser."""
    found: dict[str, tuple[str, str]] = {}
    url: str | None = f"{BASE}/feeds/{feed}.atom"
    while url is not None:
        parsed = feedparser.parse(house.get(url))
        for entry in parsed.entries:
            # Documents come newest first: of two forms of one instant the first one met is the later one.
            if entry.id not in found or entry.updated > found[entry.id][0]:
                found[entry.id] = entry.updated, entry.title
        links = [link.href for link in parsed.feed.links if link.rel == "prev-archive"]
        url = links[0] if links else None
    return {guid: title for guid, (_, title) in found.items()}


# ------------------------------------------------------------------------------------------------------------- closing


def changed(number: int, key: str, month: int | None = 5) -> Change:
    """A change whose form is the present one since a month; None: it is not any more."""
    return Change(number, key, None if month is None else NOW.replace(month=month))


def test_while_the_feed_shows_everything_of_this_month_nothing_is_closed() -> None:
    changes = [changed(1, "a"), changed(2, "b", None), changed(3, "b")]

    assert archives.to_close(changes, {"a", "b"}, "2026-05") == []


def test_what_is_not_shown_closes_everything() -> None:
    changes = [changed(1, "a"), changed(2, "b"), changed(3, "c")]

    assert archives.to_close(changes, {"a", "c"}, "2026-05") == changes


def test_an_earlier_form_need_not_be_shown() -> None:
    changes = [changed(1, "a", None), changed(2, "a")]

    assert archives.to_close(changes, {"a"}, "2026-05") == []


def test_a_new_month_closes_the_one_before() -> None:
    changes = [changed(1, "a", 4), changed(2, "b", 4), changed(3, "c", 5)]

    assert archives.to_close(changes, {"a", "b", "c"}, "2026-05") == changes[:2]


START = Part("f", "", 0, 0, 0)


def test_parts_follow_months_and_number_from_one_in_each() -> None:
    changes = [changed(3, "a", 3), changed(5, "b", 3), changed(6, "c", 5), changed(9, "d", 5)]

    assert archives.divided(changes, START, 250, "2026-05") == [
        Part("f", "2026-03", 1, 0, 5),
        Part("f", "2026-05", 1, 5, 9),
    ]


def test_a_part_holds_no_more_reviews_than_it_may() -> None:
    changes = [changed(1, "a", None), changed(2, "a"), changed(3, "b"), changed(4, "c")]

    assert archives.divided(changes, START, 2, "2026-05") == [
        Part("f", "2026-05", 1, 0, 3),
        Part("f", "2026-05", 2, 3, 4),
    ]


def test_parts_go_on_after_the_last_one_and_no_month_comes_before_another() -> None:
    last = Part("f", "2026-05", 2, 10, 20)
    changes = [changed(21, "back again", 3), changed(22, "x", None), changed(23, "y", 6)]

    assert archives.divided(changes, last, 250, "2026-06") == [
        Part("f", "2026-05", 3, 20, 21),
        Part("f", "2026-06", 1, 21, 23),
    ]


def test_a_clock_that_ran_ahead_opens_no_month_to_come() -> None:
    assert archives.divided([changed(1, "a", 9)], START, 250, "2026-05") == [Part("f", "2026-05", 1, 0, 1)]


# ---------------------------------------------------------------------------------------------------------- the chain


def test_a_small_feed_has_no_archive(house: House) -> None:
    house.bring(*map(review_of, range(4)))
    house.publish()

    assert house.parts() == []
    assert b"prev-archive" not in house.at("/feeds/reviews.atom").body
    assert house.publisher.rendition("/feeds/reviews/archive") is None


@pytest.mark.parametrize("suffix", [".atom", ".rss", ".json"])
def test_the_feed_and_its_archives_are_the_whole_history(house: House, suffix: str) -> None:
    reviews = [review_of(number) for number in range(23)]
    for start in range(0, 23, 3):
        house.bring(*reviews[start : start + 3], source="storm" if start % 2 else "night-lantern")
        house.publish()

    assert history(house, suffix=suffix) == sorted(one.id for one in reviews)
    assert len(house.parts()) > 2
    assert 0 < len(house.parts("storm")) < len(house.parts())


def test_what_is_older_than_all_that_is_shown_stands_in_an_archive_at_once(house: House) -> None:
    house.bring(*(review_of(number) for number in range(10, 14)))
    house.publish()
    house.bring(review_of(1))
    house.publish()

    assert "urn:example:1" in history(house)
    assert b"urn:example:1<" not in house.at("/feeds/reviews.atom").body


def test_a_client_meets_each_review_once_in_its_newest_form(house: House) -> None:
    """Though its source dates all its forms alike, and though reviews of one date are told apart by a fraction."""
    same_day = [review_of(number, day=1) for number in range(9)]
    house.bring(*same_day)
    house.publish()
    for number, title in ((2, "Second"), (7, "Seventh"), (2, "Second again")):
        house.bring(review_of(number, day=1, title=title))
        house.publish()
        house.bring(*(review_of(100 + house.now.minute * 10 + more) for more in range(5)))
        house.publish()

    found = newest_titles(house)
    assert found["urn:example:2"] == "Second again"
    assert found["urn:example:7"] == "Seventh"
    assert found["urn:example:3"] == "Review 3"


def test_the_links_of_an_archive_lead_to_the_feed_and_to_the_part_before(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    house.now += timedelta(days=31)
    house.bring(*map(review_of, range(6, 12)))
    house.publish()

    assert house.parts() == ["2026-05-1", "2026-06-1"]
    (current, second, first) = archive_documents(f"{BASE}/feeds/reviews.atom", house.get)
    assert [one.url for one in (second, first)] == [
        f"{BASE}/feeds/reviews/archive/2026-06-1.atom",
        f"{BASE}/feeds/reviews/archive/2026-05-1.atom",
    ]
    assert not current.is_archive
    assert dict(first.links) == {"current": f"{BASE}/feeds/reviews.atom"}
    assert dict(second.links) == {"current": f"{BASE}/feeds/reviews.atom", "prev-archive": first.url}
    root = etree.fromstring(house.at("/feeds/reviews/archive/2026-05-1.atom").body)
    assert root.findtext(ATOM + "id") == f"{BASE}/feeds/reviews"
    assert root.findtext(ATOM + "title") == "All reviews: 2026-05, part 1"


def test_people_find_the_parts_in_a_list(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()

    page = house.at("/feeds/reviews/archive").body.decode()
    assert 'href="/feeds/reviews/archive/2026-05-1.atom"' in page


def test_no_other_address_is_an_archive(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()

    for path in ("reviews/archive/2026-05-2.atom", "reviews/archive/2026-05-1.xml", "other/archive/2026-05-1.atom"):
        assert house.publisher.rendition(f"/feeds/{path}") is None
    assert house.publisher.rendition("/feeds/reviews/archive/2026-05-01.atom") is None


@pytest.mark.parametrize("kind", FORMATS)
def test_every_archive_is_valid(house: House, kind: str, beside: Path) -> None:
    house.bring(*map(review_of, range(8)))
    house.publish()
    house.withdraw(review_of(1))
    house.bring(*map(review_of, range(8, 14)))
    house.publish()
    suffix = FORMATS[kind].suffix
    grammar = etree.RelaxNG(etree.parse(beside / "data" / "atom.rng"))

    documents = {path: body for path, body in house.archives().items() if path.endswith(suffix)}
    assert len(documents) > 1
    for path, body in documents.items():
        wrong = faults(suffix, body, address=BASE + path, now=NOW + timedelta(days=1))
        assert [fault for fault in wrong if not accepted(fault)] == []
        assert kind != "atom" or grammar.validate(etree.fromstring(body)), grammar.error_log


# ------------------------------------------------------------------------------------------------------- never changed


def test_closed_documents_never_change(house: House) -> None:
    house.bring(*map(review_of, range(9)))
    house.publish()
    before = house.archives()
    etags = {path: house.at(path).etag for path in before}

    house.bring(review_of(3, title="Changed"), review_of(20))
    house.bring(review_of(21), source="storm")
    house.publish()
    house.now += timedelta(days=62)
    house.bring(*map(review_of, range(30, 44)))
    house.publish()
    house.restart()
    # As after a loss of all that was drawn.
    house.store.renditions.remove(list(house.store.renditions.etags()))
    drawn_now = {path: house.at(path).body for path in before}
    house.publish()

    assert len(before) == 3
    assert {path: house.at(path).body for path in before} == before
    assert drawn_now == before
    assert {path: house.at(path).etag for path in before} == etags


def test_an_archive_keeps_the_form_that_it_was_closed_with(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    house.bring(review_of(0, title="Quite another"))
    house.bring(*map(review_of, range(10, 16)))
    house.publish()

    assert b"<title>Review 0<" in house.at("/feeds/reviews/archive/2026-05-1.atom").body
    assert b"<title>Quite another<" in house.at("/feeds/reviews/archive/2026-05-2.atom").body


def test_what_is_withdrawn_leaves_every_archive_and_only_its_documents_change(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    house.bring(review_of(0, title="Changed once"))
    house.bring(*map(review_of, range(10, 16)))
    house.publish()
    house.bring(*map(review_of, range(20, 26)))
    house.publish()
    before = house.archives()

    house.withdraw(review_of(0))
    house.publish()

    after = house.archives()
    assert [path for path, body in after.items() if b"urn:example:0<" in body or b"Changed once" in body] == []
    changed = {path for path, body in before.items() if after[path] != body}
    assert changed == {path for path in before if "-1." in path or "-2." in path}
    assert "urn:example:0" not in history(house)
    assert 'ref="urn:example:0"' in house.at("/feeds/reviews.atom").body.decode()


def test_a_withdrawal_stands_in_the_part_in_which_it_happened(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    house.withdraw(review_of(0))
    house.bring(*map(review_of, range(10, 16)))
    house.publish()

    part = etree.fromstring(house.at("/feeds/reviews/archive/2026-05-2.atom").body)
    assert [one.get("ref") for one in part.iterfind("at:deleted-entry", NS)] == ["urn:example:0"]


def test_what_was_brought_back_is_there_again(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    house.withdraw(review_of(0))
    house.publish()
    house.bring_back(review_of(0))
    house.publish()

    assert history(house) == sorted(f"urn:example:{number}" for number in range(6))
    assert b"deleted-entry" not in b"".join(house.archives().values())


def test_other_terms_hold_in_archives_too(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    path = "/feeds/reviews/archive/2026-05-1.atom"
    assert b"It starts with salt &amp;amp; ends with &lt;a" in house.at(path).body

    sources = [replace(source, republish=Republish.LINK) for source in house.settings.sources]
    house.restart(replace(house.settings, sources=tuple(sources)))
    house.publish()

    assert b"It starts with salt" not in house.at(path).body
    assert b"Title, attribution and link only." in house.at(path).body


def test_a_reader_that_asks_by_date_alone_notices_a_withdrawal(house: House) -> None:
    house.bring(*map(review_of, range(6)))
    house.publish()
    path = "/feeds/reviews/archive/2026-05-1.atom"
    before = house.at(path).modified

    house.withdraw(review_of(0))
    house.publish()

    assert house.at(path).modified - before >= timedelta(seconds=1)


def test_a_long_history_is_there_before_all_of_it_is_drawn(house: House) -> None:
    """The first publishing of a big store draws a few parts at a time, and whatever is asked for."""
    house.items(1)
    for month in range(6):
        house.bring(*map(review_of, range(month * 4, month * 4 + 4)))
        house.now += timedelta(days=31)

    assert publish(house.publisher) > 0
    drawn = [path for path in house.store.renditions.etags() if path.endswith(".atom") and "archive" in path]
    assert (len(drawn), len(house.parts())) == (1, 6)
    assert history(house) == sorted(f"urn:example:{number}" for number in range(24))
    in_time = house.archives()
    house.publish()
    drawn = [path for path in house.store.renditions.etags() if path.endswith(".atom") and "archive" in path]
    assert len(drawn) == 6
    assert house.archives() == in_time


# --------------------------------------------------------------------------------------------------- while things move


def test_a_walk_is_complete_while_reviews_arrive_and_change(house: House) -> None:
    """Whatever was there before the walk began is found in it, each once, while another thread stores and publishes."""
    house.bring(*map(review_of, range(12)))
    house.publish()
    done = threading.Event()
    failed: list[BaseException] = []

    def goes_on() -> None:
        try:
            for number in range(12, 32):
                house.bring(review_of(number, day=number % 7), review_of(number % 5, title=f"Title {number}"))
                house.publish()
        except BaseException as fault:
            failed.append(fault)
        finally:
            done.set()

    writer = threading.Thread(target=goes_on)
    writer.start()
    walks = 0
    before = {f"urn:example:{number}" for number in range(12)}
    while not done.is_set() or walks == 0:
        found = [guid for guid, _ in walk_archive(f"{BASE}/feeds/reviews.atom", house.get)]
        assert len(found) == len(set(found))
        assert before <= set(found)
        before = set(found)
        walks += 1
    writer.join()

    assert failed == []
    assert history(house) == sorted(f"urn:example:{number}" for number in range(32))


class Histories(RuleBasedStateMachine):
    """Whatever is stored, changed, withdrawn and brought back: feed and archives are the history, closed parts stay."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.titles: dict[int, str] = {}
        self.out: set[int] = set()
        self.closed: dict[str, bytes] = {}
        self.house.publish()

    @rule(
        numbers=st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True),
        days=st.integers(0, 3),
        source=st.sampled_from(["night-lantern", "night-lantern", "night-lantern"]),
    )
    def store(self, numbers: list[int], days: int, source: str) -> None:
        """New reviews and new forms of known ones, some of one date."""
        title = f"At {self.house.now:%d %H %M}"
        self.house.bring(*(review_of(number, day=number % 3 + days, title=title) for number in numbers), source=source)
        self.titles |= dict.fromkeys(numbers, title)

    @rule()
    def publish(self) -> None:
        """As the schedule does."""
        self.house.publish()

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.house.now += timedelta(days=days)

    @rule(number=st.integers(0, 30))
    def withdraw(self, number: int) -> None:
        """At somebody's request."""
        if number in self.titles and number not in self.out:
            self.house.withdraw(review_of(number))
            self.out.add(number)
            self.closed = {}

    @rule(number=st.integers(0, 30))
    def bring_back(self, number: int) -> None:
        """What was withdrawn."""
        if number in self.out:
            self.house.bring_back(review_of(number))
            self.out.remove(number)
            self.closed = {}

    @rule()
    def restart(self) -> None:
        """Another process goes on."""
        self.house.restart()

    @invariant()
    def holds(self) -> None:
        """After publishing."""
        self.house.publish()
        wanted = {f"urn:example:{number}": t for number, t in self.titles.items() if number not in self.out}
        assert newest_titles(self.house) == wanted
        assert history(self.house) == sorted(wanted)
        assert history(self.house, suffix=".json") == sorted(wanted)
        now = self.house.archives()
        assert {path: now[path] for path in self.closed} == self.closed
        self.closed = now

    def teardown(self) -> None:
        """Nothing stays behind."""
        self.house.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
