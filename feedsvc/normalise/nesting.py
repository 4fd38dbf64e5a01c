"""HTML in; the same without what a parser reads by rules of its own, its tags, and whether they nest too deep, out.

An HTML parser is a machine of many states, and what stands in a script, a comment or an attribute's value only looks
like a tag. So what is dropped anyway and read in another state is cut first; then every "<" that is left begins a tag,
for us as for the parser, and one pattern (HTML, 13.2.5) reads them all.

The count of open elements never falls below the parser's: an end tag counts only where it surely ends what is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from feedsvc.normalise.characters import word_set

DEEPEST = 512
#: A parser opens unclosed formatting anew in every block: so many elements at most may come of that.
_MOST_REOPENED = 300_000

#: What stands in them is no HTML, or is read by other rules.
_OTHER_RULES = "iframe|noembed|noframes|noscript|plaintext|script|select|style|template|textarea|title|xmp|frameset"
_FOREIGN = "math|svg"
_NAME = r"[a-zA-Z][^\s/>]*+"
_ATTRIBUTE = re.compile(
    r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'>])[^\s>]++)?+)?+""", re.A
)  # its name, and its value: HTML, 13.2.5.32 to 38


def _markup(cut: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?i:<(?P<cut>{cut})(?=[\s/>])(?:.*?</(?P=cut)(?=[\s/>])[^>]*+>|(?P<rest>.*)))"
        r"|<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-zA-Z]))[^>]*+>?"
        rf"|(?P<tag><(?P<slash>/?)(?P<name>{_NAME})(?P<attributes>(?:[\s/]++|{_ATTRIBUTE.pattern})*+)>)"
        r"|<(?:/?[a-zA-Z].*)?",
        re.S | re.A,
    )


_MARKUP = _markup(f"{_OTHER_RULES}|(?:{_FOREIGN})(?![^<>]*/>)")
#: For what follows a picture or a formula that never ends: HTML that stands in one breaks out of it.
_BROKEN_OUT = _markup(_OTHER_RULES)

_CHILDLESS = word_set("area base br col embed frame hr img input link meta param source track wbr")
#: The start tag of the first certainly closes an open one of the second.
_CLOSED_BY = {
    "p": word_set("p"),
    "li": word_set("li p"),
    "dd": word_set("dd dt p"),
    "dt": word_set("dd dt p"),
    "option": word_set("option"),
    "td": word_set("td th"),
    "th": word_set("td th"),
    "tr": word_set("td th tr"),
    "tbody": word_set("td th tr tbody thead tfoot"),
    "thead": word_set("td th tr tbody thead tfoot"),
    "tfoot": word_set("td th tr tbody thead tfoot"),
}
_FORMATTING = word_set("a b big code em font i nobr s small strike strong tt u")
#: Their start tag always opens one, and their end tag certainly closes whatever of the second stands open in it.
_BLOCKS = word_set(
    "address article aside blockquote center details div dl figcaption figure h1 h2 h3 h4 h5 h6 li ol p pre ruby"
    " section summary ul"
)
_INSIDE = word_set("abbr bdi bdo cite del dfn ins kbd mark q rp rt samp span sub sup time var")
#: So many at a time, and no more.
_MOST_PASSED = 16


class StartOrEnd(NamedTuple):
    """A tag: its name in lower case, whether it ends an element, and its attributes as they stand."""

    name: str
    ends: bool
    attributes: str


def read(html: str) -> tuple[str, list[StartOrEnd]]:
    """The HTML without comments and what other rules hold for, every "<" but a tag's escaped; and its tags."""
    tags: list[StartOrEnd] = []

    def kept(match: re.Match[str]) -> str:
        if match["tag"]:
            name = match["name"].lower()
            if name in _FOREIGN.split("|"):
                return ""
            tags.append(StartOrEnd(name, bool(match["slash"]), match["attributes"]))
            return match["tag"]
        if match["rest"] and match["cut"].lower() in _FOREIGN.split("|"):
            return _BROKEN_OUT.sub(kept, "<svg" + match["rest"])
        return "&lt;" if match[0] == "<" else ""

    return _MARKUP.sub(kept, html), tags


def attributes_in(tag: StartOrEnd) -> int:
    """How many attributes a tag has."""
    return len(_ATTRIBUTE.findall(tag.attributes))


def too_deep(tags: Iterable[StartOrEnd]) -> bool:
    """Whether elements may nest deeper than 512, or too many come of formatting that is never ended."""
    stack: list[str] = []
    formatting = reopened = 0
    for name, ends, _ in tags:
        if ends:
            formatting -= _ended(stack, name)
        elif name not in _CHILDLESS:
            closed = _CLOSED_BY.get(name, ())
            while stack and stack[-1] in closed:
                stack.pop()
            stack.append(name)
            formatting += name in _FORMATTING
        reopened += formatting
        if len(stack) > DEEPEST or reopened > _MOST_REOPENED:
            return True
    return False


def _ended(stack: list[str], name: str) -> bool:
    """Take off the element that an end tag certainly ends, and say whether it was formatting."""
    passed = 0
    if name in _BLOCKS:
        for inside in stack[: -_MOST_PASSED - 1 : -1]:
            if inside == name or inside not in _INSIDE:
                break
            passed += 1
    if passed >= len(stack) or stack[-1 - passed] != name:
        return False
    del stack[-1 - passed :]
    return name in _FORMATTING
