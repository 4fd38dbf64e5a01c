"""A document and its entries in, a JSON Feed 1.1 document out, as bytes that depend on nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from feedsvc.model import (
    Credit,
    CriticRating,
    Document,
    Entry,
    Image,
    Licence,
    Outlet,
    Person,
    Rating,
    Review,
    Site,
    Subject,
    WorkSummary,
)
from feedsvc.render.body import body_of
from feedsvc.render.credit import critics
from feedsvc.render.extension import page_of, title_of
from feedsvc.render.faithful import uncut
from feedsvc.render.legible import legible
from feedsvc.render.moments import rfc3339
from feedsvc.render.shape import language_tag, media_type, media_type_of, number

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"

Object = dict[str, Any]


#: How a document without items ends: what is put between the brackets are its fragments.
END = b"]\n}\n"
#: Before each line of an item, which stands two levels deep; a line end within a text is written as an escape.
INDENT = b"  "


def fragments(site: Site, entries: Sequence[tuple[Entry, datetime]]) -> list[bytes]:
    """Each entry as it stands in any document; JSON Feed has no need of an `updated` that no other entry shares."""
    site = legible(site)
    items = (_written(_item(entry, site)) for entry, _ in legible(tuple(entries)))
    return [INDENT + item.replace(b"\n", b"\n" + INDENT) for item in items]


def document(site: Site, document: Document, fragments: Sequence[bytes]) -> bytes:
    """The whole document; JSON Feed has no place for its `updated` and none for tombstones.

    No authors at the top: a reader may merge those into every item (Miniflux does).
    """
    site, document = legible(site), legible(replace(document, entries=()))
    feed = document.feed
    written = _known(
        version=VERSION,
        title=title_of(document),
        home_page_url=site.url(page_of(document).path()),
        feed_url=site.url(document.place.path(".json")),
        description=feed.description,
        next_url=_next_url(site, document),
        icon=feed.logo or feed.icon,
        favicon=feed.icon,
        language=language_tag(feed.language),
        hubs=[{"type": "WebSub", "url": hub} for hub in document.hubs],
        _review=_work(site, document.work) if document.work else None,
    )
    envelope = _written(written | {"items": []}) + b"\n"
    if not fragments:
        return envelope
    return b"".join((envelope.removesuffix(END), b"\n", b",\n".join(fragments), b"\n ", END))


def _next_url(site: Site, document: Document) -> str | None:
    """Where what is older stands: the next page, else the newest archive that is older than this document."""
    related = dict(document.related)
    older = related.get("next") or related.get("prev-archive")
    return site.url(older.path(".json")) if older else None


def _written(value: Object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _item(entry: Entry, site: Site) -> Object:
    review, body = entry.review, body_of(entry, site)
    main = body.content or body.summary
    return _known(
        id=review.id,
        url=review.url or site.review_url(review.key),
        external_url=review.subject.same_as[0] if review.subject and review.subject.same_as else None,
        title=review.title.strip() or review.outlet.name,
        content_html=main.html,
        content_text=main.text,
        summary=body.brief.text if body.brief else None,
        image=next((image.url for image in review.images if image.url in entry.embeddable), None),
        date_published=_moment(review.published),
        date_modified=_moment(review.updated),
        authors=[_person(person) for person in critics(review)],
        tags=[tag for category in review.categories if (tag := uncut(category.label or category.term))],
        language=language_tag(review.language),
        attachments=_attachments(entry),
        _attribution=_attribution(entry, site),
        _review=_review(review),
    )


def _attachments(entry: Entry) -> list[Object]:
    review = entry.review
    files = [
        _known(
            url=each.url,
            mime_type=media_type_of(each.type, each.url),
            title=each.title,
            size_in_bytes=each.length,
            duration_in_seconds=each.duration,
        )
        for each in review.enclosures
    ]
    return files + [
        _known(url=each.url, mime_type=media_type_of(each.type, each.url), title=each.alt, size_in_bytes=each.length)
        for each in review.images
        if each.url in entry.embeddable
    ]


def _attribution(entry: Entry, site: Site) -> Object:
    """Our extension: whom this review comes from, and on what terms it stands here."""
    review, terms = entry.review, entry.terms
    return _known(
        about=f"{site.base_url}/",
        outlet=_outlet(review.outlet),
        via=_known(name=review.via.name, url=review.via.url, feed_url=review.via.feed_url) if review.via else None,
        cited=[_known(name=each.name, url=each.url, inferred=each.inferred) for each in review.cited],
        licence=_licence(review.licence),
        rights=review.rights,
        rights_holder=review.rights_holder,
        terms=_known(show=terms.show, statement=terms.statement, url=terms.url),
        images=[_image(image, entry) for image in review.images],
        credits=[_credit(credit) for credit in review.credits],
        contributors=[_person(person) for person in review.contributors],
        also=[_known(outlet=each.outlet, url=each.url, collected=_moment(each.collected)) for each in review.also],
        collected=_moment(review.collected),
        provenance={name: str(word) for name, word in sorted(review.provenance.items())},
    )


def _outlet(outlet: Outlet) -> Object:
    return _known(
        name=outlet.name,
        url=outlet.url,
        feed_url=outlet.feed_url,
        feed_id=outlet.feed_id,
        icon=outlet.icon,
        rights=outlet.rights,
    )


def _licence(licence: Licence) -> Object:
    return _known(state=str(licence.state), name=licence.name, url=licence.url, spdx=licence.spdx)


def _image(image: Image, entry: Entry) -> Object:
    return _known(
        url=image.url,
        type=media_type(image.type),
        width=image.width,
        height=image.height,
        alt=image.alt,
        credits=[_credit(credit) for credit in image.credits],
        licence=_licence(image.licence),
        rights=image.rights,
        terms_url=image.terms_url,
        embed=image.url in entry.embeddable,
    )


def _review(review: Review) -> Object:
    return _known(
        subject=_subject(review.subject) if review.subject else None,
        rating=_rating(review.rating) if review.rating else None,
        verdict=review.verdict,
    )


def _work(site: Site, work: WorkSummary) -> Object:
    """The work that the whole document is about, with what its critics together say of it."""
    digest = work.digest
    spread = digest.spread
    return {
        "subject": {
            **_subject(work.subject),
            "url": site.url(f"/subjects/{work.slug}"),
            "digest": _known(
                critics=digest.critics,
                reviews=digest.reviews,
                rated=len(digest.ratings),
                spread=_known(low=number(spread.low), middle=number(spread.middle), high=number(spread.high))
                if spread
                else None,
                ratings=[_given(one) for one in digest.ratings],
            ),
        }
    }


def _given(rating: CriticRating) -> Object:
    return _known(critic=rating.critic, outlet=rating.outlet, url=rating.url, **_rating(rating))


def _subject(subject: Subject) -> Object:
    return _known(
        name=subject.name,
        type=subject.type,
        year=subject.year,
        identifiers=list(subject.identifiers),
        same_as=list(subject.same_as),
    )


def _rating(rating: Rating | CriticRating) -> Object:
    return _known(
        text=rating.text,
        value=number(rating.value),
        best=number(rating.best),
        worst=number(rating.worst),
        percent=number(rating.percent),
    )


def _credit(credit: Credit) -> Object:
    return _known(name=credit.name, role=credit.role, scheme=credit.scheme)


def _person(person: Person) -> Object:
    return _known(name=person.name, url=person.url)


def _moment(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _known(**members: object) -> Object:
    """The members that say something: nothing empty is written, but false and 0 are values."""
    return {key: value for key, value in members.items() if value is not None and value not in ("", [], {})}
