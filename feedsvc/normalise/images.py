"""An item and its content's HTML in, its images out, each with its own credits, licence and rights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from feedsvc.model import Credit, Enclosure, Image, ImageClaim, Item, LicenceClaim, LicenceState
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.credit_lines import COPYRIGHT, LABEL, credit_in, credits_in_place, is_credit_line
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.licence import UNKNOWN, judge, stated_in
from feedsvc.normalise.plain import BLOCKS, text_of
from feedsvc.normalise.tokens import decoded, read_attributes

_MOST = 200

_FIGURE = re.compile(r"<(?:(/?)(figure|figcaption)|img)\b")
#: A caption that tells the pictures over it apart does not say one thing of all.
_PLACES = re.compile(
    r"\b(?:left|right|top|bottom|above|below|links|rechts|oben|unten|(?:à|de)\s+(?:gauche|droite)|en\s+(?:haut|bas)|"
    r"izquierda|derecha|arriba|abajo)\b",
    re.I,
)
_LINK = re.compile(r'<a\b[^<>]*? href="([^"]+)"')
#: From an image to the first word behind it, where that may begin a credit line: a label in a link leads elsewhere, and
#: one in a headline or a list is no credit.
_LINE_BEHIND = re.compile(
    r"(?:\s|&nbsp;|</(?:a|b|center|div|em|figure|i|p|small|span|strong|u)>|"
    rf"<(?:b|br|center|div|em|i|p|small|span|strong|u)(?: [^<>]*)?>)*+(?=[(\[]?{LABEL}\b)",
    re.I,
)
_LINE_END = re.compile(rf"<(?:/?(?:{'|'.join(sorted(BLOCKS))})|br|img)\b")
_LONGEST_LINE = 1000
_NO_WORD = re.compile(r"(?:\s|&nbsp;|<[^<>]*>)*")


def images_of(item: Item, html: str | None, base: str | None) -> tuple[tuple[Image, ...], tuple[Credit, ...]]:
    """Every image once, the stated ones first, and the credits that are of no image.

    An image named twice keeps what either says.
    """
    shown, unbound = _shown(html) if html and "<img" in html else ((), ())
    claims = [*item.images, *_attached(item.enclosures), *shown]
    images: dict[str, Image] = {}
    for claim in claims:
        url = urls.absolute(claim.url, base)
        if url and (url in images or len(images) < _MOST):
            image = _image(claim, url)
            images[url] = _merged(images[url], image) if url in images else image
    if not item.credits and not unbound:
        return tuple(images.values()), ()
    bound = {credit.name.casefold() for image in images.values() for credit in image.credits} if unbound else set()
    others = credits_of([credit for credit in unbound if credit.name.casefold() not in bound])
    return tuple(images.values()), _together(credits_of(item.credits), others)


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
    rights, alt = _line(claim.rights, 2000), _line(claim.alt, 2000)
    stated = judge([claim.licence]) if claim.licence else UNKNOWN
    if stated.state is LicenceState.UNKNOWN:
        stated = stated_in(rights, of_image=True) if rights else UNKNOWN
    return Image(
        url=url,
        type=fold(claim.type, 100).lower() or None if claim.type else None,
        width=_size(claim.width),
        height=_size(claim.height),
        length=_size(claim.length),
        alt=alt,
        credits=credits_of(claim.credits or credits_in_place(alt)),
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


def _shown(html: str) -> tuple[list[ImageClaim], list[Credit]]:
    """The images in sanitised HTML, each with what its captions say of it, and the credits of which image is unsure."""
    figures = _figures(html) if "<figcaption" in html else _NO_FIGURES
    claims: list[ImageClaim] = []
    unbound = list(figures.unbound)
    start, last_end = html.find("<img"), None
    while start >= 0:
        end = html.index(">", start) + 1
        attributes = read_attributes(html[start:end])
        said = figures.own.get(start, _NOTHING_SAID)
        if line := _credit_line_behind(html, end):
            in_line = _said_in(line)
            if said.credits or (last_end is not None and _NO_WORD.fullmatch(html, last_end, start)):
                unbound += in_line.credits
            else:
                said = _with(said, in_line)
        shared = figures.shared.get(start)
        # What the alt text says by itself is read with that of all other images.
        if not said.credits and (shared or "title" in attributes):
            in_place = credits_in_place(attributes.get("alt")) or credits_in_place(attributes.get("title"))
            said = said._replace(credits=in_place) if in_place else _with(said, shared)
        claims.append(_claimed(attributes, said))
        start, last_end = html.find("<img", end), end
    return claims, unbound


def _credit_line_behind(html: str, end: int) -> str | None:
    """The HTML of the block that begins directly behind an image, if it is wholly a line that credits somebody."""
    behind = _LINE_BEHIND.match(html, end)
    if behind is None:
        return None
    begin = behind.end()
    stop = _LINE_END.search(html, begin, begin + _LONGEST_LINE)
    line = html[begin : stop.start() if stop else len(html)]
    return line if len(line) <= _LONGEST_LINE and is_credit_line(fold(text_of(line))) else None


class _Figures(NamedTuple):
    """What captions say of one image and of each of several, by where its tag begins; and credits of images unknown."""

    own: dict[int, _Said]
    shared: dict[int, _Said]
    unbound: list[Credit]


class _Figure:
    """A figure whose end is yet to come: its images, and its captions but for those of figures in it."""

    __slots__ = ("begun", "captions", "images")

    def __init__(self) -> None:
        self.images: list[int] = []
        self.captions: list[str] = []
        self.begun: int | None = None


def _figures(html: str) -> _Figures:
    figures = _Figures({}, {}, [])
    opened: list[_Figure] = []
    for tag in _FIGURE.finditer(html):
        closing, name = tag.groups()
        if name == "figure" and not closing:
            opened.append(_Figure())
        elif not opened:
            continue
        elif name is None:
            opened[-1].images.append(tag.start())
        elif name == "figcaption":
            figure = opened[-1]
            if not closing:
                figure.begun = tag.start()
            elif figure.begun is not None:
                figure.captions.append(html[figure.begun : tag.start()])
                figure.begun = None
        else:
            figure = opened.pop()
            _read_captions(figure, figures)
            if opened:
                opened[-1].images += figure.images
    return figures


def _read_captions(figure: _Figure, figures: _Figures) -> None:
    """One image has every caption of its figure; several share the only one, unless it tells them apart."""
    if not figure.images:
        return
    all_said = [_said_in(caption) for caption in figure.captions]
    if len(figure.images) == 1:
        [image] = figure.images
        for said in all_said:
            figures.own[image] = _with(figures.own.get(image, _NOTHING_SAID), said)
    elif len(all_said) == 1 and not _PLACES.search(figure.captions[0]):
        if all_said[0].credits:
            for image in figure.images:
                figures.shared.setdefault(image, all_said[0])
    else:
        figures.unbound.extend(credit for said in all_said for credit in said.credits)


def _claimed(attributes: dict[str, str], said: _Said) -> ImageClaim:
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
_NO_FIGURES = _Figures({}, {}, [])


def _with(nearer: _Said, further: _Said | None) -> _Said:
    """What both say; of two that say the same of an image the nearer one holds."""
    if further is None:
        return nearer
    return _Said(nearer.credits or further.credits, nearer.licence or further.licence, nearer.rights or further.rights)


def _said_in(caption: str) -> _Said:
    text = fold(text_of(caption), 2000)
    credit = credit_in(text)
    rights = match[1] if (match := COPYRIGHT.search(text)) else None
    return _Said((credit,) if credit else (), _licence_of(caption, text), rights)


def _licence_of(caption: str, text: str) -> LicenceClaim | None:
    """A licence that the caption links to or names."""
    for href in map(decoded, _LINK.findall(caption)):
        if judge([LicenceClaim(url=href)]).state is LicenceState.IDENTIFIED:
            return LicenceClaim(url=href)
    return LicenceClaim(text=text) if stated_in(text, of_image=True).state is not LicenceState.UNKNOWN else None
