"""Fetched → Parsed, by the kind of source: a new kind is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable

from feedsvc.model import Fetched, Parsed
from feedsvc.parsers.document import read_document
from feedsvc.parsers.feed import read_feed

PARSERS: dict[str, Callable[[Fetched], Parsed]] = {"feed": read_feed, "folder": read_document}

__all__ = ["PARSERS", "read_document", "read_feed"]
