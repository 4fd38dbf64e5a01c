"""One look at a document or a folder in; its items that are not stored yet, and what it says of itself, out.

This is the work that takes time, so it is done in processes of its own: nothing here knows of the store, the network
or the clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nlargest
from pathlib import Path

from feedsvc.errors import SourceError
from feedsvc.fetch.files import read_file, read_folder
from feedsvc.model import Fetched, Item, Limits, PageLink, Parsed, Source, is_url
from feedsvc.model.stored import StoredItem
from feedsvc.normalise import parse_date
from feedsvc.normalise.completed import completed
from feedsvc.normalise.document import distinct, feed_home, feed_title
from feedsvc.normalise.excerpt import shortened
from feedsvc.normalise.identity import permalink
from feedsvc.normalise.urls import same_place
from feedsvc.parsers import PARSERS
from feedsvc.parsers.sameness import body_digest
from feedsvc.reading import again
from feedsvc.reading.ready import ready
from feedsvc.reading.values import Reading, Seen, Setup, Task, Wanted

#: So many of a feed's newest dates show how often it publishes.
RHYTHM_SAMPLE = 20
#: So many sentences of so many characters say what had to be forgiven in a document.
PROBLEMS = 10
PROBLEM_LENGTH = 300
#: The links of a feed by which a hub is found (W3C WebSub, 4).
_HUB_LINKS = ("hub", "self")


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
    known = again.begun(task, setup, fetched)
    parsed = known.parsed if known else None
    if parsed is None:
        parsed = completed_by(PARSERS[task.source.kind](fetched, setup.limits), fetched.url, task.pages)
    feed = parsed.feed
    found = ready(task, setup, [(parsed, fetched.url)])
    dates = [parse_date(item.published or item.updated) for item in parsed.items]
    before = known.dates() if known else []
    return Reading(
        items=found.items,
        new=_new(task, found.items),
        unchanged=found.unchanged + (len(known.same) if known else 0),
        quarantined=found.quarantined,
        body_hash=task.digest or body_digest(fetched.body),
        title=feed_title(feed),
        home=feed_home(feed, fetched.url),
        problems=_told(parsed),
        rhythm=feed.rhythm,
        dates=tuple(nlargest(RHYTHM_SAMPLE, [*before, *(date for date in dates if date is not None)])),
        hub_links=tuple(link for link in feed.links if link.rel in _HUB_LINKS),
        pages=links_of(parsed, task.source, fetched.url, setup.limits.max_items),
        markup=again.learnt(known, parsed, found, dates) if known else None,
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
        reason, problems = str(dropped.error) if dropped.error else None, None
        if dropped.document is not None:
            try:
                document = PARSERS[task.source.kind](dropped.document, setup.limits)
                parsed.append((document, dropped.document.url))
                problems = _told(document)
            except SourceError as error:
                reason = str(error)
        elif reason is None:
            continue
        seen.append(Seen(path=dropped.path, digest=dropped.digest, reason=reason, problems=problems))
    found = ready(task, setup, parsed)
    return Reading(
        items=found.items,
        new=_new(task, found.items),
        unchanged=found.unchanged + len(present) - len(seen),
        quarantined=found.quarantined,
        seen=tuple(seen),
        present=frozenset(present),
    )


def _told(parsed: Parsed) -> str | None:
    """What had to be forgiven in a document, a sentence a line; the first few tell enough."""
    said = [shortened(" ".join(problem.split()), PROBLEM_LENGTH) for problem in parsed.problems[:PROBLEMS]]
    return "\n".join(said) or None


def _new(task: Task, items: Sequence[StoredItem]) -> int:
    return sum(item.guid_hash not in task.known for item in items)
