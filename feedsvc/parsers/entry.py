"""The element of an RSS item or an Atom entry → Item, every value as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from lxml import etree

from feedsvc.model import Credit, Enclosure, FeedInfo, ImageClaim, Item, Link, Person, Text
from feedsvc.parsers import claims, works
from feedsvc.parsers.branch import Branch, text_in
from feedsvc.parsers.channel import read_feed_info
from feedsvc.parsers.media import NAMED, credits_of, describes_image, images_of, is_image, media
from feedsvc.parsers.rsl import usage_terms
from feedsvc.parsers.vocabulary import RDF


def read_item(entry: Branch) -> Item:
    """One review as its source states it. Atom's elements are understood in RSS too, and the other way round."""
    said = entry.children
    links = claims.links(entry)
    if "feedburner:origlink" in said:
        links = [*_original(entry), *links]
    relations = {link.rel for link in links}
    source = _content_source(entry)
    tells_of_work = not _WORK.isdisjoint(said)
    also = claims.elsewhere(claims.references(entry, "dcterms:isversionof"), links) if tells_of_work else ()
    cited = claims.citations(claims.references(entry, "dcterms:references"), links, also) if tells_of_work else ()
    images, enclosures = media(entry, links) if "enclosure" in relations or not NAMED.isdisjoint(said) else ((), ())
    credits = _credits(entry, images) if "media:credit" in said or "creditline" in said else ()
    if isinstance(source, ImageClaim):
        images = images_of((*images, source))
    leads = tuple(links) if claims.HELD.isdisjoint(relations) else claims.unmatched(links, cited, also)
    guid, is_permalink = _guid(entry, [*links, source])
    tells_terms = "license" in relations or not _TERMS.isdisjoint(said)
    return Item(
        guid=guid,
        guid_is_permalink=is_permalink,
        links=(*leads, source) if isinstance(source, Link) else leads,
        title=_title(entry),
        summary=_summary(entry),
        content=_content(entry),
        authors=_authors(entry),
        contributors=claims.people(entry, "atom:contributor", "dc:contributor"),
        origin=_origin(entry) if "source" in said or "atom:source" in said else None,
        via=tuple([link for link in links if link.rel == "via"]) if "via" in relations else (),
        cited=cited,
        rights=claims.rights(entry) if tells_terms else None,
        rights_holder=entry.text_of("dcterms:rightsholder") if tells_terms else None,
        licences=claims.licences(entry, links) if tells_terms else (),
        usage=usage_terms(entry) if tells_terms else (),
        terms=entry.text_of("dcterms:accessrights") if tells_terms else None,
        images=images,
        credits=credits,
        enclosures=(*enclosures, source) if isinstance(source, Enclosure) else enclosures,
        categories=claims.categories(entry),
        subject=works.subject(entry) if tells_of_work else None,
        rating=works.rating(entry) if tells_of_work else None,
        verdict=entry.text_of("schema:abstract") if tells_of_work else None,
        published=entry.text_of(*_PUBLISHED),
        updated=entry.text_of(*_UPDATED),
        language=entry.text_of("dc:language", "language") or entry.own_language,
        also=also,
    )


#: Elements that most items do without: what they say is looked for only where one of them stands.
_WORK = works.NAMED | {"dcterms:isversionof", "dcterms:references", "schema:abstract"}
_TERMS = frozenset(
    {"atom:rights", "atom:copyright", "dc:rights", "copyright", "dcterms:rightsholder", "dcterms:accessrights"}
    | {"rsl:content", "rsl:rsl", *claims.LICENCES}
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
_UPDATED = ("atom:updated", "atom:modified", "dcterms:modified")
#: So many of a feed's elements are looked through for its title: it stands at the top, items follow by the thousand.
_HEAD = 100
#: Elements that date an item, the best first.
DATES = (*_PUBLISHED, *_UPDATED)


def _original(entry: Branch) -> list[Link]:
    """The item's own page, where FeedBurner put the address of its counter in its place."""
    url = entry.url_of("feedburner:origlink")
    return [Link(href=url)] if url else []


def _guid(entry: Branch, leads: Sequence[object]) -> tuple[str | None, bool]:
    """The id and whether it is also the permalink: RSS 2.0 says so unless isPermaLink is "false"."""
    stated = entry.first_element("guid", "atom:id")
    name = text_in(stated) if stated is not None else None
    if name and stated is not None and "guid" in entry.children:
        return name, (stated.get("isPermaLink") or "").strip().lower() in ("", "true")
    name = name or entry.get(f"{RDF}about")
    return name, claims.is_only_address(name, leads)


def _title(entry: Branch) -> Text | None:
    title = entry.first_construct("atom:title") or entry.unsure_of("title", "dc:title", "media:title")
    return claims.short(title, entry.ground.limits.max_title)


def _summary(entry: Branch) -> Text | None:
    """The summary; where there is none, the words that other vocabularies have for it."""
    if text := entry.html_of("description") or entry.construct_of("atom:summary"):
        return text
    if text := entry.unsure_of("dcterms:abstract", "dc:description", "itunes:summary"):
        return text
    if not describes_image(entry) and (text := entry.unsure_of("media:description")):
        return text
    group = entry.first("media:group")
    return group.unsure_of("media:description") if group else None


def _content(entry: Branch) -> Text | None:
    return entry.construct_of("atom:content") or entry.html_of("content:encoded", "xhtml:body", "xhtml:div", "fullitem")


def _content_source(entry: Branch) -> Link | ImageClaim | Enclosure | None:
    """Where Atom content stands that is not in the entry (RFC 4287, 4.1.3.2)."""
    stated = entry.first_element("atom:content")
    if stated is None or not stated.get("src"):
        return None
    content = entry.branch_of(stated, "atom:content")
    url = content.url("src")
    if not url:
        return None
    media_type = content.get("type")
    if is_image(url, media_type):
        return ImageClaim(url=url, type=media_type)
    if media_type and media_type.lower() not in ("html", "text/html", "xhtml", "application/xhtml+xml"):
        return Enclosure(url=url, type=media_type)
    return Link(href=url, type=media_type)


def _credits(entry: Branch, images: Sequence[ImageClaim]) -> tuple[Credit, ...]:
    """Credit lines that belong to none of the images; IPTC's says who provided the item, not who wrote it."""
    stated = claims.unique((*credits_of(entry), *(Credit(name=name) for name in entry.texts("creditline"))))
    return tuple([credit for credit in stated if not any(credit in image.credits for image in images)])


def _authors(entry: Branch) -> tuple[Person, ...]:
    """Every author; iTunes' own, which often names the programme, only where nobody else is named."""
    stated = claims.people(entry, "atom:author", "author", "dc:creator")
    if "byline" in entry.children:
        stated = _with_byline(entry, stated)
    return stated or claims.people(entry, "itunes:author")


def _with_byline(entry: Branch, stated: tuple[Person, ...]) -> tuple[Person, ...]:
    """The authors and, before them, the byline's where they only repeat what publication or desk the item is of."""
    feed = entry.element.getparent()
    titles = [] if feed is None else [child for child in islice(feed, _HEAD) if _local_name(child) == "title"]
    called = {_folded(text_in(child)) for child in [*titles, *filter(_names_no_person, entry.element)]}
    if any(_folded(person.name) not in called for person in stated):
        return stated
    return claims.unique((*claims.people(entry, "byline"), *stated))


def _names_no_person(child: etree._Element) -> bool:
    return _local_name(child) in ("category", "publisher", "source")


def _local_name(child: etree._Element) -> str:
    return str(child.tag).rpartition("}")[2].lower()


def _folded(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


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
    return FeedInfo(
        title=claims.short(title, entry.ground.limits.max_title), links=(Link(href=url, rel="self"),) if url else ()
    )
