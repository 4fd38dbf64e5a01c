"""A document read whole in; its items each with an identity of its own, and what it calls itself, out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from feedsvc.model import FeedInfo, Item
from feedsvc.normalise import urls
from feedsvc.normalise.html import plain
from feedsvc.normalise.identity import item_key, permalink


def distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, each once. A guid that stands for several permalinks names none of them, so those go by permalink.

    Wherever such an item stands in the document its identity is the same; of items that agree in both, the first stays.
    """
    keys = [item_key(item) for item in items]
    if len(set(keys)) == len(keys):
        return tuple(items)
    places = defaultdict(set)
    for key, item in zip(keys, items, strict=True):
        places[key].add(permalink(item, ""))
    named = (replace(item, guid=None) if len(places[key]) > 1 else item for key, item in zip(keys, items, strict=True))
    found: dict[str, Item] = {}
    for item in named:
        found.setdefault(item_key(item), item)
    return tuple(found.values())


def feed_title(feed: FeedInfo) -> str | None:
    """What a feed calls itself, as plain text."""
    return plain(feed.title, 300) or None


def feed_home(feed: FeedInfo, document_url: str) -> str | None:
    """The page that a feed belongs to."""
    links = (urls.absolute(link.href, document_url) for link in feed.links if link.rel == "alternate")
    return next((url for url in links if url), None)
