"""What had to be forgiven to read a document is told until it is mended: to the operator, and to the partner."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands import configured

SOURCES = """
[[sources]]
name = "wire"
kind = "feed"
location = "wire.xml"

[[sources]]
name = "storm"
kind = "folder"
location = "storm"
outlet = { name = "Storm", url = "https://storm.example/" }
"""
FEED = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Wire</title>'
    "<link>https://wire.example/</link><item><title>Café Lumen</title><link>https://wire.example/1</link></item>"
    "</channel></rss>"
)
LABEL = "The text is labelled utf-8, but its bytes are not."
GUESS = "Bytes that are no UTF-8 were read as windows-1252."
REVIEW = "Café Lumen\n\nA slow film.\n\nBy: Jo Amber\nOriginal: https://storm.example/1\n"


@pytest.fixture
def feedsvc(tmp_path: Path) -> Callable[..., Result]:
    """The command line of a service whose feed and file say UTF-8, or nothing, and are windows-1252."""
    write(tmp_path, "cp1252")
    return configured(tmp_path, SOURCES)


def write(folder: Path, encoding: str) -> None:
    """The same feed and file in an encoding."""
    (folder / "storm").mkdir(exist_ok=True)
    (folder / "wire.xml").write_bytes(FEED.encode(encoding))
    (folder / "storm" / "lumen.txt").write_bytes(REVIEW.encode(encoding))


def test_it_is_told_with_the_source_until_the_document_is_mended(
    tmp_path: Path, feedsvc: Callable[..., Result]
) -> None:
    feedsvc("collect")
    told = feedsvc("sources").stdout.splitlines()

    assert [line.strip() for line in told if "read all the same" in line] == [
        f"read all the same: {LABEL}",
        f"read all the same: {GUESS}",
    ]
    assert told[told.index("Read all the same:") + 1] == f"  storm: lumen.txt: {GUESS}"

    write(tmp_path, "utf-8")
    feedsvc("collect")
    assert "all the same" not in feedsvc("sources").stdout.lower()


def test_a_file_that_is_taken_away_is_nobodys_trouble(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    (tmp_path / "storm" / "lumen.txt").unlink()
    feedsvc("collect")

    assert "lumen.txt" not in feedsvc("sources").stdout


def test_it_stays_told_while_the_document_stands_as_it_was(feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    feedsvc("collect", "--force")

    assert feedsvc("sources").stdout.count(GUESS) == 2


def test_programs_read_the_same_as_json(feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    said = json.loads(feedsvc("sources", "--json").stdout)

    assert {one["name"]: one["problems"] for one in said["sources"]} == {"wire": [LABEL, GUESS], "storm": []}
    assert said["forgiven"] == [{"source": "storm", "place": "lumen.txt", "problems": [GUESS]}]


def test_lint_has_it_among_what_to_tell_the_partner(feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    told = feedsvc("lint").stdout.splitlines()

    assert f"- Your document was read, but: {GUESS}" in told
    assert f"- lumen.txt was read, but: {GUESS}" in told


def test_the_public_page_names_no_file(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    feedsvc("collect")
    feedsvc("publish", "--out", str(tmp_path / "out"))
    page = (tmp_path / "out/sources/lint/index.html").read_text(encoding="utf-8")

    assert "What to tell" in page
    assert "lumen.txt" not in page
    assert "windows-1252" not in page


def test_show_says_it_beside_the_reviews(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    feed = str(tmp_path / "wire.xml")
    shown = feedsvc("show", feed)

    assert shown.stdout.startswith("Café Lumen\n")
    assert shown.stderr == f"read all the same: {feed}: {LABEL}\nread all the same: {feed}: {GUESS}\n"


def test_of_a_document_that_breaks_off_it_says_where(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    broken = FEED.replace("</title><link>https://wire.example/1", "<link>https://wire.example/1")
    (tmp_path / "wire.xml").write_text(broken, encoding="utf-8")
    shown = feedsvc("show", str(tmp_path / "wire.xml"))

    assert "The document is not well-formed (" in shown.stderr
    assert ", line 1, column " in shown.stderr
