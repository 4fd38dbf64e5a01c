"""The credits of a feed, for print and for programs: everybody who is owed a word, each once, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from feedsvc.model import Citation, Credit, Entry, Image, Licence, LicenceState, Outlet, Person, Republish, Terms
from feedsvc.normalise import entry_for
from feedsvc.render.credits import write_credits
from feedsvc.render.pages import credits_page
from tests.samples import BARE, CC_BY, FEED, FULL, NOW, SITE
from tests.service import Service, copy_samples

STILL, POSTER = (image.url for image in FULL.images)
TERMS = Terms(show="full", statement="Full text.", reason="the licence allows it")
WHOLE = Entry(review=FULL, terms=TERMS, embeddable=frozenset({STILL}))
SECOND = Entry(
    review=replace(
        FULL,
        key="fullreview000003",
        title="Tin Orchard",
        authors=(Person(name="ines okafor-lind"), Person(name="Bo Reed")),
        contributors=(),
        via=None,
        cited=(Citation(name="harbour gazette"), Citation(url="https://coast.example/")),
        images=(Image(url="https://night-lantern.example/i/tin.jpg"), FULL.images[1]),
        credits=(),
    ),
    terms=TERMS,
)
UNSIGNED = Entry(review=replace(BARE, content=None), terms=TERMS)


def document(*entries: Entry) -> dict[str, Any]:
    """The JSON of these entries' credits."""
    found: dict[str, Any] = json.loads(write_credits(SITE, FEED, entries, NOW))
    return found


def section(page: bytes, title: str) -> list[str]:
    """The lines of one section, as a person reads them."""
    lines = html.fromstring(page).xpath("//section[h2=$title]/ul/li", title=title)
    return [" ".join(line.text_content().split()) for line in lines]


def test_everybody_is_named_once_in_order_with_how_often() -> None:
    """By hand: one critic wrote twice, spelt once without capitals; the first spelling and address are kept."""
    found = document(WHOLE, SECOND, UNSIGNED)

    assert (found["feed"], found["url"]) == ("All reviews", "http://reviews.example/feeds/reviews")
    assert (found["updated"], found["reviews"], found["unsigned"]) == ("2026-05-04T12:00:00Z", 3, 1)
    assert found["outlets"] == [
        {"name": "Celebrity Storm", "url": "https://celebrity-storm.example/", "reviews": 1},
        {"name": "Night Lantern", "url": "https://night-lantern.example/", "reviews": 2},
    ]
    assert found["critics"] == [
        {"name": "Bo Reed", "outlet": "Night Lantern", "reviews": 1},
        {
            "name": "Ines Okafor-Lind",
            "url": "https://night-lantern.example/critics/ines",
            "outlet": "Night Lantern",
            "reviews": 2,
        },
        {"name": "Tomás Reyes", "outlet": "Night Lantern", "reviews": 1},
    ]
    assert [one["name"] for one in found["contributors"]] == ["Marta Ivory"]
    assert [one["name"] for one in found["carriers"]] == ["Partner Wire"]
    assert [(one["name"], one.get("url"), one["reviews"]) for one in found["cited"]] == [
        ("Coast Weekly", None, 1),
        ("Harbour Gazette", "https://harbour-gazette.example/salt-road", 2),
        ("https://coast.example/", "https://coast.example/", 1),
        ("The Evening Ledger", None, 1),
    ]
    assert found["rights"] == [
        {"statement": "Text © 2026 Ines Okafor-Lind & Tomás Reyes", "outlet": "Night Lantern", "reviews": 2}
    ]
    assert found["rights_holders"] == [{"name": "Lantern Press", "reviews": 2}]


def test_licences_stand_from_known_to_none() -> None:
    unclear = replace(
        WHOLE, review=replace(FULL, licence=Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons"))
    )
    by = replace(WHOLE, review=replace(FULL, licence=CC_BY))

    assert document(UNSIGNED, unclear, WHOLE, by, by)["licences"] == [
        {
            "state": "identified",
            "name": "CC BY 4.0",
            "url": "https://creativecommons.org/licenses/by/4.0/",
            "spdx": "CC-BY-4.0",
            "reviews": 2,
        },
        {
            "state": "identified",
            "name": "CC BY-SA 4.0",
            "url": "https://creativecommons.org/licenses/by-sa/4.0/",
            "spdx": "CC-BY-SA-4.0",
            "reviews": 1,
        },
        {"state": "unspecified", "name": "Creative Commons", "reviews": 1},
        {"state": "unknown", "reviews": 1},
    ]


def test_an_image_stands_under_its_own_credit_with_its_review() -> None:
    """Images under one credit stand together; an image that nobody is named for comes last, and is not left out."""
    found = document(WHOLE, SECOND)
    page = "http://reviews.example/reviews"

    assert [[credit["name"] for credit in one["credits"]] for one in found["images"]] == [
        ["Courtesy of Saltworks Pictures"],
        ["Pia Noor"],
        [],
    ]
    assert found["images"][0]["images"] == [
        {"url": POSTER, "review": f"{page}/fullreview000001", "shown": False},
        {"url": POSTER, "review": f"{page}/fullreview000003", "shown": False},
    ]
    assert found["images"][1] == {
        "credits": [{"name": "Pia Noor", "role": "photographer"}],
        "licence": {
            "state": "identified",
            "name": "CC BY 4.0",
            "url": "https://creativecommons.org/licenses/by/4.0/",
            "spdx": "CC-BY-4.0",
        },
        "rights": "© Pia Noor",
        "terms_url": "https://night-lantern.example/image-terms",
        "images": [{"url": STILL, "alt": "A road of salt", "review": f"{page}/fullreview000001", "shown": True}],
    }
    assert found["credit_lines"] == [
        {"name": "Stills courtesy of Saltworks Pictures", "review": f"{page}/fullreview000001"}
    ]


def test_the_page_reads_as_the_document_does() -> None:
    page = credits_page(SITE, FEED, [WHOLE, SECOND, UNSIGNED], NOW)

    assert section(page, "First published by") == ["Celebrity Storm1 review", "Night Lantern2 reviews"]
    assert section(page, "Critics") == [
        "Bo Reed Night Lantern1 review",
        "Ines Okafor-Lind Night Lantern2 reviews",
        "Tomás Reyes Night Lantern1 review",
    ]
    assert section(page, "Licences") == [
        "CC BY-SA 4.02 reviews",
        "No licence stated all rights with the outlet1 review",
    ]
    assert section(page, "Images")[1] == (
        "Pia Noor (photographer) Licence: CC BY 4.0 · © Pia Noor · Terms of this image "
        "A road of salt in The Salt Road & other ghosts – “a slow burn”"
    )
    assert section(page, "Images")[2] == "No credit stated No licence stated tin.jpg (linked, not shown) in Tin Orchard"
    assert "One review is not signed; there the outlet stands in for its critic." in page.decode()
    tree = html.fromstring(page)
    assert tree.xpath("//section[h2='Licences']//a/@href") == ["https://creativecommons.org/licenses/by-sa/4.0/"]
    assert "http://reviews.example/feeds/reviews/credits.json" in tree.xpath("//head/link/@href")


def test_a_feed_without_reviews_has_a_page_too() -> None:
    assert "Nothing has been collected for this feed yet." in credits_page(SITE, FEED, [], NOW).decode()
    assert {key: value for key, value in document().items() if value == []}.keys() == {
        "outlets",
        "critics",
        "contributors",
        "carriers",
        "licences",
        "images",
        "credit_lines",
        "cited",
        "rights",
        "rights_holders",
    }


def test_characters_that_no_format_can_carry_stop_nothing() -> None:
    odd = replace(
        WHOLE, review=replace(FULL, outlet=Outlet(name="Night\x00 \udcffLantern"), credits=(Credit(name="\x07"),))
    )

    assert document(odd)["outlets"] == [{"name": "Night Lantern", "reviews": 1}]
    assert b"Night Lantern" in credits_page(SITE, FEED, [odd], NOW)


# ----------------------------------------------------------------------------------------------------- as it is served


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The shipped samples, served."""
    folder: Path = tmp_path_factory.mktemp("credits")
    copy_samples(folder)
    with Service(folder) as running:
        running.wait_for("/feeds/open.atom", "Night Lantern", "Celebrity Storm", "Tide Table", "Corner Screen")
        yield running


def test_the_credits_are_those_of_the_feeds_own_items(service: Service) -> None:
    """Outlets, critics, licences and images of the JSON Feed and of its credits agree: none missing, none more."""
    for name in ("reviews", "open"):
        items = json.loads(service.get(f"/feeds/{name}.json").body)["items"]
        # Feeds are drawn first, and then what is made of the index of their reviews.
        reply = service.wait_for(
            f"/feeds/{name}/credits.json", *(item["_attribution"]["outlet"]["name"] for item in items)
        )
        found = json.loads(reply.body)
        said = [item["_attribution"] for item in items]

        assert reply.headers["content-type"] == "application/json"
        assert found["reviews"] == len(items)
        assert {one["name"] for one in found["outlets"]} == {one["outlet"]["name"] for one in said}
        assert sum(one["reviews"] for one in found["outlets"]) == len(items)
        signed = {
            author["name"]
            for item in items
            if [a["name"] for a in item["authors"]] != [item["_attribution"]["outlet"]["name"]]
            for author in item["authors"]
        }
        assert {one["name"] for one in found["critics"]} == signed
        licences = [one["licence"] for one in said]
        assert {json.dumps({k: v for k, v in one.items() if k != "reviews"}) for one in found["licences"]} == {
            json.dumps(one) for one in licences
        }
        shown = {image["url"]: image["shown"] for one in found["images"] for image in one["images"]}
        assert shown == {image["url"]: image["embed"] for one in said for image in one.get("images", [])}
        assert {one["name"] for one in found["cited"]} == {
            cited.get("name") or cited["url"] for one in said for cited in one.get("cited", [])
        }


def test_the_page_is_linked_from_the_feeds_page_and_leads_back(service: Service) -> None:
    feed = html.fromstring(service.get("/feeds/reviews").body)
    assert "/feeds/reviews/credits" in feed.xpath("//main//a/@href")
    reply = service.get("/feeds/reviews/credits")

    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "/feeds/reviews" in html.fromstring(reply.body).xpath("//h1/a/@href")
    again = service.get("/feeds/reviews/credits", If_None_Match=reply.headers["etag"])
    assert again.status == 304


def test_of_a_link_only_review_no_image_is_listed() -> None:
    """What its terms keep out of the feed is not in its credits."""
    cut = entry_for(replace(FULL, republish=Republish.LINK), commercial=True)

    assert document(entry_for(FULL, commercial=True))["images"] != []
    assert document(cut)["images"] == []
