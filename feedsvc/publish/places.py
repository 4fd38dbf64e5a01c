"""The address of an outlet, a work, the list of outlets or a search in; its page over all public feeds out.

These pages belong to no feed: each review on them is shown as far as the strictest of its feeds may show it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from feedsvc import __version__
from feedsvc.model import (
    Entry,
    FacetValue,
    Feed,
    LicenceState,
    Moved,
    Place,
    Refused,
    Rendition,
    Review,
    Subject,
    View,
)
from feedsvc.model.words import slug_of, subject_slug
from feedsvc.publish.browsing import around
from feedsvc.publish.holdings import HTML, NEVER, Holdings, rendition
from feedsvc.publish.parameters import parse
from feedsvc.publish.selecting import feeds_of, on_its_page
from feedsvc.render.listing import PER_PAGE, ROWS_PER_PAGE, Others, OutletRow, Paging, paged
from feedsvc.render.pages import outlet_page, outlets_page, search_page, subject_page

#: So many of the newest reviews of a work have their ratings drawn together.
MOST_RATED = 200
#: From so many of its newest reviews the licences of an outlet are told.
SEEN_OF_OUTLET = 20
#: Outlets that are listed at most; the rest is found by searching.
MOST_OUTLETS = 10_000
#: Works that have a page in the static export.
MOST_WORKS = 100_000
#: Reviews of the same work that a review's page leads to.
MOST_OTHERS = 5

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
        return holdings.views.get(here, _version(holdings), lambda: draw(holdings, here, path, wanted))
    except _Nothing:
        return None


def others(holdings: Holdings, review: Review) -> Others:
    """What other critics wrote on the work of a review; another work of the same name has another year."""
    subject = review.subject
    slug = slug_of(subject.name) if subject else ""
    if subject is None or not slug:
        return Others()
    view, sources = View(subjects=(slug,)), sorted(holdings.settings.public_sources)
    found = holdings.store.views.reviews(view, sources, 2 * MOST_OTHERS + 1)
    alike = [one for one in found if one.key != review.key and _same_work(one, subject)]
    total = holdings.store.views.count(view, sources)
    return Others(entries=tuple(_entries(holdings, alike[:MOST_OTHERS])), total=total)


def paths(holdings: Holdings) -> list[str]:
    """The addresses of all these pages, of lists the first page."""
    views, sources = holdings.store.views, sorted(holdings.settings.public_sources)
    outlets = [f"/outlets/{value.slug}" for value in views.values("outlet", sources, MOST_OUTLETS)]
    # A work that states its year is found by its name alone, too.
    works = {f"/subjects/{one.slug}" for kind in ("subject", "work") for one in views.values(kind, sources, MOST_WORKS)}
    return ["/outlets", "/search", *outlets, *sorted(works)]


def _same_work(review: Review, subject: Subject) -> bool:
    years = {subject.year, review.subject.year if review.subject else None}
    return len(years - {None}) < 2


def _entries(holdings: Holdings, reviews: Sequence[Review]) -> list[Entry]:
    settings = holdings.settings
    return [on_its_page(settings, one, _public(feeds_of(settings, one))) for one in reviews]


def _public(feeds: Sequence[Feed]) -> list[Feed]:
    return [feed for feed in feeds if feed.public]


def _version(holdings: Holdings) -> bytes:
    """What changes whenever one of these pages may: any review, how far they are noted, what decides how they look."""
    settings = holdings.settings
    agreements = [settings.source(name) for name in sorted(settings.public_sources)]
    seen = (__version__, settings.site, settings.public_feeds, agreements, holdings.store.views.state())
    return hashlib.sha256(repr(seen).encode()).digest()


Drawer: TypeAlias = Callable[[Holdings, str, str, View], Rendition]


def _drawer(path: str) -> Drawer:
    if path == "/search":
        return _search
    if path == "/outlets":
        return _outlets
    return _outlet if path.startswith("/outlets/") else _subject


# ------------------------------------------------------------------------------------------------------------ each page


def _search(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    sources, asked = sorted(holdings.settings.public_sources), view.first_page() != View()
    offset = (view.page - 1) * PER_PAGE
    total = holdings.store.views.count(view, sources)
    reviews = holdings.store.views.reviews(view, sources, PER_PAGE, offset=offset) if asked else []
    if view.page > 1 and not reviews:
        raise _Nothing
    browse = around(holdings, path, sources, view, total=total, first=offset + 1)
    paging = _paging(path, view, total)
    browse = replace(browse, newer=paging.newer, older=paging.older if asked else None)
    body = search_page(holdings.settings.site, here, browse, _entries(holdings, reviews))
    return _page(holdings, here, body)


def _outlets(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    sources = sorted(holdings.settings.public_sources)
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
    sources, of_it = sorted(settings.public_sources), View(outlets=(slug,))
    reviews, paging = _listed(holdings, path, view, of_it)
    label = holdings.store.views.labels("outlet", [slug], sources).get(slug, slug)
    row = _row(holdings, sources, FacetValue(kind="outlet", slug=slug, label=label, reviews=paging.total))
    # The feeds that show it, each as a view of this outlet alone.
    names = {review.source for review in reviews}
    holders = [feed for feed in settings.public_feeds if not names.isdisjoint(settings.source_names(feed))]
    views = [(feed, Place(f"/feeds/{feed.name}", of_it.query())) for feed in holders]
    body = outlet_page(settings.site, here, row, _entries(holdings, reviews), views, paging)
    return _page(holdings, here, body)


def _subject(holdings: Holdings, here: str, path: str, view: View) -> Rendition:
    slug = path.removeprefix("/subjects/")
    of_it = View(subjects=(slug,))
    reviews, paging = _listed(holdings, path, view, of_it)
    rated = holdings.store.views.reviews(of_it, sorted(holdings.settings.public_sources), MOST_RATED)
    subjects = [review.subject for review in rated if review.subject]
    if not subjects:
        raise _Nothing
    entries, together = _entries(holdings, reviews), _entries(holdings, rated)
    body = subject_page(
        holdings.settings.site, here, _merged(subjects), entries, together, paging, _narrower(slug, subjects)
    )
    return _page(holdings, here, body)


def _listed(holdings: Holdings, path: str, view: View, of_it: View) -> tuple[list[Review], Paging]:
    """The reviews of one page, and the ways to those beside it; raises _Nothing where there are none."""
    sources = sorted(holdings.settings.public_sources)
    reviews = holdings.store.views.reviews(of_it, sources, PER_PAGE, offset=(view.page - 1) * PER_PAGE)
    if not reviews:
        raise _Nothing
    return reviews, _paging(path, view, holdings.store.views.count(of_it, sources))


def _paging(path: str, view: View, total: int) -> Paging:
    def beside(page: int) -> str:
        return Place(path, replace(view, page=page).query()).path()

    newer = beside(view.page - 1) if view.page > 1 else None
    older = beside(view.page + 1) if view.page * PER_PAGE < total else None
    return Paging(total=total, first=(view.page - 1) * PER_PAGE + 1, newer=newer, older=older)


def _row(holdings: Holdings, sources: Sequence[str], value: FacetValue) -> OutletRow:
    """An outlet as its newest reviews show it."""
    newest = holdings.store.views.reviews(View(outlets=(value.slug,)), sources, SEEN_OF_OUTLET)
    return OutletRow(
        name=value.label,
        path=f"/outlets/{value.slug}",
        reviews=value.reviews,
        latest=newest[0].position if newest else None,
        home=next((review.outlet.url for review in newest if review.outlet.url), None),
        licences=tuple(dict.fromkeys(_licence(entry) for entry in _entries(holdings, newest))),
    )


def _licence(entry: Entry) -> str:
    licence = entry.review.licence
    if licence.state is LicenceState.IDENTIFIED:
        return licence.name or licence.spdx or licence.url or ""
    return "Licence not specified" if licence.state is LicenceState.UNSPECIFIED else "All rights with the outlet"


def _merged(subjects: Sequence[Subject]) -> Subject:
    """What the reviews state of a work, the newest first; its type and year only where they do not differ."""
    types, years = ({getattr(one, name) for one in subjects} - {None} for name in ("type", "year"))
    return Subject(
        name=subjects[0].name,
        type=types.pop() if len(types) == 1 else None,
        year=years.pop() if len(years) == 1 else None,
        same_as=tuple(dict.fromkeys(url for one in subjects for url in one.same_as)),
    )


def _narrower(slug: str, subjects: Sequence[Subject]) -> list[tuple[str, str]]:
    """Where works of several years have one name: each year with the page of that work alone."""
    years = {one.year: subject_slug(one) for one in subjects if one.year is not None}
    if len(years) < 2:
        return []
    return [(str(year), f"/subjects/{each}") for year, each in sorted(years.items()) if each != slug]


def _page(holdings: Holdings, here: str, body: bytes) -> Rendition:
    sources, views = sorted(holdings.settings.public_sources), holdings.store.views
    changed = views.revised(sources) or NEVER
    return rendition(here, HTML, body, max(changed, holdings.store.last_withdrawal(sources) or NEVER))
