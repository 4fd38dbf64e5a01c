"""Subscription lists: the sources we read, and the feeds we publish."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from lxml import etree
from reader import make_reader

from feedsvc.config.opml import read_opml
from feedsvc.model import Feed, Outlet, Source, SourceState
from feedsvc.render.opml import write_feeds_opml, write_opml
from tests.conftest import need_program
from tests.samples import NOW, SITE


def attributes(outline: etree._Element) -> dict[str, str]:
    return {str(key): str(value) for key, value in outline.attrib.items()}


def outlines(body: bytes) -> list[dict[str, str]]:
    """The attributes of every outline that holds no other."""
    return [attributes(each) for each in etree.fromstring(body).iter("outline") if not len(each)]


def folders(body: bytes) -> dict[str, list[str]]:
    """The path of the folders around each outline that holds no other, by its text, in the order of the document."""
    leaves = [each for each in etree.fromstring(body).iter("outline") if not len(each)]
    return {
        str(leaf.get("text")): [str(around.get("text")) for around in leaf.iterancestors("outline")][::-1]
        for leaf in leaves
    }


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


def test_what_has_a_category_stands_in_a_folder_of_its_name() -> None:
    """Readers make folders of nested outlines; those without a category stand first, and none twice."""
    sources = [
        Source(name="a", kind="feed", location="https://a.example/", category="film"),
        Source(name="b", kind="feed", location="https://b.example/"),
        Source(name="c", kind="feed", location="https://c.example/", category="/film/festivals,/travel"),
        Source(name="d", kind="folder", location="/srv/d", category="film"),
        Source(name="e", kind="feed", location="https://e.example/", category=" / "),
        Source(name="f", kind="feed", location="https://f.example/", category="a/b/c/d/e"),
    ]

    body = write_opml(SITE, [(source, None) for source in sources])

    assert folders(body) == {
        "b": [],
        "a": ["film"],
        "c": ["film", "festivals"],
        "d": ["film"],
        "e": [],
        "f": ["a", "b", "c"],
    }
    assert [each.get("text") for each in etree.fromstring(body)[1]] == ["b", "film", "e", "a"]
    stated = [None, "film", "/film/festivals,/travel", None, " / ", "a/b/c/d/e"]
    assert [each.get("category") for each in outlines(body)] == stated


def test_our_feeds_stand_in_folders_too() -> None:
    feeds = [Feed(name="a", title="A", category="Stage"), Feed(name="b", title="B"), Feed(name="c", title="C")]

    body = write_feeds_opml(SITE, feeds)

    assert folders(body) == {"B": [], "C": [], "A": ["Stage"]}
    assert outlines(body)[2]["category"] == "Stage"


def test_our_own_import_reads_the_same_categories() -> None:
    """From /sources.opml of one installation to [[source_lists]] of another."""
    sources = [
        Source(name="a", kind="feed", location="https://a.example/", category="film"),
        Source(name="b", kind="feed", location="https://b.example/"),
    ]

    found = read_opml(write_opml(SITE, [(source, None) for source in sources]), "list.opml")

    assert [(one.url, one.category) for one in found] == [("https://b.example/", None), ("https://a.example/", "film")]


# ------------------------------------------------------------------------------------------------- read by real readers


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A folder with both lists: one source with an address in a folder, one without, one in none; three feeds."""
    wire = Source(name="wire", kind="feed", location="https://wire.example/reviews?a=1&b=2", category="Stage & song")
    folder = Source(
        name="post",
        kind="folder",
        location="/srv/post",
        category="film",
        outlet=Outlet(name="Post", url="https://post.example/"),
    )
    nameless = Source(name="nameless", kind="folder", location="/srv/nameless")
    sources = [(LANTERN, None), (wire, state(feed_title="The “Wire”")), (folder, None), (nameless, None)]
    (tmp_path / "sources.opml").write_bytes(write_opml(SITE, sources))
    feeds = [
        Feed(name="reviews", title="All reviews & more", description="Everything", language="en"),
        Feed(name="films", title="Films", category="By kind"),
        Feed(name="games", title="Spiele für alle", category="By kind", language="de"),
    ]
    (tmp_path / "feeds.opml").write_bytes(write_feeds_opml(SITE, feeds))
    return tmp_path


OURS = {
    "http://reviews.example/feeds/reviews.atom",
    "http://reviews.example/feeds/films.atom",
    "http://reviews.example/feeds/games.atom",
}
THEIRS = {"https://night-lantern.example/feed.atom", "https://wire.example/reviews?a=1&b=2"}


def run(*command: str, given: bytes = b"", home: Path) -> str:
    environ = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}
    done = subprocess.run(command, input=given, env=environ, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode()


def test_newsboat_takes_every_feed_with_its_folder_as_a_tag(lists: Path) -> None:
    newsboat = need_program("newsboat")
    for name in ("feeds", "sources"):
        urls = lists / f"{name}.urls"
        urls.touch()
        files = ("-u", str(urls), "-c", str(lists / f"{name}.db"), "-C", "/dev/null")
        run(newsboat, *files, "-i", str(lists / f"{name}.opml"), home=lists)

    feeds = (lists / "feeds.urls").read_text("utf-8").splitlines()
    assert {line.split()[0] for line in feeds if line} == OURS
    assert [line for line in feeds if "films.atom" in line] == ['http://reviews.example/feeds/films.atom "By kind"']
    sources = (lists / "sources.urls").read_text("utf-8").splitlines()
    assert {line.split()[0] for line in sources if line} == THEIRS
    assert [line for line in sources if "wire" in line] == ['https://wire.example/reviews?a=1&b=2 "Stage & song"']


def test_sfeed_takes_every_feed_by_its_title(lists: Path) -> None:
    program = need_program("sfeed_opml_import")
    feeds = run(program, given=(lists / "feeds.opml").read_bytes(), home=lists)
    sources = run(program, given=(lists / "sources.opml").read_bytes(), home=lists)

    assert [line.strip() for line in feeds.splitlines() if line.strip().startswith("feed ")] == [
        "feed 'All reviews & more' 'http://reviews.example/feeds/reviews.atom'",
        "feed 'Films' 'http://reviews.example/feeds/films.atom'",
        "feed 'Spiele für alle' 'http://reviews.example/feeds/games.atom'",
    ]
    assert all(address in sources for address in THEIRS)
    assert "/srv" not in sources


def test_reader_takes_every_feed(lists: Path) -> None:
    with closing(make_reader(":memory:", feed_root=None)) as reader:
        for name in ("feeds", "sources"):
            with (lists / f"{name}.opml").open("rb") as file:
                reader.import_feeds(file)
        assert {feed.url for feed in reader.get_feeds()} == OURS | THEIRS


def test_rss2email_takes_every_feed(lists: Path) -> None:
    r2e = need_program("r2e")
    for name, addresses in (("feeds", OURS), ("sources", THEIRS)):
        files = ("-c", str(lists / f"{name}.cfg"), "-d", str(lists / f"{name}.json"))
        run(r2e, *files, "new", "me@reader.example", home=lists)
        run(r2e, *files, "opmlimport", str(lists / f"{name}.opml"), home=lists)
        listed = run(r2e, *files, "list", home=lists)
        assert {address for address in OURS | THEIRS if address in listed} == addresses


def test_the_document_is_opml_2_with_a_title() -> None:
    root = etree.fromstring(write_opml(SITE, []))

    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    assert root.findtext("head/title") == "Reviews: sources"
