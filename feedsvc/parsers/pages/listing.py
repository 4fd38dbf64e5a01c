"""An open page in, the pages of the same site that it lists out: what looks like reviews, never navigation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from feedsvc.model import PageLink
from feedsvc.parsers.pages.reviews import ARTICLES, REVIEWS
from feedsvc.parsers.pages.things import Graph, Thing, joined

Element = html.HtmlElement

#: Pages that one listing names.
MOST_PAGES = 1_000

_LISTS = ("itemListElement", "blogPost", "blogPosts", "hasPart")
_FRAMES = ("nav", "header", "footer", "aside", "form", "dialog", "menu")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: Relations of links that lead away from the reviews.
_AWAY = frozenset({"author", "bookmark-all", "category", "license", "next", "prev", "search", "sponsored", "tag"})
#: Paths of archives, people and subjects, in the languages that we read.
_NO_REVIEW = re.compile(
    r"/(?:page|seite|pagina)/\d+/?\Z|/(?:tags?|topics?|category|categories|kategorie|authors?|autor(?:en)?|auteurs?|"
    r"critics?|users?|feed|rss|login|search|archives?)/[^/]*/?\Z|\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|rss|atom)\Z",
    re.I,
)


def pages_of(root: Element, graph: Graph, url: str) -> tuple[PageLink, ...]:
    """What the page lists in its markup, then in its headings and articles; each once, in their order."""
    found: dict[str, PageLink] = {}
    for address, modified in (*_stated(graph), *((link, None) for link in _shown(root, graph.base or url))):
        place = address.partition("#")[0]
        if place not in found and is_listed(place, url) and len(found) < MOST_PAGES:
            found[place] = PageLink(url=place, modified=modified)
    return tuple(found.values())


def is_listed(address: str, url: str) -> bool:
    """Whether an address may be a review that the page at `url` lists: of the same site, a page of its own."""
    path = urlsplit(address).path
    return (
        path not in ("", "/")
        and same_site(address, url)
        and not same_page(address, url)
        and not _NO_REVIEW.search(path)
    )


def same_site(one: str, other: str) -> bool:
    """Whether two addresses stand on one host and port, "www." aside."""
    return _host(one) == _host(other)


def same_page(one: str, other: str) -> bool:
    """Whether two addresses lead to one page, whatever their scheme, "www.", fragment or last slash."""
    return _page(one) == _page(other)


def _host(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number
        return url, None
    return (parts.hostname or "").removeprefix("www."), None if port in (80, 443) else port


def _page(url: str) -> tuple[object, ...]:
    parts = urlsplit(url)
    return (*_host(url), parts.path.rstrip("/"), parts.query)


def _stated(graph: Graph) -> Iterator[tuple[str, str | None]]:
    """The entries of lists, and reviews that stand elsewhere."""
    for thing in graph.things:
        if "BreadcrumbList" in thing.types or "SiteNavigationElement" in thing.types:
            continue
        for entry in graph.values(thing, *_LISTS):
            if isinstance(entry, Thing):
                yield from _entry(graph, entry)
            elif address := joined(graph.base, entry.value):
                yield address, None
        if thing.types & REVIEWS:
            yield from _entry(graph, thing)


def _entry(graph: Graph, entry: Thing) -> Iterator[tuple[str, str | None]]:
    """An entry's own address, or that of what it holds; nothing where it holds a thing that is no text."""
    inner = next(iter(graph.things_in(entry, "item")), entry)
    if inner.types and not inner.types & (REVIEWS | ARTICLES | {"ListItem", "WebPage", "CreativeWork"}):
        works = graph.things_in(inner, "review")
        inner = works[0] if works else inner
    address = graph.address(inner, "url") or graph.address(entry, "url", "item") or _web(inner)
    if address:
        yield address, graph.word(inner, "dateModified", "datePublished")


def _web(thing: Thing) -> str | None:
    return joined(None, thing.id) if thing.id else None


def _shown(root: Element, base: str) -> Iterator[str]:
    """The link of each heading, and of each article without one, outside the frames of the page."""
    taken: set[Element] = set()
    headed: dict[Element, bool] = {}
    for link in islice(root.iter("a"), MOST_PAGES * 20):
        href = link.get("href")
        if not href or _is_away(link):
            continue
        place = _place(link, headed)
        if place is None or place in taken:
            continue
        if address := joined(base, href):
            taken.add(place)
            yield address


def _is_away(link: Element) -> bool:
    return (
        bool(_AWAY & set((link.get("rel") or "").lower().split()))
        or next(link.iterancestors(*_FRAMES), None) is not None
    )


def _place(link: Element, headed: dict[Element, bool]) -> Element | None:
    """The heading that a link stands in or holds, else the article without a linked heading; `headed`: what is known.

    An article with an h1 is no teaser.
    """
    heading = next(link.iterancestors(*_HEADINGS), None)
    if heading is None:
        heading = next(link.iter(*_HEADINGS), None)
    if heading is not None:
        return heading
    article = next(link.iterancestors("article"), None)
    if article is None:
        return None
    if article not in headed:
        headings = list(article.iter(*_HEADINGS))
        headed[article] = any(each.tag == "h1" or each.find(".//a") is not None for each in headings)
    return None if headed[article] else article
