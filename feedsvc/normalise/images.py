"""An item and its content's HTML in, its images out, each with its own credits, licence and rights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from feedsvc.model import Credit, Enclosure, Image, ImageClaim, Item, LicenceClaim, LicenceState
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.licence import UNKNOWN, judge, stated_in
from feedsvc.normalise.plain import text_of
from feedsvc.normalise.tokens import decoded, read_attributes

_MOST = 200

_NOUN = (
    r"(?:photo(?:graph|graphy|graphie)?s?|images?|pictures?|stills?|screenshots?|fotos?|fotografías?|bild(?:er)?|szenenbild|"
    r"titelbild|abbildung|imagen|imágenes|ilustración|illustrations?|artwork)"
)
#: From where a caption names somebody; what stands before it describes the picture.
_LABEL = (
    rf"(?:{_NOUN}(?:\s*/\s*vid[eé]os?)?(?:\s+(?:credits?|sources?))?|photographers?|fotograf(?:in)?|photographe|fotógraf[oa]|"
    r"bildnachweis|bildquelle|bildrechte|crédits?(?:\s+(?:photos?|images?))?|créditos?(?:\s+de\s+la\s+(?:foto|imagen))?|credits?)"
)
_LABELLED = re.compile(rf"\b{_LABEL}\s*:\s*(.+)", re.I)
#: A name begins large, unless it is an agency's ("dpa") behind a label; "photo by the lake" describes.
_LARGE = r"(?-i:(?=[^\W\d_a-zß-ÿ]|@))"
#: "Photo/Pia Noor": only where a caption begins anew, or behind a small word with space around the slash; anywhere else
#: the noun is part of a name ("Saltworks Images/Pia Noor").
_SLASHED = re.compile(
    rf"(?:(?:^|[.!?|]\s+|[(\[)\]]\s*){_LABEL}\s*/|(?:^|\s)(?-i:[a-zß-ÿ])[\w'’-]*\s+{_LABEL}\s+/\s)\s*{_LARGE}(?!vid[eé]os?\b)(.+)",
    re.I,
)
#: "Photo de famille" describes, "Photo de Jean Dupont" names: behind "de" a name has two words.
_FULL_NAME = r"(?-i:(?=[^\W\d_a-zß-ÿ][\w.'’-]*\s+[^\W\d_a-zß-ÿ]))"
_MADE = r"\b(?:photo(?:graph|graphy|graphed|graphie)?s?|fotos?|fotografías?)\s+"
_MADE_BY = re.compile(rf"{_MADE}(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME})(.+)", re.I)
_OTHER_BY = re.compile(rf"\b{_NOUN}\s+(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME})(.+)", re.I)
_AGENCY = re.compile(r"\b((?:AP|AFP|EPA|UPI)\s+Photo\s*/\s*.+)")
_COURTESY = re.compile(
    r"\b((?:courtesy(?:\s+of)?|mit\s+freundlicher\s+genehmigung|avec\s+l['’]aimable\s+autorisation|cortesía\s+de)\s+"
    rf"(?:(?:von|der|des|de|du)\s+)?{_LARGE}.+)",
    re.I,
)
_FIGURE = re.compile(r"<(/?)figure\b")
_LINK = re.compile(r'<a\b[^<>]*? href="([^"]+)"')
_COPYRIGHT = re.compile(r"(©.+)")
_LICENCE_TAIL = re.compile(
    r"\s*[,/|–-]?\s*[(\[]?\s*(?:(?:licen[cs]ed?|lizenziert)\s+)?(?:(?:under|unter|sous|bajo)\s+)?\b(?:CC[\s-]?(?:BY|0|Zero)|"
    r"Creative\s+Commons|GFDL|public\s+domain|gemeinfrei|domaine\s+public|dominio\s+público|all\s+rights\s+reserved|alle\s+rechte"
    r"\s+vorbehalten|tous\s+droits\s+réservés|todos\s+los\s+derechos\s+reservados)\b.*$",
    re.I,
)
#: Where a caption goes on behind the name: a sentence (but not "Inc." or an initial), or a bracket that closes.
_GOES_ON = re.compile(r"(?<=[a-zß-ÿ]{3})[.]\s+(?=[^\W\d_a-zß-ÿ])|(?<=\w)[.;]?\s+\|\s+")
_DESCRIBES = re.compile(r"(?:an?|the|eine?[mnrs]?|der|die|das|une?|les?|la|los|las|el)\s+[^\W\d_]")


def images_of(item: Item, html: str | None, base: str | None) -> tuple[Image, ...]:
    """Every image once, the stated ones first; an image named twice keeps what either says."""
    claims = [*item.images, *_attached(item.enclosures), *_shown(html or "")]
    if not claims:
        return ()
    images: dict[str, Image] = {}
    for claim in claims:
        url = urls.absolute(claim.url, base)
        if url and (url in images or len(images) < _MOST):
            image = _image(claim, url)
            images[url] = _merged(images[url], image) if url in images else image
    return tuple(images.values())


def credits_of(credits: Iterable[Credit]) -> tuple[Credit, ...]:
    """Credits as stated, tidy, each once; none is ever made an author."""
    tidy = [
        Credit(name=name, role=fold(credit.role or "", 100) or None, scheme=fold(credit.scheme or "", 300) or None)
        for credit in credits
        if (name := fold(plain_words(credit.name), 500))
    ]
    return tuple(dict.fromkeys(tidy[:100])) if len(tidy) > 1 else tuple(tidy)


def _attached(enclosures: Iterable[Enclosure]) -> list[ImageClaim]:
    files = [file for file in enclosures if (file.type or "").lower().startswith("image/")]
    return [ImageClaim(url=file.url, type=file.type, length=file.length, alt=file.title) for file in files]


def _image(claim: ImageClaim, url: str) -> Image:
    rights = _line(claim.rights, 2000)
    stated = judge([claim.licence]) if claim.licence else UNKNOWN
    if stated.state is LicenceState.UNKNOWN:
        stated = stated_in(rights, of_image=True) if rights else UNKNOWN
    return Image(
        url=url,
        type=fold(claim.type, 100).lower() or None if claim.type else None,
        width=_size(claim.width),
        height=_size(claim.height),
        length=_size(claim.length),
        alt=_line(claim.alt, 2000),
        credits=credits_of(claim.credits) if claim.credits else (),
        licence=stated,
        rights=rights,
        terms_url=urls.absolute(claim.terms_url),
    )


def _line(words: str | None, limit: int) -> str | None:
    return fold(plain_words(words), limit) or None if words else None


def _size(number: int | None) -> int | None:
    return number if number is not None and 0 < number < 2**53 else None


def _merged(known: Image, other: Image) -> Image:
    return Image(
        url=known.url,
        type=known.type or other.type,
        width=known.width or other.width,
        height=known.height or other.height,
        length=known.length or other.length,
        alt=known.alt or other.alt,
        credits=_together(known.credits, other.credits),
        licence=known.licence if known.licence.state is not LicenceState.UNKNOWN else other.licence,
        rights=known.rights or other.rights,
        terms_url=known.terms_url or other.terms_url,
    )


def _together(known: tuple[Credit, ...], other: tuple[Credit, ...]) -> tuple[Credit, ...]:
    if not known or not other:
        return known or other
    names = {credit.name.casefold() for credit in known}
    return known + tuple(credit for credit in other if credit.name.casefold() not in names)


def _shown(html: str) -> Iterator[ImageClaim]:
    """The images in sanitised HTML; one that is alone in a figure carries what its caption says of it."""
    captions = _captions(html) if "<figcaption" in html else {}
    start = html.find("<img")
    while start >= 0:
        end = html.index(">", start)
        yield _captioned(read_attributes(html[start:end]), captions.get(start))
        start = html.find("<img", end)


def _captions(html: str) -> dict[int, str]:
    """The caption of each image that is alone in its figure, by the place where the image's tag begins."""
    found: dict[int, str] = {}
    opened: list[int] = []
    for tag in _FIGURE.finditer(html):
        if not tag[1]:
            opened.append(tag.start())
            continue
        start, end = opened.pop(), tag.start()
        if html.count("<img", start, end) == 1 == html.count("<figcaption", start, end):
            caption = html.index("<figcaption", start)
            found[html.index("<img", start)] = html[caption : html.index("</figcaption", caption)]
    return found


def _captioned(attributes: dict[str, str], caption: str | None) -> ImageClaim:
    said = _said_in(caption) if caption else _NOTHING_SAID
    return ImageClaim(
        url=attributes["src"],
        width=int(attributes["width"]) if "width" in attributes else None,
        height=int(attributes["height"]) if "height" in attributes else None,
        alt=attributes.get("alt"),
        credits=said.credits,
        licence=said.licence,
        rights=said.rights,
    )


class _Said(NamedTuple):
    """What a caption says of its image."""

    credits: tuple[Credit, ...] = ()
    licence: LicenceClaim | None = None
    rights: str | None = None


_NOTHING_SAID = _Said()


def _said_in(caption: str) -> _Said:
    text = fold(text_of(caption), 2000)
    credit = credit_in(text)
    rights = match[1] if (match := _COPYRIGHT.search(text)) else None
    return _Said((credit,) if credit else (), _licence_of(caption, text), rights)


# Feeds repeat one credit line on many images.
@lru_cache(maxsize=1024)
def credit_in(caption: str) -> Credit | None:
    """Whom a caption names: "Photo: Pia Noor", "Courtesy of Saltworks Pictures", "Bild: dpa"; None: nobody."""
    made_by = _AGENCY.search(caption) is None and _MADE_BY.search(caption)
    match = made_by or next((match for pattern in _NAMING if (match := pattern.search(caption))), None)
    name = _name_in(match[1]) if match else ""
    if not name or _DESCRIBES.match(name):
        return None
    role, scheme = ("photographer", "urn:ebu") if made_by else (None, None)
    return Credit(name=name[:300], role=role, scheme=scheme)


_NAMING = (_AGENCY, _LABELLED, _SLASHED, _OTHER_BY, _COURTESY, _COPYRIGHT)


def _name_in(words: str) -> str:
    """The words up to where the caption goes on or names a licence."""
    name = _GOES_ON.split(_LICENCE_TAIL.sub("", words), maxsplit=1)[0]
    opened = 0
    for index, character in enumerate(name):
        opened += (character in "([") - (character in ")]")
        if opened < 0:
            name = name[:index]
            break
    return name.strip(" .;,") if name.count("(") == name.count(")") else name.strip(" .;,)]")


def _licence_of(caption: str, text: str) -> LicenceClaim | None:
    """A licence that the caption links to or names."""
    for href in map(decoded, _LINK.findall(caption)):
        if judge([LicenceClaim(url=href)]).state is LicenceState.IDENTIFIED:
            return LicenceClaim(url=href)
    return LicenceClaim(text=text) if stated_in(text, of_image=True).state is not LicenceState.UNKNOWN else None
