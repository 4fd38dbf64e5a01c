"""Subscriptions in, [[sources]] tables for the configuration file out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

from feedsvc.model import Source
from feedsvc.parsers.opml import Subscription


def tables_for(subscriptions: Sequence[Subscription], configured: Sequence[Source]) -> list[str]:
    """One TOML table for each subscription that is not configured yet, each with a name that is still free."""
    locations = {source.location for source in configured}
    names = {source.name for source in configured}
    tables = []
    for subscription in subscriptions:
        if subscription.url not in locations:
            name = _free_name(subscription.title, names)
            names.add(name)
            tables.append(_table(name, subscription))
    return tables


def _free_name(title: str, taken: set[str]) -> str:
    """Small letters, digits and hyphens of the title; a number behind it when another source has that name."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "source"
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _table(name: str, subscription: Subscription) -> str:
    # A JSON string is a TOML basic string, but that TOML wants DEL escaped too.
    lines = ["", "[[sources]]", f"name = {_quoted(name)}", 'kind = "feed"', f"location = {_quoted(subscription.url)}"]
    if subscription.category:
        lines.append(f"category = {_quoted(subscription.category)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
