"""The product as its users meet it: the service started by its command, its bytes read by others' programs."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import feedparser
import pytest
from lxml import etree, html

from feedsvc.errors import StoreError
from feedsvc.store import Store
from tests.conftest import need_program
from tests.databases import settings_of
from tests.origin import Origin
from tests.service import Service, copy_samples, feedsvc, wait_until

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A fresh installation that serves the shipped samples."""
    folder = tmp_path_factory.mktemp("fresh")
    copy_samples(folder)
    with Service(folder) as running:
        running.wait_for("/feeds/reviews.atom", "Night Lantern", "Celebrity Storm", "Tide Table", "Corner Screen")
        yield running


def test_the_samples_stand_in_all_three_formats(service: Service) -> None:
    atom = etree.fromstring(service.get("/feeds/reviews.atom").body)
    rss = etree.fromstring(service.get("/feeds/reviews.rss").body)
    feed = json.loads(service.get("/feeds/reviews.json").body)

    ids = [element.text for element in atom.findall("a:entry/a:id", ATOM)]
    assert len(ids) >= 12
    assert len(set(ids)) == len(ids)
    assert [element.text for element in rss.findall("channel/item/guid")] == ids
    assert [item["id"] for item in feed["items"]] == ids


def test_media_types_autodiscovery_and_links_lead_to_the_three_formats(service: Service) -> None:
    page = html.fromstring(service.get("/feeds/reviews").body)
    found = {link.get("type"): link.get("href") for link in page.iterfind(".//link[@rel='alternate']")}

    assert set(found) == {"application/atom+xml", "application/rss+xml", "application/feed+json"}
    for media_type, address in found.items():
        assert address is not None
        reply = service.get(address.removeprefix(service.url))
        assert reply.status == 200
        assert reply.headers["content-type"].split(";")[0] == media_type


def test_a_client_that_comes_back_is_told_that_nothing_changed(service: Service) -> None:
    for suffix in (".atom", ".rss", ".json"):
        first = service.get(f"/feeds/reviews{suffix}", Accept_Encoding="gzip")
        again = service.get(f"/feeds/reviews{suffix}", Accept_Encoding="gzip", If_None_Match=first.headers["etag"])
        head = service.get(f"/feeds/reviews{suffix}", "HEAD")

        assert first.headers["content-encoding"] == "gzip"
        assert (again.status, again.body) == (304, b"")
        assert (head.status, head.body) == (200, b"")


def test_every_page_that_a_page_links_to_is_there(service: Service) -> None:
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        reply = service.get(path)
        assert reply.status == 200, path
        # What is chosen can be chosen in any combination: the views that a plain page leads to are enough.
        if reply.headers["content-type"].startswith("text/html") and "?" not in path:
            links = {href.split("#")[0] for href in html.fromstring(reply.body).xpath("//a/@href | //link/@href")}
            inside = {link.removeprefix(service.url) or "/" for link in links if link.startswith((service.url, "/"))}
            waiting += [link for link in inside - seen if link not in waiting]
    assert sum(path.startswith("/reviews/") for path in seen) >= 12


def test_a_review_page_carries_the_review_as_linked_data(service: Service) -> None:
    feed = json.loads(service.get("/feeds/reviews.json").body)
    front = html.fromstring(service.get("/feeds/reviews").body)
    links = [link.removeprefix(service.url) for link in front.xpath("//a/@href")]
    path = next(link for link in links if link.startswith("/reviews/"))
    page = html.fromstring(service.get(path).body)
    data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))

    assert data["@type"] == "CriticReview"
    assert data["@id"] in {item["id"] for item in feed["items"]}
    assert data["publisher"]["name"]


# ---------------------------------------------------------------------------------------------- the plain-text document


SEED_SOURCE = """
[service]
base_url = "http://reviews.example"
[[sources]]
name = "partner"
kind = "folder"
location = "incoming"
outlet = { name = "Celebrity Storm", url = "https://celebrity-storm.example/" }
[[feeds]]
name = "reviews"
title = "Reviews"
"""


def test_the_partners_document_comes_out_with_every_credit(beside: Path, tmp_path: Path) -> None:
    """The expectations of the plain-text review document, on the published bytes of all three formats and its page."""
    (tmp_path / "incoming").mkdir()
    shutil.copy(beside / "seeds" / "ballerina-review.txt", tmp_path / "incoming")
    (tmp_path / "config.toml").write_text(SEED_SOURCE, encoding="utf-8")
    source = (tmp_path / "incoming" / "ballerina-review.txt").read_text(encoding="utf-8")
    title = source.splitlines()[0]
    cited = ["Celebrity Storm", "New York Post", "Variety", "The Hollywood Reporter"]

    with Service(tmp_path) as running:
        atom = etree.fromstring(running.wait_for("/feeds/reviews.atom", "Lionsgate").body)
        rss = etree.fromstring(running.get("/feeds/reviews.rss").body)
        [item] = json.loads(running.get("/feeds/reviews.json").body)["items"]
        page_path = atom.xpath("string(//a:entry/a:link[@rel='alternate']/@href)", namespaces=ATOM)
        page = html.fromstring(running.get(page_path.removeprefix("http://reviews.example")).body)

    terms = "http://purl.org/dc/terms/"
    for document, names in ((atom, "//a:entry"), (rss, "//item")):
        [entry] = document.xpath(names, namespaces=ATOM)
        assert entry.findtext(f"{{{ATOM['a']}}}title" if document is atom else "title") == title
        assert [e.text for e in entry.findall(f"{{{terms}}}references")] == cited
        assert entry.findtext(f"{{{terms}}}rightsHolder") == "Lionsgate"
        licences = entry.xpath("a:link[@rel='license']/@href", namespaces=ATOM)
        assert licences == ["http://purl.org/atompub/license#unspecified"]
    [entry] = atom.xpath("//a:entry", namespaces=ATOM)
    assert entry.xpath("a:author/a:name/text()", namespaces=ATOM) == ["Celebrity Storm"]
    assert entry.xpath("string(a:source/a:title)", namespaces=ATOM) == "Celebrity Storm"
    # The file's time is inferred, and Atom cannot say so: only JSON Feed carries it, with its mark.
    assert entry.find("a:published", ATOM) is None
    assert item["date_published"]

    assert item["title"] == title
    assert [author["name"] for author in item["authors"]] == ["Celebrity Storm"]
    attribution = item["_attribution"]
    assert [source["name"] for source in attribution["cited"]] == cited
    assert attribution["rights_holder"] == "Lionsgate"
    assert attribution["licence"]["state"] == "unspecified"
    assert "Creative Commons" in attribution["licence"]["name"]
    assert "url" not in attribution["licence"]
    assert [credit["name"] for credit in attribution["credits"]] == ["Courtesy of Lionsgate"]
    assert attribution["outlet"]["name"] == "Celebrity Storm"
    assert attribution["provenance"]["subject"] == "inferred"
    assert attribution["provenance"]["published"] == "inferred"
    assert item["_review"]["subject"] == {"name": "Ballerina", "type": "Movie"}
    assert "rating" not in item["_review"]

    text = page.text_content()
    for word in (title, "Celebrity Storm", "Lionsgate", "New York Post", "The Hollywood Reporter", "Variety"):
        assert word in text
    whole = source.splitlines()[-4]
    for body in (etree.tostring(atom, encoding="unicode"), json.dumps(item, ensure_ascii=False), text):
        assert whole not in body


# ------------------------------------------------------------------------------------------------------ the round trip


def test_a_second_instance_keeps_the_credits_and_names_us_as_via(service: Service, tmp_path: Path) -> None:
    """Our Atom, collected by another feedsvc: same ids, outlet, authors, licence, credits; one attribution line."""
    (tmp_path / "config.toml").write_text(
        f"""
        [service]
        base_url = "http://second.example"
        [polling]
        allow_private_addresses = true
        [[sources]]
        name = "first"
        kind = "feed"
        location = "{service.url}/feeds/open.atom"
        [[feeds]]
        name = "again"
        title = "Again"
        commercial = false
        """,
        encoding="utf-8",
    )
    collected = feedsvc(tmp_path, "collect")
    exported = feedsvc(tmp_path, "publish", "--out", str(tmp_path / "out"))
    assert (collected.returncode, exported.returncode) == (0, 0), collected.stderr + exported.stderr

    before = {item["id"]: item for item in json.loads(service.get("/feeds/open.json").body)["items"]}
    after = {item["id"]: item for item in json.loads((tmp_path / "out/feeds/again.json").read_bytes())["items"]}

    assert set(after) == set(before)
    for guid, old in before.items():
        new = after[guid]
        assert new["title"] == old["title"]
        assert new.get("authors") == old.get("authors")
        assert new.get("_review") == old.get("_review")
        one, two = old["_attribution"], new["_attribution"]
        assert two["outlet"]["name"] == one["outlet"]["name"]
        assert two["outlet"].get("url") == one["outlet"].get("url")
        for field in ("licence", "rights", "rights_holder", "cited", "credits", "contributors"):
            assert two.get(field) == one.get(field), field
        for field in ("credits", "alt"):
            said = {image["url"]: image.get(field) for image in one.get("images", [])}
            assert {image["url"]: image.get(field) for image in two.get("images", [])} == said, field
        assert two["via"]["name"] == "Open reviews"
        assert new["content_text" if "content_text" in new else "summary"].count("First published by") == 1
        if "content_html" in new:
            assert new["content_html"].count("First published by") == 1


# ------------------------------------------------------------------------------------------------- readers of our feeds


def test_newsboat_shows_every_sample_with_critic_and_link(service: Service, tmp_path: Path) -> None:
    newsboat = need_program("newsboat")
    (tmp_path / "urls").write_text(f"{service.url}/feeds/reviews.atom\n", encoding="utf-8")
    cache = tmp_path / "cache.db"

    subprocess.run(
        [newsboat, "-q", "-u", str(tmp_path / "urls"), "-c", str(cache), "-C", "/dev/null", "-x", "reload"],
        check=True,
        timeout=60,
        env={"HOME": str(tmp_path), "TERM": "dumb", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )

    with closing(sqlite3.connect(cache)) as database:
        rows = database.execute("SELECT guid, title, author, url, content FROM rss_item").fetchall()
    items = {item["id"]: item for item in json.loads(service.get("/feeds/reviews.json").body)["items"]}
    assert {row[0] for row in rows} == set(items)
    for guid, title, author, url, content in rows:
        assert title == items[guid]["title"]
        assert all(person["name"] in author for person in items[guid]["authors"])
        assert url.startswith("http")
        assert "First published by" in content


def test_reader_shows_every_sample_with_critic_link_and_outlet(service: Service) -> None:
    from reader import make_reader

    address = f"{service.url}/feeds/reviews.atom"
    library = make_reader(":memory:")
    library.add_feed(address)
    library.update_feeds()

    items = {item["id"]: item for item in json.loads(service.get("/feeds/reviews.json").body)["items"]}
    entries = {entry.id: entry for entry in library.get_entries()}
    library.close()
    assert set(entries) == set(items)
    for guid, entry in entries.items():
        attribution = items[guid]["_attribution"]
        assert entry.title == items[guid]["title"]
        assert entry.authors_str is not None
        assert any(person["name"] in entry.authors_str for person in items[guid]["authors"])
        assert entry.link
        assert entry.source is not None
        assert entry.source.title == attribution["outlet"]["name"]


def test_feedparser_sees_every_sample_with_all_its_critics(service: Service) -> None:
    items = {item["id"]: item for item in json.loads(service.get("/feeds/reviews.json").body)["items"]}
    for suffix in (".atom", ".rss"):
        parsed = feedparser.parse(service.get(f"/feeds/reviews{suffix}").body)

        assert not parsed.bozo
        assert {entry.id for entry in parsed.entries} == set(items)
        for entry in parsed.entries:
            assert [a.name for a in entry.authors] == [a["name"] for a in items[entry.id]["authors"]]


# --------------------------------------------------------------------------------------------------------- hard endings


def many_feeds(origin: Origin, number: int) -> str:
    """`number` feeds of ten reviews each on the origin, and their [[sources]]."""
    tables = []
    for one in range(number):
        items = "".join(
            f"<item><guid isPermaLink='false'>{one}-{n}</guid><title>Review {one}-{n}</title>"
            f"<link>https://outlet-{one}.example/{n}</link><description>Words about {n}.</description></item>"
            for n in range(10)
        )
        body = f"<rss version='2.0'><channel><title>Outlet {one}</title><link>https://outlet-{one}.example/</link>"
        origin.answer(
            f"/{one}.rss", 200, {"Content-Type": "application/rss+xml"}, f"{body}{items}</channel></rss>".encode()
        )
        tables.append(f'[[sources]]\nname = "s{one}"\nkind = "feed"\nlocation = "{origin.url}/{one}.rss"\n')
    return "".join(tables)


def test_killed_while_collecting_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    with Origin() as origin:
        tables = many_feeds(origin, 40)
        polling = "[polling]\nallow_private_addresses = true\n[[feeds]]\nname = 'all'\ntitle = 'All'\nitems = 1000\n"
        (tmp_path / "config.toml").write_text(polling + tables, encoding="utf-8")
        for kill_after in (1, 12, 25):
            asked = len(origin.requests) + kill_after
            with Service(tmp_path) as running:
                wait_until(lambda limit=asked: len(origin.requests) >= limit or _all_there(tmp_path), "requests")  # type: ignore[misc]
                running.kill()
        with Service(tmp_path) as running:
            wait_until(lambda: _all_there(tmp_path), "all reviews")
            wait_until(lambda: running.get("/feeds/all.atom").body.count(b"<entry") == 400, "all entries")
            body = running.get("/feeds/all.atom").body
            assert running.stop() == 0

    titles = re.findall(rb"<title[^>]*>(Review \d+-\d+)</title>", body)
    assert len(set(titles)) == 400


def _all_there(folder: Path) -> bool:
    try:
        with Store.open(settings_of(folder).database_url, create=False) as store:
            return sum(state.reviews for state in store.states()) == 400
    except StoreError:
        return False  # Not made yet.


def test_told_to_stop_it_ends_in_good_order(tmp_path: Path) -> None:
    copy_samples(tmp_path)
    with Service(tmp_path) as running:
        running.wait_for("/feeds/reviews.atom", "Night Lantern")
        assert running.stop() == 0

    assert "finishing what is in hand" in running.log.read_text(encoding="utf-8")
    assert "Traceback" not in running.log.read_text(encoding="utf-8")
