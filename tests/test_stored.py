"""Rows of reviews, made where no database is: what queries ask for, and the document that holds it all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import Outlet, Review
from feedsvc.model.stored import decode, encode, microseconds, stored_item
from tests.samples import BARE, FULL


@pytest.mark.parametrize("review", [FULL, BARE])
def test_the_document_holds_the_whole_review(review: Review) -> None:
    """Every field, to the microsecond."""
    assert decode(encode(review)) == review
    assert decode(stored_item(review, b"g", b"d").document) == review


def test_a_row_repeats_what_queries_ask_for() -> None:
    """1 May 2026, 08:15 UTC, is 1,777,623,300 s after 1970; it was collected 171,000 s later."""
    row = stored_item(FULL, b"guid", b"digest")
    assert (row.guid_hash, row.digest, row.key) == (b"guid", b"digest", "fullreview000001")
    assert row.position == 1_777_623_300_000_000
    assert row.collected == row.revised == 1_777_794_300_000_000
    assert (row.outlet, row.url) == ("Night Lantern", "https://night-lantern.example/reviews/the-salt-road")


def test_a_date_in_the_future_is_the_day_it_was_collected() -> None:
    """It never pins a review on top."""
    future = replace(FULL, published=datetime(2099, 1, 1, tzinfo=UTC))
    assert stored_item(future, b"g", b"d").position == 1_777_794_300_000_000


def test_text_that_no_database_takes_is_made_sound() -> None:
    """NUL, which PostgreSQL refuses, becomes U+FFFD; a missing address stays missing."""
    row = stored_item(replace(BARE, outlet=Outlet(name="Café\0 Storm")), b"g", b"d")
    assert (row.outlet, row.url) == ("Café\ufffd Storm", None)


def test_a_time_without_its_zone_is_a_mistake() -> None:
    """Never taken for UTC."""
    with pytest.raises(TypeError, match="offset-naive"):
        microseconds(FULL.collected.replace(tzinfo=None))


def test_whoever_makes_rows_loads_no_database() -> None:
    """Worker processes are started often, and SQLAlchemy alone would double what each of them weighs."""
    asked = "{'sqlalchemy', 'sqlite3', 'feedsvc.store'} & set(sys.modules)"
    program = f"import sys, feedsvc.model.stored; print(sorted({asked}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
