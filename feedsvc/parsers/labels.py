"""A trailer's label → the function that reads its value into an item: what partners call things, in four languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from feedsvc.model import Category, Citation, FeedInfo, Item, Link, Person, RatingClaim, Subject, Text
from feedsvc.parsers.names import (
    is_licence,
    read_credit,
    read_image,
    read_licence,
    reads_like_credit,
    reads_like_names,
    rights_holder,
    speaks_of_image,
    split_licence,
    split_names,
    unquoted,
)

#: Takes what has been read so far and a value; None: the value does not fit, the line stays text.
Reading = Callable[[Item, str], Item | None]
#: A date that stands alone: ISO 8601, "12 March 2026", "Thursday, 12th March 2026", "March 12, 2026", "12. März 2026".
_DATE = (
    r"\d{4}-\d{2}(?:-\d{2})?(?:[T ][\d:.]+\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
    r"|(?:[^\W\d]+,?\s+)?\d{1,2}(?:\.|st|nd|rd|th)?\s+(?:de\s+)?[^\W\d]{3,10}\.?,?\s+(?:de\s+)?\d{4}"
    r"|(?:[^\W\d]+,?\s+)?[^\W\d]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
)
BARE_DATE = re.compile(rf"^(?:{_DATE})$")
_DATED_BYLINE = re.compile(rf"^(.+?)\s*[,|·–—]\s*({_DATE})$")
_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|out of|of|von|sur|de|su)\s*(\d+(?:[.,]\d+)?)\b", re.I)
_MARK = re.compile(r"\d|[★☆⭐½✭*]|^[A-F][+\-−–]?$")
_IMAGE_WORD = re.compile(r"\b(?:photo|image|still|picture|poster|foto|bild)(?:s|er)?\b", re.I)
_YEAR = re.compile(r"\s*\((\d{4})\)$")


def _cited(item: Item, value: str) -> Item | None:
    citations = tuple(Citation(name=name, url=url) for name, url in split_names(value))
    return replace(item, cited=item.cited + citations) if citations else None


def read_attribution(item: Item, value: str) -> Item | None:
    """Whom the text's maker thanks; the licence is the text's. But of a photo, everything is the photo's."""
    if speaks_of_image(value):
        return _image_credit(item, value)
    said, licence = split_licence(value)
    credit = read_credit(said)
    return replace(
        item,
        credits=item.credits + ((credit,) if credit else ()),
        rights_holder=item.rights_holder or rights_holder(said),
        licences=item.licences + ((licence,) if licence else ()),
    )


def read_image_line(item: Item, value: str, line: str = "") -> Item | None:
    """An image with its address, or a credit for one; `line` is the value with its label, where it has one."""
    if claim := read_image(value):
        return replace(item, images=(*item.images, claim))
    return _image_credit(item, value, line) if reads_like_credit(split_licence(value)[0]) else None


def _image_credit(item: Item, value: str, line: str = "") -> Item | None:
    """Bound to the image where there is only one and it has no credit; else unbound, its licence in its words."""
    lone = item.images[0] if len(item.images) == 1 else None
    if lone and not lone.credits and not lone.licence:
        said, licence = split_licence(value)
        credit = read_credit(said)
        return replace(item, images=(replace(lone, credits=(credit,) if credit else (), licence=licence),))
    credit = read_credit(value)
    if credit and (split_licence(value)[1] or rights_holder(value)):
        credit = replace(credit, name=_about_an_image(line or value))
    return replace(item, credits=(*item.credits, credit)) if credit else None


def _about_an_image(line: str) -> str:
    """The whole line, and a word for what it is about where no reader would know it: the licence is not the text's."""
    return line if _IMAGE_WORD.search(line) else f"Image: {line}"


def _photographer(item: Item, value: str) -> Item | None:
    return read_image_line(item, f"Photo by {value}")


def _people(value: str, *, strict: bool) -> tuple[Person, ...]:
    if not reads_like_names(value, strict=strict):
        return ()
    return tuple(Person(name=name or url or "", url=url) for name, url in split_names(value))


def _authors(item: Item, value: str) -> Item | None:
    people = _people(value, strict=False)
    return replace(item, authors=item.authors + people) if people else None


def read_byline(item: Item, value: str) -> Item | None:
    """ "Jane Doe and John Roe" or "Jane Doe, 12 March 2026"."""
    dated = _DATED_BYLINE.match(value)
    if dated and item.published:
        return None
    people = _people(dated[1] if dated else value, strict=True)
    if not people:
        return None
    return replace(item, authors=item.authors + people, published=dated[2] if dated else item.published)


def _editors(item: Item, value: str) -> Item | None:
    people = _people(value, strict=False)
    return replace(item, contributors=item.contributors + people) if people else None


def _rating(item: Item, value: str) -> Item | None:
    """A mark, not a composer and not a remark: it has a figure, stars or a grade ("A-"), or is one or two words."""
    if item.rating or len(value) > 60 or not (_MARK.search(value) or len(value.split()) <= 2):
        return None
    scale = _OUT_OF.search(value)
    claim = RatingClaim(text=value, value=scale[1], best=scale[2]) if scale else RatingClaim(text=value)
    return replace(item, rating=claim)


def _score(item: Item, value: str) -> Item | None:
    """ "Score: Hans Zimmer" names a composer, "Note: …" opens a remark: these labels need a mark."""
    return _rating(item, value) if _MARK.search(value) else None


def _licence(item: Item, value: str) -> Item | None:
    claim = read_licence(value)
    if not claim or speaks_of_image(value):
        return None
    return replace(item, licences=(*item.licences, claim))


def read_rights(item: Item, value: str) -> Item | None:
    if speaks_of_image(value):
        return _image_credit(item, value)
    if item.rights:
        return None
    claim = read_licence(value) if is_licence(value) else None
    return replace(
        item,
        rights=Text(value=value),
        rights_holder=item.rights_holder or rights_holder(value),
        licences=item.licences + ((claim,) if claim else ()),
    )


def _published(item: Item, value: str) -> Item | None:
    fits = not item.published and len(value) <= 60 and any(c.isdigit() for c in value)
    return replace(item, published=value) if fits else None


def _updated(item: Item, value: str) -> Item | None:
    fits = not item.updated and len(value) <= 60 and any(c.isdigit() for c in value)
    return replace(item, updated=value) if fits else None


def _link(item: Item, value: str) -> Item | None:
    named = split_names(value)
    if item.links or len(named) != 1 or not named[0].url:
        return None
    return replace(item, links=(Link(href=named[0].url, title=named[0].name),))


def _via(item: Item, value: str) -> Item | None:
    """The carrier's name and address; `href` is empty where only the name was given."""
    if len(value) > 200 or not reads_like_names(value, strict=True):
        return None
    links = tuple(Link(href=url or "", rel="via", title=name) for name, url in split_names(value))
    return replace(item, via=item.via + links)


def _outlet(item: Item, value: str) -> Item | None:
    named = split_names(value)
    if item.origin or len(named) != 1 or not named[0].name or len(value) > 200:
        return None
    links = (Link(href=named[0].url),) if named[0].url else ()
    return replace(item, origin=FeedInfo(title=Text(value=named[0].name), links=links))


def _subject(item: Item, value: str) -> Item | None:
    year = _YEAR.search(value)
    name = unquoted(value[: year.start()] if year else value)
    if item.subject or not name:
        return None
    return replace(item, subject=Subject(name=name, year=int(year[1]) if year else None))


def _language(item: Item, value: str) -> Item | None:
    return replace(item, language=value) if not item.language and len(value.split()) <= 3 else None


def _verdict(item: Item, value: str) -> Item | None:
    return None if item.verdict else replace(item, verdict=value)


def _categories(item: Item, value: str) -> Item | None:
    terms = [term.strip().lstrip("#").strip() for term in re.split(r"[,;]", value)]
    found = tuple(Category(term=unquoted(term)) for term in terms if unquoted(term))
    return replace(item, categories=item.categories + found) if found else None


#: What reads a value → the labels it stands behind, in English, German, French and Spanish. "de" comes last.
_READINGS: dict[Reading, str] = {
    _cited: "source, sources, quelle, quellen, quellenangabe, quellenangaben, fuente, fuentes",
    read_attribution: "attribution, credit, credits, courtesy, mention, namensnennung, crédits, créditos, atribución",
    _authors: "by, author, authors, byline, critic, critics, reviewer, reviewers, review by, reviewed by, words by,"
    " text by, written by, von, autor, autorin, autoren, kritiker, kritikerin, rezensent, rezensentin, rezension von,"
    " kritik von, text von, par, auteur, autrice, auteurs, por, autora, autores, crítico",
    _rating: "rating, our rating, wertung, bewertung, puntuación, calificación, valoración, évaluation",
    _score: "score, our score, grade, note, notre note, nota, punkte, stars, sterne, étoiles, estrellas",
    _licence: "licence, license, licences, lizenz, licencia",
    read_image_line: "image, images, image credit, image by, picture, picture credit, photo, photos, photo by,"
    " photo credit, photograph, photograph by, photography, still, stills, poster, bild, bilder,"
    " bildnachweis, bildquelle, foto, fotos, foto von, imagen, imágenes, fotografía,"
    " crédit photo, crédits photo",
    _photographer: "photographer, fotograf, fotografin, photographe, fotógrafo, fotógrafa",
    _published: "published, date, published on, publication date, first published, posted, veröffentlicht,"
    " veröffentlicht am, erschienen, erschienen am, datum, publié, publié le, date de publication, publicado, fecha,"
    " fecha de publicación",
    _updated: "updated, last updated, modified, revised, aktualisiert, aktualisiert am, mis à jour, mis à jour le,"
    " actualizado",
    _link: "link, url, permalink, original, lien, enlace",
    _via: "via",
    read_rights: "rights, rechte, droits, derechos",
    _subject: "subject, work, work reviewed, reviewed work, werk, besprochenes werk, œuvre, obra",
    _language: "language, lang, sprache, langue, idioma",
    _outlet: "outlet, publication, published by, published in, first published by, first published in,"
    " erschienen in, zuerst erschienen in, publié dans, publicado en",
    _verdict: "verdict, our verdict, bottom line, fazit, veredicto",
    _editors: "editor, editors, edited by, redaktion, redakteur, redakteurin, rédacteur, rédactrice, editora",
    _categories: "category, categories, tag, tags, keywords, kategorie, kategorien, schlagwörter, schlagworte,"
    " catégorie, catégories, étiquettes, categoría, categorías, etiquetas",
}
LABELS: dict[str, Reading] = {
    label.strip(): reading for reading, labels in _READINGS.items() for label in labels.split(",")
}
