"""A template's name and its values in, a whole page out; and the files that every page links to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from feedsvc.model import Feed, Rendition, Site
from feedsvc.render import addresses, wording
from feedsvc.render.cards import LONGEST_ADDRESS, LONGEST_VERDICT, NAMED, heavy, picture_of
from feedsvc.render.moments import day
from feedsvc.render.scales import scale_of
from feedsvc.render.standing import public_feed

#: Name, suffix and media type of the three formats, in the order a feed reader should prefer them.
SUBSCRIPTIONS = (
    ("Atom", ".atom", "application/atom+xml"),
    ("RSS", ".rss", "application/rss+xml"),
    ("JSON Feed", ".json", "application/feed+json"),
)
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
def environment() -> Environment:
    """The templates, their filters and what they all know."""
    made = Environment(
        loader=PackageLoader("feedsvc.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    words = (wording.moment, wording.stamp, wording.spoken, wording.kind_word, wording.file_name, wording.duration)
    marks = (wording.mark_word, wording.lack_word, wording.percent, coded)
    more = (wording.clipped, wording.counted, wording.facet_word, wording.chosen_word, day)
    where = (addresses.subject_path, addresses.outlet_path)
    made.filters.update({word.__name__: word for word in (*words, *marks, *more, *where, scale_of, picture_of)})
    made.tests.update(unsigned=wording.unsigned, heavy=heavy)
    made.globals.update(
        SUBSCRIPTIONS=SUBSCRIPTIONS,
        PROVENANCES=wording.PROVENANCES,
        FACETS=wording.FACETS,
        LONGEST_ADDRESS=LONGEST_ADDRESS,
        LONGEST_VERDICT=LONGEST_VERDICT,
        NAMED=NAMED,
        public_feed=public_feed,
    )
    return made


def page(
    template: str,
    site: Site,
    here: str,
    alternates: Sequence[tuple[str, str, str]] = (),
    *,
    private: bool = False,
    **values: object,
) -> bytes:
    """`here` is the page's own path; `alternates` are title, media type and path of what it announces to feed readers.

    Links inside the site start at `root` and name no host, so that the pages work under any name the host has. Those
    of a private feed climb up from the page: below an address with a token they stay below it.
    """
    root = _upwards(here) if private else urlsplit(site.base_url).path.rstrip("/")
    drawn = environment().get_template(template)
    return drawn.render(site=site, root=root, here=here, alternates=alternates, **values).encode()


def _upwards(here: str) -> str:
    """From a page's path to the site's own root, as a relative reference (RFC 3986 4.2)."""
    return "/".join([".."] * (here.partition("?")[0].count("/") - 1)) or "."


def announced(*feeds: Feed) -> list[tuple[str, str, str]]:
    """The three formats of each feed, to be announced by a page."""
    return [
        (f"{feed.title} ({name})", media_type, f"/feeds/{feed.name}{suffix}")
        for feed in feeds
        for name, suffix, media_type in SUBSCRIPTIONS
    ]


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
