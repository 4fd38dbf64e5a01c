"""A site of thirty review pages in each vocabulary: collected whole over HTTP, and republished with every field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedsvc.collect.workers import Readers
from feedsvc.publish import Publisher, publish
from tests.origin import Origin
from tests.page_sites import VOCABULARIES, Told, told
from tests.test_pages_collect import Shelf, put

MANY = 30


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_site_is_collected_whole_and_republished_with_every_field(
    tmp_path: Path, origin: Origin, readers: Readers, vocabulary: str
) -> None:
    """In three looks of ten pages; the fields are those of our JSON Feed, in one that earns nothing."""
    put(origin, MANY, vocabulary)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.configure('title = "All"', 'title = "All"\ncommercial = false')
    for _ in range(3):
        outcome = shelf.look()
        assert (outcome.error, outcome.new, outcome.page_faults, outcome.kept_out) == (None, 10, (), ())
    publish(Publisher(store=shelf.store, settings=shelf.settings, clock=shelf.clock))
    published = shelf.store.renditions.get("/feeds/all.json")
    assert published is not None
    items = {item["url"]: item for item in json.loads(published.body)["items"]}
    shelf.store.close()

    wanted = {review.url: review for review in told(vocabulary, MANY, origin.url).values()}
    assert set(items) == set(wanted)
    found = {url: republished(item) for url, item in items.items()}
    lacking = [
        (url, name, found[url][name], value)
        for url, review in wanted.items()
        for name, value in promised(review).items()
        if found[url][name] != value
    ]
    assert lacking == []


def republished(item: dict[str, Any]) -> dict[str, object]:
    """What a review is in the feed, in the words of `Told`."""
    said, about = item["_attribution"], item.get("_review", {})
    subject, rating = about.get("subject", {}), about.get("rating", {})
    images = {one["url"]: tuple(credit["name"] for credit in one.get("credits", ())) for one in said.get("images", ())}
    return {
        "headline": item["title"],
        "critics": tuple(author["name"] for author in item["authors"]),
        "outlet": said["outlet"]["name"],
        "licence": said["licence"].get("url"),
        "images": images,
        "work": subject.get("name"),
        "kind": subject.get("type"),
        "year": subject.get("year"),
        "identifiers": tuple(subject.get("identifiers", ())),
        "same_as": tuple(subject.get("same_as", ())),
        "value": rating.get("value"),
        "best": rating.get("best"),
        "published": item["date_published"][:10] if "published" in said["provenance"] else None,
        "language": item.get("language"),
    }


def promised(review: Told) -> dict[str, object]:
    """The same of what the page says."""
    return {
        "headline": review.headline,
        "critics": review.critics,
        "outlet": review.outlet,
        "licence": review.licence,
        "images": {review.image: (review.credit,)},
        "work": review.work,
        "kind": review.kind,
        "year": review.year,
        "identifiers": review.identifiers,
        "same_as": review.same_as,
        "value": review.value,
        "best": review.best,
        "published": review.published,
        "language": review.language,
    }
