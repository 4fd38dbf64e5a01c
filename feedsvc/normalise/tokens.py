"""HTML as nh3 writes it in, a list of tags and texts out, and back.

nh3's output is canonical (every attribute quoted, every "<" of the text escaped, lower-case names), so that one pattern
splits it without a second HTML parser that might read it otherwise than a browser does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>|([^<]+)')
#: An attribute's name and its value, encoded.
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag, or an end tag (`closing`), with its attributes decoded."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    closing: bool = False


#: A string is a run of text, decoded.
Token = Tag | str


def tokenise(html: str) -> list[Token]:
    """The tags and texts of canonical HTML, in order."""
    return list(_tokens(html))


def _tokens(html: str) -> Iterator[Token]:
    for closing, name, attributes, text in _TOKEN.findall(html):
        if text:
            yield decoded(text)
        else:
            yield Tag(name, read_attributes(attributes) if attributes else {}, bool(closing))


def write(tokens: Iterable[Token]) -> str:
    """Canonical HTML again, with attributes in alphabetical order."""
    return "".join(_written(tokens))


def _written(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if isinstance(token, str):
            yield encoded(token)
        else:
            yield f"<{'/' * token.closing}{token.name}{''.join(_attributes(token))}>"


def _attributes(tag: Tag) -> Iterator[str]:
    for key, value in sorted(tag.attributes.items()):
        yield f' {key}="{encoded_value(value)}"'


def read_attributes(attributes: str) -> dict[str, str]:
    """Attributes of canonical HTML by their names, decoded."""
    return {key: decoded(value) for key, value in ATTRIBUTE.findall(attributes)}


def closing_of(tokens: list[Token], start: int) -> int:
    """The index of the end tag that belongs to the start tag at `start`; canonical HTML always has one."""
    opened, depth = tokens[start], 0
    for index in range(start, len(tokens)):
        token = tokens[index]
        if isinstance(token, Tag) and isinstance(opened, Tag) and token.name == opened.name:
            depth += -1 if token.closing else 1
            if depth == 0:
                return index
    return len(tokens) - 1


def decoded(text: str) -> str:
    """A text or an attribute's value as it stands in canonical HTML, its references read."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\u00a0").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&amp;", "&")


def encoded(text: str) -> str:
    """A text as it stands in canonical HTML."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\u00a0", "&nbsp;")


def encoded_value(value: str) -> str:
    """An attribute's value as it stands in canonical HTML."""
    return encoded(value).replace('"', "&quot;")
