"""Outcomes, reviews and states in, lines for a person out; and the progress display on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from feedsvc.cli.show import Shown
from feedsvc.collect import Outcome
from feedsvc.model import Credit, Licence, Provenance, Quarantined, Review, Source, SourceState

WORDS = {
    Provenance.STATED: "",
    Provenance.INHERITED: " (from the feed)",
    Provenance.CONFIGURED: " (from the configuration)",
    Provenance.INFERRED: " (inferred)",
}
#: Text is folded to this width, so that a review can be read beside its source.
WIDTH = 100
#: Room for a label; "rights holder:" is the longest.
LABEL = 15


@contextmanager
def progress(title: str, total: int | None, *, hide: bool = False) -> Iterator[Callable[..., None]]:
    """A step function: step(name, *lines). A bar on a terminal; elsewhere only the lines, plain."""
    console = Console()
    if hide or not console.is_terminal:

        def plain(_name: str, *lines: str) -> None:
            for line in lines:
                click.echo(line)

        yield plain
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def drawn(name: str, *lines: str) -> None:
            for line in lines:
                bar.console.print(line, markup=False, highlight=False)
            bar.update(task, advance=1, description=f"{title} {name}")

        yield drawn


def outcome_lines(outcome: Outcome) -> list[str]:
    """What one look brought; every document kept out is named with its reason."""
    if outcome.error:
        return [f"{outcome.source}: failed: {outcome.error}"]
    counts = f"{outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged"
    counts += f", {outcome.withdrawn} withdrawn" if outcome.withdrawn else ""
    kept_out = [f"{outcome.source}: kept out: {place}: {reason}" for place, reason in outcome.kept_out]
    return [f"{outcome.source}: {counts}", *kept_out]


# ------------------------------------------------------------------------------------------------------------ reviews


def review_lines(shown: Shown) -> list[str]:
    """One review with everything that is known of it, a field a line, and what a feed would show of it."""
    review = shown.review
    lines = [*_folded(review.title, WIDTH), "=" * min(len(review.title), WIDTH)]
    for label, value in (*_fields(review), ("published as", f"{shown.terms.show}: {shown.terms.reason}")):
        first, *more = _folded(value, WIDTH - LABEL) or [""]
        lines += [f"{label + ':' if label else '':<{LABEL}}{first}", *(" " * LABEL + line for line in more)]
    text = review.content or review.summary
    return [*lines, "", *_text_lines(text.text)] if text and text.text else lines


def _text_lines(text: str) -> Iterator[str]:
    """A text's own lines, each folded: a list stays a list, and code keeps its indentation."""
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        mark = "  " if line.lstrip().startswith("- ") else ""
        yield from _folded(line, WIDTH, indent + mark) or [""]


def _folded(line: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most that many characters; no address or other long word is ever broken."""
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _fields(review: Review) -> Iterator[tuple[str, str]]:
    def words(field: str) -> str:
        return WORDS[review.provenance.get(field, Provenance.STATED)]

    yield "id", review.id + (" (minted here)" if review.id_generated else "")
    yield "link", review.url or "none: its page here"
    yield "critic", ", ".join(_with_url(p.name, p.url) for p in review.authors) + words("authors")
    if review.contributors:
        yield "with", ", ".join(_with_url(p.name, p.url) for p in review.contributors)
    yield "outlet", _with_url(review.outlet.name, review.outlet.url or review.outlet.feed_url) + words("outlet")
    if review.via:
        yield "via", _with_url(review.via.name, review.via.url or review.via.feed_url)
    for cited in review.cited:
        yield "cites", _with_url(cited.name or "", cited.url) + (" (inferred)" if cited.inferred else "")
    yield "licence", _licence(review.licence) + words("licence")
    if review.rights:
        yield "rights", review.rights + words("rights")
    if review.rights_holder:
        yield "rights holder", review.rights_holder + words("rights_holder")
    if review.subject:
        kind = ", ".join(str(part) for part in (review.subject.type, review.subject.year) if part)
        yield "subject", review.subject.name + (f" ({kind})" if kind else "") + words("subject")
        for identifier in (*review.subject.identifiers, *review.subject.same_as):
            yield "", identifier
    if review.rating:
        percent = f" = {review.rating.percent:g} of 100" if review.rating.percent is not None else ""
        yield "rating", review.rating.text + percent + words("rating")
    if review.verdict:
        yield "verdict", review.verdict
    yield "published", _time(review.published) + words("published")
    if review.updated:
        yield "updated", _time(review.updated)
    if review.language:
        yield "language", review.language + words("language")
    for image in review.images:
        size = f"{image.width or '?'} × {image.height or '?'}; " if image.width or image.height else ""
        credit = "; ".join(_credit(c) for c in image.credits) or "no credit"
        yield "image", f"{image.url} ({size}{credit}; licence: {_licence(image.licence)})"
    for unbound in review.credits:
        yield "credit", _credit(unbound)
    for enclosure in review.enclosures:
        yield "attached", f"{enclosure.url} ({enclosure.type or 'type not stated'})"
    if review.categories:
        yield "categories", ", ".join(category.label or category.term for category in review.categories)
    for also in review.also:
        yield "also at", _with_url(also.outlet or "", also.url)


def _with_url(name: str, url: str | None) -> str:
    return f"{name} <{url}>" if name and url else name or url or ""


def _credit(credit: Credit) -> str:
    return f"{credit.name} ({credit.role})" if credit.role else credit.name


def _licence(licence: Licence) -> str:
    named = licence.spdx or licence.name
    return f"{named} <{licence.url}>" if named and licence.url and licence.spdx else named_state(licence)


def named_state(licence: Licence) -> str:
    """The licence's name with its state where it is not identified."""
    return " ".join(part for part in (licence.name, f"({licence.state})" if licence.name else licence.state) if part)


def _time(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC") if instant else "not stated"


# ------------------------------------------------------------------------------------------------------------ sources


def source_lines(sources: Sequence[Source], states: Sequence[SourceState]) -> list[str]:
    """A line for each configured source, and under it what is wrong with it."""
    known = {state.name: state for state in states}
    lines = []
    for source in sources:
        state = known.get(source.name)
        lines.append(f"{source.name:<24} {source.kind:<7} {_condition(source, state)}")
        if state and state.error:
            lines.append(f"{'':<24} {state.error_kind}: {state.error}")
    return lines


def _condition(source: Source, state: SourceState | None) -> str:
    if not source.enabled:
        return "off"
    if state is None or state.last_checked is None:
        return "not looked at yet"
    health = "stopped" if state.stopped else f"failed {state.failures} times" if state.failures else "good"
    return (
        f"{health}, {state.reviews} reviews, "
        f"{'read ' + _time(state.last_success) if state.last_success else 'never read'}, "
        f"next {'never' if state.stopped else _time(state.next_check)}"
    )


def quarantine_lines(quarantined: Sequence[Quarantined]) -> list[str]:
    """A line for each document or item kept out, with its reason."""
    return ["In quarantine:", *(f"  {entry.source}: {entry.place}: {entry.reason}" for entry in quarantined)]
