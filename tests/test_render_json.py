"""Every field has its place in the published JSON Feed, written out by hand."""

from __future__ import annotations

from tests.render_entries import FULL_ENTRY, items


def test_each_row_stands_in_the_json_item() -> None:
    """The core members; content_html and content_text have tests of their own."""
    (item,) = items(FULL_ENTRY)

    assert {key: item[key] for key in item if key[0] != "_" and not key.startswith("content_")} == {
        "id": "tag:night-lantern.example,2026:reviews/the-salt-road",
        "url": "https://night-lantern.example/reviews/the-salt-road",
        "external_url": "https://www.imdb.com/title/tt0000001/",
        "title": "The Salt Road & other ghosts – “a slow burn”",
        "summary": "Two sisters, one road.",
        "image": "https://night-lantern.example/i/still.jpg",
        "date_published": "2026-05-01T08:15:00Z",
        "date_modified": "2026-05-02T10:00:00Z",
        "authors": [
            {"name": "Ines Okafor-Lind", "url": "https://night-lantern.example/critics/ines"},
            {"name": "Tomás Reyes"},
        ],
        "tags": ["Drama"],
        "language": "en-GB",
        "attachments": [
            {
                "url": "https://night-lantern.example/a/salt-road.mp3",
                "mime_type": "audio/mpeg",
                "title": "The review, read aloud",
                "size_in_bytes": 912345,
                "duration_in_seconds": 384,
            },
            {
                "url": "https://night-lantern.example/i/still.jpg",
                "mime_type": "image/jpeg",
                "title": "A road of salt",
                "size_in_bytes": 48213,
            },
        ],
    }


def test_the_json_item_says_whom_it_comes_from() -> None:
    (item,) = items(FULL_ENTRY)

    assert item["_attribution"] == {
        "about": "http://reviews.example/",
        "outlet": {
            "name": "Night Lantern",
            "url": "https://night-lantern.example/",
            "feed_url": "https://night-lantern.example/feed.atom",
            "feed_id": "tag:night-lantern.example,2026:feed",
            "icon": "https://night-lantern.example/icon.png",
            "rights": "© 2026 Night Lantern",
        },
        "via": {"name": "Partner Wire", "url": "https://wire.example/", "feed_url": "https://wire.example/all.atom"},
        "cited": [
            {"name": "Harbour Gazette", "url": "https://harbour-gazette.example/salt-road", "inferred": False},
            {"name": "The Evening Ledger", "inferred": False},
            {"name": "Coast Weekly", "inferred": True},
        ],
        "licence": {
            "state": "identified",
            "name": "CC BY-SA 4.0",
            "url": "https://creativecommons.org/licenses/by-sa/4.0/",
            "spdx": "CC-BY-SA-4.0",
        },
        "rights": "Text © 2026 Ines Okafor-Lind & Tomás Reyes",
        "rights_holder": "Lantern Press",
        "terms": {
            "show": "full",
            "statement": "Full text under CC BY-SA 4.0: name the critics, the outlet and the licence.",
        },
        "images": [
            {
                "url": "https://night-lantern.example/i/still.jpg",
                "type": "image/jpeg",
                "width": 1200,
                "height": 800,
                "alt": "A road of salt",
                "credits": [{"name": "Pia Noor", "role": "photographer", "scheme": "urn:ebu"}],
                "licence": {
                    "state": "identified",
                    "name": "CC BY 4.0",
                    "url": "https://creativecommons.org/licenses/by/4.0/",
                    "spdx": "CC-BY-4.0",
                },
                "rights": "© Pia Noor",
                "terms_url": "https://night-lantern.example/image-terms",
                "embed": True,
            },
            {
                "url": "https://night-lantern.example/i/poster.png",
                "type": "image/png",
                "credits": [{"name": "Courtesy of Saltworks Pictures"}],
                "licence": {"state": "unknown"},
                "embed": False,
            },
        ],
        "credits": [{"name": "Stills courtesy of Saltworks Pictures"}],
        "contributors": [{"name": "Marta Ivory", "url": "https://night-lantern.example/staff/marta"}],
        "also": [
            {
                "outlet": "Harbour Gazette",
                "url": "https://harbour-gazette.example/syndicated/salt-road",
                "collected": "2026-05-03T08:00:00Z",
            }
        ],
        "collected": "2026-05-03T07:45:00Z",
        "provenance": {
            "authors": "stated",
            "licence": "stated",
            "outlet": "stated",
            "published": "stated",
            "rights": "inherited",
        },
    }


def test_the_json_item_says_what_is_reviewed_and_how_it_was_judged() -> None:
    (item,) = items(FULL_ENTRY)

    assert item["_review"] == {
        "subject": {
            "name": "The Salt Road",
            "type": "Movie",
            "year": 2025,
            "identifiers": ["imdb:tt0000001"],
            "same_as": ["https://www.imdb.com/title/tt0000001/"],
        },
        "rating": {"text": "★★★½", "value": 3.5, "best": 5, "worst": 0.5, "percent": 70},
        "verdict": "A slow burn that earns its fire.",
    }
