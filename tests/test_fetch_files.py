"""Local files and folders of dropped documents, on a real file system."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from feedsvc.errors import Refused, TooLarge, UnreadableDocument
from feedsvc.fetch import MAX_BODY, Dropped, read_file, read_folder


def drop(folder: Path, name: str, content: bytes = b"A review.") -> Path:
    """A file below a folder, its parents made."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found(folder: Path, known: dict[str, bytes] | None = None) -> dict[str, Dropped]:
    """What a folder holds, by path."""
    return {each.path: each for each in read_folder(folder, known or {})}


# --------------------------------------------------------------------------------------------------------- single files


def test_a_file_comes_with_its_address_type_and_time(tmp_path: Path) -> None:
    """The address is a file: URL with escapes, the time is UTC."""
    path = drop(tmp_path, "Größe 1.ATOM", b"<feed/>")
    os.utime(path, (1738404000, 1738404000))
    document = read_file(path)
    assert document.body == b"<feed/>"
    assert document.url == f"file://{tmp_path}/Gr%C3%B6%C3%9Fe%201.ATOM"
    assert document.media_type == "application/atom+xml"
    assert document.modified == datetime(2025, 2, 1, 10, 0, tzinfo=UTC)
    assert document.path is None


@pytest.mark.parametrize(
    "name, media_type",
    [
        ("a.txt", "text/plain"),
        ("a.md", "text/markdown"),
        ("a.htm", "text/html"),
        ("a.rss", "application/rss+xml"),
        ("a.xml", "application/xml"),
        ("a.json", "application/json"),
        ("a.odt", None),
        ("LICENCE", None),
    ],
)
def test_the_suffix_gives_the_media_type(tmp_path: Path, name: str, media_type: str | None) -> None:
    """Only those that readers know; anything else is for them to find out."""
    assert read_file(drop(tmp_path, name)).media_type == media_type


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    """Also behind a file that is taken for a folder."""
    drop(tmp_path, "plain")
    for name in ("feed.xml", "plain/feed.xml", "a\0b"):
        with pytest.raises(UnreadableDocument) as fault:
            read_file(tmp_path / name)
        assert str(fault.value).startswith(str(tmp_path / name))


def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path: Path) -> None:
    """A folder, a device without end, a pipe that nobody writes to, a socket."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path, what in (
            (tmp_path, "a folder"),
            (Path("/dev/zero"), "a device, socket or pipe"),
            (tmp_path / "pipe", "a device, socket or pipe"),
            (tmp_path / "socket", "a device, socket or pipe"),
        ):
            with pytest.raises(UnreadableDocument, match=what):
                read_file(path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """Just the limit is read; a file of /proc says 0 bytes and is still read to the limit only."""
    assert len(read_file(drop(tmp_path, "just", b"x" * 100), max_body=100).body) == 100
    with pytest.raises(TooLarge):
        read_file(drop(tmp_path, "beyond", b"x" * 101), max_body=100)
    with pytest.raises(TooLarge):
        read_file(Path("/proc/self/status"), max_body=100)


def test_a_file_outside_of_its_folder_is_refused(tmp_path: Path) -> None:
    """Links are resolved first, and so is .. in a path."""
    inside = tmp_path / "inside"
    inside.mkdir()
    secret = drop(tmp_path, "secret.txt")
    (inside / "link.txt").symlink_to(secret)
    assert read_file(drop(inside, "good.txt"), below=inside).body == b"A review."
    for path in (inside / "link.txt", inside / ".." / "secret.txt", secret):
        with pytest.raises(Refused, match="leads out of"):
            read_file(path, below=inside)


def test_a_link_in_a_circle_is_unreadable(tmp_path: Path) -> None:
    """Neither a hang nor a bug."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UnreadableDocument):
        read_file(tmp_path / "a")


# -------------------------------------------------------------------------------------------------------------- folders


def test_every_document_of_a_folder_comes_once_in_order(tmp_path: Path) -> None:
    """With its path below the folder, which is its identity, and the digest of its content."""
    for name in ("b.txt", "a/z.md", "a/deep/er/x.xml", "a.txt"):
        drop(tmp_path, name, name.encode())
    entries = list(read_folder(tmp_path, {}))
    assert [entry.path for entry in entries] == ["a.txt", "a/deep/er/x.xml", "a/z.md", "b.txt"]
    for entry in entries:
        assert entry.error is None
        assert entry.document is not None
        assert entry.document.path == entry.path
        assert entry.document.body == entry.path.encode()
        assert entry.digest == sha256(entry.path.encode()).digest()


def test_only_what_is_new_or_changed_comes_with_its_document(tmp_path: Path) -> None:
    """Known content under a new time is unchanged; new content under the old name is not."""
    drop(tmp_path, "same.txt")
    drop(tmp_path, "changed.txt")
    known = {path: entry.digest for path, entry in found(tmp_path).items()}
    os.utime(tmp_path / "same.txt", (0, 0))
    drop(tmp_path, "changed.txt", b"A better review.")
    drop(tmp_path, "new.txt")
    again = found(tmp_path, known)
    assert again["same.txt"] == Dropped(path="same.txt", digest=known["same.txt"])
    assert again["changed.txt"].document is not None
    assert again["new.txt"].document is not None


def test_hidden_and_unfinished_files_are_passed_over(tmp_path: Path) -> None:
    """What editors and copying programs leave is no document yet."""
    for name in (".hidden.txt", ".git/config", "a.txt~", "a.tmp", "a.xml.part", ".a.txt.swp", "b.swp", "good.txt"):
        drop(tmp_path, name)
    assert list(found(tmp_path)) == ["good.txt"]


def test_what_cannot_be_read_is_named_and_never_stops_the_others(tmp_path: Path) -> None:
    """A pipe, links that lead out, nowhere or to a folder, a name that is no UTF-8: each with its reason."""
    folder = tmp_path / "drop"
    drop(folder, "good.txt")
    drop(folder, "below/good.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / "nowhere.txt").symlink_to(folder / "gone.txt")
    (folder / "long.txt").symlink_to(folder / ("x" * 300))
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "below")
    (folder / "alias.txt").symlink_to("below/good.txt")
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.txt")).write_bytes(b"x")
    entries = found(folder)
    reasons = {path: str(entry.error) for path, entry in entries.items() if entry.error}
    assert set(entries) - set(reasons) == {"good.txt", "below/good.txt", "alias.txt"}
    assert "pipe" in reasons["pipe.txt"]
    assert "leads out of" in reasons["out.txt"]
    assert "link to nowhere" in reasons["nowhere.txt"]
    assert "File name too long" in reasons["long.txt"]
    assert "leads out of" in reasons["up"]
    assert "a folder" in reasons["loop"]
    assert "no UTF-8" in reasons["caf\\xe9.txt"]
    assert all(entry.document is None for entry in entries.values() if entry.error)


def test_what_could_not_be_read_is_told_again_only_when_it_changed(tmp_path: Path) -> None:
    """Its digest stands for its name, size and time."""
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(30_000_000)
    entry = found(tmp_path)["huge.txt"]
    assert isinstance(entry.error, TooLarge)
    assert "10 MB" in str(entry.error)
    assert found(tmp_path, {"huge.txt": entry.digest})["huge.txt"] == Dropped(path="huge.txt", digest=entry.digest)
    os.truncate(huge, 31_000_000)
    assert found(tmp_path, {"huge.txt": entry.digest})["huge.txt"].error is not None
    os.truncate(huge, 10)
    assert found(tmp_path, {"huge.txt": entry.digest})["huge.txt"].document is not None
    assert MAX_BODY == 10_485_760


def test_a_missing_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    """So is a file in a folder's place."""
    with pytest.raises(UnreadableDocument, match="Create it"):
        found(tmp_path / "missing")
    with pytest.raises(UnreadableDocument, match="is no folder"):
        found(drop(tmp_path, "plain"))


def test_a_folder_reached_by_a_link_is_read(tmp_path: Path) -> None:
    """The operator named it, so its place is the operator's choice."""
    drop(tmp_path, "real/a.txt")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    assert found(tmp_path / "alias")["a.txt"].document is not None
