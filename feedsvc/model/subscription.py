"""What is known of hubs that deliver instead of being asked (W3C WebSub): discoveries, subscriptions, deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from feedsvc.model.claims import Fetched


class SubscriptionState(StrEnum):
    """Where a subscription stands between us and its hub."""

    #: A document names the hub; it has not been asked yet.
    WANTED = "wanted"
    #: The hub was asked, and has not verified that it was us.
    ASKED = "asked"
    #: The hub has verified and promised to deliver until the lease ends.
    VERIFIED = "verified"
    #: The hub refused; it is not asked again for long.
    DENIED = "denied"
    #: No longer wanted; the hub is told so.
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a document says of its hubs (WebSub, 4): their addresses, best first, and the topic to subscribe to."""

    hubs: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One source's subscription at one hub. `token` ends its callback address, `secret` is what the hub signs with."""

    id: int
    source: str
    hub: str
    topic: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: SubscriptionState
    #: When the hub was asked, while it has not answered by a verification.
    asked: datetime | None
    lease_until: datetime | None
    #: When the hub is to be asked (again).
    renew_at: datetime
    last_delivery: datetime | None
    #: How often in a row it was asked without verifying.
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One document that a hub sent for one source, proven by its signature to be the hub's."""

    id: int
    source: str
    topic: str
    body: bytes = field(repr=False)
    media_type: str | None
    charset: str | None
    received: datetime

    def fetched(self) -> Fetched:
        """The same as a document to be read; without validators, since it did not come from the source's server."""
        return Fetched(url=self.topic, body=self.body, media_type=self.media_type, charset=self.charset)
