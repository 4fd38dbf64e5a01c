"""A canary in every text field is escaped in every format: it comes back as the same text, never as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import feedparser
import pytest
from lxml import etree, html

from feedsvc.model import (
    Also,
    Category,
    Citation,
    Credit,
    Enclosure,
    Entry,
    Feed,
    Image,
    Licence,
    LicenceState,
    Outlet,
    Person,
    Prose,
    Rating,
    Review,
    Site,
    Source,
    SourceState,
    Subject,
    Terms,
)
from feedsvc.render import FORMATS
from feedsvc.render.legible import legible
from feedsvc.render.opml import write_feeds_opml, write_opml
from tests.render_entries import FULL_ENTRY, NS, document
from tests.samples import FEED, FULL, NOW, SITE


def c(field: str) -> str:
    """The canary of a field: what HTML, XML, JSON and JavaScript each stumble over."""
    return f"<b>&\"'\u2028{field}-canary</b>]]>"


def u(field: str) -> str:
    """An address that would break out of an attribute."""
    return f"https://canary.example/{field}?q=<b>&\"'canary"


def a(field: str) -> str:
    """The same address in the characters that RFC 3986 allows, which is all that RSS and Media RSS take."""
    return f"https://canary.example/{field}?q=%3Cb%3E&%22'canary"


CANARY = replace(
    FULL,
    url=u("url"),
    title=c("title"),
    summary=Prose(html="<p>&lt;b&gt;summary-canary</p>", text=c("summary")),
    content=Prose(html="<p>&lt;b&gt;content-canary</p>", text=c("content")),
    excerpt=Prose(html="<p>&lt;b&gt;excerpt-canary</p>", text=c("excerpt")),
    authors=(Person(name=c("author"), url=u("author")),),
    contributors=(Person(name=c("contributor"), url=u("contributor")),),
    outlet=Outlet(name=c("outlet"), url=u("outlet"), feed_url=u("feed"), rights=c("outlet-rights"), icon=u("icon")),
    via=Outlet(name=c("via"), url=u("via"), feed_url=u("via-feed")),
    cited=(Citation(name=c("cited"), url=u("cited")), Citation(name=c("cited-only"))),
    rights=c("rights"),
    rights_holder=c("holder"),
    licence=Licence(state=LicenceState.IDENTIFIED, name=c("licence"), url=u("licence"), spdx=c("spdx")),
    images=(
        Image(
            url=u("image"),
            alt=c("alt"),
            credits=(Credit(name=c("image-credit"), role=c("role"), scheme="urn:canary"),),
            rights=c("image-rights"),
            terms_url=u("image-terms"),
        ),
    ),
    credits=(Credit(name=c("credit")),),
    enclosures=(Enclosure(url=u("enclosure"), title=c("enclosure")),),
    categories=(Category(term=c("term"), scheme=u("scheme"), label=c("label")),),
    subject=Subject(name=c("subject"), type=c("type"), identifiers=(c("identifier"),), same_as=(u("same-as"),)),
    rating=Rating(text=c("rating")),
    verdict=c("verdict"),
    also=(Also(url=u("also"), outlet=c("also")),),
)
ENTRY = Entry(review=CANARY, terms=Terms(show="full", statement=c("terms"), reason="r"), embeddable=frozenset())
CANARY_SITE = Site(title=c("site"), base_url="http://reviews.example", description=c("site-description"))
CANARY_FEED = Feed(name="reviews", title=c("feed"), description=c("feed-description"))

#: Text fields that each format carries in a place of their own (others only stand in the attribution line).
EVERYWHERE = {
    *("feed", "feed-description", "title", "author", "contributor", "outlet", "via", "cited", "cited-only", "rights"),
    *("holder", "spdx", "image-credit", "alt", "image-rights", "credit", "enclosure", "label", "identifier"),
    *("subject", "rating", "verdict", "also", "terms"),
}
ONLY = {
    "atom": {"outlet-rights", "term"},
    "rss": set[str](),
    "json": {"outlet-rights", "licence", "role", "summary", "type"},
}
LINKS = {
    *("url", "outlet", "feed", "via", "via-feed", "cited", "licence", "image", "image-terms", "enclosure", "same-as"),
    "also",
}


def written(kind: str) -> bytes:
    """The canary's bytes in one format."""
    return FORMATS[kind].write(CANARY_SITE, document(CANARY_FEED, [ENTRY]))


def values(kind: str, body: bytes) -> list[str]:
    """Every text and attribute of a document, as a parser gives it."""
    if kind == "json":
        return list(strings(json.loads(body)))
    root = etree.fromstring(body)
    return [value for each in root.iter() for value in (each.text or "", *each.attrib.values())]


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_canary_in_every_field_comes_back_as_text(kind: str) -> None:
    found = values(kind, written(kind))

    assert {field for field in EVERYWHERE | ONLY[kind] if c(field) not in found} == set()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_canary_in_every_address_comes_back_as_the_same_address(kind: str) -> None:
    found = values(kind, written(kind))
    lacking = {"outlet"} if kind == "rss" else set()  # RSS names the outlet's feed, and has no place for its home

    written_as = u if kind == "json" else a
    elements = set() if kind == "json" else {"same-as"}  # text, in a namespace where any text may stand
    assert {field for field in LINKS - lacking - elements if written_as(field) not in found} == set()
    assert {field for field in elements if u(field) not in found} == set()


@pytest.mark.parametrize("kind", FORMATS)
def test_no_canary_is_markup_in_the_html_of_an_item(kind: str) -> None:
    bodies = [value for value in values(kind, written(kind)) if "feedsvc-attribution" in value]
    parsed = [html.fragment_fromstring(body, create_parent="div") for body in bodies]

    assert len(bodies) == (1 if kind == "json" else 2)
    assert {element.tag for body in parsed for element in body.iter()} == {"div", "p", "a"}
    for body in parsed:
        line = body.findall("p")[-1].text_content()
        names = ("author", "outlet", "licence", "image-credit", "credit")
        assert all(" ".join(c(name).split()) in line for name in names)


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_no_element_of_the_document_comes_from_a_canary(kind: str) -> None:
    root = etree.fromstring(written(kind))

    assert {etree.QName(element).localname for element in root.iter()}.isdisjoint({"b", "script"})
    assert {etree.QName(element).namespace for element in root.iter()} <= {None, *NS.values()}


def test_feedparser_finds_no_markup_in_an_atom_title() -> None:
    entry: Any = feedparser.parse(written("atom")).entries[0]

    assert entry.title_detail.type == "text/plain"
    assert entry.title == c("title")


def test_a_canary_in_a_source_comes_back_from_opml() -> None:
    source = Source(name=c("source"), kind="feed", location=u("location"), category=c("category"))
    state = SourceState(name="s", next_check=NOW, interval=1, feed_title=c("title"), feed_home=u("home"))

    root = etree.fromstring(write_opml(CANARY_SITE, [(source, state), (replace(source, location="/x"), None)]))
    feeds = etree.fromstring(write_feeds_opml(CANARY_SITE, [CANARY_FEED]))

    found = [value for each in root.iter() for value in (each.text or "", *each.attrib.values())]
    assert {c("source"), c("title"), c("category"), u("location"), u("home")} <= set(found)
    assert c("site") + ": sources" in found
    assert feeds.xpath("//outline/@text") == [c("feed")]
    assert feeds.xpath("//outline/@description") == [c("feed-description")]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_a_character_that_no_document_can_hold_is_left_out(kind: str, character: str) -> None:
    """They are filtered long before; were one to come through, it must not take the whole feed down."""
    review = replace(
        FULL,
        title=f"Salt{character}Road",
        id=f"urn:salt{character}",
        content=Prose(html=f"<p>a{character}b</p>", text=f"a{character}b"),
        authors=(Person(name=f"In{character}es"),),
        url=f"https://o.example/{character}",
        provenance={},
    )

    body = FORMATS[kind].write(SITE, document(FEED, [replace(FULL_ENTRY, review=review)]))

    found = values(kind, body)
    assert {"SaltRoad", "urn:salt", "Ines", "https://o.example/"} <= set(found)
    assert character.encode("utf-8", "surrogatepass") not in body


def test_what_every_document_can_hold_is_kept() -> None:
    kept = "\t\n\r \x85\u2028é中\ue000\ufffd\U0001f600"
    review: Review = replace(FULL, title=kept)

    assert legible(review) is review
