"""A review's thing → the work that it reviews, and the critic's rating of it. (schema.org/itemReviewed, /Rating.)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedsvc.model import RatingClaim, Subject, Text
from feedsvc.parsers.claims import unique
from feedsvc.parsers.pages.things import Graph, Thing, identity, joined, page_of

#: Types that say least of a work.
_GENERAL = ("Product", "CreativeWork", "Thing", "IndividualProduct", "ListItem")
#: Most values of one property.
MOST = 100

_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
#: Identifiers that a property of their own states, as their kind is written before them.
_IDENTIFIERS = {
    "isbn": "urn:isbn:",
    "issn": "urn:issn:",
    "gtin13": "gtin13:",
    "gtin": "gtin:",
    "gtin12": "gtin12:",
    "gtin8": "gtin8:",
    "gtin14": "gtin14:",
    "titleEIDR": "",
    "isrcCode": "isrc:",
    "iswcCode": "iswc:",
}


def subject_of(graph: Graph, review: Thing) -> Subject | None:
    """The work: what is reviewed, or what carries the review; what an article is about where it says no more."""
    held = graph.work_of(review)
    works = list(graph.values(review, "itemReviewed")) or ([held] if held else [])
    if not works and "ReviewNewsArticle" in review.types:
        works = [work for work in graph.things_in(review, "about", "mainEntity") if work.types]
    for work in works:
        if isinstance(work, Text):
            if work.value.strip() and not joined(None, work.value):
                return Subject(name=" ".join(work.value.split()))
        elif name := graph.word(work, "name", "headline", "alternateName"):
            return _subject(graph, work, name)
    return None


def _subject(graph: Graph, work: Thing, name: str) -> Subject:
    dates = ("datePublished", "copyrightYear", "dateCreated", "startDate", "releaseDate")
    years = (found[1] for date in dates for said in graph.words(work, date) if (found := _YEAR.search(said)))
    return Subject(
        name=name,
        type=_kind(work),
        year=next((int(year) for year in years), None),
        identifiers=unique(_identifiers(graph, work)),
        same_as=unique(_elsewhere(graph, work)),
    )


def _kind(work: Thing) -> str | None:
    types = sorted(work.types)
    special = [name for name in types if name not in _GENERAL]
    return next(iter(special), None) or next((name for name in _GENERAL[:2] if name in types), None)


def _identifiers(graph: Graph, work: Thing) -> Iterator[str]:
    """As stated; those of a property of their own with their kind before them, unless it stands there."""
    for name, prefix in _IDENTIFIERS.items():
        for said in graph.words(work, name)[:MOST]:
            yield said if said.lower().startswith(prefix.lower() or "10.") else f"{prefix}{said}"
    editions = (edition for edition in graph.things_in(work, "workExample") if edition.types & {"Book", "Product"})
    for edition in list(editions)[:MOST]:
        yield from (f"urn:isbn:{said}" for said in graph.words(edition, "isbn"))
    for value in list(graph.values(work, "identifier"))[:MOST]:
        if isinstance(value, Text):
            yield value.value.strip()
        elif named := graph.word(value, "value", "name"):
            kind = graph.word(value, "propertyID")
            yield f"{kind}:{named}" if kind and not joined(None, kind) else named


def _elsewhere(graph: Graph, work: Thing) -> Iterator[str]:
    """Addresses of the work on other sites: its url, too, where it is not of the review's own."""
    yield from graph.addresses(work, "sameAs")[:MOST]
    own = identity(graph.base, "/")
    for address in (*graph.addresses(work, "url")[:MOST], page_of(work.id) or ""):
        if address and not (graph.base and address.startswith(own)):
            yield address


def rating_of(graph: Graph, review: Thing) -> RatingClaim | None:
    """The critic's rating, never the readers' average; below its own scale it says that there is none.

    (schema.org/Rating: where no worstRating is stated, 1 is assumed, so that a bare 0 is no mark.)
    """
    for value in graph.values(review, "reviewRating"):
        if isinstance(value, Text):
            return RatingClaim(text=" ".join(value.value.split()))
        if "AggregateRating" in value.types and "Rating" not in value.types:
            continue
        claim = RatingClaim(
            value=graph.word(value, "ratingValue"),
            best=graph.word(value, "bestRating"),
            worst=graph.word(value, "worstRating"),
            text=graph.word(value, "alternateName"),
        )
        if (claim.value or claim.text) and not graph.words(value, "reviewAspect") and not _is_below(claim):
            return claim
    return None


def _is_below(claim: RatingClaim) -> bool:
    try:
        value, worst = float((claim.value or "").replace(",", ".")), float((claim.worst or "1").replace(",", "."))
    except ValueError:
        return False
    return value < worst if claim.worst else value == 0
