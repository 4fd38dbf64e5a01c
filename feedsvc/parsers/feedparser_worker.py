"""Requests on standard input → replies on standard output: feedparser, under a clock and a limit of memory.

Run by `fallback` as `python -m feedsvc.parsers.feedparser_worker`.
"""

from __future__ import annotations

import contextlib
import signal
import sys

import msgspec
from feedparser.namespaces import _base, mediarss

from feedsvc.parsers.fallback import ALARM, NO_MEMORY, TOO_MUCH_MEMORY, Reply, Request, receive, send
from feedsvc.parsers.loosefeed import read_loosely
from feedsvc.parsers.rsl import keep_terms

#: Bytes of address space that feedparser may take.
MEMORY = 1 << 30


def main() -> None:
    """Answer until the parent closes the pipe. A document that takes too long ends the process by SIGALRM."""
    _limit_memory()
    _mend_feedparser()
    try:
        while True:
            request = msgspec.msgpack.decode(receive(sys.stdin.buffer), type=Request)
            signal.alarm(ALARM)
            reply = _answer(request)
            signal.alarm(0)
            send(sys.stdout.buffer, msgspec.msgpack.encode(reply))
    except EOFError:
        return
    except MemoryError:
        sys.exit(NO_MEMORY)


def _limit_memory() -> None:
    # Systems without this limit still have the clock.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _mend_feedparser() -> None:
    """Keep feedparser from taking, adding or forgetting what the source said otherwise.

    It takes an image's media:description for the review's own summary, gives a link a media type that nobody stated,
    and forgets that a guid is a permalink when a link stands before it.
    """
    del mediarss.Namespace._start_media_description, mediarss.Namespace._end_media_description
    start_link, start_guid = _base.Namespace._start_link, _base.Namespace._start_guid

    def link(parser: _base.Namespace, attributes: dict[str, str]) -> None:
        attributes.setdefault("type", "")
        start_link(parser, attributes)

    def guid(parser: _base.Namespace, attributes: dict[str, str]) -> None:
        parser._get_context()["ispermalink"] = attributes.get("ispermalink", "true").lower() == "true"
        start_guid(parser, attributes)

    _base.Namespace._start_link, _base.Namespace._start_guid = link, guid
    keep_terms(_base.Namespace)


def _answer(request: Request) -> Reply:
    try:
        parsed = read_loosely(request.body, request.url, request.limits)
    except MemoryError:
        return Reply(reason=TOO_MUCH_MEMORY, too_large=True)
    return Reply(parsed) if parsed else Reply(reason="No reader could make sense of this feed.")


if __name__ == "__main__":
    main()
