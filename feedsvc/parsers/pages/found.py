"""A page's graph and address in; the reviews, or articles, that stand on this very page, each once, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from hashlib import sha256

from feedsvc.model import Item, Link, Text
from feedsvc.parsers.htmldoc import visible_text
from feedsvc.parsers.pages.listing import same_page, same_site
from feedsvc.parsers.pages.reviews import ARTICLES, REVIEWS, item_of
from feedsvc.parsers.pages.things import Graph, Thing

#: Reviews of one page.
MOST_REVIEWS = 500
#: Letters of a text by which it is found in another.
_OPENING = 60
#: The share of what the page shows that a text must have to be the same, and below which it is only its beginning.
_THE_SAME, _BEGINNING = 0.85, 0.5

#: Properties that only say where a thing stands.
_PLACES = frozenset({"url", "mainEntityOfPage", "isPartOf", "sameAs"})
#: What says that a thing is of another page.
_ELSEWHERE = frozenset(
    {"itemListElement", "hasPart", "blogPost", "blogPosts", "isRelatedTo", "relatedLink", "citation"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A review of a page; `mine`: the page's own, not a reader's."""

    item: Item
    mine: bool
    vocabulary: str = ""


def reviews_in(graph: Graph, url: str) -> list[Found]:
    """The reviews of the page at `url`; what two vocabularies say of one review is put together, the first in front.

    Where the page's article is a thing of its own, as programs write it, the one review is completed from it.
    """
    found = list(_unique(_found(graph, REVIEWS, url)))
    if len(found) > 1:
        return [_anchored(each, url) for each in found]
    articles = articles_in(graph, url) if found else []
    return [replace(found[0], item=filled(found[0].item, articles[0].item))] if len(articles) == 1 else found


def articles_in(graph: Graph, url: str) -> list[Found]:
    """The same of articles that are called no reviews."""
    return list(_unique(_found(graph, ARTICLES, url, but=REVIEWS)))


def filled(item: Item, other: Item) -> Item:
    """An item with what it leaves open from another reading of the same page; its text where that is the richer."""
    gaps = {each.name: getattr(other, each.name) for each in fields(Item) if not getattr(item, each.name)}
    images = (*item.images, *(image for image in other.images if image.credits or image.licence or not item.images))
    return replace(item, **gaps | {"content": _richer(item.content, other.content), "images": images})


def _found(graph: Graph, types: frozenset[str], url: str, but: frozenset[str] = frozenset()) -> Iterator[Found]:
    meant = (thing for thing in graph.things if thing.types & types and not thing.types & but)
    things = [thing for thing in meant if thing.said.keys() - _PLACES]
    here = [thing for thing in things if not _is_elsewhere(graph, thing, url)]
    if not here and len(things) == 1 and not _names_sibling(graph, things[0], url):
        here = things
    for thing in here[:MOST_REVIEWS]:
        item = item_of(graph, thing, _place(graph, thing, url, alone=len(here) == 1))
        yield Found(item=item, mine="UserReview" not in thing.types, vocabulary=thing.vocabulary)


def _is_elsewhere(graph: Graph, thing: Thing, url: str) -> bool:
    """Whether it states another page of the site as its own, or is an entry of a list."""
    above: Thing | None = thing
    while above is not None:
        if above.role in _ELSEWHERE:
            return True
        above = above.parent
    stated = _stated(graph, thing)
    return stated is not None and bool(url) and same_site(stated, url) and not same_page(stated, url)


def _names_sibling(graph: Graph, thing: Thing, url: str) -> bool:
    """Whether it is a teaser of another page of the site, and not this page's with an address of another host."""
    stated = _stated(graph, thing)
    return thing.role in _ELSEWHERE or (stated is not None and same_site(stated, url))


def _stated(graph: Graph, thing: Thing) -> str | None:
    return graph.address(thing, "url") or graph.address(thing, "mainEntityOfPage")


def _place(graph: Graph, thing: Thing, url: str, *, alone: bool) -> str | None:
    """The page's address, with the fragment where the review's own names its place in it.

    Of several reviews, one that another site published has its address there; a page's only review is its own, and a
    foreign address of it the slip of a program that was set up elsewhere.
    """
    stated = _stated(graph, thing)
    if not url:
        return stated
    if stated is None or (alone and not same_site(stated, url)):
        return url
    return stated if "#" in stated or not same_page(stated, url) else url


def _unique(found: Iterator[Found]) -> Iterator[Found]:
    kept: list[Found] = []
    for each in found:
        for index, known in enumerate(kept):
            if known.vocabulary != each.vocabulary and _is_same(known.item, each.item):
                kept[index] = replace(known, item=filled(known.item, each.item))
                break
        else:
            kept.append(each)
    yield from kept


def _is_same(one: Item, other: Item) -> bool:
    """Whether two readings are of one review: nothing that both state differs in critic, work or rating."""
    return (
        _agree({person.name.casefold() for person in one.authors}, {person.name.casefold() for person in other.authors})
        and _agree(one.subject and one.subject.name.casefold(), other.subject and other.subject.name.casefold())
        and _agree(one.rating and one.rating.value, other.rating and other.rating.value)
    )


def _agree(one: object, other: object) -> bool:
    return not one or not other or one == other


def _anchored(found: Found, url: str) -> Found:
    """One of several reviews of a page: with an address of its own, by its place in it or made from what it says."""
    item = found.item
    if item.links and ("#" in item.links[0].href or not same_page(item.links[0].href, url)):
        return found
    parts = (item.subject.name if item.subject else "", *(person.name for person in item.authors), item.published or "")
    body = (item.content or item.title or Text(value="")).value if not item.authors else ""
    anchor = sha256("\0".join((*parts, body)).encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return replace(found, item=replace(item, links=(Link(href=f"{url}#review-{anchor}", type="text/html"),)))


def _richer(said: Text | None, shown: Text | None) -> Text | None:
    """The text as told, or as shown where that is the same with its markup, or where only its beginning is told."""
    if said is None or shown is None:
        return said or shown
    told, seen = _letters(said), _letters(shown)
    if told[:_OPENING] not in seen or len(told) > len(seen):
        return said
    is_same = said.type != "html" and len(told) >= _THE_SAME * len(seen)
    return shown if is_same or len(told) < _BEGINNING * len(seen) else said


def _letters(text: Text) -> str:
    words = visible_text(text.value) if text.type != "text" and "<" in text.value else text.value
    return "".join(character for character in words.casefold() if character.isalnum())
