"""`feedsvc explain`: what an editor reads of a review, asserted on the command's own output."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from feedsvc.model import Feed, Image, Licence, LicenceState, OptOut, Provenance, Republish, Review, Source
from feedsvc.normalise.explain import ImageStanding, explain
from tests.commands import run
from tests.samples import BARE, CC_BY, FULL, SITE
from tests.test_end_to_end import SEED_SOURCE

COMMERCIAL = Feed(name="all", title="All reviews")
FREE = Feed(name="open", title="Open reviews", commercial=False)


def command(folder: Path) -> Callable[..., Result]:
    """Runs a command on the folder's configuration."""

    def invoke(*arguments: str) -> Result:
        return run(folder, *arguments)

    return invoke


def said(result: Result) -> str:
    """The output as one line, so that a sentence is found wherever it was folded."""
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


# -------------------------------------------------------------------------------------------------- the seed, explained


@pytest.fixture
def seed(beside: Path, tmp_path: Path) -> Callable[..., Result]:
    """The partner's real document, dropped on 7 June 2025 and collected."""
    (tmp_path / "incoming").mkdir()
    document = tmp_path / "incoming" / "ballerina-review.txt"
    shutil.copy(beside / "seeds" / "ballerina-review.txt", document)
    dropped = datetime(2025, 6, 7, 10, 0, tzinfo=UTC).timestamp()
    os.utime(document, (dropped, dropped))
    (tmp_path / "config.toml").write_text(SEED_SOURCE, encoding="utf-8")
    feedsvc = command(tmp_path)
    assert feedsvc("collect").exit_code == 0
    return feedsvc


def key_of(feedsvc: Callable[..., Result]) -> str:
    """The key of the only review: lint names it."""
    key = json.loads(feedsvc("lint", "--json").stdout)["sources"][0]["worst"][0]["key"]
    assert isinstance(key, str)
    return key


def test_an_editor_learns_what_is_published_of_the_partners_document_and_why(seed: Callable[..., Result]) -> None:
    key = key_of(seed)
    text = said(seed("explain", key))

    for sentence in (
        "A review of “Ballerina”, first published by Celebrity Storm; collected from the source “partner”.",
        f"Its page here: http://reviews.example/reviews/{key}",
        "In “Reviews” (/feeds/reviews): an excerpt of 181 characters, marked as one, with a link to its page "
        "here, for no address of the original is known.",
        "Why: A licence is named (Creative Commons) but cannot be identified, so only an excerpt is safe.",
        "The excerpt: “Brace yourselves—Ana de Armas’ Ballerina sashays",
        "Its readers are told: “Excerpt of at most 200 characters, of a text that has no address of its own. All other "
        "rights stay with their holders.”",
        "It has no images.",
        "The review itself names “Creative Commons” as its licence, but not which one: some of them allow the full "
        "text anywhere, others forbid commercial use or any change. It stands in the item's licence. So nobody can "
        "tell what is allowed, and all rights count as reserved.",
        'You have set no contract for the source “partner” (republish = "auto"), so the licence alone decides; once '
        "you have agreed on more with Celebrity Storm, say so there.",
    ):
        assert sentence in text


def test_an_editor_learns_who_is_credited_and_who_says_so(seed: Callable[..., Result]) -> None:
    text = said(seed("explain", key_of(seed)))

    for sentence in (
        "- Critic: nobody is named; the outlet, Celebrity Storm, stands in – from your configuration.",
        "- Outlet: Celebrity Storm (https://celebrity-storm.example/) – from your configuration.",
        "- Published: 2025-06-07 – inferred from the time of the file; the credit line leaves it out.",
        "- Work: Ballerina (Movie) – inferred from the title in quotation marks in the headline of a text that speaks "
        "of works; its type from the words of the text.",
        "- Cites: Celebrity Storm; New York Post; Variety; The Hollywood Reporter – stated by the source.",
        "- Rights holder: Lionsgate – stated by the source.",
        "- Credit line: Courtesy of Lionsgate – stated by the source; it names no image in particular.",
        "Readers see this line under it: — By Celebrity Storm · First published by Celebrity Storm "
        "(https://celebrity-storm.example/) · Licence of the text: unspecified (Creative Commons) · "
        "Credit: Courtesy of Lionsgate · Read the review (http://reviews.example/reviews/",
    ):
        assert sentence in text
    assert "Lionsgate, stands in" not in text


def test_an_editor_learns_what_to_ask_the_partner_for(seed: Callable[..., Result]) -> None:
    text = said(seed("explain", key_of(seed)))
    missing = text.partition("What is missing, and what to ask for")[2]

    for sentence in (
        "- The critic: nobody is named, so Celebrity Storm stands in. Please sign each text with a line at its end, "
        "“By: NAME”;",
        "- The original's address: readers are sent to the review's page here instead. Please give the original's "
        "address in a line at the end, “Link: https://…”;",
        "- The date: the time of the file, 2025-06-07, is used, and marked as inferred. Please date each text with a "
        "line at its end, “Published: 2026-05-31”;",
        "- The licence: one is named, but not which. Please name the licence, with its version, in a line at the end, "
        "“Licence: CC BY 4.0”;",
        "- The rights statement: there is none. Please state whose the text is in a line at the end, "
        "“Rights: © 2026 NAME”;",
    ):
        assert sentence in missing
    assert missing.count("Please") == 5


def test_programs_learn_the_same_as_json(seed: Callable[..., Result]) -> None:
    key = key_of(seed)
    [found] = json.loads(seed("explain", "--json", key).stdout)

    assert (found["key"], found["source"]) == (key, "partner")
    [feed] = found["feeds"]
    assert (feed["feed"], feed["show"], feed["listed"], feed["commercial"]) == ("reviews", "excerpt", True, True)
    assert [request["mark"] for request in found["missing"]] == ["critic", "permalink", "date", "licence", "rights"]
    facts = {fact["label"]: (fact["value"], fact["whence"]) for fact in found["attribution"]}
    assert facts["Rights holder"] == ("Lionsgate", "stated by the source")
    assert found["credit_line"].startswith("— By Celebrity Storm · First published by Celebrity Storm")


# ---------------------------------------------------------------------------------------------------- naming the review

TEXT = "Salt\n\nSalt, slowly, over a long road.\n\nBy: Ines Okafor\nLink: https://salt.example/1\n"
CONFIG = """
[service]
base_url = "http://reviews.example"
[[sources]]
name = "salt"
kind = "folder"
location = "salt"
outlet = { name = "Salt Weekly" }
[[sources]]
name = "wire"
kind = "feed"
location = "wire.rss"
[[feeds]]
name = "salt"
title = "Salt"
sources = ["salt"]
items = 1
"""
WIRE = """<rss version="2.0"><channel><title>Wire</title><link>https://wire.example/</link><item>
<guid isPermaLink="false">tag:wire.example,2026:100%25_7</guid><title>Wired</title><link>https://salt.example/1</link>
</item></channel></rss>"""


@pytest.fixture
def feedsvc(tmp_path: Path) -> Callable[..., Result]:
    """One text, and a wire that carries a review under the same address."""
    (tmp_path / "salt").mkdir()
    (tmp_path / "salt/one.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "wire.rss").write_text(WIRE, encoding="utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    invoke = command(tmp_path)
    assert invoke("collect").exit_code == 0
    return invoke


def test_an_editor_learns_from_which_line_a_critic_was_taken(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    text = "<p>By Ines Okafor</p><p>Salt, slowly, over a long road.</p>"
    signed = WIRE.replace("</item>", f"<description><![CDATA[{text}]]></description></item>")
    (tmp_path / "wire.rss").write_text(signed, encoding="utf-8")
    feedsvc("collect")
    told = said(feedsvc("explain", "tag:wire.example,2026:100%25_7"))

    assert "A review by Ines Okafor, first published by Wire;" in told
    assert "- Critic: Ines Okafor – inferred from the line “By Ines Okafor” at the beginning of the text." in told
    assert "- The critic: no field names one, so Ines Okafor is taken from the line “By Ines Okafor”" in told


def test_a_review_is_named_by_key_id_page_or_address(feedsvc: Callable[..., Result]) -> None:
    """An address that two sources carry names both; a slash at the end and a fragment are all one."""
    [wired] = json.loads(feedsvc("explain", "--json", "tag:wire.example,2026:100%25_7").stdout)
    assert wired["title"] == "Wired"
    for word in (wired["key"], wired["page"], f"{wired['page']}/", wired["id"], f" {wired['key']} "):
        assert [one["key"] for one in json.loads(feedsvc("explain", "--json", word).stdout)] == [wired["key"]]
    for word in ("https://salt.example/1", "https://salt.example/1/", "https://salt.example/1#top"):
        found = json.loads(feedsvc("explain", "--json", word).stdout)
        assert {one["title"] for one in found} == {"Salt", "Wired"}


@pytest.mark.parametrize(
    "word",
    ["nothing", "tag:wire.example,2026:100_25_7", "https://salt.example/", "%", "", "x" * 5000, "\udcff", "a\x00b"],
)
def test_what_is_no_review_is_said_to_be_none(feedsvc: Callable[..., Result], word: str) -> None:
    """A pattern is no wildcard; whatever somebody types gets an answer."""
    result = feedsvc("explain", word)

    assert result.exit_code == 2
    assert "no review is stored under" in result.stderr
    assert "feedsvc show LOCATION" in result.stderr


def test_a_file_is_shown_not_explained(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    path = str(tmp_path / "salt/one.txt")
    result = feedsvc("explain", path)

    assert result.exit_code == 2
    assert f"`feedsvc show {path}`" in result.stderr


def test_a_review_in_no_feed_says_so(feedsvc: Callable[..., Result]) -> None:
    assert "Nothing in any feed: none takes in the source “wire”." in said(
        feedsvc("explain", "tag:wire.example,2026:100%25_7")
    )


def test_a_review_that_newer_ones_pushed_out_is_not_there_at_present(
    tmp_path: Path, feedsvc: Callable[..., Result]
) -> None:
    old = TEXT.replace("/1", "/0").replace("Salt\n", "Old salt\n") + "Published: 2020-01-01\n"
    (tmp_path / "salt/old.txt").write_text(old, encoding="utf-8")
    feedsvc("collect")

    assert "It is not there at present" in said(feedsvc("explain", "https://salt.example/0"))


def test_of_a_withdrawn_review_nothing_is_told_but_that(feedsvc: Callable[..., Result]) -> None:
    feedsvc("withdraw", "tag:wire.example,2026:100%25_7", "--reason", "asked", "--requested-by", "its owner")
    result = feedsvc("explain", "tag:wire.example,2026:100%25_7")

    assert result.exit_code == 2
    assert "was withdrawn" in result.stderr
    assert "Wired" not in result.output


# ------------------------------------------------------------------------------------------------ terms, in plain words


def licensed(code: str) -> Licence:
    """A Creative Commons licence, version 4.0, written by hand."""
    return Licence(
        state=LicenceState.IDENTIFIED,
        name=f"CC {code.upper()} 4.0",
        url=f"https://creativecommons.org/licenses/{code}/4.0/",
        spdx=f"CC-{code.upper()}-4.0",
    )


def told(review: Review, *feeds: Feed, source: Source | None = None) -> str:
    """All that is said of the licence."""
    return " ".join(explain(review, feeds, frozenset(), site=SITE, source=source).licence)


def test_each_condition_of_a_licence_is_explained_and_no_other() -> None:
    names = "It asks that critic, outlet and licence are named; every item and page here does so."
    commercial = "It forbids commercial use: only feeds with commercial = false may carry the full text."
    changes = "It forbids changes: the text appears whole or not at all, never as an excerpt."
    alike = "Copies stay under the same licence, and each item says so."
    expected = {
        "by": {names},
        "by-sa": {names, alike},
        "by-nc": {names, commercial},
        "by-nd": {names, changes},
        "by-nc-sa": {names, commercial, alike},
        "by-nc-nd": {names, commercial, changes},
    }
    for code, sentences in expected.items():
        text = told(replace(FULL, licence=licensed(code)), COMMERCIAL)
        assert {one for one in (names, commercial, changes, alike) if one in text} == sentences, code


def test_it_says_where_the_licence_stands() -> None:
    stated = replace(FULL, licence=replace(CC_BY, found_in="the item's rights statement"))
    assert "licenses/by/4.0/). It stands in the item's rights statement. It asks" in told(stated, COMMERCIAL)


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        (
            Provenance.STATED,
            "The review itself puts the text under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).",
        ),
        (Provenance.INHERITED, "Its feed, speaking of everything in it, puts the text under CC BY 4.0"),
        (Provenance.CONFIGURED, "Your configuration of the source “night-lantern” puts the text under CC BY 4.0"),
    ],
)
def test_it_says_who_stated_the_licence(where: Provenance, sentence: str) -> None:
    assert sentence in told(replace(FULL, licence=CC_BY, provenance={"licence": where}), COMMERCIAL)


def test_a_contract_is_named_as_what_decides() -> None:
    text = told(replace(BARE, republish=Republish.FULL), COMMERCIAL)

    assert "No licence is stated: not by the review, not for its source as a whole, not in your configuration." in text
    assert (
        'Your contract for the source “celebrity-storm” decides (republish = "full"), whatever the licence says.'
        in text
    )


def test_an_opt_out_goes_before_the_licence_but_not_before_a_contract() -> None:
    refusing = replace(FULL, licence=CC_BY, opt_out=OptOut(statement="no syndication", commercial_only=True))
    agreed = replace(refusing, republish=Republish.FULL)

    assert (
        "But Night Lantern asks not to be republished in feeds that earn something (“no syndication”), and without a "
        'contract for the source “night-lantern” (republish = "auto") that goes before any licence.'
    ) in told(refusing, COMMERCIAL)
    assert "asks not to be republished" not in told(agreed, COMMERCIAL)


def test_the_same_review_differs_by_feed() -> None:
    """NC: whole where nothing is earned, an excerpt elsewhere, each with its reason; NC-ND: no excerpt at all."""
    shown = explain(
        replace(FULL, licence=licensed("by-nc")), [COMMERCIAL, FREE], frozenset({"open"}), site=SITE, source=None
    )
    bare = explain(replace(FULL, licence=licensed("by-nc-nd")), [COMMERCIAL], frozenset(), site=SITE, source=None)

    assert [(one.feed, one.show, one.listed) for one in shown.feeds] == [
        ("all", "excerpt", False),
        ("open", "full", True),
    ]
    assert shown.feeds[0].why == "CC BY-NC 4.0 forbids commercial use, and this feed is commercial."
    assert shown.feeds[1].what == "The full text."
    assert bare.feeds[0].what == (
        "Title, attribution and a link to the original; none of the text. Its rating and verdict are left out."
    )


def standing(image: Image, feed: Feed, **changes: object) -> ImageStanding:
    """What becomes of one image of a review under CC BY in a feed."""
    review = replace(FULL, licence=CC_BY, images=(image,), **changes)  # type: ignore[arg-type]
    [one] = explain(review, [feed], frozenset(), site=SITE, source=None).feeds[0].images
    return one


@pytest.mark.parametrize(
    ("image", "changes", "expected"),
    [
        ({"licence": CC_BY}, {}, ("shown", "its own licence, CC BY 4.0, allows it")),
        (
            {"licence": licensed("by-nc")},
            {},
            ("linked", "its licence, CC BY-NC 4.0, forbids commercial use, and this feed is commercial"),
        ),
        ({}, {}, ("linked", "no licence is stated for it, and CC BY 4.0 speaks of the text")),
        ({"rights": "© Pia Noor"}, {}, ("linked", "it states rights of its own (© Pia Noor) and no licence")),
        (
            {"licence": Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")},
            {},
            ("linked", "a licence is named for it (Creative Commons), but not which"),
        ),
        (
            {},
            {"republish": Republish.FULL},
            ("shown", "you agreed with the outlet on full texts, and it claims no rights of its own"),
        ),
        (
            {"licence": CC_BY},
            {"republish": Republish.LINK},
            ("left out", "this feed may carry title, attribution and link alone"),
        ),
    ],
)
def test_each_image_is_judged_by_itself(
    image: dict[str, object], changes: dict[str, object], expected: tuple[str, str]
) -> None:
    found = standing(Image(url="https://o.example/i.jpg", **image), COMMERCIAL, **changes)  # type: ignore[arg-type]

    assert (found.standing, found.why) == expected


def test_an_nc_image_is_shown_where_nothing_is_earned() -> None:
    assert standing(Image(url="https://o.example/i.jpg", licence=licensed("by-nc")), FREE).standing == "shown"


def test_a_review_that_lacks_nothing_asks_for_nothing() -> None:
    whole = replace(FULL, images=FULL.images[:1])
    assert explain(whole, [], frozenset(), site=SITE, source=None).missing == ()


def test_a_partner_is_asked_in_the_terms_of_its_own_form() -> None:
    """A drop folder is told of trailer lines, a feed of elements."""
    folder = Source(name="celebrity-storm", kind="folder", location="/srv/in")
    texts = explain(BARE, [], frozenset(), site=SITE, source=folder).missing
    feeds = explain(BARE, [], frozenset(), site=SITE, source=replace(folder, kind="feed")).missing

    assert "“By: NAME”" in texts[0].ask
    assert "<dc:creator>" in feeds[0].ask
