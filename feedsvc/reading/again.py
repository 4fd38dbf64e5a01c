"""A feed in of which most was read before; what of it must be read, and what is to be remembered of it, out.

An item is passed by where its markup is byte for byte what it was, so is all that stands around the items, the source's
and the service's settings are the same, and what it was read as then is what is stored. What else an item's meaning
hangs on has the feed read whole: a guid that several items share, bytes that do not bear out how they are labelled, and
markup that is no plain XML, since feedparser carries some of it from one item to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import msgspec

from feedsvc.errors import SourceError
from feedsvc.model import Fetched, Parsed
from feedsvc.model.stored import EPOCH, MICROSECOND, microseconds
from feedsvc.parsers import PARSERS
from feedsvc.parsers.encoding import decode
from feedsvc.parsers.markup import Cut, Remembered, cut, key, recalled, remembered, short
from feedsvc.reading.ready import Ready, hash_of
from feedsvc.reading.values import Setup, Task

#: Raise it when something else is remembered of an item: what was before is then forgotten.
FORM = 2

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Again:
    """A feed's items by the keys of their markup: what is known of those that are as they were, and the others.

    `parsed` is the feed without the former; None: it is to be read whole, and nothing of it counts as known.
    """

    cut: Cut
    around: bytes
    same: dict[bytes, Remembered]
    other: tuple[tuple[bytes, bytes], ...]
    parsed: Parsed | None = None

    def dates(self) -> list[datetime]:
        """Those of the items that are as they were."""
        return [EPOCH + one.date * MICROSECOND for one in self.same.values() if one.date is not None]


def begun(task: Task, setup: Setup, fetched: Fetched) -> Again | None:
    """A feed, cut up, and what is new in it read; None for what is not remembered: other documents, feeds that are
    completed or sent in part.
    """
    if task.source.kind != "feed" or task.source.follow or fetched.delta or len(fetched.body) > setup.limits.max_body:
        return None
    pieces = cut(fetched.body)
    if pieces is None or len(pieces.items) > setup.limits.max_items:
        return None
    around = _around(task, setup, fetched, pieces)
    items = tuple((key(item), item) for item in pieces.items)
    known = recalled(task.markup, around) if task.markup else {}
    same: dict[bytes, Remembered] = {}
    other: list[tuple[bytes, bytes]] = []
    for mark, item in items:
        before = known.get(mark)
        if before and mark not in same and short(task.known.get(before.guid_hash, b"")) == before.digest:
            same[mark] = before
        else:
            other.append((mark, item))
    parsed = _parsed_without(pieces, same, [item for _, item in other], setup, fetched) if same else None
    return Again(pieces, around, {}, items) if parsed is None else Again(pieces, around, same, tuple(other), parsed)


def learnt(again: Again, parsed: Parsed, ready: Ready, dates: Sequence[datetime | None]) -> bytes | None:
    """What is to be remembered, None where that is nothing new; `dates` are those of the items that were read."""
    count = len(again.other)
    if not (count and _is_plain(parsed) and count == len(parsed.items) == len(ready.forms) == len(dates)):
        return None
    if again.parsed is None and not all(again.cut.is_whole(item) for _, item in again.other):
        return None
    entries = list(again.same.items())
    for (mark, _), item, form, date in zip(again.other, parsed.items, ready.forms, dates, strict=True):
        # One that goes by another identity than its own does so for the sake of the others.
        if form is not None and form[0] == hash_of(item):
            identity, digest = form
            entries.append((mark, Remembered(identity, short(digest), None if date is None else microseconds(date))))
    return remembered(again.around, entries)


def _parsed_without(
    pieces: Cut, same: dict[bytes, Remembered], other: Sequence[bytes], setup: Setup, fetched: Fetched
) -> Parsed | None:
    """The feed with the other items alone; None where it must be read whole."""
    if not all(pieces.is_whole(item) for item in other) or decode(fetched).problems:
        return None
    try:
        parsed = PARSERS["feed"](replace(fetched, body=pieces.with_only(other)), setup.limits)
    except SourceError:
        return None
    if not _is_plain(parsed) or len(parsed.items) != len(other):
        return None
    # Of items with one identity the whole document decides which stands.
    identities = [one.guid_hash for one in same.values()] + [hash_of(item) for item in parsed.items]
    return parsed if len(set(identities)) == len(identities) else None


def _is_plain(parsed: Parsed) -> bool:
    return parsed.reader == "lxml" and not parsed.problems


def _around(task: Task, setup: Setup, fetched: Fetched, pieces: Cut) -> bytes:
    """The digest of everything but the items that can change what a review becomes."""
    source = task.source.for_reading()
    said = _encode((FORM, source, fetched.url, fetched.media_type, fetched.charset, pieces.opening))
    return sha256(b"\0".join((setup.digest, said, pieces.around()))).digest()
