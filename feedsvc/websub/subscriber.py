"""Subscriptions whose time has come in, hubs asked to deliver, or to stop, out (W3C WebSub, 5): the shell around it.

What hubs answer later they say to the web server's callbacks (feedsvc.web.websub); both meet in the store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.errors import Refused, SourceError
from feedsvc.fetch import FetchOptions, post_form
from feedsvc.model import Discovery, Site, Subscription, SubscriptionState
from feedsvc.normalise.hubs import reachable
from feedsvc.store import Store

log = logging.getLogger(__name__)

#: Seconds that a subscription is asked to last: as long as most hubs grant.
LEASE = 10 * 86400
#: How long a hub that refused is left alone.
REFUSED_FOR = timedelta(days=30)
#: Statuses of a client error that will pass (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4).
PASSING = (408, 425, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """What asking hubs needs from the edge: the store, where the site stands, how requests are made, and a clock."""

    store: Store
    site: Site
    options: FetchOptions
    clock: Callable[[], datetime]


def renew(subscriber: Subscriber, stopping: Callable[[], bool]) -> int:
    """Ask every hub that is due, one after another, and say how many were asked; ends early when told to stop.

    New subscriptions are asked for, those that have run two thirds of their lease renewed, ended ones released. A hub
    that does not answer, or does not verify, is asked again after ever longer pauses; one that refuses is left alone.
    """
    end(subscriber)
    kept, asked = subscriber.store.subscriptions, 0
    for token in kept.due(subscriber.clock()):
        if stopping():
            break
        if subscription := kept.take(token, subscriber.clock()):
            asked += _asked(subscriber, subscription)
    return asked


def end(subscriber: Subscriber) -> int:
    """End what belongs to sources that are switched off, gone or configured elsewhere; `renew` tells the hubs."""
    return subscriber.store.subscriptions.end_strays(subscriber.clock())


def _asked(subscriber: Subscriber, subscription: Subscription) -> bool:
    """Ask one hub; whatever it or the network does, the others are asked too."""
    kept = subscriber.store.subscriptions
    callback = f"{subscriber.site.base_url}/websub/{subscription.token}"
    if not reachable(Discovery(hubs=(subscription.hub,), topic=subscription.topic), callback):
        # The site has moved to where this hub cannot call it: we poll.
        kept.drop(subscription.token)
        return False
    try:
        status = post_form(subscription.hub, _form(subscription, callback), subscriber.options)
    except Refused as rule:
        _refused(subscriber, subscription, str(rule))
    except SourceError as fault:
        log.info("%s: its hub cannot be asked: %s", subscription.source, fault)
    else:
        if status in PASSING or status >= 500:
            log.info(
                "%s: its hub %s answers %d and is asked again later", subscription.source, subscription.hub, status
            )
        elif not 200 <= status < 300:
            _refused(subscriber, subscription, f"its hub {subscription.hub} answers {status}")
    return True


def _form(subscription: Subscription, callback: str) -> dict[str, str]:
    """What a hub is asked (WebSub, 5.1): to release what is ended, to deliver everything else, signed."""
    asked = {"hub.callback": callback, "hub.topic": subscription.topic}
    if subscription.state is SubscriptionState.ENDED:
        return {**asked, "hub.mode": "unsubscribe"}
    return {**asked, "hub.mode": "subscribe", "hub.lease_seconds": str(LEASE), "hub.secret": subscription.secret}


def _refused(subscriber: Subscriber, subscription: Subscription, reason: str) -> None:
    log.warning("%s is polled, since its hub cannot deliver: %s", subscription.source, reason)
    subscriber.store.subscriptions.refused(subscription.token, subscriber.clock() + REFUSED_FOR)
