"""An entry's element → the work that it reviews and the rating, as stated, in whichever vocabulary states them.

schema.org's elements, as our own feeds write them, go first; then Letterboxd's and TMDB's, RVW (the RSS review module,
0.1 and 0.2), Google Base's reviews, and Media RSS's community.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from feedsvc.model import RatingClaim, Subject, is_url
from feedsvc.parsers.branch import Branch
from feedsvc.parsers.claims import number, unique

#: Elements of an item that speak of a work or a rating.
NAMED = frozenset(
    {"schema:itemreviewed", "schema:reviewrating", "schema:ratingvalue", "letterboxd:filmtitle"}
    | {"letterboxd:memberrating", "rvw:item", "rvw:rating", "rvw:value", "g:name_of_item_reviewed", "media:community"}
)
_SCHEMA = re.compile(r"^https?://schema\.org/", re.I)
#: Properties of schema.org and elements of Google Base that identify a work → what is written before the value.
_IDENTIFIERS = {"isbn": "urn:isbn:", "issn": "urn:issn:", "gtin13": "gtin13:", "gtin": "gtin:", "identifier": ""}
#: The types that are no kind of work, but the wrapping of one.
_NO_TYPES = frozenset({"Thing", "CreativeWork", "Description"})


def subject(branch: Branch) -> Subject | None:
    """The work reviewed, with the entry's dc:identifiers; an identifier only where it is stated."""
    return next((found for read in _SUBJECTS if (found := read(branch))), None)


def rating(branch: Branch) -> RatingClaim | None:
    """The critic's rating; an average of many is none."""
    return next((found for read in _RATINGS if (found := read(branch)) and found != RatingClaim()), None)


def schema_type(address: str | None) -> str | None:
    """The name of a schema.org type, of its address."""
    return _SCHEMA.sub("", address) if address else None


# ---------------------------------------------------------------------------------------------------- schema.org


def _schema_subject(branch: Branch) -> Subject | None:
    stated = branch.first("schema:itemreviewed")
    if stated is None:
        return None
    work = _typed(stated)
    name = work.text_of("schema:name", "schema:headline") or (None if len(work.element) else work.text)
    if not name or is_url(name):
        return None
    same = (child.url() for child in work.all("schema:sameas"))
    kind = schema_type(work.text_of("schema:additionaltype")) or _kind(work)
    published = work.text_of("schema:datepublished", "schema:datecreated", "schema:copyrightyear") or ""
    return Subject(
        name=name,
        type=kind,
        year=number(published[:4]),
        identifiers=unique([*branch.texts("dc:identifier"), *_identifiers(work, "schema")]),
        same_as=unique(address for address in same if address),
    )


def _typed(stated: Branch) -> Branch:
    """The element that describes the work: itself, or the one inside it that is named by its type (RDF/XML)."""
    inner = [(child, name) for child, name in _children(stated) if len(child)]
    if "schema:name" in stated.children or len(inner) != 1:
        return stated
    return stated.branch_of(*inner[0])


def _children(branch: Branch) -> list[tuple[etree._Element, str]]:
    return [(child, name) for name, found in branch.children.items() if name.startswith("schema:") for child in found]


def _kind(work: Branch) -> str | None:
    """The type by which the element is named; names are compared in small letters, types are not written so."""
    if work.name == "schema:itemreviewed":
        return None
    name = etree.QName(work.element).localname
    return None if name in _NO_TYPES else name


def _identifiers(work: Branch, prefix: str) -> list[str]:
    return [
        value if value.lower().startswith(kind) else f"{kind}{value}"
        for name, kind in _IDENTIFIERS.items()
        for value in work.texts(f"{prefix}:{name}")
    ]


def _schema_rating(branch: Branch) -> RatingClaim | None:
    stated = branch.first("schema:reviewrating")
    if stated is None:
        return _of_schema(branch) if "schema:ratingvalue" in branch.children else None
    inner = stated.first("schema:rating")
    return _of_schema(inner or stated, stated)


def _of_schema(rated: Branch, wrapper: Branch | None = None) -> RatingClaim:
    bare = wrapper is not None and not len(wrapper.element)
    return RatingClaim(
        value=rated.text_of("schema:ratingvalue"),
        best=rated.text_of("schema:bestrating"),
        worst=rated.text_of("schema:worstrating"),
        text=rated.text_of("schema:alternatename") if wrapper and not bare else wrapper.text if wrapper else None,
    )


# ------------------------------------------------------------------------------------- Letterboxd, TMDB, RVW, Google


def _letterboxd_subject(branch: Branch) -> Subject | None:
    name = branch.text_of("letterboxd:filmtitle")
    if not name:
        return None
    series = branch.texts("tmdb:tvid")
    films = branch.texts("tmdb:movieid")
    return Subject(
        name=name,
        type="TVSeries" if series and not films else "Movie",
        year=number(branch.text_of("letterboxd:filmyear")),
        identifiers=unique([*(f"tmdb:movie/{id}" for id in films), *(f"tmdb:tv/{id}" for id in series)]),
    )


def _letterboxd_rating(branch: Branch) -> RatingClaim | None:
    """Half a star to five of them."""
    value = branch.text_of("letterboxd:memberrating")
    return RatingClaim(value=value, best="5", worst="0.5") if value else None


def _rvw_subject(branch: Branch) -> Subject | None:
    work = branch.first("rvw:item")
    if work is None:
        return None
    name = work.text_of("dc:title", "schema:name", "title") or (None if len(work.element) else work.text)
    if not name or is_url(name):
        return None
    return Subject(name=name, identifiers=unique([*branch.texts("dc:identifier"), *work.texts("dc:identifier")]))


def _rvw_rating(branch: Branch) -> RatingClaim | None:
    """RVW 0.2: a percentage; RVW 0.1: a value between a minimum and a maximum, on the item or in its rvw:rating."""
    inner = branch.first("rvw:rating")
    if inner is not None and not len(inner.element):
        share = (inner.text or "").removesuffix("%").strip()
        return RatingClaim(value=share, best="100", worst="0") if share else None
    rated = inner or branch
    value = rated.text_of("rvw:value")
    if not value:
        return None
    return RatingClaim(value=value, best=rated.text_of("rvw:maximum"), worst=rated.text_of("rvw:minimum"))


def _google_subject(branch: Branch) -> Subject | None:
    name = branch.text_of("g:name_of_item_reviewed")
    if not name:
        return None
    url = branch.url_of("g:url_of_item_reviewed")
    return Subject(name=name, identifiers=unique(_identifiers(branch, "g")), same_as=(url,) if url else ())


def _google_rating(branch: Branch) -> RatingClaim | None:
    """Of a review alone: in lists of goods a rating is that of many buyers."""
    value = branch.text_of("g:rating") if "g:name_of_item_reviewed" in branch.children else None
    return RatingClaim(value=value) if value else None


def _community_rating(branch: Branch) -> RatingClaim | None:
    """Media RSS's star rating where no more than one person gave it."""
    community = branch.first("media:community")
    stars = community.first("media:starrating") if community else None
    if stars is None or (number(stars.get("count")) or 0) > 1:
        return None
    return RatingClaim(value=stars.get("average"), best=stars.get("max"), worst=stars.get("min"))


_SUBJECTS: tuple[Callable[[Branch], Subject | None], ...] = (
    _schema_subject,
    _letterboxd_subject,
    _rvw_subject,
    _google_subject,
)
_RATINGS: tuple[Callable[[Branch], RatingClaim | None], ...] = (
    _schema_rating,
    _letterboxd_rating,
    _rvw_rating,
    _google_rating,
    _community_rating,
)
