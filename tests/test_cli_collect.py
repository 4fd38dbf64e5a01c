"""`feedsvc collect` and `feedsvc sources` with many sources: each failure is named, the rest is numbers."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from tests.commands import run
from tests.databases import database_environ
from tests.origin import Origin

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern</title><link>https://lantern.example/</link>
<item><title>Paper Moons</title><link>https://lantern.example/paper-moons</link><guid>https://lantern.example/1</guid>
<description>It folds.</description></item></channel></rss>"""
#: Path, status and body that each source's name stands for.
ANSWERS = {"good": (200, FEED), "gone": (410, b""), "page": (200, b"<!DOCTYPE html><p>No feed"), "login": (401, b"")}


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        for path, (status, body) in ANSWERS.items():
            running.answer(f"/{path}", status, {"Content-Type": "application/rss+xml"}, body)
        yield running


@pytest.fixture
def place(tmp_path: Path, origin: Origin) -> Path:
    """An installation with one source for each answer, four that are not found, and one that is switched off."""
    table = '[[sources]]\nname = "{}"\nkind = "feed"\nlocation = "{}/{}"\n'
    names = [*ANSWERS, "lost-1", "lost-2", "lost-3", "lost-4"]
    config = "[polling]\nallow_private_addresses = true\n"
    config += "".join(table.format(name, origin.url, name) for name in names)
    config += table.format("resting", origin.url, "resting") + "enabled = false\n"
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    return tmp_path


def feedsvc(place: Path, *arguments: str) -> Result:
    return run(place, *arguments)


def test_the_summary_counts_and_says_of_each_kind_of_failure_what_to_do(place: Path) -> None:
    result = feedsvc(place, "collect")
    lines = result.stdout.splitlines()
    at = lines.index("1 of 8 sources read: 1 new, 0 changed, 0 unchanged")

    assert result.exit_code == 1
    assert sorted(line.split(": failed: ")[0] for line in lines[:at]) == [
        "gone",
        "login",
        "lost-1",
        "lost-2",
        "lost-3",
        "lost-4",
        "page",
    ]
    assert [line.split("  ")[0].strip() for line in lines[at + 2 :]] == [
        "failed",
        "http-404",
        "http-401",
        "http-410",
        "not-a-feed",
    ]
    [not_found] = [line for line in lines if line.startswith("http-404")]
    assert "4  lost-1, lost-2, lost-3, …  nothing stands there any more" in not_found
    assert result.stderr == ("7 of 8 sources could not be read: gone, login, lost-1, lost-2, lost-3, lost-4, page\n")


def test_what_is_gone_for_good_is_asked_only_by_name(place: Path, origin: Origin) -> None:
    feedsvc(place, "collect")
    asked = [one.path for one in origin.requests].count("/gone")
    again, named = feedsvc(place, "collect"), feedsvc(place, "collect", "gone")

    assert "gone: gone for good, not asked; `feedsvc collect NAME` tries once more\n" in again.stderr
    assert "of 7 sources read" in again.stdout
    assert "gone: failed:" in named.stdout
    assert [one.path for one in origin.requests].count("/gone") == asked + 1


def test_sources_that_were_read_are_listed_when_asked_for(place: Path) -> None:
    assert "good: " not in feedsvc(place, "collect").stdout
    assert "good: 0 new, 0 changed, 1 unchanged\n" in feedsvc(place, "collect", "--verbose", "--force").stdout
    assert feedsvc(place, "collect", "good").stdout == "good: 0 new, 0 changed, 0 unchanged\n"
    assert "good: 0 new, 0 changed, 0 unchanged\n2 of 2 sources" not in feedsvc(place, "collect", "good", "page").stdout
    assert "1 of 2 sources read: 0 new" in feedsvc(place, "collect", "good", "page").stdout


def test_programs_get_a_line_for_each_source_and_the_summary_last(place: Path) -> None:
    *looks, last = map(json.loads, feedsvc(place, "collect", "--json").stdout.splitlines())

    assert sorted(look["source"] for look in looks) == sorted([*ANSWERS, "lost-1", "lost-2", "lost-3", "lost-4"])
    assert (last["summary"]["sources"], last["summary"]["read"], last["summary"]["failed"]) == (8, 1, 7)
    first = last["summary"]["failures"][0]
    assert (first["kind"], first["count"], first["sources"]) == ("http-404", 4, ["lost-1", "lost-2", "lost-3"])


def test_a_source_that_is_switched_off_is_not_collected(place: Path) -> None:
    result = feedsvc(place, "collect", "resting")

    assert result.exit_code == 2
    assert "'resting' is switched off; set enabled = true" in result.stderr


def test_among_many_sources_an_unknown_name_leads_to_those_that_are_like_it(tmp_path: Path) -> None:
    rows = "".join(f"lantern-{number},https://lantern-{number}.example/feed\n" for number in range(100, 200))
    (tmp_path / "many.csv").write_text("name,location\n" + rows, encoding="utf-8")
    (tmp_path / "config.toml").write_text('[[source_lists]]\nfile = "many.csv"\n', encoding="utf-8")
    said = feedsvc(tmp_path, "collect", "lantrn-150").stderr

    assert "did you mean lantern-150, " in said
    assert "lantern-101" not in said


def test_a_terminal_shows_how_far_it_is_and_the_output_stays_plain(place: Path) -> None:
    """Standard error is a terminal here, standard output is not."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "feedsvc", "--config", str(place / "config.toml"), "collect"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=slave,
        env={**os.environ, **database_environ(place), "TERM": "xterm", "COLUMNS": "120"},
    ) as process:
        os.close(slave)
        shown = _all_of(master)
        assert process.stdout is not None
        plain = process.stdout.read().decode()

    for words in ("collecting", "8/8", "/s", "1 new, 7 failed"):
        assert words in shown
    assert "1 of 8 sources read: 1 new" in plain
    assert "\x1b" not in plain
    assert "8/8" not in plain


def _all_of(terminal: int) -> str:
    """What was written to a terminal until its other side was closed; Linux then says EIO."""
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(parts).decode()


# -------------------------------------------------------------------------------------------------- feedsvc sources


def listed(place: Path, *arguments: str) -> list[str]:
    """The names of the sources that are listed, in order."""
    lines = feedsvc(place, "sources", *arguments).stdout.split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines if not line.startswith(" ")]


def test_sources_can_be_cut_down_to_those_that_fail_and_to_a_kind(place: Path) -> None:
    feedsvc(place, "collect")

    assert listed(place) == [*ANSWERS, "lost-1", "lost-2", "lost-3", "lost-4", "resting"]
    assert listed(place, "--failed") == ["gone", "page", "login", "lost-1", "lost-2", "lost-3", "lost-4"]
    assert listed(place, "--kind", "http-401") == ["login"]
    as_json = json.loads(feedsvc(place, "sources", "--kind", "not-a-feed", "--json").stdout)
    assert [source["name"] for source in as_json["sources"]] == ["page"]


def test_the_totals_stand_below_whatever_is_listed(place: Path) -> None:
    before = feedsvc(place, "sources").stdout.splitlines()[-1]
    feedsvc(place, "collect")
    total = "9 sources: 1 good, 6 failing, 1 stopped, 1 off (http-404 4, http-410 1, not-a-feed 1, http-401 1)"

    assert before == "9 sources: 8 not looked at yet, 1 off"
    assert feedsvc(place, "sources").stdout.splitlines()[-1] == total
    assert feedsvc(place, "sources", "--kind", "dns").stdout == total + "\n"


# ------------------------------------------------------------------------------------------------------------ secrets


def test_a_secret_stands_in_nothing_that_is_printed_stored_or_published(place: Path, origin: Origin) -> None:
    config = place / "config.toml"
    feeds = '[[feeds]]\nname = "all"\ntitle = "All"\n'
    text = config.read_text(encoding="utf-8").replace('/login"\n', '/login"\nauthorization_env = "LOGIN_TOKEN"\n')
    config.write_text(text.replace('/good"\n', '/good"\nauthorization_env = "LOGIN_TOKEN"\n') + feeds, encoding="utf-8")
    commands = [
        ("check",),
        ("collect", "--verbose"),
        ("collect", "--json", "--force"),
        ("sources",),
        ("sources", "--json"),
        ("show", f"{origin.url}/good", "--source", "good"),
        ("show", f"{origin.url}/good", "--source", "good", "--json"),
        ("show", f"{origin.url}/login", "--source", "login"),
        ("lint", "--json"),
        ("explain", "https://lantern.example/paper-moons", "--json"),
        ("export-opml",),
        ("publish", "--out", str(place / "out")),
    ]
    said = ""
    for command in commands:
        result = run(place, *command, LOGIN_TOKEN="Bearer canary-7f3a")
        assert result.exit_code in (0, 1), result.output
        said += result.output
    written = [file for file in place.rglob("*") if file.is_file() and file != config]

    assert "Paper Moons" in said
    assert "canary-7f3a" not in said
    assert len(written) > 10
    assert [file for file in written if b"canary-7f3a" in file.read_bytes()] == []
