"""A page's root in; the graph of everything that its markup says, whatever the vocabulary, out."""

from __future__ import annotations

from lxml import html

from feedsvc.parsers.pages.attributes import Microdata, Rdfa
from feedsvc.parsers.pages.jsonld import Linked, scripts_of
from feedsvc.parsers.pages.microformats import microformats_of
from feedsvc.parsers.pages.things import Graph


def graph_of(root: html.HtmlElement, base: str | None) -> tuple[Graph, tuple[str, ...]]:
    """What a page says in JSON-LD, microdata, RDFa and microformats, in that order; and what had to be left out."""
    linked = Linked(base)
    for script in scripts_of(root):
        linked.read(script)
    things, problems = linked.things, linked.problems
    formats, more = microformats_of(root, base)
    found = {
        "json-ld": things,
        "microdata": Microdata(root, base).read(),
        "rdfa": Rdfa(root, base).read(),
        "mf": formats,
    }
    for vocabulary, several in found.items():
        for thing in several:
            thing.vocabulary = vocabulary
    return Graph([thing for several in found.values() for thing in several], base), (*problems, *more)
