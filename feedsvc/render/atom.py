"""A document and its entries in, an Atom document out (RFC 4287), as bytes that depend on nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from feedgen.entry import FeedEntry
from lxml import etree

from feedsvc.model import Document, Entry, Outlet, Person, Site
from feedsvc.render.body import body_of
from feedsvc.render.credit import critics
from feedsvc.render.envelope import CARRIER, cut, namespaces_of, spliced, write_history
from feedsvc.render.extension import finish_feed, generator, new_entry
from feedsvc.render.faithful import categories, write_links, write_metadata
from feedsvc.render.legible import legible
from feedsvc.render.moments import changed, publication, rfc3339
from feedsvc.render.shape import AT, XML, add, language_tag, remove, uri

MEDIA_TYPE = "application/atom+xml"


def fragments(site: Site, entries: Sequence[tuple[Entry, datetime]]) -> list[bytes]:
    """Each entry with its `updated`, as it stands in any document."""
    return cut(draw(site, CARRIER, entries), b"entry", len(entries))


def document(site: Site, document: Document, fragments: Sequence[bytes]) -> bytes:
    """The whole document, with these fragments for its entries."""
    return spliced(draw(site, document, ()), b"</feed>", fragments)


def draw(site: Site, document: Document, entries: Sequence[tuple[Entry, datetime]]) -> bytes:
    """Envelope and entries drawn at once, by feedgen."""
    site, document = legible(site), legible(replace(document, entries=()))
    feed = document.feed
    drawn = generator(site, document, suffix=".atom", media_type=MEDIA_TYPE)
    buried = {"at": AT.strip("{}")} if document.tombstones else {}
    finish_feed(drawn, partial(_finish_feed, document, site), **namespaces_of(document), **buried)
    if feed.description:
        drawn.subtitle(feed.description)
    drawn.icon(uri(feed.icon) if feed.icon else None)
    drawn.logo(uri(feed.logo) if feed.logo else None)
    for entry, updated in legible(tuple(entries)):
        _draw(new_entry(drawn, partial(_finish, entry, site)), entry, site, updated)
    written: bytes = drawn.atom_str(pretty=True)
    return written


def _finish_feed(document: Document, site: Site, root: etree._Element) -> None:
    """The documents around it, and which entries are deleted, so that subscribers can delete them too (RFC 6721 3)."""
    write_history(root, "link", site, document, suffix=".atom", media_type=MEDIA_TYPE)
    for tombstone in document.tombstones:
        deleted = add(root, AT + "deleted-entry", ref=tombstone.id, when=rfc3339(tombstone.when))
        add(deleted, AT + "comment", tombstone.comment)


def _draw(drawn: FeedEntry, entry: Entry, site: Site, updated: datetime) -> None:
    """What feedgen writes right."""
    review, body = entry.review, body_of(entry, site)
    drawn.id(review.id)
    drawn.title(review.title.strip() or review.outlet.name)
    drawn.updated(updated)
    drawn.published(publication(review))
    drawn.author([_person(person) for person in critics(review)])
    drawn.contributor([_person(person) for person in review.contributors])
    drawn.category(categories(review))
    drawn.rights(review.rights)
    drawn.link(href=review.url or site.review_url(review.key), rel="alternate")
    if body.content:
        drawn.content(body.content.html, type="html")
    if body.brief or not body.content:
        drawn.summary(body.summary.html, type="html")


def _finish(entry: Entry, site: Site, element: etree._Element) -> None:
    """What feedgen writes wrong or not at all.

    Names are bare here: until they are written, feedgen's Atom elements stand in no namespace.
    """
    review = entry.review
    if language := language_tag(review.language):
        element.set(XML + "lang", language)
    remove(element, "link", "source")
    add(element, "link", rel="alternate", type="text/html", href=review.url or site.review_url(review.key))
    write_links(element, "link", entry)
    _write_source(element, review.outlet, site, changed(review))
    write_metadata(element, entry)


def _write_source(element: etree._Element, outlet: Outlet, site: Site, updated: datetime) -> None:
    """The outlet, as the feed that the entry first stood in (RFC 4287 4.2.11)."""
    source = add(element, "source")
    add(source, "id", source_id(outlet, site))
    add(source, "title", outlet.name)
    add(source, "updated", rfc3339(outlet.feed_updated or updated))
    if outlet.feed_url:
        add(source, "link", rel="self", href=outlet.feed_url)
    if outlet.url:
        add(source, "link", rel="alternate", type="text/html", href=outlet.url)
    if outlet.rights:
        add(source, "rights", outlet.rights)
    if outlet.icon:
        add(source, "icon", uri(outlet.icon))


def source_id(outlet: Outlet, site: Site) -> str:
    """The outlet's own feed id, else an address of it, else one that the same name always gets here (RFC 4122 4.3)."""
    stated = outlet.feed_id or outlet.feed_url or outlet.url
    return stated or uuid.uuid5(uuid.NAMESPACE_URL, f"{site.base_url}/outlets/{outlet.name}").urn


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "uri": uri(person.url)} if person.url else {"name": person.name}
