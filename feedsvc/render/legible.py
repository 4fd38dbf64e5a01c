"""Any of our values in, the same value out without the characters that XML 1.0 and UTF-8 cannot carry."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

Value = TypeVar("Value")

#: Everything outside the Char production of XML 1.0 (2.2): C0 controls, lone surrogates, U+FFFE and U+FFFF.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legible(value: Value) -> Value:
    """A copy without unwritable characters, or the value itself when it has none.

    They are filtered before a review is stored; one that slipped through would make lxml or the JSON encoder raise, and
    one item would take the whole feed down.
    """
    return cast("Value", _cleaned(value))


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return _ILLEGAL.sub("", value) if _ILLEGAL.search(value) else value
    if isinstance(value, tuple | frozenset):
        return type(value)(_cleaned(part) for part in value)
    if isinstance(value, dict):
        return {key: _cleaned(part) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        old = {each.name: getattr(value, each.name) for each in fields(value)}
        new = {name: _cleaned(part) for name, part in old.items()}
        return value if new == old else replace(value, **new)
    return value
