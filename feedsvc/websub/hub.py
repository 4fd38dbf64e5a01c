"""What was asked of our hub and what has changed in, verifications and deliveries out (W3C WebSub, 5.2, 5.3 and 7).

A callback's address is a secret between its owner and us: logs name its host alone.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache, partial
from urllib.parse import urlencode, urlsplit

from feedsvc.config import own_hub
from feedsvc.errors import Refused
from feedsvc.fetch import Answer, Postponed, Request
from feedsvc.model import Fetched, HubSubscriber, Intent, Rendition, Waiting, content_type
from feedsvc.websub.errand import Desk, Errand, Note, again, moment, reason, status_of, succeeded

log = logging.getLogger(__name__)

#: 256 bits of randomness that a callback must repeat.
CHALLENGE_BYTES = 32


# --------------------------------------------------------------------------------------------------------- verification


def verifications(desk: Desk, waiting: Sequence[Waiting]) -> Iterator[Errand]:
    """The errands that ask callbacks whether they meant it, or tell them why they cannot have it."""
    for number, intent in desk.store.hub.take([one.id for one in waiting], desk.clock()).items():
        why = _objection(desk, intent)
        yield _denial(desk, number, intent, why) if why else _question(desk, number, intent)


def _objection(desk: Desk, intent: Intent) -> str | None:
    """Why somebody cannot have what was asked for, in words that go to the callback; None when it can be."""
    subscribed = desk.store.hub.is_subscribed(intent.topic, intent.callback)
    leaves = intent.mode == "unsubscribe"
    if intent.topic not in desk.topics():
        return None if subscribed and leaves else "This hub does not deliver that topic."
    if subscribed or leaves:
        return None
    of_topic, at_host = desk.store.hub.crowd(intent.topic, intent.host)
    if of_topic >= desk.settings.websub.max_subscribers:
        return "This topic has as many subscribers as it can have."
    if at_host >= desk.settings.websub.max_per_host:
        return "This host has as many subscriptions as it can have."
    return None


def _denial(desk: Desk, number: int, intent: Intent, why: str) -> Errand:
    log.info("%s cannot subscribe to %r: %s", intent.host, intent.topic[:200], why)
    said = {"hub.mode": "denied", "hub.topic": intent.topic, "hub.reason": why}
    request = Request(f"intent {number}", _with(intent.callback, said), callback=True)
    return Errand(host=intent.host, request=request, settle=lambda _: Note(desk.store.hub.unverified, number, None))


def _question(desk: Desk, number: int, intent: Intent) -> Errand:
    challenge = secrets.token_urlsafe(CHALLENGE_BYTES)
    asked = {"hub.mode": intent.mode, "hub.topic": intent.topic, "hub.challenge": challenge}
    if intent.mode == "subscribe":
        asked["hub.lease_seconds"] = str(_lease(desk, intent))
    request = Request(f"intent {number}", _with(intent.callback, asked), callback=True)
    return Errand(host=intent.host, request=request, settle=partial(_verified, desk, number, intent, challenge))


def _lease(desk: Desk, intent: Intent) -> int:
    """Seconds that a subscription lasts: what was asked for, within our bounds (WebSub, 5.1)."""
    bounds = desk.settings.websub
    return int(min(max(intent.lease or bounds.default_lease, bounds.min_lease), bounds.max_lease))


def _with(callback: str, parameters: dict[str, str]) -> str:
    """A callback with parameters beside those that it has (WebSub, 5.3)."""
    return f"{callback}{'&' if urlsplit(callback).query else '?'}{urlencode(parameters)}"


def _verified(desk: Desk, number: int, intent: Intent, challenge: str, answer: Answer) -> Note | None:
    """The challenge itself and nothing else, with any 2xx, says that it was meant (WebSub, 5.3.1)."""
    if said := _doubt(challenge, answer):
        log.info("%s has not verified: %s %s: %s", intent.host, intent.mode, intent.topic, said)
        return Note(desk.store.hub.unverified, number, None)
    now = desk.clock()
    if _objection(desk, intent):
        # Others took the last place while the callback was asked: it is told so.
        desk.store.hub.once_more(number, now)
        return None
    until = now + timedelta(seconds=_lease(desk, intent))
    if desk.store.hub.verified(number, until, now):
        lasting = f" until {until:%Y-%m-%d %H:%M} UTC" if intent.mode == "subscribe" else ""
        log.info("%s: %s %s%s", intent.host, intent.mode, intent.topic, lasting)
    return None


def _doubt(challenge: str, answer: Answer) -> str | None:
    """What speaks against it, in words; None when nothing does."""
    if not isinstance(answer, Fetched):
        return reason(answer)
    return None if hmac.compare_digest(answer.body, challenge.encode()) else "it does not repeat the challenge"


# ----------------------------------------------------------------------------------------------------------- deliveries


def deliveries(desk: Desk, waiting: Sequence[Waiting]) -> Iterator[Errand]:
    """The errands that bring subscribers what is published now; who cannot have it any more is left out."""
    hub, now = desk.store.hub, desk.clock()
    published = cache(desk.rendition)
    taken = hub.deliveries.take({one: again(now, one.id, one.failures) for one in waiting}, now)
    tried = {one.id: one.failures for one in waiting}
    for number, etag in taken.items():
        subscriber = hub.subscriber(number)
        rendition = published(subscriber.topic) if subscriber and subscriber.lease_until > now else None
        if subscriber is None or rendition is None:
            hub.gave_up({number: etag})
        else:
            settle = partial(_settle, desk, subscriber, tried[number], (etag, rendition.etag))
            request = _delivery(desk, subscriber, rendition)
            yield Errand(host=subscriber.host, request=request, settle=settle)


def _delivery(desk: Desk, subscriber: HubSubscriber, rendition: Rendition) -> Request:
    """The whole document, as it is served, with where it belongs, and proof that it comes from us (WebSub, 7)."""
    fields = [("Link", f'<{own_hub(desk.settings)}>; rel="hub", <{subscriber.topic}>; rel="self"')]
    if subscriber.secret is not None:
        signature = hmac.new(subscriber.secret.encode(), rendition.body, "sha256").hexdigest()
        fields.append(("X-Hub-Signature", f"sha256={signature}"))
    return Request(
        f"delivery {subscriber.id}",
        subscriber.callback,
        body=rendition.body,
        media_type=content_type(rendition.media_type),
        fields=tuple(fields),
        callback=True,
    )


def _settle(
    desk: Desk, subscriber: HubSubscriber, failures: int, etags: tuple[str, str], answer: Answer
) -> Note | None:
    hub, number = desk.store.hub, subscriber.id
    if isinstance(answer, Postponed):
        return Note(hub.deliveries.later, number, moment(answer))
    if succeeded(answer):
        return Note(hub.delivered, number, (*etags, desk.clock()))
    if status_of(answer) == 410:
        log.info("%s does not want %s any more", subscriber.host, subscriber.topic)
        return Note(hub.gone, number, None)
    if isinstance(answer, Refused) or failures >= desk.settings.websub.retries:
        log.warning("%s is not given this change of %s: %s", subscriber.host, subscriber.topic, reason(answer))
        return Note(hub.gave_up, number, etags[0])
    log.info("%s is given %s later: %s", subscriber.host, subscriber.topic, reason(answer))
    return None
