"""An item's element → the images and files that it names, each with the credits and terms that are its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feedsvc.model import Credit, Enclosure, ImageClaim, LicenceClaim, Link
from feedsvc.parsers.branch import Branch
from feedsvc.parsers.claims import licence_claim, licences, links, number, unique

_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|tiff?)(?:[?#].*)?$", re.I | re.S)


#: Elements of an item that name images or files.
NAMED = frozenset(
    {"enclosure", "atom:enclosure", "media:content", "media:group", "media:thumbnail", "itunes:image", "image"}
)


def is_image(url: str, media_type: str | None, medium: str | None = None) -> bool:
    """Whether an attached file is an image: by what is said of it, else by its name."""
    if medium or media_type:
        return medium == "image" or (media_type or "").lower().startswith("image/")
    return bool(_IMAGE_NAME.search(url))


def media(item: Branch, stated: Iterable[Link]) -> tuple[tuple[ImageClaim, ...], tuple[Enclosure, ...]]:
    """Images and other files, each once, in the order of their first standing.

    RSS enclosures, links with rel=enclosure, then Media RSS and iTunes. What Media RSS says on a group holds for every
    image in it; what it says on the item holds too, but for credits: there they name no image unless there is only one.
    """
    found: list[ImageClaim | Enclosure] = []
    for child in item.all("enclosure", "atom:enclosure"):
        url = child.url("url") or child.url("href")
        found += [attached(url, child.get("type"), number(child.get("length")), None)] if url else []
    found += [attached(link.href, link.type, link.length, link.title) for link in stated if link.rel == "enclosure"]
    found += _media_rss(item)
    for child in item.all("itunes:image", "image"):
        inner = child.first("url")
        url = child.url("href") or (inner.url() if inner else child.url())
        found += [ImageClaim(url=url)] if url else []
    files = files_of(found)
    lasting = _seconds(item.text_of("itunes:duration"))
    if files and lasting and files[0].duration is None:
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
            before = known.get(file.url, file)
            known[file.url] = replace(
                before,
                type=before.type or file.type,
                length=before.length or file.length,
                title=before.title or file.title,
                duration=before.duration or file.duration,
            )
    return tuple(known.values())


def _seconds(text: str | None) -> int | None:
    """iTunes' duration: seconds, mm:ss or hh:mm:ss."""
    parts = [number(part) for part in (text or "").split(":")]
    if not 1 <= len(parts) <= 3 or None in parts:
        return None
    total = 0
    for part in parts:
        total = total * 60 + (part or 0)
    return total


def _media_rss(item: Branch) -> list[ImageClaim | Enclosure]:
    contents = item.all("media:content")
    only = credits_of(item) if len(contents) == 1 and not item.all("media:group") else ()
    found = [_described(child, (item,), only) for child in contents]
    for group in item.all("media:group"):
        shared = credits_of(group)
        for child in group.all("media:content"):
            found.append(_described(child, (group, item), shared))
        found += [_described(child, (group, item), shared) for child in group.all("media:thumbnail")]
    found += [_described(child, (item,), ()) for child in item.all("media:thumbnail")]
    nested = [child.first("media:thumbnail") for child in item.all("media:content")]
    found += [_described(child, (item,), ()) for child in nested if child]
    return [claim for claim in found if claim]


def _described(
    content: Branch, around: tuple[Branch, ...], shared: tuple[Credit, ...]
) -> ImageClaim | Enclosure | None:
    """One media:content or media:thumbnail; `around` is what its terms are inherited from, nearest first."""
    url = content.url("url")
    if not url:
        return None
    media_type = content.get("type")
    if content.name != "media:thumbnail" and not is_image(url, media_type, content.get("medium")):
        return Enclosure(
            url=url,
            type=media_type,
            length=number(content.get("fileSize")),
            title=content.text_of("media:title"),
            duration=_seconds((content.get("duration") or "").partition(".")[0]),
        )
    scope = (content, *around)
    copyrights = [found for place in scope if (found := place.first("media:copyright"))]
    claims = [claim for place in scope for claim in _licences(place, own=place is content)]
    return ImageClaim(
        url=url,
        type=media_type,
        width=number(content.get("width")),
        height=number(content.get("height")),
        length=number(content.get("fileSize")),
        alt=content.text_of("media:description", "schema:description", "media:title"),
        credits=credits_of(content) or shared,
        licence=next(iter(claims), None),
        rights=copyrights[0].text if copyrights else content.text_of("dc:rights"),
        terms_url=copyrights[0].url("url") if copyrights else None,
    )


def _licences(place: Branch, *, own: bool) -> list[LicenceClaim]:
    """Licences of an image. On the item itself only media:license speaks of its media; the others speak of its text."""
    if own:
        return list(licences(place, links(place), "media:license"))
    stated = [licence_claim(child) for child in place.all("media:license")]
    return [claim for claim in stated if claim]


def credits_of(place: Branch) -> tuple[Credit, ...]:
    """Every media:credit directly in an element, verbatim (Media RSS 1.5.1)."""
    if "media:credit" not in place.children:
        return ()
    return unique(
        Credit(name=child.text, role=child.get("role"), scheme=child.get("scheme"))
        for child in place.all("media:credit")
        if child.text
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
