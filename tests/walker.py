"""A feed's address in, its whole history out: a client written from the RFCs alone, which shares nothing with feedsvc.

Archives and pages (RFC 5005), deleted entries (RFC 6721), JSON Feed's `next_url`; Atom and RSS 2.0. It is strict: what
the RFC forbids, a loop, a gap, a document that is not what the link to it said, raises Broken.

    walk_archive("http://127.0.0.1:8000/feeds/reviews.atom")             # [(id, updated), …], newest document first
    walk_archive("http://reviews.example/feeds/reviews.atom", through(8000))     # a public name, served on loopback
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
HISTORY = "{http://purl.org/syndication/history/1.0}"
#: More documents than any test has: a walk that goes on for ever ends here.
MOST = 1000

#: An address in, its bytes out; raises Broken where they cannot be had.
Get = Callable[[str], bytes]
#: Of each entry that is in the feed: its id, and when it last changed, where its document says so.
Found = list[tuple[str, datetime | None]]


class Broken(Exception):
    """The feed cannot be reconstructed: the message says which document is at fault, and why."""


@dataclass(frozen=True)
class Read:
    """One document: what it holds, in its order, and where its links lead; relation names in lower case."""

    url: str
    entries: Found
    updated: datetime | None = None
    #: Id and time of each deleted entry.
    deleted: Found = field(default_factory=list)
    links: Mapping[str, str] = field(default_factory=dict)
    is_archive: bool = False
    is_complete: bool = False


def ask(url: str) -> bytes:
    """The bytes at an http address; anything but 200 is Broken."""
    return _asked(url, None)


def through(port: int) -> Get:
    """The same, but whatever host an address names, it is asked on loopback at this port, under its own name."""
    return lambda url: _asked(url, port)


def _asked(url: str, port: int | None) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        "127.0.0.1" if port else parts.hostname or "", port or parts.port or 80, timeout=60
    )
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", path, headers={"Host": parts.netloc})
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        raise Broken(f"{url}: {error}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise Broken(f"{url}: answered {answer.status}")
    return body


# ------------------------------------------------------------------------------------------------------------ the walks


def walk_archive(url: str, get: Get = ask) -> Found:
    """The logical feed of an archived feed (RFC 5005 4): its subscription document, then each archive, back in time."""
    return merged(archive_documents(url, get))


def walk_pages(url: str, get: Get = ask) -> Found:
    """What all pages of a paged feed hold (RFC 5005 3), each entry once."""
    return merged(page_documents(url, get))


def walk_json(url: str, get: Get = ask) -> Found:
    """What a JSON Feed and the documents after it hold, following `next_url` (JSON Feed 1.1), each item once."""
    return merged(json_documents(url, get))


def archive_documents(url: str, get: Get = ask) -> Iterator[Read]:
    """The subscription document, then the archives from the newest to the oldest, each held to RFC 5005 4."""
    newer: Read | None = None
    for document in _followed(url, "prev-archive", lambda one: read_xml(one, get(one))):
        if newer is None and document.is_archive:
            raise Broken(f"{document.url}: a subscription document, marked as an archive (fh:archive)")
        if newer is not None:
            _held_to_its_place(document, newer, url)
        newer = document
        yield document


def _held_to_its_place(document: Read, newer: Read, current: str) -> None:
    if not document.is_archive:
        raise Broken(f"{document.url}: reached by prev-archive of {newer.url}, and is not marked as an archive")
    if document.links.get("current", current) != current:
        raise Broken(f"{document.url}: an archive of {document.links['current']}, and not of {current}")
    if newer.is_archive and document.links.get("next-archive", newer.url) != newer.url:
        raise Broken(f"{document.url}: next-archive leads to {document.links['next-archive']}, not to {newer.url}")


def page_documents(url: str, get: Get = ask) -> Iterator[Read]:
    """The pages, from the one at the address to the last, each held to RFC 5005 3."""
    before: Read | None = None
    for document in _followed(url, "next", lambda one: read_xml(one, get(one))):
        back = document.links.get("previous", document.links.get("prev"))
        if before is not None and back not in (None, before.url):
            raise Broken(f"{document.url}: previous leads to {back}, not to {before.url}")
        if "next" not in document.links and document.links.get("last", document.url) != document.url:
            raise Broken(f"{document.url}: the last page, but last leads to {document.links['last']}")
        before = document
        yield document


def json_documents(url: str, get: Get = ask) -> Iterator[Read]:
    """The JSON Feed at the address and those after it."""
    return _followed(url, "next", lambda one: read_json(one, get(one)))


def _followed(url: str, rel: str, read: Callable[[str], Read]) -> Iterator[Read]:
    """The documents along a relation. One that leads back to a document already seen is refused (RFC 5005 3)."""
    seen: set[str] = set()
    here: str | None = url
    while here is not None:
        if here in seen:
            raise Broken(f"{here}: {rel} leads back to it")
        if len(seen) == MOST:
            raise Broken(f"{here}: {rel} goes on after {MOST} documents")
        seen.add(here)
        document = read(here)
        yield document
        here = document.links.get(rel)


# ------------------------------------------------------------------------------------------------------------ the rules


def merged(documents: Iterable[Read]) -> Found:
    """Each entry once, in the order met: of two forms the later one, of equally late ones that of the later document.

    (RFC 5005 4.2.) An entry is out when it was deleted at the instant of its last change or after it (RFC 6721 3).
    """
    best: dict[str, tuple[tuple[datetime, datetime], datetime | None]] = {}
    deleted: dict[str, datetime] = {}
    for document in documents:
        for guid, updated in document.entries:
            # Documents come newest first: where both times are equal, the form that is there stays.
            rank = (updated or EVER, document.updated or EVER)
            if guid not in best or rank > best[guid][0]:
                best[guid] = rank, updated
        for guid, when in document.deleted:
            deleted[guid] = max(deleted.get(guid, EVER), when or EVER)
    return [(guid, updated) for guid, (rank, updated) in best.items() if guid not in deleted or rank[0] > deleted[guid]]


#: Before everything.
EVER = datetime.min.replace(tzinfo=UTC)


def each_once(document: Read) -> Read:
    """The document, when none of its ids stands in it twice; else Broken."""
    ids = [guid for guid, _ in document.entries]
    if doubles := {guid for guid in ids if ids.count(guid) > 1}:
        raise Broken(f"{document.url}: holds {', '.join(sorted(doubles))} twice")
    return document


# ---------------------------------------------------------------------------------------------------------- the formats


def read_xml(url: str, body: bytes) -> Read:
    """An Atom or RSS 2.0 document; addresses are resolved against its own."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Broken(f"{url}: {error}") from None
    if root.tag == ATOM + "feed":
        head = root
        entries = [_atom_entry(url, entry) for entry in root.iterfind(ATOM + "entry")]
    elif root.tag == "rss" and (channel := root.find("channel")) is not None:
        head = channel
        entries = [_rss_item(url, item) for item in channel.iterfind("item")]
    else:
        raise Broken(f"{url}: neither Atom nor RSS 2.0, but {root.tag!r}")
    return each_once(
        Read(
            url=url,
            entries=entries,
            updated=_moment(head.findtext(ATOM + "updated")) or _mail_date(head.findtext("lastBuildDate")),
            deleted=[(one.get("ref", ""), _moment(one.get("when"))) for one in head.iterfind(DELETED)],
            links=_links(url, head),
            is_archive=head.find(HISTORY + "archive") is not None,
            is_complete=head.find(HISTORY + "complete") is not None,
        )
    )


def _links(url: str, head: etree._Element) -> dict[str, str]:
    """Where each relation leads; a relation that leads to two places leads a client nowhere."""
    links: dict[str, str] = {}
    for link in head.iterfind(ATOM + "link"):
        rel, href = link.get("rel", "alternate").lower(), urljoin(url, link.get("href", ""))
        if rel in FOLLOWED and links.setdefault(rel, href) != href:
            raise Broken(f"{url}: {rel} leads to {links[rel]} and to {href}")
    return links


#: The relations of RFC 5005 that a client may follow; `prev` is what many call `previous`.
FOLLOWED = frozenset(
    {"first", "last", "previous", "prev", "next", "current", "prev-archive", "next-archive"},
)


def _atom_entry(url: str, entry: etree._Element) -> tuple[str, datetime | None]:
    return _identified(url, entry.findtext(ATOM + "id")), _moment(entry.findtext(ATOM + "updated"))


def _rss_item(url: str, item: etree._Element) -> tuple[str, datetime | None]:
    updated = _moment(item.findtext(ATOM + "updated")) or _mail_date(item.findtext("pubDate"))
    return _identified(url, item.findtext("guid")), updated


def read_json(url: str, body: bytes) -> Read:
    """A JSON Feed document."""
    try:
        feed: dict[str, Any] = json.loads(body)
        items = feed["items"]
    except (ValueError, KeyError, TypeError) as error:
        raise Broken(f"{url}: no JSON Feed ({error!r})") from None
    entries = [(_identified(url, item.get("id")), _moment(_changed(item))) for item in items]
    links = {"next": urljoin(url, feed["next_url"])} if "next_url" in feed else {}
    return each_once(Read(url=url, entries=entries, links=links))


def _changed(item: dict[str, Any]) -> str | None:
    return item.get("date_modified") or item.get("date_published")


def _identified(url: str, guid: str | None) -> str:
    if not guid:
        raise Broken(f"{url}: holds an entry without an id")
    return guid


def _moment(text: str | None) -> datetime | None:
    """A date and time with its offset (RFC 3339)."""
    return datetime.fromisoformat(text.strip()) if text else None


def _mail_date(text: str | None) -> datetime | None:
    """A date and time as in mail (RFC 822)."""
    return parsedate_to_datetime(text) if text else None
