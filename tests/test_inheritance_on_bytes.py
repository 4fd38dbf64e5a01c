"""What a feed says of itself and what its entries inherit: collected from documents, read back from our bytes.

The traps of an aggregated feed (RFC 4287 4.1.1, 4.2.1, 4.2.10, 4.2.11; RFC 4946 2.1): an entry of ours that lacked an
author, rights or a licence would inherit our feed's, and an entry with atom:source must not inherit its carrier's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from feedsvc.collect import Collector, Outcome, collect, these
from feedsvc.publish import Publisher, publish
from feedsvc.store import Store
from tests.databases import settings_of
from tests.render_entries import NS, texts

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BY = "https://creativecommons.org/licenses/by/4.0/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"

#: A feed that claims everything for itself, with entries that say it again, say otherwise, or say nothing.
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<id>urn:carrier</id><title>Carrier</title><updated>2026-05-01T00:00:00Z</updated>
<author><name>Carrier Desk</name></author><rights>© Carrier</rights>
<link rel="self" href="https://carrier.example/feed"/><link href="https://carrier.example/"/>
<link rel="license" href="{BY}"/>
<entry><id>urn:e:own</id><title>Own</title><updated>2026-05-01T01:00:00Z</updated>
 <link href="https://carrier.example/own"/><author><name>Ines Okafor-Lind</name></author>
 <rights>© Ines</rights><link rel="license" href="{BY_SA}"/><content>Own words.</content></entry>
<entry><id>urn:e:bare</id><title>Bare</title><updated>2026-05-01T02:00:00Z</updated>
 <link href="https://carrier.example/bare"/><content>Bare words.</content></entry>
<entry><id>urn:e:author</id><title>Author only</title><updated>2026-05-01T03:00:00Z</updated>
 <link href="https://carrier.example/author"/><author><name>Tomás Reyes</name></author>
 <content>Signed words.</content></entry>
<entry><id>urn:e:foreign</id><title>Foreign</title><updated>2026-05-01T04:00:00Z</updated>
 <link href="https://harbour.example/foreign"/><content>Foreign words.</content>
 <source><id>urn:harbour</id><title>Harbour Gazette</title><updated>2026-05-01T00:00:00Z</updated>
 <link href="https://harbour.example/"/></source></entry>
<entry><id>urn:e:foreign-told</id><title>Foreign, told</title><updated>2026-05-01T05:00:00Z</updated>
 <link href="https://harbour.example/told"/><content>Told words.</content>
 <source><id>urn:harbour</id><title>Harbour Gazette</title><updated>2026-05-01T00:00:00Z</updated>
 <author><name>Harbour Desk</name></author><rights>© Harbour</rights><link rel="license" href="{BY_NC}"/>
 <link href="https://harbour.example/"/></source></entry>
<entry><id>urn:e:foreign-own</id><title>Foreign, own</title><updated>2026-05-01T06:00:00Z</updated>
 <link href="https://harbour.example/own"/><author><name>Marta Ivory</name></author><rights>© Marta</rights>
 <link rel="license" href="{BY_SA}"/><content>Foreign own words.</content>
 <source><id>urn:harbour</id><title>Harbour Gazette</title><updated>2026-05-01T00:00:00Z</updated>
 <author><name>Harbour Desk</name></author><rights>© Harbour</rights>
 <link href="https://harbour.example/"/></source></entry>
<entry><id>urn:e:itself</id><title>Itself</title><updated>2026-05-01T07:00:00Z</updated>
 <link href="https://carrier.example/itself"/><content>Words of its own feed.</content>
 <source><id>urn:carrier</id><title>Carrier</title><updated>2026-05-01T00:00:00Z</updated></source></entry>
</feed>"""

RSS = f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"><channel>
<title>Channel</title><link>https://channel.example/</link><description>d</description>
<copyright>© Channel</copyright><managingEditor>desk@channel.example (Edda Itor)</managingEditor>
<webMaster>web@channel.example (Webb Master)</webMaster>
<creativeCommons:license>{BY}</creativeCommons:license>
<item><guid isPermaLink="false">urn:r:own</guid><title>Own</title><link>https://channel.example/own</link>
 <dc:creator>Ines Okafor-Lind</dc:creator><dc:rights>© Ines</dc:rights>
 <creativeCommons:license>{BY_SA}</creativeCommons:license><description>Own words.</description></item>
<item><guid isPermaLink="false">urn:r:bare</guid><title>Bare</title><link>https://channel.example/bare</link>
 <description>Bare words.</description></item>
<item><guid isPermaLink="false">urn:r:foreign</guid><title>Foreign</title><link>https://harbour.example/f</link>
 <source url="https://harbour.example/feed">Harbour Gazette</source><description>Foreign words.</description></item>
</channel></rss>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Ledger",
        "home_page_url": "https://ledger.example/",
        "authors": [{"name": "Ledger Desk"}],
        "items": [
            {
                "id": "urn:j:own",
                "url": "https://ledger.example/own",
                "title": "Own",
                "content_text": "Own words.",
                "authors": [{"name": "Ines Okafor-Lind"}],
            },
            {"id": "urn:j:bare", "url": "https://ledger.example/bare", "title": "Bare", "content_text": "Bare words."},
            {
                "id": "urn:j:empty",
                "url": "https://ledger.example/empty",
                "title": "Empty",
                "content_text": "Words.",
                "authors": [],
            },
        ],
    }
)


@dataclass(frozen=True)
class Said:
    """What one entry says of itself, and where that comes from ("-": nothing is said)."""

    outlet: str
    authors: list[str]
    rights: str | None
    licence: str | None
    whence: tuple[str, str, str]


STATED = ("stated", "stated", "stated")
INHERITED = ("inherited", "inherited", "inherited")
#: By hand, for each entry: outlet, critics, rights, licence; provenance of critics, rights, licence.
EXPECTED = {
    "urn:e:own": Said("Carrier", ["Ines Okafor-Lind"], "© Ines", BY_SA, STATED),
    "urn:e:bare": Said("Carrier", ["Carrier Desk"], "© Carrier", BY, INHERITED),
    "urn:e:author": Said("Carrier", ["Tomás Reyes"], "© Carrier", BY, ("stated", "inherited", "inherited")),
    "urn:e:foreign": Said("Harbour Gazette", ["Harbour Gazette"], None, None, ("inferred", "-", "-")),
    "urn:e:foreign-told": Said("Harbour Gazette", ["Harbour Desk"], "© Harbour", BY_NC, INHERITED),
    "urn:e:foreign-own": Said("Harbour Gazette", ["Marta Ivory"], "© Marta", BY_SA, STATED),
    "urn:e:itself": Said("Carrier", ["Carrier Desk"], "© Carrier", BY, INHERITED),
    "urn:r:own": Said("Channel", ["Ines Okafor-Lind"], "© Ines", BY_SA, STATED),
    # An editor or a webmaster has not written the reviews: the outlet stands in.
    "urn:r:bare": Said("Channel", ["Channel"], "© Channel", BY, ("inferred", "inherited", "inherited")),
    "urn:r:foreign": Said("Harbour Gazette", ["Harbour Gazette"], None, None, ("inferred", "-", "-")),
    "urn:j:own": Said("Ledger", ["Ines Okafor-Lind"], None, None, ("stated", "-", "-")),
    "urn:j:bare": Said("Ledger", ["Ledger Desk"], None, None, ("inherited", "-", "-")),
    "urn:j:empty": Said("Ledger", ["Ledger Desk"], None, None, ("inherited", "-", "-")),
}

CONFIG = """
[service]
base_url = "http://reviews.example"
[[sources]]
name = "atom"
kind = "feed"
location = "carrier.atom"
[[sources]]
name = "rss"
kind = "feed"
location = "channel.rss"
[[sources]]
name = "json"
kind = "feed"
location = "ledger.json"
[[feeds]]
name = "all"
title = "All"
commercial = false
"""


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The three documents collected into a real store, and what is published of them, by suffix."""
    folder = tmp_path_factory.mktemp("inheritance")
    for name, text in (("carrier.atom", ATOM), ("channel.rss", RSS), ("ledger.json", JSON_FEED)):
        (folder / name).write_text(text, encoding="utf-8")
    return published(folder, CONFIG)


def published(folder: Path, config: str) -> Mapping[str, bytes]:
    """Collect what a configuration names, publish it, and hand out the bytes of its feed "all" by suffix."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    settings = settings_of(folder)
    outcomes: list[Outcome] = []
    with Store.open(settings.database_url) as store:
        store.migrate()
        store.sync_sources(settings.sources, NOW)
        claims = store.claim_named([source.name for source in settings.sources], NOW, timedelta(minutes=1))
        collect(Collector(store=store, settings=settings, clock=lambda: NOW), these(claims), outcomes.append)
        assert [outcome.error for outcome in outcomes] == [None] * len(settings.sources)
        publish(Publisher(store=store, settings=settings, clock=lambda: NOW))
        drawn = {suffix: store.renditions.get(f"/feeds/all{suffix}") for suffix in (".atom", ".rss", ".json")}
    return {suffix: found.body for suffix, found in drawn.items() if found}


def atom_entries(bodies: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """The Atom entries by their ids."""
    entries = etree.fromstring(bodies[".atom"]).findall("a:entry", NS)
    return {texts(entry, "a:id")[0]: entry for entry in entries}


def rss_items(bodies: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """The RSS items by their guids."""
    return {texts(item, "guid")[0]: item for item in etree.fromstring(bodies[".rss"]).iterfind("channel/item")}


def json_items(bodies: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """The JSON Feed's items by their ids."""
    return {item["id"]: item for item in json.loads(bodies[".json"])["items"]}


def known(value: str | None) -> list[str]:
    """One value, or none."""
    return [value] if value else []


# -------------------------------------------------------------------------------------------------- the feed's own part


def test_our_feeds_say_nothing_that_an_entry_could_inherit(bodies: Mapping[str, bytes]) -> None:
    atom, rss = etree.fromstring(bodies[".atom"]), etree.fromstring(bodies[".rss"])
    persons = "a:author | a:contributor | dc:creator | managingEditor | webMaster"
    rights = "a:rights | dc:rights | copyright | cc:license | a:link[@rel='license']"

    assert atom.xpath(f"{persons} | {rights}", namespaces=NS) == []
    assert rss[0].xpath(f"{persons} | {rights}", namespaces=NS) == []
    assert {"authors", "author"}.isdisjoint(json.loads(bodies[".json"]))


def test_every_document_is_in_the_feeds(bodies: Mapping[str, bytes]) -> None:
    assert set(atom_entries(bodies)) == set(rss_items(bodies)) == set(json_items(bodies)) == set(EXPECTED)


# ------------------------------------------------------------------------------------------------------ entry by entry


@pytest.mark.parametrize("identity", EXPECTED)
def test_an_atom_entry_has_its_own_author_rights_and_licence(bodies: Mapping[str, bytes], identity: str) -> None:
    entry, said = atom_entries(bodies)[identity], EXPECTED[identity]

    assert texts(entry, "a:source/a:title") == [said.outlet]
    assert texts(entry, "a:author/a:name") == said.authors
    assert texts(entry, "a:rights") == known(said.rights)
    assert texts(entry, "a:link[@rel='license']/@href") == known(said.licence)
    # RFC 4287 4.2.1: an entry with its own authors takes none from its source.
    assert texts(entry, "a:source/a:author") == []


@pytest.mark.parametrize("identity", EXPECTED)
def test_an_rss_item_has_its_own_critics_rights_and_licence(bodies: Mapping[str, bytes], identity: str) -> None:
    item, said = rss_items(bodies)[identity], EXPECTED[identity]

    assert texts(item, "source") == [said.outlet]
    assert texts(item, "dc:creator") == said.authors
    assert texts(item, "dc:rights") == known(said.rights)
    assert texts(item, "cc:license") == known(said.licence)
    assert texts(item, "a:link[@rel='license']/@href") == known(said.licence)


@pytest.mark.parametrize("identity", EXPECTED)
def test_a_json_item_says_where_each_comes_from(bodies: Mapping[str, bytes], identity: str) -> None:
    item, said = json_items(bodies)[identity], EXPECTED[identity]
    attribution = item["_attribution"]
    whence = attribution["provenance"]

    assert attribution["outlet"]["name"] == said.outlet
    assert [author["name"] for author in item["authors"]] == said.authors
    assert attribution.get("rights") == said.rights
    assert attribution["licence"].get("url") == said.licence
    assert tuple(whence.get(name, "-") for name in ("authors", "rights", "licence")) == said.whence


@pytest.mark.parametrize("suffix", [".atom", ".rss"])
def test_a_reader_that_inherits_gives_every_entry_the_same_author(bodies: Mapping[str, bytes], suffix: str) -> None:
    """feedparser fills an entry's author from its feed, as RFC 4287 4.2.1 has it: there is nothing to fill from."""
    parsed: Any = feedparser.parse(bodies[suffix])

    assert not parsed.feed.get("author")
    assert not parsed.feed.get("rights")
    # feedparser keeps one author: the last dc:creator, and the first of Atom's in `authors`.
    assert {entry.id: entry.author for entry in parsed.entries} == {
        identity: said.authors[-1] for identity, said in EXPECTED.items()
    }


@pytest.mark.parametrize("identity", ["urn:e:foreign", "urn:r:foreign"])
def test_no_word_of_the_carrier_stands_as_the_rights_of_another_outlets_review(
    bodies: Mapping[str, bytes], identity: str
) -> None:
    entry = etree.tostring(atom_entries(bodies)[identity], encoding="unicode")
    item = etree.tostring(rss_items(bodies)[identity], encoding="unicode")
    told = json.dumps(json_items(bodies)[identity], ensure_ascii=False)

    for body in (entry, item, told):
        assert all(word not in body for word in ("© Carrier", "© Channel", "Carrier Desk", "Edda Itor", BY))


def test_the_carrier_of_another_outlets_review_is_named_as_its_way_here(bodies: Mapping[str, bytes]) -> None:
    entries = atom_entries(bodies)

    assert set(texts(entries["urn:e:foreign"], "a:link[@rel='via']/@title")) == {"Carrier"}
    assert set(texts(entries["urn:r:foreign"], "a:link[@rel='via']/@title")) == {"Channel"}
    assert texts(entries["urn:e:bare"], "a:link[@rel='via']") == []


def test_a_licence_that_was_inherited_decides_what_is_shown(tmp_path: Path) -> None:
    """The feed's CC BY gives its own entry in full; the other outlet's, which says nothing, stays an excerpt."""
    long = "It goes on. " * 60
    text = ATOM.replace("Bare words.", long).replace("Foreign words.", long)
    (tmp_path / "carrier.atom").write_text(text, encoding="utf-8")
    config = CONFIG.replace("carrier.atom", str(tmp_path / "carrier.atom")).split("[[sources]]")
    only = f"{config[0]}[[sources]]{config[1]}[[feeds]]{CONFIG.split('[[feeds]]')[1]}"
    items = json_items(published(tmp_path, only))

    assert items["urn:e:bare"]["_attribution"]["terms"]["show"] == "full"
    assert items["urn:e:foreign"]["_attribution"]["terms"]["show"] == "excerpt"
    assert long.strip() not in items["urn:e:foreign"]["content_text"]


# ---------------------------------------------------------------------------------------------- our own feed, once more


def test_a_feed_of_ours_that_is_collected_again_keeps_everybody(bodies: Mapping[str, bytes], tmp_path: Path) -> None:
    """An aggregator that reads our Atom feed finds each entry's own author, rights, licence and outlet, not ours."""
    (tmp_path / "ours.atom").write_bytes(bodies[".atom"])
    config = """
    [service]
    base_url = "http://second.example"
    [[sources]]
    name = "ours"
    kind = "feed"
    location = "ours.atom"
    [[feeds]]
    name = "all"
    title = "Second"
    commercial = false
    """
    entries = atom_entries(published(tmp_path, config))

    for identity, said in EXPECTED.items():
        entry = entries[identity]
        assert texts(entry, "a:source/a:title") == [said.outlet]
        assert texts(entry, "a:author/a:name") == said.authors
        assert texts(entry, "a:rights") == known(said.rights)
        assert texts(entry, "a:link[@rel='license']/@href") == known(said.licence)
