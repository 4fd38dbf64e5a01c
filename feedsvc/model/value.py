"""What the nouns that are made by the hundred for one feed are built on."""

from __future__ import annotations

from dataclasses import Field, fields, make_dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from msgspec import Struct


class _Fields:
    """A class's fields, as `dataclasses.replace` and `dataclasses.fields` ask for them."""

    def __get__(self, value: Struct | None, kind: type[Struct]) -> dict[str, Field[Any]]:
        return _fields_of(kind)


@cache
def _fields_of(kind: type[Struct]) -> dict[str, Field[Any]]:
    return {field.name: field for field in fields(make_dataclass(kind.__name__, kind.__struct_fields__))}


class Value(Struct, frozen=True):
    """A frozen value that C code makes, compares and encodes: it takes a tenth of the time of a frozen dataclass.

    To whoever copies it or asks for its fields it is a dataclass all the same.
    """

    __dataclass_fields__ = _Fields()
    # pprint would write out a dataclass in its own way, and asks for this.
    __dataclass_params__ = SimpleNamespace(repr=False)
