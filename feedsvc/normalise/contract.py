"""A stored review and today's configuration of its source in; the review as the operator agrees to it now, out."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.model import Licence, Provenance, Review, Source
from feedsvc.normalise.licence import UNKNOWN, configured


def as_agreed(review: Review, source: Source | None) -> Review:
    """The review under the agreement that holds now, though it was stored under an earlier one.

    Reviews that a source no longer offers are never read again, and yet a changed contract holds for them too. For a
    source that is no longer configured, the last agreement stays in force.
    """
    if source is None:
        return review
    licence, where = _licence(review, source)
    provenance = {name: origin for name, origin in review.provenance.items() if name != "licence"}
    if where is not None:
        provenance["licence"] = where
    return replace(review, republish=source.republish, licence=licence, provenance=provenance)


def _licence(review: Review, source: Source) -> tuple[Licence, Provenance | None]:
    """The licence that the operator configured, where the review and its feed state none."""
    where = review.provenance.get("licence")
    if where not in (None, Provenance.CONFIGURED):
        return review.licence, where
    # "All rights reserved" names no licence and yet is the outlet's word, which a key does not overrule.
    if where is None and (source.licence is None or review.licence != UNKNOWN):
        return review.licence, None
    agreed = configured(source.licence)
    if agreed == UNKNOWN:
        return UNKNOWN, None
    return replace(agreed, found_in="the source's licence key"), Provenance.CONFIGURED
