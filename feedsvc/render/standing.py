"""A source and what the store knows of it in, how it is in plain words out.

The page of sources is public. An error's own message may name a path or a secret part of an address, so it stays with
the operator's commands; the page says the same by the error's kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from feedsvc.model import Source, SourceState, is_url
from feedsvc.render.wording import moment


class Standing(NamedTuple):
    """How a source is: a word to colour by (well, trouble, new, off), a short label and a sentence."""

    word: str
    label: str
    sentence: str


#: What went wrong, by the `kind` of the error, for somebody who does not run this service.
TROUBLES: Mapping[str, str] = {
    "dns": "its address was not found",
    "refused": "the connection was refused",
    "forbidden": "the rules of this service forbid its address",
    "redirects": "it sends us on and on, or to where we may not follow",
    "robots": "its robots.txt asks us to stay away",
    "bug": "this service has a fault, which its log describes",
    "timeout": "it did not answer in time",
    "tls": "its certificate could not be trusted",
    "unreachable": "it could not be reached",
    "too-large": "its document was larger than we read",
    "not-a-feed": "what it served was not a feed",
    "malformed": "its feed was too broken to be read",
    "unreadable": "a document in it could not be read",
    "unattributable": "a review in it named neither an address nor an outlet",
}
#: A look that is this much late means that nobody looks.
LATE = timedelta(hours=1)


def standing(source: Source, state: SourceState | None, now: datetime) -> Standing:
    """How a source is at `now`."""
    if not source.enabled:
        return Standing("off", "Switched off", "Not collected at present.")
    if state is None or state.last_checked is None:
        return Standing("new", "New", "Not looked at yet.")
    if state.stopped:
        return Standing("trouble", "Gone", "The outlet has taken it away for good; it is not looked at any more.")
    if state.failures:
        return Standing("trouble", "Trouble", _trouble(state))
    if state.next_check + LATE < now:
        return Standing("trouble", "Late", f"It was to be looked at on {moment(state.next_check)}, and was not.")
    return Standing("well", "Working", f"Next look {moment(state.next_check)}.")


def _trouble(state: SourceState) -> str:
    kind = state.error_kind or ""
    words = TROUBLES.get(kind, "it could not be read")
    if kind.startswith("http-"):
        words = f"its server answered with the error {kind.removeprefix('http-')}"
    when = "At the last look" if state.failures == 1 else f"At each of the last {state.failures} looks"
    return f"{when} {words}. Next look {moment(state.next_check)}."


def public_feed(source: Source) -> str | None:
    """A source's feed address, unless it is a path of this machine or carries a password."""
    return source.location if is_url(source.location) and "@" not in urlsplit(source.location).netloc else None


def discreet(text: str, source: Source | None) -> str:
    """A place or a reason without the path of this machine that it may name."""
    if source is None or is_url(source.location):
        return text
    return text.replace(f"{source.location.rstrip('/')}/", "").replace(source.location, source.name)
