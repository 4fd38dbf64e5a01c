"""A whole answer in, `Fetched` or `Unchanged` out, or `HttpStatus`. Pure; `now` in seconds since 1970."""

from __future__ import annotations

from feedsvc.errors import HttpStatus
from feedsvc.fetch.decoding import Body
from feedsvc.fetch.headers import Head, content_type, max_age, retry_after
from feedsvc.model import Fetched, Unchanged

#: Statuses whose body is the document (203: a proxy on the way has changed it).
OK = (200, 203)
_NOT_MODIFIED = 304

_ADVICE = {
    304: "It says that nothing has changed, though we did not ask so. Tell the outlet.",
    400: "It does not understand the request. Check the address.",
    401: "It asks for credentials. Ask the outlet for a public feed.",
    403: "It refuses us, or asks for credentials. Ask the outlet to let feedsvc read its feed.",
    404: "There is nothing at this address. Look on the outlet's site for its feed.",
    410: "It says that the feed is gone for good. Look on the outlet's site for a new one, or set enabled = false.",
    429: "It asks us to come less often. Raise the source's interval.",
}


def verdict(url: str, head: Head, body: Body, *, moved: bool, asked: bool, now: float) -> Fetched | Unchanged:
    """What an answer at `url` means. `asked`: validators were sent; `moved`: only permanent redirects led there.

    Raises HttpStatus for a status that carries no feed, Unreachable when the body ends before its end.
    """
    if head.status == _NOT_MODIFIED and asked:
        return Unchanged(url=url, max_age=max_age(head, now))
    if head.status not in OK:
        message = f"{url}: the server answers {head.status}. {_advice(head.status)}"
        raise HttpStatus(message, head.status, retry_after(head, now))
    media_type, charset = content_type(head)
    return Fetched(
        url=url,
        body=body.finish(),
        media_type=media_type,
        charset=charset,
        etag=head.get("etag"),
        last_modified=head.get("last-modified"),
        max_age=max_age(head, now),
        moved_to=url if moved else None,
    )


def _advice(status: int) -> str:
    if status in _ADVICE:
        return _ADVICE[status]
    return "It is tried again later." if status >= 500 else "That carries no feed. Check the address."
