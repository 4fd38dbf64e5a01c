"""A Rendition and the request's headers in, the right answer out: 200 or 304, plain or gzip (RFC 9110, 12 and 13)."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Request, Response
from werkzeug.http import unquote_etag

from feedsvc.model import Rendition

#: Smaller bodies fit in one packet either way.
WORTH_PACKING = 500
#: Seconds that a cache may answer without asking again; a reader that asks later gets the old copy while it is renewed.
FRESH = "public, max-age=60, stale-while-revalidate=600"


def answer(rendition: Rendition, request: Request) -> Response:
    """The answer to GET or HEAD; each encoding has a strong validator of its own, and both are known when asked for."""
    plain = unquote_etag(rendition.etag)[0] or ""
    packed = len(rendition.body) >= WORTH_PACKING and wants_gzip(request)
    response = Response(pack(rendition.body) if packed else rendition.body)
    response.headers["Content-Type"] = content_type(rendition.media_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FRESH
    if not rendition.media_type.startswith("text/html"):
        # Feeds are read by programs in browsers too; there are no cookies and nothing private to lend them.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.last_modified = rendition.modified
    response.set_etag(_validator(plain, packed, request))
    response.make_conditional(request)
    return response


def _validator(plain: str, packed: bool, request: Request) -> str:
    """The tag of the chosen form, or the one that the client already holds: a copy in either form is still good."""
    tags = (f"{plain}-gzip", plain) if packed else (plain, f"{plain}-gzip")
    held = request.if_none_match
    return next((tag for tag in tags if held.contains_weak(tag) and not held.star_tag), tags[0])


def wants_gzip(request: Request) -> bool:
    """Whether gzip is accepted, and not less than the plain form (RFC 9110, 12.5.3)."""
    accepted = request.accept_encodings
    return accepted.quality("gzip") > 0 and accepted.quality("gzip") >= accepted.quality("identity")


@lru_cache(maxsize=64)
def pack(body: bytes) -> bytes:
    """The same bytes for the same body: no time of day in the header (RFC 1952, MTIME 0)."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def content_type(media_type: str) -> str:
    """The media type with its charset where one is defined: for text and XML, not for JSON (RFC 8259, 11)."""
    textual = media_type.startswith("text/") or media_type.endswith("+xml")
    return f"{media_type}; charset=utf-8" if textual and ";" not in media_type else media_type
