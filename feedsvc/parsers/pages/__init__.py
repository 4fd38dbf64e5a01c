"""An HTML page's root in, what its markup says in any vocabulary out, as one tree of schema.org terms."""

from feedsvc.parsers.pages.graph import graph_of
from feedsvc.parsers.pages.things import Graph, Thing

__all__ = ["Graph", "Thing", "graph_of"]
