"""The answer to a request for robots.txt in; which pages of its origin may be asked for, and how fast, out. Pure.

RFC 9309: what cannot be reached forbids everything (2.3.1.4), what is not there forbids nothing (2.3.1.3), and nothing
is kept longer than a day (2.4). `Crawl-delay` is no part of it, but widely written and meant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from protego import Protego

from feedsvc.errors import HttpStatus, SourceError
from feedsvc.errors import Refused as OursToRefuse
from feedsvc.model import Asking, Fetched, Robots

#: The name that rules for us alone are written under.
ROBOT = "feedsvc"
#: So much of a file counts, in bytes (RFC 9309, 2.5 wants at least 500 KiB).
LARGEST = 512 * 1024
#: How long an answer holds; what Cache-Control says counts in between.
LONGEST, SHORTEST = timedelta(days=1), timedelta(hours=1)
#: The longest Crawl-delay that is kept to the second, in seconds.
LONGEST_DELAY = 60.0
#: Neither says that there is no such file: the server is busy.
_BUSY = (408, 429)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def robots_url(origin: str) -> str:
    """Where the robots.txt of an origin stands (RFC 9309, 2.3)."""
    return f"{origin}/robots.txt"


def robots_of(origin: str, answer: Fetched | SourceError, now: datetime) -> Robots:
    """What an answer allows, and until when that holds.

    An address that our own rules forbid says nothing: the page's own request tells what is wrong.
    """
    if isinstance(answer, Fetched):
        text = answer.body[:LARGEST].decode("utf-8-sig", "replace").replace("\0", "")
        held = LONGEST if answer.max_age is None else timedelta(seconds=min(answer.max_age, 86400.0))
        return Robots(origin=origin, asking=Asking.RULES, until=now + max(held, SHORTEST), text=text)
    if isinstance(answer, OursToRefuse):
        return Robots(origin=origin, asking=Asking.ALL, until=now)
    if isinstance(answer, HttpStatus) and 400 <= answer.status < 500 and answer.status not in _BUSY:
        return Robots(origin=origin, asking=Asking.ALL, until=now + LONGEST)
    wait = answer.retry_after if isinstance(answer, HttpStatus) else None
    held = min(max(timedelta(seconds=min(wait or 0.0, 86400.0)), SHORTEST), LONGEST)
    return Robots(origin=origin, asking=Asking.NOTHING, until=now + held)


def refusal(robots: Robots, url: str) -> str | None:
    """Why a page may not be asked for; None: it may."""
    if robots.asking is Asking.NOTHING:
        return (
            f"{url}: {robots_url(robots.origin)} cannot be had, which forbids its pages until it answers. "
            "It is tried again later."
        )
    if robots.asking is Asking.RULES and not _rules(robots.text).can_fetch(url, ROBOT):
        return (
            f"{url}: {robots_url(robots.origin)} asks programs to leave it alone. Ask the outlet to allow "
            f'"User-agent: {ROBOT}" there, or take it out.'
        )
    return None


def delay_of(robots: Robots) -> float:
    """Seconds between two requests that the outlet asks for, 0 when it does not; never more than a minute."""
    if robots.asking is not Asking.RULES:
        return 0.0
    return min(_rules(robots.text).crawl_delay(ROBOT) or 0.0, LONGEST_DELAY)


@lru_cache(64)
def _rules(text: str) -> Protego:
    return Protego.parse(text)
