"""What subscribers and hubs are to be told in, requests on their way, many at once, on a thread of its own, out.

Nothing here waits for anybody: who hangs, holds a place among many, at most a few of them, until the limits of time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from feedsvc.config import hubs_of, other_hubs, own_hub
from feedsvc.fetch import FetchOptions, Transfers
from feedsvc.model import Waiting
from feedsvc.trying import Trying
from feedsvc.websub.errand import Desk, Errand
from feedsvc.websub.hub import deliveries, verifications
from feedsvc.websub.publisher import announcements

log = logging.getLogger(__name__)

#: Seconds between two looks at what was asked, or failed and is due again; what is published is told of at once.
EVERY = 1.0
#: Seconds between two looks at what is published, for what another process published.
LOOK_EVERY = 5.0
#: Requests under way at once: verifications, deliveries, announcements; and to one host, of each kind.
VERIFYING, DELIVERING, ANNOUNCING, AT_ONE_HOST = 20, 100, 10, 4
#: Work that is looked through for a host that has a free place.
SEEN = 200
#: The largest answer that is read, in bytes: a challenge is far shorter.
ANSWER = 4096
#: Seconds that the web server has at a start: whoever is told of a change asks it for more.
HEAD_START = 3.0
#: Seconds that what is under way has at a stop.
FAREWELL = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work: its name, where it waits, how it is made, and how much of it may be under way."""

    name: str
    due: Callable[[datetime, int, Collection[str]], Sequence[Waiting]]
    made: Callable[[Desk, Sequence[Waiting]], Iterator[Errand]]
    most: int


class Teller:
    """Everything under way to subscribers and hubs, driven by whoever calls `turn`; any thread may `nudge` it."""

    def __init__(self, desk: Desk, options: FetchOptions) -> None:
        self._desk = desk
        limits = replace(options.limits, max_body=ANSWER)
        most = VERIFYING + DELIVERING + ANNOUNCING
        self._transfers = Transfers(replace(options, limits=limits, in_flight=most))
        self._under_way: dict[str, Errand] = {}
        self._hubs = other_hubs(desk.settings)
        self._serves = own_hub(desk.settings) is not None
        self._is_news = True
        self._next_look = self._not_before = 0.0
        self._try_queueing = Trying(log, "queueing what subscribers and hubs are to be told")

    def __len__(self) -> int:
        """How many requests are under way."""
        return len(self._under_way)

    def nudge(self) -> None:
        """Something was published: it is told of in the next turn, which begins at once."""
        self._is_news = True
        self._transfers.nudge()

    def turn(self, patience: float, *, taking: bool = True) -> int:
        """Begin what is due (`taking`), move everything on, and settle what has ended, which is counted.

        Waits at most `patience` seconds for the first answer. Raises StoreError; what was not settled is due again.
        """
        if taking and hubs_of(self._desk.settings):
            self._look()
            for line in self._lines():
                self._begin(line)
        answered = self._transfers.drive(patience)
        ended = [(self._under_way.pop(request.name), answer) for request, answer in answered]
        noted: dict[Callable[[Mapping[int, Any]], None], dict[int, object]] = {}
        for errand, answer in ended:
            if note := errand.settle(answer):
                noted.setdefault(note.method, {})[note.number] = note.value
        for method, values in noted.items():
            method(values)
        return len(ended)

    def close(self) -> None:
        """End everything that is under way; it is due again after its pause."""
        self._transfers.close()

    def _lines(self) -> Iterator[Line]:
        hub = self._desk.store.hub
        if self._serves:
            yield Line("intent", hub.intents, verifications, VERIFYING)
            yield Line("delivery", hub.deliveries.due, deliveries, DELIVERING)
        if self._hubs:
            yield Line("announcement", hub.announcements.due, announcements, ANNOUNCING)

    def _look(self) -> None:
        """Queue what was published since the last look, and forget what is over."""
        now = time.monotonic()
        if now < (self._not_before if self._is_news else self._next_look):
            return
        self._is_news, self._next_look = False, now + LOOK_EVERY
        # On its own: in the turns between two looks all else may go well.
        self._try_queueing(lambda: self._queue(now))

    def _queue(self, now: float) -> None:
        store, moment, settling = self._desk.store, self._desk.clock(), self._desk.settling
        if changes := store.hub.changed(self._desk.published(), self._hubs, moment, settling):
            log.info("%d addresses of feeds have changed: subscribers and hubs are told", changes)
            if self._hubs:
                # A feed that never comes to rest would put off for ever what its hubs are to be told.
                self._not_before = now + 1.5 * settling.total_seconds()
        store.hub.prune(self._hubs, moment)

    def _begin(self, line: Line) -> None:
        """As much as there is room for; no host gets more than its places, however much waits for it."""
        under_way = [errand.host for name, errand in self._under_way.items() if name.startswith(line.name)]
        room, at_host = line.most - len(under_way), Counter(under_way)
        chosen: list[Waiting] = []
        full = [host for host, places in at_host.items() if places >= AT_ONE_HOST]
        for one in line.due(self._desk.clock(), SEEN, full) if room else ():
            if at_host[one.host] < AT_ONE_HOST and f"{line.name} {one.id}" not in self._under_way:
                at_host[one.host] += 1
                chosen.append(one)
            if len(chosen) == room:
                break
        for errand in line.made(self._desk, chosen):
            self._under_way[errand.request.name] = errand
            self._transfers.submit(errand.request)


class Telling:
    """A teller on a thread of its own, from `start` to `stop`."""

    def __init__(self, desk: Desk, options: FetchOptions, *, elected: Callable[[], bool] = lambda: True) -> None:
        """`elected`: whether it is ours to tell now, where there are several of us; it may raise StoreError."""
        self._elected = elected
        self._teller = Teller(desk, options)
        self._given = self._held = desk, options
        self._stopping = threading.Event()
        self._try = Trying(log, "telling subscribers and hubs")
        self._thread = threading.Thread(target=self._run, name="websub", daemon=True)

    def start(self) -> None:
        """Begin with what was not told before the last stop."""
        self._thread.start()

    def nudge(self) -> None:
        """Something was published."""
        self._teller.nudge()

    def reload(self, desk: Desk, options: FetchOptions) -> None:
        """Go on under other settings, when what is under way has ended."""
        self._given = desk, options
        self._teller.nudge()

    def stop(self) -> None:
        """Begin nothing more, give what is under way a moment, and return."""
        self._stopping.set()
        self._teller.nudge()
        if self._thread.ident is not None:
            self._thread.join()
        self._teller.close()

    def _run(self) -> None:
        self._stopping.wait(HEAD_START)
        while not self._stopping.is_set():
            self._guarded(self._go_on)
        ending = time.monotonic() + FAREWELL
        while len(self._teller) and time.monotonic() < ending:
            self._guarded(lambda: self._teller.turn(0.1, taking=False))

    def _go_on(self) -> None:
        if self._given is self._held:
            self._teller.turn(EVERY, taking=self._elected())
        elif len(self._teller):
            self._teller.turn(EVERY, taking=False)
        else:
            self._held = self._given
            before, self._teller = self._teller, Teller(*self._held)
            before.close()

    def _guarded(self, step: Callable[[], object]) -> None:
        """Whatever goes wrong in one step, the next one starts afresh."""
        if not self._try(step):
            self._stopping.wait(EVERY)
