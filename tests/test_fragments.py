"""Entries drawn alone and put into a document are the bytes that the document has when it is drawn at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.model import Document, Entry, Feed, Person, Place, Prose, Republish, Site, Tombstone
from feedsvc.publish import publish
from feedsvc.publish.kept import Kept
from feedsvc.publish.selecting import fragments, shown
from feedsvc.render import FORMATS, atom, distinct_updates, rss
from tests.history import House, review_of
from tests.render_entries import ENTRIES, document, entry_of
from tests.samples import FEED, FULL, NOW, SITE
from tests.test_render_validity import ODD

STONE = Tombstone(id="urn:gone", when=NOW)


def drawn_at_once(kind: str, whole: Document) -> bytes:
    """A document as the libraries draw it, envelope and entries together."""
    moments = distinct_updates(whole.entries)
    if kind == "atom":
        return atom.draw(SITE, whole, [(entry, moments[entry.review.key]) for entry in whole.entries])
    if kind == "rss":
        return rss.draw(SITE, whole, whole.entries)
    put_together = FORMATS[kind].write(SITE, whole)
    return (json.dumps(json.loads(put_together), ensure_ascii=False, indent=1) + "\n").encode()


def one_by_one(kind: str, whole: Document) -> bytes:
    """The same document, each entry drawn in a document of its own."""
    form, moments = FORMATS[kind], distinct_updates(whole.entries)
    found = [form.fragments(SITE, [(entry, moments[entry.review.key])])[0] for entry in whole.entries]
    return form.document(SITE, whole, found)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("entries", [(), ENTRIES[:1], ENTRIES, tuple(entry_of(one) for one in ODD.values())])
@pytest.mark.parametrize("stones", [(), (STONE,)])
def test_documents_of_fragments_are_those_drawn_at_once(
    kind: str, entries: Sequence[Entry], stones: Sequence[Tombstone]
) -> None:
    entries = list({entry.review.key: entry for entry in entries}.values())
    whole = document(FEED, entries, stones)

    assert one_by_one(kind, whole) == drawn_at_once(kind, whole) == FORMATS[kind].write(SITE, whole)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_archive_with_everything_in_its_envelope_is_no_exception(kind: str) -> None:
    feed = replace(FEED, icon="https://o.example/i.png", logo="https://o.example/l.png", language="en")
    whole = replace(
        document(feed, ENTRIES, [STONE]),
        archive=True,
        hubs=("https://hub.example/",),
        related=(("current", Place("/feeds/reviews")), ("prev-archive", Place("/feeds/reviews/archive/2026-04-1"))),
        title="</feed></channel> ]\n}",
        pause=3600,
    )

    assert one_by_one(kind, whole) == drawn_at_once(kind, whole)


words = st.text(max_size=40) | st.sampled_from(
    ["</entry>\n", "<entry>", "</item>\n  <item>", "]\n}\n", "a\r\nb\tc", " "]
)
people = st.builds(Person, name=words)


@st.composite
def entries_made_up(draw: st.DrawFn) -> Entry:
    """An entry whose texts may be anything."""
    prose = st.builds(Prose, html=words, text=words)
    review = replace(
        FULL,
        key=draw(st.text("abcdefgh234567", min_size=16, max_size=16)),
        title=draw(words),
        content=draw(st.none() | prose),
        summary=draw(st.none() | prose),
        authors=tuple(draw(st.lists(people, max_size=2))),
        rights=draw(st.none() | words),
        verdict=draw(st.none() | words),
        updated=draw(st.none() | st.just(datetime(2026, 5, 2, tzinfo=UTC))),
    )
    return entry_of(review)


@given(made_up=st.lists(entries_made_up(), max_size=4, unique_by=lambda entry: entry.review.key))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_entries_hold(made_up: list[Entry]) -> None:
    whole = document(FEED, made_up)

    for kind in FORMATS:
        assert one_by_one(kind, whole) == drawn_at_once(kind, whole)


# ---------------------------------------------------------------------------------------------------------------- kept


def test_what_is_kept_is_bounded_and_what_was_asked_for_last_stays() -> None:
    kept: Kept[str] = Kept(10)
    kept.put("a", "A", 4)
    kept.put("b", "B", 4)
    assert kept.get("a") == "A"
    kept.put("c", "C", 4)

    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]
    assert kept.bytes == 8
    kept.put("a", "again", 6)
    assert (kept.get("a"), kept.bytes) == ("again", 10)
    kept.put("huge", "H", 11)
    assert (kept.get("huge"), kept.bytes) == (None, 0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nothing stored yet."""
    house = House(tmp_path)
    house.items(50)
    yield house
    house.close()


def test_one_new_review_is_all_that_is_drawn_and_read(house: House) -> None:
    house.bring(*map(review_of, range(20)))
    house.publish()
    house.bring(review_of(20))
    asked: list[str] = []

    def draw(site: Site, entries: Sequence[tuple[Entry, datetime]]) -> list[bytes]:
        asked.extend(entry.review.id for entry, _ in entries)
        return FORMATS["atom"].fragments(site, entries)

    held = [one.entry for one in shown(house.publisher, house.feed)][1:]
    now = shown(house.publisher, house.feed)
    found = fragments(house.publisher, replace(FORMATS["atom"], fragments=draw), now, now)

    assert asked == ["urn:example:20"]
    assert len(found) == 21
    assert all(one.entry is before for one, before in zip(now[1:], held, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_kept_is_never_older_than_what_holds(house: House, kind: str) -> None:
    """After changes of reviews, terms, neighbours and the site, the bytes are those that a new process draws."""
    path = f"/feeds/reviews{FORMATS[kind].suffix}"
    house.bring(*(review_of(number, day=number // 2) for number in range(12)))
    house.publish()
    house.bring(review_of(3, day=1, title="Changed"))
    house.withdraw(review_of(4))
    house.publish()
    sources = [replace(one, republish=Republish.EXCERPT) for one in house.settings.sources]
    feeds = [replace(one, title="Renamed", commercial=False) for one in house.settings.feeds]
    site = replace(house.settings.site, base_url="https://elsewhere.example")
    now = replace(house.settings, sources=tuple(sources), feeds=tuple(feeds), site=site)
    publish(replace(house.publisher, settings=now))
    with_kept = house.at(path).body
    house.store.renditions.remove([path])
    house.restart(now)
    house.publish()

    assert house.at(path).body == with_kept
    assert all(word in with_kept for word in (b"Changed", b"Renamed", b"https://elsewhere.example/"))


# --------------------------------------------------------------------------------------------------- order and identity


def test_reviews_of_one_date_stand_by_their_keys_whatever_their_titles(house: House) -> None:
    house.bring(*(review_of(number, day=1, title=f"{9 - number}") for number in (2, 0, 1)))
    house.publish()
    order = [item["id"] for item in json.loads(house.at("/feeds/reviews.json").body)["items"]]
    house.bring(review_of(0, day=1, title="Zzz"), review_of(2, day=1, title="Aaa"))
    house.publish()
    items = json.loads(house.at("/feeds/reviews.json").body)["items"]

    assert order == ["urn:example:0", "urn:example:1", "urn:example:2"]
    assert [item["id"] for item in items] == order
    assert [item["title"] for item in items] == ["Zzz", "8", "Aaa"]


def test_a_feed_is_the_same_feed_under_another_title(house: House) -> None:
    house.bring(review_of(1))
    house.publish()
    before = house.at("/feeds/reviews.atom").body
    house.restart(replace(house.settings, feeds=(replace(house.feed, title="Quite another"),)))
    house.publish()
    after = house.at("/feeds/reviews.atom").body

    assert b"<title>Quite another</title>" in after
    assert after.replace(b"Quite another", b"All reviews") == before


def test_a_feed_without_a_name_in_words_is_drawn_by_its_address() -> None:
    assert b"<title>plain</title>" in FORMATS["rss"].write(SITE, document(Feed(name="plain", title=""), []))
