"""An address in, its page out: those that show one review, or how things stand now, drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from feedsvc.model import Feed, Gone, Moved, Refused, Rendition, View
from feedsvc.publish.holdings import HTML, NEVER, Holdings, rendition
from feedsvc.publish.measured import lint_feeds, lint_sources
from feedsvc.publish.parameters import parse
from feedsvc.publish.selecting import feeds_of, listed_sources, on_its_page
from feedsvc.publish.subjects import others
from feedsvc.render import opml
from feedsvc.render.listing import ROWS_PER_PAGE, TOLD_PER_PAGE, numbered
from feedsvc.render.pages import SourceRow, lint_page, review_page, sources_page


def review(holdings: Holdings, path: str, readable: Sequence[Feed]) -> Rendition | Gone | None:
    """The page of a review for those who may read these feeds; None where none of them takes in its source."""
    key = path.removeprefix("/reviews/")
    settings, review = holdings.settings, holdings.store.review(key)
    if review is None:
        source = holdings.store.withdrawals.source_of(key)
        return Gone.GONE if any(source in settings.source_names(feed) for feed in readable) else None
    feeds = [feed for feed in feeds_of(settings, review) if feed in readable]
    if not feeds:
        return None
    revisions = len(holdings.store.revisions(review.key))
    entry = on_its_page(settings, review, feeds)
    # Whoever reads these feeds finds there what leads, and this under another address.
    leader = holdings.store.copies.leader(
        key, sorted({name for feed in readable for name in settings.source_names(feed)})
    )
    body = review_page(settings.site, entry, feeds, revisions, others(holdings, review), leader)
    return rendition(path, HTML, body, review.revised)


def listed(holdings: Holdings, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Moved | Refused | None:
    """A page of a list of sources: `page` is its one parameter; None for a page beyond the last."""
    wanted = parse(query)
    if isinstance(wanted, Refused):
        return wanted
    if tuple(query) != View(page=wanted.page).pairs():
        return Moved(numbered(path, wanted.page))
    return LISTS[path](holdings, wanted.page)


def sources(holdings: Holdings, number: int = 1) -> Rendition | None:
    states = {state.name: state for state in holdings.store.states()}
    listed = listed_sources(holdings.store, holdings.settings)
    if number > 1 and len(listed) <= (number - 1) * ROWS_PER_PAGE:
        return None
    pages = holdings.store.pages.counts() if any(source.walks for source in listed) else {}
    rows = [SourceRow(source=source, state=states.get(source.name), pages=pages.get(source.name)) for source in listed]
    # To the minute, so that the page keeps its ETag between two looks at it.
    now = holdings.clock().replace(second=0, microsecond=0)
    unnamed = holdings.store.withdrawals.sources() | holdings.settings.private_sources
    kept_out = [one for one in holdings.store.quarantined() if one.source not in unnamed]
    body = sources_page(holdings.settings.site, rows, kept_out, now, number)
    return rendition(numbered("/sources", number), HTML, body, now)


def lint(holdings: Holdings, number: int = 1) -> Rendition | None:
    rows = lint_sources(holdings, listed_sources(holdings.store, holdings.settings))
    if number > 1 and len(rows) <= (number - 1) * TOLD_PER_PAGE:
        return None
    body = lint_page(holdings.settings.site, rows, lint_feeds(holdings, holdings.settings.public_feeds), number)
    now = holdings.clock().replace(second=0, microsecond=0)
    return rendition(numbered("/sources/lint", number), HTML, body, now)


#: Lists of sources, which go over pages.
LISTS: Mapping[str, Callable[[Holdings, int], Rendition | None]] = {"/sources": sources, "/sources/lint": lint}


def sources_opml(holdings: Holdings) -> Rendition:
    states = {state.name: state for state in holdings.store.states()}
    listed = listed_sources(holdings.store, holdings.settings)
    enabled = [(source, states.get(source.name)) for source in listed if source.enabled]
    body = opml.write_opml(holdings.settings.site, enabled)
    return rendition("/sources.opml", opml.MEDIA_TYPE, body, NEVER)


def feeds_opml(holdings: Holdings) -> Rendition:
    body = opml.write_feeds_opml(holdings.settings.site, holdings.settings.public_feeds)
    return rendition("/feeds.opml", opml.MEDIA_TYPE, body, NEVER)
