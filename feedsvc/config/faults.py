"""A raw table in, the same table checked out; what is wrong with it becomes one sentence for each fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from feedsvc.config.tables import OutletTable, ScaleTable, Table

T = TypeVar("T", bound=Table)

#: Where a secret may have been written by mistake, the value is not repeated.
UNSAID = ("authorization_env",)
#: The tables that stand inside a source's.
_INSIDE: dict[str, type[Table]] = {"outlet": OutletTable, "scale": ScaleTable}
_USERINFO = re.compile(r"//[^/?#]*@")


def near(word: str, known: Iterable[str]) -> str:
    """In brackets, the known word that was probably meant; nothing when none is close."""
    close = get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def shown(value: object) -> str:
    """A value as a message repeats it: without the user name and password of an address."""
    return _USERINFO.sub("//…@", repr(value))


def validated(place: str, raw: object, kind: type[T], faults: list[str], *, cells: bool = False) -> T | None:
    """The table, or None and its faults added, each beginning with `place`; `cells`: of a CSV file's row."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        faults += [f"{place}: {_sentence(detail, kind, cells=cells)}" for detail in error.errors()]
        return None


def _sentence(detail: ErrorDetails, kind: type[Table], *, cells: bool) -> str:
    """One sentence for one of pydantic's findings: the key, what is wrong with it, what would be right."""
    *inside, key = [str(part) for part in detail["loc"]] or [""]
    table = _INSIDE.get(inside[0], kind) if inside else kind
    named = ("_" if cells else ".").join([*inside, key])
    what = "column" if cells else "key"
    match detail["type"]:
        case "extra_forbidden":
            known = ", ".join(table.model_fields)
            return f"{what} {named!r} is unknown{near(key, table.model_fields)}; known {what}s: {known}"
        case "missing":
            return f"{what} {named!r} is missing: {table.model_fields[key].description}"
        case _:
            said = "" if key in UNSAID else f" = {shown(detail['input'])}"
            return f"{'column ' if cells else ''}{named}{said}: {_problem(detail)}"


def _problem(detail: ErrorDetails) -> str:
    key = detail["loc"][-1] if detail["loc"] else ""
    match detail["type"]:
        case "value_error":
            return str(detail["ctx"]["error"])
        case "literal_error":
            return f"must be one of {detail['ctx']['expected']}"
        case "model_type":
            return "must be a table, such as " + ("{ best = 5 }" if key == "scale" else '{ name = "…" }')
        case "list_type":
            return "must be a list in brackets, such as " + ('["*"]' if detail["loc"][-1] == "sources" else "[80, 443]")
        case "bool_type":
            return "must be true or false"
        case _:
            return detail["msg"].replace("Input should be", "must be")
