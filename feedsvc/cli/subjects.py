"""`feedsvc subjects`: the works that reviews are of, listed, and joined or split where the rules are wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import msgspec

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.cli.publishing import publisher_of
from feedsvc.config import Settings
from feedsvc.errors import SubjectError
from feedsvc.model import Decision, Work
from feedsvc.publish import index
from feedsvc.store import Store

LISTED = 50


@click.group(
    name="subjects",
    epilog="Example: feedsvc subjects merge ballerina-2025 from-the-world-of-john-wick-ballerina",
    no_args_is_help=True,
)
def command() -> None:
    """List the works that reviews are of, and join or split them where the rules are wrong.

    Reviews are of one work where they state the same identifier, else the same name with type and year. What you
    decide otherwise holds for reviews to come too, until you undo it.
    """


@command.command(name="list", epilog="Example: feedsvc subjects list ballerina")
@click.argument("word", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 100_000), default=LISTED, show_default=True, help="So many at most.")
@click.option("--decisions", is_flag=True, help="Instead, what was merged and split, and what of that is undone.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
@click.pass_context
def list_subjects(context: click.Context, word: str, limit: int, decisions: bool, as_json: bool) -> None:
    """List the works with the most reviews, or those whose address holds WORD."""
    settings = settings_of(context)
    with open_store(settings) as store:
        if decisions:
            made = store.subjects.decisions()
            _print(made, list(_decided(made)) or ["nothing was decided yet"], as_json=as_json)
            return
        found = store.subjects.all(limit, word)
        _print(found, list(_named(found)) or [_nothing(word)], as_json=as_json)


@command.command(name="merge", epilog="Example: feedsvc subjects merge ballerina-2025 ballerina-film")
@click.argument("one")
@click.argument("other")
@click.pass_context
def merge(context: click.Context, one: str, other: str) -> None:
    """Make the works ONE and OTHER, by slug or name, one work; the address of ONE stays, that of OTHER leads there."""
    settings = settings_of(context)
    with open_store(settings) as store:
        made = store.subjects.merge(one, other, utc_now())
        _follow(store, settings, made)
        click.echo(f"merged: {_reach(store, settings, made.words.partition(' with ')[0])}")


@command.command(name="split", epilog="Example: feedsvc subjects split ballerina 3f2k9a7c1m5x8z0q")
@click.argument("slug")
@click.argument("reviews", nargs=-1, required=True)
@click.pass_context
def split(context: click.Context, slug: str, reviews: Sequence[str]) -> None:
    """Give REVIEWS of the work SLUG a work of their own; each is named by key, id or address."""
    settings = settings_of(context)
    with open_store(settings) as store:
        keys = [key for word in reviews for key in _keys(store, slug, word)]
        made = store.subjects.split(slug, keys, utc_now())
        _follow(store, settings, made)
        for one in {work.slug for work in store.subjects.of(keys).values()}:
            click.echo(f"split: {_reach(store, settings, one)}")


@command.command(name="undo", epilog="Example: feedsvc subjects undo 3")
@click.argument("number", type=int)
@click.pass_context
def undo(context: click.Context, number: int) -> None:
    """Undo the decision NUMBER: what the rules say holds again. `list --decisions` has the numbers."""
    settings = settings_of(context)
    with open_store(settings) as store:
        undone = store.subjects.undo(number, utc_now())
        _follow(store, settings, undone)
        click.echo(f"undone: decision {undone.number}, {undone.kind} {undone.words}")


def _keys(store: Store, slug: str, word: str) -> list[str]:
    """The keys of the reviews that a word names, of the work alone where others are named so too."""
    found = [review.key for review in store.find(word)]
    if not found:
        raise SubjectError(f"no review is stored under {word!r}; give its key, its id or its address")
    works = {work.slug for work in store.subjects.find(slug)}
    of_it = [key for key, work in store.subjects.of(found).items() if work.slug in works]
    return of_it or found


def _follow(store: Store, settings: Settings, decision: Decision) -> None:
    """Has the decision hold at once; a service that runs follows it too."""
    index(publisher_of(store, settings))
    click.echo(f"decision {decision.number}: {decision.kind} {decision.words}")


def _reach(store: Store, settings: Settings, slug: str) -> str:
    found = store.subjects.find(slug)
    reviews = found[0].reviews if found else 0
    return f"{slug} has {_count(reviews)}: {settings.site.url(f'/subjects/{slug}')}"


def _print(found: object, lines: Sequence[str], *, as_json: bool) -> None:
    click.echo(as_json_text(msgspec.to_builtins(found)) if as_json else "\n".join(lines))


def _nothing(word: str) -> str:
    return f"no work's address holds {word!r}" if word else "no review names a work yet"


def _named(works: Sequence[Work]) -> Iterator[str]:
    for work in works:
        kind = f", {work.type}" if work.type else ""
        yield f"{work.slug}: {work.label}{kind}: {_count(work.reviews)}"
        others = [name for name in work.names if name not in (work.name, work.label)]
        if others:
            yield f"  also stated as {'; '.join(others)}"
        if work.identifiers:
            yield f"  {', '.join(work.identifiers)}"


def _decided(decisions: Sequence[Decision]) -> Iterator[str]:
    for one in decisions:
        over = f", undone {one.undone:%Y-%m-%d %H:%M} UTC" if one.undone else ""
        yield f"{one.number}  {one.kind} {one.words}, decided {one.made:%Y-%m-%d %H:%M} UTC{over}"


def _count(reviews: int) -> str:
    return f"{reviews} review{'' if reviews == 1 else 's'}"
