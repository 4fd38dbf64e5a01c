"""A Rendition and a request's headers in, the right answer out: status, headers, body (RFC 9110, 12 to 15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from werkzeug.datastructures import ETags
from werkzeug.http import http_date, parse_accept_header, parse_date, parse_etags

from feedsvc.model import Rendition
from feedsvc.web.security import SECURITY

#: Seconds that a cache may answer without asking again; a reader that asks later gets the old copy while it is renewed.
FRESH = "public, max-age=60, stale-while-revalidate=600"
#: For the reader's own cache alone.
OWN = "private, max-age=60"
#: Forms in the order in which they are given to those who like them equally: the smallest first.
ENCODINGS = ("br", "gzip")
PLAIN = "identity"
#: What a 304 leaves as the client has it from the answer that it keeps (RFC 9110, 15.4.5; RFC 9111, 3.2).
OF_THE_WHOLE = frozenset(
    {*SECURITY, "Content-Type", "Content-Length", "Content-Encoding", "Last-Modified", "Accept-Ranges"}
    | {"Access-Control-Expose-Headers"}
)
#: One range; several at once, or another unit, may be ignored (RFC 9110, 14.2).
RANGE = re.compile(r"\s*bytes\s*=\s*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))\s*", re.IGNORECASE)
#: Longer headers are read, but not remembered.
REMEMBERED = 200

#: Beginnings of the User-Agents that ask for a delta and do not take it.
DEAF = ("feedparser/", "rss2email/")

Environ = Mapping[str, Any]


class Reply(NamedTuple):
    """An answer as WSGI wants it; nobody changes the headers' list."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Form(NamedTuple):
    """A rendition in one encoding: its validator, and both answers."""

    etag: str
    whole: Reply
    not_modified: Reply


class Answers:
    """All that may be answered for a rendition, made once; each encoding has a strong validator of its own."""

    __slots__ = ("_by_tag", "_forms", "_last_modified", "asked", "rendition")

    def __init__(self, rendition: Rendition, vary: str = "Accept-Encoding") -> None:
        self.rendition = rendition
        #: Whether it was asked for lately; whoever wants to know resets it.
        self.asked = True
        self._last_modified = http_date(rendition.modified)
        bodies = {"br": rendition.br, "gzip": rendition.gzip, PLAIN: rendition.body}
        self._forms = {name: self._form(name, body, vary) for name, body in bodies.items() if body is not None}
        self._by_tag = {
            tag: form.not_modified for form in self._forms.values() for tag in (form.etag, f"W/{form.etag}")
        }

    def _form(self, encoding: str, body: bytes, vary: str) -> Form:
        etag = tag_of(self.rendition, encoding)
        headers = [("Content-Type", content_type(self.rendition.media_type)), ("Content-Length", str(len(body)))]
        if encoding != PLAIN:
            headers.append(("Content-Encoding", encoding))
        headers += [("Last-Modified", self._last_modified), ("ETag", etag), ("Accept-Ranges", "bytes")]
        headers += [("Vary", vary), *told(self.rendition), *SECURITY.items()]
        kept = [pair for pair in headers if pair[0] not in OF_THE_WHOLE]
        return Form(etag, Reply("200 OK", headers, body), Reply("304 Not Modified", kept, b""))

    def reply(self, environ: Environ) -> Reply:
        """200, or 304 to whoever has it in any form: a copy in another encoding is still good."""
        chosen = self.chosen(environ)
        held = environ.get("HTTP_IF_NONE_MATCH")
        if held is None:
            since = environ.get("HTTP_IF_MODIFIED_SINCE")
            return chosen.not_modified if since and self._is_unchanged_since(since) else chosen.whole
        reply = self._by_tag.get(held) or self._held(held, chosen)
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return undated(reply) if reply is chosen.whole and since and self._is_unchanged_since(since) else reply

    def chosen(self, environ: Environ) -> Form:
        """The form that the client likes best."""
        accepted = environ.get("HTTP_ACCEPT_ENCODING")
        if accepted:
            for name in encodings(accepted) if len(accepted) <= REMEMBERED else encodings.__wrapped__(accepted):
                if name in self._forms:
                    return self._forms[name]
        return self._forms[PLAIN]

    def _held(self, held: str, chosen: Form) -> Reply:
        tags = parse_etags(held.strip())
        if tags.star_tag:
            return chosen.not_modified
        forms = (chosen, *self._forms.values())
        return next((form.not_modified for form in forms if tags.contains_weak(form.etag[1:-1])), chosen.whole)

    def _is_unchanged_since(self, since: str) -> bool:
        return since == self._last_modified or self._is_not_after(since)

    def _is_not_after(self, date: str) -> bool:
        moment = parse_date(date)
        return moment is not None and self.rendition.modified.astimezone(UTC).replace(microsecond=0) <= moment

    def unusual_reply(self, environ: Environ) -> Reply:
        """The same for whoever also asks for a range, or for nothing unless it has (not) changed (RFC 9110, 13.2.2)."""
        chosen = self.chosen(environ)
        if self._fails(environ, chosen):
            return Reply("412 Precondition Failed", _with(chosen.not_modified.headers, ("Content-Length", "0")), b"")
        reply = self.reply(environ)
        if reply is not chosen.whole or environ["REQUEST_METHOD"] != "GET" or not _is_range_of(chosen, environ):
            return reply
        return _part(chosen.whole, environ.get("HTTP_RANGE", ""))

    def _fails(self, environ: Environ, chosen: Form) -> bool:
        wanted: ETags = parse_etags(environ.get("HTTP_IF_MATCH"))
        if wanted:
            return not (wanted.star_tag or wanted.is_strong(chosen.etag[1:-1]))
        unmodified_since = environ.get("HTTP_IF_UNMODIFIED_SINCE")
        if not unmodified_since or parse_date(unmodified_since) is None:
            return False
        return not self._is_not_after(unmodified_since)


# --------------------------------------------------------------------------------------------------------------- ranges


def _is_range_of(form: Form, environ: Environ) -> bool:
    """Whether a part of this form is of use: the client holds the rest of the same bytes, or does not say.

    A date is no proof of that: all encodings share it (RFC 9110, 13.1.5).
    """
    wanted = environ.get("HTTP_IF_RANGE")
    return wanted is None or wanted.strip() == form.etag


def _part(whole: Reply, wanted: str) -> Reply:
    """206 or 416; the whole where no single range of bytes is asked for, in a form that means something."""
    length = len(whole.body)
    found = RANGE.fullmatch(wanted)
    if found is None:
        return whole
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, length - int(suffix)), length
    else:
        start, end = int(first), min(int(last) + 1, length) if last else length
        if last and int(last) < start:
            return whole
    if start >= length:
        headers = [("Content-Range", f"bytes */{length}"), ("Content-Length", "0")]
        kept = [pair for pair in whole.headers if pair[0] not in ("Content-Encoding", "Last-Modified", "ETag")]
        return Reply("416 Range Not Satisfiable", _with(kept, *headers), b"")
    told = [("Content-Range", f"bytes {start}-{end - 1}/{length}"), ("Content-Length", str(end - start))]
    return Reply("206 Partial Content", _with(whole.headers, *told), whole.body[start:end])


def undated(reply: Reply) -> Reply:
    """The same without its date, for whoever has other bytes of that date.

    libcurl, and newsboat with it, drops a body whose date is not later than the one that it asked with, and keeps the
    new ETag all the same: those bytes would never be seen.
    """
    return reply._replace(headers=[pair for pair in reply.headers if pair[0] != "Last-Modified"])


def _with(headers: list[tuple[str, str]], *others: tuple[str, str]) -> list[tuple[str, str]]:
    names = {name for name, _ in others}
    return [*(pair for pair in headers if pair[0] not in names), *others]


# --------------------------------------------------------------------------------------------------------------- deltas


def delta_reply(current: Rendition, whole_reply: Reply, delta: Rendition, environ: Environ) -> Reply:
    """226: what is new, under the validators of the whole that would be answered (RFC 3229, 10.4.1).

    No cache may give it to somebody else.
    """
    whole = Answers(delta).chosen(environ).whole
    coding = dict(whole.headers).get("Content-Encoding", PLAIN)
    headers = [pair for pair in whole.headers if pair[0] not in ("Accept-Ranges", "Last-Modified")]
    headers += [pair for pair in whole_reply.headers if pair[0] == "Last-Modified"]
    own = {
        "ETag": tag_of(current, coding),
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding, A-IM",
        "IM": "feed",
    }
    return Reply("226 IM Used", _with(headers, *own.items()), whole.body)


def wants_delta(environ: Environ) -> bool:
    """Whether the client takes a feed with only what is new for the feed (RFC 3229, 10.5.3; "feed" as an A-IM)."""
    asked = environ.get("HTTP_A_IM")
    return bool(asked) and parse_accept_header(asked).quality("feed") > 0


def can_read_delta(environ: Environ) -> bool:
    """Whether the client understands the 226 that it asks for.

    feedparser asks for it in the name of whatever program uses it; rss2email takes the answer for an error, and would
    never see a review again.
    """
    return not environ.get("HTTP_USER_AGENT", "").startswith(DEAF)


def held_tags(environ: Environ) -> list[str]:
    """The ETags of the renditions that a client says it holds, in whatever encoding it got them; each once."""
    tags = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
    plain = (_plain(tag) for tag in sorted(tags.as_set(include_weak=True)))
    return list(dict.fromkeys(f'"{tag}"' for tag in plain))


def _plain(tag: str) -> str:
    for encoding in ENCODINGS:
        tag = tag.removesuffix(f"-{encoding}")
    return tag


# -------------------------------------------------------------------------------------------------------------- headers


def tag_of(rendition: Rendition, encoding: str) -> str:
    """The ETag of a rendition in an encoding."""
    return rendition.etag if encoding == PLAIN else f'{rendition.etag[:-1]}-{encoding}"'


@lru_cache(256)
def encodings(accepted: str) -> tuple[str, ...]:
    """The encodings that an Accept-Encoding prefers to the plain form, or likes as much (RFC 9110, 12.5.3)."""
    liked = parse_accept_header(accepted)
    least = liked.quality(PLAIN)
    wanted = [name for name in ENCODINGS if 0 < liked.quality(name) >= least]
    return tuple(sorted(wanted, key=liked.quality, reverse=True))


def told(rendition: Rendition) -> list[tuple[str, str]]:
    """What stands in every answer, with a body or without."""
    headers = [("Cache-Control", OWN if rendition.private else FRESH)]
    if rendition.private:
        headers.append(("X-Robots-Tag", "noindex"))
    elif not rendition.media_type.startswith("text/html"):
        # Feeds are read by programs in browsers too; there are no cookies and nothing private to lend them.
        headers += [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "ETag, Link")]
    if rendition.links:
        headers.append(("Link", ", ".join(f'<{_address(url)}>; rel="{rel}"' for rel, url in rendition.links)))
    return headers


def _address(url: str) -> str:
    """A URL that ends neither its brackets nor its line."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def content_type(media_type: str) -> str:
    """The media type with its charset where one is defined: for text and XML, not for JSON (RFC 8259, 11)."""
    textual = media_type.startswith("text/") or media_type.endswith("+xml")
    return f"{media_type}; charset=utf-8" if textual and ";" not in media_type else media_type
