"""All SQL. Sources, results of looks and renditions go in; the same come out again, whatever crashed between."""

from feedsvc.store.store import DEFAULT_INTERVAL, Store
from feedsvc.store.values import Claim, Collected, DocumentSeen, Recorded, StoredItem

__all__ = ["DEFAULT_INTERVAL", "Claim", "Collected", "DocumentSeen", "Recorded", "Store", "StoredItem"]
