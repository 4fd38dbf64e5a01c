"""The address of a feed with parameters in; what stands there out: a view of it, drawn when it is asked for and kept.

Select, cut to terms, draw, as for the feed itself; a view never shows more of a review than its feed does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc import __version__
from feedsvc.model import (
    Cursor,
    Document,
    Entry,
    Feed,
    Form,
    Moved,
    Place,
    Refused,
    Rendition,
    Tombstone,
    View,
)
from feedsvc.model.view import Content
from feedsvc.normalise import entry_for
from feedsvc.publish.browsing import browse, named
from feedsvc.publish.holdings import HTML, NEVER, Holdings, rendition
from feedsvc.publish.packing import packed
from feedsvc.publish.parameters import listing, parse
from feedsvc.publish.selecting import Shown, agreed, fragments, origin
from feedsvc.render import FORMATS, Format
from feedsvc.render.listing import PER_PAGE
from feedsvc.render.pages import feed_page
from feedsvc.store import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A view of a feed in one form; `form` is None for the page."""

    feed: Feed
    form: Format | None
    view: View

    @property
    def stem(self) -> str:
        """The path that all forms of the feed share."""
        return f"/feeds/{self.feed.name}"

    @property
    def size(self) -> int:
        """Reviews on one page of it: pages for people are kept short."""
        limit = self.view.limit or self.feed.items
        return limit if self.form else min(self.view.limit or PER_PAGE, PER_PAGE)

    def path(self) -> str:
        """Its canonical address."""
        return Place(self.stem, self.view.query()).path(self.form.suffix if self.form else "")


def view(
    holdings: Holdings, feeds: Sequence[Feed], path: str, query: Sequence[tuple[str, str]]
) -> Rendition | Moved | Refused | None:
    """The view of one of these feeds; Moved to the canonical form of its address, None where no such feed stands.

    Raises StoreError when it cannot be told now.
    """
    found = _feed_at(feeds, path)
    if found is None:
        return None
    feed, form = found
    wanted = parse(query)
    if isinstance(wanted, View):
        wanted = _canonical(holdings, feed, wanted)
    if isinstance(wanted, Refused):
        return wanted
    asked = Asked(feed=feed, form=form, view=wanted)
    if wanted == View():
        return Moved(path)
    if tuple(query) != wanted.pairs():
        return Moved(asked.path())
    return holdings.views.get(asked.path(), version_of(holdings, feed), lambda: packed(_drawn(holdings, asked)))


def next_page(feed: Feed, entries: Sequence[Entry]) -> Place | None:
    """Where the feed goes on after the entries that it shows; None where they are all that there are."""
    if len(entries) < feed.items:
        return None
    last = entries[-1].review
    cursor = Cursor.right_after(last.position, last.key)
    return Place(f"/feeds/{feed.name}", View(page=2, after=str(cursor)).query())


def version_of(holdings: Holdings, feed: Feed) -> bytes:
    """What changes whenever a view of the feed may: its reviews, how far they are noted, what decides how they look.

    While the index is behind, each of its steps counts; when it has caught up, only what concerns the feed.
    """
    newest, reached = holdings.store.views.state()
    works = holdings.store.subjects.version()
    settings = holdings.settings
    memo = holdings.versions.get(feed.name)
    if memo is not None and memo[0] == (newest, reached, works, feed) and memo[1] is settings:
        return memo[2]
    names = settings.source_names(feed)
    content = holdings.store.content_version(names)
    agreements = [settings.source(name) for name in names]
    behind = reached if reached < newest else None
    seen = repr((__version__, settings.site, feed, agreements, behind, works)).encode()
    version = hashlib.sha256(content + seen).digest()
    holdings.versions[feed.name] = (newest, reached, works, feed), settings, version
    return version


def _feed_at(feeds: Sequence[Feed], path: str) -> tuple[Feed, Format | None] | None:
    forms: list[Format | None] = [None, *FORMATS.values()]
    for feed in feeds:
        for form in forms:
            if path == f"/feeds/{feed.name}{form.suffix if form else ''}":
                return feed, form
    return None


def _canonical(holdings: Holdings, feed: Feed, wanted: View) -> View | Refused:
    """Without what the feed does by itself, and with a place where only a review was named."""
    if wanted.limit == feed.items:
        wanted = replace(wanted, limit=None)
    if wanted.after is None or Cursor.read(wanted.after):
        return wanted
    cursor = holdings.store.views.cursor(wanted.after)
    if cursor is None:
        return Refused(f'after: there is no review "{wanted.after}".\n\n{listing()}')
    return replace(wanted, after=str(cursor))


def _drawn(holdings: Holdings, asked: Asked) -> Rendition:
    settings, store = holdings.settings, holdings.store
    names = settings.source_names(asked.feed)
    after = Cursor.read(asked.view.after or "")
    offset = 0 if after else (asked.view.page - 1) * asked.size
    page = store.views.page(asked.view, names, asked.size, after, offset)
    # With words the end is not worth looking for: it is where the worst matches stand.
    total = 0 if asked.form and asked.view.words else store.views.count(asked.view, names)
    withdrawn = store.withdrawals.last(names) or NEVER
    # Anything new in the feed may have moved what stands here to another page.
    modified = max(store.views.revised(names) or NEVER, withdrawn)
    # And yet the same entries under the same address are the same bytes.
    updated = max((withdrawn, *(review.revised for review in page.reviews))) if page.reviews else modified
    document = _document(holdings, asked, page, total, updated)
    if asked.form is None:
        first = 1 + offset if not after else 1 + (asked.view.page - 1) * asked.size
        around = browse(holdings, asked.feed, asked.view, total=total, first=first, following=page.following)
        return rendition(asked.path(), HTML, feed_page(settings.site, document, around), modified)
    shown = _shown(holdings, asked, document, page)
    body = asked.form.document(settings.site, document, fragments(holdings, asked.form, shown, shown))
    return rendition(asked.path(), asked.form.media_type, body, modified)


def _shown(holdings: Holdings, asked: Asked, document: Document, page: Page) -> list[Shown]:
    """The entries with all that they were made from: what the feed has drawn already is not drawn again for a view."""
    settings, feed, content = holdings.settings, asked.feed, asked.view.content
    shown = []
    for entry, change in zip(document.entries, page.changes, strict=True):
        made_from = origin(settings, feed, Form(entry.review.key, entry.review.source, change))
        shown.append(Shown(entry, change, made_from if content == "full" else (*made_from, content)))
    return shown


def _document(holdings: Holdings, asked: Asked, page: Page, total: int, updated: datetime) -> Document:
    settings, feed, chosen = holdings.settings, asked.feed, asked.view
    entries = tuple(
        shortened(entry_for(agreed(settings, review, feed), commercial=feed.commercial), chosen.content)
        for review in page.reviews
    )
    whole = Place(asked.stem, chosen.selection().query())
    return Document(
        feed=feed,
        place=Place(asked.stem, chosen.query()),
        entries=entries,
        updated=updated,
        tombstones=tuple(_tombstones(holdings, feed, entries)) if chosen == chosen.first_page() else (),
        title=_title(holdings, feed, chosen),
        related=tuple((rel, Place(asked.stem, other.query())) for rel, other in _related(asked, page, total)),
        part_of=whole,
    )


def _related(asked: Asked, page: Page, total: int) -> list[tuple[str, View]]:
    """The other pages of the view (RFC 5005 3). The next one begins where this one ends, whatever happens meanwhile."""
    chosen, first = asked.view, asked.view.first_page()
    found: list[tuple[str, View]] = []
    if chosen.page > 1 or page.following:
        found.append(("first", first))
    if chosen.page > 1:
        found.append(("previous", replace(first, page=chosen.page - 1)))
    if page.following:
        found.append(("next", replace(first, page=chosen.page + 1, after=str(page.following))))
    if found and total and not chosen.words:
        found.append(("last", replace(first, page=-(-total // asked.size))))
    return found


def _tombstones(holdings: Holdings, feed: Feed, entries: Sequence[Entry]) -> list[Tombstone]:
    """What left the feed: it may have stood in this view, and whoever never had it has nothing to delete."""
    shown = {entry.review.id for entry in entries}
    newest = holdings.store.withdrawals.tombstones(holdings.settings.source_names(feed), feed.items)
    return list({one.id: one for one in reversed(newest) if one.id not in shown}.values())[::-1]


def _title(holdings: Holdings, feed: Feed, chosen: View) -> str:
    """The feed's title, and what was chosen of it: "All reviews: critic Jane Doe, “salt road”"."""
    parts = [said.words for said in named(holdings, holdings.settings.source_names(feed), chosen)]
    title = feed.title or feed.name
    return f"{title}: {', '.join(parts)}" if parts else title


def shortened(entry: Entry, content: Content) -> Entry:
    """An entry with no more of its text than asked for: what may not be cut is left out whole."""
    if content == "full":
        return entry
    review = replace(entry.review, content=None, summary=None)
    if content == "none" or review.excerpt is None:
        review = replace(review, excerpt=None, verdict=None)
        return replace(entry, review=review, terms=replace(entry.terms, show="link"), embeddable=frozenset())
    return replace(entry, review=review, terms=replace(entry.terms, show="excerpt"))
