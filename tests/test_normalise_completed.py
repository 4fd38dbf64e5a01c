"""A feed's item and its page: gaps are filled, what the feed says stays, and each field's origin is told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import (
    Category,
    Credit,
    FeedInfo,
    ImageClaim,
    Item,
    LicenceClaim,
    Link,
    Person,
    Provenance,
    RatingClaim,
    Review,
    Site,
    Source,
    Subject,
    Text,
)
from feedsvc.model.stored import decode, encode
from feedsvc.normalise import Normaliser
from feedsvc.normalise.accounts import attribution_of
from feedsvc.normalise.completed import completed
from feedsvc.normalise.completeness import missing_in

URL = "https://gazette.example/paper-moons"
BY = "https://creativecommons.org/licenses/by/4.0/"
NC = "https://creativecommons.org/licenses/by-nc/4.0/"
BARE = Item(guid=URL, links=(Link(href=URL),), title=Text(value="On Paper Moons"), content=Text(value="It folds."))
PAGE = Item(
    links=(Link(href=URL),),
    title=Text(value="The page's headline"),
    content=Text(value="The whole text."),
    summary=Text(value="Its standfirst."),
    authors=(Person(name="Ines Okafor"),),
    rights=Text(value="© Harbour Gazette"),
    licences=(LicenceClaim(url=BY),),
    images=(ImageClaim(url="https://gazette.example/m/quay-1024x576.jpg", credits=(Credit(name="Pia Noor"),)),),
    categories=(Category(term="Film"),),
    subject=Subject(name="Paper Moons", type="Movie", year=2025, identifiers=("imdb:tt0000001",)),
    rating=RatingClaim(value="7", best="10"),
    published="2026-03-01T10:00:00Z",
    language="en",
)


def review(item: Item, feed: FeedInfo | None = None) -> Review:
    feed = feed or FeedInfo(title=Text(value="Harbour Gazette"))
    source = Source(name="gazette", kind="feed", location="https://gazette.example/feed")
    here = Site(title="Reviews", base_url="https://reviews.example")
    normaliser = Normaliser(feed, source=source, document_url=source.location, site=here)
    return normaliser.review(item, datetime(2026, 11, 1, tzinfo=UTC))


def test_the_page_fills_what_the_feed_leaves_open() -> None:
    item = completed(BARE, PAGE)
    assert item.authors == PAGE.authors
    assert item.rating == PAGE.rating
    assert item.subject == PAGE.subject
    assert item.images == PAGE.images
    assert item.licences == PAGE.licences
    assert (item.published, item.language) == (PAGE.published, "en")
    assert item.from_page == {
        "authors", "rating", "subject", "images", "licence", "rights", "categories", "published", "language",
    }  # fmt: skip


def test_the_feeds_own_words_and_identity_stay() -> None:
    item = completed(BARE, PAGE)
    assert (item.guid, item.links, item.title, item.content, item.summary) == (
        BARE.guid,
        BARE.links,
        BARE.title,
        BARE.content,
        None,
    )


def test_the_feed_wins_where_both_speak() -> None:
    said = Item(
        guid=URL,
        title=Text(value="T"),
        content=Text(value="C", language="de"),
        authors=(Person(name="Bo Lindqvist"),),
        rights=Text(value="© Bo Lindqvist"),
        rating=RatingClaim(text="★★★"),
        subject=Subject(name="Salt Road"),
        images=(ImageClaim(url="https://gazette.example/m/quay.jpg", credits=(Credit(name="Kei Hanabata"),)),),
        categories=(Category(term="Kino"),),
        published="2026-02-28",
    )
    item = completed(said, PAGE)
    assert item == said
    assert item.from_page == frozenset()


@pytest.mark.parametrize(
    "open_field",
    [
        Item(authors=(Person(name="admin"),)),
        Item(authors=(Person(name="noreply@gazette.example"),)),
    ],
)
def test_a_programs_name_is_no_critic(open_field: Item) -> None:
    assert completed(open_field, PAGE).authors == (Person(name="Ines Okafor"),)


def test_no_rating_and_no_date_in_words_are_none() -> None:
    item = completed(Item(rating=RatingClaim(text="n/a"), published="soon"), PAGE)
    assert (item.rating, item.published) == (PAGE.rating, PAGE.published)


def test_an_empty_page_changes_nothing() -> None:
    assert completed(BARE, Item()) == BARE


def test_the_work_that_both_name_gets_the_pages_particulars() -> None:
    item = completed(Item(subject=Subject(name="PAPER moons", year=2025)), PAGE)
    assert item.subject == Subject(name="PAPER moons", type="Movie", year=2025, identifiers=("imdb:tt0000001",))
    assert "subject_details" in item.from_page
    assert "subject" not in item.from_page


@pytest.mark.parametrize("other", [Subject(name="Salt Road"), Subject(name="Paper Moons", year=1999)])
def test_another_work_gets_none(other: Subject) -> None:
    assert completed(Item(subject=other), PAGE).subject == other


def test_a_scaled_picture_finds_its_credit() -> None:
    shown = ImageClaim(url="https://cdn.example/m/quay-300x200.jpg?w=300", width=300)
    (image,) = completed(Item(images=(shown,)), PAGE).images
    assert (image.url, image.width, image.credits) == (shown.url, 300, (Credit(name="Pia Noor"),))


def test_a_picture_of_the_text_finds_its_credit_and_no_other_is_added() -> None:
    text = Text(value='<p><img src="https://gazette.example/m/quay-1024x576.jpg"> It folds.</p>', type="html")
    other = ImageClaim(url="https://gazette.example/m/other.jpg", credits=(Credit(name="Bo"),))
    item = completed(Item(guid=URL, links=(Link(href=URL),), content=text), Item(images=(*PAGE.images, other)))
    assert item.images == PAGE.images
    (image,) = review(item).images
    assert image.credits == (Credit(name="Pia Noor"),)


def test_where_each_field_comes_from_is_kept_and_told() -> None:
    made = review(completed(BARE, PAGE))
    for field in ("authors", "licence", "rating", "subject", "published", "language", "rights", "images"):
        assert made.provenance[field] is Provenance.PAGE, field
    assert made.provenance["outlet"] is Provenance.INHERITED
    assert missing_in(made) == ()
    whence = {fact.label: fact.whence for fact in attribution_of(made)}
    assert whence["Critic"] == "stated on the review's own page"
    assert decode(encode(made)) == made


def test_particulars_of_a_work_are_told_apart_from_its_name() -> None:
    made = review(completed(replace(BARE, subject=Subject(name="Paper Moons")), PAGE))
    whence = {fact.label: fact.whence for fact in attribution_of(made)}
    assert whence["Work"] == "stated by the source; its particulars on the review's own page"


def test_what_a_feed_says_of_all_its_items_goes_before_the_page() -> None:
    feed = FeedInfo(title=Text(value="Harbour Gazette"), licences=(LicenceClaim(url=NC),), language="fr")
    made = review(completed(BARE, PAGE), feed)
    assert (made.licence.spdx, made.language, made.rights) == ("CC-BY-NC-4.0", "fr", None)
    assert made.provenance["licence"] is Provenance.INHERITED
    assert made.provenance["language"] is Provenance.INHERITED
    assert made.provenance["authors"] is Provenance.PAGE


def test_a_completed_item_has_another_digest_and_always_the_same() -> None:
    """The order of a set differs from one process to the next; a digest may not."""
    script = (
        "from tests.test_normalise_completed import *\n"
        "source = Source(name='g', kind='feed', location='https://gazette.example/feed')\n"
        "made = Normaliser(FeedInfo(), source=source, document_url='', site=Site(title='', base_url='https://r.example'))\n"
        "print(made.digest(completed(BARE, PAGE)).hex(), made.digest(BARE).hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    (digests,) = found
    assert len(set(digests.split())) == 2
