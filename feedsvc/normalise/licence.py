"""What a source says of a licence in, the licence judged out. Never guessed: one named without its version stays
unspecified, and so do two that differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from feedsvc.model import Licence, LicenceClaim, LicenceState
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.licences import CC0, NOT_SAID_WHICH, PUBLIC_DOMAIN, PUBLIC_DOMAIN_MARK, by_spdx, creative_commons

#: RFC 4946's extension by the APP working group: "there is a licence, but not one with an address".
UNSPECIFIED_URL = "http://purl.org/atompub/license#unspecified"
UNKNOWN = Licence()

_CC_PATH = re.compile(r"/licen[cs]es/([a-z+-]+)(?:/(\d\.\d)(?:/([a-z]{2,8}))?)?(?=[/.]|$)")
_FILE = re.compile(r"/?(?:deed|legalcode|rdf)[^/]*$")
_OTHER_PATHS = (
    (re.compile(r"^gnu\.org/.*fdl-(1\.[123])"), "GFDL-{}-or-later"),
    (re.compile(r"^nationalarchives\.gov\.uk/doc/open-government-licence/version/([123])"), "OGL-UK-{}.0"),
    (re.compile(r"^opensource\.org/licenses?/(mit)\b"), "{}"),
    (re.compile(r"^apache\.org/licenses/license-(2\.0)"), "Apache-{}"),
    (re.compile(r"^artlibre\.org/licence/lal(/)"), "LAL-1.3"),
    (re.compile(r"^spdx\.org/licenses/([a-z0-9.+-]+?)(?:\.html|\.json|\.txt)?$"), "{}"),
)
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
_SHORT = re.compile(
    r"\bCC[\s_-]*(BY(?:[\s_–-]*(?:NC|SA|ND)\b)*)(?:[\s,_-]*(?:v(?:ersion)?\.?\s*)?(\d\.\d)(?:[\s_-]+(?-i:([A-Z]{2}|IGO))\b)?)?",
    re.I,
)
_ZERO = re.compile(r"\bCC[\s-]?(?:0|Zero)\b(?:[\s-]*1\.0)?(?: Universal)?", re.I)
_MARK = re.compile(r"\bPublic Domain Mark\b", re.I)
_LONG = re.compile(r"\bCreative[\s-]+Commons\b([^.;]*(?:\.\d[^.;]*)?)", re.I)
_WORDS = (
    ("by", re.compile(r"\battribution\b|\bnamensnennung\b|\bpaternité\b|\breconocimiento\b", re.I)),
    ("nc", re.compile(r"\bnon[\s-]?commercial\b|\bnicht[\s-]?kommerziell\b", re.I)),
    ("nd", re.compile(r"\bno[\s-]?deriv(?:ative|ate)?s?(?:[\s-]?works?)?\b|\bkeine bearbeitung(?:en)?\b", re.I)),
    ("sa", re.compile(r"\bshare[\s-]?alike\b|\bweitergabe unter gleichen bedingungen\b", re.I)),
)
_PORT = re.compile(r"\b\d\.\d\s+(?!unported|international|generic|licen[cs]e|universal)([A-Z][a-z]+)", re.I)
#: "Creative Commons BY-SA 4.0" is read as "CC BY-SA 4.0".
_HALF_SHORT = re.compile(r"\bCreative[\s-]+Commons[\s(:–-]+(?:CC[\s-]+)?(?=BY\b)")
_CLAUSE_END = re.compile(r"(?<!\bv)(?<!\bver)[.;]\s+|\s[|·]\s")
_NEGATED = re.compile(r"\b(?:not|except|excluding|excludes|excluded|unless|no longer|nicht|ausgenommen)\b", re.I)
_OF_IMAGES = re.compile(
    r"\b(?:photo|photograph|photography|image|picture|still|poster|foto|fotografie|bild|illustration|artwork)(?:s|er|os)?\b",
    re.I,
)


def judge(claims: Iterable[LicenceClaim]) -> Licence:
    """One licence for all claims about one thing; UNKNOWN when they say nothing, UNSPECIFIED when they differ."""
    judged = [licence for claim in claims if (licence := _judged(claim)).state is not LicenceState.UNKNOWN]
    known = {licence.url: licence for licence in judged if licence.state is LicenceState.IDENTIFIED}
    rivals = {licence.url: licence for licence in judged if licence.state is LicenceState.UNSPECIFIED and licence.url}
    if len(known) + len(rivals) > 1:
        names = dict.fromkeys(licence.name for licence in (*known.values(), *rivals.values()) if licence.name)
        return Licence(state=LicenceState.UNSPECIFIED, name=" / ".join(names)[:200] or None)
    if known or rivals:
        return next(iter((known or rivals).values()))
    named = [licence for licence in judged if licence.name]
    return (named or judged or [UNKNOWN])[0]


def configured(licence: str | None) -> Licence:
    """The licence that the operator stated, an SPDX id or an address; anything else is unspecified by that name."""
    if not licence:
        return UNKNOWN
    judged = _judged(LicenceClaim(url=licence) if urls.absolute(licence) else LicenceClaim(text=licence))
    if judged.state is LicenceState.UNKNOWN and licence.strip().upper() != "NONE":
        return Licence(state=LicenceState.UNSPECIFIED, name=fold(licence, 200))
    return judged


def stated_in(text: str | None, *, of_image: bool = False) -> Licence:
    """The licence that a rights statement or a credit line names; words about images say nothing of the text."""
    clauses = _CLAUSE_END.split(fold(text or "", 2000))
    heard = [clause for clause in clauses if of_image or not _OF_IMAGES.search(clause)]
    return judge(LicenceClaim(text=clause) for clause in heard if _names_licence(clause))


def speaks_of_image(text: str) -> bool:
    """Whether a line is about a photograph, a still or the like, and so not about the review's text."""
    return bool(_OF_IMAGES.search(text))


def _names_licence(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_SHORT, _ZERO, _MARK, _LONG)) or any(
        _by_address(address).state is LicenceState.IDENTIFIED for address in _ADDRESS.findall(text)
    )


def _judged(claim: LicenceClaim) -> Licence:
    text = fold(claim.text or "", 500)
    address = (claim.url or "").strip()
    if address == UNSPECIFIED_URL:
        return Licence(state=LicenceState.UNSPECIFIED, name=_name_in(text))
    url = urls.absolute(address)
    if url is None:
        return _by_words(text)
    by_url, by_words = _by_address(url), _by_words(text) if text else UNKNOWN
    if by_url.state is not LicenceState.IDENTIFIED:
        return Licence(
            state=LicenceState.UNSPECIFIED, name=by_words.name or _name_in(text) or by_url.name, url=by_url.url
        )
    if by_words.state is LicenceState.IDENTIFIED and by_words.url != by_url.url:
        return Licence(state=LicenceState.UNSPECIFIED, name=f"{by_url.name} / {by_words.name}")
    return by_url


def _name_in(text: str) -> str | None:
    """The title of an unspecified licence; SPDX's word for "not said" is none."""
    return text[:200] if text and text.upper() != "NOASSERTION" else None


def _by_address(url: str) -> Licence:
    parts = urlsplit(url.lower())
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    if host == "creativecommons.org":
        return _by_deed(path)
    for pattern, spdx in _OTHER_PATHS:
        if (match := pattern.match(host + path)) and (licence := by_spdx(spdx.format(match[1]))):
            return licence
    return Licence(state=LicenceState.UNSPECIFIED, url=url)


def _by_deed(path: str) -> Licence:
    """A deed or legal code of Creative Commons, in any language. One that does not exist leaves no address behind."""
    path = _FILE.sub("/", path)
    for start, dedication in (("/publicdomain/zero/1.0", CC0), ("/publicdomain/mark/1.0", PUBLIC_DOMAIN_MARK)):
        if path.startswith(start):
            return dedication
    if re.match(r"/licen[cs]es/publicdomain(?:/|$)", path):
        return PUBLIC_DOMAIN
    match = _CC_PATH.match(path)
    if match is None:
        return Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
    licence = creative_commons(match[1], match[2], match[3]) if match[2] else None
    return licence or Licence(state=LicenceState.UNSPECIFIED, name=f"CC {match[1].upper()}")


def _by_words(text: str) -> Licence:
    """A licence named in words: an SPDX id, an address, "CC BY-SA 4.0", "Creative Commons Attribution 4.0"."""
    if not text or text.upper() == "NONE":
        return UNKNOWN
    if text.upper() == "NOASSERTION":
        return NOT_SAID_WHICH
    if licence := by_spdx(text):
        return licence
    text = _HALF_SHORT.sub("CC ", text)
    found = [_by_address(address) for address in _ADDRESS.findall(text)]
    found = [licence for licence in found if licence.state is LicenceState.IDENTIFIED]
    found += [CC0] * bool(_ZERO.search(text)) + [PUBLIC_DOMAIN_MARK] * bool(_MARK.search(text))
    found += [_short(match) for match in _SHORT.finditer(text)]
    found += [_long(match[1]) for match in _LONG.finditer(text) if not (found and not re.search(r"\d\.\d", match[1]))]
    return _agreed(found, negated=bool(_NEGATED.search(text)) or _reserved(text))


def _agreed(found: list[Licence], *, negated: bool) -> Licence:
    """The one licence that all mentions name; a sentence that takes something back names none for sure."""
    if not found:
        return UNKNOWN
    certain = {licence.url: licence for licence in found if licence.state is LicenceState.IDENTIFIED}
    if len(certain) == 1 and not negated:
        return next(iter(certain.values()))
    names = dict.fromkeys(licence.name for licence in (certain.values() if certain else found) if licence.name)
    return Licence(state=LicenceState.UNSPECIFIED, name=" / ".join(names) or None)


def _reserved(text: str) -> bool:
    return bool(re.search(r"\ball rights reserved\b|\balle rechte vorbehalten\b", text, re.I))


def _short(match: re.Match[str]) -> Licence:
    code = "-".join(["by", *sorted(set(re.findall(r"nc|nd|sa", match[1].lower()[2:])), key="nc nd sa".index)])
    if not match[2]:
        return Licence(state=LicenceState.UNSPECIFIED, name=f"CC {code.upper()}")
    # Version 4.0 was never adapted to countries: letters behind it name a translation.
    country = match[3] if match[2] != "4.0" else None
    return creative_commons(code, match[2], country) or _unclear(code, match[2])


def _long(words: str) -> Licence:
    flags = [flag for flag, pattern in _WORDS if pattern.search(words)]
    if "by" not in flags:
        return Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
    code, version = "-".join(flags), re.search(r"\b\d\.\d\b", words)
    licence = creative_commons(code, version[0]) if version and not _PORT.search(words) else None
    return licence or _unclear(code, version[0] if version else "")


def _unclear(code: str, version: str) -> Licence:
    return Licence(state=LicenceState.UNSPECIFIED, name=f"CC {code.upper()} {version}".rstrip())
