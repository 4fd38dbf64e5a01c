"""What sources say of licences, and how it is judged. Never guessed: no version, no licence."""

from __future__ import annotations

import pytest

from feedsvc.model import Licence, LicenceClaim, LicenceState
from feedsvc.normalise.licence import configured, judge, stated_in

CC = "https://creativecommons.org"

#: Address → SPDX id and canonical address.
ADDRESSES = [
    ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0", f"{CC}/licenses/by/4.0/"),
    ("http://creativecommons.org/licenses/by/4.0", "CC-BY-4.0", f"{CC}/licenses/by/4.0/"),
    ("https://www.creativecommons.org/licenses/by/4.0/legalcode", "CC-BY-4.0", f"{CC}/licenses/by/4.0/"),
    ("https://creativecommons.org/licenses/by/4.0/legalcode.fr", "CC-BY-4.0", f"{CC}/licenses/by/4.0/"),
    ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0", f"{CC}/licenses/by-sa/4.0/"),
    ("https://creativecommons.org/licenses/by-sa/3.0/deed.pt_BR", "CC-BY-SA-3.0", f"{CC}/licenses/by-sa/3.0/"),
    ("https://creativecommons.org/licenses/by-nc/4.0/?ref=chooser-v1", "CC-BY-NC-4.0", f"{CC}/licenses/by-nc/4.0/"),
    ("HTTPS://CreativeCommons.org/licenses/BY-NC-SA/2.5/", "CC-BY-NC-SA-2.5", f"{CC}/licenses/by-nc-sa/2.5/"),
    ("http://creativecommons.org/licenses/by-nd/2.0/", "CC-BY-ND-2.0", f"{CC}/licenses/by-nd/2.0/"),
    ("http://creativecommons.org/licenses/by-nc-nd/3.0/", "CC-BY-NC-ND-3.0", f"{CC}/licenses/by-nc-nd/3.0/"),
    ("http://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0", f"{CC}/licenses/by-nd-nc/1.0/"),
    ("http://creativecommons.org/licenses/by-nc/3.0/de/", "CC-BY-NC-3.0-DE", f"{CC}/licenses/by-nc/3.0/de/"),
    ("http://creativecommons.org/licenses/by-sa/2.0/uk/", "CC-BY-SA-2.0-UK", f"{CC}/licenses/by-sa/2.0/uk/"),
    ("http://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0-IGO", f"{CC}/licenses/by/3.0/igo/"),
    (
        "http://creativecommons.org/licenses/by-nc/3.0/at/deed.de",
        "LicenseRef-CC-BY-NC-3.0-AT",
        f"{CC}/licenses/by-nc/3.0/at/",
    ),
    ("http://creativecommons.org/licenses/sa/1.0/", "CC-SA-1.0", f"{CC}/licenses/sa/1.0/"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0", f"{CC}/publicdomain/zero/1.0/"),
    ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0", f"{CC}/publicdomain/zero/1.0/"),
    ("https://creativecommons.org/publicdomain/mark/1.0/deed.en", "CC-PDM-1.0", f"{CC}/publicdomain/mark/1.0/"),
    ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC", f"{CC}/licenses/publicdomain/"),
    ("https://spdx.org/licenses/CC-BY-4.0.html", "CC-BY-4.0", f"{CC}/licenses/by/4.0/"),
    ("https://www.gnu.org/licenses/fdl-1.3.en.html", "GFDL-1.3-or-later", "https://www.gnu.org/licenses/fdl-1.3.html"),
    (
        "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "OGL-UK-3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
]


@pytest.mark.parametrize("stated, spdx, url", ADDRESSES)
def test_an_address_of_a_known_licence_is_identified(stated: str, spdx: str, url: str) -> None:
    licence = judge([LicenceClaim(url=stated)])
    assert (licence.state, licence.spdx, licence.url) == (LicenceState.IDENTIFIED, spdx, url)


#: Words → SPDX id.
WORDS = [
    ("CC BY 4.0", "CC-BY-4.0"),
    ("CC-BY-4.0", "CC-BY-4.0"),
    ("cc-by-sa-3.0", "CC-BY-SA-3.0"),
    ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
    ("CC BY NC ND 4.0", "CC-BY-NC-ND-4.0"),
    ("CC-BY-SA-NC 3.0", "CC-BY-NC-SA-3.0"),
    ("Licensed under a CC BY-NC 4.0 licence.", "CC-BY-NC-4.0"),
    ("CC BY 3.0 DE", "CC-BY-3.0-DE"),
    ("CC BY 4.0 DE", "CC-BY-4.0"),
    ("CC BY v4.0", "CC-BY-4.0"),
    ("CC BY 4.0 in all countries", "CC-BY-4.0"),
    ("CC0", "CC0-1.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("Public Domain Mark 1.0", "CC-PDM-1.0"),
    ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
    ("Creative Commons Attribution-ShareAlike 4.0 International License", "CC-BY-SA-4.0"),
    ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0", "CC-BY-NC-ND-4.0"),
    ("Creative Commons Attribution-Noncommercial-Share Alike 3.0 Unported", "CC-BY-NC-SA-3.0"),
    ("Creative Commons BY-NC-ND 4.0", "CC-BY-NC-ND-4.0"),
    ("Creative Commons (CC BY-SA 4.0)", "CC-BY-SA-4.0"),
    ("Creative Commons Namensnennung 4.0 International", "CC-BY-4.0"),
    ("See https://creativecommons.org/licenses/by/4.0/.", "CC-BY-4.0"),
    ("GFDL-1.3-or-later", "GFDL-1.3-or-later"),
    ("MIT", "MIT"),
]


@pytest.mark.parametrize("words, spdx", WORDS)
def test_words_that_name_licence_and_version_identify_it(words: str, spdx: str) -> None:
    licence = judge([LicenceClaim(text=words)])
    assert (licence.state, licence.spdx) == (LicenceState.IDENTIFIED, spdx)


#: Claim → name and address that stay with the unspecified licence.
UNSPECIFIED = [
    (LicenceClaim(text="Creative Commons"), "Creative Commons", None),
    (LicenceClaim(text="Some rights reserved: Creative Commons"), "Creative Commons", None),
    (LicenceClaim(text="CC BY"), "CC BY", None),
    (LicenceClaim(text="CC BY-NC-SA"), "CC BY-NC-SA", None),
    (LicenceClaim(text="CC BY 7.0"), "CC BY 7.0", None),
    (LicenceClaim(text="Creative Commons Attribution-ShareAlike"), "CC BY-SA", None),
    (LicenceClaim(text="Creative Commons Attribution 3.0 Germany"), "CC BY 3.0", None),
    (LicenceClaim(text="not under CC BY 4.0"), "CC BY 4.0", None),
    (LicenceClaim(text="CC BY 4.0, all rights reserved"), "CC BY 4.0", None),
    (LicenceClaim(text="CC BY 4.0 or CC BY-NC 4.0"), "CC BY 4.0 / CC BY-NC 4.0", None),
    (LicenceClaim(text="NOASSERTION"), None, None),
    (LicenceClaim(url="http://purl.org/atompub/license#unspecified"), None, None),
    (
        LicenceClaim(url="http://purl.org/atompub/license#unspecified", text="Creative Commons"),
        "Creative Commons",
        None,
    ),
    (LicenceClaim(url="http://purl.org/atompub/license#unspecified", text="NOASSERTION"), None, None),
    (LicenceClaim(url="https://creativecommons.org/licenses/"), "Creative Commons", None),
    (LicenceClaim(url="https://creativecommons.org/licenses/by/"), "CC BY", None),
    (LicenceClaim(url="https://creativecommons.org/licenses/by/9.9/"), "CC BY", None),
    (LicenceClaim(url="https://creativecommons.org/licenses/by-nc/2.1/"), "CC BY-NC", None),
    (LicenceClaim(url="https://outlet.example/terms"), None, "https://outlet.example/terms"),
    (
        LicenceClaim(url="https://outlet.example/terms", text="House terms"),
        "House terms",
        "https://outlet.example/terms",
    ),
]


@pytest.mark.parametrize("claim, name, url", UNSPECIFIED)
def test_a_licence_named_but_not_which_stays_unspecified(
    claim: LicenceClaim, name: str | None, url: str | None
) -> None:
    assert judge([claim]) == Licence(state=LicenceState.UNSPECIFIED, name=name, url=url)


@pytest.mark.parametrize(
    "words",
    ["© 2026 Night Lantern", "All rights reserved", "Alle Rechte vorbehalten", "NONE", "", "Courtesy of Saltworks"],
)
def test_a_statement_that_names_no_licence_leaves_it_unknown(words: str) -> None:
    assert stated_in(words) == Licence()
    assert judge([LicenceClaim(text=words)]) == Licence()


def test_two_licences_that_differ_leave_it_open_which_one_holds() -> None:
    claims = [LicenceClaim(url=f"{CC}/licenses/by/4.0/"), LicenceClaim(url=f"{CC}/licenses/by-nc/4.0/")]
    assert judge(claims) == Licence(state=LicenceState.UNSPECIFIED, name="CC BY 4.0 / CC BY-NC 4.0")


def test_one_licence_stated_twice_is_no_conflict() -> None:
    claims = [LicenceClaim(url="http://creativecommons.org/licenses/by/4.0/"), LicenceClaim(text="CC BY 4.0")]
    assert judge(claims).spdx == "CC-BY-4.0"


def test_a_vague_word_beside_a_licence_does_not_blur_it() -> None:
    claims = [
        LicenceClaim(text="Creative Commons"),
        LicenceClaim(url=f"{CC}/licenses/by/4.0/", text="Creative Commons"),
    ]
    assert judge(claims).spdx == "CC-BY-4.0"


def test_a_title_that_contradicts_its_address_leaves_it_open() -> None:
    claim = LicenceClaim(url=f"{CC}/licenses/by/4.0/", text="CC BY-NC 4.0")
    assert judge([claim]).state is LicenceState.UNSPECIFIED


def test_a_licence_of_photographs_is_not_the_licence_of_the_text() -> None:
    assert stated_in("Photos: CC BY 4.0") == Licence()
    assert stated_in("Text CC BY-SA 4.0. Photos CC BY 2.0").spdx == "CC-BY-SA-4.0"
    assert stated_in("Photos CC BY 2.0", of_image=True).spdx == "CC-BY-2.0"


@pytest.mark.parametrize(
    "setting, expected",
    [
        (None, (LicenceState.UNKNOWN, None, None)),
        ("CC-BY-4.0", (LicenceState.IDENTIFIED, "CC-BY-4.0", f"{CC}/licenses/by/4.0/")),
        (
            "http://creativecommons.org/licenses/by-sa/4.0",
            (LicenceState.IDENTIFIED, "CC-BY-SA-4.0", f"{CC}/licenses/by-sa/4.0/"),
        ),
        ("House Licence 2", (LicenceState.UNSPECIFIED, None, None)),
        ("https://outlet.example/terms", (LicenceState.UNSPECIFIED, None, "https://outlet.example/terms")),
        ("NONE", (LicenceState.UNKNOWN, None, None)),
    ],
)
def test_the_operators_licence_is_an_spdx_id_or_an_address(
    setting: str | None, expected: tuple[LicenceState, str | None, str | None]
) -> None:
    licence = configured(setting)
    assert (licence.state, licence.spdx, licence.url) == expected


def test_no_address_that_a_browser_would_run_becomes_a_licence() -> None:
    assert judge([LicenceClaim(url="javascript:alert(1)", text="CC BY 4.0")]).url == f"{CC}/licenses/by/4.0/"
    assert judge([LicenceClaim(url="javascript:alert(1)")]) == Licence()
