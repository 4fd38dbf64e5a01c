"""Work and rating as feeds state them, in every vocabulary that has elements or markup for them."""

from __future__ import annotations

from html import escape

import pytest

from feedsvc.model import Fetched, Item, Limits, Person, RatingClaim, Subject
from feedsvc.parsers import PARSERS

SPACES = (
    'xmlns:schema="https://schema.org/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:letterboxd="https://letterboxd.com"'
    ' xmlns:tmdb="https://themoviedb.org" xmlns:rvw="http://purl.org/NET/RVW/0.2/" xmlns:g="http://base.google.com/ns/1.0"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)


def read(elements: str) -> Item:
    document = (
        f'<rss version="2.0" {SPACES}><channel><title>Night Lantern</title><item>{elements}</item></channel></rss>'
    )
    fetched = Fetched(url="https://night-lantern.example/feed", body=document.encode())
    [item] = PARSERS["feed"](fetched, Limits()).items
    return item


STATED: list[tuple[str, Subject | None, RatingClaim | None]] = [
    (
        "<schema:itemReviewed><schema:Movie><schema:name>Paper Moons</schema:name><schema:dateCreated>2025-03-01"
        "</schema:dateCreated></schema:Movie></schema:itemReviewed><schema:reviewRating><schema:Rating><schema:ratingValue>4"
        "</schema:ratingValue><schema:bestRating>5</schema:bestRating></schema:Rating></schema:reviewRating>",
        Subject(name="Paper Moons", type="Movie", year=2025),
        RatingClaim(value="4", best="5"),
    ),
    (
        "<schema:itemReviewed><schema:name>The Quarry Children</schema:name><schema:additionalType>https://schema.org/Book"
        "</schema:additionalType><schema:isbn>9780000000002</schema:isbn></schema:itemReviewed>"
        "<schema:ratingValue>8.5</schema:ratingValue><schema:bestRating>10</schema:bestRating>",
        Subject(name="The Quarry Children", type="Book", identifiers=("urn:isbn:9780000000002",)),
        RatingClaim(value="8.5", best="10"),
    ),
    (
        "<schema:itemReviewed>Paper Moons</schema:itemReviewed><schema:reviewRating>B+</schema:reviewRating>",
        Subject(name="Paper Moons"),
        RatingClaim(text="B+"),
    ),
    (
        "<title>Sparrow Country, 2026 - ★★★</title><letterboxd:filmTitle>Sparrow Country</letterboxd:filmTitle>"
        "<letterboxd:filmYear>2026</letterboxd:filmYear><letterboxd:memberRating>3.0</letterboxd:memberRating>"
        "<tmdb:movieId>1236153</tmdb:movieId>",
        Subject(name="Sparrow Country", type="Movie", year=2026, identifiers=("tmdb:movie/1236153",)),
        RatingClaim(value="3.0", best="5", worst="0.5"),
    ),
    (
        "<letterboxd:filmTitle>The Understudies</letterboxd:filmTitle><tmdb:tvId>42</tmdb:tvId>",
        Subject(name="The Understudies", type="TVSeries", identifiers=("tmdb:tv/42",)),
        None,
    ),
    ("<rvw:rating>85</rvw:rating>", None, RatingClaim(value="85", best="100", worst="0")),
    (
        "<rvw:item><dc:title>Low Water Songs</dc:title></rvw:item><rvw:value>6</rvw:value><rvw:minimum>1</rvw:minimum>"
        "<rvw:maximum>7</rvw:maximum>",
        Subject(name="Low Water Songs"),
        RatingClaim(value="6", best="7", worst="1"),
    ),
    (
        "<g:name_of_item_reviewed>Harbour Lamp 3</g:name_of_item_reviewed><g:rating>4</g:rating>"
        "<g:gtin>00012345600012</g:gtin><g:url_of_item_reviewed>https://lamps.example/3</g:url_of_item_reviewed>",
        Subject(name="Harbour Lamp 3", identifiers=("gtin:00012345600012",), same_as=("https://lamps.example/3",)),
        RatingClaim(value="4"),
    ),
    ("<g:rating>4.6</g:rating><g:gtin>00012345600012</g:gtin>", None, None),
    (
        '<media:community><media:starRating average="4" min="1" max="5"/></media:community>',
        None,
        RatingClaim(value="4", best="5", worst="1"),
    ),
    ('<media:community><media:starRating average="3.5" count="20" min="1" max="10"/></media:community>', None, None),
]


@pytest.mark.parametrize("elements, work, rating", STATED)
def test_a_vocabulary_states_work_and_rating(elements: str, work: Subject | None, rating: RatingClaim | None) -> None:
    item = read(elements)
    assert (item.subject, item.rating) == (work, rating)


HREVIEW = (
    '<div class="hreview"><h2 class="summary">A slow tide</h2><span class="item"><b class="fn">Paper Moons</b></span>'
    ' <abbr class="rating" title="4">★★★★</abbr> by <i class="reviewer vcard"><b class="fn">Ida Marsh</b></i>'
    ' <div class="description">It takes its time, and gives it back.</div></div>'
)
MICRODATA = (
    '<div itemscope itemtype="https://schema.org/Review"><div itemprop="itemReviewed" itemscope'
    ' itemtype="https://schema.org/Book"><b itemprop="name">The Quarry Children</b></div>'
    '<div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating"><b itemprop="ratingValue">7</b>/'
    '<b itemprop="bestRating">10</b></div>'
    '<p itemprop="reviewBody">Dust, and more of it.</p></div>'
)


def in_text(html: str, elements: str = "") -> Item:
    return read(f"<title>Review</title><description>{escape(html)}</description>{elements}")


def test_an_hreview_in_the_text_states_work_critic_and_rating_on_the_scale_of_its_format() -> None:
    item = in_text(HREVIEW)
    assert (item.subject, item.authors) == (Subject(name="Paper Moons"), (Person(name="Ida Marsh"),))
    assert item.rating == RatingClaim(value="4", best="5", worst="1")


def test_microdata_in_the_text_states_work_and_rating() -> None:
    item = in_text(MICRODATA)
    assert item.subject == Subject(name="The Quarry Children", type="Book")
    assert item.rating == RatingClaim(value="7", best="10")


def test_what_the_elements_of_an_item_say_goes_before_its_text() -> None:
    item = in_text(
        HREVIEW, "<dc:creator>Tomás Reyes</dc:creator><letterboxd:filmTitle>Northbound</letterboxd:filmTitle>"
    )
    assert (item.subject, item.authors) == (Subject(name="Northbound", type="Movie"), (Person(name="Tomás Reyes"),))
    assert item.rating == RatingClaim(value="4", best="5", worst="1")


def test_of_several_reviews_in_a_text_none_is_the_items() -> None:
    item = in_text(HREVIEW + HREVIEW.replace("Paper Moons", "Northbound"))
    assert (item.subject, item.rating, item.authors) == (None, None, ())


def test_a_text_that_only_names_the_vocabulary_is_no_review() -> None:
    item = in_text("<p>We mark our pages up with hreview and schema.org/Thing.</p>")
    assert (item.subject, item.rating) == (None, None)
