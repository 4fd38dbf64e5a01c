"""Outcomes, reviews and states in, JSON for programs out. Times are RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from feedsvc.cli.show import Shown
from feedsvc.collect import Outcome
from feedsvc.model import Quarantined, Source, SourceState

#: Kept from programs: it means nothing outside this process.
INTERNAL = ("body_hash",)


def as_json_text(value: object, indent: int = 2) -> str:
    """One JSON document; on one line when `indent` is 0."""
    encoded = msgspec.json.encode(value)
    return (msgspec.json.format(encoded, indent=indent) if indent else encoded).decode()


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """What one look at one source brought."""
    return {
        "source": outcome.source,
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "withdrawn": outcome.withdrawn,
        "quarantined": [{"place": place, "reason": reason} for place, reason in outcome.kept_out],
        "error": str(outcome.error) if outcome.error else None,
        "error_kind": outcome.error.kind if outcome.error else None,
    }


def shown_json(shown: Shown) -> dict[str, Any]:
    """A review with every field, and the terms that it would be published on."""
    return {**msgspec.to_builtins(shown.review), "terms": msgspec.to_builtins(shown.terms)}


def sources_json(
    sources: Sequence[Source], states: Sequence[SourceState], quarantined: Sequence[Quarantined]
) -> dict[str, object]:
    """Every configured source with its state, and what is in quarantine."""
    known = {state.name: state for state in states}
    return {
        "sources": [
            {"kind": source.kind, "location": source.location, "enabled": source.enabled, **_state(known, source.name)}
            for source in sources
        ],
        "quarantined": msgspec.to_builtins(list(quarantined)),
    }


def _state(known: dict[str, SourceState], name: str) -> dict[str, Any]:
    state = msgspec.to_builtins(known[name]) if name in known else {"name": name}
    return {key: value for key, value in state.items() if key not in INTERNAL}
