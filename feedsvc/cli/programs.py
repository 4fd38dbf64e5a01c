"""Values in, JSON for programs out. Times are RFC 3339 in UTC."""

from __future__ import annotations

import msgspec


def as_json_text(value: object, indent: int = 2) -> str:
    """One JSON document; on one line when `indent` is 0."""
    encoded = msgspec.json.encode(value)
    return (msgspec.json.format(encoded, indent=indent) if indent else encoded).decode()
