"""A name that no source has in, words that lead to the right one out."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from feedsvc.config import Settings

#: More names than this help nobody.
NAMES_TOLD = 20


def no_such_source(name: str, settings: Settings, known: Sequence[str] | None = None) -> str:
    """That `name` is none of the known sources (all configured ones), and which was probably meant."""
    known = [source.name for source in settings.sources] if known is None else known
    if len(known) <= NAMES_TOLD:
        return f"{name!r} is no source of {settings.path}; its sources: {', '.join(known) or 'none'}"
    close = ", ".join(get_close_matches(name, known, n=3))
    meant = f"did you mean {close}?" if close else "`feedsvc sources` lists them"
    return f"{name!r} is no source of {settings.path}; {meant}"
