"""What the hub knows that this service is itself (W3C WebSub, 5 to 7), and what hubs of others are to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody asked of our hub, before the callback has said that it was meant (WebSub, 5.1).

    `host` is the callback's, in lower case with its port; `lease` is in seconds, None where none was named.
    """

    mode: Literal["subscribe", "unsubscribe"]
    topic: str
    callback: str = field(repr=False)
    host: str
    secret: str | None = field(default=None, repr=False)
    lease: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscriber:
    """One who gets a topic from our hub until `lease_until`. A callback is a secret between the two: never logged."""

    id: int
    topic: str
    callback: str = field(repr=False)
    host: str
    secret: str | None = field(repr=False)
    since: datetime
    lease_until: datetime
    #: The ETag of what it was sent last, and when; None when nothing was yet.
    sent: str | None
    last_delivery: datetime | None
    #: Deliveries in a row that were given up.
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Word to a hub of others that a topic has changed, not yet taken."""

    id: int
    hub: str
    topic: str
    due: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One piece of work in line: for which host, and how often it was tried in vain."""

    id: int
    host: str
    failures: int = 0
