"""Names and small moves that every XML format here shares: namespaces, an element with only what is known, checks."""

from __future__ import annotations

import math
import re
from urllib.parse import quote, urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
AG = "{http://purl.org/rss/1.0/modules/aggregation/}"
CREATIVE_COMMONS = "{http://backend.userland.com/creativeCommonsRssModule}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
FH = "{http://purl.org/syndication/history/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SCHEMA = "{http://schema.org/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
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


#: The attributes of our XML that hold an address.
_ADDRESSES = frozenset({"href", "url"})
#: What stands in an address as it is (RFC 3986 2.2, 2.3); "%" begins an escape, brackets stand in a host alone.
_PLAIN = re.compile(r"(?:[A-Za-z0-9!#$&'()*+,/:;=?@._~-]|%[0-9A-Fa-f]{2})*")


def add(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str | None) -> etree._Element:
    """A new last child with the attributes that are known; its addresses in the characters of RFC 3986."""
    known = {key: value for key, value in attributes.items() if value is not None}
    known |= {key: uri(value) for key, value in known.items() if key in _ADDRESSES}
    element = etree.SubElement(parent, name, known)
    element.text = text
    return element


def uri(address: str) -> str:
    """The same address in ASCII (RFC 3987 3.1): RSS and Media RSS take no other, and careless sources write any."""
    if _PLAIN.fullmatch(address):
        return address
    parts = urlsplit(address)
    before, at, host = parts.netloc.rpartition("@")
    name, colon, port = host.partition(":") if not host.startswith("[") else (host, "", "")
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        name = quote(name)
    rest = re.sub("%(?![0-9A-Fa-f]{2})", "%25", parts._replace(scheme="", netloc="").geturl())
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    authority = f"//{quote(before)}{at}{name}{colon}{port}" if parts.netloc else ""
    return scheme + authority + quote(rest, safe="!#$%&'()*+,/:;=?@~")


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
