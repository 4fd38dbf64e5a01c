"""feedsmith, a parser in another language that shares no code with ours, finds the credits in the published bytes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from feedsvc.model import Source
from feedsvc.render.opml import write_opml
from tests.conftest import need_feedsmith, need_program
from tests.render_entries import FULL_ENTRY, drawn
from tests.samples import SITE

Read = Callable[[bytes, str], dict[str, Any]]


@pytest.fixture(scope="session")
def feedsmith(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Bytes and a file suffix in, what feedsmith reads out of them."""
    node, folder = need_program("node"), need_feedsmith()

    def read(body: bytes, suffix: str) -> dict[str, Any]:
        path = tmp_path_factory.mktemp("feedsmith") / f"document{suffix}"
        path.write_bytes(body)
        run = subprocess.run([node, "read.mjs", str(path)], cwd=folder, capture_output=True, check=True)
        found: dict[str, Any] = json.loads(run.stdout)
        return found

    return read


def links(found: list[dict[str, Any]], rel: str) -> list[tuple[str, str | None]]:
    """Address and title of each link of a relation."""
    return [(link["href"], link.get("title")) for link in found if link["rel"] == rel]


MEDIA = {
    "contents": [
        {
            "url": "https://night-lantern.example/i/still.jpg",
            "fileSize": 48213,
            "type": "image/jpeg",
            "medium": "image",
            "height": 800,
            "width": 1200,
            "credits": [{"value": "Pia Noor", "role": "photographer", "scheme": "urn:ebu"}],
            "copyright": {"value": "© Pia Noor", "url": "https://night-lantern.example/image-terms"},
        },
        {
            "url": "https://night-lantern.example/i/poster.png",
            "type": "image/png",
            "medium": "image",
            "credits": [{"value": "Courtesy of Saltworks Pictures"}],
        },
    ],
    "credits": [{"value": "Stills courtesy of Saltworks Pictures"}],
}
DCTERMS = {
    "accessRights": ["Full text under CC BY-SA 4.0: name the critics, the outlet and the licence."],
    "isVersionOf": ["https://harbour-gazette.example/syndicated/salt-road"],
    "references": ["Harbour Gazette", "The Evening Ledger", "Coast Weekly"],
    "rightsHolders": ["Lantern Press"],
}
RELATED = [
    ("https://harbour-gazette.example/salt-road", "Harbour Gazette"),
    ("https://harbour-gazette.example/syndicated/salt-road", "Harbour Gazette"),
]
VIA = [("https://wire.example/", "Partner Wire"), ("https://wire.example/all.atom", "Partner Wire")]


def test_it_reads_our_atom(feedsmith: Read) -> None:
    document = feedsmith(drawn("atom", [FULL_ENTRY]), ".atom")
    (entry,) = document["feed"]["entries"]

    assert document["format"] == "atom"
    assert entry["id"] == "tag:night-lantern.example,2026:reviews/the-salt-road"
    assert entry["title"]["value"] == "The Salt Road & other ghosts – “a slow burn”"
    assert entry["authors"] == [
        {"name": "Ines Okafor-Lind", "uri": "https://night-lantern.example/critics/ines"},
        {"name": "Tomás Reyes"},
    ]
    assert entry["contributors"] == [{"name": "Marta Ivory", "uri": "https://night-lantern.example/staff/marta"}]
    assert entry["source"] == {
        "id": "tag:night-lantern.example,2026:feed",
        "title": {"value": "Night Lantern"},
        "updated": "2026-05-03T09:30:00Z",
        "icon": "https://night-lantern.example/icon.png",
        "rights": {"value": "© 2026 Night Lantern"},
        "links": [
            {"href": "https://night-lantern.example/feed.atom", "rel": "self"},
            {"href": "https://night-lantern.example/", "rel": "alternate", "type": "text/html"},
        ],
    }
    assert entry["rights"]["value"] == "Text © 2026 Ines Okafor-Lind & Tomás Reyes"
    assert links(entry["links"], "license") == [("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0")]
    assert links(entry["links"], "via") == VIA
    assert links(entry["links"], "related") == RELATED
    assert links(entry["links"], "alternate") == [("https://night-lantern.example/reviews/the-salt-road", None)]
    assert entry["content"]["type"] == "html"
    assert entry["media"] == MEDIA
    assert entry["dcterms"] == DCTERMS
    assert entry["dc"] == {"identifiers": ["imdb:tt0000001"]}


def test_it_reads_our_rss(feedsmith: Read) -> None:
    document = feedsmith(drawn("rss", [FULL_ENTRY]), ".rss")
    (item,) = document["feed"]["items"]

    assert document["format"] == "rss"
    assert item["guid"] == {"value": "tag:night-lantern.example,2026:reviews/the-salt-road", "isPermaLink": False}
    assert item["link"] == "https://night-lantern.example/reviews/the-salt-road"
    assert item["source"] == {"title": "Night Lantern", "url": "https://night-lantern.example/feed.atom"}
    assert item["pubDate"] == "Fri, 01 May 2026 08:15:00 GMT"
    assert item["atom"]["updated"] == "2026-05-02T10:00:00Z"
    assert item["dc"] == {
        "creators": ["Ines Okafor-Lind", "Tomás Reyes"],
        "contributors": ["Marta Ivory"],
        "identifiers": ["imdb:tt0000001"],
        "languages": ["en-GB"],
        "rights": ["Text © 2026 Ines Okafor-Lind & Tomás Reyes"],
    }
    assert item["creativeCommons"] == {"licenses": ["https://creativecommons.org/licenses/by-sa/4.0/"]}
    assert item["enclosures"] == [
        {"url": "https://night-lantern.example/a/salt-road.mp3", "length": 912345, "type": "audio/mpeg"}
    ]
    assert links(item["atom"]["links"], "license")[0][1] == "CC-BY-SA-4.0"
    assert links(item["atom"]["links"], "via") == VIA
    assert links(item["atom"]["links"], "related") == RELATED
    assert item["media"] == MEDIA
    assert item["dcterms"] == DCTERMS
    assert item["content"]["encoded"].startswith("<p>It starts with salt &amp; ends with")
    assert item["description"].startswith("<p>Two sisters, one <em>road</em>.</p>")


def test_it_reads_our_json_feed(feedsmith: Read) -> None:
    document = feedsmith(drawn("json", [FULL_ENTRY]), ".json")
    (item,) = document["feed"]["items"]

    assert document["format"] == "json"
    assert "authors" not in document["feed"]
    assert item["id"] == "tag:night-lantern.example,2026:reviews/the-salt-road"
    assert [author["name"] for author in item["authors"]] == ["Ines Okafor-Lind", "Tomás Reyes"]
    assert item["external_url"] == "https://www.imdb.com/title/tt0000001/"
    assert item["image"] == "https://night-lantern.example/i/still.jpg"
    assert [each["size_in_bytes"] for each in item["attachments"]] == [912345, 48213]
    assert item["content_text"].endswith("Read the original (https://night-lantern.example/reviews/the-salt-road)")


def test_it_reads_our_opml(feedsmith: Read) -> None:
    source = Source(name="lantern", kind="feed", location="https://night-lantern.example/feed.atom", language="en")

    document = feedsmith(write_opml(SITE, [(source, None)]), ".opml")

    assert document["body"]["outlines"] == [
        {
            "text": "lantern",
            "title": "lantern",
            "type": "rss",
            "xmlUrl": "https://night-lantern.example/feed.atom",
            "language": "en",
        }
    ]
