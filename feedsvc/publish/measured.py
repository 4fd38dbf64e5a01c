"""How complete attribution is in what is stored and published: rows for the page and the command of lint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feedsvc.model import Completeness, Feed, Source
from feedsvc.normalise.completeness import advice, completeness
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.selecting import select
from feedsvc.render.pages import LintRow


def lint_sources(holdings: Holdings, sources: Sequence[Source]) -> list[LintRow]:
    """How complete the attribution of each source with reviews is, the least complete first."""
    titles = {state.name: state.feed_title for state in holdings.store.states()}
    rows = []
    for source in sources:
        found = _measured(holdings, source)
        title = (source.outlet.name if source.outlet else titles.get(source.name)) or source.name
        rows.append(LintRow(name=source.name, title=title, found=found, advice=advice(found, source.kind)))
    return _least_complete_first(rows)


def _measured(holdings: Holdings, source: Source) -> Completeness:
    version = holdings.store.content_version([source.name])
    known = holdings.measured.get(source.name)
    if known is None or known[0] != version:
        known = holdings.measured[source.name] = version, completeness(holdings.store.reviews_of(source.name))
    return known[1]


def lint_feeds(holdings: Holdings, feeds: Sequence[Feed]) -> list[LintRow]:
    """How complete the attribution of what each of these feeds shows is, the least complete first."""
    return _least_complete_first(
        LintRow(name=feed.name, title=feed.title, found=completeness(entry.review for entry in select(holdings, feed)))
        for feed in feeds
    )


def _least_complete_first(rows: Iterable[LintRow]) -> list[LintRow]:
    return sorted((row for row in rows if row.found.reviews), key=lambda row: (row.found.overall, row.name))
