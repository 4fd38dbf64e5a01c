"""A review in, its attribution in words out: each credit with where it comes from, and what to ask for where one lacks.

The sources of a fact are five: the source's own word, its feed's word for all items, the review's own page where the
feed left it open, the operator's configuration, and what was inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Credit, LicenceState, Mark, Outlet, Person, Provenance, Review, Subject
from feedsvc.normalise.completeness import how_to_add, missing_in

_WHENCE = {
    Provenance.STATED: "stated by the source",
    Provenance.INHERITED: "stated by the source for all its items",
    Provenance.PAGE: "stated on the review's own page",
    Provenance.CONFIGURED: "from your configuration",
    Provenance.INFERRED: "inferred",
}
#: From what a field is inferred where nobody states it.
_INFERRED_FROM = {
    "outlet": "inferred from the address of the review",
    "published": "inferred from the time of the file; the credit line leaves it out",
    "subject": "inferred from the headline",
    "rights_holder": "inferred from a credit or rights line",
    "cited": "stated by the source, some inferred from its text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is published with the review: what it is, its value, and where that comes from."""

    label: str
    value: str
    whence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing that is missing, what stands in its place, and the words to ask the partner for it."""

    mark: Mark
    missing: str
    ask: str


def attribution_of(review: Review) -> tuple[Fact, ...]:
    """Every credit that goes with the review in each format, in the order in which a reader looks for them."""
    return tuple(Fact(label=label, value=value, whence=whence) for label, value, whence in _facts(review))


def _facts(review: Review) -> Iterator[tuple[str, str, str]]:
    yield _critic(review)
    if review.contributors:
        yield "With", _people(review.contributors), _WHENCE[Provenance.STATED]
    yield "Outlet", _outlet(review.outlet), _whence(review, "outlet")
    if review.via:
        yield "By way of", _outlet(review.via), _WHENCE[Provenance.STATED]
    if review.url:
        yield "Original", review.url, _WHENCE[Provenance.STATED]
    if review.published:
        yield "Published", _day(review.published), _whence(review, "published")
    if review.updated:
        yield "Updated", _day(review.updated), _WHENCE[Provenance.STATED]
    if review.subject:
        details = "; its particulars on the review's own page" if "subject_details" in review.provenance else ""
        yield "Work", _work(review.subject), _whence(review, "subject") + details
    if review.rating:
        yield "Rating", review.rating.text, _whence(review, "rating")
    if review.cited:
        yield "Cites", "; ".join(each.name or each.url or "" for each in review.cited), _whence(review, "cited")
    if review.rights:
        yield "Rights", review.rights, _whence(review, "rights")
    if review.rights_holder:
        yield "Rights holder", review.rights_holder, _whence(review, "rights_holder")
    if review.credits:
        yield "Credit line", credits_in_words(review.credits), "stated by the source; it names no image in particular"


def _critic(review: Review) -> tuple[str, str, str]:
    if "authors" in review.inferred_from or Mark.CRITIC not in missing_in(review):
        return "Critic", _people(review.authors), _whence(review, "authors")
    return "Critic", f"nobody is named; the outlet, {review.outlet.name}, stands in", _whence(review, "outlet")


def _whence(review: Review, field: str) -> str:
    where = review.provenance.get(field, Provenance.STATED)
    if where is not Provenance.INFERRED:
        return _WHENCE[where]
    how = review.inferred_from.get(field)
    return f"inferred from {how}" if how else _INFERRED_FROM.get(field, _WHENCE[where])


def credits_in_words(credits: Sequence[Credit]) -> str:
    """Credits verbatim, each with its role where it has one."""
    return "; ".join(f"{credit.name} ({credit.role})" if credit.role else credit.name for credit in credits)


def _people(people: Sequence[Person]) -> str:
    return "; ".join(f"{person.name} ({person.url})" if person.url else person.name for person in people)


def _outlet(outlet: Outlet) -> str:
    address = outlet.url or outlet.feed_url
    return f"{outlet.name} ({address})" if address else outlet.name


def _work(work: Subject) -> str:
    said = ", ".join(str(part) for part in (work.type, work.year) if part is not None)
    return f"{work.name} ({said})" if said else work.name


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


# ------------------------------------------------------------------------------------------------------ what is missing


def requests_for(review: Review, kind: str) -> tuple[Request, ...]:
    """What the review lacks, and how to ask for it, where its source is of this `kind` ("feed", "folder", "page")."""
    return tuple(
        Request(mark=mark, missing=_missing(review, mark), ask=how_to_add(mark, kind)) for mark in missing_in(review)
    )


def _missing(review: Review, mark: Mark) -> str:
    outlet = review.outlet.name
    match mark:
        case Mark.CRITIC:
            if how := review.inferred_from.get("authors"):
                return f"The critic: no field names one, so {_people(review.authors)} is taken from {how}."
            return f"The critic: nobody is named, so {outlet} stands in."
        case Mark.OUTLET:
            return f"The outlet: no publication is named, so the host {outlet} stands in."
        case Mark.PERMALINK:
            return "The original's address: readers are sent to the review's page here instead."
        case Mark.DATE:
            return f"The date: {_instead_of_a_date(review)}."
        case Mark.LICENCE:
            named = review.licence.state is LicenceState.UNSPECIFIED
            return f"The licence: {'one is named, but not which' if named else 'none is stated'}."
        case Mark.IMAGES:
            bare = sum(not image.credits for image in review.images)
            return f"Image credits: {bare} of {len(review.images)} {'has' if bare == 1 else 'have'} none."
        case Mark.RIGHTS:
            return "The rights statement: there is none."


def _instead_of_a_date(review: Review) -> str:
    if review.published:
        return f"the time of the file, {_day(review.published)}, is used, and marked as inferred"
    return "the feeds order it by when it was collected"
