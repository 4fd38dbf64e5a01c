"""Reviews that changed in; the values and words that they are found by, kept beside them, out. Exactly once each.

The index follows the numbers of the changes. It reads and prepares a batch first and holds the database's one writer
only for the rows; who was quicker meanwhile wins, and what changed meanwhile has a later number and comes again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    column,
    delete,
    insert,
    literal,
    select,
    table,
    tuple_,
    update,
)

from feedsvc.model import Joining, Provenance, Review, WorkClaim
from feedsvc.model.stored import decode, microseconds
from feedsvc.model.words import slug_of, words_of
from feedsvc.store import changes, claimed, search, works
from feedsvc.store.database import Database
from feedsvc.store.schema import (
    BigInt,
    facet,
    listed,
    review,
    review_facet,
    review_text,
    tally,
    view_index,
    work_stale,
)
from feedsvc.store.statements import ForMany, insert_into, portions, upsert

NAME = "views"
#: A review's text is found by so many of its first characters.
LONGEST_TEXT = 50_000
#: Stands in `tally` for all reviews of a source, and for all sources.
ALL = 0

Shown = Callable[[Review], Review]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the index has come: all changes before `change`, and of that one the reviews up to this row."""

    change: int = 0
    row: int = 0
    rules: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is kept of one review; `before` as in the table."""

    row: int
    source: int
    before: int
    key: str
    percent: float | None
    revised: object
    facets: Mapping[tuple[str, str], str]
    words: Sequence[str]
    #: What it states of the work reviewed.
    claim: WorkClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Reviews that changed, made ready: all `rows` lose what was kept of them, `noted` is what takes its place.

    `stale` are those among them that did not change, but are of another work now.
    """

    reached: Progress
    rows: Sequence[int]
    noted: Sequence[Noted]
    stale: Sequence[int] = ()


STATE = select(view_index.c.change, view_index.c.review_id, view_index.c.rules).where(view_index.c.name == NAME)
REACHED = tuple_(bindparam("change", type_=BigInt), bindparam("row", type_=BigInt))
FORM = select(review.c.id, review.c.source_id, review.c.key, review.c.change, review.c.withdrawn, review.c.document)
CHANGED = (
    FORM.where(
        tuple_(review.c.change, review.c.id) > tuple_(bindparam("change", type_=BigInt), bindparam("row", type_=BigInt))
    )
    .order_by(review.c.change, review.c.id)
    .limit(bindparam("limit"))
)
STALE = FORM.join(work_stale).order_by(work_stale.c.review_id).limit(bindparam("limit"))
ADD_LISTED = ForMany(insert(listed), ("review_id", "source_id", "before", "key", "percent", "revised"))
ADD_FACETS = ForMany(insert(review_facet), ("facet_id", "before", "key", "review_id"))
ADD_TEXTS = ForMany(insert(review_text), ("review_id", "words"))
COUNT = ForMany(
    update(facet).where(facet.c.id == bindparam("facet")).values(reviews=facet.c.reviews + bindparam("more")),
    ("facet", "more"),
)
THESE: BindParameter[Sequence[int]] = bindparam("rows", expanding=True)
KEPT = (
    select(review_facet.c.facet_id, listed.c.source_id)
    .join_from(review_facet, listed, listed.c.review_id == review_facet.c.review_id)
    .where(review_facet.c.review_id.in_(THESE))
)
SOURCES = select(listed.c.source_id).where(listed.c.review_id.in_(THESE))
FORGET = tuple(delete(one).where(one.c.review_id.in_(THESE)) for one in (review_facet, listed, review_text))
review_match = table("review_match", column("review_match"), column("rowid"), column("words"))
KEPT_TEXTS = select(review_text.c.review_id, review_text.c.words).where(review_text.c.review_id.in_(THESE))
MATCH = insert(review_match).from_select(["rowid", "words"], KEPT_TEXTS)
# An external content table is told what leaves it, word for word (https://sqlite.org/fts5.html, 4.4.3).
UNMATCH = insert(review_match).from_select(
    ["review_match", "rowid", "words"],
    select(literal("delete"), review_text.c.review_id, review_text.c.words).where(review_text.c.review_id.in_(THESE)),
)


def progress(connection: Connection) -> Progress:
    """How far the index has come; the beginning where there is none yet."""
    row = connection.execute(STATE).one_or_none()
    return Progress() if row is None else Progress(change=row.change, row=row.review_id, rules=row.rules)


def index(database: Database, limit: int, shown: Shown, joining: Joining, rules: bytes) -> int:
    """Takes over at most `limit` reviews that changed, and says how many. See Views.index."""
    with database.read() as connection:
        begun = progress(connection)
        start = begun if begun.rules == rules else Progress(rules=rules)
        batch = _prepared(connection, start, limit, shown, joining)
        waiting = works.waiting(connection)
    if batch.reached == begun and not batch.rows and not waiting:
        return 0
    with database.write() as connection:
        # The counter's row is what all who change reviews hold; so of two that index one waits here for the other.
        changes.hold(connection)
        if progress(connection) != begun:
            return 0
        settled = _replace(connection, batch, joining)
        _note(connection, batch.reached)
    return len(batch.rows) or settled


def _prepared(connection: Connection, begun: Progress, limit: int, shown: Shown, joining: Joining) -> Batch:
    """The next reviews by the number of their change, then those that are stale, in the form that they have now."""
    changed = connection.execute(CHANGED, {"change": begun.change, "row": begun.row, "limit": limit}).all()
    room = limit - len(changed)
    stale = connection.execute(STALE, {"limit": room}).all() if room else []
    found = {row.id: row for row in (*changed, *stale)}
    noted = [
        _noted(row.id, row.source_id, row.key, shown(decode(row.document)), joining)
        for row in found.values()
        if row.withdrawn is None
    ]
    reached = Progress(change=changed[-1].change, row=changed[-1].id, rules=begun.rules) if changed else begun
    return Batch(reached=reached, rows=list(found), noted=noted, stale=[row.id for row in stale])


def _noted(row: int, source: int, key: str, review: Review, joining: Joining) -> Noted:
    return Noted(
        row=row,
        source=source,
        before=-microseconds(review.position),
        key=key,
        percent=review.rating.percent if review.rating else None,
        revised=review.revised,
        facets=facets_of(review),
        words=found_by(review),
        claim=joining.claim(review.subject) if review.subject and review.subject.name.strip() else None,
    )


def facets_of(review: Review) -> dict[tuple[str, str], str]:
    """Kind and slug of every value that a review can be chosen by but its work, with how it is written.

    A language counts under its primary part too. A review that several outlets carry can be chosen by each of them.
    """
    found = [("outlet", slug_of(review.outlet.name), review.outlet.name)]
    found += [("outlet", slug_of(each.outlet), each.outlet) for each in review.also if each.key and each.outlet]
    found += [("critic", slug_of(name), name) for name in _critics(review)]
    if review.subject and review.subject.type:
        found.append(("type", slug_of(review.subject.type), review.subject.type))
    if review.language:
        primary = review.language.partition("-")[0]
        found += [("language", slug_of(tag), tag) for tag in (review.language, primary)]
    labels = (category.label or category.term for category in review.categories)
    found += [("category", slug_of(label), label) for label in labels]
    return {(kind, slug): label for kind, slug, label in reversed(found) if slug}


def _critics(review: Review) -> list[str]:
    """Who signed; where nobody did, the outlet stands in, and is no critic."""
    unsigned = review.provenance.get("authors") in (Provenance.CONFIGURED, Provenance.INFERRED)
    return [person.name for person in review.authors if not (unsigned and person.name == review.outlet.name)]


def found_by(review: Review) -> list[str]:
    """The words of a review's title and work, of its names, and of what may be shown of its text, by their parts."""
    subject = review.subject
    title = [review.title, *([subject.name, str(subject.year or "")] if subject else [])]
    names = [review.outlet.name, *(person.name for person in review.authors)]
    prose = [part.text for part in (review.content, review.summary, review.excerpt) if part]
    parts = zip(search.PARTS, (title, names, [review.verdict or "", *prose[:2]]), strict=True)
    return [f"{part}{word}" for part, texts in parts for word in words_of("\n".join(texts)[:LONGEST_TEXT])]


# ---------------------------------------------------------------------------------------------------------- the rows


def _replace(connection: Connection, batch: Batch, joining: Joining) -> int:
    """Writes a batch; how many claims of works were looked at."""
    counted: Counter[tuple[int, int]] = Counter()
    for rows in portions(batch.rows):
        counted.subtract(_forget(connection, rows))
    all_noted, settled = _with_works(connection, batch, joining)
    numbers = _numbers(connection, all_noted)
    for one in all_noted:
        counted.update((number, one.source) for number in (ALL, *(numbers[value] for value in one.facets)))
    _write(connection, all_noted, numbers)
    _count(connection, counted)
    return settled


def _with_works(connection: Connection, batch: Batch, joining: Joining) -> tuple[list[Noted], int]:
    """The reviews with the works that they are of, as these are once the claims of this batch are joined."""
    decided = claimed.set_apart(connection)
    claims = {one.row: decided(one.key, one.claim) for one in batch.noted if one.claim is not None}
    made = claimed.take_over(connection, batch.rows, claims, joining.tokens)
    settled = 0
    while count := works.settle(connection, joining):
        settled += count
    for rows in portions(batch.rows):
        connection.execute(delete(work_stale).where(work_stale.c.review_id.in_(rows)))
    found = works.slugs_of(connection, set(made.values()))
    named = [replace(one, facets={**one.facets, **found.get(made.get(one.row, 0), {})}) for one in batch.noted]
    return named, settled


def _forget(connection: Connection, rows: Sequence[int]) -> Counter[tuple[int, int]]:
    """Drops what is kept of these reviews; which values and sources they had, and how often."""
    had = Counter((facet_id, source) for facet_id, source in connection.execute(KEPT, {"rows": rows}))
    had.update((ALL, source) for source in connection.execute(SOURCES, {"rows": rows}).scalars())
    if connection.dialect.name == "sqlite":
        connection.execute(UNMATCH, {"rows": rows})
    for statement in FORGET:
        connection.execute(statement, {"rows": rows})
    return had


def _numbers(connection: Connection, noted: Sequence[Noted]) -> dict[tuple[str, str], int]:
    """The number of every value, those that are new included."""
    wanted = {value: label for one in noted for value, label in one.facets.items()}
    known = _known(connection, wanted)
    new = [
        {"kind": kind, "slug": slug, "label": label}
        for (kind, slug), label in wanted.items()
        if (kind, slug) not in known
    ]
    if new:
        connection.execute(insert_into(connection.dialect, facet).on_conflict_do_nothing(), new)
        known |= _known(connection, [(row["kind"], row["slug"]) for row in new])
    return known


def _known(connection: Connection, values: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_kind: dict[str, list[str]] = {}
    for kind, slug in values:
        by_kind.setdefault(kind, []).append(slug)
    known: dict[tuple[str, str], int] = {}
    for kind, slugs in by_kind.items():
        for portion in portions(slugs):
            found = select(facet.c.id, facet.c.slug).where(facet.c.kind == kind, facet.c.slug.in_(portion))
            known |= {(kind, row.slug): row.id for row in connection.execute(found)}
    return known


def _write(connection: Connection, noted: Sequence[Noted], numbers: Mapping[tuple[str, str], int]) -> None:
    ADD_LISTED.execute(connection, [(n.row, n.source, n.before, n.key, n.percent, n.revised) for n in noted])
    rows = [(numbers[value], one.before, one.key, one.row) for one in noted for value in one.facets]
    ADD_FACETS.execute(connection, rows)
    texts = [(n.row, " ".join((*n.words, *marks(n.source, (numbers[value] for value in n.facets))))) for n in noted]
    ADD_TEXTS.execute(connection, texts)
    if connection.dialect.name == "sqlite":
        for portion in portions([one.row for one in noted]):
            connection.execute(MATCH, {"rows": portion})


def marks(source: int, facets: Iterable[int]) -> list[str]:
    """A review's source and values as words: the full text looks for them together with the words asked for."""
    return [f"s{source}", *(f"f{number}" for number in facets)]


def _count(connection: Connection, counted: Counter[tuple[int, int]]) -> None:
    """Adds up by source and value, and over all sources."""
    totals: Counter[int] = Counter()
    for (number, _), more in counted.items():
        totals[number] += more
    everywhere = totals.pop(ALL, 0)
    COUNT.execute(connection, [(number, more) for number, more in sorted(totals.items()) if more])
    rows = [
        {"source_id": source, "facet_id": number, "reviews": more}
        for (number, source), more in sorted({**counted, (ALL, ALL): everywhere}.items())
        if more
    ]
    if rows:
        adding = insert_into(connection.dialect, tally)
        total = tally.c.reviews + adding.excluded.reviews
        adding = adding.on_conflict_do_update(index_elements=list(tally.primary_key), set_={"reviews": total})
        connection.execute(adding, rows)


def _note(connection: Connection, reached: Progress) -> None:
    row = {"name": NAME, "change": reached.change, "review_id": reached.row, "rules": reached.rules}
    upsert(connection, view_index, [row])
