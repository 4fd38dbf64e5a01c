"""Names and small moves that every XML format here shares: namespaces, an element with only what is known, checks."""

from __future__ import annotations

import math
import re

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
AG = "{http://purl.org/rss/1.0/modules/aggregation/}"
CREATIVE_COMMONS = "{http://backend.userland.com/creativeCommonsRssModule}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SCHEMA = "{http://schema.org/}"
XML = "{http://www.w3.org/XML/1998/namespace}"

#: Prefix → namespace of what an Atom feed of ours may hold besides Atom.
NAMESPACES = {
    "ag": AG.strip("{}"),
    "dc": DC.strip("{}"),
    "dcterms": DCTERMS.strip("{}"),
    "media": MEDIA.strip("{}"),
    "schema": SCHEMA.strip("{}"),
}

#: Types for addresses whose source named none. A table of our own: the system's differs from machine to machine.
_TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "webm": "video/webm",
    "webp": "image/webp",
}


def add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str | None) -> etree._Element:
    """A new last child with the attributes that are known."""
    element = etree.SubElement(parent, name, {key: value for key, value in attributes.items() if value is not None})
    element.text = text
    return element


def remove(parent: etree._Element, *names: str) -> None:
    """Drop every child of these names."""
    for child in [child for child in parent if child.tag in names]:
        parent.remove(child)


def media_type(stated: str | None) -> str | None:
    """A media type without parameters, or None when it has not the form of one (RFC 4287's grammar refuses those)."""
    bare = (stated or "").split(";")[0].strip().lower()
    return bare if re.fullmatch(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", bare) else None


def media_type_of(stated: str | None, url: str) -> str:
    """A media type where a format demands one: as stated, else by the address's ending, else bytes."""
    ending = re.sub(r"[?#].*", "", url).rpartition(".")[2].lower()
    return media_type(stated) or _TYPES.get(ending, "application/octet-stream")


def language_tag(stated: str | None) -> str | None:
    """A language tag that RFC 4287's grammar takes, or None."""
    tag = (stated or "").strip()
    return tag if re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", tag) else None


def number(value: float | None) -> int | float | None:
    """A number without a needless fraction; None for what no format can write (NaN, infinity)."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value
