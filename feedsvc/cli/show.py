"""`feedsvc show`: a location in, the reviews that it would give out: fetch, parse and normalise once, store nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.looks import review_lines
from feedsvc.cli.naming import no_such_source
from feedsvc.cli.programs import as_json_text
from feedsvc.collect import fetch_options
from feedsvc.config import Settings
from feedsvc.errors import Disallowed, FeedsvcError, HttpStatus, NotAFeed, SourceError, Unattributable
from feedsvc.fetch import Request, fetch_one, read_file, read_folder
from feedsvc.fetch.robots import origin_of, refusal, robots_of, robots_url
from feedsvc.model import Fetched, Parsed, Review, Source, Terms, Unchanged, is_url
from feedsvc.normalise import Normaliser, entry_for, item_key
from feedsvc.normalise.document import distinct
from feedsvc.parsers import PARSERS
from feedsvc.reading import completed_by, links_of, said_of

#: Files of these kinds are documents of one review; anything else is tried as a feed.
DOCUMENTS = {".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review as it would be stored, and the terms on which a commercial feed would show it."""

    review: Review
    terms: Terms


@dataclass(frozen=True, slots=True)
class Found:
    """What a location holds: its reviews, what is kept out, and what was forgiven, each with its place."""

    shown: list[Shown] = field(default_factory=list)
    kept_out: list[tuple[str, str]] = field(default_factory=list)
    forgiven: list[tuple[str, str]] = field(default_factory=list)


@click.command(name="show", epilog="Example: feedsvc show https://outlet.example/reviews/feed")
@click.argument("location")
@click.option("--source", "name", help="Read it as this configured source would: with its outlet, licence and kind.")
@click.option("--json", "as_json", is_flag=True, help="The reviews as a JSON array.")
@click.pass_context
def command(context: click.Context, location: str, name: str | None, as_json: bool) -> None:
    """Read one feed, page or document (a URL, a file, a folder) and print its reviews; nothing is stored.

    With --source, of a source that leads to pages, the first of them is asked for too.
    """
    settings = settings_of(context)
    found = show_location(settings, location, name, utc_now())
    if as_json:
        click.echo(as_json_text([_as_json(entry) for entry in found.shown]))
    else:
        for entry in found.shown:
            click.echo("\n".join(review_lines(entry.review, entry.terms)) + "\n")
    for place, reason in found.kept_out:
        # Most reasons begin with the place of the document.
        click.echo(f"kept out: {reason if reason.startswith(place) else f'{place}: {reason}'}", err=True)
    for place, problem in found.forgiven:
        click.echo(f"read all the same: {place}: {problem}", err=True)
    if not found.shown and not found.kept_out:
        click.echo(f"{location}: there is no review in it", err=True)
    if found.kept_out and not found.shown:
        context.exit(1)


def _as_json(shown: Shown) -> dict[str, Any]:
    """A review with every field, and the terms that it would be published on."""
    return {**msgspec.to_builtins(shown.review), "terms": msgspec.to_builtins(shown.terms)}


def show_location(settings: Settings, location: str, name: str | None, now: datetime) -> Found:
    """What a URL, a file or a folder holds; raises FeedsvcError."""
    source = _source_for(settings, location, name)
    found = Found()
    for place, answer in _answers(settings, source):
        try:
            if isinstance(answer, SourceError):
                raise answer
            parsed, url = _read(settings, source, answer)
        except SourceError as reason:
            found.kept_out.append((place, str(reason)))
            continue
        if source.walks:
            parsed, url = _followed(settings, source, parsed, url, now, found)
        found.forgiven.extend((place, problem) for problem in parsed.problems)
        _show(settings, source, parsed, url, now, found)
    return found


def _show(settings: Settings, source: Source, parsed: Parsed, url: str, now: datetime, found: Found) -> None:
    """Add the reviews of one document, and what of it is kept out."""
    normaliser = Normaliser(
        parsed.feed,
        source=source,
        document_url=url,
        site=settings.site,
        outlets=settings.outlets,
        limits=settings.limits,
    )
    for item in distinct(parsed.items):
        try:
            review = normaliser.review(item, now)
        except Unattributable as reason:
            found.kept_out.append((item_key(item), str(reason)))
        else:
            found.shown.append(Shown(review=review, terms=entry_for(review, commercial=True).terms))


def _followed(
    settings: Settings, source: Source, parsed: Parsed, url: str, now: datetime, found: Found
) -> tuple[Parsed, str]:
    """What the first page that a document leads to adds: to the first item of a feed, or as the listing's review."""
    first = next(iter(links_of(parsed, source, url, settings.limits.max_items)), None)
    if first is None or (source.kind == "page" and parsed.items):
        return parsed, url
    try:
        _ask_robots(settings, first.url, now)
        page = _fetch(settings, source, first.url)
        if source.kind == "page":
            return PARSERS["page"](page, settings.limits), page.url
        said = said_of(page, first.url, settings.limits)
    except SourceError as reason:
        found.kept_out.append((first.url, str(reason)))
        return parsed, url
    return (completed_by(parsed, url, {first.url: said}) if said else parsed), url


def _ask_robots(settings: Settings, url: str, now: datetime) -> None:
    """Raises Disallowed where the page's site does not want it to be asked for."""
    origin = origin_of(url)
    try:
        answer: Fetched | SourceError = _unconditional(
            fetch_one(Request(name="show", url=robots_url(origin)), fetch_options(settings))
        )
    except SourceError as error:
        answer = error
    if reason := refusal(robots_of(origin, answer, now), url):
        raise Disallowed(reason)


def _source_for(settings: Settings, location: str, name: str | None) -> Source:
    """The configured source of that name, or whose folder the file lies in, or a nameless one; at this location."""
    scheme, mark, _ = location.partition("://")
    if mark and not is_url(location):
        raise FeedsvcError(f"{scheme}:// cannot be shown: give an http or https address, a file or a folder")
    if not is_url(location):
        location = str(Path(location).absolute())
    for source in settings.sources:
        inside = not is_url(location) and Path(location).is_relative_to(source.location)
        if source.name == name or (name is None and inside):
            return replace(source, location=location)
    if name is not None:
        raise FeedsvcError("--source " + no_such_source(name, settings))
    return Source(name="show", kind="feed", location=location)


def _answers(settings: Settings, source: Source) -> Iterator[tuple[str, Fetched | SourceError]]:
    """Every document at the source's location, or why it cannot be had, with its place."""
    if not is_url(source.location) and Path(source.location).is_dir():
        for dropped in read_folder(Path(source.location), {}, max_body=settings.limits.max_body):
            yield dropped.path, dropped.document or dropped.error or SourceError(f"{dropped.path}: cannot be read")
        return
    try:
        yield source.location, _fetch(settings, source, source.location)
    except SourceError as error:
        yield source.location, error


def _fetch(settings: Settings, source: Source, location: str) -> Fetched:
    if not is_url(location):
        fetched = read_file(Path(location), max_body=settings.limits.max_body)
        return replace(fetched, path=Path(location).name)
    configured = settings.source(source.name) or source
    request = Request(name="show", url=location, authorization=configured.authorization, origin=configured.location)
    return _unconditional(fetch_one(request, fetch_options(settings)))


def _unconditional(answer: Fetched | Unchanged) -> Fetched:
    if isinstance(answer, Unchanged):
        raise HttpStatus(f"{answer.url}: answered 304 to a request that had no validators; the server is at fault", 304)
    return answer


def _read(settings: Settings, source: Source, document: Fetched) -> tuple[Parsed, str]:
    """A document read as its kind, with its address; a page on the web leads to the feed that it names."""
    is_document = document.path is not None and Path(document.path).suffix.lower() in DOCUMENTS
    # In a drop folder every file is a document, whatever its name.
    is_document = is_document or source.kind == "folder"
    if source.kind == "page":
        return PARSERS["page"](document, settings.limits), document.url
    try:
        return PARSERS["folder" if is_document else "feed"](document, settings.limits), document.url
    except NotAFeed as page:
        if not page.feeds or not is_url(source.location):
            raise
        document = _fetch(settings, source, page.feeds[0])
        return PARSERS["feed"](document, settings.limits), document.url
