"""What real sources say of licences, each row through the reader that meets it and judged; never guessed.

The tables stand in tests/data/licences/: identified.tsv with name, SPDX id and address, not-identified.tsv with what
must come out unspecified or unknown. "found in" says how the source states it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from feedsvc.model import FeedInfo, Fetched, Item, Licence, LicenceClaim, LicenceState, Outlet, Provenance, Site, Source
from feedsvc.normalise import Normaliser
from feedsvc.normalise.licence import judge
from feedsvc.parsers import PARSERS

DATA = Path(__file__).parent / "data" / "licences"
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SITE = Site(title="Reviews", base_url="http://reviews.example")
OUTLET = Outlet(name="Night Lantern", url="https://lantern.example/")
SOURCE = Source(name="lantern", kind="feed", location="https://lantern.example/feed", outlet=OUTLET)
ITEM = "<title>It folds</title><link>https://lantern.example/1</link><description>It folds.</description>"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:cc="http://creativecommons.org/ns#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def rows(name: str, columns: int) -> list[tuple[str, ...]]:
    lines = (DATA / name).read_text("utf-8").splitlines()[1:]
    table = [tuple(line.split("\t")) for line in lines]
    assert all(len(row) == columns for row in table)
    return table


IDENTIFIED = rows("identified.tsv", 5)
NOT_IDENTIFIED = rows("not-identified.tsv", 4)


def rss(item: str, channel: str = "") -> str:
    return (
        f'<rss version="2.0" {NAMESPACES}><channel><title>L</title>{channel}<item>{ITEM}{item}</item></channel></rss>'
    )


def atom(entry: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>L</title><entry><id>urn:1</id><title>It folds</title>'
        f'<link href="https://lantern.example/1"/><content>It folds.</content>{entry}</entry></feed>'
    )


def image(inside: str) -> str:
    return rss(f'<media:content url="https://lantern.example/a.jpg" medium="image">{inside}</media:content>')


def caption(stated: str) -> str:
    figure = f'<figure><img src="https://lantern.example/a.jpg"><figcaption>{stated}</figcaption></figure>'
    return rss(f"<content:encoded>{escape(figure)}</content:encoded>")


#: How a source states it → the document that does. `stated` comes escaped for XML.
FEEDS: dict[str, Callable[[str], str]] = {
    "rel=license": lambda stated: atom(f'<link rel="license" href="{stated}"/>'),
    "cc:license": lambda stated: rss(f'<cc:license rdf:resource="{stated}"/>'),
    "creativeCommons:license": lambda stated: rss(f"<creativeCommons:license>{stated}</creativeCommons:license>"),
    "dcterms:license": lambda stated: rss(f"<dcterms:license>{stated}</dcterms:license>"),
    "rights": lambda stated: atom(f"<rights>{stated}</rights>"),
    "rights-html": lambda stated: atom(f'<rights type="html">{stated}</rights>'),
    "dc:rights": lambda stated: rss(f"<dc:rights>{stated}</dc:rights>"),
    "copyright": lambda stated: rss(f"<copyright>{stated}</copyright>"),
    "channel-copyright": lambda stated: rss("", f"<copyright>{stated}</copyright>"),
    "channel-license": lambda stated: rss("", f"<creativeCommons:license>{stated}</creativeCommons:license>"),
}
IMAGES: dict[str, Callable[[str], str]] = {
    "media:license": lambda stated: image(f"<media:license>{stated}</media:license>"),
    "media:copyright": lambda stated: image(f"<media:copyright>{stated}</media:copyright>"),
    "caption": caption,
}


def judged(found_in: str, stated: str) -> tuple[Licence, Provenance | None]:
    """The licence of the review, or of its image, and where the review's comes from."""
    if found_in == "claim":  # a JSON-LD licence, as a reader of pages hands it on
        is_address = stated.startswith("http")
        return judge([LicenceClaim(url=stated if is_address else None, text=None if is_address else stated)]), None
    source, item, feed = SOURCE, Item(), FeedInfo()
    if found_in == "config":
        source = Source(name="l", kind="feed", location="https://lantern.example/feed", outlet=OUTLET, licence=stated)
    elif found_in == "config-rights":
        source = Source(name="l", kind="feed", location="https://lantern.example/feed", outlet=OUTLET, rights=stated)
    elif found_in == "trailer":
        body = f"It folds\n\nIt folds too early, and it folds too often.\n\n{stated}\n"
        item = PARSERS["folder"](Fetched(url="file:///1.txt", path="1.txt", body=body.encode())).items[0]
    else:
        document = {**FEEDS, **IMAGES}[found_in](escape(stated))
        parsed = PARSERS["feed"](Fetched(url="https://lantern.example/feed", body=document.encode()))
        item, feed = parsed.items[0], parsed.feed
    review = Normaliser(feed, source=source, document_url=source.location, site=SITE).review(item, NOW)
    if found_in in IMAGES:
        return review.images[0].licence, None
    return review.licence, review.provenance.get("licence")


@pytest.mark.parametrize("found_in, stated, name, spdx, url", IDENTIFIED)
def test_a_licence_that_is_named_for_sure_is_identified(
    found_in: str, stated: str, name: str, spdx: str, url: str
) -> None:
    licence, _ = judged(found_in, stated)
    expected = (LicenceState.IDENTIFIED, name, None if spdx == "-" else spdx, url)
    assert (licence.state, licence.name, licence.spdx, licence.url) == expected


@pytest.mark.parametrize("found_in, stated, state, name", NOT_IDENTIFIED)
def test_a_licence_that_is_not_named_for_sure_is_not_guessed(found_in: str, stated: str, state: str, name: str) -> None:
    licence, _ = judged(found_in, stated)
    assert (licence.state, licence.name, licence.spdx) == (LicenceState(state), None if name == "-" else name, None)


def test_the_tables_are_as_long_as_promised() -> None:
    assert len(IDENTIFIED) >= 120
    assert len(NOT_IDENTIFIED) >= 40
    assert len(set(IDENTIFIED)) == len(IDENTIFIED)
    assert len(set(NOT_IDENTIFIED)) == len(NOT_IDENTIFIED)


#: How a source states it → where the licence comes from.
ORIGINS = {
    "config": Provenance.CONFIGURED,
    "config-rights": Provenance.CONFIGURED,
    "channel-copyright": Provenance.INHERITED,
    "channel-license": Provenance.INHERITED,
}


@pytest.mark.parametrize(
    "found_in, stated", [row[:2] for row in IDENTIFIED if row[0] not in IMAGES and row[0] != "claim"]
)
def test_each_licence_says_where_it_comes_from(found_in: str, stated: str) -> None:
    licence, provenance = judged(found_in, stated)
    assert provenance is ORIGINS.get(found_in, Provenance.STATED)
    assert licence.found_in
