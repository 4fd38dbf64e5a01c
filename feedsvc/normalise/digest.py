"""The reviews of one work, cut to their terms, in; what its critics together say of it, out. Nothing is averaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feedsvc.model import CriticRating, Entry, RatingSpread, Review, Site, SubjectDigest
from feedsvc.model.words import folded

#: Below so many ratings on sure scales nothing is said of how far they lie apart.
FEWEST = 3


def digest_of(entries: Sequence[Entry], site: Site) -> SubjectDigest:
    """How many critics there are, what each gave in their own scale, and how far that lies apart on the common one.

    Of a critic who wrote several times the newest rating counts. A review that nobody signed counts for its outlet.
    """
    newest_first = sorted(entries, key=lambda entry: (entry.review.position, entry.review.key), reverse=True)
    rated: dict[str, CriticRating] = {}
    critics: set[str] = set()
    for entry in newest_first:
        who = _critic(entry.review)
        critics.add(folded(who))
        if entry.review.rating is not None:
            rated.setdefault(folded(who), _rating(entry.review, who, site))
    ratings = sorted(rated.values(), key=lambda one: (one.percent is None, -(one.percent or 0), folded(one.critic)))
    return SubjectDigest(
        critics=len(critics),
        reviews=len(entries),
        ratings=tuple(ratings),
        spread=_spread(one.percent for one in ratings),
    )


def in_words(digest: SubjectDigest) -> str:
    """The digest as a sentence: "12 critics, 9 with a rating, 7 of them on a scale that is known: from 40 to …"."""
    said = [f"{digest.critics} critic{'' if digest.critics == 1 else 's'}"]
    if digest.ratings:
        sure = sum(one.percent is not None for one in digest.ratings)
        said.append(f"{len(digest.ratings)} with a rating, {sure} of them on a scale that is known")
    spread = digest.spread
    if spread is None:
        return f"{', '.join(said)}."
    return f"{', '.join(said)}: from {spread.low:g} to {spread.high:g} in 100, {spread.middle:g} in the middle."


def _critic(review: Review) -> str:
    return ", ".join(person.name for person in review.authors) or review.outlet.name


def _rating(review: Review, who: str, site: Site) -> CriticRating:
    rating = review.rating
    assert rating is not None  # noqa: S101 - it is asked for rated reviews alone
    return CriticRating(
        critic=who,
        outlet=review.outlet.name,
        url=review.url or site.review_url(review.key),
        text=rating.text,
        value=rating.value,
        best=rating.best,
        worst=rating.worst,
        percent=rating.percent,
    )


def _spread(percents: Iterable[float | None]) -> RatingSpread | None:
    """The lowest, the one in the middle and the highest: each of them was given by somebody."""
    known = sorted(one for one in percents if one is not None)
    if len(known) < FEWEST:
        return None
    return RatingSpread(low=known[0], middle=known[(len(known) - 1) // 2], high=known[-1])
