"""Any text at all: one item with a headline or a clear refusal, and not one word of it lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from feedsvc.errors import UnreadableDocument
from feedsvc.model import Fetched, Item
from feedsvc.parsers.document import read_document
from feedsvc.parsers.encoding import clean, decode
from feedsvc.parsers.labels import LABELS

#: What the grammar itself is made of: labels, and the words that join names or open a credit.
_JOINTS = "by von de par por and und et y out of copyright photo foto image written words kritik"
GRAMMAR = {word for label in LABELS for word in label.split()} | set(re.findall(r"\w+", _JOINTS))
LINES = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "P", "Zs", "Nd")), max_size=130),
    st.sampled_from(sorted(LABELS)).flatmap(
        lambda label: st.text(max_size=40).map(lambda value: f"{label.title()}: {value}")
    ),
    st.sampled_from(
        [
            "",
            "  ",
            "# Heading",
            "---",
            "```",
            "- entry",
            "> quote",
            "By Jane Doe and John Roe",
            "Sources: One, Two; Three and Four <https://x.example/>",
            "Image: https://x.example/i.jpg (Photo by Pia Noor, CC BY 4.0)",
            "Attribution: Courtesy of Lionsgate (Creative Commons)",
            "Photo: Pia Noor (CC0)",
            "© 2026 Someone",
            "Rating: 7/10",
            "Runtime: 90 minutes",
            "title: Front",
        ]
    ),
)
DOCUMENTS = st.lists(LINES, max_size=12).map("\n".join)


def read(path: str, body: bytes) -> Item | None:
    """The one item of a dropped file; None where it was refused with its name in the message."""
    try:
        parsed = read_document(Fetched(url=f"file:///drop/{path}", path=path, body=body))
    except UnreadableDocument as refusal:
        if str(refusal).startswith(path):
            return None
        raise
    (item,) = parsed.items
    return item


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def strings(value: object) -> Iterator[str]:
    """Every text anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, tuple):
        for member in value:
            yield from strings(member)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))


def kept(item: Item) -> set[str]:
    shown = str(html.fromstring(f"<div>{item.content.value}</div>").text_content()) if item.content else ""
    return words(" ".join(strings(item))) | words(shown)


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
def test_a_plain_text_gives_one_item_with_a_headline_and_all_its_words(text: str) -> None:
    """Words are in the title, the text or a field; only labels and what joins names are no content."""
    item = read("a.txt", text.encode("utf-8", "replace"))
    if item is not None:
        assert item.title is not None
        assert item.title.value.strip()
        decoded = decode(Fetched(url="file:///drop/a.txt", body=text.encode("utf-8", "replace")))
        assert words(clean(decoded.text)) - kept(item) - GRAMMAR == set()


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS)
def test_a_markdown_text_gives_one_item_with_a_headline_or_is_refused(text: str) -> None:
    item = read("a.md", text.encode("utf-8", "replace"))
    assert item is None or (item.title is not None and item.title.value.strip())


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.sampled_from(["p", "article", "h1", "figure", "figcaption", "header", "div", "title"]))
def test_an_html_page_gives_one_item_with_a_headline_or_is_refused(text: str, tag: str) -> None:
    page = f"<html><body><{tag}>{text}</{tag}><p>The river is patient, and so must be whoever sits through it."
    item = read("a.html", page.encode("utf-8", "replace"))
    assert item is None or (item.title is not None and item.title.value.strip())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_any_bytes_give_one_item_or_a_refusal(body: bytes, path: str) -> None:
    item = read(path, body)
    assert item is None or (item.title is not None and item.title.value.strip())
