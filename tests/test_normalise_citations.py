"""What a text names as its sources: stated, marked in its HTML, and matched to the outlets that are configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from feedsvc.model import Citation, FeedInfo, Item, Outlet, Site, Source
from feedsvc.normalise import Normaliser
from feedsvc.normalise.citations import KnownOutlets, cited_by
from feedsvc.normalise.html import sanitise

OUTLETS = (
    Outlet(name="Harbour Gazette", url="https://harbour.example/"),
    Outlet(name="The Evening Ledger", url="https://ledger.example/"),
    Outlet(name="Coast", url="https://coast.example/"),
    Outlet(name="Coast", url="https://coast-weekly.example/"),
    Outlet(name="Nowhere"),
)
SALT = "https://harbour.example/salt"


def cited(html: str, *stated: Citation, outlets: tuple[Outlet, ...] = OUTLETS) -> tuple[Citation, ...]:
    return cited_by(Item(cited=stated), sanitise(html, "https://lantern.example/1"), KnownOutlets(outlets))


#: HTML → what it marks as a source.
MARKED = [
    (f'<blockquote cite="{SALT}">Salt.</blockquote>', Citation(url=SALT)),
    (f'<blockquote cite="{SALT}">Salt. <cite>Ines Okafor, Salt</cite></blockquote>',
     Citation(name="Ines Okafor, Salt", url=SALT)),
    (f'<blockquote cite="{SALT}">Salt. <a href="{SALT}/">Harbour Gazette</a></blockquote>',
     Citation(name="Harbour Gazette", url=SALT)),
    (f'<p>She calls it <q cite="{SALT}">salt</q>.</p>', Citation(url=SALT)),
    (f'<blockquote>Salt. <cite>— <a href="{SALT}">Harbour Gazette</a></cite></blockquote>',
     Citation(name="Harbour Gazette", url=SALT)),
    (f'<blockquote>Salt. <a href="{SALT}"><cite>Harbour Gazette</cite></a></blockquote>',
     Citation(name="Harbour Gazette", url=SALT)),
    (f'<p>As <cite><a href="{SALT}">Salt Roads</a></cite> has it.</p>',
     Citation(name="Salt Roads", url=SALT, inferred=True)),
    ('<blockquote cite="/2">Salt.</blockquote>', Citation(url="https://lantern.example/2")),
]  # fmt: skip


@pytest.mark.parametrize("html, citation", MARKED)
def test_the_source_of_a_quotation_is_cited(html: str, citation: Citation) -> None:
    assert cited(html) == (citation,)


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>Salt.</blockquote>",
        f'<p>More at <a href="{SALT}">Harbour Gazette</a>.</p>',
        "<p><cite>Salt Roads</cite> folds.</p>",
        '<blockquote cite="javascript:alert(1)">Salt.</blockquote>',
        '<cite><a href="mailto:desk@harbour.example">Desk</a></cite>',
    ],
)
def test_what_is_not_marked_as_a_source_is_none(html: str) -> None:
    assert cited(html) == ()


def test_what_an_item_states_comes_first_and_the_text_completes_it() -> None:
    html = f'<blockquote>Salt. <cite><a href="{SALT}">Harbour Gazette</a></cite></blockquote>'
    stated = (Citation(name="Coast Weekly"), Citation(name="Harbour Gazette"))
    assert cited(html, *stated, outlets=()) == (
        Citation(name="Coast Weekly"),
        Citation(name="Harbour Gazette", url=SALT),
    )


def test_a_source_that_is_stated_and_quoted_is_cited_once() -> None:
    html = f'<blockquote cite="{SALT}">Salt.</blockquote><q cite="{SALT}#2">Salt.</q>'
    assert cited(html, Citation(name="Salt", url=SALT)) == (Citation(name="Salt", url=SALT),)


def test_the_work_and_the_review_itself_are_no_sources() -> None:
    html = (
        f'<p><cite><a href="{SALT}">Salt Roads</a></cite>, <cite><a href="https://a.example/">Permalink</a></cite></p>'
    )
    assert cited_by(Item(), html, not_these=("https://a.example/", "salt roads", None)) == ()


@pytest.mark.parametrize(
    "name, url",
    [
        ("Harbour Gazette", "https://harbour.example/"),
        ("the harbour gazette", "https://harbour.example/"),
        ("Evening Ledger", "https://ledger.example/"),
        ("The Evening  Ledger", "https://ledger.example/"),
        ("Harbour", None),
        ("Theodore Harbour Gazette", None),
        ("Coast", None),
        ("Nowhere", None),
    ],
)
def test_a_named_outlet_that_is_configured_gets_its_address(name: str, url: str | None) -> None:
    assert [citation.url for citation in cited("", Citation(name=name))] == [url]


def test_an_address_that_is_stated_stays() -> None:
    assert cited("", Citation(name="Harbour Gazette", url=SALT)) == (Citation(name="Harbour Gazette", url=SALT),)


def test_an_item_counts_as_changed_when_an_outlet_that_it_names_gets_another_address() -> None:
    source = Source(name="lantern", kind="feed", location="https://lantern.example/feed")
    item = Item(guid="urn:1", cited=(Citation(name="Harbour Gazette"),))

    def digest(outlets: Sequence[Outlet]) -> bytes:
        site = Site(title="Reviews", base_url="http://reviews.example")
        feed = FeedInfo()
        return Normaliser(feed, source=source, document_url=source.location, site=site, outlets=outlets).digest(item)

    moved = (replace(OUTLETS[0], url="https://gazette.example/"), *OUTLETS[1:])
    other = (*OUTLETS, Outlet(name="Tide Table", url="https://tide.example/"))
    assert digest(moved) != digest(OUTLETS)
    assert digest(other) == digest(OUTLETS)
