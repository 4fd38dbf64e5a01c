"""The address of an outlet, the list of outlets or a search in; its page over all public feeds out.

These pages belong to no feed: each review on them is shown as far as the strictest of its feeds may show it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from feedsvc.model import (
    Entry,
    FacetValue,
    LicenceState,
    Moved,
    Place,
    Refused,
    Rendition,
    Review,
    View,
)
from feedsvc.model.words import slug_of
from feedsvc.publish import subjects
from feedsvc.publish.browsing import around
from feedsvc.publish.everywhere import changed_of_all, entries_of, paging_of, public_sources, version_of_all
from feedsvc.publish.holdings import HTML, Holdings, rendition
from feedsvc.publish.parameters import parse
from feedsvc.render.listing import PER_PAGE, ROWS_PER_PAGE, OutletRow, Paging, paged
from feedsvc.render.pages import outlet_page, outlets_page, search_page

#: From so many of its newest reviews the licences of an outlet are told.
SEEN_OF_OUTLET = 20
#: Outlets that are listed at most; the rest is found by searching.
MOST_OUTLETS = 10_000
#: Works that have a page in the static export.
MOST_WORKS = 100_000

Found: TypeAlias = Rendition | Moved | Refused | None


class _Nothing(Exception):
    """No review has what the address names."""


def stands(path: str) -> bool:
    """Whether an address is one of these pages."""
    return path in {"/outlets", "/search"} or path.startswith(("/outlets/", "/subjects/"))


def place(holdings: Holdings, path: str, query: Sequence[tuple[str, str]]) -> Found:
    """The page at an address, with the parameters of a view on /search and `page` alone on the others.

    Moved to the canonical form of the address; Refused for parameters that do not exist; None where nothing stands.
    Raises StoreError when it cannot be told now.
    """
    if path.startswith(subjects.STEM):
        return subjects.place(holdings, path, query)
    wanted = parse(query)
    if isinstance(wanted, Refused):
        return wanted
    # A page of a list is counted and not begun after a review, and it has one size.
    wanted = replace(wanted, limit=None, content="full", after=None)
    if path != "/search":
        wanted = View(page=wanted.page)
    here = Place(path, wanted.query()).path()
    if tuple(query) != wanted.pairs():
        return Moved(here)
    draw = _drawer(path)
    try:
        return holdings.views.get(here, version_of_all(holdings), lambda: draw(holdings, here, path, wanted))
    except _Nothing:
        return None


def paths(holdings: Holdings) -> list[str]:
    """The addresses of all these pages, of lists the first page."""
    views, sources = holdings.store.views, public_sources(holdings)
    outlets = [f"/outlets/{value.slug}" for value in views.values("outlet", sources, MOST_OUTLETS)]
    return ["/outlets", "/search", *outlets, *sorted(subjects.paths(holdings, MOST_WORKS))]


Drawer: TypeAlias = Callable[[Holdings, str, str, View], Rendition]


def _drawer(path: str) -> Drawer:
    if path == "/search":
        return _search
    if path == "/outlets":
        return _outlets
    return _outlet


# ------------------------------------------------------------------------------------------------------------ each page


def _search(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    sources, asked = public_sources(holdings), view.first_page() != View()
    offset = (view.page - 1) * PER_PAGE
    total = holdings.store.views.count(view, sources)
    reviews = holdings.store.views.reviews(view, sources, PER_PAGE, offset=offset) if asked else []
    if view.page > 1 and not reviews:
        raise _Nothing
    browse = around(holdings, path, sources, view, total=total, first=offset + 1)
    paging = paging_of(path, view, total)
    browse = replace(browse, newer=paging.newer, older=paging.older if asked else None)
    body = search_page(holdings.settings.site, here, browse, entries_of(holdings, reviews))
    return _page(holdings, here, body)


def _outlets(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    sources = public_sources(holdings)
    values = holdings.store.views.values("outlet", sources, MOST_OUTLETS)
    values.sort(key=lambda value: (value.label.casefold(), value.slug))
    first = (view.page - 1) * ROWS_PER_PAGE
    shown = values[first : first + ROWS_PER_PAGE]
    if view.page > 1 and not shown:
        raise _Nothing
    rows = [_row(holdings, sources, value) for value in shown]
    paging = paged(path, len(values), view.page, ROWS_PER_PAGE)
    return _page(holdings, here, outlets_page(holdings.settings.site, here, rows, paging))


def _outlet(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    settings, slug = holdings.settings, path.removeprefix("/outlets/")
    sources, of_it = public_sources(holdings), View(outlets=(slug,))
    reviews, paging = _listed(holdings, path, view, of_it)
    label = holdings.store.views.labels("outlet", [slug], sources).get(slug, slug)
    row = _row(holdings, sources, FacetValue(kind="outlet", slug=slug, label=label, reviews=paging.total))
    # The feeds that show it, each as a view of this outlet alone.
    names = {review.source for review in reviews}
    holders = [feed for feed in settings.public_feeds if not names.isdisjoint(settings.source_names(feed))]
    views = [(feed, Place(f"/feeds/{feed.name}", of_it.query())) for feed in holders]
    body = outlet_page(settings.site, here, row, entries_of(holdings, reviews), views, paging)
    return _page(holdings, here, body)


def _listed(holdings: Holdings, path: str, view: View, of_it: View) -> tuple[list[Review], Paging]:
    """The reviews of one page, and the ways to those beside it; raises _Nothing where there are none."""
    sources = public_sources(holdings)
    reviews = holdings.store.views.reviews(of_it, sources, PER_PAGE, offset=(view.page - 1) * PER_PAGE)
    if not reviews:
        raise _Nothing
    return reviews, paging_of(path, view, holdings.store.views.count(of_it, sources))


def _row(holdings: Holdings, sources: Sequence[str], value: FacetValue) -> OutletRow:
    """An outlet as its newest reviews show it."""
    newest = holdings.store.views.reviews(View(outlets=(value.slug,)), sources, SEEN_OF_OUTLET)
    # Not what it only carries: that says where others are at home, and under what licence they publish.
    newest = [review for review in newest if slug_of(review.outlet.name) == value.slug]
    return OutletRow(
        name=value.label,
        path=f"/outlets/{value.slug}",
        reviews=value.reviews,
        latest=newest[0].position if newest else None,
        home=next((review.outlet.url for review in newest if review.outlet.url), None),
        licences=tuple(dict.fromkeys(_licence(entry) for entry in entries_of(holdings, newest))),
    )


def _licence(entry: Entry) -> str:
    licence = entry.review.licence
    if licence.state is LicenceState.IDENTIFIED:
        return licence.name or licence.spdx or licence.url or ""
    return "Licence not specified" if licence.state is LicenceState.UNSPECIFIED else "All rights with the outlet"


def _page(holdings: Holdings, here: str, body: bytes) -> Rendition:
    return rendition(here, HTML, body, changed_of_all(holdings))
