"""A language as stated in, its BCP 47 tag in the usual case out, or None where it is no such tag."""

from __future__ import annotations

import re

#: RFC 5646, 2.1, for what feeds use: language, script, region, variants. Four-letter and longer languages are reserved.
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)", re.I)
#: "Undetermined", "multiple" and the like say nothing that a reader could use.
_EMPTY = frozenset({"mis", "mul", "und", "xx", "zxx"})


def language_tag(raw: str | None) -> str | None:
    """The tag ("en-GB"), case settled as RFC 5646, 2.1.1 recommends."""
    if not raw:
        return None
    match = _TAG.fullmatch(raw.strip().replace("_", "-"))
    if match is None or match[1].lower() in _EMPTY:
        return None
    language, script, region, variants = match[1].lower(), match[2], match[3], match[4].lower()
    script_part = f"-{script.title()}" if script else ""
    return f"{language}{script_part}{f'-{region.upper()}' if region else ''}{variants}"
