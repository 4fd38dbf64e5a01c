"""Canonical HTML in; whether a browser certainly reads from it the very tree that it was written from, out.

What nh3 writes is the tree that it read, well nested; some trees cannot be written so that they are read again (HTML,
13.3), and markup that mutates lives in that gap. Here only what cannot mutate passes: elements whose start tag closes
nothing that is open (13.2.6.4.7), paragraphs and headings that hold none but phrases, links without links in them, list
items right inside their list. All else, tables among it, is for a second reading to settle.
"""

from __future__ import annotations

from feedsvc.normalise.characters import word_set


def _both(line: str) -> frozenset[str]:
    return frozenset(slash + name for name in word_set(line) for slash in ("", "/"))


#: Inside anything, and anything inside them. A link has a rule of its own.
_PHRASES = _both(
    "abbr acronym b bdi bdo big cite code del dfn em i ins kbd mark q s samp small span strike strong sub sup time tt u"
    " var"
) | {"br", "img", "wbr"}
#: Their start tag closes a paragraph, so none may be open; what is inside is free.
_CONTAINERS = _both("address article aside blockquote center details div figcaption figure ol section summary ul") | {
    "/li",
    "hr",
}
#: Inside them stand phrases alone.
_LEAVES = word_set("h1 h2 h3 h4 h5 h6 p")
#: The tags that stand right before a list item that is right inside a list.
_BEFORE_AN_ITEM = frozenset({"ol", "ul", "/li"})


def reads_the_same(html: str) -> bool:
    """Whether the HTML that nh3 wrote is certain to be written again by it, letter by letter."""
    leaf, linked, before = "", False, ""
    for piece in html.split("<")[1:]:
        name = piece.partition(">")[0]
        if " " in name:
            name = name.partition(" ")[0]
        if name in _PHRASES:
            pass
        elif name == "a":
            if linked:
                return False
            linked = True
        elif name == "/a":
            linked = False
        elif leaf:
            if name != leaf:
                return False
            leaf = ""
        elif name in _LEAVES:
            leaf = f"/{name}"
        elif name not in _CONTAINERS and (name != "li" or before not in _BEFORE_AN_ITEM):
            return False
        before = name
    # A parser drops a byte order mark that it begins with.
    return not html.startswith("\ufeff")
