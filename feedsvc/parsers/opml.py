"""The bytes of an OPML file in, its subscriptions out (OPML 2.0, "subscription lists")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from feedsvc.errors import Malformed
from feedsvc.model import Fetched, is_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of a subscription list; `category` is the outline that it stands in."""

    title: str
    url: str
    home: str | None = None
    category: str | None = None


def read_opml(fetched: Fetched) -> tuple[Subscription, ...]:
    """Every feed of an OPML file once, in order; raises Malformed when it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(fetched.body, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"{fetched.url}: is not well-formed XML, so no OPML: {error}") from None
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise Malformed(f"{fetched.url}: is not OPML: it needs an <opml> element with a <body>")
    found = {subscription.url: subscription for subscription in reversed(list(_outlines(body, None)))}
    return tuple(reversed(found.values()))


def _outlines(parent: etree._Element, category: str | None) -> Iterator[Subscription]:
    for outline in parent.iterchildren("outline"):
        title = outline.get("title") or outline.get("text") or ""
        # Lists written by hand spell it xmlurl; both are understood.
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if is_url(url):
            stated = (outline.get("category") or "").strip("/").split(",")[0] or category
            yield Subscription(title=title.strip() or url, url=url, home=outline.get("htmlUrl"), category=stated)
        yield from _outlines(outline, category if url else title.strip() or category)
