"""A Rendition and a request's headers in, the right answer out: status, headers, body (RFC 9110, 12 to 15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any, NamedTuple

from werkzeug.datastructures import ETags
from werkzeug.http import http_date, parse_date, parse_etags

from feedsvc.model import Rendition, content_type
from feedsvc.web.headers import PLAIN, encodings, tag_of, told
from feedsvc.web.security import SECURITY

#: What a 304 leaves as the client has it from the answer that it keeps (RFC 9110, 15.4.5; RFC 9111, 3.2).
OF_THE_WHOLE = frozenset(
    {*SECURITY, "Content-Type", "Content-Length", "Content-Encoding", "Last-Modified", "Accept-Ranges"}
    | {"Access-Control-Expose-Headers"}
)
#: One range; several at once, or another unit, may be ignored (RFC 9110, 14.2).
RANGE = re.compile(r"\s*bytes\s*=\s*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))\s*", re.IGNORECASE)
#: Longer headers are read, but not remembered.
REMEMBERED = 200

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
            return chosen.not_modified if self.dates_back(environ) else chosen.whole
        return self._by_tag.get(held) or self._held(held, chosen) or self._news(environ, chosen)

    def chosen(self, environ: Environ) -> Form:
        """The form that the client likes best."""
        accepted = environ.get("HTTP_ACCEPT_ENCODING")
        if accepted:
            for name in encodings(accepted) if len(accepted) <= REMEMBERED else encodings.__wrapped__(accepted):
                if name in self._forms:
                    return self._forms[name]
        return self._forms[PLAIN]

    def _news(self, environ: Environ, chosen: Form) -> Reply:
        """Other bytes than the client holds. libcurl, and so newsboat, drops a body that is not newer than the date it
        sent, and keeps its ETag all the same: such a body goes without a date.
        """
        if not self.dates_back(environ):
            return chosen.whole
        status, headers, body = chosen.whole
        return Reply(status, [pair for pair in headers if pair[0] != "Last-Modified"], body)

    def dates_back(self, environ: Environ) -> bool:
        """Whether what stands here is not newer than the date that a client sent (RFC 9110, 13.1.3)."""
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return bool(since) and (since == self._last_modified or self._is_not_after(str(since)))

    def _held(self, held: str, chosen: Form) -> Reply | None:
        tags = parse_etags(held.strip())
        if tags.star_tag:
            return chosen.not_modified
        forms = (chosen, *self._forms.values())
        return next((form.not_modified for form in forms if tags.contains_weak(form.etag[1:-1])), None)

    def _is_not_after(self, date: str) -> bool:
        moment = parse_date(date)
        return moment is not None and self.rendition.modified.astimezone(UTC).replace(microsecond=0) <= moment

    def unusual_reply(self, environ: Environ) -> Reply:
        """The same for whoever also asks for a range, or for nothing unless it has (not) changed (RFC 9110, 13.2.2)."""
        chosen = self.chosen(environ)
        if self._fails(environ, chosen):
            failed = with_headers(chosen.not_modified.headers, ("Content-Length", "0"), ("Cache-Control", "no-store"))
            return Reply("412 Precondition Failed", failed, b"")
        reply = self.reply(environ)
        if reply.status != chosen.whole.status or environ["REQUEST_METHOD"] != "GET":
            return reply
        return _part(reply, environ.get("HTTP_RANGE", "")) if _is_range_of(chosen, environ) else reply

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
        return Reply("416 Range Not Satisfiable", with_headers(kept, *headers), b"")
    told = [("Content-Range", f"bytes {start}-{end - 1}/{length}"), ("Content-Length", str(end - start))]
    return Reply("206 Partial Content", with_headers(whole.headers, *told), whole.body[start:end])


def with_headers(headers: list[tuple[str, str]], *others: tuple[str, str]) -> list[tuple[str, str]]:
    """The headers with others, each instead of the one of its name."""
    names = {name for name, _ in others}
    return [*(pair for pair in headers if pair[0] not in names), *others]
