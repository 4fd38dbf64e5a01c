"""A feed's bytes in; its items as they stand in them, and what those were read as before, out. Pure.

Most feeds that changed have one item more, and the others byte for byte as they were. What each was read as is
remembered by a digest of its markup; while all that stands around the items is the same, it need not be read again.
(RSS 1.0 lists its items before them, so there a new one makes all that stands around them another.)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from feedsvc.parsers.sameness import FIRST_ITEM, HEAD, said_after, said_of_feed

#: What some reader may take for an item; outside of the items it makes it unsure which was read as what.
_ITEM = re.compile(rb"<(?:[a-z][\w.-]*:)?(?:item|entry)[\s/>]", re.I)
#: What is remembered of so many items at most: 64 bytes of each.
MOST = 500
_SHORT = 8
_ENTRY = struct.Struct(f">16s32s{_SHORT}sq")
_AROUND = 32
_COMMENT_ENDS, _CDATA_ENDS = re.compile(rb"-->"), re.compile(rb"\]\]>")
#: In the place of a date: the item has none.
_NEVER = -(2**63)


@dataclass(frozen=True, slots=True)
class Cut:
    """A feed cut into its items and what stands before and after them; between them is nothing but space."""

    head: bytes
    items: tuple[bytes, ...]
    tail: bytes
    #: How each item begins: "<item" or "<entry", or the same with a prefix.
    opening: bytes
    #: What begins an item so, a comment, a CDATA section or an instruction: all are found in the time of one.
    beginnings: re.Pattern[bytes]

    def with_only(self, items: Iterable[bytes]) -> bytes:
        """The feed as it would be with these items alone."""
        return b"".join((self.head, *items, self.tail))

    def around(self) -> bytes:
        """What stands around the items, without the date and notes of its making."""
        return b"\0".join((said_of_feed(self.head), said_after(self.tail).strip()))

    def is_whole(self, item: bytes) -> bool:
        """Whether what was cut out is one item: no other begins in it, and it ends in no comment, CDATA section or
        processing instruction.
        """
        begun = self.beginnings.findall(item)
        return (
            begun.count(self.opening) == 1
            and b"<?" not in begun
            and begun.count(b"<!--") == len(_COMMENT_ENDS.findall(item))
            and begun.count(b"<![CDATA[") == len(_CDATA_ENDS.findall(item))
        )


class Remembered(NamedTuple):
    """What an item was read as: its identity, its `short` digest, its date in microseconds since 1970."""

    guid_hash: bytes
    digest: bytes
    date: int | None


def cut(body: bytes) -> Cut | None:
    """None where it is not plain where each item ends, or where there are too many: then the feed is read whole."""
    first = FIRST_ITEM.search(body, 0, HEAD)
    if first is None:
        return None
    opening = first[0][:-1]
    closing = b"</" + opening[1:] + b">"
    items: list[bytes] = []
    place, end = first.start(), 0
    while place >= 0:
        end = body.find(closing, place) + len(closing)
        name_ends = body[place + len(opening) : place + len(opening) + 1] in (b">", b" ", b"\t", b"\r", b"\n")
        if end < len(closing) or not name_ends or len(items) == MOST:
            return None
        items.append(body[place:end])
        place = body.find(opening, end)
        if place >= 0 and not body[end:place].isspace() and place != end:
            return None
    head, tail = body[: first.start()], body[end:]
    if _ITEM.search(head) or _ITEM.search(tail):
        return None
    beginnings = re.compile(re.escape(opening) + rb"|<!--|<!\[CDATA\[|<\?")
    return Cut(head, tuple(items), tail, opening, beginnings)


def key(item: bytes) -> bytes:
    """What an item's markup is remembered by, 16 bytes."""
    return sha256(item).digest()[:16]


def short(digest: bytes) -> bytes:
    """As much of a digest as tells that an item is what it was."""
    return digest[:_SHORT]


def remembered(around: bytes, entries: Iterable[tuple[bytes, Remembered]]) -> bytes:
    """What is kept of a feed: what stood `around` its items (32 bytes), and what each was read as, by its `key`."""
    kept = (
        _ENTRY.pack(markup, entry.guid_hash, entry.digest, _NEVER if entry.date is None else entry.date)
        for markup, entry in entries
    )
    return around + b"".join(kept)


def recalled(kept: bytes, around: bytes) -> dict[bytes, Remembered]:
    """The same by key; nothing where anything else stands around the items now."""
    if kept[:_AROUND] != around or (len(kept) - _AROUND) % _ENTRY.size:
        return {}
    return {
        markup: Remembered(guid_hash, digest, None if date == _NEVER else date)
        for markup, guid_hash, digest, date in _ENTRY.iter_unpack(kept[_AROUND:])
    }
