"""Numbers in, a database of PostgreSQL that holds so many sources and reviews out: by COPY, the same in every run.

The tables are those of the program, made by its own migrations; their indexes are taken away and built again after.
What the index of views holds is written too, so that a feed and a search have something to find. Every thousandth
source has a hundred times as many reviews as the others; all values of a review but its title and text are its
source's. One source in fifty is due at NOW.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import NamedTuple

import psycopg

from bench.words import sentences, word
from feedsvc.model import Licence, LicenceState, Outlet, Person, Prose, Rating, Review, Subject
from feedsvc.model.stored import encode, microseconds
from feedsvc.model.words import words_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = 1_000_000
#: One in so many sources is a big one, and brings so many reviews as all of its kind bring a tenth of all.
BIG = 1000
#: Of so many sources one is due.
DUE = 50
CRITICS, TYPES = 200_000, ("movie", "book", "video-game", "music-album")
#: A word that one review in so many has in its title, and nobody else.
RARE, RARE_EVERY = "quillmarrow", 50_000

Note = Callable[[str], None]


class Size(NamedTuple):
    """How much there is."""

    sources: int
    reviews: int


class Values(NamedTuple):
    """The numbers of a source's values: its outlet, critic and type, in `facet`."""

    outlet: int
    critic: int
    type: int


def fill(url: str, size: Size, note: Note) -> None:
    """Fills a database whose tables are there and empty."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '1GB'")
        with Bare(connection, TABLES) as bare:
            for table, columns, rows in _tables(size):
                note(f"{table} …")
                _copy(connection, table, columns, rows)
            connection.execute("UPDATE facet SET reviews = counted.reviews FROM (" + TOTALS + ") AS counted" + SAME)
            note("indexes …")
            bare.dress(note)
        connection.execute("UPDATE counter SET value = %s WHERE name = 'reviews'", [size.reviews])
        connection.execute("INSERT INTO view_index VALUES ('views', %s, %s, '')", [size.reviews, size.reviews])
        for table in ("source", "review", "facet"):
            connection.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        note("statistics …")
        connection.execute("VACUUM (ANALYZE)")


TABLES = ("source", "schedule", "review", "listed", "facet", "review_facet", "tally", "review_text", "copy_member")
TOTALS = "SELECT facet_id, sum(reviews) AS reviews FROM tally WHERE facet_id > 0 GROUP BY facet_id"
SAME = " WHERE facet.id = counted.facet_id"


class Bare:
    """Tables without keys and indexes, which are built again after: a tenth of the time for millions of rows."""

    def __init__(self, connection: psycopg.Connection, tables: Iterable[str]) -> None:
        self._connection = connection
        self._tables = list(tables)
        self._again: list[str] = []

    def __enter__(self) -> Bare:
        constraints = self._connection.execute(
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = ANY(%s::regclass[]) OR confrelid = ANY(%s::regclass[]) "
            "ORDER BY contype = 'f', contype = 'u'",
            [self._tables, self._tables],
        ).fetchall()
        self._again = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}" for table, name, made in constraints]
        for table, name, _ in reversed(constraints):
            self._connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        indexes = self._connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", [self._tables]
        ).fetchall()
        for name, made in indexes:
            self._again.insert(0, made)
            self._connection.execute(f"DROP INDEX {name}")
        return self

    def dress(self, note: Note) -> None:
        """Builds them again."""
        for statement in self._again:
            note(f"  {statement[:100]}")
            self._connection.execute(statement)

    def __exit__(self, *_: object) -> None:
        pass


def _copy(connection: psycopg.Connection, table: str, columns: str, rows: Iterable[str]) -> None:
    """Rows as lines of COPY's own text."""
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        waiting: list[str] = []
        for row in rows:
            waiting.append(row)
            if len(waiting) == 2000:
                copy.write("".join(waiting))
                waiting.clear()
        copy.write("".join(waiting))


def _tables(size: Size) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Name, columns and rows of each table."""
    of = partial(source_of, size)
    yield "source", "id, name, kind, location, config_digest, feed_title, changes", _sources(size)
    yield "schedule", SCHEDULE, _schedules(size)
    yield "facet", "id, kind, slug, label", _facets(size)
    yield "review", REVIEW, _reviews(size, of)
    yield "listed", "review_id, source_id, before, key, percent, revised", _listed(size, of)
    yield "review_facet", "facet_id, before, key, review_id", _review_facets(size, of)
    yield "review_text", "review_id, words", _texts(size, of)
    yield "tally", "source_id, facet_id, reviews", _tallies(size, of)
    yield "copy_member", "review_id, copied, place, source_id", _copies(size, of)


# ------------------------------------------------------------------------------------------------------------ sources

SCHEDULE = (
    "source_id, enabled, host, next_check, interval, etag, last_modified, validated_url, body_hash, failures, "
    "last_checked, last_success, last_new, stopped, pause, newest, last_whole"
)


def name_of(number: int) -> str:
    """A source's name."""
    return f"source-{number:07}"


def source_of(size: Size, row: int) -> int:
    """Whose a review is: of the first tenth of all sources' share, the big ones in turn; else everybody in turn."""
    bigs = max(1, size.sources // BIG)
    if row % 10 == 0:
        return 1 + (row // 10) % bigs * BIG % size.sources
    return 1 + row * 7919 % size.sources


def _sources(size: Size) -> Iterator[str]:
    for number in range(1, size.sources + 1):
        digest = hashlib.md5(name_of(number).encode(), usedforsecurity=False).hexdigest()
        yield (
            f"{number}\t{name_of(number)}\tfeed\thttps://host-{number // 3}.example/{number}/feed.xml\t\\\\x{digest}\t"
            f"The Gazette of {number}\t5\n"
        )


def _schedules(size: Size) -> Iterator[str]:
    now = microseconds(NOW)
    random = Random("schedules")
    for number in range(1, size.sources + 1):
        # Those that are due have waited for up to ten minutes; the others wait for up to a day.
        when = now - random.randrange(600 * SECOND) if number % DUE == 0 else now + random.randrange(1, 86400 * SECOND)
        before = when - 1800 * SECOND
        host = f"host-{number // 3}.example"
        yield (
            f'{number}\tt\t{host}\t{when}\t1800\t"{number:x}-{number * 7:x}"\tMon, 04 May 2026 08:00:00 GMT\t'
            f"https://{host}/{number}/feed.xml\t\\\\x{number:064x}\t0\t{before}\t{before}\t{before}\tf\t0\t"
            f"{before}\t{before}\n"
        )


# ------------------------------------------------------------------------------------------------------------ reviews

REVIEW = "id, source_id, guid_hash, key, item_digest, position, collected, revised, outlet, url, document, change"
CC_BY = Licence(
    state=LicenceState.IDENTIFIED,
    name="CC BY 4.0",
    url="https://creativecommons.org/licenses/by/4.0/",
    spdx="CC-BY-4.0",
)


def key_of(row: int) -> str:
    """A review's key: letters and digits as the program makes them."""
    return hashlib.md5(str(row).encode(), usedforsecurity=False).hexdigest()[:16].translate(_BASE32)


_BASE32 = str.maketrans("01 89", "yz xw")


def _moment(size: Size, row: int) -> int:
    """When a review came out: they are stored in that order, over two years."""
    return microseconds(NOW) - (size.reviews - row + 1) * (63_072_000 * SECOND // size.reviews)


def _template() -> str:
    """A review as it is stored, with places for what differs."""
    review = Review(
        key="{key}",
        source="{source}",
        id="tag:reviews.example,2026:{row}",
        url="https://host.example/{row}",
        title="{title}",
        content=Prose(html="<p>{text}</p>", text="{text}"),
        authors=(Person(name="Critic {critic}"),),
        outlet=Outlet(name="Gazette {outlet}", url="https://host.example/"),
        licence=CC_BY,
        subject=Subject(name="{title}", type="Movie", year=2025),
        rating=Rating(text="7/10", percent=70.0),
        language="en",
        published=NOW,
        collected=NOW,
        revised=NOW,
    )
    stored = encode(review).replace("{", "{{").replace("}", "}}")
    for name in ("key", "source", "row", "title", "text", "critic", "outlet"):
        stored = stored.replace(f"{{{{{name}}}}}", f"{{{name}}}")
    published = f'"published":"{NOW:%Y-%m-%dT%H:%M:%SZ}"'
    if published not in stored:
        raise AssertionError(f"{published} is not in {stored}")
    return stored.replace(published, '"published":"{published}"')


def _title(random: Random, row: int) -> str:
    title = _TITLES[int(random.random() * len(_TITLES))]
    return f"{title} {RARE}" if row % RARE_EVERY == 1 else title


def _text(random: Random) -> int:
    return int(random.random() * len(_PLAIN))


def _titles() -> list[str]:
    random = Random("titles")
    return [f"{word(random)} {word(random)}" for _ in range(50_000)]


_TITLES = _titles()
#: Sentences without what COPY, JSON or HTML would write otherwise.
_PLAIN = [" ".join(words_of(sentence)) for sentence in sentences()]
_WORDS = [" ".join(f"w{one}" for one in words_of(sentence)) for sentence in sentences()]


def _reviews(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    template, random = _template(), Random("texts")
    for row in range(1, size.reviews + 1):
        source, when = of(row), _moment(size, row)
        title, text = _title(random, row), _PLAIN[_text(random)]
        digest = hashlib.md5(str(row).encode(), usedforsecurity=False).hexdigest() * 2
        stored = template.format(
            key=key_of(row),
            source=name_of(source),
            row=row,
            title=title,
            text=f"{text}.",
            critic=source % CRITICS,
            outlet=source,
            published=f"{datetime.fromtimestamp(when / SECOND, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        )
        yield (
            f"{row}\t{source}\t\\\\x{digest}\t{key_of(row)}\t\\\\x{digest}\t{when}\t{when}\t{when}\t"
            f"Gazette {source}\thttps://host.example/{row}\t{stored}\t{row}\n"
        )


def _listed(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    for row in range(1, size.reviews + 1):
        when = _moment(size, row)
        yield f"{row}\t{of(row)}\t{-when}\t{key_of(row)}\t70\t{when}\n"


def values_of(size: Size, source: int) -> Values:
    """The numbers of a source's values, in the order of `_facets`."""
    critics = min(CRITICS, size.sources)
    return Values(
        outlet=source,
        critic=size.sources + 1 + source % critics,
        type=size.sources + critics + 1 + source % len(TYPES),
    )


def _facets(size: Size) -> Iterator[str]:
    kinds = (
        ("outlet", (f"gazette-{number}" for number in range(1, size.sources + 1))),
        ("critic", (f"critic-{number}" for number in range(min(CRITICS, size.sources)))),
        ("type", iter(TYPES)),
    )
    values = ((kind, slug) for kind, slugs in kinds for slug in slugs)
    for number, (kind, slug) in enumerate(values, 1):
        yield f"{number}\t{kind}\t{slug}\t{slug.replace('-', ' ').title()}\n"


def _review_facets(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    for row in range(1, size.reviews + 1):
        rest = f"\t{-_moment(size, row)}\t{key_of(row)}\t{row}\n"
        for value in values_of(size, of(row)):
            yield f"{value}{rest}"


def _texts(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    random = Random("texts")
    for row in range(1, size.reviews + 1):
        source = of(row)
        title, words = _title(random, row), _WORDS[_text(random)]
        titled = " ".join(f"t{said}" for said in title.split())
        marks = " ".join(f"f{value}" for value in values_of(size, source))
        named = f"ngazette n{source} ncritic n{source % CRITICS}"
        yield f"{row}\t{titled} {named} {words} s{source} {marks}\n"


def _tallies(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    counts = [0] * (size.sources + 1)
    for row in range(1, size.reviews + 1):
        counts[of(row)] += 1
    yield f"0\t0\t{size.reviews}\n"
    for source, count in enumerate(counts):
        if count:
            for value in (0, *values_of(size, source)):
                yield f"{source}\t{value}\t{count}\n"


def _copies(size: Size, of: Callable[[int], int]) -> Iterator[str]:
    """Every hundredth review has a second carrier."""
    for row in range(100, size.reviews, 100):
        for place in (0, 1):
            yield f"{row + place}\t{row}\t{place}\t{of(row + place)}\n"


def small_names(size: Size, count: int) -> list[str]:
    """So many of the others, far from one another."""
    step = max(1, size.sources // count)
    return [name_of(number) for number in range(2, size.sources + 1, step)][:count]


def database_name(size: Size) -> str:
    """A name for the database of so many sources."""
    return f"feedsvc_{size.sources}"
