"""Measures how copies of one review are found: how well, and what a batch costs when few and when many are stored.

Progress goes to standard error, the table to standard output; exit code 1 when a figure is not what is wanted.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from bench.pairs import judged, labelled
from bench.search import CONFIG, LOOK, NOW, SOURCE, SOURCES, note, reviews
from bench.table import Row, draw
from bench.words import name, sentences, word
from feedsvc.config import Settings, load
from feedsvc.model import Outlet, Person, Prose, Review, Subject
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.publish import Publisher
from feedsvc.publish.joining import join
from feedsvc.store import Look, Store

#: A batch, and how many are stored before the one that others are measured by.
BATCH, FEW = 1000, 2000
#: A batch may cost so many times as much when many are stored.
MOST = 2.0
#: What is wanted of the pairs labelled by hand, and of copies that were made.
LABELLED = (0.98, 0.90)
MADE = (0.99, 0.95)
#: Carriers of one review, itself included.
CARRIERS = 5


def copies(count: int) -> Iterator[tuple[int, Review]]:
    """So many copies, CARRIERS of each review, with what carriers do to a text; of which review each is.

    Of every work a second critic writes, and every outlet puts the same words under all that it carries.
    """
    random = Random("copies")
    pool = sentences()
    outlets = [f"{word(random)} {word(random)}".title() for _ in range(200)]
    letters = {outlet: " ".join(random.choice(pool) for _ in range(2)) for outlet in outlets}
    base, work = next(reviews(1)), ""
    for number in range(count // CARRIERS):
        if number % 2 == 0:
            work = f"{word(random)} {word(random)}".title()
        text = [random.choice(pool) for _ in range(random.randrange(6, 20))]
        critic = name(random)
        first = replace(base, authors=(Person(name=critic),), subject=Subject(name=work, type="Movie"), rating=None)
        for place, outlet in enumerate(random.sample(outlets, CARRIERS)):
            when = NOW - timedelta(days=400, minutes=CARRIERS * number - place)
            yield number, _carried(random, replace(first, published=when), place, (outlet, letters[outlet]), text)


def _carried(random: Random, first: Review, place: int, house: tuple[str, str], text: Sequence[str]) -> Review:
    """A review as one of its carriers has it: the first carries it whole."""
    outlet, letter = house
    headline = text[0].split()[1]
    said = _edited(random, list(text), place, first.authors[0].name)
    if random.random() < 0.6:
        said += f" {letter}"
    subject = first.subject
    assert subject is not None
    key = hashlib.sha256(f"{outlet} {first.published}".encode()).hexdigest()[:16]
    return replace(
        first,
        key=key,
        source=f"source-{random.randrange(SOURCES):02}",
        id=f"tag:carrier.example,2026:{key}",
        url=f"https://carrier.example/{key}",
        title=f"{subject.name} review: {headline}" if random.random() < 0.7 else f"{outlet} on {subject.name}",
        content=Prose(html=f"<p>{said}</p>", text=said),
        authors=first.authors if random.random() < 0.8 else (Person(name=f"{outlet} Staff"),),
        outlet=Outlet(name=outlet, url="https://carrier.example/"),
        subject=subject if random.random() < 0.5 else None,
    )


def _edited(random: Random, body: list[str], place: int, critic: str) -> str:
    """A text as carriers treat it: a sentence less, the end cut off, a note before it, other quotation marks."""
    if place and random.random() < 0.3:
        body.pop(random.randrange(len(body)))
    if place and random.random() < 0.2:
        body = body[: max(4, len(body) * 2 // 3)]
    if place and random.random() < 0.4:
        body.insert(0, f"This review by {critic} first appeared elsewhere and is republished here.")
    said = " ".join(body)
    if place and random.random() < 0.5:
        for curly, plain in ("“”", '"'), ("’", "'"), ("–", "-"):
            said = re.sub(f"[{curly}]", plain, said)
    return said


def keep(store: Store, settings: Settings, found: Iterable[Review]) -> None:
    """Store reviews, each look as one source brings them."""
    store.sync_sources(settings.sources, NOW)
    waiting: dict[str, list[StoredItem]] = defaultdict(list)
    for review in found:
        digest = hashlib.sha256(review.key.encode()).digest()
        waiting[review.source].append(stored_item(review, digest, digest))
        if len(waiting[review.source]) == LOOK:
            _look(store, review.source, waiting.pop(review.source))
    for source, items in waiting.items():
        _look(store, source, items)


def _look(store: Store, source: str, items: Sequence[StoredItem]) -> None:
    [claim] = store.claim_named([source], NOW, timedelta(minutes=5))
    store.record([Look(claim=claim, now=NOW, state=claim.state, reviews=items)])


def cost(publisher: Publisher, found: Iterable[Review]) -> float:
    """CPU-seconds of looking for copies among these, once they are stored; nothing else is counted."""
    keep(publisher.store, publisher.settings, found)
    before = time.process_time()
    join(publisher)
    return time.process_time() - before


def accuracy(publisher: Publisher, count: int) -> tuple[float, float]:
    """Precision and recall over all pairs, of the copies that were joined."""
    made = list(copies(count))
    # As they come from many sources: in no order.
    Random("order").shuffle(made)
    keep(publisher.store, publisher.settings, (review for _, review in made))
    join(publisher)
    of = {review.key: number for number, review in made}
    wanted = len(made) * (CARRIERS - 1) // 2
    joined = set()
    for key in of:
        stored = publisher.store.review(key)
        for each in stored.also if stored else ():
            if each.key is not None:
                joined.add(tuple(sorted((key, each.key))))
    right = sum(of.get(one) is not None and of.get(one) == of.get(two) for one, two in joined)
    return right / max(1, len(joined)), right / wanted


def _publisher(folder: Path) -> Publisher:
    folder.mkdir(parents=True)
    sources = "\n".join(SOURCE.format(number=number) for number in range(SOURCES))
    (folder / "config.toml").write_text(CONFIG.format(sources=sources), encoding="utf-8")
    settings = load(folder / "config.toml", {})
    store = Store.open(settings.database_url)
    store.migrate()
    return Publisher(store=store, settings=settings, clock=lambda: NOW)


def rows(folder: Path, count: int, made: int) -> Iterator[Row]:
    """Every figure."""
    score = judged(labelled())
    for miss in score.misses:
        note(f"missed: {miss}")
    yield _share("60 pairs labelled by hand: precision", score.precision, LABELLED[0])
    yield _share("60 pairs labelled by hand: recall", score.recall, LABELLED[1])
    copied = _publisher(folder / "copies")
    with copied.store:
        precision, recall = accuracy(copied, made)
    yield _share(f"{made:,} copies with other boilerplate: precision", precision, MADE[0])
    yield _share(f"{made:,} copies with other boilerplate: recall", recall, MADE[1])
    many = _publisher(folder / "many")
    with many.store:
        every = reviews(count + 2 * BATCH)
        cost(many, islice(every, FEW))
        little = cost(many, islice(every, BATCH))
        note(f"a batch of {BATCH:,} at {FEW:,} stored: {little:.2f} s of CPU")
        whole = cost(many, islice(every, count - FEW - BATCH))
        note(f"all others: {whole:.1f} s of CPU")
        much = min(cost(many, islice(every, BATCH)) for _ in range(2))
    yield Row(
        f"a batch of {BATCH:,} at {count:,} stored, beside {FEW:,}",
        other=f"CPU {little * 1000:.0f} ms",
        ours=f"CPU {much * 1000:.0f} ms",
        ratio=f"{much / little:.2f}",
        wanted=f"at most {MOST:g}",
        held=much <= MOST * little,
    )


def _share(figure: str, found: float, wanted: float) -> Row:
    return Row(figure, ours=f"{found:.3f}", wanted=f"at least {wanted:.2f}", held=found >= wanted)


@click.command(epilog="Example: python -m bench.copies --reviews 20000")
@click.option(
    "--reviews",
    "count",
    type=click.IntRange(min=FEW + BATCH),
    default=200_000,
    show_default=True,
    help="How many reviews are stored.",
)
@click.option("--copies", "made", default=5000, show_default=True, help="How many copies are made.")
def main(count: int, made: int) -> None:
    """Join the copies of reviews among many that are stored, and print how well and at what cost."""
    with TemporaryDirectory() as passing:
        drawn = list(rows(Path(passing), count, made))
    click.echo(draw(drawn))
    sys.exit(0 if all(row.held for row in drawn) else 1)


if __name__ == "__main__":
    main()
