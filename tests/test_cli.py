"""The commands: every one explains itself, says what went wrong in words, and ends with the code it promises."""

from __future__ import annotations

import html
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from lxml import etree
from sqlalchemy import select

from feedsvc.cli import COMMANDS, main
from feedsvc.store import Store
from feedsvc.store.schema import review
from tests.commands import run
from tests.databases import connected, database_environ, settings_of

ROOT = Path(__file__).parents[1]

CONFIG = """
[service]
base_url = "http://reviews.example"

[[sources]]
name = "storm"
kind = "folder"
location = "incoming/storm"
outlet = { name = "Celebrity Storm", url = "https://celebrity-storm.example/" }

[[feeds]]
name = "reviews"
title = "All reviews"
"""

TEXT = """Why “Paper Moons” Folds Too Early

It begins with a moon of paper, and it ends with one.
The middle is a long walk between the two.

By: Ines Okafor
Sources: Harbour Gazette and The Evening Ledger
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A fresh installation: a configuration and a drop folder with one review."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "incoming/storm").mkdir(parents=True)
    (tmp_path / "incoming/storm/paper-moons.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def feedsvc(place: Path) -> Callable[..., Result]:
    """Runs a command on the fresh installation."""

    def invoke(*arguments: str) -> Result:
        return run(place, *arguments)

    return invoke


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0
    assert "Example: " in result.output
    assert f"feedsvc {name}" in result.output or "feedsvc --config" in result.output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_in_the_readme(name: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert f"| `feedsvc {name}" in readme


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_of_commands_says_of_each_what_it_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == COMMANDS[name]


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(main, ["colect"])

    assert result.exit_code == 2
    assert "colect" in result.stderr


@pytest.mark.parametrize(
    ("command", "foreign"),
    [
        ("--help", {"feedsvc.config", "sqlalchemy", "pydantic", "lxml"}),
        ("collect", {"feedgen", "granian", "flask", "alembic", "rich", "apscheduler"}),
        ("check", {"feedgen", "granian", "flask", "sqlalchemy", "rich", "pycurl"}),
        ("serve", {"pycurl", "feedparser", "apscheduler", "rich", "alembic"}),
    ],
)
def test_a_command_loads_only_what_it_needs(command: str, foreign: set[str]) -> None:
    """In a process of its own, because this one has loaded everything."""
    code = "import sys; from feedsvc.cli import main; main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    arguments = [command] if command.startswith("-") else [command, "--help"]
    loaded = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True).stdout

    assert "click" in loaded.split()
    assert not foreign & set(loaded.split())


def test_collect_says_what_it_found_and_is_idempotent(feedsvc: Callable[..., Result]) -> None:
    first, second = feedsvc("collect"), feedsvc("collect", "storm")

    assert (first.exit_code, first.stdout) == (0, "1 of 1 sources read: 1 new, 0 changed, 0 unchanged\n")
    assert (second.exit_code, second.stdout) == (0, "storm: 0 new, 0 changed, 1 unchanged\n")


def test_a_changed_document_is_an_update_of_its_review(place: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    document = place / "incoming/storm/paper-moons.txt"
    document.write_text(TEXT.replace("a long walk", "a short walk"), encoding="utf-8")

    assert feedsvc("collect", "storm").stdout == "storm: 0 new, 1 changed, 0 unchanged\n"


def test_a_removed_document_leaves_what_was_collected(place: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    (place / "incoming/storm/paper-moons.txt").unlink()
    feedsvc("collect")
    feedsvc("publish", "--out", str(place / "out"))

    assert b"Paper Moons" in (place / "out/feeds/reviews.atom").read_bytes()


def test_an_unreadable_document_is_named_and_stops_nothing(place: Path, feedsvc: Callable[..., Result]) -> None:
    (place / "incoming/storm/photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200))

    collected, listed = feedsvc("collect", "--verbose"), feedsvc("sources")

    assert "storm: 1 new, 0 changed, 0 unchanged\n" in collected.stdout
    assert "1 documents and items kept out" in collected.stdout
    for output in (collected.stdout, listed.stdout):
        assert "photo.txt" in output
        assert "PNG" in output


def test_collect_fails_by_name_and_the_others_are_still_read(place: Path, feedsvc: Callable[..., Result]) -> None:
    config = place / "config.toml"
    broken = '[[sources]]\nname = "gone"\nkind = "feed"\nlocation = "none.xml"\n'
    config.write_text(config.read_text(encoding="utf-8") + broken, encoding="utf-8")

    result = feedsvc("collect")

    assert result.exit_code == 1
    assert "1 of 2 sources read: 1 new, 0 changed, 0 unchanged\n" in result.stdout
    assert "1 of 2 sources could not be read: gone" in result.stderr
    assert "none.xml" in result.stdout


def test_collect_speaks_json_to_programs(feedsvc: Callable[..., Result]) -> None:
    lines = feedsvc("collect", "--json").stdout.splitlines()

    assert [json.loads(line) for line in lines] == [
        {
            "source": "storm",
            "new": 1,
            "changed": 0,
            "unchanged": 0,
            "withdrawn": 0,
            "pages": 0,
            "page_faults": [],
            "quarantined": [],
            "postponed": None,
            "error": None,
            "error_kind": None,
        },
        {
            "summary": {
                "sources": 1,
                "read": 1,
                "new": 1,
                "changed": 0,
                "unchanged": 0,
                "withdrawn": 0,
                "kept_out": 0,
                "pages": 0,
                "page_faults": 0,
                "postponed": 0,
                "failed": 0,
                "failures": [],
            }
        },
    ]


def test_an_unknown_source_is_refused_with_the_known_ones(feedsvc: Callable[..., Result]) -> None:
    result = feedsvc("collect", "strom")

    assert result.exit_code == 2
    assert "'strom' is no source" in result.stderr
    assert "storm" in result.stderr


def test_show_prints_what_would_be_stored_and_stores_nothing(place: Path, feedsvc: Callable[..., Result]) -> None:
    shown = feedsvc("show", str(place / "incoming/storm/paper-moons.txt"))

    assert shown.exit_code == 0
    for words in ("Why “Paper Moons” Folds Too Early", "Ines Okafor", "Celebrity Storm", "Harbour Gazette", "excerpt"):
        assert words in shown.stdout
    assert feedsvc("collect", "storm").stdout.startswith("storm: 1 new")


def test_the_readmes_example_comes_out_as_the_readme_says(place: Path, feedsvc: Callable[..., Result]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    document = readme.split("```text\n")[1].split("```")[0]
    promised = [line.strip() for line in readme.split("```xml\n")[1].split("```")[0].splitlines()]
    (place / "incoming/storm/paper-moons.txt").write_text(document, encoding="utf-8")
    feedsvc("collect")
    feedsvc("publish", "--out", str(place / "out"))
    atom = (place / "out/feeds/reviews.atom").read_text(encoding="utf-8")
    entry = re.sub(r">\s+<", "><", re.sub(r"</?a [^>]*>|</a>", "", html.unescape(atom)))

    for element in promised[1:-1]:
        for part in element.replace('<content type="html">', "").replace("</content>", "").split("…"):
            # An element with attributes is the same whatever their order.
            attributes = re.findall(r'[a-z]+="[^"]*"', part)
            assert part.strip() in entry or (attributes and all(one in entry for one in attributes)), part


def test_show_speaks_json_to_programs(place: Path, feedsvc: Callable[..., Result]) -> None:
    [review] = json.loads(feedsvc("show", str(place / "incoming/storm"), "--json").stdout)

    assert review["title"] == "Why “Paper Moons” Folds Too Early"
    assert [author["name"] for author in review["authors"]] == ["Ines Okafor"]
    assert [cited["name"] for cited in review["cited"]] == ["Harbour Gazette", "The Evening Ledger"]
    assert review["outlet"]["name"] == "Celebrity Storm"
    assert review["terms"]["show"] == "excerpt"


def test_show_says_what_can_be_shown(feedsvc: Callable[..., Result]) -> None:
    result = feedsvc("show", "ftp://outlet.example/feed")

    assert result.exit_code == 2
    assert "ftp:// cannot be shown: give an http or https address, a file or a folder" in result.stderr


def test_show_says_why_a_text_without_outlet_is_kept_out(place: Path, feedsvc: Callable[..., Result]) -> None:
    elsewhere = place / "elsewhere.txt"
    elsewhere.write_text(TEXT, encoding="utf-8")

    alone = feedsvc("show", str(elsewhere))
    as_source = feedsvc("show", str(elsewhere), "--source", "storm")

    assert alone.exit_code == 1
    assert "outlet" in alone.stderr
    assert as_source.exit_code == 0
    assert "Celebrity Storm" in as_source.stdout


def test_check_praises_a_good_file_and_lists_the_faults_of_a_bad_one(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    good = feedsvc("check")
    (place / "config.toml").write_text('[service]\ntitel = "x"\n[polling]\ninterval = 5\n', encoding="utf-8")
    bad = feedsvc("check")

    assert good.exit_code == 0
    assert "good: 1 of 1 sources on, 1 feeds" in good.stdout
    assert bad.exit_code == 2
    assert len(bad.stderr.splitlines()) == 2


def test_check_warns_of_what_is_hardly_meant(place: Path, feedsvc: Callable[..., Result]) -> None:
    (place / "incoming/storm/paper-moons.txt").unlink()
    (place / "incoming/storm").rmdir()

    assert "incoming/storm does not exist yet" in feedsvc("check").stderr


def test_check_says_that_a_folder_is_no_feed_and_how_an_address_begins(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    (place / "afolder").mkdir()
    others = ("afolder", "www.outlet.example/feed")
    tables = [f'[[sources]]\nname = "s{n}"\nkind = "feed"\nlocation = "{where}"\n' for n, where in enumerate(others)]
    (place / "config.toml").write_text(CONFIG + "".join(tables), encoding="utf-8")
    said = feedsvc("check").stderr
    assert "afolder is a folder; name the file in it" in said
    assert "www.outlet.example/feed does not exist yet; create it, or begin the address of a feed with https://" in said


def test_check_and_publish_warn_where_no_public_address_is_set(place: Path, feedsvc: Callable[..., Result]) -> None:
    """Else links to this machine go out to everybody, and nobody is told."""
    commands = (["check"], ["publish", "--out", str(place / "out")])
    for command in commands:
        assert "base_url" not in feedsvc(*command).stderr
    without = CONFIG.replace('base_url = "http://reviews.example"', "")
    (place / "config.toml").write_text(without, encoding="utf-8")
    for command in commands:
        assert "base_url is not set: links and the ids of new reviews name http://127" in feedsvc(*command).stderr


def test_show_reads_a_file_of_a_drop_folder_as_collect_does(place: Path, feedsvc: Callable[..., Result]) -> None:
    """Whatever its name."""
    (place / "incoming/storm/paper-moons.txt").rename(place / "incoming/storm/paper-moons")
    shown = feedsvc("show", str(place / "incoming/storm/paper-moons"))
    assert shown.exit_code == 0
    assert "Ines Okafor" in shown.stdout


def test_sources_of_a_kind_that_there_is_not_are_refused(place: Path, feedsvc: Callable[..., Result]) -> None:
    wrong = feedsvc("sources", "--kind", "foo")
    assert wrong.exit_code == 2
    assert "no source fails with 'foo'; these are the kinds: dns," in wrong.stderr
    assert feedsvc("sources", "--kind", "http-404").exit_code == 0


def test_check_warns_of_a_licence_nobody_knows_and_of_an_address_never_asked(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    config = place / "config.toml"
    table = '[[sources]]\nname = "{}"\nkind = "feed"\nlocation = "{}"\n'
    tables = table.format("odd", "https://outlet.example/f") + 'licence = "CC-BY-9"\ninterval = "1m"\n'
    tables += table.format("login", "https://user:word@outlet.example/f")
    config.write_text(config.read_text(encoding="utf-8") + tables, encoding="utf-8")
    said = feedsvc("check").stderr

    assert "'odd': licence = 'CC-BY-9' is none we know" in said
    assert "'odd': interval is shorter" in said
    assert "'login': location holds a user name" in said
    assert "word" not in said


def test_check_warns_of_a_network_that_is_open_to_every_source(place: Path, feedsvc: Callable[..., Result]) -> None:
    config = place / "config.toml"
    before = config.read_text(encoding="utf-8")
    config.write_text("[polling]\nallow_private_addresses = true\n" + before, encoding="utf-8")
    wide = feedsvc("check")
    config.write_text('[polling]\nallow_private_addresses = ["10.2.0.0/16"]\n' + before, encoding="utf-8")
    narrow = feedsvc("check")

    assert (wide.exit_code, narrow.exit_code) == (0, 0)
    assert "name the hosts or networks instead" in wide.stderr
    assert "allow_private_addresses" not in narrow.stderr


def test_check_names_sources_of_which_the_same_is_to_be_said_together(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    rows = "".join(f"s{number},https://s{number}.example/feed,CC-BY-9\n" for number in range(5))
    (place / "list.csv").write_text("name,location,licence\n" + rows, encoding="utf-8")
    with (place / "config.toml").open("a", encoding="utf-8") as config:
        config.write('[[source_lists]]\nfile = "list.csv"\n')

    assert "sources 's0', 's1', 's2' and 2 more: licence = 'CC-BY-9' is none we know" in feedsvc("check").stderr


def test_a_listing_command_leaves_a_running_collector_alone(place: Path, feedsvc: Callable[..., Result]) -> None:
    """A source that was just added to the file becomes the collector's when that is started again, not before."""
    feedsvc("collect")
    config = place / "config.toml"
    added = '[[sources]]\nname = "new"\nkind = "folder"\nlocation = "incoming/storm"\n'
    config.write_text(config.read_text(encoding="utf-8") + added, encoding="utf-8")
    feedsvc("sources")
    feedsvc("export-opml")

    with Store.open(settings_of(place).database_url) as store:
        assert [state.name for state in store.states()] == ["storm"]


def test_what_is_collected_by_command_is_published_at_once(place: Path, feedsvc: Callable[..., Result]) -> None:
    """So that a server that only serves shows it."""
    feedsvc("collect")

    with Store.open(settings_of(place).database_url) as store:
        feed = store.renditions.get("/feeds/reviews.atom")
    assert feed is not None
    assert "Paper Moons" in feed.body.decode()


def test_a_quarantined_document_that_is_removed_is_no_longer_listed(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    (place / "incoming/storm/photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    feedsvc("collect")
    assert "photo.txt" in feedsvc("sources").stdout
    (place / "incoming/storm/photo.txt").unlink()
    feedsvc("collect")

    assert "photo.txt" not in feedsvc("sources").stdout


def test_a_database_of_a_newer_version_is_refused_untouched(place: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    url = settings_of(place).database_url
    with connected(url) as newer:
        newer.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        before = newer.execute(select(review)).all()
    result = feedsvc("collect")

    assert result.exit_code == 2
    assert url.removeprefix("sqlite:///") in result.stderr
    assert "newer" in result.stderr
    with connected(url) as newer:
        assert newer.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
        assert newer.execute(select(review)).all() == before != []


def test_sources_lists_state_for_people_and_programs(feedsvc: Callable[..., Result]) -> None:
    before = feedsvc("sources").stdout
    feedsvc("collect")
    after = feedsvc("sources").stdout
    state = json.loads(feedsvc("sources", "--json").stdout)

    assert "not looked at yet" in before
    assert "good, 1 review," in after
    assert state["sources"][0]["name"] == "storm"
    assert state["sources"][0]["reviews"] == 1
    assert state["quarantined"] == []


def test_publish_writes_the_paths_of_the_addresses_and_only_what_changed(
    place: Path, feedsvc: Callable[..., Result]
) -> None:
    feedsvc("collect")
    first = feedsvc("publish", "--out", str(place / "out"))
    feed = place / "out/feeds/reviews.atom"
    before = feed.stat().st_mtime_ns
    second = feedsvc("publish", "--out", str(place / "out"))

    assert first.exit_code == second.exit_code == 0
    names = {str(file.relative_to(place / "out")) for file in (place / "out").rglob("*") if file.is_file()}
    assert {
        "index.html",
        "style.css",
        "sources.opml",
        "feeds/reviews.atom",
        "feeds/reviews.rss",
        "feeds/reviews.json",
        "feeds/reviews/index.html",
    } <= names
    assert any(name.startswith("reviews/") and name.endswith("/index.html") for name in names)
    assert feed.stat().st_mtime_ns == before


def test_publish_says_which_file_it_cannot_write(place: Path, feedsvc: Callable[..., Result]) -> None:
    (place / "out").write_text("a file where a folder should be", encoding="utf-8")

    result = feedsvc("publish", "--out", str(place / "out/site"))

    assert result.exit_code == 2
    assert str(place / "out/site") in result.stderr
    assert "--out" in result.stderr


def test_export_opml_prints_the_sources(feedsvc: Callable[..., Result]) -> None:
    root = etree.fromstring(feedsvc("export-opml").stdout.encode())

    assert root.tag == "opml"
    assert root.xpath("//outline/@text")


@pytest.mark.sqlite
def test_an_unwritable_data_folder_is_named(place: Path, feedsvc: Callable[..., Result]) -> None:
    (place / "feeds").write_text("a file where the data room should be", encoding="utf-8")

    result = feedsvc("collect")

    assert result.exit_code == 2
    assert str(place / "feeds") in result.stderr


def test_a_port_in_use_is_told_before_anything_starts(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, "-m", "feedsvc", "--config", str(place / "config.toml"), "run"],
            env={**os.environ, **database_environ(place), "FEEDSVC_BIND": address},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert ended.returncode == 2
    assert "in use" in ended.stderr
    assert "FEEDSVC_BIND" in ended.stderr
    assert not (place / "feeds").exists()


def test_the_group_names_every_command() -> None:
    assert isinstance(main, click.Group)
    assert set(COMMANDS) == {
        "run",
        "serve",
        "collect",
        "publish",
        "show",
        "back-up",
        "check",
        "copy-database",
        "sources",
        "import-opml",
        "export-opml",
        "migrate",
        "schedule",
        "worker",
        "explain",
        "lint",
        "subjects",
        "subscribers",
        "token",
        "withdraw",
    }
