"""Values in, whole HTML pages for people out (UTF-8); the same values always give the same bytes.

Nothing but HTML and one style sheet: no script, no font, and no picture of anybody else than the reviews' own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from feedsvc.model import (
    Completeness,
    Document,
    Entry,
    Feed,
    Mark,
    Prose,
    Quarantined,
    Rendition,
    Site,
    Source,
    SourceState,
)
from feedsvc.render import wording
from feedsvc.render.credits import credits_of
from feedsvc.render.figures import drawn, set_prose
from feedsvc.render.jsonld import critic_review
from feedsvc.render.listing import Browse
from feedsvc.render.standing import discreet, public_feed, standing

#: Name, suffix and media type of the three formats, in the order a feed reader should prefer them.
SUBSCRIPTIONS = (
    ("Atom", ".atom", "application/atom+xml"),
    ("RSS", ".rss", "application/rss+xml"),
    ("JSON Feed", ".json", "application/feed+json"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCard:
    """A feed as the home page shows it: how many reviews stand in it, and when the newest is from."""

    feed: Feed
    count: int
    latest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A configured source with what the store knows of it; None before its first look."""

    source: Source
    state: SourceState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRow:
    """A source or a feed with how complete its attribution is; `advice`: what to tell the partner, for a source."""

    name: str
    title: str
    found: Completeness
    advice: tuple[str, ...] = ()


def home_page(site: Site, feeds: Sequence[FeedCard], latest: Sequence[Entry]) -> bytes:
    """The front page: every feed with its addresses, and the newest reviews of them all, newest first."""
    return _page("home.html", site, "/", [card.feed for card in feeds], cards=feeds, entries=latest)


def feed_page(site: Site, document: Document, browse: Browse | None = None) -> bytes:
    """One feed for people: how to subscribe, and its reviews, newest first."""
    feed, here = document.feed, document.place.path()
    return _page("feed.html", site, here, [feed], feed=feed, entries=document.entries, updated=document.updated)


def archive_page(site: Site, feed: Feed, parts: Sequence[str]) -> bytes:
    """The closed parts of a feed's history by their names ("2026-05-1"), newest first, for people."""
    return _page("archive.html", site, f"/feeds/{feed.name}/archive", [feed], feed=feed, closed=parts)


def review_page(site: Site, entry: Entry, feeds: Sequence[Feed], revisions: int) -> bytes:
    """One review to the extent of its terms, with every credit; `revisions`: how often it changed since collected."""
    review = entry.review
    prose = review.content or review.summary or review.excerpt
    inside = drawn(prose.html) if prose else frozenset()
    return _page(
        "review.html",
        site,
        f"/reviews/{review.key}",
        feeds,
        entry=entry,
        review=review,
        body=Markup(_body(entry, prose)),  # noqa: S704 - normalise sanitised it, and only it may
        pictures=[image for image in review.images if image.url in entry.embeddable - inside],
        linked=[image for image in review.images if image.url not in entry.embeddable],
        feeds=feeds,
        revisions=revisions,
        linked_data=critic_review(site, entry),
        summary=wording.describe(entry),
    )


def sources_page(site: Site, rows: Sequence[SourceRow], quarantined: Sequence[Quarantined], now: datetime) -> bytes:
    """Every source with its outlet, licence, last success and trouble in plain words, and what is kept out and why.

    `now` only tells whether a look is overdue: the bytes stay the same while nothing changes.
    """
    shown = [(row.source, row.state, standing(row.source, row.state, now)) for row in rows]
    troubled = sum(how.word == "trouble" for _, _, how in shown)
    sources = {row.source.name: row.source for row in rows}
    kept_out = [
        (one, *(discreet(text, sources.get(one.source)) for text in (one.place, one.reason))) for one in quarantined
    ]
    return _page("sources.html", site, "/sources", [], rows=shown, troubled=troubled, kept_out=kept_out)


def lint_page(site: Site, sources: Sequence[LintRow], feeds: Sequence[LintRow]) -> bytes:
    """How complete attribution is, by source and feed in the order given, and what to tell each partner."""
    told = [row for row in sources if row.advice]
    return _page(
        "lint.html",
        site,
        "/sources/lint",
        [],
        sources=sources,
        feeds=feeds,
        told=told[:MOST_TOLD],
        untold=len(told[MOST_TOLD:]),
        marks=tuple(Mark),
    )


def credits_page(site: Site, feed: Feed, entries: Sequence[Entry], updated: datetime) -> bytes:
    """Everybody who is named for what a feed shows, for print and for partners; `updated` as in the feed itself."""
    found = credits_of(entries)
    return _page("credits.html", site, f"/feeds/{feed.name}/credits", [feed], feed=feed, credits=found, updated=updated)


def error_page(site: Site, status: int, title: str, message: str) -> bytes:
    """What a person sees where there is no page: a sentence, and ways on."""
    return _page("error.html", site, "", [], status=status, title=title, message=message)


def _body(entry: Entry, prose: Prose | None) -> str:
    """The review's own HTML as far as its terms go, with credits under its images; empty when only a link is shown."""
    if prose is None:
        return ""
    images = {image.url: image for image in entry.review.images}
    draw = _environment().get_template("parts.html").module.__dict__["caption"]
    return set_prose(prose.html, entry.embeddable, lambda url: str(draw(images[url])) if url in images else None)


#: Partners whose advice stands on the page of lint; the others' is a command away.
MOST_TOLD = 50
#: What a partner is to copy: markup, a member of a JSON object, or a line in quotation marks, which are not copied.
_CODE = re.compile(r'"\w+": [\[{].*?[\]}]+(?=[ ,.])|"\w+"|(?:<[^<>]+>)+(?:[^<>]{1,30}</\w+>)?|“([^”]+)”')


def coded(advice: str) -> Markup:
    """Advice with what is to be copied set as code."""
    parts, at = [], 0
    for found in _CODE.finditer(advice):
        parts += [escape(advice[at : found.start()]), Markup("<code>{}</code>").format(found[1] or found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(advice[at:])])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("feedsvc.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    words = (wording.moment, wording.stamp, wording.spoken, wording.kind_word, wording.file_name, wording.duration)
    marks = (wording.mark_word, wording.lack_word, wording.percent, coded)
    environment.filters.update({word.__name__: word for word in (*words, *marks)})
    environment.tests["unsigned"] = wording.unsigned
    environment.globals.update(SUBSCRIPTIONS=SUBSCRIPTIONS, PROVENANCES=wording.PROVENANCES, public_feed=public_feed)
    return environment


def _page(template: str, site: Site, here: str, alternates: Sequence[Feed], **values: object) -> bytes:
    """`here` is the page's own path, `alternates` the feeds that it announces to feed readers.

    Links inside the site start at `root` and name no host, so that the pages work under any name the host has.
    """
    root = urlsplit(site.base_url).path.rstrip("/")
    page = _environment().get_template(template)
    return page.render(site=site, root=root, here=here, alternates=alternates, **values).encode()


def _static(path: str, media_type: str) -> Rendition:
    file = Path(__file__).parent / "static" / path.lstrip("/")
    body = file.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    modified = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    return Rendition(path=path, media_type=media_type, body=body, etag=etag, modified=modified)


#: What every page links to, by path: it is the same for every site and never changes while the program runs.
STATIC: Mapping[str, Rendition] = {
    path: _static(path, media_type)
    for path, media_type in {"/style.css": "text/css", "/favicon.svg": "image/svg+xml"}.items()
}
