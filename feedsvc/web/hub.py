"""What somebody asks of our hub in, a note of it in the store out (W3C WebSub, 5.1). Nobody is asked back from here."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import MultiDict

from feedsvc.config import HUB_PATH
from feedsvc.model import Intent
from feedsvc.web.arriving import Arriving, later, plain, single

#: The largest form that is read, in bytes, and its most fields.
MOST, FIELDS = 16 * 1024, 50
#: Seconds in which it must have come; forms on their way in one process.
FORM_WITHIN = 10.0
FORMS_AT_ONCE = 2
#: Seconds after which a host that never verified may be named again.
REFUSED_FOR = 3600
ADDRESS = re.compile(r"[!-~]{1,2000}")
LEASE = re.compile(r"0*[1-9][0-9]{0,9}", re.ASCII)
#: A secret is shorter than this, in bytes (WebSub, 5.1).
SECRET = 200


class Asked(Protocol):
    """What the endpoint needs of what is kept."""

    def ask(self, intent: Intent, now: datetime) -> bool:
        """Notes what is to be verified; False where too much has been asked. Raises StoreError."""


def hub(asked: Asked, clock: Callable[[], datetime], form_within: float = FORM_WITHIN) -> Blueprint:
    """The hub at `/hub`: a good request is answered 202 at once, and verified by whoever tells subscribers."""
    blueprint = Blueprint("hub", __name__)
    places = threading.BoundedSemaphore(FORMS_AT_ONCE)

    @blueprint.post(HUB_PATH)
    def ask() -> Response:
        if request.mimetype != "application/x-www-form-urlencoded":
            return plain("Send a form: application/x-www-form-urlencoded.", 415)
        if (request.content_length or 0) > MOST:
            abort(413)
        body = Arriving(request.stream, MOST, places).whole(form_within)
        try:
            intent = _intent(_form(body))
        except ValueError as fault:
            return plain(f"{fault}\n", 400)
        if not asked.ask(intent, clock()):
            said = f"Too many requests for callbacks at {intent.host} have not been verified. Try again in an hour.\n"
            return later(REFUSED_FOR, 429, said)
        return plain("", 202)

    return blueprint


def _form(body: bytes) -> MultiDict[str, str]:
    """The fields; raises ValueError for what is no form."""
    try:
        return MultiDict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
    except ValueError:
        raise ValueError("This is no form: it must be UTF-8, percent-encoded, and have at most 50 fields.") from None


def _intent(form: MultiDict[str, str]) -> Intent:
    """What is asked; raises ValueError with a sentence that says what would be right."""
    callback = _address(form, "hub.callback")
    return Intent(
        mode=_mode(form),
        topic=_address(form, "hub.topic"),
        callback=callback,
        host=(urlsplit(callback).hostname or "").rstrip("."),
        secret=_secret(form),
        lease=_lease(form),
    )


def _mode(form: MultiDict[str, str]) -> Literal["subscribe", "unsubscribe"]:
    match single(form, "hub.mode"):
        case "subscribe":
            return "subscribe"
        case "unsubscribe":
            return "unsubscribe"
    raise ValueError('hub.mode must be "subscribe" or "unsubscribe", once; this hub serves its own feeds alone.')


def _address(form: MultiDict[str, str], name: str) -> str:
    """An absolute http or https address as it may stand in a request; raises ValueError."""
    value = single(form, name) or ""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        good = good and (parts.port is None or parts.port > 0) and "#" not in value
    except ValueError:
        good = False
    if not good or not ADDRESS.fullmatch(value):
        raise ValueError(
            f"{name} must be given once, as an absolute http or https address in ASCII, of at most 2000 characters, "
            "without user name and fragment."
        )
    return value


def _lease(form: MultiDict[str, str]) -> int | None:
    lease = single(form, "hub.lease_seconds")
    if lease == "" or (lease is None and "hub.lease_seconds" not in form):
        return None
    if lease is None or not LEASE.fullmatch(lease):
        raise ValueError("hub.lease_seconds must be a whole number of seconds above 0, or be left out.")
    return int(lease)


def _secret(form: MultiDict[str, str]) -> str | None:
    secret = single(form, "hub.secret")
    if secret is None and "hub.secret" not in form:
        return None
    if secret is None or len(secret.encode()) >= SECRET or "\0" in secret:
        raise ValueError("hub.secret must be shorter than 200 bytes, or be left out.")
    return secret or None
