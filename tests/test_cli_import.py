"""`feedsvc import-opml`: subscriptions become sources, what becomes none is told, the configuration stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.commands import run
from tests.databases import settings_of

#: A file as people keep it: a BOM, comments, Windows' line ends, and no line end at the end.
CONFIG = (
    '\ufeff# ours\r\n[service]\r\ntitle = "Café"  # keep\r\n\r\n[[sources]]\r\nname = "known"\r\nkind = "feed"\r\n'
    'location = "https://known.example/feed"  # agreed in May'
).encode()

OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Films">
<outline text="Night Lantern" type="rss" xmlUrl="https://night-lantern.example/feed"/>
<outline text="Night Lantern" type="rss" xmlUrl="https://night-lantern.example/tv"/>
</outline>
<outline text="No feed at all"/>
<outline text="Old" type="rss" xmlUrl="feed:ftp://old.example/feed"/>
<outline text="Known" type="rss" xmlUrl="https://known.example/feed"/>
<outline text="Night Lantern again" type="rss" xmlUrl="https://night-lantern.example/feed"/>
</body></opml>
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_bytes(CONFIG)
    (tmp_path / "mine.opml").write_text(OPML, encoding="utf-8")
    return tmp_path


def import_opml(place: Path, *arguments: str, file: str = "mine.opml") -> Result:
    return run(place, "import-opml", str(place / file), *arguments)


def test_new_sources_are_printed_with_free_names_and_their_folder(place: Path) -> None:
    result = import_opml(place)

    assert result.exit_code == 0
    assert 'name = "night-lantern-2"\nkind = "feed"\nlocation = "https://night-lantern.example/tv"\n' in result.stdout
    assert result.stdout.count('category = "Films"') == result.stdout.count("[[sources]]") == 2
    assert (place / "config.toml").read_bytes() == CONFIG


def test_what_is_left_out_is_told_with_its_line_and_the_reason(place: Path) -> None:
    assert import_opml(place).stderr.splitlines() == [
        "left out: line 7: No feed at all: has no http or https address",
        "left out: line 8: feed:ftp://old.example/feed: has no http or https address",
        "left out: line 9: https://known.example/feed: is configured already",
        "left out: line 10: https://night-lantern.example/feed: stands in the list before",
        "2 new sources; 4 left out",
    ]


def test_append_keeps_every_byte_that_stood_there(place: Path) -> None:
    (place / "config.toml").chmod(0o640)
    first, again = import_opml(place, "--append"), import_opml(place, "--append")
    after = (place / "config.toml").read_bytes()

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert after.startswith(CONFIG + b"\n")
    assert (place / "config.toml").stat().st_mode & 0o777 == 0o640
    assert [source.name for source in settings_of(place).sources] == [
        "known",
        "night-lantern",
        "night-lantern-2",
    ]
    assert f"2 new sources added to {place}/config.toml; 4 left out" in first.stderr
    assert "0 new sources added" in again.stderr
    assert sorted(file.name for file in place.iterdir()) == ["config.toml", "mine.opml"]


def test_append_writes_nothing_when_the_result_were_no_good_configuration(place: Path) -> None:
    """TOML has two ways to write a list of tables, and they cannot be mixed."""
    other = b'sources = [{ name = "a", kind = "folder", location = "x" }]\n'
    (place / "config.toml").write_bytes(other)
    result = import_opml(place, "--append")

    assert result.exit_code == 2
    assert "nothing was added, because with the new sources it would be wrong" in result.stderr
    assert "is not valid TOML" in result.stderr
    assert (place / "config.toml").read_bytes() == other


def test_append_to_a_link_changes_the_file_that_it_leads_to(place: Path) -> None:
    (place / "real").mkdir()
    (place / "config.toml").rename(place / "real/config.toml")
    (place / "config.toml").symlink_to("real/config.toml")
    import_opml(place, "--append")

    assert (place / "config.toml").is_symlink()
    assert b"night-lantern" in (place / "real/config.toml").read_bytes()


def test_ten_thousand_subscriptions_of_one_title_are_imported(place: Path) -> None:
    outlines = "".join(f'<outline text="Feed" xmlUrl="https://s-{number}.example/feed"/>\n' for number in range(10_000))
    more = "".join(f'<outline text="Old" xmlUrl="gopher://s-{number}.example/"/>\n' for number in range(100))
    (place / "many.opml").write_text(f'<opml version="2.0"><body>{outlines}{more}</body></opml>', encoding="utf-8")
    result = import_opml(place, "--append", file="many.opml")

    assert result.exit_code == 0
    assert len(result.stderr.splitlines()) == 22
    assert "left out: 80 more: has no http or https address" in result.stderr
    assert "10,000 new sources added" in result.stderr
    assert settings_of(place).sources[-1].name == "feed-10000"


def test_what_is_no_opml_is_refused(place: Path) -> None:
    (place / "notes.txt").write_text("Paper Moons", encoding="utf-8")
    result = import_opml(place, file="notes.txt")

    assert result.exit_code == 2
    assert "notes.txt" in result.stderr
    assert "OPML" in result.stderr
