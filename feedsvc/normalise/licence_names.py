"""Words in, the Creative Commons licences and public-domain marks named in them out, each with where it is named.

English, German, French and Spanish, and what Italian, Portuguese and Dutch deeds call themselves. A name without a
version is unspecified, unless only one version was ever published (CC0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from feedsvc.model import Licence, LicenceState
from feedsvc.normalise.licences import CC0, PUBLIC_DOMAIN, PUBLIC_DOMAIN_MARK, creative_commons


class Mention(NamedTuple):
    """A licence named in a text, from one character to another."""

    start: int
    end: int
    licence: Licence


#: What may stand between a name and its version: "BY-SA 4.0", "BY, v4.0", "License (version 4.0)".
_VERSION = r"(?:(?:[\s_(/–-]*|,\s*(?=v))(?:v(?:ersion|er)?\.?\s*)?(?P<version>\d\.\d)(?!\.?\d|\s*/\s*\d))"
#: What follows the version, looked at and left there: the country of a ported licence, or a word that there is none.
_PLACE = r"(?=(?:[\s_(/:–-]+(?P<place>(?-i:[A-Z]{2}|IGO)\b|[^\W\d_]+(?:\s+(?-i:[A-Z])[^\W\d_]+)*))?)"
_SHORT = re.compile(
    r"\b(?:CC|Creative[\s-]+Commons(?:[\s-]+(?:licen[cs]e|lizenz))?)[\s_:(–-]*"
    rf"(?P<code>BY(?:[\s_–-]*(?:NC|SA|ND)\b)*)(?![^\W\d_]){_VERSION}?{_PLACE}",
    re.I,
)
#: Without a version only capitals, or a hyphen, tell the licence from "please cc by e-mail".
_SURELY_SHORT = re.compile(r"(?:CC|Commons\W+(?:\w+\W+)?)[\s_(-]*BY|(?i:cc[-_]by|by[-_](?:nc|nd|sa))")

_BY = r"(?:attribution|namensnennung|paternité|reconocimiento|atribución|atribuição|attribuzione|naamsvermelding)"
_ELEMENTS = {
    "nc": r"non[\s-]?commercial|nicht[\s-]?kommerziell|keine[\s-]kommerzielle[\s-]nutzung|n(?:o|ão)\s?comercial|"
    r"pas\s+d['’]\s*utilisations?\s+commerciales?|non\s?commerciale|niet[\s-]?commercieel",
    "nd": r"no[\s-]?deriv(?:ative|ate)?s?(?:[\s-]?works?)?|keine[\s-]bearbeitung(?:en)?|pas\s+de\s+modifications?|"
    r"sin\s?(?:obras?\s?)?deriva(?:das?|r)|sem\s?deriva(?:ções|dos)|non\s+opere\s+derivate|geen\s?afgeleide\s?werken",
    "sa": r"share[\s-]?alike|weitergabe\s+unter\s+gleichen\s+bedingungen|partage\s+dans\s+les\s+mêmes\s+conditions|"
    r"partage\s+des\s+conditions\s+initiales\s+à\s+l['’]identique|compartir\s?igual|compartilha\s?igual|"
    r"condividi\s+allo\s+stesso\s+modo|gelijk\s?delen",
}
_FLAGS = {code: re.compile(words, re.I) for code, words in _ELEMENTS.items()}
_ANY = "|".join(_ELEMENTS.values())
_LONG = re.compile(
    r"(?P<cc>\bCreative[\s-]+Commons\b(?:[\s,:(„“\"'–-]|\b(?:public|licen[cs]ed?|lizenz(?:vertrag)?|licencia|licenza|cc|"
    r"international|vom|typ|type|de|la|under|the|an?)\b)*)?"
    rf"\b{_BY}(?P<more>(?:(?:\s*[-–—,/:]\s*|\s+)(?:(?:and|und|et|y|e|en)\s+)?(?:{_ANY})\b)*)"
    rf"(?:[\s-]+(?:public\s+)?(?:licen[cs]e|lizenz))?{_VERSION}?{_PLACE}",
    re.I,
)
_NOT_PORTED = re.compile(
    r"unported|nicht\s+portiert|non|no\s+portad|interna[ct]i?[oz]|g[eé]n[eé]ri|universell?|weltweit", re.I
)
_PLACES = {
    "australia": "au",
    "austria": "at",
    "österreich": "at",
    "belgium": "be",
    "brasil": "br",
    "brazil": "br",
    "canada": "ca",
    "chile": "cl",
    "colombia": "co",
    "deutschland": "de",
    "germany": "de",
    "allemagne": "de",
    "spain": "es",
    "españa": "es",
    "finland": "fi",
    "france": "fr",
    "frankreich": "fr",
    "igo": "igo",
    "ireland": "ie",
    "italia": "it",
    "italy": "it",
    "japan": "jp",
    "luxembourg": "lu",
    "mexico": "mx",
    "méxico": "mx",
    "nederland": "nl",
    "netherlands": "nl",
    "new zealand": "nz",
    "norway": "no",
    "norge": "no",
    "poland": "pl",
    "polska": "pl",
    "portugal": "pt",
    "schweiz": "ch",
    "suisse": "ch",
    "switzerland": "ch",
    "scotland": "scotland",
    "uk": "uk",
    "united kingdom": "uk",
    "united states": "us",
    "us": "us",
    "usa": "us",
}
#: A capitalised word behind a version that is no place: "4.0 License".
_NO_NAME = re.compile(r"(?:licen[cs]|lizenz|deed|via|by|von|par)", re.I)

_ZERO = re.compile(
    r"(?:\bCC[\s-]?0\b(?![\s-]*follow)|\b(?i:CC[\s-]?Zero|cc0|Creative\s+Commons\s+(?:CC\s*)?Zero)\b)"
    r"(?i:[\s,(-]*v?(?P<version>\d\.\d))?(?i:\s*Univers(?:al|ell|el))?"
)
_MARK = re.compile(r"\bPublic[\s-]Domain[\s-]Mark\b(?:\s*\d\.\d)?|\b(?:CC[\s-]+)?PDM[\s-]1\.0\b", re.I)
_DOMAIN = re.compile(
    r"(?:^|[(\[,:;/–—|•-]\s*|\b(?:in|into|to|to\s+the|in\s+the|is|are|ist|sind|est|es|dans\s+le|du|de|en\s+el|im|nel|als|as|"
    r"marked|image|photo|text|bild|foto)\s+)(?:(?:public|publiek)[\s-]domain?|gemeinfrei(?:es\s+werk|e[rs]?)?|domaine\s+public|"
    r"dominio\s+público|domínio\s+público|pubblico\s+dominio)(?=\s*(?:$|[)\],.;:/–—|?!•]|-\s|via\b|work\b|image\b|dedication\b))",
    re.I,
)
_VAGUE = re.compile(
    r"\bCreative[\s-]+Commons\b|\bCC[\s-]+(?:licen[cs]ed?|lizenz\w*|\d\.\d)(?!\w)|\b(?:licence|licencia|licenza|under|unter|sous|"
    r"bajo)\s+(?-i:CC)\b",
    re.I,
)
_SOME = re.compile(
    r"\b(?:some|einige|algunos|certains|quelques|alcuni)\s+(?:rights|rechte|derechos|droits|diritti)\s+"
    r"(?:reserved|vorbehalten|reservados|réservés|riservati)\b",
    re.I,
)


def mentions(text: str) -> Iterator[Mention]:
    """Every mention of a Creative Commons licence, CC0, the mark or the public domain; overlapping ones all."""
    for match in _SHORT.finditer(text):
        if match["version"] or _SURELY_SHORT.search(match[0]) or match[0] == text:
            yield _mention(match, "code", re.findall(r"nc|nd|sa", match["code"].lower()[2:]))
    for match in _LONG.finditer(text):
        flags = [code for code, pattern in _FLAGS.items() if pattern.search(match["more"])]
        unported = bool(match["place"] and _NOT_PORTED.match(match["place"]))
        # Without "Creative Commons" before it: "Attribution 4.0" is also the name of other things.
        if match["cc"] or (match["version"] and (flags or unported)):
            yield _mention(match, "more", flags)
    for match in _ZERO.finditer(text):
        one = match["version"] in {None, "1.0"}
        yield Mention(*match.span(), CC0 if one else Licence(state=LicenceState.UNSPECIFIED, name=match[0].strip()))
    yield from (Mention(*match.span(), PUBLIC_DOMAIN_MARK) for match in _MARK.finditer(text))
    yield from (Mention(*match.span(), PUBLIC_DOMAIN) for match in _DOMAIN.finditer(text))


def vague_mentions(text: str) -> Iterator[Mention]:
    """Words for Creative Commons that do not say which of its licences; else its motto."""
    creative_commons = [(match, "Creative Commons") for match in _VAGUE.finditer(text)]
    for match, name in creative_commons or [(match, "Some rights reserved") for match in _SOME.finditer(text)]:
        yield Mention(*match.span(), Licence(state=LicenceState.UNSPECIFIED, name=name))


def _mention(match: re.Match[str], name: str, flags: list[str]) -> Mention:
    """The licence of "BY" with these conditions, up to its version, else to the end of the group `name`."""
    code, version = "-".join(["by", *sorted(set(flags), key="nc nd sa".index)]), match["version"]
    unclear = Licence(state=LicenceState.UNSPECIFIED, name=f"CC {code.upper()} {version or ''}".rstrip())
    if not version:
        return Mention(match.start(), match.end(name), unclear)
    # Version 4.0 was never adapted to countries: letters behind it name a translation.
    country, known = (None, True) if version == "4.0" else _country(match["place"] or "")
    licence = creative_commons(code, version, country) if known else None
    return Mention(match.start(), match.end("version"), licence or unclear)


def _country(place: str) -> tuple[str | None, bool]:
    """The code of the country that is named, if any; False where a name stands that may be one, but is not known."""
    if not place or place[0].islower() or _NOT_PORTED.match(place) or _NO_NAME.match(place):
        return None, True
    words = place.casefold().split()
    for length in (2, 1):
        if code := _PLACES.get(" ".join(words[:length])):
            return code, True
    return (place.lower(), True) if re.fullmatch(r"[A-Z]{2}", place) else (None, False)
