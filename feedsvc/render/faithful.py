"""An entry in, the elements out that Atom and RSS share: links, credits, rights, terms, and the review itself."""

from __future__ import annotations

import re

from lxml import etree

from feedsvc.model import Entry, Licence, LicenceState, Rating, Review, Subject
from feedsvc.render.media import write_media
from feedsvc.render.moments import rfc3339
from feedsvc.render.shape import AG, DC, DCTERMS, SCHEMA, add, media_type, number, uri

#: What a licence link leads to when a licence is named but not which one (RFC 4946 2.3).
UNSPECIFIED_LICENCE = "http://purl.org/atompub/license#unspecified"
#: Scheme of the category that names the type of the work.
TYPE_SCHEME = "http://schema.org/itemReviewed"
#: Schema.org's types are addresses under this.
SCHEMA_ORG = "http://schema.org/"


def write_links(parent: etree._Element, name: str, entry: Entry) -> None:
    """Every link but the permalink, as elements called `name` (an Atom link, with RSS's prefix or without)."""
    review = entry.review
    _write_licence(parent, name, review.licence)
    if review.via:
        # The home page first: whoever takes only one should reach something a person can read.
        for href, kind in ((review.via.url, "text/html"), (review.via.feed_url, None)):
            if href:
                add(parent, name, rel="via", href=href, type=kind, title=review.via.name or None)
    for cited in review.cited:
        if cited.url:
            add(parent, name, rel="related", href=cited.url, title=cited.name or None)
    for also in review.also:
        add(parent, name, rel="related", href=also.url, title=also.outlet or None)
    _write_enclosures(parent, name, entry)


def _write_licence(parent: etree._Element, name: str, licence: Licence) -> None:
    if licence.state is LicenceState.IDENTIFIED and licence.url:
        add(parent, name, rel="license", href=licence.url, title=licence.spdx or licence.name or None)
    elif licence.state is LicenceState.UNSPECIFIED:
        title = licence.name or licence.url or licence.spdx or "NOASSERTION"
        add(parent, name, rel="license", href=UNSPECIFIED_LICENCE, title=title)


def _write_enclosures(parent: etree._Element, name: str, entry: Entry) -> None:
    """Attached files, and the images that may be shown; another image is described, not offered for download."""
    review = entry.review
    files = [(each.url, each.type, each.length, each.title) for each in review.enclosures]
    files += [(each.url, each.type, each.length, each.alt) for each in review.images if each.url in entry.embeddable]
    for href, kind, length, title in files:
        size = str(length) if length is not None and length >= 0 else None
        add(parent, name, rel="enclosure", href=href, type=media_type(kind), length=size, title=title or None)


def write_metadata(parent: etree._Element, entry: Entry) -> None:
    """Everything that Atom and RSS carry in the same foreign elements."""
    review = entry.review
    for cited in review.cited:
        add(parent, DCTERMS + "references", cited.name or cited.url)
    if review.rights_holder:
        add(parent, DCTERMS + "rightsHolder", review.rights_holder)
    add(parent, DCTERMS + "accessRights", entry.terms.statement)
    for also in review.also:
        if not also.home:
            add(parent, DCTERMS + "isVersionOf", also.url)
    if review.via and not (review.via.url or review.via.feed_url):
        # rel=via needs an address; a partner who delivers by hand has none and is still to be named.
        add(parent, DCTERMS + "provenance", review.via.name)
    add(parent, AG + "timestamp", rfc3339(review.collected))
    write_media(parent, review)
    _write_review(parent, review)


def _write_review(parent: etree._Element, review: Review) -> None:
    if review.subject:
        _write_subject(parent, review.subject)
    if review.rating:
        _write_rating(parent, review.rating)
    if review.verdict:
        add(parent, SCHEMA + "abstract", review.verdict)


def _write_subject(parent: etree._Element, subject: Subject) -> None:
    for identifier in subject.identifiers:
        add(parent, DC + "identifier", identifier)
    reviewed = add(parent, SCHEMA + "itemReviewed")
    add(reviewed, SCHEMA + "name", subject.name)
    if subject.type:
        add(reviewed, SCHEMA + "additionalType", SCHEMA_ORG + subject.type)
    if subject.year is not None:
        add(reviewed, SCHEMA + "datePublished", f"{subject.year:04d}")
    for address in subject.same_as:
        add(reviewed, SCHEMA + "sameAs", address)


def _write_rating(parent: etree._Element, rating: Rating) -> None:
    written = add(parent, SCHEMA + "reviewRating")
    for name, value in (("ratingValue", rating.value), ("bestRating", rating.best), ("worstRating", rating.worst)):
        if (figure := number(value)) is not None:
            add(written, SCHEMA + name, str(figure))
    add(written, SCHEMA + "alternateName", rating.text)


def categories(review: Review) -> list[dict[str, str]]:
    """Categories as feedgen takes them, the work's type last. No label has a comma: FreshRSS would make two of it."""
    found = []
    for category in review.categories:
        shown = uncut(category.label or category.term)
        label, scheme = shown if shown != category.term else None, uri(category.scheme or "")
        kept = {"term": category.term, "scheme": scheme, "label": label}
        found.append({key: value for key, value in kept.items() if value})
    if review.subject and review.subject.type:
        found.append({"term": review.subject.type, "scheme": TYPE_SCHEME})
    return [category for category in found if "term" in category]


def uncut(label: str) -> str:
    """A label that a reader cannot split at its commas."""
    return re.sub(r"\s*,\s*", " / ", label)
