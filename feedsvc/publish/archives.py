"""A feed's changes in, the closed documents of its history out (RFC 5005 4): drawn again, they are the same bytes.

A part is a range of change numbers, so what it holds is settled when it is closed: of each review the last form that it
had by a change in the range. Only terms and withdrawals can change its documents. What the current document does not
show stands in a part: the two together are the whole history at every moment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime
from itertools import pairwise

from feedsvc.model import Change, Document, Feed, Part, Place, Rendition
from feedsvc.publish.holdings import HTML, NEVER, Holdings, keep, rendition
from feedsvc.publish.selecting import cut
from feedsvc.render import FORMATS, Format
from feedsvc.render.pages import archive_page

#: The most reviews in a part, where the feed itself does not show more.
PART = 250
#: So many parts of a feed are drawn before what is new has its turn; until then, each is drawn when it is asked for.
AT_ONCE = 1
_PATH = re.compile(r"/feeds/([a-z0-9-]+)/archive/(\d{4}-\d\d)-(\d+)(\.[a-z]+)")
#: How much of the digest under the page of parts says what all parts depend on.
STATE = 16


def page_path(feed: Feed) -> str:
    """The address of the list of a feed's parts, for people."""
    return f"/feeds/{feed.name}/archive"


def place_of(part: Part) -> Place:
    """Where the documents of a part stand."""
    return Place(f"/feeds/{part.feed}/archive/{part.name}")


def paths_of(parts: Sequence[Part]) -> list[str]:
    """The addresses of the documents of some parts."""
    return [place_of(part).path(form.suffix) for part in parts for form in FORMATS.values()]


# ------------------------------------------------------------------------------------------------------------- closing


def closed(holdings: Holdings, feed: Feed, shown: Set[str]) -> list[Part]:
    """The parts of a feed whose current document shows the reviews with these keys, oldest first.

    What it shows is to be selected before: then a review that comes between is closed too early, never missed.
    """
    store, names = holdings.store, holdings.settings.source_names(feed)
    month = _month(holdings.clock())
    while True:
        parts = store.archives.parts(feed.name)
        open_changes = store.archives.changes(names, parts[-1].until if parts else 0)
        last = parts[-1] if parts else Part(feed.name, "", 0, 0, 0)
        more = divided(to_close(open_changes, shown, month), last, max(PART, feed.items), month)
        if not more or store.archives.close(feed.name, more):
            return parts + more


def to_close(changes: Sequence[Change], shown: Set[str], month: str) -> list[Change]:
    """Those that are to be closed in this month: what is older than the month; all, when anything is not shown."""
    present = [one for one in changes if one.revised is not None]
    if all(one.key in shown for one in present):
        present = [one for one in present if one.revised is not None and _month(one.revised) < month]
    last = max((one.number for one in present), default=0)
    return [one for one in changes if one.number <= last]


def divided(changes: Sequence[Change], last: Part, most: int, this_month: str) -> list[Part]:
    """Changes in their order, as parts of at most so many reviews after the last part; no month comes before another.

    A form whose place was taken by a later one counts to the month of what comes after it.
    """
    months: list[str] = []
    month = this_month
    for change in reversed(changes):
        month = month if change.revised is None else min(_month(change.revised), this_month)
        months.append(month)
    parts: list[Part] = []
    keys: set[str] = set()
    for change, wanted in zip(changes, reversed(months), strict=True):
        month = max(wanted, last.month)
        if not parts or month != last.month or len(keys | {change.key}) > most:
            number = last.number + 1 if month == last.month else 1
            last = Part(last.feed, month, number, last.until, change.number)
            parts.append(last)
            keys = set()
        keys.add(change.key)
        last = parts[-1] = Part(last.feed, last.month, last.number, last.since, change.number)
    return parts


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


# ------------------------------------------------------------------------------------------------------------- drawing


def tend(holdings: Holdings, feed: Feed, agreed: bytes, drawn: Mapping[str, bytes]) -> int:
    """Remove what is no longer as it was drawn, draw what is missing, a few parts at a time; how many addresses change.

    `agreed` is a digest of the settings, `drawn` what each stored address was drawn from.
    """
    store, page = holdings.store, page_path(feed)
    last = store.withdrawals.last(holdings.settings.source_names(feed))
    parts = store.archives.parts(feed.name)
    if not parts:
        return 0
    state = hashlib.sha256(agreed + repr(last).encode()).digest()[:STATE]
    version = state + parts[-1].until.to_bytes(8, "big")
    stale = set() if drawn.get(page, b"")[:STATE] == state else set(_stale(holdings, feed, parts, agreed, drawn))
    changed = store.renditions.remove(sorted(stale))
    missing = [part for part in parts if any(path in stale or path not in drawn for path in paths_of([part]))]
    changed += sum(_draw(holdings, feed, part, agreed, last) for part in missing[: -AT_ONCE - 1 : -1])
    if drawn.get(page) != version:
        names = holdings.settings.source_names(feed)
        body = archive_page(holdings.settings.site, feed, [part.name for part in reversed(parts)])
        listed = rendition(page, HTML, body, last or NEVER)
        changed += keep(holdings, [listed], entries_digest=version, source_names=names, last_withdrawal=last)
    return changed


def _stale(
    holdings: Holdings, feed: Feed, parts: Sequence[Part], agreed: bytes, drawn: Mapping[str, bytes]
) -> Iterator[str]:
    for part in parts:
        paths = [path for path in paths_of([part]) if path in drawn]
        if paths:
            version = _version(holdings, feed, part, agreed)
            yield from (path for path in paths if drawn[path] != version)


def _version(holdings: Holdings, feed: Feed, part: Part, agreed: bytes) -> bytes:
    """A digest of everything that can change the bytes of a part."""
    contents = holdings.store.archives.contents(holdings.settings.source_names(feed), part)
    return hashlib.sha256(agreed + repr((part, contents)).encode()).digest()


def _draw(holdings: Holdings, feed: Feed, part: Part, agreed: bytes, last: datetime | None) -> int:
    version = _version(holdings, feed, part, agreed)
    return keep(
        holdings,
        [_rendition(holdings, feed, part, form) for form in FORMATS.values()],
        entries_digest=version,
        source_names=holdings.settings.source_names(feed),
        last_withdrawal=last,
    )


def archived(holdings: Holdings, path: str) -> Rendition | None:
    """The document of a part that stands at a path, drawn now; None where there is none."""
    found = _PATH.fullmatch(path)
    feed = next((feed for feed in holdings.settings.feeds if found and feed.name == found[1]), None)
    form = next((form for form in FORMATS.values() if found and form.suffix == found[4]), None)
    if found is None or feed is None or form is None:
        return None
    parts = holdings.store.archives.parts(feed.name)
    part = next((one for one in parts if place_of(one).path(form.suffix) == path), None)
    return None if part is None else _rendition(holdings, feed, part, form)


def _rendition(holdings: Holdings, feed: Feed, part: Part, form: Format) -> Rendition:
    settings, store = holdings.settings, holdings.store
    names = settings.source_names(feed)
    last = store.withdrawals.last(names) or NEVER
    forms, gone = store.archives.forms(names, part)
    entries = tuple(cut(settings, feed, one) for one in forms)
    ids = {entry.review.id for entry in entries}
    updated = max((*(entry.review.revised for entry in entries), *(one.when for one in gone)), default=NEVER)
    document = Document(
        feed=feed,
        place=place_of(part),
        entries=entries,
        updated=updated,
        tombstones=tuple(one for one in gone if one.id not in ids),
        title=f"{feed.title or feed.name}: {part.month}, part {part.number}",
        related=_related(feed, part, store.archives.parts(feed.name)),
        archive=True,
        page=Place(page_path(feed)),
    )
    body = form.write(settings.site, document)
    return rendition(document.place.path(form.suffix), form.media_type, body, max(updated, last))


def _related(feed: Feed, part: Part, parts: Sequence[Part]) -> tuple[tuple[str, Place], ...]:
    """The feed, and the part before. None leads to the next: what did not exist when a part was closed changes none."""
    before = {after.until: place_of(one) for one, after in pairwise(parts)}
    earlier = (("prev-archive", before[part.until]),) if part.until in before else ()
    return ("current", Place(f"/feeds/{feed.name}")), *earlier
