"""Trailer lines ("Sources: …", "By: …", "Rating: …") → what they add to an item; and where such lines may stand.

The grammar: a label, a colon, a value; a few labels need no colon ("By Jane Doe", "© 2026 Harbour Gazette", "Photo by
Pia Noor", "Courtesy of Tallgrass Pictures"). A line whose value does not fit its label ("Link: see below"), or that
repeats what may be said only once, is no trailer: it stays in the text, so nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from urllib.parse import urljoin

from feedsvc.model import Item
from feedsvc.parsers.labels import (
    BARE_DATE,
    LABELS,
    read_attribution,
    read_byline,
    read_image_line,
    read_rights,
)
from feedsvc.parsers.names import read_image, reads_like_credit, split_licence

#: Lines; a block of trailers is no longer, the rest is text.
LONGEST_BLOCK = 300
#: Longer lines are prose, whatever they begin with.
LONGEST = 1000

_LABELLED = re.compile(r"^([^\W\d_][^\n:：]{0,39}?)\s*[:：]\s*(.*)$")
_ENTRY = re.compile(r"\s*(?:[-*•–]|\d+[.)])\s+(\S.*)$")
_SENTENCE_END = re.compile(r"[.!?…:;\"”»’'*_)\]—–-]\s*$")

_BYLINE = re.compile(
    r"^(?:(?:review(?:ed)?|words|text|written)\s+by|by|(?:rezension|text|kritik)\s+von|von|par|por)\s+(\S.*)$", re.I
)
_RIGHTS_LINE = re.compile(
    r"^(?:©|\(c\)\s*\d{4}|copyright\s*(?:[:©(]|\d{4}|by\b)|all rights reserved\b|alle rechte vorbehalten\b)", re.I
)
_IMAGE_LINE = re.compile(
    r"^(?:photo(?:graph|graphy)?|image|still|picture|foto|bild)s?\s+(?:by|von|de|par|por|credit|courtesy|©|\(c\))", re.I
)
_COURTESY_LINE = re.compile(r"^(?:courtesy of|mit freundlicher genehmigung|avec l[’']aimable|cortesía de)\s+\S", re.I)


def read_trailer(item: Item, line: str) -> Item | None:
    """The item with what one line adds to it, or None: the line is no trailer here and belongs to the text."""
    line = line.strip()
    if not line or len(line) > LONGEST:
        return None
    if _RIGHTS_LINE.match(line):
        return read_rights(item, line)
    for pattern, reading in ((_IMAGE_LINE, read_image_line), (_COURTESY_LINE, read_attribution)):
        if pattern.match(line) and reads_like_credit(split_licence(line)[0]):
            return reading(item, line)
    label, value = _label(line)
    if label in LABELS:
        if LABELS[label] is read_image_line:
            return read_image_line(item, value, line)
        return LABELS[label](item, value) if value else None
    byline = _BYLINE.match(line)
    return read_byline(item, byline[1].strip()) if byline else None


def _label(line: str) -> tuple[str, str]:
    labelled = _LABELLED.match(line.strip())
    if not labelled:
        return "", ""
    return " ".join(labelled[1].casefold().replace("_", " ").replace("-", " ").split()), labelled[2].strip()


def take_trailers(item: Item, lines: Iterable[str]) -> tuple[Item, list[str]]:
    """The item with what the lines add, and the lines that add nothing."""
    kept = []
    for line in sorted(lines, key=_names_no_image):
        read = read_trailer(item, line)
        if read is None:
            kept.append(line)
        else:
            item = read
    return item, kept


def _names_no_image(line: str) -> bool:
    """Images come before all else, so that a credit that stands above its image finds it."""
    label, value = _label(line)
    return LABELS.get(label) is not read_image_line or read_image(value) is None


def take_byline_block(item: Item, lines: Sequence[str]) -> tuple[Item, list[str]]:
    """Trailers and bare dates that stand right after the headline, blank lines between allowed; and the lines after."""
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if index >= LONGEST_BLOCK:
            return item, list(lines[index:])
        read = read_trailer(item, line)
        if read is None and not item.published and BARE_DATE.match(line.strip()):
            read = replace(item, published=line.strip())
        if read is None:
            return item, list(lines[index:])
        item = read
    return item, []


def take_closing_block(item: Item, lines: Sequence[str]) -> tuple[Item, list[str]]:
    """Trailers that stand at the end, in any order; and the text before them with the lines among them that are none.

    The block is found from the end upwards. Blank lines and short unknown "Word: text" lines do not end it, any other
    line does; so "Source: …" in the middle of the text stays there.
    """
    lines = list(_joined(lines))
    start = len(lines)
    for index in range(len(lines) - 1, max(-1, len(lines) - LONGEST_BLOCK), -1):
        if read_trailer(Item(), lines[index]) and not _goes_on(lines, index):
            start = index
        elif lines[index].strip() and not _unknown_label(lines[index]):
            break
    item, kept = take_trailers(item, (line for line in lines[start:] if line.strip()))
    return item, lines[:start] + [line for stay in kept for line in ("", stay)]


def _goes_on(lines: Sequence[str], index: int) -> bool:
    """Whether a line only carries a wrapped sentence on: it opens small, and the line before has not come to an end."""
    before = lines[index - 1].strip() if index else ""
    return (
        lines[index].strip()[0].islower() and bool(before) and not (_SENTENCE_END.search(before) or _label(before)[0])
    )


def _unknown_label(line: str) -> bool:
    label, value = _label(line)
    return bool(value) and len(line) <= 80 and len(label.split()) <= 3 and label not in LABELS


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Lines with each label's value on one: "Sources:" over a list, lists broken after a comma, indented lines."""
    index = 0
    while index < len(lines):
        line, index = lines[index], index + 1
        label, value = _label(line)
        if label in LABELS and not value:
            entries = list(takewhile(bool, (_entry(after) for after in lines[index:])))
            line, index = f"{line.rstrip()} {'; '.join(entries)}", index + len(entries)
        while label in LABELS and index < len(lines) and _continues(line, lines[index]):
            line, index = f"{line.rstrip()} {lines[index].strip()}", index + 1
        yield line


def _entry(line: str) -> str:
    listed = _ENTRY.match(line)
    return listed[1].strip() if listed else ""


def _continues(line: str, after: str) -> bool:
    return bool(after.strip()) and (line.rstrip().endswith(",") or after[0] in " \t") and not _label(after)[0]


def with_absolute_images(item: Item) -> Item:
    """The item with the relative addresses of its images made absolute by its own link, where it has one."""
    if not item.links:
        return item
    base = item.links[0].href
    return replace(item, images=tuple(replace(image, url=_joined_address(base, image.url)) for image in item.images))


def _joined_address(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # an address no rule can read, such as "http://[": as it stood
        return address
