"""The configuration's bytes and the environment in, Settings out: every table checked, then what no key shows alone."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from feedsvc.config.faults import T, near, validated
from feedsvc.config.places import (
    DEFAULT_BIND,
    absolute_database,
    bind,
    broker_faults,
    database_faults,
    served_at,
)
from feedsvc.config.settings import Polling, Scale, Settings, WebSub
from feedsvc.config.sources import Declared, authorization, following_faults, listed, location_faults, merged, source_of
from feedsvc.config.tables import (
    TABLES,
    FeedTable,
    LimitsTable,
    PollingTable,
    ServiceTable,
    SharingTable,
    SourceListTable,
    SourceTable,
    WebSubTable,
)
from feedsvc.errors import ConfigError
from feedsvc.model import Feed, Limits, Site, Source


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Settings of a configuration file; raises ConfigError with a sentence for every fault in file and environment."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: there is no such file; name one with --config FILE or the variable FEEDSVC_CONFIG"]
        ) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); it must be a readable TOML file"]) from None
    return settings_from(path, content, environ)


def settings_from(path: Path, content: bytes, environ: Mapping[str, str]) -> Settings:
    """Settings of a configuration file that holds `content`, and of the lists that it names; raises ConfigError."""
    document = _document(path, content)
    faults = [*_stray_tables(path, document)]
    service = _table(path, document, "service", ServiceTable, faults)
    polling = _table(path, document, "polling", PollingTable, faults)
    limits = _table(path, document, "limits", LimitsTable, faults)
    websub = _table(path, document, "websub", WebSubTable, faults)
    scale = _table(path, document, "scale", SharingTable, faults)
    feeds = [table for _, _, table in _tables(path, document, "feeds", FeedTable, faults)]
    sources, remarks = _sources(path, document, environ, feeds, faults)
    faults += _between_keys(path, polling, limits, websub)
    host, port = bind(environ.get("FEEDSVC_BIND", DEFAULT_BIND), faults)
    stated = environ.get("FEEDSVC_DATABASE_URL") or (service.database_url if service else None)
    faults += database_faults(path, stated, "FEEDSVC_DATABASE_URL" in environ)
    broker = environ.get("FEEDSVC_BROKER_URL") or (scale.broker if scale else None)
    faults += broker_faults(path, broker, "FEEDSVC_BROKER_URL" in environ, stated)
    if faults or service is None or polling is None or limits is None or websub is None or scale is None:
        raise ConfigError(faults)
    folder = path.resolve().parent
    base_url = service.base_url or served_at(host, port)
    return Settings(
        path=path.resolve(),
        site=Site(title=service.title, base_url=base_url, description=service.description),
        data_dir=folder / service.data_dir,
        database_url=absolute_database(stated or f"sqlite:///{service.data_dir}/feedsvc.sqlite3", folder),
        host=host,
        port=port,
        polling=_polling(polling),
        limits=Limits(**limits.model_dump()),
        sources=tuple(sources),
        feeds=tuple(Feed(**{**table.model_dump(), "sources": tuple(table.sources)}) for table in feeds),
        websub=WebSub(**{**websub.model_dump(), "hubs": tuple(websub.hubs)}),
        scale=Scale(broker=broker, lease=scale.lease),
        base_url_stated=service.base_url is not None,
        remarks=tuple(remarks),
    )


# --------------------------------------------------------------------------------------------------------- the document


def _document(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None


def _stray_tables(path: Path, document: Mapping[str, Any]) -> Iterator[str]:
    for key in document:
        if key not in TABLES:
            what = "table" if isinstance(document[key], dict | list) else "key"
            yield f"{path}: {what} {key!r} is unknown{near(key, TABLES)}; known tables: {', '.join(TABLES)}"


def _table(path: Path, document: Mapping[str, Any], key: str, kind: type[T], faults: list[str]) -> T | None:
    raw = document.get(key, {})
    if not isinstance(raw, dict):
        faults.append(f"{path}: [{key}] must be a table, written as [{key}] on a line of its own")
        return None
    return validated(f"{path}: [{key}]", raw, kind, faults)


def _tables(
    path: Path, document: Mapping[str, Any], key: str, kind: type[T], faults: list[str]
) -> list[tuple[str, dict[str, object], T]]:
    """Each good table of a list with its place and as it is written; a name that stands twice is a fault."""
    raw = document.get(key, [])
    if not isinstance(raw, list):
        faults.append(f"{path}: [[{key}]] must be a list of tables, each written as [[{key}]] with two brackets")
        return []
    found = []
    for number, table in enumerate(raw, start=1):
        place = f"{path}: [[{key}]] " + (repr(table["name"]) if _named(table) else f"number {number}")
        valid = validated(place, table, kind, faults)
        found += [(place, table, valid)] if valid is not None else []
    for name, times in sorted(Counter(_names(document, key)).items()):
        if times > 1:
            faults.append(f"{path}: [[{key}]] {name!r}: stands {times} times; each name must stand once")
    return found


def _named(table: object) -> bool:
    return isinstance(table, dict) and isinstance(table.get("name"), str)


def _names(document: Mapping[str, Any], key: str) -> list[str]:
    """Also those of tables that have faults, so that these are told once."""
    tables = document.get(key, [])
    return [table["name"] for table in tables if _named(table)] if isinstance(tables, list) else []


# ---------------------------------------------------------------------------------------------------------- the sources


def _sources(
    path: Path, document: Mapping[str, Any], environ: Mapping[str, str], feeds: Sequence[FeedTable], faults: list[str]
) -> tuple[list[Source], list[str]]:
    """Every source, and remarks on those that were left aside."""
    own = [Declared(place, table) for place, _, table in _tables(path, document, "sources", SourceTable, faults)]
    before = len(faults)
    lists = [
        (table.file, listed(path, raw, table, faults))
        for _, raw, table in _tables(path, document, "source_lists", SourceListTable, faults)
    ]
    declared, remarks = merged(own, lists, faults)
    # The names in a list that cannot be read are not known, and whoever mends it need not hear of them.
    if len(faults) == before:
        names = dict.fromkeys([*_names(document, "sources"), *(one.table.name for one in declared)])
        faults += _feed_faults(path, feeds, names)
    for one in declared:
        faults += [*location_faults(one), *following_faults(one)]
    folder = path.resolve().parent
    return [source_of(one.table, folder, authorization(one, environ, faults)) for one in declared], remarks


def _feed_faults(path: Path, feeds: Sequence[FeedTable], names: Mapping[str, None]) -> Iterator[str]:
    for feed in feeds:
        for glob in feed.sources:
            if glob not in names and not any(fnmatchcase(name, glob) for name in names):
                yield (
                    f"{path}: [[feeds]] {feed.name!r}: sources: {glob!r} matches no source"
                    f"{near(glob, names)}; name one of [[sources]] or a glob"
                )


# ---------------------------------------------------------------------------------------------- what no key shows alone


def _between_keys(
    path: Path, polling: PollingTable | None, limits: LimitsTable | None, websub: WebSubTable | None
) -> Iterator[str]:
    if polling and not polling.min_interval <= polling.interval <= polling.max_interval:
        yield f"{path}: [polling]: must be min_interval ≤ interval ≤ max_interval; change one of the three"
    if limits and limits.connect_timeout > limits.total_timeout:
        yield f"{path}: [limits]: must be connect_timeout ≤ total_timeout; change one of the two"
    if websub and not websub.min_lease <= websub.default_lease <= websub.max_lease:
        yield f"{path}: [websub]: must be min_lease ≤ default_lease ≤ max_lease; change one of the three"


def _polling(table: PollingTable) -> Polling:
    stated = table.model_dump(exclude={"processes", "allowed_ports"})
    return Polling(**stated, processes=table.processes or _cores(), allowed_ports=tuple(table.allowed_ports))


def _cores() -> int:
    """How many cores this process may use; a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
