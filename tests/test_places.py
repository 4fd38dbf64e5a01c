"""The pages over all feeds, from a real store: outlets, works and searches, their paging and their addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml.html import HtmlElement, document_fromstring

from feedsvc.config import Settings
from feedsvc.model import Moved, Outlet, Person, Prose, Rating, Refused, Rendition, Review, Subject, WithdrawalKind
from feedsvc.model.stored import stored_item
from feedsvc.publish import Publisher, index, publish
from feedsvc.store import Look, Store
from tests.databases import database_url, settings_of
from tests.samples import BARE, CC_BY, FULL, NOW

CONFIG = """
[service]
title = "Reviews"
base_url = "http://reviews.example"
[[sources]]
name = "night-lantern"
kind = "folder"
location = "incoming"
[[sources]]
name = "hidden"
kind = "folder"
location = "hidden"
[[feeds]]
name = "reviews"
title = "All reviews"
sources = ["night-lantern"]
items = 3
"""
BALLERINA = Subject(name="Ballerina", type="Movie", year=2025)


def review(number: int, **changes: object) -> Review:
    """A review of Ballerina by a critic of its own, the newer the smaller its number."""
    text = Prose(html=f"<p>word{number} turns.</p>", text=f"word{number} turns.")
    made: Review = replace(
        FULL,
        key=f"review{number:010}",
        id=f"tag:o.example,2026:{number}",
        url=f"https://o.example/{number}",
        title=f"Ballerina, take {number}",
        authors=(Person(name=f"Critic {number}"),),
        outlet=Outlet(name=f"Outlet {number % 3}", url="https://o.example/"),
        subject=BALLERINA,
        rating=Rating(text=f"{number % 10}/10", value=number % 10, best=10, percent=number % 10 * 10),
        licence=CC_BY,
        content=text,
        excerpt=text,
        published=NOW - timedelta(days=number),
        images=(),
        also=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Library:
    """A store, what is published of it, and a hand to put reviews in."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.publisher = Publisher(store=store, settings=settings, clock=lambda: NOW)

    def put(self, *reviews: Review, source: str = "night-lantern") -> None:
        """Collect reviews of a source, and note and publish them."""
        [claim] = self.store.claim_named([source], NOW, timedelta(minutes=1))
        stored = tuple(
            stored_item(
                replace(one, source=source), *(hashlib.sha256(of.encode()).digest() for of in (one.key, repr(one)))
            )
            for one in reviews
        )
        self.store.record([Look(claim=claim, now=NOW, state=claim.state, reviews=stored)])
        index(self.publisher)
        publish(self.publisher)

    def page(self, path: str, *query: tuple[str, str]) -> HtmlElement:
        """A page that stands there, read."""
        found = self.publisher.view(path, query) if query else self.publisher.rendition(path)
        assert isinstance(found, Rendition)
        assert len(found.body) < 60 * 1024
        return document_fromstring(found.body.decode())


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    settings = settings_of(tmp_path)
    with Store.open(database_url(tmp_path)) as store:
        store.migrate()
        store.sync_sources(settings.sources, NOW)
        yield Library(store, settings)


def said(tree: HtmlElement, path: str) -> list[str]:
    """The text of every element that an XPath finds, as it is shown."""
    return [" ".join(one.text_content().split()) for one in tree.xpath(path)]


def test_a_works_page_has_all_its_reviews_over_its_pages(library: Library) -> None:
    """Forty-five reviews: twenty, twenty and five, newest first, none twice and none lost."""
    library.put(*(review(number) for number in range(1, 46)), replace(BARE, subject=Subject(name="Paper Moons")))
    seen: list[str] = []
    for number in (1, 2, 3):
        tree = library.page("/subjects/ballerina", *([("page", str(number))] if number > 1 else []))
        seen += said(tree, "//article//h3")
        links = tree.xpath("//nav[@class='paging']/a/@href")
        assert (
            links
            == {
                1: ["/subjects/ballerina?page=2"],
                2: ["/subjects/ballerina", "/subjects/ballerina?page=3"],
                3: ["/subjects/ballerina?page=2"],
            }[number]
        )
        assert said(tree, "//figcaption") == [
            "45 ratings whose scale is known, each laid from the lowest to the highest end of its own."
        ]
    assert seen == [f"Ballerina, take {number}" for number in range(1, 46)]
    assert library.publisher.view("/subjects/ballerina", [("page", "4")]) is None


def test_works_of_one_name_and_several_years_are_told_apart(library: Library) -> None:
    """The page of the name leads to that of each year; a review without a year stands on the first alone."""
    library.put(
        review(1),
        review(2, subject=replace(BALLERINA, year=2006)),
        review(3, subject=replace(BALLERINA, year=None)),
    )
    tree = library.page("/subjects/ballerina")
    assert said(tree, "//h1") == ["Ballerina"]
    assert tree.xpath("//div[@class='intro']//a/@href") == ["/subjects/ballerina-2006", "/subjects/ballerina-2025"]
    assert len(tree.xpath("//article")) == 3
    later = library.page("/subjects/ballerina-2025")
    assert said(later, "//h1") == ["Ballerina (2025)"]
    assert said(later, "//article//h3") == ["Ballerina, take 1"]


def test_a_review_leads_to_the_others_on_its_work_and_not_to_those_of_another_year(library: Library) -> None:
    """Others of 2025 and those that state no year; the critic's own review is not among them."""
    library.put(review(1), review(2), review(3, subject=replace(BALLERINA, year=2006)), review(4))
    tree = library.page("/reviews/review0000000001")
    assert tree.xpath("//section[@class='others']//li/p/a/@href") == [
        "/reviews/review0000000002",
        "/reviews/review0000000004",
    ]


def test_every_outlet_stands_in_the_list_with_its_reviews_and_licences(library: Library) -> None:
    """By name, each with its count, and its page leads to the view of a feed that holds it alone."""
    library.put(*(review(number) for number in range(1, 8)))
    tree = library.page("/outlets")
    assert said(tree, "//p[@class='masthead']") == ["Outlet 0", "Outlet 1", "Outlet 2"]
    assert said(tree, "//ul[@class='mastheads']/li/p[@class='eyebrow']") == [
        "2 reviews, the newest of 1 May 2026",
        "3 reviews, the newest of 3 May 2026",
        "2 reviews, the newest of 2 May 2026",
    ]
    assert set(said(tree, "//ul[@class='mastheads']/li/p[@class='whence']")) == {"CC BY 4.0"}
    outlet = library.page("/outlets/outlet-1")
    assert said(outlet, "//article//h3") == ["Ballerina, take 1", "Ballerina, take 4", "Ballerina, take 7"]
    assert "/feeds/reviews?outlet=outlet-1" in outlet.xpath("//section[@class='subscribe']//a/@href")


def test_a_search_finds_words_works_and_ratings(library: Library) -> None:
    """By a word of the text, with the count, the filters that narrow it, and nothing where nothing is."""
    library.put(*(review(number) for number in range(1, 8)))
    found = library.page("/search", ("q", "word4"))
    assert said(found, "//article//h3") == ["Ballerina, take 4"]
    assert said(found, "//h2[@id='found-title']") == ["1 review"]
    assert "/search?outlet=outlet-1&q=word4" in found.xpath("//nav[@class='filters']//a/@href")
    assert said(library.page("/search", ("min_rating", "60")), "//article//h3") == [
        "Ballerina, take 6",
        "Ballerina, take 7",
    ]
    assert said(library.page("/search", ("q", "nowhere")), "//h2[@id='found-title']") == ["Nothing found"]
    assert library.page("/search").xpath("//article") == []


def test_an_address_has_one_form(library: Library) -> None:
    """Empty fields of the form go, parameters that mean nothing here go, what does not exist is refused."""
    library.put(review(1))
    view = library.publisher.view
    asked = [("q", "Word1"), ("min_rating", ""), ("type", "")]
    assert view("/search", asked) == Moved("/search?q=word1")
    assert view("/search", [("q", ""), ("type", "")]) == Moved("/search")
    assert view("/outlets", [("q", "word1")]) == Moved("/outlets")
    assert view("/outlets/outlet-1", [("page", "1")]) == Moved("/outlets/outlet-1")
    assert isinstance(view("/search", [("colour", "red")]), Refused)
    assert view("/outlets/nobody", []) is None
    assert library.publisher.rendition("/subjects/nothing") is None


def test_nobody_finds_what_stands_in_no_feed(library: Library) -> None:
    """A source that no feed takes in has no outlet, no work and no hit."""
    library.put(review(1))
    library.put(review(2, outlet=Outlet(name="Secret"), subject=Subject(name="Hush")), source="hidden")
    assert library.publisher.rendition("/outlets/secret") is None
    assert library.publisher.rendition("/subjects/hush") is None
    assert said(library.page("/search", ("q", "word2")), "//h2[@id='found-title']") == ["Nothing found"]
    assert said(library.page("/outlets"), "//p[@class='masthead']") == ["Outlet 1"]


def test_what_is_withdrawn_leaves_every_page(library: Library) -> None:
    """At once: the work's page, the outlet's, the search."""
    library.put(review(1), review(2))
    assert len(library.page("/subjects/ballerina").xpath("//article")) == 2
    key = "review0000000001"
    library.store.withdrawals.withdraw(WithdrawalKind.REVIEW, key, reason="asked", requested_by="the critic", now=NOW)
    assert said(library.page("/subjects/ballerina"), "//article//h3") == ["Ballerina, take 2"]
    assert library.publisher.rendition("/outlets/outlet-1") is None
    assert said(library.page("/search", ("q", "word1")), "//h2[@id='found-title']") == ["Nothing found"]


def test_a_feed_page_comes_with_its_filters_and_leads_on(library: Library) -> None:
    """The stored page of a feed: counts of its own reviews, the form, and older reviews on the page after."""
    library.put(*(review(number) for number in range(1, 30)))
    tree = library.page("/feeds/reviews")
    assert tree.xpath("//form/@action") == ["/feeds/reviews"]
    assert said(tree, "//nav[@class='filters']//li")[:1] == ["Outlet 1 10 reviews"]
    [older] = tree.xpath("//nav[@class='paging']/a/@href")
    path, _, query = older.partition("?")
    following = library.page(path, *(tuple(pair.split("=", 1)) for pair in query.split("&")))
    shown = said(tree, "//article//h3")
    rest = said(following, "//article//h3")
    assert shown + rest == [f"Ballerina, take {number}" for number in range(1, len(shown + rest) + 1)]
    assert not set(shown) & set(rest)
