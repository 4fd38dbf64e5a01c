"""The address of a work in; its page, its feed in each format, and the others who wrote on it, out.

A work's reviews are those of all public feeds, each shown as far as the strictest of its feeds may show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedsvc.model import (
    Cursor,
    Document,
    Entry,
    Feed,
    Moved,
    Place,
    Refused,
    Rendition,
    Review,
    Subject,
    SubjectDigest,
    View,
    Work,
    WorkSummary,
)
from feedsvc.model.work import labelled
from feedsvc.normalise.digest import digest_of, in_words
from feedsvc.publish.everywhere import (
    changed_of_all,
    entries_of,
    paging_of,
    public_feeds_of,
    public_sources,
    version_of_all,
)
from feedsvc.publish.holdings import HTML, NEVER, Holdings, rendition
from feedsvc.publish.parameters import parse
from feedsvc.publish.selecting import Shown, fragments
from feedsvc.render import FORMATS, Format
from feedsvc.render.listing import PER_PAGE, Others
from feedsvc.render.pages import subject_page
from feedsvc.store import Page

STEM = "/subjects/"
#: So many of the newest reviews of a work have their ratings drawn together, and are counted in its digest.
MOST_RATED = 200
#: Reviews in one document of its feed.
ITEMS = 50
#: Reviews of the same work that a review's page leads to.
MOST_OTHERS = 5


class _Nothing(Exception):
    """No review has what the address names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is known of what an address names: a work, or a name that several works have."""

    slug: str
    subject: Subject
    #: The newest reviews of it.
    rated: Sequence[Review]
    entries: Sequence[Entry]
    works: Sequence[Work]

    @property
    def is_one(self) -> bool:
        """Whether one work is meant: of several, nothing is told together."""
        return len(self.works) == 1


def place(holdings: Holdings, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Moved | Refused | None:
    """The page or feed of a work at an address; see places.place."""
    wanted = parse(query)
    if isinstance(wanted, Refused):
        return wanted
    slug, form = _named(path)
    begin = Cursor.read(wanted.after or "") if form else None
    wanted = View(page=wanted.page, after=str(begin) if begin else None)
    here = Place(path, wanted.query()).path()
    if tuple(query) != wanted.pairs():
        return Moved(here)
    try:
        return holdings.views.get(here, version_of_all(holdings), lambda: _drawn(holdings, slug, form, wanted))
    except _Nothing:
        return _moved(holdings, slug, form)


def paths(holdings: Holdings, most: int) -> list[str]:
    """The addresses of the pages of works, with the names that they are found by, and of the feeds of each work."""
    views, sources = holdings.store.views, public_sources(holdings)
    works = [one.slug for one in views.values("subject", sources, most)]
    names = [one.slug for one in views.values("work", sources, most)]
    feeds = [f"{STEM}{slug}{form.suffix}" for slug in works for form in FORMATS.values()]
    return [*(f"{STEM}{slug}" for slug in {*works, *names}), *feeds]


def others(holdings: Holdings, review: Review) -> Others:
    """What other critics wrote on the work of a review."""
    found = holdings.store.subjects.of([review.key]).get(review.key)
    if found is None:
        return Others()
    view, sources = View(subjects=(found.slug,)), public_sources(holdings)
    beside = holdings.store.views.reviews(view, sources, 2 * MOST_OTHERS + 1)
    works = holdings.store.subjects.of([one.key for one in beside])
    carriers = {review.key, *(each.key for each in review.also)}
    alike = [
        one for one in beside if one.key not in carriers and one.key in works and works[one.key].slug == found.slug
    ]
    total = holdings.store.views.count(view, sources)
    return Others(entries=tuple(entries_of(holdings, alike[:MOST_OTHERS])), total=total)


def _named(path: str) -> tuple[str, Format | None]:
    """The slug and the format that an address names; None for the page."""
    name = path.removeprefix(STEM)
    form = next((form for form in FORMATS.values() if name.endswith(form.suffix)), None)
    return (name.removesuffix(form.suffix) if form else name), form


def _moved(holdings: Holdings, slug: str, form: Format | None) -> Moved | None:
    """Where the work stands that took in the work of this address."""
    into = holdings.store.subjects.successor(slug)
    if into is None or not holdings.store.views.count(View(subjects=(into,)), public_sources(holdings)):
        return None
    return Moved(f"{STEM}{into}{form.suffix if form else ''}")


# ------------------------------------------------------------------------------------------------------------- drawing


def _drawn(holdings: Holdings, slug: str, form: Format | None, view: View) -> Rendition:
    """Raises _Nothing where no review has it, and where a work of that slug was taken in by another."""
    if holdings.store.subjects.successor(slug) is not None:
        raise _Nothing
    told = _told(holdings, slug)
    return _feed(holdings, told, form, view) if form else _page(holdings, told, view)


def _told(holdings: Holdings, slug: str) -> _Told:
    rated = holdings.store.views.reviews(View(subjects=(slug,)), public_sources(holdings), MOST_RATED)
    subjects = [review.subject for review in rated if review.subject]
    if not subjects:
        raise _Nothing
    found = holdings.store.subjects.of([review.key for review in rated])
    works = list({one.slug: one for one in found.values()}.values())
    entries = entries_of(holdings, rated)
    return _Told(slug=slug, subject=_merged(subjects, works), rated=rated, entries=entries, works=works)


def _merged(subjects: Sequence[Subject], works: Sequence[Work]) -> Subject:
    """What public reviews state of a work; its type and year only where they do not differ."""
    types, years = ({getattr(one, name) for one in subjects} - {None} for name in ("type", "year"))
    names = [one.name for one in subjects]
    called = works[0].name if len(works) == 1 and works[0].name in names else names[0]
    return Subject(
        name=called,
        type=types.pop() if len(types) == 1 else None,
        year=years.pop() if len(years) == 1 else None,
        identifiers=tuple(dict.fromkeys(text for one in subjects for text in one.identifiers)),
        same_as=tuple(dict.fromkeys(url for one in subjects for url in one.same_as)),
    )


def _page(holdings: Holdings, told: _Told, view: View) -> Rendition:
    site, path = holdings.settings.site, f"{STEM}{told.slug}"
    of_it, sources = View(subjects=(told.slug,)), public_sources(holdings)
    reviews = holdings.store.views.reviews(of_it, sources, PER_PAGE, offset=(view.page - 1) * PER_PAGE)
    if not reviews:
        raise _Nothing
    here = Place(path, view.query()).path()
    body = subject_page(
        site,
        here,
        told.subject,
        entries_of(holdings, reviews),
        told.entries,
        paging_of(path, view, holdings.store.views.count(of_it, sources)),
        _narrower(told),
        digest_of(told.entries, site) if told.is_one else None,
        path,
    )
    return rendition(here, HTML, body, changed_of_all(holdings))


def _narrower(told: _Told) -> list[tuple[str, str]]:
    """Where several works have one name: what tells each apart, and the page of that work alone."""
    if told.is_one:
        return []
    ordered = sorted(told.works, key=lambda one: (one.year is None, one.year or 0, one.type or "", one.slug))
    years = [one.year for one in ordered]
    named = [(_apart(one, years.count(one.year) > 1), f"{STEM}{one.slug}") for one in ordered if one.slug != told.slug]
    return named if len(told.works) > 1 else []


def _apart(work: Work, with_type: bool) -> str:
    parts = [str(work.year) if work.year is not None else "", (work.type or "") if with_type or not work.year else ""]
    return " ".join(filter(None, parts)) or work.label


# ------------------------------------------------------------------------------------------------------------ its feed


def _feed(holdings: Holdings, told: _Told, form: Format, view: View) -> Rendition:
    sources, after = public_sources(holdings), Cursor.read(view.after or "")
    offset = 0 if after else (view.page - 1) * ITEMS
    page = holdings.store.views.page(View(subjects=(told.slug,)), sources, ITEMS, after, offset)
    if not page.reviews:
        raise _Nothing
    document = _document(holdings, told, view, page)
    shown = _shown(holdings, document.entries, page)
    body = form.document(holdings.settings.site, document, fragments(holdings, form, shown, shown))
    return rendition(document.place.path(form.suffix), form.media_type, body, document.updated)


def _document(holdings: Holdings, told: _Told, view: View, page: Page) -> Document:
    stem, label = f"{STEM}{told.slug}", labelled(told.subject.name, told.subject.year)
    digest = digest_of(told.entries, holdings.settings.site) if told.is_one else None
    title = f"Reviews of {label} – {holdings.settings.site.title}"
    withdrawn = holdings.store.withdrawals.last(public_sources(holdings)) or NEVER
    return Document(
        feed=Feed(name=told.slug, title=title, description=in_words(digest) if digest else "", items=ITEMS),
        place=Place(stem, view.query()),
        entries=tuple(entries_of(holdings, page.reviews)),
        updated=max(withdrawn, *(review.revised for review in (*page.reviews, *told.rated))),
        related=tuple((rel, Place(stem, other.query())) for rel, other in _related(view, page)),
        page=Place(stem),
        part_of=Place(stem),
        work=WorkSummary(subject=told.subject, slug=told.slug, digest=digest) if digest else None,
    )


def _related(view: View, page: Page) -> list[tuple[str, View]]:
    """The pages beside it (RFC 5005 3); the next begins where this one ends, whatever happens meanwhile."""
    found: list[tuple[str, View]] = []
    if view.page > 1 or page.following:
        found.append(("first", View()))
    if view.page > 1:
        found.append(("previous", View(page=view.page - 1)))
    if page.following:
        found.append(("next", View(page=view.page + 1, after=str(page.following))))
    return found


def _shown(holdings: Holdings, entries: Sequence[Entry], page: Page) -> list[Shown]:
    """The entries with all that they were made from: what a feed has drawn already is not drawn again."""
    settings = holdings.settings
    found = []
    for entry, change in zip(entries, page.changes, strict=True):
        feeds = public_feeds_of(holdings, entry.review)
        commercial = not feeds or any(feed.commercial for feed in feeds)
        made_from = entry.review.key, change, settings.source(entry.review.source), commercial
        found.append(Shown(entry, change, made_from))
    return found


def digest_for(holdings: Holdings, review: Review) -> tuple[Work, SubjectDigest] | None:
    """The work of a review and what its critics together say of it; None where it is of none."""
    found = holdings.store.subjects.of([review.key]).get(review.key)
    if found is None:
        return None
    reviews = holdings.store.views.reviews(View(subjects=(found.slug,)), public_sources(holdings), MOST_RATED)
    works = holdings.store.subjects.of([one.key for one in reviews])
    alike = [one for one in reviews if one.key in works and works[one.key].slug == found.slug]
    return found, digest_of(entries_of(holdings, alike), holdings.settings.site)
