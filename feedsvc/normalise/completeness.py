"""Reviews in, how complete their attribution is out; and what to tell the partner, one sentence for each thing missing.

A mark counts when it is known, whoever said it; only what was inferred, or stands in for something else, does not.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping

from feedsvc.model import Completeness, Lacking, LicenceState, Mark, Provenance, Review

#: So many of the worst reviews are named.
WORST = 10

#: A review's place among the worst, and what it lacks.
_Ranked = tuple[tuple[int, float, str], Lacking]

_SAID_BY_THE_SOURCE = frozenset({Provenance.STATED, Provenance.INHERITED, Provenance.PAGE})


def missing_in(review: Review) -> tuple[Mark, ...]:
    """What the attribution of a review lacks, in the order of Mark."""
    there = {
        Mark.CRITIC: _has_critic(review),
        Mark.OUTLET: review.provenance.get("outlet") is not Provenance.INFERRED,
        Mark.PERMALINK: review.url is not None,
        Mark.DATE: _has_date(review),
        Mark.LICENCE: review.licence.state is LicenceState.IDENTIFIED,
        Mark.IMAGES: all(image.credits for image in review.images),
        Mark.RIGHTS: bool(review.rights),
    }
    return tuple(mark for mark in Mark if not there[mark])


def _has_critic(review: Review) -> bool:
    """A person or a desk that the source names, not the outlet standing in for nobody."""
    if review.provenance.get("authors") not in _SAID_BY_THE_SOURCE:
        return False
    return any(person.name.casefold() != review.outlet.name.casefold() for person in review.authors)


def _has_date(review: Review) -> bool:
    stated = review.published is not None and review.provenance.get("published") is not Provenance.INFERRED
    return stated or review.updated is not None


def completeness(reviews: Iterable[Review]) -> Completeness:
    """One pass over any number of reviews; what is kept of them is counts and the worst."""
    lacking: Counter[Mark] = Counter()
    seen: Counter[str] = Counter()
    worst: list[_Ranked] = []
    for review in reviews:
        missing = missing_in(review)
        lacking.update(missing)
        seen["reviews"] += 1
        seen["whole"] += not missing
        seen["images"] += len(review.images)
        seen["images_credited"] += sum(bool(image.credits) for image in review.images)
        seen["licences_unspecified"] += review.licence.state is LicenceState.UNSPECIFIED
        if missing:
            worst = _kept(worst, review, missing)
    return Completeness(
        reviews=seen["reviews"],
        whole=seen["whole"],
        present={mark: seen["reviews"] - lacking[mark] for mark in Mark},
        images=seen["images"],
        images_credited=seen["images_credited"],
        licences_unspecified=seen["licences_unspecified"],
        worst=tuple(found for _, found in worst),
    )


def _kept(worst: list[_Ranked], review: Review, missing: tuple[Mark, ...]) -> list[_Ranked]:
    """The worst, in order, with this one if it belongs there: what lacks most first, then the newest, then by key."""
    rank = (-len(missing), -review.position.timestamp(), review.key)
    if len(worst) == WORST and rank > worst[-1][0]:
        return worst
    found = Lacking(key=review.key, title=review.title, url=review.url, missing=missing)
    return heapq.nsmallest(WORST, [*worst, (rank, found)], key=lambda ranked: ranked[0])


# --------------------------------------------------------------------------------------------- what to tell the partner

#: What to add, by mark, to a feed.
_IN_FEEDS: Mapping[Mark, str] = {
    Mark.CRITIC: "Please name the critic in each item: <dc:creator> in RSS, <author><name> in Atom, "
    '"authors": [{"name": "…"}] in JSON Feed.',
    Mark.OUTLET: 'Please give the feed its publication\'s name: <title> in RSS and Atom, "title" in JSON Feed.',
    Mark.PERMALINK: 'Please give each item the address of its page: <link> in RSS, <link rel="alternate" href="…"/> in '
    'Atom, "url" in JSON Feed.',
    Mark.DATE: 'Please date each item: <pubDate> in RSS, <published> in Atom, "date_published" in JSON Feed.',
    Mark.LICENCE: "Please link the licence itself, with its version, from each item or from the whole feed: "
    '<creativeCommons:license> in RSS, <link rel="license" href="…"/> in Atom, '
    '"_attribution": {"licence": {"url": "…"}} in JSON Feed.',
    Mark.IMAGES: "Please credit each image where it stands: <media:credit> inside its <media:content> in RSS and Atom, "
    '"_attribution": {"images": [{"url": "…", "credits": [{"name": "…"}]}]} in JSON Feed, or in the text '
    "<figcaption>Photo: NAME</figcaption> in the image's <figure>.",
    Mark.RIGHTS: "Please state whose the text is: <dc:rights> in RSS, <rights> in Atom, "
    '"_attribution": {"rights": "© …"} in JSON Feed; one for the whole feed is enough.',
}
#: What to add, by mark, to a document.
_IN_DOCUMENTS: Mapping[Mark, str] = {
    Mark.CRITIC: "Please sign each text with a line at its end, “By: NAME”; an HTML page with "
    '<meta name="author" content="NAME">.',
    Mark.OUTLET: "Please name the publication in a line at the end, “Outlet: NAME”; an HTML page with "
    '<meta property="og:site_name" content="NAME">.',
    Mark.PERMALINK: "Please give the original's address in a line at the end, “Link: https://…”; an HTML page with "
    '<link rel="canonical" href="https://…">.',
    Mark.DATE: "Please date each text with a line at its end, “Published: 2026-05-31”; an HTML page with "
    '<meta property="article:published_time" content="2026-05-31">.',
    Mark.LICENCE: "Please name the licence, with its version, in a line at the end, “Licence: CC BY 4.0”; an HTML page "
    'with <link rel="license" href="https://…">.',
    Mark.IMAGES: "Please credit each image in its own line, “Image: https://… (Photo by NAME)”; in an HTML page with "
    "<figcaption>Photo: NAME</figcaption> in the image's <figure>.",
    Mark.RIGHTS: "Please state whose the text is in a line at the end, “Rights: © 2026 NAME”; an HTML page with "
    '<meta name="copyright" content="© 2026 NAME">.',
}
#: What to add, by mark, to a review's page.
_IN_PAGES: Mapping[Mark, str] = {
    Mark.CRITIC: 'Please name the critic in the page\'s JSON-LD (Review): "author": {"@type": "Person", "name": "…"}.',
    Mark.OUTLET: "Please name the publication in the page's JSON-LD (Review): "
    '"publisher": {"@type": "Organization", "name": "…"}.',
    Mark.PERMALINK: 'Please give each page its address: <link rel="canonical" href="https://…">.',
    Mark.DATE: 'Please date the review in the page\'s JSON-LD (Review): "datePublished": "2026-05-31".',
    Mark.LICENCE: "Please link the licence itself, with its version, in the page's JSON-LD (Review): "
    '"license": "https://…", or with <link rel="license" href="https://…">.',
    Mark.IMAGES: "Please credit each image in the page's JSON-LD (Review): "
    '"image": {"@type": "ImageObject", "url": "…", "creditText": "…"}, or in the text '
    "<figcaption>Photo: NAME</figcaption> in the image's <figure>.",
    Mark.RIGHTS: 'Please state whose the text is in the page\'s JSON-LD (Review): "copyrightNotice": "© …".',
}
_IN_KIND = {"folder": _IN_DOCUMENTS, "page": _IN_PAGES}
#: How what is missing is told, for one review and for several; the number stands before it.
_TOLD: Mapping[Mark, tuple[str, str]] = {
    Mark.CRITIC: ("names no critic", "name no critic"),
    Mark.OUTLET: ("names no publication, so its host stands in", "name no publication, so its host stands in"),
    Mark.PERMALINK: ("has no link to the original", "have no link to the original"),
    Mark.DATE: ("states no date", "state no date"),
    Mark.RIGHTS: ("has no rights statement", "have no rights statement"),
}


def how_to_add(mark: Mark, kind: str) -> str:
    """The sentence that asks a partner for one thing, with the very words to add to a feed, a document or a page."""
    return _IN_KIND.get(kind, _IN_FEEDS)[mark]


def advice(found: Completeness, kind: str) -> tuple[str, ...]:
    """What to tell a partner whose source is of this `kind` ("feed", "folder", "page"): one entry for each lack."""
    absent = [mark for mark in Mark if found.present.get(mark, 0) < found.reviews]
    return tuple(f"{_told(found, mark)} {how_to_add(mark, kind)}" for mark in absent)


def _told(found: Completeness, mark: Mark) -> str:
    missing = found.reviews - found.present.get(mark, 0)
    if mark is Mark.LICENCE:
        return _licences_told(found, missing)
    if mark is Mark.IMAGES:
        images = found.images - found.images_credited
        return f"{_of(images, found.images, 'image')} {'has' if images == 1 else 'have'} no credit."
    one, several = _TOLD[mark]
    return f"{_of(missing, found.reviews, 'review')} {one if missing == 1 else several}."


def _licences_told(found: Completeness, missing: int) -> str:
    """A licence that is named and cannot be identified is told apart from none at all: partners think they gave one."""
    unclear, silent = found.licences_unspecified, missing - found.licences_unspecified
    named, stated = ("names" if unclear == 1 else "name"), ("states" if silent == 1 else "state")
    if not silent:
        return f"{_of(unclear, found.reviews, 'review')} {named} a licence without saying which it is."
    none = f"{_of(silent, found.reviews, 'review')} {stated} no licence"
    return f"{none}, and {unclear} more {named} one without saying which it is." if unclear else f"{none}."


def _of(number: int, whole: int, thing: str) -> str:
    if number == whole:
        return {1: f"The only {thing}", 2: f"Both {thing}s"}.get(whole, f"All {whole} {thing}s")
    return f"{number} of {whole} {thing}s"
