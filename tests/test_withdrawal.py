"""A withdrawal as everybody concerned meets it: the operator, a visitor, a mirror of the files, and a subscriber."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from lxml import etree, html
from reader import Reader, make_reader

from tests.commands import run
from tests.exported import plain_files
from tests.service import Service

NS = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}

CONFIG = """
[service]
base_url = "{url}"

[[sources]]
name = "lantern"
kind = "folder"
location = "incoming/lantern"
outlet = {{ name = "Night Lantern", url = "https://night-lantern.example/" }}

[[sources]]
name = "storm"
kind = "folder"
location = "incoming/storm"
outlet = {{ name = "Celebrity Storm", url = "https://celebrity-storm.example/" }}

[[feeds]]
name = "reviews"
title = "All reviews"

[[feeds]]
name = "lantern"
title = "The Lantern alone"
sources = ["lantern"]
"""
#: The words by which each review is known wherever it stands.
SALT, TIDE, MOONS = "The Salt Road Runs Dry", "Low Tide, High Spirits", "Why Paper Moons Folds"
BY_PATH = {
    "lantern/salt.txt": f"{SALT}\n\nSaltwords begin it.\n\nBy: Ines Okafor\nLink: https://night-lantern.example/salt\n",
    "lantern/tide.txt": f"{TIDE}\n\nTidewords begin it.\n\nBy: Tomás Reyes\nLink: https://night-lantern.example/tide\n",
    "storm/moons.txt": f"{MOONS}\n\nMoonwords begin it.\n\nBy: Ines  OKAFOR\nLink: https://storm.example/moons\n",
}
#: Everything that is served beside the reviews' own pages.
SERVED = (
    *("/", "/feeds.opml", "/sources", "/sources/lint", "/sources.opml"),
    *(
        f"/feeds/{name}{rest}"
        for name in ("reviews", "lantern")
        for rest in ("", ".atom", ".rss", ".json", "/credits", "/credits.json")
    ),
)


def install(folder: Path, url: str) -> None:
    """Two drop folders, three documents, two feeds."""
    (folder / "config.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    for path, text in BY_PATH.items():
        drop(folder, path, text)


def drop(folder: Path, path: str, text: str) -> None:
    """A partner's document."""
    file = folder / "incoming" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def ran(folder: Path, *arguments: str, code: int = 0) -> Result:
    """A command that ends with the code it promises."""
    done = run(folder, *arguments)
    assert done.exit_code == code, done.output
    return done


def withdraw(folder: Path, *what: str) -> str:
    """What the command says of a request."""
    return ran(
        folder, "withdraw", *what, "--reason", "the licence ended", "--requested-by", "Mx Heir of Lantern"
    ).stdout


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """An installation without a running service, collected and exported."""
    install(tmp_path, "http://reviews.example")
    ran(tmp_path, "collect")
    ran(tmp_path, "publish")
    return tmp_path


def exported(folder: Path) -> str:
    """Every byte of a static export."""
    files = plain_files(folder)
    assert files
    return "\n".join(f"{name}\n{body.decode()}" for name, body in files.items())


# --------------------------------------------------------------------------------- with service, mirror and subscriber


@pytest.fixture
def subscriber() -> Iterator[Reader]:
    """A real feed reader's library."""
    library = make_reader(":memory:")
    yield library
    library.close()


def titles(library: Reader) -> set[str | None]:
    """What a subscriber has."""
    library.update_feeds()
    return {entry.title for entry in library.get_entries()}


def new_subscriber(url: str) -> set[str | None]:
    """What somebody gets who subscribes now."""
    library = make_reader(":memory:")
    library.add_feed(url)
    found = titles(library)
    library.close()
    return found


def test_from_the_request_to_the_undoing(tmp_path: Path, subscriber: Reader) -> None:
    """At once out of every feed, page and file; a subscriber is told; the next look changes nothing; and back."""
    running = Service(tmp_path)
    install(tmp_path, running.url)
    kept, mirror = tmp_path / "feeds" / "published", tmp_path / "mirror"
    with running:
        before = running.wait_for("/feeds/reviews.atom", SALT, TIDE, MOONS)
        for out in (kept, mirror):
            ran(tmp_path, "publish", "--out", str(out))
        subscriber.add_feed(f"{running.url}/feeds/reviews.atom")
        assert titles(subscriber) == {SALT, TIDE, MOONS}
        page = next(path for path in review_pages(running) if SALT in running.get(path).body.decode())
        assert SALT in exported(kept)

        said = withdraw(tmp_path, running.url + page, "--out", str(mirror))

        assert "1 review out of the feeds reviews, lantern" in said
        assert "record 1: requested by Mx Heir of Lantern: the licence ended" in said
        assert_gone(running, page)
        for out in (kept, mirror):
            assert not (out / page.strip("/") / "index.html").exists()
            assert_silent(exported(out))
        tombstone = only_tombstone(running)
        library = {entry.id: entry.title for entry in subscriber.get_entries()}
        assert library[tombstone.get("ref", "")] == SALT, "the subscriber knows which of its entries is meant"
        assert moment(running.get("/feeds/reviews.atom").body) == datetime.fromisoformat(tombstone.get("when", ""))
        assert moment(before.body) < moment(running.get("/feeds/reviews.atom").body)
        assert titles(subscriber) == {SALT, TIDE, MOONS}, "what a reader has stored is the reader's"
        assert new_subscriber(f"{running.url}/feeds/reviews.atom") == {TIDE, MOONS}

        drop(tmp_path, "lantern/salt.txt", BY_PATH["lantern/salt.txt"].replace("begin it", "begin it anew"))
        drop(tmp_path, "lantern/salt-again.txt", BY_PATH["lantern/salt.txt"])
        drop(tmp_path, "lantern/new.txt", "Gulls at Noon\n\nGullwords.\n\nBy: Ada Finch\n")
        ran(tmp_path, "collect", "lantern", "--force")
        running.wait_for("/feeds/reviews.atom", "Gulls at Noon")
        ran(tmp_path, "publish")
        assert_gone(running, page)
        assert_silent(exported(kept))
        assert only_tombstone(running).attrib == tombstone.attrib

        assert "2 reviews back in the feeds reviews, lantern" in ran(tmp_path, "withdraw", page, "--undo").stdout
        assert "begin it anew" in running.get(page).body.decode()
        atom = etree.fromstring(running.get("/feeds/reviews.atom").body)
        assert atom.findall("at:deleted-entry", NS) == []
        assert tombstone.get("ref") in [identity.text for identity in atom.findall("a:entry/a:id", NS)]
        assert "begin it anew" in exported(kept)
        assert new_subscriber(f"{running.url}/feeds/reviews.atom") == {SALT, TIDE, MOONS, "Gulls at Noon"}
        assert running.stop() == 0
    assert "Traceback" not in running.log.read_text(encoding="utf-8")


def review_pages(running: Service) -> list[str]:
    """The pages of all reviews that the feed's page links to."""
    links = html.fromstring(running.get("/feeds/reviews").body).xpath("//a/@href")
    return sorted({link.removeprefix(running.url) for link in links if "/reviews/" in link})


def assert_gone(running: Service, page: str) -> None:
    """Nothing that is served holds the review; its page says that it is gone, to nobody's shame."""
    for path in SERVED:
        reply = running.get(path)
        assert reply.status == 200, path
        assert_silent(reply.body.decode())
    for method in ("GET", "HEAD"):
        gone = running.get(page, method)
        assert (gone.status, gone.headers["cache-control"]) == (410, "no-store")
    shown = html.fromstring(running.get(page).body)
    assert shown.xpath("string(//main//h1)") == "Withdrawn"
    assert "at the request of its owner" in shown.text_content()
    assert_silent(running.get(page).body.decode())
    assert running.get(page[:-1] + ("a" if page[-1] != "a" else "b")).status == 404


def assert_silent(text: str) -> None:
    """Neither the review nor who asked, nor why."""
    for words in (SALT, "Saltwords", "night-lantern.example/salt", "Mx Heir", "the licence ended"):
        assert words not in text


def only_tombstone(running: Service) -> etree._Element:
    [tombstone] = etree.fromstring(running.get("/feeds/reviews.atom").body).findall("at:deleted-entry", NS)
    [other] = etree.fromstring(running.get("/feeds/lantern.atom").body).findall("at:deleted-entry", NS)
    assert tombstone.attrib == other.attrib
    return tombstone


def moment(atom: bytes) -> datetime:
    """A feed's own atom:updated."""
    return datetime.fromisoformat(etree.fromstring(atom).findtext("a:updated", "", NS))


# ---------------------------------------------------------------------------------------------- the kinds, the record


def shown(folder: Path) -> set[str]:
    """The titles in the export's feed of everything."""
    return {item["title"] for item in json.loads((folder / "feeds/published/feeds/reviews.json").read_bytes())["items"]}


def test_an_author_goes_whatever_the_source_and_the_spelling(collected: Path) -> None:
    said = withdraw(collected, "--author", "ines okafor")
    assert "withdrawn: author ines okafor: 2 reviews out of the feeds reviews, lantern" in said
    assert shown(collected) == {TIDE}
    assert "Okafor" not in exported(collected / "feeds/published")

    drop(collected, "storm/next.txt", "Another One\n\nOf hers.\n\nBy: Ines Okafor\n")
    assert "storm: 0 new, 0 changed, 1 unchanged, 1 withdrawn" in ran(collected, "collect", "storm").stdout
    ran(collected, "publish")
    assert shown(collected) == {TIDE}

    assert "3 reviews back in" in ran(collected, "withdraw", "--author", "Ines Okafor", "--undo").stdout
    assert shown(collected) == {SALT, TIDE, MOONS, "Another One"}


def test_a_source_goes_with_all_that_names_it(collected: Path) -> None:
    said = withdraw(collected, "--source", "storm")
    assert "1 review out of the feed reviews" in said
    assert "storm is still looked at, and all that it brings stays out; to end that, set enabled = false" in said
    assert shown(collected) == {SALT, TIDE}
    everything = exported(collected / "feeds/published")
    assert "Celebrity Storm" not in everything
    assert "incoming/storm" not in everything
    assert "storm" not in ran(collected, "export-opml").stdout

    drop(collected, "storm/next.txt", "Another One\n\nOf theirs.\n\nBy: Ada Finch\n")
    drop(collected, "storm/broken.txt", "\0")
    ran(collected, "collect")
    ran(collected, "publish")
    assert shown(collected) == {SALT, TIDE}
    assert "broken.txt" not in exported(collected / "feeds/published")

    ran(collected, "withdraw", "--source", "storm", "--undo")
    assert shown(collected) == {SALT, TIDE, MOONS, "Another One"}


def test_undoing_one_leaves_what_another_keeps_out(collected: Path) -> None:
    withdraw(collected, "https://storm.example/moons")
    withdraw(collected, "--author", "Ines Okafor")
    said = ran(collected, "withdraw", "--author", "Ines Okafor", "--undo").stdout

    assert "1 review back in" in said
    assert "1 review of it still out, by other withdrawals" in said
    assert shown(collected) == {SALT, TIDE}


def test_the_record_is_kept_and_listed_for_people_and_programs(collected: Path) -> None:
    assert ran(collected, "withdraw", "--list").stdout == "nothing was ever withdrawn\n"
    withdraw(collected, "https://night-lantern.example/salt")
    withdraw(collected, "--source", "storm")
    ran(collected, "withdraw", "--source", "storm", "--undo", "--reason", "they agreed", "--requested-by", "Storm")

    listed = ran(collected, "withdraw", "--list").stdout
    first, second = json.loads(ran(collected, "withdraw", "--list", "--json").stdout)

    assert re.search(rf"record 1: review [a-z2-7]{{16}} “{SALT}”: 1 review of lantern\n", listed)
    assert re.search(r"  withdrawn \d{4}-\d\d-\d\d \d\d:\d\d UTC, requested by Mx Heir of Lantern: the licence", listed)
    assert re.search(r"  undone \d{4}-\d\d-\d\d \d\d:\d\d UTC, requested by Storm: they agreed\n", listed)
    assert (first["number"], first["kind"], first["title"], first["undone"]) == (1, "review", SALT, None)
    assert (first["reason"], first["requested_by"]) == ("the licence ended", "Mx Heir of Lantern")
    assert (second["kind"], second["value"], second["sources"]) == ("source", "storm", ["storm"])
    assert datetime.fromisoformat(second["undone"]) > datetime.fromisoformat(second["withdrawn"])


def test_a_review_is_named_by_key_id_or_either_address(collected: Path) -> None:
    feed = etree.fromstring((collected / "feeds/published/feeds/lantern.atom").read_bytes())
    [entry] = [one for one in feed.findall("a:entry", NS) if one.findtext("a:title", "", NS) == SALT]
    [folder] = [f for f in (collected / "feeds/published/reviews").iterdir() if SALT in (f / "index.html").read_text()]
    identity = entry.findtext("a:id", "", NS)
    for word in (
        folder.name,
        identity,
        "https://night-lantern.example/salt",
        f"http://reviews.example/reviews/{folder.name}",
    ):
        withdraw(collected, word)
        assert shown(collected) == {TIDE, MOONS}
        ran(collected, "withdraw", word, "--undo")
        assert shown(collected) == {SALT, TIDE, MOONS}


def test_what_is_undone_may_be_named_by_its_record(collected: Path) -> None:
    withdraw(collected, "https://night-lantern.example/salt")
    withdraw(collected, "--source", "storm")

    assert "undone: record 1: review" in ran(collected, "withdraw", "--undo", "--record", "1").stdout
    assert shown(collected) == {SALT, TIDE}
    again = ran(collected, "withdraw", "--undo", "--record", "1", code=2).stderr
    assert re.search(r"record 1 is undone since \d{4}-\d\d-\d\d already", again)


def test_explain_shows_nothing_of_what_is_withdrawn_and_says_where_to_look(collected: Path) -> None:
    withdraw(collected, "https://night-lantern.example/salt")
    explained = ran(collected, "explain", "https://night-lantern.example/salt", code=2)
    assert "was withdrawn: nothing of it is published; `feedsvc withdraw --list` says who asked and why" in (
        explained.stderr
    )
    assert explained.stdout == ""


# -------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://nowhere.example/x", "--reason", "r", "--requested-by", "w"), "no review is stored under"),
        (("--author", "Ines Okafur", "--reason", "r", "--requested-by", "w"), "the nearest: Ines Okafor"),
        (("--source", "lanterns", "--reason", "r", "--requested-by", "w"), "the sources: lantern, storm"),
        (("--source", "lantern", "--undo"), "is not withdrawn"),
        (("--source", "lantern"), "give --reason and --requested-by"),
        (("--source", "lantern", "--reason", " ", "--requested-by", "w"), "give --reason and --requested-by"),
        (
            ("--source", "lantern", "--author", "Ines Okafor"),
            "give one of REVIEW, --author and --source",
        ),
        ((), "give one of REVIEW, --author and --source"),
        (("--undo",), "give one of REVIEW, --author, --source and --record"),
        (("--list", "--source", "lantern"), "--list stands alone"),
        (("--source", "lantern", "--json"), "--json goes with --list"),
        (("--record", "1", "--reason", "r", "--requested-by", "w"), "--record goes with --undo"),
        (("--undo", "--record", "7"), "there is no record 7: `feedsvc withdraw --list` says which there are"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_happens(
    collected: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in ran(collected, "withdraw", *arguments, code=2).stderr
    assert ran(collected, "withdraw", "--list").stdout == "nothing was ever withdrawn\n"
    assert shown(collected) == {SALT, TIDE, MOONS}


def test_an_address_that_several_reviews_bear_is_asked_about(collected: Path) -> None:
    drop(collected, "lantern/salt-again.txt", BY_PATH["lantern/salt.txt"].replace("Runs Dry", "Once More"))
    ran(collected, "collect")
    said = ran(
        collected, "withdraw", "https://night-lantern.example/salt", "--reason", "r", "--requested-by", "w", code=2
    ).stderr
    assert "stands for 2 reviews; name one by its key:" in said
    for title in (SALT, "The Salt Road Once More"):
        assert re.search(rf"  [a-z2-7]{{16}}  {title} \(lantern\)", said)


def test_where_nothing_was_exported_no_export_appears(tmp_path: Path) -> None:
    install(tmp_path, "http://reviews.example")
    ran(tmp_path, "collect")
    assert "files changed" not in withdraw(tmp_path, "--source", "storm")
    assert not (tmp_path / "feeds/published").exists()
