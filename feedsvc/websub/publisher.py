"""What hubs of others have not been told in, requests that tell them out: "this topic has changed" (WebSub, 6)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

from feedsvc.errors import Refused
from feedsvc.fetch import Answer, Postponed, Request
from feedsvc.model import Announcement, Waiting
from feedsvc.websub.errand import Desk, Errand, Note, again, moment, reason, succeeded

log = logging.getLogger(__name__)


def announcements(desk: Desk, waiting: Sequence[Waiting]) -> Iterator[Errand]:
    """The errands of those pieces of work that are this process's now."""
    queue, now = desk.store.hub.announcements, desk.clock()
    taken = queue.take({one: again(now, one.id, one.failures) for one in waiting}, now)
    for number, etag in taken.items():
        if one := desk.store.hub.announcement(number):
            yield Errand(host=one.hub, request=_request(one), settle=partial(_settle, desk, one, etag))


def _request(one: Announcement) -> Request:
    """Hubs know the address by one name or the other; the recommendation leaves it to them (WebSub, 6)."""
    form = {"hub.mode": "publish", "hub.url": one.topic, "hub.topic": one.topic}
    return Request(f"announcement {one.id}", one.hub, body=urlencode(form).encode())


def _settle(desk: Desk, one: Announcement, etag: str, answer: Answer) -> Note | None:
    hub = desk.store.hub
    if isinstance(answer, Postponed):
        return Note(hub.announcements.later, one.id, moment(answer))
    if succeeded(answer):
        return Note(hub.told, one.id, etag)
    if isinstance(answer, Refused) or one.failures > desk.settings.websub.retries:
        log.warning("%s is not told that %s has changed: %s", one.hub, one.topic, reason(answer))
        return Note(hub.told, one.id, etag)
    log.info("%s is told later that %s has changed: %s", one.hub, one.topic, reason(answer))
    return None
