"""Where redirects lead, look by look, in; which address to ask from now on out (RFC 9110 15.4.2, 15.4.9). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedsvc.errors import SourceError
from feedsvc.model import SourceState

#: A permanent redirect counts as permanent after so many looks in a row over so long.
MOVED_LOOKS, MOVED_FOR = 3, timedelta(days=1)
#: What an address says that is no longer the source's: then the configured one is asked again.
_LOST = frozenset({"http-404", "http-410", "dns", "tls", "refused", "forbidden", "redirects", "not-a-feed"})


def after_move(state: SourceState, *, asked: str, moved_to: str | None, now: datetime) -> SourceState:
    """What is known of a source's address after an answer: `moved_to` is where permanent redirects alone led, or None.

    The address asked is given up for another only when each of three looks over at least 24 hours led there. The
    configured address is never changed: `location_moved` stands beside it.
    """
    if moved_to is None or moved_to == asked:
        if state.moved_to is None:
            return state
        return state.but(moved_to=None, moved_since=None, moved_looks=0)
    since = state.moved_since
    if moved_to != state.moved_to or since is None or since > now:
        return state.but(moved_to=moved_to, moved_since=now, moved_looks=1)
    looks = state.moved_looks + 1
    if looks < MOVED_LOOKS or now - since < MOVED_FOR:
        return state.but(moved_looks=looks)
    return state.but(location_moved=moved_to, moved_to=None, moved_since=None, moved_looks=0)


def is_lost(state: SourceState, error: SourceError) -> bool:
    """Whether the address that was taken over is no longer the source's."""
    return state.location_moved is not None and error.kind in _LOST
