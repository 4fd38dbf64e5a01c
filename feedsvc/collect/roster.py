"""The configured sources in; their rows in the store, each with a time for its next look that makes no herd, out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from feedsvc.cadence import Cadence, after_downtime, after_step_back, first_checks
from feedsvc.config import Settings
from feedsvc.model import SourceState, is_url
from feedsvc.store import Store


def enrol(store: Store, settings: Settings, now: datetime) -> None:
    """Make the store's sources those of the settings: at start, and whenever they were read again.

    A few newcomers are due at once, the others spread over the interval, and so are those configured otherwise than
    before. What is known of a source stays. Raises StoreError.
    """
    known = {state.name for state in store.states()}
    names = [source.name for source in settings.sources]
    names.sort(key=lambda name: name in known)
    interval = settings.polling.interval
    store.sync_sources(settings.sources, now, first_checks=first_checks(names, now, interval), interval=interval)


def realign(store: Store, settings: Settings, now: datetime) -> None:
    """Spread what became due while nobody looked, and mend what a clock that was set back made late.

    At start, and when the clock has jumped or the machine slept. Files and folders burden nobody: they stay due.
    """
    polling = settings.polling
    states = store.states()
    store.postpone(after_step_back(states, now) | _newcomers(states, now, polling.interval))
    options = Cadence(interval=polling.interval, min_interval=polling.min_interval, max_interval=polling.max_interval)
    overdue = [
        (name, due)
        for name, due in store.overdue(now)
        if (source := settings.source(name)) is not None and is_url(source.location)
    ]
    store.postpone(after_downtime(overdue, now, options))


def _newcomers(states: Sequence[SourceState], now: datetime, interval: float) -> dict[str, datetime]:
    """New moments for the sources that were never looked at and wait longer than newcomers do: the clock was set back.

    The last of them is due at the end of the interval (seconds), the others as long before it as they were.
    """
    end = now + timedelta(seconds=interval)
    late = {state.name: state.next_check for state in states if state.last_checked is None and state.next_check > end}
    step = max(late.values(), default=end) - end
    return {name: max(now, check - step) for name, check in late.items()}
