"""Whole sites, one for each vocabulary: every page gives its review with every field, every listing its pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from feedsvc.model import Fetched, Limits, Mark, Parsed, Review, Source
from feedsvc.model import Site as OwnSite
from feedsvc.normalise import Normaliser
from feedsvc.normalise.completeness import how_to_add, missing_in
from feedsvc.parsers import PARSERS
from tests.page_sites import LISTING, SITEMAP, SITEMAP_INDEX, VOCABULARIES, Told, paths, site, told

BASE = "https://gazette.example"
PAGES = 35
BY = "https://creativecommons.org/licenses/by/4.0/"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def parsed(vocabulary: str, path: str) -> Parsed:
    media_type, body = site(vocabulary, PAGES, BASE)[path]
    return PARSERS["page"](Fetched(url=BASE + path, body=body, media_type=media_type.partition(";")[0]), Limits())


def reviews(vocabulary: str) -> dict[str, Review]:
    """The one review of each review page, as it is promised."""
    source = Source(name="gazette", kind="page", location=BASE + LISTING)
    here = OwnSite(title="Reviews", base_url="https://reviews.example")
    found = {}
    pages = site(vocabulary, PAGES, BASE)
    for path in paths(PAGES):
        page = PARSERS["page"](Fetched(url=BASE + path, body=pages[path][1], media_type="text/html"), Limits())
        (item,) = page.items
        found[path] = Normaliser(page.feed, source=source, document_url=BASE + path, site=here).review(item, NOW)
    return found


def as_told(review: Review, expected: Told) -> dict[str, object]:
    """A review's fields by the names of Told."""
    image = next((each for each in review.images if each.url == expected.image), None)
    subject, rating = review.subject, review.rating
    assert subject is not None
    return {
        "url": review.url,
        "headline": review.title,
        "critics": tuple(person.name for person in review.authors),
        "outlet": review.outlet.name,
        "licence": review.licence.url,
        "image": image and image.url,
        "credit": image and "; ".join(credit.name for credit in image.credits),
        "work": subject.name,
        "kind": subject.type,
        "year": subject.year,
        "identifiers": subject.identifiers,
        "same_as": subject.same_as,
        "value": rating and rating.value,
        "best": rating and rating.best,
        "published": review.published and review.published.date().isoformat(),
        "language": review.language,
    }


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_page_of_a_site_gives_its_review_with_every_field(vocabulary: str) -> None:
    expected = told(vocabulary, PAGES, BASE)
    for path, review in reviews(vocabulary).items():
        said = as_told(review, expected[path])
        assert said == {name: getattr(expected[path], name) for name in said}, path
        assert review.content is not None
        assert expected[path].words in review.content.text
        assert review.content.text.rstrip().endswith(expected[path].last)
        assert (review.rating is None) == (expected[path].rated is None)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_listing_names_the_sites_reviews_and_nothing_else(vocabulary: str) -> None:
    page = parsed(vocabulary, LISTING)
    assert [link.url for link in page.pages] == [BASE + path for path in paths(PAGES)]
    assert page.items == ()


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_review_page_lists_nothing(vocabulary: str) -> None:
    assert parsed(vocabulary, paths(PAGES)[0]).pages == ()


def test_a_page_that_follows_our_advice_lacks_nothing() -> None:
    """Each sentence quotes what to add; with all of it, the review is whole."""
    quoted = re.compile(r'"[a-z]+[A-Za-z]*": (?:\{[^}]*\}|"[^"]*")')
    said = [found for mark in Mark for found in quoted.findall(how_to_add(mark, "page"))]
    words = ", ".join(['"@type": "Review", "name": "On Paper Moons"', *said]).replace("…", "Ines Okafor", 1)
    words = words.replace('"url": "…"', '"url": "/a.jpg"').replace("https://…", BY).replace("…", "Harbour Gazette")
    head = how_to_add(Mark.PERMALINK, "page").split(": ")[1].rstrip(".").replace("https://…", f"{BASE}/moons")
    page = f'<title>T</title>{head}<script type="application/ld+json">{{{words}}}</script><p>It folds.</p>'
    parsed = PARSERS["page"](Fetched(url=f"{BASE}/moons", body=page.encode(), media_type="text/html"), Limits())
    source = Source(name="gazette", kind="page", location=BASE + LISTING)
    here = OwnSite(title="Reviews", base_url="https://reviews.example")
    (item,) = parsed.items
    review = Normaliser(parsed.feed, source=source, document_url=BASE, site=here).review(item, NOW)
    assert len(said) == 6
    assert len(review.images) == 1
    assert missing_in(review) == ()


def test_sitemaps_name_the_sites_reviews_with_their_dates() -> None:
    index = parsed("jsonld", SITEMAP_INDEX)
    assert [(link.url, link.modified) for link in index.pages] == [(BASE + SITEMAP, "2026-05-09")]
    links = parsed("jsonld", SITEMAP).pages
    assert [link.url for link in links] == [BASE + path for path in paths(PAGES)]
    assert [link.modified for link in links[:3]] == ["2026-05-01", "2026-05-02", "2026-05-03"]


def test_a_page_that_is_neither_says_so() -> None:
    page = parsed("jsonld", "/about/")
    assert (page.items, page.pages) == ((), ())
    assert page.problems == ("It holds no review, and lists none.",)
