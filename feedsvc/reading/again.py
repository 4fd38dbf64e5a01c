"""A feed in of which most was read before; what of it must be read, and what is to be remembered of it, out.

An item is passed by where its markup is byte for byte what it was, so is all that stands around the items, the source's
and the service's settings are the same, and what it was read as then is what is stored. So whatever a reader would have
made of it is there already. Where anything about the feed is not plain, it is read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import msgspec

from feedsvc.errors import SourceError
from feedsvc.model import Fetched, Parsed
from feedsvc.model.stored import MICROSECOND, microseconds
from feedsvc.parsers import PARSERS
from feedsvc.parsers.markup import Cut, Remembered, cut, key, recalled, remembered
from feedsvc.reading.ready import Ready, hash_of
from feedsvc.reading.values import Setup, Task

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Again:
    """A feed's items by the keys of their markup: what is known of those that are as they were, and the others."""

    cut: Cut
    around: bytes
    same: dict[bytes, Remembered]
    other: tuple[tuple[bytes, bytes], ...]

    def dates(self) -> list[datetime]:
        """Those of the items that are as they were."""
        return [_EPOCH + one.date * MICROSECOND for one in self.same.values() if one.date is not None]


def begun(task: Task, setup: Setup, fetched: Fetched) -> Again | None:
    """A feed, cut up; None for what is not remembered: other documents, feeds that are completed or sent in part."""
    if task.source.kind != "feed" or task.source.follow or fetched.delta or len(fetched.body) > setup.limits.max_body:
        return None
    pieces = cut(fetched.body)
    if pieces is None or len(pieces.items) > setup.limits.max_items:
        return None
    around = _around(task, setup, fetched, pieces)
    known = recalled(task.markup, around) if task.markup else {}
    same: dict[bytes, Remembered] = {}
    other: list[tuple[bytes, bytes]] = []
    for item in pieces.items:
        mark = key(item)
        before = known.get(mark)
        if before and mark not in same and task.known.get(before.guid_hash, b"")[:8] == before.digest:
            same[mark] = before
        else:
            other.append((mark, item))
    return Again(pieces, around, same, tuple(other))


def whole(again: Again) -> Again:
    """The same feed, to be read whole."""
    return Again(again.cut, again.around, {}, tuple((key(item), item) for item in again.cut.items))


def parsed_without(again: Again, setup: Setup, fetched: Fetched) -> Parsed | None:
    """The feed without what is as it was; None where it must be read whole."""
    if not again.same or not all(again.cut.is_whole(item) for _, item in again.other):
        return None
    try:
        body = again.cut.with_only(item for _, item in again.other)
        parsed = PARSERS["feed"](replace(fetched, body=body), setup.limits)
    except SourceError:
        return None
    if parsed.problems or len(parsed.items) != len(again.other):
        return None
    # Of items with one identity the whole document decides which stands.
    identities = [one.guid_hash for one in again.same.values()] + [hash_of(item) for item in parsed.items]
    return parsed if len(set(identities)) == len(identities) else None


def learnt(again: Again, parsed: Parsed, ready: Ready, dates: Sequence[datetime | None]) -> bytes | None:
    """What is to be remembered, None where that is nothing new; `dates` are those of the items that were read."""
    count = len(again.other)
    if parsed.problems or not count == len(parsed.items) == len(ready.forms) == len(dates):
        return None
    if not again.same and not all(again.cut.is_whole(item) for _, item in again.other):
        return None
    entries = list(again.same.items())
    for (mark, _), form, date in zip(again.other, ready.forms, dates, strict=True):
        if form is not None:
            entries.append((mark, Remembered(*form, None if date is None else microseconds(date))))
    return remembered(again.around, entries) if count else None


def _around(task: Task, setup: Setup, fetched: Fetched, pieces: Cut) -> bytes:
    """The digest of everything but the items that can change what a review becomes."""
    said = _encode((task.source, fetched.url, fetched.media_type, fetched.charset, pieces.opening))
    return sha256(b"\0".join((setup.digest, said, pieces.around()))).digest()
