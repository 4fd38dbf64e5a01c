"""Sources that lead to pages, from a site on loopback into the database: which pages, how politely, what of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from feedsvc.collect import Outcome, collect, these
from feedsvc.collect.workers import Readers
from feedsvc.model import PageCount, Review
from tests.collecting import LEASE, Bench
from tests.origin import Answer, Asked, Origin
from tests.page_sites import LISTING, SITEMAP, SITEMAP_INDEX, paths, site

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HTML = "text/html; charset=utf-8"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


class Shelf(Bench):
    """A service that looks at a page source of an origin; `more` stands in its table."""

    def __init__(self, folder: Path, origin: Origin, readers: Readers, location: str = LISTING, more: str = "") -> None:
        super().__init__(folder, origin, location, readers=readers)
        self.configure('kind = "feed"', f'kind = "page"\n{more}')

    def reviews(self) -> dict[str, Review]:
        """What is stored, by the path of its address."""
        found = self.store.newest(["outlet"], 1000)
        return {(review.url or "").removeprefix(self.origin.url): review for review in found}

    def asked_for(self) -> list[str]:
        """The paths of all requests since this was last asked."""
        found = [asked.path for asked in self.origin.requests]
        self.origin.requests.clear()
        return found


def put(origin: Origin, n: int, vocabulary: str = "jsonld") -> None:
    """A site of so many review pages."""
    for path, (media_type, body) in site(vocabulary, n, origin.url).items():
        say(origin, path, body, media_type)


def say(origin: Origin, path: str, body: bytes, media_type: str = HTML) -> None:
    """A page with an ETag of its own, which answers 304 to whoever has it."""
    etag = f'"{hash(body)}"'

    def answer(asked: Asked) -> Answer:
        known = asked.headers.get("if-none-match") == etag
        return Answer(304) if known else Answer(200, {"Content-Type": media_type, "ETag": etag}, body)

    origin.answer(path, body=answer)


# ------------------------------------------------------------------------------------------------------ which, and when


def test_polling_pages_a_listing_is_followed_to_all_its_review_pages_ten_at_a_look(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """The first ten are the first that it names; while some are left, the next look is no further off than it must."""
    put(origin, 30)
    shelf = Shelf(tmp_path, origin, readers)
    for looks, new in enumerate((10, 10, 10, 0), start=1):
        before = shelf.clock.now + HOUR
        outcome = shelf.look()
        assert (outcome.error, outcome.page_faults, outcome.new, outcome.pages) == (None, (), new, new)
        assert set(shelf.reviews()) == set(paths(30)[: 10 * looks])
        if looks < 3:
            assert shelf.state.next_check - before <= timedelta(minutes=17)

    assert Counter(shelf.asked_for()) == Counter({"/robots.txt": 1, LISTING: 4} | dict.fromkeys(paths(30), 1))
    assert origin.most_at_once == 1
    assert shelf.store.pages.counts() == {"outlet": PageCount(known=30, read=30)}
    shelf.store.close()


def test_polling_pages_a_sitemap_of_sitemaps_is_followed_to_its_review_pages(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """The newest by their dates first; nothing of another site is asked for."""
    put(origin, 30)
    shelf = Shelf(tmp_path, origin, readers, SITEMAP_INDEX, "pages_per_poll = 40")
    outcome = shelf.look()

    assert (outcome.error, outcome.page_faults) == (None, ())
    assert set(paths(30)) <= set(shelf.reviews())
    asked = shelf.asked_for()
    assert asked[:3] == ["/robots.txt", SITEMAP_INDEX, SITEMAP]
    assert sorted(asked[3:]) == sorted(paths(30))
    shelf.store.close()


def test_polling_pages_a_page_is_asked_for_again_by_its_own_cadence(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """Not within a day, then with its validators; the longer it stays the same, the less often."""
    put(origin, 2)
    shelf = Shelf(tmp_path, origin, readers)
    asked = []
    for _ in range(14 * 4):
        shelf.look(6 * HOUR)
        asked.append(shelf.asked_for().count(paths(2)[0]))

    looks = [number for number, times in enumerate(asked) if times]
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert set(asked) == {0, 1}
    assert min(pauses) >= 4
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 2 * pauses[0]
    assert shelf.store.revisions(shelf.reviews()[paths(2)[0]].key) == []
    shelf.store.close()


def test_a_page_that_changes_changes_its_review_and_no_other(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    put(origin, 3)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    first = paths(3)[0]
    before = shelf.reviews()
    body = site("jsonld", 3, origin.url)[first][1]
    say(origin, first, body.replace(before[first].title.encode(), b"Another headline"))
    assert body.count(before[first].title.split("&")[0].strip().encode())
    outcome = shelf.look(2 * DAY)

    assert (outcome.changed, outcome.new, outcome.pages) == (1, 0, 3)
    assert [path for path, review in shelf.reviews().items() if review != before[path]] == [first]
    shelf.store.close()


def test_polling_pages_a_sitemap_that_dates_a_page_anew_has_it_asked_for(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """But not within six hours, whatever it says: some date every page at every look."""
    put(origin, 2)
    shelf = Shelf(tmp_path, origin, readers, SITEMAP)
    shelf.look()
    shelf.asked_for()
    for after, wanted in ((HOUR, []), (6 * HOUR, [paths(2)[0]]), (HOUR, [])):
        say(origin, SITEMAP, _dated(origin, f"2026-06-1{after.seconds % 7}"), "application/xml")
        shelf.look(after)
        assert [path for path in shelf.asked_for() if path != SITEMAP] == wanted
    shelf.store.close()


def _dated(origin: Origin, day: str) -> bytes:
    first, second = paths(2)
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{origin.url}{first}</loc><lastmod>{day}</lastmod></url>"
        f"<url><loc>{origin.url}{second}</loc><lastmod>2026-05-02</lastmod></url></urlset>"
    ).encode()


# --------------------------------------------------------------------------------------------------------- what fails


def test_polling_pages_a_page_that_fails_harms_no_other_and_is_named(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """It is tried again later; until then it stands in the store with its reason."""
    put(origin, 6)
    broken, binary = paths(6)[1], paths(6)[4]
    origin.answer(broken, 503)
    origin.answer(binary, 200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 \x00\x01")
    shelf = Shelf(tmp_path, origin, readers)
    outcome = shelf.look()

    assert (outcome.error, outcome.new, outcome.pages) == (None, 4, 6)
    assert [url.removeprefix(origin.url) for url, _ in outcome.page_faults] == [broken, binary]
    faults = {fault.url.removeprefix(origin.url): fault for fault in shelf.store.pages.faults()}
    assert {path: (fault.kind, fault.failures, fault.read) for path, fault in faults.items()} == {
        broken: ("http-503", 1, None),
        binary: (faults[binary].kind, 1, None),
    }
    assert all(fault.url in fault.error for fault in faults.values())

    put(origin, 6)
    assert shelf.look(2 * HOUR).new == 2
    assert shelf.store.pages.faults() == []
    assert shelf.store.pages.counts() == {"outlet": PageCount(known=6, read=6)}
    shelf.store.close()


def test_polling_pages_the_review_of_a_page_that_is_removed_stays(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """One that is gone for good (410) is never asked for again."""
    put(origin, 2)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    gone, missing = paths(2)
    origin.answer(gone, 410)
    origin.answer(missing, 404)
    shelf.look(2 * DAY)
    assert set(shelf.reviews()) == set(paths(2))
    assert {fault.kind for fault in shelf.store.pages.faults()} == {"http-404", "http-410"}
    shelf.asked_for()
    for _ in range(10):
        shelf.look(7 * DAY)
    asked = shelf.asked_for()

    assert gone not in asked
    assert missing in asked
    assert set(shelf.reviews()) == set(paths(2))
    shelf.store.close()


def test_a_listing_that_fails_leaves_its_pages_alone(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    put(origin, 12)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    shelf.asked_for()
    origin.answer(LISTING, 500)
    outcome = shelf.look()

    assert outcome.error is not None
    assert shelf.asked_for() == [LISTING]
    assert len(shelf.reviews()) == 10
    shelf.store.close()


def test_a_page_that_holds_and_names_no_review_is_no_source(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """It is said so, and what was collected before stays."""
    put(origin, 2)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    say(origin, LISTING, b"<!doctype html><html><title>Moved</title><body><p>We have moved.</p></body></html>")
    outcome = shelf.look()

    assert outcome.error is not None
    assert str(outcome.error).startswith(f"{origin.url}{LISTING}: ")
    assert set(shelf.reviews()) == set(paths(2))
    shelf.store.close()


def test_addresses_that_are_none_are_passed_over(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """Whatever a sitemap names: the pages beside them are collected."""
    put(origin, 1)
    hostile = (
        "http://[::1",
        "https://x:99999/",
        "javascript:alert(1)",
        "",
        "http://",
        "mailto:a@b.example",
        "/" * 9000,
    )
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in (*hostile, origin.url + paths(1)[0]))
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    say(origin, SITEMAP, f"<?xml version='1.0'?><urlset {space}>{urls}</urlset>".encode(), "application/xml")
    shelf = Shelf(tmp_path, origin, readers, SITEMAP)
    outcome = shelf.look()

    assert (outcome.error, outcome.new) == (None, 1)
    assert shelf.asked_for() == ["/robots.txt", SITEMAP, paths(1)[0]]
    shelf.store.close()


def test_polling_pages_whoever_leaves_in_the_middle_keeps_what_is_in_hand(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """The pages that were asked for are stored, the others come at the next look, and none is asked for twice."""
    put(origin, 9)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.clock.now += HOUR
    outcomes: list[Outcome] = []
    leaving = replace(shelf.collector, leave=lambda: len(origin.requests) >= 5)
    collect(leaving, these(shelf.store.claim_named(["outlet"], shelf.clock.now, LEASE)), outcomes.append)
    kept = len(shelf.reviews())

    assert [outcome.error for outcome in outcomes] == [None]
    assert 3 <= kept < 9
    assert shelf.look().new == 9 - kept
    assert Counter(shelf.asked_for()) == Counter({"/robots.txt": 1, LISTING: 2} | dict.fromkeys(paths(9), 1))
    shelf.store.close()


# --------------------------------------------------------------------------------------------------------- robots.txt


def test_polling_pages_what_robots_txt_forbids_is_not_asked_for(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """And is named with what to do; it is asked once a day, and what it says then holds."""
    put(origin, 4)
    forbidden = paths(4)[2]
    say(origin, "/robots.txt", f"User-agent: *\nDisallow: {forbidden}\n".encode(), "text/plain")
    shelf = Shelf(tmp_path, origin, readers)
    outcome = shelf.look()

    assert (outcome.new, outcome.pages) == (3, 3)
    [(url, reason)] = outcome.page_faults
    assert url == origin.url + forbidden
    assert f"{origin.url}/robots.txt asks programs to leave it alone" in reason
    assert [fault.kind for fault in shelf.store.pages.faults()] == ["robots"]
    shelf.look()
    assert Counter(shelf.asked_for())["/robots.txt"] == 1

    say(origin, "/robots.txt", b"User-agent: *\nDisallow: /private/\n", "text/plain")
    shelf.look(DAY)
    assert set(shelf.reviews()) == set(paths(4))
    asked = shelf.asked_for()
    assert asked[0] == "/robots.txt"
    assert forbidden in asked
    shelf.store.close()


def test_polling_pages_rules_for_us_alone_win_over_those_for_all(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    """RFC 9309, 2.2.1: the group of our own name, and only that."""
    put(origin, 2)
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: FeedSvc\nDisallow: /admin/\n"
    say(origin, "/robots.txt", rules, "text/plain")
    shelf = Shelf(tmp_path, origin, readers)

    assert shelf.look().new == 2
    shelf.store.close()


@pytest.mark.parametrize("status", [503, 429])
def test_polling_pages_a_site_whose_robots_txt_cannot_be_had_is_left_alone(
    tmp_path: Path, origin: Origin, readers: Readers, status: int
) -> None:
    """RFC 9309, 2.3.1.4; it is asked again when an hour is over."""
    put(origin, 2)
    origin.answer("/robots.txt", status)
    shelf = Shelf(tmp_path, origin, readers)
    outcome = shelf.look()
    assert outcome.error is not None
    assert outcome.error.kind == "robots"
    shelf.look(HOUR / 2)
    assert shelf.asked_for() == ["/robots.txt"]

    origin.answer("/robots.txt", 404)
    assert shelf.look(HOUR).new == 2
    shelf.store.close()


def test_polling_pages_sources_of_one_site_ask_for_its_robots_txt_once(
    tmp_path: Path, origin: Origin, readers: Readers
) -> None:
    put(origin, 2)
    shelf = Shelf(tmp_path, origin, readers)
    others = "".join(
        f'[[sources]]\nname = "other-{n}"\nkind = "page"\nlocation = "{origin.url}{path}"\n'
        for n, path in enumerate((SITEMAP, SITEMAP_INDEX, *paths(2)))
    )
    shelf.configure("[[feeds]]", f"{others}[[feeds]]")
    outcomes: list[Outcome] = []
    names = [source.name for source in shelf.settings.sources]
    collect(shelf.collector, these(shelf.store.claim_named(names, shelf.clock.now, LEASE)), outcomes.append)

    assert {outcome.source: outcome.error for outcome in outcomes} == dict.fromkeys(names)
    assert shelf.asked_for().count("/robots.txt") == 1
    assert len(shelf.store.newest(["other-2"], 10)) == 1
    shelf.store.close()


# -------------------------------------------------------------------------------------------------- other configuration


def test_what_is_configured_otherwise_is_read_again(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    """A licence that was agreed on reaches reviews that are stored already, so many pages at a look."""
    put(origin, 6)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    shelf.configure('kind = "page"', 'kind = "page"\nlanguage = "cy"\nrights = "© Harbour Gazette"')
    shelf.look()

    assert {review.rights for review in shelf.reviews().values()} == {"© Harbour Gazette"}
    shelf.store.close()


def test_a_source_that_is_another_now_forgets_its_pages(tmp_path: Path, origin: Origin, readers: Readers) -> None:
    put(origin, 3)
    shelf = Shelf(tmp_path, origin, readers)
    shelf.look()
    shelf.configure(LISTING, paths(3)[0])
    assert shelf.store.pages.counts() == {}
    shelf.asked_for()
    shelf.look()

    assert shelf.asked_for() == [paths(3)[0]]
    shelf.store.close()
