"""A sitemap, or an index of sitemaps, → the pages of the same site that it names. (sitemaps.org, protocol 0.9.)"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from lxml import etree

from feedsvc.errors import Malformed, TooLarge
from feedsvc.model import PageLink
from feedsvc.parsers.pages.listing import same_page, same_site
from feedsvc.parsers.pages.things import joined

#: Addresses of one sitemap; of a longer one, those that changed last are taken.
MOST_PAGES = 10_000
#: Atomic: a comment that was read once is never read longer.
_ROOT = re.compile(
    rb"(?>\s+|\xef\xbb\xbf|<\?[^>]*\?>|<!--.*?-->|<!doctype\s[^>\[]*(?:\[[^\]]*\]\s*)?>)*+"
    rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]",
    re.S | re.I,
)
_GZIP = b"\x1f\x8b"
#: Words by which an address says that a review stands there, in the languages that we read.
_REVIEW = re.compile(r"reviews?|kriti[kc]|rezension|besprechung|critiques?|cr[ií]tica|rese[nñ]a|recensi|recenze", re.I)


def unpacked(body: bytes, most: int) -> bytes:
    """A body as it is, or out of the gzip that sitemaps are kept in (`.xml.gz`); raises TooLarge, Malformed."""
    if not body.startswith(_GZIP):
        return body
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise Malformed(f"Its gzip data are damaged ({error}).") from error
    if len(found) > most:
        raise TooLarge(f"It is larger than {most:,} bytes when unpacked ([limits] max_body).")
    return found


def is_sitemap(body: bytes) -> bool:
    """Whether a document is a sitemap or an index of them, by its root element."""
    return _ROOT.match(body[:10_000]) is not None


def read_sitemap(body: bytes, url: str) -> tuple[PageLink, ...]:
    """What a sitemap names on the site of `url`: reviews alone where addresses say which they are; else every page."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root: etree._Element | None = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"It is a sitemap that cannot be read ({error}).") from error
    if root is None:
        raise Malformed("It is a sitemap without an element.")
    is_index = _local(root) == "sitemapindex"
    found: dict[str, PageLink] = {}
    for link in _links(root):
        if same_site(link.url, url) and not same_page(link.url, url):
            found.setdefault(link.url, link)
    links = list(found.values())
    reviews = [] if is_index else [link for link in links if _REVIEW.search(link.url)]
    return tuple(_newest(reviews or links))


def _newest(links: list[PageLink]) -> list[PageLink]:
    """All of them, or those that changed last; dates of the W3C's format are ordered as they are written."""
    return (
        links
        if len(links) <= MOST_PAGES
        else sorted(links, key=lambda link: link.modified or "", reverse=True)[:MOST_PAGES]
    )


def _links(root: etree._Element) -> Iterator[PageLink]:
    for entry in root:
        said = {_local(child): (child.text or "").strip() for child in entry.iter(etree.Element) if child is not entry}
        if address := joined(None, said.get("loc", "")):
            yield PageLink(url=address, modified=said.get("lastmod") or said.get("publication_date") or None)


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
