"""A thing of a page that is a review, or an article, → an item: the one reader of all vocabularies.

(schema.org/Review and what it inherits of CreativeWork and Thing.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedsvc.model import (
    AlsoClaim,
    Category,
    Citation,
    Credit,
    FeedInfo,
    ImageClaim,
    Item,
    LicenceClaim,
    Link,
    Person,
    Text,
)
from feedsvc.parsers.claims import unique
from feedsvc.parsers.pages.things import Graph, Thing, joined, page_of
from feedsvc.parsers.pages.works import rating_of, subject_of

#: A review in itself; what checks a claim or an employer reviews no work.
REVIEWS = frozenset({"Review", "CriticReview", "UserReview", "ReviewNewsArticle", "Recommendation"})
ARTICLES = frozenset(
    {"Article", "NewsArticle", "BlogPosting", "OpinionNewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle"}
)
#: Most images, people and other values of one review.
MOST = 100

_BARE = re.compile(r"\s*[\w -]*\s*")
_PIXELS = re.compile(r"(\d{1,6})(?:\.0+)?\s*(?:px)?")


def item_of(graph: Graph, review: Thing, url: str | None) -> Item:
    """What a review says of itself, every value verbatim; `url` is where it stands."""
    holder = graph.word(review, "copyrightHolder")
    notice = graph.text(review, "copyrightNotice")
    abstract = graph.text(review, "abstract")
    summary = graph.text(review, "description")
    return Item(
        links=(Link(href=url, type="text/html"),) if url else (),
        title=_line(graph.text(review, "headline", "name", "alternativeHeadline")),
        summary=summary or abstract,
        content=graph.text(review, "reviewBody", "articleBody", "text"),
        authors=people(graph, review, "author", "creator"),
        contributors=people(graph, review, "editor", "contributor", "translator"),
        origin=publisher(graph, review),
        cited=_cited(graph, review),
        rights=notice,
        rights_holder=holder,
        licences=tuple(licences(graph, review)),
        images=tuple(images(graph, review)),
        credits=unique(Credit(name=line) for line in graph.words(review, "creditText")),
        categories=tuple(_categories(graph, review)),
        subject=subject_of(graph, review),
        rating=rating_of(graph, review),
        verdict=abstract.value if abstract and summary and abstract.value != summary.value else None,
        published=graph.word(review, "datePublished", "dateCreated"),
        updated=graph.word(review, "dateModified"),
        language=_language(graph, review),
        also=unique(AlsoClaim(url=address) for address in graph.addresses(review, "sameAs")[:MOST]),
    )


def _line(text: Text | None) -> Text | None:
    return Text(value=" ".join(text.value.split()), type=text.type, language=text.language) if text else None


def people(graph: Graph, thing: Thing, *names: str) -> tuple[Person, ...]:
    """Who is named under the first of these properties that names anybody; an address alone names nobody."""
    for name in names:
        found = []
        for value in graph.values(thing, name):
            if isinstance(value, Text):
                called, url = value.value, None
            else:
                called = graph.word(value, "name", "alternateName") or _whole_name(graph, value)
                url = graph.address(value, "url") or page_of(value.id) or graph.address(value, "sameAs")
            if called.strip() and not joined(None, called):
                found.append(Person(name=" ".join(called.split()), url=url))
        if found:
            return unique(found[:MOST])
    return ()


def _whole_name(graph: Graph, person: Thing) -> str:
    return " ".join(part for name in ("givenName", "familyName") if (part := graph.word(person, name)))


def publisher(graph: Graph, thing: Thing) -> FeedInfo | None:
    """The outlet, as publisher or as what the review is part of."""
    for value in graph.values(thing, "publisher", "sourceOrganization", "provider"):
        name = " ".join(value.value.split()) if isinstance(value, Text) else graph.word(value, "name", "alternateName")
        if name and not joined(None, name):
            return _outlet(graph, name, value)
    return None


def _outlet(graph: Graph, name: str, value: Thing | Text) -> FeedInfo:
    if isinstance(value, Text):
        return FeedInfo(title=Text(value=name))
    home = graph.address(value, "url") or page_of(value.id)
    links = (Link(href=home),) if home else ()
    return FeedInfo(title=Text(value=name), links=links, icon=graph.address(value, "logo"))


def licences(graph: Graph, thing: Thing) -> Iterator[LicenceClaim]:
    """Each licence by its address, its name, or both."""
    for value in list(graph.values(thing, "license"))[:MOST]:
        if isinstance(value, Text):
            address = joined(graph.base, value.value) if " " not in value.value.strip() else None
            yield LicenceClaim(url=address) if address else LicenceClaim(text=value.value)
        elif (claim := LicenceClaim(url=_page(graph, value), text=graph.word(value, "name"))) != LicenceClaim():
            yield claim


def _page(graph: Graph, value: Thing) -> str | None:
    return graph.address(value, "url") or page_of(value.id) or graph.address(value, "sameAs")


def images(graph: Graph, thing: Thing) -> Iterator[ImageClaim]:
    """Each image with its own credits, licence and rights."""
    for value in list(graph.values(thing, "image", "primaryImageOfPage"))[:MOST]:
        if isinstance(value, Text):
            # A bare word or number is no file's name.
            if not _BARE.fullmatch(value.value) and (address := joined(graph.base, value.value)):
                yield ImageClaim(url=address)
            continue
        address = graph.address(value, "contentUrl", "url") or page_of(value.id)
        if address:
            yield ImageClaim(
                url=address,
                type=graph.word(value, "encodingFormat"),
                width=_pixels(graph.word(value, "width")),
                height=_pixels(graph.word(value, "height")),
                alt=graph.word(value, "caption", "description"),
                credits=_credits(graph, value),
                licence=next(licences(graph, value), None),
                rights=graph.word(value, "copyrightNotice"),
                terms_url=graph.address(value, "acquireLicensePage", "usageInfo"),
            )


def _credits(graph: Graph, image: Thing) -> tuple[Credit, ...]:
    """The credit line, and who made or owns the image where the line leaves them out."""
    lines = [Credit(name=line) for line in graph.words(image, "creditText")]
    said = " ".join(line.name for line in lines).casefold()
    for name, role in (("creator", "photographer"), ("author", "photographer"), ("copyrightHolder", None)):
        for person in people(graph, image, name):
            if person.name.casefold() not in said:
                lines.append(Credit(name=person.name, role=role, scheme="urn:ebu" if role else None))
                said = f"{said} {person.name.casefold()}"
    return unique(lines[:MOST])


def _pixels(said: str | None) -> int | None:
    found = _PIXELS.fullmatch(said or "")
    return int(found[1]) if found else None


def _cited(graph: Graph, review: Thing) -> tuple[Citation, ...]:
    found = []
    for value in list(graph.values(review, "citation", "isBasedOn"))[:MOST]:
        if isinstance(value, Text):
            address = joined(None, value.value)
            found.append(Citation(url=address) if address else Citation(name=value.value.strip()))
        elif (citation := Citation(name=graph.word(value, "name", "headline"), url=_page(graph, value))) != Citation():
            found.append(citation)
    return unique(citation for citation in found if citation != Citation())


def _categories(graph: Graph, review: Thing) -> Iterator[Category]:
    """Keywords, one by one or parted by commas, and sections."""
    said = [part for line in graph.words(review, "keywords") for part in re.split(r"[,;]", line)]
    for term in unique(term.strip() for term in (*said, *graph.words(review, "articleSection", "genre"))):
        if term:
            yield Category(term=term[:500])


def _language(graph: Graph, review: Thing) -> str | None:
    """The tag: a string, or a Language with the tag as its alternate name."""
    for value in graph.values(review, "inLanguage"):
        tag = value.value if isinstance(value, Text) else graph.word(value, "alternateName", "identifier", "name")
        if tag and tag.strip():
            return tag.strip()
    return None
