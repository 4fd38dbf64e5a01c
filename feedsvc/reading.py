"""A document, or a folder of them, in; what it holds that is not stored yet, ready to be stored, out.

This is the work that takes time, so it is done in processes of its own: nothing here knows of the store, the network
or the clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from heapq import nlargest
from pathlib import Path

from feedsvc.errors import SourceError, Unattributable
from feedsvc.fetch.files import read_file, read_folder
from feedsvc.model import (
    Fetched,
    Item,
    Limits,
    Link,
    Outlet,
    PageLink,
    Parsed,
    Quarantined,
    Rhythm,
    Site,
    Source,
    is_url,
)
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.normalise import Normaliser, item_key, parse_date
from feedsvc.normalise.completed import completed
from feedsvc.normalise.document import distinct, feed_home, feed_title
from feedsvc.normalise.identity import permalink
from feedsvc.normalise.urls import same_place
from feedsvc.parsers import PARSERS
from feedsvc.parsers.sameness import body_digest

#: So many of a feed's newest dates show how often it publishes.
RHYTHM_SAMPLE = 20
#: The links of a feed by which a hub is found (W3C WebSub, 4).
_HUB_LINKS = ("hub", "self")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is the same for all documents: where this service stands, every configured outlet, and the limits."""

    site: Site
    outlets: tuple[Outlet, ...] = ()
    limits: Limits = field(default_factory=Limits)


class Wanted(StrEnum):
    """What of a document is to be read."""

    ITEMS = "items"
    #: The pages of a feed's items.
    LINKS = "links"
    #: What the page of a feed's item says.
    SAID = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One look to be read. `known`: guid_hash → digest of what is stored of the source, as far as it may well return.

    A source on the web comes with the `fetched` document, and its `digest` where it is known. A file's is read here,
    unless its digest is `body_hash`; so are a folder's, but for those of `documents` (path → digest). `pages` is what
    the pages of a feed's items say, by the items' addresses; `address` that of the item whose page is read.
    """

    source: Source
    now: datetime
    known: Mapping[bytes, bytes] = field(default_factory=dict)
    fetched: Fetched | None = None
    digest: bytes | None = None
    body_hash: bytes | None = None
    documents: Mapping[str, bytes] = field(default_factory=dict)
    wanted: Wanted = Wanted.ITEMS
    pages: Mapping[str, Item] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One file of a drop folder that was new; `reason` says why it is kept out, None: it was taken."""

    path: str
    digest: bytes
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a look holds: the items that are new or changed, and what the feed says of itself.

    `same`: the file's bytes are those of last time, and nothing was read. `dates` are those of the newest items.
    """

    items: tuple[StoredItem, ...] = ()
    #: How many of the items are not stored yet, as far as `Task.known` tells.
    new: int = 0
    unchanged: int = 0
    quarantined: tuple[Quarantined, ...] = ()
    body_hash: bytes | None = None
    same: bool = False
    title: str | None = None
    home: str | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    dates: tuple[datetime, ...] = ()
    hub_links: tuple[Link, ...] = ()
    seen: tuple[Seen, ...] = ()
    present: frozenset[str] | None = None
    #: The pages that it leads to, the newest first.
    pages: tuple[PageLink, ...] = ()
    #: What the page of a feed's item says of it.
    said: Item | None = None


def read(task: Task, setup: Setup) -> Reading:
    """What a look at a source holds; raises SourceError when it cannot be read."""
    if task.fetched is not None:
        return _READERS[task.wanted](task, setup, task.fetched)
    if task.source.kind == "folder":
        return _read_folder(task, setup)
    fetched = read_file(Path(task.source.location), max_body=setup.limits.max_body)
    if (digest := body_digest(fetched.body)) == task.body_hash:
        return Reading(same=True, body_hash=digest)
    return _read_document(task, setup, fetched)


def place(task: Task) -> str:
    """Where the document of a task lies, for messages."""
    return task.fetched.url if task.fetched else task.source.location


def _read_document(task: Task, setup: Setup, fetched: Fetched) -> Reading:
    parsed = completed_by(PARSERS[task.source.kind](fetched, setup.limits), fetched.url, task.pages)
    feed = parsed.feed
    items, unchanged, quarantined = _ready(task, setup, [(parsed, fetched.url)])
    dates = (parse_date(item.published or item.updated) for item in parsed.items)
    return Reading(
        items=items,
        new=_new(task, items),
        unchanged=unchanged,
        quarantined=quarantined,
        body_hash=task.digest or body_digest(fetched.body),
        title=feed_title(feed),
        home=feed_home(feed, fetched.url),
        rhythm=feed.rhythm,
        dates=tuple(nlargest(RHYTHM_SAMPLE, (date for date in dates if date is not None))),
        hub_links=tuple(link for link in feed.links if link.rel in _HUB_LINKS),
        pages=links_of(parsed, task.source, fetched.url, setup.limits.max_items),
    )


def _read_links(task: Task, setup: Setup, fetched: Fetched) -> Reading:
    parsed = PARSERS[task.source.kind](fetched, setup.limits)
    return Reading(pages=links_of(parsed, task.source, fetched.url, setup.limits.max_items))


def _read_said(task: Task, setup: Setup, fetched: Fetched) -> Reading:
    return Reading(said=said_of(fetched, task.address, setup.limits))


_READERS = {Wanted.ITEMS: _read_document, Wanted.LINKS: _read_links, Wanted.SAID: _read_said}


def links_of(parsed: Parsed, source: Source, url: str, most: int) -> tuple[PageLink, ...]:
    """The pages that a document of a source leads to, the newest first, at most so many.

    Of a feed that is followed, those of its items, each with when the item was changed; an address that several share
    is the page of none.
    """
    if source.follow:
        links = [(permalink(item, url), item.updated) for item in distinct(parsed.items)]
        shared = Counter(address for address, _ in links)
        pages = [
            PageLink(url=address, modified=updated)
            for address, updated in links
            if address is not None and is_url(address) and shared[address] == 1
        ]
        return tuple(pages[:most])
    pages = list(parsed.pages)
    if any(page.modified for page in pages):
        # A sitemap is in no order; its dates can be compared as they are written (W3C-DTF).
        pages.sort(key=lambda page: page.modified or "", reverse=True)
    return tuple(pages[:most])


def completed_by(parsed: Parsed, url: str, pages: Mapping[str, Item]) -> Parsed:
    """A feed with what the pages of its items, by their addresses, add to them."""
    if not pages:
        return parsed
    items = ((item, pages.get(permalink(item, url) or "")) for item in parsed.items)
    return replace(parsed, items=tuple(item if said is None else completed(item, said) for item, said in items))


def said_of(page: Fetched, address: str, limits: Limits) -> Item | None:
    """What a page says of the item whose address it is: its review under that address, else its only one."""
    items = PARSERS["page"](page, limits).items
    for item in items:
        place = permalink(item, page.url)
        if same_place(place, address) or same_place(place, page.url):
            return item
    return items[0] if len(items) == 1 else None


def _read_folder(task: Task, setup: Setup) -> Reading:
    """Every new or changed document of a drop folder; an unreadable one is noted with its reason and stops nothing."""
    seen: list[Seen] = []
    present: list[str] = []
    parsed: list[tuple[Parsed, str]] = []
    for dropped in read_folder(Path(task.source.location), task.documents, max_body=setup.limits.max_body):
        present.append(dropped.path)
        reason = str(dropped.error) if dropped.error else None
        if dropped.document is not None:
            try:
                parsed.append((PARSERS[task.source.kind](dropped.document, setup.limits), dropped.document.url))
            except SourceError as error:
                reason = str(error)
        elif reason is None:
            continue
        seen.append(Seen(path=dropped.path, digest=dropped.digest, reason=reason))
    items, unchanged, quarantined = _ready(task, setup, parsed)
    return Reading(
        items=items,
        new=_new(task, items),
        unchanged=unchanged + len(present) - len(seen),
        quarantined=quarantined,
        seen=tuple(seen),
        present=frozenset(present),
    )


def _new(task: Task, items: Sequence[StoredItem]) -> int:
    return sum(item.guid_hash not in task.known for item in items)


def _ready(
    task: Task, setup: Setup, documents: Sequence[tuple[Parsed, str]]
) -> tuple[tuple[StoredItem, ...], int, tuple[Quarantined, ...]]:
    """The items as reviews; how many need no work, since their digest is the stored one; and those kept out."""
    items: list[StoredItem] = []
    quarantined: list[Quarantined] = []
    unchanged = 0
    for parsed, url in documents:
        normaliser = Normaliser(
            parsed.feed,
            source=task.source,
            document_url=url,
            site=setup.site,
            outlets=setup.outlets,
            limits=setup.limits,
        )
        for item in distinct(parsed.items):
            key = item_key(item)
            guid_hash = sha256(key.encode("utf-8", "backslashreplace")).digest()
            digest = normaliser.digest(item)
            if task.known.get(guid_hash) == digest:
                unchanged += 1
                continue
            try:
                review = normaliser.review(item, task.now)
            except Unattributable as error:
                quarantined.append(Quarantined(source=task.source.name, place=key, reason=str(error), seen=task.now))
            else:
                items.append(stored_item(review, guid_hash, digest))
    return tuple(items), unchanged, tuple(quarantined)
