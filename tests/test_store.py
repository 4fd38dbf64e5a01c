"""The store as its callers use it: sources, claims, looks and their results, in a real SQLite file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.model import Outlet, Quarantined, Review, Rhythm, Source, SourceState, WithdrawalKind
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.store import Claim, DocumentSeen, Look, Recorded, Store
from tests.databases import database_url
from tests.samples import BARE, FULL, NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

LANTERN = Source(name="night-lantern", kind="feed", location="https://night-lantern.example/feed.atom")
STORM = Source(name="celebrity-storm", kind="folder", location="/srv/incoming/celebrity-storm")


def sha(text: str) -> bytes:
    """sha256 of a text."""
    return hashlib.sha256(text.encode()).digest()


def url_of(folder: Path, *, empty: bool = False) -> str:
    """The database URL of the store in a test's own folder."""
    return database_url(folder / "kept", empty=empty)


def opened(folder: Path) -> Store:
    """A store with its tables made."""
    store = Store.open(url_of(folder))
    store.migrate()
    return store


def item(review: Review, guid: str = "guid-1", digest: str = "digest-1") -> StoredItem:
    """A review as a worker process hands it over."""
    return stored_item(review, sha(guid), sha(digest))


def claimed(store: Store, name: str, now: datetime = NOW) -> Claim:
    """A claim on one source for a minute."""
    (claim,) = store.claim_named([name], now, MINUTE)
    return claim


def look(claim: Claim, now: datetime = NOW, reviews: Sequence[StoredItem] = (), **fields: object) -> Look:
    """A good look at `now`, the next one an hour later; other fields are the look's or the state's."""
    good = replace(
        claim.state, next_check=now + HOUR, interval=3600.0, last_checked=now, last_success=now, failures=0, error=None
    )
    found = {name: fields.pop(name) for name in ("documents", "markup", "present", "quarantined") if name in fields}
    state = replace(good, **fields)  # type: ignore[arg-type]
    return Look(claim=claim, now=now, state=state, reviews=reviews, **found)  # type: ignore[arg-type]


def record(store: Store, one: Look) -> Recorded:
    """Records one look."""
    (recorded,) = store.record([one])
    return recorded


def looked(
    store: Store, name: str, now: datetime = NOW, reviews: Sequence[StoredItem] = (), **fields: object
) -> Recorded:
    """Claims a source and records a good look at it."""
    return record(store, look(claimed(store, name), now, reviews, **fields))


def failed(store: Store, name: str, now: datetime = NOW, **fields: object) -> Recorded:
    """Claims a source and records that it could not be read; validators stay, as in any state that says no other."""
    claim = claimed(store, name)
    state = replace(claim.state, failures=claim.state.failures + 1, error="no answer", last_checked=now)
    return record(store, Look(claim=claim, now=now, state=replace(state, **fields)))  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two sources that are both due."""
    with opened(tmp_path) as store:
        store.sync_sources([LANTERN, STORM], NOW)
        yield store


# ------------------------------------------------------------------------------------------------------------- reviews


@pytest.mark.parametrize("review", [FULL, BARE])
def test_a_review_comes_back_as_it_went_in(store: Store, review: Review) -> None:
    """Every field survives the database, to the microsecond."""
    looked(store, review.source, reviews=[item(review)])
    assert store.review(review.key) == review
    assert store.newest([review.source], 10) == [review]


def test_collecting_the_same_item_again_is_still_one_review(store: Store) -> None:
    """Any number of looks at an unchanged item leave one review, no history and the same content version."""
    first = looked(store, "night-lantern", reviews=[item(FULL)])
    version = store.content_version(["night-lantern"])
    again = replace(FULL, collected=NOW + HOUR, revised=NOW + HOUR)
    second = looked(store, "night-lantern", NOW + HOUR, [item(again)])
    assert (first, second) == (Recorded(new=1), Recorded(unchanged=1))
    assert store.newest(["night-lantern"], 10) == [FULL]
    assert store.revisions(FULL.key) == []
    assert store.content_version(["night-lantern"]) == version


def test_a_changed_item_updates_its_review_and_keeps_id_and_first_collected(store: Store) -> None:
    """Subscribers never see a review twice because its source rewrote it."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    later = NOW + HOUR
    rewritten = replace(
        FULL, id="urn:another", id_generated=True, title="The Salt Road, again", collected=later, revised=later
    )
    recorded = looked(store, "night-lantern", later, [item(rewritten, digest="digest-2")])
    assert recorded == Recorded(changed=1)
    assert store.review(FULL.key) == replace(FULL, title="The Salt Road, again", revised=later)


def test_what_was_published_before_stays_in_the_history_oldest_first(store: Store) -> None:
    """Two changes leave two earlier forms; the review itself is the newest form."""
    for number, title in enumerate(["First", "Second", "Third"]):
        now = NOW + number * HOUR
        changed = replace(FULL, title=title, collected=now, revised=now)
        looked(store, "night-lantern", now, [item(changed, digest=title)])
    assert [(old.title, old.revised) for old in store.revisions(FULL.key)] == [
        ("First", NOW),
        ("Second", NOW + HOUR),
    ]
    newest = store.review(FULL.key)
    assert newest is not None
    assert (newest.title, newest.collected, newest.revised) == ("Third", NOW, NOW + 2 * HOUR)


def test_every_change_of_a_review_has_a_number_that_is_greater_than_all_before(store: Store) -> None:
    before = store.last_change()
    looked(store, "night-lantern", reviews=[item(FULL), item(BARE, "guid-2")])
    two_new = store.last_change()
    looked(store, "night-lantern", NOW + timedelta(hours=2), [item(replace(FULL, title="Changed"), digest="3")])
    one_changed = store.last_change()
    store.withdrawals.withdraw(WithdrawalKind.REVIEW, FULL.key, reason="asked", requested_by="the critic", now=NOW)
    withdrawn = store.last_change()

    assert before == 0
    assert two_new == 2
    assert before < two_new < one_changed < withdrawn


def test_a_new_digest_of_an_equal_review_is_no_change_to_subscribers(store: Store) -> None:
    """A feed-level field that this review overrides may change; nothing published of it does."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    version = store.content_version(["night-lantern"])
    same = replace(FULL, collected=NOW + HOUR, revised=NOW + HOUR)
    recorded = looked(store, "night-lantern", NOW + HOUR, [item(same, digest="digest-2")])
    assert recorded == Recorded(unchanged=1)
    assert store.review(FULL.key) == FULL
    assert store.known_digests("night-lantern", 9) == {sha("guid-1"): sha("digest-2")}
    assert store.content_version(["night-lantern"]) == version


def test_another_guid_is_another_review(store: Store) -> None:
    """Identity is the item's own, however alike two reviews are."""
    twin = replace(FULL, key="fullreview000009")
    recorded = looked(store, "night-lantern", reviews=[item(FULL), item(twin, guid="guid-2")])
    assert recorded == Recorded(new=2)
    assert store.newest(["night-lantern"], 10) == [FULL, twin]


def test_of_two_items_with_one_guid_the_first_is_kept(store: Store) -> None:
    """A feed that repeats a guid lists the newer form first."""
    older = replace(FULL, title="Older")
    recorded = looked(store, "night-lantern", reviews=[item(FULL), item(older, digest="digest-0")])
    assert recorded == Recorded(new=1)
    assert store.review(FULL.key) == FULL


def test_the_same_guid_in_two_sources_is_two_reviews(store: Store) -> None:
    """Ids only match within one source (RFC 4287, section 8.5: a hostile feed may reuse another's)."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    looked(store, "celebrity-storm", reviews=[item(BARE)])
    assert store.review(FULL.key) == FULL
    assert store.review(BARE.key) == BARE


def test_the_newest_reviews_stand_first_then_in_order_of_key(store: Store) -> None:
    """Position decides, key breaks ties, `limit` cuts, and a date in the future pins nothing on top."""
    day = timedelta(days=1)
    collected = NOW - day
    rows = {
        "c-yesterday": NOW - day,
        "a-yesterday": NOW - day,
        "b-old": NOW - 9 * day,
        "d-future": NOW + 300 * day,
    }
    reviews = [
        item(replace(FULL, key=key, published=published, collected=collected), guid=key)
        for key, published in rows.items()
    ]
    looked(store, "night-lantern", reviews=reviews)
    keys = [review.key for review in store.newest(["night-lantern"], 10)]
    assert keys == ["a-yesterday", "c-yesterday", "d-future", "b-old"]
    assert [review.key for review in store.newest(["night-lantern"], 2)] == ["a-yesterday", "c-yesterday"]


def test_only_the_named_sources_are_selected(store: Store) -> None:
    """Names that nobody knows select nothing; several hundred names work as well as one."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    looked(store, "celebrity-storm", reviews=[item(BARE)])
    assert store.newest(["celebrity-storm"], 10) == [BARE]
    assert store.newest(["nobody"], 10) == []
    many = ["celebrity-storm", *(f"nobody-{number}" for number in range(1200)), "night-lantern"]
    assert store.newest(many, 10) == [BARE, FULL]
    assert store.newest(many, 1) == [BARE]


def test_a_thousand_items_of_one_source_are_all_told_apart(store: Store) -> None:
    """More identities than fit in one statement's list."""
    reviews = [item(replace(BARE, key=f"key-{number:04}"), guid=f"guid-{number}") for number in range(1200)]
    assert looked(store, "celebrity-storm", reviews=reviews) == Recorded(new=1200)
    assert looked(store, "celebrity-storm", reviews=reviews) == Recorded(unchanged=1200)
    assert set(store.known_digests("celebrity-storm", 2000)) == {sha(f"guid-{number}") for number in range(1200)}
    assert store.known_digests("night-lantern", 2000) == {}


def test_the_content_version_follows_the_named_sources_alone(store: Store) -> None:
    """It tells a feed of one source that nothing happened to it."""
    empty = store.content_version(["night-lantern"])
    storm = store.content_version(["celebrity-storm"])
    looked(store, "night-lantern", reviews=[item(FULL)])
    added = store.content_version(["night-lantern"])
    # Changed within the same microsecond, by a clock that was set back: still another version.
    changed = item(replace(FULL, title="Changed"), digest="digest-2")
    looked(store, "night-lantern", NOW - HOUR, [changed])
    assert len({empty, added, store.content_version(["night-lantern"])}) == 3
    assert store.content_version(["celebrity-storm"]) == storm
    both = ["night-lantern", "celebrity-storm"]
    assert store.content_version(both) == store.content_version(both[::-1])


def test_an_unknown_key_names_no_review(store: Store) -> None:
    """Neither a review nor a history."""
    assert store.review("nosuchreview0000") is None
    assert store.revisions("nosuchreview0000") == []


# -------------------------------------------------------------------------------------------- documents and quarantine


def test_documents_are_remembered_with_what_is_wrong_with_them(store: Store) -> None:
    """A kept-out document is known by its digest too, so it is not read again until it changes."""
    seen = [
        DocumentSeen(path="a/good.txt", digest=sha("good")),
        DocumentSeen(path="bad.bin", digest=sha("bad"), reason="no text"),
    ]
    looked(store, "celebrity-storm", documents=seen)
    assert store.documents("celebrity-storm") == {"a/good.txt": sha("good"), "bad.bin": sha("bad")}
    assert store.documents("night-lantern") == {}
    kept_out = Quarantined(source="celebrity-storm", place="bad.bin", reason="no text", seen=NOW)
    assert store.quarantined() == store.quarantined("celebrity-storm") == [kept_out]
    assert store.quarantined("night-lantern") == []
    mended = [DocumentSeen(path="bad.bin", digest=sha("mended"))]
    looked(store, "celebrity-storm", NOW + HOUR, documents=mended)
    assert store.quarantined() == []
    assert store.documents("celebrity-storm")["bad.bin"] == sha("mended")


def test_a_file_name_that_is_no_unicode_is_the_same_name_when_asked_for(store: Store) -> None:
    """Old Latin-1 names reach Python as lone surrogates (PEP 383)."""
    path = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    seen = [DocumentSeen(path=path, digest=sha("x"), reason=f"{path} is no text\0")]
    looked(store, "celebrity-storm", documents=seen)
    assert store.documents("celebrity-storm") == {path: sha("x")}
    assert [item.reason for item in store.quarantined()] == ["caf\ufffd.txt is no text\ufffd"]


def test_a_kept_out_item_leaves_quarantine_once_it_is_taken(store: Store) -> None:
    """The place of an item is its identity, whose hash is the review's."""
    kept_out = Quarantined(source="night-lantern", place="guid-1", reason="no outlet", seen=NOW)
    other = Quarantined(source="night-lantern", place="guid-2", reason="no outlet", seen=NOW)
    looked(store, "night-lantern", quarantined=[kept_out, other])
    assert store.quarantined() == [kept_out, other]
    later = replace(other, reason="still no outlet", seen=NOW + HOUR)
    looked(store, "night-lantern", NOW + HOUR, [item(FULL)], quarantined=[later])
    assert store.quarantined() == [later]


def test_a_kept_out_document_that_is_removed_is_forgotten(store: Store) -> None:
    """One that is still there stays listed, though it was not looked at again; a source on the web forgets nothing."""
    seen = [DocumentSeen(path=path, digest=sha(path), reason="no text") for path in ("a.bin", "b.bin")]
    looked(store, "celebrity-storm", documents=seen)
    looked(store, "celebrity-storm")
    assert [item.place for item in store.quarantined()] == ["a.bin", "b.bin"]
    looked(store, "celebrity-storm", present=frozenset({"b.bin", "c.txt"}))
    assert [item.place for item in store.quarantined()] == ["b.bin"]
    assert set(store.documents("celebrity-storm")) == {"b.bin"}


# --------------------------------------------------------------------------------------------------- state of a source


#: Every field with a value of its own, but those that the store itself fills in.
LEARNT = SourceState(
    name="night-lantern",
    next_check=NOW + HOUR,
    interval=5400.5,
    etag='W/"1"',
    last_modified="Mon, 04 May 2026 12:00:00 GMT",
    validated_url="https://night-lantern.example/feed.atom?page=1",
    body_hash=b"body",
    feed_url="https://night-lantern.example/feed.atom",
    failures=3,
    error="night-lantern.example did not answer",
    error_kind="timeout",
    last_checked=NOW + MINUTE,
    last_success=NOW - HOUR,
    last_new=NOW - 2 * HOUR,
    feed_title="Night Lantern",
    problems="Stray ampersands were read as such.\nThe document is cut off.",
    feed_home="https://night-lantern.example/",
    rhythm=Rhythm(ttl=3600.0, period=86400.0, skip_hours=(0, 23), skip_days=("Saturday", "Sunday")),
    pause=172800.25,
    newest=NOW - 3 * HOUR,
    last_whole=NOW - 4 * HOUR,
    moved_to="https://lantern.example/feed",
    moved_since=NOW - 5 * HOUR,
    moved_looks=2,
    location_moved="https://lantern.example/earlier",
    knows_deltas=True,
)


#: What a look does not teach.
OTHERS = {"name", "reviews", "stopped", "push_until", "last_push"}
NAMES = [field.name for field in fields(SourceState)]


def test_a_look_leaves_the_whole_state(store: Store) -> None:
    """Good or bad, all of it comes back, and nothing of what was known before, so None clears."""
    (_, state) = store.states()
    record_state(store, LEARNT)
    assert all(getattr(LEARNT, name) != getattr(state, name) for name in NAMES if name not in OTHERS)
    assert claimed(store, "night-lantern", NOW + HOUR).state == LEARNT
    record_state(store, replace(state, stopped=True), NOW + 2 * HOUR)
    assert store.states()[1] == replace(state, stopped=True)


def record_state(store: Store, state: SourceState, now: datetime = NOW) -> None:
    """One look that left a source in this state."""
    claim = claimed(store, state.name, now)
    assert record(store, Look(claim=claim, now=now, state=state)) == Recorded()


def test_reviews_stay_when_a_look_fails(store: Store) -> None:
    """Nothing published disappears because a server is down."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    failed(store, "night-lantern", NOW + HOUR)
    (_, state) = store.states()
    assert (state.failures, state.error, state.reviews) == (1, "no answer", 1)
    assert store.newest(["night-lantern"], 10) == [FULL]


def test_states_are_listed_by_name(store: Store) -> None:
    """With the number of reviews of each."""
    looked(store, "celebrity-storm", reviews=[item(BARE)])
    assert [(state.name, state.reviews) for state in store.states()] == [("celebrity-storm", 1), ("night-lantern", 0)]


# -------------------------------------------------------------------------------------------------------------- claims


def test_a_claimed_source_is_nobody_elses_until_it_is_recorded(store: Store) -> None:
    """Nor is it after that, before its next time has come."""
    first = store.claim_due(NOW, limit=1, lease=MINUTE)
    second = store.claim_due(NOW, limit=5, lease=MINUTE)
    assert len(first) == len(second) == 1
    assert {first[0].name, second[0].name} == {"night-lantern", "celebrity-storm"}
    assert store.claim_due(NOW, limit=5, lease=MINUTE) == []
    assert store.claim_named(["night-lantern", "celebrity-storm"], NOW, MINUTE) == []
    for claim in first + second:
        record(store, look(claim))
    assert store.claim_due(NOW + 59 * MINUTE, limit=5, lease=MINUTE) == []
    assert len(store.claim_due(NOW + HOUR, limit=5, lease=MINUTE)) == 2


def test_the_longest_overdue_come_first(store: Store) -> None:
    """However the names are spelt."""
    looked(store, "night-lantern", NOW - 5 * HOUR)
    looked(store, "celebrity-storm", NOW - 3 * HOUR)
    assert [claim.name for claim in store.claim_due(NOW, limit=5, lease=MINUTE)] == ["night-lantern", "celebrity-storm"]


def test_a_lease_that_ended_is_claimed_again_and_the_first_claim_is_stale(store: Store) -> None:
    """Work lost in a crash comes back; a worker that slept through its lease writes nothing."""
    lost = claimed(store, "night-lantern")
    assert store.claim_named(["night-lantern"], NOW + MINUTE - timedelta(microseconds=1), MINUTE) == []
    again = claimed(store, "night-lantern", NOW + MINUTE)
    assert record(store, look(lost, reviews=[item(FULL)], etag='"lost"')) == Recorded(stale=True)
    assert store.newest(["night-lantern"], 5) == []
    store.release([lost])
    assert store.claim_named(["night-lantern"], NOW + MINUTE, MINUTE) == []
    assert record(store, look(again, etag='"kept"')) == Recorded()
    assert claimed(store, "night-lantern").state.etag == '"kept"'


def test_a_claim_is_spent_by_recording(store: Store) -> None:
    """A result that is delivered twice is written once."""
    claim = claimed(store, "night-lantern")
    assert record(store, look(claim, reviews=[item(FULL)])) == Recorded(new=1)
    assert record(store, look(claim, NOW + HOUR, [item(FULL, digest="2")])) == Recorded(stale=True)


def test_a_released_source_is_due_as_before(store: Store) -> None:
    """Giving back changes nothing but the lease."""
    claim = claimed(store, "night-lantern")
    store.release([claim])
    assert claimed(store, "night-lantern").state == claim.state


def test_a_stopped_source_waits_for_the_operator(store: Store) -> None:
    """After a 410 only being named starts it again."""
    failed(store, "night-lantern", next_check=NOW, stopped=True)
    assert [claim.name for claim in store.claim_due(NOW + HOUR, limit=5, lease=MINUTE)] == ["celebrity-storm"]
    claim = claimed(store, "night-lantern")
    assert claim.state.stopped is False
    store.release([claim])
    assert [claim.name for claim in store.claim_due(NOW, limit=5, lease=MINUTE)] == ["night-lantern"]


def test_naming_an_unknown_or_disabled_source_claims_nothing(store: Store) -> None:
    """What is not configured is not looked at."""
    store.sync_sources([replace(LANTERN, enabled=False), STORM], NOW)
    assert store.claim_named(["nobody", "night-lantern"], NOW, MINUTE) == []
    assert [claim.name for claim in store.claim_due(NOW, limit=5, lease=MINUTE)] == ["celebrity-storm"]


def test_many_looks_are_recorded_at_once_each_as_if_alone(tmp_path: Path) -> None:
    """Good, bad, repeated and stale ones, with new, changed, equal and known items; the answers come in their order."""
    with opened(tmp_path) as store:
        names = ["bad", "changed", "equal", "known", "lost", "new", "nothing"]
        store.sync_sources([replace(LANTERN, name=name) for name in names], NOW)
        before = {name: replace(FULL, key=f"key-{name}", source=name) for name in names}
        for name in ("changed", "equal", "known"):
            looked(store, name, reviews=[item(before[name])])
        later = NOW + HOUR
        claims = {claim.name: claim for claim in store.claim_named(names, later, MINUTE)}
        store.release([claims["lost"]])
        after = replace(before["changed"], title="Changed", collected=later, revised=later)
        looks = {
            "bad": Look(claim=claims["bad"], now=later, state=replace(claims["bad"].state, error="no answer")),
            "changed": look(claims["changed"], later, [item(after, digest="2"), item(before["new"], "guid-2")]),
            "equal": look(claims["equal"], later, [item(before["equal"], digest="2")]),
            "known": look(claims["known"], later, [item(before["known"])]),
            "lost": look(claims["lost"], later, [item(before["lost"])]),
            "new": look(claims["new"], later, [item(replace(before["new"], key="another")), item(before["bad"], "g2")]),
            "nothing": look(claims["nothing"], later),
        }
        assert store.record([*looks.values(), looks["new"]]) == [
            Recorded(),
            Recorded(new=1, changed=1),
            Recorded(unchanged=1),
            Recorded(unchanged=1),
            Recorded(stale=True),
            Recorded(new=2),
            Recorded(),
            Recorded(stale=True),
        ]
        states = {state.name: state for state in store.states()}
        keys = {review.key for review in store.newest(names, 100)}
        assert store.review("key-changed") == replace(after, collected=FULL.collected)
        assert store.revisions("key-changed") == [before["changed"]]
    assert states["bad"].error == "no answer"
    assert {name: state.reviews for name, state in states.items() if state.reviews} == {
        "changed": 2,
        "equal": 1,
        "known": 1,
        "new": 2,
    }
    assert keys == {"key-changed", "key-new", "key-equal", "key-known", "another", "key-bad"}
    assert {name for name, state in states.items() if state.next_check == later + HOUR} == {
        "changed",
        "equal",
        "known",
        "new",
        "nothing",
    }


def test_a_thousand_looks_are_recorded_at_once(tmp_path: Path) -> None:
    """More sources, and more known items, than fit in one statement's list."""
    with opened(tmp_path) as store:
        names = [f"s{number:04}" for number in range(1100)]
        store.sync_sources([replace(LANTERN, name=name) for name in names], NOW)
        for expected in (Recorded(new=1), Recorded(unchanged=1)):
            claims = store.claim_named(names, NOW, MINUTE)
            looks = [look(claim, reviews=[item(replace(BARE, key=claim.name))]) for claim in claims]
            assert store.record(looks) == [expected] * 1100
        assert [state.reviews for state in store.states()] == [1] * 1100


def test_nothing_to_record_is_nothing_done(store: Store) -> None:
    """An empty batch, and an empty list of claims."""
    before = store.states()
    assert store.record([]) == []
    store.release([])
    store.postpone({})
    assert store.states() == before


def test_the_newest_items_are_known_withdrawn_ones_too(store: Store) -> None:
    """What stays out at somebody's request need not be worked on at every look either."""
    days = [timedelta(days=number) for number in range(4)]
    looked(
        store,
        "night-lantern",
        reviews=[
            item(replace(FULL, key=f"key-{day.days}", published=FULL.collected - day, url=None), f"guid-{day.days}")
            for day in days
        ],
    )
    store.withdrawals.withdraw(WithdrawalKind.REVIEW, "key-1", reason="a letter", requested_by="The Estate", now=NOW)
    assert list(store.known_digests("night-lantern", 3)) == [sha("guid-0"), sha("guid-1"), sha("guid-2")]
    assert store.known_digests("nobody", 3) == {}


def test_overdue_sources_are_listed_and_put_off(store: Store) -> None:
    """After downtime: the longest overdue first; neither claimed, stopped nor disabled ones, nor what is not due."""
    names = ["claimed", "disabled", "later", "old", "older", "stopped"]
    sources = [replace(LANTERN, name=name) for name in names]
    store.sync_sources(sources, NOW, first_checks={"older": NOW - 2 * HOUR, "old": NOW - HOUR, "later": NOW + HOUR})
    store.sync_sources([replace(one, enabled=one.name != "disabled") for one in sources], NOW)
    failed(store, "stopped", stopped=True)
    claimed(store, "claimed")
    assert store.overdue(NOW) == [("older", NOW - 2 * HOUR), ("old", NOW - HOUR)]
    store.postpone({"older": NOW + MINUTE, "old": NOW, "nobody": NOW})
    assert store.overdue(NOW) == [("old", NOW)]
    # The claim lasted a minute.
    assert store.overdue(NOW + MINUTE) == [("claimed", NOW), ("old", NOW), ("older", NOW + MINUTE)]


def test_a_domain_is_left_alone_until_the_latest_moment_it_asked_for(store: Store) -> None:
    """A shorter wait, asked for by another host of it, takes nothing back; what lapsed is forgotten."""
    for domain, until in {"outlet.example": NOW + HOUR, "wire.example": NOW + MINUTE}.items():
        store.limit_domain(domain, until)
    store.limit_domain("outlet.example", NOW + MINUTE)
    assert store.domain_limits(NOW) == {"outlet.example": NOW + HOUR, "wire.example": NOW + MINUTE}
    assert store.domain_limits(NOW + MINUTE) == {"outlet.example": NOW + HOUR}
    store.limit_domain("outlet.example", NOW + 2 * HOUR)
    store.sync_sources([LANTERN], NOW + HOUR)
    assert store.domain_limits(NOW) == {"outlet.example": NOW + 2 * HOUR}


# ------------------------------------------------------------------------------------------------------- configuration


def test_new_sources_are_first_looked_at_when_they_are_told_to(tmp_path: Path) -> None:
    """So a thousand new sources need not be read in one second."""
    with opened(tmp_path) as store:
        store.sync_sources(
            [replace(LANTERN, interval=60.0), STORM], NOW, first_checks={"celebrity-storm": NOW + HOUR}, interval=900.0
        )
        states = {state.name: (state.next_check, state.interval) for state in store.states()}
    assert states == {"night-lantern": (NOW, 60.0), "celebrity-storm": (NOW + HOUR, 900.0)}


def test_taking_over_the_same_configuration_again_changes_nothing(store: Store) -> None:
    """A restart costs no source its validators, its time or its claim."""
    looked(store, "night-lantern", etag='"1"', body_hash=sha("b"))
    before = store.states()
    claim = claimed(store, "celebrity-storm")
    store.sync_sources([LANTERN, STORM], NOW + HOUR)
    assert store.states() == before
    assert record(store, look(claim)) == Recorded()


def test_a_source_that_is_no_longer_configured_is_disabled_and_its_reviews_stay(store: Store) -> None:
    """And it is due again when it comes back."""
    looked(store, "night-lantern", reviews=[item(FULL)])
    store.sync_sources([STORM], NOW)
    assert [claim.name for claim in store.claim_due(NOW + 9 * HOUR, limit=5, lease=MINUTE)] == ["celebrity-storm"]
    assert store.newest(["night-lantern"], 5) == [FULL]
    store.sync_sources([LANTERN, STORM], NOW + 9 * HOUR, first_checks={"night-lantern": NOW + 10 * HOUR})
    assert claimed(store, "night-lantern").state.next_check == NOW + 10 * HOUR


def test_a_new_location_forgets_what_the_old_one_said(store: Store) -> None:
    """Validators, hash, habits, failures, redirects and promises belong to one address."""
    record_state(store, replace(LEARNT, stopped=True))
    moved = replace(LANTERN, location="https://elsewhere.example/feed")
    store.sync_sources([moved, STORM], NOW, first_checks={"night-lantern": NOW + MINUTE})
    kept = {"interval": 5400.5, "feed_title": "Night Lantern", "feed_home": "https://night-lantern.example/"}
    moments = {name: getattr(LEARNT, name) for name in ("last_checked", "last_success", "last_new")}
    fresh = SourceState(name="night-lantern", next_check=NOW + MINUTE, **kept, **moments)  # type: ignore[arg-type]
    assert claimed(store, "night-lantern").state == fresh


def test_what_is_configured_otherwise_is_read_again_under_it(store: Store) -> None:
    """A new licence must reach items whose bytes have not changed; who is still reading under the old one is stale."""
    looked(
        store,
        "celebrity-storm",
        reviews=[item(BARE)],
        etag='"1"',
        body_hash=sha("b"),
        documents=[DocumentSeen(path="a", digest=sha("a"))],
        markup=b"kept",
    )
    assert store.markup("celebrity-storm") == b"kept"
    reading = claimed(store, "celebrity-storm", NOW + HOUR)
    named = replace(STORM, licence="CC-BY-4.0", outlet=Outlet(name="Celebrity Storm"))
    store.sync_sources([LANTERN, named], NOW + HOUR)
    assert record(store, look(reading, etag='"old"')) == Recorded(stale=True)
    (claim,) = (claim for claim in store.claim_due(NOW + HOUR, limit=5, lease=MINUTE) if claim.name == STORM.name)
    assert (claim.state.etag, claim.state.body_hash) == (None, None)
    assert store.documents("celebrity-storm") == {}
    assert store.markup("celebrity-storm") is None


def test_another_interval_is_no_reason_to_read_again(store: Store) -> None:
    """It changes when to look, not what is seen."""
    looked(store, "night-lantern", etag='"1"', markup=b"kept")
    before = store.states()
    store.sync_sources([replace(LANTERN, interval=60.0), STORM], NOW + HOUR)
    assert store.states() == before
    assert store.markup("night-lantern") == b"kept"


def test_what_a_dead_process_held_is_given_back_and_nobody_elses(tmp_path: Path) -> None:
    """The claims of one owner are released by name; another owner with a longer name keeps its own."""
    opened(tmp_path).close()
    with Store.open(url_of(tmp_path), owner="host:1") as dead, Store.open(url_of(tmp_path), owner="host:12") as alive:
        dead.sync_sources([LANTERN, STORM], NOW)
        claimed(dead, "night-lantern")
        claimed(alive, "celebrity-storm")

        assert alive.owners() == ["host:1", "host:12"]
        assert alive.release_all("host:1") == 1
        assert alive.owners() == ["host:12"]
        assert [claim.name for claim in alive.claim_due(NOW, limit=10, lease=MINUTE)] == ["night-lantern"]
