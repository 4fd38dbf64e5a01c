"""An item's element → the images and files that it names, each with the credits and terms that are its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feedsvc.model import Credit, Enclosure, ImageClaim, LicenceClaim, Link
from feedsvc.parsers.branch import SHORT, Branch, attribute, text_in
from feedsvc.parsers.claims import LICENCES, licence_claim, licences, links, number, unique

_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|tiff?)(?:[?#].*)?$", re.I | re.S)


#: Where services keep the pictures of authors: what a blog's program adds of these shows nothing of the review.
_AVATAR = re.compile(r"\s*(?:https?:)?//(?:[a-z0-9-]+\.)*gravatar\.com/avatar/", re.I)
_DESCRIPTIONS = ("media:description", "media:title")
_LICENSED = frozenset({"link", "atom:link", "media:license", *LICENCES})
_MEDIA_RSS = frozenset({"media:content", "media:group", "media:thumbnail"})
#: Elements of an item that name images or files.
NAMED = _MEDIA_RSS | {"enclosure", "atom:enclosure", "itunes:image", "image"}


def is_image(url: str, media_type: str | None, medium: str | None = None) -> bool:
    """Whether an attached file is an image: by what is said of it, else by its name."""
    if medium or media_type:
        return medium == "image" or (media_type or "").lower().startswith("image/")
    return bool(_IMAGE_NAME.search(url))


def is_avatar(url: str) -> bool:
    """Whether an address is that of a picture of a person at a service for these."""
    return _AVATAR.match(url) is not None


def media(item: Branch, stated: Iterable[Link]) -> tuple[tuple[ImageClaim, ...], tuple[Enclosure, ...]]:
    """Images and other files, each once, in the order of their first standing.

    RSS enclosures, links with rel=enclosure, then Media RSS and iTunes. What Media RSS says on a group holds for every
    image in it; what it says on the item holds too, but for credits and descriptions: there they are of no image unless
    there is only one.
    """
    found: list[ImageClaim | Enclosure] = []
    for child in item.all("enclosure", "atom:enclosure"):
        said = child.attributes
        if url := child.absolute(said.get("url")) or child.absolute(said.get("href")):
            found.append(attached(url, said.get("type"), number(said.get("length")), None))
    found += [attached(link.href, link.type, link.length, link.title) for link in stated if link.rel == "enclosure"]
    if not _MEDIA_RSS.isdisjoint(item.children):
        found += _media_rss(item)
    for child in item.all("itunes:image", "image"):
        url = child.url("href") or (child.url_of("url") if "url" in child.children else child.url())
        found += [ImageClaim(url=url)] if url else []
    files = files_of(found)
    if files and files[0].duration is None and (lasting := _seconds(item.text_of("itunes:duration"))):
        files = (replace(files[0], duration=lasting), *files[1:])
    return images_of(found), files


def attached(url: str, media_type: str | None, length: int | None, title: str | None) -> ImageClaim | Enclosure:
    """An enclosure, as an image where it is one."""
    if is_image(url, media_type):
        return ImageClaim(url=url, type=media_type, length=length, alt=title)
    return Enclosure(url=url, type=media_type, length=length, title=title)


def files_of(found: Iterable[ImageClaim | Enclosure]) -> tuple[Enclosure, ...]:
    """One enclosure for each file's address that is no image."""
    known: dict[str, Enclosure] = {}
    for file in found:
        if isinstance(file, Enclosure):
            before = known.get(file.url)
            known[file.url] = _one_file(before, file) if before else file
    return tuple(known.values())


def _one_file(one: Enclosure, other: Enclosure) -> Enclosure:
    return Enclosure(
        url=one.url,
        type=one.type or other.type,
        length=one.length or other.length,
        title=one.title or other.title,
        duration=one.duration or other.duration,
    )


def _seconds(text: str | None) -> int | None:
    """iTunes' duration: seconds, mm:ss or hh:mm:ss."""
    parts = [number(part) for part in text.split(":")] if text else []
    if not 1 <= len(parts) <= 3 or None in parts:
        return None
    total = 0
    for part in parts:
        total = total * 60 + (part or 0)
    return total


def _media_rss(item: Branch) -> list[ImageClaim | Enclosure]:
    contents, groups, on_item = _contents(item), item.all("media:group"), (item,)
    if describes_image(item):
        found = [_described(contents[0], on_item, credits_of(item), item.text_of(*_DESCRIPTIONS))]
    else:
        found = [_described(child, on_item, ()) for child in contents]
    for group in groups:
        shared = credits_of(group)
        found += [_described(child, (group, item), shared) for child in group.all("media:content", "media:thumbnail")]
    found += [_described(child, on_item, ()) for child in item.all("media:thumbnail")]
    nested = [child.first("media:thumbnail") for child in contents]
    found += [_described(child, on_item, ()) for child in nested if child]
    return [claim for claim in found if claim]


def describes_image(item: Branch) -> bool:
    """Whether what Media RSS says directly on an item is said of its image: that is all the media it names."""
    if "media:content" not in item.children or "media:group" in item.children:
        return False
    contents = _contents(item)
    if len(contents) != 1:
        return False
    url, said = contents[0].url("url"), contents[0].attributes
    return url is not None and is_image(url, said.get("type"), said.get("medium"))


def _contents(item: Branch) -> list[Branch]:
    return [content for content in item.all("media:content") if not is_avatar(content.get("url") or "")]


def _described(
    content: Branch, around: tuple[Branch, ...], shared: tuple[Credit, ...], description: str | None = None
) -> ImageClaim | Enclosure | None:
    """One media:content or media:thumbnail; `around` is what its terms are inherited from, nearest first."""
    said = content.attributes
    url = content.absolute(said.get("url"))
    if not url or is_avatar(url):
        return None
    media_type = said.get("type")
    if content.name != "media:thumbnail" and not is_image(url, media_type, said.get("medium")):
        return Enclosure(
            url=url,
            type=media_type,
            length=number(said.get("fileSize")),
            title=content.text_of("media:title"),
            duration=_seconds(said.get("duration", "").partition(".")[0]),
        )
    copyrighted = _copyright((content, *around))
    return ImageClaim(
        url=url,
        type=media_type,
        width=number(said.get("width")),
        height=number(said.get("height")),
        length=number(said.get("fileSize")),
        alt=content.text_of("media:description", "schema:description", "media:title") or description,
        credits=credits_of(content) or shared,
        licence=_licence(content, around),
        rights=copyrighted.text if copyrighted else content.text_of("dc:rights"),
        terms_url=copyrighted.url("url") if copyrighted else None,
    )


def _copyright(places: Iterable[Branch]) -> Branch | None:
    """The nearest media:copyright."""
    for place in places:
        if found := place.first("media:copyright"):
            return found
    return None


def _licence(content: Branch, around: Iterable[Branch]) -> LicenceClaim | None:
    """The nearest licence. Around an image only media:license speaks of media; the others speak of the text."""
    if not _LICENSED.isdisjoint(content.children) and (own := licences(content, links(content), "media:license")):
        return own[0]
    for place in around:
        for child in place.all("media:license"):
            if claim := licence_claim(child):
                return claim
    return None


def credits_of(place: Branch) -> tuple[Credit, ...]:
    """Every media:credit directly in an element, verbatim (Media RSS 1.5.1)."""
    if "media:credit" not in place.children:
        return ()
    return unique(
        [
            Credit(name=name[:SHORT], role=attribute(child, "role"), scheme=attribute(child, "scheme"))
            for child in place.children["media:credit"]
            if (name := text_in(child))
        ]
    )


def images_of(found: Iterable[ImageClaim | Enclosure]) -> tuple[ImageClaim, ...]:
    """One claim for each image's address: what is said of it in several places, put together."""
    known: dict[str, ImageClaim] = {}
    for image in found:
        if isinstance(image, ImageClaim):
            before = known.get(image.url)
            known[image.url] = _together(before, image) if before else image
    return tuple(known.values())


def _together(one: ImageClaim, other: ImageClaim) -> ImageClaim:
    return ImageClaim(
        url=one.url,
        type=one.type or other.type,
        width=one.width or other.width,
        height=one.height or other.height,
        length=one.length or other.length,
        alt=one.alt or other.alt,
        credits=unique((*one.credits, *other.credits)),
        licence=one.licence or other.licence,
        rights=one.rights or other.rights,
        terms_url=one.terms_url or other.terms_url,
    )
