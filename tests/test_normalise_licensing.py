"""Which of several statements decides about the licence of a text, where it was found, and what an item inherits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import (
    Credit,
    FeedInfo,
    Image,
    Item,
    Licence,
    LicenceClaim,
    Link,
    Outlet,
    Provenance,
    Republish,
    Review,
    Site,
    Source,
    Text,
)
from feedsvc.normalise import Normaliser, entry_for

SITE = Site(title="Reviews", base_url="http://reviews.example")
SOURCE = Source(
    name="l", kind="feed", location="https://l.example/feed", outlet=Outlet(name="L", url="https://l.example")
)
ITEM = Item(guid="urn:1", links=(Link(href="https://l.example/1"),), title=Text(value="It folds"))
BY = LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/")
BY_SA = LicenceClaim(text="CC BY-SA 4.0")
RESERVED = Text(value="© 2026 L. All rights reserved.")


def review(item: Item = ITEM, feed: FeedInfo | None = None, source: Source = SOURCE) -> Review:
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    return Normaliser(feed or FeedInfo(), source=source, document_url=source.location, site=SITE).review(item, now)


AGREED = replace(SOURCE, licence="CC-BY-NC-4.0", rights="© L, CC BY-ND 4.0")
#: Item, feed, source → SPDX id, where it comes from, where it was found.
DECIDING = [
    (replace(ITEM, licences=(BY,), rights=Text(value="CC BY-SA 4.0")), FeedInfo(licences=(BY_SA,)), AGREED,
     "CC-BY-4.0", Provenance.STATED, "the item's licence"),
    (replace(ITEM, rights=Text(value="CC BY-SA 4.0")), FeedInfo(licences=(BY,)), AGREED,
     "CC-BY-SA-4.0", Provenance.STATED, "the item's rights statement"),
    (replace(ITEM, credits=(Credit(name="Courtesy of L (CC BY 4.0)"),)), FeedInfo(licences=(BY_SA,)), AGREED,
     "CC-BY-4.0", Provenance.STATED, "the item's credit line"),
    (ITEM, FeedInfo(licences=(BY_SA,), rights=Text(value="CC BY 4.0")), AGREED,
     "CC-BY-SA-4.0", Provenance.INHERITED, "its feed's licence"),
    (ITEM, FeedInfo(rights=Text(value="CC BY 4.0")), AGREED,
     "CC-BY-4.0", Provenance.INHERITED, "its feed's rights statement"),
    (ITEM, FeedInfo(), AGREED, "CC-BY-NC-4.0", Provenance.CONFIGURED, "the source's licence key"),
    (ITEM, FeedInfo(), replace(AGREED, licence=None), "CC-BY-ND-4.0", Provenance.CONFIGURED, "the source's rights key"),
    (ITEM, FeedInfo(rights=RESERVED), AGREED, "CC-BY-NC-4.0", Provenance.CONFIGURED, "the source's licence key"),
]  # fmt: skip


@pytest.mark.parametrize("item, feed, source, spdx, where, found_in", DECIDING)
def test_the_word_that_stands_nearest_to_the_item_decides(
    item: Item, feed: FeedInfo, source: Source, spdx: str, where: Provenance, found_in: str
) -> None:
    result = review(item, feed, source)
    assert (result.licence.spdx, result.provenance["licence"], result.licence.found_in) == (spdx, where, found_in)


def test_an_item_that_reserves_all_rights_inherits_no_licence_and_none_is_agreed_for_it() -> None:
    result = review(replace(ITEM, rights=RESERVED), FeedInfo(licences=(BY,)), AGREED)
    assert result.licence == Licence(name="All rights reserved")
    assert result.licence.found_in == "the item's rights statement"
    assert result.provenance["licence"] is Provenance.STATED
    assert entry_for(result, commercial=False).terms.show == "excerpt"


def test_where_nothing_is_said_there_is_no_licence_and_no_word_for_where_it_comes_from() -> None:
    result = review()
    assert (result.licence, result.licence.found_in) == (Licence(), None)
    assert "licence" not in result.provenance


def test_a_licence_that_is_found_elsewhere_is_the_same_licence() -> None:
    stated = review(replace(ITEM, licences=(BY,))).licence
    inherited = review(feed=FeedInfo(licences=(BY,))).licence
    assert stated == inherited


def test_an_image_whose_rights_are_all_reserved_is_not_shown_by_agreement_on_texts() -> None:
    agreed = review(source=replace(SOURCE, republish=Republish.FULL))
    silent = Image(url="https://l.example/a.jpg")
    kept = replace(silent, licence=Licence(name="All rights reserved"))
    assert entry_for(replace(agreed, images=(silent,)), commercial=True).embeddable == {silent.url}
    assert entry_for(replace(agreed, images=(kept,)), commercial=True).embeddable == frozenset()
