"""Instants in, the date forms of the three formats out; and an `updated` for each entry that no other entry shares."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from feedsvc.model import Entry, Provenance, Review

#: Not strftime's, which are those of the process's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def rfc3339(moment: datetime) -> str:
    """`2026-05-01T08:15:00Z`, with a fraction only where there is one (RFC 3339 5.6)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def rfc822(moment: datetime) -> str:
    """`Fri, 01 May 2026 08:15:00 GMT`: English names, four-digit year (RFC 822 5.1 as RSS 2.0 has it)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def day(moment: datetime) -> str:
    """`1 May 2026`, for people."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def changed(review: Review) -> datetime:
    """When a review last changed: as its source says, else as it was published, else as we saw it."""
    return review.updated or review.published or review.revised


def distinct_updates(entries: Sequence[Entry]) -> dict[str, datetime]:
    """For each review's key an instant that stands once in the feed.

    Readers order by `updated`, and the W3C validator warns of two that are equal. Those that share an instant get less
    than half a second more, made from their key, so it does not depend on who their neighbours are. A review that
    changed since we first had it did so after that moment, whatever its source says, and gets more than half a second:
    whoever holds both its forms, from two documents, keeps the later one (RFC 5005 4.2).
    """
    moments = {entry.review.key: changed(entry.review) for entry in entries}
    count = Counter(moments.values())
    later = {one.key: one.collected for one in (entry.review for entry in entries) if one.revised > one.collected}
    moved = {key for key, moment in moments.items() if key in later or count[moment] > 1}
    taken = {moment for key, moment in moments.items() if key not in moved}
    for key in sorted(moved):
        moment = max(moments[key], later[key]) + HALF if key in later else moments[key]
        moments[key] = _apart(moment, key, taken)
        taken.add(moments[key])
    return moments


HALF = timedelta(milliseconds=500)


def _apart(moment: datetime, key: str, taken: set[datetime]) -> datetime:
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{key}/{attempt}".encode()).digest()
        candidate = moment + timedelta(microseconds=1 + int.from_bytes(digest[:4], "big") % 499_999)
        if candidate not in taken:
            return candidate
        attempt += 1


def publication(review: Review) -> datetime | None:
    """When a review was published; None where only its file's time is known, which most formats cannot mark."""
    return None if review.provenance.get("published") is Provenance.INFERRED else review.published
