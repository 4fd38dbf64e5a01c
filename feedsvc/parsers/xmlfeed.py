"""Text of an XML feed → Parsed, read whole with lxml; mended once where it is not well-formed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

from lxml import etree

from feedsvc.errors import NotAFeed, TooLarge
from feedsvc.model import FeedInfo, Parsed, is_url
from feedsvc.parsers.branch import Branch, Ground
from feedsvc.parsers.channel import read_feed_info
from feedsvc.parsers.entry import read_item
from feedsvc.parsers.repair import is_cut, repair
from feedsvc.parsers.vocabulary import Names

#: Most items that one document gives; the first ones, which are the newest in almost every feed.
MOST_ITEMS = 1_000
#: libxml2's code for a limit of its own: depth 256, text and attributes of 10 million characters.
_LIMIT = 114
_ITEMS = ("item", "atom:entry")
_C1_REFERENCE = re.compile(r"&#(?:1(?:2[89]|[34]\d|5\d)|[xX][89][0-9a-fA-F]);")


class NotWellFormed(Exception):
    """What lxml will not read even when it was mended: the mended text, and why."""

    def __init__(self, text: str, problems: tuple[str, ...], reason: str) -> None:
        super().__init__(reason)
        self.text, self.problems, self.reason = text, problems, reason


def read_xml(text: str, url: str, problems: Iterable[str] = ()) -> Parsed:
    """Read a feed whose text begins with its root element.

    Raises TooLarge beyond libxml2's limits, NotAFeed for other XML, NotWellFormed where a laxer reader is needed.
    """
    problems = list(problems)
    try:
        root = _strict(text) if not _C1_REFERENCE.search(text) else None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = _mended(text, problems)
    return _parsed(root, url, problems)


def _strict(text: str) -> etree._Element:
    """The root, by a parser that expands nothing, opens nothing and stops at libxml2's limits."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if error.code == _LIMIT:
            raise _too_large(error) from error
        raise


def _too_large(error: etree.XMLSyntaxError) -> TooLarge:
    """libxml2's own words, without its hint to switch the limits off."""
    return TooLarge(f"The document passes a limit: {str(error.msg).partition(',')[0]}.")


def _mended(text: str, problems: list[str]) -> etree._Element:
    text, found = repair(text)
    problems += found
    try:
        return _strict(text)
    except etree.XMLSyntaxError as error:
        whole = _whole_items(text) if is_cut(text) else None
        if whole is None:
            raise NotWellFormed(text, tuple(problems), str(error.msg)) from error
        problems.append("The document is cut off: only the items before the cut were read.")
        return whole


def _whole_items(text: str) -> etree._Element | None:
    """The tree of a document that is cut off, without the item the cut went through; None when it has no whole one."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=("{*}item", "{*}entry"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        parser.feed(text)
        parser.close()
    except etree.XMLSyntaxError as error:
        if error.code == _LIMIT:
            raise _too_large(error) from error
    started, ended = [], set()
    for event, element in parser.read_events():
        started.append(element) if event == "start" else ended.add(element)
    if not ended:
        return None
    for element in started:
        if element not in ended and (parent := element.getparent()) is not None:
            parent.remove(element)
    return started[0].getroottree().getroot()


def _parsed(root: etree._Element, url: str, problems: list[str]) -> Parsed:
    tree = Branch(root, _ground(root, url))
    feed, items = _feed_and_items(tree)
    if len(items) > MOST_ITEMS:
        problems.append(f"The document has more than {MOST_ITEMS} items; only the first {MOST_ITEMS} were read.")
    return Parsed(
        feed=feed,
        items=tuple(read_item(item) for item in items[:MOST_ITEMS]),
        reader="lxml",
        problems=tuple(dict.fromkeys(problems)),
    )


class _Places(NamedTuple):
    feed: FeedInfo
    items: list[Branch]


def _feed_and_items(tree: Branch) -> _Places:
    """The channel and its items (one more than are read), which RSS 0.90, 1.0 and careless RSS 2.0 put beside it."""
    if tree.name == "atom:entry":
        return _Places(FeedInfo(), [tree])
    if tree.name == "atom:feed":
        return _Places(read_feed_info(tree), list(islice(tree.in_order(*_ITEMS), MOST_ITEMS + 1)))
    channel = tree.first("channel")
    inside = channel.in_order(*_ITEMS) if channel else iter(())
    items = list(islice(chain(inside, tree.in_order(*_ITEMS)), MOST_ITEMS + 1))
    if channel is None and not items:
        raise NotAFeed(f"It is an XML document ({tree.name or 'rdf'}), but no feed.", found="an XML document")
    return _Places(read_feed_info(channel) if channel else FeedInfo(), items)


def _ground(root: etree._Element, url: str) -> Ground:
    """What holds for the whole document. A file's address is no base: the feed's own is, if it states one."""
    names = Names(str(root.tag))
    namespace = "@*[namespace-uri()='http://www.w3.org/XML/1998/namespace' and local-name()='{}']"
    has_bases = bool(root.xpath(f"boolean(//{namespace.format('base')})"))
    has_languages = bool(root.xpath(f"boolean(//{namespace.format('lang')})"))
    ground = Ground(names, url if is_url(url) else "", has_bases, has_languages)
    if not is_url(url):
        ground = Ground(names, _stated_address(Branch(root, ground)), has_bases, has_languages)
    root.getroottree().docinfo.URL = ground.base or None
    return ground


def _stated_address(tree: Branch) -> str:
    feed = tree.first("channel") or tree
    stated = {child.get("rel") or "alternate": child for child in reversed(feed.all("atom:link", "link"))}
    for child in (stated.get("self"), stated.get("alternate")):
        address = (child.get("href") or child.text or "") if child else ""
        if is_url(address):
            return address
    return ""
