"""The settings that hold and the configuration as it stands now in, the settings to go on under out, changes told."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

from feedsvc.config import Settings, load
from feedsvc.config.sources import few
from feedsvc.errors import ConfigError
from feedsvc.model import Feed, Source

log = logging.getLogger(__name__)

#: So many names of each kind of change are said.
TOLD = 10
#: Whatever was opened or bound at start: only another start can change it.
LASTING = ("database_url", "data_dir", "host", "port", "scale")


def reread(held: Settings) -> Settings | None:
    """The configuration read anew, with what needs a restart left as it was; None when it has faults, each logged."""
    try:
        found = load(held.path, os.environ)
    except ConfigError as error:
        for fault in error.faults:
            log.error("%s", fault)
        log.error("the configuration cannot be used: going on under the one of before")
        return None
    except Exception:
        log.exception("reading the configuration met a bug of feedsvc: going on under the one of before")
        return None
    kept = [key for key in LASTING if getattr(found, key) != getattr(held, key)]
    if kept:
        log.warning("%s: %s cannot change without a restart: going on as before", held.path, " and ".join(kept))
    settings = replace(found, **{key: getattr(held, key) for key in kept})
    log.info("%s was read again: %s", held.path, "; ".join(_changes(held, settings)) or "nothing changed")
    return settings


def _changes(old: Settings, new: Settings) -> Iterator[str]:
    yield from _among("source", {one.name: one for one in old.sources}, {one.name: one for one in new.sources})
    yield from _among("feed", {one.name: one for one in old.feeds}, {one.name: one for one in new.feeds})
    tables = {"service": "site", "polling": "polling", "limits": "limits", "websub": "websub"}
    other = [f"[{table}]" for table, field in tables.items() if getattr(old, field) != getattr(new, field)]
    if other:
        yield f"{', '.join(other)} changed"


def _among(noun: str, old: Mapping[str, Source | Feed], new: Mapping[str, Source | Feed]) -> Iterator[str]:
    """How many of a kind are new, gone and changed, and which."""
    kinds = {
        "new": [name for name in new if name not in old],
        "gone": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and old[name] != new[name]],
    }
    for what, names in kinds.items():
        if names:
            yield f"{len(names):,} {noun}{'s' if len(names) > 1 else ''} {what} ({few(names, TOLD)})"
