"""Two reviews in; whether they are one review that two places carry, out. And of one: what its copies are found by.

Copies are looked for by keys that a review shares with some of its copies at least, and judged by `same_review`, which
never joins what `differing` tells apart: different critics, different works, different ratings.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import eq

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq
from rensa import RMinHash

from feedsvc.model import Review
from feedsvc.model.words import slug_of, words_of
from feedsvc.normalise.differing import differ, named_critics
from feedsvc.normalise.urls import place_of

#: Changes whenever keys, judgements or how carriers are named would come out otherwise: then all is looked at anew.
RULES = "2"
#: A text is compared by so many of its first words, and its runs of so many.
LONGEST, RUN = 3000, 4
#: Permutations of a sketch; three at a time they are the keys of a text: of two texts that share half of their runs,
#: four in five share a key, of two that share a sentence in six one in a hundred.
PERMUTATIONS, BAND = 36, 3
#: A text that is cut off shares its opening, of so many words; so many keys, of two minima each, tell of that.
OPENING, OPENING_KEYS, PAIR = 40, 3, 2
#: Fewer words say nothing; so few only together with headline and critic.
LEAST, FEW = 20, 40
#: Texts are alike when they share this part of all their runs: less, the more else is the same (headline, critic).
ALIKE = (0.5, 0.4, 0.3)
#: One is a part of the other from this part of its own runs.
WITHIN = 0.85
#: And so many of the shorter one's words stand in the longer one in the same order.
IN_ORDER = 0.7
#: So much shorter, a copy is known by more than its text.
CUT = 0.4
#: Headlines alike, of 100.
HEADLINES = 85.0
#: Sketches that agree less than this are of different texts.
WORTH_READING = 0.2
SEED = 4287


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the copies of a review are found by.

    `exact` are keys of an id and an address, `opening` of how the text begins, `bands` of the whole of it; `sketch`
    holds the minima themselves. `digest` changes with everything that a judgement depends on.
    """

    digest: bytes
    exact: tuple[int, ...]
    opening: tuple[int, ...]
    bands: tuple[int, ...]
    sketch: bytes

    @property
    def keys(self) -> tuple[int, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.exact, *self.opening, *self.bands)))


def signature(review: Review) -> Signature:
    """What the copies of a review are found by; the same review always has the same."""
    words = _words(review)
    runs = _runs(words)
    minima = _minima(runs) if runs else []
    opening = _minima(_runs(words[:OPENING])) if runs else []
    return Signature(
        digest=_digest(review),
        exact=tuple(_key(word, value) for word, value in _places(review)),
        opening=tuple(_banded("opening", opening, PAIR))[:OPENING_KEYS],
        bands=tuple(_banded("band", minima, BAND)),
        sketch=array("I", minima).tobytes(),
    )


def _banded(word: str, minima: Sequence[int], size: int) -> Iterator[int]:
    for start in range(0, len(minima), size):
        yield _key(f"{word} {start}", minima[start : start + size])


def worth_reading(one: bytes, other: bytes) -> bool:
    """Whether two sketches may be of one text."""
    first, second = array("I", one), array("I", other)
    return bool(first and second) and sum(map(eq, first, second)) >= WORTH_READING * PERMUTATIONS


def same_review(one: Review, other: Review) -> bool:
    """Whether two stored reviews are the same one. Symmetrical, and not transitive."""
    if differ(one, other):
        return False
    headlines = _alike(one.title, other.title)
    if _same_place(one, other):
        return headlines or _same_text(one, other, LEAST, WORTH_READING, headlines=False, signed=False)
    if slug_of(one.outlet.name) == slug_of(other.outlet.name) and not headlines:
        # What an outlet publishes twice under two headlines is two reviews, however much boilerplate they share.
        return False
    signed = bool(named_critics(one) and named_critics(other))
    least = LEAST if headlines and signed else FEW
    return _same_text(one, other, least, ALIKE[headlines + signed], headlines=headlines, signed=signed)


def _same_text(one: Review, other: Review, least: int, share: float, *, headlines: bool, signed: bool) -> bool:
    """Whether two texts are one, by the runs that they share and by the order of their words."""
    words = sorted((_words(one), _words(other)), key=len)
    short, long = words
    if len(short) < least:
        return False
    few, many = (set(_runs(each)) for each in words)
    both = len(few & many)
    if both < share * (len(few) + len(many) - both):
        whole = len(short) >= CUT * len(long)
        known = headlines or (signed and whole)
        if not known or both < WITHIN * len(few) or not (whole or _begins(long, few)):
            return False
    return LCSseq.similarity(short, long) >= IN_ORDER * len(short)


def _begins(long: Sequence[str], few: set[str]) -> bool:
    """Whether a longer text begins with these runs, but for a note before them."""
    return len(few.intersection(_runs(long[: 2 * len(few) + OPENING]))) >= WITHIN * len(few)


def _alike(one: str, other: str) -> bool:
    first, second = " ".join(words_of(one)), " ".join(words_of(other))
    return bool(first and second) and fuzz.ratio(first, second) >= HEADLINES


def _same_place(one: Review, other: Review) -> bool:
    return not set(_places(one)).isdisjoint(_places(other))


def _places(review: Review) -> Iterator[tuple[str, str]]:
    """Its address, where that is more than a host, and its own id within its outlet (RFC 4287, 8.5)."""
    place = place_of(review.url)
    if place and "/" in place:
        yield "place", place
    if not review.id_generated and review.id:
        yield "id", f"{slug_of(review.outlet.name)}\0{review.id}"


def _words(review: Review) -> Sequence[str]:
    found = (prose.text for prose in (review.content, review.summary, review.excerpt) if prose)
    return _words_of(max(found, key=len, default=""))


# One text is compared with several, one after the other.
@lru_cache(512)
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(words_of(text)[:LONGEST])


def _runs(words: Sequence[str]) -> list[str]:
    """Every run of words of a text that says enough."""
    if len(words) < LEAST:
        return []
    return list(map(" ".join, zip(*(words[start:] for start in range(RUN)), strict=False)))


def _minima(runs: Sequence[str]) -> list[int]:
    hashed = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    hashed.update(runs)
    return list(hashed.digest())


def _key(word: str, value: object) -> int:
    """A whole number of 64 bits, as every database holds them."""
    return int.from_bytes(_hash(f"{word}\0{value}", 8), "big", signed=True)


def _digest(review: Review) -> bytes:
    texts = [prose.text for prose in (review.content, review.summary, review.excerpt) if prose]
    facts = (review.id, review.url, review.title, review.authors, review.outlet.name, review.subject, review.rating)
    return _hash(repr((facts, texts, review.position, review.collected, review.via)), 16)


def _hash(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
