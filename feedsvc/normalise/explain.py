"""A review and the feeds that take it in; in plain words what each publishes of it, on which terms and why, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedsvc.model import (
    Entry,
    Feed,
    Image,
    Licence,
    LicenceState,
    Provenance,
    Republish,
    Review,
    Site,
    Source,
)
from feedsvc.normalise.accounts import Fact, Request, attribution_of, credits_in_words, requests_for
from feedsvc.normalise.licences import conditions
from feedsvc.normalise.terms import entry_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStanding:
    """What becomes of one image in a feed, and why."""

    url: str
    #: "shown", "linked" or "left out".
    standing: str
    why: str
    credit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What one feed publishes of the review. `listed`: it is among the newest, which are all that a feed holds."""

    feed: str
    title: str
    commercial: bool
    listed: bool
    show: str
    what: str
    why: str
    #: What the feed itself tells its readers about the terms.
    statement: str
    excerpt: str | None
    images: tuple[ImageStanding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that an editor asks of one review, in sentences."""

    key: str
    id: str
    source: str
    title: str
    about: str
    page: str
    feeds: tuple[Showing, ...]
    licence: tuple[str, ...]
    attribution: tuple[Fact, ...]
    missing: tuple[Request, ...]


def explain(
    review: Review, feeds: Sequence[Feed], listed: frozenset[str], *, site: Site, source: Source | None
) -> Explanation:
    """What is published of a review and why; `feeds` take its source in, `listed` names those that hold it now.

    `source` is its source as configured; None when it no longer is.
    """
    showings = tuple(_showing(review, feed, listed=feed.name in listed) for feed in feeds)
    return Explanation(
        key=review.key,
        id=review.id,
        source=review.source,
        title=review.title,
        about=_about(review),
        page=site.review_url(review.key),
        feeds=showings,
        licence=(*_licence(review), _who_decides(review, whole=all(one.show == "full" for one in showings))),
        attribution=attribution_of(review),
        missing=requests_for(review, source.kind if source else "feed"),
    )


def _about(review: Review) -> str:
    work = f" of “{review.subject.name}”" if review.subject else ""
    signed = [person.name for person in review.authors if person.name != review.outlet.name]
    by = f" by {_listed(signed)}" if signed else ""
    return f"A review{work}{by}, first published by {review.outlet.name}; collected from the source “{review.source}”."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# ---------------------------------------------------------------------------------------------------------- in one feed


def _showing(review: Review, feed: Feed, *, listed: bool) -> Showing:
    entry = entry_for(review, commercial=feed.commercial)
    images = tuple(_image(image, entry, feed, review) for image in review.images)
    return Showing(
        feed=feed.name,
        title=feed.title,
        commercial=feed.commercial,
        listed=listed,
        show=entry.terms.show,
        what=_what(review, entry),
        why=entry.terms.reason,
        statement=entry.terms.statement,
        excerpt=entry.review.excerpt.text if entry.terms.show == "excerpt" and entry.review.excerpt else None,
        images=images,
    )


def _what(review: Review, entry: Entry) -> str:
    """What stands there, and what is left out of it."""
    link = "to the original" if review.url else "to its page here, for no address of the original is known"
    kept = entry.review
    if entry.terms.show == "full":
        said = "The full text" if kept.content else "The summary, which is all that the source gives"
    elif entry.terms.show == "excerpt" and kept.excerpt:
        said = f"An excerpt of {len(kept.excerpt.text)} characters, marked as one, with a link {link}"
    else:
        said = f"Title, attribution and a link {link}; none of the text"
    left_out = [field for field in ("rating", "verdict") if _is_gone(field, review, kept)]
    if not left_out:
        return f"{said}."
    return f"{said}. Its {_listed(left_out)} {'is' if len(left_out) == 1 else 'are'} left out."


def _is_gone(field: str, before: Review, after: Review) -> bool:
    return getattr(before, field) is not None and getattr(after, field) is None


def _image(image: Image, entry: Entry, feed: Feed, review: Review) -> ImageStanding:
    credit = credits_in_words(image.credits) or None
    if image.url in entry.embeddable and image in entry.review.images:
        return ImageStanding(url=image.url, standing="shown", why=_why_shown(image), credit=credit)
    if image in entry.review.images:
        return ImageStanding(url=image.url, standing="linked", why=_why_linked(image, feed, review), credit=credit)
    why = "this feed may carry title, attribution and link alone"
    return ImageStanding(url=image.url, standing="left out", why=why, credit=credit)


def _why_shown(image: Image) -> str:
    if image.licence.state is LicenceState.IDENTIFIED:
        return f"its own licence, {image.licence.name}, allows it"
    return "you agreed with the outlet on full texts, and it claims no rights of its own"


def _why_linked(image: Image, feed: Feed, review: Review) -> str:
    """An image is judged by what is said of it alone: the licence of the text does not cover it."""
    licence = image.licence
    if licence.state is LicenceState.IDENTIFIED:
        if feed.commercial and "nc" in (conditions(licence) or ()):
            return f"its licence, {licence.name}, forbids commercial use, and this feed is commercial"
        return f"its licence, {licence.name}, is not among those under which images are republished here"
    if licence.state is LicenceState.UNSPECIFIED:
        return f"a licence is named for it{f' ({licence.name})' if licence.name else ''}, but not which"
    if licence.name or image.rights or image.terms_url:
        return f"it states rights of its own ({image.rights or licence.name or image.terms_url}) and no licence"
    if review.licence.state is LicenceState.IDENTIFIED:
        return f"no licence is stated for it, and {review.licence.name} speaks of the text"
    return "no licence is stated for it"


# ---------------------------------------------------------------------------------------------------------- the licence


def _licence(review: Review) -> tuple[str, ...]:
    """Which licence it is, where it was found, and what follows from it."""
    licence, who = review.licence, _who_says(review)
    if licence.state is LicenceState.IDENTIFIED:
        address = f" ({licence.url})" if licence.url else ""
        return f"{who} puts the text under {licence.name}{address}.", *_place(licence), *_consequences(licence)
    rights = (f"Its rights statement reads “{review.rights}”.",) if review.rights else ()
    if licence.state is LicenceState.UNSPECIFIED:
        unclear = f"{who} {_named_unclearly(licence)}."
        return (
            unclear,
            *_place(licence),
            *rights,
            "So nobody can tell what is allowed, and all rights count as reserved.",
        )
    nowhere = "No licence is stated: not by the review, not for its source as a whole, not in your configuration."
    return nowhere, *rights, "So all rights count as reserved."


def _place(licence: Licence) -> tuple[str, ...]:
    return (f"It stands in {licence.found_in}.",) if licence.found_in else ()


def _who_says(review: Review) -> str:
    return {
        Provenance.STATED: "The review itself",
        Provenance.INHERITED: "Its feed, speaking of everything in it,",
        Provenance.PAGE: "The review's own page",
        Provenance.CONFIGURED: f"Your configuration of the source “{review.source}”",
        Provenance.INFERRED: "Its text",
    }[review.provenance.get("licence", Provenance.STATED)]


def _named_unclearly(licence: Licence) -> str:
    if (licence.name or "").casefold() == "creative commons":
        return (
            "names “Creative Commons” as its licence, but not which one: some of them allow the full text anywhere, "
            "others forbid commercial use or any change"
        )
    return (
        f"names a licence{f' (“{licence.name}”)' if licence.name else ''}, but not clearly enough to tell which it is"
    )


def _consequences(licence: Licence) -> tuple[str, ...]:
    """What the licence asks for, and how it is kept here."""
    asked = conditions(licence)
    if asked is None:
        return ("Full texts under this licence are not republished here unless you agree on it with the outlet.",)
    if not asked:
        return ("It asks for nothing in return; critic and outlet are named all the same.",)
    sentences = ["It asks that critic, outlet and licence are named; every item and page here does so."]
    if "nc" in asked:
        sentences.append("It forbids commercial use: only feeds with commercial = false may carry the full text.")
    if "nd" in asked:
        sentences.append("It forbids changes: the text appears whole or not at all, never as an excerpt.")
    if "sa" in asked:
        sentences.append("Copies stay under the same licence, and each item says so.")
    return tuple(sentences)


def _who_decides(review: Review, *, whole: bool) -> str:
    setting = f'republish = "{review.republish.value}"'
    if review.republish is not Republish.AUTO:
        return f"Your contract for the source “{review.source}” decides ({setting}), whatever the licence says."
    if review.opt_out:
        where = "in feeds that earn something" if review.opt_out.commercial_only else "anywhere"
        return (
            f"But {review.outlet.name} asks not to be republished {where} (“{review.opt_out.statement}”), and without "
            f"a contract for the source “{review.source}” ({setting}) that goes before any licence."
        )
    alone = f"You have set no contract for the source “{review.source}” ({setting}), so the licence alone decides"
    return f"{alone}." if whole else f"{alone}; once you have agreed on more with {review.outlet.name}, say so there."
