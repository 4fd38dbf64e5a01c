"""Header lines of one answer in, what they say out (RFC 9110, RFC 9111). Pure; `now` in seconds since 1970."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from email.utils import mktime_tz, parsedate_tz

#: The longest wait that a server can impose, in seconds.
LONGEST_WAIT = 7 * 86400.0
_DELTA = re.compile(r"[0-9]{1,18}")


@dataclass(slots=True)
class Head:
    """The header block of an answer as it grows; values are latin-1 text, so every byte of them can be sent back."""

    status: int = 0
    #: Bytes seen over all blocks of the answer, interim ones included.
    size: int = 0
    complete: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, line: bytes) -> None:
        """Take one line; a new status line starts over (interim answers), lines after the block (trailers) are left."""
        self.size += len(line)
        text = line.decode("latin-1").strip("\r\n")
        if text.startswith("HTTP/"):
            self.status, self.complete, self.fields = _status(text), False, {}
        elif not text:
            self.complete = self.status >= 200
        elif not self.complete:
            name, _, value = text.partition(":")
            self.fields.setdefault(name.strip().lower(), []).append(value.strip(" \t"))

    def get(self, name: str) -> str | None:
        """The first value of a field, None when it is missing or empty; `name` in lower case."""
        return next(iter(self.fields.get(name, ())), None) or None

    def list(self, name: str) -> list[str]:
        """The members of a comma-separated field over all its lines (RFC 9110 5.6.1), in lower case."""
        members = (member.strip().lower() for value in self.fields.get(name, ()) for member in value.split(","))
        return [member for member in members if member]


def content_type(head: Head) -> tuple[str | None, str | None]:
    """Media type and charset of an answer, both in lower case, each None when not said."""
    value = head.get("content-type") or ""
    media_type = value.partition(";")[0].strip().lower()
    message = Message()
    message["content-type"] = value
    return media_type if "/" in media_type else None, message.get_content_charset()


def content_length(head: Head) -> int | None:
    """Content-Length in bytes, None when it is missing or no number."""
    return _delta(head.get("content-length"))


def max_age(head: Head, now: float) -> float | None:
    """Seconds that the answer stays fresh (RFC 9111 4.2.1, less Age), or Retry-After where that is longer."""
    fresh = _freshness(head, now)
    wait = retry_after(head, now)
    return max(fresh, wait) if fresh is not None and wait is not None else wait if fresh is None else fresh


def retry_after(head: Head, now: float) -> float | None:
    """Seconds that Retry-After asks us to wait (RFC 9110 10.2.3), at most seven days; None when not said."""
    value = head.get("retry-after")
    wait: float | None = _delta(value)
    if wait is None and (moment := http_date(value)) is not None:
        wait = moment - (http_date(head.get("date")) or now)
    return None if wait is None else min(max(wait, 0.0), LONGEST_WAIT)


def http_date(value: str | None) -> float | None:
    """A date in any of the three forms of RFC 9110 5.6.7, in seconds since 1970; None when it is none of them."""
    parsed = parsedate_tz(value) if value else None
    if parsed is None:
        return None
    try:
        return float(mktime_tz((*parsed[:9], parsed[9] or 0)))  # asctime's form names no zone: it is GMT.
    except (ValueError, OverflowError):
        return None


def _freshness(head: Head, now: float) -> float | None:
    directives = head.list("cache-control")
    if "no-cache" in directives or "no-store" in directives:
        return None
    for directive in directives:
        name, _, value = directive.partition("=")
        if name == "max-age" and (seconds := _delta(value.strip('"'))) is not None:
            return float(max(0, seconds - (_delta(head.get("age")) or 0)))
    expires = http_date(head.get("expires"))
    return None if expires is None else max(0.0, expires - (http_date(head.get("date")) or now))


def _delta(value: str | None) -> int | None:
    return int(value) if value and _DELTA.fullmatch(value) else None


def _status(line: str) -> int:
    words = line.split(None, 2)
    return int(words[1]) if len(words) > 1 and re.fullmatch(r"[0-9]{3}", words[1]) else 0
