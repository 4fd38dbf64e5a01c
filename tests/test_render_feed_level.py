"""What a feed says of itself: pictures, rhythm, hubs, the documents around it; in each format's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from feedsvc.model import Document, Place
from feedsvc.publish.rhythm import pause
from feedsvc.render import FORMATS
from tests.feed_rules import accepted, faults
from tests.render_entries import ENTRIES, document
from tests.samples import FEED, NOW, SITE

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "fh": "http://purl.org/syndication/history/1.0",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
ICON, LOGO = "https://o.example/icon.png", "https://o.example/logo.png"
HUBS = ("https://hub.example/", "https://other-hub.example/?a=1&b=2")
PREVIOUS = ("prev-archive", Place("/feeds/reviews/archive/2026-04-2"))


def drawn(kind: str, **fields: Any) -> bytes:  # noqa: ANN401 - fields of a Document
    """The sample feed with these fields."""
    feed = replace(FEED, **{name: fields.pop(name) for name in ("icon", "logo") if name in fields})
    whole: Document = replace(document(feed, ENTRIES), **fields)
    return FORMATS[kind].write(SITE, whole)


def atom(**fields: Any) -> etree._Element:  # noqa: ANN401
    return etree.fromstring(drawn("atom", **fields))


def channel(**fields: Any) -> etree._Element:  # noqa: ANN401
    return etree.fromstring(drawn("rss", **fields))[0]


def feed_of(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    found: dict[str, Any] = json.loads(drawn("json", **fields))
    return found


def links(parent: etree._Element, rel: str) -> list[tuple[str | None, str | None]]:
    """Address and type of each link of a relation."""
    return [(one.get("href"), one.get("type")) for one in parent.iterfind("a:link", NS) if one.get("rel") == rel]


# ------------------------------------------------------------------------------------------------------------ pictures


def test_pictures_stand_where_each_format_has_room_for_them() -> None:
    root = atom(icon=ICON, logo=LOGO)
    assert (root.findtext("a:icon", namespaces=NS), root.findtext("a:logo", namespaces=NS)) == (ICON, LOGO)
    image = channel(icon=ICON, logo=LOGO).find("image")
    assert image is not None
    assert {child.tag: child.text for child in image} == {
        "url": LOGO,
        "title": "All reviews",
        "link": "http://reviews.example/feeds/reviews",
    }
    found = feed_of(icon=ICON, logo=LOGO)
    assert (found["icon"], found["favicon"]) == (LOGO, ICON)


def test_one_picture_is_enough() -> None:
    assert channel(icon=ICON).findtext("image/url") == ICON
    assert channel(logo=LOGO).findtext("image/url") == LOGO
    assert atom(icon=ICON).find("a:logo", NS) is None
    assert "favicon" not in feed_of(logo=LOGO)


def test_a_feed_without_pictures_names_none() -> None:
    assert channel().find("image") is None
    assert {"icon", "favicon"}.isdisjoint(feed_of())


# -------------------------------------------------------------------------------------------------------------- rhythm


def every(step: timedelta, count: int = 10) -> list[datetime]:
    """So many moments, one step apart."""
    return [NOW - step * number for number in range(count)]


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        (timedelta(minutes=1), 900),
        (timedelta(minutes=20), 900),
        (timedelta(minutes=30), 1800),
        (timedelta(minutes=100), 3600),
        (timedelta(hours=5), 14400),
        (timedelta(days=9), 86400),
    ],
)
def test_the_pause_follows_the_time_between_reviews(step: timedelta, seconds: float) -> None:
    assert pause(every(step)) == seconds
    assert pause(reversed(every(step))) == seconds


def test_one_long_silence_does_not_slow_a_feed_down() -> None:
    assert pause([*every(timedelta(hours=1)), NOW - timedelta(days=400)]) == 3600


def test_only_the_newest_reviews_tell_the_rhythm() -> None:
    assert pause([*every(timedelta(hours=1), 20), *every(timedelta(days=30), 100)[2:]]) == 3600


def test_too_few_reviews_tell_none() -> None:
    assert pause(every(timedelta(hours=1), 2)) is None
    assert pause([]) is None


@pytest.mark.parametrize(
    ("seconds", "ttl", "period", "frequency"),
    [
        (900, "15", "hourly", "4"),
        (3600, "60", "hourly", "1"),
        (7200, "120", "daily", "12"),
        (86400, "1440", "daily", "1"),
    ],
)
def test_rss_says_it_in_minutes_and_in_times_a_day(seconds: float, ttl: str, period: str, frequency: str) -> None:
    found = channel(pause=seconds)

    assert found.findtext("ttl") == ttl
    assert found.findtext("sy:updatePeriod", namespaces=NS) == period
    assert found.findtext("sy:updateFrequency", namespaces=NS) == frequency


def test_a_feed_without_a_rhythm_says_nothing_of_it() -> None:
    assert b"syndication/" not in drawn("rss")
    assert channel().find("ttl") is None


# -------------------------------------------------------------------------------------------- hubs and other documents


def test_hubs_are_named() -> None:
    assert links(atom(hubs=HUBS), "hub") == [(hub, None) for hub in HUBS]
    assert links(channel(hubs=HUBS), "hub") == [(hub, None) for hub in HUBS]
    assert feed_of(hubs=HUBS)["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]
    assert "hubs" not in feed_of()


def test_related_documents_are_those_of_the_same_format() -> None:
    related = (("next", Place("/feeds/reviews", "page=2")), PREVIOUS)

    assert links(atom(related=related), "next") == [
        ("http://reviews.example/feeds/reviews.atom?page=2", "application/atom+xml")
    ]
    assert links(channel(related=related), "prev-archive") == [
        ("http://reviews.example/feeds/reviews/archive/2026-04-2.rss", "application/rss+xml")
    ]


def test_json_leads_to_the_next_page_else_to_the_archive_before() -> None:
    page = ("next", Place("/feeds/reviews", "page=2"))

    assert feed_of(related=(PREVIOUS, page))["next_url"] == "http://reviews.example/feeds/reviews.json?page=2"
    assert feed_of(related=(PREVIOUS,))["next_url"] == "http://reviews.example/feeds/reviews/archive/2026-04-2.json"
    assert "next_url" not in feed_of(related=(("current", Place("/feeds/reviews")),))


def test_only_an_archive_is_marked_as_one() -> None:
    assert atom(archive=True).find("fh:archive", NS) is not None
    assert channel(archive=True).find("fh:archive", NS) is not None
    assert b"syndication/history" not in drawn("atom") + drawn("rss")


def test_a_document_may_have_a_title_and_a_page_of_its_own() -> None:
    fields: dict[str, Any] = {"title": "Part 2", "page": Place("/feeds/reviews/archive")}

    assert atom(**fields).findtext("a:title", namespaces=NS) == "Part 2"
    assert links(atom(**fields), "alternate") == [("http://reviews.example/feeds/reviews/archive", "text/html")]
    assert channel(**fields).findtext("link") == "http://reviews.example/feeds/reviews/archive"
    assert feed_of(**fields)["home_page_url"] == "http://reviews.example/feeds/reviews/archive"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_feed_that_says_all_of_it_is_valid(kind: str, beside: Path) -> None:
    suffix = FORMATS[kind].suffix
    body = drawn(
        kind, icon=ICON, logo=LOGO, pause=7200, hubs=HUBS, archive=True, related=(PREVIOUS, ("current", Place("/f")))
    )
    grammar = etree.RelaxNG(etree.parse(beside / "data" / "atom.rng"))

    wrong = faults(suffix, body, address=f"http://reviews.example/feeds/reviews{suffix}", now=NOW)
    assert [fault for fault in wrong if not accepted(fault)] == []
    assert kind != "atom" or grammar.validate(etree.fromstring(body)), grammar.error_log
