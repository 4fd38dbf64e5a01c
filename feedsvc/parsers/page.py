"""A page of the web → the reviews that it holds, or the pages that it lists; a sitemap → the pages that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from lxml import html

from feedsvc.errors import SourceError, TooLarge, UnreadableDocument
from feedsvc.model import FeedInfo, Fetched, Item, Limits, Link, Parsed, Text
from feedsvc.parsers.encoding import clean, decode_page
from feedsvc.parsers.feed import DEFAULTS
from feedsvc.parsers.htmldoc import base_of, open_page, read_article, visible_text
from feedsvc.parsers.pages import Graph, graph_of
from feedsvc.parsers.pages.found import Found, articles_in, filled, reviews_in
from feedsvc.parsers.pages.listing import pages_of, same_site
from feedsvc.parsers.pages.sitemap import is_sitemap, read_sitemap, unpacked
from feedsvc.parsers.pages.things import joined
from feedsvc.parsers.prolog import FEED_ROOTS, open_text

Element = html.HtmlElement

#: No page that people read has more; each vocabulary goes over all its elements.
MOST_TAGS = 300_000
#: So many links are a listing, unless the text beside them has so many characters.
SEVERAL, LONG = 3, 1_500


def read_page(fetched: Fetched, limits: Limits = DEFAULTS) -> Parsed:
    """The reviews that a page holds and, where it is not the page of one of them, the pages that it lists.

    A page without the vocabulary of reviews is one review where it is one article. Raises UnreadableDocument, TooLarge
    and Malformed; each message begins with the page's address.
    """
    try:
        return _read(fetched, limits)
    except SourceError as error:
        error.args = (f"{fetched.url}: {error}",)
        raise


def read_held(text: str, name: str) -> Parsed:
    """The one review of a dropped page: what its markup says of it first, then what the page shows.

    Raises UnreadableDocument, naming the document, where it shows hardly any text and holds no review; TooLarge.
    """
    root = open_page(text, name)
    base = base_of(root)
    graph, problems = graph_of(root, base)
    own = _own(root, base, base or "")
    found = reviews_in(graph, own) or articles_in(graph, own)
    said = found[0].item if len(found) == 1 else None
    shown, site = _shown(root, name, None, told=said is not None)
    item = filled(said, shown) if said and shown else said or shown
    outlet = FeedInfo(title=Text(value=site)) if site else said.origin if said and said.origin else FeedInfo()
    return Parsed(feed=outlet, items=(item,) if item else (), reader="html", problems=problems)


def _read(fetched: Fetched, limits: Limits) -> Parsed:
    if len(fetched.body) > limits.max_body:
        raise TooLarge(f"It is larger than {limits.max_body:,} bytes ([limits] max_body).")
    body = unpacked(fetched.body, limits.max_body)
    if is_sitemap(body):
        return Parsed(feed=FeedInfo(), items=(), reader="sitemap", pages=read_sitemap(body, fetched.url))
    text, problems, _ = decode_page(replace(fetched, body=body))
    _refuse_other(text, fetched)
    if text.count("<") > MOST_TAGS:
        raise TooLarge(f"It has more than {MOST_TAGS:,} tags.")
    parsed = _read_open(open_page(clean(text), "It"), fetched.url)
    return replace(parsed, problems=(*problems, *parsed.problems))


def _refuse_other(text: str, fetched: Fetched) -> None:
    if not text.strip():
        raise UnreadableDocument("It is empty.")
    opening = open_text(text)
    if opening.root in FEED_ROOTS:
        raise UnreadableDocument('It is a feed: set kind = "feed" for its source.')
    if "html" not in (fetched.media_type or "") and not opening.is_html and opening.root != "html":
        raise UnreadableDocument("It is neither an HTML page nor a sitemap.")


def _read_open(root: Element, url: str) -> Parsed:
    base = base_of(root, url)
    graph, problems = graph_of(root, base)
    own = _own(root, base, url)
    reviews = reviews_in(graph, own)
    # What lists pages is looked at first: reading the article takes the page apart.
    pages = pages_of(root, graph, url)
    one = _the_one(reviews) if reviews else _the_article(root, graph, own, several=len(pages) >= SEVERAL)
    shown, site = _shown(root, "It", url, told=bool(reviews)) if one or not pages else (None, _site_name(root))
    if one is None and not reviews:
        problems = problems if pages else (*problems, "It holds no review, and lists none.")
        return Parsed(feed=_outlet(graph, None, site, own), items=(), reader="html", problems=problems, pages=pages)
    items = [each.item for each in reviews if each is not one]
    if one:
        items.insert(0, filled(one.item, shown) if shown else one.item)
    language = shown.language if shown else _language(root)
    items = [_placed(item, own, language) for item in items]
    feed = _outlet(graph, items[0].origin, site, own)
    return Parsed(
        feed=feed,
        items=tuple(replace(item, origin=_origin(item, feed, url)) for item in items),
        reader="html",
        problems=problems,
        pages=() if one else pages,
    )


def _the_one(reviews: Sequence[Found]) -> Found | None:
    """The review whose page this is: the only one, or the only one that is no reader's."""
    if len(reviews) == 1:
        return reviews[0]
    mine = [each for each in reviews if each.mine]
    return mine[0] if len(mine) == 1 else None


def _the_article(root: Element, graph: Graph, own: str, *, several: bool) -> Found | None:
    """A page of one article: one that its markup names, or one that shows nothing else."""
    articles = articles_in(graph, own)
    if len(articles) == 1:
        return articles[0]
    return Found(item=Item(), mine=True) if _is_article(root, several=several) else None


def _is_article(root: Element, *, several: bool) -> bool:
    """Whether it says so, or holds one article with its headline; where it lists `several` pages, a long one."""
    if any((meta.get("content") or "").strip() == "article" for meta in root.iterfind(".//meta[@property='og:type']")):
        return True
    articles = [
        each for each in root.iter("article") if next(each.iterancestors("aside", "nav", "footer"), None) is None
    ]
    if len(articles) != 1 or articles[0].find(".//h1") is None:
        return False
    linked = sum(len(visible_text(link)) for link in articles[0].iter("a")) if several else 0
    return not several or len(visible_text(articles[0])) - linked >= LONG


def _shown(root: Element, name: str, url: str | None, *, told: bool) -> tuple[Item | None, str | None]:
    """What the page shows, and its site's name; a page that a script draws shows nothing: no fault, if it is told."""
    site = _site_name(root)
    try:
        return read_article(root, name, url)[0], site
    except UnreadableDocument:
        if not told and url is None:
            raise
        return None, site


def _site_name(root: Element) -> str | None:
    named = (meta.get("content") or "" for meta in root.iterfind(".//meta[@property='og:site_name']"))
    return next((name for said in named if (name := " ".join(said.split()))), None)


def _language(root: Element) -> str | None:
    return (root.get("lang") or "").strip() or None


def _own(root: Element, base: str | None, url: str) -> str:
    """The page's permalink: as it says itself, unless every page of the site says the same of the home page."""
    stated = (
        *(link.get("href") for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()),
        *(meta.get("content") for meta in root.iterfind(".//meta[@property='og:url']")),
    )
    for said in stated:
        address = joined(base, said or "")
        if address and (urlsplit(address).path not in ("", "/") or urlsplit(url).path in ("", "/")):
            return address.partition("#")[0]
    return url.partition("#")[0]


def _placed(item: Item, own: str, language: str | None) -> Item:
    """With the page's own address and language where it states none of its own."""
    links = item.links or (Link(href=own, type="text/html"),)
    return replace(item, links=links, language=item.language or language)


def _outlet(graph: Graph, stated: FeedInfo | None, site: str | None, url: str) -> FeedInfo:
    """The page's publication: its stated publisher, else the site that it belongs to."""
    home = urljoin(url, "/")
    website = next((thing for thing in graph.things if "WebSite" in thing.types and graph.word(thing, "name")), None)
    name = site or (graph.word(website, "name") if website else None)
    title = stated.title if stated else Text(value=name) if name else None
    link = next((link for link in stated.links if same_site(link.href, url)), None) if stated else None
    links = (link or Link(href=home), Link(href=home, rel="self"))
    return FeedInfo(title=title, links=links, icon=stated.icon if stated else None)


def _origin(item: Item, feed: FeedInfo, url: str) -> FeedInfo | None:
    """The publisher that a review states: the page's own as that calls itself, so that it is seen to be the same."""
    stated = item.origin
    if stated is None or stated.title is None or feed.title is None:
        return stated
    here = all(same_site(link.href, url) for link in item.links)
    return feed if here and stated.title.value.casefold() == feed.title.value.casefold() else stated
