"""Reviews that changed in; noted for views and search as far as anybody may see them, out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from feedsvc import __version__
from feedsvc.config import Settings
from feedsvc.model import Republish, Review
from feedsvc.normalise.works import JOINING
from feedsvc.publish.holdings import Holdings
from feedsvc.publish.joining import join
from feedsvc.publish.selecting import agreed, feeds_of, on_its_page

#: Reviews that are noted in one transaction.
BATCH = 500


def index(holdings: Holdings, most: int | None = None) -> int:
    """Note the reviews that changed, at most about so many, for views and search; how many were noted.

    Each is noted as the strictest of its feeds shows it: nobody finds it by a word or a rating that may not be shown.
    Copies are joined before, since that changes reviews too.
    """
    join(holdings, most)
    rules, shown = rules_of(holdings.settings), partial(_shown, holdings.settings)
    noted = 0
    while (most is None or noted < most) and (count := holdings.store.views.index(BATCH, shown, JOINING, rules)):
        noted += count
    return noted


def rules_of(settings: Settings) -> bytes:
    """A digest of all configuration that decides what may be seen of a review, and of this program."""
    agreements = sorted(
        (source.name, source.republish.value, source.licence or "")
        for source in settings.sources
        if source.republish is not Republish.AUTO or source.licence is not None
    )
    feeds = [(feed.sources, feed.commercial) for feed in settings.feeds]
    return hashlib.sha256(repr((__version__, agreements, feeds)).encode()).digest()


def _shown(settings: Settings, review: Review) -> Review:
    shown = on_its_page(settings, review, feeds_of(settings, review)).review
    # What is noted serves all feeds: of its carriers only those that everybody may know.
    return replace(shown, also=agreed(settings, review).also)
