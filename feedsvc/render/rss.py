"""A document and its entries in, an RSS 2.0 document out, as bytes that depend on nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from feedgen.entry import FeedEntry
from lxml import etree

from feedsvc import __version__
from feedsvc.model import Document, Enclosure, Entry, Image, Licence, LicenceState, Review, Site
from feedsvc.render.body import body_of
from feedsvc.render.credit import critics
from feedsvc.render.envelope import CARRIER, cut, namespaces_of, spliced, write_history
from feedsvc.render.extension import (
    GENERATOR,
    finish_feed,
    generator,
    new_entry,
    page_of,
    title_of,
    without_build_date,
)
from feedsvc.render.faithful import categories, write_links, write_metadata
from feedsvc.render.legible import legible
from feedsvc.render.moments import publication, rfc822, rfc3339
from feedsvc.render.shape import ATOM, CREATIVE_COMMONS, DC, SY, add, language_tag, media_type_of, remove, uri

MEDIA_TYPE = "application/rss+xml"


def fragments(site: Site, entries: Sequence[tuple[Entry, datetime]]) -> list[bytes]:
    """Each entry as it stands in any document; RSS has no room for an `updated` that no other entry shares."""
    return cut(draw(site, CARRIER, [entry for entry, _ in entries]), b"item", len(entries))


def document(site: Site, document: Document, fragments: Sequence[bytes]) -> bytes:
    """The whole document; its `updated` becomes lastBuildDate, and tombstones have no place."""
    return spliced(draw(site, document, ()), b"</channel>", fragments)


def draw(site: Site, document: Document, entries: Sequence[Entry]) -> bytes:
    """Envelope and entries drawn at once, by feedgen."""
    site, document = legible(site), legible(replace(document, entries=()))
    feed, title = document.feed, title_of(document)
    drawn = generator(site, document, suffix=".rss", media_type=MEDIA_TYPE)
    drawn.generator(f"{GENERATOR} {__version__}")
    drawn.description(feed.description or title)
    if picture := feed.logo or feed.icon:
        drawn.image(uri(picture), title=title, link=site.url(page_of(document).path()))
    without_build_date(drawn)
    rhythm = {"sy": SY.strip("{}")} if document.pause else {}
    cc = CREATIVE_COMMONS.strip("{}")
    finish = partial(_finish_channel, document, site)
    finish_feed(drawn, finish, creativeCommons=cc, **namespaces_of(document), **rhythm)
    for entry in legible(tuple(entries)):
        _draw(new_entry(drawn, partial(_finish, entry, site)), entry, site)
    return _character_references(drawn.rss_str(pretty=True))


def _character_references(document: bytes) -> bytes:
    """The same document with "<" and "&" in plain text written as numbers.

    Whether these elements hold text or HTML, RSS never said; numbers are what both kinds of reader take for text (RSS
    Advisory Board, best practices, "Character Data").
    """
    return _PLAIN_TEXT.sub(lambda found: found[0].replace(b"&lt;", b"&#x3C;").replace(b"&amp;", b"&#x26;"), document)


_PLAIN_TEXT = re.compile(rb"<(title|category|source|dc:rights|media:copyright|schema:description)[ >][^<]*</\1>")


def _finish_channel(document: Document, site: Site, root: etree._Element) -> None:
    channel = root[0]
    add(channel, "lastBuildDate", rfc822(document.updated))
    if document.pause:
        _write_pause(channel, document.pause)
    write_history(channel, ATOM + "link", site, document, suffix=".rss", media_type=MEDIA_TYPE)


def _write_pause(channel: etree._Element, pause: float) -> None:
    """Minutes that it may be kept, and how often an hour or a day it changes (RDF Site Summary 1.0, Syndication)."""
    period, seconds = ("hourly", 3600) if pause <= 3600 else ("daily", 86400)
    add(channel, "ttl", str(max(round(pause / 60), 1)))
    add(channel, SY + "updatePeriod", period)
    add(channel, SY + "updateFrequency", str(max(round(seconds / pause), 1)))


def _draw(drawn: FeedEntry, entry: Entry, site: Site) -> None:
    """What feedgen writes right."""
    review, body = entry.review, body_of(entry, site)
    drawn.guid(review.id, permalink=False)
    drawn.title(review.title.strip() or review.outlet.name)
    drawn.link(href=uri(review.url or site.review_url(review.key)), rel="alternate")
    drawn.category(categories(review))
    drawn.source(url=uri(_source_url(review, site)), title=review.outlet.name)
    drawn.description(body.summary.html)
    if body.content:
        drawn.content(body.content.html)


def _finish(entry: Entry, site: Site, element: etree._Element) -> None:
    """What feedgen writes wrong or not at all: dates without the locale, all critics, rights, links, enclosure."""
    review = entry.review
    remove(element, "author", "enclosure", "pubDate")
    if date := publication(review):
        add(element, "pubDate", rfc822(date))
    if review.updated:
        add(element, ATOM + "updated", rfc3339(review.updated))
    for person in critics(review):
        add(element, DC + "creator", person.name)
    for person in review.contributors:
        add(element, DC + "contributor", person.name)
    if language := language_tag(review.language):
        add(element, DC + "language", language)
    if review.rights:
        add(element, DC + "rights", review.rights)
    if licence := creative_commons(review.licence):
        add(element, CREATIVE_COMMONS + "license", licence)
    _write_enclosure(element, entry)
    write_links(element, ATOM + "link", entry)
    write_metadata(element, entry)


def creative_commons(licence: Licence) -> str | None:
    """The address of a Creative Commons licence; the module that carries it is for no other."""
    host = urlsplit(licence.url or "").hostname or ""
    is_theirs = host == "creativecommons.org" or host.endswith(".creativecommons.org")
    return licence.url if licence.state is LicenceState.IDENTIFIED and is_theirs else None


def _source_url(review: Review, site: Site) -> str:
    """The outlet's feed; where none is known, the nearest address to it: `url` is required, and the name must stand."""
    outlet = review.outlet
    return outlet.feed_url or outlet.url or review.url or site.review_url(review.key)


def _write_enclosure(element: etree._Element, entry: Entry) -> None:
    """RSS has room for one: the first file, else the first image that may be shown. An unknown length is written 0."""
    review = entry.review
    files: list[Enclosure | Image] = [*review.enclosures]
    files += [image for image in review.images if image.url in entry.embeddable]
    for each in files[:1]:
        length = str(max(each.length or 0, 0))
        add(element, "enclosure", url=each.url, length=length, type=media_type_of(each.type, each.url))
