"""Bytes and their labels: the right text comes out or a clear error, and no control character in any value."""

from __future__ import annotations

import codecs

import pytest

from feedsvc.errors import NotAFeed
from feedsvc.model import Fetched, Parsed, Person
from feedsvc.parsers.feed import read_feed

WORDS = "Crème brûlée – “sœur” €5"


def feed(title: str = WORDS, declared: str | None = None) -> str:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{declaration}<rss><channel><item><title>{title}</title></item></channel></rss>"


def read(body: bytes, charset: str | None = None) -> Parsed:
    return read_feed(Fetched(url="https://o.example/", body=body, charset=charset))


def title(parsed: Parsed) -> str:
    value = parsed.items[0].title
    return value.value if value else ""


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        pytest.param(feed().encode(), None, id="nothing said, UTF-8"),
        pytest.param(codecs.BOM_UTF8 + feed().encode(), None, id="UTF-8 with mark"),
        pytest.param(codecs.BOM_UTF8 + feed(declared="iso-8859-1").encode(), "iso-8859-1", id="mark beats all labels"),
        pytest.param(codecs.BOM_UTF16_LE + feed(declared="utf-16").encode("utf-16-le"), None, id="UTF-16 little"),
        pytest.param(codecs.BOM_UTF16_BE + feed(declared="utf-16").encode("utf-16-be"), None, id="UTF-16 big"),
        pytest.param(feed(declared="utf-16").encode("utf-16-le"), None, id="UTF-16 without mark"),
        pytest.param(feed().encode("utf-16-be"), "utf-8", id="UTF-16 without mark, labelled UTF-8"),
        pytest.param(codecs.BOM_UTF32_LE + feed().encode("utf-32-le"), None, id="UTF-32 little"),
        pytest.param(feed().encode("utf-32-be"), None, id="UTF-32 without mark"),
        pytest.param(feed(declared="windows-1252").encode("cp1252"), None, id="the declaration's charset"),
        pytest.param(feed(declared="utf-8").encode("cp1252"), "windows-1252", id="the header beats the declaration"),
        pytest.param(feed(declared="windows-1251").encode(), "utf-8", id="the header beats it the other way"),
        pytest.param(feed(declared="iso-8859-1").encode("cp1252"), None, id="ISO 8859-1 means windows-1252"),
    ],
)
def test_text_in_any_encoding_is_read(body: bytes, charset: str | None) -> None:
    """RFC 7303, 3.2; XML 1.0, appendix F; Encoding Standard, 4.2."""
    parsed = read(body, charset)
    assert (title(parsed), parsed.problems) == (WORDS, ())


@pytest.mark.parametrize(
    ("body", "charset", "problem"),
    [
        pytest.param(
            feed(declared="utf-8").encode("cp1252"),
            None,
            "Bytes that are no UTF-8 were read as windows-1252.",
            id="labelled UTF-8, is windows-1252",
        ),
        pytest.param(
            feed().encode("cp1252"), None, "Bytes that are no UTF-8 were read as windows-1252.", id="unlabelled"
        ),
        pytest.param(
            feed(declared="utf-8").encode(),
            "iso-8859-1",
            "The text is labelled iso-8859-1, but its bytes are UTF-8.",
            id="a server's default against UTF-8",
        ),
        pytest.param(
            feed(declared="iso-8859-1").encode(),
            None,
            "The text is labelled iso-8859-1, but its bytes are UTF-8.",
            id="a wrong declaration on UTF-8",
        ),
        pytest.param(
            feed(declared="utf-8").encode().decode("cp1252", "replace").replace("\ufffd", "\x9d").encode(),
            None,
            "The text was encoded twice, and was decoded twice.",
            id="encoded twice",
        ),
        pytest.param(
            feed(declared="shift_jis").encode(),
            None,
            "The text is labelled shift_jis, but its bytes are not.",
            id="labelled Shift JIS, is UTF-8",
        ),
    ],
)
def test_a_wrong_label_is_found_out_and_said(body: bytes, charset: str | None, problem: str) -> None:
    parsed = read(body, charset)
    assert title(parsed) == WORDS
    assert problem in parsed.problems


@pytest.mark.parametrize("label", ["utf-7", "rot13", "unicode_escape", "zlib", "no-such-thing", "utf-16", "idna"])
def test_a_label_that_is_no_charset_is_passed_over(label: str) -> None:
    """UTF-7 above all: markup in it would pass every check that looks for "<"."""
    parsed = read(feed("+ADw-script+AD4- \\u003c", declared=label).encode(), label)
    assert title(parsed) == "+ADw-script+AD4- \\u003c"


def test_utf8_with_one_stray_byte_keeps_the_rest() -> None:
    parsed = read(feed("né \u2013 caf?").encode().replace(b"?", b"\xe9"))
    assert title(parsed) == "né \u2013 café"


def test_right_text_that_looks_a_little_like_damage_is_left_alone() -> None:
    """«CAFÉ» holds the two characters that UTF-8 would make of one."""
    assert title(read(feed("«CAFÉ» Â").encode())) == "«CAFÉ» Â"


def test_control_characters_never_reach_a_value() -> None:
    parsed = read(feed("o\x00n\x0be\x1f&#0;&#x1;&#31;&#xFFFE;&#55296; \ufffe").encode())
    assert title(parsed) == "one"
    assert "Characters that XML forbids were taken out." in parsed.problems


def test_control_characters_and_lone_surrogates_never_leave_a_json_feed() -> None:
    text = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"a\\u0000b\\u000bc\\ud800d"}]}'
    assert title(read(text.encode())) == "abcd"


def test_windows_1252_numbers_mean_what_browsers_take_them_for() -> None:
    assert title(read(feed("it&#146;s &#x93;it&#148;").encode())) == "it’s “it”"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a & b", "a & b"),
        ("a &amp; b", "a & b"),
        ("R&D; A&nbsp;B&hellip;", "R&D; A\u00a0B…"),
        ("&eacute;&lt;&#233;", "é<é"),
        ("&unknown; &;", "&unknown; &;"),
        ("<![CDATA[a & b &nbsp;]]> & c", "a & b &nbsp; & c"),
    ],
)
def test_ampersands_and_entities_of_html_are_read_as_meant(written: str, meant: str) -> None:
    assert title(read(feed(written).encode())) == meant


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        ("\n\n ", "White space stands before the XML declaration."),
        ("Warning: cannot modify header\n", "Text before the document was skipped."),
        ("<br />\n<b>Warning</b>: cannot modify header<br />\n", "Text before the document was skipped."),
    ],
)
def test_junk_before_the_document_is_skipped_and_said(before: str, problem: str) -> None:
    parsed = read((before + feed(declared="utf-8")).encode())
    assert (title(parsed), parsed.problems) == (WORDS, (problem,))


def test_junk_after_the_document_is_skipped_and_said() -> None:
    parsed = read((feed() + "<script>track()</script>").encode())
    assert (title(parsed), parsed.problems) == (WORDS, ("Text after the document was skipped.",))


def test_a_comment_and_a_stylesheet_before_the_root_are_nothing_to_say() -> None:
    text = '<?xml version="1.0"?>\n<?xml-stylesheet href="a.xsl"?>\n<!-- <rss> -->\n' + feed()
    parsed = read(text.encode())
    assert (title(parsed), parsed.problems) == (WORDS, ())


@pytest.mark.parametrize("cut", ["</title></item>", "title>", "<item>", "&am", "<![CDATA[ten", "<!-- and", "</channel"])
def test_a_document_that_is_cut_off_keeps_the_whole_items(cut: str) -> None:
    text = (
        "<rss><channel><title>T</title><item><title>one</title></item><item><title>two</title></item>"
        "<item><title>thr" + cut
    )
    if cut == "</channel":
        text = text.removesuffix("<item><title>thr</channel") + cut
    whole = 3 if cut == "</title></item>" else 2
    parsed = read(text.encode())
    assert [item.title.value for item in parsed.items if item.title] == ["one", "two", "thr"][:whole]
    assert parsed.problems[-1] == "The document is cut off: only the items before the cut were read."


def test_a_json_feed_that_is_cut_off_keeps_the_whole_items() -> None:
    text = '{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1"},{"id":"2"},{"id":"3'
    parsed = read(text.encode())
    assert [item.guid for item in parsed.items] == ["1", "2"]
    assert parsed.problems == ("The document is cut off: only the items before the cut were read.",)


def test_a_feed_that_is_not_well_formed_is_read_leniently_and_says_where() -> None:
    parsed = read(
        b"<rss><channel><title>T</title><item><title>one</title><description><b>x</i></description></item>"
        b"<item><title>two</title></item></channel></rss>"
    )
    assert (parsed.reader, [item.title.value for item in parsed.items if item.title]) == ("feedparser", ["one", "two"])
    assert "not well-formed (Opening and ending tag mismatch: b line 1 and i" in parsed.problems[0]


def test_an_atom_person_never_brings_an_e_mail_address() -> None:
    entry = "<entry><author><name>Ada</name><email>ada@o.example</email></author></entry>"
    for end in ("</feed>", "<b></feed>"):
        parsed = read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entry}{end}'.encode())
        assert parsed.items[0].authors == (Person(name="Ada"),)


def test_text_that_is_all_nul_is_an_empty_body() -> None:
    with pytest.raises(NotAFeed) as caught:
        read(b"\0" * 100)
    assert caught.value.found == "an empty body"
