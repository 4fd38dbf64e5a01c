"""Published bytes in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.model import Rendition
from feedsvc.store import Store
from tests.samples import NOW
from tests.test_store import opened, sha

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
    assert store.put_renditions([ATOM, RSS]) == 2
    assert store.rendition(ATOM.path) == ATOM
    assert store.rendition("/feeds/none.atom") is None
    assert store.renditions() == {"/feeds/reviews.atom": '"one"', "/feeds/reviews.rss": '"rss"'}


def test_the_same_etag_leaves_the_rendition_and_its_date_alone(store: Store) -> None:
    """Last-Modified moves only when the bytes do."""
    store.put_renditions([ATOM], entries_digest=sha("1"))
    drawn_again = replace(ATOM, modified=NOW + timedelta(days=1))
    assert store.put_renditions([drawn_again], entries_digest=sha("2")) == 0
    assert store.rendition(ATOM.path) == ATOM
    assert store.entries_digests() == {ATOM.path: sha("2")}


def test_another_etag_replaces_the_rendition(store: Store) -> None:
    """One row for each path."""
    store.put_renditions([ATOM, RSS])
    changed = replace(ATOM, body=b"<feed>new</feed>", etag='"two"', modified=NOW + timedelta(days=1))
    assert store.put_renditions([changed, RSS]) == 1
    assert store.rendition(ATOM.path) == changed
    assert store.renditions() == {ATOM.path: '"two"', RSS.path: '"rss"'}


def test_other_bytes_under_the_same_date_move_the_date(store: Store) -> None:
    """A changed contract changes bytes and no review: who asks by date alone must see it all the same."""
    store.put_renditions([ATOM])
    store.put_renditions([replace(ATOM, body=b"<feed>2</feed>", etag='"two"')])
    second = store.rendition(ATOM.path)
    store.put_renditions([replace(ATOM, body=b"<feed>3</feed>", etag='"three"', modified=NOW - timedelta(days=1))])
    third = store.rendition(ATOM.path)

    assert second is not None
    assert third is not None
    assert (second.modified, third.modified) == (NOW + timedelta(seconds=1), NOW + timedelta(seconds=2))


def test_removed_paths_are_published_no_more(store: Store) -> None:
    """Only those that there were are counted."""
    store.put_renditions([ATOM, RSS])
    assert store.remove_renditions([ATOM.path, "/feeds/none.atom"]) == 1
    assert list(store.renditions()) == [RSS.path]
    assert store.rendition(ATOM.path) is None
