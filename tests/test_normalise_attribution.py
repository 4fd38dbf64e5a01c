"""Who wrote a review, where it first appeared, how it came, whose it is: from items as readers hand them on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.errors import Unattributable
from feedsvc.model import (
    Citation,
    Credit,
    FeedInfo,
    Item,
    LicenceClaim,
    LicenceState,
    Link,
    Outlet,
    Person,
    Provenance,
    Review,
    Site,
    Source,
    Text,
)
from feedsvc.normalise import Normaliser
from feedsvc.normalise.attribution import named_holder

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SITE = Site(title="Reviews", base_url="http://reviews.example")
SOURCE = Source(name="lantern", kind="feed", location="https://lantern.example/feed")
CONFIGURED = replace(SOURCE, outlet=Outlet(name="The Night Lantern", url="https://www.lantern.example/"))
FEED = FeedInfo(
    id="tag:lantern.example,2026:feed",
    title=Text(value="Night Lantern"),
    links=(Link(href="https://lantern.example/"), Link(href="https://lantern.example/feed", rel="self")),
    icon="/icon.png",
    updated="2026-05-03T09:30:00Z",
    rights=Text(value="© 2026 Lantern Press"),
)
WIRE = FeedInfo(
    id="urn:wire",
    title=Text(value="Partner Wire"),
    links=(Link(href="https://wire.example/"), Link(href="https://wire.example/all", rel="self")),
    authors=(Person(name="Wire Desk"),),
    rights=Text(value="© Partner Wire"),
    licences=(LicenceClaim(text="CC BY 4.0"),),
    language="fr",
)
WIRE_SOURCE = Source(name="wire", kind="feed", location="https://wire.example/all")
ITEM = Item(
    guid="urn:x:1",
    links=(Link(href="https://lantern.example/1"),),
    title=Text(value="It folds"),
    content=Text(value="<p>It folds.</p>", type="html"),
)
OUTLET = Outlet(
    name="Night Lantern",
    url="https://lantern.example/",
    feed_url="https://lantern.example/feed",
    feed_id="tag:lantern.example,2026:feed",
    feed_updated=datetime(2026, 5, 3, 9, 30, tzinfo=UTC),
    icon="https://lantern.example/icon.png",
    rights="© 2026 Lantern Press",
)


def review(item: Item = ITEM, feed: FeedInfo = FEED, source: Source = SOURCE, url: str = SOURCE.location) -> Review:
    return Normaliser(feed, source=source, document_url=url, site=SITE).review(item, NOW)


# ------------------------------------------------------------------------------------------------------ outlet and via


def test_a_feed_that_tells_its_own_reviews_is_the_outlet() -> None:
    result = review()
    assert (result.outlet, result.via) == (OUTLET, None)
    assert result.provenance["outlet"] is Provenance.INHERITED


def test_the_operators_name_for_the_outlet_goes_before_the_feeds_and_is_completed_by_it() -> None:
    result = review(source=CONFIGURED)
    assert result.outlet == replace(OUTLET, name="The Night Lantern", url="https://www.lantern.example/")
    assert result.provenance["outlet"] is Provenance.CONFIGURED


def test_an_entry_that_carries_its_origin_keeps_it_and_came_by_the_feed_we_read() -> None:
    result = review(replace(ITEM, origin=FEED), WIRE, WIRE_SOURCE, "https://wire.example/all")
    assert (result.outlet.name, result.outlet.feed_id) == ("Night Lantern", "tag:lantern.example,2026:feed")
    assert result.via == Outlet(
        name="Partner Wire",
        url="https://wire.example/",
        feed_url="https://wire.example/all",
        feed_id="urn:wire",
        rights="© Partner Wire",
    )
    assert result.provenance["outlet"] is Provenance.STATED


def test_of_a_partner_that_the_operator_named_the_operators_name_is_the_via() -> None:
    source = replace(WIRE_SOURCE, outlet=Outlet(name="The Wire"))
    result = review(replace(ITEM, origin=FEED), WIRE, source, "https://wire.example/all")
    assert result.via is not None
    assert (result.outlet.name, result.via.name, result.via.url) == (
        "Night Lantern",
        "The Wire",
        "https://wire.example/",
    )


@pytest.mark.parametrize(
    "origin",
    [
        FEED,
        FeedInfo(id="tag:lantern.example,2026:feed"),
        FeedInfo(title=Text(value="Anything"), links=(Link(href="http://www.lantern.example/feed/", rel="self"),)),
        FeedInfo(title=Text(value="Night Lantern")),
    ],
)
def test_an_origin_that_is_the_feed_itself_makes_no_via(origin: FeedInfo) -> None:
    result = review(replace(ITEM, origin=origin))
    assert (result.outlet.name, result.via) == ("Night Lantern", None)


def test_where_the_outlet_itself_says_via_its_word_is_kept() -> None:
    via = (Link(href="https://wire.example/1", rel="via", title="Partner Wire"),)
    assert review(replace(ITEM, via=via)).via == Outlet(name="Partner Wire", url="https://wire.example/1")


def test_a_via_without_a_title_goes_by_its_host_and_without_an_address_by_its_name() -> None:
    assert review(replace(ITEM, via=(Link(href="https://www.wire.example/1", rel="via"),))).via == Outlet(
        name="wire.example", url="https://www.wire.example/1"
    )
    assert review(replace(ITEM, via=(Link(href="", rel="via", title="Wire"),))).via == Outlet(name="Wire")
    assert review(replace(ITEM, via=(Link(href="javascript:x", rel="via"),))).via is None


def test_the_last_carrier_is_the_via_when_an_earlier_one_is_named_beside_an_origin() -> None:
    item = replace(ITEM, origin=FEED, via=(Link(href="https://older.example/", rel="via", title="Older Wire"),))
    result = review(item, WIRE, WIRE_SOURCE, "https://wire.example/all")
    assert result.via is not None
    assert result.via.name == "Partner Wire"


def test_a_dropped_document_that_names_outlet_and_carrier_keeps_both() -> None:
    source = Source(name="drop", kind="folder", location="/srv/drop", outlet=Outlet(name="Drop Partner"))
    named = replace(ITEM, origin=FeedInfo(title=Text(value="Coast Weekly")))
    carried = replace(named, via=(Link(href="", rel="via", title="Harbour Wire"),))
    first, second = (review(item, FeedInfo(), source, "file:///srv/drop/1.txt") for item in (named, carried))
    assert (first.outlet.name, first.via) == ("Coast Weekly", Outlet(name="Drop Partner"))
    assert (second.outlet.name, second.via) == ("Coast Weekly", Outlet(name="Harbour Wire"))


def test_a_nameless_feed_is_called_by_its_host() -> None:
    result = review(feed=FeedInfo(), url="https://www.lantern.example/feed")
    assert result.outlet == Outlet(name="lantern.example", feed_url="https://www.lantern.example/feed")


def test_a_dropped_document_with_an_address_is_attributed_to_its_host() -> None:
    result = review(feed=FeedInfo(), url="file:///srv/drop/1.txt")
    assert result.outlet == Outlet(name="lantern.example")
    assert result.provenance["outlet"] is Provenance.INFERRED


def test_without_address_and_outlet_a_review_is_refused_and_the_operator_told_what_to_do() -> None:
    source = Source(name="drop", kind="folder", location="/srv/drop")
    with pytest.raises(Unattributable) as caught:
        review(replace(ITEM, links=()), FeedInfo(), source, "file:///srv/drop/1.txt")
    assert '"It folds"' in str(caught.value)
    assert '"drop"' in str(caught.value)
    assert "Set outlet = " in str(caught.value)


# --------------------------------------------------------------------------------------------------------------- people


def test_the_items_own_authors_are_its_critics() -> None:
    result = review(replace(ITEM, authors=(Person(name="jane@lantern.example (Jane Critic)"), Person(name="John Doe"))))
    assert result.authors == (Person(name="Jane Critic"), Person(name="John Doe"))
    assert result.provenance["authors"] is Provenance.STATED


def test_a_feeds_author_is_an_inherited_one() -> None:
    result = review(feed=replace(FEED, authors=(Person(name="Jane Critic"),)))
    assert result.authors == (Person(name="Jane Critic"),)
    assert result.provenance["authors"] is Provenance.INHERITED


def test_an_aggregators_author_is_never_the_critic() -> None:
    result = review(replace(ITEM, origin=FEED), WIRE, WIRE_SOURCE, "https://wire.example/all")
    assert result.authors == (Person(name="Night Lantern", url="https://lantern.example/"),)
    assert result.provenance["authors"] is Provenance.INFERRED


@pytest.mark.parametrize(
    "source, name, provenance",
    [(SOURCE, "Night Lantern", Provenance.INFERRED), (CONFIGURED, "The Night Lantern", Provenance.CONFIGURED)],
)
def test_where_nobody_signed_the_outlet_stands_as_author(source: Source, name: str, provenance: Provenance) -> None:
    result = review(replace(ITEM, authors=(Person(name="admin"), Person(name="desk@lantern.example"))), source=source)
    assert [person.name for person in result.authors] == [name]
    assert result.provenance["authors"] is provenance


def test_contributors_and_citations_are_no_authors() -> None:
    cited = (
        Citation(name="Coast  Weekly", url="https://coast.example/"),
        Citation(name="Coast Weekly", url="https://coast.example/"),
        Citation(name="The Ledger", url="javascript:x", inferred=True),
        Citation(),
    )
    result = review(replace(ITEM, contributors=(Person(name="Ed Itor <ed@lantern.example>"),), cited=cited))
    assert result.contributors == (Person(name="Ed Itor"),)
    assert result.cited == (
        Citation(name="Coast Weekly", url="https://coast.example/"),
        Citation(name="The Ledger", inferred=True),
    )
    assert [person.name for person in result.authors] == ["Night Lantern"]
    assert result.provenance["cited"] is Provenance.INFERRED


# --------------------------------------------------------------------------------------- rights, their holder, licence


def test_rights_are_the_items_else_the_feeds_else_the_operators() -> None:
    silent = replace(FEED, rights=None)
    own = review(replace(ITEM, rights=Text(value="Text © Jane &amp; John", type="html")))
    inherited, configured = review(), review(feed=silent, source=replace(SOURCE, rights="© us"))
    nothing = review(feed=silent)
    assert (own.rights, own.provenance["rights"]) == ("Text © Jane & John", Provenance.STATED)
    assert (inherited.rights, inherited.provenance["rights"]) == ("© 2026 Lantern Press", Provenance.INHERITED)
    assert (configured.rights, configured.provenance["rights"]) == ("© us", Provenance.CONFIGURED)
    assert nothing.rights is None
    assert "rights" not in nothing.provenance


def test_an_aggregators_rights_licence_and_language_are_not_inherited_by_others_reviews() -> None:
    own = FeedInfo(title=Text(value="Coast Weekly"), links=(Link(href="https://coast.example/"),))
    result = review(replace(ITEM, origin=own), WIRE, WIRE_SOURCE, "https://wire.example/all")
    assert (result.rights, result.licence.state) == (None, LicenceState.UNKNOWN)
    signed = replace(own, rights=Text(value="© Coast"), licences=(LicenceClaim(text="CC BY-SA 4.0"),), language="en")
    result = review(replace(ITEM, origin=signed), WIRE, WIRE_SOURCE, "https://wire.example/all")
    assert (result.rights, result.licence.spdx, result.language) == ("© Coast", "CC-BY-SA-4.0", "en")


def test_the_licence_is_the_items_else_its_rights_else_the_feeds_else_the_operators() -> None:
    feed = replace(FEED, licences=(LicenceClaim(text="CC BY-NC 4.0"),))
    source = replace(SOURCE, licence="CC0-1.0")
    stated = review(replace(ITEM, licences=(LicenceClaim(text="CC BY 4.0"),)), feed, source)
    in_rights = review(replace(ITEM, rights=Text(value="© Jane, CC BY-SA 4.0")), feed, source)
    inherited, configured = review(ITEM, feed, source), review(ITEM, FEED, source)
    found = [(each.licence.spdx, each.provenance["licence"]) for each in (stated, in_rights, inherited, configured)]
    assert found == [
        ("CC-BY-4.0", Provenance.STATED),
        ("CC-BY-SA-4.0", Provenance.STATED),
        ("CC-BY-NC-4.0", Provenance.INHERITED),
        ("CC0-1.0", Provenance.CONFIGURED),
    ]
    assert "licence" not in review().provenance


def test_all_rights_reserved_is_no_licence_and_stays_as_it_was_said() -> None:
    result = review(replace(ITEM, rights=Text(value="© 2026 Jane Critic. All rights reserved.")))
    assert (result.licence.state, result.rights) == (LicenceState.UNKNOWN, "© 2026 Jane Critic. All rights reserved.")
    assert (result.rights_holder, result.provenance["rights_holder"]) == ("Jane Critic", Provenance.INFERRED)


@pytest.mark.parametrize(
    "line, holder",
    [
        ("Courtesy of Lionsgate (Creative Commons)", "Lionsgate"),
        ("courtesy of Saltworks Pictures / CC BY 2.0", "Saltworks Pictures"),
        ("Used with kind permission of Harbour Books, 2026", "Harbour Books"),
        ("Mit freundlicher Genehmigung des Salzverlags", "Salzverlags"),
        ("© 2026 Harbour Gazette. All rights reserved.", "Harbour Gazette"),
        ("© Harbour Gazette 2026", "Harbour Gazette"),
        ("(c) 2019-2026 Harbour Gazette Ltd.", "Harbour Gazette Ltd"),
        ("Copyright © 2024, 2026 by Jane Critic", "Jane Critic"),
        ("Copyright 2026 Jane Critic, licensed under CC BY 4.0", "Jane Critic"),
        ("Text © 2026 Ines Okafor-Lind & Tomás Reyes", "Ines Okafor-Lind & Tomás Reyes"),
        ("© 2026 All rights reserved", None),
        ("© 2026 Todos os direitos reservados", None),
        ("© 2026", None),
        ("All rights reserved", None),
        ("CC BY 4.0", None),
    ],
)
def test_a_rights_line_names_its_holder_or_nobody(line: str, holder: str | None) -> None:
    assert named_holder(line) == holder


def test_a_credit_for_the_text_names_the_rights_holder_and_one_for_a_photograph_does_not() -> None:
    feed = replace(FEED, rights=None)
    text = review(replace(ITEM, credits=(Credit(name="Courtesy of Saltworks"),)), feed)
    photo = review(replace(ITEM, credits=(Credit(name="Stills courtesy of Saltworks (CC BY 4.0)"),)), feed)
    assert (text.rights_holder, photo.rights_holder) == ("Saltworks", None)
    assert (photo.licence.state, photo.credits[0].name) == (
        LicenceState.UNKNOWN,
        "Stills courtesy of Saltworks (CC BY 4.0)",
    )


def test_a_stated_rights_holder_goes_before_what_the_rights_say() -> None:
    result = review(replace(ITEM, rights_holder="Lantern Holdings"))
    assert (result.rights_holder, result.provenance["rights_holder"]) == ("Lantern Holdings", Provenance.STATED)


def test_the_holder_that_a_feed_states_comes_before_one_read_from_its_rights() -> None:
    """“© 2026 Night Lantern and its critics” is no name, where the feed says who holds the rights."""
    feed = replace(FEED, rights=Text(value="© 2026 Night Lantern and its critics"), rights_holder="Lantern Press")

    assert review(feed=feed).rights_holder == "Lantern Press"
    assert review(feed=feed).provenance["rights_holder"] is Provenance.INHERITED


def test_an_items_own_rights_come_before_the_holder_of_its_feed() -> None:
    item = replace(ITEM, rights=Text(value="© 2026 Ines Okafor"))

    assert review(item, replace(FEED, rights_holder="Lantern Press")).rights_holder == "Ines Okafor"


def test_who_carried_a_review_before_the_feed_that_we_read_keeps_the_credit() -> None:
    """It came from the outlet by a wire, and to us by an aggregator: the nearest is via, the other is not dropped."""
    item = replace(ITEM, origin=FEED, via=(Link(href="https://paper-round.example/", rel="via", title="Paper Round"),))
    result = review(item, WIRE, WIRE_SOURCE, WIRE_SOURCE.location)

    assert result.via is not None
    assert result.via.name == "Partner Wire"
    assert [(also.outlet, also.url) for also in result.also] == [("Paper Round", "https://paper-round.example/")]
