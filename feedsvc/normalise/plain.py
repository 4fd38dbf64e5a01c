"""Canonical HTML in, plain text out: paragraphs a blank line apart, list items as "- ", no words glued together.

The same pass tells whether the HTML is sure to be read again as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from feedsvc.normalise.characters import word_set
from feedsvc.normalise.tokens import decoded

#: Inside anything, and anything inside them.
_PHRASES = word_set(
    "a abbr acronym b bdi bdo big br cite code del dfn em i img ins kbd mark q s samp small span strike strong sub sup"
    " time tt u var wbr"
)
#: Paragraphs that hold none but phrases.
_LEAVES = word_set("h1 h2 h3 h4 h5 h6 p")
#: Paragraphs with anything in them, and nothing but their start and end tag to say so.
_CONTAINERS = word_set("address article aside blockquote center details div figcaption figure hr section summary")
_OTHER_PARAGRAPHS = word_set("caption dl table")
_LINES = word_set("dd dt tr")
_LISTS = word_set("ol ul")
#: Where one of these begins or ends, a line ends.
BLOCKS = _LEAVES | _CONTAINERS | _OTHER_PARAGRAPHS | _LINES | _LISTS | {"li", "pre", "td", "th"}

#: A tag of canonical HTML, and its name: splitting by it names all tags in one pass.
_TAG = re.compile("<([^ >]*)[^>]*>")
_SPACES = re.compile("  +")
_EMPTY_LINES = re.compile(r"\n{3,}")
#: The end of a line with space before it, or two empty lines.
_UNTIDY = re.compile(r"\n(?:\n\n|(?<=[^\S\n]\n))")


class _Page:
    """What has been written so far, and the break that the next word needs before it."""

    __slots__ = ("at_start", "breaks", "in_leaf", "lists", "opened_item", "parts", "ragged", "sure", "verbatim")

    def __init__(self, *, ragged: bool) -> None:
        #: Whether there is white space that is no space.
        self.ragged = ragged
        self.parts: list[str] = []
        self.breaks = 0
        self.lists = 0
        self.verbatim = 0
        #: True after "- ", where a paragraph inside the list item must not begin a new line.
        self.opened_item = False
        self.at_start = True
        #: False once there was a tag that a parser may read otherwise where it stands.
        self.sure = True
        self.in_leaf = False

    def say(self, text: str) -> None:
        if not self.verbatim:
            pending = self.breaks or self.at_start
            if self.ragged:
                text = text.replace("\n", " ").replace("\t", " ")
            if "  " in text:
                text = _SPACES.sub(" ", text)
            if pending:
                text = text.lstrip(" ")
        if not text:
            return
        if self.breaks:
            self.parts.append("\n" * self.breaks)
            self.breaks = 0
        self.parts.append(text)
        self.opened_item = False
        self.at_start = text[-1] == " " and not self.verbatim

    def say_raw(self, text: str) -> None:
        self.parts.append("\n" * self.breaks + text)
        self.breaks, self.at_start = 0, True

    def break_line(self, count: int) -> None:
        if not self.opened_item and self.breaks < count:
            self.breaks = count

    def begin_leaf(self) -> None:
        if self.in_leaf:
            self.sure = False
        self.in_leaf = True
        if not self.opened_item:
            self.breaks = 2

    def end_leaf(self) -> None:
        self.in_leaf = False
        if not self.opened_item:
            self.breaks = 2

    def break_paragraph(self) -> None:
        self.doubt_in_leaf()
        self.break_line(2)

    def break_doubtful_paragraph(self) -> None:
        self.sure = False
        self.break_line(2)

    def break_doubtful_line(self) -> None:
        self.sure = False
        self.break_line(1)

    def doubt_in_leaf(self) -> None:
        if self.in_leaf:
            self.sure = False

    def doubt(self) -> None:
        self.sure = False

    def begin_line(self) -> None:
        self.say_raw("\n")

    def begin_quotation(self) -> None:
        self.say("“")

    def end_quotation(self) -> None:
        self.say("”")

    def begin_cell(self) -> None:
        self.sure = False
        # The bar stands between cells only: a row's first cell opens its line.
        if not self.breaks and self.parts:
            self.say(" | ")

    def begin_list(self) -> None:
        self.doubt_in_leaf()
        self.break_line(1 if self.lists else 2)
        self.lists += 1

    def end_list(self) -> None:
        self.lists -= 1
        self.break_line(1 if self.lists else 2)

    def begin_item(self) -> None:
        self.doubt_in_leaf()
        self.opened_item = False
        self.break_line(1)
        self.say_raw("  " * (self.lists - 1) + "- ")
        self.opened_item = True

    def end_item(self) -> None:
        self.opened_item = False
        self.break_line(1)

    def begin_verbatim(self) -> None:
        self.sure = False
        self.break_line(2)
        self.verbatim += 1

    def end_verbatim(self) -> None:
        self.verbatim -= 1
        self.break_line(2)


def _both(names: Iterable[str]) -> list[str]:
    return [slash + name for name in names for slash in ("", "/")]


#: What a tag does to the page. A phrase's does nothing, and one that is not here makes a reading unsure.
_TURNS: dict[str, Callable[[_Page], None] | None] = {
    **dict.fromkeys(_both(_PHRASES)),
    **dict.fromkeys(_LEAVES, _Page.begin_leaf),
    **{f"/{name}": _Page.end_leaf for name in _LEAVES},
    **dict.fromkeys(_both(_CONTAINERS), _Page.break_paragraph),
    **dict.fromkeys(_both(_OTHER_PARAGRAPHS), _Page.break_doubtful_paragraph),
    **dict.fromkeys(_both(_LINES), _Page.break_doubtful_line),
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


class Reading(NamedTuple):
    """What one pass over canonical HTML finds: its text, and what must be known of it to show it."""

    html: str
    text: str
    #: Whether a parser is sure to read the very tree that was written.
    sure: bool
    #: Whether a link may be empty.
    hollow: bool


def text_of(html: str) -> str:
    """The text that a reader of the page would see, its images left out."""
    return read(html).text


def read(html: str) -> Reading:
    """The text that a reader of the page would see, its images left out, and whether a parser is sure to read the same.

    What nh3 writes is the tree that it read, well nested; some trees cannot be written so that they are read again
    (HTML, 13.3), and markup that mutates lives in that gap. Sure are elements whose start tag closes nothing that is
    open (13.2.6.4.7): paragraphs and headings that hold none but phrases, links without links in them, list items right
    inside their list. All else, tables among it, is for another reading to settle.
    """
    # A text, the name of the tag behind it, the text behind that, and so on.
    pieces = iter(_TAG.split(html))
    page = _Page(ragged="\n" in html or "\t" in html)
    words = behind = next(pieces)
    linked = hollow = False
    turn: Callable[[_Page], None] | None = _Page.doubt
    for tag, after in zip(pieces, pieces, strict=True):
        last, behind = behind, after
        before, turn = turn, _TURNS.get(tag, _Page.doubt)
        if turn is None:
            words += behind
            if tag == "a":
                page.sure, linked = page.sure and not linked, True
            elif tag == "/a":
                linked = False
                # The words of most links end with a letter.
                hollow = hollow or not last or last[-1] == ";" or last[-1].isspace()
            continue
        # Most of what stands between blocks is a line end: ten calls an item, to leave out each, took 5 µs.
        if words and (words != "\n" or page.verbatim or not (page.breaks or page.at_start)):
            page.say(words)
        if turn is _Page.begin_item and before is not _Page.begin_list and before is not _Page.end_item:
            page.sure = False
        turn(page)
        words = behind
    page.say(words)
    # A parser drops a byte order mark that it begins with.
    return Reading(html, _tidied(page.parts), page.sure and not html.startswith("\ufeff"), hollow)


def _tidied(parts: list[str]) -> str:
    """What was written, without space at the ends of lines or more than one empty line."""
    # Most parts have no reference in them, and looking for each of the five in all of them took 5 µs of a text.
    text = "".join([decoded(part) if "&" in part else part for part in parts])
    if _UNTIDY.search(text):
        text = _EMPTY_LINES.sub("\n\n", "\n".join([line.rstrip() for line in text.split("\n")]))
    return text.rstrip().lstrip("\n")
