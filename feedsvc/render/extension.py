"""An entry in, the elements out that feedgen cannot write, and repairs of those it writes wrong.

feedgen 1.0.0 draws envelope and entry. Its entry links lose rel, type, title and length, its `source` has a title and
one link, and its RSS drops critics without an e-mail address, contributors, rights and all enclosures but one. It lets
a registered extension run last, with the finished element in hand: that is where all of this is made good.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc import __version__
from feedsvc.model import Document, Place, Site
from feedsvc.render.shape import NAMESPACES, language_tag

GENERATOR = "feedsvc"
_NAME = "attribution"

Finish = Callable[[etree._Element], None]


class _Unsaid(datetime):
    """A date that counts as absent.

    feedgen starts with the clock's time as lastBuildDate and formats it under a process-wide `setlocale`, which is
    unsafe beside other threads; given this, it writes none, and the extension writes the right one.
    """

    def __bool__(self) -> bool:
        return False


def _leave(_: etree._Element) -> None:
    """Nothing to add."""


class FeedExtension:
    """What feedgen calls once, when the feed's own children stand and before its entries are added."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.finish: Finish = _leave

    def extend_ns(self) -> dict[str, str]:
        return self.namespaces

    def extend_atom(self, element: etree._Element) -> None:
        self.finish(element)

    def extend_rss(self, element: etree._Element) -> None:
        self.finish(element)


class EntryExtension(FeedExtension):
    """What feedgen calls for each entry, when the entry's core children stand."""


def generator(site: Site, document: Document, *, suffix: str, media_type: str) -> FeedGenerator:
    """A feed without entries: id, title, links, language and our extension registered. No author, rights or licence.

    Those three would be inherited by every entry that lacks its own (RFC 4287 4.1.1, 4.2.10; RFC 4946 2.1).
    """
    feed, place = document.feed, document.place
    drawn = FeedGenerator()
    drawn.register_extension(_NAME, FeedExtension, EntryExtension)
    _extension(drawn).namespaces = dict(NAMESPACES)
    drawn.id(site.url((document.part_of or Place(f"/feeds/{feed.name}")).path()))
    drawn.title(title_of(document))
    drawn.updated(document.updated)
    drawn.generator(GENERATOR, version=__version__)
    drawn.link(href=site.url(place.path(suffix)), rel="self", type=media_type)
    # Last, for RSS takes the last link as its own.
    drawn.link(href=site.url(page_of(document).path()), rel="alternate", type="text/html")
    drawn.language(language_tag(feed.language))
    return drawn


def title_of(document: Document) -> str:
    """Its own title, else its feed's."""
    return document.title or document.feed.title or document.feed.name


def page_of(document: Document) -> Place:
    """Where people read what it holds."""
    return document.page or document.place


def finish_feed(drawn: FeedGenerator, finish: Finish, **namespaces: str) -> None:
    """Have `finish` complete the feed's root element; `namespaces` are declared there besides ours."""
    extension = _extension(drawn)
    extension.finish = finish
    extension.namespaces |= namespaces


def new_entry(drawn: FeedGenerator, finish: Finish) -> FeedEntry:
    """A feedgen entry, last in the feed, whose element `finish` completes."""
    entry = drawn.add_entry(order="append")
    _extension(entry).finish = finish
    return entry


def without_build_date(drawn: FeedGenerator) -> None:
    """Keep feedgen from writing lastBuildDate."""
    drawn.lastBuildDate(_Unsaid(1, 1, 1, tzinfo=UTC))


def _extension(drawn: FeedGenerator | FeedEntry) -> FeedExtension:
    extension: FeedExtension = getattr(drawn, _NAME)
    return extension
