"""A statement of rights in, the one licence that it names out; what it takes back or leaves open is unspecified."""

from __future__ import annotations

import re

from feedsvc.model import Licence, LicenceState
from feedsvc.normalise.licence_addresses import by_address
from feedsvc.normalise.licence_names import Mention, mentions, vague_mentions
from feedsvc.normalise.licence_others import other_mentions
from feedsvc.normalise.licences import ALL_RIGHTS_RESERVED, NOT_SAID_WHICH, by_spdx

_ADDRESS = re.compile(
    r"(?:https?://|(?:www\.)?creativecommons\.org/(?:licen[cs]es|publicdomain)/)[^\s<>\"'“”)\]]+", re.I
)
_RESERVED = re.compile(
    r"\ball\s+rights\s+(?:are\s+)?reserved\b|\balle\s+rechte\s+(?:sind\s+)?vorbehalten\b|\btous\s+(?:les\s+)?droits\b[^.;]{0,40}"
    r"\bréservés\b|\bdroits\s+de\s+reproduction\b[^.;]{0,40}\bréservés\b|\b(?:todos\s+(?:los\s+|os\s+)?)(?:derechos|direitos)\s+"
    r"reservados\b|\btutti\s+i\s+diritti\s+(?:sono\s+)?riservati\b|\balle\s+rechten\s+voorbehouden\b",
    re.I,
)
#: "Except where otherwise noted" takes nothing back from the text itself.
_UNLESS_NOTED = re.compile(
    r"\b(?:except|unless|where|if)\s+(?:where\s+)?(?:not\s+)?otherwise(?:\s+(?:is|are))?\s+\w+|\b(?:sofern|soweit|wenn|falls)\s+"
    r"nicht\s+anders\s+\w+|\bsauf\s+(?:mention|indication)s?\s+contraires?|\b(?:salvo|excepto|a\s+menos)\s+(?:que\s+se\s+)?"
    r"(?:indique|indicación|donde\s+se\s+indique)(?:\s+lo)?\s+contrari[oa]",
    re.I,
)
_NEGATED = re.compile(
    r"\b(?:not|never|except\w*|exclud\w*|unless|no\s+longer|isn['’]t|nicht|kein\w*|ausgenommen|außer|n['’]est|sauf|hors|"
    r"excepté\w*|salvo|excepto|ya\s+no|no\s+es(?:tá)?)\b|\?",
    re.I,
)


def by_words(text: str) -> Licence:
    """A licence named in words: an SPDX id, an address, "CC BY-SA 4.0", "Namensnennung 4.0 International".

    Unknown where none is named; then "All rights reserved" where the text says so.
    """
    if not text or text.upper() == "NONE":
        return Licence()
    if text.upper() == "NOASSERTION":
        return NOT_SAID_WHICH
    if licence := by_spdx(text):
        return licence
    found = _found(text)
    if not found:
        return ALL_RIGHTS_RESERVED if reserves_all(text) else Licence()
    return _agreed([mention.licence for mention in found], doubtful=_takes_back(text, found))


def names_licence(text: str) -> bool:
    """Whether a text says anything of a licence, be it ever so vague."""
    return bool(_found(text))


def reserves_all(text: str) -> bool:
    """Whether a text says that all rights are reserved, in one of seven languages."""
    return bool(_RESERVED.search(text))


def _found(text: str) -> list[Mention]:
    """Every mention; the vague ones only where nothing more exact is named."""
    found = [
        Mention(match.start(), match.end(), licence)
        for match in _ADDRESS.finditer(text)
        if (licence := _at(match[0].rstrip(".,;:!?"))).state is LicenceState.IDENTIFIED
    ]
    words = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    found += [*mentions(words), *other_mentions(words)]
    return found or list(vague_mentions(text))


def _at(address: str) -> Licence:
    return by_address(address if "://" in address else f"https://{address}")


def _takes_back(text: str, found: list[Mention]) -> bool:
    """Whether words around the names deny, except, ask or reserve."""
    rest = list(text)
    for mention in found:
        rest[mention.start : mention.end] = " " * (mention.end - mention.start)
    around = _UNLESS_NOTED.sub(" ", "".join(rest))
    return bool(_NEGATED.search(_ADDRESS.sub(" ", around))) or reserves_all(text)


def _agreed(found: list[Licence], *, doubtful: bool) -> Licence:
    """The one licence that all mentions name; a sentence that takes something back names none for sure."""
    certain = {(licence.url, licence.spdx): licence for licence in found if licence.state is LicenceState.IDENTIFIED}
    if len(certain) == 1 and not doubtful:
        return next(iter(certain.values()))
    names = dict.fromkeys(licence.name for licence in (certain.values() if certain else found) if licence.name)
    return Licence(state=LicenceState.UNSPECIFIED, name=" / ".join(names)[:200] or None)
