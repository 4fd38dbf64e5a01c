"""The licences that are known by name: an SPDX id or a Creative Commons code in, the Licence out."""

from __future__ import annotations

import re

from feedsvc.model import Licence, LicenceState
from feedsvc.normalise.characters import word_set

DEEDS = "https://creativecommons.org"

#: Code in the deed's address → the versions that exist without a country (creativecommons.org/licenses/list).
_UNPORTED = {
    "by": "1.0 2.0 2.5 3.0 4.0",
    "by-sa": "1.0 2.0 2.5 3.0 4.0",
    "by-nc": "1.0 2.0 2.5 3.0 4.0",
    "by-nc-sa": "1.0 2.0 2.5 3.0 4.0",
    "by-nd": "1.0 2.0 2.5 3.0 4.0",
    "by-nc-nd": "2.0 2.5 3.0 4.0",
    "by-nd-nc": "1.0",
    "nc": "1.0",
    "nc-sa": "1.0",
    "nd": "1.0",
    "nd-nc": "1.0",
    "sa": "1.0",
    "sampling": "1.0",
    "sampling+": "1.0",
    "nc-sampling+": "1.0",
    "devnations": "2.0",
}
#: Country (or "igo", "scotland") of every licence that Creative Commons adapted to one.
_COUNTRIES = word_set(
    "am ar at au az be bg br ca ch cl cn co cr cz de dk ec ee eg es fi fr ge gr gt hk hr hu ie igo il in it jp kr lu mk"
    " mt mx my nl no nz pe ph pl pr pt ro rs scotland se sg si th tw ug uk us ve vn za"
)
#: Version → where it was adapted; versions not listed were adapted anywhere, 4.0 nowhere.
_FEW = {"1.0": word_set("br fi il jp nl tw"), "2.1": word_set("au es jp"), "4.0": frozenset[str]()}
_PORTED_VERSIONS = frozenset({"1.0", "2.0", "2.1", "2.5", "3.0"})
#: SPDX ids of ported licences (spdx.org/licenses, 3.27). No other ported licence has one.
_PORTED_SPDX = word_set(
    "CC-BY-2.5-AU CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US CC-BY-NC-3.0-DE"
    " CC-BY-NC-ND-3.0-DE CC-BY-NC-ND-3.0-IGO CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR CC-BY-NC-SA-2.0-UK"
    " CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO CC-BY-ND-3.0-DE CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-3.0-AT"
    " CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO"
)
#: Of the codes without "by", SPDX knows one: CC-SA-1.0.
_UNLISTED = frozenset({"nc", "nc-sa", "nd", "nd-nc", "sampling", "sampling+", "nc-sampling+", "devnations"})
#: Codes whose names are words, not letters.
_WORDED = {
    "sampling": "Sampling",
    "sampling+": "Sampling Plus",
    "nc-sampling+": "NC Sampling Plus",
    "devnations": "Developing Nations",
}


def _known(name: str, url: str, spdx: str | None) -> Licence:
    return Licence(state=LicenceState.IDENTIFIED, name=name, url=url, spdx=spdx)


CC0 = _known("CC0 1.0", f"{DEEDS}/publicdomain/zero/1.0/", "CC0-1.0")
PUBLIC_DOMAIN_MARK = _known("Public Domain Mark 1.0", f"{DEEDS}/publicdomain/mark/1.0/", "CC-PDM-1.0")
PUBLIC_DOMAIN_DEDICATION = _known("CC Public Domain Dedication", f"{DEEDS}/licenses/publicdomain/", "CC-PDDC")
#: The words alone: no tool was applied, so none is named; the address explains what public domain means.
PUBLIC_DOMAIN = _known("Public domain", f"{DEEDS}/public-domain/", None)
NOT_SAID_WHICH = Licence(state=LicenceState.UNSPECIFIED)
#: No licence, and said so. Of one kind with silence, but a feed's licence is not inherited by an item that says it.
ALL_RIGHTS_RESERVED = Licence(name="All rights reserved")

_OGL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version"
_FDL = "GNU Free Documentation License"
_FDL_ADDRESS = {
    "1.1": "https://www.gnu.org/licenses/old-licenses/fdl-1.1.html",
    "1.2": "https://www.gnu.org/licenses/old-licenses/fdl-1.2.html",
    "1.3": "https://www.gnu.org/licenses/fdl-1.3.html",
}
_ETALAB = "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf"
#: Others that texts and images are put under.
_OTHERS = (
    *(_known(f"{_FDL} {version}", url, f"GFDL-{version}-only") for version, url in _FDL_ADDRESS.items()),
    *(_known(f"{_FDL} {version} or later", url, f"GFDL-{version}-or-later") for version, url in _FDL_ADDRESS.items()),
    _known("Free Art License 1.2", "https://artlibre.org/licence/lal/licence-art-libre-12/", "LAL-1.2"),
    _known("Free Art License 1.3", "https://artlibre.org/licence/lal/en/", "LAL-1.3"),
    *(_known(f"Open Government Licence {v}.0", f"{_OGL}/{v}/", f"OGL-UK-{v}.0") for v in (1, 2, 3)),
    _known("Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
    _known("Open Data Commons Attribution License 1.0", "https://opendatacommons.org/licenses/by/1-0/", "ODC-By-1.0"),
    _known(
        "ODC Public Domain Dedication and License 1.0", "https://opendatacommons.org/licenses/pddl/1-0/", "PDDL-1.0"
    ),
    _known("Licence Ouverte 2.0", _ETALAB, "etalab-2.0"),
    _known("Norwegian Licence for Open Government Data 1.0", "https://data.norge.no/nlod/en/1.0", "NLOD-1.0"),
    _known("Norwegian Licence for Open Government Data 2.0", "https://data.norge.no/nlod/en/2.0", "NLOD-2.0"),
    _known("Data licence Germany – attribution 2.0", "https://www.govdata.de/dl-de/by-2-0", "DL-DE-BY-2.0"),
    _known("Data licence Germany – zero 2.0", "https://www.govdata.de/dl-de/zero-2-0", "DL-DE-ZERO-2.0"),
    _known("MIT License", "https://opensource.org/license/mit", "MIT"),
    _known("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
    _known("The Unlicense", "https://unlicense.org/", "Unlicense"),
    _known("WTFPL", "http://www.wtfpl.net/about/", "WTFPL"),
)


def creative_commons(code: str, version: str, country: str | None = None) -> Licence | None:
    """The licence of a code ("by-nc-sa"), version and country, or None: there is no such one."""
    code, country = code.lower(), (country or "").lower() or None
    if country in {"deed", "unported", "international", "generic"}:
        country = None
    if code == "by-nc-nd" and version == "1.0":
        code = "by-nd-nc"
    if code not in _UNPORTED or not _exists(code, version, country):
        return None
    words = _WORDED.get(code) or {"by-nd-nc": "by-nc-nd"}.get(code, code).upper()
    tail = f" {country.upper()}" if country else ""
    return _known(
        f"CC {words} {version}{tail}",
        f"{DEEDS}/licenses/{code}/{version}/{f'{country}/' if country else ''}",
        _spdx(code, words, version, country),
    )


def _exists(code: str, version: str, country: str | None) -> bool:
    if country is None:
        return version in _UNPORTED[code].split()
    adapted = code.startswith(("by", "sa", "nc-sampling")) and version in _PORTED_VERSIONS
    return adapted and country in _FEW.get(version, _COUNTRIES)


def _spdx(code: str, words: str, version: str, country: str | None) -> str | None:
    spdx = f"CC-{words}-{version}" + (f"-{country.upper()}" if country else "")
    return spdx if (spdx in _PORTED_SPDX if country else code not in _UNLISTED) else None


def _all_known() -> dict[str, Licence]:
    listed = [CC0, PUBLIC_DOMAIN_DEDICATION, PUBLIC_DOMAIN_MARK, *_OTHERS]
    for code, versions in _UNPORTED.items():
        listed += [licence for version in versions.split() if (licence := creative_commons(code, version))]
    for spdx in _PORTED_SPDX:
        code, version, country = spdx.removeprefix("CC-").rsplit("-", 2)
        if licence := creative_commons(code, version, country):
            listed.append(licence)
    return {licence.spdx.lower(): licence for licence in listed if licence.spdx}


#: SPDX id in lower case → licence.
BY_SPDX = _all_known()


def by_spdx(identifier: str) -> Licence | None:
    """The licence of an SPDX id, in whatever case (SPDX 2.3, annex D.2).

    A retired id such as "GFDL-1.3" means that version alone (GFDL, section 10).
    """
    text = identifier.strip().lower()
    return BY_SPDX.get(text) or BY_SPDX.get(f"{text}-only")


def conditions(licence: Licence) -> frozenset[str] | None:
    """Of a Creative Commons licence or a dedication, its conditions (by, nc, nd, sa); None of every other one."""
    if licence.state is not LicenceState.IDENTIFIED:
        return None
    path = (licence.url or "").removeprefix(DEEDS)
    if path.startswith(("/publicdomain/", "/public-domain/", "/licenses/publicdomain/")):
        return frozenset()
    match = re.match(r"/licenses/((?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa))*)/", path)
    return frozenset(match[1].split("-")) if match else None
