"""An address in, the licence that it is the deed or text of out; any other address leaves it unspecified."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from feedsvc.model import Licence, LicenceState
from feedsvc.normalise.licences import (
    CC0,
    PUBLIC_DOMAIN,
    PUBLIC_DOMAIN_DEDICATION,
    PUBLIC_DOMAIN_MARK,
    by_spdx,
    creative_commons,
)

_CC_PATH = re.compile(r"/licen[cs]es/([a-z+-]+)(?:/(\d\.\d)(?:/([a-z]{2,8}))?)?(?=[/.]|$)")
_FILE = re.compile(r"/?(?:deed|legalcode|rdf)[^/]*$")
#: Host and path, without "www." → SPDX id. An address that always shows the newest version of several names none;
#: where one version was ever published (ODbL, MIT) the address without it is that version's.
_OTHER_PATHS = tuple(
    (re.compile(pattern), spdx)
    for pattern, spdx in (
        (r"gnu\.org/(?:licenses|copyleft)/(?:.*/)?fdl-(1\.[123])\b", "GFDL-{}-only"),
        (r"nationalarchives\.gov\.uk/doc/open-government-licence/version/([123])\b", "OGL-UK-{}.0"),
        (r"opensource\.org/licenses?/mit\b", "MIT"),
        (r"(?:mit-license\.org|choosealicense\.com/licenses/mit)(?:/|$)", "MIT"),
        (r"(?:apache\.org/licenses/license|opensource\.org/licenses?/apache)-2\.0\b", "Apache-2.0"),
        (r"choosealicense\.com/licenses/apache-2\.0\b", "Apache-2.0"),
        (r"opensource\.org/licenses?/unlicense\b", "Unlicense"),
        (r"unlicense\.org(?:/|$)", "Unlicense"),
        (r"(?:wtfpl\.net|sam\.zoy\.org/wtfpl)(?:/|$)", "WTFPL"),
        (r"artlibre\.org/licence/lal/licence-art-libre-12\b", "LAL-1.2"),
        (r"artlibre\.org/(?:licence/lal(?:/|$)|lal/)", "LAL-1.3"),
        (r"opendatacommons\.org/licenses/odbl(?:/1[.-]0)?(?:/summary)?/?$", "ODbL-1.0"),
        (r"opendatacommons\.org/licenses/by(?:/1[.-]0)?(?:/summary)?/?$", "ODC-By-1.0"),
        (r"opendatacommons\.org/licenses/pddl(?:/1[.-]0)?(?:/summary)?/?$", "PDDL-1.0"),
        (r"etalab\.gouv\.fr/.*licence[_-]ouverte[_-]v2\.0", "etalab-2.0"),
        (r"data\.norge\.no/nlod/(?:en|no)/([12]\.0)\b", "NLOD-{}"),
        (r"govdata\.de/dl-de/(by|zero)-2-0\b", "DL-DE-{}-2.0"),
        (r"spdx\.org/licenses/([a-z0-9.+-]+?)(?:\.html|\.json|\.txt)?$", "{}"),
    )
)


def by_address(url: str) -> Licence:
    """The licence whose deed, legal code or text stands at an absolute address, in whatever language."""
    parts = urlsplit(url.lower())
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    if host == "creativecommons.org":
        return _by_deed(path)
    for pattern, spdx in _OTHER_PATHS:
        if (match := pattern.match(host + path)) and (licence := by_spdx(spdx.format(*match.groups()))):
            return licence
    return Licence(state=LicenceState.UNSPECIFIED, url=url)


def _by_deed(path: str) -> Licence:
    """A deed or legal code of Creative Commons. One that does not exist, or names no version, leaves no address."""
    path = _FILE.sub("/", path)
    for start, dedication in (("/publicdomain/zero/1.0", CC0), ("/publicdomain/mark/1.0", PUBLIC_DOMAIN_MARK)):
        if path.startswith(start):
            return dedication
    if re.match(r"/licen[cs]es/publicdomain(?:/|$)", path):
        return PUBLIC_DOMAIN_DEDICATION
    if re.fullmatch(r"/public-?domain/?", path):
        return PUBLIC_DOMAIN
    match = _CC_PATH.match(path)
    if match is None:
        return Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
    licence = creative_commons(match[1], match[2], match[3]) if match[2] else None
    return licence or Licence(state=LicenceState.UNSPECIFIED, name=f"CC {match[1].upper()}")
