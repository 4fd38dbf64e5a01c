"""Whoever follows the links to the next page sees every review that was there all along once, whatever happens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.model import Rendition, WithdrawalKind
from feedsvc.publish import Publisher, index, next_page, select
from feedsvc.store import Store
from tests.databases import settings_of
from tests.samples import NOW
from tests.test_store import item, looked
from tests.test_views import CONFIG, keep, review

#: What happens between two pages, to the review of which number, and whether it is noted then.
Event = tuple[str, int, bool]
EVENTS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["insert", "change", "withdraw", "restore"]), st.integers(0, 30), st.booleans())
    ),
    max_size=8,
)


@dataclass
class World:
    """A feed that changes while somebody reads it; `steady` are the reviews that nothing has taken out."""

    publisher: Publisher
    stored: set[int] = field(default_factory=set)
    steady: set[int] = field(default_factory=set)
    out: set[int] = field(default_factory=set)
    forms: int = 0

    def insert(self, number: int) -> None:
        """Reviews of even numbers stand at whole hours two by two, so that several share a moment."""
        if number in self.stored:
            self.change(number)
            return
        self.stored.add(number)
        self._look(number)

    def change(self, number: int) -> None:
        if number in self.stored:
            self._look(number)

    def withdraw(self, number: int) -> None:
        if number in self.stored - self.out:
            self.out.add(number)
            self.steady.discard(number)
            self.publisher.store.withdrawals.withdraw(
                WithdrawalKind.REVIEW, _key(number), reason="a", requested_by="b", now=NOW
            )

    def restore(self, number: int) -> None:
        if number in self.out:
            self.out.discard(number)
            self.publisher.store.withdrawals.undo(WithdrawalKind.REVIEW, _key(number), now=NOW)

    def happen(self, events: list[Event]) -> None:
        does: dict[str, Callable[[int], None]] = {
            "insert": self.insert,
            "change": self.change,
            "withdraw": self.withdraw,
            "restore": self.restore,
        }
        for name, number, noted in events:
            does[name](number)
            if noted:
                index(self.publisher)

    def _look(self, number: int) -> None:
        self.forms += 1
        published = NOW - timedelta(hours=number // 2)
        one = review(number, published=published, verdict=f"Form {self.forms}", source="night-lantern")
        now = NOW + timedelta(seconds=self.forms)
        looked(self.publisher.store, "night-lantern", now, [item(one, one.key, str(self.forms))])


def _key(number: int) -> str:
    return f"plainreview{number:05}"


@contextmanager
def world(factory: pytest.TempPathFactory, numbers: set[int]) -> Iterator[World]:
    """A store with these reviews, all noted."""
    folder = factory.mktemp("walk")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = settings_of(folder)
    with Store.open(config.database_url) as store:
        store.migrate()
        store.sync_sources(config.sources, NOW)
        made = World(Publisher(store=store, settings=config, clock=lambda: NOW))
        for number in sorted(numbers):
            made.insert(number)
        index(made.publisher)
        made.steady = set(numbers)
        yield made


def page(publisher: Publisher, address: str) -> tuple[list[str], str | None]:
    """The ids on one page of a JSON Feed, and the address of the next."""
    parts = urlsplit(address)
    found = publisher.view(parts.path, parse_qsl(parts.query))
    assert isinstance(found, Rendition), found
    feed = json.loads(found.body)
    return [one["id"] for one in feed["items"]], feed.get("next_url")


@pytest.mark.parametrize(
    "query", ["limit=2", "type=movie&limit=2", "critic=jane-doe&subject=work-0&limit=1", "q=number&limit=2"]
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(numbers=st.sets(st.integers(0, 20), max_size=12), events=EVENTS)
def test_a_walk_along_the_pages_of_a_view_has_no_gap_and_no_double(
    tmp_path_factory: pytest.TempPathFactory, query: str, numbers: set[int], events: list[list[Event]]
) -> None:
    with world(tmp_path_factory, numbers) as made:
        address: str | None = f"/feeds/reviews.json?{query}"
        seen: Counter[str] = Counter()
        between = iter(events)
        while address:
            ids, address = page(made.publisher, address)
            seen.update(ids)
            made.happen(next(between, []))
        chosen = {number for number in made.steady if "work-0" not in query or number % 2 == 0}
        assert {f"urn:plain:{number}" for number in chosen} <= set(seen)
        assert set(seen.values()) <= {1}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(numbers=st.sets(st.integers(0, 20), max_size=12), events=EVENTS)
def test_the_feed_itself_is_the_first_page_of_such_a_walk(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int], events: list[list[Event]]
) -> None:
    with world(tmp_path_factory, numbers) as made:
        feed = made.publisher.settings.feeds[0]
        entries = select(made.publisher, feed)
        seen = Counter(entry.review.id for entry in entries)
        place = next_page(feed, entries)
        address = place.path(".json") if place else None
        between = iter(events)
        while address:
            made.happen(next(between, []))
            ids, address = page(made.publisher, address)
            seen.update(ids)
        assert {f"urn:plain:{number}" for number in made.steady} <= set(seen)
        assert set(seen.values()) <= {1}


def test_what_moves_down_the_feed_is_the_one_thing_that_may_be_seen_twice(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A review that its source dates back stands elsewhere: the walk has passed its old place and comes by the new."""
    with world(tmp_path_factory, {0, 2, 4, 6}) as made:
        first, address = page(made.publisher, "/feeds/reviews.json?limit=2")
        assert address is not None
        back = review(0, published=NOW - timedelta(hours=9))
        keep(made.publisher, replace(back, verdict="Dated back."))
        second, address = page(made.publisher, address)
        assert address is not None
        third, _ = page(made.publisher, address)
        assert (first, second, third) == (
            ["urn:plain:0", "urn:plain:2"],
            ["urn:plain:4", "urn:plain:6"],
            ["urn:plain:0"],
        )
