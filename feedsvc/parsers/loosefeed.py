"""UTF-8 of a feed, well-formed or not → Parsed, as far as feedparser keeps what the source said.

It may hang or grow without end: only `feedparser_worker` calls it, and tests with sound documents.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

import feedparser

from feedsvc.model import (
    Category,
    Credit,
    Enclosure,
    FeedInfo,
    ImageClaim,
    Item,
    LicenceClaim,
    Limits,
    Link,
    Parsed,
    Person,
    RatingClaim,
    Rhythm,
    Subject,
    Text,
    is_url,
)
from feedsvc.parsers.branch import SHORT, is_markup
from feedsvc.parsers.channel import period
from feedsvc.parsers.claims import citations, elsewhere, is_only_address, number, relation, unmatched
from feedsvc.parsers.media import attached, files_of, images_of, is_avatar, is_image
from feedsvc.parsers.newest import beyond, newest
from feedsvc.parsers.rsl import kept_terms
from feedsvc.parsers.works import schema_type

#: What feedparser found of one thing. Only dict.get sees a key as it is: its own get falls back to other keys.
Found = dict[str, Any]


def read_loosely(body: bytes, url: str, limits: Limits) -> Parsed | None:
    """Read a feed with feedparser as it is least harmful: from a stream, its own sanitiser and resolver off.

    The body is UTF-8 without an XML declaration. None when feedparser finds neither an item nor a title.
    """
    found = feedparser.parse(
        io.BytesIO(body),
        # No address: feedparser would make ids absolute too. Links are resolved here.
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.entries and not found.feed.get("title"):
        return None
    at = url if is_url(url) else ""
    is_atom = found.version.startswith("atom")
    entries, problems = found.entries, []
    if len(entries) > limits.max_items:
        dates = (_published(entry) or _short(entry, "updated") for entry in entries)
        entries = [entries[place] for place in newest(dates, limits.max_items)]
        problems.append(beyond(limits.max_items))
    return Parsed(
        feed=_feed(found.feed, is_atom, at, limits.max_title),
        items=tuple(_item(entry, is_atom, at, limits.max_title) for entry in entries),
        reader="feedparser",
        problems=tuple(problems),
    )


def _feed(feed: Found, is_atom: bool, at: str, most_title: int) -> FeedInfo:
    links = _links(feed, at)
    image = feed.get("image") or {}
    return FeedInfo(
        id=_short(feed, "id"),
        title=_text(feed, "title", "text" if is_atom else "unsure", at, most_title),
        subtitle=_text(feed, "subtitle", "text" if is_atom else "html", at),
        links=tuple(link for link in links if link.rel != "license"),
        icon=_joined(at, _short(feed, "icon")) or None,
        logo=_joined(at, _short(feed, "logo") or _short(image, "href")) or None,
        language=_short(feed, "language"),
        authors=_people(feed, at) if is_atom else (),
        contributors=_named(feed.get("contributors"), at),
        categories=_categories(feed),
        rights=_text(feed, "rights", "text" if is_atom else "unsure", at, SHORT),
        rights_holder=_short(feed, "dcterms_rightsholder"),
        licences=_licences(links),
        usage=kept_terms(feed),
        updated=_short(feed, "updated") or (None if is_atom else _short(feed, "published")),
        generator=_short(feed, "generator"),
        rhythm=_rhythm(feed),
    )


def _rhythm(feed: Found) -> Rhythm:
    ttl = number(_short(feed, "ttl"))
    often = period(_short(feed, "sy_updateperiod"), number(_short(feed, "sy_updatefrequency")))
    return Rhythm(ttl=ttl * 60.0 if ttl else None, period=often)


def _item(entry: Found, is_atom: bool, at: str, most_title: int) -> Item:
    original = _joined(at, _short(entry, "feedburner_origlink"))
    links = [*([Link(href=original)] if original else []), *_links(entry, at)]
    guid = dict.get(entry, "id") or None
    published, updated = _published(entry), _short(entry, "updated")
    if not is_atom and not published:
        # dc:date, the only date that RSS 1.0 has, is an update to feedparser.
        published, updated = updated, None
    also = elsewhere(_listed(entry, "dcterms_isversionof"), links)
    cited = citations(_listed(entry, "dcterms_references"), links, also)
    images, enclosures = _media(entry, links, at)
    return Item(
        guid=guid,
        guid_is_permalink=bool(entry.get("ispermalink", is_only_address(guid, links))),
        links=unmatched(links, cited, also),
        title=_text(entry, "title", "text" if is_atom else "unsure", at, most_title),
        summary=_summary(entry, is_atom, at),
        content=_content(entry, is_atom, at),
        authors=_people(entry, at) if is_atom else _raw_authors(entry),
        contributors=_named(entry.get("contributors"), at),
        origin=_origin(entry.get("source"), at, most_title),
        via=tuple(link for link in links if link.rel == "via"),
        cited=cited,
        rights=_text(entry, "rights", "text" if is_atom else "unsure", at, SHORT),
        rights_holder=_short(entry, "dcterms_rightsholder"),
        licences=_licences(links),
        usage=kept_terms(entry),
        terms=_short(entry, "dcterms_accessrights"),
        images=images,
        credits=_credits(entry),
        enclosures=enclosures,
        categories=_categories(entry),
        subject=_subject(entry),
        rating=_rating(entry),
        verdict=_short(entry, "schema_abstract"),
        published=published,
        updated=updated,
        language=_short(entry, "language"),
        also=also,
    )


def _published(entry: Found) -> str | None:
    return _short(entry, "published") or _short(entry, "created")


def _subject(entry: Found) -> Subject | None:
    """The work, from elements that feedparser lays flat: of repeated ones the last is left."""
    name, kind = _short(entry, "schema_name"), _short(entry, "schema_additionaltype")
    if not name or "schema_itemreviewed" not in entry:
        return None
    return Subject(
        name=name,
        type=schema_type(kind),
        year=number((_short(entry, "schema_datepublished") or "")[:4]),
        identifiers=tuple(_listed(entry, "dc_identifier")),
        same_as=tuple(_listed(entry, "schema_sameas")),
    )


def _rating(entry: Found) -> RatingClaim | None:
    if "schema_reviewrating" not in entry:
        return None
    return RatingClaim(
        value=_short(entry, "schema_ratingvalue"),
        best=_short(entry, "schema_bestrating"),
        worst=_short(entry, "schema_worstrating"),
        text=_short(entry, "schema_alternatename"),
    )


def _joined(at: str, address: str | None) -> str:
    try:
        return urljoin(at, address) if address else ""
    except ValueError:
        return address or ""


def _short(found: Found, key: str) -> str | None:
    value = dict.get(found, key)
    return value.strip()[:SHORT] or None if isinstance(value, str) else None


def _listed(found: Found, key: str) -> list[str]:
    """What is left of a repeated element: feedparser keeps the last."""
    value = _short(found, key)
    return [value] if value else []


def _text(found: Found, key: str, default: str, at: str, most: int | None = None) -> Text | None:
    """A value with feedparser's details. In RSS the element decides what it is, not feedparser's guess."""
    detail = found.get(f"{key}_detail") or {}
    value = dict.get(found, key)
    return _as_text(value, detail, default, at, most)


def _as_text(value: object, detail: Found, default: str, at: str, most: int | None = None) -> Text | None:
    if not isinstance(value, str) or not value.strip():
        return None
    value, language = value.strip()[:most], detail.get("language") or None
    base = _joined(at, detail.get("base")) or at or None
    if default == "unsure":
        return Text(value=value, type="unsure", base=base, language=language)
    # It does not say whether a type was stated: only a value that is markup all through is taken for it.
    is_html = default == "html" or detail.get("type") in ("text/html", "application/xhtml+xml") or is_markup(value)
    return Text(value=value, type="html" if is_html else "text", base=base, language=language)


def _summary(entry: Found, is_atom: bool, at: str) -> Text | None:
    """The summary. Without details it is feedparser's copy of the content."""
    if "summary_detail" in entry:
        return _text(entry, "summary", "text" if is_atom else "html", at)
    return _as_text(_short(entry, "media_description"), {}, "unsure", at)


def _content(entry: Found, is_atom: bool, at: str) -> Text | None:
    """The last of what feedparser takes for content: a second description comes before content:encoded."""
    contents = [
        _as_text(part.get("value"), part, "text" if is_atom else "html", at) for part in entry.get("content", ())
    ]
    return next((text for text in reversed(contents) if text), None)


def _links(found: Found, at: str) -> list[Link]:
    return [
        Link(
            href=_joined(at, link["href"]),
            rel=relation(link.get("rel")),
            type=link.get("type") or None,
            hreflang=link.get("hreflang"),
            title=link.get("title"),
            length=number(link.get("length")),
        )
        for link in found.get("links", ())
        if link.get("href")
    ]


def _people(found: Found, at: str) -> tuple[Person, ...]:
    """`authors`, never `author_detail`, which mixes one author's name with another's address."""
    return _named(found.get("authors"), at)


def _named(people: Iterable[Found] | None, at: str) -> tuple[Person, ...]:
    return tuple(
        Person(name=one["name"][:SHORT], url=_joined(at, one.get("href")) or None)
        for one in people or ()
        if one.get("name")
    )


def _raw_authors(entry: Found) -> tuple[Person, ...]:
    """RSS authors as they stood: feedparser cuts an e-mail address with a long top-level domain in two."""
    raw = [_rejoined(one) for one in entry.get("authors", ())]
    last = _short(entry, "author")
    if raw and last and "@" in last:
        raw[-1] = last
    return tuple(dict.fromkeys(Person(name=name[:SHORT]) for name in raw if name))


def _rejoined(author: Found) -> str:
    name, email = author.get("name") or "", author.get("email") or ""
    return f"{email}{name})" if email and "(" in name else name


def _categories(found: Found) -> tuple[Category, ...]:
    return tuple(
        Category(term=tag["term"], scheme=tag.get("scheme"), label=tag.get("label"))
        for tag in found.get("tags", ())
        if tag.get("term")
    )


def _licences(links: Iterable[Link]) -> tuple[LicenceClaim, ...]:
    claims = {
        link.href: LicenceClaim(url=link.href, text=link.title)
        for link in reversed(list(links))
        if link.rel == "license"
    }
    return tuple(reversed(claims.values()))


def _credits(entry: Found) -> tuple[Credit, ...]:
    """feedparser does not say which image a credit belongs to, so none is given one."""
    return tuple(
        Credit(name=credit["content"].strip(), role=credit.get("role"), scheme=credit.get("scheme"))
        for credit in entry.get("media_credit", ())
        if (credit.get("content") or "").strip()
    )


def _media(entry: Found, links: Iterable[Link], at: str) -> tuple[tuple[ImageClaim, ...], tuple[Enclosure, ...]]:
    found = [attached(link.href, link.type, link.length, link.title) for link in links if link.rel == "enclosure"]
    found += [_described(content, at) for content in entry.get("media_content", ()) if _shows(content)]
    found += [_thumbnail(content, at) for content in entry.get("media_thumbnail", ()) if _shows(content)]
    if cover := _short(entry.get("image") or {}, "href"):
        found.append(ImageClaim(url=cover))
    return images_of(found), files_of(found)


def _shows(content: Found) -> bool:
    url = content.get("url") or ""
    return url != "" and not is_avatar(url)


def _described(content: Found, at: str) -> ImageClaim | Enclosure:
    if is_image(content["url"], content.get("type") or None, content.get("medium")):
        return _thumbnail(content, at)
    return Enclosure(
        url=_joined(at, content["url"]), type=content.get("type") or None, length=number(content.get("filesize"))
    )


def _thumbnail(content: Found, at: str) -> ImageClaim:
    return ImageClaim(
        url=_joined(at, content["url"]),
        type=content.get("type") or None,
        width=number(content.get("width")),
        height=number(content.get("height")),
        length=number(content.get("filesize")),
    )


def _origin(source: Found | None, at: str, most_title: int) -> FeedInfo | None:
    if not source:
        return None
    links = [Link(href=_joined(at, source["href"]), rel="self")] if source.get("href") else _links(source, at)
    is_atom = not source.get("href")
    return FeedInfo(
        id=_short(source, "id"),
        title=_text(source, "title", "text" if is_atom else "unsure", at, most_title),
        links=tuple(link for link in links if link.rel != "license"),
        icon=_short(source, "icon"),
        logo=_short(source, "logo"),
        authors=_people(source, at),
        rights=_text(source, "rights", "text", at, SHORT),
        licences=_licences(links),
        updated=_short(source, "updated"),
    )
