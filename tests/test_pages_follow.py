"""A feed whose items are completed from their pages, over HTTP into the database: when, by what, and that it stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from feedsvc.collect import Outcome, collect_deliveries
from feedsvc.collect.workers import Readers
from feedsvc.model import Discovery, Provenance, Review
from tests.collecting import LEASE, Bench, rss
from tests.origin import Answer, Asked, Origin
from tests.test_websub_subscriptions import verified

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


class Follower(Bench):
    """A service that follows the items of a feed to their pages, five at a look."""

    def __init__(self, folder: Path, origin: Origin, readers: Readers, more: str = "pages_per_poll = 5") -> None:
        super().__init__(folder, origin, readers=readers)
        self.configure('kind = "feed"', f'kind = "feed"\nfollow = "page"\n{more}')

    def review(self, number: int) -> Review:
        """What is stored of one item."""
        [found] = [
            review for review in self.store.newest(["outlet"], 100) if (review.url or "").endswith(f"/film/{number}")
        ]
        return found

    def completed(self) -> list[int]:
        """The numbers of the items of which the rating is known, which the feed never tells."""
        reviews = self.store.newest(["outlet"], 100)
        return sorted(int((review.url or "").rpartition("/")[2]) for review in reviews if review.rating)

    def pages_asked_for(self) -> list[int]:
        """The numbers of the pages asked for since this was last asked."""
        found = [int(asked.path[6:]) for asked in self.origin.requests if asked.path.startswith("/film/")]
        self.origin.requests.clear()
        return found


def feed(origin: Origin, *numbers: int, more: str = "") -> None:
    """A feed of these items, which name neither critic nor rating; it answers 304 to whoever has it."""
    items = "".join(
        f"<item><guid isPermaLink='false'>n{n}</guid><title>The Salt Road, part {n}</title>"
        f"<link>{origin.url}/film/{n}</link><description>A slow ferry, seen by night.</description>{more}"
        f"<pubDate>Fri, {n:02} May 2026 08:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    serve(origin, "/feed", rss(items), "application/rss+xml")


def page(origin: Origin, number: int, critic: str = "Ines Okafor", rating: str = "4") -> None:
    """The page of an item, with what the feed leaves out."""
    said = {
        "@context": "https://schema.org",
        "@type": "Review",
        "url": f"{origin.url}/film/{number}",
        "name": "A headline of the page's own",
        "author": {"@type": "Person", "name": critic},
        "reviewRating": {"@type": "Rating", "ratingValue": rating, "bestRating": "5"},
        "itemReviewed": {"@type": "Movie", "name": "The Salt Road", "datePublished": "2025"},
    }
    body = (
        f"<!doctype html><html lang=en><title>x</title><script type='application/ld+json'>{json.dumps(said)}</script>"
        f"<article><h1>The Salt Road</h1><p>A slow ferry, seen by night, and again by day.</p></article>"
    )
    serve(origin, f"/film/{number}", body.encode(), "text/html; charset=utf-8")


def serve(origin: Origin, path: str, body: bytes, media_type: str) -> None:
    etag = f'"{hash(body)}"'

    def answer(asked: Asked) -> Answer:
        known = asked.headers.get("if-none-match") == etag
        return Answer(304) if known else Answer(200, {"Content-Type": media_type, "ETag": etag}, body)

    origin.answer(path, body=answer)


def test_polling_pages_items_are_completed_from_their_pages_a_few_at_a_look(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """All are stored at once, and completed over the next looks though the feed itself answers 304."""
    feed(origin, *range(1, 13))
    for number in range(1, 13):
        page(origin, number)
    follower = Follower(tmp_path, origin, readers)
    first = follower.look()
    assert (first.error, first.new, first.pages) == (None, 12, 5)
    assert follower.completed() == follower.pages_asked_for() == [1, 2, 3, 4, 5]
    second = follower.look()
    assert (second.new, second.changed, second.pages) == (0, 5, 5)
    third = follower.look()
    assert (third.new, third.changed, third.pages) == (0, 2, 2)
    assert follower.completed() == list(range(1, 13))
    assert follower.pages_asked_for() == list(range(6, 13))
    assert follower.look().pages == 0

    review = follower.review(7)
    assert review.title == "The Salt Road, part 7"
    assert [person.name for person in review.authors] == ["Ines Okafor"]
    assert review.provenance["authors"] is Provenance.PAGE
    assert review.rating is not None
    assert (review.rating.value, review.rating.best) == (4.0, 5.0)
    assert review.summary is not None
    assert review.summary.text == "A slow ferry, seen by night."
    follower.store.close()


def test_polling_pages_what_a_page_added_stays_when_the_feed_changes(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """A new item does not undo the others, nor are their pages asked for again."""
    for number in (1, 2, 3):
        page(origin, number)
    feed(origin, 1, 2)
    follower = Follower(tmp_path, origin, readers)
    follower.look()
    before = follower.review(1)
    follower.pages_asked_for()
    feed(origin, 3, 2, 1)
    outcome = follower.look()

    assert (outcome.new, outcome.changed, outcome.unchanged) == (1, 0, 2)
    assert follower.pages_asked_for() == [3]
    assert follower.review(1) == before
    assert follower.store.revisions(before.key) == []
    follower.store.close()


def test_the_feed_wins_where_both_speak(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """A critic that the feed names is the critic."""
    page(origin, 1, critic="Somebody Else")
    feed(origin, 1, more='<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Tomás Reyes</dc:creator>')
    follower = Follower(tmp_path, origin, readers)
    follower.look()
    review = follower.review(1)

    assert [person.name for person in review.authors] == ["Tomás Reyes"]
    assert review.provenance["authors"] is Provenance.STATED
    assert review.provenance["rating"] is Provenance.PAGE
    follower.store.close()


def test_an_item_whose_page_fails_stands_as_the_feed_has_it(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """It is completed when the page can be read at last."""
    page(origin, 2)
    feed(origin, 1, 2)
    follower = Follower(tmp_path, origin, readers)
    outcome = follower.look()
    assert (outcome.error, outcome.new) == (None, 2)
    assert [reason for _, reason in outcome.page_faults] == [
        f"{origin.url}/film/1: the server answers 404. There is nothing at this address. "
        "Look on the outlet's site for its feed."
    ]
    assert follower.completed() == [2]
    page(origin, 1)
    follower.look(2 * HOUR)

    assert follower.completed() == [1, 2]
    assert follower.store.pages.faults() == []
    follower.store.close()


def test_polling_pages_a_page_whose_item_has_left_the_feed_is_not_asked_for(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    feed(origin, 1, 2)
    follower = Follower(tmp_path, origin, readers)
    follower.look()
    follower.pages_asked_for()
    page(origin, 2)
    feed(origin, 2, 3)
    follower.look(DAY)
    assert follower.pages_asked_for() == [3, 2]
    follower.look(7 * DAY)

    assert 1 not in follower.pages_asked_for()
    assert {(review.url or "")[-1] for review in follower.store.newest(["outlet"], 10)} == {"1", "2", "3"}
    follower.store.close()


def test_polling_pages_an_item_that_the_feed_dates_anew_has_its_page_asked_for_again(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """What the page says then holds."""
    dated = '<atom:updated xmlns:atom="http://www.w3.org/2005/Atom">2026-05-0{}T12:00:00Z</atom:updated>'
    page(origin, 1)
    feed(origin, 1, more=dated.format(1))
    follower = Follower(tmp_path, origin, readers)
    follower.look()
    page(origin, 1, critic="Bo Lindqvist")
    feed(origin, 1, more=dated.format(2))
    follower.look(DAY)

    assert [person.name for person in follower.review(1).authors] == ["Bo Lindqvist"]
    follower.store.close()


def test_polling_pages_a_page_that_robots_txt_forbids_leaves_its_item_as_it_is(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """The feed itself is asked for: it is made for programs."""
    page(origin, 1)
    page(origin, 2)
    feed(origin, 1, 2)
    origin.answer("/robots.txt", 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /film/1\n")
    follower = Follower(tmp_path, origin, readers)
    outcome = follower.look()

    assert (outcome.error, outcome.new) == (None, 2)
    assert follower.pages_asked_for() == [2]
    assert follower.completed() == [2]
    follower.store.close()


def test_without_follow_no_page_is_asked_for(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    feed(origin, 1)
    bench = Bench(tmp_path, origin, readers=readers)
    bench.look()

    assert [asked.path for asked in origin.requests] == ["/feed"]
    bench.store.close()


def test_a_delivery_of_a_hub_undoes_nothing_that_a_page_added(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """What it brings is completed at the next look at the feed, which is then soon."""
    page(origin, 1)
    page(origin, 2)
    feed(origin, 1)
    follower = Follower(tmp_path, origin, readers)
    follower.look()
    now = follower.clock.now
    hub = verified(follower.store, "outlet", now, Discovery(hubs=("https://hub.example/",), topic=f"{origin.url}/feed"))
    feed(origin, 2, 1)
    follower.store.subscriptions.receive(hub.token, origin_body(origin), "application/rss+xml", "utf-8", now)
    follower.clock.now += timedelta(minutes=1)
    outcomes: list[Outcome] = []
    claims = follower.store.claim_delivered(follower.clock.now, limit=10, lease=LEASE)
    collect_deliveries(follower.collector, readers, claims, outcomes.append)

    assert [(outcome.new, outcome.changed, outcome.unchanged) for outcome in outcomes] == [(1, 0, 1)]
    assert follower.completed() == [1]
    assert follower.state.next_check <= now + timedelta(minutes=15)
    follower.look_when_due()
    assert follower.completed() == [1, 2]
    follower.store.close()


def origin_body(origin: Origin) -> bytes:
    """The feed as it is now."""
    with urlopen(f"{origin.url}/feed") as answer:
        body: bytes = answer.read()
    return body
