"""What all pages over all public feeds have in common: whose reviews they show, how far, and what they depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from feedsvc import __version__
from feedsvc.model import Entry, Feed, Place, Review, View
from feedsvc.publish.holdings import NEVER, Holdings
from feedsvc.publish.selecting import feeds_of, on_its_page
from feedsvc.render.listing import PER_PAGE, Paging


def public_sources(holdings: Holdings) -> list[str]:
    """The sources that public feeds take in, by name."""
    return sorted(holdings.settings.public_sources)


def public_feeds_of(holdings: Holdings, review: Review) -> list[Feed]:
    """The public feeds that take in a review's source."""
    return [feed for feed in feeds_of(holdings.settings, review) if feed.public]


def entries_of(holdings: Holdings, reviews: Sequence[Review]) -> list[Entry]:
    """Reviews as far as the strictest of their public feeds may show each."""
    return [on_its_page(holdings.settings, one, public_feeds_of(holdings, one)) for one in reviews]


def version_of_all(holdings: Holdings) -> bytes:
    """What changes whenever one of these pages may: any review, how far they are noted, what decides how they look."""
    settings, store = holdings.settings, holdings.store
    agreements = [settings.source(name) for name in public_sources(holdings)]
    noted = store.views.state(), store.subjects.version()
    seen = (__version__, settings.site, settings.public_feeds, agreements, noted)
    return hashlib.sha256(repr(seen).encode()).digest()


def changed_of_all(holdings: Holdings) -> datetime:
    """When any of these reviews last changed or went."""
    sources = public_sources(holdings)
    changed = holdings.store.views.revised(sources) or NEVER
    return max(changed, holdings.store.withdrawals.last(sources) or NEVER)


def paging_of(path: str, view: View, total: int) -> Paging:
    """The ways from a page of a list of `total` reviews to those beside it."""

    def beside(page: int) -> str:
        return Place(path, View(page=page).query()).path()

    newer = beside(view.page - 1) if view.page > 1 else None
    older = beside(view.page + 1) if view.page * PER_PAGE < total else None
    return Paging(total=total, first=(view.page - 1) * PER_PAGE + 1, newer=newer, older=older)
