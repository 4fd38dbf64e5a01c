"""Views of a feed by its address: what they choose, their one canonical form, their links, how they are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from feedsvc.config import Settings
from feedsvc.model import (
    Cursor,
    Moved,
    Person,
    Prose,
    Rating,
    Refused,
    Rendition,
    Republish,
    Review,
    Subject,
    View,
    WithdrawalKind,
)
from feedsvc.publish import Publisher, index, next_page, publish, select
from feedsvc.publish.once import Once
from feedsvc.publish.parameters import parse
from feedsvc.publish.views import shortened
from feedsvc.store import Store
from feedsvc.web import create_app
from tests.databases import settings_of
from tests.feed_rules import accepted, faults
from tests.render_entries import NS, entry_of
from tests.samples import BARE, CC_BY, FULL, NOW
from tests.test_store import item, looked

CONFIG = """
[service]
title = "Reviews"
base_url = "http://reviews.example"
[[sources]]
name = "night-lantern"
kind = "folder"
location = "incoming"
[[sources]]
name = "celebrity-storm"
kind = "folder"
location = "storm"
[[feeds]]
name = "reviews"
title = "All reviews"
commercial = false
items = 3
[[feeds]]
name = "lantern"
title = "Lantern"
sources = ["night-lantern"]
"""
SUFFIXES = ("", ".atom", ".rss", ".json")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return settings_of(tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.database_url) as made:
        made.migrate()
        made.sync_sources(settings.sources, NOW)
        yield made


@pytest.fixture
def publisher(store: Store, settings: Settings) -> Publisher:
    return Publisher(store=store, settings=settings, clock=lambda: NOW)


def review(number: int, **fields: object) -> Review:
    """A review under CC BY, so many hours old."""
    text = f"Text of number {number}."
    made = replace(
        FULL,
        key=f"plainreview{number:05}",
        id=f"urn:plain:{number}",
        url=f"https://night-lantern.example/{number}",
        title=f"Number {number}",
        published=NOW - timedelta(hours=number),
        updated=None,
        collected=NOW,
        revised=NOW,
        licence=CC_BY,
        authors=(Person(name="Jane Doe"),),
        subject=Subject(name=f"Work {number % 2}", type="Movie"),
        content=Prose(html=f"<p>{text}</p>", text=text),
        excerpt=Prose(html=f"<p>{text}</p>", text=text),
        summary=None,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def keep(publisher: Publisher, *reviews: Review, source: str = "night-lantern", noted: bool = True) -> None:
    """Stores reviews as a look at a source brings them, and notes them."""
    items = [item(replace(one, source=source), one.key, str(one)) for one in reviews]
    looked(publisher.store, source, reviews=items)
    if noted:
        index(publisher)


def drawn(publisher: Publisher, address: str) -> Rendition:
    """What stands at an address, which is in its canonical form."""
    path, _, query = address.partition("?")
    found = publisher.view(path, pairs(query))
    assert isinstance(found, Rendition), found
    assert found.path == address
    return found


def pairs(query: str) -> list[tuple[str, str]]:
    """Parameters as they stand in these tests: nothing of them is escaped but spaces."""
    return [(name, value.replace("+", " ")) for name, _, value in (one.partition("=") for one in query.split("&"))]


def titles(publisher: Publisher, address: str) -> list[str]:
    """The titles of the reviews in a JSON Feed."""
    return [one["title"] for one in json.loads(drawn(publisher, address).body)["items"]]


# ------------------------------------------------------------------------------------------------------ the parameters


@pytest.mark.parametrize(
    "query, view",
    [
        ("outlet=Night+Lantern", View(outlets=("night-lantern",))),
        ("critic=b&critic=a&critic=b", View(critics=("a", "b"))),
        ("subject=The+Salt+Road", View(subjects=("the-salt-road",))),
        ("type=TVSeries", View(types=("tvseries",))),
        ("lang=en-GB", View(languages=("en-gb",))),
        ("category=Slow+Cinema", View(categories=("slow-cinema",))),
        ('q=Salt++"Slow+Burn"', View(words='salt "slow burn"')),
        ("min_rating=70", View(min_rating=70)),
        ("min_rating=62.50", View(min_rating=62.5)),
        ("since=2026-05-01", View(since=date(2026, 5, 1))),
        ("since=2026-05-01T00:00:00Z", View(since=date(2026, 5, 1))),
        ("since=2026-05-01T12:00:00+02:00", View(since=datetime(2026, 5, 1, 10, tzinfo=UTC))),
        ("limit=500", View(limit=500)),
        ("content=none", View(content="none")),
        ("page=2", View(page=2)),
        ("page=2&after=17.abc", View(page=2, after="17.abc")),
        ("q=salt&after=2.17.abc", View(words="salt", after="2.17.abc")),
        ("q=&min_rating=&type=+", View()),
        ("q=salt&q=salt", View(words="salt")),
    ],
)
def test_parameters_are_read(query: str, view: View) -> None:
    assert parse(pairs(query)) == view


@pytest.mark.parametrize(
    "query, said",
    [
        ("outlett=x", 'There is no parameter "outlett". Is it outlet?'),
        ("zzz=", 'There is no parameter "zzz".'),
        ("min_rating=101", 'min_rating="101" is no number from 0 to 100.'),
        ("min_rating=nan", 'min_rating="nan" is no number from 0 to 100.'),
        ("since=yesterday", 'since="yesterday" is no day such as 2026-05-01'),
        ("since=2026-02-30", 'since="2026-02-30" is no day'),
        ("since=0001-01-01T00:00:00+14:00", "is no day"),
        ("since=2026-05-01T12:00:00", "no instant such as 2026-05-01T18:00:00Z."),
        ("limit=0", 'limit="0" is no number from 1 to 500.'),
        ("limit=501", 'limit="501" is no number from 1 to 500.'),
        ("page=-1", 'page="-1" is no number from 1 to 100000.'),
        ("page=٣", "page"),
        ("content=all", 'content="all" is none of full, excerpt and none.'),
        ("after=../../etc", "is no place in this view"),
        ("q=salt&after=17.abc", "is no place in this view"),
        ("after=2.17.abc", "is no place in this view"),
        ("q=!!!", 'q="!!!" holds no word to look for'),
        ("q=" + "x" * 201, "q is longer than 200 characters."),
        ("q=" + "+".join("abcdefghijk"), "q holds more than 10 words."),
        ("q=salt&q=road", "q stands here 2 times, and can stand once."),
        ("&".join(f"critic=c{number}" for number in range(41)), "more than 40 values"),
        ("critic=" + "x" * 2000, "longer than 2000 characters"),
    ],
)
def test_what_is_not_understood_is_named_with_a_list_of_what_there_is(query: str, said: str) -> None:
    refused = parse(pairs(query))

    assert isinstance(refused, Refused)
    assert said in refused.message
    names = "outlet critic subject type lang category q min_rating since limit content page after"
    for name in names.split(" "):
        assert f"\n  {name}=" in refused.message


def test_a_refusal_repeats_nothing_that_cannot_be_printed() -> None:
    refused = parse([("limit", "1\r\nSet-Cookie: a=b\x1b[31m")])

    assert isinstance(refused, Refused)
    assert "\r" not in refused.message
    assert "\x1b" not in refused.message


@pytest.mark.parametrize(
    "asked, canonical",
    [
        ("/feeds/reviews.atom?type=Movie&critic=Jane+Doe", "/feeds/reviews.atom?critic=jane-doe&type=movie"),
        ("/feeds/reviews?q=Number&min_rating=&type=", "/feeds/reviews?q=number"),
        ("/feeds/reviews.json?limit=3", "/feeds/reviews.json"),
        ("/feeds/reviews.json?limit=3&page=1&content=full", "/feeds/reviews.json"),
        ("/feeds/lantern.rss?limit=3&limit=3", "/feeds/lantern.rss?limit=3"),
        ("/feeds/reviews?page=02", "/feeds/reviews?page=2"),
        (
            "/feeds/reviews.atom?page=2&after=plainreview00001",
            f"/feeds/reviews.atom?page=2&after={Cursor.right_after(NOW - timedelta(hours=1), 'plainreview00001')}",
        ),
    ],
)
def test_another_form_of_an_address_leads_to_the_canonical_one(
    publisher: Publisher, asked: str, canonical: str
) -> None:
    keep(publisher, *(review(number) for number in range(4)))
    path, _, query = asked.partition("?")

    assert publisher.view(path, pairs(query)) == Moved(canonical)


def test_a_place_after_no_review_is_refused(publisher: Publisher) -> None:
    found = publisher.view("/feeds/reviews", [("after", "nosuchreview")])

    assert isinstance(found, Refused)
    assert 'after: there is no review "nosuchreview".' in found.message


def test_elsewhere_parameters_mean_nothing(publisher: Publisher) -> None:
    publish(publisher)

    assert publisher.view("/feeds/none.atom", [("q", "x")]) is None
    assert publisher.view("/feeds/reviews/credits", [("x", "y")]) == publisher.rendition("/feeds/reviews/credits")


# ---------------------------------------------------------------------------------------------------- what they choose


def test_all_parameters_together_choose(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(6)))
    keep(publisher, replace(BARE, title="Number 9"), source="celebrity-storm")

    assert titles(publisher, "/feeds/reviews.json?critic=jane-doe&subject=work-1&q=number&limit=2") == [
        "Number 1",
        "Number 3",
    ]
    assert titles(publisher, "/feeds/reviews.json?since=2026-05-04T10:00:00Z") == ["Number 0", "Number 1", "Number 2"]
    assert titles(publisher, "/feeds/reviews.json?outlet=celebrity-storm") == ["Number 9"]
    assert titles(publisher, "/feeds/lantern.json?outlet=celebrity-storm") == []
    assert titles(publisher, "/feeds/reviews.json?critic=nobody-yet") == []


def test_a_view_says_what_it_is_and_where_it_stands_in_every_format(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(6)))
    query = "?critic=jane-doe&q=number&min_rating=60"
    cursor = f"1.{Cursor.right_after(NOW - timedelta(hours=2), 'plainreview00002')}"
    expected = "All reviews: critic Jane Doe, “number”, rated 60 of 100 or more"
    stem = "http://reviews.example/feeds/reviews"

    for suffix in (".atom", ".rss"):
        root = etree.fromstring(drawn(publisher, f"/feeds/reviews{suffix}{query}").body)
        top = root if suffix == ".atom" else root[0]
        links = {link.get("rel"): link.get("href") for link in top.findall("a:link", NS)}
        assert links["self"] == f"{stem}{suffix}{query}"
        assert links["first"] == f"{stem}{suffix}{query}"
        assert links["next"] == f"{stem}{suffix}{query}&page=2&after={cursor}"
        assert "last" not in links
        title = top.findtext("a:title", None, NS) if suffix == ".atom" else top.findtext("title")
        assert title == expected
        alternate = links["alternate"] if suffix == ".atom" else top.findtext("link")
        assert alternate == f"{stem}{query}"
    feed = json.loads(drawn(publisher, f"/feeds/reviews.json{query}").body)
    assert feed["title"] == expected
    assert feed["feed_url"] == f"{stem}.json{query}"
    assert feed["home_page_url"] == f"{stem}{query}"
    assert feed["next_url"] == f"{stem}.json{query}&page=2&after={cursor}"


def test_a_page_links_those_around_it(publisher: Publisher) -> None:
    """RFC 5005, 3: the next one by its place, the others by number."""
    keep(publisher, *(review(number) for number in range(6)))
    cursor = Cursor.right_after(NOW - timedelta(hours=3), "plainreview00003")
    root = etree.fromstring(drawn(publisher, "/feeds/lantern.atom?type=movie&limit=2&page=2").body)
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", NS)}
    view = "http://reviews.example/feeds/lantern.atom?type=movie&limit=2"

    assert links["first"] == links["previous"] == view
    assert links["next"] == f"{view}&page=3&after={cursor}"
    assert links["last"] == f"{view}&page=3"


def test_all_pages_of_a_view_are_one_feed_and_another_view_is_another(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(6)))

    def identity(address: str) -> str | None:
        return etree.fromstring(drawn(publisher, address).body).findtext("a:id", None, NS)

    assert identity("/feeds/reviews.atom?page=2") == "http://reviews.example/feeds/reviews"
    assert identity("/feeds/reviews.atom?limit=2") == "http://reviews.example/feeds/reviews"
    assert identity("/feeds/reviews.atom?type=movie&page=2") == "http://reviews.example/feeds/reviews?type=movie"


def test_the_feed_itself_goes_on_where_it_ends(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(5)))
    [feed, other] = publisher.settings.feeds
    following = next_page(feed, select(publisher, feed))

    assert following is not None
    assert titles(publisher, following.path(".json")) == ["Number 3", "Number 4"]
    assert next_page(other, select(publisher, other)) is None


def test_pages_of_people_are_short_and_those_of_readers_are_not(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(45)))

    assert drawn(publisher, "/feeds/lantern?page=3").body.count(b"<article") == 5
    assert drawn(publisher, "/feeds/lantern?type=movie").body.count(b"<article") == 20
    assert len(titles(publisher, "/feeds/lantern.json?type=movie")) == 45


@pytest.mark.parametrize(
    "content, show, held",
    [("full", "full", {"content", "excerpt"}), ("excerpt", "excerpt", {"excerpt"}), ("none", "link", set())],
)
def test_content_only_takes_away(content: str, show: str, held: set[str]) -> None:
    entry = shortened(entry_of(review(1, verdict=None)), content)  # type: ignore[arg-type]

    assert entry.terms.show == show
    assert {name for name in ("content", "summary", "excerpt", "verdict") if getattr(entry.review, name)} == held


def test_what_may_not_be_cut_is_left_out_whole() -> None:
    """An entry under ND bears no excerpt; one that shows a link alone shows no more."""
    uncut = entry_of(review(1, excerpt=None))
    link = entry_of(review(1, content=None, excerpt=None), show="link")

    assert shortened(uncut, "excerpt").terms.show == "link"
    assert shortened(link, "excerpt").terms.show == "link"


# ------------------------------------------------------------------------------------------------------------- validity


ADDRESSES = (
    "?type=movie",
    "?critic=jane-doe&type=movie&q=number",
    "?q=%22text+of%22",
    "?min_rating=70&since=2026-05-01",
    "?content=excerpt",
    "?limit=2&content=none",
    "?critic=nobody",
    "?lang=en",
    "?page=2",
)


@pytest.mark.parametrize("query", ADDRESSES)
@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_every_page_of_every_view_is_valid(publisher: Publisher, suffix: str, query: str) -> None:
    """By the rules of the W3C feed validator, followed by its own links to the end."""
    keep(publisher, FULL, *(review(number) for number in range(7)))
    keep(publisher, BARE, source="celebrity-storm")
    app = create_app(publisher.settings.site, publisher).test_client()
    address: str | None = f"/feeds/reviews{suffix}{query}"
    pages = 0
    while address:
        answer = app.get(address, headers={"Host": "reviews.example"})
        assert answer.status_code == 200, answer.data
        found = faults(suffix, answer.data, address=f"http://reviews.example{address}", now=NOW)
        assert [fault for fault in found if not accepted(fault)] == []
        address = following(suffix, answer.data)
        pages += 1
    assert pages >= 1


def following(suffix: str, body: bytes) -> str | None:
    """The path of the next page, as a client reads it."""
    if suffix == ".json":
        url = json.loads(body).get("next_url")
    else:
        found = etree.fromstring(body).xpath("//a:link[@rel='next']/@href", namespaces=NS)
        assert isinstance(found, list)
        url = next(iter(found), None)
    return None if url is None else str(url).removeprefix("http://reviews.example")


# -------------------------------------------------------------------------------------------------------------- the web


def test_views_are_answered_as_feeds_are(publisher: Publisher) -> None:
    keep(publisher, *(review(number) for number in range(5)))
    client = create_app(publisher.settings.site, publisher).test_client()
    host = {"Host": "reviews.example"}
    first = client.get("/feeds/reviews.atom?type=movie", headers=host)

    assert first.status_code == 200
    assert first.content_type == "application/atom+xml; charset=utf-8"
    held = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/feeds/reviews.atom?type=movie", headers=host | held).status_code == 304
    dated = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/feeds/reviews.atom?type=movie", headers=host | dated).status_code == 304
    moved = client.get("/feeds/reviews.atom?type=Movie", headers={"Host": "localhost"})
    assert moved.status_code == 301
    assert moved.headers["Location"] == "http://reviews.example/feeds/reviews.atom?type=movie"
    refused = client.get("/feeds/reviews.atom?typ=movie", headers=host)
    assert refused.status_code == 400
    assert refused.content_type == "text/plain; charset=utf-8"
    assert b"Is it type?" in refused.data


# ---------------------------------------------------------------------------------------------------- how they are kept


def test_a_view_is_drawn_again_when_its_reviews_change_and_only_then(publisher: Publisher) -> None:
    keep(publisher, review(1))
    address = "/feeds/reviews.json?critic=jane-doe"
    before = drawn(publisher, address)
    assert drawn(publisher, address) is before

    keep(publisher, review(2), noted=False)
    index(publisher)
    after = drawn(publisher, address)
    assert titles(publisher, address) == ["Number 1", "Number 2"]
    assert after.etag != before.etag
    assert after.modified > before.modified
    publisher.store.withdrawals.withdraw(
        WithdrawalKind.REVIEW, "plainreview00001", reason="a", requested_by="b", now=NOW
    )
    assert titles(publisher, address) == ["Number 2"]


def test_what_is_not_noted_yet_is_not_missed_when_it_is(publisher: Publisher) -> None:
    """A view that was drawn between the change and the index is not taken for the view of after."""
    keep(publisher, review(1), noted=False)
    address = "/feeds/reviews.json?critic=jane-doe"
    assert titles(publisher, address) == []

    index(publisher)
    assert titles(publisher, address) == ["Number 1"]


def test_another_agreement_changes_what_a_view_shows(publisher: Publisher) -> None:
    hidden = Prose(html="<p>Secret.</p>", text="Secret.")
    keep(publisher, review(1, content=hidden))
    assert titles(publisher, "/feeds/reviews.json?q=secret") == ["Number 1"]

    sources = tuple(replace(source, republish=Republish.LINK) for source in publisher.settings.sources)
    strict = replace(publisher, settings=replace(publisher.settings, sources=sources))
    index(strict)
    assert titles(strict, "/feeds/reviews.json?q=secret") == []
    assert b"Secret" not in drawn(strict, "/feeds/reviews.json?q=number").body


def test_a_rating_that_may_not_be_shown_finds_nothing(publisher: Publisher) -> None:
    sources = tuple(replace(source, republish=Republish.LINK) for source in publisher.settings.sources)
    strict = replace(publisher, settings=replace(publisher.settings, sources=sources))
    keep(strict, review(1, rating=Rating(text="90 %", percent=90)))

    assert titles(strict, "/feeds/reviews.json?min_rating=0") == []


def page_of(address: str, body: bytes = b"x") -> Rendition:
    return Rendition(path=address, media_type="text/plain", body=body, etag=f'"{body!r}"', modified=NOW)


def test_however_many_ask_at_once_it_is_drawn_once() -> None:
    kept, asked, let = Once(), threading.Semaphore(0), threading.Event()
    drawings: list[int] = []

    def draw() -> Rendition:
        drawings.append(1)
        let.wait(30)
        return page_of("/a")

    def ask(found: list[Rendition]) -> None:
        asked.release()
        found.append(kept.get("/a", b"1", draw))

    found: list[Rendition] = []
    threads = [threading.Thread(target=ask, args=(found,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for _ in threads:
        asked.acquire(timeout=30)
    let.set()
    for thread in threads:
        thread.join(30)

    assert len(drawings) == 1
    assert found == [page_of("/a")] * 20


def test_what_fails_to_be_drawn_is_told_and_tried_again() -> None:
    kept = Once()

    def fail() -> Rendition:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.get("/a", b"1", fail)
    assert kept.get("/a", b"1", lambda: page_of("/a")) == page_of("/a")


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept = Once(most_bytes=10, most=3)
    for number in range(5):
        kept.get(f"/{number}", b"1", lambda number=number: page_of(f"/{number}", b"xx"))  # type: ignore[misc]
    assert (len(kept), kept.bytes) == (3, 6)

    kept.get("/big", b"1", lambda: page_of("/big", b"x" * 9))
    assert (len(kept), kept.bytes) == (1, 9)
    kept.get("/bigger", b"1", lambda: page_of("/bigger", b"x" * 11))
    assert (len(kept), kept.bytes) == (0, 0)


def test_other_bytes_have_a_later_date() -> None:
    """Whoever asks by date alone would else keep the old ones."""
    kept = Once()
    kept.get("/a", b"1", lambda: page_of("/a", b"one"))

    assert kept.get("/a", b"2", lambda: page_of("/a", b"two")).modified == NOW + timedelta(seconds=1)
    assert kept.get("/a", b"3", lambda: page_of("/a", b"two")).modified == NOW
