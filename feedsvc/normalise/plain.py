"""Tags and texts in, plain text out: paragraphs a blank line apart, list items as "- ", no words glued together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedsvc.normalise.characters import word_set
from feedsvc.normalise.tokens import Tag, Token

_PARAGRAPHS = word_set(
    "address article aside blockquote caption center details div dl figcaption figure h1 h2 h3 h4 h5 h6 hr p pre"
    " section summary table"
)
_LINES = frozenset({"dd", "dt", "li", "tr"})
_LISTS = frozenset({"ol", "ul"})
#: Where one of these begins or ends, a line ends.
BLOCKS = _PARAGRAPHS | _LINES | _LISTS | {"td", "th"}
_SPACE = re.compile(r"[ \t\n\f\r]+")


class _Page:
    """What has been written so far, and the break that the next word needs before it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.breaks = 0
        self.lists = 0
        self.verbatim = 0
        #: True after "- ", where a paragraph inside the list item must not begin a new line.
        self.opened_item = False
        self.at_start = True

    def break_line(self, count: int) -> None:
        if not self.opened_item:
            self.breaks = max(self.breaks, count)

    def say(self, text: str) -> None:
        if not self.verbatim:
            text = _SPACE.sub(" ", text)
            if self.breaks or self.at_start:
                text = text.lstrip(" ")
        if not text:
            return
        if self.breaks:
            self.parts.append("\n" * self.breaks)
        self.parts.append(text)
        self.breaks, self.opened_item = 0, False
        self.at_start = not self.verbatim and text.endswith((" ", "\n"))

    def begin_item(self) -> None:
        self.opened_item = False
        self.break_line(1)
        self.say_raw("  " * (self.lists - 1) + "- ")
        self.opened_item = True

    def say_raw(self, text: str) -> None:
        self.parts.append("\n" * self.breaks + text)
        self.breaks, self.at_start = 0, True


def text_of(tokens: Iterable[Token]) -> str:
    """The text that a reader of the page would see, its images left out."""
    page = _Page()
    for token in tokens:
        if isinstance(token, str):
            page.say(token)
        elif token.closing:
            _close(page, token.name)
        else:
            _open(page, token)
    lines = "".join(page.parts).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def _open(page: _Page, tag: Tag) -> None:
    if tag.name == "br":
        page.say_raw("\n")
    elif tag.name == "q":
        page.say("“")
    elif tag.name in {"td", "th"}:
        # The bar stands between cells only: a row's first cell opens its line.
        if not page.breaks and page.parts:
            page.say(" | ")
    else:
        _break_around(page, tag.name)
        page.lists += tag.name in _LISTS
        page.verbatim += tag.name == "pre"
        if tag.name == "li":
            page.begin_item()


def _close(page: _Page, name: str) -> None:
    if name == "q":
        page.say("”")
    elif name not in {"td", "th"}:
        page.lists -= name in _LISTS
        page.verbatim -= name == "pre"
        if name == "li":
            page.opened_item = False
        _break_around(page, name)


def _break_around(page: _Page, name: str) -> None:
    if name in _PARAGRAPHS or (name in _LISTS and page.lists == 0):
        page.break_line(2)
    elif name in _LINES or name in _LISTS:
        page.break_line(1)
