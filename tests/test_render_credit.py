"""The visible attribution line, in HTML and in text, and its place at the end of every item."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import html

from feedsvc.model import Credit, Image, Licence, LicenceState, Outlet, Person, Review
from feedsvc.render.credit import credit_line
from tests.render_entries import BARE_ENTRY, ENTRIES, FULL_ENTRY, entry_of, items, texts, xml
from tests.samples import BARE, FULL, SITE


def text(review: Review) -> str:
    """The line in plain text."""
    return credit_line(entry_of(review), SITE).text


def test_the_line_names_critics_outlet_date_rating_licence_image_credits_and_the_original() -> None:
    line = credit_line(FULL_ENTRY, SITE)

    assert line.text == (
        "— By Ines Okafor-Lind and Tomás Reyes"
        " · First published by Night Lantern (https://night-lantern.example/)"
        " · 1 May 2026"
        " · Rating: ★★★½"
        " · Licence of the text: CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/)"
        " (this copy stays under the same licence)"
        " · Image: Pia Noor (CC BY 4.0); Courtesy of Saltworks Pictures"
        " · Credit: Stills courtesy of Saltworks Pictures"
        " · Read the original (https://night-lantern.example/reviews/the-salt-road)"
    )
    assert line.html == (
        '<p class="feedsvc-attribution">By Ines Okafor-Lind and Tomás Reyes'
        ' · First published by <a href="https://night-lantern.example/">Night Lantern</a>'
        " · 1 May 2026"
        " · Rating: ★★★½"
        " · Licence of the text: "
        '<a href="https://creativecommons.org/licenses/by-sa/4.0/" rel="license">CC BY-SA 4.0</a>'
        " (this copy stays under the same licence)"
        " · Image: Pia Noor (CC BY 4.0); Courtesy of Saltworks Pictures"
        " · Credit: Stills courtesy of Saltworks Pictures"
        ' · <a href="https://night-lantern.example/reviews/the-salt-road">Read the original</a></p>'
    )


def test_the_line_of_a_dropped_text_leads_to_its_page_here() -> None:
    assert credit_line(BARE_ENTRY, SITE).text == (
        "— By Celebrity Storm"
        " · First published by Celebrity Storm (https://celebrity-storm.example/)"
        " · All rights with the outlet unless stated"
        " · Read the review (http://reviews.example/reviews/barereview000002)"
    )


@pytest.mark.parametrize(
    "names, said",
    [
        (["Ada"], "— By Ada · "),
        (["Ada", "Bo"], "— By Ada and Bo · "),
        (["Ada", "Bo", "Cy"], "— By Ada, Bo and Cy · "),
        ([], "— By Night Lantern · First published by Night Lantern "),
        (["Ada\nLine · Two\t"], "— By Ada Line · Two · First published by "),
    ],
)
def test_every_critic_is_named_and_the_outlet_where_nobody_signed(names: list[str], said: str) -> None:
    authors = tuple(Person(name=name) for name in names)

    assert text(replace(FULL, authors=authors)).startswith(said)


@pytest.mark.parametrize(
    "licence, rights, said",
    [
        (
            Licence(state=LicenceState.IDENTIFIED, name="CC BY 4.0", url="https://cc.example/by", spdx="CC-BY-4.0"),
            "© Somebody",
            " · Licence of the text: CC BY 4.0 (https://cc.example/by) · ",
        ),
        (Licence(state=LicenceState.UNSPECIFIED), "© Somebody", " · Licence of the text: unspecified · "),
        (
            Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons"),
            None,
            " · Licence of the text: unspecified (Creative Commons) · ",
        ),
        (Licence(), "© 2026 Somebody", " · Rights: © 2026 Somebody · "),
        (Licence(), None, " · All rights with the outlet unless stated · "),
        (Licence(), "whereas " * 100, " · All rights with the outlet unless stated · "),
    ],
)
def test_the_licence_is_said_as_it_is_known(licence: Licence, rights: str | None, said: str) -> None:
    assert said in text(replace(BARE, licence=licence, rights=rights))


def test_each_image_credit_is_said_once() -> None:
    pia = Credit(name="Pia Noor")
    review = replace(BARE, images=(Image(url="https://o.example/1", credits=(pia,)),) * 2, credits=(pia,))

    assert text(review).count("Pia Noor") == 1
    assert " · Image: Pia Noor · " in text(review)


def test_nothing_in_the_line_is_markup_and_only_web_addresses_are_linked() -> None:
    review = replace(
        FULL,
        url='https://o.example/?a=1&b="x"',
        authors=(Person(name="<script>alert(1)</script>"),),
        outlet=Outlet(name="A & B <b>", url="javascript:alert(1)"),
    )

    line = html.fragment_fromstring(credit_line(entry_of(review), SITE).html)

    assert [element.tag for element in line.iter()] == ["p", "a", "a"]
    assert [anchor.get("href") for anchor in line.iter("a")] == [
        "https://creativecommons.org/licenses/by-sa/4.0/",
        'https://o.example/?a=1&b="x"',
    ]
    assert line.text_content().startswith("By <script>alert(1)</script> · First published by A & B <b> · ")


@pytest.mark.parametrize("show", ["full", "excerpt", "link"])
def test_each_item_ends_with_the_line_in_every_format(show: str) -> None:
    entry = entry_of(FULL if show == "full" else replace(FULL, content=None), show=show)
    line = credit_line(entry, SITE)

    bodies = texts(xml("atom", entry)[-1], "a:content | a:summary")
    bodies += texts(xml("rss", entry)[0][-1], "description | content:encoded")
    bodies += [items(entry)[0]["content_html"]]

    assert len(bodies) == (5 if show == "full" else 3)
    assert all(body.endswith(line.html) and body.count("feedsvc-attribution") == 1 for body in bodies)
    assert items(entry)[0]["content_text"].splitlines()[-1] == line.text


def test_in_plain_text_a_blank_line_stands_before_it() -> None:
    body = items(FULL_ENTRY)[0]["content_text"]

    assert body.startswith("It starts with salt & ends with sea.\n\n— By Ines Okafor-Lind and ")


def test_full_terms_show_content_and_summary() -> None:
    (item,) = items(FULL_ENTRY)

    assert texts(xml("atom", FULL_ENTRY)[-1], "a:content")[0].startswith("<p>It starts with salt &amp; ends with <a")
    assert texts(xml("atom", FULL_ENTRY)[-1], "a:summary")[0].startswith("<p>Two sisters, one <em>road</em>.</p>")
    assert texts(xml("rss", FULL_ENTRY)[0][-1], "content:encoded")[0].startswith("<p>It starts with salt &amp; ends")
    assert texts(xml("rss", FULL_ENTRY)[0][-1], "description")[0].startswith("<p>Two sisters, one <em>road</em>.</p>")
    assert item["content_html"].startswith("<p>It starts with salt &amp; ends with <a")
    assert item["summary"] == "Two sisters, one road."


def test_an_excerpt_shows_the_excerpt_only() -> None:
    excerpt, line = "<p>It folds. It folds. It folds. …</p>", credit_line(BARE_ENTRY, SITE)

    assert texts(xml("atom", BARE_ENTRY)[-1], "a:summary | a:content") == [excerpt + line.html]
    assert texts(xml("rss", BARE_ENTRY)[0][-1], "description | content:encoded") == [excerpt + line.html]
    assert items(BARE_ENTRY)[0]["content_html"] == excerpt + line.html
    assert items(BARE_ENTRY)[0]["summary"] == "It folds. It folds. It folds. …"


@pytest.mark.parametrize("show", ["excerpt", "link"])
def test_a_text_beyond_the_terms_is_not_shown_even_when_it_is_there(show: str) -> None:
    """The entry should not hold it any more; were it to, these terms still keep it in."""
    entry = entry_of(BARE, show=show)

    assert texts(xml("atom", entry), ".//a:content") == []
    assert "It folds. " * 20 not in "".join(texts(xml("rss", entry), ".//description | .//content:encoded"))
    assert "It folds. " * 20 not in items(entry)[0]["content_text"]


def test_a_link_shows_title_attribution_and_links_only() -> None:
    entry = entry_of(replace(FULL, summary=None, content=None, excerpt=None), show="link")
    line, (item,) = credit_line(entry, SITE), items(entry)

    assert texts(xml("atom", entry)[-1], "a:summary | a:content") == [line.html]
    assert texts(xml("rss", entry)[0][-1], "description | content:encoded") == [line.html]
    assert (item["content_html"], item["content_text"]) == (line.html, line.text)
    assert "summary" not in item
    assert item["title"] == "The Salt Road & other ghosts – “a slow burn”"


def test_a_full_text_without_a_summary_is_described_by_its_attribution_in_rss() -> None:
    entry = entry_of(replace(FULL, summary=None, excerpt=None))

    assert texts(xml("rss", entry)[0][-1], "description") == [credit_line(entry, SITE).html]
    assert texts(xml("atom", entry)[-1], "a:summary") == []


def test_both_samples_stand_in_one_feed() -> None:
    bodies = texts(xml("rss", *ENTRIES), "channel/item/description")

    assert [body.count("First published by") for body in bodies] == [1, 1]
