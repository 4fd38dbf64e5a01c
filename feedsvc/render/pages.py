"""Values in, whole HTML pages for people out (UTF-8); the same values always give the same bytes.

Nothing but HTML and one style sheet: no script, no font, and no picture of anybody else than the reviews' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from feedsvc.model import (
    Completeness,
    Document,
    Entry,
    Feed,
    Mark,
    PageCount,
    Place,
    Prose,
    Quarantined,
    Site,
    Source,
    SourceState,
    Subject,
    SubjectDigest,
)
from feedsvc.render import wording
from feedsvc.render.credits import credits_of
from feedsvc.render.figures import drawn, set_prose
from feedsvc.render.jsonld import critic_review
from feedsvc.render.listing import (
    MOST_GIVEN,
    MOST_KEPT_OUT,
    PER_PAGE,
    ROWS_PER_PAGE,
    TOLD_PER_PAGE,
    Browse,
    FeedCard,
    Others,
    OutletRow,
    Paging,
    numbered,
    paged,
)
from feedsvc.render.paper import STATIC, SUBSCRIPTIONS, announced, environment, page
from feedsvc.render.spread import spread_of
from feedsvc.render.standing import discreet, standing

__all__ = [
    "STATIC",
    "FeedCard",
    "LintRow",
    "SourceRow",
    "archive_page",
    "credits_page",
    "error_page",
    "feed_page",
    "home_page",
    "lint_page",
    "outlet_page",
    "outlets_page",
    "review_page",
    "search_page",
    "sources_page",
    "subject_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A configured source with what the store knows of it; None before its first look."""

    source: Source
    state: SourceState | None = None
    #: The pages that it leads to; None where it leads to none.
    pages: PageCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRow:
    """A source or a feed with how complete its attribution is; `advice`: what to tell the partner, for a source.

    `problems`, what is wrong with its documents, is for the operator to tell: it names files, and the page is public.
    """

    name: str
    title: str
    found: Completeness
    advice: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def home_page(site: Site, feeds: Sequence[FeedCard], latest: Sequence[Entry]) -> bytes:
    """The front page: every feed with its addresses, and the newest reviews of them all, newest first."""
    return page("home.html", site, "/", announced(*(card.feed for card in feeds)), cards=feeds, entries=latest)


def feed_page(site: Site, document: Document, browse: Browse | None = None) -> bytes:
    """One page of a feed or a view of it for people: its reviews, newest first, ways to narrow it, and its addresses.

    Without `browse` it is the feed's newest reviews alone.
    """
    feed = document.feed
    place = (browse and browse.subscribe) or document.place
    formats = [(name, kind, place.path(suffix)) for name, suffix, kind in SUBSCRIPTIONS]
    return page(
        "feed.html",
        site,
        document.place.path(),
        [(f"{feed.title} ({name})", kind, path) for name, kind, path in formats],
        private=not feed.public,
        feed=feed,
        entries=document.entries[:PER_PAGE],
        updated=document.updated,
        browse=browse,
        formats=formats,
    )


def archive_page(site: Site, feed: Feed, parts: Sequence[str]) -> bytes:
    """The closed parts of a feed's history by their names ("2026-05-1"), newest first, for people."""
    return page(
        "archive.html",
        site,
        f"/feeds/{feed.name}/archive",
        announced(feed),
        private=not feed.public,
        feed=feed,
        closed=parts,
    )


def search_page(site: Site, here: str, browse: Browse, entries: Sequence[Entry]) -> bytes:
    """What was found in all feeds together; before anything is asked, the form and ways to begin."""
    return page("search.html", site, here, browse=browse, entries=entries[:PER_PAGE])


def subject_page(
    site: Site,
    here: str,
    subject: Subject,
    entries: Sequence[Entry],
    rated: Sequence[Entry],
    paging: Paging,
    narrower: Sequence[tuple[str, str]] = (),
    digest: SubjectDigest | None = None,
    stem: str | None = None,
) -> bytes:
    """All that critics wrote on one work, newest first, and how far their ratings lie apart.

    `entries` are those of this page, `rated` those whose ratings are drawn together; `narrower`: what tells each of
    several works apart that have this name, and its path; `digest`: what its critics together say; `stem`: where its
    feeds stand, without a suffix.
    """
    formats = [(name, kind, f"{stem}{suffix}") for name, suffix, kind in SUBSCRIPTIONS] if stem else []
    return page(
        "subject.html",
        site,
        here,
        [(f"Reviews of {subject.name} ({name})", kind, path) for name, kind, path in formats],
        formats=formats,
        digest=digest,
        given=digest.ratings[:MOST_GIVEN] if digest else (),
        subject=subject,
        entries=entries[:PER_PAGE],
        spread=None if narrower else spread_of(rated),
        outlets=len({entry.review.outlet.name for entry in rated}),
        paging=paging,
        narrower=narrower,
    )


def outlets_page(site: Site, here: str, rows: Sequence[OutletRow], paging: Paging) -> bytes:
    """One page of the outlets, in the order given, each with its reviews, licences and the way to its page."""
    return page("outlets.html", site, here, rows=rows, paging=paging)


def outlet_page(
    site: Site, here: str, row: OutletRow, entries: Sequence[Entry], views: Sequence[tuple[Feed, Place]], paging: Paging
) -> bytes:
    """One outlet: who writes there, on which terms, its reviews, and the views of feeds that hold it alone."""
    alternates = [
        (f"{row.name} in {feed.title} ({name})", kind, place.path(suffix))
        for feed, place in views
        for name, suffix, kind in SUBSCRIPTIONS
    ]
    return page("outlet.html", site, here, alternates, row=row, entries=entries[:PER_PAGE], views=views, paging=paging)


def review_page(
    site: Site,
    entry: Entry,
    feeds: Sequence[Feed],
    revisions: int,
    others: Others | None = None,
    leader: str | None = None,
) -> bytes:
    """One review to the extent of its terms, with every credit; `revisions`: how often it changed since collected.

    `others`: what other critics wrote on the same work; `leader`: the key of the same review, where another of its
    carriers stands in the feeds.
    """
    review = entry.review
    prose = review.content or review.summary or review.excerpt
    inside = drawn(prose.html) if prose else frozenset()
    return page(
        "review.html",
        site,
        f"/reviews/{review.key}",
        announced(*feeds),
        private=any(not feed.public for feed in feeds),
        entry=entry,
        review=review,
        body=Markup(_body(entry, prose)),  # noqa: S704 - normalise sanitised it, and only it may
        pictures=[image for image in review.images if image.url in entry.embeddable - inside],
        linked=[image for image in review.images if image.url not in entry.embeddable],
        feeds=feeds,
        revisions=revisions,
        others=others or Others(),
        leader=leader,
        linked_data=critic_review(site, entry),
        summary=wording.describe(entry),
    )


def sources_page(
    site: Site, rows: Sequence[SourceRow], quarantined: Sequence[Quarantined], now: datetime, number: int = 1
) -> bytes:
    """Every source with its outlet, licence, last success and trouble in plain words, and what is kept out and why.

    Of many sources, those of the page of that `number`.

    `now` only tells whether a look is overdue: the bytes stay the same while nothing changes.
    """
    shown = [(row.source, row.state, standing(row.source, row.state, now), row.pages) for row in rows]
    troubled = sum(how.word == "trouble" for _, _, how, _ in shown)
    sources = {row.source.name: row.source for row in rows}
    kept_out = [
        (one, *(discreet(text, sources.get(one.source)) for text in (one.place, one.reason))) for one in quarantined
    ]
    paging = paged("/sources", len(shown), number, ROWS_PER_PAGE)
    listed = slice(paging.first - 1, paging.first - 1 + ROWS_PER_PAGE)
    return page(
        "sources.html",
        site,
        numbered("/sources", number),
        rows=shown[listed],
        troubled=troubled,
        kept_out=kept_out[:MOST_KEPT_OUT] if number == 1 else [],
        kept_out_too=len(kept_out[MOST_KEPT_OUT:]),
        paging=paging,
    )


def lint_page(site: Site, sources: Sequence[LintRow], feeds: Sequence[LintRow], number: int = 1) -> bytes:
    """How complete attribution is, by source and feed in the order given, and what to tell each partner.

    Of many sources, those of the page of that `number`; the feeds stand on the first.
    """
    paging = paged("/sources/lint", len(sources), number, TOLD_PER_PAGE)
    shown = sources[paging.first - 1 : paging.first - 1 + TOLD_PER_PAGE]
    return page(
        "lint.html",
        site,
        numbered("/sources/lint", number),
        sources=shown,
        feeds=feeds if number == 1 else [],
        told=[row for row in shown if row.advice],
        marks=tuple(Mark),
        paging=paging,
    )


def credits_page(site: Site, feed: Feed, entries: Sequence[Entry], updated: datetime) -> bytes:
    """Everybody who is named for what a feed shows, for print and for partners; `updated` as in the feed itself."""
    found = credits_of(entries)
    here = f"/feeds/{feed.name}/credits"
    return page(
        "credits.html", site, here, announced(feed), private=not feed.public, feed=feed, credits=found, updated=updated
    )


def error_page(site: Site, status: int, title: str, message: str) -> bytes:
    """What a person sees where there is no page: a sentence, and ways on."""
    return page("error.html", site, "", status=status, title=title, message=message)


def _body(entry: Entry, prose: Prose | None) -> str:
    """The review's own HTML as far as its terms go, with credits under its images; empty when only a link is shown."""
    if prose is None:
        return ""
    images = {image.url: image for image in entry.review.images}
    draw = environment().get_template("parts.html").module.__dict__["caption"]
    return set_prose(prose.html, entry.embeddable, lambda url: str(draw(images[url])) if url in images else None)
