"""A piece of writing as a source gave it in, sanitised HTML with absolute addresses and the same as plain text out.

The allow-list: nothing that runs, no class, id, style or srcset; http, https and mailto alone. What comes out is
canonical, so that it does not depend on how a reader serialised it, and sanitising it again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from html import unescape

import nh3

from feedsvc.model import ATTRIBUTION_CLASS, ATTRIBUTION_TEXT_PREFIX, Prose, Text
from feedsvc.normalise import urls
from feedsvc.normalise.characters import clean, fold, word_set
from feedsvc.normalise.hostile import DROPPED, LONGEST, bare_text, paragraphs, tamed
from feedsvc.normalise.plain import BLOCKS, Reading, read, text_of
from feedsvc.normalise.players import with_links
from feedsvc.normalise.tokens import (
    ATTRIBUTE,
    Tag,
    Token,
    closing_of,
    decoded,
    encoded,
    encoded_value,
    tokenise,
    write,
)

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
    r"<(/?)(?=[bdfhlmnsBDFHLMNS])"  # so that most tags are passed by at their first letter
    r"(?i:body|dir|fieldset|footer|form|header|hgroup|html|legend|main|menu|nav|search)(?=[\s/>])[^<>]*>",
    re.A,
)
_PRE_START = re.compile(r"(<pre(?: [^>]*)?>)\n")
_KNOWN_TAG = re.compile(rf"</?(?:{'|'.join(sorted(TAGS | DROPPED | {'font', 'body'}))})(?=[\s/>])[^<>]*>", re.I)
_REFERENCE = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px)?\s*")
#: What feed services add to an item to count its readers, or for them to press.
_COUNTER = re.compile(r"https?://(?:[^/?#]+/~(?:ff/|r/.+/~4/)|(?:pixel\.wp|(?:feeds|stats)\.wordpress)\.com/)", re.I)
#: Where programs keep characters that they draw: such a picture says no more than its text.
_EMOJI = re.compile(r"/(?:tw)?emoji/", re.I)
#: A tag whose attributes must be judged. Most links need not be: a complete address in ASCII, as `urls.absolute` leaves
#: it, and no other attribute.
_TO_JUDGE = re.compile(
    rf'<(?!a href="(?=[^"]{{1,{urls.LONGEST}}}")https?://[A-Za-z0-9][A-Za-z0-9.-]*+'
    rf'(?:[/?#](?:[!#-%\'-~]++|&(?!nbsp;))*+)?" rel="{LINK_REL}">)([a-z][a-z0-9]*+)( [^>]*+)>'
)
#: A link with no word and no image in it. Inside it, what the first group holds, no other link begins.
_EMPTY_LINK = re.compile(r"<a(?: [^<>]*)?>((?:\s|&nbsp;|<(?!/?a[ >]|img[ >])[^<>]*>)*+)</a>")
_EMOJI_LETTERS = re.compile(r"[ -~]")
_LINE = re.compile(r"(?:— )?By \S.* · First published by \S", re.S)
_LAST_TEXT_LINE = re.compile(
    rf"(?:\A|\n[ \t]*\n)[ \t]*{ATTRIBUTION_TEXT_PREFIX}By [^\n]* · First published by [^\n]*\s*\Z"
)


def sanitise(raw: str, base: str | None = None) -> str:
    """Any HTML as HTML that may be shown: addresses resolved against `base`, our own attribution line taken off."""
    return _shown(raw, base)[0].strip()


def prose(text: Text | None, base: str | None = None, not_bases: Collection[str] = ()) -> Prose | None:
    """A value as HTML and plain text, or None where nothing is left of it.

    Its own base goes before `base`, unless it is one of `not_bases`.
    """
    if text is None or not text.value.strip():
        return None
    if is_markup(text) and "<" in text.value:
        own = None if text.base in not_bases else urls.absolute(text.base, base)
        html, words = _shown(text.value, own or base)
    else:
        html = _in_paragraphs(unescape(text.value) if is_markup(text) else text.value)
        words = text_of(html)
    return Prose(html=html.strip(), text=words) if words or "<img" in html or "<a " in html else None


def plain(text: Text | None, limit: int = 10_000) -> str:
    """A value as one line of plain text: titles, rights, names. Empty when there is none."""
    if text is None:
        return ""
    if not is_markup(text):
        return fold(text.value, limit)
    return fold(_canonical(text.value).text, limit)


def plain_words(value: str) -> str:
    """A line of which the format does not say whether it is markup, as plain text."""
    return fold(_canonical(value).text if _has_markup(value) else value)


def is_markup(text: Text) -> bool:
    """Whether a value is HTML: it says so, or does not say and has a tag or a character reference in it."""
    return _has_markup(text.value) if text.type == "unsure" else text.type == "html"


def _has_markup(value: str) -> bool:
    return bool(("<" in value and _KNOWN_TAG.search(value)) or ("&" in value and _REFERENCE.search(value)))


def _shown(raw: str, base: str | None) -> tuple[str, str]:
    """HTML as it may be shown, and its text, which says as little of players as of images."""
    linked = with_links(raw)
    html, words = _sanitised(linked, base)
    return html, words if linked is raw else _sanitised(raw, base)[1]


def _sanitised(raw: str, base: str | None) -> tuple[str, str]:
    reading = _canonical(raw)
    html, drawn = _settled(reading.html, base)
    shown = _without_attribution(html)
    words = text_of(shown) if drawn or shown is not html else reading.text
    full = _without_empty_links(shown) if reading.hollow else shown
    # What stood around a link and what stood in it may not stand in one another.
    return (full, words) if full == shown or reading.sure else _sanitised(full, base)


def _without_empty_links(html: str) -> str:
    while (fewer := _EMPTY_LINK.sub(r"\1", html)) != html:
        html = fewer
    return html


def _in_paragraphs(words: str) -> str:
    """Plain text as canonical HTML, without our own attribution line."""
    words = clean(words[:LONGEST])
    if " · First published by " in words:
        words = _LAST_TEXT_LINE.sub("", words)
    return _without_attribution(paragraphs(words).replace("\u00a0", "&nbsp;"))


def _canonical(raw: str) -> Reading:
    """HTML as nh3 writes it, once that is what nh3 reads."""
    html = tamed(raw)
    # Few have one, and to look for it takes two thirds of the time of replacing none.
    if _OTHER_BLOCK.search(html):
        html = _OTHER_BLOCK.sub(r"<\1div>", html)
    for _ in range(_ROUNDS):
        written = _CLEANER.clean(html)
        reading = read(written)
        # A reference can stand for a character that is cleaned away.
        if reading.sure and ("#" not in html or "&#" not in html or clean(written) == written):
            return reading
        again = _cleaned(written)
        if again == html:
            return reading if again == written else read(again)
        html = again
    return read(_cleaned(_CLEANER.clean(paragraphs(bare_text(html)))))


def _cleaned(html: str) -> str:
    # A parser drops the first line end after <pre>, so one that is meant is written twice (HTML, 13.2.6.4.7).
    return _PRE_START.sub(r"\1\n\n", clean(html))


def _settled(html: str, base: str | None) -> tuple[str, bool]:
    """The HTML with every attribute judged, and whether a drawn emoji in it became a letter."""
    letters = False

    def settled(match: re.Match[str]) -> str:
        nonlocal letters
        is_tag, written = _settled_tag(match[1], match[2], base)
        letters = letters or (bool(written) and not is_tag)
        return f"<{written}>" if is_tag else written

    return _TO_JUDGE.sub(settled, html), letters


def _settled_tag(name: str, attributes: str, base: str | None) -> tuple[bool, str]:
    """A start tag with its attributes judged, or the text in its place.

    An image without an address or a tracking pixel is gone, a drawn emoji a letter.
    """
    kept: dict[str, str] = {}
    for attribute, value in sorted(ATTRIBUTE.findall(attributes)):
        if attribute in _SET_BY_US:
            kept[attribute] = value
            continue
        stated = decoded(value)
        schemes = _ADDRESSES.get(attribute)
        judged = urls.absolute(stated, base, schemes) if schemes else _RULES.get(attribute, _as_text)(stated)
        if judged is not None:
            kept[attribute] = value if judged == stated else encoded_value(judged)
    if name == "img":
        if _is_no_picture(kept):
            return False, ""
        if _EMOJI.search(kept["src"]) and (drawn := _drawn_character(decoded(kept.get("alt", "")))):
            return False, encoded(drawn)
    return True, name + "".join([f' {attribute}="{value}"' for attribute, value in kept.items()])


#: Attributes that the cleaner writes itself, over whatever stood there.
_SET_BY_US = frozenset({"loading", "referrerpolicy", "rel"})
_ADDRESSES = {"href": urls.LINKABLE, "src": urls.WEB, "cite": urls.WEB}


def _is_no_picture(attributes: dict[str, str]) -> bool:
    sides = (attributes.get("width"), attributes.get("height"))
    tiny = "0" in sides or sides == ("1", "1")
    return tiny or "src" not in attributes or _COUNTER.match(attributes["src"]) is not None


def _drawn_character(alt: str) -> str | None:
    """The emoji that an image of one stands for."""
    alt = alt.strip()
    return alt if 0 < len(alt) <= 16 and not _EMOJI_LETTERS.search(alt) else None


def _as_text(value: str) -> str:
    return value[:2000]


def _as_number(value: str) -> str | None:
    if value.isdecimal() and len(value) <= 5:
        return str(int(value))
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


def _without_attribution(html: str) -> str:
    """The HTML without the attribution line that ends it, and without its class anywhere."""
    # Neither the sign that parts the line nor its class can be written in another way.
    if "·" not in html and ATTRIBUTION_CLASS not in html:
        return html
    tokens = tokenise(html)
    while (start := _last_block(tokens)) is not None:
        end = closing_of(tokens, start)
        block = tokens[start]
        ours = isinstance(block, Tag) and block.attributes.get("class") == ATTRIBUTION_CLASS
        if not ours and not _LINE.match(fold(text_of(write(tokens[start : end + 1])))):
            break
        tokens = tokens[:start] + tokens[end + 1 :]
    return write(
        Tag(token.name) if isinstance(token, Tag) and "class" in token.attributes else token for token in tokens
    )


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
