"""Sources or feeds in, an OPML 2.0 subscription list out, as bytes that depend on nothing else.

What has a category states it, as OPML 2.0 has it, and stands in a folder of that name too, which is what readers go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from feedsvc.model import Feed, Site, Source, SourceState, is_url
from feedsvc.render.legible import legible
from feedsvc.render.shape import add, language_tag

MEDIA_TYPE = "text/x-opml"
#: Folders in folders at most: readers give up on what is nested deeper than they expect.
DEEPEST = 3


def write_opml(site: Site, sources: Sequence[tuple[Source, SourceState | None]]) -> bytes:
    """The sources, in the order given within their category; those without one first.

    A path of ours is never told: a folder is listed by its outlet's home page, and so are pages, which are no feed.
    What has an address is `type="rss"` whatever its format, as OPML 2.0's "Subscription lists" has it.
    """
    root, body = _document(f"{legible(site).title}: sources")
    folders = _Folders(body)
    for source, state in sorted(sources, key=lambda each: each[0].category is not None):
        _write_source(folders.of(legible(source).category), legible(source), legible(state))
    return _bytes(root)


def write_feeds_opml(site: Site, feeds: Sequence[Feed]) -> bytes:
    """Our own feeds, each by its Atom address, in the order given within their category; those without one first."""
    site = legible(site)
    root, body = _document(site.title)
    folders = _Folders(body)
    for feed in sorted(legible(tuple(feeds)), key=lambda each: each.category is not None):
        title = feed.title or feed.name
        add(
            folders.of(feed.category),
            "outline",
            text=title,
            title=title,
            type="rss",
            xmlUrl=site.feed_url(feed.name, ".atom"),
            htmlUrl=site.feed_url(feed.name),
            description=feed.description or None,
            category=feed.category or None,
            language=language_tag(feed.language),
        )
    return _bytes(root)


class _Folders:
    """The outlines that stand for categories; a slash parts a folder from one in it, as in OPML 2.0's `category`."""

    def __init__(self, body: etree._Element) -> None:
        self._made: dict[tuple[str, ...], etree._Element] = {(): body}

    def of(self, category: str | None) -> etree._Element:
        """The outline that holds what is of a category, made when it is first asked for; else the body."""
        first = (category or "").split(",")[0]
        return self._folder(tuple(name for name in map(str.strip, first.split("/")) if name)[:DEEPEST])

    def _folder(self, names: tuple[str, ...]) -> etree._Element:
        if names not in self._made:
            self._made[names] = add(self._folder(names[:-1]), "outline", text=names[-1], title=names[-1])
        return self._made[names]


def _write_source(body: etree._Element, source: Source, state: SourceState | None) -> None:
    title = (source.outlet and source.outlet.name) or (state and state.feed_title) or source.name
    home = (source.outlet and source.outlet.url) or (state and state.feed_home) or None
    shown = {"category": source.category or None, "language": language_tag(source.language)}
    if source.kind == "page":
        add(body, "outline", text=title, title=title, htmlUrl=home or _public(source.location), **shown)
    elif is_url(source.location):
        feed = _public((state and state.feed_url) or source.location)
        add(body, "outline", text=title, title=title, type="rss", xmlUrl=feed, htmlUrl=home, **shown)
    elif home:
        # Not type="link" with a url: newsboat subscribes to any url.
        add(body, "outline", text=title, title=title, htmlUrl=home, **shown)
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
