"""Subscription lists: the sources we read, and the feeds we publish."""

from __future__ import annotations

from lxml import etree

from feedsvc.model import Feed, Outlet, Source, SourceState
from feedsvc.render.opml import write_feeds_opml, write_opml
from tests.samples import NOW, SITE


def outlines(body: bytes) -> list[dict[str, str]]:
    """The attributes of every outline."""
    return [{str(key): str(value) for key, value in each.attrib.items()} for each in etree.fromstring(body)[1]]


def state(**said: str) -> SourceState:
    """A state in which the source said something of itself."""
    return SourceState(
        name="s",
        next_check=NOW,
        interval=1800,
        feed_url=said.get("feed_url"),
        feed_title=said.get("feed_title"),
        feed_home=said.get("feed_home"),
    )


LANTERN = Source(
    name="night-lantern",
    kind="feed",
    location="https://night-lantern.example/feed.atom",
    outlet=Outlet(name="Night Lantern", url="https://night-lantern.example/"),
    category="/film",
    language="en-GB",
)


def test_a_source_with_an_address_is_a_subscription() -> None:
    assert outlines(write_opml(SITE, [(LANTERN, None)])) == [
        {
            "text": "Night Lantern",
            "title": "Night Lantern",
            "type": "rss",
            "xmlUrl": "https://night-lantern.example/feed.atom",
            "htmlUrl": "https://night-lantern.example/",
            "category": "/film",
            "language": "en-GB",
        }
    ]


def test_what_a_source_said_of_itself_fills_what_nobody_configured() -> None:
    source = Source(name="wire", kind="feed", location="https://wire.example/reviews")
    said = state(feed_url="https://wire.example/reviews.rss", feed_title="The Wire", feed_home="https://wire.example/")

    (outline,) = outlines(write_opml(SITE, [(source, said)]))

    assert outline["text"] == "The Wire"
    assert outline["xmlUrl"] == "https://wire.example/reviews.rss"
    assert outline["htmlUrl"] == "https://wire.example/"


def test_a_folder_is_listed_by_its_outlet_and_never_by_its_path() -> None:
    outlet = Outlet(name="Celebrity Storm", url="https://celebrity-storm.example/")
    folder = Source(name="celebrity-storm", kind="folder", location="/srv/incoming/storm", outlet=outlet)
    nameless = Source(name="post", kind="folder", location="/srv/incoming/post")
    local = Source(name="file", kind="feed", location="file:///srv/incoming/feed.xml")

    body = write_opml(SITE, [(folder, None), (nameless, None), (local, None)])

    assert outlines(body) == [
        {
            "text": "Celebrity Storm",
            "title": "Celebrity Storm",
            "type": "link",
            "url": "https://celebrity-storm.example/",
            "htmlUrl": "https://celebrity-storm.example/",
        },
        {"text": "post"},
        {"text": "file"},
    ]
    assert b"/srv" not in body


def test_a_password_in_an_address_is_not_published() -> None:
    source = Source(name="s", kind="feed", location="https://reader:s3cret@wire.example:8443/feed?x=1")

    body = write_opml(SITE, [(source, None)])

    assert outlines(body)[0]["xmlUrl"] == "https://wire.example:8443/feed?x=1"
    assert b"s3cret" not in body


def test_the_list_of_our_feeds_names_each_by_its_atom_address() -> None:
    feeds = [
        Feed(name="reviews", title="All reviews", description="Everything", language="en"),
        Feed(name="b", title="B"),
    ]

    assert outlines(write_feeds_opml(SITE, feeds)) == [
        {
            "text": "All reviews",
            "title": "All reviews",
            "type": "rss",
            "xmlUrl": "http://reviews.example/feeds/reviews.atom",
            "htmlUrl": "http://reviews.example/feeds/reviews",
            "description": "Everything",
            "language": "en",
        },
        {
            "text": "B",
            "title": "B",
            "type": "rss",
            "xmlUrl": "http://reviews.example/feeds/b.atom",
            "htmlUrl": "http://reviews.example/feeds/b",
        },
    ]


def test_the_document_is_opml_2_with_a_title() -> None:
    root = etree.fromstring(write_opml(SITE, []))

    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    assert root.findtext("head/title") == "Reviews: sources"
