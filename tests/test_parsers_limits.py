"""The limits of `[limits]` that hold where a document is read: each is a setting, and what passes it is said."""

from __future__ import annotations

import json

import pytest

from feedsvc.errors import TooLarge
from feedsvc.model import Fetched, Limits, Parsed
from feedsvc.parsers import PARSERS

KEPT = "only the newest {} were read ([limits] max_items)."


def rss(*items: str, end: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>Harbour Gazette</title>{inside}{end}</channel></rss>'.encode()


def read(body: bytes, limits: Limits, kind: str = "feed", url: str = "https://o.example/feed") -> Parsed:
    return PARSERS[kind](Fetched(url=url, body=body, path=url.rpartition("/")[2]), limits)


def titles(parsed: Parsed) -> str:
    return " ".join(item.title.value for item in parsed.items if item.title)


def dated(title: str, day: int) -> str:
    return f"<title>{title}</title><pubDate>{day:02} May 2026 08:00:00 GMT</pubDate>"


OLD_FIRST = [dated(title, day) for day, title in enumerate("abcdef", 1)]


@pytest.mark.parametrize("end", ["", "<b>"], ids=["lxml", "feedparser"])
@pytest.mark.parametrize(
    ("items", "newest"),
    [
        pytest.param(OLD_FIRST, "d e f", id="the oldest first"),
        pytest.param(OLD_FIRST[::-1], "f e d", id="the newest first"),
        pytest.param([dated("a", 3), dated("b", 1), dated("c", 5), dated("d", 2), dated("e", 4)], "a c e", id="mixed"),
        pytest.param([f"<title>{title}</title>" for title in "abcdef"], "a b c", id="no dates"),
        pytest.param([dated(title, 1) for title in "abcdef"], "a b c", id="one date for all"),
        pytest.param([*OLD_FIRST[:5], "<title>x</title>"], "d e x", id="without a date it is as old as the one before"),
        pytest.param([dated("a", 1), "<title>x</title>", *OLD_FIRST[1:]], "d e f", id="so it goes with its neighbour"),
        pytest.param(
            [
                dated("a", 1),
                "<title>b</title><pubDate>2026-05-04T08:00:00+02:00</pubDate>",
                "<title>c</title><pubDate>Mon, 4 May 2026 07:00:00 GMT</pubDate>",
                "<title>d</title><pubDate>2026-05-04</pubDate>",
                "<title>e</title><pubDate>gestern</pubDate>",
            ],
            "b c d",
            id="dates of several forms",
        ),
    ],
)
def test_of_too_many_items_the_newest_are_kept(items: list[str], newest: str, end: str) -> None:
    parsed = read(rss(*items, end=end), Limits(max_items=3))
    assert titles(parsed) == newest
    assert KEPT.format(3) in parsed.problems[-1]


def test_updated_dates_an_atom_entry_that_was_never_published() -> None:
    entries = "".join(
        f"<entry><title>{title}</title><updated>2026-05-{day:02}T08:00:00Z</updated></entry>"
        for title, day in zip("abc", (1, 3, 2), strict=True)
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{entries}</feed>'.encode()
    assert titles(read(body, Limits(max_items=2))) == "b c"


def test_of_too_many_json_items_the_newest_are_kept() -> None:
    items = [
        {"id": t, "title": t, "date_published": f"2026-05-0{day}T08:00:00Z"}
        for t, day in zip("abc", (1, 3, 2), strict=True)
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    parsed = read(body, Limits(max_items=2))
    assert titles(parsed) == "b c"
    assert KEPT.format(2) in parsed.problems[-1]


def test_items_beside_the_channel_count_too() -> None:
    """RSS 1.0 puts them there."""
    items = "".join(f"<item><title>{title}</title></item>" for title in "abcd")
    body = f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><item><title>x</title></item></channel>{items}</rdf:RDF>'
    assert titles(read(body.encode(), Limits(max_items=3))) == "x a b"


def test_as_many_items_as_the_limit_are_all_kept_and_nothing_is_said() -> None:
    parsed = read(rss(*OLD_FIRST), Limits(max_items=6))
    assert (titles(parsed), parsed.problems) == ("a b c d e f", ())


@pytest.mark.parametrize("end", ["", "<b>"], ids=["lxml", "feedparser"])
def test_a_title_is_cut(end: str) -> None:
    parsed = read(
        rss("<title>Low tide</title><description>Salt and smoke.</description>", end=end), Limits(max_title=3)
    )
    item = parsed.items[0]
    assert (titles(parsed), parsed.feed.title and parsed.feed.title.value) == ("Low", "Har")
    assert item.summary
    assert item.summary.value == "Salt and smoke."


def test_a_json_title_is_cut() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1.1","title":"Harbour","items":[{"id":"1","title":"Low tide"}]}'
    parsed = read(body, Limits(max_title=3))
    assert (titles(parsed), parsed.feed.title and parsed.feed.title.value) == ("Low", "Har")


def nested(depth: int, inner: str = "") -> bytes:
    """A feed of which one element stands so deep; root, channel and item are three."""
    return rss(f"<title>a</title>{'<x>' * (depth - 3)}{inner}{'</x>' * (depth - 3)}")


@pytest.mark.parametrize("most", [5, 200, 256, 300, 1_000])
def test_elements_stand_only_so_deep_in_one_another(most: int) -> None:
    assert titles(read(nested(most), Limits(max_nesting=most))) == "a"
    with pytest.raises(TooLarge, match=rf"^https://o.example/feed: .* more than {most} deep .*\[limits\] max_nesting"):
        read(nested(most + 1), Limits(max_nesting=most))


def test_a_document_that_was_mended_is_no_deeper() -> None:
    assert titles(read(nested(20, "&nbsp;"), Limits(max_nesting=20))) == "a"
    with pytest.raises(TooLarge, match="max_nesting"):
        read(nested(21, "&nbsp;"), Limits(max_nesting=20))


@pytest.mark.parametrize("most", [10, 256])
def test_json_is_nested_only_so_deep(most: int) -> None:
    """The document and its items are two."""

    def body(depth: int) -> bytes:
        deep = "[" * (depth - 1) + "]" * (depth - 1)
        return f'{{"version":"https://jsonfeed.org/version/1.1","items":[{{"title":"a"}}],"x":{deep}}}'.encode()

    assert titles(read(body(most), Limits(max_nesting=most))) == "a"
    with pytest.raises(TooLarge, match=rf"more than {most} deep .*\[limits\] max_nesting"):
        read(body(most + 1), Limits(max_nesting=most))


def test_a_body_is_no_larger_than_the_limit() -> None:
    body = rss("<title>a</title>")
    assert titles(read(body, Limits(max_body=len(body)))) == "a"
    with pytest.raises(TooLarge, match=rf"larger than {len(body) - 1:,} bytes \(\[limits\] max_body\)"):
        read(body, Limits(max_body=len(body) - 1))


def test_a_dropped_feed_has_the_same_limits() -> None:
    parsed = read(rss(*OLD_FIRST), Limits(max_items=2, max_title=1), kind="folder", url="file:///drop/feed.xml")
    assert titles(parsed) == "e f"


def test_without_settings_the_defaults_hold() -> None:
    parsed = PARSERS["feed"](Fetched(url="https://o.example/feed", body=rss(*["<title>a</title>"] * 1_001)))
    assert len(parsed.items) == 1_000
