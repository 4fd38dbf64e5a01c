"""Addresses, languages, excerpts, ratings, subjects and identities, each from what a source states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import (
    Category,
    FeedInfo,
    Item,
    Limits,
    Link,
    Outlet,
    Person,
    Provenance,
    Rating,
    RatingClaim,
    Republish,
    Rhythm,
    Site,
    Source,
    Subject,
    Text,
)
from feedsvc.normalise import Normaliser, item_key
from feedsvc.normalise.excerpt import excerpt
from feedsvc.normalise.identity import authority_of, minted_id, page_key, permalink, usable_id
from feedsvc.normalise.language import language_tag
from feedsvc.normalise.rating import rating_of
from feedsvc.normalise.subject import subject_of
from feedsvc.normalise.urls import LINKABLE, absolute, same_place

# --------------------------------------------------------------------------------------------------------- addresses

ADDRESSES = [
    ("https://outlet.example/a", None, "https://outlet.example/a"),
    ("  https://outlet.example/a \n", None, "https://outlet.example/a"),
    ("HTTPS://outlet.example/a", None, "HTTPS://outlet.example/a"),
    ("https://outlet.example/a b", None, "https://outlet.example/a%20b"),
    ("https://outlet.example:8443/a?b=c#d", None, "https://outlet.example:8443/a?b=c#d"),
    ("https://münchen.example/ü", None, "https://münchen.example/ü"),
    ("a", "https://outlet.example/r/1", "https://outlet.example/r/a"),
    ("/a", "https://outlet.example/r/1", "https://outlet.example/a"),
    ("../a", "https://outlet.example/r/s/1", "https://outlet.example/r/a"),
    ("//cdn.example/a", "http://outlet.example/", "http://cdn.example/a"),
    ("//cdn.example/a", None, "https://cdn.example/a"),
    ("/a", None, None),
    ("/a", "file:///srv/incoming/x.html", None),
    ("file:///etc/passwd", None, None),
    ("javascript:alert(1)", None, None),
    ("JaVa\tScRiPt:alert(1)", None, None),
    ("\x01javascript:alert(1)", None, None),
    ("data:image/png;base64,AA", None, None),
    ("mailto:a@b.example", None, None),
    ("https://", None, None),
    ("https:///path", None, None),
    ("http:\\\\outlet.example", None, None),
    ("https://good.example\\@evil.example/", None, None),
    ("https://outlet.example:port/", None, None),
    ("https://[::1", None, None),
    ("https://outlet.example/" + "x" * 5000, None, None),
    ("", None, None),
    (None, "https://outlet.example/", None),
]


@pytest.mark.parametrize("raw, base, expected", ADDRESSES)
def test_an_address_comes_out_absolute_and_of_the_web_or_not_at_all(
    raw: str | None, base: str | None, expected: str | None
) -> None:
    assert absolute(raw, base) == expected


@given(st.text(max_size=60), st.sampled_from([None, "https://outlet.example/r/1"]))
def test_resolving_an_address_twice_is_resolving_it_once(raw: str, base: str | None) -> None:
    once = absolute(raw, base, LINKABLE)
    assert absolute(once, base, LINKABLE) == once
    assert once is None or once.lower().startswith(("http://", "https://", "mailto:"))


def test_places_are_compared_without_scheme_www_and_last_slash() -> None:
    assert same_place("http://www.outlet.example/feed/", "https://outlet.example/feed")
    assert not same_place("https://outlet.example/feed", "https://outlet.example/feed2")
    assert not same_place(None, None)


# --------------------------------------------------------------------------------------------------------- languages


@pytest.mark.parametrize(
    "raw, tag",
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("en_GB", "en-GB"),
        (" de-de ", "de-DE"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("ast", "ast"),
        ("english", None),
        ("und", None),
        ("x-default", None),
        ("en-US; charset=utf-8", None),
        ("", None),
        (None, None),
    ],
)
def test_a_language_is_a_tag_in_the_usual_case_or_missing(raw: str | None, tag: str | None) -> None:
    assert language_tag(raw) == tag


# ---------------------------------------------------------------------------------------------------------- excerpts

SENTENCE = "The sea takes the road and the road takes the sisters, slowly and with salt. "


@pytest.mark.parametrize(
    "text, expected",
    [
        ("It folds.", "It folds."),
        ("It  folds.\n\n- a\n- b", "It folds. - a - b"),
        ("x" * 200, "x" * 200),
        (SENTENCE * 3, f"{(SENTENCE * 2).strip()} …"),
        ("word " * 60, "word " * 39 + "word…"),
        ("A tale of Mr. Lee " * 15, "A tale of Mr. Lee " * 11 + "A…"),
        ("Short. " + "word " * 60, "Short. " + "word " * 37 + "word…"),
        ("海" * 300, "海" * 199 + "…"),
        ("海が道を呑む。" * 40, "海が道を呑む。" * 28 + " …"),
        ("e\u0301" * 150, "e\u0301" * 99 + "…"),
    ],
)
def test_an_excerpt_ends_at_a_sentence_or_a_word_and_says_that_it_is_one(text: str, expected: str) -> None:
    result = excerpt(text)
    assert result is not None
    assert result.text == expected
    assert len(result.text) <= 200


def test_an_excerpt_in_html_is_escaped_text() -> None:
    result = excerpt("Salt & <Sea> “folds”")
    assert result is not None
    assert result.html == "<p>Salt &amp; &lt;Sea&gt; “folds”</p>"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_has_no_excerpt(text: str) -> None:
    assert excerpt(text) is None


@given(st.text(max_size=600))
def test_no_excerpt_is_longer_than_200_characters(text: str) -> None:
    result = excerpt(text)
    assert result is None or 0 < len(result.text) <= 200


# ----------------------------------------------------------------------------------------------------------- ratings

RATINGS: list[tuple[RatingClaim | None, Rating | None]] = [
    (None, None),
    (RatingClaim(), None),
    (RatingClaim(text="no rating"), None),
    (RatingClaim(text="N/A"), None),
    (RatingClaim(value="", text="-"), None),
    (RatingClaim(text="7/10"), Rating(text="7/10", value=7, best=10, percent=70)),
    (RatingClaim(text="7.5 / 10"), Rating(text="7.5 / 10", value=7.5, best=10, percent=75)),
    (RatingClaim(text="7,5/10"), Rating(text="7,5/10", value=7.5, best=10, percent=75)),
    (RatingClaim(text="3.5 out of 5"), Rating(text="3.5 out of 5", value=3.5, best=5, percent=70)),
    (RatingClaim(text="4 stars out of 5"), Rating(text="4 stars out of 5", value=4, best=5, percent=80)),
    (RatingClaim(text="8 von 10"), Rating(text="8 von 10", value=8, best=10, percent=80)),
    (RatingClaim(text="3½/5"), Rating(text="3½/5", value=3.5, best=5, percent=70)),
    (RatingClaim(text="85%"), Rating(text="85%", value=85, best=100, percent=85)),
    (RatingClaim(text="★★★½"), Rating(text="★★★½", value=3.5)),
    (RatingClaim(text="★★★☆☆"), Rating(text="★★★☆☆", value=3, best=5, percent=60)),
    (RatingClaim(text="★★★½☆"), Rating(text="★★★½☆", value=3.5, best=5, percent=70)),
    (RatingClaim(text="★★★½", best="5"), Rating(text="★★★½", value=3.5, best=5, percent=70)),
    (RatingClaim(text="4 stars"), Rating(text="4 stars", value=4)),
    (RatingClaim(text="3 1/2 stars"), Rating(text="3 1/2 stars", value=3.5)),
    (RatingClaim(text="B+"), Rating(text="B+", value=9, best=12, worst=0, percent=75)),
    (RatingClaim(text="A-"), Rating(text="A-", value=10, best=12, worst=0, percent=83.33)),
    (RatingClaim(text="Must see"), Rating(text="Must see")),
    (RatingClaim(value="4", best="5"), Rating(text="4/5", value=4, best=5, percent=80)),
    (RatingClaim(value="4"), Rating(text="4", value=4)),
    (RatingClaim(value="0", best="5"), Rating(text="0/5", value=0, best=5, percent=0)),
    (RatingClaim(value="0", best="5", worst="1"), Rating(text="0/5", value=0, best=5, worst=1)),
    (RatingClaim(value="3.5", best="5", worst="0.5", text="★★★½"),
     Rating(text="★★★½", value=3.5, best=5, worst=0.5, percent=70)),
    (RatingClaim(value="8", best="5"), Rating(text="8/5", value=8, best=5)),
    (RatingClaim(value="4", best="0"), Rating(text="4/0", value=4, best=0)),
    (RatingClaim(value="7/10"), Rating(text="7/10", value=7, best=10, percent=70)),
    (RatingClaim(value="B+", best="A+"), Rating(text="B+", value=9, best=12, worst=0, percent=75)),
    (RatingClaim(value="nan", best="inf", text="7/10"), Rating(text="7/10", value=7, best=10, percent=70)),
]  # fmt: skip


@pytest.mark.parametrize("claim, rating", RATINGS)
def test_a_rating_keeps_its_words_and_has_a_percentage_only_on_a_sure_scale(
    claim: RatingClaim | None, rating: Rating | None
) -> None:
    assert rating_of(claim) == rating


# ---------------------------------------------------------------------------------------------------------- subjects

HEADLINES: list[tuple[str, tuple[str, int | None] | None]] = [
    ("Why “Paper Moons” Folds: A Spinoff Falls Flat", ("Paper Moons", None)),
    ("Paper Moons review – a slow burn", ("Paper Moons", None)),
    ("Paper Moons – Review", ("Paper Moons", None)),
    ("Paper Moons film review: a slow burn", ("Paper Moons", None)),
    ("Review: Paper Moons", ("Paper Moons", None)),
    ("Movie Review: Paper Moons (2025)", ("Paper Moons", 2025)),
    ("Filmkritik: „Die Salzstraße“ zerfällt", ("Die Salzstraße", None)),
    ("Critique : « Le Sel »", ("Le Sel", None)),
    ("'Paper Moons' Review: It Folds", ("Paper Moons", None)),
    ('"Paper Moons," reviewed', ("Paper Moons", None)),
    ("“Paper Moons” (2025) folds", ("Paper Moons", 2025)),
    ("Paper Moons (2025)", ("Paper Moons", 2025)),
    ("Paper Moons (2025) – a slow burn", ("Paper Moons", 2025)),
    ("The Salt Road & other ghosts – “a slow burn”", None),
    ("Director says “The End Is Near”", None),
    ("Critics call it “Best Film of the Year”", None),
    ("“Paper Moons” and “The Salt Road” compared", None),
    ("It’s a kid’s world and ours", None),
    ("“Moon”-Thief Was a Driver", None),
    ("A “Big Bang” in the Ring", None),
    ("Book review", None),
    ("Year in Review", None),
    ("Review: why we love salt", None),
    ("Dune: Part Two review", None),
    ("The Best Films (2025)", None),
    ("A slow burn", None),
    ("", None),
]


@pytest.mark.parametrize("headline, expected", HEADLINES)
def test_a_headline_names_the_work_by_its_convention_or_not_at_all(
    headline: str, expected: tuple[str, int | None] | None
) -> None:
    subject = subject_of(None, headline, "A film.", ()).subject
    assert (subject and (subject.name, subject.year)) == expected


def test_a_title_in_quotation_marks_is_a_work_only_where_the_text_speaks_of_works() -> None:
    headline = "Ministers Sack “Harbour Authority” Over Leaks"
    assert subject_of(None, headline, f"{headline} The head of the authority went.", ()).subject is None
    found = subject_of(None, headline, f"{headline} The director’s third film.", ()).subject
    assert found == Subject(name="Harbour Authority")


@pytest.mark.parametrize(
    "words, speaks",
    [
        ("a FILM", True),
        ("(film)", True),
        ("«film»", True),
        ("影film", False),
        ("éfilm", False),
        ("filmy", False),
        ("film_stock", False),
        ("Das HÖRBUCH", True),
        ("“película”", True),
        ("rbuch", False),
        ("LA RÉALISATRICE", True),
        ("alisation", False),
        ("die Regisseurin", True),
        ("a cinematographer", True),
        ("cinematograph", False),
        ("a spin-off", True),
        ("a spin", False),
        ("two video games", True),
        ("a video", False),
    ],
)
def test_a_text_speaks_of_works_in_whole_words_of_any_case(words: str, speaks: bool) -> None:
    named = Subject(name="Harbour Authority") if speaks else None
    assert subject_of(None, "Ministers Sack “Harbour Authority” Over Leaks", words, ()).subject == named


def test_a_stated_subject_goes_before_the_headline_and_its_addresses_are_of_the_web() -> None:
    stated = Subject(
        name=" Paper\nMoons ",
        type="http://schema.org/Movie",
        year=2025,
        identifiers=("imdb:tt0000001", "imdb:tt0000001"),
        same_as=("https://db.example/1", "javascript:x"),
    )
    subject, where, _ = subject_of(stated, "Review: Something Else", "", ())
    assert where is Provenance.STATED
    assert subject == Subject(
        name="Paper Moons",
        type="Movie",
        year=2025,
        identifiers=("imdb:tt0000001",),
        same_as=("https://db.example/1",),
    )


def test_the_type_of_a_stated_subject_may_come_from_our_own_category_scheme() -> None:
    category = Category(term="Movie", scheme="http://schema.org/itemReviewed")
    subject = subject_of(Subject(name="Paper Moons"), "x", "", (category,)).subject
    assert subject == Subject(name="Paper Moons", type="Movie")


# -------------------------------------------------------------------------------------------------------- identities

PAGE = Link(href="https://outlet.example/1")


@pytest.mark.parametrize(
    "item, key",
    [
        (Item(guid=" urn:x:1 ", links=(PAGE,)), "urn:x:1"),
        (Item(guid="  ", links=(PAGE,)), "https://outlet.example/1"),
        (Item(links=(Link(href="https://outlet.example/1.mp3", rel="enclosure"), PAGE)), "https://outlet.example/1"),
        (Item(guid="a\x0bb"), "ab"),
    ],
)
def test_an_items_identity_is_its_guid_else_its_permalink(item: Item, key: str) -> None:
    assert item_key(item) == key


def test_an_item_without_guid_and_permalink_is_known_by_title_authors_and_date() -> None:
    item = Item(title=Text(value="It folds"), authors=(Person(name="Jane"),), published="2026-05-03")
    assert item_key(item) == item_key(replace(item, content=Text(value="changed")))
    assert item_key(item) == item_key(replace(item, title=Text(value=" It  folds\n")))
    assert item_key(item) != item_key(replace(item, title=Text(value="It sinks")))
    assert item_key(item) != item_key(replace(item, published="2026-05-04"))
    assert item_key(item) != item_key(replace(item, authors=()))
    assert item_key(Item(content=Text(value="one"))) != item_key(Item(content=Text(value="two")))


def test_a_guid_of_ten_kilobytes_is_known_by_its_digest() -> None:
    first, second = item_key(Item(guid="x" * 10_000)), item_key(Item(guid="x" * 9_999 + "y"))
    assert first != second
    assert len(first) == len("sha256:") + 64


def test_a_page_key_is_sixteen_letters_and_digits_that_depend_on_the_source() -> None:
    # sha256 of "one", NUL, "urn:x:1" in base32, by coreutils: printf 'one\0urn:x:1' | sha256sum | xxd -r -p | base32
    assert page_key("one", "urn:x:1") == "ugrybkfe36xrwuc2"
    assert page_key("one", "urn:x:1") != page_key("two", "urn:x:1")


@pytest.mark.parametrize(
    "guid, usable",
    [
        ("https://outlet.example/?p=1", True),
        ("tag:outlet.example,2026:1", True),
        ("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", True),
        (" urn:x:1\n", True),
        ("yt:video:abc", True),
        ("12345", False),
        ("reviews/ballerina.txt", False),
        ("C:/reviews/1.txt", False),
        ("A title: with words", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("mailto:a@b.example", False),
        ("https:///nowhere", False),
        ("urn:x:" + "y" * 2000, False),
        ("", False),
        (None, False),
    ],
)
def test_a_guid_is_an_id_for_subscribers_when_it_is_an_iri(guid: str | None, usable: bool) -> None:
    assert usable_id(guid) == ((guid or "").strip() if usable else None)


@pytest.mark.parametrize(
    "base_url, expected",
    [
        ("http://reviews.example:8000", "tag:reviews.example,2026:night-lantern/abcdefghijklmnop"),
        ("http://127.0.0.1:8000", "tag:127.0.0.1,2026:night-lantern/abcdefghijklmnop"),
        ("http://[::1]:8000", "tag:--1,2026:night-lantern/abcdefghijklmnop"),
    ],
)
def test_a_minted_id_is_a_tag_of_our_host_and_this_year(base_url: str, expected: str) -> None:
    site = Site(title="R", base_url=base_url)
    assert (
        minted_id(authority_of(site), "night-lantern", "abcdefghijklmnop", datetime(2026, 5, 3, tzinfo=UTC)) == expected
    )


ENGLISH = Link(href="/en/1", type="text/html", hreflang="en-GB")
FRENCH = Link(href="/fr/1", type="text/html", hreflang="fr")


@pytest.mark.parametrize(
    "item, url",
    [
        (Item(links=(PAGE,)), "https://outlet.example/1"),
        (Item(links=(Link(href="/1.json", type="application/json"), Link(href="/1"))), "https://outlet.example/1"),
        (Item(links=(Link(href="javascript:x"), PAGE)), "https://outlet.example/1"),
        (Item(guid="https://outlet.example/g", guid_is_permalink=True), "https://outlet.example/g"),
        (Item(guid="https://outlet.example/g", guid_is_permalink=True, links=(PAGE,)), "https://outlet.example/1"),
        (Item(guid="https://outlet.example/g"), None),
        (Item(links=(ENGLISH, FRENCH)), "https://outlet.example/en/1"),
        (Item(links=(ENGLISH, FRENCH), language="fr-CA"), "https://outlet.example/fr/1"),
        (Item(links=(ENGLISH, FRENCH), content=Text(value="Il plie", language="fr")), "https://outlet.example/fr/1"),
        (Item(links=(ENGLISH, FRENCH, PAGE), language="de"), "https://outlet.example/1"),
        (
            Item(links=(ENGLISH, replace(FRENCH, type="application/json")), language="fr"),
            "https://outlet.example/en/1",
        ),
        (Item(links=(Link(href="https://outlet.example/v", rel="via"),)), None),
    ],
)
def test_the_permalink_is_the_page_a_reader_opens(item: Item, url: str | None) -> None:
    assert permalink(item, "https://outlet.example/feed") == url


SOURCE = Source(name="one", kind="feed", location="https://outlet.example/feed")
FEED = FeedInfo(title=Text(value="Night Lantern"), links=(Link(href="https://outlet.example/"),))
LIMITS = Limits()


def digest(item: Item, feed: FeedInfo, source: Source, limits: Limits = LIMITS) -> bytes:
    site = Site(title="R", base_url="http://reviews.example")
    return Normaliser(feed, source=source, document_url=source.location, site=site, limits=limits).digest(item)


def test_the_digest_changes_with_what_can_change_the_review() -> None:
    item = Item(guid="urn:x:1", title=Text(value="It folds"))
    digests = [
        digest(item, FEED, SOURCE),
        digest(replace(item, title=Text(value="It sinks")), FEED, SOURCE),
        digest(item, replace(FEED, rights=Text(value="© us")), SOURCE),
        digest(item, replace(FEED, authors=(Person(name="Desk"),)), SOURCE),
        digest(item, replace(FEED, language="de"), SOURCE),
        digest(item, FEED, replace(SOURCE, licence="CC-BY-4.0")),
        digest(item, FEED, replace(SOURCE, outlet=Outlet(name="Night Lantern"))),
        digest(item, FEED, replace(SOURCE, republish=Republish.LINK)),
        digest(item, FEED, replace(SOURCE, name="two")),
        digest(item, FEED, SOURCE, Limits(max_title=5)),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {32}


def test_the_digest_does_not_change_with_what_a_feed_changes_at_every_look() -> None:
    item = Item(guid="urn:x:1", origin=replace(FEED, id="urn:x"))
    later = replace(
        FEED, updated="2026-05-04", generator="Press 7", rhythm=Rhythm(ttl=60), subtitle=Text(value="today")
    )
    hub = replace(later, links=(*FEED.links, Link(href="https://hub.example/", rel="hub")))
    moved = replace(item, origin=replace(FEED, id="urn:x", updated="2026-05-04"))
    assert digest(moved, hub, replace(SOURCE, interval=60.0, enabled=False)) == digest(item, FEED, SOURCE)


def test_a_lone_surrogate_in_an_item_still_has_a_digest_and_a_key() -> None:
    broken = Item(guid="urn:x:\ud800", title=Text(value="\udfff"))
    assert len(digest(broken, FEED, SOURCE)) == 32
    assert item_key(broken) == "urn:x:"
