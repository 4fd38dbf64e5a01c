"""What reviews state of works in; which of it is one work, out. Pure; rather two works than a wrong one.

Claims are joined by what a register calls the work; else by the normal form of the name with type and year. A claim
without type or year belongs to the one work of its name that it may mean; where there are several, it stands alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feedsvc.model import Joining, Subject, WorkClaim
from feedsvc.normalise.registers import ONE_EACH, registered
from feedsvc.normalise.samename import title_of

#: An identifier under more names than a work has titles in all languages was put on pages by mistake.
MOST_NAMES = 12
#: Types that say the same of what kind of thing it is; what is not here is a kind of its own.
_FAMILIES: Mapping[str, str] = {
    "Audiobook": "Book",
    "Novel": "Book",
    "ComicStory": "Book",
    "Film": "Movie",
    "TVMovie": "Movie",
    "TVMiniseries": "TVSeries",
    "MusicRelease": "MusicAlbum",
    "MobileApplication": "SoftwareApplication",
    "WebApplication": "SoftwareApplication",
    "Restaurant": "FoodEstablishment",
    "BookSeries": "BookSeries",
    "Episode": "TVEpisode",
}
#: Types that say nothing of it.
_ANYTHING = frozenset(
    {"Thing", "CreativeWork", "Article", "NewsArticle", "BlogPosting", "WebPage", "WebSite", "MediaObject", "Review"}
)
_TYPE = re.compile("[A-Za-z][A-Za-z0-9]{1,60}")


def claim_of(subject: Subject) -> WorkClaim:
    """What a subject says that tells works apart; a year behind the name counts where no other is stated."""
    title = title_of(subject.name)
    kind = subject.type if subject.type and _TYPE.fullmatch(subject.type) and subject.type not in _ANYTHING else None
    return WorkClaim(
        name=" ".join(subject.name.split()),
        type=kind,
        year=subject.year if subject.year is not None else title.year,
        identifiers=registered(subject),
    )


def tokens_of(claim: WorkClaim) -> tuple[str, ...]:
    """What it may share with other claims of the same work: its name without article, and its identifiers."""
    return (f"name:{title_of(claim.name).bare}", *claim.identifiers)


def groups_of(claims: Sequence[WorkClaim], together: Sequence[Sequence[int]] = ()) -> list[list[int]]:
    """The indices of the claims of each work, in order; `together` are those that an operator wants to be one work."""
    groups = _Groups(claims)
    _by_decision(groups)
    _by_identifiers(groups)
    named = (((claim.apart, title_of(claim.name).bare), place) for place, claim in enumerate(claims))
    for indices in _shared(named):
        _by_name(groups, indices)
    for wanted in together:
        for one in wanted[1:]:
            groups.unite(wanted[0], one)
    return groups.lists()


JOINING = Joining(claim=claim_of, tokens=tokens_of, groups=groups_of)


@dataclass(slots=True)
class _Traits:
    """What is known of a work from all of its claims."""

    kinds: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    #: Register → what it calls the work, for those that give each work one name.
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def may_be(self, other: _Traits) -> bool:
        """Whether nothing that both state speaks against their being one."""
        kinds, years = (self.kinds, other.kinds), (self.years, other.years)
        alike = all(not one or not two or one & two for one, two in (kinds, years))
        return alike and not self.denies(other)

    def denies(self, other: _Traits) -> bool:
        """Whether a register that gives each work one number gives them two."""
        return any(self.numbers[name].isdisjoint(other.numbers[name]) for name in self.numbers.keys() & other.numbers)

    def take(self, other: _Traits) -> None:
        """Adds what another is known by."""
        self.kinds |= other.kinds
        self.years |= other.years
        for name, numbers in other.numbers.items():
            self.numbers[name] |= numbers


class _Groups:
    """Claims that grow together: each by its index, every work by the smallest of its indices."""

    def __init__(self, claims: Sequence[WorkClaim]) -> None:
        self.claims = claims
        self._root = list(range(len(claims)))
        self._traits = [_traits(claim) for claim in claims]

    def root(self, index: int) -> int:
        """The smallest index of its work."""
        while self._root[index] != index:
            self._root[index] = self._root[self._root[index]]
            index = self._root[index]
        return index

    def traits(self, index: int) -> _Traits:
        """What is known of its work."""
        return self._traits[self.root(index)]

    def unite(self, one: int, two: int) -> None:
        """Makes their works one."""
        low, high = sorted((self.root(one), self.root(two)))
        if low != high:
            self._root[high] = low
            self._traits[low].take(self._traits[high])

    def lists(self) -> list[list[int]]:
        """The indices of each work."""
        found: dict[int, list[int]] = {}
        for index in range(len(self.claims)):
            found.setdefault(self.root(index), []).append(index)
        return list(found.values())


def _traits(claim: WorkClaim) -> _Traits:
    traits = _Traits()
    if kind := _family(claim):
        traits.kinds.add(kind)
    if claim.year is not None:
        traits.years.add(claim.year)
    for identifier in claim.identifiers:
        register = identifier.partition(":")[0]
        if register in ONE_EACH:
            traits.numbers[register].add(identifier)
    return traits


def _family(claim: WorkClaim) -> str | None:
    return _FAMILIES.get(claim.type, claim.type) if claim.type else None


def _shared(pairs: Iterable[tuple[Hashable, int]]) -> Iterator[list[int]]:
    """The indices under each key."""
    found: dict[Hashable, list[int]] = {}
    for key, index in pairs:
        found.setdefault(key, []).append(index)
    return iter(found.values())


def _by_decision(groups: _Groups) -> None:
    """What was set apart by one decision is one work."""
    for indices in _shared((claim.apart, index) for index, claim in enumerate(groups.claims) if claim.apart):
        for one in indices[1:]:
            groups.unite(indices[0], one)


def _by_identifiers(groups: _Groups) -> None:
    """One identifier, one work: unless its claims are of different kinds, or of more names than any work has."""
    claims = groups.claims
    pairs = (((claim.apart, one), index) for index, claim in enumerate(claims) for one in claim.identifiers)
    for indices in _shared(pairs):
        if len({title_of(claims[index].name).bare for index in indices}) > MOST_NAMES:
            continue
        kinds = {kind for index in indices if (kind := _family(claims[index]))}
        alike = [index for index in indices if len(kinds) < 2 or _family(claims[index])]
        for same in _shared((_family(claims[index]) if len(kinds) > 1 else None, index) for index in alike):
            for one in same[1:]:
                groups.unite(same[0], one)


def _by_name(groups: _Groups, indices: Sequence[int]) -> None:
    """Claims of one name, those that say the most first: each joins the one work that it can mean."""
    levels: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for index in indices:
        claim = groups.claims[index]
        levels[_family(claim) is not None, claim.year is not None].append(index)
    settled: list[int] = []
    for level in ((True, True), (True, False), (False, True), (False, False)):
        for alike in _shared((_stated(groups.claims[index]), index) for index in levels[level]):
            _settle(groups, alike, settled)
        settled += levels[level]


def _stated(claim: WorkClaim) -> Hashable:
    """What claims must share to be one by name: where kind and year are known, an article makes no difference."""
    kind, title = _family(claim), title_of(claim.name)
    sure = kind is not None and claim.year is not None
    return kind, claim.year, title.bare if sure else title.full


def _settle(groups: _Groups, alike: Sequence[int], settled: Sequence[int]) -> None:
    """Joins claims that state the same; then all of them to the one work of those settled that they can mean."""
    works = sorted({groups.root(index) for index in alike if groups.traits(index).numbers})
    if _at_odds(groups, works):
        # Registers tell several works of this name, kind and year apart: who names none of them means any.
        alike = [index for index in alike if not groups.traits(index).numbers]
        if not alike:
            return
        for one in alike[1:]:
            groups.unite(alike[0], one)
        return
    for one in alike[1:]:
        groups.unite(alike[0], one)
    mine, full = groups.traits(alike[0]), {title_of(groups.claims[index].name).full for index in alike}
    meant = {
        groups.root(index)
        for index in settled
        if title_of(groups.claims[index].name).full in full and groups.traits(index).may_be(mine)
    } - {groups.root(alike[0])}
    if len(meant) == 1:
        groups.unite(alike[0], meant.pop())


def _at_odds(groups: _Groups, works: Sequence[int]) -> bool:
    return any(
        groups.traits(one).denies(groups.traits(two)) for place, one in enumerate(works) for two in works[place + 1 :]
    )
