"""What the tests of collecting share: one service on a temporary folder, looking at an origin, driven by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedsvc.collect import Collector, Outcome, collect, these
from feedsvc.collect.workers import Readers
from feedsvc.config import Settings
from feedsvc.model import Site, SourceState
from feedsvc.publish import Publisher, select
from feedsvc.reading import Setup
from feedsvc.store import Store
from tests.databases import settings_of
from tests.origin import Answer, Asked, Origin

LEASE = timedelta(minutes=5)
#: All that a look which failed may change of what is known of a source.
OF_A_FAILURE = {"next_check", "interval", "failures", "error", "error_kind", "last_checked"}
RSS = "application/rss+xml"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Bench:
    """One service on a temporary folder, looking at `/feed` of an origin; `polling` is what else stands in that table
    of its config, `more` after all of it.

    `readers` outlive it; without them each look starts its own, as the settings say.
    """

    def __init__(
        self,
        folder: Path,
        origin: Origin,
        location: str = "/feed",
        *,
        polling: str = "",
        more: str = "",
        readers: Readers | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.origin = origin
        self.clock = clock or Clock()
        self.readers = readers
        config = folder / "config.toml"
        config.write_text(
            f"""
            [service]
            base_url = "http://reviews.example"
            [polling]
            allow_private_addresses = true
            {polling}
            [[sources]]
            name = "outlet"
            kind = "feed"
            location = "{location if "://" in location else origin.url + location}"
            [[feeds]]
            name = "all"
            title = "All"
            {more}
            """,
            encoding="utf-8",
        )
        self.settings: Settings = settings_of(folder)
        self.store = Store.open(self.settings.database_url)
        self.store.migrate()
        self.store.sync_sources(self.settings.sources, self.clock.now)

    def configure(self, before: str, after: str) -> None:
        """Go on with other words in place of some of the configuration."""
        path = self.settings.path
        path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
        self.settings = settings_of(path.parent)
        self.store.sync_sources(self.settings.sources, self.clock.now)

    @property
    def collector(self) -> Collector:
        """What collects here."""
        return Collector(store=self.store, settings=self.settings, clock=self.clock, readers=self.readers)

    @property
    def state(self) -> SourceState:
        """What the database says of the source."""
        [state] = self.store.states()
        return state

    @property
    def asked(self) -> Asked:
        """The last request."""
        return self.origin.requests[-1]

    def look(self, after: timedelta = timedelta(hours=1), *, force: bool = False) -> Outcome:
        """Look at the source when so much time has passed, due or not."""
        self.clock.now += after
        outcomes: list[Outcome] = []
        claims = self.store.claim_named(["outlet"], self.clock.now, LEASE)
        collect(self.collector, these(claims), outcomes.append, force=force)
        [outcome] = outcomes
        return outcome

    def look_when_due(self) -> Outcome:
        """Look at the source at the moment that its row names."""
        return self.look(self.state.next_check - self.clock.now)

    def titles(self) -> list[str]:
        """The titles that the feed shows, newest first."""
        publisher = Publisher(store=self.store, settings=self.settings, clock=self.clock)
        return [entry.review.title for entry in select(publisher, self.settings.feeds[0])]

    def serve(self, body: bytes, status: int = 200, path: str = "/feed", **headers: str) -> None:
        """Answer so from now on; the underscores of a header's name are hyphens."""
        named = {"Content-Type": RSS} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.origin.answer(path, status, named, body)

    def serve_unless_known(self, body: bytes, etag: str, **headers: str) -> None:
        """Answer with a document and its ETag, and with 304 whoever sends that."""
        named = {"Content-Type": RSS, "ETag": etag}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(asked: Asked) -> Answer:
            return Answer(304) if asked.headers.get("if-none-match") == etag else Answer(200, named, body)

        self.origin.answer("/feed", body=answer)


def changed(before: SourceState, after: SourceState) -> set[str]:
    """The fields in which two states differ."""
    return {name for name, value in vars(before).items() if value != vars(after)[name]}


def shared_readers() -> Readers:
    """A process that reads documents as every bench wants it that sets neither limits nor outlets."""
    return Readers(1, Setup(site=Site(title="Reviews", base_url="http://reviews.example")))


def rss(*items: str, title: str = "Outlet", head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>https://outlet.example/</link>{head}{''.join(items)}</channel></rss>"
    ).encode()


def item(number: int, text: str = "Words.", day: int = 1) -> str:
    return (
        f"<item><guid isPermaLink='false'>n{number}</guid><title>Review {number}</title>"
        f"<link>https://outlet.example/{number}</link><description>{text}</description>"
        f"<pubDate>Fri, {day:02} May 2026 08:00:00 GMT</pubDate></item>"
    )
