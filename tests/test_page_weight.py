"""No page weighs more than 60 KB before its pictures: measured on every document of the corpus, republished in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.collect import Collector, Outcome, collect, these
from feedsvc.model import Rendition
from feedsvc.publish import Publisher, index, publish
from feedsvc.store import Store
from tests.databases import database_url, settings_of
from tests.samples import NOW

HEAVIEST = 60 * 1024
SITE = '[service]\ntitle = "Reviews"\nbase_url = "http://reviews.example"\n'
FEED = '[[feeds]]\nname = "all"\ntitle = "All"\nitems = 500\ncommercial = false\n'
SOURCE = '[[sources]]\nname = "{name}"\nkind = "feed"\nlocation = "{file}"\nrepublish = "full"\n'


@pytest.fixture(scope="module")
def weights(beside: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, int]:
    """The bytes of every kind of page, and of the pages of the longest reviews."""
    folder = tmp_path_factory.mktemp("corpus")
    files = sorted((beside / "corpus").glob("*.xml"))
    names = [re.sub("[^a-z0-9]+", "-", file.stem.lower()) for file in files]
    sources = "".join(SOURCE.format(name=name, file=file) for name, file in zip(names, files, strict=True))
    (folder / "config.toml").write_text(SITE + sources + FEED, encoding="utf-8")
    settings = settings_of(folder)
    with Store.open(database_url(folder)) as store:
        store.migrate()
        store.sync_sources(settings.sources, NOW)
        claims = store.claim_named(names, NOW, timedelta(minutes=10))
        outcomes: list[Outcome] = []
        collect(Collector(store=store, settings=settings, clock=lambda: NOW), these(claims), outcomes.append)
        publisher = Publisher(store=store, settings=settings, clock=lambda: NOW)
        index(publisher)
        publish(publisher)
        reviews = store.newest(names, 5000)
        longest = sorted(reviews, key=lambda one: len(one.content.html) if one.content else 0, reverse=True)[:20]
        paths = ["/", "/feeds/all", "/feeds/all/credits", "/outlets", "/search", "/sources", "/sources/lint"]
        found: dict[str, object] = {
            path: publisher.rendition(path) for path in [*paths, *(f"/reviews/{one.key}" for one in longest)]
        }
        for number in range(2, 8):
            asked = [("page", str(number))]
            found |= {f"{path}?page={number}": publisher.view(path, asked) for path in ("/feeds/all", "/sources/lint")}
        found["/search?q=the"] = publisher.view("/search", [("q", "the")])
    return {path: len(page.body) for path, page in found.items() if isinstance(page, Rendition)}


def test_no_page_is_heavier_than_it_may_be(weights: Mapping[str, int]) -> None:
    assert len(weights) > 30
    assert {path: weight for path, weight in weights.items() if weight > HEAVIEST} == {}
