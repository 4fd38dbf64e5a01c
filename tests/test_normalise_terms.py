"""What a feed may publish of a review: every class of licence, every agreement, commercial or not; nothing beyond."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Credit, Enclosure, Image, Licence, LicenceState, OptOut, Prose, Republish, Review
from feedsvc.normalise import entry_for
from feedsvc.normalise.html import sanitise
from feedsvc.normalise.licences import BY_SPDX, creative_commons
from tests.samples import FULL

UNKNOWN = Licence()
UNSPECIFIED = Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
RESERVED = Licence(name="All rights reserved")


def deed(code: str, version: str = "1.0", country: str | None = None) -> Licence:
    """A Creative Commons licence that exists."""
    licence = creative_commons(code, version, country)
    assert licence is not None
    return licence


#: Licence → what "auto" shows in a commercial feed, and in one that is not.
TABLE: list[tuple[Licence, str, str]] = [
    (BY_SPDX["cc0-1.0"], "full", "full"),
    (BY_SPDX["cc-pddc"], "full", "full"),
    (BY_SPDX["cc-pdm-1.0"], "full", "full"),
    (BY_SPDX["cc-by-4.0"], "full", "full"),
    (BY_SPDX["cc-by-3.0-de"], "full", "full"),
    (deed("by", "2.5", "it"), "full", "full"),
    (BY_SPDX["cc-by-sa-4.0"], "full", "full"),
    (deed("sa"), "full", "full"),
    (BY_SPDX["cc-by-nc-4.0"], "excerpt", "full"),
    (deed("nc"), "excerpt", "full"),
    (BY_SPDX["cc-by-nc-sa-3.0"], "excerpt", "full"),
    (deed("nc-sa"), "excerpt", "full"),
    (BY_SPDX["cc-by-nd-4.0"], "full", "full"),
    (deed("nd"), "full", "full"),
    (BY_SPDX["cc-by-nc-nd-4.0"], "link", "full"),
    (BY_SPDX["cc-by-nc-nd-1.0"], "link", "full"),
    (deed("nd-nc"), "link", "full"),
    (BY_SPDX["mit"], "excerpt", "excerpt"),
    (BY_SPDX["gfdl-1.3-or-later"], "excerpt", "excerpt"),
    (deed("sampling"), "excerpt", "excerpt"),
    (deed("sampling+"), "excerpt", "excerpt"),
    (deed("nc-sampling+"), "excerpt", "excerpt"),
    (UNSPECIFIED, "excerpt", "excerpt"),
    (UNKNOWN, "excerpt", "excerpt"),
    (RESERVED, "excerpt", "excerpt"),
]
LICENCES = [licence for licence, _, _ in TABLE]

BODY = (
    '<p>It starts with salt.</p><p><img alt="A road" loading="lazy" referrerpolicy="no-referrer"'
    ' src="https://night-lantern.example/i/still.jpg"></p>'
)


def review(licence: Licence, republish: Republish = Republish.AUTO) -> Review:
    return replace(FULL, licence=licence, republish=republish, content=Prose(html=BODY, text="It starts with salt."))


@pytest.mark.parametrize("licence, commercial, otherwise", TABLE)
def test_without_an_agreement_the_licence_decides(licence: Licence, commercial: str, otherwise: str) -> None:
    assert entry_for(review(licence), commercial=True).terms.show == commercial
    assert entry_for(review(licence), commercial=False).terms.show == otherwise


def row(spdx: str) -> tuple[str, str]:
    """The table of terms once more, read off the words of a licence's SPDX id."""
    words = spdx.split("-")
    if words[0] == "CC0" or spdx in {"CC-PDDC", "CC-PDM-1.0"}:
        return "full", "full"
    if words[0] != "CC":
        return "excerpt", "excerpt"
    if "NC" in words:
        return ("link" if "ND" in words else "excerpt"), "full"
    return "full", "full"


@pytest.mark.parametrize("spdx", sorted(BY_SPDX))
def test_every_known_licence_stands_in_the_table(spdx: str) -> None:
    """Every version and port of it, not only those that the table names."""
    licence = BY_SPDX[spdx]
    found = tuple(entry_for(review(licence), commercial=commercial).terms.show for commercial in (True, False))
    assert found == row(licence.spdx or "")


@pytest.mark.parametrize("licence, republish, commercial", list(product(LICENCES, list(Republish)[1:], [True, False])))
def test_an_agreement_wins_over_every_licence(licence: Licence, republish: Republish, commercial: bool) -> None:
    terms = entry_for(review(licence, republish), commercial=commercial).terms
    assert terms.show == republish.value
    assert f'republish = "{republish.value}"' in terms.reason
    assert '"night-lantern"' in terms.reason


@pytest.mark.parametrize("licence", LICENCES)
def test_an_outlets_word_against_it_leaves_a_link_whatever_the_licence(licence: Licence) -> None:
    at_all, where_earned = OptOut(statement="No copies."), OptOut(statement="Not for sale.", commercial_only=True)
    said = [
        entry_for(replace(review(licence), opt_out=opt_out), commercial=commercial).terms.show
        for opt_out, commercial in product((at_all, where_earned), (True, False))
    ]
    assert said[:3] == ["link", "link", "link"]
    assert said[3] == entry_for(review(licence), commercial=False).terms.show


@pytest.mark.parametrize("republish, commercial", list(product(list(Republish)[1:], [True, False])))
def test_an_agreement_with_the_partner_wins_over_its_outlets_word(republish: Republish, commercial: bool) -> None:
    opposed = replace(review(UNKNOWN, republish), opt_out=OptOut(statement="No copies."))
    assert entry_for(opposed, commercial=commercial).terms.show == republish.value


@pytest.mark.parametrize("licence, republish, commercial", list(product(LICENCES, Republish, [True, False])))
def test_nothing_beyond_the_terms_is_left_in_an_entry(licence: Licence, republish: Republish, commercial: bool) -> None:
    entry = entry_for(review(licence, republish), commercial=commercial)
    left = entry.review
    show = entry.terms.show
    assert (left.content is not None) == (show == "full")
    assert (left.summary is not None) == (show == "full")
    uncut = show == "full" and "ND" in (licence.name or "")
    assert (left.excerpt is not None) == (show != "link" and not uncut)
    if show == "link":
        assert (left.verdict, left.rating, left.images) == (None, None, ())
    if show == "excerpt":
        assert len((left.excerpt or FULL.excerpt or Prose(html="", text="")).text + (left.verdict or "")) <= 200
    assert (left.title, left.authors, left.outlet, left.licence) == (FULL.title, FULL.authors, FULL.outlet, licence)
    assert left.categories == FULL.categories
    assert left.enclosures == FULL.enclosures
    assert entry.embeddable <= {image.url for image in FULL.images}


@pytest.mark.parametrize(
    "spdx, commercial, statement",
    [
        (
            "cc0-1.0",
            True,
            "Full text under CC0 1.0: free to use; naming the critic and the outlet is asked as a courtesy.",
        ),
        ("cc-by-4.0", True, "Full text under CC BY 4.0: name the critic, the outlet and the licence."),
        (
            "cc-by-sa-4.0",
            True,
            "Full text under CC BY-SA 4.0: name the critic, the outlet and the licence. It stays under the same"
            " licence: whatever is made from it must carry that licence too.",
        ),
        (
            "cc-by-nc-4.0",
            False,
            "Full text under CC BY-NC 4.0: name the critic, the outlet and the licence; not for commercial use.",
        ),
        (
            "cc-by-nc-4.0",
            True,
            "Excerpt of at most 200 characters, with a link to the original. The full text at Night Lantern is under CC"
            " BY-NC 4.0.",
        ),
        (
            "cc-by-nd-4.0",
            True,
            "Full text under CC BY-ND 4.0: name the critic, the outlet and the licence, and change nothing.",
        ),
        (
            "cc-by-nc-nd-4.0",
            True,
            "Title, attribution and link only. The text at Night Lantern is under CC BY-NC-ND 4.0.",
        ),
    ],
)
def test_the_statement_says_what_is_granted_on(spdx: str, commercial: bool, statement: str) -> None:
    terms = entry_for(review(BY_SPDX[spdx]), commercial=commercial).terms
    assert (terms.statement, terms.url) == (statement, BY_SPDX[spdx].url)


def test_the_reason_is_one_that_an_editor_understands() -> None:
    reasons = {
        licence.name: entry_for(review(licence), commercial=True).terms.reason
        for licence in (UNKNOWN, UNSPECIFIED, BY_SPDX["mit"], BY_SPDX["cc-by-nc-4.0"], BY_SPDX["cc-by-4.0"])
    }
    assert reasons == {
        None: "No licence is stated, so all rights are taken as reserved.",
        "Creative Commons": (
            "A licence is named (Creative Commons) but cannot be identified, so only an excerpt is safe."
        ),
        "MIT License": "MIT License is not among the licences that this service republishes full texts under.",
        "CC BY-NC 4.0": "CC BY-NC 4.0 forbids commercial use, and this feed is commercial.",
        "CC BY 4.0": "CC BY 4.0 allows the full text, in a commercial feed too.",
    }


def test_where_all_rights_are_reserved_they_stay_with_their_holders() -> None:
    """A company that is thanked for a still holds no rights in the text, so nobody is named."""
    statement = entry_for(review(UNKNOWN), commercial=False).terms.statement
    assert statement.endswith("with a link to the original. All other rights stay with their holders.")


def test_a_text_without_an_address_promises_no_link_to_it() -> None:
    statement = entry_for(replace(review(UNKNOWN), url=None), commercial=False).terms.statement
    assert "original" not in statement


def test_a_text_that_forbids_changes_is_linked_where_an_image_in_it_may_not_be_shown() -> None:
    """To show it unaltered would show the image; to leave the image out would alter it."""
    still = Image(url="https://night-lantern.example/i/still.jpg", rights="© Saltworks Pictures")
    html = '<p>Text.</p><p><img src="https://night-lantern.example/i/still.jpg" alt="A road"></p>'
    pictured = replace(review(deed("by-nd", "4.0")), content=Prose(html=html, text="Text."), images=(still,))
    shown = entry_for(pictured, commercial=False)

    assert shown.terms.show == "link"
    assert shown.review.content is None
    assert "image" in shown.terms.reason


def test_a_verdict_beside_an_excerpt_keeps_within_200_characters_with_it() -> None:
    short = replace(review(UNKNOWN), verdict="Folds.", excerpt=Prose(html="<p>a</p>", text="a" * 194))
    long = replace(short, verdict="Folds!!")
    assert entry_for(short, commercial=True).review.verdict == "Folds."
    assert entry_for(long, commercial=True).review.verdict is None


# -------------------------------------------------------------------------------------------------------------- images

STILL = "https://night-lantern.example/i/still.jpg"

EMBEDDING = [
    # licence, rights of its own, agreement, commercial → may be shown
    ("cc-by-4.0", None, Republish.AUTO, True, True),
    ("cc0-1.0", None, Republish.AUTO, True, True),
    ("cc-by-nd-4.0", None, Republish.AUTO, True, True),
    ("cc-by-nc-4.0", None, Republish.AUTO, True, False),
    ("cc-by-nc-4.0", None, Republish.AUTO, False, True),
    ("cc-by-nc-4.0", None, Republish.FULL, True, False),
    (None, None, Republish.AUTO, False, False),
    (None, None, Republish.FULL, True, True),
    (None, "© Pia Noor", Republish.FULL, True, False),
    ("unspecified", None, Republish.FULL, True, False),
    ("reserved", None, Republish.FULL, True, False),
]


@pytest.mark.parametrize("spdx, rights, republish, commercial, shown", EMBEDDING)
def test_an_image_is_shown_by_its_own_licence_or_by_agreement_where_it_claims_nothing(
    spdx: str | None, rights: str | None, republish: Republish, commercial: bool, shown: bool
) -> None:
    licence = {"unspecified": UNSPECIFIED, "reserved": RESERVED, None: UNKNOWN}.get(spdx) or BY_SPDX[spdx or ""]
    image = Image(url=STILL, licence=licence, rights=rights)
    entry = entry_for(replace(review(BY_SPDX["cc0-1.0"], republish), images=(image,)), commercial=commercial)
    assert entry.embeddable == ({STILL} if shown else set())
    assert entry.review.content is not None
    assert ("<img" in entry.review.content.html) == shown


def test_an_image_that_may_not_be_shown_is_linked_with_its_description_and_credit() -> None:
    image = Image(url=STILL, credits=(Credit(name="Pia Noor & Co"),))
    entry = entry_for(replace(review(BY_SPDX["cc-by-4.0"]), images=(image,)), commercial=True)
    assert entry.review.content == Prose(
        html='<p>It starts with salt.</p><p><a href="https://night-lantern.example/i/still.jpg"'
        ' rel="noopener nofollow ugc">[Image: A road – Pia Noor &amp; Co]</a></p>',
        text="It starts with salt.",
    )
    assert sanitise(entry.review.content.html) == entry.review.content.html
    assert entry.review.images == (image,)


def test_an_image_inside_a_link_becomes_the_links_words() -> None:
    html = f'<a href="https://a.example/" rel="noopener nofollow ugc"><img src="{STILL}"></a>'
    entry = entry_for(
        replace(review(BY_SPDX["cc-by-4.0"]), images=(), content=Prose(html=html, text="")), commercial=True
    )
    assert entry.review.content is not None
    assert entry.review.content.html == '<a href="https://a.example/" rel="noopener nofollow ugc">[Image]</a>'


def test_attached_sound_is_a_link_and_stays() -> None:
    sound = (Enclosure(url="https://night-lantern.example/a.mp3", type="audio/mpeg"),)
    entry = entry_for(replace(review(UNKNOWN), enclosures=sound), commercial=True)
    assert entry.review.enclosures == sound


@given(st.sampled_from(LICENCES), st.sampled_from(list(Republish)), st.booleans(), st.text(min_size=1, max_size=400))
def test_no_text_leaks_where_full_text_is_not_allowed(
    licence: Licence, republish: Republish, commercial: bool, text: str
) -> None:
    secret = f"canary {text} canary"
    source = replace(
        review(licence, republish),
        content=Prose(html=f"<p>{secret}</p>", text=secret),
        summary=Prose(html=f"<p>{secret}</p>", text=secret),
        verdict=secret if republish is Republish.LINK else None,
    )
    entry = entry_for(source, commercial=commercial)
    assert ("canary" in repr(entry)) == (entry.terms.show == "full")
