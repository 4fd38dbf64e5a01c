"""The raw [[sources]] and [[source_lists]] in, every Source once out, with its secret from the environment.

An address counts once: what [[sources]] says of it holds before any list, and an earlier list before a later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsvc.config.faults import shown, validated
from feedsvc.config.kinds import is_web_address
from feedsvc.config.lists import rows_of
from feedsvc.config.tables import ScaleTable, SourceListTable, SourceTable
from feedsvc.model import Outlet, Republish, Scale, Source, is_url

#: So many faults of one list are told one by one.
FAULTS_TOLD = 50
#: So many names stand in a remark.
NAMES_TOLD = 3
#: A scheme and what it takes, in visible ASCII (RFC 9110, 11.4).
_AUTHORIZATION = re.compile(r"[!#$%&'*+.^_`|~A-Za-z0-9-]+ +[!-~][ -~]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """One source as it is declared, and the file and table or line that say so."""

    place: str
    table: SourceTable


def listed(path: Path, raw: Mapping[str, object], listing: SourceListTable, faults: list[str]) -> list[Declared]:
    """The sources of one list, each with what the list says for all; `raw` is its table as written."""
    defaults = {key: raw[key] for key in SourceListTable.model_fields if key in raw and key != "file"}
    found: list[Declared] = []
    own: list[str] = []
    for row in rows_of(path.resolve().parent / listing.file, own):
        table = validated(row.place, defaults | dict(row.keys), SourceTable, own, cells=True)
        found += [Declared(row.place, table)] if table is not None else []
    faults += own[:FAULTS_TOLD]
    if len(own) > FAULTS_TOLD:
        faults.append(f"{path.resolve().parent / listing.file}: has {len(own) - FAULTS_TOLD} more faults like these")
    return found


def merged(
    declared: Sequence[Declared], lists: Iterable[tuple[str, Sequence[Declared]]], faults: list[str]
) -> tuple[list[Declared], list[str]]:
    """All sources in order, those of lists after [[sources]], and a remark for each list of which some were left."""
    found = list(declared)
    configured = {key for one in declared for key in (one.table.location, one.table.name)}
    places = {one.table.name: one.place for one in declared}
    addresses = {one.table.location for one in declared}
    remarks: list[str] = []
    for file, rows in lists:
        theirs, again = [], []
        for row in rows:
            table = row.table
            if table.location in configured or table.name in configured:
                theirs.append(table.name)
            elif table.location in addresses:
                again.append(table.name)
            elif table.name in places:
                faults.append(
                    f"{row.place}: name = {table.name!r}: stands at {places[table.name]} too; each name must stand once"
                )
            else:
                found.append(row)
                places[table.name] = row.place
                addresses.add(table.location)
        if theirs:
            remarks.append(f"{file}: {len(theirs)} of its sources stand in [[sources]] too, which wins: {few(theirs)}")
        if again:
            remarks.append(f"{file}: {len(again)} of its addresses stand before in a list, which wins: {few(again)}")
    return found, remarks


def few(names: Sequence[str], told: int = NAMES_TOLD) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - told:,} more" if len(names) > told else ""
    return ", ".join(names[:told]) + more


def location_faults(one: Declared) -> Iterator[str]:
    """What is wrong with a source's location for its kind."""
    location, said = one.table.location, f"{one.place}: location = {shown(one.table.location)}"
    if one.table.kind == "folder" and is_url(location):
        yield f'{said}: a folder source needs a path; for an address use kind = "feed"'
    elif is_url(location) and not is_web_address(location):
        yield f"{said}: must name a host and hold no spaces, such as https://outlet.example/feed"
    elif "://" in location and not is_url(location):
        yield f"{said}: must start with http:// or https://, or be a path"
    elif one.table.kind == "page" and not is_url(location):
        yield f'{said}: a page source needs an address; for files use kind = "folder"'
    elif one.table.authorization_env and not is_url(location):
        yield f"{one.place}: authorization_env is for addresses on the web; a file or folder needs none"


def following_faults(one: Declared) -> Iterator[str]:
    """What is said of following pages where there are none to follow."""
    follows = one.table.follow is not None
    if follows and not (one.table.kind == "feed" and is_url(one.table.location)):
        yield f'{one.place}: follow is for feeds on the web; take it out, or use kind = "feed" and an address'
    elif "pages_per_poll" in one.table.model_fields_set and one.table.kind != "page" and not follows:
        yield f'{one.place}: pages_per_poll is for page sources and with follow = "page"; take it out'


def authorization(one: Declared, environ: Mapping[str, str], faults: list[str]) -> str | None:
    """The Authorization header that a source's variable holds; None for a source that has none or is switched off."""
    variable = one.table.authorization_env
    if variable is None or not one.table.enabled:
        return None
    value = environ.get(variable, "").strip()
    said = f"{one.place}: authorization_env = {variable!r}"
    if not value:
        faults.append(
            f"{said}: the environment has no such variable, or it is empty; set {variable} to the Authorization "
            'header of this source, such as "Bearer …" or "Basic …"'
        )
    elif _AUTHORIZATION.fullmatch(value) is None:
        faults.append(
            f"{said}: the variable {variable} holds no Authorization header; it must be one line of a scheme, a space "
            'and the credentials, such as "Bearer …" or "Basic …"'
        )
    return value


def source_of(table: SourceTable, folder: Path, secret: str | None) -> Source:
    """A source with an absolute path where it is local."""
    location = table.location if is_url(table.location) else str(folder / table.location)
    return Source(
        **table.model_dump(exclude={"outlet", "location", "republish", "scale", "authorization_env"}),
        location=location,
        republish=Republish(table.republish),
        outlet=Outlet(**table.outlet.model_dump()) if table.outlet else None,
        scale=_scale(table.scale) if table.scale else None,
        authorization=secret,
    )


def _scale(table: ScaleTable) -> Scale:
    return Scale(best=table.best, worst=table.worst, words=tuple(table.words.items()), letters=table.letters)
