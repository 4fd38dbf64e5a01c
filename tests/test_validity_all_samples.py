"""Every format of every feed of the shipped samples passes the rules of the W3C feed validator; and the rules can fail.

What the validator may say is: a namespace that it does not know, and rel=canonical.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from feedsvc.collect import Collector, Outcome, collect, these
from feedsvc.model import Category, Citation, Enclosure, Image, Person
from feedsvc.publish import Publisher, publish
from feedsvc.render import FORMATS
from feedsvc.store import Store
from tests.databases import settings_of
from tests.feed_rules import Fault, accepted, faults
from tests.render_entries import drawn, entry_of
from tests.samples import FULL, NOW
from tests.service import copy_samples
from tests.test_render_validity import ODD

COLLECTED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
FEEDS = ("reviews", "open", "screen")
SUFFIXES = tuple(form.suffix for form in FORMATS.values())


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """All samples, collected into a real store, and the bytes of every configured feed by their path."""
    folder = tmp_path_factory.mktemp("samples")
    copy_samples(folder)
    for file in (folder / "feeds").rglob("*.*"):
        # A document that states no date has its file's.
        os.utime(file, (COLLECTED.timestamp() - 3600, COLLECTED.timestamp() - 3600))
    settings = settings_of(folder)
    outcomes: list[Outcome] = []
    with Store.open(settings.database_url) as store:
        store.migrate()
        store.sync_sources(settings.sources, COLLECTED)
        names = [source.name for source in settings.sources if source.enabled]
        claims = store.claim_named(names, COLLECTED, timedelta(minutes=1))
        collect(Collector(store=store, settings=settings, clock=lambda: COLLECTED), these(claims), outcomes.append)
        publish(Publisher(store=store, settings=settings, clock=lambda: COLLECTED))
        paths = [f"/feeds/{feed.name}{suffix}" for feed in settings.feeds for suffix in SUFFIXES]
        found = [(path, store.renditions.get(path)) for path in paths]
    assert {outcome.source: outcome.error for outcome in outcomes} == dict.fromkeys(names)
    return {path: rendition.body for path, rendition in found if rendition}


def unaccepted(suffix: str, body: bytes, address: str, now: datetime = COLLECTED) -> list[Fault]:
    """What may not stand in a feed of ours."""
    return [fault for fault in faults(suffix, body, address=address, now=now) if not accepted(fault)]


def test_every_configured_feed_is_published_in_every_format(published: Mapping[str, bytes]) -> None:
    assert set(published) == {f"/feeds/{feed}{suffix}" for feed in FEEDS for suffix in SUFFIXES}
    ids = re.findall(rb"<guid", published["/feeds/reviews.rss"])
    assert len(ids) >= 12


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_feed_of_all_samples_is_valid(published: Mapping[str, bytes], feed: str, suffix: str) -> None:
    path = f"/feeds/{feed}{suffix}"

    assert unaccepted(suffix, published[path], f"http://127.0.0.1:8000{path}") == []


@pytest.mark.parametrize("feed", FEEDS)
def test_an_atom_feed_of_all_samples_keeps_to_the_grammar(
    published: Mapping[str, bytes], feed: str, beside: Path
) -> None:
    grammar = etree.RelaxNG(etree.parse(beside / "data" / "atom.rng"))
    document = etree.fromstring(published[f"/feeds/{feed}.atom"])

    assert grammar.validate(document), grammar.error_log


@pytest.mark.parametrize("kind", FORMATS)
def test_the_feeds_of_the_reviews_written_by_hand_are_valid(kind: str) -> None:
    suffix = FORMATS[kind].suffix

    assert unaccepted(suffix, drawn(kind), f"http://reviews.example/feeds/reviews{suffix}", NOW) == []


@pytest.mark.parametrize("odd", sorted(ODD))
@pytest.mark.parametrize("kind", FORMATS)
def test_the_feeds_of_odd_reviews_are_valid(kind: str, odd: str) -> None:
    suffix = FORMATS[kind].suffix
    body = drawn(kind, [entry_of(ODD[odd])])

    assert unaccepted(suffix, body, f"http://reviews.example/feeds/reviews{suffix}", NOW) == []


ELSEWHERE = replace(
    FULL,
    url="https://münchen.example/kritik/größe?q=[ä]|b",
    authors=(Person(name="Ines", url="https://münchen.example/kritikerin?q={i}"),),
    outlet=replace(FULL.outlet, url="https://münchen.example/", feed_url="https://münchen.example/fäed 1"),
    images=(Image(url="https://münchen.example/i/größe^1.jpg", terms_url="https://münchen.example/bild%"),),
    enclosures=(Enclosure(url='https://münchen.example/ton"1.mp3', type="audio/mpeg"),),
    categories=(Category(term="Drama", scheme="https://münchen.example/größe"),),
    cited=(Citation(name="Blatt", url="https://münchen.example/blatt<1>"),),
)


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_addresses_of_any_script_become_addresses_that_every_reader_takes(kind: str) -> None:
    """RSS knows addresses in ASCII alone (RFC 3987 3.1 says how one becomes the other)."""
    entry = replace(entry_of(ELSEWHERE), embeddable=frozenset({ELSEWHERE.images[0].url}))
    suffix = FORMATS[kind].suffix
    body = drawn(kind, [entry])

    assert unaccepted(suffix, body, f"http://reviews.example/feeds/reviews{suffix}", NOW) == []
    assert b"https://xn--mnchen-3ya.example/kritik/gr%C3%B6%C3%9Fe?q=%5B%C3%A4%5D%7Cb" in body
    assert b"https://xn--mnchen-3ya.example/i/gr%C3%B6%C3%9Fe%5E1.jpg" in body
    assert b"https://xn--mnchen-3ya.example/bild%25" in body


# --------------------------------------------------------------------------------------------------- the rules can fail


def swap(before: str, after: str) -> Callable[[str], str]:
    """A change of the first place where a text stands."""
    return lambda body: body.replace(before, after, 1)


def again(element: str) -> Callable[[str], str]:
    """The first element of a name behind the first item's id, twice."""
    pattern = rf"<{element}[ >/](?:[^<]*</{element}>|[^>]*/>)"
    return lambda body: re.sub(pattern, lambda found: found[0] * 2, body, count=1)


def without(pattern: str) -> Callable[[str], str]:
    """The first match of a pattern left out."""
    return lambda body: re.sub(pattern, "", body, count=1, flags=re.S)


def put_in(container: str, markup: str) -> Callable[[str], str]:
    """Markup as the last child of the first container."""
    return lambda body: body.replace(f"</{container}>", f"{markup}</{container}>", 1)


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """A JSON document changed in place."""

    def apply(body: str) -> str:
        document = json.loads(body)
        change(document)
        return json.dumps(document)

    return apply


DUPLICATE_ID = r"tag:reviews.example,2026:celebrity-storm/barereview000002"
OTHER_ID = "tag:night-lantern.example,2026:reviews/the-salt-road"

#: Format, what is spoilt, how, and the event that must be told.
SPOILT: list[tuple[str, str, Callable[[str], str], str]] = [
    ("atom", "not well-formed", swap("</entry>", ""), "SAXError"),
    ("atom", "no encoding", swap("encoding='UTF-8'", ""), "MissingEncoding"),
    ("atom", "an id twice", swap(DUPLICATE_ID, OTHER_ID), "DuplicateEntries"),
    ("atom", "an id that is no address", swap(DUPLICATE_ID, "an id"), "InvalidIRI"),
    ("atom", "a tag without a date", swap(DUPLICATE_ID, "tag:reviews.example:one"), "InvalidTAG"),
    ("atom", "a URN without a namespace", swap(DUPLICATE_ID, "urn:one"), "InvalidURN"),
    ("atom", "an id in capitals", swap(DUPLICATE_ID, "http://Reviews.example/1"), "NonCanonicalURI"),
    ("atom", "space around an id", swap(DUPLICATE_ID, f" {DUPLICATE_ID}"), "UnexpectedWhitespace"),
    ("atom", "an unknown scheme", swap(DUPLICATE_ID, "review:one"), "SchemeNotIANARegistered"),
    ("atom", "no title", without(r"<title>Why.*?</title>"), "MissingElement"),
    ("atom", "two titles", again("title"), "DuplicateElement"),
    ("atom", "no author", without(r"<author>.*?</author>"), "MissingElement"),
    ("atom", "a time without a zone", swap("10:00:00+00:00</updated>", "10:00:00</updated>"), "InvalidRFC3339Date"),
    ("atom", "the 31st of April", swap("2026-05-01T08:15:00", "2026-04-31T08:15:00"), "InvalidRFC3339Date"),
    ("atom", "a time to come", swap("2026-05-01T08:15:00", "2027-05-01T08:15:00"), "ImplausibleDate"),
    ("atom", "an updated twice", swap("2026-05-03T07:45:00.000001", "2026-05-02T10:00:00"), "DuplicateUpdated"),
    ("atom", "no self", swap('rel="self"', 'rel="alternate"'), "MissingSelf"),
    ("atom", "another's self", swap("reviews.example/feeds/reviews.atom", "x.example/"), "SelfDoesntMatchLocation"),
    ("atom", "self is no feed", swap('type="application/atom+xml"', 'type="text/html"'), "SelfNotAtom"),
    ("atom", "a rel nobody registered", swap('<link rel="license"', '<link rel="licence"'), "UnregisteredAtomLinkRel"),
    ("atom", "a rel of the feed in an entry", swap('<link rel="license"', '<link rel="next"'), "FeedHistoryRelInEntry"),
    ("atom", "a link without an address", without(r'(?<=license" )href="[^"]*" '), "MissingAttribute"),
    ("atom", "a space in an address", swap("reviews/the-salt-road</id>", "the salt road</id>"), "InvalidTAG"),
    ("atom", "a type that is none", swap('type="audio/mpeg"', 'type="audio"'), "InvalidMIMEType"),
    ("atom", "a length that is none", swap('length="912345"', 'length="long"'), "InvalidNonNegativeInteger"),
    ("atom", "content without a type", swap('<content type="html">', "<content>"), "MissingTypeAttr"),
    ("atom", "HTML that is told to be text", swap('<summary type="html">', "<summary>"), "ContainsHTML"),
    ("atom", "a tag left open", swap("&lt;/em&gt;", ""), "NotHtml"),
    ("atom", "a script", swap("&lt;em&gt;road&lt;/em&gt;", "&lt;script&gt;road&lt;/script&gt;"), "SecurityRisk"),
    ("atom", "an attribute that runs", swap("&lt;em&gt;", '&lt;em onclick="x()"&gt;'), "SecurityRiskAttr"),
    ("atom", "a relative address", swap('href="https://night-lantern.example/sea"', 'href="/sea"'), "ContainsRelRef"),
    ("atom", "a role of no list", swap('role="photographer"', 'role="snapper"'), "InvalidCreditRole"),
    ("atom", "media:license", put_in("media:content", "<media:license/>"), "UndefinedElement"),
    ("atom", "dcterms:rights", put_in("entry", "<dcterms:rights>x</dcterms:rights>"), "UndefinedElement"),
    ("atom", "an attribute of no element", swap("<id>tag:", '<id type="x">tag:'), "UnexpectedAttribute"),
    ("atom", "a height of nothing", swap('height="800"', 'height="0"'), "InvalidPositiveInteger"),
    ("atom", "a medium of no list", swap('medium="image"', 'medium="picture"'), "InvalidMediaMedium"),
    ("atom", "a comma in a label", swap('label="Drama"', 'label="Drama, slow"'), "CategoryComma"),
    ("atom", "a language that is none", swap('xml:lang="en-GB"', 'xml:lang="english"'), "InvalidLanguage"),
    ("atom", "metadata behind entries", put_in("feed", "<subtitle>x</subtitle>"), "MisplacedMetadata"),
    (
        "atom",
        "a prefix taken",
        swap('xmlns:dc="http://purl.org/dc/elements/1.1/"', 'xmlns:dc="urn:x"'),
        "ReservedPrefix",
    ),
    ("rss", "a day of another week", swap("Fri, 01 May", "Mon, 01 May"), "IncorrectDOW"),
    ("rss", "a month in German", swap("01 May 2026", "01 Mai 2026"), "InvalidRFC2822Date"),
    ("rss", "a guid twice", swap(DUPLICATE_ID, OTHER_ID), "DuplicateValue"),
    ("rss", "no guid", without(r"<guid.*?</guid>"), "MissingGuid"),
    ("rss", "a guid called a permalink", swap('isPermaLink="false"', 'isPermaLink="true"'), "InvalidHttpGUID"),
    ("rss", "isPermaLink of another kind", swap('isPermaLink="false"', 'isPermaLink="no"'), "InvalidBooleanAttribute"),
    ("rss", "a bare author", put_in("item", "<author>Ines Okafor-Lind</author>"), "InvalidContact"),
    ("rss", "author and creator", put_in("item", "<author>i@o.example (I)</author>"), "DuplicateItemSemantics"),
    ("rss", "an enclosure without a length", swap(' length="912345"', ""), "MissingAttribute"),
    ("rss", "an enclosure of no length", swap('length="912345"', 'length="-1"'), "InvalidIntegerAttribute"),
    (
        "rss",
        "an enclosure that is no address",
        swap('<enclosure url="https:', '<enclosure url="'),
        "InvalidURLAttribute",
    ),
    ("rss", "two enclosures", again("enclosure"), "DuplicateElement"),
    ("rss", "two sources", again("source"), "DuplicateElement"),
    ("rss", "a source without an address", without(r' url="https://celebrity-storm.example/"'), "MissingAttribute"),
    ("rss", "two dc:rights", again("dc:rights"), "DuplicateElement"),
    ("rss", "an address of another script", swap("<link>https://night-", "<link>https://nächt-"), "InvalidFullLink"),
    ("rss", "an open angle in a title", swap("&#x3C;folds", "&lt;folds"), "CharacterData"),
    ("rss", "no description of the channel", without(r"<description>Every.*?</description>"), "MissingElement"),
    ("rss", "the channel's words behind its items", put_in("channel", "<ttl>60</ttl>"), "MisplacedItem"),
    ("rss", "no self", swap('rel="self"', 'rel="related"'), "MissingAtomSelfLink"),
    ("rss", "an element of no specification", put_in("item", "<summary>x</summary>"), "UndefinedElement"),
    ("rss", "letters read in the wrong code", swap("Tomás", "Tom\u00c3\u00a1s"), "BadCharacters"),
    (
        "rss",
        "a licence that is no address",
        swap("<creativeCommons:license>https:", "<creativeCommons:license>"),
        "InvalidFullLink",
    ),
    ("json", "no version", edited(lambda feed: feed.pop("version")), "Schema"),
    ("json", "an id twice", edited(lambda feed: feed["items"].append(feed["items"][0])), "DuplicateValue"),
    (
        "json",
        "another's address",
        edited(lambda feed: feed.update(feed_url="https://x.example/")),
        "SelfDoesntMatchLocation",
    ),
    ("json", "a day alone", edited(lambda feed: feed["items"][1].update(date_published="2026-05-01")), "Schema"),
    ("json", "HTML left open", edited(lambda feed: feed["items"][0].update(content_html="<p>x")), "NotHtml"),
    ("json", "a comma in a tag", edited(lambda feed: feed["items"][0].update(tags=["a, b"])), "CategoryComma"),
    ("json", "a number for an id", edited(lambda feed: feed["items"][0].update(id=7)), "Schema"),
    ("json", "cut short", lambda body: body[:-9], "JSONError"),
]


@pytest.mark.parametrize("kind, what, spoil, event", SPOILT, ids=[f"{kind}: {what}" for kind, what, _, _ in SPOILT])
def test_what_is_spoilt_is_told(kind: str, what: str, spoil: Callable[[str], str], event: str) -> None:
    suffix, good = FORMATS[kind].suffix, drawn(kind).decode()
    spoilt = spoil(good)
    assert spoilt != good, what

    told = unaccepted(suffix, spoilt.encode(), f"http://reviews.example/feeds/reviews{suffix}", NOW)

    assert event in {fault.event for fault in told}, told
