"""A piece of writing as a source gave it in, sanitised HTML with absolute addresses and the same as plain text out.

The allow-list: nothing that runs, no class, id, style or srcset; http, https and mailto alone. What comes out is
canonical, so that it does not depend on how a reader serialised it, and sanitising it again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import nh3

from feedsvc.model import ATTRIBUTION_CLASS, ATTRIBUTION_TEXT_PREFIX, Prose, Text
from feedsvc.normalise import urls
from feedsvc.normalise.characters import clean, fold, word_set
from feedsvc.normalise.hostile import DROPPED, LONGEST, bare_text, paragraphs, tamed
from feedsvc.normalise.plain import BLOCKS, text_of
from feedsvc.normalise.tokens import Tag, Token, closing_of, tokenise, write

TAGS = word_set(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd"
    " del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt"
    " ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul"
    " var wbr"
)
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "hreflang", "title"},
    "abbr": {"title"},
    "acronym": {"title"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "dfn": {"title"},
    "img": {"alt", "height", "src", "title", "width"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"abbr", "align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
LINK_REL = "noopener nofollow ugc"

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED,
    attributes=_ATTRIBUTES,
    link_rel=LINK_REL,
    url_schemes=urls.LINKABLE,
    set_tag_attribute_values={"img": {"loading": "lazy", "referrerpolicy": "no-referrer"}},
    tag_attribute_values={"p": {"class": {ATTRIBUTION_CLASS}}},
)
#: Rounds until nh3's output is its own fixed point; two are enough but for markup written to mutate.
_ROUNDS = 5

#: Blocks that are not on the list would glue the words around them together when only their tags went.
_OTHER_BLOCK = re.compile(
    r"<(/?)(?:body|dir|fieldset|footer|form|header|hgroup|html|legend|main|menu|nav|search)(?=[\s/>])[^<>]*>", re.I
)
_PRE_START = re.compile(r"(<pre(?: [^>]*)?>)\n")
_KNOWN_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS | DROPPED | {'font', 'body'}))})(?=[\s/>])[^<>]*>", re.I)
_REFERENCE = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px)?\s*")
#: What feed services add to an item to count its readers, or for them to press.
_COUNTER = re.compile(r"https?://(?:[^/?#]+/~(?:ff/|r/.+/~4/)|(?:pixel\.wp|(?:feeds|stats)\.wordpress)\.com/)", re.I)
#: Where programs keep characters that they draw: such a picture says no more than its text.
_EMOJI = re.compile(r"/(?:tw)?emoji/", re.I)
_LINE = re.compile(r"(?:— )?By \S.* · First published by \S", re.S)
_LAST_TEXT_LINE = re.compile(
    rf"(?:\A|\n[ \t]*\n)[ \t]*{ATTRIBUTION_TEXT_PREFIX}By [^\n]* · First published by [^\n]*\s*\Z"
)


def sanitise(raw: str, base: str | None = None) -> str:
    """Any HTML as HTML that may be shown: addresses resolved against `base`, our own attribution line taken off."""
    return write(_tokens(raw, base)).strip()


def prose(text: Text | None, base: str | None = None) -> Prose | None:
    """A value as HTML and plain text, or None where nothing is left of it. Its own base goes before `base`."""
    if text is None or not text.value.strip():
        return None
    if is_markup(text) and "<" in text.value:
        tokens = _tokens(text.value, urls.absolute(text.base, base) or base)
    else:
        words = unescape(text.value) if is_markup(text) else text.value
        tokens = _tokens(paragraphs(_LAST_TEXT_LINE.sub("", clean(words[:LONGEST]))), None)
    html, words = write(tokens).strip(), text_of(tokens)
    return Prose(html=html, text=words) if words or "<img" in html else None


def plain(text: Text | None, limit: int = 10_000) -> str:
    """A value as one line of plain text: titles, rights, names. Empty when there is none."""
    if text is None:
        return ""
    if not is_markup(text):
        return fold(text.value, limit)
    return fold(text_of(tokenise(_canonical(text.value))), limit)


def plain_words(value: str) -> str:
    """A line of which the format does not say whether it is markup, as plain text."""
    return plain(Text(value=value, type="unsure"))


def is_markup(text: Text) -> bool:
    """Whether a value is HTML: it says so, or does not say and has a tag or a character reference in it."""
    if text.type == "unsure":
        return bool(_KNOWN_TAG.search(text.value) or _REFERENCE.search(text.value))
    return text.type == "html"


def _tokens(raw: str, base: str | None) -> list[Token]:
    return _without_empty_links(_without_attribution(_settled(tokenise(_canonical(raw)), base)))


def _canonical(raw: str) -> str:
    html = _OTHER_BLOCK.sub(r"<\1div>", tamed(raw))
    for _ in range(_ROUNDS):
        again = _cleaned(html)
        if again == html:
            return html
        html = again
    return _cleaned(paragraphs(bare_text(html)))


def _cleaned(html: str) -> str:
    # A parser drops the first line end after <pre>, so one that is meant is written twice (HTML, 13.2.6.4.7).
    return _PRE_START.sub(r"\1\n\n", clean(_CLEANER.clean(html)))


def _settled(tokens: list[Token], base: str | None) -> list[Token]:
    """The tokens with every attribute judged; images without an address and tracking pixels are gone, emoji text."""
    settled: list[Token] = []
    for token in tokens:
        if isinstance(token, Tag) and token.attributes and not token.closing:
            token = Tag(token.name, _judged(token, base))
            if token.name == "img" and _is_no_picture(token.attributes):
                continue
            if token.name == "img" and (drawn := _drawn_character(token.attributes)):
                settled.append(drawn)
                continue
        settled.append(token)
    return settled


def _judged(tag: Tag, base: str | None) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in tag.attributes.items():
        if name in {"href", "src", "cite"}:
            schemes = urls.LINKABLE if name == "href" else urls.WEB
            judged = urls.absolute(value, base, schemes)
        else:
            judged = _RULES.get(name, _as_text)(value)
        if judged is not None:
            kept[name] = judged
    return kept


def _is_no_picture(attributes: dict[str, str]) -> bool:
    sides = (attributes.get("width"), attributes.get("height"))
    tiny = all(side in {"0", "1"} for side in sides) or "0" in sides
    return tiny or "src" not in attributes or _COUNTER.match(attributes["src"]) is not None


def _drawn_character(attributes: dict[str, str]) -> str | None:
    """The emoji that an image stands for."""
    alt = attributes.get("alt", "").strip()
    return alt if _EMOJI.search(attributes["src"]) and 0 < len(alt) <= 16 and not re.search(r"[ -~]", alt) else None


def _without_empty_links(tokens: list[Token]) -> list[Token]:
    """The tokens without the links that have nothing to press: no word and no image."""
    kept: list[Token] = []
    start: int | None = None
    for token in tokens:
        if isinstance(token, str):
            start = None if token.strip() else start
        elif token.name == "img":
            start = None
        elif token.name == "a" and not token.closing:
            start = len(kept)
        elif token.name == "a" and start is not None:
            del kept[start]
            start = None
            continue
        kept.append(token)
    return kept


def _as_text(value: str) -> str:
    return value[:2000]


def _as_number(value: str) -> str | None:
    number = _NUMBER.fullmatch(value)
    return str(int(number[1])) if number else None


def _one_of(*words: str) -> Callable[[str], str | None]:
    return lambda value: value.strip().lower() if value.strip().lower() in words else None


def _matching(pattern: str) -> Callable[[str], str | None]:
    return lambda value: value if re.fullmatch(pattern, value) else None


_RULES: dict[str, Callable[[str], str | None]] = {
    "align": _one_of("left", "right", "center"),
    # The class marks our own attribution line; it is read before this and never goes out.
    "class": _one_of(ATTRIBUTION_CLASS),
    "colspan": _as_number,
    "datetime": _matching(r"[0-9A-Za-z+:. -]{1,40}"),
    "dir": _one_of("ltr", "rtl", "auto"),
    "height": _as_number,
    "hreflang": _matching(r"[A-Za-z0-9-]{2,35}"),
    "lang": _matching(r"[A-Za-z0-9-]{2,35}"),
    "reversed": lambda value: "",
    "rowspan": _as_number,
    "scope": _one_of("row", "col", "rowgroup", "colgroup"),
    "span": _as_number,
    "start": _as_number,
    "type": _matching(r"[1aAiI]"),
    "value": _as_number,
    "width": _as_number,
}


def _without_attribution(tokens: list[Token]) -> list[Token]:
    """The tokens without the attribution line that ends them, and without its class anywhere."""
    while (start := _last_block(tokens)) is not None:
        end = closing_of(tokens, start)
        block = tokens[start]
        ours = isinstance(block, Tag) and block.attributes.get("class") == ATTRIBUTION_CLASS
        if not ours and not _LINE.match(fold(text_of(tokens[start : end + 1]))):
            break
        tokens = tokens[:start] + tokens[end + 1 :]
    return [Tag(token.name) if isinstance(token, Tag) and "class" in token.attributes else token for token in tokens]


def _last_block(tokens: list[Token]) -> int | None:
    """Where the paragraph or division begins that holds the last words, if nothing but words is in it."""
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if isinstance(token, str):
            if token.strip():
                return _start_of(tokens, index)
        elif token.name in {"img", "hr"}:
            return None
    return None


def _start_of(tokens: list[Token], inside: int) -> int | None:
    """The innermost paragraph or division around a token, None where another block stands in it."""
    for index in range(inside, -1, -1):
        token = tokens[index]
        if isinstance(token, Tag) and token.name in BLOCKS:
            return None if token.closing or token.name not in {"p", "div"} else index
    return None
