"""A review goes in, the row that keeps it comes out, and back. No SQL: worker processes import no database.

Moments are whole microseconds since 1970 in UTC: exact, and ordered as numbers are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from feedsvc.model.review import Review

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DECODER = msgspec.json.Decoder(Review)
ENCODER = msgspec.json.Encoder()


class StoredItem(NamedTuple):
    """One review as it is stored. `guid_hash`: sha256 of its item key; `digest`: sha256 of all that can change it.

    `document` is the review as JSON; the other fields repeat of it what queries ask for. It is a tuple since that goes
    from one process to another in two thirds of the time.
    """

    guid_hash: bytes
    digest: bytes
    key: str
    #: In microseconds, as are the two that follow.
    position: int
    collected: int
    revised: int
    outlet: str
    url: str | None
    document: str


def stored_item(review: Review, guid_hash: bytes, digest: bytes) -> StoredItem:
    """A review made ready for the store."""
    return StoredItem(
        guid_hash=guid_hash,
        digest=digest,
        key=review.key,
        position=microseconds(review.position),
        collected=microseconds(review.collected),
        revised=microseconds(review.revised),
        outlet=sound(review.outlet.name),
        url=None if review.url is None else sound(review.url),
        document=encode(review),
    )


def encode(review: Review) -> str:
    """A review as the JSON document that is stored."""
    return ENCODER.encode(review).decode()


def decode(document: str) -> Review:
    """The review that `encode` wrote down."""
    return DECODER.decode(document)


def sound(text: str) -> str:
    """Text that no database chokes on: lone surrogates and NUL become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC; a naive datetime raises TypeError."""
    return (moment - EPOCH) // MICROSECOND
