"""What sources say of licences, and how it is judged. Never guessed: no version, no licence."""

from __future__ import annotations

import pytest

from feedsvc.model import Licence, LicenceClaim, LicenceState
from feedsvc.normalise.licence import configured, judge, stated_in

CC = "https://creativecommons.org"

#: Claim → name and address that stay with the unspecified licence.
UNSPECIFIED = [
    (LicenceClaim(text="Creative Commons"), "Creative Commons", None),
    (LicenceClaim(text="Some rights reserved: Creative Commons"), "Creative Commons", None),
    (LicenceClaim(text="CC BY"), "CC BY", None),
    (LicenceClaim(text="CC BY-NC-SA"), "CC BY-NC-SA", None),
    (LicenceClaim(text="CC BY 7.0"), "CC BY 7.0", None),
    (LicenceClaim(text="Creative Commons Attribution-ShareAlike"), "CC BY-SA", None),
    (LicenceClaim(text="Creative Commons Attribution 3.0 Ruritania"), "CC BY 3.0", None),
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
    ["© 2026 Night Lantern", "NONE", "", "Courtesy of Saltworks"],
)
def test_a_statement_that_names_no_licence_leaves_it_unknown(words: str) -> None:
    assert stated_in(words) == Licence()
    assert judge([LicenceClaim(text=words)]) == Licence()


@pytest.mark.parametrize(
    "words",
    [
        "All rights reserved",
        "© 2026 Night Lantern. All Rights Reserved.",
        "Alle Rechte vorbehalten",
        "Alle Rechte sind vorbehalten.",
        "Tous droits réservés",
        "Tous les droits de reproduction sont réservés",
        "Todos los derechos reservados",
        "Tutti i diritti riservati",
        "Todos os direitos reservados",
        "Alle rechten voorbehouden",
    ],
)
def test_all_rights_reserved_is_no_licence_but_has_a_name(words: str) -> None:
    assert stated_in(words) == Licence(state=LicenceState.UNKNOWN, name="All rights reserved")
    assert judge([LicenceClaim(text=words)]) == Licence(state=LicenceState.UNKNOWN, name="All rights reserved")


def test_where_rights_are_all_reserved_beside_a_licence_neither_holds_for_sure() -> None:
    assert stated_in("© 2026 Lantern. All rights reserved. CC BY 4.0").state is LicenceState.UNSPECIFIED
    assert stated_in("Photos: all rights reserved. Text CC BY 4.0").spdx == "CC-BY-4.0"


def test_the_same_text_with_and_without_later_versions_is_two_licences() -> None:
    claim = LicenceClaim(url="https://www.gnu.org/licenses/fdl-1.3.html", text="GFDL 1.3 or later")
    assert judge([claim]).spdx == "GFDL-1.3-or-later"
    assert judge([LicenceClaim(text="GFDL-1.3-only"), LicenceClaim(text="GFDL-1.3-or-later")]).spdx is None


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
