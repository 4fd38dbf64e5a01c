"""Header lines of one answer in, what they say out (RFC 9110, RFC 9111). Pure; `now` in seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache

#: The longest wait that a server can impose, in seconds.
LONGEST_WAIT = 7 * 86400.0
_DELTA = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Head:
    """The header block of an answer; values are latin-1 text, so every byte of them can be sent back.

    `status` is 0 where there was no whole block.
    """

    status: int
    fields: Mapping[str, list[str]]

    def get(self, name: str) -> str | None:
        """The first value of a field, None when it is missing or empty; `name` in lower case."""
        found = self.fields.get(name)
        return (found[0] or None) if found else None

    def list(self, name: str) -> list[str]:
        """The members of a comma-separated field over all its lines (RFC 9110 5.6.1), in lower case."""
        members = (member.strip().lower() for value in self.fields.get(name, ()) for member in value.split(","))
        return [member for member in members if member]


def head_of(lines: Iterable[bytes]) -> Head:
    """The final block among the lines of an answer: interim answers before it and trailers after it are left out."""
    status, fields = 0, dict[str, list[str]]()
    for line in lines:
        if line.startswith(b"HTTP/"):
            status, fields = _status(line), {}
        elif line in (b"\r\n", b"\n"):
            if status >= 200:
                return Head(status, fields)
        else:
            name, _, value = line.decode("latin-1").partition(":")
            fields.setdefault(name.strip().lower(), []).append(value.strip(" \t\r\n"))
    return Head(0, {})


def content_type(head: Head) -> tuple[str | None, str | None]:
    """Media type and charset of an answer, both in lower case, each None when not said."""
    return _content_type(head.get("content-type") or "")


@lru_cache(256)
def _content_type(value: str) -> tuple[str | None, str | None]:
    media_type = value.partition(";")[0].strip().lower()
    message = Message()
    message["content-type"] = value
    return media_type if "/" in media_type else None, message.get_content_charset()


def content_length(head: Head) -> int | None:
    """Content-Length in bytes, None when it is missing or no number."""
    return _delta(head.get("content-length"))


def max_age(head: Head, now: float) -> float | None:
    """Seconds that the answer stays fresh (RFC 9111 4.2.1, less Age); None when not said."""
    directives = head.list("cache-control")
    if "no-cache" in directives or "no-store" in directives:
        return None
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age" and (seconds := _delta(value.strip('"'))) is not None:
            return float(max(0, seconds - (_delta(head.get("age")) or 0)))
    expires = http_date(head.get("expires"))
    return None if expires is None else max(0.0, expires - (http_date(head.get("date")) or now))


def retry_after(head: Head, now: float) -> float | None:
    """Seconds that Retry-After asks us to wait (RFC 9110 10.2.3), at most seven days; None when not said."""
    value = head.get("retry-after")
    wait: float | None = _delta(value)
    if wait is None and (moment := http_date(value)) is not None:
        wait = moment - (http_date(head.get("date")) or now)
    return None if wait is None else min(max(wait, 0.0), LONGEST_WAIT)


@lru_cache(1024)
def http_date(value: str | None) -> float | None:
    """A date in any of the three forms of RFC 9110 5.6.7, in seconds since 1970; None when it is none of them."""
    parsed = parsedate_tz(value) if value else None
    if parsed is None:
        return None
    try:
        return float(mktime_tz((*parsed[:9], parsed[9] or 0)))  # asctime's form names no zone: it is GMT.
    except (ValueError, OverflowError):
        return None


def _delta(value: str | None) -> int | None:
    return int(value) if value and _DELTA.fullmatch(value) else None


def _status(line: bytes) -> int:
    words = line.split(None, 2)
    return int(words[1]) if len(words) > 1 and len(words[1]) == 3 and words[1].isdigit() else 0
