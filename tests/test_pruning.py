"""What serves nothing any more goes, a few rows at a time; what does, and every review, stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from feedsvc.model import Asking, Quarantined, Robots
from feedsvc.store import Store
from feedsvc.store.pruning import AT_ONCE
from feedsvc.store.schema import host_limit
from tests.databases import connected, database_url
from tests.samples import FULL, NOW
from tests.test_store import HOUR, LANTERN, item, looked

DAY = timedelta(days=1)


def test_what_nobody_offers_any_more_goes_after_a_year(tmp_path: Path) -> None:
    """An item that was kept out a year ago; not yesterday's, and no review."""
    with Store.open(database_url(tmp_path)) as store:
        store.migrate()
        store.sync_sources([LANTERN], NOW)
        old = Quarantined(source="night-lantern", place="old", reason="no way back", seen=NOW - 365 * DAY)
        young = Quarantined(source="night-lantern", place="young", reason="no way back", seen=NOW - 364 * DAY)
        looked(store, "night-lantern", NOW, [item(FULL)], quarantined=(old, young))
        assert store.prune(NOW) == 1
        assert store.prune(NOW) == 0
        assert store.quarantined() == [young]
        assert store.newest(["night-lantern"], 5) == [FULL]


def test_what_holds_stays(tmp_path: Path) -> None:
    """A domain that is to be left alone, and what robots.txt says, until it is over."""
    with Store.open(database_url(tmp_path)) as store:
        store.migrate()
        store.limit_domain("over.example", NOW)
        store.limit_domain("holds.example", NOW + HOUR)
        for host, until in (("over", NOW + HOUR), ("holds", NOW + DAY + HOUR)):
            said = Robots(origin=f"https://{host}.example", asking=Asking.RULES, until=until, text="")
            store.pages.note_robots([said], NOW)
        assert store.prune(NOW) == 1
        assert store.domain_limits(NOW - HOUR) == {"holds.example": NOW + HOUR}
        assert store.prune(NOW + DAY + HOUR) == 2
        assert store.pages.robots("https://over.example", NOW) is None
        assert store.pages.robots("https://holds.example", NOW) is not None


def test_much_goes_a_part_at_a_time(tmp_path: Path) -> None:
    """Nobody else waits for long."""
    url = database_url(tmp_path)
    with Store.open(url) as store:
        store.migrate()
        with connected(url) as connection:
            domains = [{"domain": f"d{number}.example", "until": NOW} for number in range(AT_ONCE + 1)]
            connection.execute(insert(host_limit), domains)
        assert [store.prune(NOW), store.prune(NOW), store.prune(NOW)] == [AT_ONCE, 1, 0]
