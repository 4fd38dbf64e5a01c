"""Instants in, the date forms of the three formats out; and an `updated` for each entry that no other entry shares."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
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

    Readers order by `updated`, and the W3C validator warns of two that are equal. Those that share an instant, and only
    they, get a fraction of a second made from their key, so it does not depend on who their neighbours are.
    """
    moments = {entry.review.key: changed(entry.review) for entry in entries}
    count = Counter(moments.values())
    taken = {moment for moment, times in count.items() if times == 1}
    for key in sorted(key for key, moment in moments.items() if count[moment] > 1):
        moments[key] = _apart(moments[key], key, taken)
        taken.add(moments[key])
    return moments


def _apart(moment: datetime, key: str, taken: set[datetime]) -> datetime:
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{key}/{attempt}".encode()).digest()
        candidate = moment.replace(microsecond=1 + int.from_bytes(digest[:4], "big") % 999_999)
        if candidate not in taken:
            return candidate
        attempt += 1


def publication(review: Review) -> datetime | None:
    """When a review was published; None where only its file's time is known, which most formats cannot mark."""
    return None if review.provenance.get("published") is Provenance.INFERRED else review.published
