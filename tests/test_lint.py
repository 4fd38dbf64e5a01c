"""How complete attribution is: counted by hand, told to the partner in words that hold, on page and command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from lxml import html

from feedsvc.model import (
    Credit,
    Image,
    Lacking,
    Licence,
    LicenceState,
    Mark,
    Person,
    Provenance,
    Review,
)
from feedsvc.normalise.completeness import advice, completeness
from feedsvc.render.wording import percent
from tests.commands import configured
from tests.samples import BARE, FULL

#: FULL with a credit on its second image too: it lacks nothing.
WHOLE = replace(FULL, images=(FULL.images[0], replace(FULL.images[1], credits=(Credit(name="Saltworks"),))))


def missing(review: Review) -> tuple[Mark, ...]:
    """What one review alone lacks."""
    return next((one.missing for one in completeness([review]).worst), ())


# ---------------------------------------------------------------------------------------------------------- one review


def test_a_review_with_everything_lacks_nothing() -> None:
    assert missing(WHOLE) == ()


def test_a_dropped_text_with_nothing_lacks_all_but_its_configured_outlet() -> None:
    """No image is no image without a credit."""
    assert missing(BARE) == (Mark.CRITIC, Mark.PERMALINK, Mark.DATE, Mark.LICENCE, Mark.RIGHTS)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"authors": (Person(name="NIGHT LANTERN"),)}, (Mark.CRITIC,)),
        ({"authors": ()}, (Mark.CRITIC,)),
        ({"provenance": FULL.provenance | {"authors": Provenance.CONFIGURED}}, (Mark.CRITIC,)),
        ({"provenance": FULL.provenance | {"authors": Provenance.INHERITED}}, ()),
        ({"provenance": FULL.provenance | {"outlet": Provenance.INFERRED}}, (Mark.OUTLET,)),
        ({"provenance": FULL.provenance | {"outlet": Provenance.CONFIGURED}}, ()),
        ({"url": None}, (Mark.PERMALINK,)),
        ({"published": None}, ()),
        ({"published": None, "updated": None}, (Mark.DATE,)),
        ({"updated": None, "provenance": FULL.provenance | {"published": Provenance.INFERRED}}, (Mark.DATE,)),
        ({"licence": Licence()}, (Mark.LICENCE,)),
        ({"licence": Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")}, (Mark.LICENCE,)),
        ({"images": ()}, ()),
        ({"images": FULL.images}, ()),
        ({"images": (*FULL.images, Image(url="https://night-lantern.example/i/3.jpg"))}, (Mark.IMAGES,)),
        ({"rights": None}, (Mark.RIGHTS,)),
        ({"rights": None, "url": None}, (Mark.PERMALINK, Mark.RIGHTS)),
    ],
)
def test_each_mark_is_judged_by_itself(change: dict[str, Any], lacks: tuple[Mark, ...]) -> None:
    assert missing(replace(WHOLE, **change)) == lacks


# --------------------------------------------------------------------------------------------------------- many of them


def test_shares_are_counted_over_all_reviews() -> None:
    """Of three reviews: two named critics, two links, one licence unclear; two of three images credited."""
    unclear = replace(
        WHOLE, licence=Licence(state=LicenceState.UNSPECIFIED), images=(Image(url="https://o.example/i"),)
    )
    found = completeness([WHOLE, unclear, BARE])

    assert (found.reviews, found.whole) == (3, 1)
    assert found.present == {
        Mark.CRITIC: 2,
        Mark.OUTLET: 3,
        Mark.PERMALINK: 2,
        Mark.DATE: 2,
        Mark.LICENCE: 1,
        Mark.IMAGES: 2,
        Mark.RIGHTS: 2,
    }
    assert (found.images, found.images_credited, found.licences_unspecified) == (3, 2, 1)
    assert found.share(Mark.LICENCE) == pytest.approx(1 / 3)
    assert found.overall == pytest.approx(14 / 21)


def test_no_reviews_lack_nothing() -> None:
    found = completeness([])
    assert (found.reviews, found.overall, found.worst) == (0, 1.0, ())
    assert advice(found, "feed") == ()


def test_the_worst_ten_come_first_whatever_the_order_they_come_in() -> None:
    """What lacks most; of equals the newest; of the same age by key."""
    poor = [replace(WHOLE, key=f"poor{number:012}", rights=None) for number in range(12)]
    older = replace(BARE, key="older", collected=BARE.collected - timedelta(days=1))
    poorest = [replace(BARE, key="b"), replace(BARE, key="a"), older]
    expected = ["a", "b", "older", *(f"poor{number:012}" for number in range(7))]

    for order in (poor + poorest, poorest + poor, (poor + poorest)[::-1]):
        found = completeness(order)
        assert [one.key for one in found.worst] == expected
    assert completeness(poorest).worst[0] == Lacking(
        key="a",
        title=BARE.title,
        url=None,
        missing=(Mark.CRITIC, Mark.PERMALINK, Mark.DATE, Mark.LICENCE, Mark.RIGHTS),
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.994, "99%"), (0.9999, "99%"), (1, "100%")],
)
def test_a_share_is_whole_only_when_nothing_lacks(share: float, words: str) -> None:
    assert percent(share) == words


# --------------------------------------------------------------------------------------------- what to tell the partner


def test_advice_counts_what_lacks_and_names_it() -> None:
    two = [replace(WHOLE, key="a", url=None), replace(WHOLE, key="b", url=None, rights=None), WHOLE]
    told = advice(completeness(two), "feed")

    assert [sentence.partition(". ")[0] for sentence in told] == [
        "2 of 3 reviews have no link to the original",
        "1 of 3 reviews has no rights statement",
    ]


def test_a_licence_without_its_version_is_told_apart_from_none() -> None:
    """A partner who wrote "Creative Commons" believes to have said it."""
    unclear = replace(WHOLE, licence=Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons"))
    silent = replace(WHOLE, licence=Licence())

    [one] = advice(completeness([unclear]), "folder")
    [both] = advice(completeness([unclear, silent, silent]), "folder")
    assert one.startswith("The only review names a licence without saying which it is. ")
    assert both.startswith("2 of 3 reviews state no licence, and 1 more names one without saying which it is. ")


#: By form of delivery: a document that says nothing, and what completes it, as the advice puts it and as it is written.
NOTHING = {
    "rss": '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"><channel>{outlet}<item>'
    "<title>Salt</title><guid isPermaLink='false'>1</guid>{permalink}{critic}{date}{licence}{rights}"
    "<description>Salt, slowly.</description>"
    "<media:content url='https://salt.example/i.jpg' medium='image'>{images}</media:content></item></channel></rss>",
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">{outlet}<entry>'
    "<title>Salt</title><id>tag:salt.example,2026:1</id>{permalink}{critic}{date}{licence}{rights}"
    "<summary>Salt, slowly.</summary>"
    "<media:content url='https://salt.example/i.jpg' medium='image'>{images}</media:content></entry></feed>",
    "json": '{{"version": "https://jsonfeed.org/version/1.1", {outlet} "items": [{{"id": "tag:salt.example,2026:1", '
    '"title": "Salt", "content_text": "Salt, slowly.", "image": "https://salt.example/i.jpg", {permalink} {critic} '
    '{date} "_attribution": {{ {licence} {rights} {images} "about": "x"}} }}]}}',
    "txt": "Salt\n\nSalt, slowly, over a long road and back again.\n\n"
    "{critic}\n{outlet}\n{permalink}\n{date}\n{licence}\n{rights}\n{images}\n",
    "html": "<!doctype html><html><head><title>Salt</title>{critic}{outlet}{permalink}{date}{licence}{rights}</head>"
    "<body><article><h1>Salt</h1><p>Salt, slowly, over a long road and back again, and then once more.</p><figure>"
    "<img src='https://salt.example/i.jpg' alt=''>{images}</figure></article></body></html>",
}
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
ADDED: dict[str, dict[Mark, tuple[str, str]]] = {
    "rss": {
        Mark.CRITIC: ("<dc:creator>", "<dc:creator>Ines Okafor</dc:creator>"),
        Mark.OUTLET: ("<title>", "<title>Salt Weekly</title>"),
        Mark.PERMALINK: ("<link>", "<link>https://salt.example/1</link>"),
        Mark.DATE: ("<pubDate>", "<pubDate>Fri, 01 May 2026 08:15:00 GMT</pubDate>"),
        Mark.LICENCE: (
            "<creativeCommons:license>",
            f"<creativeCommons:license>{CC_BY}</creativeCommons:license>",
        ),
        Mark.IMAGES: ("<media:credit> inside its <media:content>", "<media:credit>Pia Noor</media:credit>"),
        Mark.RIGHTS: ("<dc:rights>", "<dc:rights>© 2026 Salt Weekly</dc:rights>"),
    },
    "atom": {
        Mark.CRITIC: ("<author><name>", "<author><name>Ines Okafor</name></author>"),
        Mark.OUTLET: ("<title>", "<title>Salt Weekly</title>"),
        Mark.PERMALINK: ('<link rel="alternate" href="…"/>', '<link rel="alternate" href="https://salt.example/1"/>'),
        Mark.DATE: ("<published>", "<published>2026-05-01T08:15:00Z</published>"),
        Mark.LICENCE: ('<link rel="license" href="…"/>', f'<link rel="license" href="{CC_BY}"/>'),
        Mark.IMAGES: ("<media:credit> inside its <media:content>", "<media:credit>Pia Noor</media:credit>"),
        Mark.RIGHTS: ("<rights>", "<rights>© 2026 Salt Weekly</rights>"),
    },
    "json": {
        Mark.CRITIC: ('"authors": [{"name": "…"}]', '"authors": [{"name": "Ines Okafor"}],'),
        Mark.OUTLET: ('"title"', '"title": "Salt Weekly",'),
        Mark.PERMALINK: ('"url"', '"url": "https://salt.example/1",'),
        Mark.DATE: ('"date_published"', '"date_published": "2026-05-01T08:15:00Z",'),
        Mark.LICENCE: ('"_attribution": {"licence": {"url": "…"}}', f'"licence": {{"url": "{CC_BY}"}},'),
        Mark.IMAGES: (
            '"_attribution": {"images": [{"url": "…", "credits": [{"name": "…"}]}]}',
            '"images": [{"url": "https://salt.example/i.jpg", "credits": [{"name": "Pia Noor"}]}],',
        ),
        Mark.RIGHTS: ('"_attribution": {"rights": "© …"}', '"rights": "© 2026 Salt Weekly",'),
    },
    "txt": {
        Mark.CRITIC: ("By: NAME", "By: Ines Okafor"),
        Mark.OUTLET: ("Outlet: NAME", "Outlet: Salt Weekly"),
        Mark.PERMALINK: ("Link: https://…", "Link: https://salt.example/1"),
        Mark.DATE: ("Published: 2026-05-31", "Published: 2026-05-31"),
        Mark.LICENCE: ("Licence: CC BY 4.0", "Licence: CC BY 4.0"),
        Mark.IMAGES: ("Image: https://… (Photo by NAME)", "Image: https://salt.example/i.jpg (Photo by Pia Noor)"),
        Mark.RIGHTS: ("Rights: © 2026 NAME", "Rights: © 2026 Salt Weekly"),
    },
    "html": {
        Mark.CRITIC: ('<meta name="author" content="NAME">', '<meta name="author" content="Ines Okafor">'),
        Mark.OUTLET: (
            '<meta property="og:site_name" content="NAME">',
            '<meta property="og:site_name" content="Salt Weekly">',
        ),
        Mark.PERMALINK: (
            '<link rel="canonical" href="https://…">',
            '<link rel="canonical" href="https://salt.example/1">',
        ),
        Mark.DATE: (
            '<meta property="article:published_time" content="2026-05-31">',
            '<meta property="article:published_time" content="2026-05-31">',
        ),
        Mark.LICENCE: ('<link rel="license" href="https://…">', f'<link rel="license" href="{CC_BY}">'),
        Mark.IMAGES: ("<figcaption>Photo: NAME</figcaption>", "<figcaption>Photo: Pia Noor</figcaption>"),
        Mark.RIGHTS: (
            '<meta name="copyright" content="© 2026 NAME">',
            '<meta name="copyright" content="© 2026 Salt Weekly">',
        ),
    },
}
#: What each document leaves out. One with neither outlet nor link has no way back to its origin and is not published.
LEFT_OUT: dict[str, set[Mark]] = {"whole": set(), "nothing": set(Mark) - {Mark.OUTLET}, "nameless": {Mark.OUTLET}}


@pytest.mark.parametrize("form", NOTHING)
def test_whoever_follows_the_advice_is_whole(tmp_path: Path, form: str) -> None:
    """The words that a partner is told to add are those that are read, in each form of delivery."""
    kind = "folder" if form in ("txt", "html") else "feed"
    tables = ""
    for name, left_out in LEFT_OUT.items():
        added = {mark.value: "" if mark in left_out else ADDED[form][mark][1] for mark in Mark}
        (tmp_path / name).mkdir()
        (tmp_path / name / f"salt.{form}").write_text(NOTHING[form].format(**added), encoding="utf-8")
        location = name if kind == "folder" else f"{name}/salt.{form}"
        tables += f'[[sources]]\nname = "{name}"\nkind = "{kind}"\nlocation = "{location}"\n'
    feedsvc = configured(tmp_path, tables)
    feedsvc("collect")
    found = {row["name"]: row for row in json.loads(feedsvc("lint", "--json").stdout)["sources"]}

    assert (found["whole"]["whole"], found["whole"]["overall"], found["whole"]["advice"]) == (1, 1.0, [])
    # A text without an image line has no image that could lack its credit.
    lacking = LEFT_OUT["nothing"] - ({Mark.IMAGES} if form == "txt" else set())
    assert set(found["nothing"]["worst"][0]["missing"]) == {mark.value for mark in lacking}
    assert found["nameless"]["worst"][0]["missing"] == ["outlet"]
    assert all(ADDED[form][mark][0] in " ".join(found["nothing"]["advice"]) for mark in lacking)
    assert ADDED[form][Mark.OUTLET][0] in found["nameless"]["advice"][0]


# ----------------------------------------------------------------------------------------------------- page and command

GOOD = (
    "Salt\n\nSalt, slowly, and a long road.\n\nBy: Ines Okafor\nLink: https://salt.example/1\nPublished: 2026-05-01\n"
    "Licence: CC BY 4.0\nRights: © 2026 Salt Weekly\n"
)
POOR = "Paper\n\nPaper moons, folded early.\n\nLink: https://paper.example/1\n"
SOURCES = """
[[sources]]
name = "good"
kind = "folder"
location = "good"
outlet = { name = "Salt Weekly" }
[[sources]]
name = "poor"
kind = "folder"
location = "poor"
outlet = { name = "Paper <Post>" }
[[sources]]
name = "silent"
kind = "folder"
location = "silent"
outlet = { name = "Nobody" }
"""


@pytest.fixture
def feedsvc(tmp_path: Path) -> Callable[..., Result]:
    """A good source, a poor one and one without reviews, collected."""
    for name, text in {"good": GOOD, "poor": POOR, "silent": None}.items():
        (tmp_path / name).mkdir()
        if text:
            (tmp_path / name / "one.txt").write_text(text, encoding="utf-8")
    invoke = configured(tmp_path, SOURCES)
    assert invoke("collect").exit_code == 0
    return invoke


def test_the_table_shows_the_least_complete_first_and_no_source_without_reviews(feedsvc: Callable[..., Result]) -> None:
    result = feedsvc("lint")
    lines = result.stdout.splitlines()

    assert result.exit_code == 0
    assert lines[0].split() == ["source", "reviews", "whole", "overall", *(mark.value for mark in Mark)]
    assert lines[1].split() == ["poor", "1", "0", "43%", "0%", "100%", "100%", "0%", "0%", "100%", "0%"]
    assert lines[2].split() == ["good", "1", "1", "100%", *["100%"] * 7]
    assert lines[5].split() == ["all", "2", "1", "71%", "50%", "100%", "100%", "50%", "50%", "100%", "50%"]
    assert "silent" not in result.stdout
    assert "What to tell Paper <Post> (poor):" in lines
    assert "- Paper <https://paper.example/1>: no critic, no date, no licence identified, no rights statement" in lines
    assert "Salt Weekly" not in result.stdout


def test_one_source_alone(feedsvc: Callable[..., Result]) -> None:
    found = json.loads(feedsvc("lint", "--source", "good", "--json").stdout)
    unknown = feedsvc("lint", "--source", "bad")

    assert [row["name"] for row in found["sources"]] == ["good"]
    assert found["feeds"] == []
    assert unknown.exit_code == 2
    assert "good, poor, silent" in unknown.stderr


def test_programs_read_the_same_as_json(feedsvc: Callable[..., Result]) -> None:
    found = json.loads(feedsvc("lint", "--json").stdout)
    [poor] = [row for row in found["sources"] if row["name"] == "poor"]

    assert poor["title"] == "Paper <Post>"
    assert poor["marks"]["critic"] == {"present": 0, "share": 0.0}
    assert poor["marks"]["permalink"] == {"present": 1, "share": 1.0}
    assert poor["overall"] == 0.4286
    [worst] = poor["worst"]
    assert (worst["title"], worst["url"]) == ("Paper", "https://paper.example/1")
    assert worst["page"] == f"http://reviews.example/reviews/{worst['key']}"
    assert worst["missing"] == ["critic", "date", "licence", "rights"]
    assert [(row["name"], row["advice"]) for row in found["feeds"]] == [("all", [])]


def test_before_anything_is_collected_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    result = configured(tmp_path, '[[sources]]\nname = "good"\nkind = "folder"\nlocation = "good"\n')("lint")

    assert (result.exit_code, result.stdout) == (0, "no reviews are stored yet: run `feedsvc collect`\n")


def test_the_page_shows_the_table_the_advice_and_the_worst(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    """Read back from the export, as a person would: every bar has its figure, every row leads to its advice."""
    feedsvc("publish", "--out", str(tmp_path / "out"))
    page = html.fromstring((tmp_path / "out/sources/lint/index.html").read_bytes())
    sources, feeds = page.xpath("//table")

    rows = {row.xpath("string(th//bdi)"): row for row in sources.xpath("tbody/tr")}
    assert list(rows) == ["Paper <Post>", "Salt Weekly"]
    assert rows["Paper <Post>"].xpath("td//b/text()") == ["43%", "0%", "100%", "100%", "0%", "0%", "100%", "0%"]
    assert rows["Paper <Post>"].xpath("td[2]//small/text()") == ["0 of 1"]
    assert rows["Salt Weekly"].xpath("th//a") == []
    assert [head.text for head in sources.xpath("thead//th")][:3] == ["Source", "Over all", "Critic named"]
    assert feeds.xpath("string(tbody/tr/th/a/@href)") == "/feeds/all"

    [anchor] = rows["Paper <Post>"].xpath("th/a/@href")
    [telling] = page.xpath("//article[@id=$name]", name=anchor.removeprefix("#"))
    assert "By: NAME" in telling.xpath(".//code/text()")
    assert '<meta name="author" content="NAME">' in telling.xpath(".//code/text()")
    [worst] = telling.xpath(".//details//li")
    assert worst.xpath("string(a)") == "Paper"
    assert worst.xpath("string(span)") == "no critic, no date, no licence identified, no rights statement"
    assert (tmp_path / f"out{worst.xpath('string(a/@href)')}/index.html").is_file()
    linked = html.fromstring((tmp_path / "out/sources/index.html").read_bytes()).xpath("//a/@href")
    assert "/sources/lint" in linked


def test_what_was_mended_is_no_longer_told(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("publish", "--out", str(tmp_path / "out"))
    (tmp_path / "poor/one.txt").write_text(POOR + "By: Odile Marsh\n", encoding="utf-8")
    feedsvc("collect")
    feedsvc("publish", "--out", str(tmp_path / "out"))
    page = html.fromstring((tmp_path / "out/sources/lint/index.html").read_bytes())

    assert page.xpath("//table[1]/tbody/tr[1]/td//b/text()")[:2] == ["57%", "100%"]


def test_what_was_withdrawn_is_in_no_count(feedsvc: Callable[..., Result]) -> None:
    feedsvc("withdraw", "https://paper.example/1", "--reason", "asked", "--requested-by", "its owner")
    found = json.loads(feedsvc("lint", "--json").stdout)

    assert [row["name"] for row in found["sources"]] == ["good"]
    assert found["feeds"][0]["reviews"] == 1
