"""What the tests of our hub share: callbacks of subscribers on loopback, and a hub at a moment that does not pass.

with Callbacks() as theirs:
    house.ask(theirs.url)         # as /hub would note it
    house.settle()                # everything that is due, to its end
    theirs.questions, theirs.deliveries
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feedsvc.config import Settings
from feedsvc.fetch import FetchOptions
from feedsvc.model import Intent, Limits, Rendition
from feedsvc.store import Store
from feedsvc.websub import Desk, Teller
from tests.databases import settings_of
from tests.loopback import Handler, Loopback
from tests.origin import Answer, Asked
from tests.samples import NOW

SITE = "https://reviews.example"
TOPIC = f"{SITE}/feeds/all.atom"
OPTIONS = FetchOptions(user_agent="feedsvc/test", private_allowed=True, host_gap=0.0)


def echo(question: dict[str, str]) -> Answer:
    """A callback that meant it."""
    return Answer(200, {}, question["hub.challenge"].encode())


class Callbacks(Loopback):
    """A subscriber's server: whatever path is asked, it answers as `verify` and `take` say, and remembers."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        #: What it was asked, and what was sent, in order.
        self.questions: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.deliveries: list[Asked] = []
        self.most_at_once = 0
        self.verify: Callable[[dict[str, str]], Answer] = lambda asked: (
            Answer(200) if asked["hub.mode"] == "denied" else echo(asked)
        )
        self.take: Callable[[Asked], Answer] = lambda _: Answer(204)
        self._now = 0
        self._lock = threading.Lock()
        theirs = self

        class Endpoint(Handler):
            def do_GET(self) -> None:
                theirs.paths.append(self.path)
                question = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
                theirs.questions.append(question)
                self.say(lambda: theirs.verify(question))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fields = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked("POST", self.path, fields, body)
                theirs.deliveries.append(asked)
                self.say(lambda: theirs.take(asked))

            def say(self, answer: Callable[[], Answer]) -> None:
                with theirs.busy():
                    said = answer()
                self.send_response_only(said.status)
                for name, value in dict(said.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

        super().__init__(Endpoint, address)
        self.url += "/callback"

    def busy(self) -> _Busy:
        return _Busy(self)

    def count(self, change: int) -> None:
        with self._lock:
            self._now += change
            self.most_at_once = max(self.most_at_once, self._now)


class _Busy:
    def __init__(self, theirs: Callbacks) -> None:
        self._theirs = theirs

    def __enter__(self) -> None:
        self._theirs.count(1)

    def __exit__(self, *_: object) -> None:
        self._theirs.count(-1)


@dataclass
class House:
    """A store with one published feed, its settings, and a clock that stands until it is set."""

    store: Store
    settings: Settings
    now: datetime = NOW
    options: FetchOptions = OPTIONS
    #: Hubs of others are told at once, since nobody serves what is published here.
    settling: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self._teller: Teller | None = None

    def ask(
        self, callback: str, mode: str = "subscribe", *, topic: str = TOPIC, secret: str | None = None, **more: int
    ) -> bool:
        """What somebody asks, as the endpoint notes it."""
        host = urlsplit(callback).hostname or ""
        intent = Intent(mode=mode, topic=topic, callback=callback, host=host, secret=secret, **more)  # type: ignore[arg-type]
        return self.store.hub.ask(intent, self.now)

    def subscribed(self, theirs: Callbacks, **asked: Any) -> None:  # noqa: ANN401
        """A subscription that its callback has verified."""
        assert self.ask(theirs.url, **asked)
        self.settle()
        assert theirs.url in [one.callback for one in self.store.hub.subscribers()]

    def publish(self, body: bytes, path: str = "/feeds/all.atom", media_type: str = "application/atom+xml") -> None:
        """New bytes at an address."""
        drawn = Rendition(path=path, media_type=media_type, body=body, etag=f'"{hash(body)}"', modified=self.now)
        self.store.renditions.put((drawn,))
        self.teller.nudge()

    @property
    def teller(self) -> Teller:
        if self._teller is None:
            desk = Desk(store=self.store, settings=self.settings, clock=lambda: self.now, settling=self.settling)
            self._teller = Teller(desk, self.options)
        return self._teller

    def settle(self) -> int:
        """Everything that is due, to its end; the number of requests that were made."""
        made = 0
        while (ended := self.teller.turn(0.5 if len(self.teller) else 0.0)) or len(self.teller):
            made += ended
        return made

    def later(self, **duration: float) -> int:
        """So much later, everything that is due, to its end."""
        self.now += timedelta(**duration)
        return self.settle()

    def renew(self, options: FetchOptions | None = None, **limits: float) -> None:
        """As after a restart, with other limits."""
        self.close()
        self._teller, self.options = None, options or replace(self.options, limits=Limits(**limits))  # type: ignore[arg-type]

    def close(self) -> None:
        """What the tellers hold is given back."""
        if self._teller is not None:
            self._teller.close()

    def __enter__(self) -> House:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self.store.close()


def house(folder: Path, websub: str = "hub = true") -> House:
    """A fresh one, whose one feed is not drawn yet."""
    (folder / "config.toml").write_text(
        f'[service]\nbase_url = "{SITE}"\n[websub]\n{websub}\n[[feeds]]\nname = "all"\ntitle = "All"\nsources = []\n',
        encoding="utf-8",
    )
    settings = settings_of(folder)
    store = Store.open(settings.database_url)
    store.migrate()
    return House(store, settings)
