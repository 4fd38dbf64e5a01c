"""A database that is backed up while others write is restored to that moment; the README's way, with real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands import configured
from tests.databases import connected, rows_of

SOURCES = """
[[sources]]
name = "storm"
kind = "folder"
location = "storm"
outlet = { name = "Storm", url = "https://storm.example/" }
"""


def drop(folder: Path, name: str) -> None:
    """One more review in the drop folder."""
    (folder / "storm").mkdir(exist_ok=True)
    text = f"{name}\n\nA slow film.\n\nBy: Jo Amber\nOriginal: https://storm.example/{name}\n"
    (folder / "storm" / f"{name}.txt").write_text(text, encoding="utf-8")


@pytest.fixture
def feedsvc(tmp_path: Path) -> Callable[..., Result]:
    """The command line of a service that has collected one review."""
    drop(tmp_path, "one")
    invoke = configured(tmp_path, SOURCES)
    assert invoke("collect").exit_code == 0
    return invoke


@pytest.mark.sqlite
def test_a_backup_is_of_the_moment_and_restores_it(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    database = tmp_path / "feeds" / "feedsvc.sqlite3"
    url = f"sqlite:///{database}"
    before = rows_of(url)
    with connected(url) as writing:
        writing.exec_driver_sql("UPDATE source SET feed_title = 'not yet there'")
        said = feedsvc("back-up", str(tmp_path / "kept.sqlite3"))
    kept = tmp_path / "kept.sqlite3"
    assert (said.exit_code, said.stdout) == (0, f"{kept}: {kept.stat().st_size:,} bytes\n")

    drop(tmp_path, "two")
    feedsvc("collect")
    assert rows_of(url) != before
    for file in database.parent.glob("feedsvc.sqlite3*"):
        file.unlink()
    kept.replace(database)

    assert rows_of(url) == before
    assert "1 new, 0 changed, 1 unchanged" in feedsvc("collect").stdout


@pytest.mark.sqlite
def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    (tmp_path / "kept").write_text("of yesterday", encoding="utf-8")
    said = feedsvc("back-up", str(tmp_path / "kept"))

    assert said.exit_code == 2
    assert said.stderr == f"feedsvc: {tmp_path / 'kept'} is there already. Name another file, or move that one away.\n"
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "of yesterday"


@pytest.mark.sqlite
def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    drop(tmp_path, "one")
    said = configured(tmp_path, SOURCES)("back-up", str(tmp_path / "kept"))

    assert said.exit_code == 2
    assert "feedsvc.sqlite3 does not exist" in said.stderr
    assert not (tmp_path / "feeds" / "feedsvc.sqlite3").exists()


@pytest.mark.postgresql
def test_of_a_server_it_names_the_servers_own_tools(tmp_path: Path, feedsvc: Callable[..., Result]) -> None:
    said = feedsvc("back-up", str(tmp_path / "kept"))

    assert said.exit_code == 2
    assert f"pg_dump --format=custom --file={tmp_path / 'kept'}" in said.stderr
    assert not (tmp_path / "kept").exists()
