"""A document's bytes in, a digest that stays the same while only the time of its making changes out. Pure."""

from __future__ import annotations

import re
from hashlib import sha256

#: Where the first item of an RSS or Atom feed begins; what stands before it is about the feed as a whole.
FIRST_ITEM = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:item|entry)[\s>]")
#: What many programs write anew at every request (RSS 2.0, RFC 4287 4.2.15, Dublin Core) where it holds a time, and
#: comments in which caches note theirs; but first what is a text or an instruction and only looks like that.
_BUILD_DATE = re.compile(
    rb"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z))|"
    rb"<((?:[A-Za-z][\w.-]*:)?(?:lastBuildDate|pubDate|updated|date|updateBase))>"
    rb"(?:[^<>]{0,40}(?:\d:\d\d|\d{4}-\d\d)[^<>]{0,40}|\s*)</\2\s*>|<!--.{0,500}?-->",
    re.S,
)
#: Feeds say so much of themselves at most; beyond it the bytes are taken as they are.
HEAD = 64 * 1024
#: Caches append a note of when and how they made the page; it is looked for in so many bytes at the end.
_TAIL = 1200
_LAST_COMMENT = re.compile(rb"\s*<!--[^<>]{0,1000}-->\s*\Z")


def body_digest(body: bytes) -> bytes:
    """The sha256 of a document without its build date, so that a feed that was only made again counts as the same."""
    first = FIRST_ITEM.search(body, 0, HEAD)
    end = first.start() if first else 0
    tail = _LAST_COMMENT.search(body, max(end, len(body) - _TAIL))
    digest = sha256(said_of_feed(body[:end]))
    digest.update(memoryview(body)[end : tail.start() if tail else len(body)])
    return digest.digest()


def said_of_feed(head: bytes) -> bytes:
    """What stands before the first item, without the build date."""
    return _BUILD_DATE.sub(_kept, head)


def _kept(found: re.Match[bytes]) -> bytes:
    return found[1] or b""


def said_after(tail: bytes) -> bytes:
    """What stands after the last item, without a note of how the document was made."""
    return _LAST_COMMENT.sub(rb"", tail) if len(tail) <= _TAIL else tail
