"""What operators and visitors see of sources that lead to pages: `sources`, `collect`, `show`, /sources, OPML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands import run
from tests.origin import Origin
from tests.page_sites import LISTING, paths, told
from tests.test_pages_collect import put
from tests.test_pages_follow import feed, page


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, origin: Origin) -> Path:
    (tmp_path / "config.toml").write_text(
        f"""
        [service]
        base_url = "http://reviews.example"
        [polling]
        allow_private_addresses = true
        [[sources]]
        name = "gazette"
        kind = "page"
        location = "{origin.url}{LISTING}"
        pages_per_poll = 4
        [[sources]]
        name = "lantern"
        kind = "feed"
        follow = "page"
        location = "{origin.url}/feed"
        [[feeds]]
        name = "all"
        title = "All"
        """,
        encoding="utf-8",
    )
    put(origin, 6)
    feed(origin, 1, 2)
    page(origin, 1)
    page(origin, 2)
    return tmp_path


@pytest.fixture
def feedsvc(place: Path) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return run(place, *arguments)

    return invoke


def test_collect_says_how_many_pages_it_asked_for_and_which_failed(
    origin: Origin, feedsvc: Callable[..., Result]
) -> None:
    broken = origin.answer(paths(6)[1], 503)
    first = feedsvc("collect", "gazette")

    assert first.exit_code == 0
    assert first.stdout.splitlines() == [
        "gazette: 3 new, 0 changed, 0 unchanged; 4 pages asked for",
        f"gazette: page failed: {broken}: the server answers 503. It is tried again later.",
    ]
    summary = feedsvc("collect", "--force", "--json").stdout.splitlines()[-1]
    assert json.loads(summary)["summary"]["pages"] == 4
    assert json.loads(summary)["summary"]["page_faults"] == 0


def test_sources_lists_the_pages_that_fail_with_the_reason(origin: Origin, feedsvc: Callable[..., Result]) -> None:
    """And how many are read and are waiting; the same for programs."""
    broken = origin.answer(paths(6)[1], 503)
    feedsvc("collect")
    listed = feedsvc("sources").stdout
    told_to_programs = json.loads(feedsvc("sources", "--json").stdout)["sources"]

    assert re.search(r"gazette +page +good, 3 reviews", listed)
    assert "6 pages: 3 read, 2 waiting, 1 failing" in listed
    assert "2 pages: 2 read" in listed
    assert re.search(rf"page failed once, next \S+ \S+ UTC: http-503: {re.escape(broken)}: ", listed)
    assert told_to_programs[0]["pages"] == {"known": 6, "read": 3, "failing": 1, "waiting": 2}
    assert [fault["url"] for fault in told_to_programs[0]["page_faults"]] == [broken]
    assert told_to_programs[1]["page_faults"] == []


def test_the_public_page_of_sources_says_how_the_pages_are(
    place: Path, origin: Origin, feedsvc: Callable[..., Result]
) -> None:
    """Without the reasons, which are the operator's."""
    origin.answer(paths(6)[1], 503)
    feedsvc("collect")
    feedsvc("publish", "--out", str(place / "out"))
    shown = (place / "out" / "sources" / "index.html").read_text(encoding="utf-8")
    opml = (place / "out" / "sources.opml").read_text(encoding="utf-8")

    assert "3 of 6 pages read, 1 in trouble" in shown
    assert "2 of 2 pages read" in shown
    assert "Web pages" in shown
    assert "503" not in shown
    [listing] = [line for line in opml.splitlines() if LISTING in line or "Harbour Gazette" in line]
    assert "xmlUrl" not in listing


def test_show_follows_a_listing_to_its_first_page(origin: Origin, feedsvc: Callable[..., Result]) -> None:
    """As its source would, and stores nothing."""
    first = next(iter(told("jsonld", 6, origin.url).values()))
    shown = feedsvc("show", origin.url + LISTING, "--source", "gazette", "--json")
    [review] = json.loads(shown.stdout)

    assert (review["title"], review["url"]) == (first.headline, first.url)
    assert [asked.path for asked in origin.requests] == [LISTING, "/robots.txt", paths(6)[0]]
    assert feedsvc("collect", "gazette").stdout.startswith("gazette: 4 new")


def test_show_completes_the_first_item_of_a_feed_that_is_followed(
    origin: Origin, feedsvc: Callable[..., Result]
) -> None:
    first, second = json.loads(feedsvc("show", f"{origin.url}/feed", "--source", "lantern", "--json").stdout)

    assert first["rating"]["value"] == 4
    assert first["provenance"]["rating"] == "page"
    assert second["rating"] is None


def test_show_says_what_robots_txt_forbids(origin: Origin, feedsvc: Callable[..., Result]) -> None:
    """And shows the feed's items all the same."""
    origin.answer("/robots.txt", 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /")
    listing = feedsvc("show", origin.url + LISTING, "--source", "gazette")
    followed = feedsvc("show", f"{origin.url}/feed", "--source", "lantern")

    assert listing.exit_code == 1
    assert "robots.txt asks programs to leave it alone" in listing.stderr
    assert followed.exit_code == 0
    assert "The Salt Road, part 1" in followed.stdout
    assert "robots.txt asks programs to leave it alone" in followed.stderr


def test_a_listing_that_robots_txt_forbids_says_so_with_what_to_do(
    origin: Origin, feedsvc: Callable[..., Result]
) -> None:
    origin.answer("/robots.txt", 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /reviews/")
    collected = feedsvc("collect")

    assert collected.exit_code == 1
    assert "robots" in collected.stdout
    assert "ask the outlet to allow feedsvc" in collected.stdout
