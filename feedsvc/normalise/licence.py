"""What a source says of a licence in, the licence judged out. Never guessed: one named without its version stays
unspecified, and so do two that differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from feedsvc.model import Licence, LicenceClaim, LicenceState
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.licence_addresses import by_address
from feedsvc.normalise.licence_words import by_words, names_licence, reserves_all
from feedsvc.normalise.licences import ALL_RIGHTS_RESERVED, NOT_SAID_WHICH

#: RFC 4946's extension by the APP working group: "there is a licence, but not one with an address".
UNSPECIFIED_URL = "http://purl.org/atompub/license#unspecified"
UNKNOWN = Licence()

_CLAUSE_END = re.compile(r"(?<!\bv)(?<!\bver)[.;]\s+|\s[|·]\s")
_OF_IMAGES = re.compile(
    r"\b(?:photo|photograph|photography|photographie|image|picture|still|poster|foto|fotografie|fotografía|bild|szenenbild|"
    r"titelbild|abbildung|illustration|ilustración|imagen|imágenes|artwork)(?:s|er|en|os)?\b",
    re.I,
)


def judge(claims: Iterable[LicenceClaim]) -> Licence:
    """One licence for all claims about one thing; UNKNOWN when they say nothing, UNSPECIFIED when they differ."""
    said = [_judged(claim) for claim in claims]
    judged = [licence for licence in said if licence.state is not LicenceState.UNKNOWN]
    known = {(licence.url, licence.spdx): licence for licence in judged if licence.state is LicenceState.IDENTIFIED}
    rivals = {licence.url: licence for licence in judged if licence.state is LicenceState.UNSPECIFIED and licence.url}
    if len(known) + len(rivals) > 1:
        names = dict.fromkeys(licence.name for licence in (*known.values(), *rivals.values()) if licence.name)
        return Licence(state=LicenceState.UNSPECIFIED, name=" / ".join(names)[:200] or None)
    if known or rivals:
        return next(iter((*known.values(), *rivals.values())))
    named = [licence for licence in (*judged, *said) if licence.name]
    return (named or judged or [UNKNOWN])[0]


def configured(licence: str | None) -> Licence:
    """The licence that the operator stated, an SPDX id or an address; anything else is unspecified by that name."""
    if not licence:
        return UNKNOWN
    judged = _judged(LicenceClaim(url=licence) if urls.absolute(licence) else LicenceClaim(text=licence))
    if judged.state is LicenceState.UNKNOWN and licence.strip().upper() != "NONE":
        return Licence(state=LicenceState.UNSPECIFIED, name=fold(licence, 200))
    return judged


# Feeds repeat one statement on every item.
@lru_cache(maxsize=1024)
def stated_in(text: str | None, *, of_image: bool = False) -> Licence:
    """The licence that a rights statement or a credit line names; words about images say nothing of the text.

    Where none is named it may still say that all rights are reserved; where both stand, neither holds for sure.
    """
    clauses = _CLAUSE_END.split(fold(text or "", 2000))
    heard = [clause for clause in clauses if of_image or not _OF_IMAGES.search(clause)]
    reserved = any(reserves_all(clause) for clause in heard)
    named = judge(LicenceClaim(text=clause) for clause in heard if names_licence(clause))
    if named.state is LicenceState.UNKNOWN:
        return ALL_RIGHTS_RESERVED if reserved else UNKNOWN
    return Licence(state=LicenceState.UNSPECIFIED, name=named.name) if reserved else named


def speaks_of_image(text: str) -> bool:
    """Whether a line is about a photograph, a still or the like, and so not about the review's text."""
    return bool(_OF_IMAGES.search(text))


def _judged(claim: LicenceClaim) -> Licence:
    text = fold(claim.text or "", 500)
    address = (claim.url or "").strip()
    if address == UNSPECIFIED_URL:
        return replace(NOT_SAID_WHICH, name=_name_in(text))
    url = urls.absolute(address)
    if url is None:
        return by_words(text)
    at, words = by_address(url), by_words(text)
    if at.state is not LicenceState.IDENTIFIED:
        return Licence(state=LicenceState.UNSPECIFIED, name=words.name or _name_in(text) or at.name, url=at.url)
    if words.state is LicenceState.IDENTIFIED and words.url != at.url:
        return Licence(state=LicenceState.UNSPECIFIED, name=f"{at.name} / {words.name}")
    # The text of the GFDL alone does not say "or later"; its title does.
    return words if words.state is LicenceState.IDENTIFIED else at


def _name_in(text: str) -> str | None:
    """The title of an unspecified licence; SPDX's word for "not said" is none."""
    return text[:200] if text and text.upper() != "NOASSERTION" else None
