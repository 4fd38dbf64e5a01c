"""`feedsvc lint`: how complete the attribution of each source and feed is: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.naming import no_such_source
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.cli.publishing import publisher_of
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.model import Mark, Site, Source
from feedsvc.publish import lint_feeds, lint_sources, standing_sources
from feedsvc.render.pages import LintRow
from feedsvc.render.wording import lack_word, percent

#: A narrower terminal would cut the names of the sources, so there the plain columns are clearer.
WIDE = 110
HEADS = ("reviews", "whole", "overall", *(mark.value for mark in Mark))


@click.command(name="lint", epilog="Example: feedsvc lint --source night-lantern")
@click.option("--source", "name", help="Only this source.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object: sources and feeds.")
@click.pass_context
def command(context: click.Context, name: str | None, as_json: bool) -> None:
    """Say how complete the attribution is, the least complete first, and what to tell each partner.

    A review is whole when its critic, outlet, link, date, licence, image credits and rights are all there. The exit
    code is 0 whatever is missing.
    """
    settings = settings_of(context)
    with open_store(settings) as store:
        publisher = publisher_of(store, settings)
        sources = lint_sources(publisher, _wanted(settings, name, standing_sources(store, settings)))
        feeds = lint_feeds(publisher, settings.feeds) if name is None else []
    if as_json:
        found = {"sources": [_as_json(row, settings.site) for row in sources]}
        click.echo(as_json_text(found | {"feeds": [_as_json(row, settings.site) for row in feeds]}))
        return
    _print_table("source", sources)
    if feeds:
        click.echo()
        _print_table("feed", feeds)
    for line in (line for row in sources for line in _told(row, settings.site)):
        click.echo(line)


def _wanted(settings: Settings, name: str | None, listed: Sequence[Source]) -> list[Source]:
    wanted = [source for source in listed if name in (None, source.name)]
    if name is not None and not wanted:
        raise FeedsvcError("--source " + no_such_source(name, settings, [source.name for source in listed]))
    return wanted


# ---------------------------------------------------------------------------------------------------------- for people


def _print_table(kind: str, rows: Sequence[LintRow]) -> None:
    """Drawn by rich on a terminal; elsewhere columns of plain text, so that the lines can be cut and sorted."""
    if not rows:
        click.echo("no reviews are stored yet: run `feedsvc collect`")
        return
    console = Console()
    if not console.is_terminal or console.width < WIDE:
        click.echo("\n".join(_plain(kind, rows)))
        return
    table = Table(kind, *HEADS, box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        shares = [f"[{_colour(share)}]{percent(share)}[/]" for share in _shares(row)]
        table.add_row(row.name, str(row.found.reviews), str(row.found.whole), *shares)
    console.print(table)


def _plain(kind: str, rows: Sequence[LintRow]) -> Iterator[str]:
    width = max(len(kind), *(len(row.name) for row in rows))
    yield "  ".join([kind.ljust(width), *HEADS])
    for row in rows:
        cells = [str(row.found.reviews), str(row.found.whole), *map(percent, _shares(row))]
        aligned = (cell.rjust(len(head)) for cell, head in zip(cells, HEADS, strict=True))
        yield "  ".join([row.name.ljust(width), *aligned])


def _shares(row: LintRow) -> list[float]:
    return [row.found.overall, *(row.found.share(mark) for mark in Mark)]


def _colour(share: float) -> str:
    return "green" if share == 1 else "yellow" if share >= 0.5 else "red"


def _told(row: LintRow, site: Site) -> Iterator[str]:
    """What to tell a partner, and the reviews that lack most."""
    if not (row.advice or row.problems):
        return
    yield f"\nWhat to tell {row.title} ({row.name}):"
    yield from (f"- {sentence}" for sentence in (*row.advice, *row.problems))
    if row.found.worst:
        yield "Lacking most:"
    for one in row.found.worst:
        lacks = ", ".join(lack_word(mark) for mark in one.missing)
        yield f"- {one.title} <{one.url or site.review_url(one.key)}>: {lacks}"


# --------------------------------------------------------------------------------------------------------- for programs


def _as_json(row: LintRow, site: Site) -> dict[str, Any]:
    found = row.found
    return {
        "name": row.name,
        "title": row.title,
        "reviews": found.reviews,
        "whole": found.whole,
        "overall": round(found.overall, 4),
        "marks": {mark.value: {"present": found.present[mark], "share": round(found.share(mark), 4)} for mark in Mark},
        "images": found.images,
        "images_credited": found.images_credited,
        "licences_unspecified": found.licences_unspecified,
        "advice": list(row.advice),
        "problems": list(row.problems),
        "worst": [
            {
                "key": one.key,
                "title": one.title,
                "url": one.url,
                "page": site.review_url(one.key),
                "missing": [mark.value for mark in one.missing],
            }
            for one in found.worst
        ],
    }
