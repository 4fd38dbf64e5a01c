"""The floor: the least that collecting can cost in Python with the same libraries. Nothing is checked or judged.

One thread; pycurl's multi interface, `lxml.etree.fromstring`, and a bare insert-or-ignore of every item with its text
by sqlite3, one transaction a feed, as safe against power loss as ours (write-ahead log, synchronous=FULL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import nh3
import pycurl
from lxml import etree

from bench.addresses import url

#: Fewer are slower, more cost more.
IN_FLIGHT = 20
_ATOM = "{http://www.w3.org/2005/Atom}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_TABLE = "CREATE TABLE item (feed INTEGER, guid TEXT, title TEXT, text TEXT, PRIMARY KEY (feed, guid))"


@dataclass(slots=True)
class _Feed:
    """What is remembered of a feed between two looks, in memory."""

    number: int
    url: str
    etag: str | None = None
    modified: str | None = None
    digest: bytes = b""


@dataclass(slots=True)
class _Transfer:
    """A libcurl handle, used again and again."""

    curl: Any
    feed: _Feed | None = None
    body: BytesIO = field(default_factory=BytesIO)

    def take_header(self, line: bytes) -> None:
        """Keep the validators."""
        assert self.feed is not None
        name, _, value = line.partition(b":")
        if name == b"ETag":
            self.feed.etag = value.strip().decode()
        elif name == b"Last-Modified":
            self.feed.modified = value.strip().decode()


class Floor:
    """Looks at all feeds, one round after another.

    `skip`: bodies with the digest of last time are not read again. `clean`: every text is sanitised once, by nh3 as it
    comes.
    """

    def __init__(self, folder: Path, port: int, count: int, *, skip: bool = False, clean: bool = False) -> None:
        self._feeds = [_Feed(number, url(number, port)) for number in range(count)]
        self._skip = skip
        self._clean = clean
        self._database = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(_TABLE)
        self._multi = pycurl.CurlMulti()
        self._idle = [self._transfer() for _ in range(IN_FLIGHT)]

    def prepare(self) -> None:
        """Nothing: the list of feeds is all there is."""

    def look(self) -> None:
        """Every feed once."""
        waiting = iter(self._feeds)
        under_way = self._depart(waiting)
        while under_way:
            self._multi.perform()
            landed = self._landed()
            under_way += self._depart(waiting) - landed
            if not landed:
                self._multi.select(1.0)

    def _transfer(self) -> _Transfer:
        transfer = _Transfer(pycurl.Curl())
        transfer.curl.transfer = transfer
        transfer.curl.setopt(pycurl.NOSIGNAL, 1)
        transfer.curl.setopt(pycurl.FORBID_REUSE, 1)  # Every feed is at a host of its own.
        transfer.curl.setopt(pycurl.HEADERFUNCTION, transfer.take_header)
        return transfer

    def _depart(self, waiting: Iterator[_Feed]) -> int:
        started = 0
        while self._idle and (feed := next(waiting, None)):
            transfer = self._idle.pop()
            transfer.feed, transfer.body = feed, BytesIO()
            transfer.curl.setopt(pycurl.URL, feed.url)
            transfer.curl.setopt(pycurl.WRITEDATA, transfer.body)
            validators = [f"If-None-Match: {feed.etag}", f"If-Modified-Since: {feed.modified}"] if feed.etag else []
            transfer.curl.setopt(pycurl.HTTPHEADER, validators)
            self._multi.add_handle(transfer.curl)
            started += 1
        return started

    def _landed(self) -> int:
        landed = 0
        left = 1
        while left:
            left, whole, broken = self._multi.info_read()
            if broken:
                raise RuntimeError(f"a transfer of the floor broke: {broken[0][1:]}")
            for curl in whole:
                self._multi.remove_handle(curl)
                transfer: _Transfer = curl.transfer
                assert transfer.feed is not None
                if curl.getinfo(pycurl.RESPONSE_CODE) == 200:
                    self._read(transfer.feed, transfer.body.getvalue())
                self._idle.append(transfer)
                landed += 1
        return landed

    def _read(self, feed: _Feed, body: bytes) -> None:
        if self._skip:
            digest = sha256(body).digest()
            if digest == feed.digest:
                return
            feed.digest = digest
        rows = [
            (feed.number, guid, title, nh3.clean(text) if self._clean and text else text)
            for guid, title, text in items(body)
        ]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT OR IGNORE INTO item VALUES (?, ?, ?, ?)", rows)
        self._database.execute("COMMIT")


def items(body: bytes) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Guid, title and text of every item."""
    root = etree.fromstring(body)
    if root.tag == "rss":
        for item in root.iter("item"):
            text = item.findtext(_ENCODED) or item.findtext("description")
            yield item.findtext("guid"), item.findtext("title"), text
    else:
        for entry in root.iter(_ATOM + "entry"):
            yield entry.findtext(_ATOM + "id"), entry.findtext(_ATOM + "title"), entry.findtext(_ATOM + "content")
