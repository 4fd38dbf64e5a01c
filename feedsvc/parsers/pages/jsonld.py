"""A page's JSON-LD scripts, sound or not → things. Contexts are not fetched: every term is taken as schema.org's.

(JSON-LD 1.1, W3C.) What cannot be mended, is too large or too deep is left out with a sentence, and harms no other
script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape

import msgspec
from lxml import html

from feedsvc.model import Text
from feedsvc.parsers.encoding import clean
from feedsvc.parsers.pages.things import DEEPEST, LONGEST, MOST_THINGS, Thing, identity, short_name

#: Characters of one script, and objects and arrays in it.
LONGEST_SCRIPT = 2_000_000
MOST_OBJECTS = 50_000
MOST_SCRIPTS = 100

_TYPE = "application/ld+json"
#: What old pages wrap a script in, so that old browsers would not show it.
_WRAPPED = re.compile(r"\A\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?|(?:/[/*]\s*)?(?:-->|\]\]>)(?:\s*\*/)?\s*\Z")
#: A string, left as it is though it never end, or a comma before a closing bracket, which goes.
_COMMA_TOO_MANY = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,(?=\s*[}\]])', re.S)


class Linked:
    """The things of a page's scripts, made one after the other; there are never more than MOST_THINGS."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self.things: list[Thing] = []
        self.problems: list[str] = []

    def read(self, script: str) -> None:
        """Add what a script says."""
        try:
            value = _loaded(script)
        except ValueError as error:
            self.problems.append(f"A block of JSON-LD was left out: {error}.")
            return
        for node in _nodes(value):
            self._thing(node, None, None, None, 0)

    def _thing(
        self, node: Mapping[str, object], parent: Thing | None, role: str | None, language: str | None, depth: int
    ) -> Thing | None:
        if depth > DEEPEST or len(self.things) >= MOST_THINGS:
            return None
        id = node.get("@id", node.get("id"))
        thing = Thing(
            types=frozenset(_types(node.get("@type", node.get("type")))),
            id=identity(self._base, id) if isinstance(id, str) and id.strip() else None,
            parent=parent,
            role=role,
        )
        self.things.append(thing)
        context = node.get("@context")
        if isinstance(context, Mapping) and isinstance(context.get("@language"), str):
            language = str(context["@language"])
        for key, value in node.items():
            if not key.startswith("@"):
                self._say(thing, short_name(key), value, language, depth)
        if isinstance(reverse := node.get("@reverse"), Mapping):
            self._reverse(thing, reverse, language, depth)
        return thing

    def _say(self, thing: Thing, name: str, value: object, language: str | None, depth: int) -> None:
        """One property's value or values; a list in a list is the same list."""
        for each in _flat(value):
            if isinstance(each, Mapping):
                if "@value" in each:
                    tag = each.get("@language")
                    self._say(thing, name, each["@value"], tag if isinstance(tag, str) else language, depth)
                elif inner := self._thing(each, thing, name, language, depth + 1):
                    thing.say(name, inner)
            elif (written := _written(each)) is not None:
                thing.say(name, Text(value=written, type="unsure", base=self._base, language=language))

    def _reverse(self, thing: Thing, reverse: Mapping[str, object], language: str | None, depth: int) -> None:
        """{"@reverse": {"itemReviewed": […]}}: whoever says it of this thing."""
        for key, value in reverse.items():
            for each in _flat(value):
                inner = self._thing(each, None, None, language, depth + 1) if isinstance(each, Mapping) else None
                if inner:
                    inner.say(short_name(key), thing)


def scripts_of(root: html.HtmlElement) -> Iterator[str]:
    """The text of each JSON-LD script of a page."""
    found = 0
    for script in root.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == _TYPE and found < MOST_SCRIPTS:
            found += 1
            yield script.text or ""


def _nodes(value: object) -> Iterator[Mapping[str, object]]:
    """The objects at the top: alone, in a list, in a graph."""
    for each in _flat(value):
        if not isinstance(each, Mapping):
            continue
        graph = each.get("@graph")
        if graph is None:
            yield each
            continue
        if set(each) - {"@graph", "@context", "@id"}:
            yield {key: inner for key, inner in each.items() if key != "@graph"}
        yield from (node for node in _flat(graph) if isinstance(node, Mapping))


def _flat(value: object, depth: int = 0) -> Iterator[object]:
    """A value, or each of a list or set of them; @list and @set are lists."""
    if isinstance(value, Mapping) and (inner := value.get("@list", value.get("@set"))) is not None:
        value = inner
    if not isinstance(value, list):
        yield value
    elif depth < DEEPEST:
        for each in value[:MOST_THINGS]:
            yield from _flat(each, depth + 1)


def _types(value: object) -> Iterator[str]:
    for each in _flat(value):
        if isinstance(each, str) and each.strip():
            yield short_name(each)


def _written(value: object) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return f"{value:.12g}"
    return clean(value).strip()[:LONGEST] or None if isinstance(value, str) else str(value)[:100]


def _loaded(script: str) -> object:
    """A script's value, mended where it must be; raises ValueError with the reason where it cannot be read."""
    if len(script) > LONGEST_SCRIPT or script.count("{") + script.count("[") > MOST_OBJECTS:
        raise ValueError("it is too large")
    reason = "it is empty"
    for text in _mended(script):
        try:
            return msgspec.json.decode(text.encode("utf-8", "replace"))
        except (msgspec.DecodeError, RecursionError):
            pass
        try:
            value: object = json.loads(text, strict=False)
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error
        except ValueError as error:
            reason = f"it is no JSON ({error})"
        else:
            return value
    raise ValueError(reason)


def _mended(script: str) -> Iterator[str]:
    """The script as it is, then without what wraps it, then without commas and quotes that no JSON has."""
    text = script.strip().lstrip("\ufeff")
    if not text:
        return
    yield text
    text = _WRAPPED.sub("", _WRAPPED.sub("", text)).strip().rstrip(";").strip()
    if '"' not in text and "&quot;" in text:
        text = unescape(text)
    yield text
    yield _COMMA_TOO_MANY.sub(lambda found: found[1] or "", text)
