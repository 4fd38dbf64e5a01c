"""A feed's address and the ETag that a client has of it in, what is new since then out (RFC 3229 with "feed")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from feedsvc.model import Feed, Rendition
from feedsvc.publish.feeds import document_of
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.numbering import read
from feedsvc.publish.packing import packed
from feedsvc.publish.selecting import Shown, fragments, shown
from feedsvc.render import FORMATS, Format

_PATH = re.compile(r"/feeds/([a-z0-9-]+)(\.[a-z]+)")


def delta(holdings: Holdings, path: str, etag: str) -> Rendition | None:
    """The feed at a path with only what the holder of an ETag has not seen in it, under the ETag of the whole.

    None where no feed stands, where the ETag is unknown or from under other settings, and where that is all of it.
    """
    found, before = _feed_at(holdings.settings.feeds, path), read(etag)
    current = holdings.store.renditions.get(path) if found and before else None
    now = read(current.etag) if current else None
    if not (found and before and current and now):
        return None
    if now.settings != before.settings or before.change > now.change:
        return None
    key = path, current.etag, before.change
    kept = holdings.deltas.get(key)
    if kept is None:
        kept = _drawn(holdings, *found, before.change, current)
    return kept and holdings.deltas.put(key, kept, len(kept.body))


def _feed_at(feeds: Sequence[Feed], path: str) -> tuple[Feed, Format] | None:
    found = _PATH.fullmatch(path)
    feed = next((feed for feed in feeds if found and feed.name == found[1]), None)
    form = next((form for form in FORMATS.values() if found and form.suffix == found[2]), None)
    return (feed, form) if feed and form else None


def _drawn(holdings: Holdings, feed: Feed, form: Format, change: int, current: Rendition) -> Rendition | None:
    names = holdings.settings.source_names(feed)
    entries = shown(holdings, feed)
    new = unseen(entries, change, holdings.store.archives.count_changed(names, change), feed.items)
    if len(new) == len(entries):
        return None
    parts = holdings.store.archives.parts(feed.name)
    whole = document_of(holdings, feed, entries, parts[-1:], holdings.store.withdrawals.last(names))
    gone = tuple(one for one in whole.tombstones if one.change > change)
    partial = replace(whole, entries=tuple(one.entry for one in new), tombstones=gone)
    body = form.document(holdings.settings.site, partial, fragments(holdings, form, new, entries))
    return packed(
        Rendition(
            path=current.path, media_type=current.media_type, body=body, etag=current.etag, modified=current.modified
        )
    )


def unseen(entries: Sequence[Shown], change: int, since: int, items: int) -> list[Shown]:
    """The entries that changed after a number, and those that may have come up from below the fold since then.

    Of those that did not change, one that so few stood before that it was among the first `items` even if each of the
    `since` reviews that changed had stood before it too, was seen.
    """
    found, before = [], 0
    for one in entries:
        if one.change > change or before + since >= items:
            found.append(one)
        before += one.change <= change
    return found
