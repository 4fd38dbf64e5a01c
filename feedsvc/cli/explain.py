"""`feedsvc explain`: a review's key, id or address in; what is published of it and why, out, for people or programs."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from typing import Any, TypeAlias

import click
import msgspec

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.cli.publishing import publisher_of
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.model import Entry, Review, SubjectDigest, Work
from feedsvc.normalise.digest import in_words
from feedsvc.normalise.explain import Explanation, Showing, explain
from feedsvc.publish import agreed, digest_for, feeds_of, on_its_page
from feedsvc.render.credit import credit_line
from feedsvc.store import Store

#: A work, and what its critics together say of it.
Told: TypeAlias = tuple[Work, SubjectDigest]
#: Text is folded to this width, as a letter would be.
WIDTH = 96
_TO_COPY = re.compile(r"<[^<>]{1,80}>|\"[^\"]{1,60}\"|“[^”]{1,40}”")


@click.command(name="explain", epilog="Example: feedsvc explain https://outlet.example/reviews/paper-moons")
@click.argument("word", metavar="REVIEW")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, one object a review.")
@click.pass_context
def command(context: click.Context, word: str, as_json: bool) -> None:
    """Say in plain words what is published of a review, on which terms and why, and what to ask for.

    REVIEW is its key, its id, the address of the original, or the address of its page here.
    """
    settings = settings_of(context)
    with open_store(settings) as store:
        found = store.find(word)
        if not found:
            raise FeedsvcError(_nothing(word))
        standing = [agreed(settings, review) for review in found if not store.withdrawals.source_of(review.key)]
        if not standing:
            raise FeedsvcError(
                f"{word} was withdrawn: nothing of it is published; `feedsvc withdraw --list` says who asked and why"
            )
        explained = [
            (
                _explained(store, settings, review),
                _as_shown(settings, review),
                digest_for(publisher_of(store, settings), review),
            )
            for review in standing
        ]
    if as_json:
        click.echo(as_json_text([_as_json(one, settings, entry, work) for one, entry, work in explained]))
        return
    for number, (explanation, entry, work) in enumerate(explained):
        click.echo(("\n\n" if number else "") + "\n".join(_lines(explanation, settings, entry, work)))


def _as_shown(settings: Settings, review: Review) -> Entry:
    """As on its public page; where only private feeds have it, as the strictest of them shows it."""
    feeds = feeds_of(settings, review)
    return on_its_page(settings, review, [feed for feed in feeds if feed.public] or feeds)


def _nothing(word: str) -> str:
    if os.path.exists(word):
        return f"{word} is a file: `feedsvc show {word}` reads it and says what a feed would show of it"
    return (
        f"no review is stored under {word!r}; give a key, an id, the original's address or a page's address here. "
        "What is not collected yet can be read with `feedsvc show LOCATION`"
    )


def _explained(store: Store, settings: Settings, review: Review) -> Explanation:
    feeds = feeds_of(settings, review)
    listed = frozenset(
        feed.name
        for feed in feeds
        if any(one.key == review.key for one in store.newest(settings.source_names(feed), feed.items))
    )
    return explain(review, feeds, listed, site=settings.site, source=settings.source(review.source))


def _as_json(explanation: Explanation, settings: Settings, entry: Entry, work: Told | None) -> dict[str, Any]:
    told = {"work": {**msgspec.to_builtins(work[0]), "digest": msgspec.to_builtins(work[1])}} if work else {}
    return {**msgspec.to_builtins(explanation), "credit_line": credit_line(entry, settings.site).text, **told}


# ---------------------------------------------------------------------------------------------------------- for people


def _lines(explanation: Explanation, settings: Settings, entry: Entry, work: Told | None) -> Iterator[str]:
    yield from textwrap.wrap(explanation.title, WIDTH)
    yield "=" * min(len(explanation.title), WIDTH)
    yield from _folded(explanation.about)
    yield from _folded(f"Its page here: {explanation.page}")
    if work:
        where = settings.site.url(f"/subjects/{work[0].slug}")
        yield from _folded(f"The work: {work[0].label}, with {in_words(work[1])} All of them: {where}")
    yield from _section("What is published")
    yield from _published(explanation)
    yield from _section("Under which licence")
    yield from _folded(" ".join(explanation.licence))
    yield from _section("Who is credited, and who says so")
    for fact in explanation.attribution:
        yield from _folded(f"{fact.label}: {fact.value} – {fact.whence}.", bullet=True)
    yield ""
    yield from _folded("Readers see this line under it:")
    yield from _folded(credit_line(entry, settings.site).text, indent="    ")
    yield from _section("What is missing, and what to ask for")
    if not explanation.missing:
        yield from _folded("Nothing: this review names everything that its readers are owed.")
    for request in explanation.missing:
        yield from _folded(f"{request.missing} {request.ask}", bullet=True)


def _published(explanation: Explanation) -> Iterator[str]:
    """Feeds that publish the same for the same reason are told in one go."""
    alike: dict[tuple[object, ...], list[Showing]] = {}
    for showing in explanation.feeds:
        alike.setdefault((showing.listed, showing.what, showing.why, showing.images), []).append(showing)
    for group in alike.values():
        yield from _shown(group)
    if not explanation.feeds:
        yield from _folded(
            f"Nothing in any feed: none takes in the source “{explanation.source}”. Only its page here stands, held to "
            "what a commercial feed may show."
        )


def _shown(group: list[Showing]) -> Iterator[str]:
    first = group[0]
    names = ", ".join(f"“{showing.title}” (/feeds/{showing.feed})" for showing in group)
    yield from _folded(f"In {names}: {first.what[0].lower()}{first.what[1:]}")
    yield from _folded(f"Why: {first.why}", indent="    ")
    if first.excerpt:
        yield from _folded(f"The excerpt: “{first.excerpt}”", indent="    ")
    yield from _folded(f"Its readers are told: “{first.statement}”", indent="    ")
    for image in first.images:
        credit = f"Its credit: {image.credit}." if image.credit else "It has no credit."
        yield from _folded(f"The image {image.url} is {image.standing}: {image.why}. {credit}", indent="    ")
    if not first.images and first.show != "link":
        yield from _folded("It has no images.", indent="    ")
    if not first.listed:
        yield from _folded(
            "It is not there at present: a feed holds only its newest reviews (items), and this one is older.",
            indent="    ",
        )


def _section(title: str) -> list[str]:
    return ["", title, "-" * len(title)]


def _folded(text: str, *, indent: str = "", bullet: bool = False) -> list[str]:
    """Lines of at most WIDTH; what is to be copied, in angle brackets or quotes, stays on one line."""
    first, rest = (f"{indent}- ", f"{indent}  ") if bullet else (indent, indent)
    whole = _TO_COPY.sub(lambda match: match[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines = textwrap.wrap(
        whole, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
