"""A feed's entries in; everybody who is to be named for them, each once, out: as values for the page, and as JSON.

The entries are cut to their terms, so what a feed may not carry is not here either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from feedsvc.model import Credit, Entry, Feed, Image, Licence, LicenceState, Outlet, Person, Site
from feedsvc.render.credit import critics
from feedsvc.render.legible import legible
from feedsvc.render.moments import rfc3339
from feedsvc.render.wording import unsigned

MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody or something named in the feed, and for how many of its reviews."""

    name: str
    url: str | None = None
    #: For a critic: the outlet they wrote for.
    outlet: str | None = None
    reviews: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """A licence, or the lack of one, and for how many reviews it stands."""

    licence: Licence
    reviews: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image with the review that it belongs to; `shown`: its terms let it be shown and not only linked."""

    url: str
    alt: str | None
    review: str
    title: str
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCredit:
    """One credit, licence and rights statement, with the images that they stand for; no credits: nobody is named."""

    credits: tuple[Credit, ...]
    licence: Licence
    rights: str | None
    terms_url: str | None
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A credit that names no image, with its review."""

    credit: Credit
    review: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """All credits of a feed, each list in alphabetical order."""

    reviews: int
    #: Reviews that nobody signed: their outlet stands in.
    unsigned: int
    outlets: tuple[Named, ...]
    critics: tuple[Named, ...]
    contributors: tuple[Named, ...]
    #: Through whom reviews came that first appeared elsewhere.
    carriers: tuple[Named, ...]
    licences: tuple[Licensed, ...]
    images: tuple[PictureCredit, ...]
    lines: tuple[Line, ...]
    cited: tuple[Named, ...]
    rights: tuple[Named, ...]
    rights_holders: tuple[Named, ...]


def credits_of(entries: Sequence[Entry]) -> Credits:
    """Everybody who is to be named for what these entries show."""
    entries = legible(tuple(entries))
    reviews = [entry.review for entry in entries]
    signed = [review for review in reviews if not unsigned(review)]
    return Credits(
        reviews=len(reviews),
        unsigned=len(reviews) - len(signed),
        outlets=_counted(_outlet(review.outlet) for review in reviews),
        critics=_counted(_person(one, review.outlet) for review in signed for one in critics(review)),
        contributors=_counted(_person(one, review.outlet) for review in reviews for one in review.contributors),
        carriers=_counted(_outlet(review.via) for review in reviews if review.via),
        licences=_licences(review.licence for review in reviews),
        images=_images(entries),
        lines=tuple(
            Line(credit=c, review=review.key, title=review.title) for review in reviews for c in review.credits
        ),
        cited=_counted(
            Named(name=one.name or one.url or "", url=one.url) for review in reviews for one in review.cited
        ),
        rights=_counted(Named(name=review.rights, outlet=review.outlet.name) for review in reviews if review.rights),
        rights_holders=_counted(Named(name=review.rights_holder) for review in reviews if review.rights_holder),
    )


def _outlet(outlet: Outlet) -> Named:
    return Named(name=outlet.name, url=outlet.url or outlet.feed_url)


def _person(person: Person, outlet: Outlet) -> Named:
    return Named(name=person.name, url=person.url, outlet=outlet.name)


def _counted(all_named: Iterable[Named]) -> tuple[Named, ...]:
    """Each name once with how often it stood; the first address that was given with it is kept."""
    found: dict[tuple[str, str], Named] = {}
    for named in all_named:
        key = (named.name.casefold(), (named.outlet or "").casefold())
        known = found.get(key)
        found[key] = named if known is None else replace(known, reviews=known.reviews + 1, url=known.url or named.url)
    return tuple(found[key] for key in sorted(found))


_STATES = (LicenceState.IDENTIFIED, LicenceState.UNSPECIFIED, LicenceState.UNKNOWN)


def _licences(licences: Iterable[Licence]) -> tuple[Licensed, ...]:
    """Identified ones by name, then those that are named and not known, then none."""
    found: dict[Licence, int] = {}
    for licence in licences:
        found[licence] = found.get(licence, 0) + 1
    ordered = sorted(found, key=lambda one: (_STATES.index(one.state), (one.name or "").casefold(), one.url or ""))
    return tuple(Licensed(licence=licence, reviews=found[licence]) for licence in ordered)


def _images(entries: Sequence[Entry]) -> tuple[PictureCredit, ...]:
    """Images under one credit together, in the order of the credits; those that nobody is named for last."""
    found: dict[tuple[bool, tuple[str, ...]], PictureCredit] = {}
    for entry in entries:
        for image in entry.review.images:
            picture = Picture(
                url=image.url,
                alt=image.alt,
                review=entry.review.key,
                title=entry.review.title,
                shown=image.url in entry.embeddable,
            )
            under = _credit_key(image)
            before = found.get(under)
            found[under] = PictureCredit(
                credits=image.credits,
                licence=image.licence,
                rights=image.rights,
                terms_url=image.terms_url,
                pictures=(*(before.pictures if before else ()), picture),
            )
    return tuple(found[key] for key in sorted(found))


def _credit_key(image: Image) -> tuple[bool, tuple[str, ...]]:
    names = [f"{credit.name.casefold()}\n{credit.role or ''}" for credit in image.credits]
    terms = (image.licence.name, image.licence.url, image.rights, image.terms_url)
    return not names, (*names, "", *(part or "" for part in terms))


# ---------------------------------------------------------------------------------------------------------------- JSON

Object = dict[str, Any]


def write_credits(site: Site, feed: Feed, entries: Sequence[Entry], updated: datetime) -> bytes:
    """The credits of a feed as a JSON document; every list is there, an unknown value is left out."""
    found = credits_of(entries)
    document = {
        "feed": legible(feed.title) or feed.name,
        "url": site.feed_url(feed.name),
        "updated": rfc3339(updated),
        "reviews": found.reviews,
        "unsigned": found.unsigned,
        "outlets": [_named(one) for one in found.outlets],
        "critics": [_named(one) for one in found.critics],
        "contributors": [_named(one) for one in found.contributors],
        "carriers": [_named(one) for one in found.carriers],
        "licences": [{**_licence(one.licence), "reviews": one.reviews} for one in found.licences],
        "images": [_image(one, site) for one in found.images],
        "credit_lines": [{**_credit(one.credit), "review": site.review_url(one.review)} for one in found.lines],
        "cited": [_named(one) for one in found.cited],
        "rights": [{"statement": one.name, "outlet": one.outlet, "reviews": one.reviews} for one in found.rights],
        "rights_holders": [_named(one) for one in found.rights_holders],
    }
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _named(one: Named) -> Object:
    return _known(name=one.name, url=one.url, outlet=one.outlet, reviews=one.reviews)


def _licence(licence: Licence) -> Object:
    return _known(state=str(licence.state), name=licence.name, url=licence.url, spdx=licence.spdx)


def _credit(credit: Credit) -> Object:
    return _known(name=credit.name, role=credit.role)


def _image(one: PictureCredit, site: Site) -> Object:
    pictures = [
        _known(url=picture.url, alt=picture.alt, review=site.review_url(picture.review), shown=picture.shown)
        for picture in one.pictures
    ]
    known = _known(rights=one.rights, terms_url=one.terms_url)
    return {"credits": [_credit(c) for c in one.credits], "licence": _licence(one.licence), **known, "images": pictures}


def _known(**members: object) -> Object:
    return {key: value for key, value in members.items() if value is not None and value != ""}
