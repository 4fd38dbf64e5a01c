"""Claimed sources for which deliveries of hubs wait in; their reviews stored, and an Outcome for each, out.

A delivery is a document like a fetched one, but nothing is asked: validators, and when the source is next asked, stay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta

from feedsvc.collect.collector import Collector
from feedsvc.collect.outcome import Outcome
from feedsvc.collect.round import KNOWN
from feedsvc.collect.workers import Readers
from feedsvc.errors import SourceError
from feedsvc.model import Delivery, Source, SourceState
from feedsvc.reading import Reading, Task
from feedsvc.store import Claim, Look

log = logging.getLogger(__name__)

#: A feed is asked so long after the last look, when its items want completing.
SOON = timedelta(minutes=15)


def collect_deliveries(
    collector: Collector, readers: Readers, claims: Sequence[Claim], report: Callable[[Outcome], None]
) -> None:
    """Read what hubs delivered for the claimed sources, oldest first; raises StoreError.

    A delivery that cannot be read is named in the log and forgotten: the source itself may be well.
    """
    for claim in claims:
        source = collector.settings.source(claim.name)
        if source is None:
            collector.store.release([claim])
            continue
        deliveries = collector.store.deliveries(claim.name)
        readings = [
            result for delivery in deliveries if (result := _read(collector, readers, source, delivery)) is not None
        ]
        _record(collector, claim, readings, report)
        # After it was stored: a crash in between has it read once more, to no effect.
        collector.store.delivered([delivery.id for delivery in deliveries])


def _read(collector: Collector, readers: Readers, source: Source, delivery: Delivery) -> Reading | None:
    task = Task(
        source=source,
        now=collector.clock(),
        known=collector.store.known_digests(source.name, KNOWN),
        fetched=delivery.fetched(),
        pages=collector.store.pages.said(source.name) if source.follow else {},
    )
    told: Future[Reading | BaseException] = Future()
    readers.submit(lambda: task, told.set_result)
    result = told.result()
    if isinstance(result, Reading):
        return result
    if isinstance(result, SourceError):
        log.warning("%s: a delivery of its hub cannot be read: %s", source.name, result)
    else:
        log.error("a delivery for source %s met a bug of feedsvc", source.name, exc_info=result)
    return None


def _record(collector: Collector, claim: Claim, readings: Sequence[Reading], report: Callable[[Outcome], None]) -> None:
    now, source = collector.clock(), collector.settings.source(claim.name)
    # Of two forms of one item the one that was delivered last holds.
    items = {item.guid_hash: item for reading in readings for item in reading.items}
    new = any(reading.new for reading in readings)
    look = Look(
        claim=claim,
        now=now,
        state=_after(claim.state, new=new, asks=source is not None and source.follow is not None, now=now),
        reviews=tuple(items.values()),
        quarantined=tuple(entry for reading in readings for entry in reading.quarantined),
    )
    [recorded] = collector.store.record([look])
    report(
        Outcome(
            source=claim.name,
            new=recorded.new,
            changed=recorded.changed,
            unchanged=recorded.unchanged + sum(reading.unchanged for reading in readings),
            withdrawn=recorded.withdrawn,
            kept_out=tuple((entry.place, entry.reason) for entry in look.quarantined),
        )
    )


def _after(state: SourceState, *, new: bool, asks: bool, now: datetime) -> SourceState:
    """The source's next state. One whose items are completed from their pages is asked soon: that is where they are."""
    soon = now if state.last_checked is None else max(now, state.last_checked + SOON)
    return state.but(
        last_new=now if new else state.last_new,
        next_check=min(state.next_check, soon) if new and asks else state.next_check,
    )
