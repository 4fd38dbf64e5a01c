"""Raw HTML in, the same out where an HTML parser reads it in linear time and moderate depth; else its bare text.

nh3's time grows with the square of the depth, of the attributes of one tag, and of ampersands in one value,
and it cannot be interrupted. So these are counted first.
"""

from __future__ import annotations

import re
from html import escape, unescape

from feedsvc.normalise.characters import clean, word_set
from feedsvc.normalise.nesting import DEEPEST, attributes_in, read, too_deep

#: Characters of one value that are read at all.
LONGEST = 1_000_000
_MOST_ATTRIBUTES = 5_000
#: A text of so many characters has no room for as many attributes in one tag as would take long.
_ROOM_FOR_ATTRIBUTES = 60_000
#: A megabyte written in numeric character references has some 125,000.
_MOST_AMPERSANDS = 150_000

#: What vanishes with all that is in it: code, players, forms' innards, and other markup languages.
DROPPED = word_set(
    "applet audio button canvas datalist frameset iframe map math menuitem meter noembed noframes noscript object"
    " optgroup option output plaintext portal progress script select style svg template textarea title video"
)
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.S)
_DROPPED_WHOLE = re.compile(rf"<({'|'.join(sorted(DROPPED))})\b.*?(?:</\1\s*>|$)", re.S | re.I)
_ANY_TAG = re.compile(r"""<[/!?]?[a-zA-Z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>?""")
_BLOCK_TAG = re.compile(r"<\s*/?\s*(?:p|div|h[1-6]|li|br|tr|blockquote|section|article)\b[^<>]*>?", re.I)


def tamed(raw: str) -> str:
    """HTML that is safe to parse, of at most 1,000,000 characters and some 512 levels."""
    html = clean(raw[:LONGEST])
    if len(html) > _MOST_AMPERSANDS and html.count("&") > _MOST_AMPERSANDS:
        html = "&".join(html.split("&", _MOST_AMPERSANDS)[:-1])
    if "<!--" in html:
        html = _COMMENT.sub("", html)
    if html.count("<") <= DEEPEST and len(html) <= _ROOM_FOR_ATTRIBUTES:
        return html
    html, tags = read(html)
    if too_deep(tags) or any(len(tag.attributes) > _MOST_ATTRIBUTES < attributes_in(tag) for tag in tags):
        return paragraphs(bare_text(html))
    return html


def bare_text(html: str) -> str:
    """The text between the tags, read without a parser."""
    text = _BLOCK_TAG.sub("\n\n", _DROPPED_WHOLE.sub("", html))
    return unescape(_ANY_TAG.sub(" ", text))


def paragraphs(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line ends are kept as breaks."""
    text = clean(text)
    blocks = [block.strip() for block in (_EMPTY_LINES.split(text) if "\n" in text else [text])]
    return "".join(f"<p>{_lines(block)}</p>" for block in blocks if block)


def _lines(block: str) -> str:
    if "\n" not in block:
        return escape(block, quote=False)
    return "<br>".join([escape(line.strip(), quote=False) for line in block.split("\n")])
