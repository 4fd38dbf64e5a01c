"""Any string in, a string out that every format can carry: XML 1.0 characters, one kind of line end, folded space."""

from __future__ import annotations

import re

#: XML 1.0, production [2] Char: everything else makes an XML writer raise or a reader refuse the whole feed.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: The bytes of UTF-8 that only characters have which are not XML, and the line end that is written otherwise.
_SUSPECT = bytes(code for code in range(0x20) if code not in b"\t\n")


def clean(value: str) -> str:
    """The value without characters that XML 1.0 forbids, its lines ended by U+000A alone (XML 1.0, 2.2 and 2.11)."""
    if _is_clean(value):
        return value
    return _NOT_XML.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _is_clean(value: str) -> bool:
    """Whether nothing needs to be cleaned: a look at the bytes takes a sixth of a regular expression's time."""
    try:
        encoded = value.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    if len(encoded.translate(None, _SUSPECT)) != len(encoded):
        return False
    return value.isascii() or ("\ufffe" not in value and "\uffff" not in value)


def word_set(line: str) -> frozenset[str]:
    """The words of a line: how this package writes its lists."""
    return frozenset(line.split())


def fold(value: str, limit: int = 10_000) -> str:
    """The value as one line of at most `limit` characters: every run of white space is one space."""
    # Most are one line already, and a third of the time shows it: what can be printed has no white space but spaces.
    if len(value) <= limit and value.isprintable() and "  " not in value:
        return value.strip()
    return " ".join(clean(value[: limit * 4]).split())[:limit].rstrip()


def fold_start(value: str, enough: int) -> str:
    """The value clean and folded, or of a long one the beginning: at least `enough` characters."""
    beginning = value[: 2 * enough]
    if clean(beginning) != beginning:
        value = clean(value)
        beginning = value[: 2 * enough]
    start = " ".join(beginning.split())
    return start if len(start) >= enough or len(value) <= 2 * enough else fold(clean(value))
