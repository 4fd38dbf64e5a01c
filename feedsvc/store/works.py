"""Claims that wait in; the works that they are of, with slugs that stay, out. Inside the index's own transaction.

Only what may have to do with the claims that wait is looked at: those of their names, identifiers, works, decisions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, null, or_, select, update

from feedsvc.model import DecisionKind, Joining, Subject, WorkClaim
from feedsvc.model.words import slug_of, subject_slug
from feedsvc.model.work import labelled
from feedsvc.store import changes
from feedsvc.store.claimed import CLAIM
from feedsvc.store.named import ClaimRow, Group, WorkRow, describe, given, without_year
from feedsvc.store.schema import (
    work,
    work_alias,
    work_claim,
    work_decided,
    work_decision,
    work_review,
    work_stale,
    work_token,
)
from feedsvc.store.statements import ForMany, insert_into, portions

#: A name or identifier that more claims share joins nothing: no work is stated in so many ways.
CROWDED = 300
#: Claims that wait and are looked at in one transaction; those about them are so many at most.
AT_ONCE, MOST = 500, 5000

WAITING = select(work_claim.c.id).where(work_claim.c.waiting.is_not(None))
MERGED = (
    select(work_decision.c.id, work_decision.c.kept_id, work_decided.c.what)
    .join(work_decided)
    .where(work_decision.c.kind == DecisionKind.MERGE, work_decision.c.undone.is_(None))
)
ASSIGN = ForMany(
    update(work_claim)
    .where(work_claim.c.id == bindparam("claim"))
    .values(
        work_id=bindparam("now_of"),
        first_work_id=func.coalesce(work_claim.c.first_work_id, bindparam("now_of")),
        waiting=null(),
    ),
    ("claim", "now_of"),
)
ADD_ALIASES = ForMany(insert(work_alias), ("work_id", "slug"))


def waiting(connection: Connection) -> bool:
    """Whether any claim is to be looked at."""
    return connection.execute(WAITING.limit(1)).first() is not None


def settle(connection: Connection, joining: Joining) -> int:
    """Finds out what the claims that wait are of, and says how many were looked at.

    Reviews that did not change and are of another work now, or of one that is found otherwise, become stale.
    """
    seeds = list(connection.execute(WAITING.order_by(work_claim.c.id).limit(AT_ONCE)).scalars())
    if not seeds:
        return 0
    merges = _Merges(connection)
    claims = _about(connection, seeds, merges)
    groups = joining.groups([one.claim for one in claims], merges.together(claims))
    works = given(connection, [Group([claims[index] for index in group]) for group in groups], merges.kept)
    _write(connection, works)
    return len(seeds)


class _Merges:
    """What operators want to be one work: the claims of each decision."""

    def __init__(self, connection: Connection) -> None:
        self._digests: dict[int, list[bytes]] = {}
        #: The works whose address stays.
        self.kept: set[int] = set()
        for row in connection.execute(MERGED):
            self._digests.setdefault(row.id, []).append(row.what)
            self.kept.add(row.kept_id)
        self._of: dict[bytes, list[int]] = {}
        for number, digests in self._digests.items():
            for digest in digests:
                self._of.setdefault(digest, []).append(number)

    def beside(self, digests: Iterable[bytes]) -> set[bytes]:
        """Everything that is decided together with any of these."""
        return {one for digest in digests for number in self._of.get(digest, ()) for one in self._digests[number]}

    def together(self, claims: Sequence[ClaimRow]) -> list[list[int]]:
        """The same as places in a list of claims."""
        places = {one.digest: place for place, one in enumerate(claims)}
        return [[places[digest] for digest in digests if digest in places] for digests in self._digests.values()]


# ------------------------------------------------------------------------------------------- what has to do with them


def _about(connection: Connection, seeds: Sequence[int], merges: _Merges) -> list[ClaimRow]:
    """The claims that wait and all that they may be joined with or parted from, by their numbers."""
    found: dict[int, ClaimRow] = {}
    fresh: set[int] = set(seeds)
    seen: set[bytes] = set()
    while fresh and len(found) < MOST:
        added = _read(connection, sorted(fresh))
        found |= {one.id: one for one in added}
        fresh = _beside(connection, added, seen, merges) - found.keys()
    return [found[number] for number in sorted(found)]


def _read(connection: Connection, numbers: Sequence[int]) -> list[ClaimRow]:
    columns = (work_claim.c.id, work_claim.c.digest, work_claim.c.document, work_claim.c.work_id)
    query = select(*columns, work_claim.c.first_work_id, work_claim.c.waiting)
    return [
        ClaimRow(
            row.id, row.digest, CLAIM.decode(row.document), row.work_id, row.first_work_id, row.waiting is not None
        )
        for portion in portions(numbers)
        for row in connection.execute(query.where(work_claim.c.id.in_(portion)))
    ]


def _beside(connection: Connection, claims: Sequence[ClaimRow], seen: set[bytes], merges: _Merges) -> set[int]:
    """The numbers of claims that share a token, a work or a decision with one of these; `seen`: tokens looked at."""
    found: set[int] = set()
    for portion in portions([one.id for one in claims]):
        of_these = select(work_token.c.token).where(work_token.c.claim_id.in_(portion)).distinct()
        tokens = set(connection.execute(of_these).scalars()) - seen
        seen |= tokens
        found |= _sharing(connection, sorted(tokens))
    for works in portions(sorted({one.work for one in claims if one.work is not None})):
        found.update(connection.execute(select(work_claim.c.id).where(work_claim.c.work_id.in_(works))).scalars())
    for digests in portions(sorted(merges.beside(one.digest for one in claims))):
        found.update(connection.execute(select(work_claim.c.id).where(work_claim.c.digest.in_(digests))).scalars())
    return found


def _sharing(connection: Connection, tokens: Sequence[bytes]) -> set[int]:
    found: set[int] = set()
    for portion in portions(tokens):
        counted = select(work_token.c.token).where(work_token.c.token.in_(portion)).group_by(work_token.c.token)
        useful = list(connection.execute(counted.having(func.count().between(2, CROWDED))).scalars())
        found.update(connection.execute(select(work_token.c.claim_id).where(work_token.c.token.in_(useful))).scalars())
    return found


# ----------------------------------------------------------------------------------------------------------- the rows


def _write(connection: Connection, works: Sequence[WorkRow]) -> None:
    moved = [(one.id, each.id) for each in works for one in each.claims if one.waiting or one.work != each.id]
    ASSIGN.execute(connection, moved)
    _retire(connection, works)
    renamed = describe(connection, works)
    found_otherwise = _alias(connection, works)
    other = [one.id for each in works for one in each.claims if one.work is not None and one.work != each.id]
    again = [one.id for each in works if each.id in found_otherwise for one in each.claims if one.work]
    if _stale(connection, sorted({*other, *again})) or renamed:
        changes.note_works(connection)


def _retire(connection: Connection, works: Sequence[WorkRow]) -> None:
    """A work that lost all its claims leads to the one that has them; one that has claims leads nowhere."""
    into = {one.work: each.id for each in works for one in each.claims if one.work not in (None, each.id)}
    alive = {each.id for each in works}
    for old, new in into.items():
        if old not in alive:
            connection.execute(update(work).where(or_(work.c.id == old, work.c.into_id == old)).values(into_id=new))
    for portion in portions(sorted(alive)):
        back = work.c.id.in_(portion), work.c.into_id.is_not(None)
        connection.execute(update(work).where(*back).values(into_id=None))


def _alias(connection: Connection, works: Sequence[WorkRow]) -> set[int]:
    """Has each work found by its names too; the numbers of those that are found otherwise than before."""
    wanted = _aliases(connection, works)
    had: dict[int, set[str]] = {each.id: set() for each in works}
    for portion in portions([each.id for each in works]):
        for row in connection.execute(select(work_alias).where(work_alias.c.work_id.in_(portion))):
            had[row.work_id].add(row.slug)
    changed = {number for number, slugs in wanted.items() if slugs != had[number]}
    for portion in portions(sorted(changed)):
        connection.execute(delete(work_alias).where(work_alias.c.work_id.in_(portion)))
    ADD_ALIASES.execute(connection, [(number, slug) for number in sorted(changed) for slug in sorted(wanted[number])])
    return changed


def _aliases(connection: Connection, works: Sequence[WorkRow]) -> dict[int, set[str]]:
    """A name alone stands for every work of it; a name with its year, and the slug of a work taken in, for one."""
    bare = {each.id: {slug_of(one.claim.name) for one in each.claims} for each in works}
    dated = {each.id: {_dated(one.claim) for one in each.claims} - {""} for each in works}
    own = {each.slug for each in works}
    stated = Counter(slug for slugs in dated.values() for slug in slugs)
    only = {slug for slug, number in stated.items() if number == 1} - own
    found = {each.id: bare[each.id] | (dated[each.id] & only) for each in works}
    for portion in portions([each.id for each in works]):
        for row in connection.execute(select(work.c.slug, work.c.into_id).where(work.c.into_id.in_(portion))):
            found[row.into_id].add(row.slug)
    return {each.id: found[each.id] - {each.slug, ""} for each in works}


def _dated(claim: WorkClaim) -> str:
    if claim.year is None:
        return ""
    return subject_slug(Subject(name=without_year(claim.name, claim.year), year=claim.year))


def _stale(connection: Connection, claims: Sequence[int]) -> bool:
    """Has the reviews of these claims noted again; whether there are any."""
    adding = insert_into(connection.dialect, work_stale).on_conflict_do_nothing()
    found = False
    for portion in portions(claims):
        reviews = select(work_review.c.review_id).where(work_review.c.claim_id.in_(portion))
        rows = [{"review_id": number} for number in connection.execute(reviews).scalars()]
        if rows:
            connection.execute(adding, rows)
            found = True
    return found


def slugs_of(connection: Connection, claims: Collection[int]) -> Mapping[int, Mapping[tuple[str, str], str]]:
    """By the number of a claim, kind, slug and label of all that its reviews are found by: the work and its aliases."""
    found: dict[int, dict[tuple[str, str], str]] = {}
    columns = (work_claim.c.id, work.c.slug, work.c.name, work.c.year)
    for portion in portions(sorted(claims)):
        these = work_claim.c.id.in_(portion)
        named = select(*columns).join(work, work.c.id == work_claim.c.work_id).where(these)
        for row in connection.execute(named):
            found[row.id] = {("subject", row.slug): labelled(row.name, row.year)}
        others = select(work_claim.c.id, work_alias.c.slug, work.c.name).where(these)
        others = others.join(work_alias, work_alias.c.work_id == work_claim.c.work_id)
        for also in connection.execute(others.join(work, work.c.id == work_claim.c.work_id)):
            found[also.id]["work", also.slug] = also.name
    return found
