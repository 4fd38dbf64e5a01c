"""An open store and the settings in, the Publisher of this machine out."""

from __future__ import annotations

from feedsvc.cli.invocation import utc_now
from feedsvc.config import Settings
from feedsvc.publish import Publisher
from feedsvc.store import Store


def publisher_of(store: Store, settings: Settings) -> Publisher:
    """All that is published, by the clock of this machine."""
    return Publisher(store=store, settings=settings, clock=utc_now)
