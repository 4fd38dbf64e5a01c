"""A location in, the reviews that it would give out: fetch, parse and normalise once, store nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedsvc.collect import fetch_options
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError, HttpStatus, NotAFeed, SourceError, Unattributable
from feedsvc.fetch import Request, fetch_one, read_file, read_folder
from feedsvc.model import Fetched, Parsed, Review, Source, Terms, Unchanged, is_url
from feedsvc.normalise import entry_for, item_key, normalise
from feedsvc.normalise.document import distinct
from feedsvc.parsers import PARSERS

#: Files of these kinds are documents of one review; anything else is tried as a feed.
DOCUMENTS = {".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review as it would be stored, and the terms on which a commercial feed would show it."""

    review: Review
    terms: Terms


def show_location(
    settings: Settings, location: str, name: str | None, now: datetime
) -> tuple[list[Shown], list[tuple[str, str]]]:
    """The reviews at a URL, in a file or in a folder, and what was kept out: place and reason. Raises FeedsvcError."""
    source = _source_for(settings, location, name)
    shown: list[Shown] = []
    kept_out: list[tuple[str, str]] = []
    for place, answer in _answers(settings, source):
        try:
            if isinstance(answer, SourceError):
                raise answer
            parsed, url = _read(settings, source, answer)
        except SourceError as reason:
            kept_out.append((place, str(reason)))
            continue
        for item in distinct(parsed.items):
            try:
                review = normalise(
                    item,
                    parsed.feed,
                    source=source,
                    document_url=url,
                    site=settings.site,
                    now=now,
                    outlets=settings.outlets,
                )
            except Unattributable as reason:
                kept_out.append((item_key(item), str(reason)))
            else:
                shown.append(Shown(review=review, terms=entry_for(review, commercial=True).terms))
    return shown, kept_out


def _source_for(settings: Settings, location: str, name: str | None) -> Source:
    """The configured source of that name, or whose folder the file lies in, or a nameless one; at this location."""
    if not is_url(location):
        location = str(Path(location).absolute())
    for source in settings.sources:
        inside = not is_url(location) and Path(location).is_relative_to(source.location)
        if source.name == name or (name is None and inside):
            return replace(source, location=location)
    if name is not None:
        known = ", ".join(source.name for source in settings.sources) or "none"
        raise FeedsvcError(f"--source {name!r} is no source of {settings.path}; its sources: {known}")
    return Source(name="show", kind="feed", location=location)


def _answers(settings: Settings, source: Source) -> Iterator[tuple[str, Fetched | SourceError]]:
    """Every document at the source's location, or why it cannot be had, with its place."""
    if not is_url(source.location) and Path(source.location).is_dir():
        for dropped in read_folder(Path(source.location), {}):
            yield dropped.path, dropped.document or dropped.error or SourceError(f"{dropped.path}: cannot be read")
        return
    try:
        yield source.location, _fetch(settings, source.location)
    except SourceError as error:
        yield source.location, error


def _fetch(settings: Settings, location: str) -> Fetched:
    if not is_url(location):
        fetched = read_file(Path(location))
        return replace(fetched, path=Path(location).name)
    answer = fetch_one(Request(name="show", url=location), fetch_options(settings))
    if isinstance(answer, Unchanged):
        raise HttpStatus(f"{location}: answered 304 to a request that had no validators; the server is at fault", 304)
    return answer


def _read(settings: Settings, source: Source, document: Fetched) -> tuple[Parsed, str]:
    """A document read as its kind, with its address; a page on the web leads to the feed that it names."""
    is_document = document.path is not None and Path(document.path).suffix.lower() in DOCUMENTS
    try:
        return PARSERS["folder" if is_document else "feed"](document), document.url
    except NotAFeed as page:
        if not page.feeds or not is_url(source.location):
            raise
        document = _fetch(settings, page.feeds[0])
        return PARSERS["feed"](document), document.url
