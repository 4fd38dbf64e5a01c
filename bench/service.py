"""feedsvc, as it is measured: the only part of the bench that knows how a look at many sources is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.addresses import url
from feedsvc.collect import BATCH, Collector, Outcome, collect, readers_for
from feedsvc.config import Settings, load
from feedsvc.model import Source
from feedsvc.store import Claim, Store
from feedsvc.work.local import LEASE

_CONFIG = """
[service]
base_url = "https://reviews.example"
data_dir = "."
[polling]
allow_private_addresses = true
"""


class Service:
    """Looks at all sources, one round after another, as a running service does when all of them are due."""

    def __init__(self, folder: Path, port: int, count: int) -> None:
        self._settings = settings(folder, port, count)
        self._store = Store.open(self._settings.database_url)
        self._store.migrate()
        self._collector = Collector(
            store=self._store, settings=self._settings, clock=_now, readers=readers_for(self._settings)
        )
        self._failed: list[Outcome] = []

    def prepare(self) -> None:
        """Take in the sources; none is due for an hour, whatever a look at them says."""
        now = _now()
        later = now + timedelta(hours=1)
        first_checks = {source.name: later for source in self._settings.sources}
        self._store.sync_sources(self._settings.sources, now, first_checks=first_checks)

    def look(self) -> None:
        """Every source once."""
        names = iter(self._settings.sources)

        def claims(limit: int) -> Sequence[Claim]:
            return self._store.claim_named([source.name for source in islice(names, limit)], _now(), LEASE)

        collect(self._collector, claims, self._report)
        if self._failed:
            raise RuntimeError(f"{len(self._failed)} sources failed; the first: {self._failed[0].error}")

    def tick(self) -> None:
        """What the scheduler does when nothing is due."""
        if self._store.claim_due(_now(), limit=BATCH, lease=LEASE):
            raise RuntimeError("a source was due, and none should be")

    def _report(self, outcome: Outcome) -> None:
        if outcome.error or outcome.kept_out:
            self._failed.append(outcome)


def settings(folder: Path, port: int, count: int) -> Settings:
    """A configuration in `folder` with a source for each feed."""
    path = folder / "config.toml"
    path.write_text(_CONFIG, encoding="utf-8")
    sources = tuple(Source(name=source_name(n), kind="feed", location=url(n, port)) for n in range(count))
    return replace(load(path, {}), sources=sources)


def source_name(number: int) -> str:
    """The name of a feed's source."""
    return f"feed-{number}"


def _now() -> datetime:
    return datetime.now(UTC)
