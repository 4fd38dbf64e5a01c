"""Works over all sources, from a real store: joined, merged, split and undone; their pages, feeds and digests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml.html import document_fromstring

from feedsvc.errors import SubjectError
from feedsvc.model import Moved, Person, Rating, Refused, Rendition, Subject, View, WithdrawalKind
from feedsvc.publish import index
from feedsvc.store import Store
from feedsvc.web import create_app
from tests.commands import run
from tests.databases import database_url, settings_of
from tests.feed_rules import accepted, faults
from tests.samples import NOW
from tests.test_places import CONFIG, Library, review, said

FILM = Subject(name="Ballerina", type="Movie", year=2025, identifiers=("imdb:tt7181546",))
LONG = Subject(name="From the World of the Assassin: Ballerina", identifiers=("imdb:tt7181546",))
BARE = Subject(name="Ballerina")
BOOK = Subject(name="Ballerina", type="Book", year=1998)
EVERY = ("night-lantern", "hidden")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    settings = settings_of(tmp_path)
    with Store.open(settings.database_url) as store:
        store.migrate()
        store.sync_sources(settings.sources, NOW)
        yield Library(store, settings)


def numbers(library: Library, *slugs: str) -> list[int]:
    """The numbers of the reviews that stand under these slugs; what is counted must be the same."""
    found = library.store.views.reviews(View(subjects=slugs), EVERY, 100)
    assert library.store.views.count(View(subjects=slugs), EVERY) == len(found)
    return sorted(int(one.key.removeprefix("review")) for one in found)


def works(library: Library) -> dict[str, int]:
    """Slug and number of reviews of every work; the values to choose from must be the same."""
    found = {one.slug: one.reviews for one in library.store.subjects.all(100)}
    assert {one.slug: one.reviews for one in library.store.views.values("subject", EVERY, 100)} == found
    return found


def parted(library: Library, count: int) -> set[frozenset[int]]:
    """The numbers of the first reviews, by the work that they are of."""
    keys = [f"review{number:010}" for number in range(count)]
    of = library.store.subjects.of(keys)
    return {frozenset(number for number, key in enumerate(keys) if of[key] == one) for one in of.values()}


def rendered(library: Library, path: str, *query: tuple[str, str]) -> bytes:
    """What stands at an address."""
    found = library.publisher.view(path, query)
    assert isinstance(found, Rendition), found
    return found.body


# ------------------------------------------------------------------------------------------------------------- joining


def test_reviews_that_state_a_work_in_several_ways_are_of_one(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=LONG), review(3, subject=BARE))
    assert works(library) == {"ballerina-2025": 3}
    for slug in ("ballerina-2025", "ballerina", "from-the-world-of-the-assassin-ballerina"):
        assert numbers(library, slug) == [1, 2, 3]
    [work] = library.store.subjects.find("Ballerina")
    assert (work.label, work.type, work.identifiers) == ("Ballerina (2025)", "Movie", ("imdb:tt7181546",))
    assert set(work.names) == {"Ballerina (2025)", LONG.name, "Ballerina"}


def test_a_later_review_joins_what_was_apart_and_the_older_address_stays(library: Library) -> None:
    """Two names, until a third review states the number of the one under the name of the other."""
    library.put(review(1, subject=replace(LONG, identifiers=())))
    library.put(review(2, subject=FILM))
    assert works(library) == {"from-the-world-of-the-assassin-ballerina": 1, "ballerina-2025": 1}
    before = library.store.subjects.version()
    library.put(review(3, subject=LONG))
    assert works(library) == {"from-the-world-of-the-assassin-ballerina": 3}
    assert numbers(library, "ballerina-2025") == [1, 2, 3]
    assert library.store.subjects.version() > before
    assert library.store.subjects.successor("ballerina-2025") == "from-the-world-of-the-assassin-ballerina"


def test_what_a_name_may_mean_is_told_apart_as_soon_as_it_may_mean_two(library: Library) -> None:
    """The review without a year goes back to the name; the name alone finds all three."""
    library.put(review(1, subject=BARE))
    library.put(review(2, subject=FILM))
    assert works(library) == {"ballerina": 2}
    library.put(review(3, subject=BOOK))
    assert works(library) == {"ballerina": 1, "ballerina-2025": 1, "ballerina-1998": 1}
    assert numbers(library, "ballerina") == [1, 2, 3]
    assert (numbers(library, "ballerina-2025"), numbers(library, "ballerina-1998")) == ([2], [3])


def test_a_review_that_changes_its_subject_leaves_its_work(library: Library) -> None:
    """The number that joined two names goes with it."""
    library.put(review(1, subject=FILM), review(2, subject=replace(LONG, identifiers=())), review(3, subject=LONG))
    assert works(library) == {"ballerina-2025": 3}
    library.put(review(3, subject=Subject(name="Paper Moons")))
    assert works(library) == {"ballerina-2025": 1, "from-the-world-of-the-assassin-ballerina": 1, "paper-moons": 1}


def test_a_withdrawn_review_is_of_no_work_and_comes_back_to_it(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=BARE))
    key = "review0000000001"
    library.store.withdrawals.withdraw(WithdrawalKind.REVIEW, key, reason="asked", requested_by="the critic", now=NOW)
    index(library.publisher)
    assert sum(works(library).values()) == 1
    library.store.withdrawals.undo(WithdrawalKind.REVIEW, key, now=NOW)
    index(library.publisher)
    assert works(library) == {"ballerina-2025": 2}


def test_works_of_one_name_and_year_have_slugs_of_their_own(library: Library) -> None:
    for number, kind in enumerate(("Movie", "Book", "VideoGame"), 1):
        library.put(review(number, subject=Subject(name="Tides", type=kind, year=2025)))
    assert works(library) == {"tides-2025": 1, "tides-2025-book": 1, "tides-2025-videogame": 1}
    assert numbers(library, "tides-2025-book") == [2]
    assert numbers(library, "tides") == [1, 2, 3]


def test_works_that_registers_alone_tell_apart_have_slugs_of_their_own(library: Library) -> None:
    """A thousand films of one name, each with its number: nothing is joined, and none takes another's address."""
    stated = [Subject(name="Home", type="Movie", identifiers=(f"imdb:tt{number:07}",)) for number in range(1, 1001)]
    library.put(*(review(number, subject=one) for number, one in enumerate(stated)))
    found = [one.slug for one in library.store.subjects.all(2000)]
    assert len(set(found)) == len(found) == 1000
    assert {"home", "home-movie"} < set(found)
    assert all(slug.startswith("home-movie-") for slug in set(found) - {"home", "home-movie"})
    assert library.store.views.count(View(subjects=("home",)), EVERY) == 1000


def test_all_at_once_and_one_by_one_come_to_the_same(library: Library, tmp_path: Path) -> None:
    subjects = [BARE, FILM, LONG, BOOK, replace(BOOK, year=None), Subject(name="Tides"), replace(FILM, identifiers=())]
    library.put(*(review(number, subject=one) for number, one in enumerate(subjects)))
    together = parted(library, len(subjects))
    assert together == {frozenset({0}), frozenset({1, 2, 6}), frozenset({3, 4}), frozenset({5})}
    with Store.open(database_url(tmp_path, "other")) as store:
        store.migrate()
        store.sync_sources(library.settings.sources, NOW)
        other = Library(store, library.settings)
        for number, one in reversed(list(enumerate(subjects))):
            other.put(review(number, subject=one))
        assert parted(other, len(subjects)) == together


# ----------------------------------------------------------------------------------------------------------- decisions


def test_what_is_merged_stays_merged_for_reviews_to_come_until_it_is_undone(library: Library) -> None:
    library.put(review(1, subject=BOOK), review(2, subject=FILM))
    made = library.store.subjects.merge("ballerina-2025", "ballerina-1998", NOW)
    index(library.publisher)
    library.put(review(3, subject=replace(BOOK, identifiers=("urn:isbn:9780306406157",))))
    assert works(library) == {"ballerina-2025": 3}
    assert numbers(library, "ballerina-1998") == [1, 2, 3]

    library.store.subjects.undo(made.number, NOW + timedelta(hours=1))
    index(library.publisher)
    assert works(library) == {"ballerina-2025": 1, "ballerina-1998": 2}
    assert library.store.subjects.successor("ballerina-1998") is None
    [told] = library.store.subjects.decisions()
    assert (told.words, told.undone) == ("ballerina-2025 with ballerina-1998", NOW + timedelta(hours=1))


def test_reviews_that_say_the_same_can_be_split_and_stay_so(library: Library) -> None:
    """Nothing but the operator knows that they are of two films; a new review goes where the rules say."""
    library.put(*(review(number, subject=Subject(name="Home", type="Movie")) for number in (1, 2, 3)))
    made = library.store.subjects.split("home", ["review0000000002"], NOW)
    index(library.publisher)
    assert works(library) == {"home": 2, "home-movie": 1}
    assert numbers(library, "home-movie") == [2]

    library.put(review(2, title="Told anew", subject=Subject(name="Home", type="Movie")))
    library.put(review(4, subject=Subject(name="Home", type="Movie")))
    assert works(library) == {"home": 3, "home-movie": 1}
    library.store.subjects.undo(made.number, NOW)
    index(library.publisher)
    assert works(library) == {"home": 4}
    assert numbers(library, "home-movie") == [1, 2, 3, 4]


def test_what_only_the_split_reviews_state_is_split_for_reviews_to_come(library: Library) -> None:
    """A number that an outlet gave to the wrong film goes with it."""
    wrong = Subject(name="Tides", type="Movie", identifiers=("imdb:tt7181546",))
    library.put(review(1, subject=FILM), review(2, subject=wrong))
    assert works(library) == {"ballerina-2025": 2}
    library.store.subjects.split("ballerina-2025", ["review0000000002"], NOW)
    index(library.publisher)
    library.put(review(3, subject=wrong))
    assert works(library) == {"ballerina-2025": 1, "tides": 2}


def test_what_cannot_be_decided_is_refused_and_says_why(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=BOOK), review(3, subject=FILM))
    subjects = library.store.subjects
    with pytest.raises(SubjectError, match="no work is called 'nothing'"):
        subjects.merge("ballerina-2025", "nothing", NOW)
    with pytest.raises(SubjectError, match="stands for 2 works: name one by its slug: ballerina-2025, ballerina-1998"):
        subjects.merge("ballerina", "ballerina-2025", NOW)
    with pytest.raises(SubjectError, match="are one work already"):
        subjects.merge("ballerina-2025", "Ballerina 2025", NOW)
    with pytest.raises(SubjectError, match="not of ballerina-2025: review0000000002"):
        subjects.split("ballerina-2025", ["review0000000002"], NOW)
    with pytest.raises(SubjectError, match="and not all"):
        subjects.split("ballerina-2025", ["review0000000001", "review0000000003"], NOW)
    with pytest.raises(SubjectError, match="no decision 7 holds"):
        subjects.undo(7, NOW)
    assert subjects.decisions() == []


def test_a_merged_works_old_address_leads_to_the_one_that_stays(library: Library) -> None:
    library.put(review(1, subject=BOOK), review(2, subject=FILM))
    library.store.subjects.merge("ballerina-1998", "ballerina-2025", NOW)
    index(library.publisher)
    assert library.publisher.view("/subjects/ballerina-2025", ()) == Moved("/subjects/ballerina-1998")
    assert library.publisher.view("/subjects/ballerina-2025.atom", ()) == Moved("/subjects/ballerina-1998.atom")
    assert len(document_fromstring(rendered(library, "/subjects/ballerina-1998")).xpath("//article")) == 2
    client = create_app(library.settings.site, library.publisher).test_client()
    moved = client.get("/subjects/ballerina-2025.rss")
    assert (moved.status_code, moved.headers["Location"]) == (
        301,
        "http://reviews.example/subjects/ballerina-1998.rss",
    )
    stays = client.get("/subjects/ballerina-1998.rss")
    assert (stays.status_code, stays.content_type) == (200, "application/rss+xml; charset=utf-8")
    again = client.get("/subjects/ballerina-1998.rss", headers={"If-None-Match": stays.headers["ETag"]})
    assert (again.status_code, client.get("/subjects/nothing").status_code) == (304, 404)


def test_a_page_that_was_drawn_before_a_decision_is_drawn_anew_after_it(library: Library) -> None:
    library.put(review(1, subject=BOOK), review(2, subject=FILM))
    assert len(document_fromstring(rendered(library, "/subjects/ballerina-1998")).xpath("//article")) == 1
    view = (("subject", "ballerina-1998"),)
    assert len(document_fromstring(rendered(library, "/feeds/reviews", *view)).xpath("//article")) == 1
    library.store.subjects.merge("ballerina-1998", "ballerina-2025", NOW)
    index(library.publisher)
    assert len(document_fromstring(rendered(library, "/subjects/ballerina-1998")).xpath("//article")) == 2
    assert len(document_fromstring(rendered(library, "/feeds/reviews", *view)).xpath("//article")) == 2


# ---------------------------------------------------------------------------------------------------- pages and feeds

RATINGS = (
    Rating(text="4/10", value=4, best=10, percent=40),
    Rating(text="★★★½☆", value=3.5, best=5, percent=70),
    Rating(text="B+"),
    Rating(text="90%", value=90, best=100, percent=90),
)


def test_the_digest_says_who_gave_what_and_how_far_that_lies_apart(library: Library) -> None:
    """In JSON Feed: of a critic who wrote twice the newest counts, and a scale that is not known draws no number."""
    library.put(*(review(number, subject=FILM, rating=rating) for number, rating in enumerate(RATINGS, 1)))
    library.put(review(9, subject=BARE, rating=RATINGS[0], authors=(Person(name="Critic 4"),)))
    library.put(review(10, subject=LONG, rating=None))
    feed = json.loads(rendered(library, "/subjects/ballerina-2025.json"))
    told = feed["_review"]["subject"]
    assert (told["name"], told["type"], told["year"]) == ("Ballerina", "Movie", 2025)
    assert told["url"] == "http://reviews.example/subjects/ballerina-2025"
    digest = told["digest"]
    assert (digest["critics"], digest["reviews"], digest["rated"]) == (5, 6, 4)
    assert digest["spread"] == {"low": 40, "middle": 70, "high": 90}
    assert [(one["critic"], one["text"], one.get("percent"), one["url"]) for one in digest["ratings"]] == [
        ("Critic 4", "90%", 90, "https://o.example/4"),
        ("Critic 2", "★★★½☆", 70, "https://o.example/2"),
        ("Critic 1", "4/10", 40, "https://o.example/1"),
        ("Critic 3", "B+", None, "https://o.example/3"),
    ]
    assert len(feed["items"]) == 6


def test_no_spread_is_made_of_fewer_than_three_known_scales(library: Library) -> None:
    library.put(*(review(number, subject=FILM, rating=rating) for number, rating in enumerate(RATINGS[:3], 1)))
    digest = json.loads(rendered(library, "/subjects/ballerina-2025.json"))["_review"]["subject"]["digest"]
    assert (digest["critics"], digest["rated"], "spread" in digest) == (3, 3, False)


def test_works_of_one_name_have_no_digest_together(library: Library) -> None:
    library.put(*(review(number, subject=FILM, rating=RATINGS[number]) for number in (0, 1)))
    library.put(*(review(number, subject=BOOK, rating=RATINGS[number]) for number in (2, 3)))
    feed = json.loads(rendered(library, "/subjects/ballerina.json"))
    assert len(feed["items"]) == 4
    assert "_review" not in feed
    tree = document_fromstring(rendered(library, "/subjects/ballerina"))
    assert said(tree, "//section[@class='spread']") == []
    assert tree.xpath("//div[@class='intro']//a/@href") == ["/subjects/ballerina-1998", "/subjects/ballerina-2025"]


def test_a_work_has_feeds_in_every_format(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=BARE), review(3, subject=Subject(name="Tides")))
    for suffix in (".atom", ".rss"):
        body = rendered(library, f"/subjects/ballerina-2025{suffix}")
        feed = feedparser.parse(body)
        assert not feed.bozo
        assert feed.feed.title == "Reviews of Ballerina (2025) – Reviews"
        assert feed.feed.subtitle == "2 critics, 2 with a rating, 2 of them on a scale that is known."
        assert [entry.title for entry in feed.entries] == ["Ballerina, take 1", "Ballerina, take 2"]
    atom = feedparser.parse(rendered(library, "/subjects/ballerina-2025.atom"))
    assert atom.feed.id == "http://reviews.example/subjects/ballerina-2025"
    assert {(link.rel, link.href) for link in atom.feed.links} == {
        ("self", "http://reviews.example/subjects/ballerina-2025.atom"),
        ("alternate", "http://reviews.example/subjects/ballerina-2025"),
    }
    page = document_fromstring(rendered(library, "/subjects/ballerina-2025"))
    announced = page.xpath("//link[@rel='alternate']/@href")
    assert [one.rpartition("/")[2] for one in announced] == [
        f"ballerina-2025{suffix}" for suffix in (".atom", ".rss", ".json")
    ]


def test_a_works_feeds_keep_the_rules_of_their_formats(library: Library) -> None:
    library.put(*(review(number, subject=FILM, rating=rating) for number, rating in enumerate(RATINGS, 1)))
    for suffix in (".atom", ".rss", ".json"):
        path = f"/subjects/ballerina-2025{suffix}"
        found = faults(suffix, rendered(library, path), address=f"http://reviews.example{path}", now=NOW)
        assert [fault for fault in found if not accepted(fault)] == []


def test_a_feed_of_a_work_goes_on_where_its_page_ends(library: Library) -> None:
    library.put(*(review(number, subject=FILM) for number in range(1, 61)))
    first = json.loads(rendered(library, "/subjects/ballerina-2025.json"))
    path, _, query = first["next_url"].removeprefix("http://reviews.example").partition("?")
    # What comes meanwhile moves nothing.
    library.put(review(0, subject=FILM))
    second = json.loads(rendered(library, path, *(tuple(pair.split("=", 1)) for pair in query.split("&"))))
    titles = [item["title"] for item in (*first["items"], *second["items"])]
    assert titles == [f"Ballerina, take {number}" for number in range(1, 61)]
    assert "next_url" not in second


def test_a_works_page_says_what_each_critic_gave(library: Library) -> None:
    library.put(*(review(number, subject=FILM, rating=rating) for number, rating in enumerate(RATINGS, 1)))
    tree = document_fromstring(rendered(library, "/subjects/ballerina-2025").decode())
    assert "4 critics, 4 ratings: from 40 to 90 in 100, 70 in the middle." in said(tree, "//div[@class='intro']/p")
    assert said(tree, "//section[@aria-labelledby='given-title']//li") == [
        "Critic 4 for Outlet 1: 90%",
        "Critic 2 for Outlet 2: ★★★½☆",
        "Critic 1 for Outlet 1: 4/10",
        "Critic 3 for Outlet 0: B+",
    ]
    assert tree.xpath("//section[@aria-labelledby='given-title']//a/@href")[0] == "https://o.example/4"


def test_a_review_leads_to_the_others_on_its_work_by_whatever_name(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=LONG), review(3, subject=BOOK), review(4, subject=FILM))
    tree = library.page("/reviews/review0000000001")
    assert tree.xpath("//section[@class='others']//li/p/a/@href") == [
        "/reviews/review0000000002",
        "/reviews/review0000000004",
    ]


def test_what_stands_in_no_feed_is_told_in_no_work(library: Library) -> None:
    """It counts for joining; nobody reads of it."""
    library.put(review(1, subject=FILM))
    library.put(review(2, subject=LONG, rating=RATINGS[3]), review(3, subject=Subject(name="Hush")), source="hidden")
    assert numbers(library, "ballerina-2025") == [1, 2]
    feed = json.loads(rendered(library, "/subjects/ballerina-2025.json"))
    assert (len(feed["items"]), feed["_review"]["subject"]["digest"]["critics"]) == (1, 1)
    for path in ("/subjects/hush", "/subjects/hush.atom"):
        assert library.publisher.view(path, ()) is None
    assert not [path for path in library.publisher.paths() if "hush" in path]


def test_every_address_of_a_work_has_something(library: Library) -> None:
    library.put(review(1, subject=FILM), review(2, subject=LONG))
    paths = [path for path in library.publisher.paths() if path.startswith("/subjects/")]
    assert paths == [
        "/subjects/ballerina",
        "/subjects/ballerina-2025",
        "/subjects/ballerina-2025.atom",
        "/subjects/ballerina-2025.json",
        "/subjects/ballerina-2025.rss",
        "/subjects/from-the-world-of-the-assassin-ballerina",
    ]
    for path in paths:
        assert isinstance(library.publisher.rendition(path), Rendition)
    assert isinstance(library.publisher.view("/subjects/ballerina-2025.atom", [("colour", "red")]), Refused)
    assert library.publisher.view("/subjects/ballerina-2025.atom", [("page", "1")]) == Moved(
        "/subjects/ballerina-2025.atom"
    )
    assert library.publisher.view("/subjects/nothing.atom", ()) is None


# --------------------------------------------------------------------------------------------------------- the command


def told(folder: Path, *words: str) -> str:
    """What `feedsvc subjects …` prints."""
    result = run(folder, "subjects", *words)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_operator_lists_merges_splits_and_undoes(library: Library, tmp_path: Path) -> None:
    library.put(review(1, subject=FILM), review(2, subject=BOOK))
    assert told(tmp_path, "list", "ballerina") == (
        "ballerina-1998: Ballerina (1998), Book: 1 review\n"
        "ballerina-2025: Ballerina (2025), Movie: 1 review\n"
        "  imdb:tt7181546\n"
    )
    assert told(tmp_path, "merge", "ballerina-2025", "ballerina-1998") == (
        "decision 1: merge ballerina-2025 with ballerina-1998\n"
        "merged: ballerina-2025 has 2 reviews: http://reviews.example/subjects/ballerina-2025\n"
    )
    assert told(tmp_path, "undo", "1") == "undone: decision 1, merge ballerina-2025 with ballerina-1998\n".join(
        ["decision 1: merge ballerina-2025 with ballerina-1998\n", ""]
    )
    library.put(review(3, subject=FILM))
    assert told(tmp_path, "split", "ballerina-2025", "https://o.example/3") == (
        "decision 2: split 1 of ballerina-2025\n"
        "split: ballerina-2025-movie has 1 review: http://reviews.example/subjects/ballerina-2025-movie\n"
    )
    listed = told(tmp_path, "list", "--decisions").splitlines()
    assert [line.split(", decided")[0] for line in listed] == [
        "1  merge ballerina-2025 with ballerina-1998",
        "2  split 1 of ballerina-2025",
    ]
    assert {one["slug"]: one["reviews"] for one in json.loads(told(tmp_path, "list", "--json"))} == {
        "ballerina-1998": 1,
        "ballerina-2025": 1,
        "ballerina-2025-movie": 1,
    }


def test_what_is_wrong_ends_with_code_2_and_a_sentence(library: Library, tmp_path: Path) -> None:
    library.put(review(1, subject=FILM))
    result = run(tmp_path, "subjects", "merge", "a", "b")
    assert (result.exit_code, result.output) == (
        2,
        "feedsvc: no work is called 'a': `feedsvc subjects list a` looks for its words\n",
    )


def test_explain_tells_of_the_work(library: Library, tmp_path: Path) -> None:
    library.put(*(review(number, subject=FILM, rating=rating) for number, rating in enumerate(RATINGS, 1)))
    result = run(tmp_path, "explain", "review0000000001")
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert (
        "The work: Ballerina (2025), with 4 critics, 4 with a rating, 3 of them on a scale that is known: from 40 to "
        "90 in 100, 70 in the middle. All of them: http://reviews.example/subjects/ballerina-2025" in told
    )
