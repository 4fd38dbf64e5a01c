"""A Markdown review → one item: front matter, headline, trailer lines; the text as HTML (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from feedsvc.errors import UnreadableDocument
from feedsvc.model import Item, Text
from feedsvc.parsers.htmldoc import visible_text
from feedsvc.parsers.labels import LABELS
from feedsvc.parsers.trailers import (
    read_trailer,
    take_byline_block,
    take_closing_block,
    take_trailers,
    with_absolute_images,
)

_FENCE = re.compile(r"^---\s*$")
_KEY = re.compile(r"^([^\W\d_][\w -]{0,39}?)\s*:(?:\s+(.*))?$")
_ENTRY = re.compile(r"^\s*-\s+(.*)$")
_RULE = re.compile(r"^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_MARKS = re.compile(r"(?<![\w*])(\*\*|__|\*|_)(?=\S)([^*_]*[^*_\s])\1(?![\w*])")


# HTML inside Markdown is let through: whatever we read is sanitised later, in one place.
_SHOWN = ("text", "text_special", "code_inline", "softbreak", "hardbreak")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def read_markdown(text: str, name: str) -> tuple[Item, tuple[str, ...]]:
    """One item from a decoded text, and what of its front matter is not understood.

    The headline is the front matter's `title`, else the first heading, else the first line. Raises UnreadableDocument,
    naming the document, where nothing of it would be visible.
    """
    settings, lines = _front_matter(text.splitlines())
    title, item, problems = _settings(settings)
    headline, lines = _headline(lines, title)
    if not headline:
        raise UnreadableDocument(f"{name} shows no text: put a heading and the review's text into it")
    item = replace(item, title=Text(value=headline))
    marked = {_bare(line): line for line in reversed(lines)}
    item, body = take_byline_block(item, [_bare(line) for line in lines])
    item, body = take_closing_block(item, body)
    html = _MARKDOWN.render("\n".join(_without_last_rule([marked.get(line, line) for line in body]))).strip()
    base = item.links[0].href if item.links else None
    content = Text(value=html, type="html", base=base) if html else None
    return with_absolute_images(replace(item, content=content)), problems


def _front_matter(lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """`key: value` lines between two lines `---` at the very top, and the lines after; lists become "a; b"."""
    whole = list(lines)
    end = next((i for i, line in enumerate(whole[1:], 1) if _FENCE.match(line)), None)
    if end is None or not _FENCE.match(whole[0]):
        return [], whole
    settings: list[tuple[str, str]] = []
    for line in whole[1:end]:
        key, entry = _KEY.match(line), _ENTRY.match(line)
        if key:
            settings.append((key[1], _scalar(key[2] or "")))
        elif entry and settings:
            settings[-1] = (settings[-1][0], "; ".join(filter(None, (settings[-1][1], _scalar(entry[1])))))
        elif line.strip() and not line.startswith("#"):
            return [], whole
    return settings, whole[end + 1 :]


def _scalar(value: str) -> str:
    value = value.strip()
    if value[:1] == "[" and value[-1:] == "]":
        return "; ".join(_scalar(part) for part in value[1:-1].split(","))
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _settings(settings: Sequence[tuple[str, str]]) -> tuple[str, Item, tuple[str, ...]]:
    """The title, the item with what the front matter says, and the lines that say nothing to us."""
    said = {key.casefold(): value for key, value in reversed(settings) if value}
    summary = said.get("summary") or said.get("description")
    item = Item(summary=Text(value=summary) if summary else None)
    others = [f"{key}: {value}" for key, value in settings if key.casefold() not in ("title", "summary", "description")]
    item, unknown = take_trailers(item, others)
    return said.get("title", ""), item, tuple(f"front matter not understood: {line}" for line in unknown)


def _headline(lines: Sequence[str], title: str) -> tuple[str, list[str]]:
    """The headline, and the lines without it.

    A heading that opens the text is it, or a heading of the first level wherever it stands; otherwise the first line of
    the first paragraph, and where the text opens with something else, its first visible words, which then stay in it.
    """
    tokens = _MARKDOWN.parse("\n".join(lines))
    opening = _opening(tokens)
    headings = [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    first = [i for i in headings if i == opening or tokens[i].tag == "h1"]
    for index in first[:1]:
        heading = _shown(tokens[index + 1])
        if heading and title in ("", heading):
            return heading, _cut(lines, tokens[index].map)
    if title:
        return title, list(lines)
    return _first_line(lines, tokens, opening)


def _first_line(lines: Sequence[str], tokens: Sequence[Token], opening: int | None) -> tuple[str, list[str]]:
    place = tokens[opening].map if opening is not None else None
    if opening is None or not place:
        return "", list(lines)
    if tokens[opening].type == "paragraph_open":
        line = visible_text(_MARKDOWN.render(lines[place[0]]))
        if line:
            return line, _cut(lines, [place[0], place[0] + 1])
    shown = visible_text(_MARKDOWN.render("\n".join(lines[place[0] : place[1]])))
    return shown.splitlines()[0], list(lines)


def _cut(lines: Sequence[str], place: Sequence[int] | None) -> list[str]:
    start, end = place or (0, 0)
    return [*lines[:start], *lines[end:]]


def _shown(token: Token) -> str:
    """The words that one token shows; a picture shows none."""
    if token.type == "html_block":
        return visible_text(token.content)
    if token.children is None:
        return token.content.strip()
    breaks = ("softbreak", "hardbreak")
    shown = (" " if child.type in breaks else child.content for child in token.children if child.type in _SHOWN)
    return " ".join("".join(shown).split())


def _opening(tokens: Sequence[Token]) -> int | None:
    """Where the first block begins that shows any text; a picture or a comment before it is passed over."""
    shown = next((i for i, token in enumerate(tokens) if _shown(token)), None)
    return (
        None if shown is None else max(i for i in range(shown + 1) if tokens[i].level == 0 and tokens[i].nesting >= 0)
    )


def _bare(line: str) -> str:
    """A trailer without its Markdown ("- **Score:** 7/10"); any other line as it is."""
    stripped = re.sub(r"(?:\\|\s{2,})$", "", re.sub(r"^ {0,3}[-*+]\s+", "", line))
    for candidate in (stripped, _MARKS.sub(r"\2", _MARKS.sub(r"\2", stripped))):
        label = candidate.partition(":")[0].strip().casefold()
        if not line.startswith("    ") and (read_trailer(Item(), candidate) or (label in LABELS and ":" in candidate)):
            return candidate
    return line


def _without_last_rule(lines: Sequence[str]) -> list[str]:
    """A rule that set off the trailers, and now ends the text, is dropped; under a paragraph it would be a heading."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and _RULE.match(kept[-1]) and (len(kept) == 1 or not kept[-2].strip()):
        kept.pop()
    return kept
