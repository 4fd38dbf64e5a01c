"""Words in, the document licences that are not Creative Commons' named in them out, each with where it is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedsvc.model import Licence, LicenceState
from feedsvc.normalise.licence_names import Mention
from feedsvc.normalise.licences import by_spdx

_V = r"[\s,/(–-]*(?:v(?:ersion|er)?\.?\s*)?"
_LATER = (
    r"(?P<later>\+|[\s,(]*(?:or|oder|ou|o)\s+(?:(?:any|eine|toute|cualquier|une|una)\s+)?(?:(?:version|versión)\s+)?"
    r"(?:later|newer|später\w*|neuer\w*|ultérieure|posterior))?"
)
#: Name → SPDX id with "{}" for the version. Where a pattern has a version and the text none, no licence is sure.
_NAMES = tuple(
    (re.compile(pattern, re.I), spdx, name)
    for pattern, spdx, name in (
        (
            r"\b(?:GNU[\s-]+Free[\s-]+Documentation[\s-]+Licen[cs]e|GNU[\s-]FDL|GFDL|GNU[\s-]+Lizenz[\s-]+für[\s-]+freie"
            r"[\s-]+Dokumentation|licence[\s-]+de[\s-]+documentation[\s-]+libre[\s-]+GNU|licencia[\s-]+de[\s-]+documentación"
            rf"[\s-]+libre(?:[\s-]+de)?[\s-]+GNU)\b(?:\s*\(GFDL\))?(?:{_V}(?P<version>1\.[123])\b{_LATER})?",
            "GFDL-{}-only",
            "GNU Free Documentation License",
        ),
        (
            rf"\b(?:Free[\s-]Art[\s-]Licen[cs]e|Licence[\s-]Art[\s-]Libre|Lizenz[\s-]Freie[\s-]Kunst|Licencia[\s-]Arte[\s-]Libre)"
            rf"\b(?:\s*\((?:FAL|LAL)\))?(?:{_V}(?P<version>1\.[23])\b)?",
            "LAL-{}",
            "Free Art License",
        ),
        (rf"\b(?:LAL|FAL){_V}(?P<version>1\.[23])\b", "LAL-{}", "Free Art License"),
        (
            rf"\bOpen[\s-]Government[\s-]Licen[cs]e\b(?!\W+(?:Canada|Alberta|British|Ontario))(?:\s*\(OGL\))?(?:{_V}"
            r"(?P<version>[123])(?:\.0)?(?!\.?\d))?",
            "OGL-UK-{}.0",
            "Open Government Licence",
        ),
        (r"\b(?:Open[\s-](?:Data[\s-]Commons[\s-]Open[\s-])?Database[\s-]Licen[cs]e|ODbL)\b", "ODbL-1.0", ""),
        (r"\b(?:Open[\s-]Data[\s-]Commons[\s-]Attribution[\s-]Licen[cs]e|ODC-By)\b", "ODC-By-1.0", ""),
        (r"\b(?:Public[\s-]Domain[\s-]Dedication[\s-](?:and|&)[\s-]Licen[cs]e|PDDL)\b", "PDDL-1.0", ""),
        (
            r"\bMIT[\s-]+(?:Licen[cs]e|Lizenz)\b(?![\s-]plate)|\b(?:licence|licencia|licenza|lizenz:?|licen[cs]ed?:?)\s+"
            r"(?:under\s+)?(?:the\s+)?(?-i:MIT)\b(?!\s+[A-Z])",
            "MIT",
            "",
        ),
        (
            rf"\bApache(?:[\s-]Software)?(?:[\s-]+(?:Licen[cs]e|Lizenz)|(?=\s+2\.0))(?:{_V}(?P<version>2\.0)\b)?",
            "Apache-{}",
            "Apache License",
        ),
        (r"\bUnlicense\b", "Unlicense", ""),
        (r"\bWTFPL\b|\bDo What The F\S+ You Want To Public Licen[cs]e\b", "WTFPL", ""),
        (
            rf"\b(?:licence[\s-]ouverte(?:\s*/\s*open[\s-]licen[cs]e)?(?:[\s(]+etalab\)?)?|etalab)(?:{_V}(?P<version>2\.0)\b)?",
            "etalab-{}",
            "Licence Ouverte",
        ),
        (
            r"\b(?:NLOD|Norwegian[\s-]Licen[cs]e[\s-]for[\s-]Open[\s-]Government[\s-]Data|Norsk[\s-]lisens[\s-]for[\s-]"
            rf"offentlige[\s-]data)\b(?:\s*\(NLOD\))?(?:{_V}(?P<version>[12]\.0)\b)?",
            "NLOD-{}",
            "Norwegian Licence for Open Government Data",
        ),
        (
            r"\b(?:dl-de[/-]by-|(?:Datenlizenz[\s-]+Deutschland|Data[\s-]+licen[cs]e[\s-]+Germany)\s*[–—-]\s*(?:Namensnennung|"
            rf"attribution)\b)(?:{_V}(?P<version>2[.-]0)\b)?",
            "DL-DE-BY-2.0",
            "Data licence Germany – attribution",
        ),
        (
            r"\b(?:dl-de[/-]zero-|(?:Datenlizenz[\s-]+Deutschland|Data[\s-]+licen[cs]e[\s-]+Germany)\s*[–—-]\s*zero\b)"
            rf"(?:{_V}(?P<version>2[.-]0)\b)?",
            "DL-DE-ZERO-2.0",
            "Data licence Germany – zero",
        ),
    )
)


def other_mentions(text: str) -> Iterator[Mention]:
    """Every mention of a licence that is not Creative Commons'; one whose version is missing is unspecified."""
    for pattern, spdx, name in _NAMES:
        for match in pattern.finditer(text):
            said = match.groupdict()
            if "version" in said and not said["version"]:
                licence: Licence | None = Licence(state=LicenceState.UNSPECIFIED, name=name)
            else:
                identifier = spdx.format(said.get("version"))
                licence = by_spdx(identifier.replace("-only", "-or-later") if said.get("later") else identifier)
            if licence:
                yield Mention(*match.span(), licence)
