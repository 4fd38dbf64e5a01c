"""A byline inside an item's own text: who is credited where no field names anybody, and what is no byline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import FeedInfo, Item, Link, Outlet, Person, Provenance, Review, Site, Source, Text
from feedsvc.normalise import Normaliser
from feedsvc.normalise.accounts import attribution_of, requests_for
from feedsvc.normalise.byline import opening_of
from feedsvc.parsers.htmldoc import open_page, read_article

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SITE = Site(title="Reviews", base_url="http://reviews.example")
SOURCE = Source(name="lantern", kind="feed", location="https://lantern.example/feed")
FEED = FeedInfo(title=Text(value="Night Lantern"), links=(Link(href="https://lantern.example/"),))
STAND_IN = (Person(name="Night Lantern", url="https://lantern.example/"),)
PROSE = "The boat leaves the harbour at night, and nobody on board speaks for an hour."
MARKUP = (
    "<div><h1>Salt Road</h1></div><div><p><img src='/boat.jpg' alt=''></p></div>"
    "<div><p>By Ines Okafor</p><p>Posted on 07-17-2021</p></div>"
    f"<div><p>{PROSE}</p></div>"
)
SIGNED = Item(guid="tag:lantern.example,2026:1", title=Text(value="Salt Road"), content=Text(value=MARKUP, type="html"))


def reviewed(item: Item = SIGNED, feed: FeedInfo = FEED, source: Source = SOURCE) -> Review:
    return Normaliser(feed, source=source, document_url=source.location, site=SITE).review(item, NOW)


def names_in(block: str) -> list[str]:
    """Whom a block signs for that stands between a headline and prose."""
    return [person.name for person in opening_of(f"Salt Road\n\n{block}\n\n{PROSE}", "Salt Road").signed]


# ------------------------------------------------------------------------------------------------------ on the review


def test_whom_the_text_alone_names_is_its_critic_and_told_to_be_inferred() -> None:
    review = reviewed()
    assert review.authors == (Person(name="Ines Okafor"),)
    assert review.provenance["authors"] is Provenance.INFERRED
    assert review.inferred_from["authors"] == "the line “By Ines Okafor” at the beginning of the text"
    critic = next(fact for fact in attribution_of(review) if fact.label == "Critic")
    assert critic.value == "Ines Okafor"
    assert critic.whence == "inferred from the line “By Ines Okafor” at the beginning of the text"
    assert requests_for(review, "feed")[0].missing == (
        "The critic: no field names one, so Ines Okafor is taken from the line “By Ines Okafor” at the beginning of the"
        " text."
    )


def test_the_excerpt_begins_with_the_text_itself_and_the_text_keeps_its_lines() -> None:
    review = reviewed()
    assert review.excerpt is not None
    assert review.content is not None
    assert review.excerpt.text == PROSE
    assert review.content.text == f"Salt Road\n\nBy Ines Okafor\n\nPosted on 07-17-2021\n\n{PROSE}"


def test_a_summary_that_is_all_there_is_is_read_too() -> None:
    summary = Text(value=f"<p>By Ines Okafor</p><p>{PROSE}</p>", type="html")
    review = reviewed(replace(SIGNED, content=None, summary=summary))
    assert review.authors == (Person(name="Ines Okafor"),)
    assert review.excerpt is not None
    assert review.excerpt.text == PROSE


def test_a_text_of_nothing_else_keeps_its_excerpt() -> None:
    review = reviewed(replace(SIGNED, content=Text(value="<p>By Ines Okafor</p>", type="html")))
    assert review.authors == (Person(name="Ines Okafor"),)
    assert review.excerpt is not None
    assert review.excerpt.text == "By Ines Okafor"


def test_whom_the_item_names_goes_before_its_text() -> None:
    review = reviewed(replace(SIGNED, authors=(Person(name="Jonas Weber"),)))
    assert review.authors == (Person(name="Jonas Weber"),)
    assert review.provenance["authors"] is Provenance.STATED
    assert "authors" not in review.inferred_from


def test_whom_the_feed_names_goes_before_the_text_unless_that_is_the_outlet() -> None:
    review = reviewed(feed=replace(FEED, authors=(Person(name="Jonas Weber"),)))
    assert (review.authors, review.provenance["authors"]) == ((Person(name="Jonas Weber"),), Provenance.INHERITED)
    assert "authors" not in review.inferred_from
    review = reviewed(feed=replace(FEED, authors=(Person(name="NIGHT LANTERN"),)))
    assert (review.authors, review.provenance["authors"]) == ((Person(name="Ines Okafor"),), Provenance.INFERRED)


def test_an_outlet_that_is_configured_stands_in_for_nobody_who_signs() -> None:
    source = replace(SOURCE, outlet=Outlet(name="The Night Lantern"))
    assert reviewed(source=source).authors == (Person(name="Ines Okafor"),)


def test_without_a_byline_the_outlet_stands_in() -> None:
    review = reviewed(replace(SIGNED, content=Text(value=f"<h1>Salt Road</h1><p>{PROSE}</p>", type="html")))
    assert (review.authors, review.provenance["authors"]) == (STAND_IN, Provenance.INFERRED)
    assert "authors" not in review.inferred_from
    assert next(fact for fact in attribution_of(review) if fact.label == "Critic").value == (
        "nobody is named; the outlet, Night Lantern, stands in"
    )


def test_an_outlet_that_signs_its_own_text_stands_in_as_ever() -> None:
    review = reviewed(feed=replace(FEED, title=Text(value="INES OKAFOR")))
    assert review.authors == (Person(name="INES OKAFOR", url="https://lantern.example/"),)
    assert "authors" not in review.inferred_from
    assert review.excerpt is not None
    assert review.excerpt.text == PROSE


def test_a_dropped_page_is_read_alike() -> None:
    page = open_page(f"<html><head><title>Salt Road</title></head><body>{MARKUP}</body></html>", "salt.html")
    item, _ = read_article(page, "salt.html")
    review = reviewed(replace(item, links=(Link(href="https://lantern.example/1"),)))
    assert review.authors == (Person(name="Ines Okafor"),)
    assert review.excerpt is not None
    assert review.excerpt.text == PROSE


# ---------------------------------------------------------------------------------------------------------- the lines


@pytest.mark.parametrize(
    ("block", "names"),
    [
        ("By Ines Okafor", ["Ines Okafor"]),
        ("by Ines Okafor and Jonas Weber", ["Ines Okafor", "Jonas Weber"]),
        ("BY INES OKAFOR", ["INES OKAFOR"]),
        ("By: J. K. Okafor", ["J. K. Okafor"]),
        ("Reviewed by Ines O’Kafor-Lee", ["Ines O’Kafor-Lee"]),
        ("Words by Jonas Weber Jr.", ["Jonas Weber Jr."]),
        ("Author: Ines Okafor", ["Ines Okafor"]),
        ("Von Jana Groß", ["Jana Groß"]),
        ("Rezension von Ludwig van der Rohe", ["Ludwig van der Rohe"]),
        ("Par Élodie Œuvre et Marc Petit", ["Élodie Œuvre", "Marc Petit"]),
        ("Por Ana de la Cruz", ["Ana de la Cruz"]),
        ("By Ines Okafor | 17 July 2021", ["Ines Okafor"]),
        ("By Ines Okafor on July 17, 2021", ["Ines Okafor"]),
        ("By Ines Okafor\nPosted on 07/17/2021", ["Ines Okafor"]),
        ("17 July 2021\n\nBy Ines Okafor", ["Ines Okafor"]),
        ("Image source: Pia Noor / Tallgrass.\n\nBy Ines Okafor", ["Ines Okafor"]),
        ("© Pia Noor\n\nBy Ines Okafor", ["Ines Okafor"]),
        (".\n\nBy Ines Okafor", ["Ines Okafor"]),
        ("By Ines Okafor\n\nWords by Jonas Weber", ["Ines Okafor", "Jonas Weber"]),
    ],
)
def test_a_byline_names_whom_it_names(block: str, names: list[str]) -> None:
    assert names_in(block) == names


@pytest.mark.parametrize(
    "block",
    [
        "By the time we left, the harbour was dark.",
        "By The Time We Left",
        "By far the best",
        "By Far The Best",
        "By Friday",
        "By Friday Night",
        "By Popular Demand",
        "By Land And Sea",
        "By The Sea",
        "By Ines",
        "By Ines Okafor's account, nobody slept",
        "By Ines Okafor.",
        "By Ines Okafor!",
        "By Ines Okafor, Staff Writer",
        "By Ines Okafor\nNobody slept.",
        "By Night Lantern Staff",
        "By Lantern Press",
        "By 1920 Nobody Slept",
        "Von Menschen und Mäusen",
        "Von Mir zu Dir",
        "Von der Kunst, nicht zu schlafen",
        "Par Le Monde",
        "Par un beau matin",
        "Por Amor al Arte",
        "Por la noche",
        "Byron Okafor",
        "Photos by Pia Noor",
        "Standby Ines Okafor",
    ],
)
def test_a_sentence_a_heading_or_half_a_name_signs_nothing(block: str) -> None:
    assert names_in(block) == []


def test_a_books_author_is_not_its_critic() -> None:
    """The headline names the maker, or pages and price stand under the name."""
    assert opening_of(f"By Ines Okafor\n\n{PROSE}", "Salt Road, by Ines Okafor").signed == ()
    assert names_in("By Ines Okafor\n\n320 pages. Tallgrass Press. $28.") == []
    assert names_in("By Ines Okafor\n\nTallgrass Press, ISBN 978-1-4028-9462-6") == []


def test_a_byline_further_down_is_a_part_of_the_text() -> None:
    assert names_in(f"{PROSE}\n\nBy Ines Okafor") == []
    assert names_in(f"A short first paragraph.\n\nBy Ines Okafor\n\n{PROSE}") == []


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("Salt Road\n\nIt folds.", "It folds."),
        ("SALT ROAD\n\n17 July 2021\n\nIt folds.", "It folds."),
        ("Posted on 07-17-2021\n\nIt folds.", "It folds."),
        ("Salt Roads\n\nIt folds.", "Salt Roads\n\nIt folds."),
        ("Salt Road\n\nPhoto: Pia Noor\n\nBy Ines Okafor\n\nIt.", "Photo: Pia Noor\n\nBy Ines Okafor\n\nIt."),
        ("8/10\n\nIt folds.", "8/10\n\nIt folds."),
        ("In 2021\n\nIt folds.", "In 2021\n\nIt folds."),
        ("It folds.", "It folds."),
        ("", ""),
    ],
)
def test_a_text_begins_behind_headline_and_date(text: str, begins: str) -> None:
    assert text[opening_of(text, "Salt Road").length :] == begins
