"""A whole answer in, `Fetched` or `Unchanged` out, or `HttpStatus`. Pure; `now` in seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from feedsvc.errors import HttpStatus, Unreachable
from feedsvc.fetch.decoding import Body
from feedsvc.fetch.headers import Head, content_type, max_age, retry_after
from feedsvc.fetch.links import links_of
from feedsvc.model import Fetched, Unchanged

#: Statuses whose body is the document (203: a proxy on the way has changed it).
OK = (200, 203)
#: Every status that means yes (RFC 9110 15.3).
SUCCESS = range(200, 300)
#: Only what is new since the validators (RFC 3229 10.4.1), where we said that we take it.
DELTA = 226
#: The instance manipulation that we ask for (RFC 3229; "feed" is defined for Atom and RSS).
FEED = "feed"
_NOT_MODIFIED = 304

_ADVICE = {
    304: "It says that nothing has changed, though we did not ask so. Tell the outlet.",
    400: "It does not understand the request. Check the address.",
    401: "It asks for credentials. Ask the outlet for a public feed, or for credentials.",
    403: "It refuses us, or asks for credentials. Ask the outlet to let feedsvc read its feed.",
    404: "There is nothing at this address. Look on the outlet's site for its feed.",
    410: "It says that the feed is gone for good. Look on the outlet's site for a new one, or set enabled = false.",
    429: "It asks us to come less often. Raise the source's interval.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked. `conditional`: validators were sent; `deltas`: new entries alone were welcome.

    `moved`: only permanent redirects led there; `wait`: seconds that a redirect on the way asked us to wait; `good`:
    the statuses whose body is what was asked for.
    """

    url: str
    conditional: bool = False
    deltas: bool = False
    moved: bool = False
    wait: float | None = None
    good: Collection[int] = OK


def verdict(asked: Asked, head: Head, body: Callable[[], Body], now: float) -> Fetched | Unchanged:
    """What an answer means.

    Raises HttpStatus for a status that carries no feed, Unreachable or TooLarge when the body is not to be had.
    """
    moved_to = asked.url if asked.moved else None
    if head.status == _NOT_MODIFIED and asked.conditional:
        return Unchanged(
            url=asked.url,
            max_age=max_age(head, now),
            retry_after=_longer(retry_after(head, now), asked.wait),
            moved_to=moved_to,
        )
    delta = head.status == DELTA and asked.deltas
    if head.status not in asked.good and not delta:
        message = f"{asked.url}: the server answers {head.status}. {_advice(head.status)}"
        raise HttpStatus(message, head.status, _longer(retry_after(head, now), asked.wait))
    manipulations = head.list("im")
    if delta and set(manipulations) - {FEED}:
        raise Unreachable(
            f"{asked.url}: the answer is put together in a way that we did not ask for ({', '.join(manipulations)}). "
            "Tell the outlet: we asked for A-IM: feed only.",
            kind="encoding",
        )
    media_type, charset = content_type(head)
    return Fetched(
        url=asked.url,
        body=body().finish(),
        media_type=media_type,
        charset=charset,
        etag=head.get("etag"),
        last_modified=head.get("last-modified"),
        max_age=max_age(head, now),
        retry_after=_longer(retry_after(head, now), asked.wait),
        moved_to=moved_to,
        links=links_of(head, asked.url) if "link" in head.fields else (),
        delta=delta,
        knows_deltas=delta or FEED in manipulations or "a-im" in head.list("vary"),
    )


def _longer(first: float | None, second: float | None) -> float | None:
    return max(first, second) if first is not None and second is not None else second if first is None else first


def _advice(status: int) -> str:
    if status in _ADVICE:
        return _ADVICE[status]
    return "It is tried again later." if status >= 500 else "That carries no feed. Check the address."
