"""Raw HTML in, the same out where an HTML parser reads it in linear time and moderate depth; else its bare text.

nh3's time grows with the square of the depth, of the attributes of one tag, and of ampersands in one value,
and it cannot be interrupted. So these are counted first.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape, unescape

from feedsvc.normalise.characters import clean, word_set

#: Characters of one value that are read at all.
LONGEST = 1_000_000
DEEPEST = 512
_MOST_SPACES_IN_TAG = 5_000
#: A megabyte written in numeric character references has some 125,000.
_MOST_AMPERSANDS = 150_000

#: What vanishes with all that is in it: code, players, forms' innards, and other markup languages.
DROPPED = word_set(
    "applet audio button canvas datalist frameset iframe map math menuitem meter noembed noframes noscript object"
    " optgroup option output plaintext portal progress script select style svg template textarea title video"
)
#: A tag of these closes the one before it, so that many open ones are no depth.
_CLOSED_BY_THE_NEXT = word_set("body col dd dt html li option p rp rt tbody td tfoot th thead tr")
_CHILDLESS = word_set("area base br col embed frame hr img input link meta param source track wbr")

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*")
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.I)
_SPAN = re.compile(r"""<[a-zA-Z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+""")
_DATA_URL = re.compile(r"data:[^\s\"'<>]*", re.I)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
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
    if _too_deep(html) or _too_many_attributes(html):
        html = _DROPPED_WHOLE.sub("", html)
        if _too_deep(html) or _too_many_attributes(html):
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


def _too_deep(html: str) -> bool:
    """Whether elements may nest deeper than 512: for each name, those begun and not ended, at their highest together.

    An end tag counts only against its own name, so that stray ones hide nothing. Inside SVG and MathML no tag closes
    the one before it.
    """
    if html.count("<") <= DEEPEST:
        return False
    level, begun = 0, Counter[str]()
    flat = _CHILDLESS if _FOREIGN.search(html) else _CHILDLESS | _CLOSED_BY_THE_NEXT
    for slash, name in _TAG.findall(html):
        name = name.lower()
        if name in flat:
            continue
        if not slash:
            begun[name] += 1
            level += 1
        elif begun[name]:
            begun[name] -= 1
            level -= 1
        if level > DEEPEST:
            return True
    return False


def _too_many_attributes(html: str) -> bool:
    if len(html) < _MOST_SPACES_IN_TAG:
        return False
    for span in _SPAN.findall(_DATA_URL.sub("data:", html) if "data:" in html else html):
        if len(span) > _MOST_SPACES_IN_TAG and len(re.findall(r"[\s/]", span)) > _MOST_SPACES_IN_TAG:
            return True
    return False
