"""The words after a label → names with their addresses, credits and licences: how people write them down in prose."""

from __future__ import annotations

import re
from typing import NamedTuple

from feedsvc.model import Credit, ImageClaim, LicenceClaim

#: A web address inside running text, without the punctuation that closes the sentence around it.
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]]")

_QUOTED = r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]"
_WHOLE = rf"!?\[[^\[\]]*\]\([^()\s]*\)|<[^<>]*>|{_QUOTED}|\([^()]*\)|https?://[^\s<>,;]*[^\s<>,;.]"
_AND = r"(?:and|und|et|y|&|\+)"
_SUFFIX = r"(?!\s*(?:Inc|Ltd|LLC|Jr|Sr|GmbH|S\.A)\b)"
_LISTED = re.compile(rf"(?P<atom>{_WHOLE})|(?P<sep>\s*,{_SUFFIX}(?:\s*{_AND}\s)?\s*|\s+(?:{_AND}|/)\s+)|.", re.S)
_SEMICOLONS = re.compile(rf"(?P<atom>{_WHOLE})|(?P<sep>\s*;\s*(?:{_AND}\s+)?)|.", re.S)

_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
_BRACKETED_ADDRESS = re.compile(r"^(.*?)\s*[:–—-]?\s*[<(]?(https?://[^\s<>]*[^\s<>).,])[>)]?$", re.S)
_BRACKETED_MAIL = re.compile(r"\s*[<(](?:mailto:)?[^\s<>()@]+@[^\s<>()@]+[>)]")
_FULL_STOP = re.compile(r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)(?<!\bJr)(?<!\bSr)(?<!\b\w)\.$")
#: Small words inside the names of people and papers.
_PARTICLES = frozenset(
    re.split(" ", "a al da das de del der di dos du e el for für la las le les of ten the van vom von zu zum")
)

_IMAGE_WORD = r"(?:photo(?:graph|grapher|graphy)?|picture|image|still|poster|artwork|bild|foto(?:graf(?:in)?)?|imagen)"
#: Small letters or a following "by", ":" and so on, because "Tallgrass Pictures" and "Image Comics" are companies.
_SPEAKS_OF_IMAGE = re.compile(
    rf"\b(?:photo(?:graph|grapher|graphy)?s?|images?|stills?|fotos?)\b|(?i:^(?:photo|foto)s?\b|\bbildnachweis\b"
    rf"|(?:^|\b(?!picture)){_IMAGE_WORD}(?:s|er|es)?\s*(?:credits?\b|by\b|von\b|de\b|par\b|por\b|courtesy\b|©|\(c\)|:))"
)
_MADE_BY = re.compile(r"^(?:photo(?:graph(?:y|s|ed)?)?s?|fotos?|fotografía)\s+(?:by|von|de|par|por)[\s:]+", re.I)
_CREDIT_LABEL = re.compile(
    rf"^(?:(?:{_IMAGE_WORD}s?\s+)?credits?|crédits? photos?|bildnachweis|bildquelle|{_IMAGE_WORD}(?:s|er)?)"
    r"(?:\s+(?:by|von|credit))?\s*(?::\s*|(?=©|\(c\)))",
    re.I,
)
_COURTESY = re.compile(
    r"\b(?:by\s+)?(?:courtesy(?:\s+of)?|mit freundlicher genehmigung (?:von|der|des)|avec l[’']aimable autorisation de"
    r"|cortesía de)\s*:?\s+(.+)$",
    re.I | re.S,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)(?:\s*(?:©|\(c\)|copyright|by|:))*\s*(?:\d{4}(?:\s*[-–,]\s*\d{2,4})*,?\s*)?(?:by\s+)?(\S.*)$",
    re.I | re.S,
)
_HOLDER_ENDS = re.compile(r"\s*(?:(?<=\w\w\w)\.\s|[;|]\s|[.;,]?\s*all rights\b|[.;,]?\s*alle rechte\b|[(\[].*$)", re.I)

#: How a credit begins inside a caption: after a sentence or a bracket, or wherever the words leave no doubt.
_CREDIT_IN_CAPTION = (
    re.compile(rf"(?:^|(?<=\s)|(?<=[(\[|/]))(?:{_CREDIT_LABEL.pattern[1:]}|{_MADE_BY.pattern[1:]})", re.I),
    re.compile(rf"(?:\b{_IMAGE_WORD}s?\s+)?\b(?:courtesy of|mit freundlicher genehmigung|cortesía de)\b", re.I),
    re.compile(r"©|\(c\)\s|\bcopyright\s+(?:©|\d)", re.I),
)

_LICENCE = (
    r"(?:creative\s+commons|cc[\s-]?(?:by|0|zero)\b|cc\s+\d|public\s+domain|gemeinfrei\b|domaine\s+public|dominio\s+público"
    r"|gnu\b|gfdl\b|(?:https?://)?(?:www\.)?creativecommons\.org/|(?:licen[cs]ed?|lizenz)\b)"
)
_IS_LICENCE = re.compile(
    rf"^(?:licensed\s+|lizenziert\s+)?(?:(?:under|unter|sous|bajo)\s+)?(?:(?:the|an?)\s+)?{_LICENCE}", re.I
)
_LICENCE_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_LICENCE_TAIL = re.compile(
    rf"(?:\s*[,;/|–—]\s*|\s+-\s+|\s+(?=licensed\b|(?:under|unter|sous)\b)|\.\s+)((?:licensed\s+)?(?:(?:under|unter|sous)\s+)?"
    rf"(?:(?:the|an?)\s+)?{_LICENCE}.*)$",
    re.I | re.S,
)
_IMAGE_ADDRESS = re.compile(
    r"!?\[(?P<alt>[^\[\]]*)\]\((?P<linked>[^()\s]+)\)|<?(?P<plain>https?://[^\s<>]*[^\s<>,;).]"
    r"|[^\s<>:]+\.(?:jpe?g|png|webp|gif|avif))>?",
    re.I,
)


class Named(NamedTuple):
    """A name as it was written, and the address beside it; one of the two may be missing."""

    name: str | None
    url: str | None


def split_names(value: str) -> tuple[Named, ...]:
    """The names in a list, in order.

    Commas, "and" (und, et, y, &, +) and a "/" between spaces part them. Whoever has a name with "and" or a comma in it
    quotes the name ("“Rock and Ice”, Variety") or parts the list with semicolons: where one stands, nothing else parts.
    Brackets, quotes and Markdown links are never cut; "Name <https://…>", "Name (https://…)" and "[Name](https://…)"
    give addresses. E-mail addresses in brackets are dropped.
    """
    grammar = _SEMICOLONS if any(m["sep"] for m in _SEMICOLONS.finditer(value)) else _LISTED
    pieces = [""]
    for match in grammar.finditer(value):
        if match["sep"]:
            pieces.append("")
        else:
            pieces[-1] += match[0]
    pieces[-1] = _FULL_STOP.sub("", pieces[-1].rstrip())
    return tuple(named for piece in pieces if (named := _named(piece)) != (None, None))


def _named(piece: str) -> Named:
    piece = _BRACKETED_MAIL.sub("", piece).strip().strip("*_").strip()
    if link := _MARKDOWN_LINK.fullmatch(piece):
        return Named(unquoted(link[1]) or None, link[2] or None)
    if re.fullmatch(r"<?https?://[^\s<>]+>?", piece):
        return Named(None, piece.strip("<>"))
    if address := _BRACKETED_ADDRESS.match(piece):
        return Named(unquoted(address[1]) or None, address[2])
    return Named(unquoted(piece) or None, None)


def unquoted(text: str) -> str:
    """The text without the quotation marks around the whole of it."""
    text = text.strip()
    return text[1:-1].strip() if re.fullmatch(_QUOTED, text) else text


def reads_like_names(value: str, *, strict: bool) -> bool:
    """Whether a value names people or papers and says nothing else; strict where no label with a colon says so."""
    names = split_names(value)
    return 0 < len(names) <= 12 and all(_is_name(name or url or "", strict=strict) for name, url in names)


def _is_name(name: str, *, strict: bool) -> bool:
    words = name.split()
    if len(words) > 6 or name[-1:] in "!?…:" or _FULL_STOP.search(name) or not any(c.isalpha() for c in name):
        return False
    return not strict or all(not word[0].islower() or word.lower() in _PARTICLES for word in words)


def reads_like_credit(value: str) -> bool:
    """Whether a value says whom to name for an image: less "Photo by", "©" and so on it is mostly names."""
    named = _MADE_BY.sub("", _CREDIT_LABEL.sub("", value.strip(), count=1), count=1)
    match = _COURTESY.search(named) or _COPYRIGHT.search(named)
    return _mostly_names(match[1] if match else named)


def _mostly_names(value: str) -> bool:
    plain = _FULL_STOP.sub("", value.strip())
    words = plain.split()
    if not words or len(words) > 16 or plain[-1] in "!?…":
        return False
    large = sum(not word[0].islower() for word in words)
    return 2 * large >= len(words) if plain != value.strip() or len(words) > 2 else True


def speaks_of_image(text: str) -> bool:
    """Whether a statement is about a photo, still or image and not about the text."""
    return bool(_SPEAKS_OF_IMAGE.search(text))


def read_credit(text: str) -> Credit | None:
    """A credit line → a credit: verbatim, less the label "Photo:"; "Photo by" becomes the role (of EBU's list)."""
    text = text.strip().strip("*_").strip()
    made_by = _MADE_BY.match(text)
    name = text[made_by.end() :] if made_by else _CREDIT_LABEL.sub("", text, count=1)
    name = name.strip()
    if not name:
        return None
    return Credit(name=name, role="photographer", scheme="urn:ebu") if made_by else Credit(name=name)


def find_credit(caption: str) -> str | None:
    """The part of a caption that is a credit ("Photo: …", "Courtesy of …", "© …"), None where there is none."""
    for pattern in _CREDIT_IN_CAPTION:
        for match in pattern.finditer(caption):
            said = caption[match.start() :].strip()
            if said.count(")") > said.count("("):
                said = said[: said.rindex(")")].rstrip()
            if reads_like_credit(split_licence(said)[0]):
                return said
    return None


def rights_holder(text: str) -> str | None:
    """Whom "courtesy of" or "©" names, None where neither stands."""
    match = _COURTESY.search(text) or _COPYRIGHT.search(text)
    return (
        unquoted(_FULL_STOP.sub("", _HOLDER_ENDS.split(match[1], maxsplit=1)[0].strip(" ,;"))) or None
        if match
        else None
    )


def read_licence(text: str) -> LicenceClaim | None:
    """What is said of a licence, split into its address and its words; None for an empty text."""
    address = WEB_ADDRESS.search(text)
    if not address:
        return LicenceClaim(text=text.strip()) if text.strip() else None
    words = _MARKDOWN_LINK.sub(r"\1", text)
    words = re.sub(r"[<(\[]?" + re.escape(address[0]) + r"[>)\]]?", "", words).strip(" ,;:–—-")
    return LicenceClaim(url=address[0], text=words or None)


def is_licence(text: str) -> bool:
    """Whether a text opens by naming a licence."""
    return bool(_IS_LICENCE.match(text.strip()))


def split_licence(text: str) -> tuple[str, LicenceClaim | None]:
    """A credit line → the line without its licence, and the licence: "Courtesy of X (Creative Commons)"."""
    for brackets in _LICENCE_BRACKETS.finditer(text):
        if is_licence(brackets[1]):
            return (text[: brackets.start()] + text[brackets.end() :]).strip(), read_licence(brackets[1])
    if is_licence(text):
        return "", read_licence(text)
    if tail := _LICENCE_TAIL.search(text):
        return text[: tail.start()].strip(), read_licence(tail[1])
    return text.strip(), None


def read_image(value: str) -> ImageClaim | None:
    """An image with its own credit and licence: "https://…/x.jpg (Photo by Pia Noor, CC BY 4.0)"; None without address.

    Words beside the address that do not read like a credit describe the picture: they become its alternative text.
    """
    address = _IMAGE_ADDRESS.search(value)
    if not address:
        return None
    beside = f"{value[: address.start()].strip()} {value[address.end() :].strip()}".strip(" ,;–—-")
    if re.fullmatch(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", beside):
        beside = beside[1:-1]
    said, licence = split_licence(beside)
    credit = read_credit(said) if reads_like_credit(said) else None
    alt = (address["alt"] or "").strip() or None
    if said and credit is None:
        alt = f"{alt} – {said}" if alt else said
    url = address["linked"] or address["plain"]
    return ImageClaim(url=url, alt=alt, credits=(credit,) if credit else (), licence=licence)
