"""Groups of claims in; each as a work with a slug that stays, out: the one that it was, or one that comes to be.

A work is called as those state it who say the most of it; its slug is made once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from feedsvc.model import Subject, WorkClaim
from feedsvc.model.words import slug_of, subject_slug
from feedsvc.model.work import labelled
from feedsvc.store.schema import facet, work, work_claim
from feedsvc.store.statements import ForMany, portions

ADD = ForMany(insert(work), ("slug", "name", "type", "year"))
DESCRIBE = ForMany(
    update(work)
    .where(work.c.id == bindparam("number"))
    .values(name=bindparam("called"), type=bindparam("kind"), year=bindparam("dated")),
    ("number", "called", "kind", "dated"),
)
#: Several works of one name, kind and year are told apart by so many letters of a mark.
MARKS = (6, 64)

#: Name, type and year.
Described = tuple[str, str | None, int | None]


@dataclass(slots=True)
class ClaimRow:
    """A claim as it is stored, with the work that it is of and the one that it was of to begin with."""

    id: int
    digest: bytes
    claim: WorkClaim
    work: int | None
    first: int | None
    waiting: bool


@dataclass(slots=True)
class WorkRow:
    """A work with the claims that it is to have from now on; `known`: what it is called until now, if anything."""

    id: int
    slug: str
    claims: list[ClaimRow]
    described: Described
    known: Described | None = None


class Group:
    """Claims of one work, how they call it, and the slugs that suit it, the shortest first."""

    __slots__ = ("claims", "described", "wishes")

    def __init__(self, claims: list[ClaimRow]) -> None:
        self.claims = claims
        self.described = name, kind, year = _described(claims)
        plain = subject_slug(Subject(name=name, year=year))
        with_kind = f"{plain}-{slug_of(kind)}" if kind else plain
        self.wishes = [plain, with_kind]

    def marked(self) -> list[str]:
        """Slugs for where others have those: counting all of one name would read them, a mark is its own at once."""
        return [f"{self.wishes[-1]}-{self.claims[0].digest.hex()[:length]}" for length in MARKS]


def _described(claims: Sequence[ClaimRow]) -> Described:
    """As those state it who say the most; a year only where no other is stated."""
    stated = [one.claim for one in (sorted(claims, key=_rank) if len(claims) > 1 else claims)]
    years = {claim.year for claim in stated} - {None}
    kind = next((claim.type for claim in stated if claim.type), None)
    year = next(iter(years)) if len(years) == 1 else None
    return without_year(stated[0].name, year), kind, year


def _rank(one: ClaimRow) -> tuple[int, int, int]:
    """Who says the most of a work comes first, then who says it the shortest, then who said it first."""
    claim = one.claim
    return -(claim.type is not None) - (claim.year is not None), len(claim.name), one.id


def without_year(name: str, year: int | None) -> str:
    """A name that does not repeat its year in brackets."""
    return name.removesuffix(f"({year})").rstrip() or name if year is not None else name


# ------------------------------------------------------------------------------------------------------ which is which


def given(connection: Connection, groups: Sequence[Group], kept: Collection[int]) -> list[WorkRow]:
    """Each group as a work: the one that its claims were of, the one that they began with, or a new one.

    Of several that it was, it is the one that an operator `kept`, else the oldest.
    """
    stored = _stored(connection, {n for one in groups for claim in one.claims for n in (claim.work, claim.first) if n})
    mine: dict[int, list[int]] = {}
    for number, place in _homes(groups, stored).items():
        mine.setdefault(place, []).append(number)
    best = {place: min(numbers, key=lambda number: (number not in kept, number)) for place, numbers in mine.items()}
    left = [group for place, group in enumerate(groups) if place not in best]
    slugs = iter(_slugs(connection, left, set(best.values())))
    works = []
    for place, group in enumerate(groups):
        if place in best:
            slug, known = stored[best[place]]
            works.append(WorkRow(best[place], slug, group.claims, group.described, known))
        else:
            number, slug, old = next(slugs)
            works.append(WorkRow(number, slug, group.claims, group.described, old))
    return works


def _homes(groups: Sequence[Group], stored: Mapping[int, tuple[str, Described]]) -> dict[int, int]:
    """For each work that claims were of, or began with, the one group that keeps it: whom its slug suits, if any."""
    homes: dict[int, tuple[tuple[bool, bool, int], int]] = {}
    for place, group in enumerate(groups):
        for one in group.claims:
            for number in stored.keys() & {one.work, one.first}:
                rank = (stored[number][0] not in group.wishes, number != one.first, one.id)
                if number not in homes or rank < homes[number][0]:
                    homes[number] = rank, place
    return {number: place for number, (_, place) in homes.items()}


def _stored(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, Described]]:
    """The slugs of works, and what they are called."""
    found: dict[int, tuple[str, Described]] = {}
    for portion in portions(sorted(numbers)):
        for row in connection.execute(select(work).where(work.c.id.in_(portion))):
            found[row.id] = row.slug, (row.name, row.type, row.year)
    return found


def _slugs(connection: Connection, groups: Sequence[Group], taken: set[int]) -> list[tuple[int, str, Described | None]]:
    """Number and slug for groups that have none: of a work that nothing is of any more, else of one that is added."""
    known = _known(connection, {slug for group in groups for slug in group.wishes})
    chosen: list[str] = []
    added: list[tuple[object, ...]] = []
    for group in groups:
        slug = _free(connection, group, known, taken)
        if slug in known:
            taken.add(known[slug][0])
        else:
            known[slug] = 0, True
            added.append((slug, *group.described))
        chosen.append(slug)
    ADD.execute(connection, added)
    made = {str(row[0]) for row in added}
    numbers = {slug: number for slug, (number, _) in (known | _known(connection, made)).items()}
    # One that is there already is called otherwise until now, whatever that was.
    return [
        (numbers[slug], slug, None if slug not in made else group.described)
        for slug, group in zip(chosen, groups, strict=True)
    ]


def _free(connection: Connection, group: Group, known: dict[str, tuple[int, bool]], taken: Collection[int]) -> str:
    """The first of its slugs that no other work has."""

    def free(slug: str) -> bool:
        return slug not in known or not (known[slug][1] or known[slug][0] in taken)

    if found := next(filter(free, group.wishes), None):
        return found
    known |= _known(connection, set(group.marked()) - known.keys())
    return next(filter(free, group.marked()))


def _known(connection: Connection, slugs: Collection[str]) -> dict[str, tuple[int, bool]]:
    """The numbers of the works with these slugs, and whether anything is of them."""
    used = select(work_claim.c.id).where(work_claim.c.work_id == work.c.id).exists()
    found: dict[str, tuple[int, bool]] = {}
    for portion in portions(sorted(slugs)):
        query = select(work.c.slug, work.c.id, used.label("used")).where(work.c.slug.in_(portion))
        found |= {row.slug: (row.id, bool(row.used)) for row in connection.execute(query)}
    return found


def describe(connection: Connection, works: Iterable[WorkRow]) -> bool:
    """Has works called as their claims call them; whether any is called otherwise than before."""
    changed = [one for one in works if one.described != one.known]
    DESCRIBE.execute(connection, [(one.id, *one.described) for one in changed])
    for one in changed:
        name, _, year = one.described
        this = update(facet).where(facet.c.kind == "subject", facet.c.slug == one.slug)
        connection.execute(this.values(label=labelled(name, year)))
    return bool(changed)
