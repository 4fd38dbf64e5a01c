"""HTML that sources send, and what may be shown of it; the same as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Prose, Text
from feedsvc.normalise.html import plain, prose, sanitise

BASE = "https://outlet.example/reviews/salt/"
REL = 'rel="noopener nofollow ugc"'
LAZY = 'loading="lazy" referrerpolicy="no-referrer"'

CLEANED = [
    # what runs, and what styles
    ("<p onclick='x()'>a</p>", "<p>a</p>"),
    ("a<script>x()</script>b", "ab"),
    ("a<style>p{}</style><noscript>n</noscript><iframe src=x>i</iframe>b", "ab"),
    ("a<svg><script>x</script><text>t</text></svg><math><mi>m</mi></math>b", "ab"),
    ("a<template><p>t</p></template><object>o</object><video>v</video>b", "ab"),
    ("<!-- c --><p>a</p>", "<p>a</p>"),
    ("<!--><p>a</p><!-- c -->", "<p>a</p>"),
    ('<p class="x" id="y" style="color:red" data-z="1">a</p>', "<p>a</p>"),
    ('<img src="/a.png" srcset="/b.png 2x" onerror="x()">', f'<img {LAZY} src="https://outlet.example/a.png">'),
    ('<a href="javascript:x()">a</a>', f"<a {REL}>a</a>"),
    ('<a href="java\nscript:x()">a</a>', f"<a {REL}>a</a>"),
    ('<a href=" &#1;javascript:x()">a</a>', f"<a {REL}>a</a>"),
    ('<a href="data:text/html,x">a</a><a href="vbscript:x">b</a>', f"<a {REL}>a</a><a {REL}>b</a>"),
    ('<img src="data:image/png;base64,AAAA">', ""),
    # addresses
    ('<a href="../oil">a</a>', f'<a href="https://outlet.example/reviews/oil" {REL}>a</a>'),
    ('<a href="/x y">a</a>', f'<a href="https://outlet.example/x%20y" {REL}>a</a>'),
    ('<a href="//cdn.example/x">a</a>', f'<a href="https://cdn.example/x" {REL}>a</a>'),
    ('<a href="?p=2">a</a>', f'<a href="https://outlet.example/reviews/salt/?p=2" {REL}>a</a>'),
    ('<a href="#note">1</a>', f'<a href="https://outlet.example/reviews/salt/#note" {REL}>1</a>'),
    ('<a href="mailto:desk@outlet.example">a</a>', f'<a href="mailto:desk@outlet.example" {REL}>a</a>'),
    ('<a rel="tag" target="_blank" href="http://a.example/">a</a>', f'<a href="http://a.example/" {REL}>a</a>'),
    ('<blockquote cite="/q">a</blockquote>', '<blockquote cite="https://outlet.example/q">a</blockquote>'),
    ('<blockquote cite="mailto:a@b.example">a</blockquote>', "<blockquote>a</blockquote>"),
    # images and figures
    (
        '<img src="a.png" alt="A &quot;road&quot; <b>">',
        f'<img alt="A &quot;road&quot; &lt;b&gt;" {LAZY} src="https://outlet.example/reviews/salt/a.png">',
    ),
    ('<img src="/a.png" width="300px" height="50%">', f'<img {LAZY} src="https://outlet.example/a.png" width="300">'),
    ('a<img src="http://stats.example/p.gif" width="1" height="1">', "a"),
    ('a<img src="http://stats.example/p.gif" width=0>', "a"),
    ("a<img alt='no address'>", "a"),
    # structure
    ("<p>a<p>b", "<p>a</p><p>b</p>"),
    ("<td colspan='2x'>a</td>", "a"),
    ("<table><tr><td colspan=2 rowspan=x>a</table>", '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'),
    ("<ol start=3 type=A reversed><li value=4>a</ol>", '<ol reversed="" start="3" type="A"><li value="4">a</li></ol>'),
    ("<ol type='disc'><li>a</ol>", "<ol><li>a</li></ol>"),
    ('<time datetime="2026-05-03">May</time>', '<time datetime="2026-05-03">May</time>'),
    ('<p dir="RTL" lang="he">a</p>', '<p dir="rtl" lang="he">a</p>'),
    ('<p dir="up" lang="&quot;">a</p>', "<p>a</p>"),
    ("By<header>a</header><main>b</main>", "By<div>a</div><div>b</div>"),
    ("<form>a<input><button>go</button></form>b", "<div>a</div>b"),
    ("<unknown-tag>a</unknown-tag>", "a"),
    ("<html><head><title>t</title></head><body><p>a</p></body></html>", "<div><div><p>a</p></div></div>"),
    ("<pre>\n\n  a\n</pre>", "<pre>\n\n  a\n</pre>"),
    ("a &lt;b&gt; &amp;amp; &nbsp;c", "a &lt;b&gt; &amp;amp; &nbsp;c"),
    ("a&#11;b&#xFFFE;c\x00d", "abcd"),
    # links with nothing to press
    ("<p>a <a href='/x'> <i></i> </a> b</p>", "<p>a  <i></i>  b</p>"),
    ("<h1>a<a href='/x'><h1>", "<h1>a</h1><h1></h1>"),
    ("<a href='/x'><table><td><a href='/y'></a></table></a>b", "<table><tbody><tr><td></td></tr></tbody></table>b"),
]


@pytest.mark.parametrize("given_html, expected", CLEANED)
def test_html_comes_out_as_what_may_be_shown(given_html: str, expected: str) -> None:
    assert sanitise(given_html, BASE) == expected


@pytest.mark.parametrize("given_html, expected", CLEANED)
def test_sanitising_what_was_sanitised_changes_nothing(given_html: str, expected: str) -> None:
    assert sanitise(expected, "https://another.example/") == expected


@pytest.mark.parametrize("base", [None, "file:///srv/incoming/a.html", "urn:x", "not an address"])
def test_without_a_base_on_the_web_relative_addresses_are_dropped_and_the_words_stay(base: str | None) -> None:
    assert sanitise('<a href="/x">a</a><img src="b.png">', base) == f"<a {REL}>a</a>"
    assert sanitise('<a href="//cdn.example/x">a</a>', base) == f'<a href="https://cdn.example/x" {REL}>a</a>'


def test_the_values_own_base_goes_before_the_items() -> None:
    text = Text(value='<a href="x">a</a>', type="html", base="https://base.example/deep/")
    relative = Text(value='<a href="x">a</a>', type="html", base="/blog/")
    assert prose(text, BASE) == Prose(html=f'<a href="https://base.example/deep/x" {REL}>a</a>', text="a")
    assert prose(relative, BASE) == Prose(html=f'<a href="https://outlet.example/blog/x" {REL}>a</a>', text="a")


@pytest.mark.parametrize(
    "one, other",
    [
        ("<p>a<br/>b</p>", "<p>a<br>b</p>"),
        ("<P CLASS='x'>a</P>", '<p class="x">a</p>'),
        ("<img alt='x' src='/a.png'/>", '<img src="/a.png" alt="x">'),
        ("caf&eacute; &#8212; &quot;x&quot;", 'café — "x"'),
        ("a\r\nb", "a\nb"),
    ],
)
def test_how_a_reader_serialised_a_value_makes_no_difference(one: str, other: str) -> None:
    assert sanitise(f"<div>{one}</div>", BASE) == sanitise(f"<div>{other}</div>", BASE)


TEXTS = [
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("<p>a<br>b</p>", "a\nb"),
    ("wor<b>ld</b> <i>is</i> one", "world is one"),
    ("<div>a</div>b<h2>c</h2>d", "a\n\nb\n\nc\n\nd"),
    ("a<header>b</header><main>c</main>", "a\n\nb\n\nc"),
    ("<ul><li>a</li><li><p>b</p></li></ul>c", "- a\n- b\n\nc"),
    ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
    ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
    ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
    ("<p>a &amp; b&nbsp;c &lt;d&gt;</p>", "a & b\u00a0c <d>"),
    ("<p>  a\n  b  </p>", "a b"),
    ("<pre>a\n  b</pre>", "a\n  b"),
    ("<q>a</q>", "“a”"),
    ("<p>a</p><hr><p>b</p>", "a\n\nb"),
    ("<blockquote><p>a</p></blockquote>b", "a\n\nb"),
    ("<p>a</p>\n\n<p></p><p> </p><p>b</p>", "a\n\nb"),
    ("a <script>x</script>b", "a b"),
]


@pytest.mark.parametrize("html, text", TEXTS)
def test_plain_text_reads_as_the_page_would(html: str, text: str) -> None:
    result = prose(Text(value=html, type="html"))
    assert result is not None
    assert result.text == text


def test_plain_text_becomes_paragraphs_and_nothing_in_it_is_markup() -> None:
    result = prose(Text(value="It <b>folds</b> & sinks.\r\nSoon.\n\n\nThen & there.\x0b"))
    assert result == Prose(
        html="<p>It &lt;b&gt;folds&lt;/b&gt; &amp; sinks.<br>Soon.</p><p>Then &amp; there.</p>",
        text="It <b>folds</b> & sinks.\nSoon.\n\nThen & there.",
    )


def test_markup_is_looked_for_only_where_the_format_does_not_say() -> None:
    assert plain(Text(value="Salt &amp; <i>Sea</i>", type="unsure")) == "Salt & Sea"
    assert plain(Text(value="Salt & Sea, 3 < 4", type="unsure")) == "Salt & Sea, 3 < 4"
    assert plain(Text(value="<Untitled> by Lee", type="unsure")) == "<Untitled> by Lee"
    assert plain(Text(value="Salt &amp; <i>Sea</i>", type="text")) == "Salt &amp; <i>Sea</i>"
    assert plain(Text(value="Salt &amp; <i>Sea</i>", type="html")) == "Salt & Sea"


@pytest.mark.parametrize("value", ["", "  \n ", "<p> </p>", "<script>x</script>", "\x00"])
def test_a_value_without_words_or_images_is_none(value: str) -> None:
    assert prose(Text(value=value, type="html")) is None


LINE = 'By Jane Critic · First published by <a href="https://o.example/">Night Lantern</a> · <a href="https://o.example/1">Read</a>'
OURS = f'<p class="feedsvc-attribution">{LINE}</p>'


@pytest.mark.parametrize(
    "line",
    [
        OURS,
        f"<p>{LINE}</p>",
        f"<div>{LINE}</div>",
        f"<p>— {LINE}</p>",
        OURS + "\n ",
        OURS + "<p> </p>",
        OURS + OURS,
        OURS + '<img src="https://stats.example/p.gif" width="1" height="1">',
    ],
)
def test_our_own_attribution_line_is_taken_off_the_end(line: str) -> None:
    assert sanitise(f"<p>It folds.</p>{line}").replace("<p> </p>", "").strip() == "<p>It folds.</p>"
    assert sanitise(f"<div><p>It folds.</p>{line}</div>").replace("<p> </p>", "").startswith("<div><p>It folds.</p>")
    assert "First published" not in sanitise(f"<div><p>It folds.</p>{line}</div>")


@pytest.mark.parametrize(
    "html",
    [
        "<p>By the sea it was First published by nobody.</p>",
        f"<p>{LINE}</p><p>More.</p>",
        f"<div><p>{LINE}</p><p>The article.</p> tail</div>",
        f'<p>{LINE}</p><img src="https://o.example/a.png" {LAZY}>',
        "<p>A text · First published by Night Lantern · 2026</p>",
    ],
)
def test_what_is_not_our_line_at_the_end_stays(html: str) -> None:
    assert "irst published by" in sanitise(html)


def test_our_line_in_plain_text_is_taken_off_when_it_is_the_last() -> None:
    line = "— By Jane Critic · First published by Night Lantern (https://o.example/) · Read the original"
    assert prose(Text(value=f"It folds.\n\n{line}\n")) == Prose(html="<p>It folds.</p>", text="It folds.")
    assert prose(Text(value=line)) is None
    kept = prose(Text(value=f"It folds.\n{line}"))
    assert kept is not None
    assert "First published" in kept.text


HOSTILE = {
    "100,000 nested divisions": "<div>" * 100_000 + "word",
    "deep table cells in SVG": "<svg>" + "<td>" * 100_000 + "</svg>word",
    "100,000 attributes": "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">word</p>",
    "50,000 attributes with quoted angles": "<p " + " ".join(f'a{n}=">"' for n in range(50_000)) + ">word</p>",
    "half a megabyte of comment openings": "word" + "<!--" * 120_000,
    "stray end tags between divisions": "<div></p></b>" * 20_000 + "word",
    "end tags in values of attributes": '<div a="</div>">' * 60_000 + "word",
    "end tags in unquoted values": "<div a=b</div>" * 60_000 + "word",
    "end tags in scripts": "<div><script></div></script>" * 30_000 + "word",
    "end tags in titles of pictures": "<div><svg><title></div></title></svg>" * 20_000 + "word",
    "end tags in comments": "<div><!<!---->--</div>-->" * 35_000 + "word",
    "end tags that a table keeps out": "<div><table></div></table>" * 35_000 + "word",
    "end tags that a list keeps out": "<div><select></div></select>" * 30_000 + "word",
    "items in terms in items": "<li><dd>" * 120_000 + "word",
    "readings in readings": "<rt>" * 200_000 + "word",
    "100,000 attributes without a space": "<p " + "".join(f'a{n}="x"' for n in range(100_000)) + ">word</p>",
    "100,000 attributes that hold angles": "<p " + " ".join(f"a{n}=<" for n in range(100_000)) + ">word</p>",
    "formatting that every paragraph opens again": (
        "<p>" + "".join(f"<b dir={n}>" for n in range(500)) + "</p>" + "<p>x</p>" * 80_000 + "<p>word</p>"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_structure_is_read_without_structure(name: str) -> None:
    result = prose(Text(value=HOSTILE[name], type="html"))
    assert result is not None
    assert "word" in result.text
    assert "<div>" not in result.html


def test_a_value_is_read_up_to_a_megabyte() -> None:
    result = prose(Text(value="<p>" + "a " * 600_000 + "</p><p>end</p>", type="html"))
    assert result is not None
    assert 999_000 < len(result.text) <= 1_000_000


def test_ampersands_beyond_reason_are_cut() -> None:
    assert sanitise("&" * 400_000) == "&amp;" * 149_999


LONG = "<p>It <b>folds</b> early.</p>" * 300


@pytest.mark.parametrize(
    "given_html, expected",
    [
        ("<script>'<div>'</script><style>p{}</style><p>a</p>", "<p>a</p>"),
        ("<svg viewBox='0 0 1 1'><title>t</title><path d='M0'/></svg><p>a</p>", "<p>a</p>"),
        ("<svg/><p>a</p>", "<p>a</p>"),
        ("<svg width=1/><p>a</p><svg><p>b</p><math><p>c</p>", "<p>a</p><p>b</p><p>c</p>"),
        ("<!doctype html><!-- <div> --><!--><p>a</p><!-- --!><!--->", "<p>a</p>"),
        ("<![CDATA[x]]><p title='<'>3 < 4 <</p>", "<p>3 &lt; 4 &lt;</p>"),
        ('<p><a href="/x?a=1&b=2" title="</p>">a</a></p>',
         f'<p><a href="https://outlet.example/x?a=1&amp;b=2" {REL} title="&lt;/p&gt;">a</a></p>'),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("<ruby>a<rt>b</ruby><p><span>c</p>", "<ruby>a<rt>b</rt></ruby><p><span>c</span></p>"),
        ("<table><tr><td>a<td>b<tr><td>c</table>",
         "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>"),
    ],
)  # fmt: skip
def test_a_long_text_is_read_as_a_short_one(given_html: str, expected: str) -> None:
    assert sanitise(LONG + given_html, BASE) == LONG + expected


def test_depth_that_people_write_is_kept() -> None:
    nested = "<blockquote>" * 200 + "word" + "</blockquote>" * 200
    assert sanitise(nested) == nested
    paragraphs = "<p>a" * 2_000
    assert sanitise(paragraphs) == "<p>a</p>" * 2_000


_TAGS = (
    "<p> </p> <div> </div> <b> </b> <i> </i> <a> </a> <table> </table> <tr> <td> <caption> <col> <ul> <li> <dl>"
    " <dt> <pre> <h1> <script> </script> <style> <svg> </svg> <math> <mtext> <template> <noscript> <select>"
    " <textarea> <title> <plaintext> <form> <figure> <figcaption> <ruby> <rt> <font> <nobr> <center> <isindex>"
    " <br/> <!-- --> ]]> &lt; &amp; &#11; &nbsp; \x0b"
)
_PIECES = st.sampled_from(
    [
        *_TAGS.split(" "),
        *(" ", "\n", '"', "'>", "\ufffe", "text", "By A · First published by B"),
        *("<a href='/x'>", "<a href=javascript:x>", "<img src=x onerror=y>", "<img width=1 height=1 src=/p>"),
        *("<p class='feedsvc-attribution'>", "<p class=x style=y id=z>"),
        *(
            "<iframe src=//v.example/1>",
            "</iframe>",
            "<video><source src='https://v.example/2' title='<b>'>",
            "</video>",
        ),
    ]
)
_MARKUP = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map("".join))


@settings(max_examples=400, deadline=None)
@given(_MARKUP)
def test_sanitising_is_idempotent_and_nothing_alive_comes_out(markup: str) -> None:
    once = sanitise(markup, BASE)
    assert sanitise(once, BASE) == once
    lowered = once.lower()
    assert not any(char < " " and char not in "\t\n" for char in once)
    for poison in ("<script", "<style", "<svg", "<iframe", "<!--", "\ufffe"):
        assert poison not in lowered
    for attribute in (" class=", " style=", " id=", " onerror=", " onclick="):
        assert not any(attribute in tag for tag in lowered.split("<")[1:] for tag in [tag.split(">")[0]])
    assert 'href="javascript:' not in lowered


YOUTUBE = "https://www.youtube.com/embed/x1?rel=0"
PLAYERS = [
    (f'<iframe src="{YOUTUBE}"></iframe>', YOUTUBE, "www.youtube.com"),
    (f"<IFRAME width=560 title='A &quot;trailer&quot;' src={YOUTUBE}>no frames</IFRAME>", YOUTUBE, 'A "trailer"'),
    (
        '<iframe src="//player.vimeo.com/video/1?a=1&amp;b=2"></iframe>',
        "https://player.vimeo.com/video/1?a=1&amp;b=2",
        None,
    ),
    ('<video controls src="https://cdn.example/a.mp4">v</video>', "https://cdn.example/a.mp4", "cdn.example"),
    ('<audio><source type="x"><source src="https://cdn.example/a.ogg"></audio>', "https://cdn.example/a.ogg", None),
    (f'<object data="{YOUTUBE}"><p>o</p></object>', YOUTUBE, "www.youtube.com"),
    (f'<object><param name="movie" value="x"><embed src="{YOUTUBE}"></object>', YOUTUBE, "www.youtube.com"),
]


@pytest.mark.parametrize(("player", "address", "words"), PLAYERS)
def test_a_player_leaves_a_link_to_what_it_plays(player: str, address: str, words: str | None) -> None:
    """Whose film or song stood there is part of the text's credit, though it never runs here."""
    html = sanitise(f"<p>One.</p>{player}<p>Two.</p>", BASE)
    assert html.startswith("<p>One.</p>")
    assert html.endswith("<p>Two.</p>")
    assert html.count(f'<a href="{address}" {REL}>') == html.count("<a ") == 1
    assert f">{words or address.split('/')[2]}</a>" in html
    assert "<iframe" not in html.lower()


def test_a_player_is_as_little_a_part_of_the_words_as_an_image() -> None:
    """A review that begins with its trailer is not excerpted with the name of where that is."""
    found = prose(Text(value=f'<iframe src="{YOUTUBE}"></iframe><p>One.</p>', type="html"))
    assert found is not None
    assert (found.text, YOUTUBE in found.html) == ("One.", True)
    alone = prose(Text(value=f'<iframe src="{YOUTUBE}"></iframe>', type="html"))
    assert alone is not None
    assert (alone.text, YOUTUBE in alone.html) == ("", True)


@pytest.mark.parametrize(
    "player",
    [
        f'<iframe width="1" height="1" src="{YOUTUBE}"></iframe>',
        f'<iframe style="display:none" src="{YOUTUBE}"></iframe>',
        '<iframe src="javascript:x()"></iframe>',
        '<iframe src="/frame"></iframe>',
        '<iframe src="https://"></iframe>',
        '<iframe srcdoc="<p>x</p>"></iframe>',
        f"<!-- <iframe src='{YOUTUBE}'></iframe> -->",
        f"<script>write('<iframe src={YOUTUBE}></iframe>')</script>",
        "<video><p>none</p></video>",
        "<iframe></iframe>",
    ],
)
def test_what_counts_readers_or_leads_nowhere_is_no_player(player: str) -> None:
    assert sanitise(f"<p>One.</p>{player}", BASE) == "<p>One.</p>"


_LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


@settings(max_examples=150, deadline=None)
@given(st.text(_LETTERS, max_size=200))
def test_plain_text_goes_out_letter_by_letter_as_it_came(value: str) -> None:
    result = prose(Text(value=value))
    assert "".join((result.text if result else "").split()) == "".join(value.split())
