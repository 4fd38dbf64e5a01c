"""Any string in, a string out that every format can carry: XML 1.0 characters, one kind of line end, folded space."""

from __future__ import annotations

import re

#: XML 1.0, production [2] Char: everything else makes an XML writer raise or a reader refuse the whole feed.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: str) -> str:
    """The value without characters that XML 1.0 forbids, its lines ended by U+000A alone (XML 1.0, 2.2 and 2.11)."""
    return _NOT_XML.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def word_set(line: str) -> frozenset[str]:
    """The words of a line: how this package writes its lists."""
    return frozenset(line.split())


def fold(value: str, limit: int = 10_000) -> str:
    """The value as one line of at most `limit` characters: every run of white space is one space."""
    return " ".join(clean(value[: limit * 4]).split())[:limit].rstrip()
