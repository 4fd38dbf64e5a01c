"""What a person sees of a feed beside its source: shapes that real feeds have, and facts of real feeds.

The documents here are invented; those that lie beside the repository are asked for small facts only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.model import Category, Person, Prose, Text
from feedsvc.normalise.excerpt import without_footer
from feedsvc.normalise.html import prose, sanitise
from feedsvc.normalise.people import people
from feedsvc.normalise.subject import subject_of

Show = Callable[..., str]
Reviews = Callable[[str | Path], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """What `feedsvc show` prints of a document: its text, or a file of it."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "config.toml").write_text('[service]\nbase_url = "http://reviews.example"\n', encoding="utf-8")

    def shown(document: str | Path, *options: str) -> str:
        file = document if isinstance(document, Path) else folder / "feed.xml"
        if isinstance(document, str):
            file.write_text(document, encoding="utf-8")
        result = CliRunner().invoke(main, ["--config", str(folder / "config.toml"), "show", str(file), *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    return shown


@pytest.fixture(scope="module")
def reviews(show: Show) -> Reviews:
    """The same as values."""
    return lambda document: json.loads(show(document, "--json"))


def rss(item: str, namespaces: str = "") -> str:
    """An RSS feed of one item."""
    return (
        f'<rss version="2.0" {namespaces}><channel><title>Harbour Gazette</title>'
        f"<link>https://harbour-gazette.example/</link><item><title>Low Tide</title>{item}</item></channel></rss>"
    )


def atom(entry: str) -> str:
    """An Atom feed of one entry."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Night Lantern</title><id>tag:night-lantern.example,2026:</id>'
        f'<link href="https://night-lantern.example/"/><entry><title>Low Tide</title>{entry}</entry></feed>'
    )


# --------------------------------------------------------------------------------------------------------------- links

FEEDBURNER = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'


@pytest.mark.parametrize("end", ["", "<a></b>"], ids=["lxml", "feedparser"])
def test_a_counters_address_gives_way_to_the_page_it_counts(reviews: Reviews, end: str) -> None:
    item = (
        "<link>http://feeds.harbour-gazette.example/~r/reviews/~3/AbC/low-tide</link><guid isPermaLink='false'>7</guid>"
        f"<description>Salt.{end}</description>"
        "<feedburner:origLink>https://harbour-gazette.example/low-tide</feedburner:origLink>"
    )
    [review] = reviews(rss(item, FEEDBURNER))
    assert review["url"] == "https://harbour-gazette.example/low-tide"


def test_an_entry_without_a_link_is_found_at_its_id(reviews: Reviews) -> None:
    at, urn = "https://night-lantern.example/2026/low-tide", "urn:uuid:6f1d2c1e-5c1b-4f3a-9b7e-2f0c6a3f4d11"
    assert reviews(atom(f"<id>{at}</id>"))[0]["url"] == at
    assert reviews(atom(f"<id>{urn}</id>"))[0]["url"] is None
    linked = '<link href="https://night-lantern.example/p/7"/>'
    assert reviews(atom(f"<id>{at}</id>{linked}"))[0]["url"] == "https://night-lantern.example/p/7"
    assert reviews(rss(f"<guid isPermaLink='false'>{at}</guid>"))[0]["url"] is None


def test_a_relative_image_starts_from_the_items_page_unless_a_base_is_stated(reviews: Reviews) -> None:
    feed = '<link rel="self" href="https://feeds.example/lantern.atom"/>'
    page = '<id>urn:x:1</id><link href="https://night-lantern.example/2026/low-tide/"/>'
    image = '<content type="html"{}>&lt;img src="pier.jpg"&gt; Salt.</content>'
    based = image.format(' xml:base="https://cdn.example/i/"')
    [plainly] = reviews(atom(page + image.format("")).replace('<link href="https://night-lantern.example/"/>', feed))
    [stated] = reviews(atom(page + based).replace('<link href="https://night-lantern.example/"/>', feed))
    assert [i["url"] for i in plainly["images"]] == ["https://night-lantern.example/2026/low-tide/pier.jpg"]
    assert [i["url"] for i in stated["images"]] == ["https://cdn.example/i/pier.jpg"]


# --------------------------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize("wrong", ["", "<rights><a></b></rights>"], ids=["lxml", "feedparser"])
def test_atom_content_of_no_stated_type_that_is_markup_all_through_is_read_as_markup(
    reviews: Reviews, wrong: str
) -> None:
    html = "<div><p>Salt &amp; sand.</p><p>Twice.</p></div>"
    [review] = reviews(atom(f"<id>urn:x:1</id>{wrong}<content><![CDATA[{html}]]></content>"))
    assert review["content"]["text"] == "Salt & sand.\n\nTwice."


@pytest.mark.parametrize(
    "content",
    ["<content type='text'>&lt;p>Salt&lt;/p></content>", "<content>Use &lt;p> for paragraphs&lt;/p></content>"],
)
def test_text_is_never_taken_for_markup_where_it_says_text_or_speaks_of_markup(reviews: Reviews, content: str) -> None:
    [review] = reviews(atom(f"<id>urn:x:1</id>{content}"))
    assert "<p>" in review["content"]["text"]


def test_a_summary_of_dots_is_none(reviews: Reviews) -> None:
    [review] = reviews(rss("<link>https://harbour-gazette.example/1</link><description>[...]</description>"))
    assert (review["summary"], review["excerpt"]) == (None, None)


FOOTERS = [
    "The post Low Tide appeared first on Harbour Gazette.",
    "Der Beitrag Ebbe erschien zuerst auf Hafenblatt.",
    "L’articolo Bassa marea sembra essere il primo su Gazzetta.",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_no_room_of_an_excerpt_goes_to_a_blog_programs_last_line(reviews: Reviews, footer: str) -> None:
    assert without_footer(f"A walk on the flats.\n\n{footer}") == "A walk on the flats."
    assert without_footer(footer) == footer
    html = f"&lt;p>A walk on the flats.&lt;/p>&lt;p>{footer}&lt;/p>"
    [review] = reviews(rss(f"<link>https://harbour-gazette.example/1</link><description>{html}</description>"))
    assert review["excerpt"]["text"] == "A walk on the flats."
    assert footer in review["summary"]["text"]


BUTTONS = """Salt.<div class="feedflare"> <a href="http://feeds.x.example/~ff/r?a=1"><img
src="http://feeds.feedburner.com/~ff/r?d=1" border="0"></a> </div><img src="https://pixel.wp.com/b.gif?post=7">
<img src="http://feeds.feedburner.com/~r/reviews/~4/AbC"><a href="https://x.example/share"></a>"""


def test_buttons_and_counters_of_feed_services_are_no_pictures_and_leave_no_empty_links() -> None:
    assert re.sub(r"\s+", " ", sanitise(BUTTONS)) == "Salt.<div> </div>"
    kept = '<a href="https://x.example/~r/pier.html"><img src="https://x.example/~r/pier.jpg"></a>'
    assert "pier.html" in sanitise(kept)
    assert "pier.jpg" in sanitise(kept)


def test_a_drawn_emoji_is_its_character_and_a_picture_of_one_stays() -> None:
    drawn = '<p>Go <img class="wp-smiley" alt="🌊" src="https://s.w.example/images/core/emoji/13/72x72/1f30a.png">!</p>'
    assert prose(Text(value=drawn, type="html")) == Prose(html="<p>Go 🌊!</p>", text="Go 🌊!")
    assert "<img" in sanitise('<img alt="The emoji museum" src="https://x.example/emoji/museum.jpg">')
    assert "<img" in sanitise('<img alt="🌊" src="https://x.example/pictures/wave.jpg">')


# ------------------------------------------------------------------------------------------ people, credits, categories


def test_a_mailbox_that_nobody_reads_is_no_critic() -> None:
    names = ("no-reply@harbour.example (No reply Harbour)", "Do not reply", "noreply-reviews", "Noel Replyne")
    assert people(Person(name=name) for name in names) == (Person(name="Noel Replyne"),)


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
PICTURE = '<media:content url="https://harbour-gazette.example/{}.jpg" medium="image" width="151" height="90"/>'


def test_a_credit_beside_the_only_picture_of_an_item_is_the_pictures(reviews: Reviews) -> None:
    credit = "<link>https://harbour-gazette.example/1</link><media:credit>Pia Noor/Harbour</media:credit>"
    [one] = reviews(rss(credit + PICTURE.format("pier"), MEDIA))
    [two] = reviews(rss(credit + PICTURE.format("pier") + PICTURE.format("quay"), MEDIA))
    assert [c["name"] for c in one["images"][0]["credits"]] == ["Pia Noor/Harbour"]
    assert one["credits"] == []
    assert [image["credits"] for image in two["images"]] == [[], []]
    assert [c["name"] for c in two["credits"]] == ["Pia Noor/Harbour"]


@pytest.mark.parametrize(
    "category, terms",
    [
        ('<category domain="https://harbour-gazette.example/people">Okafor, Ines</category>', ["Okafor / Ines"]),
        ("<category>Drama, Sea</category>", ["Drama", "Sea"]),
        ("<category>Dance (Ballet, Tap), Sea</category>", ["Dance (Ballet / Tap)", "Sea"]),
    ],
)
def test_a_term_of_a_scheme_stays_one_and_no_label_has_a_comma(
    reviews: Reviews, category: str, terms: list[str]
) -> None:
    [review] = reviews(rss(f"<link>https://harbour-gazette.example/1</link>{category}"))
    assert [found["term"] for found in review["categories"]] == terms


# ------------------------------------------------------------------------------------------------------------- subjects

CULTURE = "The actor and the director talked about the film and the album."
NO_SUBJECTS = [
    "The Ferrymen Play Their “Live”",
    "The Ferrymen Put On a Night Called “Salt”",
    "Ida Marsh, “Saltwind” on Screen, Has Died",
    "Bosun, the Dog Featured in ‘Low Water,’ Retires",
    "Ida Marsh, Known for “Low Water Songs”, Dies",
    "Kiosk - Ida Marsh: “My Life in a Box”",
]


@pytest.mark.parametrize("headline", NO_SUBJECTS)
def test_a_title_that_culture_news_mentions_is_not_what_a_review_is_of(headline: str) -> None:
    assert subject_of(None, headline, CULTURE, (Category(term="Culture"),))[0] is None


@pytest.mark.parametrize(
    "headline, name",
    [
        ("‘Saltwind’: A Manga of the Long Shore", "Saltwind"),
        ("Why “Saltwind” Never Leaves the Harbour", "Saltwind"),
        ("The Ferrymen Row “Saltwind” Home", "Saltwind"),
        ("New film: “Low Water”", "Low Water"),
        ("Review : “Saltwind”", "Saltwind"),
    ],
)
def test_a_title_in_the_place_of_one_is_the_subject(headline: str, name: str) -> None:
    subject = subject_of(None, headline, f"{CULTURE} Saltwind is a long row.", ()).subject
    assert subject
    assert subject.name == name


# -------------------------------------------------------------------------------------------------------- what is shown

LONG = "https://harbour-gazette.example/reviews/a-very-long-address-that-no-line-of-a-terminal-has-room-for-and-that-stays-one"


def test_what_show_prints_can_be_read_beside_its_source(show: Show) -> None:
    item = (
        f"<link>{LONG}</link><dc:rights>© 2026 Harbour Gazette</dc:rights>{PICTURE.format('pier')}"
        "<description>&lt;p>Bring:&lt;/p>&lt;ul>&lt;li>salt&lt;/li>&lt;li>sand&lt;/li>&lt;/ul>"
        "&lt;pre>def tide():\n    ebb()&lt;/pre></description>"
    )
    lines = show(rss(item, f'{MEDIA} xmlns:dc="http://purl.org/dc/elements/1.1/"')).splitlines()
    assert f"link:          {LONG}" in lines
    assert "rights holder: Harbour Gazette" in "\n".join(lines)
    assert any("pier.jpg (151 × 90; no credit; licence: unknown)" in line for line in lines)
    assert "\n".join(lines).endswith("\n\nBring:\n\n- salt\n- sand\n\ndef tide():\n    ebb()\n")


def test_show_names_a_works_year_and_identifiers(show: Show) -> None:
    item = (
        "<link>https://harbour-gazette.example/1</link><schema:itemReviewed><schema:name>Saltwind</schema:name>"
        "<schema:datePublished>2025</schema:datePublished></schema:itemReviewed><dc:identifier>imdb:tt1</dc:identifier>"
    )
    printed = show(rss(item, 'xmlns:schema="http://schema.org/" xmlns:dc="http://purl.org/dc/elements/1.1/"'))
    assert "subject:       Saltwind (2025)\n               imdb:tt1\n" in printed


# ------------------------------------------------------------------------------- facts of real feeds, read by a person

#: File → its reviews, the critics named on its items (counted by hand), and when its first item was published, in UTC.
FACTS = {
    "AtomAdobe": (10, 0, None),
    "AtomTheVerge": (10, 10, "2017-01-07T14:00:01Z"),
    "Rss091Stadtfeuerwehr": (15, 0, "2018-08-19T06:08:00Z"),
    "Rss10OrfAt": (50, 0, "2017-01-23T20:54:55Z"),
    "Rss20CityDog": (10, 0, "2017-01-24T21:00:00Z"),
    "Rss20DailyMail": (0, 0, None),
    "Rss20IndianExpress": (200, 2, "2017-01-07T15:20:37Z"),
    "Rss20LeFil": (30, 0, "2017-01-06T12:22:55Z"),
    "Rss20LeParisien": (30, 0, "2017-01-07T06:09:00Z"),
    "Rss20NYTimes": (33, 40, "2017-01-07T01:49:31Z"),
    "Rss20Reuters": (10, 0, "2017-01-07T13:52:27Z"),
    "Rss20YandexRussia": (15, 0, "2017-01-07T14:12:53Z"),
}


@pytest.mark.parametrize("name", FACTS)
def test_real_feeds_give_what_a_person_counts_in_them(reviews: Reviews, beside: Path, name: str) -> None:
    shown = reviews(beside / "corpus" / f"{name}.xml")
    critics = sum(len(r["authors"]) for r in shown if r["provenance"]["authors"] == "stated")
    assert (len(shown), critics, shown[0]["published"] if shown else None) == FACTS[name]


def test_no_real_feed_comes_out_with_markup_rating_or_mailbox(reviews: Reviews, beside: Path) -> None:
    subjects = 0
    for file in sorted((beside / "corpus").glob("*.xml")):
        for review in reviews(file):
            said = [review["title"], *(review[k]["text"] for k in ("summary", "excerpt") if review[k])]
            assert not [text for text in said if re.search(r"</?(?:p|div|img|a|br)\b[^>]*>|&(?:amp|#\d+);|â€|Ã©", text)]
            assert not [person for person in review["authors"] if "@" in person["name"]]
            assert review["rating"] is None, file.name
            assert not [image for image in review["images"] if "/~ff/" in image["url"] or "emoji" in image["url"]]
            subjects += review["subject"] is not None
    assert subjects == 5
