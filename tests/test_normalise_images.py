"""Images that an item names and shows, each with its own credits, licence and rights."""

from __future__ import annotations

import pytest

from feedsvc.model import Credit, Enclosure, Image, ImageClaim, Item, Licence, LicenceClaim, LicenceState
from feedsvc.normalise.credit_lines import credit_in
from feedsvc.normalise.html import sanitise
from feedsvc.normalise.images import credits_of, images_of

BASE = "https://lantern.example/1"
STILL = "https://lantern.example/still.jpg"
CC_BY = "https://creativecommons.org/licenses/by/2.0/"


def shown(html: str, item: Item | None = None) -> tuple[Image, ...]:
    return images_of(item or Item(), sanitise(html, BASE), BASE)[0]


def names(html: str) -> tuple[list[list[str]], list[str]]:
    """Whom each image of a page credits, and whom none of them does."""
    images, credits = images_of(Item(), sanitise(html, BASE), BASE)
    return [[credit.name for credit in image.credits] for image in images], [credit.name for credit in credits]


def test_an_image_named_outside_and_shown_inside_is_one_and_keeps_what_either_says() -> None:
    claim = ImageClaim(
        url="/still.jpg", type="Image/JPEG", length=5, credits=(Credit(name="Pia Noor", role="photographer"),)
    )
    item = Item(images=(claim, ImageClaim(url="javascript:x")))
    html = '<img src="/still.jpg" alt="A road" width="30" height="20"><img src="/other.png">'
    assert shown(html, item) == (
        Image(url=STILL, type="image/jpeg", width=30, height=20, length=5, alt="A road",
              credits=(Credit(name="Pia Noor", role="photographer"),)),
        Image(url="https://lantern.example/other.png"),
    )  # fmt: skip


def test_an_attached_image_is_an_image() -> None:
    item = Item(
        enclosures=(Enclosure(url=STILL, type="image/jpeg", length=7), Enclosure(url="https://x.example/a.mp3"))
    )
    assert images_of(item, None, BASE) == ((Image(url=STILL, type="image/jpeg", length=7),), ())


def photographer(name: str) -> Credit:
    return Credit(name=name, role="photographer", scheme="urn:ebu")


#: Caption → whom it names.
CAPTIONS = [
    ("Photo: Pia Noor", Credit(name="Pia Noor")),
    ("PHOTO: PIA NOOR", Credit(name="PIA NOOR")),
    ("Photo : Pia Noor", Credit(name="Pia Noor")),
    ("A road of salt. Photo: Pia Noor/Agency", Credit(name="Pia Noor/Agency")),
    ("A road of salt (Photo: Pia Noor) by the sea", Credit(name="Pia Noor")),
    ("Photo: Pia Noor. The road runs on.", Credit(name="Pia Noor")),
    ("Photo: P. J. Noor", Credit(name="P. J. Noor")),
    ("Photo: Saltworks Inc. Archive", Credit(name="Saltworks Inc. Archive")),
    ("Photograph: Pia Noor/Harbour Gazette", Credit(name="Pia Noor/Harbour Gazette")),
    ("Photographer: Pia Noor", Credit(name="Pia Noor")),
    ("Photo credit: Pia Noor", Credit(name="Pia Noor")),
    ("Image credit: Saltworks Pictures", Credit(name="Saltworks Pictures")),
    ("Image Credits: Saltworks", Credit(name="Saltworks")),
    ("Credit: Saltworks", Credit(name="Saltworks")),
    ("Picture: Pia Noor", Credit(name="Pia Noor")),
    ("Still: Saltworks", Credit(name="Saltworks")),
    ("Screenshot: Pixel Ledger", Credit(name="Pixel Ledger")),
    ("Illustration: Pia Noor", Credit(name="Pia Noor")),
    ("Illustration by Pia Noor", Credit(name="Pia Noor")),
    ("Photo by Pia Noor", photographer("Pia Noor")),
    ("Photograph by Pia Noor.", photographer("Pia Noor")),
    ("Photography by Pia Noor", photographer("Pia Noor")),
    ("photo by Pia Noor on Unsplash", photographer("Pia Noor on Unsplash")),
    ("(AP Photo/Pia Noor)", Credit(name="AP Photo/Pia Noor")),
    ("Courtesy of Saltworks", Credit(name="Courtesy of Saltworks")),
    ("A still. Courtesy of Saltworks Pictures", Credit(name="Courtesy of Saltworks Pictures")),
    ("Image courtesy Saltworks", Credit(name="courtesy Saltworks")),
    ("A road © Pia Noor", Credit(name="© Pia Noor")),
    ("© 2026 Saltworks. All rights reserved.", Credit(name="© 2026 Saltworks")),
    ("Photo: Pia Noor (CC BY 2.0)", Credit(name="Pia Noor")),
    ("Photo: Pia Noor, public domain", Credit(name="Pia Noor")),
    ("Photo: Pia Noor / Creative Commons", Credit(name="Pia Noor")),
    ("Bild: Agentur", Credit(name="Agentur")),
    ("Bild: dpa", Credit(name="dpa")),
    ("Szenenbild: Salzwerk Film", Credit(name="Salzwerk Film")),
    ("Bildnachweis: Salzwerk", Credit(name="Salzwerk")),
    ("Bildquelle: Salzwerk / gemeinfrei", Credit(name="Salzwerk")),
    ("Bildrechte: Salzwerk", Credit(name="Salzwerk")),
    ("Foto: Pia Noor", Credit(name="Pia Noor")),
    ("Foto von Pia Noor", photographer("Pia Noor")),
    ("Mit freundlicher Genehmigung von Salzwerk", Credit(name="Mit freundlicher Genehmigung von Salzwerk")),
    ("Crédit photo : Studio Sel", Credit(name="Studio Sel")),
    ("Crédits : Studio Sel", Credit(name="Studio Sel")),
    ("Photo de Pia Noor", photographer("Pia Noor")),
    ("Photographie par Élise Noor", photographer("Élise Noor")),
    ("Avec l’aimable autorisation de Studio Sel", Credit(name="Avec l’aimable autorisation de Studio Sel")),
    ("Fotografía de Pía Noor", photographer("Pía Noor")),
    ("Fotografía: Pía Noor", Credit(name="Pía Noor")),
    ("Imagen: Salinas", Credit(name="Salinas")),
    ("Crédito de la foto: Pía Noor", Credit(name="Pía Noor")),
    ("Cortesía de Salinas", Credit(name="Cortesía de Salinas")),
    ("Image Source: Salt Stock / Noor Image/Brinewerk.", Credit(name="Salt Stock / Noor Image/Brinewerk")),
    ("Photo source: Salt Stock", Credit(name="Salt Stock")),
    ("Photo/Video: Pia Noor", Credit(name="Pia Noor")),
    ("Photo/Pia Noor", Credit(name="Pia Noor")),
    ("Photo / Pia Noor", Credit(name="Pia Noor")),
    ("A road of salt. Photo/Pia Noor", Credit(name="Pia Noor")),
    ("A road of salt (Photo/Pia Noor)", Credit(name="Pia Noor")),
    ("A road of salt photo / Pia Noor", Credit(name="Pia Noor")),
    ("Salt Images/Pia Noor", Credit(name="Salt Images/Pia Noor")),
    ("A road (Salt Stock Photo / Pia J. Noor)", Credit(name="Salt Stock Photo / Pia J. Noor")),
    ("A road of salt. Salt Images/Brinewerk.", Credit(name="Salt Images/Brinewerk")),
    ("Best Pictures/Director of the year", None),
    ("Road Photos/Videos", None),
    ("A road by Salt Stock / Noor Image/Brinewerk", None),
    ("Source: Salt Stock / Noor Image / Brinewerk", None),
    ("A road, in pictures/Words and more", None),
    ("Pictures/sound of a road", None),
    ("Photos/Videos of a road", None),
    ("A road and/or Photographs of it", None),
    ("Source: Brinewerk", None),
    ("Photo editing: a guide", None),
    ("Photo Editing: A Guide", None),
    ("A road of salt", None),
    ("The photo shows a road", None),
    ("The photo by the lake was lost", None),
    ("Photo de famille", None),
    ("Une image de synthèse", None),
    ("Photo: a road of salt", None),
    ("The bishop was granted by courtesy of the court", None),
    ("Photo:", None),
]


@pytest.mark.parametrize("caption, credit", CAPTIONS)
def test_a_caption_names_somebody_or_only_describes(caption: str, credit: Credit | None) -> None:
    assert credit_in(caption) == credit


def test_a_captions_credit_licence_and_copyright_belong_to_the_image_of_its_figure() -> None:
    html = (
        '<figure><img src="/still.jpg"><figcaption>A road. Photo: Pia Noor '
        f'(<a href="{CC_BY}deed.de">CC BY 2.0</a>)</figcaption></figure>'
        '<figure><img src="/b.png"><figcaption>© Saltworks 2025</figcaption></figure><img src="/c.png">'
    )
    first, second, third = shown(html)
    assert (first.credits, first.licence.spdx, first.licence.url) == ((Credit(name="Pia Noor"),), "CC-BY-2.0", CC_BY)
    assert (second.credits, second.rights) == ((Credit(name="© Saltworks 2025"),), "© Saltworks 2025")
    assert third == Image(url="https://lantern.example/c.png")


def figure(*inside: str) -> str:
    return f"<figure>{''.join(inside)}</figure>"


def caption(words: str) -> str:
    return f"<figcaption>{words}</figcaption>"


A, B, C = (f'<img src="/{name}.png">' for name in "abc")


@pytest.mark.parametrize(
    "html, bound, unbound",
    [
        (figure(A, B, caption("Photos: Pia Noor")), [["Pia Noor"], ["Pia Noor"]], []),
        (figure(figure(A), figure(B), caption("Photos: Pia Noor")), [["Pia Noor"], ["Pia Noor"]], []),
        (
            figure(figure(A, caption("Photo: Ines Okafor")), figure(B, caption("A road")), caption("Photos: Pia Noor")),
            [["Ines Okafor"], ["Pia Noor"]],
            [],
        ),
        (
            figure(figure(A, B, caption("Photos: Ines Okafor")), C, caption("Photos: Pia Noor")),
            [["Ines Okafor"], ["Ines Okafor"], ["Pia Noor"]],
            [],
        ),
        (
            figure(A, '<img src="/b.png" alt="© Ines Okafor">', caption("Photos: Pia Noor")),
            [["Pia Noor"], ["© Ines Okafor"]],
            [],
        ),
        (figure(A, caption("A road"), caption("Photo: Pia Noor")), [["Pia Noor"]], []),
        (figure(A, B, caption("On the left, photo: Pia Noor")), [[], []], ["Pia Noor"]),
        (
            figure(A, caption("Photo: Pia Noor"), B, caption("Photo: Ines Okafor")),
            [[], []],
            ["Pia Noor", "Ines Okafor"],
        ),
        (figure(A, B, caption("Two roads")), [[], []], []),
        (A + caption("Photo: Pia Noor"), [[]], []),
    ],
)
def test_a_caption_under_several_images_holds_for_each_that_has_no_credit_of_its_own(
    html: str, bound: list[list[str]], unbound: list[str]
) -> None:
    assert names(html) == (bound, unbound)


def test_a_licence_under_several_images_holds_for_each_that_it_credits() -> None:
    images = shown(figure(A, B, caption("Photos: Pia Noor, CC BY 2.0"))) + shown(figure(A, B, caption("CC BY 2.0")))
    assert [image.licence.spdx for image in images] == ["CC-BY-2.0", "CC-BY-2.0", None, None]


@pytest.mark.parametrize(
    "words, credited",
    [
        ("A desk seen from above © Stockhouse / Pia Noor", ["© Stockhouse / Pia Noor"]),
        ("A desk (Photo: Pia Noor)", ["Pia Noor"]),
        ("(Foto: dpa)", ["dpa"]),
        ("A desk. Photo: Pia Noor on Stockhouse", ["Pia Noor on Stockhouse"]),
        ("A desk | Photo credit: Pia Noor", ["Pia Noor"]),
        ("Image source: Stockhouse", ["Stockhouse"]),
        ("Credit: Pia Noor", ["Pia Noor"]),
        ("A desk (AP Photo/Pia Noor)", ["AP Photo/Pia Noor"]),
        ("A desk (Salt Images/Pia Noor)", ["Salt Images/Pia Noor"]),
        ("A desk, courtesy of Saltworks", ["courtesy of Saltworks"]),
        ("© 2026 Saltworks. All rights reserved.", ["© 2026 Saltworks"]),
        ("A desk seen from above", []),
        ("Screenshot: Settings", []),
        ("Image: The Lantern", []),
        ("Level 2 screenshot: Harbour", []),
        ("Tax credit: How It Works", []),
        ("Photo editing: a guide", []),
        ("Photo/Video Gallery", []),
        ("Pia Noor, Courtesy Call", []),
        ("A chart. Source: Saltworks", []),
        ("A © sign on a door", []),
        ("A desk (photo: the one we tested)", []),
        ("Words and/or pictures", []),
        ("©", []),
    ],
)
def test_the_words_in_place_of_an_image_credit_whom_they_surely_name(words: str, credited: list[str]) -> None:
    [image] = shown(f'<img src="/a.png" alt="{words}">')
    assert ([credit.name for credit in image.credits], image.alt) == (credited, words)
    [image] = shown(f'<img src="/a.png" alt="A desk" title="{words}">')
    assert [credit.name for credit in image.credits] == credited
    [image] = images_of(Item(images=(ImageClaim(url=STILL, alt=words),)), None, None)[0]
    assert [credit.name for credit in image.credits] == credited


@pytest.mark.parametrize(
    "html, bound, unbound",
    [
        (f"{A}<p>Image Source: Salt Stock / Noor Image/Brinewerk</p>", [["Salt Stock / Noor Image/Brinewerk"]], []),
        (f"<p>{A}</p><p><em>Image Credit: The Salt House</em></p><p>A road.</p>", [["The Salt House"]], []),
        (f'<div class="wp-caption">{A}<p class="wp-caption-text">Photo: Pia Noor</p></div>', [["Pia Noor"]], []),
        (f"<p>{A}<br><small>(Foto: dpa)</small></p>", [["dpa"]], []),
        (f'<p><a href="/1">{A}</a></p><p>Photo: <a href="/pia">Pia Noor</a> via Stockhouse</p>',
         [["Pia Noor via Stockhouse"]], []),
        (f"{figure(A)}<p><b>Photo</b>: Pia Noor</p>", [["Pia Noor"]], []),
        (f"<p>{A}</p><p>Photo by Pia Noor</p>", [["Pia Noor"]], []),
        (f"{A}<p>Photo: Pia Noor</p>{B}<p>Photo: Ines Okafor</p>", [["Pia Noor"], ["Ines Okafor"]], []),
        (f"<p>{A} {B}</p><p>Photo: Pia Noor</p>", [[], []], ["Pia Noor"]),
        (f"{figure(A, caption('Photo: Ines Okafor'))}<p>Photo: Pia Noor</p>", [["Ines Okafor"]], []),
        (f"{A}<p>Photo: Pia Noor. The road runs on.</p>", [[]], []),
        (f"{A}<p>Photos: A Look Back</p>", [[]], []),
        (f"{A}<p>Photos: Is This The End?</p>", [[]], []),
        (f"{A}<p>Photo editing: a guide</p>", [[]], []),
        (f"{A}<p>Image: a road runs through it</p>", [[]], []),
        (f"{A}<p>Source: Saltworks</p>", [[]], []),
        (f'{A}<p><a href="/2">Photos: Inside The Salt House</a></p>', [[]], []),
        (f"{A}<h2>Photos: Inside The Salt House</h2>", [[]], []),
        (f"{A}<ul><li>Picture: Good</li></ul>", [[]], []),
        (f"{A}<p>A road.</p><p>Photo: Pia Noor</p>", [[]], []),
        (f"<p>{A} Photo: Pia Noor shows a road of salt</p>", [[]], []),
    ],
)  # fmt: skip
def test_a_credit_line_behind_an_image_is_the_images(html: str, bound: list[list[str]], unbound: list[str]) -> None:
    assert names(html) == (bound, unbound)


def test_a_credit_that_is_of_no_image_stands_once_beside_those_stated() -> None:
    item = Item(credits=(Credit(name="Saltworks"), Credit(name="Pia Noor")))
    html = sanitise(f"{A}{B}<p>Photo: Pia Noor</p>{A}{B}<p>Photo: Ines Okafor</p>", BASE)
    assert images_of(item, html, BASE)[1] == (
        Credit(name="Saltworks"),
        Credit(name="Pia Noor"),
        Credit(name="Ines Okafor"),
    )


def test_a_caption_in_a_figure_of_figures_is_bound_to_the_image_that_is_alone_with_it() -> None:
    images = shown(
        '<figure><figure><img src="/a.png"><figcaption>Photo: Pia Noor</figcaption></figure>'
        '<figure><img src="/b.png"></figure></figure>'
        '<figure><figure><img src="/c.png"></figure><figcaption>Photo: <i>Ines Okafor</i></figcaption></figure>'
    )
    assert [image.credits for image in images] == [(Credit(name="Pia Noor"),), (), (Credit(name="Ines Okafor"),)]


def test_an_images_licence_is_its_own_claim_else_what_its_rights_name() -> None:
    claimed = ImageClaim(url=STILL, licence=LicenceClaim(url=CC_BY), terms_url="https://lantern.example/terms")
    in_rights = ImageClaim(url=BASE + "/b", rights="© Pia Noor, CC BY-ND 4.0", terms_url="mailto:a@b.example")
    named = ImageClaim(url=BASE + "/c", licence=LicenceClaim(text="Creative Commons"))
    first, second, third = images_of(Item(images=(claimed, in_rights, named)), None, None)[0]
    assert (first.licence.spdx, first.terms_url) == ("CC-BY-2.0", "https://lantern.example/terms")
    assert (second.licence.spdx, second.rights, second.terms_url) == ("CC-BY-ND-4.0", "© Pia Noor, CC BY-ND 4.0", None)
    assert third.licence == Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")


def test_credits_are_verbatim_and_each_once() -> None:
    stated = [
        Credit(name="Courtesy of  A &amp; B"),
        Credit(name="Courtesy of A & B"),
        Credit(name=" "),
        Credit(name="C", role="author"),
    ]
    assert credits_of(stated) == (Credit(name="Courtesy of A & B"), Credit(name="C", role="author"))


@pytest.mark.parametrize("size", [-1, 0, 2**60])
def test_a_size_that_no_image_has_is_missing(size: int) -> None:
    claim = ImageClaim(url=STILL, width=size, height=size, length=size)
    assert images_of(Item(images=(claim,)), None, None) == ((Image(url=STILL),), ())
