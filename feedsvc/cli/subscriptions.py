"""Subscriptions in, [[sources]] tables for the configuration file out, and what makes none, with the reason."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from feedsvc.config.kinds import is_web_address
from feedsvc.config.opml import Subscription
from feedsvc.model import Source

NO_ADDRESS = "has no http or https address"
DOUBLE = "stands in the list before"
KNOWN = "is configured already"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The new tables in the list's order, and what was left out: places by reason."""

    tables: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def sort_out(subscriptions: Sequence[Subscription], configured: Sequence[Source]) -> Sorted:
    """One TOML table for each subscription that is not configured yet, each with a name that is still free."""
    known = {source.location for source in configured}
    seen: set[str] = set()
    names = {source.name for source in configured}
    numbers: dict[str, Iterator[int]] = {}
    found = Sorted()
    for one in subscriptions:
        reason = _reason(one.url, known, seen)
        if reason:
            found.left_out.setdefault(reason, []).append(f"line {one.line}: {one.url or one.title or 'an outline'}")
        else:
            seen.add(one.url)
            found.tables.append(_table(_free_name(one.title or one.url, names, numbers), one))
    return found


def _reason(url: str, known: set[str], seen: set[str]) -> str | None:
    if not is_web_address(url):
        return NO_ADDRESS
    return KNOWN if url in known else DOUBLE if url in seen else None


def _free_name(title: str, taken: set[str], numbers: dict[str, Iterator[int]]) -> str:
    """Small letters, digits and hyphens of the title; a number behind it when another source has that name."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "source"
    free = name
    while free in taken:
        # Each number is tried once: thousands of feeds may have the same title.
        free = f"{name}-{next(numbers.setdefault(name, count(2)))}"
    taken.add(free)
    return free


def _table(name: str, subscription: Subscription) -> str:
    # A JSON string is a TOML basic string, but that TOML wants DEL escaped too.
    lines = ["", "[[sources]]", f"name = {_quoted(name)}", 'kind = "feed"', f"location = {_quoted(subscription.url)}"]
    if subscription.category:
        lines.append(f"category = {_quoted(subscription.category)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
