"""Numbers in, words that a person would say them in out."""

from __future__ import annotations


def times(count: int) -> str:
    """How often something happened, in words."""
    return "once" if count == 1 else f"{count:,} times"


def counted(count: int, thing: str) -> str:
    """So many of a thing: "1 review", "2 reviews"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
