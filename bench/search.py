"""Measures views of a feed over many stored reviews: what an answer costs that is drawn anew, and what noting costs.

Everything is drawn at every question, as when a review has just come in; then the same question is asked again, as when
none has. Progress goes to standard error, the table to standard output; exit code 1 when a view with q= is too slow.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl

import click

from bench.table import Row, draw
from bench.words import name, sentences, word
from feedsvc.config import Settings, load
from feedsvc.model import Licence, LicenceState, Outlet, Person, Prose, Rating, Rendition, Review, Subject
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.publish import Publisher, index
from feedsvc.publish.once import Once
from feedsvc.store import Look, Store

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
#: Reviews that one look brings.
LOOK = 500
SOURCES = 100
#: The most that a view with q= may take in the median, in milliseconds of CPU: on an idle machine those of the clock.
MOST = 50.0
CC_BY = Licence(
    state=LicenceState.IDENTIFIED,
    name="CC BY 4.0",
    url="https://creativecommons.org/licenses/by/4.0/",
    spdx="CC-BY-4.0",
)
CONFIG = """
[service]
base_url = "http://reviews.example"
{sources}
[[feeds]]
name = "all"
title = "All"
commercial = false
[[feeds]]
name = "few"
title = "Few"
sources = ["source-1?"]
commercial = false
"""
SOURCE = '[[sources]]\nname = "source-{number:02}"\nkind = "folder"\nlocation = "incoming/{number:02}"\n'


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked for: words by how often they stand in the reviews, and values."""

    rare: str
    critic: str
    subject: str
    phrase: str


def reviews(count: int) -> Iterator[Review]:
    """Reviews of 20,000 works by 2,000 critics in 300 outlets, each with a text of six sentences, the same each run."""
    random = Random("search")
    critics = [name(random) for _ in range(2000)]
    outlets = [f"{word(random)} {word(random)}".title() for _ in range(300)]
    works = [f"{word(random)} {word(random)}".title() for _ in range(20_000)]
    pool = sentences()
    for number in range(count):
        text = " ".join(random.choice(pool) for _ in range(6))
        work, outlet = random.choice(works), random.choice(outlets)
        when = NOW - timedelta(minutes=number)
        key = hashlib.sha256(str(number).encode()).hexdigest()[:16]
        yield Review(
            key=key,
            source=f"source-{number % SOURCES:02}",
            id=f"tag:reviews.example,2026:{number}",
            url=f"https://outlet.example/{number}",
            title=f"{work}: {word(random)} {word(random)}",
            content=Prose(html=f"<p>{text}</p>", text=text),
            excerpt=Prose(html=f"<p>{text[:150]} …</p>", text=f"{text[:150]} …"),
            authors=(Person(name=random.choice(critics)),),
            outlet=Outlet(name=outlet, url="https://outlet.example/"),
            licence=CC_BY,
            subject=Subject(name=work, type=random.choice(["Movie", "Book", "VideoGame", "MusicAlbum"]), year=2025),
            rating=Rating(text="", percent=float(random.randrange(0, 101, 10))),
            language=random.choice(["en", "en-GB", "de", "fr"]),
            published=when,
            collected=NOW,
            revised=NOW,
        )


def fill(store: Store, settings: Settings, count: int) -> None:
    """Store the reviews, a look at a source at a time."""
    store.sync_sources(settings.sources, NOW)
    waiting: dict[str, list[StoredItem]] = {source.name: [] for source in settings.sources}
    for number, review in enumerate(reviews(count)):
        digest = hashlib.sha256(str(number).encode()).digest()
        waiting[review.source].append(stored_item(review, digest, digest))
        if len(waiting[review.source]) == LOOK:
            _look(store, review.source, waiting)
    for source in waiting:
        _look(store, source, waiting)


def words_of_first() -> Words:
    """What is asked for, taken from the newest review."""
    first = next(reviews(1))
    assert first.subject is not None
    assert first.content is not None
    words = first.content.text.split()
    return Words(
        rare=first.title.split()[-1],
        critic=first.authors[0].name,
        subject=first.subject.name,
        phrase=" ".join(words[2:5]).strip(".,:;“”"),
    )


def _look(store: Store, source: str, waiting: dict[str, list[StoredItem]]) -> None:
    [claim] = store.claim_named([source], NOW, timedelta(minutes=5))
    store.record([Look(claim=claim, now=NOW, state=claim.state, reviews=waiting[source])])
    waiting[source] = []


def questions(words: Words) -> dict[str, str]:
    """What is asked, by what it shows."""
    critic = words.critic.lower().replace(" ", "-")
    return {
        "q: a rare word": f"all.atom?q={words.rare}",
        "q: a word in nearly every text": "all.atom?q=the",
        "q: three common words": "all.json?q=the+of+it",
        "q: a phrase": f'all.rss?q="{words.phrase.lower()}"',
        "q: a work": f"all.atom?q={words.subject.lower().replace(' ', '+')}",
        "q: a common word, one critic": f"all.atom?critic={critic}&q=the",
        "q: a common word, ten of the sources": "few.atom?q=the",
        "q: a common word, well rated": "all.json?q=the&min_rating=90&since=2026-01-01",
        "q: a common word, page of people": "all?q=the",
        "q: a rare word, page of people": f"all?q={words.rare}",
        "one critic": f"all.atom?critic={critic}",
        "a type and a language": "all.atom?type=movie&lang=en-gb",
        "page 100": "all.atom?page=100",
        "filters, page of people": "all?type=movie",
    }


def measured(publisher: Publisher, address: str, times: int) -> tuple[float, float]:
    """Milliseconds in the median of wall clock and of CPU, everything drawn anew each time."""
    path, _, query = f"/feeds/{address}".partition("?")
    asked = parse_qsl(query)
    walls, cpus = [], []
    for _ in range(times):
        fresh = replace(publisher, views=Once())
        wall, cpu = time.perf_counter(), time.thread_time()
        found = fresh.view(path, asked)
        cpus.append(time.thread_time() - cpu)
        walls.append(time.perf_counter() - wall)
        if not isinstance(found, Rendition):
            raise click.ClickException(f"{address}: {found}")
    return statistics.median(walls) * 1000, statistics.median(cpus) * 1000


def again(publisher: Publisher, address: str, times: int) -> float:
    """Milliseconds in the median of CPU for an answer that is kept."""
    path, _, query = f"/feeds/{address}".partition("?")
    asked = parse_qsl(query)
    cpus = []
    for _ in range(times):
        cpu = time.thread_time()
        publisher.view(path, asked)
        cpus.append(time.thread_time() - cpu)
    return statistics.median(cpus) * 1000


def note(line: str) -> None:
    """A line of progress."""
    click.echo(line, err=True)


def timed(what: Callable[[], int]) -> tuple[int, float]:
    """What it gives, and the CPU-seconds of this process that it took."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = what()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return found, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@click.command(epilog="Example: python -m bench.search --reviews 20000")
@click.option("--reviews", "count", default=200_000, show_default=True, help="How many reviews are stored.")
@click.option("--times", default=21, show_default=True, help="How often each question is asked.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the database there, and use it when it is there.")
def main(count: int, times: int, folder: Path | None) -> None:
    """Ask views of a feed over many stored reviews, and print what the answers cost."""
    with TemporaryDirectory() as passing:
        sys.exit(0 if all(list(_rows(folder or Path(passing), count, times))) else 1)


def _rows(folder: Path, count: int, times: int) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    sources = "\n".join(SOURCE.format(number=number) for number in range(SOURCES))
    (folder / "config.toml").write_text(CONFIG.format(sources=sources), encoding="utf-8")
    settings = load(folder / "config.toml", {})
    rows = []
    with Store.open(settings.database_url) as store:
        store.migrate()
        publisher = Publisher(store=store, settings=settings, clock=lambda: NOW)
        if not store.last_change():
            fill(store, settings, count)
        note(f"{count:,} reviews are stored")
        noted, cpu = timed(lambda: index(publisher))
        if noted:
            rows.append(Row("noting a review", ours=f"CPU {cpu / noted * 1000:.2f} ms"))
        note("and noted")
        for figure, address in questions(words_of_first()).items():
            wall, cpu = measured(publisher, address, times)
            kept = again(publisher, address, times)
            held = cpu < MOST if "q=" in address else None
            ours = f"{wall:.1f} ms, CPU {cpu:.1f} ms"
            note(f"{figure}: {ours}")
            wanted = f"CPU under {MOST:g} ms" if held is not None else ""
            rows.append(Row(figure, ours=f"{ours}; again {kept:.2f} ms", wanted=wanted, held=held))
            yield held is not False
    click.echo(draw(rows))


if __name__ == "__main__":
    main()
