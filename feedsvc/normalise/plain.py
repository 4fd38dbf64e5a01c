"""Canonical HTML in, plain text out: paragraphs a blank line apart, list items as "- ", no words glued together."""

from __future__ import annotations

import re
from collections.abc import Callable

from feedsvc.normalise.characters import word_set
from feedsvc.normalise.tokens import decoded

_PARAGRAPHS = word_set(
    "address article aside blockquote caption center details div dl figcaption figure h1 h2 h3 h4 h5 h6 hr p pre"
    " section summary table"
)
_LINES = word_set("dd dt li tr")
_LISTS = word_set("ol ul")
#: Where one of these begins or ends, a line ends.
BLOCKS = _PARAGRAPHS | _LINES | _LISTS | {"td", "th"}

_SPACES = re.compile("  +")
_EMPTY_LINES = re.compile(r"\n{3,}")


class _Page:
    """What has been written so far, and the break that the next word needs before it."""

    __slots__ = ("at_start", "breaks", "lists", "opened_item", "parts", "verbatim")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.breaks = 0
        self.lists = 0
        self.verbatim = 0
        #: True after "- ", where a paragraph inside the list item must not begin a new line.
        self.opened_item = False
        self.at_start = True

    def say(self, text: str) -> None:
        if not self.verbatim:
            if "\n" in text or "\t" in text:
                text = text.replace("\n", " ").replace("\t", " ")
            if "  " in text:
                text = _SPACES.sub(" ", text)
            if self.breaks or self.at_start:
                text = text.lstrip(" ")
        if not text:
            return
        if self.breaks:
            self.parts.append("\n" * self.breaks)
        self.parts.append(text)
        self.breaks, self.opened_item = 0, False
        self.at_start = not self.verbatim and text.endswith(" ")

    def say_raw(self, text: str) -> None:
        self.parts.append("\n" * self.breaks + text)
        self.breaks, self.at_start = 0, True

    def break_line(self, count: int = 1) -> None:
        if not self.opened_item and self.breaks < count:
            self.breaks = count

    def break_paragraph(self) -> None:
        if not self.opened_item:
            self.breaks = 2

    def begin_line(self) -> None:
        self.say_raw("\n")

    def begin_quotation(self) -> None:
        self.say("“")

    def end_quotation(self) -> None:
        self.say("”")

    def begin_cell(self) -> None:
        # The bar stands between cells only: a row's first cell opens its line.
        if not self.breaks and self.parts:
            self.say(" | ")

    def begin_list(self) -> None:
        self.break_line(1 if self.lists else 2)
        self.lists += 1

    def end_list(self) -> None:
        self.lists -= 1
        self.break_line(1 if self.lists else 2)

    def begin_item(self) -> None:
        self.opened_item = False
        self.break_line(1)
        self.say_raw("  " * (self.lists - 1) + "- ")
        self.opened_item = True

    def end_item(self) -> None:
        self.opened_item = False
        self.break_line(1)

    def begin_verbatim(self) -> None:
        self.break_line(2)
        self.verbatim += 1

    def end_verbatim(self) -> None:
        self.verbatim -= 1
        self.break_line(2)


#: What a tag does to the page; every other one does nothing.
_TURNS: dict[str, Callable[[_Page], None]] = {
    **{slash + name: _Page.break_paragraph for name in _PARAGRAPHS for slash in ("", "/")},
    **{slash + name: _Page.break_line for name in _LINES for slash in ("", "/")},
    **dict.fromkeys(_LISTS, _Page.begin_list),
    **{f"/{name}": _Page.end_list for name in _LISTS},
    "br": _Page.begin_line,
    "q": _Page.begin_quotation,
    "/q": _Page.end_quotation,
    "td": _Page.begin_cell,
    "th": _Page.begin_cell,
    "li": _Page.begin_item,
    "/li": _Page.end_item,
    "pre": _Page.begin_verbatim,
    "/pre": _Page.end_verbatim,
}


def text_of(html: str) -> str:
    """The text that a reader of the page would see, its images left out."""
    words, *pieces = html.split("<")
    page = _Page()
    for piece in pieces:
        tag, _, behind = piece.partition(">")
        turn = _TURNS.get(tag)
        if turn is None and " " in tag:
            turn = _TURNS.get(tag.partition(" ")[0])
        if turn is None:
            words += behind
        else:
            if words:
                page.say(words)
            turn(page)
            words = behind
    page.say(words)
    lines = decoded("".join(page.parts)).split("\n")
    text = "\n".join([line.rstrip() for line in lines]).strip("\n")
    return _EMPTY_LINES.sub("\n\n", text) if "\n\n\n" in text else text
