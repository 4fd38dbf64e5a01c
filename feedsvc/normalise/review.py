"""An Item, its feed and its source in, the Review out: every publishing rule but the terms comes together here."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc.errors import Unattributable
from feedsvc.model import (
    Also,
    Category,
    Enclosure,
    FeedInfo,
    Item,
    LicenceState,
    Outlet,
    Prose,
    Provenance,
    Review,
    Site,
    Source,
    Text,
)
from feedsvc.normalise import attribution, identity, urls
from feedsvc.normalise.characters import fold
from feedsvc.normalise.citations import cited_by
from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.excerpt import excerpt, shortened, without_footer
from feedsvc.normalise.html import plain, plain_words, prose
from feedsvc.normalise.images import credits_of, images_of
from feedsvc.normalise.language import language_tag
from feedsvc.normalise.licensing import licence_of, opt_out_of
from feedsvc.normalise.people import people
from feedsvc.normalise.rating import rating_of
from feedsvc.normalise.subject import TYPE_SCHEME, subject_of

#: A title made from the text is about as long as a headline.
_TITLE_FROM_TEXT = 80


def normalise(
    item: Item,
    feed: FeedInfo,
    *,
    source: Source,
    document_url: str,
    site: Site,
    now: datetime,
    outlets: Sequence[Outlet] = (),
) -> Review:
    """The review that an item promises; raises Unattributable when nothing leads back to where it came from.

    `outlets` are all that are configured: sources that the text names get their addresses.
    """
    url = identity.permalink(item, document_url)
    origin = attribution.origin_of(item, feed, source, document_url, url)
    if origin.outlet is None:
        raise Unattributable(_no_way_back(item, source))
    key = identity.item_key(item)
    page = identity.page_key(source.name, key)
    stated_id = identity.usable_id(item.guid)
    # A relative address in an item without a base of its own starts from the item's page, else from the document.
    base = url or urls.web_base(document_url)
    places = {document_url, *(link.href for link in feed.links if link.rel == "self")}
    content = prose(_based(item.content, places), base)
    summary = _summary(prose(_based(item.summary, places), base), content)
    title = plain(item.title)
    headline = title or _title_from(content or summary, item, origin.outlet)
    authors, authors_from = attribution.authors_of(item, feed, origin)
    rights, rights_from = attribution.rights_of(item, feed, source, origin)
    holder, holder_from = attribution.holder_of(item, feed, rights, origin)
    licence, licence_from = licence_of(item, feed, source, origin)
    opt_out = opt_out_of(item, feed, origin, url, licence_from if licence.state is LicenceState.IDENTIFIED else None)
    text = (content or summary or Prose(html="", text="")).text
    subject, subject_from = subject_of(item.subject, headline, text, item.categories)
    rating = rating_of(item.rating)
    language, language_from = _language(item, attribution.first_feed(item, feed, origin), feed, source)
    published = parse_date(item.published)
    whole = "".join(part.html for part in (content, summary) if part)
    cited = cited_by(item, whole, outlets, not_these=(url, origin.outlet.url, subject.name if subject else None))
    stated, inferred = Provenance.STATED, Provenance.INFERRED
    provenance = {
        "title": None if title else inferred,
        "id": stated if stated_id else inferred,
        "authors": authors_from,
        "outlet": origin.provenance,
        "rights": rights_from if rights else None,
        "rights_holder": holder_from if holder else None,
        "licence": licence_from if licence.name or licence.state is not LicenceState.UNKNOWN else None,
        "published": (inferred if item.published_inferred else stated) if published else None,
        "subject": subject_from if subject else None,
        "rating": stated if rating else None,
        "language": language_from if language else None,
        "cited": (inferred if any(citation.inferred for citation in cited) else stated) if cited else None,
    }
    return Review(
        key=page,
        source=source.name,
        id=stated_id or identity.minted_id(site, source.name, page, now),
        id_generated=stated_id is None,
        url=url,
        title=headline,
        summary=summary,
        content=content,
        excerpt=_excerpt(summary, content, headline),
        authors=authors,
        contributors=people(item.contributors),
        outlet=origin.outlet,
        via=origin.via,
        cited=cited,
        rights=rights,
        rights_holder=holder,
        licence=licence,
        opt_out=opt_out,
        images=images_of(item, whole, base),
        credits=credits_of(item.credits),
        enclosures=_enclosures(item, base),
        categories=_categories(item, source),
        subject=subject,
        rating=rating,
        verdict=fold(plain_words(item.verdict or ""), 1000) or None,
        published=published,
        updated=parse_date(item.updated),
        collected=now,
        revised=now,
        language=language,
        also=_also(item, url, attribution.earlier_carriers(item, origin)),
        republish=source.republish,
        provenance={name: where for name, where in provenance.items() if where},
    )


def _no_way_back(item: Item, source: Source) -> str:
    name = plain(item.title, 100) or fold(identity.item_key(item), 100)
    return (
        f'"{name}" of source "{source.name}" has neither an address nor a named outlet, so nothing leads back to where'
        f' it first appeared. Set outlet = {{ name = "…", url = "https://…" }} in the [[sources]] table of'
        f' "{source.name}", or have the item state its link.'
    )


def _title_from(text: Prose | None, item: Item, outlet: Outlet) -> str:
    """A review without a headline goes by its first words, else by the work, else by where it appeared."""
    words = shortened(text.text, _TITLE_FROM_TEXT) if text else ""
    subject = plain_words(item.subject.name) if item.subject else ""
    return words or subject or f"Untitled review in {outlet.name}"


def _based(text: Text | None, places: Collection[str]) -> Text | None:
    """The text, without a base that is only where its feed lies: the item's page is nearer."""
    return replace(text, base=None) if text and text.base in places else text


def _summary(summary: Prose | None, content: Prose | None) -> Prose | None:
    """The summary, unless it only repeats the content, or a program wrote "..." where there was none."""
    if summary and "<img" not in summary.html and not summary.text.strip(" .…[]()"):
        return None
    return None if summary and content and summary.text == content.text else summary


def _excerpt(summary: Prose | None, content: Prose | None, title: str) -> Prose | None:
    """From the summary if somebody wrote one; a title again, or the content's first words cut by a program, is none."""
    short = fold(without_footer(summary.text)) if summary else ""
    beginning = re.sub(r"\s*(?:\[?\s*(?:…|\.\.\.)\s*\]?)\s*$", "", short)
    written = bool(short) and short.casefold() != title.casefold()
    if content and written and not fold(content.text).startswith(beginning):
        return excerpt(short)
    return excerpt(without_footer(content.text) if content and content.text else short)


def _language(item: Item, first: FeedInfo, feed: FeedInfo, source: Source) -> tuple[str | None, Provenance]:
    texts = [text.language for text in (item.content, item.title) if text]
    readings = [(word, Provenance.STATED) for word in (item.language, *texts)]
    readings += [(word, Provenance.INHERITED) for word in (first.language, feed.language)]
    readings.append((source.language, Provenance.CONFIGURED))
    return next(((tag, where) for word, where in readings if (tag := language_tag(word))), (None, Provenance.STATED))


def _categories(item: Item, source: Source) -> tuple[Category, ...]:
    """Each category once, without commas, at which readers split labels: a list in one term or label is taken apart.

    A bare term of a scheme is no list: "Okafor, Ines" of a scheme of persons stays one.
    """
    kept: dict[tuple[str, str | None], Category] = {}
    for category in (*item.categories, *([Category(term=source.category)] if source.category else [])):
        if category.scheme == TYPE_SCHEME:
            continue
        scheme = fold(category.scheme or "", 500) or None
        stated = (fold(plain_words(category.term), 300), fold(plain_words(category.label or ""), 300))
        for term, label in [(_joined(stated[0]), None)] if scheme and not stated[1] else _split(*stated):
            if term:
                kept.setdefault((term.casefold(), scheme), Category(term=term, scheme=scheme, label=label))
    return tuple(kept.values())[:100]


def _joined(term: str) -> str:
    return re.sub(r"\s*,\s*", " / ", term).strip(" /")


def _split(term: str, label: str) -> list[tuple[str, str | None]]:
    if "," not in term and "," not in label:
        return [(term or label, label or None)] if term or label else []
    # A comma in brackets parts no terms: "Dance (Ballet, Tap)".
    parts = [_joined(part) for part in re.split(r",(?![^()]*\))", label or term)]
    return [(part, None) for part in parts if part]


def _enclosures(item: Item, base: str | None) -> tuple[Enclosure, ...]:
    """Attached files that are no images, each address once."""
    kept: dict[str, Enclosure] = {}
    for file in item.enclosures[:100]:
        url = urls.absolute(file.url, base)
        kind = fold(file.type or "", 100).lower() or None
        if url and not (kind or "").startswith("image/"):
            length = file.length if file.length and 0 < file.length < 2**53 else None
            duration = file.duration if file.duration and 0 < file.duration < 2**31 else None
            title = fold(plain_words(file.title or ""), 500) or None
            kept.setdefault(url, Enclosure(url=url, type=kind, length=length, title=title, duration=duration))
    return tuple(kept.values())


def _also(item: Item, url: str | None, carriers: Sequence[Also]) -> tuple[Also, ...]:
    """The other places as stated, and those on the review's way here: nobody who carried it loses the credit."""
    kept: dict[str, Also] = {}
    for claim in item.also[:100]:
        place = urls.absolute(claim.url)
        if place and not urls.same_place(place, url):
            outlet = fold(plain_words(claim.outlet or ""), 300) or None
            kept.setdefault(place, Also(url=place, outlet=outlet, collected=parse_date(claim.collected)))
    for carrier in carriers:
        kept.setdefault(carrier.url, carrier)
    return tuple(kept.values())
