"""Fetched → Parsed, by the kind of source: a new kind is one function and one line here."""

from __future__ import annotations

from typing import Protocol

from feedsvc.model import Fetched, Limits, Parsed
from feedsvc.parsers.document import read_document
from feedsvc.parsers.feed import read_feed
from feedsvc.parsers.page import read_page


class Parser(Protocol):
    """Reads a document of one kind of source, or raises a SourceError."""

    def __call__(self, fetched: Fetched, limits: Limits = ...) -> Parsed: ...


PARSERS: dict[str, Parser] = {"feed": read_feed, "folder": read_document, "page": read_page}

__all__ = ["PARSERS", "Parser", "read_document", "read_feed", "read_page"]
