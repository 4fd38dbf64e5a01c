"""Work and rating where no field states them: of what they are inferred, how it is told, and what is left open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import (
    Category,
    FeedInfo,
    Item,
    Provenance,
    Rating,
    RatingClaim,
    Review,
    Scale,
    Site,
    Source,
    Subject,
    Text,
)
from feedsvc.model.stored import decode, encode
from feedsvc.normalise import Normaliser
from feedsvc.normalise.accounts import attribution_of
from feedsvc.normalise.kinds import kind_in, kind_of

SITE = Site(title="Reviews", base_url="https://reviews.example")
SOURCE = Source(name="lantern", kind="feed", location="https://lantern.example/feed")
NOW = datetime(2026, 5, 2, 8, 0, tzinfo=UTC)
WORDS = Scale(best=5, worst=1, words=(("superb", 5.0), ("fair", 3.0)))
TEXT = "The boat leaves the harbour at night.\n\nNobody on board speaks for an hour."


def reviewed(item: Item, source: Source = SOURCE) -> Review:
    feed = FeedInfo(title=Text(value="Night Lantern"))
    return Normaliser(feed, source=source, document_url=source.location, site=SITE).review(item, NOW)


def written(headline: str, text: str = TEXT, *categories: str) -> Item:
    return Item(
        guid="tag:lantern.example,2026:1",
        title=Text(value=headline),
        content=Text(value=text),
        categories=tuple(Category(term=term) for term in categories),
    )


def test_a_review_says_of_what_its_work_and_its_rating_were_inferred() -> None:
    review = reviewed(written("Paper Moons review – a slow burn", f"{TEXT}\n\nRating: 4/5", "Books"))
    assert review.subject == Subject(name="Paper Moons", type="Book")
    assert review.rating == Rating(text="4/5", value=4, best=5, percent=80)
    assert (review.provenance["subject"], review.provenance["rating"]) == (Provenance.INFERRED, Provenance.INFERRED)
    assert review.inferred_from == {
        "subject": "the headline's convention “X review”; its type from the category “Books”",
        "rating": "the line “Rating: 4/5”",
    }
    facts = {fact.label: (fact.value, fact.whence) for fact in attribution_of(review)}
    assert facts["Work"] == (
        "Paper Moons (Book)",
        "inferred from the headline's convention “X review”; its type from the category “Books”",
    )
    assert facts["Rating"] == ("4/5", "inferred from the line “Rating: 4/5”")
    assert decode(encode(review)) == review


def test_what_is_stated_is_never_overruled_and_nothing_is_told_of_it() -> None:
    item = replace(
        written("Review: Northbound", f"{TEXT}\n\n2/5"),
        subject=Subject(name="Paper Moons"),
        rating=RatingClaim(value="8", best="10"),
    )
    review = reviewed(item)
    assert (review.subject, review.rating) == (
        Subject(name="Paper Moons"),
        Rating(text="8/10", value=8, best=10, percent=80),
    )
    assert (review.provenance["subject"], review.provenance["rating"]) == (Provenance.STATED, Provenance.STATED)
    assert review.inferred_from == {}


def test_a_source_that_says_there_is_no_rating_is_believed() -> None:
    item = replace(written("Review: Northbound", f"{TEXT}\n\n2/5"), rating=RatingClaim(text="not rated"))
    assert reviewed(item).rating is None


def test_a_declared_scale_gives_its_words_stars_and_figures_a_meaning() -> None:
    item, source = written("Review: Northbound", f"{TEXT}\n\nSuperb"), replace(SOURCE, scale=WORDS)
    assert reviewed(item).rating is None
    assert reviewed(item, source).rating == Rating(text="Superb", value=5, best=5, worst=1, percent=100)
    stars = replace(item, rating=RatingClaim(text="★★★½"))
    assert reviewed(stars).rating == Rating(text="★★★½", value=3.5)
    assert reviewed(stars, source).rating == Rating(text="★★★½", value=3.5, best=5, worst=1, percent=70)
    figure = replace(item, rating=RatingClaim(value="4"))
    assert reviewed(figure, source).rating == Rating(text="4", value=4, best=5, worst=1, percent=80)
    beyond = replace(item, rating=RatingClaim(value="8"))
    assert reviewed(beyond, source).rating == Rating(text="8", value=8)


def test_a_declared_scale_never_replaces_one_that_is_stated() -> None:
    item = replace(written("Review: Northbound"), rating=RatingClaim(value="8", best="10"))
    assert reviewed(item, replace(SOURCE, scale=WORDS)).rating == Rating(text="8/10", value=8, best=10, percent=80)


def test_another_scale_makes_every_item_new() -> None:
    item, feed = written("Review: Northbound"), FeedInfo()

    def digest(source: Source) -> bytes:
        return Normaliser(feed, source=source, document_url=source.location, site=SITE).digest(item)

    assert digest(SOURCE) == digest(replace(SOURCE))
    assert digest(SOURCE) != digest(replace(SOURCE, scale=WORDS))


@pytest.mark.parametrize(
    "headline, text, kind",
    [
        ("“Saltwind” Drifts", "The novel Saltwind is Okafor’s second book.", "Book"),
        ("“Saltwind” Drifts", "Saltwind is a quiet film, and a long one.", "Movie"),
        ("“Saltwind” Drifts", "The director lets the screenwriters drown; the composer helps.", "Movie"),
        ("“Saltwind” Drifts", "The director lets the screenwriters drown in every episode.", None),
        ("“Saltwind” Drifts", "An actor and a plot.", None),
    ],
)
def test_a_text_tells_the_type_where_it_speaks_of_one_kind_alone(headline: str, text: str, kind: str | None) -> None:
    assert reviewed(written(headline, text)).subject == Subject(name="Saltwind", type=kind)


@pytest.mark.parametrize(
    "categories, found",
    [
        (["Film"], ("Movie", "Film")),
        (["Culture", "Movie Reviews"], ("Movie", "Movie Reviews")),
        (["Filmkritik"], ("Movie", "Filmkritik")),
        (["Books / Fiction"], ("Book", "Books / Fiction")),
        (["Critique de livres"], ("Book", "Critique de livres")),
        (["Film", "Books"], None),
        (["Serie", "Stage"], None),
        ([], None),
    ],
)
def test_categories_name_a_kind_where_they_name_one_alone(categories: list[str], found: tuple[str, str] | None) -> None:
    assert kind_in(categories) == found


def test_a_word_beside_review_is_a_kind_of_work_in_any_case() -> None:
    assert [kind_of(word) for word in ("FILM", "Jeu  vidéo", "roman", "harbour", None)] == [
        "Movie",
        "VideoGame",
        "Book",
        None,
        None,
    ]


@pytest.mark.parametrize(
    "headline", ["x" * 9_000, "“" * 4_000, "Review: " * 1_000, "a - " * 2_000 + "review", "(2025) " * 900]
)
def test_a_headline_that_is_a_text_names_no_work(headline: str) -> None:
    assert reviewed(written(headline)).subject is None


@pytest.mark.parametrize(
    "headline, work",
    [
        ("Saltwind movie review & film summary (2024)", Subject(name="Saltwind", type="Movie", year=2024)),
        ("Saltwind (Blu-ray Review)", Subject(name="Saltwind")),
        ("Saltwind Blu-ray Review", Subject(name="Saltwind")),
        ("Game Review – Hollow Signal (PC)", Subject(name="Hollow Signal", type="VideoGame")),
        ("The Understudies Season 2 review", Subject(name="The Understudies")),
        ("Theatre review: Nine Chairs at the Harbour Playhouse", Subject(name="Nine Chairs", type="Play")),
        ("Das Meer: Kritik zum Film von Lena Brandt", Subject(name="Das Meer", type="Movie")),
        ("Crítica de cine: El mar", Subject(name="El mar", type="Movie")),
        ("Il mare: recensione e trama del film", Subject(name="Il mare")),
        ("BOOK REVIEW | Saltwind by Ida Marsh", Subject(name="Saltwind", type="Book")),
        ("Rezension: Der Graf von Monte Salino", None),
        ("Deutliche Kritik – Hafen bleibt zu", None),
        ("Kritik: Neue Steuer", None),
        ("Sous le feu de la critique : le maire répond", None),
        ("Book Review Podcast: Ida Marsh", None),
        ("Supreme Court Review: The Year Ahead", None),
        ("A Review of Our Safety Policy", None),
        ("Review of Harbour Tolls", None),
        ("‘Saltwind’ Sets Release", None),
        ("‘Saltwind’: First Look at the Sequel", None),
    ],
)
def test_headlines_as_papers_write_them(headline: str, work: Subject | None) -> None:
    assert reviewed(written(headline, "The film and its director.")).subject == work


VISITED = "L'album est sorti au printemps; le groupe joue tout le soir."


@pytest.mark.parametrize(
    "headline",
    [
        "Ines Vautrin est venue nous présenter “Les Marées”",
        "Les Sels sont venus interpréter “Les Marées”",
        "“Les Marées” en live dans nos murs",
        "“Les Marées” en version acoustique",
        "“Les Marées” : la session acoustique",
        "“Winter Tides”, an acoustic session",
        "The Salts play “Winter Tides” in a live session",
    ],
)
def test_a_visit_or_a_session_is_no_review_of_the_work_that_is_played(headline: str) -> None:
    assert reviewed(written(headline, VISITED)).subject is None


@pytest.mark.parametrize(
    ("headline", "name"),
    [
        ("“Les Marées”, le groupe se livre", "Les Marées"),
        ("“Winter Tides” is alive, and acoustic guitars do it", "Winter Tides"),
        ("“Les Marées” : un album venu de loin", "Les Marées"),
    ],
)
def test_a_headline_with_a_word_like_those_is_still_of_its_work(headline: str, name: str) -> None:
    subject = reviewed(written(headline, VISITED)).subject
    assert subject is not None
    assert subject.name == name


def test_a_work_is_inferred_from_what_an_item_is_filed_under_and_not_from_its_keywords() -> None:
    headline, text = "“Salt Choir” will get no more money from the harbour", "The council met on Monday."
    filed = written(headline, text, "Films")
    keyword = replace(filed, categories=(Category(term="News"), Category(term="", label="Films")))
    assert reviewed(filed).subject == Subject(name="Salt Choir", type="Movie")
    review = reviewed(keyword)
    assert review.subject is None
    assert [category.term for category in review.categories] == ["News", "Films"]
