"""A review in; out come the marks that it can be withdrawn by: digests of its key, address, id, authors and source.

Whatever bears a mark of a withdrawal that is not undone is withdrawn, under whatever name it comes in again.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from feedsvc.model import Review, WithdrawalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An author or outlet, as far as it makes a mark."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """As much of a stored review as its marks are made of: all of it takes ten times as long to read."""

    key: str
    source: str
    id: str
    id_generated: bool = False
    url: str | None = None
    outlet: Named
    authors: tuple[Named, ...] = ()


BORNE = msgspec.json.Decoder(Borne)


def marks_of(review: Review | Borne) -> list[bytes]:
    """Every mark that a review bears."""
    authors = (author_mark(person.name) for person in review.authors)
    return [source_mark(review.source), *review_marks(review), *authors]


def review_marks(review: Review | Borne, *, by_place: bool = True) -> list[bytes]:
    """What a review is known by: its key, its address, and its stated id within its outlet (RFC 4287 8.5)."""
    place = place_of(review.url) if by_place else None
    stated = None if review.id_generated else f"{folded(review.outlet.name)}\0{review.id}"
    known = (("key", review.key), ("place", place), ("id", stated))
    return [_mark(word, value) for word, value in known if value]


# The same few names come with review after review.
@lru_cache(4096)
def author_mark(name: str) -> bytes:
    """The same for every way to write a name that differs in case and white space alone."""
    return _mark(WithdrawalKind.AUTHOR, folded(name))


@lru_cache(4096)
def source_mark(name: str) -> bytes:
    """All that comes from a source, now and later."""
    return _mark(WithdrawalKind.SOURCE, name)


@lru_cache(4096)
def folded(name: str) -> str:
    """A name for comparing: compatibility forms, case and white space make no difference (Unicode 3.13, D146)."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def place_of(url: str | None) -> str | None:
    """An address for comparing, without scheme, "www.", fragment and last slash; None for a bare host.

    Some feeds link every item to their home page: that is the address of no review.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    path = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return f"{host}{path}" if host and path else None


def shared_places(reviews: Iterable[Review]) -> set[str]:
    """The addresses that several of these reviews bear within one source, and that so tell none of them apart."""
    seen: set[tuple[str, str]] = set()
    shared: set[str] = set()
    for review in reviews:
        place = place_of(review.url)
        if place is not None and (review.source, place) in seen:
            shared.add(place)
        elif place is not None:
            seen.add((review.source, place))
    return shared


def _mark(word: str, value: str) -> bytes:
    return hashlib.sha256(f"{word}\0{value}".encode("utf-8", "surrogatepass")).digest()
