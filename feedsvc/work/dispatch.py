"""What is due in, chunks of it at the broker out: the schedule's executor where work is shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from feedsvc.collect import enrol
from feedsvc.config import Settings
from feedsvc.store import Chunk, Store
from feedsvc.trying import Trying
from feedsvc.work.backlog import Backlog
from feedsvc.work.broker import Broker

log = logging.getLogger(__name__)

#: Sources in one chunk of what hubs delivered.
DELIVERED = 25


class Dispatch:
    """Hands over what is due, as much as workers take; any number of schedules may do so at once."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime], broker: Broker) -> None:
        self._store, self._clock, self._broker = store, clock, broker
        self._given = self._settings = settings
        self._stopping = False
        self._lease = timedelta(seconds=settings.scale.lease)
        self._backlog = Backlog()
        self._try_handing = Trying(log, "handing work to workers")

    def prepare(self) -> None:
        """Take over the settings of a reload: their sources are enrolled before any of them is handed out."""
        settings = self._given
        if settings is not self._settings:
            enrol(self._store, settings, self._clock())
            self._settings = settings

    def reload(self, settings: Settings) -> None:
        """Go on under new settings from the next tick on."""
        self._given = settings

    def stop(self) -> None:
        """Hand over nothing more."""
        self._stopping = True

    def tick(self) -> None:
        """Hand over what is due; without a broker or a database nothing is, and the log says so once."""
        self._try_handing(self._hand_over)

    def _hand_over(self) -> None:
        if self._stopping:
            return
        room = self._backlog.room(self._broker.waiting())
        self._send(self._delivered(), self._broker.read)
        chunks = self._store.chunks.claim(self._clock(), most=room, lease=self._lease) if room else []
        self._backlog.handed(room, len(chunks))
        self._send(chunks, self._broker.look)

    def _delivered(self) -> list[Chunk]:
        chunk = self._store.chunks.claim_delivered(self._clock(), limit=DELIVERED, lease=self._lease)
        return [chunk] if chunk else []

    def _send(self, chunks: Sequence[Chunk], send: Callable[[Chunk], None]) -> None:
        """Send each; what cannot be sent is given back at once."""
        sent = 0
        try:
            for chunk in chunks:
                send(chunk)
                sent += 1
        finally:
            for chunk in chunks[sent:]:
                self._store.chunks.give_back(chunk)

    def close(self) -> None:
        """End the connections to the broker; what was handed over is the workers'."""
        self._broker.close()
