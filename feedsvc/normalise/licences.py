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
}
_PORTED_VERSIONS = frozenset({"1.0", "2.0", "2.1", "2.5", "3.0"})
_COUNTRY = re.compile(r"[a-z]{2}|igo|scotland")
#: SPDX ids of ported licences (spdx.org/licenses); all others are written as LicenseRef, which SPDX allows for any.
_PORTED_SPDX = word_set(
    "CC-BY-2.5-AU CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US CC-BY-NC-3.0-DE"
    " CC-BY-NC-ND-3.0-DE CC-BY-NC-ND-3.0-IGO CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR CC-BY-NC-SA-2.0-UK"
    " CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO CC-BY-ND-3.0-DE CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-3.0-AT"
    " CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO"
)
#: Of the codes without "by", SPDX knows one.
_UNLISTED = frozenset({"nc", "nc-sa", "nd", "nd-nc", "sampling", "sampling+", "nc-sampling+"})


def _known(name: str, url: str, spdx: str) -> Licence:
    return Licence(state=LicenceState.IDENTIFIED, name=name, url=url, spdx=spdx)


CC0 = _known("CC0 1.0", f"{DEEDS}/publicdomain/zero/1.0/", "CC0-1.0")
PUBLIC_DOMAIN_MARK = _known("Public Domain Mark 1.0", f"{DEEDS}/publicdomain/mark/1.0/", "CC-PDM-1.0")
PUBLIC_DOMAIN = _known("CC Public Domain Dedication", f"{DEEDS}/licenses/publicdomain/", "CC-PDDC")
NOT_SAID_WHICH = Licence(state=LicenceState.UNSPECIFIED)

#: Others that texts and images are put under, by SPDX id.
_OTHERS = (
    _known(
        "GNU Free Documentation License 1.1",
        "https://www.gnu.org/licenses/old-licenses/fdl-1.1.html",
        "GFDL-1.1-or-later",
    ),
    _known(
        "GNU Free Documentation License 1.2",
        "https://www.gnu.org/licenses/old-licenses/fdl-1.2.html",
        "GFDL-1.2-or-later",
    ),
    _known("GNU Free Documentation License 1.3", "https://www.gnu.org/licenses/fdl-1.3.html", "GFDL-1.3-or-later"),
    _known("Free Art License 1.3", "https://artlibre.org/licence/lal/en/", "LAL-1.3"),
    _known("MIT License", "https://opensource.org/license/mit", "MIT"),
    _known("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
    *(
        _known(
            f"Open Government Licence {version}.0",
            f"https://www.nationalarchives.gov.uk/doc/open-government-licence/version/{version}/",
            f"OGL-UK-{version}.0",
        )
        for version in (1, 2, 3)
    ),
)


def creative_commons(code: str, version: str, country: str | None = None) -> Licence | None:
    """The licence of a code ("by-nc-sa"), version and country, or None: there is no such one."""
    code, country = code.lower(), (country or "").lower() or None
    if country in {"deed", "unported", "international", "generic"}:
        country = None
    if code == "by-nc-nd" and version == "1.0":
        code = "by-nd-nc"
    if code not in _UNPORTED:
        return None
    if country:
        exists = (
            version in _PORTED_VERSIONS and _COUNTRY.fullmatch(country) is not None and code.startswith(("by", "sa"))
        )
    else:
        exists = version in _UNPORTED[code].split()
    if not exists:
        return None
    words = {"by-nd-nc": "by-nc-nd"}.get(code, code).upper()
    tail = f" {country.upper()}" if country else ""
    return Licence(
        state=LicenceState.IDENTIFIED,
        name=f"CC {words} {version}{tail}",
        url=f"{DEEDS}/licenses/{code}/{version}/{f'{country}/' if country else ''}",
        spdx=_spdx(code, words, version, country),
    )


def _spdx(code: str, words: str, version: str, country: str | None) -> str:
    spdx = f"CC-{words}-{version}" + (f"-{country.upper()}" if country else "")
    listed = spdx in _PORTED_SPDX if country else code not in _UNLISTED
    return spdx if listed else f"LicenseRef-{spdx.replace('+', 'plus')}"


def _all_known() -> dict[str, Licence]:
    listed = [CC0, PUBLIC_DOMAIN, PUBLIC_DOMAIN_MARK, *_OTHERS]
    for code, versions in _UNPORTED.items():
        listed += [licence for version in versions.split() if (licence := creative_commons(code, version))]
    for spdx in _PORTED_SPDX:
        code, version, country = spdx.removeprefix("CC-").rsplit("-", 2)
        if licence := creative_commons(code, version, country):
            listed.append(licence)
    return {(licence.spdx or "").lower(): licence for licence in listed}


#: SPDX id in lower case → licence.
BY_SPDX = _all_known()


def by_spdx(identifier: str) -> Licence | None:
    """The licence of an SPDX id, in whatever case (SPDX 2.3, annex D.2); "GFDL-1.3-only" is the same text."""
    text = identifier.strip().lower()
    return BY_SPDX.get(text) or BY_SPDX.get(re.sub(r"(-only)?$", "-or-later", text))


def conditions(licence: Licence) -> frozenset[str] | None:
    """Of a Creative Commons licence or a dedication, its conditions (by, nc, nd, sa); None of every other one."""
    if licence.state is not LicenceState.IDENTIFIED:
        return None
    path = (licence.url or "").removeprefix(DEEDS)
    if path.startswith(("/publicdomain/", "/licenses/publicdomain/")):
        return frozenset()
    match = re.match(r"/licenses/((?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa))*)/", path)
    return frozenset(match[1].split("-")) if match else None
