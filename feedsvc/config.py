"""config.toml and the environment's variables in, one frozen Settings out, or a ConfigError with every fault found.

Each key is declared once, below, with its default and what would be right; messages and the README's reference are
held to these declarations. Relative paths are relative to the folder of the configuration file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from feedsvc.errors import ConfigError
from feedsvc.model import Feed, Outlet, Republish, Site, Source, is_url

DEFAULT_BIND = "127.0.0.1:8000"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


# ------------------------------------------------------------------------------------------------------ kinds of value


def seconds(value: object) -> float:
    """Seconds of a duration written as "90s", "30m", "6h" or "7d"; raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('must be a duration such as "30m", "6h" or "7d"')
    return float(int(match[1]) * UNITS[match[2]])


def _name(value: str) -> str:
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", value) is None:
        raise ValueError('must be 1 to 64 small letters, digits and hyphens, such as "night-lantern"')
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError('must be an address that starts with http:// or https://, such as "https://outlet.example/"')
    return value


def _base_address(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if parts.query or parts.fragment:
        raise ValueError('must be a plain address without "?" or "#", such as "https://reviews.example"')
    return value.rstrip("/")


def _language(value: str) -> str:
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) is None:
        raise ValueError('must be a language tag (BCP 47), such as "en" or "pt-BR"')
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


Duration = Annotated[float, BeforeValidator(seconds)]
Name = Annotated[str, AfterValidator(_name)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Language = Annotated[str, AfterValidator(_language)]
FilledText = Annotated[str, AfterValidator(_text)]


# -------------------------------------------------------------------------------------------------- the tables, as keys


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ServiceTable(_Table):
    """[service]: where the service stands and keeps its data."""

    title: FilledText = Field("Reviews", description="name of the site, shown on every page")
    description: str = Field("", description="one sentence under the name")
    base_url: Annotated[str, AfterValidator(_base_address)] | None = Field(
        None, description="the public address: every link is built from it; else from the address that is served"
    )
    data_dir: FilledText = Field("feeds", description="the data room: the static export and the database lie in it")
    database_url: FilledText | None = Field(
        None, description="the database, else feedsvc.sqlite3 in the data room; FEEDSVC_DATABASE_URL overrides it"
    )


class PollingTable(_Table):
    """[polling]: how often sources are looked at, and how we introduce ourselves."""

    interval: Duration = Field(1800.0, description="time between two looks to begin with; each source adapts")
    min_interval: Duration = Field(900.0, description="never look at a web source sooner than this")
    max_interval: Duration = Field(86400.0, description="never wait longer than this")
    contact: WebAddress | None = Field(
        None, description="a page about your service, named in the User-Agent so that outlets can reach you"
    )
    allow_private_addresses: bool = Field(
        False, description="allow sources on loopback and private networks (off: they are refused)"
    )


class OutletTable(_Table):
    """outlet = { … } of a source: what the source itself may not say of its publication."""

    name: FilledText = Field(description="the publication's name")
    url: WebAddress | None = Field(None, description="its home page")
    icon: WebAddress | None = Field(None, description="its icon")


class SourceTable(_Table):
    """[[sources]]: one for each partner or outlet."""

    name: Name = Field(description="a short name, used in commands, feeds and addresses; never change it")
    kind: Literal["feed", "folder"] = Field(description="feed: a feed on the web or in a file; folder: a drop folder")
    location: FilledText = Field(description="a URL, or a path")
    outlet: OutletTable | None = Field(None, description="the publication, where the source does not say it")
    licence: FilledText | None = Field(None, description="SPDX id or URL of the licence that you agreed on")
    rights: FilledText | None = Field(None, description="rights statement to show where the source has none")
    republish: Literal["auto", "full", "excerpt", "link"] = Field(
        "auto", description="what you may republish by contract; auto: what the licence of each review allows"
    )
    language: Language | None = Field(None, description="language of the reviews where they do not say")
    category: FilledText | None = Field(None, description="group of the source in /sources.opml")
    interval: Duration | None = Field(None, description="its own time between two looks")
    enabled: bool = Field(True, description="false: not looked at; what was collected stays published")


class FeedTable(_Table):
    """[[feeds]]: one for each feed you publish."""

    name: Name = Field(description="the feed's address: /feeds/NAME; never change it")
    title: FilledText = Field(description="the feed's title")
    description: str = Field("", description="one sentence about it")
    sources: list[FilledText] = Field(["*"], description='names of sources, or globs such as "games-*"')
    commercial: bool = Field(True, description="false: the feed earns nothing, so NC-licensed texts may stand in full")
    items: Annotated[int, Field(ge=1, le=1000)] = Field(50, description="how many of the newest reviews it shows")
    language: Language | None = Field(None, description="language of the feed")


T = TypeVar("T", bound=_Table)

TABLES: dict[str, type[_Table]] = {
    "service": ServiceTable,
    "polling": PollingTable,
    "sources": SourceTable,
    "feeds": FeedTable,
}


# ------------------------------------------------------------------------------------------------------------ settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """Durations in seconds."""

    interval: float
    min_interval: float
    max_interval: float
    contact: str | None
    allow_private_addresses: bool


# Without slots: what is derived from it is kept in the instance.
@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the operator decided; `path` is the file it came from. All paths absolute."""

    path: Path
    site: Site
    data_dir: Path
    database_url: str
    host: str
    port: int
    polling: Polling
    sources: tuple[Source, ...]
    feeds: tuple[Feed, ...]

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """The publication of each source that names one."""
        return tuple(source.outlet for source in self.sources if source.outlet)

    def source(self, name: str) -> Source | None:
        """The configured source of that name; None when there is none any more."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Source]:
        return {source.name: source for source in self.sources}

    def source_names(self, feed: Feed) -> tuple[str, ...]:
        """Names of the configured sources that a feed takes in, in the configuration's order."""
        return tuple(s.name for s in self.sources if any(fnmatchcase(s.name, glob) for glob in feed.sources))


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Settings of a configuration file; raises ConfigError with a sentence for every fault in file and environment."""
    document = _read(path)
    faults = [*_stray_tables(path, document)]
    service = _table(path, document, "service", ServiceTable, faults)
    polling = _table(path, document, "polling", PollingTable, faults)
    sources = _tables(path, document, "sources", SourceTable, faults)
    feeds = _tables(path, document, "feeds", FeedTable, faults)
    faults += _between_keys(path, polling, sources, feeds, document)
    host, port = _bind(environ.get("FEEDSVC_BIND", DEFAULT_BIND), faults)
    stated = environ.get("FEEDSVC_DATABASE_URL") or (service.database_url if service else None)
    faults += _database_faults(path, stated, "FEEDSVC_DATABASE_URL" in environ)
    if faults or service is None or polling is None:
        raise ConfigError(faults)
    folder = path.resolve().parent
    base_url = service.base_url or _served_at(host, port)
    return Settings(
        path=path.resolve(),
        site=Site(title=service.title, base_url=base_url, description=service.description),
        data_dir=folder / service.data_dir,
        database_url=_absolute_database(stated or f"sqlite:///{service.data_dir}/feedsvc.sqlite3", folder),
        host=host,
        port=port,
        polling=Polling(**polling.model_dump()),
        sources=tuple(_source(table, folder) for table in sources),
        feeds=tuple(Feed(**{**table.model_dump(), "sources": tuple(table.sources)}) for table in feeds),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            [f"{path}: there is no such file; name one with --config FILE or the variable FEEDSVC_CONFIG"]
        ) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); it must be a readable TOML file"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from None


def _stray_tables(path: Path, document: Mapping[str, Any]) -> Iterator[str]:
    for key in document:
        if key not in TABLES:
            what = "table" if isinstance(document[key], dict | list) else "key"
            yield f"{path}: {what} {key!r} is unknown{_near(key, TABLES)}; known tables: {', '.join(TABLES)}"


def _near(word: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _table(path: Path, document: Mapping[str, Any], key: str, kind: type[T], faults: list[str]) -> T | None:
    raw = document.get(key, {})
    if not isinstance(raw, dict):
        faults.append(f"{path}: [{key}] must be a table, written as [{key}] on a line of its own")
        return None
    return _validated(path, f"[{key}]", raw, kind, faults)


def _tables(path: Path, document: Mapping[str, Any], key: str, kind: type[T], faults: list[str]) -> list[T]:
    raw = document.get(key, [])
    if not isinstance(raw, list):
        faults.append(f"{path}: [[{key}]] must be a list of tables, each written as [[{key}]] with two brackets")
        return []
    found = []
    for number, table in enumerate(raw, start=1):
        name = f"[[{key}]] {table['name']!r}" if _named(table) else f"[[{key}]] number {number}"
        valid = _validated(path, name, table, kind, faults)
        found += [valid] if valid is not None else []
    return found


def _named(table: object) -> bool:
    return isinstance(table, dict) and isinstance(table.get("name"), str)


def _validated(path: Path, where: str, raw: object, kind: type[T], faults: list[str]) -> T | None:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        faults += [f"{path}: {where}: {_fault(detail, kind)}" for detail in error.errors()]
        return None


def _fault(detail: ErrorDetails, kind: type[_Table]) -> str:
    """One sentence for one of pydantic's findings: the key, what is wrong with it, what would be right."""
    *inside, key = [str(part) for part in detail["loc"]] or [""]
    table = OutletTable if inside[:1] == ["outlet"] else kind
    dotted = ".".join([*inside, key])
    match detail["type"]:
        case "extra_forbidden":
            return f"key {dotted!r} is unknown{_near(key, table.model_fields)}; known keys: " + ", ".join(
                table.model_fields
            )
        case "missing":
            return f"key {dotted!r} is missing: {table.model_fields[key].description}"
        case "value_error":
            problem = str(detail["ctx"]["error"])
        case "literal_error":
            problem = f"must be one of {detail['ctx']['expected']}"
        case "model_type":
            problem = f'must be a table, such as {{ {next(iter(OutletTable.model_fields))} = "…" }}'
        case "list_type":
            problem = 'must be a list in brackets, such as ["*"]'
        case _:
            problem = detail["msg"].replace("Input should be", "must be")
    return f"{dotted} = {detail['input']!r}: {problem}"


def _between_keys(
    path: Path,
    polling: PollingTable | None,
    sources: list[SourceTable],
    feeds: list[FeedTable],
    document: Mapping[str, Any],
) -> Iterator[str]:
    """Faults that no single key shows."""
    if polling and not polling.min_interval <= polling.interval <= polling.max_interval:
        yield f"{path}: [polling]: must be min_interval ≤ interval ≤ max_interval; change one of the three"
    yield from _doubles(path, "sources", document)
    yield from _doubles(path, "feeds", document)
    for source in sources:
        if source.kind == "folder" and is_url(source.location):
            yield (
                f"{path}: [[sources]] {source.name!r}: location = {source.location!r}: a folder source needs a path; "
                'for an address use kind = "feed"'
            )
        elif "://" in source.location and not is_url(source.location):
            yield (
                f"{path}: [[sources]] {source.name!r}: location = {source.location!r}: "
                "must start with http:// or https://, or be a path"
            )
    names = [table["name"] for table in document.get("sources", []) if _named(table)] if _listed(document) else []
    for feed in feeds:
        for glob in feed.sources:
            if not any(fnmatchcase(name, glob) for name in names):
                yield (
                    f"{path}: [[feeds]] {feed.name!r}: sources: {glob!r} matches no source"
                    f"{_near(glob, dict.fromkeys(names))}; name one of [[sources]] or a glob"
                )


def _listed(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("sources", []), list)


def _doubles(path: Path, key: str, document: Mapping[str, Any]) -> Iterator[str]:
    tables = document.get(key, [])
    names = [table["name"] for table in tables if _named(table)] if isinstance(tables, list) else []
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{path}: [[{key}]] {name!r}: stands {names.count(name)} times; each name must stand once"


def _bind(value: str, faults: list[str]) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        faults.append(f"FEEDSVC_BIND = {value!r}: must be ADDRESS:PORT, such as {DEFAULT_BIND}")
        return "", 0
    return host.strip("[]"), int(port)


def _served_at(host: str, port: int) -> str:
    """The address of a service that has no public one: a wildcard is reached on this machine's own."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _database_faults(path: Path, url: str | None, from_environment: bool) -> Iterator[str]:
    if url is None:
        return
    where = "FEEDSVC_DATABASE_URL" if from_environment else f"{path}: [service]: database_url"
    if not url.startswith("sqlite:///"):
        yield f"{where} = {url.split('@')[-1]!r}: must be sqlite:///PATH, such as sqlite:///feeds/feedsvc.sqlite3"


def _absolute_database(url: str, folder: Path) -> str:
    return f"sqlite:///{folder / url.removeprefix('sqlite:///')}"


def _source(table: SourceTable, folder: Path) -> Source:
    """A source with an absolute path where it is local."""
    location = table.location if is_url(table.location) else str(folder / table.location)
    return Source(
        **table.model_dump(exclude={"outlet", "location", "republish"}),
        location=location,
        republish=Republish(table.republish),
        outlet=Outlet(**table.outlet.model_dump()) if table.outlet else None,
    )
