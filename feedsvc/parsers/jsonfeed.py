"""Text of a JSON Feed (version 1 or 1.1), with our own extension objects → Parsed, every value as it stands."""

from __future__ import annotations

from feedsvc.errors import NotAFeed
from feedsvc.model import (
    AlsoClaim,
    Category,
    Citation,
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
    Subject,
    Text,
    is_url,
)
from feedsvc.parsers.jsonvalues import Object, address, load, obj, objects, short, texts, whole, whole_number
from feedsvc.parsers.media import images_of, is_image
from feedsvc.parsers.newest import beyond, newest

_UNSPECIFIED = "http://purl.org/atompub/license#unspecified"


def read_json(text: str, url: str, limits: Limits, problems: tuple[str, ...] = ()) -> Parsed:
    """Read a JSON Feed (jsonfeed.org/version/1 and 1.1). Raises NotAFeed for other JSON, TooLarge beyond its depth."""
    try:
        document, forgiven = load(text, limits.max_nesting)
    except ValueError as error:
        raise NotAFeed("It begins like JSON, but is not.", found="broken JSON") from error
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or "jsonfeed.org/version/" not in str(version):
        raise NotAFeed("It is JSON, but no JSON Feed: its version does not say so.", found="a JSON document")
    base = _base(document, url)
    found = document.get("items")
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    if len(items) > limits.max_items:
        dates = (short(item, "date_published") or short(item, "date_modified") for item in items)
        items = [items[place] for place in newest(dates, limits.max_items)]
        forgiven.append(beyond(limits.max_items))
    return Parsed(
        feed=_feed(document, base, limits.max_title),
        items=tuple(_item(item, base, limits.max_title) for item in items),
        reader="json",
        problems=(*problems, *forgiven),
    )


def _base(document: Object, url: str) -> str:
    """Where relative addresses start; a file's own address is no base, so the feed's own is taken if it states one."""
    stated = (short(document, "feed_url") or "", short(document, "home_page_url") or "")
    return next((candidate for candidate in (url, *stated) if is_url(candidate)), "")


def _feed(document: Object, base: str, most_title: int) -> FeedInfo:
    said = obj(document, "_attribution")
    icon, favicon = address(document, "icon", base), address(document, "favicon", base)
    return FeedInfo(
        id=short(document, "feed_url"),
        title=_plain(short(document, "title", most_title)),
        subtitle=_plain(whole(document, "description")),
        links=_feed_links(document, base),
        icon=favicon,
        logo=icon,
        language=short(document, "language"),
        authors=_authors(document, base),
        rights=_plain(short(said, "rights")),
        rights_holder=short(said, "rights_holder"),
        licences=_licences(said, base),
    )


def _feed_links(document: Object, base: str) -> tuple[Link, ...]:
    named = (("home_page_url", "alternate"), ("feed_url", "self"), ("next_url", "next"))
    links = [Link(href=href, rel=rel) for key, rel in named if (href := address(document, key, base))]
    links += [Link(href=href, rel="hub") for hub in objects(document, "hubs") if (href := address(hub, "url", base))]
    return tuple(links)


def _item(item: Object, base: str, most_title: int) -> Item:
    said, review = obj(item, "_attribution"), obj(item, "_review")
    subject = _subject(obj(review, "subject"))
    language = short(item, "language")
    images, enclosures = _media(item, said, base)
    return Item(
        guid=short(item, "id"),
        links=_links(item, subject, base),
        title=_plain(short(item, "title", most_title), language=language),
        summary=_plain(whole(item, "summary"), language=language),
        content=_content(item, base, language),
        authors=_authors(item, base),
        contributors=_people(said, "contributors", base),
        origin=_outlet(obj(said, "outlet"), base),
        via=_via(obj(said, "via"), base),
        cited=_cited(said, base),
        rights=_plain(short(said, "rights")),
        rights_holder=short(said, "rights_holder"),
        licences=_licences(said, base),
        terms=short(obj(said, "terms"), "statement") or short(said, "terms"),
        images=images,
        credits=_credits(said),
        enclosures=enclosures,
        categories=tuple(Category(term=tag) for tag in texts(item, "tags")),
        subject=subject,
        rating=_rating(obj(review, "rating")),
        verdict=short(review, "verdict"),
        published=short(item, "date_published"),
        updated=short(item, "date_modified"),
        language=language,
        also=_also(said, base),
    )


def _plain(value: str | None, *, language: str | None = None) -> Text | None:
    return Text(value=value, language=language) if value else None


def _content(item: Object, base: str, language: str | None) -> Text | None:
    """The HTML form where there is one: it holds the links and pictures that the text form leaves out."""
    if markup := whole(item, "content_html"):
        return Text(value=markup, type="html", base=base or None, language=language)
    return _plain(whole(item, "content_text"), language=language)


def _links(item: Object, subject: Subject | None, base: str) -> tuple[Link, ...]:
    """The permalink, and the external address unless it is said to be the reviewed work's."""
    url, external = address(item, "url", base), address(item, "external_url", base)
    links = [Link(href=url)] if url else []
    if external and not (subject and external in subject.same_as):
        links.append(Link(href=external, rel="related"))
    return tuple(links)


def _authors(of: Object, base: str) -> tuple[Person, ...]:
    """Version 1.1's authors, else version 1's author."""
    return _people(of, "authors", base) or tuple(
        _person(author, base) for author in (obj(of, "author"),) if short(author, "name")
    )


def _people(of: Object, key: str, base: str) -> tuple[Person, ...]:
    return tuple(_person(person, base) for person in objects(of, key) if short(person, "name"))


def _person(person: Object, base: str) -> Person:
    url = address(person, "url", base)
    return Person(name=short(person, "name") or "", url=None if (url or "").startswith("mailto:") else url)


def _outlet(outlet: Object, base: str) -> FeedInfo | None:
    if not outlet:
        return None
    named = (("url", "alternate"), ("feed_url", "self"))
    return FeedInfo(
        id=short(outlet, "feed_id"),
        title=_plain(short(outlet, "name")),
        links=tuple(Link(href=href, rel=rel) for key, rel in named if (href := address(outlet, key, base))),
        icon=address(outlet, "icon", base),
        rights=_plain(short(outlet, "rights")),
    )


def _via(via: Object, base: str) -> tuple[Link, ...]:
    href = address(via, "url", base) or address(via, "feed_url", base)
    return (Link(href=href, rel="via", title=short(via, "name")),) if href else ()


def _cited(said: Object, base: str) -> tuple[Citation, ...]:
    claims = (
        Citation(name=short(cited, "name"), url=address(cited, "url", base), inferred=cited.get("inferred") is True)
        for cited in objects(said, "cited")
    )
    return tuple(claim for claim in claims if claim.name or claim.url)


def _licences(said: Object, base: str) -> tuple[LicenceClaim, ...]:
    claim = _licence(obj(said, "licence") or obj(said, "license"), base)
    return (claim,) if claim else ()


def _licence(licence: Object, base: str) -> LicenceClaim | None:
    """What is said of a licence; "unspecified" without a name keeps the address that means it (RFC 4946, 2.2)."""
    url, words = address(licence, "url", base), short(licence, "name") or short(licence, "spdx")
    if not url and not words and licence.get("state") == "unspecified":
        url = _UNSPECIFIED
    return LicenceClaim(url=url, text=words) if url or words else None


def _credits(of: Object) -> tuple[Credit, ...]:
    return tuple(
        Credit(name=name, role=short(credit, "role"), scheme=short(credit, "scheme"))
        for credit in objects(of, "credits")
        if (name := short(credit, "name"))
    )


def _media(item: Object, said: Object, base: str) -> tuple[tuple[ImageClaim, ...], tuple[Enclosure, ...]]:
    """Every image, with all that the extension object says of it first, and every attachment that is none."""
    images = [claim for image in objects(said, "images") if (claim := _image(image, base))]
    named = (address(item, key, base) for key in ("image", "banner_image"))
    images += [ImageClaim(url=url) for url in named if url]
    enclosures = []
    for file in objects(item, "attachments"):
        url, media_type = address(file, "url", base), short(file, "mime_type")
        length, title = whole_number(file, "size_in_bytes"), short(file, "title")
        if url and is_image(url, media_type):
            images.append(ImageClaim(url=url, type=media_type, length=length, alt=title))
        elif url:
            duration = whole_number(file, "duration_in_seconds")
            enclosures.append(Enclosure(url=url, type=media_type, length=length, title=title, duration=duration))
    return images_of(images), tuple(enclosures)


def _image(image: Object, base: str) -> ImageClaim | None:
    url = address(image, "url", base)
    if not url:
        return None
    return ImageClaim(
        url=url,
        type=short(image, "type"),
        width=whole_number(image, "width"),
        height=whole_number(image, "height"),
        length=whole_number(image, "length"),
        alt=short(image, "alt"),
        credits=_credits(image),
        licence=_licence(obj(image, "licence") or obj(image, "license"), base),
        rights=short(image, "rights"),
        terms_url=address(image, "terms_url", base),
    )


def _subject(subject: Object) -> Subject | None:
    name = short(subject, "name")
    if not name:
        return None
    return Subject(
        name=name,
        type=short(subject, "type"),
        year=whole_number(subject, "year"),
        identifiers=texts(subject, "identifiers"),
        same_as=texts(subject, "same_as"),
    )


def _rating(rating: Object) -> RatingClaim | None:
    claim = RatingClaim(
        value=short(rating, "value"),
        best=short(rating, "best"),
        worst=short(rating, "worst"),
        text=short(rating, "text"),
    )
    return claim if claim != RatingClaim() else None


def _also(said: Object, base: str) -> tuple[AlsoClaim, ...]:
    claims = (
        AlsoClaim(url=address(place, "url", base), outlet=short(place, "outlet"), collected=short(place, "collected"))
        for place in objects(said, "also")
    )
    return tuple(claim for claim in claims if claim.url or claim.outlet)
