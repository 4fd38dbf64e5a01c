"""A dropped file → Parsed: its suffix, then its look, says which reader it is for; what is no text is turned away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from feedsvc.errors import TooLarge, UnreadableDocument
from feedsvc.model import FeedInfo, Fetched, Item, Limits, Parsed
from feedsvc.parsers.encoding import clean, decode_page
from feedsvc.parsers.feed import DEFAULTS, read_feed
from feedsvc.parsers.markdown import read_markdown
from feedsvc.parsers.page import read_held
from feedsvc.parsers.plaintext import read_plaintext

#: Bytes of one review. Markdown that was made to be slow takes 35 µs a byte, so its limit is lower.
LARGEST = {"text": 1_000_000, "markdown": 100_000, "html": 1_000_000}

_SAVE_AS = "save the review as plain text (UTF-8), Markdown or HTML and drop that file instead"
_FEED_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json", ".cdf"})
_KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".mkd": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}
#: How a file begins → what it is (the formats' own specifications; those that a partner may send by mistake).
_BINARY: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document (.docx, .odt, .epub)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document (.doc, .xls)"),
    (b"{\\rtf", "a Rich Text document (.rtf)"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "a WebP image or a WAV or AVI recording"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a", "a RAR archive"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
#: Atomic: a comment that was read once is never read longer, else a thousand of them would take for ever.
_PROLOG = r"(?>\s*(?:<\?[^>]*\?>|<!--.*?-->|<!doctype\s[^>\[]*(?:\[[^\]]*\]\s*)?>))*+\s*"
_FEED_LOOK = re.compile(_PROLOG + r"<(?:[\w.-]+:)?(?:rss|feed|RDF|channel)[\s>/]", re.I | re.S)
_JSON_FEED_LOOK = re.compile(r"\s*\{.{0,2000}?\"version\"\s*:\s*\"https?:(?:\\?/){2}jsonfeed\.org", re.S)
_PAGE_LOOK = re.compile(
    r"(?>\s*(?:<\?xml[^>]*\?>|<!--.*?-->))*+\s*<(?:!doctype\s+html|html|head|body|title|article|main)[\s>]",
    re.I | re.S,
)
_HTML_LOOK = re.compile(r"\s*<(?:p|div|h1|section|meta)[\s>]", re.I)
_MARKDOWN_LOOK = re.compile(r"\s*(?:---\n(?:[\w -]+:.*\n)+---(?:\n|$)|#{1,6} \S|\S[^\n]*\n={3,}\s*(?:\n|$))")


def read_document(fetched: Fetched, limits: Limits = DEFAULTS) -> Parsed:
    """The one review in a dropped text, Markdown or HTML file, or the items of a dropped feed file.

    The item's guid is the file's path below its folder, so that a changed file updates the same review; a feed's items
    keep their own. A date that the text does not state is the file's, marked as inferred. Raises UnreadableDocument and
    TooLarge, naming the file and what to do, and for a feed whatever read_feed raises.
    """
    name = fetched.path or unquote(PurePosixPath(urlsplit(fetched.url).path).name) or fetched.url
    suffix = PurePosixPath(name).suffix.lower()
    _refuse_binary(fetched.body, name)
    if suffix in _FEED_SUFFIXES:
        return read_feed(fetched, limits)
    text, problems, _ = decode_page(fetched)
    if _FEED_LOOK.match(text) or _JSON_FEED_LOOK.match(text):
        return read_feed(fetched, limits)
    _refuse_unprintable(text, name)
    kind = _kind(suffix, text)
    if len(fetched.body) > LARGEST[kind]:
        raise TooLarge(f"{name} is longer than {LARGEST[kind]:,} bytes, the limit for one review as {kind}: split it")
    parsed = _READERS[kind](clean(text), name)
    item = _dated(replace(parsed.items[0], guid=fetched.path or fetched.url), fetched)
    return replace(parsed, items=(item,), problems=(*problems, *parsed.problems))


def _kind(suffix: str, text: str) -> str:
    """The suffix decides, but a whole HTML page is a page whatever its name; without a suffix the look decides."""
    if _PAGE_LOOK.match(text):
        return "html"
    if suffix in _KINDS:
        return _KINDS[suffix]
    if _HTML_LOOK.match(text):
        return "html"
    return "markdown" if _MARKDOWN_LOOK.match(text) else "text"


def _text_document(text: str, name: str) -> Parsed:
    return Parsed(feed=FeedInfo(), items=(read_plaintext(text, name),), reader="text")


def _markdown_document(text: str, name: str) -> Parsed:
    item, problems = read_markdown(text, name)
    return Parsed(feed=FeedInfo(), items=(item,), reader="markdown", problems=problems)


_READERS: dict[str, Callable[[str, str], Parsed]] = {
    "text": _text_document,
    "markdown": _markdown_document,
    "html": read_held,
}


def _dated(item: Item, fetched: Fetched) -> Item:
    if item.published or fetched.modified is None:
        return item
    stamp = fetched.modified.astimezone(UTC).isoformat(timespec="seconds")
    return replace(item, published=stamp, published_inferred=True)


def _refuse_binary(body: bytes, name: str) -> None:
    if not body.strip():
        raise UnreadableDocument(f"{name} is empty: put a headline, a blank line and the review's text into it")
    kind = next((kind for magic, kind in _BINARY if body.startswith(magic)), None)
    if kind is None and body[4:8] == b"ftyp":
        kind = "a film or a picture (MP4, HEIC, AVIF)"
    if kind:
        raise UnreadableDocument(f"{name} is {kind}, not text: {_SAVE_AS}")


def _refuse_unprintable(text: str, name: str) -> None:
    if "\x00" in text:
        like = "UTF-16 text without a byte order mark" if text.count("\x00") * 5 > len(text) * 2 else "binary data"
        raise UnreadableDocument(f"{name} contains NUL bytes and looks like {like}: {_SAVE_AS}")
    controls = sum(character < " " and character not in "\t\n\r\f" for character in text)
    if controls * 10 > len(text):
        raise UnreadableDocument(f"{name} is mostly control characters and looks like binary data: {_SAVE_AS}")
