"""Claimed sources in, reviews stored and an Outcome for each out: the shell around fetch → parse → normalise → store.

One thread keeps hundreds of transfers in flight; what has changed is read by processes of their own; one thread
writes. This is the one place where a SourceError is caught and recorded on its source.
"""

from feedsvc.collect.collector import Collector, Shared, fetch_options, readers_for, these
from feedsvc.collect.delivered import collect_deliveries
from feedsvc.collect.outcome import Outcome
from feedsvc.collect.roster import enrol, realign
from feedsvc.collect.round import BATCH, collect

__all__ = [
    "BATCH",
    "Collector",
    "Outcome",
    "Shared",
    "collect",
    "collect_deliveries",
    "enrol",
    "fetch_options",
    "readers_for",
    "realign",
    "these",
]
