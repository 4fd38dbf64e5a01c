"""Markdown reviews: front matter, which line is the headline, trailers in Markdown dress, what stays in the text."""

from __future__ import annotations

import pytest

from feedsvc.model import Citation, Fetched, Item, LicenceClaim, Parsed, Person, RatingClaim, Text
from feedsvc.parsers.document import read_document


def parsed(text: str) -> Parsed:
    return read_document(Fetched(url="file:///drop/a.md", path="a.md", body=text.encode()))


def read(text: str) -> Item:
    (item,) = parsed(text).items
    return item


def html(item: Item) -> str:
    assert item.content is not None
    return item.content.value


@pytest.mark.parametrize(
    "text, title, content",
    [
        ("# Nine *Lamps* &amp; “one” `match`\n\nDark.", "Nine Lamps & “one” match", "<p>Dark.</p>"),
        ("Nine Lamps\n==========\nDark.", "Nine Lamps", "<p>Dark.</p>"),
        ("## Nine Lamps\n\nDark.", "Nine Lamps", "<p>Dark.</p>"),
        ("Nine Lamps\n\nDark.", "Nine Lamps", "<p>Dark.</p>"),
        ("Nine **Lamps**\nDark.", "Nine Lamps", "<p>Dark.</p>"),
        (
            "![A lamp](l.png)\n\n# Nine Lamps\n\nDark.",
            "Nine Lamps",
            '<p><img src="l.png" alt="A lamp" /></p>\n<p>Dark.</p>',
        ),
        ("On stage.\n\n# Nine Lamps\n\nDark.", "Nine Lamps", "<p>On stage.</p>\n<p>Dark.</p>"),
        ("Nine Lamps\n\nDark.\n\n## Coda\n\nOut.", "Nine Lamps", "<p>Dark.</p>\n<h2>Coda</h2>\n<p>Out.</p>"),
        ("> Nine Lamps\n\nDark.", "Nine Lamps", "<blockquote>\n<p>Nine Lamps</p>\n</blockquote>\n<p>Dark.</p>"),
        ("```\n# no heading\n```", "# no heading", "<pre><code># no heading\n</code></pre>"),
        ("---\ntitle: Ten Lamps\n---\n# Nine Lamps\n", "Ten Lamps", "<h1>Nine Lamps</h1>"),
        ("---\ntitle: Nine Lamps\n---\n# Nine Lamps\nDark.", "Nine Lamps", "<p>Dark.</p>"),
    ],
)
def test_the_headline_is_found_and_leaves_the_text(text: str, title: str, content: str) -> None:
    """A heading that opens the text, an h1 anywhere, or the first line; what opens otherwise keeps its words."""
    item = read(text)
    assert item.title == Text(value=title)
    assert html(item) == content


@pytest.mark.parametrize(
    "line",
    [
        "Score: 7/10",
        "- Score: 7/10",
        "**Score:** 7/10",
        "**Score**: 7/10",
        "*Score: 7/10*",
        "* __Score:__ 7/10",
        "Score: 7/10  ",
        "Score: 7/10\\",
    ],
)
def test_a_trailer_may_wear_markdown(line: str) -> None:
    item = read(f"# Nine Lamps\n\nDark.\n\n---\n\n{line}\nSources: *Variety*\n")
    assert item.rating == RatingClaim(text="7/10", value="7", best="10")
    assert item.cited == (Citation(name="Variety"),)
    assert html(item) == "<p>Dark.</p>"


def test_a_byline_may_wear_markdown() -> None:
    item = read("# Nine Lamps\n\n*By Jane Doe, 12 March 2026*\n\nDark.")
    assert (item.authors, item.published) == ((Person(name="Jane Doe"),), "12 March 2026")
    assert html(item) == "<p>Dark.</p>"


def test_an_address_with_underscores_is_not_taken_for_emphasis() -> None:
    item = read("# T\n\nDark.\n\n**Link:** https://x.example/a_b_c\n")
    assert [link.href for link in item.links] == ["https://x.example/a_b_c"]


def test_a_list_in_the_text_keeps_its_marks_though_it_reads_like_trailers() -> None:
    item = read("# T\n\nLit.\n\n- Source: a rumour\n- Rating: high\n\nDark.")
    assert html(item) == "<p>Lit.</p>\n<ul>\n<li>Source: a rumour</li>\n<li>Rating: high</li>\n</ul>\n<p>Dark.</p>"
    assert (item.cited, item.rating) == ((), None)


def test_sources_may_be_a_list_under_their_label() -> None:
    item = read("# T\n\nDark.\n\n**Sources:**\n\n- Not this\n")
    assert item.cited == ()
    item = read("# T\n\nDark.\n\n**Sources:**\n- Variety\n- [Coast Weekly](https://c.example/)\n")
    assert item.cited == (Citation(name="Variety"), Citation(name="Coast Weekly", url="https://c.example/"))


def test_front_matter_speaks_first_and_a_repeated_trailer_stays_in_the_text() -> None:
    item = read("---\nrating: 7/10\nlicense: 'CC BY 4.0'\n---\n# T\n\nDark.\n\nRating: 2/10\n")
    assert item.rating == RatingClaim(text="7/10", value="7", best="10")
    assert item.licences == (LicenceClaim(text="CC BY 4.0"),)
    assert html(item) == "<p>Dark.</p>\n<p>Rating: 2/10</p>"


def test_what_front_matter_says_beyond_us_is_reported() -> None:
    document = parsed("---\nlayout: post\nurl: see below\nauthors:\n  - Jane Doe\n  - John Roe\n---\n# T\n\nDark.")
    assert document.items[0].authors == (Person(name="Jane Doe"), Person(name="John Roe"))
    assert document.problems == (
        "front matter not understood: layout: post",
        "front matter not understood: url: see below",
    )


def test_two_rules_around_prose_are_no_front_matter() -> None:
    item = read("---\nIt was dark.\n---\n\nAnd cold.")
    assert item.title == Text(value="It was dark.")
    assert "And cold." in html(item)


def test_tables_and_html_inside_markdown_are_kept_for_the_sanitiser() -> None:
    item = read("# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nIt is <mark>dark</mark>.")
    assert "<td>1</td>" in html(item)
    assert html(item).endswith("<p>It is <mark>dark</mark>.</p>")
