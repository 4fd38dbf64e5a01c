"""A plain-text review → one item: headline, byline, paragraphs, trailer lines (the format of the README's recipe)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby, pairwise

from feedsvc.errors import UnreadableDocument
from feedsvc.model import Item, Text
from feedsvc.parsers.trailers import take_byline_block, take_closing_block, with_absolute_images

#: Columns; a longer line was not wrapped by hand or by an editor, so it is a paragraph.
WRAPPED_AT = 100

_LIST_ENTRY = re.compile(r"^\s*(?:[-*•–—]|\d{1,3}[.)])\s")


def read_plaintext(text: str, name: str) -> Item:
    """One item from a decoded text. UnreadableDocument, naming the document, where there is nothing to read.

    The first line with anything visible in it is the headline, verbatim. A byline block may follow it, and a closing
    block of trailer lines may end the text. What is between becomes `content`, one <p> for each paragraph.
    """
    lines = ["" if is_blank(line) else line for line in text.splitlines()]
    start = next((index for index, line in enumerate(lines) if line), None)
    if start is None:
        raise UnreadableDocument(f"{name} is empty: put a headline, a blank line and the review's text into it")
    item, body = take_byline_block(Item(title=Text(value=lines[start].strip())), lines[start + 1 :])
    item, body = take_closing_block(item, body)
    html = "\n".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(body))
    return with_absolute_images(replace(item, content=Text(value=html, type="html") if html else None))


def is_blank(line: str) -> bool:
    """Whether a line shows nothing: white space, control and invisible characters only."""
    return not any(character.isprintable() and not character.isspace() for character in line)


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Paragraphs as escaped HTML.

    Where most of the text stands in lines of more than 100 columns, every line is a paragraph. Otherwise it was
    wrapped: blank lines part paragraphs and the lines between are joined, but a break stays (<br>) before an entry of a
    list, and after a line shorter than two thirds of the longest, as in verse.
    """
    length = sum(map(len, lines))
    if 2 * sum(len(line) for line in lines if len(line) > WRAPPED_AT) > length:
        yield from (escape(line.strip(), quote=False) for line in lines if line)
        return
    width = max((len(line) for line in lines if len(line) <= WRAPPED_AT), default=0)
    for filled, block in groupby(lines, key=bool):
        if filled:
            yield _joined(list(block), width)


def _joined(block: Sequence[str], width: int) -> str:
    html = escape(block[0].strip(), quote=False)
    for before, line in pairwise(block):
        broken = 3 * len(before.rstrip()) < 2 * width or _LIST_ENTRY.match(line)
        html += ("<br>\n" if broken else "\n") + escape(line.strip(), quote=False)
    return html
