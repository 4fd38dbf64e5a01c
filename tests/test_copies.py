"""One review in several carriers: joined, shown once, named everywhere, and split again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.pairs import judged, labelled
from feedsvc.model import Gone, Outlet, Person, Prose, Rating, Review, Subject
from feedsvc.normalise.likeness import same_review, signature
from feedsvc.publish.joining import MOST_NAMED
from feedsvc.store.copies import MOST_ALIKE
from tests.databases import connected
from tests.history import House, review_of

CONFIG = """
[service]
base_url = "http://reviews.example"

[[sources]]
name = "night-lantern"
kind = "feed"
location = "https://night-lantern.example/feed.atom"

[[sources]]
name = "storm"
kind = "feed"
location = "https://storm.example/feed.atom"

[[sources]]
name = "members"
kind = "feed"
location = "https://members.example/feed.atom"

[[feeds]]
name = "reviews"
title = "All reviews"
sources = ["night-lantern", "storm"]

[[feeds]]
name = "storm"
title = "Storm"
sources = ["storm"]

[[feeds]]
name = "members"
title = "For members"
sources = ["members"]
access = "token"
"""
TEXT = next(pair for pair in labelled() if pair.why.startswith("verbatim")).one.content
OTHER = next(pair for pair in labelled() if pair.why == "two critics on one work").other.content
FORMATS = (".atom", ".rss", ".json")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, CONFIG)
    with made.store:
        yield made


def carried(number: int, outlet: str, *, day: float, **fields: object) -> Review:
    """A review with the text of all these tests, as an outlet published it so many days after 1 April."""
    host = outlet.lower().replace(" ", "-")
    made = replace(
        review_of(number, day=day, title="The Salt Road review"),
        outlet=Outlet(name=outlet, url=f"https://{host}.example/"),
        url=f"https://{host}.example/{number}",
        via=None,
        authors=(Person(name="Ines Okafor"),),
        subject=Subject(name="The Salt Road", type="Movie", year=2026),
        rating=None,
        content=TEXT,
        summary=None,
        excerpt=Prose(html="<p>There is a moment.</p>", text="There is a moment."),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def both(house: House) -> tuple[Review, Review]:
    """The first carrier and a later one, brought the other way round, and published."""
    first, later = carried(1, "Harbour Gazette", day=1), carried(2, "Evening Ledger", day=3)
    house.bring(later, source="storm")
    house.bring(first)
    house.publish()
    return first, later


def entries(house: House, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(house.at(path).body)["items"]
    return items


def shown(house: House, path: str = "/feeds/reviews.json") -> list[str]:
    """The addresses of what a feed shows."""
    return [each["url"] for each in entries(house, path)]


def also(house: House, key: str) -> list[tuple[str, str | None]]:
    """The other places that a stored review names."""
    found = house.store.review(key)
    assert found is not None
    return [(each.url, each.outlet) for each in found.also]


# ----------------------------------------------------------------------------------------------------------- judgement


def test_the_pairs_labelled_by_hand_are_judged_as_a_person_does() -> None:
    pairs = labelled()
    assert len(pairs) == 60
    assert sum(pair.same for pair in pairs) == 30
    score = judged(pairs)
    assert score.precision >= 0.98, score.misses
    assert score.recall >= 0.90, score.misses


def test_a_judgement_does_not_depend_on_who_is_asked_first() -> None:
    assert [same_review(pair.other, pair.one) for pair in labelled()] == [
        same_review(pair.one, pair.other) for pair in labelled()
    ]


def test_copies_are_found_by_a_key_that_they_share() -> None:
    alone = [
        pair.why
        for pair in labelled()
        if pair.same and set(signature(pair.one).keys).isdisjoint(signature(pair.other).keys)
    ]
    assert alone == []


# ------------------------------------------------------------------------------------------------------------- joining


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_feed_shows_the_first_carrier_and_every_format_names_the_other(house: House, suffix: str) -> None:
    both(house)
    assert shown(house) == ["https://harbour-gazette.example/1"]
    body = house.at(f"/feeds/reviews{suffix}").body
    assert b"https://evening-ledger.example/2" in body
    assert b"Evening Ledger" in body


def test_json_says_where_else_and_when_it_was_collected(house: House) -> None:
    both(house)
    assert entries(house, "/feeds/reviews.json")[0]["_attribution"]["also"] == [
        {"outlet": "Evening Ledger", "url": "https://evening-ledger.example/2", "collected": "2026-05-04T12:01:00Z"}
    ]


def test_a_feed_that_has_the_copy_alone_shows_the_copy(house: House) -> None:
    both(house)
    assert shown(house, "/feeds/storm.json") == ["https://evening-ledger.example/2"]
    assert also(house, carried(2, "Evening Ledger", day=3).key) == [
        ("https://harbour-gazette.example/1", "Harbour Gazette")
    ]


def test_the_page_of_a_copy_leads_to_what_stands_in_the_feeds(house: House) -> None:
    first, later = both(house)
    led = f'/reviews/{first.key}">The one that stands in the feeds</a>'
    assert led.encode() in house.at(f"/reviews/{later.key}").body
    assert b"stands in the feeds" not in house.at(f"/reviews/{first.key}").body
    assert b"Evening Ledger" in house.at(f"/reviews/{first.key}").body


def test_views_search_and_counts_hold_it_once(house: House) -> None:
    both(house)
    for address in ("/feeds/reviews.json?subject=the-salt-road", "/feeds/reviews.json?q=caravan"):
        assert [each["url"] for each in json.loads(house.get(address))["items"]] == [
            "https://harbour-gazette.example/1"
        ]
    views, sources = house.store.views, ["night-lantern", "storm"]
    assert [(value.label, value.reviews) for value in views.values("critic", sources, 5)] == [("Ines Okafor", 1)]
    assert b"1 review" in house.get("/subjects/the-salt-road")


def test_a_view_by_outlet_finds_what_it_carries(house: House) -> None:
    both(house)
    for address in ("/feeds/reviews.json?outlet=evening-ledger", "/feeds/reviews.json?outlet=harbour-gazette"):
        assert [each["url"] for each in json.loads(house.get(address))["items"]] == [
            "https://harbour-gazette.example/1"
        ]
    page = house.get("/outlets/evening-ledger")
    assert b"The Salt Road review" in page
    assert b'href="https://harbour-gazette.example/"' not in page.split(b"<article")[0]


def test_a_planet_that_carries_an_outlets_own_review_is_named_with_its_own_address(house: House) -> None:
    own = carried(1, "Harbour Gazette", day=1)
    planet = replace(own, key="planetplanet1234", via=Outlet(name="Salt Planet", url="https://planet.example/"))
    house.bring(planet, source="storm")
    house.bring(own)
    house.publish()
    assert also(house, own.key) == [("https://planet.example/", "Salt Planet")]
    assert also(house, planet.key) == []
    assert [each["_attribution"].get("via") for each in entries(house, "/feeds/reviews.json")] == [None]
    assert [each["_attribution"]["via"]["name"] for each in entries(house, "/feeds/storm.json")] == ["Salt Planet"]


def test_a_home_page_is_said_to_be_no_version_of_the_review(house: House) -> None:
    """It names who carries it too; a search engine that is told that both are the same would be told what is not so."""
    own = carried(1, "Harbour Gazette", day=1)
    planet = replace(own, key="planetplanet1234", via=Outlet(name="Salt Planet", url="https://planet.example/"))
    house.bring(planet, source="storm")
    house.bring(own, carried(2, "Evening Ledger", day=3))
    house.publish()
    for suffix in (".atom", ".rss"):
        body = house.at(f"/feeds/reviews{suffix}").body
        assert re.findall(rb"<dcterms:isVersionOf>([^<]+)<", body) == [b"https://evening-ledger.example/2"]
        assert body.count(b'href="https://planet.example/"') == 1
    page = house.at(f"/reviews/{own.key}").body
    assert b'"sameAs":["https://evening-ledger.example/2"]' in page.replace(b'": [', b'":[')


def test_two_feeds_of_one_house_are_no_two_carriers(house: House) -> None:
    """Many sites have a feed for each section, and what stands in several of them stands there once."""
    front = carried(1, "Harbour Gazette", day=1)
    everything = replace(
        front,
        key="everythingevery1",
        outlet=Outlet(name="Harbour Gazette - All posts", url="http://www.harbour-gazette.example"),
    )
    house.bring(everything, source="storm")
    house.bring(front)
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]
    assert also(house, front.key) == also(house, everything.key) == []


def test_two_outlets_at_one_host_are_two_carriers(house: House) -> None:
    own = carried(1, "Harbour Gazette", day=1, url="https://blogs.example/gazette/1")
    own = replace(own, outlet=Outlet(name="Harbour Gazette", url="https://blogs.example/gazette"))
    planet = replace(own, key="planetplanet1234", via=Outlet(name="Salt Planet", url="https://blogs.example/planet"))
    house.bring(planet, source="storm")
    house.bring(own)
    house.publish()
    assert also(house, own.key) == [("https://blogs.example/planet", "Salt Planet")]


def test_a_dropped_copy_without_an_address_is_named_with_its_outlets(house: House) -> None:
    house.bring(carried(1, "Harbour Gazette", day=1))
    house.bring(carried(2, "Evening Ledger", day=3, url=None), source="storm")
    house.publish()
    assert also(house, carried(1, "Harbour Gazette", day=1).key) == [
        ("https://evening-ledger.example/", "Evening Ledger")
    ]


def test_sixty_carriers_are_one_review_and_no_key_takes_in_all_of_them(house: House) -> None:
    reviews = [carried(number, f"Paper {number:02}", day=number / 10) for number in range(1, 61)]
    house.bring(*reviews[:30], source="storm")
    house.publish()
    house.bring(*reviews[30:], source="storm")
    house.publish()
    assert shown(house) == ["https://paper-01.example/1"]
    assert len(also(house, reviews[0].key)) == MOST_NAMED
    assert also(house, reviews[0].key)[0] == ("https://paper-02.example/2", "Paper 02")
    with connected(house.settings.database_url) as database:
        most = "SELECT max(n) FROM (SELECT count(*) AS n FROM copy_key GROUP BY key) AS counted"
        assert database.exec_driver_sql(most).one() == (MOST_ALIKE,)
        members = "SELECT count(*), count(DISTINCT copied) FROM copy_member"
        assert database.exec_driver_sql(members).one() == (60, 1)


def test_the_preferred_carrier_leads_whenever_it_published(house: House) -> None:
    both(house)
    sources = tuple(replace(one, preferred=one.name == "storm") for one in house.settings.sources)
    house.restart(replace(house.settings, sources=sources))
    house.publish()
    assert shown(house) == ["https://evening-ledger.example/2"]
    house.restart(replace(house.settings, sources=tuple(replace(one, preferred=False) for one in sources)))
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]


def test_a_withdrawn_leader_yields_at_once_and_comes_back(house: House) -> None:
    first, later = both(house)
    house.withdraw(first)
    assert [one.key for one in house.store.newest(["night-lantern", "storm"], 5)] == [later.key]
    house.publish()
    assert shown(house) == ["https://evening-ledger.example/2"]
    assert also(house, later.key) == []
    house.bring_back(first)
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]
    assert also(house, first.key) == [("https://evening-ledger.example/2", "Evening Ledger")]


def test_an_update_that_makes_them_differ_splits_them(house: House) -> None:
    first, later = both(house)
    house.bring(replace(later, content=OTHER), source="storm")
    house.publish()
    assert shown(house) == ["https://evening-ledger.example/2", "https://harbour-gazette.example/1"]
    assert also(house, first.key) == also(house, later.key) == []
    house.bring(later, source="storm")
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]


def test_a_rating_that_differs_splits_them_too(house: House) -> None:
    first, later = both(house)
    house.bring(replace(first, rating=Rating(text="8/10", value=8, best=10, percent=80)))
    house.publish()
    assert len(shown(house)) == 1
    house.bring(replace(later, rating=Rating(text="2/10", value=2, best=10, percent=20)), source="storm")
    house.publish()
    assert len(shown(house)) == 2


def test_an_update_of_the_leader_keeps_what_it_names(house: House) -> None:
    first, later = both(house)
    house.bring(replace(first, title="The Salt Road review: corrected"))
    house.publish()
    assert [each["title"] for each in entries(house, "/feeds/reviews.json")] == ["The Salt Road review: corrected"]
    assert also(house, first.key) == [("https://evening-ledger.example/2", "Evening Ledger")]
    assert later.key not in house.at("/feeds/reviews.json").body.decode()


def test_two_critics_are_never_joined_by_an_unsigned_copy_between_them(house: House) -> None:
    house.bring(carried(1, "Harbour Gazette", day=1))
    house.bring(carried(2, "Evening Ledger", day=2, authors=()), source="storm")
    house.bring(carried(3, "City Paper", day=3, authors=(Person(name="Bela Haas"),)), source="storm")
    house.publish()
    assert shown(house) == ["https://city-paper.example/3", "https://harbour-gazette.example/1"]


def test_a_third_carrier_joins_and_all_name_one_another(house: House) -> None:
    first, later = both(house)
    third = carried(3, "City Paper", day=0)
    house.bring(third, source="storm")
    house.publish()
    assert shown(house) == ["https://city-paper.example/3"]
    assert shown(house, "/feeds/storm.json") == ["https://city-paper.example/3"]
    assert also(house, third.key) == [
        ("https://harbour-gazette.example/1", "Harbour Gazette"),
        ("https://evening-ledger.example/2", "Evening Ledger"),
    ]
    house.withdraw(third)
    house.publish()
    assert also(house, first.key) == [("https://evening-ledger.example/2", "Evening Ledger")]
    assert also(house, later.key) == [("https://harbour-gazette.example/1", "Harbour Gazette")]


def test_the_terms_are_those_of_the_one_that_is_shown(house: House) -> None:
    first, later = carried(1, "Harbour Gazette", day=1), carried(2, "Evening Ledger", day=3)
    house.bring(replace(first, licence=replace(first.licence, spdx="CC-BY-ND-4.0", name="CC BY-ND 4.0")))
    house.bring(later, source="storm")
    house.publish()
    assert [each["_attribution"]["licence"]["spdx"] for each in entries(house, "/feeds/reviews.json")] == [
        "CC-BY-ND-4.0"
    ]


def test_what_stood_in_a_closed_part_and_is_a_copy_now_leaves_it(house: House) -> None:
    house.items(1)
    later = carried(2, "Evening Ledger", day=3)
    house.bring(later, review_of(8), review_of(9), source="storm")
    house.publish()
    [part] = house.parts()
    assert b"https://evening-ledger.example/2" in house.at(f"/feeds/reviews/archive/{part}.atom").body
    house.bring(carried(1, "Harbour Gazette", day=1))
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]
    assert b"<title>The Salt Road review</title>" not in house.at(f"/feeds/reviews/archive/{part}.atom").body
    storm = [house.at(f"/feeds/storm/archive/{one}.atom").body for one in house.parts("storm")]
    assert any(b"https://evening-ledger.example/2" in body for body in storm)


def test_a_public_feed_names_no_carrier_that_only_members_read(house: House) -> None:
    first, hidden = carried(1, "Harbour Gazette", day=1), carried(2, "Inner Circle", day=0)
    house.bring(first)
    house.bring(hidden, source="members")
    house.publish()
    assert shown(house) == ["https://harbour-gazette.example/1"]
    for path in (*(f"/feeds/reviews{suffix}" for suffix in FORMATS), "/feeds/reviews", f"/reviews/{first.key}", "/"):
        body = house.at(path).body.lower()
        assert b"inner circle" not in body, path
        assert b"inner-circle" not in body, path
    found = house.publisher.within("members", "/feeds/members.json")
    assert not isinstance(found, Gone | None)
    assert b"Harbour Gazette" in found.body  # type: ignore[union-attr]


def test_the_same_outcome_whatever_the_order_and_the_batches(tmp_path: Path) -> None:
    reviews = [(carried(number, f"Paper {number}", day=10 - number), "storm") for number in range(1, 6)]
    outcomes = []
    for turn, order in enumerate((reviews, reviews[::-1], reviews[2:] + reviews[:2])):
        folder = tmp_path / str(turn)
        folder.mkdir()
        house = House(folder, CONFIG)
        with house.store:
            for one, source in order:
                house.bring(one, source=source)
                if turn:
                    house.publish()
            house.publish()
            outcomes.append((shown(house), also(house, reviews[4][0].key)))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0][0] == ["https://paper-5.example/5"]
    assert [outlet for _, outlet in outcomes[0][1]] == ["Paper 4", "Paper 3", "Paper 2", "Paper 1"]


def test_what_is_looked_at_again_changes_nothing(house: House) -> None:
    both(house)
    before = house.store.last_change()
    house.now += timedelta(minutes=1)
    assert house.publish() == 0
    assert house.store.last_change() == before


def test_a_feed_whose_newest_are_all_copies_shows_what_comes_after_them(house: House) -> None:
    house.items(3)
    copies = [carried(number, f"Paper {number:02}", day=20 + number) for number in range(1, 31)]
    house.bring(*copies, review_of(91), review_of(92), review_of(93), source="storm")
    house.publish()
    assert shown(house) == [
        "https://paper-01.example/1",
        "https://night-lantern.example/93",
        "https://night-lantern.example/92",
    ]
    views = house.store.views
    assert len(json.loads(house.get("/feeds/reviews.json?limit=20"))["items"]) == 4
    assert b"4 reviews" in house.get("/feeds/reviews")
    assert [value.reviews for value in views.values("critic", ["storm"], 1)] == [3]
