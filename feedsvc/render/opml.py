"""Sources or feeds in, an OPML 2.0 subscription list out, as bytes that depend on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from feedsvc.model import Feed, Site, Source, SourceState, is_url
from feedsvc.render.legible import legible
from feedsvc.render.shape import add, language_tag

MEDIA_TYPE = "text/x-opml"


def write_opml(site: Site, sources: Sequence[tuple[Source, SourceState | None]]) -> bytes:
    """The sources, in the order given. A path of ours is never told: a folder is listed by its outlet's home page.

    Those with an address are `type="rss"` whatever their format, as OPML 2.0's "Subscription lists" has it.
    """
    root, body = _document(f"{legible(site).title}: sources")
    for source, state in sources:
        _write_source(body, legible(source), legible(state))
    return _bytes(root)


def write_feeds_opml(site: Site, feeds: Sequence[Feed]) -> bytes:
    """Our own feeds, each by its Atom address."""
    site = legible(site)
    root, body = _document(site.title)
    for feed in legible(tuple(feeds)):
        title = feed.title or feed.name
        add(
            body,
            "outline",
            text=title,
            title=title,
            type="rss",
            xmlUrl=site.feed_url(feed.name, ".atom"),
            htmlUrl=site.feed_url(feed.name),
            description=feed.description or None,
            language=language_tag(feed.language),
        )
    return _bytes(root)


def _write_source(body: etree._Element, source: Source, state: SourceState | None) -> None:
    title = (source.outlet and source.outlet.name) or (state and state.feed_title) or source.name
    home = (source.outlet and source.outlet.url) or (state and state.feed_home) or None
    shown = {"category": source.category or None, "language": language_tag(source.language)}
    if is_url(source.location):
        feed = _public((state and state.feed_url) or source.location)
        add(body, "outline", text=title, title=title, type="rss", xmlUrl=feed, htmlUrl=home, **shown)
    elif home:
        add(body, "outline", text=title, title=title, type="link", url=home, htmlUrl=home, **shown)
    else:
        add(body, "outline", text=title)


def _public(address: str) -> str:
    """An address without the name and password that an operator may have put into it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _document(title: str) -> tuple[etree._Element, etree._Element]:
    root = etree.Element("opml", version="2.0")
    head = add(root, "head")
    add(head, "title", title)
    add(head, "docs", "http://opml.org/spec2.opml")
    return root, add(root, "body")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True)
