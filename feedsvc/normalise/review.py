"""A feed and its source in, then Items; their Reviews out: every publishing rule but the terms comes together here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from feedsvc.errors import Unattributable
from feedsvc.model import (
    Also,
    Category,
    Enclosure,
    FeedInfo,
    Item,
    LicenceState,
    Limits,
    Outlet,
    Person,
    Prose,
    Provenance,
    Review,
    Site,
    Source,
)
from feedsvc.normalise import attribution, identity, urls
from feedsvc.normalise.byline import Opening, opening_of
from feedsvc.normalise.categories import categories_in
from feedsvc.normalise.characters import fold, fold_start
from feedsvc.normalise.citations import KnownOutlets, cited_by
from feedsvc.normalise.completed import yielding
from feedsvc.normalise.dates import parse_date
from feedsvc.normalise.excerpt import excerpt, shortened, without_footer
from feedsvc.normalise.html import plain, plain_words, prose
from feedsvc.normalise.images import images_of
from feedsvc.normalise.inherited import Inherited, first_feed, inherited
from feedsvc.normalise.language import language_tag
from feedsvc.normalise.licensing import licence_of, opt_out_of
from feedsvc.normalise.people import people
from feedsvc.normalise.rating import rating_of
from feedsvc.normalise.rating_place import rating_in
from feedsvc.normalise.subject import subject_of

#: A title made from the text is about as long as a headline.
_TITLE_FROM_TEXT = 80
_NO_PROSE = Prose(html="", text="")
_LIMITS = Limits()
#: How programs mark that they cut a text.
_CUT = re.compile(r"\s*(?:\[?\s*(?:…|\.\.\.)\s*\]?)\s*$")


class Normaliser:
    """Makes the items of one document reviews; all that they have in common is worked out once.

    `outlets` are all that are configured: sources that a text names get their addresses.
    """

    def __init__(
        self,
        feed: FeedInfo,
        *,
        source: Source,
        document_url: str,
        site: Site,
        outlets: Sequence[Outlet] = (),
        limits: Limits = _LIMITS,
    ) -> None:
        self._feed, self._source, self._document_url, self._limits = feed, source, document_url, limits
        self._known = KnownOutlets(outlets)
        self._digests = identity.Digests(feed, source, self._known, limits)
        self._authority = identity.authority_of(site)
        self._base = urls.web_base(document_url)
        self._places = frozenset({document_url, *(link.href for link in feed.links if link.rel == "self")})
        self._carrier = attribution.Carrier(feed, source, document_url)
        self._inherited = inherited(feed, feed, source)
        self._own_category = (Category(term=source.category),) if source.category else ()
        self._people: dict[tuple[Person, ...], tuple[Person, ...]] = {}
        self._categories: dict[Category, tuple[Category, ...]] = {}

    def digest(self, item: Item) -> bytes:
        """The sha256 of everything that can change the item's Review."""
        return self._digests.digest(item)

    def review(self, item: Item, now: datetime) -> Review:
        """The review that an item promises; raises Unattributable when nothing leads back to where it came from."""
        source = self._source
        url = identity.permalink(item, self._document_url)
        origin = self._carrier.origin_of(item, url)
        if origin.outlet is None:
            raise Unattributable(_no_way_back(item, source))
        page = identity.page_key(source.name, identity.item_key(item))
        stated_id = identity.usable_id(item.guid)
        # A relative address in an item without a base of its own starts from the item's page, else from the document.
        base = url or self._base
        content = prose(item.content, base, self._places)
        summary = _summary(prose(item.summary, base, self._places), content)
        title = plain(item.title, self._limits.max_title)
        headline = title or _title_from(content or summary, item, origin.outlet)
        first = self._first(item, origin)
        if item.from_page:
            item = yielding(item, first)
        own_rights = plain(item.rights, 2000)
        text = (content or summary or _NO_PROSE).text
        opening = opening_of(text, title)
        authors, authors_from = attribution.authors_of(self._named(item.authors), opening.signed, first, origin)
        rights, rights_from = attribution.rights_of(own_rights, first)
        holder, holder_from = attribution.holder_of(item, own_rights, first, rights)
        licence, licence_from = licence_of(item, own_rights, first.licence)
        stated, inferred = Provenance.STATED, Provenance.INFERRED
        opt_out = opt_out_of(
            item,
            own_rights,
            url,
            licensed=licence.state is LicenceState.IDENTIFIED and licence_from is stated,
            usage=first.usage,
            words=first.opt_out,
        )
        subject, subject_from, subject_how = subject_of(item.subject, headline, text, item.categories)
        placed = rating_in(title, text, source.scale) if item.rating is None else None
        rating = rating_of(placed.claim if placed else item.rating, source.scale)
        language, language_from = _language(item, first)
        published = parse_date(item.published)
        whole = (content.html if content else "") + (summary.html if summary else "")
        images, credits = images_of(item, whole, base)
        cited = cited_by(
            item, whole, self._known, not_these=(url, origin.outlet.url, subject.name if subject else None)
        )
        provenance: dict[str, Provenance] = {
            name: where
            for name, known, where in (
                ("title", not title, inferred),
                ("id", True, stated if stated_id else inferred),
                ("authors", True, authors_from),
                ("outlet", True, origin.provenance),
                ("rights", rights, rights_from),
                ("rights_holder", holder, holder_from),
                ("licence", licence.name or licence.state is not LicenceState.UNKNOWN, licence_from),
                ("published", published, inferred if item.published_inferred else stated),
                ("subject", subject, subject_from),
                ("rating", rating, inferred if placed else stated),
                ("language", language, language_from),
                ("cited", cited, inferred if any(citation.inferred for citation in cited) else stated),
            )
            if known
        }
        if item.from_page:
            provenance |= _from_page(item, provenance)
        return Review(
            key=page,
            source=source.name,
            id=stated_id or identity.minted_id(self._authority, source.name, page, now),
            id_generated=stated_id is None,
            url=url,
            title=headline,
            summary=summary,
            content=content,
            excerpt=_excerpt(summary, content, headline, opening),
            authors=authors,
            contributors=self._named(item.contributors),
            outlet=origin.outlet,
            via=origin.via,
            cited=cited,
            rights=rights,
            rights_holder=holder,
            licence=licence,
            opt_out=opt_out,
            images=images,
            credits=credits,
            enclosures=_enclosures(item, base) if item.enclosures else (),
            categories=self._sorted(item),
            subject=subject,
            rating=rating,
            verdict=fold(plain_words(item.verdict), 1000) or None if item.verdict else None,
            published=published,
            updated=parse_date(item.updated),
            collected=now,
            revised=now,
            language=language,
            also=_also(item, url, attribution.earlier_carriers(item, origin)),
            republish=source.republish,
            provenance=provenance,
            inferred_from=_inferred_from(
                authors=_line(opening) if authors_from is inferred and authors == opening.signed else None,
                subject=subject_how,
                rating=placed.how if placed and rating else None,
            ),
        )

    def _first(self, item: Item, origin: attribution.Origin) -> Inherited:
        """What the item inherits: of the document's feed, but where it first stood in another."""
        if item.origin is None:
            return self._inherited
        return inherited(first_feed(item, self._feed, foreign=origin.foreign), self._feed, self._source)

    def _named(self, stated: tuple[Person, ...]) -> tuple[Person, ...]:
        if not stated:
            return ()
        named = self._people.get(stated)
        if named is None:
            named = self._people[stated] = people(stated)
        return named

    def _sorted(self, item: Item) -> tuple[Category, ...]:
        """Each category once, the source's own last."""
        kept: dict[tuple[str, str | None], Category] = {}
        for category in (*item.categories, *self._own_category):
            parts = self._categories.get(category)
            if parts is None:
                parts = self._categories[category] = categories_in(category)
            for part in parts:
                kept.setdefault((part.term.casefold(), part.scheme), part)
        return tuple(kept.values())[:100]


def _from_page(item: Item, provenance: dict[str, Provenance]) -> dict[str, Provenance]:
    """What the item has of its page, but for what is known of it in another way."""
    stated = (name for name in item.from_page if provenance.get(name, Provenance.STATED) is Provenance.STATED)
    return dict.fromkeys(sorted(stated), Provenance.PAGE)


def _inferred_from(**ways: str | None) -> dict[str, str]:
    return {field: how for field, how in ways.items() if how}


def _line(opening: Opening) -> str:
    return f"the line “{opening.line}” at the beginning of the text"


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


def _summary(summary: Prose | None, content: Prose | None) -> Prose | None:
    """The summary, unless it only repeats the content, or a program wrote "..." where there was none."""
    if summary and "<img" not in summary.html and not summary.text.strip(" .…[]()"):
        return None
    return None if summary and content and summary.text == content.text else summary


def _excerpt(summary: Prose | None, content: Prose | None, title: str, opening: Opening) -> Prose | None:
    """From the summary if somebody wrote one; a title again, or the content's first words cut by a program, is none.

    What opens the text before its first sentence stands beside an excerpt and so not in it, unless it is all there is.
    """
    own = without_footer(summary.text) if summary else ""
    if not content or not content.text:
        return excerpt(own[opening.length :] or own)
    short = fold(own)
    beginning = _CUT.sub("", short) if short.endswith(("…", "...", "]")) else short
    written = bool(short) and short.casefold() != title.casefold()
    if written and not fold_start(content.text, len(beginning)).startswith(beginning):
        return excerpt(short)
    whole = without_footer(content.text)
    return excerpt(whole[opening.length :] or whole)


def _language(item: Item, first: Inherited) -> tuple[str | None, Provenance]:
    """Of an item that says none, the language of its only page, as its link says (RFC 4287, 4.2.7.4)."""
    pages = [link for link in item.links if link.rel == "alternate"]
    if stated := identity.language_of(item) or (language_tag(pages[0].hreflang) if len(pages) == 1 else None):
        return stated, Provenance.STATED
    return first.language


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
    if not item.also and not carriers:
        return ()
    kept: dict[str, Also] = {}
    for claim in item.also[:100]:
        place = urls.absolute(claim.url)
        if place and not urls.same_place(place, url):
            outlet = fold(plain_words(claim.outlet or ""), 300) or None
            kept.setdefault(place, Also(url=place, outlet=outlet, collected=parse_date(claim.collected)))
    for carrier in carriers:
        kept.setdefault(carrier.url, carrier)
    return tuple(kept.values())
