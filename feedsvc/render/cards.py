"""An entry in, what its card in a list may hold out, so that a page of cards keeps its weight."""

from __future__ import annotations

from markupsafe import escape

from feedsvc.model import Entry, Image, Review

#: A narrower image is an ornament or a face (pixels); a longer credit (characters) is for the review's own page.
NARROWEST, LONGEST_CREDIT = 160, 240
#: Characters of an address that a card may name; the review's own page has longer ones.
LONGEST_ADDRESS = 500
#: Characters of a verdict: a longer one is a text, and no part of it is shown.
LONGEST_VERDICT = 400
#: Critics that a card names.
NAMED = 5
#: Bytes of text and addresses in a card; one with more keeps to its title and to who wrote it for whom.
MOST_TEXT = 1200


def picture_of(entry: Entry) -> Image | None:
    """The first image of a review that a card may show with its credit: embeddable, of some size, its credit short."""
    return next((image for image in entry.review.images if image.url in entry.embeddable and _fits(image)), None)


def _fits(image: Image) -> bool:
    words = [*(credit.name for credit in image.credits), image.rights or "", image.alt or "", image.terms_url or ""]
    wide = image.width is None or image.width >= NARROWEST
    return wide and len(image.url) <= LONGEST_ADDRESS and sum(map(len, words)) <= LONGEST_CREDIT


def said(review: Review) -> str:
    """The text of a card: the verdict, else the excerpt; never a part of either."""
    if review.verdict and len(review.verdict) <= LONGEST_VERDICT:
        return review.verdict
    return review.excerpt.text if review.excerpt else ""


def heavy(entry: Entry) -> bool:
    """Whether a card with all of it would weigh too much: names and texts that are long, or long in bytes."""
    review = entry.review
    picture = picture_of(entry)
    parts = [review.title, said(review), *(person.name for person in review.authors[:NAMED]), review.outlet.name]
    parts += [review.subject.name if review.subject else "", review.rating.text if review.rating else ""]
    parts += [review.url or "", picture.url if picture else "", review.licence.url or "", review.licence.name or ""]
    return sum(len(str(escape(part)).encode()) for part in parts) > MOST_TEXT
