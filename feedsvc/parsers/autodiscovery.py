"""Text of an HTML page → the absolute addresses of the feeds that it names."""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from feedsvc.model import is_url

_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/x.atom+xml",
        "application/x-atom+xml",
        "application/xml",
        "text/xml",
    }
)
#: How much of a page is looked at, in characters, and how many feeds are taken from it.
_HEAD = 1_000_000
_MOST = 50


def feeds_of(page: str, url: str) -> tuple[str, ...]:
    """Every <link rel=alternate> of a feed's media type, in page order; the page's base element is respected.

    (RSS Autodiscovery, 2006; HTML, 4.2.4.)
    """
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root: etree._Element | None = etree.fromstring(page[:_HEAD].encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        # lxml's words for a page without one element.
        return ()
    if root is None:
        return ()
    base = next((_joined(url, element.get("href")) for element in root.iter("base") if element.get("href")), url)
    found = (_joined(base, element.get("href")) for element in root.iter("link") if _names_feed(element))
    return tuple(dict.fromkeys(address for address in found if is_url(address)))[:_MOST]


def _names_feed(element: etree._Element) -> bool:
    """Whether it names a feed. JSON Feed 1.0 asked for application/json, which WordPress uses for other things too."""
    relations = (element.get("rel") or "").lower().split()
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    href = (element.get("href") or "").strip()
    is_json_feed = media_type == "application/json" and "feed" in href.lower()
    return bool(href) and "alternate" in relations and (media_type in _FEED_TYPES or is_json_feed)


def _joined(base: str, href: str | None) -> str:
    address = (href or "").strip()
    if address.lower().startswith("feed:"):
        address = address[5:] if is_url(address[5:]) else f"http:{address[5:]}"
    try:
        return urljoin(base, address)
    except ValueError:
        return ""
