"""A page with microformats → things in schema.org's terms: h-review, h-entry, h-feed, the classic hReview and hAtom.

(microformats.org/wiki/h-review, /h-entry, /hreview.) mf2py reads them; it is loaded, and the page is read a second
time, only where a class says that there are some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import html

from feedsvc.model import Text
from feedsvc.parsers.encoding import clean
from feedsvc.parsers.pages.things import DEEPEST, LONGEST, MOST_THINGS, MOST_VALUES, Thing

#: The most that mf2py reads: a text counts as often as marked elements stand around it, which it does copy as often.
LONGEST_PAGE = 1_000_000
HEAVIEST_PAGE = 2_000_000
DEEPEST_PAGE = 150

_SAID = re.compile(r"""\bclass\s*=\s*["']?[^"'>]*\b(?:h-(?:review|entry|feed)|hreview|hentry)\b""", re.I)
_MARKED = re.compile(r"(?:\A|\s)(?:h|p|u|dt|e)-[a-z]|\b(?:hreview|hentry|hfeed|vcard)\b")
#: What an element weighs without its text.
_TAG = 50
_TYPES = {
    "h-review": "Review",
    "h-entry": "BlogPosting",
    "h-feed": "ItemList",
    "h-card": "Person",
    "h-product": "Product",
    "h-event": "Event",
    "h-recipe": "Recipe",
}
#: Property of microformats → schema.org's term; the first that is said goes first.
_TERMS = {
    "author": "author",
    "reviewer": "author",
    "published": "datePublished",
    "reviewed": "datePublished",
    "updated": "dateModified",
    "item": "itemReviewed",
    "content": "reviewBody",
    "description": "reviewBody",
    "summary": "description",
    "category": "keywords",
    "photo": "image",
    "featured": "image",
    "url": "url",
    "uid": "url",
    "rights": "copyrightNotice",
    "in-language": "inLanguage",
}


def microformats_of(root: html.HtmlElement, base: str | None) -> tuple[list[Thing], list[str]]:
    """The things of a page, and what had to be left out."""
    page = html.tostring(root, encoding="unicode")
    if not _SAID.search(page):
        return [], []
    if len(page) > LONGEST_PAGE or _is_heavy(root):
        return [], ["The page's microformats were left out: it is too large or nested too deep."]
    import mf2py  # 0.4 s, which most documents need not wait for

    try:
        found = mf2py.parse(doc=page, url=base or "", html_parser="lxml")
    except (RecursionError, ValueError, AttributeError, TypeError) as error:
        # What it raises for an address that no rule can join, and for attributes without a value.
        return [], [f"The page's microformats could not be read ({type(error).__name__})."]
    things: list[Thing] = []
    for item in found["items"]:
        _thing(item, None, None, things, 0)
    return things, []


def _is_heavy(root: html.HtmlElement) -> bool:
    """Whether too many elements, or too many marked ones with too much text, stand inside one another."""
    weight = 0
    around: dict[html.HtmlElement, tuple[int, int]] = {}
    for element in root.iter("*"):
        parent = element.getparent()
        depth, marked = around[parent] if parent is not None else (0, 0)
        marked += _MARKED.search(element.get("class") or "") is not None
        around[element] = depth + 1, marked
        weight += marked * (_TAG + len(element.text or "") + len(element.tail or ""))
        if depth > DEEPEST_PAGE or weight > HEAVIEST_PAGE:
            return True
    return False


def _thing(
    item: Mapping[str, Any], parent: Thing | None, role: str | None, things: list[Thing], depth: int
) -> Thing | None:
    if depth > DEEPEST or len(things) >= MOST_THINGS:
        return None
    types = frozenset(_TYPES[name] for name in item.get("type", ()) if name in _TYPES)
    properties: Mapping[str, list[Any]] = item.get("properties", {})
    if "BlogPosting" in types and not properties.keys().isdisjoint({"rating", "item"}):
        types |= {"Review"}
    thing = Thing(types=types, parent=parent, role=role)
    things.append(thing)
    is_text = bool(types & {"Review", "BlogPosting"})
    for name, term in (("name", "headline" if is_text else "name"), *_TERMS.items()):
        for value in properties.get(name, ())[:MOST_VALUES]:
            _say(thing, term, value, things, depth)
    _rate(thing, properties)
    for child in item.get("children", ())[:MOST_THINGS]:
        if (inner := _thing(child, thing, "itemListElement", things, depth + 1)) is not None:
            thing.say("itemListElement", inner)
    return thing


def _say(thing: Thing, term: str, value: object, things: list[Thing], depth: int) -> None:
    if not isinstance(value, Mapping):
        thing.say(term, Text(value=clean(str(value)).strip()[:LONGEST]))
    elif "type" in value:
        # The classic formats' item and its name are one element, of which the headline is not the other half.
        if term in ("headline", "url"):
            return
        if (inner := _thing(value, thing, term, things, depth + 1)) is not None:
            inner.said.setdefault("name", [Text(value=str(value.get("value", "")).strip()[:LONGEST])])
            thing.say(term, inner)
    elif "html" in value:
        thing.say(term, Text(value=clean(str(value["html"]))[:LONGEST], type="html"))
    elif written := str(value.get("value") or "").strip():
        thing.say(term, Text(value=clean(written)[:LONGEST]))


def _rate(thing: Thing, properties: Mapping[str, list[Any]]) -> None:
    """A rating with its scale; p-best and p-worst stand beside it."""
    stated = {
        term: words
        for term, name in (("ratingValue", "rating"), ("bestRating", "best"), ("worstRating", "worst"))
        if (words := next(_plain(properties.get(name, [])), None))
    }
    if "ratingValue" in stated:
        said: dict[str, list[Thing | Text]] = {term: [Text(value=words)] for term, words in stated.items()}
        thing.say("reviewRating", Thing(types=frozenset({"Rating"}), said=said, parent=thing, role="reviewRating"))


def _plain(values: list[Any]) -> Iterator[str]:
    for value in values:
        words = value.get("value") if isinstance(value, Mapping) else value
        if isinstance(words, str) and words.strip():
            yield clean(words).strip()[:200]
