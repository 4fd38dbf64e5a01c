"""What is kept of pages: which are due and in which order, what they said, and what robots.txt said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc.model import (
    Asking,
    Fetched,
    Item,
    Page,
    PageCount,
    Person,
    RatingClaim,
    Robots,
    Source,
    Subject,
    Text,
)
from feedsvc.store import Look, Store
from feedsvc.store.pages import packed, unpacked
from tests.databases import database_url

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Source(name="outlet", kind="page", location="https://outlet.example/reviews/")
OTHER = replace(SOURCE, name="other")


def opened(folder: Path) -> Store:
    store = Store.open(database_url(folder))
    store.migrate()
    store.sync_sources([SOURCE, OTHER], NOW)
    return store


def page(number: int, **values: object) -> Page:
    made = Page(url=f"https://outlet.example/reviews/{number}", seen=NOW, next_check=NOW)
    return replace(made, **values)  # type: ignore[arg-type]


def note(store: Store, pages: Sequence[Page], name: str = "outlet", **learnt: object) -> None:
    [claim] = store.claim_named([name], NOW, HOUR)
    look = Look(claim=claim, now=NOW, state=claim.state, pages=pages)
    assert not store.record([replace(look, **learnt)])[0].stale  # type: ignore[arg-type]


def due(store: Store, now: datetime = NOW, limit: int = 100) -> list[int]:
    return [int(one.url.rpartition("/")[2]) for one in store.pages.due("outlet", now, limit)]


def test_what_was_never_read_comes_first_and_of_it_what_failed_least(tmp_path: Path) -> None:
    """Then what was named last, in the order in which it was named."""
    with opened(tmp_path) as store:
        note(
            store, [page(1, read=NOW), page(2, failures=1, error="x"), page(3), page(4), page(5, next_check=NOW + HOUR)]
        )
        note(store, [page(6, seen=NOW + HOUR), page(7, seen=NOW + HOUR), page(8, next_check=None)])
        note(store, [page(9)], "other")

        assert due(store) == [6, 7, 3, 4, 2, 1]
        assert due(store, limit=2) == [6, 7]
        assert due(store, NOW - HOUR) == []
        assert due(store, NOW + HOUR) == [6, 7, 3, 4, 5, 2, 1]


def test_a_page_comes_back_as_it_was_noted(tmp_path: Path) -> None:
    """When it was first named stays, whatever is noted later."""
    whole = page(
        1,
        next_check=NOW + HOUR,
        interval=86400.5,
        depth=2,
        modified="2026-05-01",
        etag='W/"1"',
        last_modified="Fri, 01 May 2026 08:00:00 GMT",
        validated_url="https://outlet.example/r/1",
        body_hash=b"\x00\xff",
        read=NOW,
        failures=2,
        error="broken",
        error_kind="http-500",
    )
    with opened(tmp_path) as store:
        note(store, [whole])
        note(store, [replace(whole, seen=NOW + HOUR, failures=3)])
        found = store.pages.known("outlet", [whole.url, "https://outlet.example/none"])

    assert found == {whole.url: replace(whole, failures=3)}


def test_counts_and_faults_by_source(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        broken = page(2, failures=1, error="broken", error_kind="http-500")
        lost = page(3, read=NOW, failures=4, error="lost", error_kind="http-404", next_check=None)
        note(store, [page(1, read=NOW), broken, lost, page(4)])
        faults = store.pages.faults()

        assert store.pages.counts() == {"outlet": PageCount(known=4, read=2, failing=2, waiting=1)}
        assert [(one.source, one.url, one.kind, one.failures, one.read, one.next_check) for one in faults] == [
            ("outlet", broken.url, "http-500", 1, None, NOW),
            ("outlet", lost.url, "http-404", 4, NOW, None),
        ]


def test_what_a_page_said_comes_back_whole(tmp_path: Path) -> None:
    """Whatever JSON can spell, and the newer word in the place of the older."""
    said = Item(
        guid="a",
        title=Text(value="Salt \ud800 & \x00 Road", type="html", base="https://outlet.example/"),
        authors=(Person(name="Inés Okafor"),),
        subject=Subject(name="The Salt Road", year=2025, identifiers=("imdb:tt1",)),
        rating=RatingClaim(value="4", best="5"),
        from_page=frozenset({"authors", "rating"}),
    )
    assert unpacked(packed(said)) == said
    with opened(tmp_path) as store:
        note(store, [], said={"https://outlet.example/a": Item(guid="old"), "https://outlet.example/b": Item()})
        note(store, [], said={"https://outlet.example/a": said})

        assert store.pages.said("outlet") == {"https://outlet.example/a": said, "https://outlet.example/b": Item()}
        assert store.pages.said("other") == {}


def test_the_document_of_a_feed_that_is_followed_is_kept_until_the_next(tmp_path: Path) -> None:
    first = Fetched(url="https://outlet.example/feed", body=b"<rss/>" * 100, media_type="text/xml", charset="utf-8")
    second = Fetched(url="https://outlet.example/feed2", body=b"\x00\xff")
    with opened(tmp_path) as store:
        assert store.pages.feed("outlet") is None
        note(store, [], feed=first)
        assert store.pages.feed("outlet") == first
        note(store, [], feed=second)
        assert store.pages.feed("outlet") == second


def test_a_source_configured_otherwise_has_its_pages_read_anew_and_one_elsewhere_none(tmp_path: Path) -> None:
    """How many pages a look takes changes no review, so it changes nothing here."""
    known = page(1, read=NOW, etag='"1"', body_hash=b"1", next_check=NOW + 9 * HOUR)
    with opened(tmp_path) as store:
        note(store, [known], feed=Fetched(url=SOURCE.location, body=b"x"))
        store.sync_sources([replace(SOURCE, pages_per_poll=3)], NOW)
        assert store.pages.known("outlet", [known.url]) == {known.url: known}
        store.sync_sources([replace(SOURCE, licence="CC-BY-4.0")], NOW + HOUR)
        again = replace(known, etag=None, body_hash=None, next_check=NOW + HOUR)
        assert store.pages.known("outlet", [known.url]) == {known.url: again}
        assert store.pages.feed("outlet") is None
        store.sync_sources([replace(SOURCE, location="https://outlet.example/new/")], NOW)
        assert store.pages.counts() == {}


def test_what_a_robots_txt_said_holds_until_its_time(tmp_path: Path) -> None:
    said = Robots(origin="https://outlet.example", asking=Asking.RULES, until=NOW + HOUR, text="User-agent: *\n")
    with opened(tmp_path) as store:
        store.pages.note_robots([said], NOW)
        assert store.pages.robots(said.origin, NOW) == said
        assert store.pages.robots(said.origin, NOW + HOUR) is None
        assert store.pages.robots("http://outlet.example", NOW) is None
        newer = replace(said, asking=Asking.NOTHING, text="", until=NOW + 2 * HOUR)
        store.pages.note_robots([newer], NOW)
        assert store.pages.robots(said.origin, NOW) == newer


def test_pages_are_written_with_their_look_or_not_at_all(tmp_path: Path) -> None:
    """A look whose claim is lost writes nothing."""
    with opened(tmp_path) as store:
        [claim] = store.claim_named(["outlet"], NOW, HOUR)
        store.release([claim])
        [recorded] = store.record([Look(claim=claim, now=NOW, state=claim.state, pages=[page(1)])])

        assert recorded.stale
        assert store.pages.counts() == {}
