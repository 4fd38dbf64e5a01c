"""An item of a feed, and the same review as its page has it, in; the item with its gaps filled from the page out.

What the feed says wins wherever both speak. The text is not taken: how much of a review a feed hands on is the outlet's
decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from feedsvc.model import ImageClaim, Item, LicenceState, Provenance, Subject
from feedsvc.normalise.characters import fold
from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.html import plain, plain_words
from feedsvc.normalise.identity import language_of
from feedsvc.normalise.inherited import Inherited
from feedsvc.normalise.people import people
from feedsvc.normalise.rating import rating_of

#: What programs add to the name of a picture that they scaled: "-1024x576", "-scaled".
_SCALED = re.compile(r"(?:-\d{2,5}x\d{2,5}|-scaled|@\dx)+(?=\.\w+\Z)", re.I)
#: Fields that a review calls otherwise.
_REVIEW_FIELDS = {"licences": "licence"}


def completed(item: Item, page: Item) -> Item:
    """The item with what it leaves open as its page states it; `from_page` names the fields that were filled."""
    filled: dict[str, Any] = dict(_gaps(item, page))
    names = {_REVIEW_FIELDS.get(name, name) for name in filled}
    if (subject := _subject(item.subject, page.subject)) != item.subject:
        filled["subject"] = subject
        names.add("subject_details" if _is_named(item.subject) else "subject")
    if (images := _images(item, page)) != item.images:
        filled["images"] = images
        names.add("images")
    return replace(item, **filled, from_page=item.from_page | names)


def yielding(item: Item, first: Inherited) -> Item:
    """A completed item without what its feed says of all its items: there, too, the feed wins over the page."""
    licence, where = first.licence
    licensed = where is Provenance.INHERITED and licence.state is LicenceState.IDENTIFIED
    taken = {
        "licence": licensed,
        "rights": licensed or bool(first.rights),
        "rights_holder": bool(first.holder),
        "language": first.language[0] is not None and first.language[1] is Provenance.INHERITED,
    }
    names = frozenset(name for name, by_feed in taken.items() if by_feed) & item.from_page
    if not names:
        return item
    return replace(
        item,
        licences=() if "licence" in names else item.licences,
        rights=None if "rights" in names else item.rights,
        rights_holder=None if "rights_holder" in names else item.rights_holder,
        language=None if "language" in names else item.language,
        from_page=item.from_page - names,
    )


def _gaps(item: Item, page: Item) -> Iterator[tuple[str, Any]]:
    """The fields that the page alone states, each with its value."""
    missing = {
        "title": not plain(item.title),
        "authors": not people(item.authors),
        "contributors": not item.contributors,
        "cited": not item.cited,
        "rights": not plain(item.rights),
        "rights_holder": not item.rights_holder,
        "licences": not item.licences and not item.rights and not item.usage,
        "credits": not item.credits and not item.images,
        "categories": not item.categories,
        "rating": rating_of(item.rating) is None,
        "verdict": not item.verdict,
        "published": parse_date(item.published) is None,
        "updated": parse_date(item.updated) is None,
        "language": not _speaks(item),
        "summary": not (item.summary or item.content),
    }
    for name, open_there in missing.items():
        if open_there and (stated := getattr(page, name)):
            yield name, stated


def _speaks(item: Item) -> bool:
    """Whether the item, or one of its texts, says what language it is in."""
    return language_of(item) is not None


def _subject(said: Subject | None, page: Subject | None) -> Subject | None:
    """The work as the feed names it; with the page's particulars, where that names the same one."""
    if said is None or page is None or not _is_named(said):
        return page or said
    if fold(plain_words(said.name)).casefold() != fold(plain_words(page.name)).casefold():
        return said
    if said.year and page.year and said.year != page.year:
        return said
    return Subject(
        name=said.name,
        type=said.type or page.type,
        year=said.year or page.year,
        identifiers=said.identifiers or page.identifiers,
        same_as=said.same_as or page.same_as,
    )


def _is_named(subject: Subject | None) -> bool:
    return subject is not None and bool(fold(plain_words(subject.name)))


def _images(item: Item, page: Item) -> tuple[ImageClaim, ...]:
    """The feed's images with the page's credits and terms; and the page's own, where the feed has none of them."""
    if not page.images:
        return item.images
    known = {_picture(image.url): image for image in reversed(page.images)}
    kept = tuple(_credited(image, known.get(_picture(image.url))) for image in item.images)
    have = {_picture(image.url) for image in item.images}
    text = "".join(each.value for each in (item.content, item.summary) if each)
    if not item.images and "<img" not in text and "&lt;img" not in text:
        return page.images
    # A picture of the text has its credit beside it on the page: stated by its address, it finds its picture.
    shown = (image for image in page.images if _says_more(image) and _picture(image.url) not in have)
    return kept + tuple(image for image in shown if urlsplit(image.url).path in text)


def _credited(image: ImageClaim, page: ImageClaim | None) -> ImageClaim:
    """An image with what its page says of it, unless the feed credits it itself: credits and terms stay together."""
    if page is None or image.credits or image.licence or image.rights:
        return image
    alt = image.alt or page.alt
    return replace(
        image, alt=alt, credits=page.credits, licence=page.licence, rights=page.rights, terms_url=page.terms_url
    )


def _says_more(image: ImageClaim) -> bool:
    return bool(image.credits or image.licence or image.rights)


def _picture(url: str) -> str:
    """What two addresses of one picture have in common, whatever its size: its path without the marks of scaling."""
    return _SCALED.sub("", urlsplit(url).path)
