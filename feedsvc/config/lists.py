"""A file of sources in, its rows out as the keys of [[sources]]: OPML and CSV, by the file's ending.

A row that cannot be one is a fault with file, line and column; nothing here is lost without a word.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from feedsvc.config.faults import near, shown
from feedsvc.config.kinds import is_web_address
from feedsvc.config.opml import read_opml
from feedsvc.config.tables import OutletTable, SourceTable
from feedsvc.errors import Malformed

#: The column of a CSV file for each key of a source; those of its outlet begin with "outlet_".
COLUMNS = (
    *(key for key in SourceTable.model_fields if key not in ("outlet", "scale")),
    *(f"outlet_{key}" for key in OutletTable.model_fields),
)
REQUIRED = ("name", "location")
TRUTHS = {"true": True, "false": False}
NUMBERS = ("pages_per_poll",)


@dataclass(frozen=True, slots=True)
class Row:
    """One source of a list: where it stands, and what it says, as the keys of [[sources]]."""

    place: str
    keys: Mapping[str, object]


def rows_of(file: Path, faults: list[str]) -> Iterator[Row]:
    """Every row of a list; what is wrong with the file or a row is added to `faults`."""
    try:
        body = file.read_bytes()
    except OSError as error:
        faults.append(f"{file}: cannot be read ({error.strerror}); correct file in [[source_lists]], or put it there")
        return
    match file.suffix.lower():
        case ".opml" | ".xml":
            yield from _opml(file, body, faults)
        case ".csv":
            yield from _csv(file, body, faults)
        case suffix:
            faults.append(f"{file}: {suffix or 'a file without ending'} is no list; it must be .opml, .xml or .csv")


def name_for(url: str) -> str:
    """The name of a listed feed, made of its address alone: host, words of the path, and six digits of its sha256.

    So the same address has the same name for ever, whatever comes before it or beside it in whichever list.
    """
    parts = urlsplit(url)
    words = f"{(parts.hostname or '').removeprefix('www.')} {unquote(parts.path)}"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    start = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:57].strip("-") or "feed"
    return f"{start}-{sha256(url.encode('utf-8', 'backslashreplace')).hexdigest()[:6]}"


# ----------------------------------------------------------------------------------------------------------------- OPML


def _opml(file: Path, body: bytes, faults: list[str]) -> Iterator[Row]:
    try:
        subscriptions = read_opml(body, str(file))
    except Malformed as error:
        faults.append(str(error))
        return
    for feed in subscriptions:
        place = f"{file}: line {feed.line}"
        if is_web_address(feed.url):
            keys = {"name": name_for(feed.url), "kind": "feed", "location": feed.url}
            yield Row(place, keys | ({"category": feed.category} if feed.category else {}))
        elif feed.url:
            faults.append(f"{place}: xmlUrl = {shown(feed.url)}: must start with http:// or https:// and name a host")


# ------------------------------------------------------------------------------------------------------------------ CSV


def _csv(file: Path, body: bytes, faults: list[str]) -> Iterator[Row]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        faults.append(f"{file}: line {line}: is not UTF-8 text (byte {error.start}); save it as UTF-8")
        return
    head = text.partition("\n")[0]
    # Spreadsheets write semicolons where the comma is the decimal sign.
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        columns = [cell.strip() for cell in next(table, [])]
        wrong = [f"{file}: line 1: {fault}" for fault in _header_faults(columns)]
        faults += wrong
        if wrong:
            return
        line = table.line_num + 1
        for cells in table:
            # A quoted cell may hold line ends: a row is named by the line that it begins on.
            yield from _csv_row(f"{file}: line {line}", columns, cells, faults)
            line = table.line_num + 1
    except csv.Error as error:
        faults.append(f"{file}: line {table.line_num}: is not CSV: {error}; put quotes around cells that hold any")


def _header_faults(columns: list[str]) -> Iterator[str]:
    for column in dict.fromkeys(columns):
        if column not in COLUMNS:
            yield f"column {column!r} is unknown{near(column, COLUMNS)}; known columns: {', '.join(COLUMNS)}"
        elif columns.count(column) > 1:
            yield f"column {column!r} stands {columns.count(column)} times; each must stand once"
    for column in REQUIRED:
        if column not in columns:
            yield f"column {column!r} is missing: {SourceTable.model_fields[column].description}"


def _csv_row(place: str, columns: list[str], cells: list[str], faults: list[str]) -> Iterator[Row]:
    """The row, when it holds anything; an empty cell says nothing."""
    if len(cells) > len(columns):
        faults.append(f"{place}: has {len(cells)} cells, but the first line names {len(columns)} columns")
        return
    said = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
    if not said:
        return
    keys: dict[str, object] = {"kind": "feed"}
    outlet: dict[str, object] = {}
    for column, cell in said.items():
        if column.startswith("outlet_"):
            outlet[column.removeprefix("outlet_")] = cell
        else:
            keys[column] = _value(column, cell)
    yield Row(place, keys | ({"outlet": outlet} if outlet else {}))


def _value(column: str, cell: str) -> object:
    if column == "enabled":
        return TRUTHS.get(cell.lower(), cell)
    return int(cell) if column in NUMBERS and re.fullmatch(r"[0-9]{1,9}", cell) else cell
