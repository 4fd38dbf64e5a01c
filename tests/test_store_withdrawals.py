"""Withdrawals in a real SQLite file: what they take, what stays out whatever comes in, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.errors import WithdrawalError
from feedsvc.model import Outlet, Person, Rendition, Review, Tombstone, Withdrawal, WithdrawalKind
from feedsvc.store import Recorded, Store
from tests.databases import connected, refusing
from tests.samples import BARE, FULL, NOW
from tests.test_store import HOUR, LANTERN, STORM, claimed, item, look, looked, opened, url_of

REVIEW, AUTHOR, SOURCE = WithdrawalKind
BOTH = ("night-lantern", "celebrity-storm")
#: What the store still holds of FULL in another source: the same page, under an id and a key of that source.
WIRED = replace(
    FULL,
    key="wiredreview00003",
    source="celebrity-storm",
    id="tag:wire.example,2026:77",
    url="http://www.night-lantern.example/reviews/the-salt-road/",
    authors=(Person(name="The Wire"),),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two sources and a review of each."""
    with opened(tmp_path) as store:
        store.sync_sources([LANTERN, STORM], NOW)
        record(store, FULL)
        record(store, BARE)
        yield store


def record(store: Store, review: Review, guid: str = "guid-1", digest: str = "digest-1", hours: int = 0) -> Recorded:
    """One look that brought one review."""
    now = NOW + hours * HOUR
    return looked(store, review.source, now, [item(review, guid, digest)])


def withdraw(store: Store, kind: WithdrawalKind, value: str, hours: int = 1) -> Withdrawal:
    """A request, so many hours after the first look."""
    return store.withdrawals.withdraw(kind, value, reason="a letter", requested_by="The Estate", now=NOW + hours * HOUR)


def undo(store: Store, kind: WithdrawalKind, value: str, hours: int = 2) -> int:
    """How many reviews an undoing brought back."""
    return store.withdrawals.undo(kind, value, now=NOW + hours * HOUR)[1]


def published(store: Store) -> list[str]:
    """The keys of all that is published."""
    return sorted(review.key for review in store.newest(BOTH, 100))


# ----------------------------------------------------------------------------------------------------------- taken out


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (REVIEW, FULL.key),
        (AUTHOR, "Tomás Reyes"),
        (AUTHOR, "  TOMÁS\u00a0 reyes "),
        (AUTHOR, "Toma\u0301s Reyes"),
        (SOURCE, "night-lantern"),
    ],
)
def test_what_is_withdrawn_is_nowhere_and_everything_else_stands(
    store: Store, kind: WithdrawalKind, value: str
) -> None:
    made = withdraw(store, kind, value)

    assert (made.reviews, made.sources) == (1, ("night-lantern",))
    assert published(store) == [BARE.key]
    assert store.review(FULL.key) is None
    assert store.withdrawals.source_of(FULL.key)
    assert store.review(BARE.key) == BARE
    assert not store.withdrawals.source_of(BARE.key)
    assert {state.name: state.reviews for state in store.states()} == {"night-lantern": 0, "celebrity-storm": 1}
    assert store.find(FULL.id) == [FULL], "it is kept, and a command can name it"


def test_the_feeds_concerned_must_be_drawn_again_and_no_other(store: Store) -> None:
    before = {name: store.content_version([name]) for name in BOTH}
    withdraw(store, AUTHOR, "Tomás Reyes")
    after = {name: store.content_version([name]) for name in BOTH}

    assert [name for name in BOTH if before[name] != after[name]] == ["night-lantern"]
    assert store.withdrawals.last(["night-lantern", "unheard-of"]) == NOW + HOUR
    assert store.withdrawals.last(["celebrity-storm"]) is None

    undo(store, AUTHOR, "Tomás Reyes")
    assert store.content_version(["night-lantern"]) not in (before["night-lantern"], after["night-lantern"])
    assert store.withdrawals.last(BOTH) == NOW + 2 * HOUR


def test_a_review_goes_wherever_it_was_collected(store: Store) -> None:
    """The same page from a wire, with another scheme, www. and a slash: the reader would not know the difference."""
    record(store, WIRED, "guid-2")
    assert withdraw(store, REVIEW, WIRED.key).sources == ("celebrity-storm", "night-lantern")
    assert published(store) == [BARE.key]


def test_the_same_id_is_the_same_review_within_one_outlet_alone(store: Store) -> None:
    """RFC 4287, 8.5: anybody can use another's id."""
    copied = replace(WIRED, id=FULL.id, url=None)
    record(store, copied, "guid-2")
    record(store, replace(copied, key="hostilereview004", outlet=Outlet(name="Mallory Post")), "guid-3")
    withdraw(store, REVIEW, FULL.key)
    assert published(store) == [BARE.key, "hostilereview004"]


def test_an_address_that_several_reviews_share_names_none_of_them(store: Store) -> None:
    """A feed that links every item to one page, or to its home page, loses only the one that was asked for."""
    for number, url in enumerate(["/podcast", "/podcast", "", "/"]):
        one = replace(WIRED, key=f"episode{number}", id=f"urn:{number}", url=f"https://storm.example{url}")
        record(store, one, f"episode-{number}")
    withdraw(store, REVIEW, "episode0")
    withdraw(store, REVIEW, "episode2")
    assert published(store) == [BARE.key, "episode1", "episode3", FULL.key]


# ----------------------------------------------------------------------------------------------- recorded again later


def test_the_next_look_brings_nothing_back_though_the_item_changed(store: Store) -> None:
    """Its new form is kept, is counted as withdrawn, and changes no feed."""
    withdraw(store, REVIEW, FULL.key)
    version = store.content_version(BOTH)
    changed = replace(FULL, title="The Salt Road, again", url="https://night-lantern.example/moved", authors=())

    assert record(store, FULL, hours=3) == Recorded(unchanged=1)
    assert record(store, changed, digest="digest-2", hours=4) == Recorded(withdrawn=1)
    assert published(store) == [BARE.key]
    assert store.content_version(BOTH) == version
    assert [old.title for old in store.revisions(FULL.key)] == [FULL.title]

    assert undo(store, REVIEW, FULL.key, hours=5) == 1
    back = store.review(FULL.key)
    assert back is not None
    assert (back.title, back.collected, back.revised) == ("The Salt Road, again", FULL.collected, NOW + 4 * HOUR)


@pytest.mark.parametrize(
    ("kind", "value", "also_out"),
    [
        (REVIEW, FULL.key, {"same page"}),
        (AUTHOR, "ines okafor-lind", {"same page", "same author"}),
        (SOURCE, "night-lantern", {"same page", "same author", "same source"}),
    ],
)
def test_what_comes_under_a_new_id_stays_out_too(
    store: Store, kind: WithdrawalKind, value: str, also_out: set[str]
) -> None:
    withdraw(store, kind, value)
    version = store.content_version(BOTH)
    fresh = replace(FULL, url=None, authors=(), id_generated=True)
    later = {
        "same page": replace(FULL, key="same page", id="urn:new"),
        "same author": replace(fresh, key="same author", authors=(Person(name="INES Okafor-Lind"),)),
        "same source": replace(fresh, key="same source"),
    }
    for name, review in later.items():
        recorded = record(store, review, name, hours=3)
        assert recorded == (Recorded(withdrawn=1) if name in also_out else Recorded(new=1))

    assert set(published(store)) == {BARE.key, *(later.keys() - also_out)}
    assert (store.content_version(BOTH) == version) == (also_out == later.keys())
    assert [stone.id for stone in store.withdrawals.tombstones(BOTH, 10)] == [FULL.id], (
        "what was never shown needs none"
    )
    assert undo(store, kind, value, hours=4) == 1 + len(also_out)
    assert set(published(store)) == {FULL.key, BARE.key, *later}


def test_a_published_review_that_gains_a_withdrawn_author_leaves(store: Store) -> None:
    withdraw(store, AUTHOR, "Tomás Reyes")
    version = store.content_version(["celebrity-storm"])
    signed = replace(BARE, authors=(Person(name="tomás reyes"),))

    assert record(store, signed, digest="digest-2", hours=3) == Recorded(withdrawn=1)
    assert published(store) == []
    assert store.content_version(["celebrity-storm"]) != version
    assert store.withdrawals.last(["celebrity-storm"]) == NOW + 3 * HOUR
    assert [stone.when for stone in store.withdrawals.tombstones(BOTH, 10)] == [NOW + 3 * HOUR, NOW + HOUR]


def test_without_withdrawals_in_force_everything_new_is_published(store: Store) -> None:
    withdraw(store, SOURCE, "night-lantern")
    undo(store, SOURCE, "night-lantern")
    assert record(store, replace(FULL, key="another"), "guid-2", hours=3) == Recorded(new=1)


def test_one_batch_sorts_out_what_is_withdrawn_in_each_of_its_looks(store: Store) -> None:
    """New and changed ones, of a source that is withdrawn and of one that is not."""
    withdraw(store, AUTHOR, "Tomás Reyes")
    withdraw(store, SOURCE, "night-lantern", hours=2)
    later = NOW + 3 * HOUR
    lantern, storm = (claimed(store, name, later) for name in BOTH)
    again = replace(FULL, title="Again")
    signed = replace(WIRED, key="signed", url=None, id="urn:signed", authors=FULL.authors)
    other = replace(WIRED, key="other", url=None, id="urn:other")
    retitled = replace(BARE, title="Retitled")
    looks = [
        look(lantern, later, [item(again, digest="2"), item(replace(other, key="new", source="night-lantern"), "g2")]),
        look(storm, later, [item(retitled, digest="2"), item(signed, "g2"), item(other, "g3")]),
    ]
    assert store.record(looks) == [Recorded(withdrawn=2), Recorded(new=1, changed=1, withdrawn=1)]
    assert published(store) == [BARE.key, "other"]
    assert [stone.id for stone in store.withdrawals.tombstones(BOTH, 10)] == [FULL.id]


# ----------------------------------------------------------------------------------------------------------- and back


def test_undoing_brings_back_exactly_what_no_other_request_took(store: Store) -> None:
    """Three requests for one review: it comes back with the last of them, in whatever order."""
    record(store, replace(FULL, key="another", url=None, id="urn:another", authors=()), "guid-2")
    for kind, value in ((REVIEW, FULL.key), (AUTHOR, "Tomás Reyes"), (SOURCE, "night-lantern")):
        withdraw(store, kind, value)

    assert undo(store, AUTHOR, "TOMÁS REYES") == 0
    assert published(store) == [BARE.key]
    assert undo(store, SOURCE, "night-lantern") == 1
    assert published(store) == ["another", BARE.key]
    assert undo(store, REVIEW, FULL.key) == 1
    assert store.review(FULL.key) == FULL
    assert store.withdrawals.tombstones(BOTH, 10) == []


def test_a_review_comes_back_by_any_of_its_copies(store: Store) -> None:
    record(store, WIRED, "guid-2")
    withdraw(store, REVIEW, FULL.key)
    assert undo(store, REVIEW, WIRED.key) == 2


def test_the_record_says_everything_and_stays(store: Store) -> None:
    made = withdraw(store, REVIEW, FULL.key)
    wanted = Withdrawal(
        number=1,
        kind=REVIEW,
        value=FULL.key,
        title=FULL.title,
        reason="a letter",
        requested_by="The Estate",
        withdrawn=NOW + HOUR,
        reviews=1,
        sources=("night-lantern",),
    )
    assert made == wanted
    assert store.withdrawals.records() == [wanted]

    later = NOW + 2 * HOUR
    undone, _ = store.withdrawals.undo(REVIEW, FULL.key, now=later, reason="a mistake", by="The Estate")
    assert undone == replace(wanted, undone=later, undone_reason="a mistake", undone_by="The Estate")
    again = withdraw(store, REVIEW, FULL.key, hours=3)
    assert store.withdrawals.records() == [undone, replace(wanted, number=2, withdrawn=NOW + 3 * HOUR)]
    assert again.number == 2


def test_a_whole_source_is_named_while_it_is_withdrawn(store: Store) -> None:
    withdraw(store, SOURCE, "night-lantern")
    withdraw(store, AUTHOR, "Celebrity Storm")
    assert store.withdrawals.sources() == {"night-lantern"}
    undo(store, SOURCE, "night-lantern")
    assert store.withdrawals.sources() == frozenset()


# ----------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (REVIEW, "nosuchreview0000", "no review has the key 'nosuchreview0000'"),
        (AUTHOR, "Tomas Reye", "no stored review is by 'Tomas Reye'; the nearest: Tomás Reyes"),
        (AUTHOR, "Quux", "no stored review is by 'Quux'$"),
        (SOURCE, "lantern", "'lantern' is no source; the sources: celebrity-storm, night-lantern"),
    ],
)
def test_the_unknown_is_refused_and_nothing_recorded(
    store: Store, kind: WithdrawalKind, value: str, words: str
) -> None:
    with pytest.raises(WithdrawalError, match=words):
        withdraw(store, kind, value)
    with pytest.raises(WithdrawalError, match=r"is not withdrawn$"):
        undo(store, kind, value)
    assert store.withdrawals.records() == []
    assert published(store) == [BARE.key, FULL.key]


def test_what_is_withdrawn_already_is_not_withdrawn_twice(store: Store) -> None:
    withdraw(store, AUTHOR, "Tomás Reyes")
    with pytest.raises(WithdrawalError, match="already, since 2026-05-04: record 1, requested by The Estate"):
        withdraw(store, AUTHOR, "tomás reyes")
    with pytest.raises(WithdrawalError, match=r"not withdrawn by itself; it is kept out by record 1 \(author 'Tomás"):
        undo(store, REVIEW, FULL.key)
    assert len(store.withdrawals.records()) == 1


# ---------------------------------------------------------------------------------------------------------- tombstones


def test_tombstones_are_the_latest_to_go_newest_first_and_never_more_than_asked(store: Store) -> None:
    for number in range(3):
        one = replace(
            FULL, key=f"k{number}", id=f"urn:{number}", url=None, published=FULL.collected - timedelta(days=number + 5)
        )
        record(store, one, f"guid-{number}x")
    withdraw(store, REVIEW, "k2", hours=1)
    withdraw(store, SOURCE, "night-lantern", hours=2)

    ids = [FULL.id, "urn:0", "urn:1", "urn:2"]
    whens = [NOW + 2 * HOUR] * 3 + [NOW + HOUR]
    wanted = [Tombstone(id=each, when=when) for each, when in zip(ids, whens, strict=True)]
    assert store.withdrawals.tombstones(BOTH, 10) == wanted
    assert store.withdrawals.tombstones(BOTH, 2) == wanted[:2]
    assert store.withdrawals.tombstones(["celebrity-storm"], 10) == []


# ------------------------------------------------------------------------------------------------- beside other writers


def test_what_was_drawn_before_a_withdrawal_is_not_published_after_it(store: Store) -> None:
    """A service that was drawing the feed meanwhile would put the review back."""
    drawn = Rendition(path="/feeds/reviews", media_type="text/html", body=b"salt", etag='"1"', modified=NOW)
    last = store.withdrawals.last(BOTH)
    withdraw(store, REVIEW, FULL.key)

    assert store.renditions.put([drawn], source_names=BOTH, last_withdrawal=last) == 0
    assert store.renditions.get("/feeds/reviews") is None
    now_last = store.withdrawals.last(BOTH)
    assert store.renditions.put([drawn], source_names=BOTH, last_withdrawal=now_last) == 1


def test_a_withdrawal_that_fails_half_way_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    """A database that refuses the last of its steps, by a trigger."""
    with refusing(url_of(tmp_path), "UPDATE ON source"), pytest.raises(Exception, match="refused by the test"):
        withdraw(store, SOURCE, "night-lantern")
    assert store.withdrawals.records() == []
    assert published(store) == [BARE.key, FULL.key]


@pytest.mark.sqlite
def test_the_queries_of_a_feed_read_an_index_of_what_is_published(store: Store, tmp_path: Path) -> None:
    """However much of a source is withdrawn, its feed does not wade through it."""
    with connected(url_of(tmp_path)) as raw:
        plans = [
            str(raw.exec_driver_sql(f"EXPLAIN QUERY PLAN SELECT document FROM review WHERE {query}").fetchall())
            for query in (
                "source_id IN (1) AND withdrawn IS NULL ORDER BY position DESC, key LIMIT 50",
                "source_id IN (1) AND taken_down IS NOT NULL ORDER BY taken_down DESC, position DESC, key LIMIT 50",
            )
        ]
    assert "INDEX ix_review_published (source_id=?)" in plans[0]
    assert "INDEX ix_review_taken_down (source_id=?" in plans[1]
