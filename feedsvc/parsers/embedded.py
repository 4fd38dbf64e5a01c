"""An item of a feed in; the same item with what the markup inside its text says of work, rating and critic, out.

Blog programs write reviews as hReview (microformats.org/wiki/hreview), h-review, microdata or JSON-LD into the text
itself. What elements of the item say goes first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from feedsvc.errors import SourceError
from feedsvc.model import Item, RatingClaim, Text
from feedsvc.parsers.htmldoc import open_page
from feedsvc.parsers.pages import Graph, Thing, graph_of
from feedsvc.parsers.pages.reviews import REVIEWS, people
from feedsvc.parsers.pages.works import rating_of, subject_of

#: Most characters of a text that is read a second time for its markup.
LONGEST = 200_000
_SAYS_SO = re.compile(
    r"""class\s*=\s*["']?[^"'>]*\b(?:h-?review)\b|schema\.org/[A-Za-z]*(?:Review|Recommendation)\b|"[A-Za-z]*Review[A-Za-z]*\"""",
)
#: The scale of microformats where they state none (hReview 0.4, h-review).
_BEST, _WORST = "5", "1"
_FITS = re.compile(r"[1-4](?:\.\d+)?|5(?:\.0+)?")


def with_embedded(item: Item) -> Item:
    """The item, its open fields filled from the one review that its text marks up; of several, none is the item's."""
    text = item.content or item.summary
    if text is None or text.type == "text" or (item.subject and item.rating):
        return item
    markup = text.value
    # Nearly every text is turned away here. Written out: a loop of three steps takes as long as the search itself.
    if not ("schema.org/" in markup or "h-review" in markup or "hreview" in markup):
        return item
    if len(markup) > LONGEST or not _SAYS_SO.search(markup):
        return item
    found = _review_in(text)
    return _filled(item, *found) if found else item


def _review_in(text: Text) -> tuple[Graph, Thing] | None:
    try:
        graph, _ = graph_of(open_page(text.value, "the text"), text.base)
    except SourceError:
        return None
    reviews = [thing for thing in graph.things if thing.types & REVIEWS and thing.said]
    return (graph, reviews[0]) if len(reviews) == 1 else None


def _filled(item: Item, graph: Graph, review: Thing) -> Item:
    return replace(
        item,
        subject=item.subject or subject_of(graph, review),
        rating=item.rating or _on_its_scale(rating_of(graph, review), review),
        authors=item.authors or people(graph, review, "author"),
        published=item.published or graph.word(review, "datePublished"),
    )


def _on_its_scale(claim: RatingClaim | None, review: Thing) -> RatingClaim | None:
    if claim is None or claim.best or review.vocabulary != "mf" or not _FITS.fullmatch(claim.value or ""):
        return claim
    return replace(claim, best=_BEST, worst=claim.worst or _WORST)
