"""An item and its content's HTML in, its images out, each with its own credits, licence and rights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from feedsvc.model import Credit, Enclosure, Image, ImageClaim, Item, LicenceClaim, LicenceState
from feedsvc.normalise import urls
from feedsvc.normalise.characters import fold, word_set
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.licence import UNKNOWN, judge, stated_in
from feedsvc.normalise.plain import BLOCKS, text_of
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
_WORD_OF_NAME = r"[^\W\d_a-zß-ÿ][\w.'’&-]*"
#: "Saltworks Images/Pia Noor", where a caption begins anew and nothing but the name follows.
_PICTURE_AGENCY = re.compile(
    rf"(?:^|[.!?|]\s+|[(\[)\]]\s*)(?!(?:An?|The)\s)({_WORD_OF_NAME}(?:\s+{_WORD_OF_NAME}){{0,2}}\s+(?:Images?|Photos?|Pictures?)"
    rf"\s*/\s*(?!Vid[eé]os?\b){_WORD_OF_NAME}(?:\s+{_WORD_OF_NAME}){{0,3}})\s*(?=$|[)\]|,;])"
)
_OTHER_COURTESY = r"mit\s+freundlicher\s+genehmigung|avec\s+l['’]aimable\s+autorisation|cortesía\s+de"
_COURTESY = re.compile(
    rf"\b((?:courtesy(?:\s+of)?|{_OTHER_COURTESY})\s+(?:(?:von|der|des|de|du)\s+)?{_LARGE}.+)",
    re.I,
)
_FIGURE = re.compile(r"<(?:(/?)(figure|figcaption)|img)\b")
#: A caption that tells the pictures over it apart does not say one thing of all.
_PLACES = re.compile(
    r"\b(?:left|right|top|bottom|above|below|links|rechts|oben|unten|(?:à|de)\s+(?:gauche|droite)|en\s+(?:haut|bas)|"
    r"izquierda|derecha|arriba|abajo)\b",
    re.I,
)
_LINK = re.compile(r'<a\b[^<>]*? href="([^"]+)"')
_COPYRIGHT = re.compile(r"(©.+)")
#: What stands in place of an image describes it ("Screenshot: Settings"): a label alone names somebody only behind the
#: description, one that says what it is for anywhere.
_BEHIND_DESCRIPTION = re.compile(
    rf"(?:(?:[.!?|)\]–—]\s+|[(\[]){_LABEL}|(?:^|[.!?|)\]–—]\s+|[(\[])credits?|\b{_NOUN}\s+(?:credits?|sources?)|"
    r"\b(?:bildnachweis|bildquelle|bildrechte|crédits?\s+(?:photos?|images?)|créditos?\s+de\s+la\s+(?:foto|imagen)))\s*:\s*(.+)",
    re.I,
)
_COURTESY_OF = re.compile(rf"\b((?:courtesy\s+of|{_OTHER_COURTESY})\s+(?:(?:von|der|des|de|du)\s+)?.+)", re.I)
_MAY_NAME = re.compile(r"[:©]|(?:Photo|Image|Picture)s?\s?/|(?i:courtesy of|genehmigung|autorisation|cortesía)")
_CREDIT_LINE = re.compile(
    rf"[(\[]?(?:{_LABEL}\s*:\s*|{_MADE}(?:(?:by|von|par|por)\s+{_LARGE}|de\s+{_FULL_NAME}))(.+)", re.I
)
#: From an image to the first word behind it, where that may begin a credit line: a label in a link leads elsewhere, and
#: one in a headline or a list is no credit.
_LINE_BEHIND = re.compile(
    r"(?:\s|&nbsp;|</(?:a|b|center|div|em|figure|i|p|small|span|strong|u)>|"
    rf"<(?:b|br|center|div|em|i|p|small|span|strong|u)(?: [^<>]*)?>)*+(?=[(\[]?{_LABEL}\b)",
    re.I,
)
_LINE_END = re.compile(rf"<(?:/?(?:{'|'.join(sorted(BLOCKS))})|br|img)\b")
_LONGEST_LINE = 1000
_NO_WORD = re.compile(r"(?:\s|&nbsp;|<[^<>]*>)*")
#: Small words of names and of what is said with them.
_SMALL = word_set(
    "afp apa dpa epa imago sda"
    " al and at avec bin by cortesía courtesy d da de del der des di do du e el et for freundlicher from genehmigung"
    " l’aimable l'aimable la las le les los mit of on par por the und van via von y zu autorisation"
)
_BEGINS_TITLE = re.compile(r"An?\s")
_AROUND_WORD = " .,;:/|&+–—-()[]{}\"'“”„’‘«»@#©®™"
_LICENCE_TAIL = re.compile(
    r"\s*[,/|–-]?\s*[(\[]?\s*(?:(?:licen[cs]ed?|lizenziert)\s+)?(?:(?:under|unter|sous|bajo)\s+)?\b(?:CC[\s-]?(?:BY|0|Zero)|"
    r"Creative\s+Commons|GFDL|public\s+domain|gemeinfrei|domaine\s+public|dominio\s+público|all\s+rights\s+reserved|alle\s+rechte"
    r"\s+vorbehalten|tous\s+droits\s+réservés|todos\s+los\s+derechos\s+reservados)\b.*$",
    re.I,
)
#: Where a caption goes on behind the name: a sentence (but not "Inc." or an initial), or a bracket that closes.
_GOES_ON = re.compile(r"(?<=[a-zß-ÿ]{3})[.]\s+(?=[^\W\d_a-zß-ÿ])|(?<=\w)[.;]?\s+\|\s+")
_DESCRIBES = re.compile(r"(?:an?|the|eine?[mnrs]?|der|die|das|une?|les?|la|los|las|el)\s+[^\W\d_]")


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
        credits=credits_of(claim.credits or _credits_in_place(alt)),
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
        if not said.credits:
            in_place = _credits_in_place(attributes.get("alt")) or _credits_in_place(attributes.get("title"))
            said = said._replace(credits=in_place) if in_place else _with(said, figures.shared.get(start))
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
    text = fold(text_of(line)) if len(line) <= _LONGEST_LINE else ""
    credit = _CREDIT_LINE.fullmatch(text)
    if credit is None or _BEGINS_TITLE.match(credit[1]):
        return None
    name = _name_in(credit[1])
    whole = _LICENCE_TAIL.sub("", credit[1]).strip(_AROUND_WORD) == name.strip(_AROUND_WORD)
    return line if whole and _reads_as_name(name) else None


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


def _credits_in_place(description: str | None) -> tuple[Credit, ...]:
    """Whom the words that stand in place of an image surely name."""
    if description is None or _MAY_NAME.search(description) is None:
        return ()
    text = fold(description, 2000)
    for pattern in (_AGENCY, _BEHIND_DESCRIPTION, _PICTURE_AGENCY, _COURTESY_OF, _COPYRIGHT):
        if match := pattern.search(text):
            name = _name_in(match[1])
            return (Credit(name=name[:300]),) if _reads_as_name(name) else ()
    return ()


def _reads_as_name(name: str) -> bool:
    """Whether words are written as a name is, large but for words like "von" and "on"; no question and no sentence."""
    words = [word for part in name.split() if (word := part.strip(_AROUND_WORD))]
    return (
        0 < len(words) <= 15
        and not name.endswith(("?", "!"))
        and all(not word[0].islower() or word.casefold() in _SMALL or "." in word for word in words)
        and any(word[0].isalpha() for word in words)
    )


_NAMING = (_AGENCY, _LABELLED, _PICTURE_AGENCY, _SLASHED, _OTHER_BY, _COURTESY, _COPYRIGHT)


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
