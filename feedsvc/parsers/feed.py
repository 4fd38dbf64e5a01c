"""Fetched → Parsed: what the bytes are decides which reader takes them, never what a server calls them."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from feedsvc.errors import NotAFeed, SourceError, TooLarge
from feedsvc.model import Fetched, Limits, Parsed
from feedsvc.parsers.autodiscovery import feeds_of
from feedsvc.parsers.embedded import with_embedded
from feedsvc.parsers.encoding import decode
from feedsvc.parsers.fallback import read_guarded
from feedsvc.parsers.jsonfeed import read_json
from feedsvc.parsers.prolog import FEED_ROOTS, Opening, open_text
from feedsvc.parsers.repair import repair
from feedsvc.parsers.xmlfeed import NotWellFormed, read_xml

DEFAULTS = Limits()
#: Most elements and attributes of one document.
MOST_NODES = 1_000_000

_SIGNATURES = (
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (image, sound or video)"),
    (b"%PDF", "a PDF document"),
    (b"ID3", "an MP3 file"),
    (b"\x00\x00\x01\x00", "an icon"),
)


def read_feed(fetched: Fetched, limits: Limits = DEFAULTS) -> Parsed:
    """Read RSS 0.90 to 2.0, Atom 0.3 and 1.0, CDF or JSON Feed.

    Raises NotAFeed with what else it is (and, for an HTML page, the feeds it names), TooLarge, Malformed; each message
    begins with the document's address, which is added here alone.
    """
    try:
        parsed = _read(fetched, limits)
        return replace(parsed, items=tuple([with_embedded(item) for item in parsed.items]))
    except SourceError as error:
        error.args = (f"{fetched.url}: {error}",)
        raise


def _read(fetched: Fetched, limits: Limits) -> Parsed:
    if len(fetched.body) > limits.max_body:
        raise TooLarge(f"It is larger than {limits.max_body:,} bytes ([limits] max_body).")
    _refuse_binary(fetched.body)
    decoded = decode(fetched)
    text, problems = decoded.text, decoded.problems
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return read_json(text.lstrip("\ufeff"), fetched.url, limits, tuple(problems))
    opening = open_text(text)
    if opening.root not in FEED_ROOTS:
        _refuse_other(fetched, text, opening)
    _refuse_crowd(opening.text)
    problems += opening.problems
    if opening.root == "channel":
        # Microsoft's CDF (1997), which feedparser knows.
        mended, found = repair(opening.text)
        return _by_feedparser(mended, fetched.url, limits, [*problems, *found])
    document = decoded.utf8_from(len(text) - len(opening.text))
    try:
        return read_xml(opening.text, document, fetched.url, limits, problems)
    except NotWellFormed as error:
        reason = f"The document is not well-formed ({error.reason}); it was read leniently."
        return _by_feedparser(error.text, fetched.url, limits, [*error.problems, reason])


def _by_feedparser(text: str, url: str, limits: Limits, problems: list[str]) -> Parsed:
    parsed = read_guarded(text, url, limits)
    return replace(parsed, problems=tuple(dict.fromkeys((*problems, *parsed.problems))))


def _refuse_binary(body: bytes) -> None:
    if not body.strip(b"\0 \t\r\n"):
        _refuse("an empty body")
    for signature, found in _SIGNATURES:
        if body.startswith(signature):
            _refuse(found)


def _refuse_crowd(text: str) -> None:
    """A tree takes 50 bytes of memory for each byte of the tightest text; a feed of 10 MB has a third of so many."""
    if len(text) > MOST_NODES and text.count("<") - text.count("</") + text.count("=") > MOST_NODES:
        raise TooLarge(f"It has more than {MOST_NODES:,} elements and attributes.")


def _refuse_other(fetched: Fetched, text: str, opening: Opening) -> NoReturn:
    if opening.is_html:
        feeds = feeds_of(text, fetched.url)
        offers = f"it names these feeds: {', '.join(feeds)}" if feeds else "it names no feed"
        raise NotAFeed(f"It is an HTML page, not a feed; {offers}.", found="an HTML page", feeds=feeds)
    if opening.root:
        _refuse(f"an XML document ({opening.root[:50]})")
    if text.lstrip().startswith("<"):
        _refuse("markup without a root element")
    # Text has no control characters; a handful may be damage.
    _refuse("binary data" if _controls(text[:4096]) > len(text[:4096]) // 50 else "plain text")


def _controls(text: str) -> int:
    return sum(character < " " and character not in "\t\r\n\f" for character in text)


def _refuse(found: str) -> NoReturn:
    raise NotAFeed(f"It is {found}, not a feed.", found=found)
