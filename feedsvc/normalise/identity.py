"""An item in; its identity inside its source, the id subscribers see, its page's key and its digest out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

import msgspec

from feedsvc.model import FeedInfo, Item, Limits, Link, Rhythm, Site, Source, Text
from feedsvc.normalise import urls
from feedsvc.normalise.characters import clean, fold
from feedsvc.normalise.citations import KnownOutlets, known_outlets
from feedsvc.normalise.language import language_tag

#: Raise it when a rule changes what a Review becomes, or a reader what it makes of a feed: all is then read anew, once.
RULES = 6
#: Longer guids are data; they are identified by their digest.
_LONGEST = 1024

#: What an alternate link is to a page, not to another feed.
_PAGES = frozenset({None, "", "text/html", "application/xhtml+xml"})
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_NO_HOST = re.compile("[^a-z0-9.-]")
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):[^\s<>\"{}|\\^`]+")
#: Schemes that name nothing, or that would run or open something where an id is made a link.
_NO_NAMES = frozenset({"about", "blob", "data", "file", "javascript", "mailto", "vbscript"})


def item_key(item: Item) -> str:
    """The item's identity inside its source: its guid, else its permalink, else a digest of title, authors and date."""
    stated = clean(item.guid or "").strip() or _stated_link(item)
    if stated:
        return stated if len(stated) <= _LONGEST else f"sha256:{_digest(stated)}"
    title = item.title.value if item.title else ""
    body = "" if title else "".join(text.value for text in (item.summary, item.content) if text)
    parts = (fold(title), *(fold(person.name) for person in item.authors), item.published or "", body)
    return f"sha256:{_digest(chr(0).join(parts))}"


class Digests:
    """Makes the digests of a document's items: the sha256 of everything that can change an item's Review.

    The item, what it inherits, the source's settings, the limits, and the addresses of the configured outlets that it
    cites, of which `known` are all.
    """

    __slots__ = ("_known", "_sha256")

    def __init__(self, feed: FeedInfo, source: Source, known: KnownOutlets, limits: Limits) -> None:
        settings = (source.outlet, source.licence, source.rights, source.republish, source.language, source.category)
        self._known = known
        said = (RULES, limits.max_title, source.name, settings, source.scale, _inherited(feed))
        try:
            self._sha256 = sha256(_encoded(said))
        except UnicodeEncodeError:
            self._sha256 = sha256(_spelled(said))

    def digest(self, item: Item) -> bytes:
        """The digest of one item, 32 bytes."""
        said = replace(item, origin=_inherited(item.origin)) if item.origin else item
        cited = known_outlets(item, self._known) if item.cited else ()
        digest = self._sha256.copy()
        try:
            digest.update(_encoded((cited, said)))
        except UnicodeEncodeError:  # JSON can state lone surrogates, which UTF-8 cannot
            digest.update(_spelled((cited, sorted(said.from_page), replace(said, from_page=frozenset()))))
        return digest.digest()


# Sets come in the order of their values: the order of a set's own differs from one process to the next.
_encoded = msgspec.msgpack.Encoder(order="deterministic").encode


def _spelled(said: object) -> bytes:
    return repr(said).encode("utf-8", "backslashreplace")


def page_key(source: str, key: str) -> str:
    """The 16 letters and digits (RFC 4648 base32, lower case) that name a review's page here."""
    digest = sha256(f"{source}\0{key}".encode("utf-8", "backslashreplace")).digest()
    number = int.from_bytes(digest[:10], "big")
    return "".join([_BASE32[number >> shift & 31] for shift in range(75, -1, -5)])


def usable_id(guid: str | None) -> str | None:
    """The guid, if it can stand as an IRI in atom:id (RFC 4287, 4.2.6), else None."""
    text = clean(guid or "").strip()
    match = _IRI.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or match[1].lower() in _NO_NAMES:
        return None
    return None if match[1].lower() in urls.WEB and urls.absolute(text) is None else text


def authority_of(site: Site) -> str:
    """The site's host as a tag: URI names it."""
    return _NO_HOST.sub("-", (urlsplit(site.base_url).hostname or "localhost").lower())


def minted_id(authority: str, source: str, page: str, now: datetime) -> str:
    """A tag: URI (RFC 4151) for an item whose source gave no usable id."""
    return f"tag:{authority},{now.year}:{quote(source, safe='')}/{page}"


def permalink(item: Item, document_url: str) -> str | None:
    """The page that a reader opens: the first alternate link that is no feed, else a guid that says it is one.

    Of several, one in the item's own language (RFC 4287, 4.2.7.4).
    """
    links = _alternates(item)
    if len(links) > 1 and (language := language_of(item)):
        links.sort(key=lambda link: (link.type not in _PAGES, _foreign(language_tag(link.hreflang), language)))
    for link in links:
        if url := urls.absolute(link.href, document_url):
            return url
    return urls.absolute(item.guid, document_url) if item.guid_is_permalink else None


def _foreign(tag: str | None, language: str) -> int:
    """0: the same language, whatever the country; 1: nobody knows; 2: another."""
    if tag is None:
        return 1
    return 0 if tag.partition("-")[0] == language.partition("-")[0] else 2


def language_of(item: Item) -> str | None:
    """The language that an item, or one of its texts, says it is in."""
    for stated in (item, item.content, item.title):
        if stated and (tag := language_tag(stated.language)):
            return tag
    return None


def _alternates(item: Item) -> list[Link]:
    pages = [link for link in item.links if link.rel == "alternate"]
    if len(pages) < 2:
        return pages
    return sorted(pages, key=lambda link: link.type not in _PAGES)


def _stated_link(item: Item) -> str:
    return next((clean(link.href).strip() for link in _alternates(item) if link.href.strip()), "")


def _inherited(feed: FeedInfo) -> FeedInfo:
    """The feed without what changes at every look and no Review shows."""
    links = tuple(link for link in feed.links if link.rel in {"alternate", "self", "license"})
    title = Text(value=feed.title.value, type=feed.title.type) if feed.title else None
    return replace(
        feed, title=title, links=links, subtitle=None, updated=None, generator=None, rhythm=Rhythm(), categories=()
    )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
