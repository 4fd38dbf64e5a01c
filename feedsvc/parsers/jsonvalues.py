"""Text of a JSON document, sound or cut off → objects, and typed values of them: a wrong type counts as missing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urljoin

import msgspec

from feedsvc.errors import TooLarge
from feedsvc.parsers.branch import LONGEST_URL, MOST, SHORT
from feedsvc.parsers.encoding import clean

Object = Mapping[str, object]

_ITEMS = re.compile(r'"items"\s*:\s*\[')
#: Most objects and arrays of one document.
_MOST = 1_000_000
_GAP = re.compile(r"[\s,]*")


def load(text: str, deepest: int) -> tuple[object, list[str]]:
    """The value of a text, and what had to be forgiven. Raises ValueError for no JSON, TooLarge beyond a limit."""
    if len(text) > _MOST and text.count("{") + text.count("[") > _MOST:
        raise TooLarge(f"Its JSON has more than {_MOST:,} objects and arrays.")
    try:
        value, forgiven = _loaded(text)
    except RecursionError as error:
        raise _too_deep(deepest) from error
    if text.count("{") + text.count("[") > deepest and _is_deeper(value, deepest):
        raise _too_deep(deepest)
    return value, forgiven


def _too_deep(deepest: int) -> TooLarge:
    return TooLarge(f"Its JSON is nested more than {deepest} deep ([limits] max_nesting).")


def _is_deeper(value: object, deepest: int) -> bool:
    """Whether arrays and objects stand more than so deep in one another."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(deepest):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _loaded(text: str) -> tuple[object, list[str]]:
    try:
        return msgspec.json.decode(text.encode()), []
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    try:
        return json.loads(text, strict=False), ["Control characters or broken escapes in the JSON were forgiven."]
    except ValueError:
        return _before_the_cut(text), ["The document is cut off: only the items before the cut were read."]


def _before_the_cut(text: str) -> object:
    """What stands before "items", and each whole item after it. Raises ValueError when there is neither."""
    found = _ITEMS.search(text)
    if not found:
        raise ValueError("no items")
    head = json.loads(text[: found.start()].rstrip().rstrip(",") + "}", strict=False)
    decoder, items, position = json.JSONDecoder(strict=False), [], found.end()
    try:
        while True:
            item, position = decoder.raw_decode(text, _end(text, position))
            items.append(item)
    except ValueError:
        return {**head, "items": items}


def _end(text: str, position: int) -> int:
    gap = _GAP.match(text, position)
    return gap.end() if gap else position


def obj(value: object, key: str) -> Object:
    """The object under a key; an empty one when there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def objects(value: Object, key: str) -> list[Object]:
    """The objects in the array under a key, at most MOST."""
    found = value.get(key)
    return [entry for entry in found[:MOST] if isinstance(entry, Mapping)] if isinstance(found, list) else []


def whole(value: Object, key: str) -> str | None:
    """The text under a key, however long, without characters that XML forbids."""
    found = value.get(key)
    return (clean(found).strip() or None) if isinstance(found, str) else None


def short(value: Object, key: str, most: int = SHORT) -> str | None:
    """The text or number under a key as text, cut at so many characters."""
    return _written(value.get(key), most)


def texts(value: Object, key: str) -> tuple[str, ...]:
    """The texts in the array under a key, each once, at most MOST."""
    found = value.get(key)
    written = (_written(entry) for entry in found[:MOST]) if isinstance(found, list) else ()
    return tuple(dict.fromkeys(text for text in written if text))


def _written(found: object, most: int = SHORT) -> str | None:
    if isinstance(found, int | float) and not isinstance(found, bool):
        return repr(found)
    return (clean(found).strip()[:most] or None) if isinstance(found, str) else None


def whole_number(value: Object, key: str) -> int | None:
    """The whole number under a key; None when missing or negative."""
    found = value.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 10**12:
        return None
    return int(found)


def address(value: Object, key: str, base: str) -> str | None:
    """The address under a key, absolute where `base` is."""
    found = whole(value, key)
    if not found or len(found) > LONGEST_URL:
        return None
    try:
        return urljoin(base, found)
    except ValueError:
        return found
