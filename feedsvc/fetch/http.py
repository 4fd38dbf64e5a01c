"""Requests in, what each came to out: all of an iterable, one, or a form to be posted, on the caller's own thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlencode

from feedsvc.errors import HttpStatus, SourceError
from feedsvc.fetch.exchange import Answer
from feedsvc.fetch.options import FetchOptions, Postponed, Request
from feedsvc.fetch.transfers import Transfers
from feedsvc.model import Fetched, Unchanged

#: Requests read ahead, as a multiple of those in flight: enough that one slow host's line does not stop the others.
_AHEAD = 4
#: Seconds between two looks at whether anything ended, when nothing does.
_PATIENCE = 10.0


def fetch_all(requests: Iterable[Request], options: FetchOptions) -> Iterator[tuple[Request, Answer]]:
    """Fetch all, yielding each with what it came to, in the order they end; errors are yielded, never raised.

    `requests` is read as places become free. Closing the iterator early ends the transfers that are under way.
    """
    waiting = iter(requests)
    with Transfers(options) as transfers:
        while True:
            while len(transfers) < _AHEAD * options.in_flight and (request := next(waiting, None)):
                transfers.submit(request)
            if not len(transfers):
                return
            yield from transfers.drive(_PATIENCE)


def fetch_one(request: Request, options: FetchOptions) -> Fetched | Unchanged:
    """Fetch one; raises SourceError when no document came."""
    answer = _answer(request, options)
    if isinstance(answer, SourceError):
        raise answer
    return answer


def post_form(url: str, fields: Mapping[str, str], options: FetchOptions) -> int:
    """Post a form, as to a hub (W3C WebSub 5.1), and give the answer's status.

    Redirects that keep the method are followed, to another server too: a hub may point to another, which it trusts with
    the secret (5.1.2). Raises SourceError when no answer came.
    """
    answer = _answer(Request("", url, body=urlencode(fields).encode()), options)
    if isinstance(answer, HttpStatus):
        return answer.status
    if isinstance(answer, SourceError):
        raise answer
    raise TypeError(f"a form is answered by a status, not by {answer!r}")


def _answer(request: Request, options: FetchOptions) -> Fetched | Unchanged | SourceError:
    ((_, answer),) = fetch_all((request,), options)
    if isinstance(answer, Postponed):
        raise TypeError("nobody has asked to be left alone: this is the only request")
    return answer
