"""All SQL. Sources, results of looks and renditions go in; the same come out again, whatever crashed between."""

from feedsvc.store.electing import Election
from feedsvc.store.migrating import Migrated
from feedsvc.store.notices import Notices
from feedsvc.store.store import DEFAULT_INTERVAL, Store
from feedsvc.store.values import Chunk, Claim, DocumentSeen, Look, Recorded
from feedsvc.store.views import Page

__all__ = [
    "DEFAULT_INTERVAL",
    "Chunk",
    "Claim",
    "DocumentSeen",
    "Election",
    "Look",
    "Migrated",
    "Notices",
    "Page",
    "Recorded",
    "Store",
]
