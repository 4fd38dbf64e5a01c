"""How complete attribution is in what is stored and published: rows for the page and the command of lint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from feedsvc.config.sources import few
from feedsvc.model import Completeness, Feed, Forgiven, Source, SourceState
from feedsvc.normalise.completeness import advice, completeness
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.selecting import select
from feedsvc.render.pages import LintRow


def lint_sources(holdings: Holdings, sources: Sequence[Source]) -> list[LintRow]:
    """How complete the attribution of each source with reviews is, the least complete first."""
    states = {state.name: state for state in holdings.store.states()}
    forgiven = holdings.store.forgiven()
    rows = []
    for source in sources:
        found, state = _measured(holdings, source), states.get(source.name)
        title = (source.outlet.name if source.outlet else state and state.feed_title) or source.name
        problems = (*(_of_a_document(state) if state else ()), *_of_files(forgiven, source.name))
        said = advice(found, source.kind)
        rows.append(LintRow(name=source.name, title=title, found=found, advice=said, problems=problems))
    return _least_complete_first(rows)


def _of_a_document(state: SourceState) -> Iterator[str]:
    for problem in state.forgiven:
        yield f"Your document was read, but: {problem}"


def _of_files(forgiven: Sequence[Forgiven], source: str) -> Iterator[str]:
    """What is wrong with files, each kind of mistake once, with the first files that it is in."""
    places: dict[str, list[str]] = {}
    for one in forgiven:
        for problem in one.problems if one.source == source else ():
            places.setdefault(problem, []).append(one.place)
    for problem, found in places.items():
        yield f"{few(found)} {'was' if len(found) == 1 else 'were'} read, but: {problem}"


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
