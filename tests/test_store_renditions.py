"""Published bytes in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.model import Rendition, WithdrawalKind
from feedsvc.store import Store
from tests.samples import FULL, NOW
from tests.test_store import LANTERN, item, looked, opened, sha

ATOM = Rendition(
    path="/feeds/reviews.atom",
    media_type="application/atom+xml",
    body=b"<feed/>\x00\xff",
    etag='"one"',
    modified=NOW,
)
RSS = replace(ATOM, path="/feeds/reviews.rss", media_type="application/rss+xml", etag='"rss"')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with opened(tmp_path) as store:
        yield store


def test_a_rendition_comes_back_byte_for_byte(store: Store) -> None:
    """And an unknown path gives none."""
    assert store.renditions.put([ATOM, RSS]) == 2
    assert store.renditions.get(ATOM.path) == ATOM
    assert store.renditions.get("/feeds/none.atom") is None
    assert store.renditions.etags() == {"/feeds/reviews.atom": '"one"', "/feeds/reviews.rss": '"rss"'}


def test_a_rendition_comes_back_with_its_packed_forms_and_what_its_headers_say(store: Store) -> None:
    links = (("hub", "https://hub.example/"), ("self", "https://reviews.example/ü"))
    full = replace(ATOM, gzip=b"\x1f\x8b\x00", br=b"\x0b\xff", links=links, private=True)
    store.renditions.put([full])
    assert store.renditions.get(ATOM.path) == full


def test_other_links_under_the_same_etag_are_stored_and_the_date_stays(store: Store) -> None:
    """A hub is configured, a feed becomes private: the bytes are the same, the headers are not."""
    store.renditions.put([ATOM])
    for told in (replace(ATOM, links=(("hub", "https://hub.example/"),)), replace(ATOM, private=True), ATOM):
        assert store.renditions.put([told]) == 1
        assert store.renditions.get(ATOM.path) == told
        assert store.renditions.put([told]) == 0


def test_the_same_etag_leaves_the_rendition_and_its_date_alone(store: Store) -> None:
    """Last-Modified moves only when the bytes do."""
    store.renditions.put([ATOM], entries_digest=sha("1"))
    drawn_again = replace(ATOM, modified=NOW + timedelta(days=1))
    assert store.renditions.put([drawn_again], entries_digest=sha("2")) == 0
    assert store.renditions.get(ATOM.path) == ATOM
    assert store.renditions.digests() == {ATOM.path: sha("2")}


def test_another_etag_replaces_the_rendition(store: Store) -> None:
    """One row for each path."""
    store.renditions.put([ATOM, RSS])
    changed = replace(ATOM, body=b"<feed>new</feed>", etag='"two"', modified=NOW + timedelta(days=1))
    assert store.renditions.put([changed, RSS]) == 1
    assert store.renditions.get(ATOM.path) == changed
    assert store.renditions.etags() == {ATOM.path: '"two"', RSS.path: '"rss"'}


def test_other_bytes_under_the_same_date_move_the_date(store: Store) -> None:
    """A changed contract changes bytes and no review: who asks by date alone must see it all the same."""
    store.renditions.put([ATOM])
    store.renditions.put([replace(ATOM, body=b"<feed>2</feed>", etag='"two"')])
    second = store.renditions.get(ATOM.path)
    store.renditions.put([replace(ATOM, body=b"<feed>3</feed>", etag='"three"', modified=NOW - timedelta(days=1))])
    third = store.renditions.get(ATOM.path)

    assert second is not None
    assert third is not None
    assert (second.modified, third.modified) == (NOW + timedelta(seconds=1), NOW + timedelta(seconds=2))


def test_removed_paths_are_published_no_more(store: Store) -> None:
    """Only those that there were are counted."""
    store.renditions.put([ATOM, RSS])
    assert store.renditions.remove([ATOM.path, "/feeds/none.atom"]) == 1
    assert list(store.renditions.etags()) == [RSS.path]
    assert store.renditions.get(ATOM.path) is None


def test_the_etags_of_some_paths_are_those_that_are_there_for_everybody(store: Store) -> None:
    """However many are asked for; what is private is nobody else's to keep."""
    store.renditions.put([ATOM, RSS, replace(RSS, path="/feeds/partner.rss", private=True)])
    many = [f"/feeds/{number}.atom" for number in range(1200)]
    assert store.renditions.etags_of([*many, RSS.path, "/feeds/partner.rss", ATOM.path]) == {
        "/feeds/reviews.rss": '"rss"',
        "/feeds/reviews.atom": '"one"',
    }
    assert store.renditions.etags_of([]) == {}
    assert "/feeds/partner.rss" in store.renditions.etags()


def test_the_serial_grows_with_every_change_and_with_nothing_else(store: Store) -> None:
    """0 before anything was published."""
    told = [store.renditions.serial()]
    steps: list[Callable[[], object]] = [
        lambda: store.renditions.put([ATOM, RSS]),
        lambda: store.renditions.put([replace(ATOM, etag='"two"')]),
        lambda: store.renditions.put([replace(ATOM, etag='"two"', private=True)]),
        lambda: store.renditions.remove([RSS.path]),
    ]
    for step in steps:
        step()
        told.append(store.renditions.serial())
    assert told == sorted(set(told))
    assert told[0] == 0

    store.renditions.put([replace(ATOM, etag='"two"', private=True)], entries_digest=sha("2"))
    store.renditions.remove([RSS.path])
    store.renditions.put([])
    assert store.renditions.serial() == told[-1]


def test_the_serial_grows_when_a_review_is_withdrawn_and_when_it_comes_back(store: Store) -> None:
    store.sync_sources([LANTERN], NOW)
    looked(store, "night-lantern", reviews=[item(FULL)])
    told = [store.renditions.serial()]
    store.withdrawals.withdraw(WithdrawalKind.REVIEW, FULL.key, reason="asked", requested_by="the critic", now=NOW)
    told.append(store.renditions.serial())
    store.withdrawals.undo(WithdrawalKind.REVIEW, FULL.key, now=NOW)
    told.append(store.renditions.serial())
    assert told == sorted(set(told))
