"""A Rendition in, what the headers of its answers say out: validators, encodings, caches, links."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from werkzeug.http import parse_accept_header

from feedsvc.model import Rendition

#: Seconds that a cache may answer without asking again; a reader that asks later gets the old copy while it is renewed.
FRESH = "public, max-age=60, stale-while-revalidate=600"
#: For the reader's own cache alone.
OWN = "private, max-age=60"
#: Forms in the order in which they are given to those who like them equally: the smallest first.
ENCODINGS = ("br", "gzip")
PLAIN = "identity"


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
