"""The element of an RSS item or an Atom entry → Item, every value as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.model import Enclosure, FeedInfo, ImageClaim, Item, Link, Person, Text
from feedsvc.parsers import claims
from feedsvc.parsers.branch import Branch
from feedsvc.parsers.channel import read_feed_info
from feedsvc.parsers.media import credits_of, images_of, is_image, media
from feedsvc.parsers.rsl import usage_terms
from feedsvc.parsers.vocabulary import RDF


def read_item(entry: Branch) -> Item:
    """One review as its source states it. Atom's elements are understood in RSS too, and the other way round."""
    links = [*_original(entry), *claims.links(entry)]
    also = claims.elsewhere(claims.references(entry, "dcterms:isversionof"), links)
    cited = claims.citations(claims.references(entry, "dcterms:references"), links, also)
    images, enclosures = media(entry, links)
    source = _content_source(entry)
    guid, is_permalink = _guid(entry, [*links, *source])
    return Item(
        guid=guid,
        guid_is_permalink=is_permalink,
        links=(*claims.unmatched(links, cited, also), *(link for link in source if isinstance(link, Link))),
        title=_title(entry),
        summary=_summary(entry),
        content=_content(entry),
        authors=_authors(entry),
        contributors=claims.people(entry, "atom:contributor", "dc:contributor"),
        origin=_origin(entry),
        via=tuple(link for link in links if link.rel == "via"),
        cited=cited,
        rights=claims.rights(entry),
        rights_holder=entry.text_of("dcterms:rightsholder"),
        licences=claims.licences(entry, links),
        usage=usage_terms(entry),
        terms=entry.text_of("dcterms:accessrights"),
        images=images_of((*images, *(claim for claim in source if isinstance(claim, ImageClaim)))),
        credits=tuple(credit for credit in credits_of(entry) if not any(credit in i.credits for i in images)),
        enclosures=(*enclosures, *(file for file in source if isinstance(file, Enclosure))),
        categories=claims.categories(entry),
        subject=claims.subject(entry),
        rating=claims.rating(entry),
        verdict=entry.text_of("schema:abstract"),
        published=entry.text_of(*_PUBLISHED),
        updated=entry.text_of("atom:updated", "atom:modified", "dcterms:modified"),
        language=entry.text_of("dc:language", "language") or entry.own_language,
        also=also,
    )


_PUBLISHED = (
    "pubdate",
    "atom:published",
    "atom:issued",
    "dcterms:issued",
    "dcterms:created",
    "atom:created",
    "dc:date",
)


def _original(entry: Branch) -> list[Link]:
    """The item's own page, where FeedBurner put the address of its counter in its place."""
    stated = entry.first("feedburner:origlink")
    url = stated.url() if stated else None
    return [Link(href=url)] if url else []


def _guid(entry: Branch, leads: Sequence[object]) -> tuple[str | None, bool]:
    """The id and whether it is also the permalink: RSS 2.0 says so unless isPermaLink is "false"."""
    stated = entry.first("guid", "atom:id")
    if stated and stated.name == "guid" and stated.whole_text:
        return stated.whole_text, (stated.get("isPermaLink") or "true").lower() == "true"
    name = stated.whole_text if stated else None
    name = name or entry.get(f"{RDF}about")
    return name, claims.is_only_address(name, leads)


def _title(entry: Branch) -> Text | None:
    atom = entry.first("atom:title")
    if atom and (title := atom.as_construct()):
        return claims.short(title)
    found = (child.as_unsure() for child in entry.all("title", "dc:title", "media:title"))
    return claims.short(next((title for title in found if title), None))


def _summary(entry: Branch) -> Text | None:
    """The summary; where there is none, the words that other vocabularies have for it."""
    for child in entry.all("description", "atom:summary"):
        if text := child.as_construct() if child.name == "atom:summary" else child.as_html():
            return text
    group = entry.first("media:group")
    others = entry.all("dcterms:abstract", "dc:description", "itunes:summary", "media:description")
    others += group.all("media:description") if group else []
    return next((text for child in others if (text := child.as_unsure())), None)


def _content(entry: Branch) -> Text | None:
    for child in entry.all("atom:content", "content:encoded", "xhtml:body", "xhtml:div", "fullitem"):
        if text := child.as_construct() if child.name == "atom:content" else child.as_html():
            return text
    return None


def _content_source(entry: Branch) -> list[Link | ImageClaim | Enclosure]:
    """Where Atom content stands that is not in the entry (RFC 4287, 4.1.3.2)."""
    content = entry.first("atom:content")
    url = content.url("src") if content else None
    if not content or not url:
        return []
    media_type = content.get("type")
    if is_image(url, media_type):
        return [ImageClaim(url=url, type=media_type)]
    if media_type and media_type.lower() not in ("html", "text/html", "xhtml", "application/xhtml+xml"):
        return [Enclosure(url=url, type=media_type)]
    return [Link(href=url, type=media_type)]


def _authors(entry: Branch) -> tuple[Person, ...]:
    """Every author; iTunes' own, which often names the programme, only where nobody else is named."""
    return claims.people(entry, "atom:author", "author", "dc:creator") or claims.people(entry, "itunes:author")


def _origin(entry: Branch) -> FeedInfo | None:
    """The feed that the entry first stood in: atom:source (RFC 4287, 4.2.11) or RSS 2.0's source."""
    if atom := entry.first("atom:source"):
        return read_feed_info(atom)
    source = entry.first("source")
    if not source:
        return None
    url, title = source.url("url"), source.as_unsure()
    if not url and not title:
        return None
    return FeedInfo(title=claims.short(title), links=(Link(href=url, rel="self"),) if url else ())
