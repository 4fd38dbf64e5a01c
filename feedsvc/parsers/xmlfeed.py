"""Text of an XML feed → Parsed, read whole with lxml; mended once where it is not well-formed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from lxml import etree

from feedsvc.errors import NotAFeed, TooLarge
from feedsvc.model import FeedInfo, Limits, Parsed, is_url
from feedsvc.parsers.branch import Branch, Ground, Scope
from feedsvc.parsers.channel import read_feed_info
from feedsvc.parsers.entry import DATES, read_item
from feedsvc.parsers.newest import beyond, newest
from feedsvc.parsers.repair import is_cut, repair
from feedsvc.parsers.vocabulary import XML, Names

#: libxml2's code for a limit of its own: depth, text and attributes of 10 million characters; its depth unless told.
_LIMIT, _DEEPEST = 114, 256
#: Bytes of a document that is read in the caller's own thread, and of a piece of one that is read piece by piece.
_NOT_LONG, _CHUNK = 200_000, 1 << 16
_ITEMS = ("item", "atom:entry")
_C1_REFERENCE = re.compile(r"&#(?:1(?:2[89]|[34]\d|5\d)|[xX][89][0-9a-fA-F]);")
_STATES_BELOW = etree.XPath("boolean(/*/descendant::*/attribute::xml:*)")
_STATING = etree.XPath("/descendant-or-self::*[attribute::xml:*]")


class NotWellFormed(Exception):
    """What lxml will not read even when it was mended: the mended text, and why."""

    def __init__(self, text: str, problems: tuple[str, ...], reason: str) -> None:
        super().__init__(reason)
        self.text, self.problems, self.reason = text, problems, reason


def read_xml(text: str, document: bytes, url: str, limits: Limits, problems: Iterable[str] = ()) -> Parsed:
    """Read a feed whose text begins with its root element; `document` is the same in UTF-8.

    Raises TooLarge beyond libxml2's limits, NotAFeed for other XML, NotWellFormed where a laxer reader is needed.
    """
    problems = list(problems)
    try:
        root = _read(document, limits) if "#" not in text or not _C1_REFERENCE.search(text) else None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = _mended(text, limits, problems)
    return _parsed(root, url, limits, problems)


def _read(document: bytes, limits: Limits) -> etree._Element:
    """The root. lxml keeps every name that it meets for as long as the thread lives, so long ones have their own."""
    if len(document) <= _NOT_LONG:
        return _strict(document, limits)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_strict, document, limits).result()


def _strict(document: bytes, limits: Limits) -> etree._Element:
    """The root, by a parser that expands nothing, opens nothing and stops at the limits."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=limits.max_nesting > _DEEPEST,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        if error.code == _LIMIT:
            raise _too_large(error, limits) from error
        raise
    if limits.max_nesting != _DEEPEST and root.xpath(f"boolean({'/*' * (limits.max_nesting + 1)})"):
        raise _too_deep(limits)
    return root


def _too_large(error: etree.XMLSyntaxError, limits: Limits) -> TooLarge:
    """libxml2's own words, without its hint to switch the limits off."""
    said = str(error.msg).partition(",")[0]
    return _too_deep(limits) if "depth" in said else TooLarge(f"The document passes a limit: {said}.")


def _too_deep(limits: Limits) -> TooLarge:
    return TooLarge(f"Its elements stand more than {limits.max_nesting} deep in one another ([limits] max_nesting).")


def _mended(text: str, limits: Limits, problems: list[str]) -> etree._Element:
    text, found = repair(text)
    problems += found
    document = text.encode("utf-8", "replace")
    try:
        return _read(document, limits)
    except etree.XMLSyntaxError as error:
        whole = _whole_items(document, limits) if is_cut(text) else None
        if whole is None:
            raise NotWellFormed(text, tuple(problems), str(error.msg)) from error
        problems.append("The document is cut off: only the items before the cut were read.")
        return whole


def _whole_items(document: bytes, limits: Limits) -> etree._Element | None:
    """The tree of a document that is cut off, without the item the cut went through; None when it has no whole one."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=("{*}item", "{*}entry"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=limits.max_nesting > _DEEPEST,
        remove_comments=True,
        remove_pis=True,
    )
    counted, item = Counter[str](), None
    try:
        for position in range(0, len(document), _CHUNK):
            parser.feed(document[position : position + _CHUNK])
            item = _last_counted(parser, counted, item)
        parser.close()
    except etree.XMLSyntaxError as error:
        if error.code == _LIMIT:
            raise _too_large(error, limits) from error
    item = _last_counted(parser, counted, item)
    if item is None or not counted["end"]:
        return None
    root = item.getroottree().getroot()
    if counted["start"] > counted["end"]:
        _cut_off(root)
    return root


def _last_counted(
    parser: etree.XMLPullParser, counted: Counter[str], item: etree._Element | None
) -> etree._Element | None:
    """Count how many items began and ended; the last of them, so that none of the others is kept in hand."""
    for event, element in parser.read_events():
        counted[event] += 1
        item = element
    return item


def _cut_off(root: etree._Element) -> None:
    """Take out the item that was never closed: of what is open, all is the last in what it stands in."""
    element = root
    while len(element):
        parent, element = element, element[-1]
        if etree.QName(element).localname in ("item", "entry"):
            parent.remove(element)
            return


def _parsed(root: etree._Element, url: str, limits: Limits, problems: list[str]) -> Parsed:
    tree = _top(root, url, limits)
    feed = _feed(tree)
    found = islice(_items(tree, feed), limits.max_items + 1)
    items = [tree] if tree.name == "atom:entry" else [place.branch_of(element, name) for place, element, name in found]
    if feed is None and not items:
        raise NotAFeed(f"It is an XML document ({tree.name or 'rdf'}), but no feed.", found="an XML document")
    if len(items) > limits.max_items:
        items = _newest(tree, feed, limits.max_items)
        problems.append(beyond(limits.max_items))
    return Parsed(
        feed=read_feed_info(feed) if feed else FeedInfo(),
        items=tuple([read_item(item) for item in items]),
        reader="lxml",
        problems=tuple(dict.fromkeys(problems)),
    )


def _feed(tree: Branch) -> Branch | None:
    """The element that speaks of the feed."""
    if tree.name == "atom:entry":
        return None
    return tree if tree.name == "atom:feed" else tree.first("channel")


def _items(tree: Branch, feed: Branch | None) -> Iterator[tuple[Branch, etree._Element, str]]:
    """Every item's parent, element and name: in the channel, and beside it, where RSS 0.90, 1.0 and others put them."""
    for place in (feed, tree) if feed and feed is not tree else (tree,):
        for element, name in place.in_order(*_ITEMS):
            yield place, element, name


def _newest(tree: Branch, feed: Branch | None, most: int) -> list[Branch]:
    dates = (place.branch_of(element, name).text_of(*DATES) for place, element, name in _items(tree, feed))
    wanted = newest(dates, most)
    among = set(wanted)
    items = enumerate(islice(_items(tree, feed), wanted[-1] + 1))
    return [place.branch_of(element, name) for position, (place, element, name) in items if position in among]


def _top(root: etree._Element, url: str, limits: Limits) -> Branch:
    """The root. A file's address is no base: the feed's own is, if it states one."""
    ground = Ground(Names(root.tag), limits, _stating(root))
    name = ground.names[root.tag]
    base = url if is_url(url) else _stated_address(Branch(root, ground, name, Scope()))
    if ground.stating:
        root.getroottree().docinfo.URL = base or None
    return Branch(root, ground, name, Scope(base))


def _stating(root: etree._Element) -> frozenset[etree._Element]:
    """Elements with an attribute of XML's own. Most feeds have none below the root, which is faster to see."""
    if _STATES_BELOW(root):
        return frozenset(_STATING(root))
    return frozenset((root,)) if any(str(name).startswith(XML) for name in root.attrib) else frozenset()


def _stated_address(tree: Branch) -> str:
    feed = tree.first("channel") or tree
    stated = {child.get("rel") or "alternate": child for child in reversed(feed.all("atom:link", "link"))}
    for child in (stated.get("self"), stated.get("alternate")):
        address = (child.get("href") or child.text or "") if child else ""
        if is_url(address):
            return address
    return ""
