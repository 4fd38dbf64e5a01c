"""What the publisher and the hub have in common: the desk they work at, one request to be made, and pauses.

An errand is made once; whether it is made again, and when, stands in the store before it goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from feedsvc.config import Settings
from feedsvc.errors import HttpStatus, SourceError
from feedsvc.fetch import Answer, Postponed, Request
from feedsvc.model import Fetched, Rendition
from feedsvc.render import FORMATS
from feedsvc.store import Store

#: The pause after the first failure, doubled after each, up to the longest.
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
#: A hub of others fetches what it is told of at once, so it is told when every process of ours serves the new bytes:
#: they take them over within a fraction of this (feedsvc.web.memory), even where the machine is busy.
SETTLING = timedelta(seconds=2)
#: How far a pause may lie from that, as a share of it.
JITTER = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What telling others needs from the edge: the store, the settings, a clock, and when hubs of others are told."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    settling: timedelta = SETTLING

    def topics(self) -> dict[str, str]:
        """Topic → path: every address of a feed that anybody may read, which is what can be subscribed to."""
        feeds = self.settings.public_feeds
        paths = (f"/feeds/{feed.name}{form.suffix}" for feed in feeds for form in FORMATS.values())
        return {self.settings.site.url(path): path for path in paths}

    def published(self) -> dict[str, str]:
        """Topic → ETag of what stands there now."""
        known = self.topics()
        etags = self.store.renditions.etags_of(list(known.values()))
        return {topic: etags[path] for topic, path in known.items() if path in etags}

    def rendition(self, topic: str) -> Rendition | None:
        """What stands at a topic now; None where it is none of ours, or nothing stands there."""
        path = self.topics().get(topic)
        return self.store.renditions.get(path) if path else None


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of what a method of the store is to be given: those of many answers are given together."""

    method: Callable[[Mapping[int, Any]], None]
    number: int
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request that is to be made at a host, and what its answer means for the store."""

    host: str
    request: Request
    settle: Callable[[Answer], Note | None]


def again(now: datetime, number: int, failures: int) -> datetime:
    """When what is tried now is tried next if it fails: ever later, and for each piece of work a little differently."""
    pause = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE)
    share = crc32(b"%d %d" % (number, failures)) / 2**32
    found: datetime = now + pause * (1 - JITTER + 2 * JITTER * share)
    return found


def moment(put_off: Postponed) -> datetime:
    """Until when a host asked to be left alone."""
    return datetime.fromtimestamp(put_off.until, UTC)


def status_of(answer: Answer) -> int | None:
    """The status that an answer came with; None when none did."""
    if isinstance(answer, HttpStatus):
        return answer.status
    return 200 if isinstance(answer, Fetched) else None


def succeeded(answer: Answer) -> bool:
    """Whether an answer means yes (RFC 9110 15.3)."""
    status = status_of(answer)
    return status is not None and 200 <= status < 300


def reason(answer: Answer) -> str:
    """What an answer that means no came to, in a few words that name no callback's path."""
    if (status := status_of(answer)) is not None:
        return f"it answers {status}"
    if isinstance(answer, Postponed):
        return "it asks to be left alone"
    return f"it cannot be asked ({answer.kind})" if isinstance(answer, SourceError) else "it says nothing"
