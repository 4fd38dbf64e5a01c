"""The pages for people, read back by an HTML parser: well formed, accessible, faithful to the terms and the credits."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from feedsvc.model import (
    Credit,
    Entry,
    Feed,
    Image,
    Licence,
    LicenceState,
    Person,
    Place,
    Prose,
    Provenance,
    Quarantined,
    Rating,
    Site,
    Source,
    SourceState,
    Subject,
)
from feedsvc.render.listing import FeedCard, Others, OutletRow, Paging
from feedsvc.render.pages import (
    STATIC,
    SourceRow,
    credits_page,
    error_page,
    feed_page,
    home_page,
    lint_page,
    outlet_page,
    outlets_page,
    review_page,
    search_page,
    sources_page,
    subject_page,
)
from tests.gallery import (
    EXCERPT,
    FEED_SOURCE,
    FOLDER_SOURCE,
    FOUND,
    GOOD,
    LINT,
    NARROWED,
    NIGHT_LANTERN,
    PAGES,
    POSTER,
    REFUSED,
    STILL,
    VOICES,
    WHOLE,
    every_page,
)
from tests.render_entries import document
from tests.samples import CC_BY, FEED, FULL, NOW, SITE


def read(page: bytes) -> HtmlElement:
    return document_fromstring(page.decode())


def words(node: HtmlElement) -> str:
    """All text of an element with single spaces, as a browser shows it."""
    node = deepcopy(node)
    for line in node.iter("br"):
        line.tail = f" {line.tail or ''}"
    return " ".join(node.text_content().split())


def rows_of(page: bytes) -> dict[str, str]:
    """The credits of a review page: label without its remark → text."""
    pairs = read(page).xpath("//section[@class='credits']//dl/div")
    return {words(pair.find("dt")).split(" (")[0]: words(pair.find("dd")) for pair in pairs}


# ------------------------------------------------------------------------------------------------------- every page


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_sound_html(name: str) -> None:
    """libxml2 finds no error but elements newer than it, and no id stands twice."""
    parser = etree.HTMLParser(recover=True)
    etree.fromstring(PAGES[name], parser)
    assert [str(e) for e in parser.error_log if e.type_name != "HTML_UNKNOWN_TAG"] == []
    ids = [str(value) for value in read(PAGES[name]).xpath("//@id")]
    assert sorted(ids) == sorted(set(ids))
    assert PAGES[name].lstrip().lower().startswith(b"<!doctype html>")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_landmarks_and_a_way_past_the_top(name: str) -> None:
    """One header, main and footer; the first link leads to main; every nav and section has a name that exists."""
    tree = read(PAGES[name])
    landmarks = ("/html/body/header", "//header/div/nav[@aria-label='Site']", "//main", "/html/body/footer")
    assert [len(tree.xpath(path)) for path in landmarks] == [1] * 4
    assert tree.xpath("//nav[not(@aria-label or @aria-labelledby)] | //form[not(@aria-label)]") == []
    first = tree.xpath("//a")[0]
    assert first.get("href") == "#" + tree.xpath("//main")[0].get("id")
    assert [i for i in tree.xpath("//@aria-labelledby") if not tree.xpath(f"//*[@id='{i}']")] == []
    assert tree.get("lang") == "en"
    assert tree.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]


@pytest.mark.parametrize("name", PAGES)
def test_headings_start_at_one_and_leave_no_level_out(name: str) -> None:
    """One h1, first, and each heading at most one level below the one before it."""
    levels = [int(str(h.tag)[1]) for h in read(PAGES[name]).iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_no_page_runs_a_script_or_loads_anything_foreign_but_the_reviews_pictures(name: str) -> None:
    """Only our style sheet and icon are linked as resources; no inline style or handler meets the policy we send."""
    tree = read(PAGES[name])
    assert tree.xpath("//script[not(@type='application/ld+json')] | //style | //iframe | //base") == []
    assert tree.xpath("//@style | //@*[starts-with(name(), 'on')]") == []
    assert tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href") == ["/style.css", "/favicon.svg"]
    assert {str(src) for src in tree.xpath("//img/@src")} <= {STILL, "https://voices.example/wide.jpg"}
    assert {(form.get("method"), form.get("action")) for form in tree.xpath("//form")} <= {
        ("get", "/search"),
        ("get", "/feeds/reviews"),
    }


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_an_alternative_text(name: str) -> None:
    """An img has alt; drawings that only repeat a text are hidden from screen readers."""
    tree = read(PAGES[name])
    assert tree.xpath("//img[not(@alt)]") == []
    assert tree.xpath("//svg[not(ancestor-or-self::svg[@aria-hidden='true'])]") == []


def test_the_same_values_give_the_same_bytes() -> None:
    """Drawing twice is drawing once."""
    assert every_page() == PAGES


def test_a_page_says_which_feeds_it_belongs_to() -> None:
    """Autodiscovery: three formats of each feed, on the front page, the feed's page and the review's page."""
    expected = [
        ("application/atom+xml", "All reviews (Atom)", "http://reviews.example/feeds/reviews.atom"),
        ("application/rss+xml", "All reviews (RSS)", "http://reviews.example/feeds/reviews.rss"),
        ("application/feed+json", "All reviews (JSON Feed)", "http://reviews.example/feeds/reviews.json"),
    ]
    for name in ("home", "feed", "full review"):
        links = read(PAGES[name]).xpath("//head/link[@rel='alternate']")
        assert [(link.get("type"), link.get("title"), link.get("href")) for link in links] == expected


def test_a_site_below_a_path_keeps_its_pages_together() -> None:
    """Links inside the site start at the path of base_url; absolute ones at base_url."""
    site = Site(title="Reviews", base_url="https://host.example/criticism")
    tree = read(review_page(site, EXCERPT, [FEED], 0))
    assert tree.xpath("//link[@rel='stylesheet']/@href") == ["/criticism/style.css"]
    assert tree.xpath("//link[@rel='canonical']/@href") == ["https://host.example/criticism/reviews/barereview000002"]
    assert "/criticism/feeds/reviews" in tree.xpath("//dd//a/@href")


def test_the_style_sheet_and_the_icon_load_nothing() -> None:
    """No address of anybody stands in them (an SVG namespace is a name, not an address)."""
    sheet, icon = (STATIC[path] for path in ("/style.css", "/favicon.svg"))
    assert (sheet.media_type, icon.media_type) == ("text/css", "image/svg+xml")
    assert not re.search(rb"url\(|@import|https?:", sheet.body)
    assert icon.body.count(b"http") == icon.body.count(b'xmlns="http') == 1
    assert all(
        rule in sheet.body for rule in (b"prefers-color-scheme: dark", b"prefers-reduced-motion", b"@media print")
    )


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: int) -> None:
    """Every pair of text and ground has the contrast that WCAG AA asks of small text, 4.5."""
    block = re.findall(r":root \{(.*?)\}", STATIC["/style.css"].body.decode(), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    pairs = [(t, g) for t in ("ink", "soft", "accent") for g in ("paper", "raised")] + [("on-accent", "accent")]
    for text, ground in pairs:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


# ------------------------------------------------------------------------------------------------------------ lists


def test_the_front_page_offers_every_feed_and_the_latest_reviews() -> None:
    """A feed's card has its page, count and three addresses; a review's has critic, outlet, date, rating, licence."""
    tree = read(PAGES["home"])
    card = tree.xpath("//article[@class='feed']")[0]
    assert card.xpath(".//h3/a/@href") == ["/feeds/reviews"]
    assert "2 reviews, the newest of 4 May 2026 " in words(card)
    assert card.xpath(".//a[@type]/@href") == [
        f"http://reviews.example/feeds/reviews.{s}" for s in ("atom", "rss", "json")
    ]
    full, bare = tree.xpath("//article[contains(@class, 'card')]")
    assert full.xpath(".//h3/a/@href") == ["/reviews/fullreview000001"]
    assert full.xpath(".//h3/@lang") == ["en-GB"]
    assert "Film The Salt Road (2025) · 1 May 2026" in words(full)
    assert full.xpath(".//time/@datetime") == ["2026-05-01T08:15:00Z"]
    assert "By Ines Okafor-Lind and Tomás Reyes for Night Lantern" in words(full)
    assert "Licence: CC BY-SA 4.0" in words(full)
    assert full.xpath(".//p[@class='foot']/a[1]/@href") == [FULL.url]
    assert "Undated, collected 3 May 2026" in words(bare)
    assert "From Celebrity Storm" in words(bare)
    assert "All rights with the outlet unless stated" in words(bare)


def test_a_feed_page_shows_its_addresses_to_copy() -> None:
    """Each format's address stands as text and as a link."""
    tree = read(PAGES["feed"])
    copied = [code.text for code in tree.xpath("//ul[@class='addresses']//code")]
    assert copied == [f"http://reviews.example/feeds/reviews.{suffix}" for suffix in ("atom", "rss", "json")]
    assert tree.xpath("//ul[@class='addresses']//a/@href") == copied


def test_lists_show_no_more_than_the_terms() -> None:
    """A linked review has no text in a list, an excerpt only its own."""
    for card in read(PAGES["feed"]).xpath("//article[contains(@class, 'card')]")[2:]:
        assert card.xpath(".//*[@class='excerpt' or @class='verdict']") == []
    assert "It folds. It folds. It folds. It folds" not in words(read(PAGES["feed"]))


def test_times_are_readable_and_exact() -> None:
    """A time element has the instant for programs and the words for people; midnight is a day without an hour."""
    entry = replace(WHOLE, review=replace(FULL, published=datetime(2026, 5, 1, tzinfo=UTC)))
    first = read(review_page(SITE, entry, [], 0)).xpath("//article/header//time")[0]
    assert (first.get("datetime"), first.text) == ("2026-05-01T00:00:00Z", "1 May 2026")


# ----------------------------------------------------------------------------------------------------- a review page


def test_a_review_page_names_everybody_who_is_owed_credit() -> None:
    """Each field of the model that is attribution stands in the credits, in words."""
    assert rows_of(PAGES["full review"]) == {
        "Critics": "Ines Okafor-Lind and Tomás Reyes",
        "With": "Marta Ivory",
        "First published by": "Night Lantern (its other reviews here) © 2026 Night Lantern Read the original",
        "Published": "1 May 2026, 08:15 UTC",
        "Came by way of": "Partner Wire",
        "Cites": "Harbour Gazette The Evening Ledger Coast Weekly (inferred)",
        "Also published by": "Harbour Gazette, collected 3 May 2026, 08:00 UTC",
        "Licence": "CC BY-SA 4.0",
        "Rights": "Text © 2026 Ines Okafor-Lind & Tomás Reyes",
        "Rights holder": "Lantern Press",
        "Shown here": "Full text under CC BY-SA 4.0: name the critics, the outlet and the licence.",
        "Image credits": "Stills courtesy of Saltworks Pictures",
        "Images not shown here": "poster.png Image: Courtesy of Saltworks Pictures",
        "The work": "Film The Salt Road (2025) imdb:tt0000001 https://www.imdb.com/title/tt0000001/",
        "Filed under": "Drama",
        "Collected": "3 May 2026, 07:45 UTC, changed 2 times since, last 3 May 2026, 07:45 UTC",
        "Identifier": "tag:night-lantern.example,2026:reviews/the-salt-road",
        "In these feeds": "All reviews",
    }


def test_a_review_page_leads_to_everybody_it_names() -> None:
    """Critic, outlet, partner, cited work, licence, image terms and the original are links."""
    tree = read(PAGES["full review"])
    links = {str(href) for href in tree.xpath("//main//a/@href")}
    assert links >= {
        "https://night-lantern.example/critics/ines",
        "https://night-lantern.example/staff/marta",
        "https://night-lantern.example/",
        "https://wire.example/",
        "https://harbour-gazette.example/salt-road",
        "https://harbour-gazette.example/syndicated/salt-road",
        "https://night-lantern.example/image-terms",
        "https://night-lantern.example/a/salt-road.mp3",
        "https://www.imdb.com/title/tt0000001/",
        POSTER,
    }
    assert tree.xpath("//a[@rel='license']/@href") == ["https://creativecommons.org/licenses/by-sa/4.0/"]
    button = tree.xpath("//a[@class='button']")[0]
    assert (button.get("href"), words(button)) == (FULL.url, "Read the original at Night Lantern")


def test_a_review_page_says_where_each_credit_comes_from() -> None:
    """Provenance stands beside the label, in words."""
    entry = replace(WHOLE, review=replace(FULL, provenance={**FULL.provenance, "rights_holder": Provenance.INFERRED}))
    labels = [words(dt) for dt in read(review_page(SITE, entry, [], 0)).xpath("//dt[span]")]
    assert labels == [
        "Critics (stated by the source)",
        "First published by (stated by the source)",
        "Published (stated by the source)",
        "Licence (stated by the source)",
        "Rights (stated for the source’s whole feed)",
        "Rights holder (inferred)",
    ]
    bare = [words(dt) for dt in read(PAGES["excerpt"]).xpath("//dt[span]")]
    assert bare == ["Critic (set by the operator)", "First published by (set by the operator)"]


def test_a_review_with_next_to_nothing_claims_nothing() -> None:
    """No critic, date, licence or address is made up, and the page is its own canonical address."""
    tree = read(PAGES["excerpt"])
    assert rows_of(PAGES["excerpt"]) == {
        "Critic": "None named; Celebrity Storm stands in",
        "First published by": "Celebrity Storm (its other reviews here)",
        "Licence": "All rights with the outlet unless stated",
        "Shown here": "Excerpt only; all rights with the outlet.",
        "Collected": "3 May 2026, 07:45 UTC",
        "Identifier": "tag:reviews.example,2026:celebrity-storm/barereview000002 (made here: the source gave none)",
        "In these feeds": "All reviews",
    }
    assert tree.xpath("//a[@class='button'] | //*[@class='rating'] | //meta[@name='robots']") == []
    assert tree.xpath("//link[@rel='canonical']/@href") == ["http://reviews.example/reviews/barereview000002"]


def test_the_original_is_the_canonical_page() -> None:
    """A copy in full points to the original; a copy in part also asks not to be found instead of it."""
    for name, robots in (("full review", []), ("link", ["noindex"])):
        tree = read(PAGES[name])
        assert tree.xpath("//link[@rel='canonical']/@href") == [FULL.url]
        assert tree.xpath("//meta[@name='robots']/@content") == robots


def test_an_image_is_drawn_once_with_its_own_credit_or_linked() -> None:
    """The embeddable one, which the text contains, gets its caption there; the other is only a link."""
    tree = read(PAGES["full review"])
    assert tree.xpath("//img/@src") == [STILL]
    caption = words(tree.xpath("//figure[img]/figcaption")[0])
    assert caption == "Image: Pia Noor (photographer) · Licence: CC BY 4.0 · © Pia Noor · Terms of this image"


def test_an_embeddable_image_outside_the_text_stands_before_it() -> None:
    """With size, alternative text and credits; without any credit the caption says so."""
    picture = Image(url="https://o.example/i.jpg", alt="A lamp", width=30, height=20)
    entry = replace(WHOLE, review=replace(FULL, images=(picture,)), embeddable=frozenset({picture.url}))
    tree = read(review_page(SITE, entry, [], 0))
    drawn = tree.xpath("//figure/img")[0]
    assert {k: drawn.get(k) for k in ("src", "alt", "width", "height", "loading", "referrerpolicy")} == {
        "src": "https://o.example/i.jpg",
        "alt": "A lamp",
        "width": "30",
        "height": "20",
        "loading": "lazy",
        "referrerpolicy": "no-referrer",
    }
    assert words(tree.xpath("//figure/figcaption")[0]) == "Image: no credit stated"


def test_an_image_in_the_text_that_may_not_be_shown_becomes_a_link() -> None:
    """Nothing is embedded without leave; inside a link only the words are left; other text stays as it is."""
    html = f'Before <img src="{POSTER}" alt="Poster"> after <a href="https://o.example/"><img src="{STILL}"></a> end'
    entry = replace(WHOLE, review=replace(FULL, content=Prose(html=html, text="…")), embeddable=frozenset())
    prose = read(review_page(SITE, entry, [], 0)).xpath("//div[@class='prose']")[0]
    assert prose.xpath(".//img") == []
    assert words(prose) == "Before Image: Poster after Image end"
    assert prose.xpath(".//a/@href") == [POSTER, "https://o.example/"]


def test_an_image_amid_running_text_has_its_credit_right_behind_it() -> None:
    """A figure may not stand inside a paragraph, so the credit is small print there."""
    html = f'<p>Look: <img src="{STILL}" alt="x"> and on.</p>'
    entry = replace(WHOLE, review=replace(FULL, content=Prose(html=html, text="…")))
    prose = read(review_page(SITE, entry, [], 0)).xpath("//div[@class='prose']/p")[0]
    assert [child.tag for child in prose] == ["img", "small"]
    assert words(prose).startswith("Look: Image: Pia Noor (photographer)")
    assert words(prose).endswith("and on.")


def test_headings_of_the_text_stand_below_the_title_in_their_order() -> None:
    """Whatever levels a source used, they come out as h2, h3 … without a gap."""
    html = "<h1>One</h1><p>a</p><h4>Two</h4><h6>Three</h6><h4>Four</h4>"
    entry = replace(WHOLE, review=replace(FULL, content=Prose(html=html, text="…"), enclosures=()))
    prose = read(review_page(SITE, entry, [], 0)).xpath("//div[@class='prose']")[0]
    assert [(h.tag, h.text) for h in prose.iter("h1", "h2", "h3", "h4")] == [
        ("h2", "One"),
        ("h3", "Two"),
        ("h4", "Three"),
        ("h3", "Four"),
    ]


def test_no_more_is_shown_than_the_terms_grant() -> None:
    """An excerpt's page has the excerpt, a link's page no text at all, in the page and in its linked data."""
    assert "It folds. It folds. It folds. It folds" not in PAGES["excerpt"].decode()
    assert "This is an excerpt. The whole review is Celebrity Storm’s." in words(read(PAGES["excerpt"]))
    link = PAGES["link"].decode()
    assert "It starts with salt" not in link
    assert "Two sisters" not in link
    assert "The text is not republished here. It stands at Night Lantern." in words(read(PAGES["link"]))


#: Text, its numbers → how it is drawn: the shape, how many of them there are and how many are filled, in its own scale.
DRAWN: list[tuple[Rating, str, str, str, str]] = [
    (Rating(text="★★★½", value=3.5, best=5.0, worst=0.5, percent=70.0), "stars", "0 0 100 20", "70", "3.5 of 5"),
    (Rating(text="2 out of 5 stars", value=2, best=5, percent=40.0), "stars", "0 0 100 20", "40", "2 of 5"),
    (Rating(text="★★★★", value=4), "stars", "0 0 80 20", "80", "★★★★"),
    (Rating(text="★½", value=1.5), "stars", "0 0 40 20", "30", "★½"),
    (Rating(text="7/10", value=7, best=10, worst=0, percent=70), "marks", "0 0 100 20", "70", "7 of 10"),
    (Rating(text="4.25/6", value=4.25, best=6, percent=70.83), "marks", "0 0 60 20", "42.5", "4.25 of 6"),
    (Rating(text="0/5", value=0, best=5, percent=0), "marks", "0 0 50 20", "0", "0 of 5"),
    (Rating(text="85%", value=85, best=100, percent=85), "bar", "0 0 100 6", "85", "85 of 100"),
    (Rating(text="13/20", value=13, best=20, percent=65), "bar", "0 0 100 6", "65", "13 of 20"),
]


@pytest.mark.parametrize(("rating", "kind", "box", "filled", "spoken"), DRAWN, ids=[one[0].text for one in DRAWN])
def test_a_rating_is_drawn_in_its_own_scale(rating: Rating, kind: str, box: str, filled: str, spoken: str) -> None:
    """Verbatim to the eye, in words to the ear, and drawn as what it counts: stars, marks or a bar."""
    tree = read(review_page(SITE, replace(WHOLE, review=replace(FULL, rating=rating)), [], 0))
    [line] = tree.xpath("//p[contains(@class, 'rating')]")
    assert line.get("class") == f"rating in-{kind}"
    [score] = line.xpath(".//*[@class='score']")
    assert (score.text, score.get("aria-label"), score.get("role")) == (rating.text, f"Rating: {spoken}", "img")
    [drawing] = line.xpath("./svg")
    assert (drawing.get("viewbox") or drawing.get("viewBox")) == box
    assert drawing.xpath("./svg/@width | ./rect[@class='on']/@width") == [filled]
    assert {use.get("href") for use in drawing.iter("use")} == ({f"#{kind}"} if kind != "bar" else set())


@pytest.mark.parametrize(
    ("text", "kind"), [("B+", "letter"), ("A−", "letter"), ("Recommended", "words"), ("★" * 60, "words")]
)
def test_a_rating_without_a_sure_scale_is_not_measured(text: str, kind: str) -> None:
    """A letter stays a letter and words stay words: no bar, no figure, no number that the critic did not give."""
    tree = read(review_page(SITE, replace(WHOLE, review=replace(FULL, rating=Rating(text=text))), [], 0))
    [line] = tree.xpath("//p[contains(@class, 'rating')]")
    assert line.get("class") == f"rating in-{kind}"
    assert line.xpath(".//svg") == []
    assert words(line) == text


@pytest.mark.parametrize(("value", "best"), [(12.0, 10.0), (7.0, None), (-1.0, 5.0)], ids=["over", "bare", "low"])
def test_a_number_whose_scale_is_not_sure_is_only_said(value: float, best: float | None) -> None:
    """More than the best, less than nothing or a number alone is no share of anything."""
    rating = Rating(text="seven-ish", value=value, best=best)
    tree = read(review_page(SITE, replace(WHOLE, review=replace(FULL, rating=rating)), [], 0))
    assert tree.xpath("//p[contains(@class, 'rating')]//svg") == []


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        (Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons"), "unspecified (Creative Commons)"),
        (Licence(state=LicenceState.UNSPECIFIED), "unspecified"),
        (Licence(), "All rights with the outlet unless stated"),
    ],
    ids=["named", "unnamed", "unknown"],
)
def test_a_licence_that_is_not_known_is_never_linked(licence: Licence, shown: str) -> None:
    """No deed is guessed, neither for people nor in the linked data."""
    page = review_page(SITE, replace(WHOLE, review=replace(FULL, licence=licence)), [], 0)
    assert rows_of(page)["Licence"] == shown
    assert read(page).xpath("//a[@rel='license']") == []
    assert "https" not in json.dumps(linked_data(page).get("license", ""))


# -------------------------------------------------------------------------------------------------------- linked data


def linked_data(page: bytes) -> dict[str, Any]:
    """The one block of JSON-LD in a page."""
    (block,) = read(page).xpath("//script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(block.text or "")
    return found


def test_the_linked_data_carries_every_row_of_attribution() -> None:
    """Every field of the JSON-LD, by hand; the poster, which may only be linked, is no image of the page."""
    assert linked_data(PAGES["full review"]) == {
        "@context": "https://schema.org",
        "@type": "CriticReview",
        "@id": "tag:night-lantern.example,2026:reviews/the-salt-road",
        "url": "https://night-lantern.example/reviews/the-salt-road",
        "mainEntityOfPage": "http://reviews.example/reviews/fullreview000001",
        "headline": "The Salt Road & other ghosts – “a slow burn”",
        "inLanguage": "en-GB",
        "abstract": "A slow burn that earns its fire.",
        "description": "It starts with salt & ends with sea.",
        "reviewBody": "It starts with salt & ends with sea.",
        "keywords": ["Drama"],
        "author": [
            {"@type": "Person", "name": "Ines Okafor-Lind", "url": "https://night-lantern.example/critics/ines"},
            {"@type": "Person", "name": "Tomás Reyes"},
        ],
        "contributor": [{"@type": "Person", "name": "Marta Ivory", "url": "https://night-lantern.example/staff/marta"}],
        "publisher": {
            "@type": "Organization",
            "name": "Night Lantern",
            "url": "https://night-lantern.example/",
            "logo": "https://night-lantern.example/icon.png",
        },
        "isPartOf": {
            "@type": "WebSite",
            "@id": "tag:night-lantern.example,2026:feed",
            "name": "Night Lantern",
            "url": "https://night-lantern.example/",
        },
        "citation": [
            {
                "@type": "CreativeWork",
                "name": "Harbour Gazette",
                "url": "https://harbour-gazette.example/salt-road",
            },
            {"@type": "CreativeWork", "name": "The Evening Ledger"},
            {"@type": "CreativeWork", "name": "Coast Weekly"},
        ],
        "license": "https://creativecommons.org/licenses/by-sa/4.0/",
        "copyrightNotice": "Text © 2026 Ines Okafor-Lind & Tomás Reyes",
        "copyrightHolder": {"name": "Lantern Press"},
        "creditText": "Stills courtesy of Saltworks Pictures",
        "usageInfo": {
            "@type": "CreativeWork",
            "text": "Full text under CC BY-SA 4.0: name the critics, the outlet and the licence.",
            "url": "https://creativecommons.org/licenses/by-sa/4.0/",
        },
        "image": [
            {
                "@type": "ImageObject",
                "contentUrl": STILL,
                "encodingFormat": "image/jpeg",
                "width": 1200,
                "height": 800,
                "caption": "A road of salt",
                "creditText": "Pia Noor",
                "license": "https://creativecommons.org/licenses/by/4.0/",
                "copyrightNotice": "© Pia Noor",
                "usageInfo": "https://night-lantern.example/image-terms",
            },
        ],
        "datePublished": "2026-05-01T08:15:00+00:00",
        "dateModified": "2026-05-02T10:00:00+00:00",
        "sdDatePublished": "2026-05-03T07:45:00+00:00",
        "sdPublisher": {"@type": "Organization", "name": "Reviews", "url": "http://reviews.example"},
        "itemReviewed": {
            "@type": "Movie",
            "name": "The Salt Road",
            "datePublished": "2025",
            "identifier": ["imdb:tt0000001"],
            "sameAs": ["https://www.imdb.com/title/tt0000001/"],
        },
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": 3.5,
            "bestRating": 5.0,
            "worstRating": 0.5,
            "alternateName": "★★★½",
        },
        "sameAs": ["https://harbour-gazette.example/syndicated/salt-road"],
    }


def test_the_linked_data_of_a_bare_review_invents_nothing() -> None:
    """An outlet that stands in is no person; no rating, date or licence appears; the text stays within its terms."""
    data = linked_data(PAGES["excerpt"])
    assert data["author"] == [
        {"@type": "Organization", "name": "Celebrity Storm", "url": "https://celebrity-storm.example/"}
    ]
    assert data["url"] == "http://reviews.example/reviews/barereview000002"
    assert data["description"] == "It folds. It folds. It folds. …"
    absent = {
        "reviewBody",
        "license",
        "reviewRating",
        "itemReviewed",
        "datePublished",
        "dateModified",
        "image",
        "sameAs",
    }
    assert absent.isdisjoint(data)


def test_an_isbn_is_told_from_other_identifiers() -> None:
    """urn:isbn: is schema.org's isbn, an address is sameAs, the rest are identifiers."""
    assert FULL.subject is not None
    subject = replace(
        FULL.subject,
        type="Book",
        identifiers=("urn:isbn:9780000000002", "https://works.example/1", "oclc:1"),
        same_as=(),
    )
    data = linked_data(review_page(SITE, replace(WHOLE, review=replace(FULL, subject=subject)), [], 0))
    assert data["itemReviewed"] == {
        "@type": "Book",
        "name": "The Salt Road",
        "datePublished": "2025",
        "isbn": ["9780000000002"],
        "identifier": ["oclc:1"],
        "sameAs": ["https://works.example/1"],
    }


# ------------------------------------------------------------------------------------------------------- hostile values

CANARY = "</script><script>alert(1)</script>\"'><b id=canary>&amp;"


def poisoned(value: Any) -> Any:  # noqa: ANN401 - any value of the model
    """The same value with the canary in every text that is free text."""
    if isinstance(value, Prose):
        return replace(value, text=CANARY)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _poisoned_field(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)}
        )
    if isinstance(value, tuple):
        return tuple(poisoned(part) for part in value)
    return value


#: Addresses, and words that are chosen from a list.
FIXED = {
    *("key", "url", "icon", "feed_url", "terms_url", "same_as", "show", "language", "scheme", "state", "republish"),
    *("kind", "path", "action", "plain", "newer", "older", "archive", "query", "stem", "home"),
}


def _poisoned_field(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of the model
    if name in FIXED:
        return value
    if name in {"identifiers"}:
        return (CANARY,)
    if name == "advice":
        return (CANARY,)
    return CANARY if type(value) is str else poisoned(value)


#: A rating that the canary leaves its scale.
RATED = Rating(text="7/10", value=7, best=10, percent=70)


def hostile_pages() -> Iterator[bytes]:
    entry: Entry = poisoned(WHOLE)
    site = Site(title=CANARY, base_url="http://reviews.example", description=CANARY)
    feed = Feed(name="reviews", title=CANARY, description=CANARY)
    source = Source(
        name=CANARY, kind="feed", location="https://o.example/f", licence=CANARY, rights=CANARY, category=CANARY
    )
    kept_out = Quarantined(source=CANARY, place=CANARY, reason=CANARY, seen=NOW)
    state = replace(GOOD, failures=1, error=CANARY, error_kind=CANARY, feed_title=CANARY)
    others: Others = poisoned(Others(entries=(WHOLE,), total=2))
    rated = [poisoned(replace(voice, review=replace(voice.review, rating=RATED))) for voice in VOICES]
    row: OutletRow = poisoned(NIGHT_LANTERN)
    yield home_page(site, [FeedCard(feed=feed, count=1)], [entry])
    yield feed_page(site, document(feed, [entry]), poisoned(NARROWED))
    yield search_page(site, "/search", poisoned(FOUND), [entry])
    yield subject_page(site, "/subjects/x", Subject(name=CANARY, type=CANARY), rated, rated, Paging(total=9))
    yield outlets_page(site, "/outlets", [row], Paging(total=1))
    yield outlet_page(site, "/outlets/x", row, [entry], [(feed, Place("/feeds/reviews"))], Paging(total=1))
    yield feed_page(site, document(feed, [entry]))
    yield review_page(site, entry, [feed], 1, others)
    yield sources_page(site, [SourceRow(source=source, state=state)], [kept_out], NOW)
    yield error_page(site, 404, CANARY, CANARY)
    yield lint_page(site, [poisoned(row) for row in LINT], [poisoned(replace(row, advice=())) for row in LINT])
    yield credits_page(site, feed, [entry], NOW)


def test_no_text_of_a_review_can_become_markup() -> None:
    """A canary in every free text of every page comes out as text: no element, no script, no broken attribute."""
    for page in hostile_pages():
        tree = read(page)
        assert tree.xpath("//*[@id='canary']") == []
        assert tree.xpath("//script[not(@type='application/ld+json')]") == []
        assert CANARY in tree.text_content()
        parser = etree.HTMLParser(recover=True)
        etree.fromstring(page, parser)
        assert [str(e) for e in parser.error_log if e.type_name != "HTML_UNKNOWN_TAG"] == []


def test_linked_data_cannot_end_its_own_block() -> None:
    """The canary survives as data, and every "<" in the block is escaped."""
    page = next(page for page in hostile_pages() if b"ld+json" in page)
    block = page.decode().split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert "<" not in block
    assert linked_data(page)["headline"] == CANARY


# ------------------------------------------------------------------------------------------------------------- sources


def sentence(source: Source, state: SourceState | None) -> str:
    return words(
        read(sources_page(SITE, [SourceRow(source=source, state=state)], [], NOW)).xpath("//*[@class='standing']")[0]
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "Working. Next look 4 May 2026, 12:30 UTC."),
        ({"last_checked": None}, "New. Not looked at yet."),
        (
            {"failures": 1, "error_kind": "timeout"},
            "Trouble. At the last look it did not answer in time. Next look 4 May 2026, 12:30 UTC.",
        ),
        (
            {"failures": 4, "error_kind": "http-503"},
            "Trouble. At each of the last 4 looks its server answered with the error 503. "
            "Next look 4 May 2026, 12:30 UTC.",
        ),
        (
            {"failures": 1, "error_kind": "something-new"},
            "Trouble. At the last look it could not be read. Next look 4 May 2026, 12:30 UTC.",
        ),
        (
            {"stopped": True, "failures": 1},
            "Gone. The outlet has taken it away for good; it is not looked at any more.",
        ),
        (
            {"next_check": NOW - timedelta(hours=3)},
            "Late. It was to be looked at on 4 May 2026, 09:00 UTC, and was not.",
        ),
    ],
    ids=["well", "new", "timeout", "http", "other", "gone", "late"],
)
def test_a_source_says_how_it_is(change: dict[str, Any], expected: str) -> None:
    """In plain words, from its state alone."""
    assert sentence(FEED_SOURCE, replace(GOOD, **change)) == expected


def test_a_source_that_is_off_or_new_says_so() -> None:
    """No state is no trouble."""
    assert sentence(replace(FEED_SOURCE, enabled=False), None) == "Switched off. Not collected at present."
    assert sentence(FEED_SOURCE, None) == "New. Not looked at yet."


def test_the_public_page_of_sources_tells_no_path_and_no_password() -> None:
    """Folders are named, not placed; a password in an address and an error's own words stay with the operator."""
    secret = Source(name="private", kind="feed", location="https://user:hush@o.example/feed")
    state = replace(GOOD, failures=1, error="GET https://user:hush@o.example/feed: 401", error_kind="http-401")
    page = sources_page(
        SITE, [SourceRow(source=secret, state=state), SourceRow(source=FOLDER_SOURCE)], [REFUSED], NOW
    ).decode()
    assert "hush" not in page
    assert "/srv/room" not in page
    assert "poster.psd: is no text; save the review as a text file" in page
    assert "2 sources, 1 in trouble" in words(read(page.encode()))
    assert "CC-BY-4.0 (set by the operator)" in words(read(page.encode()))


def test_an_error_page_shows_ways_on() -> None:
    """A sentence and links to what exists; search engines need not keep it."""
    tree = read(PAGES["error"])
    assert words(tree.xpath("//h1")[0]) == "Nothing stands here"
    assert tree.xpath("//ul[@class='ways']//a/@href") == ["/", "/search", "/outlets", "/sources"]
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_many_critics_are_named_in_order() -> None:
    """A, B and C, each with the link that is known."""
    people = (Person(name="A"), Person(name="B", url="https://b.example/"), Person(name="C"))
    page = review_page(SITE, replace(WHOLE, review=replace(FULL, authors=people)), [], 0)
    assert rows_of(page)["Critics"] == "A, B and C"


def test_each_image_keeps_its_own_credit() -> None:
    """Two linked images, two credits, neither lent to the other."""
    images = (
        Image(url="https://o.example/a.jpg", credits=(Credit(name="Ann"),), licence=CC_BY),
        Image(url="https://o.example/b.jpg", credits=(Credit(name="Ben"), Credit(name="Cas", role="editor"))),
    )
    page = review_page(SITE, replace(WHOLE, review=replace(FULL, images=images), embeddable=frozenset()), [], 0)
    items = [words(li) for li in read(page).xpath("//div[dt='Images not shown here']//li")]
    assert items == ["a.jpg Image: Ann · Licence: CC BY 4.0", "b.jpg Image: Ben; Cas (editor)"]
