"""An address in, its page out: those that show one review, or how things stand now, drawn when they are asked for."""

from __future__ import annotations

from feedsvc.model import Gone, Rendition
from feedsvc.publish.holdings import HTML, NEVER, Holdings, rendition
from feedsvc.publish.measured import lint_feeds, lint_sources
from feedsvc.publish.selecting import feeds_of, listed_sources, on_its_page
from feedsvc.render import opml
from feedsvc.render.pages import SourceRow, lint_page, review_page, sources_page


def review(holdings: Holdings, path: str) -> Rendition | Gone | None:
    key = path.removeprefix("/reviews/")
    review = holdings.store.review(key)
    if review is None:
        return Gone.GONE if holdings.store.withdrawn(key) else None
    settings = holdings.settings
    revisions = len(holdings.store.revisions(review.key))
    body = review_page(settings.site, on_its_page(settings, review), feeds_of(settings, review), revisions)
    return rendition(path, HTML, body, review.revised)


def sources(holdings: Holdings) -> Rendition:
    states = {state.name: state for state in holdings.store.states()}
    listed = listed_sources(holdings.store, holdings.settings)
    rows = [SourceRow(source=source, state=states.get(source.name)) for source in listed]
    # To the minute, so that the page keeps its ETag between two looks at it.
    now = holdings.clock().replace(second=0, microsecond=0)
    withdrawn = holdings.store.withdrawn_sources()
    kept_out = [one for one in holdings.store.quarantined() if one.source not in withdrawn]
    body = sources_page(holdings.settings.site, rows, kept_out, now)
    return rendition("/sources", HTML, body, now)


def lint(holdings: Holdings) -> Rendition:
    rows = lint_sources(holdings, listed_sources(holdings.store, holdings.settings))
    body = lint_page(holdings.settings.site, rows, lint_feeds(holdings))
    return rendition("/sources/lint", HTML, body, holdings.clock().replace(second=0, microsecond=0))


def sources_opml(holdings: Holdings) -> Rendition:
    states = {state.name: state for state in holdings.store.states()}
    listed = listed_sources(holdings.store, holdings.settings)
    enabled = [(source, states.get(source.name)) for source in listed if source.enabled]
    body = opml.write_opml(holdings.settings.site, enabled)
    return rendition("/sources.opml", opml.MEDIA_TYPE, body, NEVER)


def feeds_opml(holdings: Holdings) -> Rendition:
    body = opml.write_feeds_opml(holdings.settings.site, holdings.settings.feeds)
    return rendition("/feeds.opml", opml.MEDIA_TYPE, body, NEVER)
