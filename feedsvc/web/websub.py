"""What hubs say to a callback address in, subscriptions verified and documents kept out (W3C WebSub, 5 to 7).

A token in the address says who may speak, a signature whose word a document is. Nothing is fetched here, nothing that
a hub says stands in a header or a page, and nobody without a token has so much as a body read.
"""

from __future__ import annotations

import hmac
import logging
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from flask import Blueprint, Response, abort, request

from feedsvc.model import Subscription, SubscriptionState
from feedsvc.web.arriving import Arriving, plain, single

log = logging.getLogger(__name__)

#: Digests that a document may be signed with; SHA-1 is not enough (WebSub, 8.3).
ALGORITHMS = ("sha256", "sha384", "sha512")
#: What a hub may have us repeat: printable ASCII, and not much of it (WebSub, 8.2).
CHALLENGE = re.compile(r"[ -~]{1,1024}")
LEASE = re.compile(r"[0-9]{1,12}", re.ASCII)
#: The lease of a hub that names none, and the longest that is believed. Renewed after two thirds, never at once.
USUAL_LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=60)
SOONEST_RENEWAL = timedelta(minutes=5)
#: How long a hub that denied a subscription is left alone.
DENIED_FOR = timedelta(days=30)
#: Seconds in which a body must have come.
BODY_WITHIN = 30.0
#: Bodies on their way in one process: half of the server's threads, so that readers are served meanwhile.
BODIES_AT_ONCE = 2


class Subscriptions(Protocol):
    """What the callbacks need of what is kept; every method raises StoreError when it cannot be told now."""

    def of_token(self, token: str) -> Subscription | None:
        """The subscription that a callback address belongs to."""

    def confirm(
        self, token: str, mode: str, topic: str, *, now: datetime, lease_until: datetime, renew_at: datetime
    ) -> bool:
        """Whether we did ask the hub for that; then it is taken as done."""

    def denied(self, token: str, topic: str, until: datetime) -> bool:
        """Takes a hub's refusal; False where there is nothing to refuse."""

    def receive(self, token: str, body: bytes, media_type: str | None, charset: str | None, now: datetime) -> bool:
        """Keeps a document whose signature proved right."""


def websub(
    subscriptions: Subscriptions, clock: Callable[[], datetime], max_body: int, body_within: float = BODY_WITHIN
) -> Blueprint:
    """Callbacks at `/websub/TOKEN`: GET verifies or denies, POST delivers, `max_body` bytes at most."""
    blueprint = Blueprint("websub", __name__)
    places = threading.BoundedSemaphore(BODIES_AT_ONCE)

    @blueprint.get("/websub/<token>")
    def verify(token: str) -> Response:
        if request.method != "GET":
            abort(405)  # HEAD would confirm without saying so.
        return _verified(subscriptions, token, clock())

    @blueprint.post("/websub/<token>")
    def deliver(token: str) -> Response:
        addressed = _addressed(subscriptions, token)
        if (request.content_length or 0) > max_body:
            abort(413)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            abort(415)
        body = Arriving(request.stream, max_body, places).whole(body_within)
        if _is_signed(request.headers.get("X-Hub-Signature", ""), addressed.secret, body):
            media_type = request.mimetype[:255] or None
            charset = request.mimetype_params.get("charset", "")[:40] or None
            subscriptions.receive(token, body, media_type, charset, clock())
        else:
            # Answered like the others, or whoever forges one could learn from the answers (WebSub, 7.1.2).
            log.warning("a delivery for %s was not signed by its hub with SHA-256 or better: ignored", addressed.source)
        return plain("", 202)

    return blueprint


# -------------------------------------------------------------------------------------------------- what a hub verifies


def _verified(subscriptions: Subscriptions, token: str, now: datetime) -> Response:
    """The challenge alone where a hub asks about what we asked it; 404 for everything else (WebSub, 5.3.1)."""
    mode, topic = (single(request.args, name) for name in ("hub.mode", "hub.topic"))
    if mode is None or topic is None:
        abort(404)
    if mode == "denied":
        if not subscriptions.denied(token, topic, now + DENIED_FOR):
            abort(404)
        log.warning("a hub denied %r: %r", topic[:200], (single(request.args, "hub.reason") or "")[:200])
        return plain("", 200)
    challenge = single(request.args, "hub.challenge") or ""
    lease = _lease(single(request.args, "hub.lease_seconds")) if mode == "subscribe" else USUAL_LEASE
    if lease is None or not CHALLENGE.fullmatch(challenge):
        abort(404)
    renew_at = now + max(lease * 2 / 3, SOONEST_RENEWAL)
    if not subscriptions.confirm(token, mode, topic, now=now, lease_until=now + lease, renew_at=renew_at):
        abort(404)
    return plain(challenge, 200)


def _lease(stated: str | None) -> timedelta | None:
    """How long a hub will deliver; None when what it says is no positive number of seconds."""
    if stated is None:
        return USUAL_LEASE
    if not LEASE.fullmatch(stated) or int(stated) == 0:
        return None
    return min(timedelta(seconds=int(stated)), LONGEST_LEASE)


# -------------------------------------------------------------------------------------------------- what a hub delivers


def _addressed(subscriptions: Subscriptions, token: str) -> Subscription:
    """Whom a delivery is for; 404 for nobody, 410 where it is over, which ends it at the hub too (WebSub, 7)."""
    found = subscriptions.of_token(token)
    if found is not None and found.state in (SubscriptionState.ENDED, SubscriptionState.DENIED):
        abort(410)
    if found is None or found.state is not SubscriptionState.VERIFIED:
        abort(404)
    return found


def _is_signed(header: str, secret: str, body: bytes) -> bool:
    """Whether "METHOD=HEX" is the HMAC of the body with our secret (WebSub, 7.1), compared in constant time."""
    method, _, claimed = header.partition("=")
    if method not in ALGORITHMS:
        return False
    wanted = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(wanted.encode(), claimed.lower().encode("utf-8", "replace"))
