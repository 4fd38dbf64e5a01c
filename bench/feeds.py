"""A feed's number and version in, its bytes and what must be stored of it out: distinct feeds, the same in every run.

A feed is 60 to 100 KB of 20 to 30 items with 2 to 4 KB of HTML each: RSS 2.0 as two kinds of blog programs write it,
Atom as two others do. Version 0 is the first form; each version after it has one or two new items on top, as many
fewer at the end, and one item edited. Every item's text ends in a mark that names feed, item and edition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from random import Random

from bench import words

#: When the newest item of every first form was published.
NEWEST = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
#: The end of each text: feed, item and edition. Nothing else in a feed looks like it.
MARK = re.compile(r"Filed as (\d+-\d+-\d+)\.")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is the same in every item of a feed."""

    number: int
    title: str
    site: str
    critics: tuple[str, ...]
    photographer: str
    #: One feed in seven names a licence for all it says.
    licensed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as all four forms need it; `html` holds its mark."""

    guid: str
    url: str
    title: str
    critic: str
    summary: str
    html: str
    image: str
    categories: tuple[str, ...]
    published: datetime
    edition: int


def size(number: int) -> int:
    """How many items a feed has, 20 to 30; 25 on average over each pair of feeds."""
    step = number // 2 % 11
    return 30 - step if number % 2 else 20 + step


def newcomers(number: int, version: int) -> int:
    """How many items a version has that the first did not have."""
    return sum(1 + (number + step) % 2 for step in range(1, version + 1))


def window(number: int, version: int) -> range:
    """The items that a version shows, newest first."""
    newest = size(number) + newcomers(number, version) - 1
    return range(newest, newest - size(number), -1)


def editions(number: int, version: int) -> dict[int, int]:
    """The items that were edited, with the version that did so last: each time one from the middle of the feed."""
    return {size(number) // 2 + (number + step) % 4: step for step in range(1, version + 1)}


def expected(number: int, version: int) -> dict[str, str]:
    """Id and mark of every item of a feed that was looked at in each version up to this one."""
    edited = editions(number, version)
    items = range(size(number) + newcomers(number, version))
    return {guid(number, item): f"{number}-{item}-{edited.get(item, 0)}" for item in items}


def guid(number: int, item: int) -> str:
    """An item's id, in the form that the feed's program writes."""
    site = outlet(number).site
    return (
        f"{site}/?p={1000 + 7 * item}",
        f"{site}/reviews/{item}-of-{number}",
        f"tag:{site.removeprefix('https://')},2026:post-{item}",
        f"urn:uuid:{number:08x}-0000-4000-8000-{item:012x}",
    )[number % 4]


def document(number: int, version: int = 0) -> bytes:
    """The feed's bytes in that version."""
    about = outlet(number)
    edited = editions(number, version)
    entries = [entry(about, item, edited.get(item, 0)) for item in window(number, version)]
    return written(about, entries)


def written(about: Outlet, entries: list[Entry]) -> bytes:
    """A feed of these entries, newest first, as the outlet's program writes it."""
    return _PROGRAMS[about.number % 4](about, entries).encode()


def media_type(number: int) -> str:
    """The Content-Type that the feed is sent with."""
    return f"application/{'rss' if number % 4 < 2 else 'atom'}+xml; charset=utf-8"


@lru_cache(maxsize=64)
def outlet(number: int) -> Outlet:
    """The publication behind a feed."""
    random = Random(f"outlet {number}")
    first, second = words.word(random), words.word(random)
    return Outlet(
        number=number,
        title=f"The {first.capitalize()} & {second.capitalize()}",
        site=f"https://{first}-{second}-{number}.example",
        critics=tuple(words.name(random) for _ in range(4)),
        photographer=words.name(random),
        licensed=number % 7 == 0,
    )


def entry(about: Outlet, item: int, edition: int) -> Entry:
    """One item; an edition differs in a paragraph near its end."""
    random = Random(f"{about.number} {item}")
    work = " ".join(words.word(random).capitalize() for _ in range(2))
    image = f"{about.site}/pictures/{item}.jpg"
    published = NEWEST + timedelta(hours=9 * (item - size(about.number)), minutes=int(random.random() * 400))
    chosen = random.choices(words.sentences(), k=40)
    return Entry(
        guid=guid(about.number, item),
        url=f"{about.site}/reviews/{item}-of-{about.number}",
        title=f"“{work}” {words.word(random)} a {words.word(random)}",
        critic=random.choice(about.critics),
        summary=chosen[0],
        html=_html(about, item, edition, image, chosen, random),
        image=image,
        categories=tuple(words.word(random) for _ in range(1 + int(random.random() * 4))),
        published=published,
        edition=edition,
    )


def _html(about: Outlet, item: int, edition: int, image: str, chosen: list[str], random: Random) -> str:
    """Paragraphs, as long as the feed's size asks for, with links, a picture, a quotation and a list."""
    length = min(3600, max(2100, 78_000 // size(about.number) - 700)) * (0.92 + 0.16 * random.random())
    parts = [
        f'<figure><img src="{image}" alt="A scene" width="1200" height="675" />'
        f"<figcaption>Photo: {about.photographer}</figcaption></figure>"
    ]
    while sum(map(len, parts)) < length - 560:
        said, linked, more = chosen.pop(), chosen.pop(), chosen.pop()
        begin, rest = linked.split(" ", 3)[:3], linked.split(" ", 3)[3]
        target = f'<a href="{about.site}/reviews/{len(parts)}?from={item}&amp;via=text">{" ".join(begin)}</a>'
        parts.append(f"<p>{said} {target} {rest} <em>{more}</em></p>")
    parts.insert(2, f"<blockquote><p>{chosen.pop()}</p></blockquote>")
    parts.append(f"<ul><li>{chosen.pop()}</li><li><strong>{chosen.pop()}</strong></li></ul>")
    corrected = f" Corrected {edition} times since." if edition else ""
    parts.append(f"<p>{chosen.pop()}{corrected} Filed as {about.number}-{item}-{edition}.</p>")
    return "\n".join(parts)


# ------------------------------------------------------------------------------------------------- the four programs


def _blog(about: Outlet, entries: list[Entry]) -> str:
    """RSS 2.0: an excerpt and the whole text, both in CDATA; a guid that is no permalink; Media RSS."""
    items = "".join(
        f"<item>\n<title>{escape(e.title, quote=False)}</title>\n<link>{e.url}</link>\n"
        f"<comments>{e.url}#comments</comments>\n<dc:creator><![CDATA[{e.critic}]]></dc:creator>\n"
        f"<pubDate>{format_datetime(e.published)}</pubDate>\n"
        + "".join(f"<category><![CDATA[{category}]]></category>\n" for category in e.categories)
        + f'<guid isPermaLink="false">{e.guid}</guid>\n'
        f"<description><![CDATA[<p>{e.summary}</p>]]></description>\n"
        f"<content:encoded><![CDATA[{e.html}]]></content:encoded>\n"
        f'<media:content url="{e.image}" medium="image" type="image/jpeg" width="1200" height="675">'
        f'<media:credit role="photographer" scheme="urn:ebu">{about.photographer}</media:credit></media:content>\n'
        "</item>\n"
        for e in entries
    )
    return _rss(about, entries, items)


def _plain(about: Outlet, entries: list[Entry]) -> str:
    """RSS 2.0: the whole text as escaped HTML in the description; a guid that is the permalink; an enclosed picture."""
    items = "".join(
        f"<item><title>{escape(e.title, quote=False)}</title><link>{e.url}</link>"
        f"<description>{escape(e.html, quote=False)}</description>"
        f'<dc:creator>{e.critic}</dc:creator><guid isPermaLink="true">{e.guid}</guid>'
        + "".join(f"<category>{category}</category>" for category in e.categories)
        + f'<enclosure url="{e.image}" type="image/jpeg" length="{90_000 + len(e.html)}"/>'
        f"<pubDate>{format_datetime(e.published)}</pubDate></item>\n"
        for e in entries
    )
    return _rss(about, entries, items)


def _rss(about: Outlet, entries: list[Entry], items: str) -> str:
    licence = f"<creativeCommons:license>{LICENCE}</creativeCommons:license>" if about.licensed else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule">\n<channel>\n'
        f"<title>{escape(about.title, quote=False)}</title>\n<link>{about.site}/</link>\n"
        f'<atom:link href="{about.site}/feed.xml" rel="self" type="application/rss+xml"/>\n'
        f"<description>Reviews from {escape(about.title, quote=False)}</description>\n<language>en-GB</language>\n"
        f"<lastBuildDate>{format_datetime(entries[0].published)}</lastBuildDate>\n"
        f"<copyright>© 2026 {escape(about.title, quote=False)}</copyright>\n{licence}\n<ttl>60</ttl>\n"
        f"{items}</channel>\n</rss>\n"
    )


def _atom(about: Outlet, entries: list[Entry]) -> str:
    """Atom 1.0 with escaped HTML, and a contributor."""
    return _atom_feed(about, entries, cdata=False)


def _atom_with_cdata(about: Outlet, entries: list[Entry]) -> str:
    """Atom 1.0 with HTML in CDATA, and a thumbnail."""
    return _atom_feed(about, entries, cdata=True)


def _atom_feed(about: Outlet, entries: list[Entry], *, cdata: bool) -> str:
    title = escape(about.title, quote=False)
    licence = f'<link rel="license" href="{LICENCE}"/>\n' if about.licensed else ""
    items = "".join(_atom_entry(about, e, cdata=cdata) for e in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en">\n'
        f"<id>{about.site}/</id>\n<title>{title}</title>\n<updated>{_latest(entries)}</updated>\n"
        f'<link rel="self" href="{about.site}/atom.xml"/>\n<link rel="alternate" href="{about.site}/"/>\n'
        f"{licence}<rights>© 2026 {title}</rights>\n{items}</feed>\n"
    )


def _atom_entry(about: Outlet, e: Entry, *, cdata: bool) -> str:
    text = f"<![CDATA[{e.html}]]>" if cdata else escape(e.html, quote=False)
    extra = (
        f'<media:thumbnail url="{e.image}" width="300" height="169"/>'
        if cdata
        else f"<contributor><name>{about.photographer}</name></contributor>"
    )
    return (
        f"<entry>\n<id>{e.guid}</id>\n<title>{escape(e.title, quote=False)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{e.url}"/>\n'
        f"<published>{e.published.isoformat()}</published>\n<updated>{_updated(e).isoformat()}</updated>\n"
        f"<author><name>{e.critic}</name><uri>{about.site}/critics/{about.critics.index(e.critic)}</uri></author>\n"
        + "".join(f'<category term="{category}"/>\n' for category in e.categories)
        + f"{extra}\n<summary>{e.summary}</summary>\n"
        f'<content type="html">{text}</content>\n</entry>\n'
    )


def _updated(e: Entry) -> datetime:
    return max(e.published, NEWEST + timedelta(hours=e.edition)) if e.edition else e.published


def _latest(entries: list[Entry]) -> str:
    return max(_updated(e) for e in entries).isoformat()


_PROGRAMS = (_blog, _plain, _atom, _atom_with_cdata)
