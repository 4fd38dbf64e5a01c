"""An Entry in, its schema.org `CriticReview` out as plain dicts (JSON-LD 1.1); absent values are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from feedsvc.model import Citation, Entry, Image, Licence, LicenceState, Outlet, Person, Rating, Review, Site, Subject
from feedsvc.render.moments import publication

Json: TypeAlias = str | float | Sequence["Json"] | Mapping[str, "Json"]
Node: TypeAlias = dict[str, Json]

ISBN = "urn:isbn:"
#: Characters of a text that the linked data repeat.
LONGEST_BODY = 10_000


def critic_review(site: Site, entry: Entry) -> Node:
    """The review as linked data; `reviewBody` only where the terms allow the full text (schema.org/CriticReview)."""
    review = entry.review
    page = site.review_url(review.key)
    return _present(
        {
            "@context": "https://schema.org",
            "@type": "CriticReview",
            "@id": review.id,
            "url": review.url or page,
            "mainEntityOfPage": page,
            "headline": review.title,
            "inLanguage": review.language,
            "abstract": review.verdict,
            "description": review.excerpt.text if review.excerpt else None,
            "reviewBody": _whole(entry),
            "keywords": [category.label or category.term for category in review.categories],
            **_attribution(review),
            "usageInfo": _present(
                {"@type": "CreativeWork", "text": entry.terms.statement, "url": entry.terms.url},
            ),
            # Who reads this shows what stands here: an image that may only be linked is linked on the page.
            "image": [_image(image) for image in review.images if image.url in entry.embeddable],
            **_dates(review),
            "sdPublisher": {"@type": "Organization", "name": site.title, "url": site.base_url},
            "itemReviewed": _subject(review.subject) if review.subject else None,
            "reviewRating": _rating(review.rating) if review.rating else None,
            "sameAs": [also.url for also in review.also if not also.home],
        }
    )


def _whole(entry: Entry) -> str | None:
    """The text, where its terms allow it whole and it is short enough to stand in the page twice."""
    content = entry.review.content
    return content.text if content and entry.terms.show == "full" and len(content.text) <= LONGEST_BODY else None


def _present(node: Mapping[str, Json | None]) -> Node:
    """The same without what is absent: no key has an empty value."""
    return {key: value for key, value in node.items() if value is not None and value != "" and value != []}


def _attribution(review: Review) -> dict[str, Json | None]:
    outlet = review.outlet
    return {
        "author": [_author(person, outlet) for person in review.authors],
        "contributor": [_present({"@type": "Person", "name": p.name, "url": p.url}) for p in review.contributors],
        "publisher": _present({"@type": "Organization", "name": outlet.name, "url": outlet.url, "logo": outlet.icon}),
        "isPartOf": _publication(outlet),
        "citation": [_citation(citation) for citation in review.cited],
        "license": _licence(review.licence),
        "copyrightNotice": review.rights,
        # Whether a holder is a person or a company is never said, so no type is given.
        "copyrightHolder": {"name": review.rights_holder} if review.rights_holder else None,
        "creditText": "; ".join(credit.name for credit in review.credits) or None,
    }


def _author(person: Person, outlet: Outlet) -> Node:
    """An outlet that stands in for an unsigned review is no person."""
    kind = "Organization" if person.name == outlet.name else "Person"
    return _present({"@type": kind, "name": person.name, "url": person.url})


def _publication(outlet: Outlet) -> Node:
    return _present({"@type": "WebSite", "@id": outlet.feed_id, "name": outlet.name, "url": outlet.url})


def _citation(citation: Citation) -> Node:
    return _present({"@type": "CreativeWork", "name": citation.name, "url": citation.url})


def _licence(licence: Licence) -> Json | None:
    """An identified licence is its address; one that is only named is its name, never a guessed deed."""
    if licence.state is LicenceState.IDENTIFIED and licence.url:
        return licence.url
    if licence.state is LicenceState.UNKNOWN or not licence.name:
        return None
    return {"@type": "CreativeWork", "name": licence.name}


def _image(image: Image) -> Node:
    return _present(
        {
            "@type": "ImageObject",
            "contentUrl": image.url,
            "encodingFormat": image.type,
            "width": image.width,
            "height": image.height,
            "caption": image.alt,
            "creditText": "; ".join(credit.name for credit in image.credits),
            "license": _licence(image.licence),
            "copyrightNotice": image.rights,
            "usageInfo": image.terms_url,
        }
    )


def _dates(review: Review) -> dict[str, Json | None]:
    def stamp(moment: datetime | None) -> str | None:
        return moment.replace(microsecond=0).isoformat() if moment else None

    return {
        "datePublished": stamp(publication(review)),
        "dateModified": stamp(review.updated),
        "sdDatePublished": stamp(review.collected),
    }


def _subject(subject: Subject) -> Node:
    books = [value.removeprefix(ISBN) for value in subject.identifiers if value.startswith(ISBN)]
    addresses = [value for value in subject.identifiers if value.startswith(("http://", "https://"))]
    others = [v for v in subject.identifiers if not v.startswith(ISBN) and v not in addresses]
    return _present(
        {
            "@type": subject.type or "Thing",
            "name": subject.name,
            "datePublished": str(subject.year) if subject.year else None,
            "identifier": others,
            "isbn": books,
            "sameAs": list(dict.fromkeys((*subject.same_as, *addresses))),
        }
    )


def _rating(rating: Rating) -> Node:
    """The verbatim text stands as `alternateName`; numbers only where they were stated."""
    return _present(
        {
            "@type": "Rating",
            "ratingValue": rating.text if rating.value is None else rating.value,
            "bestRating": rating.best,
            "worstRating": rating.worst,
            "alternateName": rating.text,
        }
    )
