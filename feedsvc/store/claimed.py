"""Reviews with what they claim to be of in; the rows that keep it out: which claim each review makes, and which wait.

A claim that is new, that lost its last review, or of which an operator decided, makes its work's claims wait; `works`
finds out again what they are of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, insert, select, update

from feedsvc.model import DecisionKind, WorkClaim
from feedsvc.store.schema import work_claim, work_decided, work_decision, work_review, work_token
from feedsvc.store.statements import ForMany, insert_into, portions

CLAIM = msgspec.json.Decoder(WorkClaim)
_ENCODER = msgspec.json.Encoder()
THESE: BindParameter[Sequence[int]] = bindparam("rows", expanding=True)
MADE = select(work_review.c.claim_id).where(work_review.c.review_id.in_(THESE)).distinct()
FORGET = delete(work_review).where(work_review.c.review_id.in_(THESE))
ADD_CLAIMS = ForMany(insert(work_claim), ("digest", "document", "apart", "waiting"))
ADD_REVIEWS = ForMany(insert(work_review), ("review_id", "claim_id"))
ADD_TOKENS = ForMany(
    lambda dialect: insert_into(dialect, work_token).on_conflict_do_nothing(),
    ("token", "claim_id"),
)
#: Who decided that a claim, or a review, stands apart.
SET_APART = (
    select(work_decided.c.what, work_decided.c.decision_id)
    .join(work_decision)
    .where(work_decision.c.kind == DecisionKind.SPLIT, work_decision.c.undone.is_(None))
    .order_by(work_decided.c.decision_id)
)
KNOWN = select(work_claim.c.digest, work_claim.c.id).where(
    work_claim.c.digest.in_(bindparam("digests", expanding=True))
)
LEFT = exists().where(work_review.c.claim_id == work_claim.c.id)

Tokens = Callable[[WorkClaim], tuple[str, ...]]


def digest_of(claim: WorkClaim) -> bytes:
    """What a claim is known by."""
    return hashlib.sha256(_ENCODER.encode(claim)).digest()


def review_mark(key: str) -> bytes:
    """What a single review is known by in a decision."""
    return hashlib.sha256(f"review\0{key}".encode()).digest()


def token_mark(token: str) -> bytes:
    """What a token is known by: a name may be long."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()[:16]


def set_apart(connection: Connection) -> Callable[[str, WorkClaim], WorkClaim]:
    """A review's key and claim in, the claim as the operator's decisions leave it out; the last decision holds."""
    apart = {row.what: row.decision_id for row in connection.execute(SET_APART)}
    if not apart:
        return lambda key, claim: claim

    def decided(key: str, claim: WorkClaim) -> WorkClaim:
        number = apart.get(review_mark(key)) or apart.get(digest_of(claim))
        return replace(claim, apart=number) if number else claim

    return decided


def take_over(
    connection: Connection, rows: Sequence[int], claims: Mapping[int, WorkClaim], tokens: Tokens
) -> dict[int, int]:
    """Notes what reviews claim, by their rows, instead of what they claimed before; the claim's number of each.

    Of `rows`, those without a claim make none any more.
    """
    before: set[int] = set()
    for portion in portions(rows):
        before.update(connection.execute(MADE, {"rows": portion}).scalars())
        connection.execute(FORGET, {"rows": portion})
    numbers = _numbers(connection, {digest_of(claim): claim for claim in claims.values()}, tokens)
    made = {row: numbers[digest_of(claim)] for row, claim in claims.items()}
    ADD_REVIEWS.execute(connection, list(made.items()))
    _drop_unmade(connection, before - set(made.values()))
    return made


def _numbers(connection: Connection, claims: Mapping[bytes, WorkClaim], tokens: Tokens) -> dict[bytes, int]:
    known = _known(connection, claims)
    new = {digest: claim for digest, claim in claims.items() if digest not in known}
    if new:
        ADD_CLAIMS.execute(
            connection,
            [(digest, _ENCODER.encode(claim).decode(), claim.apart, 1) for digest, claim in new.items()],
        )
        added = _known(connection, new)
        ADD_TOKENS.execute(
            connection, [(token_mark(token), added[digest]) for digest, claim in new.items() for token in tokens(claim)]
        )
        known |= added
    return known


def _known(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for portion in portions(list(digests)):
        found |= {row.digest: row.id for row in connection.execute(KNOWN, {"digests": portion})}
    return found


def _drop_unmade(connection: Connection, claims: Iterable[int]) -> None:
    """Forgets claims that no review makes any more; the others of their works are looked at again."""
    for portion in portions(sorted(claims)):
        gone = select(work_claim.c.id, work_claim.c.work_id).where(work_claim.c.id.in_(portion), ~LEFT)
        rows = connection.execute(gone).all()
        if not rows:
            continue
        unmade = [row.id for row in rows]
        connection.execute(delete(work_token).where(work_token.c.claim_id.in_(unmade)))
        connection.execute(delete(work_claim).where(work_claim.c.id.in_(unmade)))
        works = {row.work_id for row in rows} - {None}
        connection.execute(update(work_claim).where(work_claim.c.work_id.in_(works)).values(waiting=1))


def await_again(connection: Connection, digests: Iterable[bytes]) -> None:
    """Has claims looked at again."""
    for portion in portions(list(digests)):
        connection.execute(update(work_claim).where(work_claim.c.digest.in_(portion)).values(waiting=1))
