"""Reviews that changed in; those that are one review in several carriers, joined under one of them, out.

Of its carriers the one leads that the operator prefers, else the one that published first. Each names the others in
`also`, so whichever of them a feed shows, nobody who carried the review loses the credit.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from feedsvc.model import Also, Outlet, Review
from feedsvc.normalise.differing import differ
from feedsvc.normalise.likeness import RULES, Signature, same_review, signature, worth_reading
from feedsvc.normalise.urls import host, same_place
from feedsvc.publish.holdings import Holdings
from feedsvc.store.copies import MOST_ALIKE, Judged, Known, Shelves

#: Reviews that are looked at in one transaction.
BATCH = 500
#: Likes of a review that are read at most: those that share most with it.
MOST_READ = 40
#: Of the keys of an opening, those that say that two texts may begin alike.
BEGIN_ALIKE = 2
#: Other carriers that a review names at most.
MOST_NAMED = 50


def join(holdings: Holdings, most: int | None = None) -> int:
    """Look for copies among the reviews that changed, at most about so many; how many were looked at."""
    preferred = frozenset(source.name for source in holdings.settings.sources if source.preferred)
    rules = hashlib.sha256(repr((RULES, sorted(preferred))).encode()).digest()
    judge = partial(judged, preferred=preferred)
    looked = 0
    while (most is None or looked < most) and (
        count := holdings.store.copies.join(BATCH, judge, told, rules=rules, now=holdings.clock())
    ):
        looked += count
    return looked


def told(review: Review, others: Sequence[Review]) -> Review:
    """A review that names the other carriers stored here, after those that it states itself."""
    stated = [each for each in review.also if each.key is None]
    known = {(each.url, each.outlet) for each in stated}
    places = (_place(review, other) for other in others[:MOST_NAMED])
    named = [place for place in places if place and (place.url, place.outlet) not in known]
    also = (*stated, *named)
    return review if also == review.also else replace(review, also=also)


def _place(review: Review, other: Review) -> Also | None:
    """Where another carrier published a review; None where that is the same house at the same address.

    Without an address of its own, or under the review's, it is named with its carrier's home.
    """
    carrier = other.via or other.outlet
    own = other.url if other.url and not same_place(other.url, review.url) else None
    url = own or carrier.url or other.url
    if url is None or (own is None and _is_of_one_house(carrier, review)):
        return None
    return Also(
        url=url,
        outlet=carrier.name,
        collected=other.collected,
        key=other.key,
        source=other.source,
        home=own is None,
    )


def _is_of_one_house(carrier: Outlet, review: Review) -> bool:
    """Whether it is the review's own outlet: one that has a feed for each of its sections is no other carrier."""
    if carrier.name == review.outlet.name or same_place(carrier.url, review.outlet.url):
        return True
    # A whole host: of those that many share, each outlet has a path of its own.
    own = [url for url in (review.outlet.url, review.url) if url]
    return any(same_place(carrier.url, f"https://{host(url)}/") for url in own)


# ------------------------------------------------------------------------------------------------------------- judging


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups as they become: each review's, by the number of one of its members."""

    of: dict[int, int]
    members: dict[int, list[int]]

    def group(self, row: int) -> list[int]:
        """All that carry the same review, itself included."""
        return self.members[self.of[row]] if row in self.of else [row]

    def leave(self, row: int) -> None:
        """It is alone from here on."""
        if row in self.of:
            self.members[self.of.pop(row)].remove(row)

    def join(self, row: int, other: int) -> None:
        """Two groups become one."""
        both = [*self.group(row), *self.group(other)]
        for each in both:
            self.members.pop(self.of.get(each, each), None)
        self.members[row] = both
        self.of.update(dict.fromkeys(both, row))


def judged(batch: Mapping[int, Review | None], shelves: Shelves, *, preferred: frozenset[str]) -> Judged:
    """What becomes of a batch: the groups that its reviews leave and join."""
    stored = shelves.texts(batch)
    touched = dict(_touched(batch, stored, preferred))
    alike = shelves.alike([key for sign in touched.values() if sign for key in sign.keys])
    found = _likes(touched, alike, shelves)
    rows = {*touched, *(row for likes in found.values() for row in likes)}
    numbers = shelves.groups(rows)
    before = shelves.members(numbers.values())
    others = {*rows, *(row for group in before.values() for row in group)} - batch.keys()
    reviews = {row: review for row, review in batch.items() if review} | shelves.reviews(others)
    groups = _Groups({}, {})
    for group in before.values():
        groups.members[group[0]] = list(group)
        groups.of.update(dict.fromkeys(group, group[0]))
    for row in touched:
        groups.leave(row)
    for row in touched:
        _settle(row, found.get(row, ()), groups, reviews)
    return Judged(
        texts=_kept(touched, alike, preferred, batch),
        before=before,
        after=[_in_order(group, reviews, preferred) for group in groups.members.values() if len(group) > 1],
    )


def _touched(
    batch: Mapping[int, Review | None], stored: Mapping[int, Known], preferred: frozenset[str]
) -> Iterator[tuple[int, Signature | None]]:
    """Those that are not as they were looked at last, with what their copies are found by; None: it is withdrawn."""
    for row, review in sorted(batch.items()):
        known = stored.get(row)
        sign = signature(review) if review else None
        if review is None or sign is None:
            if known:
                yield row, None
        elif known is None or known.digest != _version(sign, review, preferred):
            yield row, sign


def _version(sign: Signature, review: Review, preferred: frozenset[str]) -> bytes:
    return sign.digest + (b"preferred" if review.source in preferred else b"") + RULES.encode()


def _likes(
    touched: Mapping[int, Signature | None], alike: Mapping[int, Sequence[int]], shelves: Shelves
) -> dict[int, list[int]]:
    """For each review the others that may be copies of it, the most alike first."""
    shared = {row: each for row, each in _shared(touched, alike).items() if each}
    found: dict[int, list[int]] = {}
    doubtful: dict[int, list[int]] = {}
    for row, each in shared.items():
        found[row], doubtful[row] = _sorted_out(touched[row], each)
    others = {other for unsure in doubtful.values() for other in unsure} - touched.keys()
    sketches = {row: known.sketch for row, known in shelves.texts(others).items()}
    sketches |= {row: sign.sketch for row, sign in touched.items() if sign}
    for row, unsure in doubtful.items():
        found[row] += [other for other in unsure if worth_reading(sketches[row], sketches.get(other, b""))]
    return {
        row: sorted(likes, key=lambda other: (-len(shared[row][other]), other))[:MOST_READ]
        for row, likes in found.items()
    }


def _sorted_out(sign: Signature | None, shared: Mapping[int, Set[int]]) -> tuple[list[int], list[int]]:
    """Of those that share keys: who is to be compared, and whose sketches tell; one key of an opening says nothing."""
    sure, doubtful = [], []
    exact, opening = (set(sign.exact), set(sign.opening)) if sign else (set(), set())
    for other, keys in shared.items():
        begin = len(keys & opening)
        if keys & exact or begin >= BEGIN_ALIKE:
            sure.append(other)
        elif begin != 1 or len(keys) > 1:
            doubtful.append(other)
    return sure, doubtful


def _shared(
    touched: Mapping[int, Signature | None], alike: Mapping[int, Sequence[int]]
) -> dict[int, dict[int, set[int]]]:
    """For each review the keys that it shares with others: with those stored, and with those before it in the batch."""
    here: dict[int, list[int]] = defaultdict(list)
    found: dict[int, dict[int, set[int]]] = {}
    for row, sign in touched.items():
        shared: dict[int, set[int]] = defaultdict(set)
        for key in sign.keys if sign else ():
            for other in (*alike.get(key, ())[:MOST_ALIKE], *here[key]):
                if other not in touched or other < row:
                    shared[other].add(key)
            if len(here[key]) < MOST_ALIKE:
                here[key].append(row)
        found[row] = shared
    return found


def _settle(row: int, likes: Iterable[int], groups: _Groups, reviews: Mapping[int, Review]) -> None:
    """Join a review with those that it is the same as; no two are joined that anything tells apart."""
    if row not in reviews:
        return
    for other in likes:
        mine, theirs = groups.group(row), groups.group(other)
        if other in mine or other not in reviews or not same_review(reviews[row], reviews[other]):
            continue
        pairs = ((reviews[one], reviews[two]) for one in mine for two in theirs if one in reviews and two in reviews)
        if not any(differ(one, two) for one, two in pairs):
            groups.join(row, other)


def _kept(
    touched: Mapping[int, Signature | None],
    alike: Mapping[int, Sequence[int]],
    preferred: frozenset[str],
    batch: Mapping[int, Review | None],
) -> dict[int, Known | None]:
    """What copies will be found by. A key that many share takes in no more, so that no look-up ever costs more."""
    held: Counter[int] = Counter({key: len(rows) for key, rows in alike.items()})
    texts: dict[int, Known | None] = {}
    for row, sign in touched.items():
        review = batch[row]
        if sign is None or review is None:
            texts[row] = None
            continue
        keys = tuple(key for key in sign.keys if held[key] < MOST_ALIKE)
        held.update(keys)
        texts[row] = Known(digest=_version(sign, review, preferred), keys=keys, sketch=sign.sketch)
    return texts


def _in_order(group: Iterable[int], reviews: Mapping[int, Review], preferred: frozenset[str]) -> list[int]:
    """The preferred first, then by date of publication; of one date the outlet's own, then who was seen first."""

    def place(row: int) -> tuple[bool, datetime, bool, datetime, str]:
        review = reviews[row]
        carried_on = review.via is not None
        return review.source not in preferred, review.position, carried_on, review.collected, review.key

    return sorted((row for row in group if row in reviews), key=place)
