"""What reviews are found by: noted beside them exactly once, and asked for by value, words, rating, date and source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from feedsvc.model import (
    Category,
    Cursor,
    FacetValue,
    Outlet,
    Person,
    Prose,
    Provenance,
    Rating,
    Review,
    Subject,
    View,
    WithdrawalKind,
)
from feedsvc.model.words import phrased, phrases_of, slug_of, subject_slug
from feedsvc.normalise.works import JOINING
from feedsvc.store import Store, search
from feedsvc.store.schema import MATCH_IN_POSTGRESQL
from tests.samples import BARE, FULL, NOW
from tests.test_store import LANTERN, STORM, item, looked, opened

BOTH = ("night-lantern", "celebrity-storm")


def same(review: Review) -> Review:
    """All of a review may be found."""
    return review


def review(number: int, **fields: object) -> Review:
    """A plain review of its own, so many hours old."""
    made = replace(
        FULL,
        key=f"plainreview{number:05}",
        id=f"urn:plain:{number}",
        url=f"https://night-lantern.example/{number}",
        title=f"Number {number}",
        published=NOW - timedelta(hours=number),
        collected=NOW,
        revised=NOW,
        authors=(),
        categories=(),
        subject=None,
        rating=None,
        summary=None,
        excerpt=None,
        verdict=None,
        language=None,
        content=Prose(html="<p>Plain.</p>", text="Plain."),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def keep(store: Store, *reviews: Review, source: str = "night-lantern", digest: str = "1") -> None:
    """Stores and notes reviews, each under its own key."""
    items = [item(replace(one, source=source), one.key, f"{digest}{one}") for one in reviews]
    looked(store, source, reviews=items)
    while store.views.index(100, same, JOINING):
        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as made:
        made.sync_sources([LANTERN, STORM], NOW)
        yield made


def keys(store: Store, view: View, sources: tuple[str, ...] = BOTH) -> list[str]:
    """The keys of a view, in its order; the count must say the same."""
    found = [one.key for one in store.views.reviews(view, sources, 500)]
    assert store.views.count(view, sources) == len(found)
    return found


# ---------------------------------------------------------------------------------------------------------- the index


def test_every_change_is_noted_once_and_then_there_is_nothing_to_do(store: Store) -> None:
    looked(store, "night-lantern", reviews=[item(review(1), "1"), item(review(2), "2"), item(review(3), "3")])

    assert store.views.state() == (3, 0)
    assert [store.views.index(2, same, JOINING) for _ in range(3)] == [2, 1, 0]
    assert store.views.state() == (3, 3)
    assert keys(store, View()) == ["plainreview00001", "plainreview00002", "plainreview00003"]


def test_the_new_form_takes_the_place_of_the_old_one(store: Store) -> None:
    keep(store, review(1, outlet=Outlet(name="Before"), title="Earlier words"))
    keep(store, review(1, outlet=Outlet(name="After"), title="Later words"), digest="2")

    assert keys(store, View(outlets=("before",))) == keys(store, View(words="earlier")) == []
    assert keys(store, View(outlets=("after",))) == keys(store, View(words="later")) == ["plainreview00001"]
    assert store.views.values("outlet", BOTH, 9) == [FacetValue(kind="outlet", slug="after", label="After", reviews=1)]


def test_what_is_withdrawn_leaves_every_answer_at_once_and_comes_back(store: Store) -> None:
    """Before the index has heard of it, and after."""
    keep(store, review(1, title="Salt"), review(2, title="Salt"))
    store.withdrawals.withdraw(WithdrawalKind.REVIEW, "plainreview00001", reason="a", requested_by="b", now=NOW)

    for _ in range(2):
        assert keys(store, View()) == keys(store, View(words="salt")) == ["plainreview00002"]
        assert keys(store, View(outlets=("night-lantern",))) == ["plainreview00002"]
        [value] = store.views.values("outlet", BOTH, 9)
        assert value.reviews == 1
        store.views.index(100, same, JOINING)

    store.withdrawals.undo(WithdrawalKind.REVIEW, "plainreview00001", now=NOW)
    assert store.views.index(100, same, JOINING) == 1
    assert keys(store, View(words="salt")) == ["plainreview00001", "plainreview00002"]


def test_many_withdrawn_by_one_request_are_noted_over_several_batches(store: Store) -> None:
    """They all bear the number of the one change."""
    keep(store, *(review(number) for number in range(7)))
    store.withdrawals.withdraw(WithdrawalKind.SOURCE, "night-lantern", reason="a", requested_by="b", now=NOW)

    assert [store.views.index(3, same, JOINING) for _ in range(4)] == [3, 3, 1, 0]
    assert store.views.values("outlet", BOTH, 9) == []
    store.withdrawals.undo(WithdrawalKind.SOURCE, "night-lantern", now=NOW)
    assert [store.views.index(3, same, JOINING) for _ in range(4)] == [3, 3, 1, 0]
    assert len(keys(store, View())) == 7


def test_only_what_is_shown_is_noted_and_other_rules_begin_anew(store: Store) -> None:
    keep(store, review(1, content=Prose(html="<p>Hidden.</p>", text="Hidden.")))
    assert keys(store, View(words="hidden")) == ["plainreview00001"]

    assert store.views.index(10, lambda one: replace(one, content=None), JOINING, b"strict") == 1
    assert store.views.index(10, lambda one: replace(one, content=None), JOINING, b"strict") == 0
    assert keys(store, View(words="hidden")) == []
    assert keys(store, View(words="number")) == ["plainreview00001"]


# ---------------------------------------------------------------------------------------------------------- by value


def test_each_kind_of_value_finds_its_reviews(store: Store) -> None:
    keep(store, FULL)
    keep(store, BARE, source="celebrity-storm")
    for view in (
        View(outlets=("night-lantern",)),
        View(critics=("tomas-reyes",)),
        View(subjects=("the-salt-road-2025",)),
        View(subjects=("the-salt-road",)),
        View(types=("movie",)),
        View(languages=("en-gb",)),
        View(languages=("en",)),
        View(categories=("drama",)),
        View(min_rating=70),
        View(critics=("ines-okafor-lind", "tomas-reyes", "nobody"), types=("movie",)),
    ):
        assert keys(store, view) == [FULL.key]
        assert keys(store, view, ("celebrity-storm",)) == []
    for view in (
        View(min_rating=70.5),
        View(critics=("nobody",)),
        View(critics=("tomas-reyes",), outlets=("celebrity-storm",)),
        # The outlet stands in for nobody, and is no critic.
        View(critics=("celebrity-storm",)),
    ):
        assert keys(store, view) == []
    assert keys(store, View(), ("no-such-source",)) == []


def test_a_person_who_is_their_own_outlet_and_signs_is_a_critic(store: Store) -> None:
    keep(
        store,
        review(
            1,
            outlet=Outlet(name="Jane Doe"),
            authors=(Person(name="Jane Doe"),),
            provenance={"authors": Provenance.STATED},
        ),
    )

    assert keys(store, View(critics=("jane-doe",))) == ["plainreview00001"]


def test_since_takes_a_day_or_an_instant_and_both_take_what_stands_on_them(store: Store) -> None:
    midnight = datetime(2026, 5, 4, tzinfo=UTC)
    keep(store, review(1, published=midnight), review(2, published=midnight - timedelta(microseconds=1)))

    assert keys(store, View(since=date(2026, 5, 4))) == ["plainreview00001"]
    assert keys(store, View(since=midnight)) == ["plainreview00001"]
    assert keys(store, View(since=midnight + timedelta(microseconds=1))) == []


def test_values_are_counted_for_the_sources_asked_for(store: Store) -> None:
    keep(
        store,
        review(1, outlet=Outlet(name="B")),
        review(2, outlet=Outlet(name="A")),
        review(3, outlet=Outlet(name="C")),
    )
    keep(store, review(4, outlet=Outlet(name="C")), source="celebrity-storm")

    def counted(sources: tuple[str, ...], limit: int) -> list[tuple[str, int]]:
        return [(value.label, value.reviews) for value in store.views.values("outlet", sources, limit)]

    assert counted(BOTH, 9) == [("C", 2), ("A", 1), ("B", 1)]
    assert counted(BOTH, 1) == [("C", 2)]
    assert counted(("night-lantern",), 9) == [("A", 1), ("B", 1), ("C", 1)]
    assert store.views.value_count("outlet", BOTH) == 3
    assert store.views.value_count("outlet", ("celebrity-storm",)) == 1
    assert store.views.labels("outlet", ["c", "none"], BOTH) == {"c": "C"}
    assert store.views.labels("outlet", ["a", "c"], ("celebrity-storm",)) == {"c": "C"}


def test_pages_follow_one_another_by_place_and_by_number(store: Store) -> None:
    """Two at the same moment stand by key."""
    keep(store, *(review(number, published=NOW - timedelta(hours=number // 2)) for number in range(5)))
    for view in (View(), View(outlets=("night-lantern",)), View(words="number")):
        first = store.views.page(view, BOTH, 2)
        assert first.following is not None
        second = store.views.page(view, BOTH, 2, first.following)
        third = store.views.page(view, BOTH, 2, second.following)
        walked = [one.key[-1] for page in (first, second, third) for one in page.reviews]
        assert walked == ["0", "1", "2", "3", "4"]
        assert third.following is None
        assert store.views.page(view, BOTH, 2, offset=2) == second


def test_a_cursor_stays_where_its_review_stood(store: Store) -> None:
    keep(store, *(review(number) for number in range(4)))
    cursor = store.views.cursor("plainreview00001")
    assert cursor is not None
    assert Cursor.read(str(cursor)) == cursor
    store.withdrawals.withdraw(WithdrawalKind.REVIEW, "plainreview00001", reason="a", requested_by="b", now=NOW)

    assert [one.key[-1] for one in store.views.reviews(View(), BOTH, 9, cursor)] == ["2", "3"]
    assert store.views.cursor("plainreview00001") == cursor
    assert store.views.cursor("none") is None


# ----------------------------------------------------------------------------------------------------------- by words


def test_words_in_title_and_work_come_before_names_and_names_before_text(store: Store) -> None:
    """Within each, the newest first."""
    salt = Prose(html="<p>Salt.</p>", text="Salt.")
    keep(
        store,
        review(1, content=salt),
        review(2, authors=(Person(name="Ana Salt"),)),
        review(3, subject=Subject(name="Salt")),
        review(4, title="SALT"),
        review(5, content=salt),
        review(6),
    )

    assert [key[-1] for key in keys(store, View(words="salt"))] == ["3", "4", "2", "1", "5"]


@pytest.mark.parametrize(
    "words, hit",
    [
        ("tomas", True),
        ("Tomás", True),
        ("TOMA\u0301S", True),
        ("strasse", True),
        ("straße", True),
        ('"slow burn"', True),
        ('"burn slow"', False),
        ("burn slow", True),
        ("slow absent", False),
        ("okafor-lind", True),
        ("映画", True),
        ("画映", False),
        ("salt*", True),
        ("sal", False),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(store: Store, words: str, hit: bool) -> None:
    text = "In der Straße: Tomás Okafor-Lind, a slow burn. 新しい映画です with salt"
    keep(store, review(1, content=Prose(html=text, text=text)))

    assert keys(store, View(words=words)) == (["plainreview00001"] if hit else [])


@pytest.mark.parametrize(
    "hostile, hit",
    [
        ("title:salt", False),
        ("salt AND", False),
        ("salt OR road", True),
        ("NOT salt", False),
        ("NEAR(salt road)", False),
        ('"', False),
        ('"salt', True),
        ('"salt or', True),
        ('salt" OR "road', True),
        ("^salt", True),
        ("{title}: salt", False),
        ("marks : s1", False),
        ("s1", False),
        ("f1", False),
        ("salt'); DROP TABLE review; --", False),
        ("\\", False),
        ("% _", False),
        ("salt & !road | (or)", True),
        ("salt <-> road", True),
        ("\ud800", False),
        ("\0salt", True),
        ("-" * 300, False),
    ],
)
def test_no_words_are_a_question_of_the_database_s_own(store: Store, hostile: str, hit: bool) -> None:
    """Nothing raises, and only letters and digits count: what is found holds every one of these words."""
    keep(store, review(1, title="Salt or road"))

    assert keys(store, View(words=hostile)) == (["plainreview00001"] if hit else [])


def test_words_and_values_hold_together(store: Store) -> None:
    keep(store, FULL, review(1, title="Salt"))
    keep(store, replace(BARE, title="Salt"), source="celebrity-storm")

    assert keys(store, View(words="salt", critics=("tomas-reyes",))) == [FULL.key]
    assert keys(store, View(words="salt", outlets=("celebrity-storm", "nobody"))) == [BARE.key]
    assert keys(store, View(words="salt"), ("celebrity-storm",)) == [BARE.key]
    assert keys(store, View(words="salt", min_rating=1)) == [FULL.key]


# -------------------------------------------------------------------------------------------------------------- slugs


@pytest.mark.parametrize(
    "label, slug",
    [
        ("Night Lantern", "night-lantern"),
        ("Tomás Reyes", "tomas-reyes"),
        ("M*A*S*H", "m-a-s-h"),
        ("Schindler’s List", "schindlers-list"),
        ("Æon Øl Straße", "aeon-ol-strasse"),
        ("  spaced   out ", "spaced-out"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_name_has_one_slug_that_stays_as_it_is(label: str, slug: str) -> None:
    assert slug_of(label) == slug
    assert slug_of(slug) == slug


def test_names_in_other_scripts_and_long_ones_end_in_a_mark_of_their_own() -> None:
    slugs = [slug_of(name) for name in ("Жанна", "Анна", "映画", "Jane Жанна", "Jane Анна", "!!!", "x" * 99, "x" * 98)]

    assert len(set(slugs)) == len(slugs)
    assert all(slug and len(slug) <= 80 and slug_of(slug) == slug for slug in slugs)
    assert slugs[3].startswith("jane-")
    assert slug_of("жанна") == slugs[0]


def test_a_work_is_named_with_its_year_where_that_is_known() -> None:
    assert subject_slug(Subject(name="The Salt Road", year=2025)) == "the-salt-road-2025"
    assert subject_slug(Subject(name="The Salt Road")) == "the-salt-road"


def test_what_is_asked_for_has_one_form() -> None:
    assert phrased(phrases_of(' Salt  ROAD "Slow   Burn" salt ')) == 'salt road "slow burn"'
    assert phrased(phrases_of("映画")) == '"映 画"'
    assert phrased(phrases_of('"映 画"')) == '"映 画"'
    assert phrases_of("!!! -- ''") == []


def test_categories_are_found_by_their_label(store: Store) -> None:
    keep(store, review(1, categories=(Category(term="x", label="Slow Cinema"),), rating=Rating(text="B+")))

    assert keys(store, View(categories=("slow-cinema",))) == ["plainreview00001"]
    # A rating on a scale of which nothing is known is on no other.
    assert keys(store, View(min_rating=0)) == []


# --------------------------------------------------------------------------------------------------------- PostgreSQL


def test_the_same_is_asked_of_postgresql_in_its_own_words() -> None:
    """Only quoted letters and digits stand in a question."""
    phrases = phrases_of("""o'neil "slow burn" & | !""")
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = search.matching(dialect, phrases, 2, [["f7", "f9"], ["s1"]])
    written = str(asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    assert search.in_postgresql(phrases, 2, [["f7", "f9"], ["s1"]]) == (
        "(('to' <-> 'tneil') | ('no' <-> 'nneil')) & (('tslow' <-> 'tburn') | ('nslow' <-> 'nburn'))"
        " & ('f7' | 'f9') & ('s1')"
    )
    assert "to_tsvector('simple', words) @@ to_tsquery('simple', " in written
    assert "ORDER BY review_text.review_id + 0 DESC" in written
    assert "MATCH" not in written


def test_the_full_text_of_postgresql_is_an_index_over_what_is_asked() -> None:
    """An index is used only where the question has the very words that it was made with."""
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = str(search.matching(dialect, [["salt"]], 1, []).compile(dialect=dialect))
    indexed = MATCH_IN_POSTGRESQL.partition("USING gin (")[2].removesuffix(")")

    assert indexed in asked
