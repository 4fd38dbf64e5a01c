"""The trailer lines of plain-text reviews: what each says, where they may stand, and what stays in the text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.model import (
    Category,
    Citation,
    Credit,
    Fetched,
    ImageClaim,
    Item,
    LicenceClaim,
    Link,
    Person,
    RatingClaim,
    Subject,
    Text,
)
from feedsvc.parsers.document import read_document

PIA = Credit(name="Pia Noor", role="photographer", scheme="urn:ebu")
X = "https://x.example/x.jpg"


def read(text: str) -> Item:
    (item,) = read_document(Fetched(url="file:///drop/a.txt", path="a.txt", body=text.encode())).items
    return item


def closing(*lines: str) -> Item:
    return read("Nine Lamps\n\nThe ninth is told in the dark.\n\n" + "\n".join(lines))


def html(item: Item) -> str:
    assert item.content is not None
    return item.content.value


@pytest.mark.parametrize(
    "value, names",
    [
        (
            "Celebrity Storm and New York Post, Variety, The Hollywood Reporter",
            ["Celebrity Storm", "New York Post", "Variety", "The Hollywood Reporter"],
        ),
        ("The Quiet Quarter, Coast Weekly, and Variety.", ["The Quiet Quarter", "Coast Weekly", "Variety"]),
        ("Coast Weekly & Variety / Le Monde", ["Coast Weekly", "Variety", "Le Monde"]),
        ("AC/DC Monthly", ["AC/DC Monthly"]),
        ("Rock and Ice", ["Rock", "Ice"]),
        ("“Rock and Ice”, Variety", ["Rock and Ice", "Variety"]),
        ('"Salt, Sand & Sea" and Variety', ["Salt, Sand & Sea", "Variety"]),
        ("Rock and Ice; Salt, Sand & Sea; and Variety", ["Rock and Ice", "Salt, Sand & Sea", "Variety"]),
        ("Harbour Press, Inc., Variety", ["Harbour Press, Inc.", "Variety"]),
        ("Hafenblatt und Die Welle", ["Hafenblatt", "Die Welle"]),
        ("Le Port et La Vague", ["Le Port", "La Vague"]),
    ],
)
def test_a_list_of_sources_is_split_into_names(value: str, names: list[str]) -> None:
    """ "and" always parts; who has it in a name quotes the name or parts the list with semicolons."""
    assert closing(f"Sources: {value}").cited == tuple(Citation(name=name) for name in names)


@pytest.mark.parametrize(
    "value, cited",
    [
        ("Variety <https://v.example/1>", Citation(name="Variety", url="https://v.example/1")),
        ("Variety (https://v.example/1)", Citation(name="Variety", url="https://v.example/1")),
        ("[Variety](https://v.example/1)", Citation(name="Variety", url="https://v.example/1")),
        ("“Rock and Ice” https://v.example/1", Citation(name="Rock and Ice", url="https://v.example/1")),
        ("https://v.example/a,b_(film)", Citation(url="https://v.example/a")),
        ("<https://v.example/1>", Citation(url="https://v.example/1")),
    ],
)
def test_a_source_may_carry_its_address(value: str, cited: Citation) -> None:
    assert closing(f"Sources: {value}").cited[0] == cited


@pytest.mark.parametrize(
    "line, expected",
    [
        ("By: Jane Doe", Item(authors=(Person(name="Jane Doe"),))),
        ("AUTHOR: Jane Doe and bell hooks", Item(authors=(Person(name="Jane Doe"), Person(name="bell hooks")))),
        ("Critic: Jane <https://j.example/>", Item(authors=(Person(name="Jane", url="https://j.example/"),))),
        ("Review by Jane van der Doe", Item(authors=(Person(name="Jane van der Doe"),))),
        ("By Jane Doe & John Q. Roe Jr.", Item(authors=(Person(name="Jane Doe"), Person(name="John Q. Roe Jr.")))),
        ("Von Jonna Petersen", Item(authors=(Person(name="Jonna Petersen"),))),
        ("Autrice : Zoé", Item(authors=(Person(name="Zoé"),))),
        ("By: Jane Doe <jane@x.example>", Item(authors=(Person(name="Jane Doe"),))),
        ("Editor: Marta Ivory", Item(contributors=(Person(name="Marta Ivory"),))),
        ("Rating: 7/10", Item(rating=RatingClaim(text="7/10", value="7", best="10"))),
        ("Score: 3.5 out of 5", Item(rating=RatingClaim(text="3.5 out of 5", value="3.5", best="5"))),
        ("Wertung: 3,5 von 5", Item(rating=RatingClaim(text="3,5 von 5", value="3,5", best="5"))),
        ("Rating: ★★★½", Item(rating=RatingClaim(text="★★★½"))),
        ("Grade: B+", Item(rating=RatingClaim(text="B+"))),
        ("Rating: Excellent", Item(rating=RatingClaim(text="Excellent"))),
        ("Licence: CC BY 4.0", Item(licences=(LicenceClaim(text="CC BY 4.0"),))),
        ("License: https://l.example/1", Item(licences=(LicenceClaim(url="https://l.example/1"),))),
        ("Lizenz: BY (https://l.example/1)", Item(licences=(LicenceClaim(url="https://l.example/1", text="BY"),))),
        ("Published: 3 May 2026", Item(published="3 May 2026")),
        ("Date: 2026-05-03", Item(published="2026-05-03")),
        ("Updated: 2026-05-04", Item(updated="2026-05-04")),
        ("Link: https://x.example/a_(b)", Item(links=(Link(href="https://x.example/a_(b)"),))),
        ("url: <https://x.example/>", Item(links=(Link(href="https://x.example/"),))),
        ("Via: Wire <https://w.example/>", Item(via=(Link(href="https://w.example/", rel="via", title="Wire"),))),
        ("Via: Partner Wire", Item(via=(Link(href="", rel="via", title="Partner Wire"),))),
        ("Rights: All text reserved", Item(rights=Text(value="All text reserved"))),
        ("© 2026 J. K. Doe. All rights reserved.", Item(
            rights=Text(value="© 2026 J. K. Doe. All rights reserved."), rights_holder="J. K. Doe")),
        ("Copyright 2024-2026 Harbour Inc.", Item(
            rights=Text(value="Copyright 2024-2026 Harbour Inc."), rights_holder="Harbour Inc.")),
        ("Subject: “Nine Lamps” (2025)", Item(subject=Subject(name="Nine Lamps", year=2025))),
        ("Work: Nine Lamps", Item(subject=Subject(name="Nine Lamps"))),
        ("Language: en-GB", Item(language="en-GB")),
        ("Verdict: Go: it burns.", Item(verdict="Go: it burns.")),
        ("Tags: #stage, one hand", Item(categories=(Category(term="stage"), Category(term="one hand")))),
    ],
)  # fmt: skip
def test_each_label_says_its_field_and_nothing_else(line: str, expected: Item) -> None:
    """The document without the line, plus the expected fields, is the document with it."""
    bare = closing()
    read_item = closing(line)
    for name in Item.__struct_fields__:
        wanted = getattr(expected, name)
        assert getattr(read_item, name) == (wanted if wanted != getattr(Item(), name) else getattr(bare, name)), name


def test_an_outlet_that_a_document_names_is_where_it_first_stood() -> None:
    origin = closing("First published in: Harbour Gazette (https://harbour-gazette.example/)").origin
    assert origin is not None
    assert origin.title == Text(value="Harbour Gazette")
    assert [link.href for link in origin.links] == ["https://harbour-gazette.example/"]


@pytest.mark.parametrize(
    "line, holder, credit, licence",
    [
        ("Attribution: Courtesy of Lionsgate (Creative Commons)", "Lionsgate",
         "Courtesy of Lionsgate", "Creative Commons"),
        ("Attribution: courtesy of Saltworks Pictures", "Saltworks Pictures", "courtesy of Saltworks Pictures", None),
        ("Courtesy of Image Comics [CC0]", "Image Comics", "Courtesy of Image Comics", "CC0"),
        ("Attribution: © 2025 Saltworks Inc.", "Saltworks Inc.", "© 2025 Saltworks Inc.", None),
        ("Attribution: Jane Doe, CC BY 4.0", None, "Jane Doe", "CC BY 4.0"),
        ("Attribution: The Salt Archive, licensed under CC BY-SA 3.0", None, "The Salt Archive",
         "licensed under CC BY-SA 3.0"),
    ],
)  # fmt: skip
def test_an_attribution_is_a_credit_and_its_licence_is_the_texts(
    line: str, holder: str | None, credit: str, licence: str | None
) -> None:
    item = closing(line)
    assert item.credits == (Credit(name=credit),)
    assert item.rights_holder == holder
    assert item.licences == ((LicenceClaim(text=licence),) if licence else ())
    assert item.authors == ()


@pytest.mark.parametrize(
    "line, credit",
    [
        ("Photo: Pia Noor", Credit(name="Pia Noor")),
        ("Bild: dpa", Credit(name="dpa")),
        ("Photo by Pia Noor", PIA),
        ("Photographer: Pia Noor", PIA),
        ("Foto von Pia Noor", PIA),
        ("Still: Courtesy of Lionsgate (CC BY 4.0)", Credit(name="Still: Courtesy of Lionsgate (CC BY 4.0)")),
        ("Photo: © Saltworks", Credit(name="Photo: © Saltworks")),
        ("Stills courtesy of Saltworks", Credit(name="Stills courtesy of Saltworks")),
        ("Photo by Pia Noor (CC BY 4.0)", replace(PIA, name="Photo by Pia Noor (CC BY 4.0)")),
        ("Bildnachweis: Pia Noor, CC0", Credit(name="Image: Bildnachweis: Pia Noor, CC0")),
        ("Attribution: Photo: Pia Noor / AP (CC BY 4.0)", Credit(name="Photo: Pia Noor / AP (CC BY 4.0)")),
        ("Attribution: all stills © Saltworks", Credit(name="all stills © Saltworks")),
        ("Rights: Photos © Saltworks", Credit(name="Photos © Saltworks")),
    ],
)
def test_what_speaks_of_an_image_credits_the_image_and_never_licenses_the_text(line: str, credit: Credit) -> None:
    """The licence or holder of an image without an address stays in the credit's words, with the word "photo"."""
    item = closing(line)
    assert item.credits == (credit,)
    assert (item.licences, item.rights, item.rights_holder, item.authors, item.images) == ((), None, None, (), ())


CC_BY = LicenceClaim(text="CC BY 4.0")


@pytest.mark.parametrize(
    "lines, image",
    [
        ([f"Image: {X}"], ImageClaim(url=X)),
        ([f"Image: {X} (Photo by Pia Noor, CC BY 4.0)"], ImageClaim(url=X, credits=(PIA,), licence=CC_BY)),
        ([f"Bild: {X} – Foto: Pia Noor"], ImageClaim(url=X, credits=(Credit(name="Pia Noor"),))),
        ([f"Image: ![A lamp]({X}) © Pia Noor"], ImageClaim(url=X, alt="A lamp", credits=(Credit(name="© Pia Noor"),))),
        ([f"Image: {X} (the lamp that is lit last)"], ImageClaim(url=X, alt="the lamp that is lit last")),
        ([f"Image: {X} (CC BY 4.0)"], ImageClaim(url=X, licence=CC_BY)),
        ([f"Image: {X}", "Photo by Pia Noor (CC BY 4.0)"], ImageClaim(url=X, credits=(PIA,), licence=CC_BY)),
        (["Photo by Pia Noor", "Rating: 3/5", f"Image: {X}"], ImageClaim(url=X, credits=(PIA,))),
    ],
)
def test_a_credit_is_bound_to_its_image(lines: list[str], image: ImageClaim) -> None:
    item = closing(*lines)
    assert item.images == (image,)
    assert (item.credits, item.licences) == ((), ())


def test_a_credit_that_could_mean_either_of_two_images_stays_unbound() -> None:
    item = closing(f"Image: {X}", "Image: https://x.example/y.jpg", "Photo by Pia Noor")
    assert [image.credits for image in item.images] == [(), ()]
    assert item.credits == (PIA,)


def test_a_relative_image_starts_from_the_documents_own_link() -> None:
    item = closing("Image: ../i/lamp.webp", "Link: https://x.example/reviews/nine-lamps")
    assert [image.url for image in item.images] == ["https://x.example/i/lamp.webp"]


@pytest.mark.parametrize(
    "line",
    [
        "Runtime: 90 minutes",
        "Link: see below",
        "Score: Hans Zimmer",
        "Note: I have not read the book it is made from.",
        "Still: go and see it.",
        "Critic: Why does nobody laugh?",
        "By the time it ends, the wind has won",
        "Courtesy of a projector fault, we saw it twice.",
        "Copyright law is the villain here.",
        "Still by the sea, they talk.",
        "Licence: photos CC BY 4.0",
        "Published: when it was ready",
        "Sources:",
        "Verdict: " + "long " * 250,
    ],
)
def test_a_line_that_does_not_fit_its_label_stays_in_the_text(line: str) -> None:
    item = closing(line)
    assert html(item) == f"<p>The ninth is told in the dark.</p>\n<p>{line.strip()}</p>"
    assert item.licences == ()


def test_what_may_be_said_once_and_is_said_twice_keeps_the_first_and_loses_nothing() -> None:
    item = closing("Rating: 7/10", "Rating: 2/10")
    assert item.rating == RatingClaim(text="7/10", value="7", best="10")
    assert html(item).endswith("<p>Rating: 2/10</p>")


def test_unknown_lines_among_the_trailers_stay_text_and_do_not_end_the_block() -> None:
    item = closing("Rating: 7/10", "Runtime: 90 minutes", "Sources: Variety", "Cast: Sunniva")
    assert item.rating == RatingClaim(text="7/10", value="7", best="10")
    assert item.cited == (Citation(name="Variety"),)
    assert html(item).endswith("dark.</p>\n<p>Runtime: 90 minutes</p>\n<p>Cast: Sunniva</p>")


def test_a_label_inside_the_text_is_text() -> None:
    """Only the closing block and the lines right after the headline are looked at."""
    item = read("Nine Lamps\n\nIt burns.\n\nSource: my own eyes.\n\nIt goes out.\n\nSources: Variety\n")
    assert item.cited == (Citation(name="Variety"),)
    assert html(item) == "<p>It burns.</p>\n<p>Source: my own eyes.</p>\n<p>It goes out.</p>"


def test_a_wrapped_sentence_whose_last_line_opens_like_a_trailer_is_text() -> None:
    item = read(
        "Nine Lamps\n\nNobody would tell me who had lit the lamp, or name a\nsource: they all looked at the wick."
    )
    assert item.cited == ()
    assert html(item).endswith("name a\nsource: they all looked at the wick.</p>")


@pytest.mark.parametrize(
    "block",
    [
        "By Jane Doe\n12 March 2026\n\n",
        "\nBy: Jane Doe\n\nPublished: 12 March 2026\n\n",
        "By Jane Doe, 12 March 2026\n\n",
    ],
)
def test_a_byline_and_a_date_may_follow_the_headline(block: str) -> None:
    item = read(f"Nine Lamps\n{block}The ninth is told in the dark.")
    assert item.title == Text(value="Nine Lamps")
    assert item.authors == (Person(name="Jane Doe"),)
    assert item.published == "12 March 2026"
    assert html(item) == "<p>The ninth is told in the dark.</p>"


@pytest.mark.parametrize(
    "lines",
    [
        ["Sources:", "- Variety", "- Coast Weekly"],
        ["Sources: Variety,", "Coast Weekly"],
        ["Sources: Variety and", "  Coast Weekly"],
    ],
)
def test_a_long_list_of_sources_may_take_several_lines(lines: list[str]) -> None:
    assert closing(*lines, "Rating: 3/5").cited == (Citation(name="Variety"), Citation(name="Coast Weekly"))


def test_trailers_may_follow_the_last_paragraph_without_a_blank_line() -> None:
    item = read("Nine Lamps\n\nThe ninth is told in the dark.\nSources: Variety\nAttribution: Courtesy of Saltworks")
    assert html(item) == "<p>The ninth is told in the dark.</p>"
    assert (item.cited, item.rights_holder) == ((Citation(name="Variety"),), "Saltworks")


def test_long_lines_are_paragraphs_and_short_ones_are_joined() -> None:
    """Where most of the text stands in lines of over 100 columns each line is one; otherwise blank lines part them."""
    long = "The ninth is told in the dark, and nobody coughs until the man with the ladder has found his way down."
    assert html(read(f"T\n\n{long}\nShort.\n{long}")) == f"<p>{long}</p>\n<p>Short.</p>\n<p>{long}</p>"
    assert html(read("T\n\nThe ninth is told\nin the dark, and\nnobody coughs.\n\nEnd.")) == (
        "<p>The ninth is told\nin the dark, and\nnobody coughs.</p>\n<p>End.</p>"
    )


def test_verse_and_lists_keep_their_lines() -> None:
    text = "T\n\nThis line is long enough to show how wide it is.\n\nO lamp\nO wick\n\nTake it:\n1. home\n2. apart"
    assert html(read(text)).endswith("<p>O lamp<br>\nO wick</p>\n<p>Take it:<br>\n1. home<br>\n2. apart</p>")


def test_markup_in_a_plain_text_is_text() -> None:
    assert html(read("T\n\nIf a < b & <script>x</script>")) == "<p>If a &lt; b &amp; &lt;script&gt;x&lt;/script&gt;</p>"


def test_a_headline_alone_is_a_review_without_a_text() -> None:
    item = read("\ufeff\n\n  Nine Lamps  \n")
    assert (item.title, item.content) == (Text(value="Nine Lamps"), None)
