"""The store, the settings and a clock in; what a collection needs of them, for its requests and its readers, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from feedsvc import __version__
from feedsvc.collect.workers import Readers
from feedsvc.config import Settings
from feedsvc.fetch import FetchOptions, user_agent
from feedsvc.reading import Setup
from feedsvc.store import Claim, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What a collection does for others that collect from the same database.

    `ended` is told of each claim that nothing is done with any more, from any thread. Once `forsaken` says so, claims
    may have passed to others: everything under way is dropped at once. What more can be claimed is asked for every
    `again` seconds.
    """

    ended: Callable[[Claim], None] = lambda claim: None
    forsaken: Callable[[], bool] = lambda: False
    again: float = 5.0


#: What holds where one process does all.
ALONE = Shared()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """What collecting needs from the edge: the store, the operator's settings and a clock that gives UTC.

    `readers` are processes that outlive one collection; without them each collection starts and ends its own. Once
    `leave` says so, nothing more is claimed, and what is not answered within a few seconds is given back unread.
    """

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    readers: Readers | None = None
    leave: Callable[[], bool] = lambda: False
    shared: Shared = ALONE


def fetch_options(settings: Settings) -> FetchOptions:
    """How this service introduces itself, what it may reach and how much it takes."""
    polling = settings.polling
    return FetchOptions(
        user_agent=user_agent(__version__, polling.contact or settings.site.base_url, 1),
        private_allowed=polling.allow_private_addresses,
        allowed_ports=polling.allowed_ports,
        own_url=settings.site.base_url,
        limits=settings.limits,
    )


def readers_for(settings: Settings, processes: int | None = None) -> Readers:
    """The processes that read documents under these settings, as many as they say or so many."""
    return Readers(
        processes or settings.polling.processes,
        Setup(site=settings.site, outlets=settings.outlets, limits=settings.limits),
    )


def these(
    claims: Iterable[Claim], then: Callable[[int], Sequence[Claim]] = lambda limit: ()
) -> Callable[[int], Sequence[Claim]]:
    """Claims that are held already, as `collect` takes them, and `then` more."""
    waiting = iter(claims)
    return lambda limit: list(islice(waiting, limit)) or then(limit)
